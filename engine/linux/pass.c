/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/auto.h"
#include "engine/linux/link.h"
#include "engine/linux/net_linux.h"
#include "engine/linux/nlmsg.h"
#include "engine/linux/pass.h"

bool
pass_any(const struct engine_spec *spec)
{
	for (size_t k = 0; k < spec->iface_count; k++)
		if (spec->ifaces[k].kind == IFACE_PASS)
			return true;
	return false;
}

static char *
held_path(const struct engine_spec *spec)
{
	return xasprintf("%s/net/.%s.ns", spec->run, spec->name);
}

int
pass_hold(const struct engine_spec *spec, int netns, struct error *e)
{
	AUTO_FREE char *path = NULL;
	AUTO_FREE char *source = xasprintf("/proc/self/fd/%d", netns);
	AUTO_CLOSE int fd = -1;

	if (!pass_any(spec))
		return 0;
	path = held_path(spec);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || mount(source, path, NULL, MS_BIND, NULL) < 0)
		return error_sys(e, "%s", path);
	return 0;
}

int
pass_give(int fd, int inside, int netns, const struct engine_iface *i,
    struct error *e)
{
	unsigned index = link_index(fd, i->link);

	if (index == 0)
		return error_set(e, ERROR_NOT_FOUND, "net = if:%s: the host "
		    "has no such interface, or it is in another jail", i->link);
	if (link_give(fd, index, netns, i->inside, e) < 0)
		return error_wrap(e, "net = if:%s", i->link);
	return link_configure(inside, link_index(inside, i->inside), i, e);
}

/* Its name may be another's by now. */
static int
take_back(int inside, int own, const struct engine_iface *i, struct error *e)
{
	unsigned index = link_index(inside, i->inside);

	if (index == 0)
		return 0;
	if (link_give(inside, index, own, i->link, e) < 0)
		return error_wrap(e, "take back the interface %s (%s in the "
		    "jail)", i->link, i->inside);
	return 0;
}

int
pass_take_back(const struct engine_spec *spec, struct error *e)
{
	AUTO_FREE char *path = NULL;
	AUTO_CLOSE int netns = -1;
	AUTO_CLOSE int own = -1;
	AUTO_CLOSE int inside = -1;

	if (!pass_any(spec))
		return 0;
	path = held_path(spec);
	netns = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (netns < 0)
		return errno == ENOENT ? 0 : error_sys(e, "%s", path);
	/* a file that nothing is mounted on is of a start that was cut off */
	if (linux_is_netns(netns)) {
		own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		if (own < 0)
			return error_sys(e, "/proc/self/ns/net");
		inside = linux_open_inside(netns, e);
		if (inside < 0)
			return -1;
		for (size_t k = 0; k < spec->iface_count; k++)
			if (spec->ifaces[k].kind == IFACE_PASS &&
			    take_back(inside, own, &spec->ifaces[k], e) < 0)
				return -1;
		if (umount2(path, MNT_DETACH) < 0)
			return error_sys(e, "umount %s", path);
	}
	if (unlink(path) < 0 && errno != ENOENT)
		return error_sys(e, "%s", path);
	return 0;
}
