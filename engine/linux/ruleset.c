/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The tables and the rules in them. */
#include <netinet/in.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "engine/linux/net_linux.h"
#include "engine/linux/ruleset.h"
#include "engine/linux/nft.h"

enum {
	PRIORITY_RAW = -300, PRIORITY_DNAT = -100, PRIORITY_FILTER = 0,
	PRIORITY_SNAT = 100,
	IFNAME2 = TYPE_IFNAME << 6 | TYPE_IFNAME,
	TO4 = TYPE_IPV4 << 6 | TYPE_PORT,
	TO6 = TYPE_IPV6 << 6 | TYPE_PORT,
	ANY = TYPE_PROTO << 6 | TYPE_PORT,
	PUB4 = TYPE_PROTO << 12 | TYPE_IPV4 << 6 | TYPE_PORT,
	PUB6 = TYPE_PROTO << 12 | TYPE_IPV6 << 6 | TYPE_PORT,
	FROM4 = TYPE_IPV4 << 18 | TYPE_IPV4 << 12 | ANY,
	FROM6 = TYPE_IPV6 << 18 | TYPE_IPV6 << 12 | ANY,
};

static const uint8_t fields4[] = { 4, 4, 1, 2, 0 };
static const uint8_t fields6[] = { 16, 16, 1, 2, 0 };

/*
 * Tells tables that are as these files make them from those of another version
 * of gaol: to be changed with the rules and sets.
 */
static const char form[] = "form-3";

static const struct nft_set sets[] = {
	{ form, TYPE_IFNAME, 16, 0, 0, NULL },
	/* by the bridges of networks */
	{ "bridges", TYPE_IFNAME, 16, 0, 0, NULL },
	{ "natted", TYPE_IFNAME, 16, 0, 0, NULL },
	{ "routed", TYPE_IFNAME, 16, 0, 0, NULL },
	{ "isolated", TYPE_IFNAME, 16, 0, 0, NULL },
	{ "bound", TYPE_IFNAME, 16, 0, 0, NULL },
	{ "within", IFNAME2, 32, 0, 0, NULL },
	{ "uplinks", IFNAME2, 32, 0, 0, NULL },
	/* published: by any address, by one of the host's, by the source */
	{ "any4", ANY, 8, TO4, 8, NULL },
	{ "any6", ANY, 8, TO6, 20, NULL },
	{ "pub4", PUB4, 12, TO4, 8, NULL },
	{ "pub6", PUB6, 24, TO6, 20, NULL },
	{ "from4", FROM4, 16, TO4, 8, fields4 },
	{ "from6", FROM6, 40, TO6, 20, fields6 },
	/* addresses of jails on the host's stack */
	{ "shared4", TYPE_IPV4, 4, 0, 0, NULL },
	{ "shared6", TYPE_IPV6, 16, 0, 0, NULL },
	{ "log4", FROM4, 16, 0, 0, fields4 },
	{ "log6", FROM6, 40, 0, 0, fields6 },
};

uint32_t
ruleset_group(const char *scope)
{
	uint32_t hash = 2166136261u;

	for (; *scope != '\0'; scope++)
		hash = (hash ^ (unsigned char)*scope) * 16777619u;
	/* group 0 is everybody's */
	return (hash & 0x7fffffff) | 0x40000000;
}

static void
iif_in(struct nft *n, const char *set)
{
	nft_meta(n, NFT_META_IIFNAME, R(0));
	nft_lookup(n, set, R(0), false);
}

static void
oif_in(struct nft *n, const char *set, bool inverted)
{
	nft_meta(n, NFT_META_OIFNAME, R(0));
	nft_lookup(n, set, R(0), inverted);
}

static void
pair_in(struct nft *n, const char *set, bool inverted)
{
	nft_meta(n, NFT_META_IIFNAME, R(0));
	nft_meta(n, NFT_META_OIFNAME, R(4));
	nft_lookup(n, set, R(0), inverted);
}

static void
is_family(struct nft *n, uint8_t family)
{
	nft_meta(n, NFT_META_NFPROTO, R(0));
	nft_cmp(n, R(0), NFT_CMP_EQ, &family, 1);
}

