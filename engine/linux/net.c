/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "engine/linux/alias.h"
#include "engine/linux/ruleset.h"
#include "engine/linux/link.h"
#include "engine/linux/linux.h"
#include "engine/linux/net_linux.h"
#include "engine/linux/nlmsg.h"

char *
linux_scope_of(const char *key)
{
	return xstrndup(key, strcspn(key, "/"));
}

static int
check_iface(const struct engine_iface *i, struct error *e)
{
	switch (i->kind) {
	case IFACE_NETWORK:
		return 0;
	case IFACE_SHARED:
	case IFACE_LOOP:
		return 0;
	case IFACE_BRIDGE:
		return error_set(e, ERROR_UNSUPPORTED, "net = vnet:%s: bridges "
		    "of the host are not possible on this host; networks, "
		    "inherit and none are", i->link);
	case IFACE_PASS:
	case IFACE_KINDS:
	default:
		return error_set(e, ERROR_UNSUPPORTED, "net = if:%s: "
		    "interfaces of the host are not possible on this host; "
		    "networks, inherit and none are", i->link);
	}
}

static int
check_options(const struct engine_iface *i, struct error *e)
{
	if (i->limit_in != 0 || i->limit_out != 0)
		return error_set(e, ERROR_UNSUPPORTED, "net = %s: limit.in and "
		    "limit.out are not possible on this host; tc(8) is",
		    i->network);
	return 0;
}

static int
linux_net_check(const struct engine_spec *spec, struct error *e)
{
	for (size_t i = 0; i < spec->iface_count; i++)
		if (check_iface(&spec->ifaces[i], e) < 0 ||
		    check_options(&spec->ifaces[i], e) < 0)
			return -1;
	return 0;
}

/* Names by the number of a process: one is not used again at once. */
static int
linux_plan(const struct engine_spec *spec, const struct engine_live *live,
    struct error *e)
{
	for (size_t k = 0; k < spec->iface_count; k++)
		snprintf(spec->ifaces[k].outside, IFACE_NAME, "gj%u.%u",
		    (unsigned)live->jid, (unsigned)k % 64);
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
linux_enter(const struct engine_spec *spec, struct error *e)
{
	AUTO_CLOSE int fd = -1;

	if (!is_entered(spec))
		return 0;
	fd = nl_open(NETLINK_NETFILTER, e);
	return fd < 0 ? -1 : ruleset_add_jail(fd, spec, e);
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

static int
linux_detach(const struct engine_spec *spec, struct error *e)
{
	AUTO_CLOSE int fd = -1;

	if (alias_any(spec) && alias_remove(spec, e) < 0)
		return -1;
	if (!is_entered(spec))
		return 0;
	fd = nl_open(NETLINK_NETFILTER, e);
	return fd < 0 ? -1 : ruleset_drop_jail(fd, spec, e);
}

static int
linux_publish(const char *scope, const struct engine_publish *p, size_t count,
    bool open, struct error *e)
{
	AUTO_CLOSE int fd = nl_open(NETLINK_NETFILTER, e);

	if (fd < 0)
		return -1;
	return open ? ruleset_add_ports(fd, scope, p, count, e) :
	    ruleset_drop_ports(fd, scope, p, count, e);
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
	.check = linux_net_check,
	.up = linux_network_up,
	.down = linux_network_down,
	.is_up = linux_network_is_up,
	.clear = linux_network_clear,
	.plan = linux_plan,
	.attach = linux_attach,
	.enter = linux_enter,
	.detach = linux_detach,
	.publish = linux_publish,
	.routes = linux_routes,
	.has_link = linux_has_link,
};
const struct net *const net_native = &linux_net;
