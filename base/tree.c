/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/fs.h>
#include <sys/ioctl.h>
#endif

#include "base/auto.h"
#include "base/path.h"
#include "base/walk.h"
#include "base/xalloc.h"

/* How often a directory is emptied that somebody fills meanwhile. */
enum { EMPTY_TRIES = 64 };

/* Take immutable and append-only off an open file; others keep their flags. */
static void
clear_flags_fd(int fd)
{
#ifdef FS_IOC_SETFLAGS
	int flags = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 &&
	    (flags & (FS_IMMUTABLE_FL | FS_APPEND_FL)) != 0) {
		flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
		(void)ioctl(fd, FS_IOC_SETFLAGS, &flags);
	}
#elif defined(__FreeBSD__)
	(void)fchflags(fd, 0);
#endif
}

static void
clear_flags(int dirfd, const char *name)
{
#ifdef __FreeBSD__
	(void)chflagsat(dirfd, name, 0, AT_SYMLINK_NOFOLLOW);
#else
	AUTO_CLOSE int fd = -1;
	struct stat st;

	/* Only these have such flags, and only these are safe to open. */
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return;
	fd = openat(dirfd, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0)
		clear_flags_fd(fd);
#endif
}

/* Our own directory, but without the bits that we need: not for root. */
static void
make_open(int dirfd, const char *name)
{
	/* whether it helped shows in the second try */
	if (fchmodat(dirfd, name, 0700, AT_SYMLINK_NOFOLLOW) < 0)
		return;
}

/* unlinkat(2) with a second try; 0 also when it is gone already. */
static int
unlink_hard(int dirfd, const char *name, int flags)
{
	if (unlinkat(dirfd, name, flags) == 0 || errno == ENOENT)
		return 0;
	if (errno != EPERM && errno != EACCES)
		return -1;
	clear_flags_fd(dirfd);
	clear_flags(dirfd, name);
	if (unlinkat(dirfd, name, flags) == 0 || errno == ENOENT)
		return 0;
	return -1;
}

static bool
is_directory(int dirfd, const char *name)
{
	int saved = errno;
	struct stat st;
	bool is = fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode);

	errno = saved;
	return is;
}

static int
refuse_mount(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	AUTO_BUF struct buf path = BUF_INIT;

	walk_path(w, in, name, &path);
	return error_set(e, ERROR_BUSY,
	    "remove %s: something is mounted there", buf_text(&path));
}

static int
remove_file(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	if (unlink_hard(in->fd, name, 0) == 0)
		return 0;
	/* Linux says EISDIR for a directory, POSIX EPERM. */
	if (errno == EISDIR ||
	    (errno == EPERM && is_directory(in->fd, name)))
		return 1;
	if (errno == EBUSY)
		return refuse_mount(w, in, name, e);
	return walk_failed(w, in, name, e);
}

/* Many directories are empty: one call instead of seven. */
static int
remove_empty(struct walk *w, struct walk_level *in, const char *name)
{
	return unlinkat(in->fd, name, AT_REMOVEDIR) == 0 ? 0 : 1;
}

static int
remove_enter(struct walk *w, struct walk_level *in, struct walk_level *l,
    struct error *e)
{
	if ((l->st.st_mode & 0700) != 0700 && geteuid() != 0)
		(void)fchmod(l->fd, 0700);
	return 0;
}

/* What path_remove_tree was asked for: base in dirfd. */
struct removal {
	int dirfd;
	const char *base;
};

static int
remove_directory(struct walk *w, struct walk_level *in,
    struct walk_level *left, struct error *e)
{
	const struct removal *r = w->arg;
	int dirfd = in != NULL ? in->fd : r->dirfd;
	const char *name = in != NULL ? left->name : r->base;

	if (unlink_hard(dirfd, name, AT_REMOVEDIR) == 0)
		return 0;
	/* Something else took its name: the directory above finds it. */
	if (in != NULL && errno == ENOTDIR)
		return 0;
	/* Somebody fills it, or the file system skipped entries. */
	if ((errno == ENOTEMPTY || errno == EEXIST) &&
	    left->passes < EMPTY_TRIES)
		return 1;
	if (errno == EBUSY)
		return refuse_mount(w, left, NULL, e);
	return walk_failed(w, left, NULL, e);
}

