/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Interfaces of a stack of the jail's own: pairs on bridges. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>

#include "base/auto.h"
#include "engine/linux/ruleset.h"
#include "engine/linux/link.h"
#include "engine/linux/net_linux.h"
#include "engine/linux/nlmsg.h"

/* A socket of rtnetlink that belongs to the namespace netns. */
static int
open_inside(int netns, struct error *e)
{
	AUTO_CLOSE int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int fd;

	if (own < 0 || setns(netns, CLONE_NEWNET) < 0)
		return error_sys(e, "enter the jail's network");
	fd = nl_open(NETLINK_ROUTE, e);
	if (setns(own, CLONE_NEWNET) < 0) {
		/* never go on in the wrong one */
		close_fd(&fd);
		return error_sys(e, "leave the jail's network");
	}
	return fd;
}

static int
make_pair(int fd, const char *scope, const struct engine_iface *i, int netns,
    struct error *e)
{
	struct link_pair pair = {
		.outside = i->outside, .inside = i->inside, .mac = i->mac,
		.mtu = i->mtu, .bridge = link_index(fd, i->link),
		.group = ruleset_group(scope), .netns = netns,
	};

	if (pair.bridge == 0)
		return error_set(e, ERROR_NOT_FOUND,
		    "the host has no bridge %s", i->link);
	if (link_make_pair(fd, &pair, e) < 0) {
		if (e->sys_errno == EXFULL)
			return error_set(e, ERROR_FAILED, "the bridge %s is "
			    "full: 1,023 jails; another network takes more",
			    i->link);
		if (e->sys_errno == EOPNOTSUPP)
			return error_set(e, ERROR_UNSUPPORTED, "this kernel "
			    "has no veth interfaces (CONFIG_VETH)");
		return error_wrap(e, "interface %s at %s", i->inside, i->link);
	}
	return i->apart ? link_set_apart(fd, link_index(fd, i->outside), e) :
	    0;
}

int
linux_own_attach(const struct engine_spec *spec, int netns, struct error *e)
{
	AUTO_FREE char *scope = linux_scope_of(spec->key);
	AUTO_CLOSE int fd = nl_open(NETLINK_ROUTE, e);
	AUTO_CLOSE int inside = fd < 0 ? -1 : open_inside(netns, e);

	if (inside < 0)
		return -1;
	for (size_t k = 0; k < spec->iface_count; k++) {
		const struct engine_iface *i = &spec->ifaces[k];

		if (i->kind != IFACE_NETWORK && i->kind != IFACE_BRIDGE)
			continue;
		if (make_pair(fd, scope, i, netns, e) < 0 ||
		    link_configure(inside, link_index(inside, i->inside), i,
		    e) < 0)
			return -1;
	}
	return 0;
}