static void
has_bits(struct nft *n, uint32_t bits)
{
	static const uint32_t zero;

	nft_bits(n, R(0), &bits, sizeof(bits));
	nft_cmp(n, R(0), NFT_CMP_NEQ, &zero, sizeof(zero));
}

/* The connection began with one of our published ports. */
static void
is_published(struct nft *n)
{
	nft_ct(n, NFT_CT_STATUS, R(0));
	has_bits(n, IPS_DST_NAT);
}

static void
is_known(struct nft *n)
{
	nft_ct(n, NFT_CT_STATE, R(0));
	has_bits(n, NF_CT_STATE_BIT(IP_CT_ESTABLISHED) |
	    NF_CT_STATE_BIT(IP_CT_RELATED));
}

static void
is_local(struct nft *n)
{
	static const uint32_t local = RTN_LOCAL;

	nft_fib_daddr_type(n, R(0));
	nft_cmp(n, R(0), NFT_CMP_EQ, &local, sizeof(local));
}

static void
source_is_loopback(struct nft *n, uint8_t family)
{
	static const unsigned char four = 127;
	static const unsigned char six[16] = { [15] = 1 };

	is_family(n, family);
	if (family == NFPROTO_IPV4) {
		nft_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 12, 1, R(0));
		nft_cmp(n, R(0), NFT_CMP_EQ, &four, 1);
	} else {
		nft_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 8, 16, R(0));
		nft_cmp(n, R(0), NFT_CMP_EQ, six, 16);
	}
}

static void
load_proto_port(struct nft *n, uint32_t reg)
{
	nft_meta(n, NFT_META_L4PROTO, reg);
	nft_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, reg + 1);
}

/* Where the addresses lie in the packet, and their registers. */
struct layout {
	uint8_t family, other;
	uint32_t source, destination, size, regs;
	const char *log, *pub, *from, *any, *shared;
};
static const struct layout layouts[] = {
	{ NFPROTO_IPV4, 0, 12, 16, 4, 1, "log4", "pub4", "from4", "any4",
	    "shared4" },
	{ NFPROTO_IPV6, 0, 8, 24, 16, 4, "log6", "pub6", "from6", "any6",
	    "shared6" },
};

static void
load_both(struct nft *n, const struct layout *l)
{
	nft_payload(n, NFT_PAYLOAD_NETWORK_HEADER, l->source, l->size, R(0));
	nft_payload(n, NFT_PAYLOAD_NETWORK_HEADER, l->destination, l->size,
	    R(l->regs));
	load_proto_port(n, R(2 * l->regs));
}

static void
is_shared(struct nft *n, const struct layout *l)
{
	nft_payload(n, NFT_PAYLOAD_NETWORK_HEADER, l->destination, l->size,
	    R(0));
	nft_lookup(n, l->shared, R(0), false);
}

static void
redirect(struct nft *n, const struct layout *l, const char *map)
{
	uint32_t to = l->regs == 1 ? 10 : 11;

	nft_map(n, map, R(0), R(to));
	nft_dnat(n, l->family, R(to), R(to + l->regs));
	nft_rule_end(n);
}

/* What of the published ports a connection is for. */
static void
publish_rules(struct nft *n, const char *chain, const struct layout *l)
{
	nft_rule(n, chain);
	is_family(n, l->family);
	is_local(n);
	load_both(n, l);
	nft_lookup(n, l->log, R(0), false);
	nft_log(n, "gaol publish: ");
	nft_rule_end(n);

	nft_rule(n, chain);
	is_family(n, l->family);
	nft_meta(n, NFT_META_L4PROTO, R(0));
	nft_payload(n, NFT_PAYLOAD_NETWORK_HEADER, l->destination, l->size,
	    R(1));
	nft_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, R(1 + l->regs));
	redirect(n, l, l->pub);

	/* an address that is a jail's own is none of the host's */
	nft_rule(n, chain);
	is_family(n, l->family);
	is_shared(n, l);
	nft_verdict(n, NFT_RETURN);
	nft_rule_end(n);

	nft_rule(n, chain);
	is_family(n, l->family);
	is_local(n);
	load_both(n, l);
	redirect(n, l, l->from);

	nft_rule(n, chain);
	is_family(n, l->family);
	is_local(n);
	load_proto_port(n, R(0));
	redirect(n, l, l->any);
}

