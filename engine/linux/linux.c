/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "engine/linux/confine.h"
#include "engine/linux/limit.h"
#include "engine/linux/linux.h"
#include "engine/posix/zfs.h"

const char *
linux_helper(const char *name)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 64);
	char *slash;

	if (n > 0) {
		path[n] = '\0';
		slash = strrchr(path, '/');
		snprintf(slash + 1, 64, "%.60s", name);
		if (access(path, X_OK) == 0)
			return path;
	}
	snprintf(path, sizeof(path), "%s/%s", GAOL_LIBEXEC, name);
	return path;
}

/* An option that was passed over could leave a mount writable. */
static int
check_options(const struct engine_mount *m, struct error *e)
{
	static const char *const words[] = {
		"ro", "rw", "nosuid", "noexec", "nodev",
	};
	static const char *const tmpfs_keys[] = {
		"size=", "mode=", "uid=", "gid=", "nr_inodes=",
	};
	const char *p = m->options;

	while (*p != '\0') {
		size_t len = strcspn(p, ",");
		bool known = false;

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			known |= len == strlen(words[i]) &&
			    strncmp(p, words[i], len) == 0;
		for (size_t i = 0; i < sizeof(tmpfs_keys) /
		    sizeof(tmpfs_keys[0]); i++)
			known |= strcmp(m->type, "tmpfs") == 0 &&
			    strncmp(p, tmpfs_keys[i],
			    strlen(tmpfs_keys[i])) == 0;
		if (!known)
			return error_set(e, ERROR_UNSUPPORTED, "mount on %s: "
			    "option %.*s is not known here; ro, rw, nosuid, "
			    "noexec, nodev are, and size, mode, uid, gid, "
			    "nr_inodes of tmpfs", m->target, (int)len, p);
		p += len + (p[len] == ',');
	}
	return 0;
}

static int
check_mounts(const struct engine_spec *spec, struct error *e)
{
	static const char *const types[] = {
		"nullfs", "tmpfs", "procfs", "linprocfs", "linsysfs",
	};

	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct engine_mount *m = &spec->mounts[i];
		size_t t = 0;

		while (t < sizeof(types) / sizeof(types[0]) &&
		    strcmp(types[t], m->type) != 0)
			t++;
		if (t == sizeof(types) / sizeof(types[0]))
			return error_set(e, ERROR_UNSUPPORTED, "mount on %s: "
			    "type %s needs a FreeBSD host; nullfs, tmpfs, "
			    "procfs, linprocfs and linsysfs work here",
			    m->target, m->type);
		if (check_options(m, e) < 0)
			return -1;
	}
	return 0;
}

int
linux_check(const struct engine_spec *spec, struct error *e)
{
	struct confine c;

	if (check_mounts(spec, e) < 0 || limit_check(spec, e) < 0)
		return -1;
	if ((spec->sysvmsg == SHARE_INHERIT) !=
	    (spec->sysvsem == SHARE_INHERIT) ||
	    (spec->sysvmsg == SHARE_INHERIT) !=
	    (spec->sysvshm == SHARE_INHERIT)) {
		if ((spec->sysvmsg == SHARE_NEW || spec->sysvsem == SHARE_NEW ||
		    spec->sysvshm == SHARE_NEW) &&
		    (spec->sysvmsg == SHARE_INHERIT ||
		    spec->sysvsem == SHARE_INHERIT ||
		    spec->sysvshm == SHARE_INHERIT))
			return error_set(e, ERROR_UNSUPPORTED,
			    "sysvmsg, sysvsem, sysvshm: Linux has one IPC "
			    "namespace for all three; new and inherit cannot "
			    "be mixed");
	}
	if (confine_plan(spec, &c, e) < 0)
		return -1;
	confine_fini(&c);
	return linux_check_children(spec, e);
}

static const char *const runs[] = { "linux", NULL };

static const struct engine linux_engine = {
	.name = "linux",
	.system = SYSTEM_LINUX,
	.check = linux_check,
	.make = linux_make,
	.boot = linux_boot,
	.boot_main = linux_boot_main,
	.boot_leave = linux_boot_leave,
	.start_free = linux_start_free,
	.alive = linux_alive,
	.alive_many = linux_alive_many,
	.exec = linux_exec,
	.stop = linux_stop,
	.kill = linux_kill,
	.mount_live = linux_mount,
	.umount_live = linux_umount,
	.within = linux_within,
	.freeze = linux_freeze,
	.limit = linux_limit,
	.usage = linux_usage,
	.listens = linux_listens,
	.processes = linux_processes,
	.root = linux_root,
	.root_path = linux_root_path,
	.probe = linux_probe,
	.has_ids = linux_has_ids,
	.runs = runs,
};

const struct engine *const engine_native = &linux_engine;
const struct store *const stores_native[] = {
	&store_zfs, &store_btrfs, &store_overlay, &store_dir, &store_memory, NULL
};
