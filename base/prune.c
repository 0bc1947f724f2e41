/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A whole tree becomes a layer on top of another: what is the same goes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/path.h"
#include "base/walk.h"
#include "base/xalloc.h"

enum { CHUNK = 64 << 10 };

/* As many bytes as there are up to size; -1 with errno. */
static ssize_t
read_full(int fd, char *data, size_t size)
{
	size_t have = 0;

	while (have < size) {
		ssize_t n = read(fd, data + have, size - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static bool
same_content(int a, int b)
{
	AUTO_FREE char *x = xrealloc(NULL, CHUNK);
	AUTO_FREE char *y = xrealloc(NULL, CHUNK);
	ssize_t n;

	do {
		n = read_full(a, x, CHUNK);
		if (n < 0 || read_full(b, y, CHUNK) != n ||
		    memcmp(x, y, (size_t)n) != 0)
			return false;
	} while (n == CHUNK);
	return true;
}

static bool
same_regular(int dir, int base, const char *name)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
	    O_CLOEXEC;
	AUTO_CLOSE int a = openat(dir, name, flags);
	AUTO_CLOSE int b = openat(base, name, flags);

	return a >= 0 && b >= 0 && path_same_status(a, b) &&
	    same_content(a, b);
}

static bool
same_target(int dir, int base, const char *name, const struct stat *st)
{
	size_t size = st->st_size > 0 ? (size_t)st->st_size + 1 : 4096;
	AUTO_FREE char *a = xcalloc(1, size + 1);
	AUTO_FREE char *b = xcalloc(1, size + 1);
	ssize_t n = readlinkat(dir, name, a, size);

	return n >= 0 && readlinkat(base, name, b, size) == n &&
	    memcmp(a, b, (size_t)n) == 0;
}

bool
path_same_file(int dir, int base, const char *name, const struct stat *st)
{
	struct stat other;

	if (fstatat(base, name, &other, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st->st_mode != other.st_mode || st->st_uid != other.st_uid ||
	    st->st_gid != other.st_gid || st->st_size != other.st_size)
		return false;
	if (S_ISREG(st->st_mode))
		return same_regular(dir, base, name);
	if (st->st_mtim.tv_sec != other.st_mtim.tv_sec ||
	    st->st_mtim.tv_nsec != other.st_mtim.tv_nsec)
		return false;
	if (S_ISLNK(st->st_mode))
		return same_target(dir, base, name, st);
	return st->st_rdev == other.st_rdev;
}

/* A file with several names is read once: path tells what file of the base it
 * is the same as. */
static bool
same_again(struct walk *w, struct walk_level *in, const char *name,
    const struct stat *st)
{
	AUTO_FREE char *twin = NULL;
	struct walk_link *link;
	struct stat other;
	bool made;

	if (!S_ISREG(st->st_mode) || st->st_nlink < 2 ||
	    fstatat(in->to, name, &other, AT_SYMLINK_NOFOLLOW) < 0)
		return path_same_file(in->fd, in->to, name, st);
	twin = xasprintf("%ju", (uintmax_t)other.st_ino);
	link = walk_links_find(w->arg, st, &made);
	if (link->path != NULL && strcmp(link->path, twin) == 0)
		return true;
	if (!path_same_file(in->fd, in->to, name, st))
		return false;
	free(link->path);
	link->path = STEAL(twin);
	return true;
}

static int
prune_file(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	struct stat st;

	if (fstatat(in->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return walk_failed(w, in, name, e);
	if (S_ISDIR(st.st_mode))
		return w->ops->directory(w, in, name);
	/* one that is immutable may as well stay: it is the same */
	if (same_again(w, in, name, &st) &&
	    unlinkat(in->fd, name, 0) < 0 && errno != EPERM)
		return walk_failed(w, in, name, e);
	return 0;
}

/* One that is only here stays as it is. */
static int
prune_directory(struct walk *w, struct walk_level *in, const char *name)
{
	struct stat st;

	return fstatat(in->to, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode);
}

/* What is below and not here is hidden by a device 0:0 (overlay(5)). */
static int
hide_missing(struct walk *w, struct walk_level *l, struct error *e)
{
	AUTO_CLOSE int fd = openat(l->to, ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_DIR DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *d;
	struct stat st;

	if (dir == NULL)
		return walk_failed(w, l, NULL, e);
	steal_fd(&fd);
	while ((d = readdir(dir)) != NULL)
		if (fstatat(l->fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
		    mknodat(l->fd, d->d_name, S_IFCHR | 0600, 0) < 0)
			return walk_failed(w, l, d->d_name, e);
	return 0;
}

static int
prune_enter(struct walk *w, struct walk_level *in, struct walk_level *entered,
    struct error *e)
{
	if (in != NULL) {
		entered->to = openat(in->to, entered->name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (entered->to < 0)
			return walk_failed(w, entered, NULL, e);
	}
	/* before its own times change */
	entered->there = path_same_status(entered->fd, entered->to);
	return hide_missing(w, entered, e);
}

static int
prune_leave(struct walk *w, struct walk_level *in, struct walk_level *left,
    struct error *e)
{
	const struct timespec times[2] = { left->st.st_atim,
	    left->st.st_mtim };

	if (in != NULL && left->there &&
	    unlinkat(in->fd, left->name, AT_REMOVEDIR) == 0)
		return 0;
	if (futimens(left->fd, times) < 0 && errno != EPERM)
		return walk_failed(w, left, NULL, e);
	return 0;
}

static int
prune_mount(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	return 0;
}

static const struct walk_ops prune_ops = {
	.verb = "compare",
	.file = prune_file,
	.directory = prune_directory,
	.enter = prune_enter,
	.leave = prune_leave,
	.mount = prune_mount,
};

int
path_prune_same(int fd, int below, struct error *e)
{
	struct walk_links links = { .slots = NULL };
	struct walk w = { .ops = &prune_ops, .arg = &links };
	int result, from = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int to = openat(below, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (from < 0 || to < 0) {
		error_sys(e, "compare");
		close_fd(&from);
		close_fd(&to);
		return -1;
	}
	result = walk_run(&w, from, to, "", e);
	walk_links_fini(&links);
	return result;
}
