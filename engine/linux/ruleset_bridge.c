/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * The table of the bridges: what a jail may send at its port.  Nothing with the
 * address of another, of the link or of the Internet, and nothing that only a
 * router or a DHCP server sends.
 */
#include <netinet/in.h>
#include <netinet/if_ether.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/linux/nft.h"
#include "engine/linux/ruleset.h"

enum {
	PRIORITY_RAW = -300,
	PORT_MAC = TYPE_IFNAME << 6 | TYPE_ETHER,
	PORT_IPV4 = TYPE_IFNAME << 6 | TYPE_IPV4,
	PORT_IPV6 = TYPE_IFNAME << 6 | TYPE_IPV6,
};

enum list { OFFERS, LOOSE, MACS, ADDRS4, ADDRS6, LISTS };
static const struct nft_set sets[LISTS] = {
	/* ports of routers, and of jails that get their address elsewhere */
	[OFFERS] = { "offers", TYPE_IFNAME, 16, 0, 0, NULL },
	[LOOSE] = { "loose", TYPE_IFNAME, 16, 0, 0, NULL },
	/* what each port may send from */
	[MACS] = { "macs", PORT_MAC, 24, 0, 0, NULL },
	[ADDRS4] = { "addrs4", PORT_IPV4, 20, 0, 0, NULL },
	[ADDRS6] = { "addrs6", PORT_IPV6, 32, 0, 0, NULL },
};

static void
protocol_is(struct nft *n, uint16_t protocol, uint32_t op)
{
	uint16_t wire = htons(protocol);

	nft_meta(n, NFT_META_PROTOCOL, R(0));
	nft_cmp(n, R(0), op, &wire, sizeof(wire));
}

static void
transport_is(struct nft *n, uint8_t protocol)
{
	nft_meta(n, NFT_META_L4PROTO, R(0));
	nft_cmp(n, R(0), NFT_CMP_EQ, &protocol, 1);
}

static void
icmp6_is(struct nft *n, uint8_t type)
{
	transport_is(n, IPPROTO_ICMPV6);
	nft_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, R(0));
	nft_cmp(n, R(0), NFT_CMP_EQ, &type, 1);
}

static void
verdict(struct nft *n, int what)
{
	nft_verdict(n, what);
	nft_rule_end(n);
}

/* The port with what stands there in the packet is not in the set: drop. */
static void
drop_unless(struct nft *n, enum list set, uint32_t base, uint32_t offset,
    uint32_t len)
{
	nft_meta(n, NFT_META_IIFNAME, R(0));
	nft_payload(n, base, offset, len, R(4));
	nft_lookup(n, sets[set].name, R(0), true);
	verdict(n, NF_DROP);
}

static void
accept_from(struct nft *n, enum list set)
{
	nft_rule(n, "ports");
	nft_meta(n, NFT_META_IIFNAME, R(0));
	nft_lookup(n, sets[set].name, R(0), false);
	verdict(n, NF_ACCEPT);
}

static void
offer_rules(struct nft *n)
{
	/* router advertisement, redirect; answers of DHCP */
	static const uint8_t types[] = { 134, 137 };
	static const uint16_t ports[] = { 67, 547 };

	for (size_t i = 0; i < 2; i++) {
		uint16_t wire = htons(ports[i]);

		nft_rule(n, "ports");
		icmp6_is(n, types[i]);
		verdict(n, NF_DROP);
		nft_rule(n, "ports");
		transport_is(n, IPPROTO_UDP);
		nft_payload(n, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, R(0));
		nft_cmp(n, R(0), NFT_CMP_EQ, &wire, 2);
		verdict(n, NF_DROP);
	}
}

/* Sender of an ARP packet; 0.0.0.0 asks whether an address is free. */
static void
arp_rules(struct nft *n)
{
	static const unsigned char zero[4];

	nft_rule(n, "ports");
	protocol_is(n, ETH_P_ARP, NFT_CMP_EQ);
	drop_unless(n, MACS, NFT_PAYLOAD_NETWORK_HEADER, 8, 6);
	nft_rule(n, "ports");
	protocol_is(n, ETH_P_ARP, NFT_CMP_EQ);
	nft_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 14, 4, R(0));
	nft_cmp(n, R(0), NFT_CMP_EQ, zero, sizeof(zero));
	verdict(n, NF_ACCEPT);
	nft_rule(n, "ports");
	protocol_is(n, ETH_P_ARP, NFT_CMP_EQ);
	drop_unless(n, ADDRS4, NFT_PAYLOAD_NETWORK_HEADER, 14, 4);
}

/* The same with a neighbour advertisement; from :: others are asked. */
static void
ip6_rules(struct nft *n)
{
	static const unsigned char zero[16];

	nft_rule(n, "ports");
	protocol_is(n, ETH_P_IPV6, NFT_CMP_EQ);
	icmp6_is(n, 136);
	drop_unless(n, ADDRS6, NFT_PAYLOAD_TRANSPORT_HEADER, 8, 16);
	nft_rule(n, "ports");
	protocol_is(n, ETH_P_IPV6, NFT_CMP_EQ);
	transport_is(n, IPPROTO_ICMPV6);
	nft_payload(n, NFT_PAYLOAD_NETWORK_HEADER, 8, 16, R(0));
	nft_cmp(n, R(0), NFT_CMP_EQ, zero, sizeof(zero));
	verdict(n, NF_ACCEPT);
	nft_rule(n, "ports");
	protocol_is(n, ETH_P_IPV6, NFT_CMP_EQ);
	drop_unless(n, ADDRS6, NFT_PAYLOAD_NETWORK_HEADER, 8, 16);
}

