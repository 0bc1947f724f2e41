/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <stddef.h>
#include <string.h>

#include "base/xalloc.h"
#include "engine/linux/nft.h"

enum { ELEMENTS_PER_MESSAGE = 500 };

static size_t
begin(struct nft *n, int type, uint16_t flags)
{
	struct nfgenmsg msg = { .nfgen_family = n->family };
	size_t m = nl_begin(&n->b,
	    (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, &msg,
	    sizeof(msg));

	n->last = m;
	return m;
}

static void
frame(struct nft *n, uint16_t type)
{
	struct nfgenmsg msg = { .res_id = htons(NFNL_SUBSYS_NFTABLES) };
	size_t m = nl_begin(&n->b, type, 0, &msg, sizeof(msg));

	nl_end(&n->b, m);
}

void
nft_begin(struct nft *n, const char *table, uint8_t family)
{
	memset(n, 0, sizeof(*n));
	n->table = table;
	n->family = family;
	frame(n, NFNL_MSG_BATCH_BEGIN);
}

void
nft_fini(struct nft *n)
{
	buf_fini(&n->b);
}

int
nft_commit(int fd, struct nft *n, struct error *e)
{
	struct nlmsghdr *last;

	if (n->last == 0)
		return 0;
	frame(n, NFNL_MSG_BATCH_END);
	last = (struct nlmsghdr *)(void *)(n->b.data + n->last);
	last->nlmsg_flags |= NLM_F_ACK;
	return nl_talk(fd, &n->b, "packet filter", e);
}

void
nft_add_table(struct nft *n)
{
	size_t m = begin(n, NFT_MSG_NEWTABLE, NLM_F_CREATE);

	nl_attr_text(&n->b, NFTA_TABLE_NAME, n->table);
	nl_end(&n->b, m);
}

void
nft_del_table(struct nft *n)
{
	size_t m = begin(n, NFT_MSG_DELTABLE, 0);

	nl_attr_text(&n->b, NFTA_TABLE_NAME, n->table);
	nl_end(&n->b, m);
}

static int
found_table(const struct nlmsghdr *m, void *arg, struct error *e)
{
	return 0;
}

bool
nft_has_table(int fd, const char *table, uint8_t family)
{
	struct nft n;
	struct error ignored = ERROR_INIT;
	size_t m;
	bool there;

	memset(&n, 0, sizeof(n));
	n.family = family;
	m = begin(&n, NFT_MSG_GETTABLE, 0);
	nl_attr_text(&n.b, NFTA_TABLE_NAME, table);
	nl_end(&n.b, m);
	there = nl_dump(fd, &n.b, found_table, NULL, table, &ignored) == 0;
	nft_fini(&n);
	return there;
}

int
nft_able(int fd, struct error *e)
{
	struct nft n;
	size_t m;
	int result;

	memset(&n, 0, sizeof(n));
	m = begin(&n, NFT_MSG_GETGEN, 0);
	nl_end(&n.b, m);
	result = nl_dump(fd, &n.b, found_table, NULL, "packet filter", e);
	nft_fini(&n);
	return result;
}

struct dropping {
	const char *table;
	struct strings *chains;
};

static uint32_t
be32_of(const struct nlattr *a)
{
	uint32_t value = 0;

	if (a != NULL && nl_len(a) >= sizeof(value))
		memcpy(&value, nl_data(a), sizeof(value));
	return ntohl(value);
}

/* The number of the hook, within the attribute that tells of it. */
static uint32_t
hook_of(const struct nlattr *hook)
{
	const char *p = nl_data(hook), *end = p + nl_len(hook);

	while (p + NLA_HDRLEN <= end) {
		const struct nlattr *a = (const struct nlattr *)(const void *)p;

		if ((a->nla_type & NLA_TYPE_MASK) == NFTA_HOOK_HOOKNUM)
			return be32_of(a);
		if (a->nla_len < NLA_HDRLEN)
			break;
		p += NLA_ALIGN(a->nla_len);
	}
	return UINT32_MAX;
}

static int
found_chain(const struct nlmsghdr *m, void *arg, struct error *e)
{
	const struct dropping *d = arg;
	const struct nfgenmsg *msg = (const struct nfgenmsg *)(const void *)
	    ((const char *)m + NLMSG_HDRLEN);
	const struct nlattr *attrs[NFTA_CHAIN_POLICY + 1];
	const char *family = msg->nfgen_family == NFPROTO_INET ? "inet" :
	    msg->nfgen_family == NFPROTO_IPV4 ? "ip" :
	    msg->nfgen_family == NFPROTO_IPV6 ? "ip6" : NULL;

	nl_parse(m, sizeof(*msg), attrs, NFTA_CHAIN_POLICY + 1);
	if (family == NULL || attrs[NFTA_CHAIN_HOOK] == NULL ||
	    attrs[NFTA_CHAIN_POLICY] == NULL ||
	    attrs[NFTA_CHAIN_TABLE] == NULL || attrs[NFTA_CHAIN_NAME] == NULL ||
	    be32_of(attrs[NFTA_CHAIN_POLICY]) != NF_DROP ||
	    hook_of(attrs[NFTA_CHAIN_HOOK]) != NF_INET_FORWARD ||
	    strcmp(nl_data(attrs[NFTA_CHAIN_TABLE]), d->table) == 0)
		return 0;
	strings_take(d->chains, xasprintf("%s %s %s", family,
	    (const char *)nl_data(attrs[NFTA_CHAIN_TABLE]),
	    (const char *)nl_data(attrs[NFTA_CHAIN_NAME])));
	return 0;
}

int
nft_dropping(int fd, const char *table, struct strings *chains,
    struct error *e)
{
	struct dropping d = { table, chains };
	struct nft n;
	size_t m;
	int result;

	memset(&n, 0, sizeof(n));
	m = begin(&n, NFT_MSG_GETCHAIN, NLM_F_DUMP);
	nl_end(&n.b, m);
	result = nl_dump(fd, &n.b, found_chain, &d, "packet filter", e);
	nft_fini(&n);
	return result;
}

bool
nft_has_set(int fd, const char *table, uint8_t family, const char *set)
{
	struct nft n;
	struct error ignored = ERROR_INIT;
	size_t m;
	bool there;

	memset(&n, 0, sizeof(n));
	n.family = family;
	m = begin(&n, NFT_MSG_GETSET, 0);
	nl_attr_text(&n.b, NFTA_SET_TABLE, table);
	nl_attr_text(&n.b, NFTA_SET_NAME, set);
	nl_end(&n.b, m);
	there = nl_dump(fd, &n.b, found_table, NULL, table, &ignored) == 0;
	nft_fini(&n);
	return there;
}

void
nft_add_chain(struct nft *n, const char *name, const char *type,
    unsigned hook, int priority)
{
	size_t m = begin(n, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	size_t nest;

	nl_attr_text(&n->b, NFTA_CHAIN_TABLE, n->table);
	nl_attr_text(&n->b, NFTA_CHAIN_NAME, name);
	nest = nl_nest(&n->b, NFTA_CHAIN_HOOK);
	nl_attr_be32(&n->b, NFTA_HOOK_HOOKNUM, hook);
	nl_attr_be32(&n->b, NFTA_HOOK_PRIORITY, (uint32_t)priority);
	nl_nest_end(&n->b, nest);
	nl_attr_text(&n->b, NFTA_CHAIN_TYPE, type);
	nl_end(&n->b, m);
}

static void
put_fields(struct nft *n, const uint8_t *fields)
{
	size_t desc = nl_nest(&n->b, NFTA_SET_DESC);
	size_t concat = nl_nest(&n->b, NFTA_SET_DESC_CONCAT);

	for (; *fields != 0; fields++) {
		size_t field = nl_nest(&n->b, NFTA_LIST_ELEM);

		nl_attr_be32(&n->b, NFTA_SET_FIELD_LEN, *fields);
		nl_nest_end(&n->b, field);
	}
	nl_nest_end(&n->b, concat);
	nl_nest_end(&n->b, desc);
}

void
nft_add_set(struct nft *n, const struct nft_set *s)
{
	static const unsigned char host_order[] = { 0, 4, 1, 0, 0, 0 };
	static uint32_t id;
	uint32_t flags = (s->data_len != 0 ? NFT_SET_MAP : 0) |
	    (s->fields != NULL ? NFT_SET_INTERVAL | NFT_SET_CONCAT : 0);
	size_t m = begin(n, NFT_MSG_NEWSET, NLM_F_CREATE);

	nl_attr_text(&n->b, NFTA_SET_TABLE, n->table);
	nl_attr_text(&n->b, NFTA_SET_NAME, s->name);
	nl_attr_be32(&n->b, NFTA_SET_FLAGS, flags);
	nl_attr_be32(&n->b, NFTA_SET_KEY_TYPE, s->key_type);
	nl_attr_be32(&n->b, NFTA_SET_KEY_LEN, s->key_len);
	if (s->data_len != 0) {
		nl_attr_be32(&n->b, NFTA_SET_DATA_TYPE, s->data_type);
		nl_attr_be32(&n->b, NFTA_SET_DATA_LEN, s->data_len);
	}
	nl_attr_be32(&n->b, NFTA_SET_ID, ++id);
	/* for nft(8): a name is in the byte order of the host */
	if (s->key_type == TYPE_IFNAME)
		nl_attr(&n->b, NFTA_SET_USERDATA, host_order,
		    sizeof(host_order));
	if (s->fields != NULL)
		put_fields(n, s->fields);
	nl_end(&n->b, m);
}

static void
put_value(struct buf *b, uint16_t type, const void *data, size_t len)
{
	size_t nest = nl_nest(b, type);

	nl_attr(b, NFTA_DATA_VALUE, data, len);
	nl_nest_end(b, nest);
}

void
nft_elements(struct nft *n, const char *set, enum nft_change change,
    const struct nft_elements *elements)
{
	static const uint16_t flags[] = {
		[NFT_ADD] = NLM_F_CREATE | NLM_F_EXCL, [NFT_PUT] = NLM_F_CREATE,
		[NFT_DROP] = 0,
	};
	bool add = change != NFT_DROP;

	for (size_t i = 0; i < elements->count;) {
		size_t m = begin(n, add ? NFT_MSG_NEWSETELEM :
		    NFT_MSG_DELSETELEM, flags[change]);
		size_t stop = i + ELEMENTS_PER_MESSAGE, list;

		nl_attr_text(&n->b, NFTA_SET_ELEM_LIST_TABLE, n->table);
		nl_attr_text(&n->b, NFTA_SET_ELEM_LIST_SET, set);
		list = nl_nest(&n->b, NFTA_SET_ELEM_LIST_ELEMENTS);
		for (; i < elements->count && i < stop; i++) {
			const struct nft_element *x = &elements->items[i];
			size_t nest = nl_nest(&n->b, NFTA_LIST_ELEM);

			put_value(&n->b, NFTA_SET_ELEM_KEY, x->key,
			    x->key_len);
			if (x->range)
				put_value(&n->b, NFTA_SET_ELEM_KEY_END,
				    x->key_end, x->key_len);
			if (add && x->data_len != 0)
				put_value(&n->b, NFTA_SET_ELEM_DATA, x->data,
				    x->data_len);
			nl_nest_end(&n->b, nest);
		}
		nl_nest_end(&n->b, list);
		nl_end(&n->b, m);
	}
}

void
nft_rule(struct nft *n, const char *chain)
{
	n->message = begin(n, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	nl_attr_text(&n->b, NFTA_RULE_TABLE, n->table);
	nl_attr_text(&n->b, NFTA_RULE_CHAIN, chain);
	n->expressions = nl_nest(&n->b, NFTA_RULE_EXPRESSIONS);
}

void
nft_rule_end(struct nft *n)
{
	nl_nest_end(&n->b, n->expressions);
	nl_end(&n->b, n->message);
}

/* An expression: both nests are ended by expression_end. */
struct nests {
	size_t element, data;
};

static struct nests
expression(struct nft *n, const char *name)
{
	struct nests nests;

	nests.element = nl_nest(&n->b, NFTA_LIST_ELEM);
	nl_attr_text(&n->b, NFTA_EXPR_NAME, name);
	nests.data = nl_nest(&n->b, NFTA_EXPR_DATA);
	return nests;
}

static void
expression_end(struct nft *n, struct nests nests)
{
	nl_nest_end(&n->b, nests.data);
	nl_nest_end(&n->b, nests.element);
}

void
nft_meta(struct nft *n, uint32_t key, uint32_t reg)
{
	struct nests x = expression(n, "meta");

	nl_attr_be32(&n->b, NFTA_META_DREG, reg);
	nl_attr_be32(&n->b, NFTA_META_KEY, key);
	expression_end(n, x);
}

void
nft_ct(struct nft *n, uint32_t key, uint32_t reg)
{
	struct nests x = expression(n, "ct");

	nl_attr_be32(&n->b, NFTA_CT_DREG, reg);
	nl_attr_be32(&n->b, NFTA_CT_KEY, key);
	expression_end(n, x);
}

void
nft_payload(struct nft *n, uint32_t base, uint32_t offset, uint32_t len,
    uint32_t reg)
{
	struct nests x = expression(n, "payload");

	nl_attr_be32(&n->b, NFTA_PAYLOAD_DREG, reg);
	nl_attr_be32(&n->b, NFTA_PAYLOAD_BASE, base);
	nl_attr_be32(&n->b, NFTA_PAYLOAD_OFFSET, offset);
	nl_attr_be32(&n->b, NFTA_PAYLOAD_LEN, len);
	expression_end(n, x);
}

void
nft_fib_daddr_type(struct nft *n, uint32_t reg)
{
	struct nests x = expression(n, "fib");

	nl_attr_be32(&n->b, NFTA_FIB_DREG, reg);
	nl_attr_be32(&n->b, NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nl_attr_be32(&n->b, NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
	expression_end(n, x);
}

void
nft_bits(struct nft *n, uint32_t reg, const void *mask, size_t len)
{
	static const unsigned char zero[16];
	struct nests x = expression(n, "bitwise");

	nl_attr_be32(&n->b, NFTA_BITWISE_SREG, reg);
	nl_attr_be32(&n->b, NFTA_BITWISE_DREG, reg);
	nl_attr_be32(&n->b, NFTA_BITWISE_LEN, (uint32_t)len);
	put_value(&n->b, NFTA_BITWISE_MASK, mask, len);
	put_value(&n->b, NFTA_BITWISE_XOR, zero, len);
	expression_end(n, x);
}

void
nft_cmp(struct nft *n, uint32_t reg, uint32_t op, const void *data, size_t len)
{
	struct nests x = expression(n, "cmp");

	nl_attr_be32(&n->b, NFTA_CMP_SREG, reg);
	nl_attr_be32(&n->b, NFTA_CMP_OP, op);
	put_value(&n->b, NFTA_CMP_DATA, data, len);
	expression_end(n, x);
}

void
nft_lookup(struct nft *n, const char *set, uint32_t reg, bool inverted)
{
	struct nests x = expression(n, "lookup");

	nl_attr_text(&n->b, NFTA_LOOKUP_SET, set);
	nl_attr_be32(&n->b, NFTA_LOOKUP_SREG, reg);
	if (inverted)
		nl_attr_be32(&n->b, NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
	expression_end(n, x);
}

void
nft_map(struct nft *n, const char *set, uint32_t reg, uint32_t to)
{
	struct nests x = expression(n, "lookup");

	nl_attr_text(&n->b, NFTA_LOOKUP_SET, set);
	nl_attr_be32(&n->b, NFTA_LOOKUP_SREG, reg);
	nl_attr_be32(&n->b, NFTA_LOOKUP_DREG, to);
	expression_end(n, x);
}

void
nft_verdict(struct nft *n, int verdict)
{
	struct nests x = expression(n, "immediate");
	size_t data, value;

	nl_attr_be32(&n->b, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = nl_nest(&n->b, NFTA_IMMEDIATE_DATA);
	value = nl_nest(&n->b, NFTA_DATA_VERDICT);
	nl_attr_be32(&n->b, NFTA_VERDICT_CODE, (uint32_t)verdict);
	nl_nest_end(&n->b, value);
	nl_nest_end(&n->b, data);
	expression_end(n, x);
}

void
nft_masquerade(struct nft *n)
{
	struct nests x = expression(n, "masq");

	expression_end(n, x);
}

void
nft_dnat(struct nft *n, uint8_t family, uint32_t addr, uint32_t port)
{
	struct nests x = expression(n, "nat");

	nl_attr_be32(&n->b, NFTA_NAT_TYPE, NFT_NAT_DNAT);
	nl_attr_be32(&n->b, NFTA_NAT_FAMILY, family);
	nl_attr_be32(&n->b, NFTA_NAT_REG_ADDR_MIN, addr);
	nl_attr_be32(&n->b, NFTA_NAT_REG_PROTO_MIN, port);
	expression_end(n, x);
}

void
nft_snat(struct nft *n, uint8_t family, uint32_t addr)
{
	struct nests x = expression(n, "nat");

	nl_attr_be32(&n->b, NFTA_NAT_TYPE, NFT_NAT_SNAT);
	nl_attr_be32(&n->b, NFTA_NAT_FAMILY, family);
	nl_attr_be32(&n->b, NFTA_NAT_REG_ADDR_MIN, addr);
	expression_end(n, x);
}

void
nft_log(struct nft *n, const char *prefix)
{
	struct nests x = expression(n, "log");

	nl_attr_text(&n->b, NFTA_LOG_PREFIX, prefix);
	expression_end(n, x);
}
