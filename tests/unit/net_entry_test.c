/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <string.h>

#include "core/net_entry.h"

/* Values are separated by ";". */
static int
parse(const char *text, struct net_entries *entries, struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	for (;;) {
		size_t len = strcspn(text, ";");

		strings_take(&values, xstrndup(text, len));
		if (text[len] == '\0')
			break;
		text += len + 1;
	}
	return net_entries_parse(&values, entries, e);
}

static void
check_addr(const char *expected, const struct addr *a)
{
	char text[ADDR_TEXT];

	ATF_CHECK_STREQ(expected, addr_text_prefix(a, text));
}

ATF_TC_WITHOUT_HEAD(kinds);
ATF_TC_BODY(kinds, tc)
{
	AUTO_NET_ENTRIES struct net_entries n = VEC_INIT;
	struct error e = ERROR_INIT;

	ATF_REQUIRE_EQ_MSG(0, parse("lan:10.0.0.5,fd00::5 mtu=1400;dmz;"
	    "vnet:br0:192.168.1.5/24 vlan=7 gateway=192.168.1.1;vnet:br1:dhcp;"
	    "slaac name=wan;if:eth7", &n, &e), "%s", e.msg);
	ATF_REQUIRE_EQ(5, n.count);
	ATF_CHECK_EQ(IFACE_NETWORK, n.items[0].iface.kind);
	ATF_CHECK_STREQ("lan", n.items[0].iface.network);
	ATF_REQUIRE_EQ(2, n.items[0].iface.addr_count);
	check_addr("10.0.0.5/32", &n.items[0].iface.addrs[0]);
	check_addr("fd00::5/128", &n.items[0].iface.addrs[1]);
	ATF_CHECK_EQ(1400, n.items[0].iface.mtu);
	ATF_CHECK_STREQ("eth0", n.items[0].iface.inside);
	ATF_CHECK_STREQ("eth1", n.items[1].iface.inside);
	ATF_CHECK_EQ(IFACE_BRIDGE, n.items[2].iface.kind);
	ATF_CHECK_STREQ("br0", n.items[2].iface.link);
	ATF_CHECK_EQ(7, n.items[2].iface.vlan);
	check_addr("192.168.1.1/32", &n.items[2].iface.gateways[0]);
	ATF_CHECK(n.items[3].iface.dhcp && n.items[3].iface.slaac);
	ATF_CHECK_STREQ("wan", n.items[3].iface.inside);
	ATF_CHECK_EQ(IFACE_PASS, n.items[4].iface.kind);
	ATF_CHECK_STREQ("eth7", n.items[4].iface.inside);
	ATF_CHECK(!net_entries_shared(&n));
}

ATF_TC_WITHOUT_HEAD(shared);
ATF_TC_BODY(shared, tc)
{
	AUTO_NET_ENTRIES struct net_entries n = VEC_INIT;
	struct error e = ERROR_INIT;

	ATF_REQUIRE_EQ_MSG(0, parse("em0|10.0.0.1/24;10.0.0.2/24;lo|127.0.1.5,10.1.0.5",
	    &n, &e), "%s", e.msg);
	ATF_REQUIRE_EQ(2, n.count);
	ATF_CHECK_EQ(IFACE_SHARED, n.items[0].iface.kind);
	ATF_CHECK_EQ(2, n.items[0].iface.addr_count);
	ATF_CHECK_EQ(IFACE_LOOP, n.items[1].iface.kind);
	ATF_CHECK(net_entries_shared(&n));
}

static const struct {
	const char *text, *why;
} refused[] = {
	{ "inherit;lan", "stand alone" },
	{ "none;none", "stand alone" },
	{ "lan;em0|10.0.0.1/24", "cannot be mixed" },
	{ "10.0.0.1", "of which network" },
	{ "lan:10.0.0.5,10.0.0.6", "one address of each family" },
	{ "lan:10.0.0.5/24", "has no length" },
	{ "lan:127.0.0.1", "of the loopback" },
	{ "lan:224.0.0.1", "not a host's address" },
	{ "lo|127.0.0.1", "the host's own" },
	{ "lo|::1", "the host's own" },
	{ "em0|fd00::1", "the length of the prefix is missing" },
	{ "lan vlan=5", "does not apply" },
	{ "lan colour=red", "no option" },
	{ "lan mac=01:00:00:00:00:01", "group" },
	{ "lan mac=02:00:00:00:00", "form" },
	{ "lan name=lo", "there already" },
	{ "lan name=x;dmz name=x", "two interfaces" },
	{ "lan limit.in=1", "less than 1K" },
	{ "if:a/b", "not an interface name" },
	{ "vnet:br0:10.0.0.1", "length of the prefix" },
	{ "none mtu=1500", "does not apply" },
	{ "vnet", "reserved word" },
};

ATF_TC_WITHOUT_HEAD(refusals);
ATF_TC_BODY(refusals, tc)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		AUTO_NET_ENTRIES struct net_entries n = VEC_INIT;
		struct error e = ERROR_INIT;

		ATF_CHECK_MSG(parse(refused[i].text, &n, &e) < 0,
		    "%s was taken", refused[i].text);
		ATF_CHECK_MSG(e.kind == ERROR_CONFIG &&
		    strstr(e.msg, refused[i].why) != NULL,
		    "%s: %s", refused[i].text, e.msg);
	}
}

ATF_TC_WITHOUT_HEAD(networks);
ATF_TC_BODY(networks, tc)
{
	struct addr net, a, b;
	struct error e = ERROR_INIT;

	ATF_REQUIRE_EQ(0, addr_parse("10.1.2.3/22", &a, &e));
	net = addr_network(&a);
	check_addr("10.1.0.0/22", &net);
	ATF_CHECK(addr_within(&a, &net));
	b = addr_nth(&net, 1023);
	check_addr("10.1.3.255/22", &b);
	ATF_CHECK(addr_is_broadcast(&b, &net));
	b = addr_nth(&net, 1024);
	ATF_CHECK(!addr_within(&b, &net));
	ATF_CHECK(!addr_overlap(&b, &net));
	ATF_REQUIRE_EQ(0, addr_parse("fd00::ffff/64", &a, &e));
	b = addr_nth(&a, 0x10000);
	check_addr("fd00::1:0/64", &b);
	ATF_CHECK(addr_overlap(&a, &b));
	ATF_CHECK(addr_parse("10.0.0.1/33", &a, &e) < 0);
	ATF_CHECK(addr_parse("10.0.0", &a, &e) < 0);
	ATF_CHECK(addr_parse("", &a, &e) < 0);
	ATF_CHECK(!addr_is("fd00::1x", 8));
	ATF_CHECK(addr_is("10.0.0.1/24,x", 11));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, kinds);
	ATF_TP_ADD_TC(tp, shared);
	ATF_TP_ADD_TC(tp, refusals);
	ATF_TP_ADD_TC(tp, networks);
	return atf_no_error();
}
