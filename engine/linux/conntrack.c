/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <netinet/in.h>

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "engine/linux/conntrack.h"
#include "engine/linux/nlmsg.h"

/* Attributes within another. */
static void
parse_nest(const struct nlattr *nest, const struct nlattr **attrs,
    size_t count)
{
	const char *p = nl_data(nest), *end = p + nl_len(nest);

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

struct forget {
	const struct engine_publish *ports;
	size_t count;
	struct buf *out;	/* requests to delete */
};

static bool
is_to(const struct engine_publish *p, const struct nlattr *ip, uint16_t port)
{
	if (!p->udp || port < p->first || port > p->last)
		return false;
	return p->host.family == 0 || addr_is_zero(&p->host) ||
	    (ip != NULL && nl_len(ip) == addr_size(&p->host) &&
	    memcmp(nl_data(ip), p->host.bytes, nl_len(ip)) == 0);
}

static int
found_flow(const struct nlmsghdr *m, void *arg, struct error *e)
{
	struct forget *f = arg;
	const struct nfgenmsg *msg = (const void *)(m + 1);
	const struct nlattr *attrs[CTA_TUPLE_ORIG + 1],
	    *tuple[CTA_TUPLE_PROTO + 1], *ip[CTA_IP_V6_DST + 1],
	    *proto[CTA_PROTO_DST_PORT + 1], *dst;
	unsigned char number = 0;
	uint16_t port = 0;

	nl_parse(m, sizeof(*msg), attrs, CTA_TUPLE_ORIG + 1);
	if (attrs[CTA_TUPLE_ORIG] == NULL)
		return 0;
	parse_nest(attrs[CTA_TUPLE_ORIG], tuple, CTA_TUPLE_PROTO + 1);
	if (tuple[CTA_TUPLE_IP] == NULL || tuple[CTA_TUPLE_PROTO] == NULL)
		return 0;
	parse_nest(tuple[CTA_TUPLE_IP], ip, CTA_IP_V6_DST + 1);
	parse_nest(tuple[CTA_TUPLE_PROTO], proto, CTA_PROTO_DST_PORT + 1);
	if (proto[CTA_PROTO_NUM] == NULL || proto[CTA_PROTO_DST_PORT] == NULL)
		return 0;
	memcpy(&number, nl_data(proto[CTA_PROTO_NUM]), 1);
	memcpy(&port, nl_data(proto[CTA_PROTO_DST_PORT]), sizeof(port));
	dst = ip[msg->nfgen_family == AF_INET6 ? CTA_IP_V6_DST :
	    CTA_IP_V4_DST];
	for (size_t i = 0; number == IPPROTO_UDP && i < f->count; i++)
		if (is_to(&f->ports[i], dst, ntohs(port))) {
			size_t at = nl_begin(f->out, (uint16_t)
			    (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE),
			    NLM_F_ACK, msg, sizeof(*msg));

			nl_attr(f->out, CTA_TUPLE_ORIG | NLA_F_NESTED,
			    nl_data(attrs[CTA_TUPLE_ORIG]),
			    nl_len(attrs[CTA_TUPLE_ORIG]));
			nl_end(f->out, at);
			break;
		}
	return 0;
}

void
conntrack_forget(int fd, const struct engine_publish *ports, size_t count)
{
	AUTO_BUF struct buf b = BUF_INIT, out = BUF_INIT;
	struct nfgenmsg msg = { .nfgen_family = AF_UNSPEC };
	struct forget f = { ports, count, &out };
	struct error ignored = ERROR_INIT;
	bool udp = false;
	size_t m;

	for (size_t i = 0; i < count; i++)
		udp |= ports[i].udp;
	if (!udp)
		return;
	m = nl_begin(&b, (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 |
	    IPCTNL_MSG_CT_GET), NLM_F_DUMP, &msg, sizeof(msg));
	nl_end(&b, m);
	/* a kernel that does not tell keeps them for three minutes at most */
	if (nl_dump(fd, &b, found_flow, &f, "connections", &ignored) == 0 &&
	    out.len > 0 &&
	    nl_talk(fd, &out, "connections", &ignored) < 0)
		error_clear(&ignored);
}
