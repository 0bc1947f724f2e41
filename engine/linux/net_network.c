/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A network: its bridge, what is forwarded, its place in the packet filter. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/linux/ruleset.h"
#include "engine/linux/link.h"
#include "engine/linux/net_linux.h"
#include "engine/linux/nft.h"
#include "engine/linux/nlmsg.h"

/* A switch of /proc/sys/net: '0', '1'; '\0' is one that is not there. */
static char
switch_is(const char *path)
{
	AUTO_FREE char *full = xasprintf("/proc/sys/net/%s", path);
	AUTO_CLOSE int fd = open(full, O_RDONLY | O_CLOEXEC);
	char now = '\0';

	return fd >= 0 && read(fd, &now, 1) == 1 ? now : '\0';
}

/*
 * Set one.  *changed: it was another.  A switch that the kernel does not have
 * is ERROR_NOT_FOUND, one that we must not touch ERROR_UNSUPPORTED.
 */
static int
switch_to(const char *path, char value, bool *changed, struct error *e)
{
	AUTO_FREE char *full = xasprintf("/proc/sys/net/%s", path);
	AUTO_CLOSE int fd = -1;
	const char text[2] = { value, '\n' };

	*changed = false;
	if (switch_is(path) == value)
		return 0;
	fd = open(full, O_WRONLY | O_CLOEXEC);
	if (fd < 0 && (errno == EROFS || errno == EACCES))
		return error_set(e, ERROR_UNSUPPORTED, "%s cannot be written "
		    "here: whoever made this host must set it to %c", full,
		    value);
	if (fd < 0 || write(fd, text, 2) != 2)
		return error_sys(e, "%s", full);
	*changed = true;
	return 0;
}

/* Forwarding of what comes in by this interface. */
static int
forward_from(const char *link, bool ours, struct strings *notes,
    struct error *e)
{
	AUTO_FREE char *four = xasprintf("ipv4/conf/%s/forwarding", link);
	AUTO_FREE char *six = xasprintf("ipv6/conf/%s/force_forwarding", link);
	bool changed;

	if (switch_to(four, '1', &changed, e) < 0) {
		/* it may have gone meanwhile */
		if (ours || e->kind != ERROR_NOT_FOUND)
			return -1;
		error_clear(e);
		return 0;
	}
	if (changed && !ours)
		strings_take(notes, xasprintf("IPv4 that comes in by %s is "
		    "forwarded from now on (net.ipv4.conf.%s.forwarding)",
		    link, link));
	if (switch_is("ipv6/conf/all/forwarding") == '1')
		return 0;
	if (switch_to(six, '1', &changed, e) == 0) {
		if (changed && !ours)
			strings_take(notes, xasprintf("IPv6 that comes in by "
			    "%s is forwarded from now on "
			    "(net.ipv6.conf.%s.force_forwarding)", link,
			    link));
		return 0;
	}
	if (e->kind != ERROR_NOT_FOUND)
		return -1;
	error_clear(e);
	return 0;
}

/*
 * Before Linux 6.17 IPv6 is forwarded by all interfaces or by none; one that
 * forwards takes no router advertisements any more unless accept_ra is 2.
 */
static int
forward_all6(const struct strings *uplinks, struct strings *notes,
    struct error *e)
{
	bool changed;

	if (access("/proc/sys/net/ipv6", F_OK) < 0 ||
	    access("/proc/sys/net/ipv6/conf/all/force_forwarding", F_OK) == 0)
		return 0;
	for (size_t i = 0; i < uplinks->count; i++) {
		AUTO_FREE char *path = xasprintf(
		    "/proc/sys/net/ipv6/conf/%s/accept_ra",
		    uplinks->items[i]);
		AUTO_CLOSE int fd = open(path, O_RDWR | O_CLOEXEC);
		char now = '\0';

		if (fd >= 0 && read(fd, &now, 1) == 1 && now == '1' &&
		    pwrite(fd, "2\n", 2, 0) != 2)
			return error_sys(e, "%s", path);
	}
	if (switch_to("ipv6/conf/all/forwarding", '1', &changed, e) < 0)
		return -1;
	if (changed)
		strings_add(notes, "IPv6 is forwarded by all interfaces from "
		    "now on (net.ipv6.conf.all.forwarding; this kernel cannot "
		    "do it for one)");
	return 0;
}

static int
forward(int fd, const struct engine_network *n, struct strings *notes,
    struct error *e)
{
	AUTO_STRINGS struct strings links = VEC_INIT;

	if (n->mode == NETWORK_ISOLATED || !n->bridge_is_ours)
		return 0;
	if (*n->uplink != '\0')
		strings_add(&links, n->uplink);
	else if (link_uplinks(fd, &links, e) < 0)
		return -1;
	if (forward_from(n->bridge, true, notes, e) < 0)
		return -1;
	for (size_t i = 0; i < links.count; i++)
		if (strcmp(links.items[i], n->bridge) != 0 &&
		    strcmp(links.items[i], "lo") != 0 &&
		    forward_from(links.items[i], false, notes, e) < 0)
			return -1;
	return n->gateway[1].family != 0 ? forward_all6(&links, notes, e) : 0;
}

