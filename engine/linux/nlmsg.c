/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "engine/linux/nlmsg.h"

enum { ANSWER_MAX = 1 << 16, SEND_MAX = 16 << 20 };

int
nl_open(int protocol, struct error *e)
{
	AUTO_CLOSE int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
	    protocol);
	int on = 1;

	if (fd < 0)
		return error_sys(e, "netlink");
	/* what is wrong, in words, where the kernel has them; short answers */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	return steal_fd(&fd);
}

/* Everything is aligned to 4 bytes. */
static void
put(struct buf *b, const void *data, size_t len)
{
	static const char zero[NLA_ALIGNTO];

	if (len > 0)
		buf_append(b, data, len);
	if (len % NLA_ALIGNTO != 0)
		buf_append(b, zero, NLA_ALIGNTO - len % NLA_ALIGNTO);
}

size_t
nl_begin(struct buf *b, uint16_t type, uint16_t flags, const void *header,
    size_t len)
{
	struct nlmsghdr m = {
		.nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST),
	};
	size_t begin = b->len;

	put(b, &m, sizeof(m));
	put(b, header, len);
	return begin;
}

void
nl_end(struct buf *b, size_t begin)
{
	uint32_t len = (uint32_t)(b->len - begin);

	memcpy(b->data + begin, &len, sizeof(len));
}

void
nl_attr(struct buf *b, uint16_t type, const void *data, size_t len)
{
	struct nlattr a = {
		.nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type,
	};

	put(b, &a, sizeof(a));
	put(b, data, len);
}

void
nl_attr_text(struct buf *b, uint16_t type, const char *text)
{
	nl_attr(b, type, text, strlen(text) + 1);
}

void
nl_attr_u8(struct buf *b, uint16_t type, uint8_t value)
{
	nl_attr(b, type, &value, sizeof(value));
}

void
nl_attr_u16(struct buf *b, uint16_t type, uint16_t value)
{
	nl_attr(b, type, &value, sizeof(value));
}

void
nl_attr_u32(struct buf *b, uint16_t type, uint32_t value)
{
	nl_attr(b, type, &value, sizeof(value));
}

void
nl_attr_be16(struct buf *b, uint16_t type, uint16_t value)
{
	nl_attr_u16(b, type, htons(value));
}

void
nl_attr_be32(struct buf *b, uint16_t type, uint32_t value)
{
	nl_attr_u32(b, type, htonl(value));
}

size_t
nl_nest(struct buf *b, uint16_t type)
{
	size_t nest = b->len;

	nl_attr(b, type | NLA_F_NESTED, NULL, 0);
	return nest;
}

void
nl_nest_end(struct buf *b, size_t nest)
{
	uint16_t len = (uint16_t)(b->len - nest);

	memcpy(b->data + nest, &len, sizeof(len));
}

/* Number the messages; how many ask for an answer. */
static size_t
count_answers(const struct buf *b)
{
	size_t at = 0, count = 0;
	uint32_t number = 1;

	while (at < b->len) {
		struct nlmsghdr *m = (struct nlmsghdr *)(void *)(b->data + at);

		m->nlmsg_seq = number++;
		count += (m->nlmsg_flags & NLM_F_ACK) != 0;
		at += m->nlmsg_len;
	}
	return count;
}

static int
send_all(int fd, const struct buf *b, const char *what, struct error *e)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int room = SEND_MAX;

	/* a batch is one message to the socket */
	if (b->len > 100000)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room,
		    sizeof(room));
	if (sendto(fd, b->data, b->len, 0, (struct sockaddr *)&kernel,
	    sizeof(kernel)) != (ssize_t)b->len)
		return error_sys(e, "%s", what);
	return 0;
}

