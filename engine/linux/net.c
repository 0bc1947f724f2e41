/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/auto.h"
#include "engine/linux/alias.h"
#include "engine/linux/conntrack.h"
#include "engine/linux/ruleset.h"
#include "engine/linux/link.h"
#include "engine/linux/linux.h"
#include "engine/linux/net_linux.h"
#include "engine/linux/nft.h"
#include "engine/linux/nlmsg.h"
#include "engine/linux/pass.h"
#include "engine/linux/tc.h"

char *
linux_scope_of(const char *key)
{
	return xstrndup(key, strcspn(key, "/"));
}

static int
check_iface(const struct engine_spec *spec, const struct engine_iface *i,
    struct error *e)
{
	if ((i->limit_in != 0 || i->limit_out != 0) && !ruleset_knows(i))
		return error_set(e, ERROR_UNSUPPORTED, "net = %s|...: limit.in "
		    "and limit.out are not possible with addresses of the "
		    "host on Linux; a network or vnet: has them", i->link);
	/* DHCP begins before there is an address */
	if (i->dhcp && (spec->allow & ALLOW_BIT(ALLOW_RAW_SOCKETS)) == 0)
		return error_set(e, ERROR_CONFIG, "net = vnet:%s:dhcp: what "
		    "asks for the address in the jail needs "
		    "allow.raw_sockets=on", i->link);
	return 0;
}

/* Where the ports of IPv4 lead to: its first address, as core has it. */
static const struct addr *
first_addr4(const struct engine_spec *spec)
{
	for (size_t i = 0; i < spec->iface_count; i++)
		for (size_t k = 0; k < spec->ifaces[i].addr_count; k++)
			if (spec->ifaces[i].addrs[k].family == 4)
				return &spec->ifaces[i].addrs[k];
	return NULL;
}

/*
 * What comes from outside goes to 127.0.0.0/8 only by interfaces that were
 * told to let it: that is the administrator's to decide, as it opens more than
 * our ports as soon as our packet filter is gone.
 */
static int
check_localnet(const struct engine_spec *spec, struct error *e)
{
	const struct addr *to = first_addr4(spec);
	AUTO_STRINGS struct strings links = VEC_INIT;
	AUTO_CLOSE int fd = -1;
	bool outside = false;

	for (size_t i = 0; i < spec->publish_count; i++) {
		const struct addr *host = &spec->publish[i].host;

		outside |= host->family != 6 && !addr_is_loopback(host);
	}
	if (to == NULL || !addr_is_loopback(to) || !outside)
		return 0;
	fd = nl_open(NETLINK_ROUTE, e);
	if (fd < 0 || link_uplinks(fd, &links, e) < 0)
		return -1;
	for (size_t i = 0; i < links.count; i++)
		if (!linux_leads_to_loopback(links.items[i]))
			return error_set(e, ERROR_UNSUPPORTED, "publish: what "
			    "comes in by %s does not reach 127.0.0.0/8; with "
			    "an address of another network (lo|10.0.0.5) it "
			    "does, 127.0.0.1:PORT is for the host alone, and "
			    "'sysctl net.ipv4.conf.%s.route_localnet=1' would "
			    "let it", links.items[i], links.items[i]);
	return 0;
}

static int
linux_net_check(const struct engine_spec *spec, struct error *e)
{
	for (size_t i = 0; i < spec->publish_count; i++) {
		const struct addr *a = &spec->publish[i].host;

		if (a->family == 6 && addr_is_loopback(a) &&
		    !linux_loopback6_leads())
			return error_set(e, ERROR_UNSUPPORTED, "publish: "
			    "[::1] leads nowhere while this host filters what "
			    "its bridges forward (net.bridge."
			    "bridge-nf-call-ip6tables = 1); 127.0.0.1 does");
	}
	for (size_t i = 0; i < spec->iface_count; i++)
		if (check_iface(spec, &spec->ifaces[i], e) < 0)
			return -1;
	return spec->publish_count > 0 ? check_localnet(spec, e) : 0;
}

bool
linux_is_netns(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC;
}

static bool
is_planned(const struct engine_spec *spec, const char *name)
{
	for (size_t k = 0; k < spec->iface_count; k++)
		if (strcmp(spec->ifaces[k].outside, name) == 0)
			return true;
	return false;
}

/* Names by the number of a process: one is not used again at once. */
static int
linux_plan(const struct engine_spec *spec, const struct engine_live *live,
    struct error *e)
{
	unsigned number = 0;

	for (size_t k = 0; k < spec->iface_count; k++) {
		struct engine_iface *i = &spec->ifaces[k];
		char name[IFACE_NAME];

		if (*i->outside != '\0')
			continue;
		do {
			snprintf(name, sizeof(name), "gj%u.%u",
			    (unsigned)live->jid, number++ % 1000);
		} while (is_planned(spec, name));
		memcpy(i->outside, name, sizeof(name));
	}
	return alias_any(spec) ? alias_plan(spec, e) : 0;
}

/* Whether the packet filter has anything of the jail. */
static bool
is_entered(const struct engine_spec *spec)
{
	for (size_t k = 0; k < spec->iface_count; k++)
		if (ruleset_knows(&spec->ifaces[k]))
			return true;
	return spec->publish_count > 0;
}

static int
linux_net_able(const struct engine_spec *spec, struct error *e)
{
	AUTO_CLOSE int fd = -1;

	if (!is_entered(spec))
		return 0;
	fd = nl_open(NETLINK_NETFILTER, e);
	return fd < 0 || nft_able(fd, e) < 0 ? ruleset_unable(e) : 0;
}

