/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/xalloc.h"

/* How often a lookup is tried again that a rename in the jail disturbed. */
enum { LOOKUP_TRIES = 256 };

#ifdef __linux__
static int
open_inside(int rootfd, const char *path, int flags, mode_t mode)
{
	bool creates = (flags & O_CREAT) != 0 ||
	    (flags & O_TMPFILE) == O_TMPFILE;
	struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC),
		.mode = creates ? mode & 07777 : 0,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	/* EAGAIN: ".." met a rename or mount; the kernel will not guess. */
	for (int i = 0;; i++) {
		long fd = syscall(SYS_openat2, rootfd, path, &how, sizeof(how));

		if (fd >= 0 || i >= LOOKUP_TRIES ||
		    (errno != EAGAIN && errno != EINTR))
			return (int)fd;
	}
}
#else
/* Absolute links inside are refused here, where Linux resolves them inside. */
static int
open_inside(int rootfd, const char *path, int flags, mode_t mode)
{
	return openat(rootfd, path, flags | O_RESOLVE_BENEATH | O_CLOEXEC,
	    mode);
}
#endif

/* "/etc/rc.conf" -> "etc/rc.conf", "/" -> "." */
static const char *
relative(const char *path)
{
	if (*path != '/')
		return path;
	while (*path == '/')
		path++;
	return *path != '\0' ? path : ".";
}

static int
refuse_kind(const char *path, struct error *e)
{
	return error_set(e, ERROR_DATA, "%s: not a regular file", path);
}

/* Opened O_NONBLOCK so that a FIFO cannot hold us: make it an ordinary one. */
static int
settle(int fd, const char *path, bool nonblock, struct error *e)
{
	struct stat st;
	int flags;

	if (fstat(fd, &st) < 0)
		return error_sys(e, "%s", path);
	if (!S_ISREG(st.st_mode))
		return refuse_kind(path, e);
	if (nonblock)
		return 0;
	if ((flags = fcntl(fd, F_GETFL)) < 0 ||
	    fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return error_sys(e, "%s", path);
	return 0;
}

int
path_open(int rootfd, const char *path, int flags, mode_t mode,
    struct error *e)
{
	bool plain = (flags & O_DIRECTORY) == 0;
	AUTO_CLOSE int fd = -1;

#ifdef O_PATH
	plain = plain && (flags & O_PATH) == 0;
#endif
	fd = open_inside(rootfd, relative(path),
	    plain ? flags | O_NONBLOCK | O_NOCTTY : flags, mode);
	/* ENXIO: a socket, or a FIFO nobody reads. */
	if (fd < 0 && plain && (errno == ENXIO || errno == EISDIR))
		return refuse_kind(path, e);
	if (fd < 0)
		return error_sys(e, "%s", path);
	if (plain && settle(fd, path, (flags & O_NONBLOCK) != 0, e) < 0)
		return -1;
	return steal_fd(&fd);
}

int
path_open_any(int rootfd, const char *path, struct error *e)
{
#ifdef __linux__
	int fd = open_inside(rootfd, relative(path), O_PATH, 0);
#else
	int fd = open_inside(rootfd, relative(path),
	    O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
#endif

	if (fd < 0)
		return error_sys(e, "%s", path);
	return fd;
}

int
path_read(int rootfd, const char *path, size_t max, struct buf *text,
    struct error *e)
{
	AUTO_CLOSE int fd = path_open(rootfd, path, O_RDONLY, 0, e);

	if (fd < 0)
		return -1;
	if (file_read_fd(fd, max, text, e) < 0)
		return error_wrap(e, "%s", path);
	return 0;
}

/*
 * Open the directory prefix, of which name is the last component and dirfd the
 * directory before it; make it when it does not exist.  The lookup starts at
 * the root each time, because a component may be a link or "..".
 */
static int
enter(int rootfd, int dirfd, const char *prefix, const char *name, mode_t mode,
    struct error *e)
{
	int fd;

	for (int i = 0; i < 2; i++) {
		fd = open_inside(rootfd, prefix, O_RDONLY | O_DIRECTORY, 0);
		if (fd >= 0)
			return fd;
		if (errno != ENOENT)
			break;
		if (mkdirat(dirfd, name, mode) < 0 && errno != EEXIST)
			return error_sys(e, "mkdir %s", prefix);
		errno = ENOENT;
	}
	return error_sys(e, "%s", prefix);
}

int
path_mkdirs(int rootfd, const char *path, mode_t mode, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(relative(path));
	AUTO_CLOSE int dirfd = open_inside(rootfd, copy,
	    O_RDONLY | O_DIRECTORY, 0);
	char *end = copy;

	if (dirfd >= 0)
		return steal_fd(&dirfd);
	if (errno != ENOENT || *copy == '\0')
		return error_sys(e, "%s", path);
	dirfd = open_inside(rootfd, ".", O_RDONLY | O_DIRECTORY, 0);
	if (dirfd < 0)
		return error_sys(e, "%s", path);
	while (*end != '\0') {
		char *name = end + strspn(end, "/");
		char saved;
		int next;

		end = name + strcspn(name, "/");
		if (end == name)
			break;
		saved = *end;
		*end = '\0';
		next = enter(rootfd, dirfd, copy, name, mode, e);
		*end = saved;
		if (next < 0)
			return -1;
		close_fd(&dirfd);
		dirfd = next;
	}
	return steal_fd(&dirfd);
}
