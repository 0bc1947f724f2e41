/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/limit.h"
#include "engine/linux/sys.h"

enum { EMPTY_TIMEOUT_MS = 10000 };

/* Hierarchies in order of preference. */
static const struct {
	const char *path;
	bool v2;
} hierarchies[] = {
	{ "/sys/fs/cgroup", true },
	{ "/sys/fs/cgroup/unified", true },
	{ "/sys/fs/cgroup/pids", false },
	{ "/sys/fs/cgroup/systemd", false },
};

static bool
is_hierarchy(const char *path, bool v2)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type ==
	    (v2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC);
}

static const char *
find_hierarchy(bool *v2)
{
	static const char *found;
	static bool found_v2, looked;

	for (size_t i = 0; !looked &&
	    i < sizeof(hierarchies) / sizeof(hierarchies[0]); i++)
		if (is_hierarchy(hierarchies[i].path, hierarchies[i].v2)) {
			found = hierarchies[i].path;
			found_v2 = hierarchies[i].v2;
			break;
		}
	looked = true;
	*v2 = found_v2;
	return found;
}

const char *
cgroup_top(bool *v2)
{
	return find_hierarchy(v2);
}

bool
cgroup_is_v1(const char *path)
{
	return is_hierarchy(path, false);
}

const char *
cgroup_layout(void)
{
	bool v2;

	if (find_hierarchy(&v2) == NULL)
		return "none";
	if (!v2)
		return "v1";
	return is_hierarchy("/sys/fs/cgroup", true) ? "v2" :
	    "v1 and v2 (hybrid)";
}

/* A hybrid host has its controllers in v1. */
bool
cgroup_has_pids(void)
{
	bool v2;

	return find_hierarchy(&v2) == hierarchies[0].path;
}

static char *
path_of(const char *key, bool *v2)
{
	const char *top = find_hierarchy(v2);

	return top != NULL ? xasprintf("%s/%s", top, key) : NULL;
}

void
cgroup_fini(struct cgroup *cg)
{
	close_fd(&cg->fd);
}

int
cgroup_open(const char *key, struct cgroup *cg, struct error *e)
{
	AUTO_FREE char *path = path_of(key, &cg->v2);

	cg->fd = -1;
	if (path == NULL)
		return 0;
	cg->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cg->fd < 0 && errno != ENOENT)
		return error_sys(e, "%s", path);
	return 0;
}

static int
write_at(int fd, const char *file, const char *text)
{
	AUTO_CLOSE int f = openat(fd, file, O_WRONLY | O_CLOEXEC);

	if (f < 0)
		return -1;
	return write(f, text, strlen(text)) < 0 ? -1 : 0;
}

/* Above the jails' groups: each of them is to have a pids.max. */
static void
count_processes(const char *path)
{
	AUTO_FREE char *scope = xstrndup(path,
	    (size_t)(strrchr(path, '/') - path));
	AUTO_CLOSE int fd = open(scope, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		write_at(fd, "cgroup.subtree_control", "+pids");
}

/*
 * A jail that forks without end does not take the host with it.  Where pids is
 * a controller of v1 this would cost more than the whole start (0.4 ms).
 */
static void
limit_processes(const struct cgroup *cg)
{
	char text[16];

	if (cg->fd < 0 || !cgroup_has_pids())
		return;
	snprintf(text, sizeof(text), "%d", CGROUP_PROCESSES);
	write_at(cg->fd, "pids.max", text);
}

int
cgroup_make(const char *key, struct cgroup *cg, struct error *e)
{
	AUTO_FREE char *path = path_of(key, &cg->v2);

	cg->fd = -1;
	if (path == NULL)
		return 0;
	if (mkdir(path, 0755) < 0) {
		if (errno == EEXIST) {
			if (cgroup_remove(key, e) < 0)
				return -1;
		} else if (errno != ENOENT) {
			return error_sys(e, "make %s", path);
		}
		if (file_mkdirs(AT_FDCWD, path, 0755, e) < 0)
			return -1;
		if (cgroup_has_pids())
			count_processes(path);
	}
	if (cgroup_open(key, cg, e) < 0)
		return -1;
	limit_processes(cg);
	return 0;
}

int
cgroup_join(const struct cgroup *cg, pid_t pid, struct error *e)
{
	char text[16];

	if (cg->fd < 0)
		return 0;
	snprintf(text, sizeof(text), "%d", (int)pid);
	if (write_at(cg->fd, "cgroup.procs", text) < 0)
		return error_sys(e, "join the control group");
	return 0;
}

/* SIGKILL to every member; returns how many there were. */
static size_t
kill_members(int fd)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;
	size_t count = 0;
	char *line, *rest;

	if (file_read(fd, "cgroup.procs", 16 << 20, &text, &ignored) < 0)
		return 0;
	rest = text.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		pid_t pid = (pid_t)strtol(line, NULL, 10);

		if (pid > 1) {
			kill(pid, SIGKILL);
			count++;
		}
	}
	return count;
}

