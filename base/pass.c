/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/pass.h"

/* What comes first, with the descriptors. */
struct head {
	uint32_t len, count;
};

union control {
	struct cmsghdr align;
	char data[CMSG_SPACE(PASS_FDS * sizeof(int))];
};

static int
send_all(int socket, const char *p, size_t len, struct error *e)
{
	while (len > 0) {
		ssize_t n = send(socket, p, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(e, "send");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int
pass_send(int socket, const void *text, size_t len, const int *fds,
    size_t count, struct error *e)
{
	struct head head = { (uint32_t)len, (uint32_t)count };
	struct iovec iov = { &head, sizeof(head) };
	union control control;
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	memset(&control, 0, sizeof(control));
	if (count > 0) {
		/* that is what CMSG_FIRSTHDR gives */
		struct cmsghdr *c = &control.align;

		m.msg_control = control.data;
		m.msg_controllen = CMSG_SPACE(count * sizeof(int));
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	}
	do
		n = sendmsg(socket, &m, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(head))
		return error_sys(e, "send");
	return send_all(socket, text, len, e);
}

static int
receive_all(int socket, char *p, size_t len, struct error *e)
{
	while (len > 0) {
		ssize_t n = recv(socket, p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(e, "receive");
		if (n == 0)
			return error_set(e, ERROR_FAILED,
			    "receive: the message is cut off");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static void
take_fds(struct msghdr *m, int *fds, size_t *count)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);

	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS)
		return;
	*count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(c), *count * sizeof(int));
}

int
pass_receive(int socket, size_t max, struct buf *text, int *fds,
    size_t *count, struct error *e)
{
	struct head head = { 0, 0 };
	struct iovec iov = { &head, sizeof(head) };
	union control control;
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = control.data,
	    .msg_controllen = sizeof(control.data) };
	ssize_t n;
	int result;

	*count = 0;
	do
		n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno != ECONNRESET)
		return error_sys(e, "receive");
	if (n <= 0)
		return 0;
	take_fds(&m, fds, count);
	result = receive_all(socket, (char *)&head + n,
	    sizeof(head) - (size_t)n, e);
	if (result == 0 && head.len > max)
		result = error_set(e, ERROR_DATA, "receive: too large");
	if (result == 0 && head.count != *count)
		result = error_set(e, ERROR_FAILED,
		    "receive: too many files are open");
	if (result == 0)
		result = receive_all(socket, buf_reserve(text, head.len),
		    head.len, e);
	if (result < 0) {
		while (*count > 0)
			close(fds[--*count]);
		return -1;
	}
	text->len += head.len;
	if (text->len > 0)
		text->data[text->len] = '\0';
	return 1;
}