/*
 * Interfaces may lead to 127.0.0.0/8 (route_localnet), so that ports are
 * published there, too; nobody must go there by himself.
 */
static void
guard_rules(struct nft *n)
{
	static const unsigned char loopback = 127;
	static const char lo[IFACE_NAME] = "lo";

	nft_add_chain(n, "guard", "filter", NF_INET_PRE_ROUTING, PRIORITY_RAW);
	nft_rule(n, "guard");
	is_family(n, NFPROTO_IPV4);
	nft_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 16, 1, R(0));
	nft_cmp(n, R(0), NFT_CMP_EQ, &loopback, 1);
	nft_meta(n, NFT_META_IIFNAME, R(0));
	nft_cmp(n, R(0), NFT_CMP_NEQ, lo, sizeof(lo));
	nft_verdict(n, NF_DROP);
	nft_rule_end(n);
}

/* Where ::1 leads nowhere, a connection to it is refused, not swallowed. */
static void
spare_loopback6(struct nft *n)
{
	static const unsigned char one[16] = { [15] = 1 };

	nft_rule(n, "publish-here");
	is_family(n, NFPROTO_IPV6);
	nft_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 24, 16, R(0));
	nft_cmp(n, R(0), NFT_CMP_EQ, one, sizeof(one));
	nft_verdict(n, NFT_RETURN);
	nft_rule_end(n);
}

static void
nat_rules(struct nft *n)
{
	static const char none[IFACE_NAME];

	nft_add_chain(n, "publish", "nat", NF_INET_PRE_ROUTING, PRIORITY_DNAT);
	nft_add_chain(n, "publish-here", "nat", NF_INET_LOCAL_OUT,
	    PRIORITY_DNAT);
	if (!linux_loopback6_leads())
		spare_loopback6(n);
	for (size_t i = 0; i < 2; i++) {
		publish_rules(n, "publish", &layouts[i]);
		publish_rules(n, "publish-here", &layouts[i]);
	}
	nft_add_chain(n, "masquerade", "nat", NF_INET_POST_ROUTING,
	    PRIORITY_SNAT);
	for (size_t i = 0; i < 2; i++) {
		nft_rule(n, "masquerade");
		source_is_loopback(n, layouts[i].family);
		oif_in(n, "bridges", false);
		nft_masquerade(n);
		nft_rule_end(n);
	}
	/*
	 * By the host's address to a jail: from elsewhere who asks is seen,
	 * but to other jails, and itself, the answer must come back this way.
	 * What br_netfilter brings here has no interface that it came in by.
	 */
	for (size_t i = 0; i < 2; i++) {
		nft_rule(n, "masquerade");
		is_published(n);
		if (i == 0) {
			iif_in(n, "bridges");
		} else {
			nft_meta(n, NFT_META_IIFNAME, R(0));
			nft_cmp(n, R(0), NFT_CMP_EQ, none, sizeof(none));
		}
		oif_in(n, "bridges", false);
		nft_masquerade(n);
		nft_rule_end(n);
	}
	/*
	 * From the host's loopback to a jail on its stack, as if it had been
	 * called by its address: that it may answer, 127.0.0.1 it may not.
	 */
	for (size_t i = 0; i < 2; i++) {
		nft_rule(n, "masquerade");
		source_is_loopback(n, layouts[i].family);
		is_published(n);
		is_shared(n, &layouts[i]);
		nft_snat(n, layouts[i].family, R(0));
		nft_rule_end(n);
	}
	nft_rule(n, "masquerade");
	iif_in(n, "natted");
	oif_in(n, "bridges", true);
	nft_masquerade(n);
	nft_rule_end(n);
}