bool
cgroup_pids_has(const struct cgroup_pids *pids, pid_t pid)
{
	for (size_t i = 0; i < pids->count; i++)
		if (pids->items[i] == pid)
			return true;
	return false;
}

int
cgroup_list(const char *key, struct cgroup_pids *pids, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct cgroup cg;
	char *line, *rest;
	int result = 0;

	if (cgroup_open(key, &cg, e) < 0)
		return -1;
	if (cg.fd >= 0)
		result = file_read(cg.fd, "cgroup.procs", 16 << 20, &text, e);
	cgroup_fini(&cg);
	rest = text.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		pid_t pid = (pid_t)strtol(line, NULL, 10);

		if (pid > 0)
			VEC_PUSH(pids, pid);
	}
	return result;
}

/* Remove the groups below first: a nested gaol makes such. */
static void
remove_children(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_DIR DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
	const struct dirent *d;

	while (dir != NULL && (d = readdir(dir)) != NULL) {
		if (d->d_type != DT_DIR || d->d_name[0] == '.' ||
		    strcmp(d->d_name, LIMIT_MARK) == 0)
			continue;
		AUTO_CLOSE int child = openat(fd, d->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child < 0)
			continue;
		kill_members(child);
		remove_children(child);
		unlinkat(fd, d->d_name, AT_REMOVEDIR);
	}
}

/* Its limits in hierarchies of v1, then the mark that tells of them. */
static void
remove_limits(int fd, const char *key)
{
	if (faccessat(fd, LIMIT_MARK, F_OK, 0) == 0 &&
	    limit_groups_remove(key) == 0)
		unlinkat(fd, LIMIT_MARK, AT_REMOVEDIR);
}

int
cgroup_remove(const char *key, struct error *e)
{
	const struct timespec pause = { 0, 1000000 };
	uint64_t end = clock_ms() + EMPTY_TIMEOUT_MS;
	struct cgroup cg;
	bool v2;
	AUTO_FREE char *path = path_of(key, &v2);

	if (path == NULL || rmdir(path) == 0 || errno == ENOENT)
		return 0;
	if (cgroup_open(key, &cg, e) < 0)
		return -1;
	AUTO_CLOSE int fd = cg.fd;
	while (fd >= 0) {
		if (write_at(fd, "cgroup.kill", "1") < 0)
			kill_members(fd);
		remove_children(fd);
		remove_limits(fd, key);
		if (rmdir(path) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			return error_sys(e, "remove %s", path);
		if (clock_ms() >= end)
			return error_set(e, ERROR_BUSY,
			    "processes in %s do not end", path);
		nanosleep(&pause, NULL);
	}
	return 0;
}

int
cgroup_names(const char *scope, struct strings *names, struct error *e)
{
	bool v2;
	AUTO_FREE char *path = path_of(scope, &v2);
	AUTO_DIR DIR *dir = path != NULL ? opendir(path) : NULL;
	const struct dirent *d;

	while (dir != NULL && (d = readdir(dir)) != NULL)
		if (d->d_type == DT_DIR && d->d_name[0] != '.')
			strings_add(names, d->d_name);
	strings_sort(names);
	return 0;
}

static int
attach_program(int cgroup_fd, int program, enum bpf_attach_type type)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cgroup_fd;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = type;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	return (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr));
}

static int
load_program(enum bpf_attach_type type)
{
	/* r0 = 3: allow, and without the capability (bit 1); exit */
	static const struct bpf_insn code[] = {
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 3 },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR;
	attr.expected_attach_type = type;
	attr.insns = (uint64_t)(uintptr_t)code;
	attr.insn_cnt = sizeof(code) / sizeof(code[0]);
	attr.license = (uint64_t)(uintptr_t)"BSD";
	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

int
cgroup_reserved_ports(const struct cgroup *cg, struct error *e)
{
	static const enum bpf_attach_type types[] = {
		BPF_CGROUP_INET4_BIND, BPF_CGROUP_INET6_BIND,
	};

	if (cg->fd < 0 || !cg->v2)
		return error_set(e, ERROR_UNSUPPORTED, "allow.reserved_ports "
		    "with net = inherit needs cgroup v2, or userns = off");
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		AUTO_CLOSE int program = load_program(types[i]);

		if (program < 0 ||
		    attach_program(cg->fd, program, types[i]) < 0)
			return error_sys(e,
			    "BPF program for allow.reserved_ports");
	}
	return 0;
}