void
nl_parse(const struct nlmsghdr *m, size_t header,
    const struct nlattr **attrs, size_t count)
{
	const char *p = (const char *)m + NLMSG_HDRLEN + NLMSG_ALIGN(header);
	const char *end = (const char *)m + m->nlmsg_len;

	memset(attrs, 0, count * sizeof(*attrs));
	while (p + NLA_HDRLEN <= end) {
		const struct nlattr *a = (const struct nlattr *)(const void *)p;
		unsigned type = a->nla_type & NLA_TYPE_MASK;

		if (a->nla_len < NLA_HDRLEN || p + a->nla_len > end)
			return;
		if (type < count)
			attrs[type] = a;
		p += NLA_ALIGN(a->nla_len);
	}
}

/* What the kernel answered to a request; its own words when it has some. */
static int
answer_error(const struct nlmsghdr *m, const char *what, struct error *e)
{
	const struct nlmsgerr *answer = (const void *)(m + 1);
	const struct nlattr *attrs[NLMSGERR_ATTR_MSG + 1];
	size_t header = sizeof(*answer);

	if (answer->error == 0)
		return 0;
	errno = -answer->error;
	if ((m->nlmsg_flags & NLM_F_CAPPED) == 0)
		header += answer->msg.nlmsg_len - sizeof(answer->msg);
	nl_parse(m, header, attrs, NLMSGERR_ATTR_MSG + 1);
	error_sys(e, "%s", what);
	if ((m->nlmsg_flags & NLM_F_ACK_TLVS) != 0 &&
	    attrs[NLMSGERR_ATTR_MSG] != NULL) {
		size_t len = strlen(e->msg);

		snprintf(e->msg + len, sizeof(e->msg) - len, " (%.*s)",
		    (int)nl_len(attrs[NLMSGERR_ATTR_MSG]),
		    (const char *)nl_data(attrs[NLMSGERR_ATTR_MSG]));
	}
	return -1;
}

static ssize_t
receive(int fd, char *answer, const char *what, struct error *e)
{
	ssize_t n;

	do
		n = recv(fd, answer, ANSWER_MAX, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		error_sys(e, "%s", what);
	return n;
}

static bool
asked(const struct nlmsghdr *m)
{
	const struct nlmsgerr *answer = (const void *)(m + 1);

	return (answer->msg.nlmsg_flags & NLM_F_ACK) != 0;
}

int
nl_talk(int fd, const struct buf *b, const char *what, struct error *e)
{
	size_t left = count_answers(b);
	AUTO_FREE char *answer = xcalloc(1, ANSWER_MAX);
	int result = 0;

	if (send_all(fd, b, what, e) < 0)
		return -1;
	while (left > 0) {
		ssize_t n = receive(fd, answer, what, e);
		struct nlmsghdr *m = (struct nlmsghdr *)(void *)answer;

		if (n < 0)
			return -1;
		for (; NLMSG_OK(m, (size_t)n); m = NLMSG_NEXT(m, n)) {
			if (m->nlmsg_type != NLMSG_ERROR)
				continue;
			if (result == 0)
				result = answer_error(m, what, e);
			/* errors come unasked, too; that of the beginning of
			 * a batch is the only one for the whole of it */
			if (asked(m))
				left--;
			else if (m->nlmsg_seq == 1)
				return -1;
			if (left == 0)
				return result;
		}
	}
	return result;
}

int
nl_dump(int fd, const struct buf *b, nl_found *found, void *arg,
    const char *what, struct error *e)
{
	AUTO_FREE char *answer = xcalloc(1, ANSWER_MAX);
	int result = 0;

	count_answers(b);
	if (send_all(fd, b, what, e) < 0)
		return -1;
	for (;;) {
		ssize_t n = receive(fd, answer, what, e);
		struct nlmsghdr *m = (struct nlmsghdr *)(void *)answer;

		if (n < 0)
			return -1;
		for (; NLMSG_OK(m, (size_t)n); m = NLMSG_NEXT(m, n)) {
			if (m->nlmsg_type == NLMSG_DONE)
				return result;
			if (m->nlmsg_type == NLMSG_ERROR)
				return answer_error(m, what, e);
			if (result == 0)
				result = found(m, arg, e);
			if ((m->nlmsg_flags & NLM_F_MULTI) == 0)
				return result;
		}
	}
}
