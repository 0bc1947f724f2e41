/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Interfaces of a stack of the jail's own: pairs on bridges. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "engine/linux/ruleset.h"
#include "engine/linux/link.h"
#include "engine/linux/net_linux.h"
#include "engine/linux/nlmsg.h"
#include "engine/linux/pass.h"
#include "engine/linux/tc.h"

/* Of a moment in another network namespace: the way back. */
struct stay {
	int own;
};
#define STAY_INIT { -1 }

static int
enter(struct stay *stay, int netns, struct error *e)
{
	stay->own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (stay->own < 0 || setns(netns, CLONE_NEWNET) < 0) {
		error_sys(e, "enter the jail's network");
		close_fd(&stay->own);
		return -1;
	}
	return 0;
}

/* Whoever cannot must not go on in the wrong one. */
static int
leave(struct stay *stay, struct error *e)
{
	int result = setns(stay->own, CLONE_NEWNET);

	if (result < 0)
		error_sys(e, "leave the jail's network");
	close_fd(&stay->own);
	return result;
}

int
linux_open_inside(int netns, struct error *e)
{
	struct stay stay = STAY_INIT;
	int fd;

	if (enter(&stay, netns, e) < 0)
		return -1;
	fd = nl_open(NETLINK_ROUTE, e);
	if (leave(&stay, e) < 0)
		close_fd(&fd);
	return fd;
}

static int
make_pair(int fd, const char *scope, const struct engine_iface *i, int netns,
    struct error *e)
{
	struct link_pair pair = {
		.outside = i->outside, .inside = i->inside, .mac = i->mac,
		.mtu = i->mtu != 0 || i->kind != IFACE_BRIDGE ? i->mtu :
		    link_mtu(fd, i->link),
		.bridge = link_index(fd, i->link),
		.group = ruleset_group(scope), .netns = netns,
	};
	bool mirror;
	int result;

	if (pair.bridge == 0)
		return error_set(e, ERROR_NOT_FOUND,
		    "the host has no bridge %s", i->link);
	if (i->kind == IFACE_BRIDGE && !link_is(fd, i->link, "bridge", e))
		return error_set(e, ERROR_CONFIG, "net = vnet:%s: that is no "
		    "bridge; 'ip link add ... type bridge' makes one", i->link);
	result = link_make_pair(fd, &pair, e);
	if (result < 0 && e->sys_errno == EEXIST) {
		/* of a jail that ended while something held its stack */
		error_clear(e);
		if (link_remove(fd, i->outside, e) < 0)
			return -1;
		result = link_make_pair(fd, &pair, e);
	}
	if (result < 0) {
		if (e->sys_errno == EXFULL)
			return error_set(e, ERROR_FAILED, "the bridge %s is "
			    "full: 1,023 jails; another network takes more",
			    i->link);
		if (e->sys_errno == EOPNOTSUPP)
			return error_set(e, ERROR_UNSUPPORTED, "this kernel "
			    "has no veth interfaces (CONFIG_VETH)");
		return error_wrap(e, "interface %s at %s", i->inside, i->link);
	}
	/* a jail that calls itself by a published port */
	mirror = i->kind == IFACE_NETWORK && linux_bridges_filter4();
	return i->apart || mirror ? link_set_port(fd, link_index(fd,
	    i->outside), i->apart, mirror, e) : 0;
}

/* Addresses that routers of the link tell, only where slaac asks for them. */
static int
take_no_routers(int netns, const struct engine_iface *i, struct error *e)
{
	AUTO_FREE char *path = xasprintf("/proc/sys/net/ipv6/conf/%s/accept_ra",
	    i->inside);
	struct stay stay = STAY_INIT;
	int fd, result = 0;

	if (enter(&stay, netns, e) < 0)
		return -1;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	/* no IPv6 at all will do, too */
	if (fd >= 0 && write(fd, "0\n", 2) != 2)
		result = error_sys(e, "%s", path);
	close_fd(&fd);
	return leave(&stay, e) < 0 ? -1 : result;
}

static int
attach_pair(int fd, int inside, int netns, const char *scope,
    const struct engine_iface *i, struct error *e)
{
	if (make_pair(fd, scope, i, netns, e) < 0)
		return -1;
	if (i->kind == IFACE_BRIDGE && !i->slaac &&
	    take_no_routers(netns, i, e) < 0)
		return -1;
	if (tc_apply(fd, i, e) < 0)
		return -1;
	return link_configure(inside, link_index(inside, i->inside), i, e);
}

int
linux_own_attach(const struct engine_spec *spec, int netns, struct error *e)
{
	AUTO_FREE char *scope = linux_scope_of(spec->key);
	AUTO_CLOSE int fd = nl_open(NETLINK_ROUTE, e);
	AUTO_CLOSE int inside = fd < 0 ? -1 : linux_open_inside(netns, e);

	if (inside < 0 || pass_hold(spec, netns, e) < 0)
		return -1;
	for (size_t k = 0; k < spec->iface_count; k++) {
		const struct engine_iface *i = &spec->ifaces[k];

		if (i->kind == IFACE_PASS &&
		    pass_give(fd, inside, netns, i, e) < 0)
			return -1;
		if (ruleset_knows(i) && attach_pair(fd, inside, netns, scope,
		    i, e) < 0)
			return -1;
	}
	return 0;
}