/* Stable: a bridge without an address of its own changes it with its ports. */
static void
bridge_mac(const struct engine_network *n, unsigned char mac[6])
{
	uint32_t a = ruleset_group(n->scope), b = ruleset_group(n->bridge);

	memcpy(mac, &b, 4);
	mac[4] = (unsigned char)a;
	mac[5] = (unsigned char)(a >> 8);
	mac[0] = 0x02;
}

static int
make_bridge(int fd, const struct engine_network *n, unsigned *index,
    struct error *e)
{
	unsigned char mac[6];

	*index = link_index(fd, n->bridge);
	if (*index != 0 && !link_is(fd, n->bridge, "bridge", e))
		return error_set(e, ERROR_EXISTS, "network %s: the host has an "
		    "interface %s that is no bridge", n->name, n->bridge);
	if (*index == 0 && !n->bridge_is_ours)
		return error_set(e, ERROR_NOT_FOUND, "network %s: the host has "
		    "no bridge %s", n->name, n->bridge);
	if (*index != 0)
		return 0;
	bridge_mac(n, mac);
	if (link_make_bridge(fd, n->bridge, mac, n->mtu, e) < 0) {
		if (e->sys_errno == EOPNOTSUPP)
			return error_set(e, ERROR_UNSUPPORTED, "this kernel "
			    "has no bridges (CONFIG_BRIDGE)");
		return -1;
	}
	*index = link_index(fd, n->bridge);
	return 0;
}

/*
 * Published ports on 127.0.0.1 and ::1; of the first the chain "guard" watches
 * over what comes in.
 */
static int
lead_from_loopback(int fd, unsigned index, const struct engine_network *n,
    struct strings *notes, struct error *e)
{
	AUTO_FREE char *local = xasprintf("ipv4/conf/%s/route_localnet",
	    n->bridge);
	bool changed;

	if (n->mode == NETWORK_ISOLATED)
		return 0;
	if (n->gateway[0].family != 0 &&
	    switch_to(local, '1', &changed, e) < 0) {
		if (e->kind != ERROR_UNSUPPORTED)
			return -1;
		strings_take(notes, xasprintf("published ports are not "
		    "reached by 127.0.0.1: %s", e->msg));
		error_clear(e);
	}
	return n->gateway[1].family != 0 && linux_loopback6_leads() ?
	    link_add_loopback6(fd, index, e) : 0;
}

/*
 * The host looks for jails by the bridge's link-local address, which is of no use
 * while it is looked for duplicates (two seconds).  Nobody but us gives addresses
 * there.
 */
static int
skip_dad(const char *bridge, struct error *e)
{
	AUTO_FREE char *dad = xasprintf("ipv6/conf/%s/accept_dad", bridge);
	bool changed;

	if (switch_is(dad) == '\0' || switch_to(dad, '0', &changed, e) == 0)
		return 0;
	if (e->kind != ERROR_UNSUPPORTED)
		return -1;
	error_clear(e);		/* then it lasts as long as it does */
	return 0;
}

static int
address_bridge(int fd, unsigned index, const struct engine_network *n,
    struct strings *notes, struct error *e)
{
	AUTO_FREE char *off = xasprintf("ipv6/conf/%s/disable_ipv6",
	    n->bridge);
	bool changed;

	for (size_t i = 0; i < 2; i++) {
		if (n->gateway[i].family == 0)
			continue;
		if (i == 1 && switch_is(off) == '\0') {
			strings_add(notes, "this kernel has no IPv6: the "
			    "jails have IPv4 alone");
			continue;
		}
		/* the host may do without; its jails need not */
		if (i == 1 && switch_to(off, '0', &changed, e) < 0) {
			if (e->kind != ERROR_UNSUPPORTED)
				return -1;
			strings_take(notes, xasprintf("the jails have no way "
			    "out by IPv6: %s", e->msg));
			error_clear(e);
			continue;
		}
		if (i == 1 && skip_dad(n->bridge, e) < 0)
			return -1;
		if (link_add_addrs(fd, index, &n->gateway[i], 1, e) < 0)
			return -1;
	}
	return lead_from_loopback(fd, index, n, notes, e);
}

bool
linux_bridges_filter4(void)
{
	return switch_is("bridge/bridge-nf-call-iptables") == '1';
}

bool
linux_leads_to_loopback(const char *link)
{
	AUTO_FREE char *local = xasprintf("ipv4/conf/%s/route_localnet", link);

	return strcmp(link, "lo") == 0 || switch_is(local) == '1' ||
	    switch_is("ipv4/conf/all/route_localnet") == '1';
}

