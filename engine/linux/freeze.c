/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A running jail stands still while its files are copied: cgroups(7). */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/linux.h"

enum { FREEZE_TIMEOUT_MS = 10000 };
#define FREEZER "/sys/fs/cgroup/freezer"

static int
put(int dir, const char *file, const char *text)
{
	AUTO_CLOSE int fd = openat(dir, file, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

/* Until file has the line; false when it takes too long. */
static bool
wait_for(int dir, const char *file, const char *line)
{
	const struct timespec pause = { 0, 200000 };
	uint64_t end = clock_ms() + FREEZE_TIMEOUT_MS;

	do {
		AUTO_BUF struct buf text = BUF_INIT;
		struct error ignored = ERROR_INIT;

		if (file_read(dir, file, 4096, &text, &ignored) < 0)
			return false;
		if (strstr(buf_text(&text), line) != NULL)
			return true;
		nanosleep(&pause, NULL);
	} while (clock_ms() < end);
	return false;
}

static int
freeze_v2(int dir, bool frozen, struct error *e)
{
	if (put(dir, "cgroup.freeze", frozen ? "1" : "0") < 0)
		return error_sys(e, "freeze the jail");
	if (frozen && !wait_for(dir, "cgroup.events", "frozen 1"))
		return error_set(e, ERROR_BUSY,
		    "the processes of the jail cannot be frozen");
	return 0;
}

/* All members of one group into another; false when there was none. */
static bool
move_members(int from, int to)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;
	char *line, *rest;
	bool any = false;

	if (file_read(from, "cgroup.procs", 16 << 20, &text, &ignored) < 0)
		return false;
	rest = text.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0' && put(to, "cgroup.procs", line) == 0)
			any = true;
	return any;
}

/* The members stay in the group of their own hierarchy; this one only holds
 * them still. */
static int
freeze_v1(int members, const char *key, struct error *e)
{
	AUTO_FREE char *path = xasprintf(FREEZER "/%s", key);
	AUTO_CLOSE int group = -1;
	size_t before = 0;

	if (file_mkdirs(AT_FDCWD, path, 0755, e) < 0)
		return error_wrap(e, "a snapshot of a running jail needs "
		    "cgroup v2 or the v1 freezer");
	group = file_opendir(AT_FDCWD, path, e);
	if (group < 0)
		return -1;
	/* who forks meanwhile is met in the next round */
	for (int round = 0; round < 100; round++) {
		AUTO_BUF struct buf text = BUF_INIT;

		if (!move_members(members, group) ||
		    file_read(group, "cgroup.procs", 16 << 20, &text, e) < 0)
			break;
		if (text.len == before)
			break;
		before = text.len;
	}
	if (put(group, "freezer.state", "FROZEN") < 0 ||
	    !wait_for(group, "freezer.state", "FROZEN"))
		return error_sys(e, "freeze the jail");
	return 0;
}

static int
thaw_v1(const char *key, struct error *e)
{
	AUTO_FREE char *path = xasprintf(FREEZER "/%s", key);
	AUTO_CLOSE int group = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int top = open(FREEZER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *slash;

	if (group < 0 || top < 0)
		return 0;
	if (put(group, "freezer.state", "THAWED") < 0 && errno != ENODEV)
		return error_sys(e, "let the jail go on");
	for (int round = 0; round < 100 && move_members(group, top); round++)
		;
	if (rmdir(path) < 0 && errno != ENOENT)
		return error_sys(e, "remove %s", path);
	slash = strrchr(path, '/');
	*slash = '\0';
	/* the scope's own, unless another jail is frozen */
	if (rmdir(path) < 0)
		return 0;
	return 0;
}

int
cgroup_freeze(const char *key, bool frozen, struct error *e)
{
	struct cgroup cg;

	if (cgroup_open(key, &cg, e) < 0)
		return -1;
	AUTO_CLOSE int dir = cg.fd;
	if (dir < 0)
		return frozen ? error_set(e, ERROR_UNSUPPORTED,
		    "a snapshot of a running jail needs control groups") : 0;
	if (cg.v2)
		return freeze_v2(dir, frozen, e);
	return frozen ? freeze_v1(dir, key, e) : thaw_v1(key, e);
}

/*
 * A process that lets the jail go on when we are gone, whatever ends us: its
 * end of a pipe then reads as closed.  One jail at a time.
 */
static pid_t guard = -1;
static int guard_pipe = -1;

static int
start_guard(const char *key, struct error *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(e, "freeze the jail");
	guard = fork();
	if (guard < 0) {
		close(ends[0]);
		close(ends[1]);
		return error_sys(e, "freeze the jail");
	}
	if (guard == 0) {
		struct error ignored = ERROR_INIT;
		char byte;

		close(ends[1]);
		/* ^C is for the parent, whose end is what counts */
		signal(SIGINT, SIG_IGN);
		signal(SIGTERM, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
			;
		_exit(cgroup_freeze(key, false, &ignored) < 0);
	}
	close(ends[0]);
	guard_pipe = ends[1];
	return 0;
}

static void
end_guard(void)
{
	if (guard < 0)
		return;
	close_fd(&guard_pipe);
	while (waitpid(guard, NULL, 0) < 0 && errno == EINTR)
		;
	guard = -1;
}

int
linux_freeze(const struct engine_live *live, const char *key, bool frozen,
    struct error *e)
{
	int result;

	if (frozen && start_guard(key, e) < 0)
		return -1;
	result = cgroup_freeze(key, frozen, e);
	if (frozen && result == 0)
		return 0;
	if (frozen) {
		struct error ignored = ERROR_INIT;

		if (cgroup_freeze(key, false, &ignored) < 0)
			error_clear(&ignored);
	}
	end_guard();
	return result;
}