static const struct walk_ops remove_ops = {
	.verb = "remove",
	.file = remove_file,
	.directory = remove_empty,
	.enter = remove_enter,
	.leave = remove_directory,
	.mount = refuse_mount,
	.denied = make_open,
};

static int
remove_at(const struct removal *r, const char *name, struct error *e)
{
	struct walk w = { .ops = &remove_ops };
	struct removal arg = *r;
	int fd = walk_open(r->dirfd, r->base, O_DIRECTORY);

	w.arg = &arg;
	if (fd < 0 && errno == EACCES) {
		make_open(r->dirfd, r->base);
		fd = walk_open(r->dirfd, r->base, O_DIRECTORY);
	}
	if (fd >= 0)
		return walk_run(&w, fd, -1, name, e);
	if (errno == EXDEV)
		return error_set(e, ERROR_BUSY,
		    "remove %s: something is mounted there", name);
	if ((errno == ENOTDIR || errno == ELOOP) &&
	    unlink_hard(r->dirfd, r->base, 0) == 0)
		return 0;
	return errno == ENOENT ? 0 : error_sys(e, "remove %s", name);
}

int
path_remove_tree(int dirfd, const char *name, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(name);
	AUTO_CLOSE int above = -1;
	struct removal r = { dirfd, copy };
	size_t len = strlen(copy);
	char *slash;

	while (len > 1 && copy[len - 1] == '/')
		copy[--len] = '\0';
	slash = strrchr(copy, '/');
	if (slash != NULL) {
		r.base = slash + 1;
		*slash = '\0';
		above = openat(dirfd, slash == copy ? "/" : copy,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (above < 0)
			return errno == ENOENT ? 0 :
			    error_sys(e, "remove %s", name);
		r.dirfd = above;
	}
	if (*r.base == '\0' || strcmp(r.base, ".") == 0 ||
	    strcmp(r.base, "..") == 0)
		return error_set(e, ERROR_USAGE,
		    "'%s' is nothing that can be removed", name);
	return remove_at(&r, name, e);
}

struct usage {
	uint64_t bytes;
	struct walk_links links;
};

static void
usage_add(struct usage *u, const struct stat *st)
{
	bool first = true;

	if (!S_ISDIR(st->st_mode) && st->st_nlink > 1)
		walk_links_find(&u->links, st, &first);
	if (first)
		u->bytes += (uint64_t)st->st_blocks * 512;
}

static int
usage_file(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	struct stat st;

	if (fstatat(in->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : walk_failed(w, in, name, e);
	if (S_ISDIR(st.st_mode))
		return 1;
	usage_add(w->arg, &st);
	return 0;
}

static int
usage_enter(struct walk *w, struct walk_level *in, struct walk_level *entered,
    struct error *e)
{
	usage_add(w->arg, &entered->st);
	return 0;
}

static int
usage_leave(struct walk *w, struct walk_level *in, struct walk_level *left,
    struct error *e)
{
	return 0;
}

static int
usage_mount(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	return 0;
}

static const struct walk_ops usage_ops = {
	.verb = "size of",
	.file = usage_file,
	.enter = usage_enter,
	.leave = usage_leave,
	.mount = usage_mount,
};

int
path_usage(int dirfd, const char *name, uint64_t *bytes, struct error *e)
{
	struct usage u = { 0, { NULL, 0, 0, NULL } };
	struct walk w = { .ops = &usage_ops, .arg = &u };
	struct stat st;
	int result = 0;
	int fd = openat(dirfd, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		result = walk_run(&w, fd, -1, name, e);
	else if ((errno == ENOTDIR || errno == ELOOP) &&
	    fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		usage_add(&u, &st);
	else
		result = error_sys(e, "size of %s", name);
	walk_links_fini(&u.links);
	if (result == 0)
		*bytes = u.bytes;
	return result;
}
