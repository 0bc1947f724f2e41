/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * What a jail uses: from its control groups, and from /proc of its processes
 * where it has no group that counts.  The times and transfers of a process
 * that has ended are with its parent, so that both only grow.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/limit.h"
#include "engine/linux/linux.h"

enum { FILE_MAX_SIZE = 1 << 16 };

/* The number behind a word that begins a line; ENGINE_UNKNOWN without. */
static uint64_t
number_of(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = text; p != NULL && *p != '\0';) {
		if (strncmp(p, word, len) == 0)
			return strtoull(p + len, NULL, 10);
		p = strchr(p, '\n');
		p = p != NULL ? p + 1 : NULL;
	}
	return ENGINE_UNKNOWN;
}

/* The sum of all numbers behind a word, such as "rbytes=" of io.stat. */
static uint64_t
sum_of(const char *text, const char *word)
{
	uint64_t sum = 0;

	for (const char *p = text; (p = strstr(p, word)) != NULL;) {
		p += strlen(word);
		sum += strtoull(p, NULL, 10);
	}
	return sum;
}

static bool
read_small(int dir, const char *file, struct buf *text)
{
	struct error ignored = ERROR_INIT;

	buf_clear(text);
	return dir >= 0 && file_read(dir, file, FILE_MAX_SIZE, text,
	    &ignored) == 0;
}

static uint64_t
read_number(int dir, const char *file)
{
	AUTO_BUF struct buf text = BUF_INIT;

	return read_small(dir, file, &text) ?
	    strtoull(buf_text(&text), NULL, 10) : ENGINE_UNKNOWN;
}

static void
put(uint64_t *to, uint64_t value)
{
	if (value != ENGINE_UNKNOWN)
		*to = value;
}

static void
add(uint64_t *to, uint64_t value)
{
	if (value != ENGINE_UNKNOWN)
		*to = (*to == ENGINE_UNKNOWN ? 0 : *to) + value;
}

