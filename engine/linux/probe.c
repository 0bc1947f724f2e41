/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What doctor asks: can this host run jails, and what is left of dead ones. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/linux.h"
#include "engine/linux/sys.h"

static void __attribute__((format(printf, 4, 5)))
find(struct findings *f, enum finding_level level, const char *subject,
    const char *fmt, ...)
{
	AUTO_BUF struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	VEC_PUSH(f, (struct finding){ level, xstrdup(subject),
	    buf_steal(&text), false });
}

static void
probe_kernel(struct findings *f)
{
	struct utsname u;
	unsigned major = 0, minor = 0;

	uname(&u);
	if (sscanf(u.release, "%u.%u", &major, &minor) != 2)
		major = 0;
	if (major > 5 || (major == 5 && minor >= 19))
		find(f, FINDING_OK, "kernel", "Linux %s", u.release);
	else if (major == 5 && minor >= 15)
		find(f, FINDING_WARNING, "kernel", "Linux %s: thin jails need "
		    "userns = off before 5.19; store=dir works", u.release);
	else
		find(f, FINDING_BAD, "kernel", "Linux %s is older than 5.15",
		    u.release);
}

static uint64_t
read_number(const char *path)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;

	if (file_read(AT_FDCWD, path, 4096, &text, &ignored) < 0)
		return 0;
	return strtoull(buf_text(&text), NULL, 10);
}

static void
probe_userns(struct findings *f)
{
	uint64_t max = read_number("/proc/sys/user/max_user_namespaces");

	if (max == 0)
		find(f, FINDING_BAD, "user namespaces", "switched off; sysctl "
		    "user.max_user_namespaces=65536, or userns = off in every "
		    "jail");
	else
		find(f, FINDING_OK, "user namespaces", "up to %llu",
		    (unsigned long long)max);
}

static void
probe_filesystems(struct findings *f)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error e = ERROR_INIT;

	if (file_read(AT_FDCWD, "/proc/filesystems", 65536, &text, &e) < 0)
		find(f, FINDING_BAD, "/proc", "%s", e.msg);
	else if (strstr(buf_text(&text), "\toverlay\n") == NULL)
		find(f, FINDING_WARNING, "overlay", "not in the kernel (modprobe "
		    "overlay); thin jails need it, store=dir does not");
	else
		find(f, FINDING_OK, "overlay", "the kernel has it");
}

static void
probe_processes(struct findings *f)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;

	if (cgroup_has_pids() && file_read(AT_FDCWD,
	    "/sys/fs/cgroup/cgroup.subtree_control", 4096, &text,
	    &ignored) == 0 && strstr(buf_text(&text), "pids") != NULL)
		find(f, FINDING_OK, "processes", "at most %d in a jail",
		    CGROUP_PROCESSES);
	else
		find(f, FINDING_NOTE, "processes", "any number in a jail: "
		    "cgroup v2 does not have the pids controller here");
}

static void
probe_cgroups(struct findings *f)
{
	const char *layout = cgroup_layout();

	if (strcmp(layout, "none") == 0)
		find(f, FINDING_WARNING, "cgroups", "not mounted; the "
		    "processes of a jail are found by its pid namespace only");
	else if (strcmp(layout, "v1") == 0)
		find(f, FINDING_NOTE, "cgroups", "v1 only; with net = inherit "
		    "ports below 1024 need userns = off");
	else
		find(f, FINDING_OK, "cgroups", "%s", layout);
	probe_processes(f);
}

/* What no setting of this kernel would part. */
static void
probe_abstract(struct findings *f)
{
	find(f, FINDING_NOTE, "net = inherit", "a jail with it reaches the "
	    "abstract unix sockets of the host, too");
}

static void
probe_seccomp(struct findings *f)
{
	if (prctl(PR_GET_SECCOMP) < 0)
		find(f, FINDING_BAD, "seccomp", "not in the kernel: "
		    "CONFIG_SECCOMP_FILTER is needed");
	else
		find(f, FINDING_OK, "seccomp", "the kernel has it");
}

static void
probe_helper(struct findings *f)
{
	const char *path = linux_helper("gaol-init");
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & 0004) != 0)
		find(f, FINDING_WARNING, "gaol-init", "%s is readable, so that "
		    "root of a jail may debug its pid 1; chmod 0511 ends that",
		    path);
	else if (access(path, X_OK) < 0)
		find(f, FINDING_BAD, "gaol-init", "%s: %s; 'make install' "
		    "puts it there", path, strerror(errno));
	else
		find(f, FINDING_OK, "gaol-init", "%s", path);
}

/* Ranges that useradd(8) gives away and ours must not meet. */
static void
probe_subuid(struct findings *f)
{
	static const char *const files[] = { "/etc/subuid", "/etc/subgid" };

	for (size_t i = 0; i < 2; i++) {
		AUTO_BUF struct buf text = BUF_INIT;
		struct error ignored = ERROR_INIT;
		char *line, *rest;

		if (file_read(AT_FDCWD, files[i], 1 << 20, &text,
		    &ignored) < 0)
			continue;
		rest = text.data;
		while ((line = strsep(&rest, "\n")) != NULL) {
			unsigned long long first, count;
			const char *p = strchr(line, ':');

			if (p != NULL && sscanf(p, ":%llu:%llu", &first,
			    &count) == 2 && first + count > 0x70000000 &&
			    first < 0xf0000000)
				find(f, FINDING_WARNING, "id ranges",
				    "%s: '%s' meets the ids of jails, "
				    "1879048192 to 4026531839", files[i],
				    line);
		}
	}
}

static int
probe_leftovers(const char *scope, const struct strings *running, bool repair,
    struct findings *f, struct error *e)
{
	AUTO_STRINGS struct strings groups = VEC_INIT;

	if (cgroup_names(scope, &groups, e) < 0)
		return -1;
	for (size_t i = 0; i < groups.count; i++) {
		AUTO_FREE char *key = xasprintf("%s/%s", scope,
		    groups.items[i]);

		if (strings_index(running, groups.items[i]) >= 0)
			continue;
		find(f, FINDING_WARNING, "leftovers", "control group %s of a "
		    "jail that does not run%s", key, repair ? "; removed" :
		    "; 'gaol doctor --repair' removes it");
		if (!repair)
			continue;
		if (cgroup_remove(key, e) < 0)
			return -1;
		f->items[f->count - 1].repaired = true;
	}
	return 0;
}

int
linux_probe(const char *scope, const struct strings *running, bool repair,
    struct findings *findings, struct error *e)
{
	probe_kernel(findings);
	probe_userns(findings);
	probe_filesystems(findings);
	probe_cgroups(findings);
	probe_seccomp(findings);
	probe_helper(findings);
	probe_abstract(findings);
	probe_subuid(findings);
	return probe_leftovers(scope, running, repair, findings, e);
}
