/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The real kern_devfs.h.  Rulesets are of the whole host; the ioctls want a
 * descriptor of any mount of devfs. */
#include <sys/param.h>
#include <sys/ioctl.h>
#include <sys/queue.h>
#include <fs/devfs/devfs.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "engine/freebsd/kern_devfs.h"

static int
ask(unsigned long command, void *arg)
{
	AUTO_CLOSE int fd = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -1 : ioctl(fd, command, arg);
}

int
kern_devfs_next(int number)
{
	devfs_rsnum n = (devfs_rsnum)number;

	return ask(DEVFSIO_SGETNEXT, &n) < 0 ? 0 : n;
}

static bool
first_rule(int number, struct devfs_rule *r)
{
	memset(r, 0, sizeof(*r));
	r->dr_magic = DEVFS_MAGIC;
	r->dr_id = mkrid((devfs_rid)number, 0);
	return ask(DEVFSIO_RGETNEXT, r) == 0;
}

bool
kern_devfs_first(int number, char pattern[DEVFS_PATTERN])
{
	struct devfs_rule r;

	if (!first_rule(number, &r))
		return false;
	snprintf(pattern, DEVFS_PATTERN, "%s",
	    (r.dr_icond & DRC_PATHPTRN) != 0 ? r.dr_pathptrn : "");
	return true;
}

int
kern_devfs_add(int number, int place, const struct kern_devfs_rule *rule,
    struct error *e)
{
	struct devfs_rule r;

	memset(&r, 0, sizeof(r));
	r.dr_magic = DEVFS_MAGIC;
	r.dr_id = mkrid((devfs_rid)number, (devfs_rid)place);
	if (rule->pattern != NULL) {
		r.dr_icond |= DRC_PATHPTRN;
		snprintf(r.dr_pathptrn, sizeof(r.dr_pathptrn), "%s",
		    rule->pattern);
	}
	if (rule->include != 0) {
		r.dr_iacts |= DRA_INCSET;
		r.dr_incset = (devfs_rsnum)rule->include;
	} else {
		r.dr_iacts |= DRA_BACTS;
		r.dr_bacts = rule->hide ? DRB_HIDE : DRB_UNHIDE;
	}
	if (ask(DEVFSIO_RADD, &r) < 0)
		return error_sys(e, "devfs ruleset %d", number);
	return 0;
}

int
kern_devfs_clear(int number, struct error *e)
{
	struct devfs_rule r;

	while (first_rule(number, &r)) {
		devfs_rid id = r.dr_id;

		if (ask(DEVFSIO_RDEL, &id) < 0 && errno != ENOENT)
			return error_sys(e, "devfs ruleset %d", number);
	}
	return 0;
}