/* /proc/PID, opened; -1 when it has ended. */
static int
open_process(pid_t pid)
{
	AUTO_FREE char *path = xasprintf("/proc/%d", (int)pid);

	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* proc_pid_stat(5): utime, stime and those of children that were reaped. */
static bool
read_stat(int dir, struct engine_process *p)
{
	AUTO_BUF struct buf text = BUF_INIT;
	unsigned long long user, sys;
	long long child_user, child_sys;
	const char *end;

	if (!read_small(dir, "stat", &text))
		return false;
	end = strrchr(buf_text(&text), ')');
	if (end == NULL || sscanf(end + 1, " %c %*d %*d %*d %*d %*d %*u %*u "
	    "%*u %*u %*u %llu %llu %lld %lld", &p->state, &user, &sys,
	    &child_user, &child_sys) != 5)
		return false;
	p->cpu_us = (user + sys + (unsigned long long)child_user +
	    (unsigned long long)child_sys) * 1000000 /
	    (uint64_t)sysconf(_SC_CLK_TCK);
	return true;
}

/* What is its own and no file's: what two processes share counts once. */
static uint64_t
read_memory(int dir)
{
	AUTO_BUF struct buf text = BUF_INIT;
	unsigned long long size, resident, shared;

	if (!read_small(dir, "statm", &text) || sscanf(buf_text(&text),
	    "%llu %llu %llu", &size, &resident, &shared) != 3)
		return ENGINE_UNKNOWN;
	return (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t
count_files(int dir)
{
	AUTO_CLOSE int fd = openat(dir, "fd",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_DIR DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *d;
	uint64_t count = 0;

	if (list == NULL)
		return 0;
	steal_fd(&fd);
	while ((d = readdir(list)) != NULL)
		count += d->d_name[0] != '.';
	return count;
}

static void
add_process(pid_t pid, struct engine_usage *u)
{
	AUTO_CLOSE int dir = open_process(pid);
	AUTO_BUF struct buf text = BUF_INIT;
	struct engine_process p = { .state = '?' };
	uint64_t files;

	if (dir < 0 || !read_stat(dir, &p))
		return;
	add(&u->processes, 1);
	add(&u->cpu_us, p.cpu_us);
	add(&u->memory, read_memory(dir));
	if (read_small(dir, "io", &text)) {
		add(&u->read_bytes, number_of(buf_text(&text),
		    "read_bytes: "));
		add(&u->write_bytes, number_of(buf_text(&text),
		    "write_bytes: "));
	}
	/* limit.openfiles is each process's: the one that has most */
	files = count_files(dir);
	if (u->openfiles == ENGINE_UNKNOWN || files > u->openfiles)
		u->openfiles = files;
}

/* "  eth0: 1 2 3 ...": received bytes first, sent ones ninth; not of lo. */
static void
read_net(const struct engine_live *live, struct engine_usage *u)
{
	AUTO_FREE char *ns = xasprintf("/proc/%d/ns/net", (int)live->jid);
	AUTO_FREE char *file = xasprintf("/proc/%d/net/dev", (int)live->jid);
	AUTO_BUF struct buf text = BUF_INIT;
	struct stat theirs, ours;
	char *line, *rest;

	/* the host's own is nobody's use */
	if (stat(ns, &theirs) < 0 || stat("/proc/self/ns/net", &ours) < 0 ||
	    theirs.st_ino == ours.st_ino ||
	    !read_small(AT_FDCWD, file, &text))
		return;
	u->net_in = u->net_out = 0;
	rest = text.data;
	while ((line = strsep(&rest, "\n")) != NULL) {
		char *colon = strchr(line, ':');
		unsigned long long in, out;

		line += strspn(line, " ");
		if (colon == NULL || strncmp(line, "lo:", 3) == 0 ||
		    sscanf(colon + 1, "%llu %*u %*u %*u %*u %*u %*u %*u %llu",
		    &in, &out) != 2)
			continue;
		u->net_in += in;
		u->net_out += out;
	}
}

static void
read_memory_group(const struct limit_groups *g, struct engine_usage *u)
{
	int fd = g->fds[LIMIT_MEMORY];
	AUTO_BUF struct buf text = BUF_INIT;
	bool v2 = g->v2[LIMIT_MEMORY];

	put(&u->memory, read_number(fd, v2 ? "memory.current" :
	    "memory.usage_in_bytes"));
	if (v2)
		put(&u->swap, read_number(fd, "memory.swap.current"));
	else if (read_small(fd, "memory.stat", &text))
		put(&u->swap, number_of(buf_text(&text), "swap "));
	if (read_small(fd, v2 ? "memory.events" : "memory.oom_control",
	    &text))
		put(&u->oom_kills, number_of(buf_text(&text), "oom_kill "));
}

static void
read_io_group(const struct limit_groups *g, struct engine_usage *u)
{
	int fd = g->fds[LIMIT_IO];
	AUTO_BUF struct buf text = BUF_INIT;

	if (g->v2[LIMIT_IO]) {
		if (!read_small(fd, "io.stat", &text))
			return;
		u->read_bytes = sum_of(buf_text(&text), "rbytes=");
		u->write_bytes = sum_of(buf_text(&text), "wbytes=");
		u->reads = sum_of(buf_text(&text), "rios=");
		u->writes = sum_of(buf_text(&text), "wios=");
		return;
	}
	if (read_small(fd, "blkio.throttle.io_serviced", &text)) {
		u->reads = sum_of(buf_text(&text), " Read ");
		u->writes = sum_of(buf_text(&text), " Write ");
	}
}

static int
read_groups(const char *key, struct engine_usage *u, struct error *e)
{
	AUTO_GROUPS struct limit_groups g = LIMIT_GROUPS_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	struct cgroup own;

	if (limit_groups_open(key, &g, e) < 0 ||
	    cgroup_open(key, &own, e) < 0)
		return -1;
	/* in v2 that file is there without a controller */
	if (own.v2 && read_small(own.fd, "cpu.stat", &text))
		put(&u->cpu_us, number_of(buf_text(&text), "usage_usec "));
	cgroup_fini(&own);
	read_memory_group(&g, u);
	read_io_group(&g, u);
	put(&u->processes, read_number(g.fds[LIMIT_PIDS], "pids.current"));
	return 0;
}

/* Where there are no control groups: by the pid namespace. */
static int
list_namespace(const struct engine_live *live, struct cgroup_pids *pids,
    struct error *e)
{
	AUTO_FREE char *own = xasprintf("/proc/%d/ns/pid", (int)live->jid);
	AUTO_DIR DIR *dir = opendir("/proc");
	const struct dirent *d;
	struct stat theirs, one;

	if (dir == NULL)
		return error_sys(e, "/proc");
	if (stat(own, &theirs) < 0)
		return 0;
	while ((d = readdir(dir)) != NULL) {
		AUTO_FREE char *path = xasprintf("/proc/%s/ns/pid", d->d_name);

		if (d->d_name[0] >= '1' && d->d_name[0] <= '9' &&
		    stat(path, &one) == 0 && one.st_ino == theirs.st_ino)
			VEC_PUSH(pids, (pid_t)strtol(d->d_name, NULL, 10));
	}
	return 0;
}

static int
list_pids(const struct engine_live *live, const char *key,
    struct cgroup_pids *pids, struct error *e)
{
	bool v2;

	return cgroup_top(&v2) != NULL ? cgroup_list(key, pids, e) :
	    list_namespace(live, pids, e);
}

int
linux_usage(const struct engine_live *live, const char *key,
    struct engine_usage *u, struct error *e)
{
	struct cgroup_pids pids = VEC_INIT;

	memset(u, 0xff, sizeof(*u));	/* all of it ENGINE_UNKNOWN */
	if (list_pids(live, key, &pids, e) < 0)
		return -1;
	for (size_t i = 0; i < pids.count; i++)
		add_process(pids.items[i], u);
	VEC_FINI(&pids);
	read_net(live, u);
	return read_groups(key, u, e);
}

/* "NSpid:\t4711\t12": the last one is the jail's own number. */
static void
read_status(int dir, struct engine_process *p)
{
	AUTO_BUF struct buf text = BUF_INIT;
	char *line;

	if (!read_small(dir, "status", &text))
		return;
	p->uid = (uint32_t)number_of(buf_text(&text), "Uid:\t");
	line = strstr(text.data, "\nNSpid:");
	if (line == NULL)
		return;
	line++;
	line[strcspn(line, "\n")] = '\0';
	p->inside = strtoll(strrchr(line, '\t') + 1, NULL, 10);
}

/* The arguments, or the name in brackets of what has none. */
static char *
read_command(int dir)
{
	AUTO_BUF struct buf text = BUF_INIT;

	if (read_small(dir, "cmdline", &text) && text.len > 0) {
		for (size_t i = 0; i + 1 < text.len; i++)
			if (text.data[i] == '\0' || text.data[i] == '\n')
				text.data[i] = ' ';
		return xstrdup(text.data);
	}
	if (!read_small(dir, "comm", &text))
		return xstrdup("");
	text.data[strcspn(buf_text(&text), "\n")] = '\0';
	return xasprintf("[%s]", text.data);
}

int
linux_processes(const struct engine_live *live, const char *key,
    struct engine_processes *list, struct error *e)
{
	struct cgroup_pids pids = VEC_INIT;

	if (list_pids(live, key, &pids, e) < 0)
		return -1;
	for (size_t i = 0; i < pids.count; i++) {
		AUTO_CLOSE int dir = open_process(pids.items[i]);
		struct engine_process p = { .pid = pids.items[i] };

		if (dir < 0 || !read_stat(dir, &p))
			continue;
		p.memory = read_memory(dir);
		read_status(dir, &p);
		p.command = read_command(dir);
		VEC_PUSH(list, p);
	}
	VEC_FINI(&pids);
	return 0;
}
