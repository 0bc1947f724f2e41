/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Networks, devices and limits of the FreeBSD engine on a twin of the kernel. */
#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "engine/freebsd/freebsd.h"
#include "engine/freebsd/kern_iface.h"
#include "tests/freebsd-twin/twin.h"

#define NO_ERROR(call)                                                     \
	do {                                                               \
		struct error why = ERROR_INIT;                             \
		ATF_REQUIRE_MSG((call) >= 0, "%s: %s", #call, why.msg);    \
	} while (0)

#define FAILS(expected, call)                                              \
	do {                                                               \
		struct error why = ERROR_INIT;                             \
		ATF_REQUIRE_MSG((call) < 0, "%s", #call);                  \
		ATF_CHECK_EQ_MSG(expected, why.kind, "%s", why.msg);       \
	} while (0)

#define PF_MAIN "nat-anchor \"gaol/*\" all\nrdr-anchor \"gaol/*\" all\n" \
	"anchor \"gaol/*\" all\n"

static char root[1100];
static struct tree tree;
static struct engine_spec spec;
static struct engine_live live;
static struct engine_iface iface;
static struct engine_network lan;
static bool fresh;

static struct addr
address(const char *text)
{
	struct error e = ERROR_INIT;
	struct addr a;

	ATF_REQUIRE_MSG(addr_parse(text, &a, &e) == 0, "%s", e.msg);
	return a;
}

static void
set_up(void)
{
	char *cwd = realpath(".", NULL);
	int run;

	mkdir("run", 0755);
	mkdir("root", 0755);
	snprintf(root, sizeof(root), "%s/root", cwd);
	free(cwd);
	run = open("run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ATF_REQUIRE(run >= 0);
	engine_native->remember(run);
	twin_reset();
	twin.pf_main = PF_MAIN;
	twin_iface("em0", "em", "192.0.2.2/24");
	twin_iface("lo0", "lo", "127.0.0.1/8");
	tree = (struct tree){ .kind = TREE_DIR, .upper = root };
	spec = (struct engine_spec){ .name = "web", .key = "gaol/web",
	    .tree = &tree, .fib = -1, .console_fd = -1, .live_fd = -1 };
	live = (struct engine_live){ 0, "" };
	memset(&iface, 0, sizeof(iface));
	lan = (struct engine_network){ .scope = "gaol", .name = "lan",
	    .mode = NETWORK_NAT, .bridge = "gaol-lan",
	    .bridge_is_ours = true };
	lan.gateway[0] = address("10.10.0.1/24");
}

static void
check_calls(const char *expected)
{
	ATF_CHECK_STREQ(expected, twin_calls());
	twin_forget_calls();
}

static void
network_up(void)
{
	AUTO_STRINGS struct strings notes = VEC_INIT;

	NO_ERROR(net_native->up(&lan, &fresh, &notes, &why));
}

/* A jail with the interface, made and connected. */
static void
start(void)
{
	struct error e = ERROR_INIT;
	struct engine_start *s;

	spec.ifaces = &iface;
	spec.iface_count = *iface.link != '\0';
	NO_ERROR(engine_native->mount(&spec, &why));
	NO_ERROR(net_native->check(&spec, &why));
	s = engine_native->make(&spec, &live, &e);
	ATF_REQUIRE_MSG(s != NULL, "%s", e.msg);
	NO_ERROR(net_native->plan(&spec, &live, &why));
	NO_ERROR(net_native->attach(&spec, &live, &why));
	NO_ERROR(engine_native->boot(s, NULL, 0, LIFE_PERSIST, &why));
	engine_native->start_free(s);
}

static void
stop(void)
{
	NO_ERROR(engine_native->stop(&live, spec.key, 0, &why));
	NO_ERROR(net_native->detach(&spec, &why));
	NO_ERROR(engine_native->unmount(spec.key, &why));
}

static void
member(void)
{
	iface.kind = IFACE_NETWORK;
	snprintf(iface.link, sizeof(iface.link), "gaol-lan");
	snprintf(iface.inside, sizeof(iface.inside), "eth0");
	iface.mac[0] = 2;
	iface.addrs[0] = address("10.10.0.2/24");
	iface.addr_count = 1;
	iface.gateways[0] = address("10.10.0.1");
}

ATF_TC_WITHOUT_HEAD(network);
ATF_TC_BODY(network, tc)
{
	AUTO_STRINGS struct strings notes = VEC_INIT;

	set_up();
	ATF_CHECK(!net_native->is_up(&lan));
	NO_ERROR(net_native->up(&lan, &fresh, &notes, &why));
	ATF_CHECK(fresh);
	ATF_CHECK_EQ(1, notes.count);
	check_calls("pf gaol/@lan\n"
	    "nat on em0 inet from 10.10.0.0/24 to ! 10.10.0.0/24 -> (em0:0)\n"
	    "nat on gaol-lan inet from 10.10.0.0/24 to 10.10.0.0/24 tagged "
	    "gaol_pub -> (gaol-lan:0)\n"
	    "block drop in quick on gaolguest inet proto udp from any port 67 "
	    "to any\n"
	    "block drop in quick on gaolguest inet6 proto udp from any port "
	    "547 to any\n"
	    "block drop in quick on gaolguest inet6 proto ipv6-icmp all "
	    "icmp6-type { routeradv, redir }\n"
	    "pass quick on gaolport all no state\n"
	    "pass quick on gaol-lan inet6 proto ipv6-icmp from any to any "
	    "icmp6-type { neighbrsol, neighbradv, routersol } no state\n"
	    "pass quick on gaol-lan tagged gaol_pub keep state\n"
	    "pass quick on gaol-lan inet from 10.10.0.0/24 to (gaol-lan) "
	    "keep state\n"
	    "pass quick on gaol-lan inet from (gaol-lan) to 10.10.0.0/24 "
	    "keep state\n"
	    "pass quick on gaol-lan inet from 10.10.0.0/24 to 10.10.0.0/24 "
	    "keep state\n"
	    "pass out quick on gaol-lan inet from (self) to 10.10.0.0/24 "
	    "keep state\n"
	    "pass in quick on gaol-lan inet from 10.10.0.0/24 to any keep "
	    "state tag gaol_out\n"
	    "pass out quick on em0 inet tagged gaol_out keep state\n"
	    "block drop quick on gaol-lan all\n"
	    "create bridge16043\n"
	    "describe bridge16043 'gaol gaol/lan'\n"
	    "rename bridge16043 gaol-lan\n"
	    "mac gaol-lan\ngroup gaol-lan gaolnet\n"
	    "add gaol-lan 10.10.0.1/24\nup gaol-lan\n"
	    "sysctl net.inet.ip.forwarding=1\n");
	ATF_CHECK(net_native->is_up(&lan));
	NO_ERROR(net_native->down(&lan, &why));
	check_calls("destroy gaol-lan\npf gaol/@lan empty\n");
	ATF_CHECK(!net_native->is_up(&lan));
	ATF_CHECK_EQ(0, twin_anchors());
	NO_ERROR(net_native->down(&lan, &why));
	check_calls("");
}

ATF_TC_WITHOUT_HEAD(filter_is_off);
ATF_TC_BODY(filter_is_off, tc)
{
	AUTO_STRINGS struct strings notes = VEC_INIT;
	struct error e = ERROR_INIT;

	set_up();
	twin.pf_main = NULL;
	FAILS(ERROR_UNSUPPORTED, net_native->up(&lan, &fresh, &notes, &why));
	twin.pf_main = "nat-anchor \"gaol/*\" all\n";
	ATF_CHECK(net_native->up(&lan, &fresh, &notes, &e) < 0);
	ATF_CHECK_EQ(ERROR_CONFIG, e.kind);
	ATF_CHECK(strstr(e.msg, "'rdr-anchor \"gaol/*\"', 'anchor "
	    "\"gaol/*\"'") != NULL);
	ATF_CHECK(strstr(e.msg, "nat-anchor") == NULL);
	check_calls("");
	/* others have routes to it: no filter is needed */
	lan.mode = NETWORK_ROUTED;
	NO_ERROR(net_native->up(&lan, &fresh, &notes, &why));
	ATF_CHECK_EQ(2, notes.count);
	ATF_CHECK_EQ(0, twin_anchors());
}

/* The calls but for the one that makes the jail. */
static void
check_after_make(const char *expected)
{
	const char *calls = twin_calls();

	ATF_REQUIRE_EQ_MSG(0, strncmp(calls, "jail_set create ", 16), "%s",
	    calls);
	ATF_CHECK_STREQ(expected, strchr(calls, '\n') + 1);
	twin_forget_calls();
}

ATF_TC_WITHOUT_HEAD(pair);
ATF_TC_BODY(pair, tc)
{
	int before;

	set_up();
	network_up();
	before = twin_ifaces();
	twin_forget_calls();
	member();
	iface.apart = true;
	iface.mtu = 1400;
	iface.addrs[iface.addr_count++] = address("fd00:10::2/64");
	iface.gateways[1] = address("fd00:10::1");
	start();
	ATF_CHECK_STREQ("epair2056a", iface.outside);
	ATF_CHECK(strstr(twin_calls(), " vnet=new ") != NULL);
	ATF_CHECK(strstr(twin_calls(), " ip4") == NULL);
	check_after_make("create epair2056\n"
	    "describe epair2056a 'gaol gaol/web eth0'\n"
	    "mtu epair2056a 1400\nmtu epair2056b 1400\n"
	    "mac epair2056b\n"
	    "group epair2056a gaolport\ngroup epair2056a gaolguest\n"
	    "addm gaol-lan epair2056a private\nup epair2056a\n"
	    "vnet epair2056b 1\n"
	    "fork jail_attach 1\n"
	    "add lo0 in 1 127.0.0.1/8\nup lo0 in 1\n"
	    "rename epair2056b in 1 eth0\nno_dad eth0 in 1\n"
	    "add eth0 in 1 10.10.0.2/24\nadd eth0 in 1 fd00:10::2/64\n"
	    "up eth0 in 1\n"
	    "route default 10.10.0.1 in 1\nroute default fd00:10::1 in 1\n");
	stop();
	check_calls("jail_remove 1\nwait for 0\ndestroy epair2056a\n");
	ATF_CHECK_EQ(before, twin_ifaces());
	/* again, as after a crash */
	NO_ERROR(net_native->detach(&spec, &why));
	check_calls("");
}

/* Killed, or refused, half way: what was planned is all that is known. */
ATF_TC_WITHOUT_HEAD(pair_half_made);
ATF_TC_BODY(pair_half_made, tc)
{
	static const char *const steps[] = {
		"create", "describe", "mac", "group", "addm", "up", "vnet",
		"jail_attach", "rename", "add", "route",
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct error e = ERROR_INIT;
		struct engine_start *s;
		int before;

		set_up();
		network_up();
		before = twin_ifaces();
		member();
		spec.ifaces = &iface;
		spec.iface_count = 1;
		NO_ERROR(engine_native->mount(&spec, &why));
		s = engine_native->make(&spec, &live, &e);
		ATF_REQUIRE_MSG(s != NULL, "%s", e.msg);
		NO_ERROR(net_native->plan(&spec, &live, &why));
		twin.fail = steps[i];
		twin.fail_errno = EIO;
		ATF_CHECK_MSG(net_native->attach(&spec, &live, &e) < 0, "%s",
		    steps[i]);
		twin.fail = NULL;
		NO_ERROR(net_native->detach(&spec, &why));
		engine_native->start_free(s);
		NO_ERROR(engine_native->unmount(spec.key, &why));
		ATF_CHECK_EQ_MSG(before, twin_ifaces(), "%s", steps[i]);
	}
}

ATF_TC_WITHOUT_HEAD(pair_of_others);
ATF_TC_BODY(pair_of_others, tc)
{
	struct error e = ERROR_INIT;
	int before;

	set_up();
	member();
	spec.ifaces = &iface;
	spec.iface_count = 1;
	live.jid = 1;
	FAILS(ERROR_NOT_FOUND, net_native->plan(&spec, &live, &why));
	network_up();
	NO_ERROR(net_native->plan(&spec, &live, &why));
	twin_iface(iface.outside, "epair", "");
	ATF_CHECK_EQ(0, kern_iface_describe(iface.outside, "mine", &e));
	before = twin_ifaces();
	NO_ERROR(net_native->detach(&spec, &why));
	ATF_CHECK_EQ(before, twin_ifaces());
	/* an interface that is no bridge */
	iface.kind = IFACE_BRIDGE;
	snprintf(iface.link, sizeof(iface.link), "em0");
	FAILS(ERROR_CONFIG, net_native->plan(&spec, &live, &why));
}

ATF_TC_WITHOUT_HEAD(host_bridge);
ATF_TC_BODY(host_bridge, tc)
{
	set_up();
	twin_iface("bridge0", "bridge", "");
	iface.kind = IFACE_BRIDGE;
	snprintf(iface.link, sizeof(iface.link), "bridge0");
	snprintf(iface.inside, sizeof(iface.inside), "eth0");
	iface.dhcp = true;
	iface.vlan = 12;
	start();
	check_after_make("create epair2056\n"
	    "describe epair2056a 'gaol gaol/web eth0'\n"
	    "mac epair2056b\n"
	    "addm bridge0 epair2056a\nuntagged bridge0 epair2056a 12\n"
	    "up epair2056a\nvnet epair2056b 1\n"
	    "fork jail_attach 1\n"
	    "add lo0 in 1 127.0.0.1/8\nup lo0 in 1\n"
	    "rename epair2056b in 1 eth0\nup eth0 in 1\n");
}

ATF_TC_WITHOUT_HEAD(passed);
ATF_TC_BODY(passed, tc)
{
	set_up();
	twin_iface("ix1", "ix", "");
	iface.kind = IFACE_PASS;
	snprintf(iface.link, sizeof(iface.link), "ix1");
	snprintf(iface.inside, sizeof(iface.inside), "wan");
	start();
	check_after_make("vnet ix1 1\nfork jail_attach 1\n"
	    "add lo0 in 1 127.0.0.1/8\nup lo0 in 1\nrename ix1 in 1 wan\n");
	ATF_CHECK(!net_native->has_link("ix1"));
	stop();
	check_calls("-vnet wan 1\nrename wan ix1\njail_remove 1\n"
	    "wait for 0\n");
	ATF_CHECK(net_native->has_link("ix1"));
	/* the jail ended by itself: the kernel gave it back */
	start();
	NO_ERROR(engine_native->kill(NULL, "gaol/none", &why));
	twin_forget_calls();
	ATF_REQUIRE_EQ(0, kern_jail_remove((int)live.jid,
	    &(struct error)ERROR_INIT));
	stop();
	check_calls("jail_remove 2\nrename wan ix1\n");
	ATF_CHECK(net_native->has_link("ix1"));
}

ATF_TC_WITHOUT_HEAD(shared);
ATF_TC_BODY(shared, tc)
{
	set_up();
	spec.net_inherit = true;
	iface.kind = IFACE_SHARED;
	snprintf(iface.link, sizeof(iface.link), "em0");
	iface.addrs[0] = address("192.0.2.10/24");
	/* the host's own: it is used and stays */
	iface.addrs[1] = address("192.0.2.2/24");
	iface.addr_count = 2;
	start();
	ATF_CHECK_EQ(1, iface.added);
	ATF_CHECK(strstr(twin_calls(), " ip4.addr=192.0.2.10,192.0.2.2 "
	    "ip6=disable ") != NULL);
	check_after_make("add em0 192.0.2.10/24\n");
	stop();
	check_calls("jail_remove 1\nwait for 0\nremove em0 192.0.2.10\n");
	snprintf(iface.link, sizeof(iface.link), "em7");
	FAILS(ERROR_NOT_FOUND, net_native->plan(&spec, &live, &why));
	snprintf(iface.link, sizeof(iface.link), "lo0");
	FAILS(ERROR_EXISTS, net_native->plan(&spec, &live, &why));
}

ATF_TC_WITHOUT_HEAD(loopback);
ATF_TC_BODY(loopback, tc)
{
	set_up();
	spec.net_inherit = true;
	iface.kind = IFACE_LOOP;
	snprintf(iface.link, sizeof(iface.link), "lo");
	iface.addrs[0] = address("127.0.1.5");
	iface.addrs[1] = address("fd00::5");
	iface.addr_count = 2;
	start();
	ATF_CHECK(strstr(twin_calls(), " ip4.addr=127.0.1.5 "
	    "ip6.addr=fd00::5 ") != NULL);
	check_after_make("add lo0 127.0.1.5/32\nadd lo0 fd00::5/128\n");
	stop();
	check_calls("jail_remove 1\nwait for 0\nremove lo0 127.0.1.5\n"
	    "remove lo0 fd00::5\n");
}

ATF_TC_WITHOUT_HEAD(ports);
ATF_TC_BODY(ports, tc)
{
	struct engine_publish p[2];

	set_up();
	network_up();
	member();
	memset(p, 0, sizeof(p));
	p[0].first = p[0].last = 8080;
	p[0].to_first = 80;
	p[1].udp = p[1].log = true;
	p[1].first = 5000;
	p[1].last = 5010;
	p[1].to_first = 6000;
	p[1].host = address("192.0.2.2");
	p[1].from = address("198.51.100.0/24");
	p[0].to[0] = p[1].to[0] = iface.addrs[0];
	p[0].to[1] = address("fd00:10::2");
	spec.publish = p;
	spec.publish_count = 2;
	start();
	ATF_CHECK_EQ(2, twin_anchors());
	ATF_CHECK_STREQ("pf gaol/web\n"
	    "rdr inet proto udp from 198.51.100.0/24 to 192.0.2.2 port "
	    "5000:5010 tag gaol_pub -> 10.10.0.2 port 6000:*\n"
	    "rdr inet proto tcp from any to (self) port 8080 tag gaol_pub -> "
	    "10.10.0.2 port 80\n"
	    "rdr inet6 proto tcp from any to (self) port 8080 tag gaol_pub "
	    "-> fd00:10::2 port 80\n"
	    "pass in quick inet proto tcp from any to 10.10.0.2 port 80 "
	    "tagged gaol_pub keep state\n"
	    "pass out quick inet proto tcp from any to 10.10.0.2 port 80 "
	    "tagged gaol_pub keep state\n"
	    "pass in quick inet6 proto tcp from any to fd00:10::2 port 80 "
	    "tagged gaol_pub keep state\n"
	    "pass out quick inet6 proto tcp from any to fd00:10::2 port 80 "
	    "tagged gaol_pub keep state\n"
	    "pass in log quick inet proto udp from any to 10.10.0.2 port "
	    "6000:6010 tagged gaol_pub keep state\n"
	    "pass out quick inet proto udp from any to 10.10.0.2 port "
	    "6000:6010 tagged gaol_pub keep state\n",
	    strstr(twin_calls(), "pf gaol/web\n"));
	/* live: the list as it is now */
	twin_forget_calls();
	spec.publish_count = 0;
	NO_ERROR(net_native->enter(&spec, &why));
	check_calls("pf gaol/web empty\n");
	spec.publish_count = 1;
	NO_ERROR(net_native->enter(&spec, &why));
	stop();
	ATF_CHECK_EQ(1, twin_anchors());
	twin.pf_main = "anchor \"gaol/*\" all\n";
	FAILS(ERROR_CONFIG, net_native->enter(&spec, &why));
}

ATF_TC_WITHOUT_HEAD(anchor_names);
ATF_TC_BODY(anchor_names, tc)
{
	struct engine_publish p;
	char key[160];

	set_up();
	memset(&p, 0, sizeof(p));
	p.to[0] = address("10.0.0.2");
	p.first = p.last = p.to_first = 80;
	spec.publish = &p;
	spec.publish_count = 1;
	spec.key = "gaol-1f/a.b";
	NO_ERROR(net_native->enter(&spec, &why));
	ATF_CHECK(strncmp(twin_calls(), "pf gaol/a+b@gaol-1f\n", 20) == 0);
	twin_forget_calls();
	snprintf(key, sizeof(key), "gaol-12345678/%063d", 0);
	spec.key = key;
	NO_ERROR(net_native->enter(&spec, &why));
	ATF_CHECK(strcspn(twin_calls(), "\n") <=
	    strlen("pf gaol/") + 63);
	NO_ERROR(net_native->detach(&spec, &why));
	ATF_CHECK_EQ(1, twin_anchors());
}

ATF_TC_WITHOUT_HEAD(isolated);
ATF_TC_BODY(isolated, tc)
{
	set_up();
	lan.mode = NETWORK_ISOLATED;
	network_up();
	ATF_CHECK(strstr(twin_calls(), "nat on") == NULL);
	ATF_CHECK(strstr(twin_calls(), "gaol_out") == NULL);
	ATF_CHECK(strstr(twin_calls(), "gaol_pub") == NULL);
	ATF_CHECK(strstr(twin_calls(), "forwarding") == NULL);
	ATF_CHECK(strstr(twin_calls(), "from 10.10.0.0/24 to (gaol-lan)") ==
	    NULL);
}

static char bpf[] = "bpf*", card[] = "/dev/dri/card0";
static char *wishes[] = { bpf, card };
static const struct strings devices = { wishes, 2, 2 };

ATF_TC_WITHOUT_HEAD(devices_shown);
ATF_TC_BODY(devices_shown, tc)
{
	set_up();
	spec.mount_devfs = true;
	spec.devices = &devices;
	NO_ERROR(engine_native->mount(&spec, &why));
	ATF_CHECK_EQ(1, twin_rulesets());
	ATF_CHECK_EQ(0, strncmp(twin_calls(), "devfs 1000 hide gaol:gaol/web\n"
	    "devfs 1000 include 4\ndevfs 1000 unhide bpf*\n"
	    "devfs 1000 unhide dri\ndevfs 1000 unhide dri/card0\nnmount ",
	    100));
	ATF_CHECK(strstr(twin_calls(), " ruleset=1000\n") != NULL);
	/* another jail at the same time has another */
	spec.key = "gaol/db";
	NO_ERROR(engine_native->mount(&spec, &why));
	ATF_CHECK(strstr(twin_calls(), " ruleset=1001\n") != NULL);
	spec.key = "gaol/web";
	NO_ERROR(engine_native->unmount(spec.key, &why));
	ATF_CHECK_EQ(1, twin_rulesets());
	spec.key = "gaol/db";
	NO_ERROR(engine_native->unmount(spec.key, &why));
	ATF_CHECK_EQ(0, twin_rulesets());
}

/* An empty ruleset would show everything. */
ATF_TC_WITHOUT_HEAD(no_rulesets_loaded);
ATF_TC_BODY(no_rulesets_loaded, tc)
{
	set_up();
	twin.no_ruleset = true;
	spec.mount_devfs = true;
	NO_ERROR(engine_native->mount(&spec, &why));
	ATF_CHECK(strstr(twin_calls(), "devfs 1000 hide all\n"
	    "devfs 1000 unhide null\n") != NULL);
	NO_ERROR(engine_native->unmount(spec.key, &why));
	ATF_CHECK_EQ(0, twin_rulesets());
	spec.devfs_ruleset = 7;
	FAILS(ERROR_NOT_FOUND, engine_native->mount(&spec, &why));
}

ATF_TC_WITHOUT_HEAD(limits);
ATF_TC_BODY(limits, tc)
{
	char memory[] = "memory", reads[] = "io.read.bps", nthr[] = "nthr";
	char in[] = "net.in", sigterm[] = "sigterm", process[] = "process";
	char some[] = "0-1", one[] = "3";
	char *cpus[] = { some, one };
	struct engine_limit l[] = {
		{ memory, NULL, 1 << 20, NULL }, { reads, NULL, 4096, NULL },
		{ nthr, sigterm, 5, process },
	};
	const struct strings list = { cpus, 2, 2 };
	struct error e = ERROR_INIT;

	set_up();
	spec.limits = l;
	spec.limit_count = 3;
	spec.cpus = &list;
	FAILS(ERROR_UNSUPPORTED, engine_native->check(&spec, &why));
	ATF_CHECK(engine_native->check(&spec, &e) < 0);
	ATF_CHECK(strstr(e.msg, "kern.racct.enable=1") != NULL);
	twin.racct = true;
	NO_ERROR(engine_native->check(&spec, &why));
	start();
	check_after_make("rctl_add_rule jail:web:memoryuse:deny=1048576\n"
	    "rctl_add_rule jail:web:readbps:throttle=4096\n"
	    "rctl_add_rule jail:web:nthr:sigterm=5/process\n"
	    "cpuset jail 1 0-1,3\n");
	/* only what differs is changed, and taken away first */
	struct engine_spec less = spec;
	struct engine_limit more[] = { { memory, NULL, 2 << 20, NULL }, l[1],
	    { nthr, sigterm, 6, process } };
	less.cpus = NULL;
	less.limits = more;
	NO_ERROR(engine_native->limit(&live, &spec, &less, &why));
	check_calls("rctl_remove_rule jail:web:memoryuse:deny=1048576\n"
	    "rctl_remove_rule jail:web:nthr:sigterm=5/process\n"
	    "rctl_add_rule jail:web:memoryuse:deny=2097152\n"
	    "rctl_add_rule jail:web:nthr:sigterm=6/process\n"
	    "cpuset jail 1 all\n");
	NO_ERROR(engine_native->limit(&live, &less, &spec, &why));
	twin_forget_calls();
	ATF_CHECK_EQ(3, twin_rules());
	struct engine_usage u;
	NO_ERROR(engine_native->usage(&live, spec.key, &u, &why));
	check_calls("rctl_get_racct web\n");
	ATF_CHECK_EQ(3000000, u.cpu_us);
	ATF_CHECK_EQ(4096, u.memory);
	ATF_CHECK_EQ(7, u.processes);
	ATF_CHECK_EQ(ENGINE_UNKNOWN, u.read_bytes);
	stop();
	check_calls("jail_remove 1\nwait for 0\n"
	    "rctl_remove_rule jail:web:memoryuse:deny=1048576\n"
	    "rctl_remove_rule jail:web:readbps:throttle=4096\n"
	    "rctl_remove_rule jail:web:nthr:sigterm=5/process\n"
	    "rctl_remove_rule jail:web:memoryuse:deny=2097152\n"
	    "rctl_remove_rule jail:web:nthr:sigterm=6/process\n"
	    "rctl_remove_rule jail:web:memoryuse:deny=1048576\n"
	    "rctl_remove_rule jail:web:nthr:sigterm=5/process\n");
	ATF_CHECK_EQ(0, twin_rules());
	/* refused by the kernel: nothing stays */
	twin.fail = "rctl_add_rule";
	twin.fail_errno = EINVAL;
	twin.fail_after = 1;
	NO_ERROR(engine_native->mount(&spec, &why));
	ATF_CHECK(engine_native->make(&spec, &live, &e) == NULL);
	twin.fail = NULL;
	live.jid = 0;
	NO_ERROR(engine_native->kill(&live, spec.key, &why));
	NO_ERROR(engine_native->unmount(spec.key, &why));
	ATF_CHECK_EQ(0, twin_rules());
	ATF_CHECK_EQ(0, twin_jails());
	l[0].resource = in;
	FAILS(ERROR_UNSUPPORTED, engine_native->check(&spec, &why));
}

ATF_TC_WITHOUT_HEAD(routes);
ATF_TC_BODY(routes, tc)
{
	struct engine_routes all = VEC_INIT;

	set_up();
	NO_ERROR(net_native->routes(&all, &why));
	ATF_CHECK_EQ(2, all.count);
	ATF_CHECK(all.items[0].local);
	ATF_CHECK_STREQ("em0", all.items[0].link);
	VEC_FINI(&all);
	ATF_CHECK(net_native->has_link("em0"));
	ATF_CHECK(!net_native->has_link("em1"));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, network);
	ATF_TP_ADD_TC(tp, filter_is_off);
	ATF_TP_ADD_TC(tp, pair);
	ATF_TP_ADD_TC(tp, pair_half_made);
	ATF_TP_ADD_TC(tp, pair_of_others);
	ATF_TP_ADD_TC(tp, host_bridge);
	ATF_TP_ADD_TC(tp, passed);
	ATF_TP_ADD_TC(tp, shared);
	ATF_TP_ADD_TC(tp, loopback);
	ATF_TP_ADD_TC(tp, ports);
	ATF_TP_ADD_TC(tp, anchor_names);
	ATF_TP_ADD_TC(tp, isolated);
	ATF_TP_ADD_TC(tp, devices_shown);
	ATF_TP_ADD_TC(tp, no_rulesets_loaded);
	ATF_TP_ADD_TC(tp, limits);
	ATF_TP_ADD_TC(tp, routes);
	return atf_no_error();
}