static void
other_rules(struct nft *n)
{
	static const uint16_t known[] = { ETH_P_IP, ETH_P_IPV6, ETH_P_ARP };

	nft_rule(n, "ports");
	protocol_is(n, ETH_P_IP, NFT_CMP_EQ);
	drop_unless(n, ADDRS4, NFT_PAYLOAD_NETWORK_HEADER, 12, 4);
	nft_rule(n, "ports");
	for (size_t i = 0; i < 3; i++)
		protocol_is(n, known[i], NFT_CMP_NEQ);
	verdict(n, NF_DROP);
}

void
ruleset_make_bridge(struct nft *n)
{
	uint32_t group = ruleset_group(n->table);

	nft_add_table(n);
	for (size_t i = 0; i < LISTS; i++)
		nft_add_set(n, &sets[i]);
	nft_add_chain(n, "ports", "filter", NF_BR_PRE_ROUTING, PRIORITY_RAW);
	nft_rule(n, "ports");
	nft_meta(n, NFT_META_IIFGROUP, R(0));
	nft_cmp(n, R(0), NFT_CMP_NEQ, &group, sizeof(group));
	verdict(n, NF_ACCEPT);
	nft_rule(n, "ports");
	drop_unless(n, MACS, NFT_PAYLOAD_LL_HEADER, 6, 6);
	accept_from(n, OFFERS);
	offer_rules(n);
	accept_from(n, LOOSE);
	other_rules(n);
	arp_rules(n);
	ip6_rules(n);
}

static void
put(struct nft_elements *list, const char *port, const void *data, size_t len)
{
	struct nft_element x;

	memset(&x, 0, sizeof(x));
	snprintf((char *)x.key, IFACE_NAME, "%s", port);
	if (len > 0)
		memcpy(x.key + IFACE_NAME, data, len);
	x.key_len = (uint32_t)(IFACE_NAME + (len + 3) / 4 * 4);
	VEC_PUSH(list, x);
}

static void
put_iface(struct nft_elements lists[LISTS], const struct engine_iface *i)
{
	const unsigned char *m = i->mac;
	const unsigned char local[16] = { 0xfe, 0x80, 0, 0, 0, 0, 0, 0,
	    m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5] };

	put(&lists[MACS], i->outside, m, 6);
	if (i->offers)
		put(&lists[OFFERS], i->outside, NULL, 0);
	if (i->dhcp || i->slaac || (i->kind == IFACE_BRIDGE &&
	    i->addr_count == 0))
		put(&lists[LOOSE], i->outside, NULL, 0);
	put(&lists[ADDRS6], i->outside, local, sizeof(local));
	for (size_t k = 0; k < i->addr_count; k++) {
		const struct addr *a = &i->addrs[k];

		put(&lists[a->family == 6 ? ADDRS6 : ADDRS4], i->outside,
		    a->bytes, addr_size(a));
	}
}

bool
ruleset_knows(const struct engine_iface *i)
{
	return i->kind == IFACE_NETWORK || i->kind == IFACE_BRIDGE;
}

void
ruleset_put_ifaces(struct nft *n, const struct engine_iface *ifaces,
    size_t count, bool add)
{
	struct nft_elements lists[LISTS];

	memset(lists, 0, sizeof(lists));
	for (size_t k = 0; k < count; k++)
		if (ruleset_knows(&ifaces[k]))
			put_iface(lists, &ifaces[k]);
	n->family = NFPROTO_BRIDGE;
	for (size_t i = 0; i < LISTS; i++) {
		nft_elements(n, sets[i].name, add ? NFT_PUT : NFT_DROP,
		    &lists[i]);
		VEC_FINI(&lists[i]);
	}
}

/* One by one: some of it may not be there. */
int
ruleset_drop_iface(int fd, const char *scope, const struct engine_iface *i,
    struct error *e)
{
	struct nft_elements lists[LISTS];
	int result = 0;

	memset(lists, 0, sizeof(lists));
	put_iface(lists, i);
	for (size_t s = 0; s < LISTS; s++) {
		for (size_t k = 0; k < lists[s].count && result == 0; k++) {
			struct nft_elements one = { &lists[s].items[k], 1, 1 };
			struct nft n;

			nft_begin(&n, scope, NFPROTO_BRIDGE);
			nft_elements(&n, sets[s].name, NFT_DROP, &one);
			result = nft_commit(fd, &n, e);
			nft_fini(&n);
			if (result < 0 && e->sys_errno == ENOENT) {
				error_clear(e);
				result = 0;
			}
		}
		VEC_FINI(&lists[s]);
	}
	return result;
}