/*
 * A socket to the packet filter, -1 where that has nothing to know.  Addresses
 * of jails on the host's stack are entered if it is there anyway.
 */
static int
open_filter(const struct engine_spec *spec, int *fd, struct error *e)
{
	AUTO_FREE char *scope = linux_scope_of(spec->key);
	struct error ignored = ERROR_INIT;

	*fd = -1;
	if (is_entered(spec)) {
		*fd = nl_open(NETLINK_NETFILTER, e);
		return *fd < 0 ? -1 : 0;
	}
	if (!alias_any(spec))
		return 0;
	*fd = nl_open(NETLINK_NETFILTER, &ignored);
	if (*fd >= 0 && !ruleset_there(*fd, scope))
		close_fd(fd);
	return 0;
}

static int
linux_enter(const struct engine_spec *spec, struct error *e)
{
	AUTO_CLOSE int fd = -1;

	if (open_filter(spec, &fd, e) < 0)
		return -1;
	if (fd < 0)
		return 0;
	if (ruleset_add_jail(fd, spec, e) < 0)
		return -1;
	conntrack_forget(fd, spec->publish, spec->publish_count);
	return 0;
}

static int
linux_attach(const struct engine_spec *spec, const struct engine_live *live,
    struct error *e)
{
	AUTO_FREE char *path = xasprintf("/proc/%u/ns/net",
	    (unsigned)live->jid);
	AUTO_CLOSE int netns = open(path, O_RDONLY | O_CLOEXEC);

	if (netns < 0)
		return error_sys(e, "%s", path);
	if (!spec->net_inherit && linux_own_attach(spec, netns, e) < 0)
		return -1;
	if (alias_any(spec) && alias_add(spec, e) < 0)
		return -1;
	return linux_enter(spec, e);
}

/* What held back the jail's packets does not go with it. */
static int
remove_seconds(const struct engine_spec *spec, struct error *e)
{
	AUTO_CLOSE int fd = -1;

	for (size_t k = 0; k < spec->iface_count; k++) {
		if (spec->ifaces[k].limit_out == 0)
			continue;
		if (fd < 0)
			fd = nl_open(NETLINK_ROUTE, e);
		if (fd < 0 || tc_remove(fd, &spec->ifaces[k], e) < 0)
			return -1;
	}
	return 0;
}

static int
linux_detach(const struct engine_spec *spec, struct error *e)
{
	AUTO_CLOSE int fd = -1;

	if (alias_any(spec) && alias_remove(spec, e) < 0)
		return -1;
	if (pass_take_back(spec, e) < 0 || remove_seconds(spec, e) < 0)
		return -1;
	if (open_filter(spec, &fd, e) < 0)
		return -1;
	if (fd < 0)
		return 0;
	if (ruleset_drop_jail(fd, spec, e) < 0)
		return -1;
	conntrack_forget(fd, spec->publish, spec->publish_count);
	return 0;
}

/* The other end, in the jail, goes with ours. */
static int
linux_retire(const struct engine_spec *spec, struct error *e)
{
	AUTO_CLOSE int fd = -1;

	if (linux_detach(spec, e) < 0)
		return -1;
	fd = nl_open(NETLINK_ROUTE, e);
	if (fd < 0)
		return -1;
	for (size_t k = 0; k < spec->iface_count; k++)
		if (ruleset_knows(&spec->ifaces[k]) &&
		    link_remove(fd, spec->ifaces[k].outside, e) < 0)
			return -1;
	return 0;
}

static int
linux_limit(const struct engine_iface *i, struct error *e)
{
	AUTO_CLOSE int fd = nl_open(NETLINK_ROUTE, e);

	return fd < 0 ? -1 : tc_limit(fd, i, e);
}

static int
linux_publish(const char *scope, const struct engine_publish *p, size_t count,
    bool open, struct error *e)
{
	AUTO_CLOSE int fd = nl_open(NETLINK_NETFILTER, e);

	int result;

	if (fd < 0)
		return -1;
	result = open ? ruleset_add_ports(fd, scope, p, count, e) :
	    ruleset_drop_ports(fd, scope, p, count, e);
	if (result == 0)
		conntrack_forget(fd, p, count);
	return result;
}

static int
linux_routes(struct engine_routes *routes, struct error *e)
{
	AUTO_CLOSE int fd = nl_open(NETLINK_ROUTE, e);

	return fd < 0 ? -1 : link_routes(fd, routes, e);
}

static bool
linux_has_link(const char *name)
{
	struct error ignored = ERROR_INIT;
	AUTO_CLOSE int fd = nl_open(NETLINK_ROUTE, &ignored);

	return fd >= 0 && link_index(fd, name) != 0;
}

static const struct net linux_net = {
	.name = "linux",
	.by_default = true,
	.check = linux_net_check,
	.able = linux_net_able,
	.up = linux_network_up,
	.down = linux_network_down,
	.alter = linux_network_alter,
	.is_up = linux_network_is_up,
	.is_ready = linux_is_ready,
	.prepare = linux_prepare,
	.clear = linux_network_clear,
	.plan = linux_plan,
	.attach = linux_attach,
	.enter = linux_enter,
	.detach = linux_detach,
	.retire = linux_retire,
	.limit = linux_limit,
	.publish = linux_publish,
	.hindrances = linux_hindrances,
	.routes = linux_routes,
	.has_link = linux_has_link,
	.taken = linux_taken,
};
const struct net *const net_native = &linux_net;