/*
 * Whether an answer to ::1 gets there from a bridge: with br_netfilter it has
 * that address too early, and the kernel drops it.
 */
bool
linux_loopback6_leads(void)
{
	char filters = switch_is("bridge/bridge-nf-call-ip6tables");

	return switch_is("ipv6/conf/lo/disable_ipv6") == '0' &&
	    filters != '1';
}

/*
 * Each table decides by itself: where another one drops, as docker's does, what
 * ours accepts is lost all the same, and that one is not ours to change.
 */
int
linux_hindrances(const char *scope, struct strings *lines, struct error *e)
{
	AUTO_CLOSE int fd = nl_open(NETLINK_NETFILTER, e);
	AUTO_STRINGS struct strings chains = VEC_INIT;

	if (fd < 0 || nft_dropping(fd, scope, &chains, e) < 0)
		return -1;
	for (size_t i = 0; i < chains.count; i++)
		strings_take(lines, xasprintf("%s drops what no rule of it "
		    "accepts (docker sets that): jails reach out, and are "
		    "reached, only with 'nft insert rule %s iifname "
		    "\"gaol*\" accept', and the same with oifname",
		    chains.items[i], chains.items[i]));
	return 0;
}

int
linux_network_up(const struct engine_network *n, bool *fresh,
    struct strings *notes, struct error *e)
{
	AUTO_CLOSE int fd = nl_open(NETLINK_ROUTE, e);
	AUTO_CLOSE int filter = fd < 0 ? -1 : nl_open(NETLINK_NETFILTER, e);
	unsigned index;

	if (filter < 0)
		return -1;
	*fresh = !ruleset_there(filter, n->scope);
	if (*fresh && ruleset_make(filter, n->scope, e) < 0)
		return -1;
	if (ruleset_add_network(filter, n, e) < 0 ||
	    make_bridge(fd, n, &index, e) < 0)
		return -1;
	if (n->bridge_is_ours && address_bridge(fd, index, n, notes, e) < 0)
		return -1;
	if (n->mode != NETWORK_ISOLATED && n->bridge_is_ours &&
	    linux_hindrances(n->scope, notes, e) < 0)
		return -1;
	return forward(fd, n, notes, e);
}

int
linux_network_down(const struct engine_network *n, struct error *e)
{
	AUTO_CLOSE int fd = nl_open(NETLINK_ROUTE, e);
	AUTO_CLOSE int filter = fd < 0 ? -1 : nl_open(NETLINK_NETFILTER, e);

	if (filter < 0)
		return -1;
	if (n->bridge_is_ours && link_remove(fd, n->bridge, e) < 0)
		return -1;
	return ruleset_drop_network(filter, n, e);
}

/* For a moment in between, what it sends out is nobody's. */
int
linux_network_alter(const struct engine_network *before,
    const struct engine_network *after, struct strings *notes,
    struct error *e)
{
	AUTO_CLOSE int filter = nl_open(NETLINK_NETFILTER, e);
	bool fresh;

	if (filter < 0 || ruleset_drop_network(filter, before, e) < 0)
		return -1;
	return linux_network_up(after, &fresh, notes, e);
}

bool
linux_network_is_up(const struct engine_network *n)
{
	struct error ignored = ERROR_INIT;
	AUTO_FREE char *forward = xasprintf("ipv4/conf/%s/forwarding",
	    n->bridge);
	AUTO_CLOSE int filter = nl_open(NETLINK_NETFILTER, &ignored);

	/* net.ipv4.ip_forward = 0 takes it from all interfaces */
	if (n->mode != NETWORK_ISOLATED && n->bridge_is_ours &&
	    switch_is(forward) == '0')
		return false;
	return filter >= 0 && link_index(filter, n->bridge) != 0 &&
	    ruleset_there(filter, n->scope);
}

bool
linux_is_ready(const struct engine_spec *spec)
{
	AUTO_FREE char *scope = linux_scope_of(spec->key);
	struct error ignored = ERROR_INIT;
	AUTO_CLOSE int filter = nl_open(NETLINK_NETFILTER, &ignored);

	return filter >= 0 && ruleset_there(filter, scope);
}

int
linux_prepare(const struct engine_spec *spec, bool *fresh,
    struct strings *notes, struct error *e)
{
	AUTO_FREE char *scope = linux_scope_of(spec->key);
	AUTO_CLOSE int filter = nl_open(NETLINK_NETFILTER, e);

	if (filter < 0)
		return -1;
	*fresh = !ruleset_there(filter, scope);
	return *fresh ? ruleset_make(filter, scope, e) : 0;
}

int
linux_network_clear(const char *scope, struct error *e)
{
	AUTO_CLOSE int filter = nl_open(NETLINK_NETFILTER, e);

	return filter < 0 ? -1 : ruleset_remove(filter, scope, e);
}