static void
forward_rules(struct nft *n)
{
	static const struct {
		const char *in, *pair, *out;
		bool known, published, other;
		int verdict;
	} rules[] = {
		/* br_netfilter brings what stays on a bridge here, too */
		{ NULL, "within", NULL, false, false, false, NF_ACCEPT },
		{ "isolated", NULL, NULL, false, false, false, NF_DROP },
		{ NULL, NULL, "isolated", false, false, false, NF_DROP },
		{ NULL, NULL, NULL, true, false, false, NF_ACCEPT },
		{ NULL, NULL, "bridges", false, true, false, NF_ACCEPT },
		{ "bound", "uplinks", NULL, false, false, true, NF_DROP },
		{ "routed", NULL, "routed", false, false, false, NF_ACCEPT },
		{ "bridges", NULL, "bridges", false, false, false, NF_DROP },
		{ NULL, NULL, "natted", false, false, false, NF_DROP },
	};

	nft_add_chain(n, "forward", "filter", NF_INET_FORWARD,
	    PRIORITY_FILTER);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		nft_rule(n, "forward");
		if (rules[i].known)
			is_known(n);
		if (rules[i].published)
			is_published(n);
		if (rules[i].in != NULL)
			iif_in(n, rules[i].in);
		if (rules[i].pair != NULL)
			pair_in(n, rules[i].pair, rules[i].other);
		if (rules[i].out != NULL)
			oif_in(n, rules[i].out, false);
		nft_verdict(n, rules[i].verdict);
		nft_rule_end(n);
	}
}

/* To the host an isolated network only answers. */
static void
input_rules(struct nft *n)
{
	static const unsigned char icmp6 = IPPROTO_ICMPV6;

	nft_add_chain(n, "input", "filter", NF_INET_LOCAL_IN,
	    PRIORITY_FILTER);
	nft_rule(n, "input");
	is_known(n);
	nft_verdict(n, NF_ACCEPT);
	nft_rule_end(n);
	/* neighbour discovery */
	nft_rule(n, "input");
	nft_meta(n, NFT_META_L4PROTO, R(0));
	nft_cmp(n, R(0), NFT_CMP_EQ, &icmp6, 1);
	nft_verdict(n, NF_ACCEPT);
	nft_rule_end(n);
	nft_rule(n, "input");
	iif_in(n, "isolated");
	nft_verdict(n, NF_DROP);
	nft_rule_end(n);
}

int
ruleset_unable(struct error *e)
{
	switch (e->sys_errno) {
	case EPERM:
	case EACCES:
		return error_set(e, ERROR_UNSUPPORTED, "networks and published "
		    "ports need a host that lets gaol change its packet filter "
		    "(CAP_NET_ADMIN); net=none and net=inherit do without");
	case ENOENT:
	case EINVAL:
	case EOPNOTSUPP:
	case EAFNOSUPPORT:
	case EPROTONOSUPPORT:
		return error_set(e, ERROR_UNSUPPORTED, "networks and published "
		    "ports need nftables, which this kernel does not have: "
		    "'modprobe -a nf_tables nft_chain_nat nft_fib_inet "
		    "nft_masq nft_log nf_tables_bridge' loads it where it was "
		    "built as modules, else it takes a kernel with "
		    "CONFIG_NF_TABLES; net=none and net=inherit do without");
	default:
		return -1;
	}
}

int
ruleset_make(int fd, const char *scope, struct error *e)
{
	struct nft n;
	int result;

	/* what another version of gaol left */
	if (ruleset_remove(fd, scope, e) < 0)
		return -1;
	nft_begin(&n, scope, NFPROTO_BRIDGE);
	ruleset_make_bridge(&n);
	n.family = NFPROTO_INET;
	nft_add_table(&n);
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		nft_add_set(&n, &sets[i]);
	guard_rules(&n);
	nat_rules(&n);
	forward_rules(&n);
	input_rules(&n);
	result = nft_commit(fd, &n, e);
	nft_fini(&n);
	return result < 0 ? ruleset_unable(e) : 0;
}

bool
ruleset_there(int fd, const char *scope)
{
	return nft_has_set(fd, scope, NFPROTO_INET, form);
}

int
ruleset_remove(int fd, const char *scope, struct error *e)
{
	static const uint8_t families[] = { NFPROTO_INET, NFPROTO_BRIDGE };

	for (size_t i = 0; i < 2; i++) {
		struct nft n;
		int result = 0;

		if (!nft_has_table(fd, scope, families[i]))
			continue;
		nft_begin(&n, scope, families[i]);
		nft_del_table(&n);
		result = nft_commit(fd, &n, e);
		nft_fini(&n);
		if (result < 0)
			return -1;
	}
	return 0;
}
