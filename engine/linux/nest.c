/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* gaol in a jail: what the jail around leaves of children.max. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/linux/linux.h"
#include "engine/linux/sys.h"

/* user_namespaces(7): the first namespace maps all ids onto themselves. */
bool
linux_has_ids(void)
{
	unsigned inside = 1, outside = 1, count = 0;
	AUTO_FILE FILE *f = fopen("/proc/self/uid_map", "re");

	return f != NULL && fscanf(f, "%u %u %u", &inside, &outside,
	    &count) == 3 && count >= 0xf0000000;
}

static unsigned long
most_jails(void)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;

	if (file_read(AT_FDCWD, "/proc/sys/user/max_pid_namespaces", 64, &text,
	    &ignored) < 0)
		return 0;
	return strtoul(buf_text(&text), NULL, 10);
}

int
linux_check_children(const struct engine_spec *spec, struct error *e)
{
	unsigned long most;

	if (spec->children_max == 0 || linux_has_ids())
		return 0;
	most = most_jails();
	if (spec->children_max < most)
		return 0;
	return error_set(e, ERROR_UNSUPPORTED, "children.max: the jail around "
	    "has children.max = %lu, and a jail in it can have less only",
	    most);
}

pid_t
linux_clone_jail(struct clone_args *args, struct error *e)
{
	const struct timespec pause = { 0, 2000000 };
	uint64_t end = 0;
	pid_t pid;

	/* a jail that has just ended counts until the kernel has cleared up */
	while ((pid = sys_clone3(args)) < 0 && errno == ENOSPC) {
		if (linux_has_ids())
			return error_set(e, ERROR_UNSUPPORTED, "this host has "
			    "no more namespaces: sysctl user.max_*_namespaces");
		if (end == 0)
			end = clock_ms() + 1000;
		if (clock_ms() >= end)
			return error_set(e, ERROR_UNSUPPORTED, "the jail "
			    "around has children.max = %lu, and that many run "
			    "already", most_jails());
		nanosleep(&pause, NULL);
	}
	return pid < 0 ? error_sys(e, "make namespaces") : pid;
}
