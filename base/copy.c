/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#endif

#include "base/auto.h"
#include "base/path.h"
#include "base/walk.h"
#include "base/xalloc.h"

struct copy {
	struct walk_links links;	/* path: where the copy is, below to */
	int to;			/* the directory copied into */
	bool root;		/* owners must be kept, not only tried */
	bool no_clone;		/* the file system has no reflinks */
	bool no_offload;	/* nor copy_file_range(2) */
	const char *opaque;	/* merge: see path_merge_tree; else NULL */
	bool link;		/* files get another name, and no copy */
};

enum { CHUNK = 256 << 10 };

/* Reflink the whole file; false when it must be copied. */
static bool
clone_data(struct copy *c, int from, int to)
{
#ifdef FICLONE
	if (c->no_clone)
		return false;
	if (ioctl(to, FICLONE, from) == 0)
		return true;
	c->no_clone = errno == EOPNOTSUPP || errno == ENOTTY ||
	    errno == EXDEV || errno == ENOSYS;
#endif
	return false;
}

/* By read(2) and write(2); to's offset is not used. */
static int
pump(int from, int to, off_t at, off_t end)
{
	AUTO_FREE char *data = xrealloc(NULL, CHUNK);

	while (at < end) {
		size_t want = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
		ssize_t n = pread(from, data, want, at), done = 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		while (done < n) {
			ssize_t m = pwrite(to, data + done,
			    (size_t)(n - done), at + done);

			if (m < 0 && errno != EINTR)
				return -1;
			done += m > 0 ? m : 0;
		}
		at += n;
	}
	return 0;
}

/* The bytes from at to end; a file that is shorter by now ends it. */
static int
copy_range(struct copy *c, int from, int to, off_t at, off_t end)
{
	while (at < end && !c->no_offload) {
		off_t in = at, out = at;
		size_t want = end - at < (1 << 30) ? (size_t)(end - at) :
		    1 << 30;
		ssize_t n = copy_file_range(from, &in, to, &out, want, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == ENOSPC || errno == EDQUOT ||
		    errno == EIO || errno == EFBIG))
			return -1;
		if (n < 0)
			c->no_offload = errno == ENOSYS || errno == EXDEV ||
			    errno == EOPNOTSUPP;
		/* Some file systems say 0 for what read(2) would give. */
		if (n <= 0)
			break;
		at += n;
	}
	return at < end ? pump(from, to, at, end) : 0;
}

static int
copy_sparse(struct copy *c, int from, int to, off_t size)
{
	off_t at = 0, data, hole;

	while (at < size) {
		if ((data = lseek(from, at, SEEK_DATA)) < 0) {
			if (errno == ENXIO)
				break;
			return copy_range(c, from, to, at, size);
		}
		hole = lseek(from, data, SEEK_HOLE);
		if (hole < 0 || hole > size)
			hole = size;
		if (data < hole && copy_range(c, from, to, data, hole) < 0)
			return -1;
		at = hole > data ? hole : size;
	}
	return 0;
}

static int
copy_data(struct copy *c, int from, int to, const struct stat *st)
{
	if (st->st_size == 0 || clone_data(c, from, to))
		return 0;
	if ((off_t)st->st_blocks * 512 >= st->st_size)
		return copy_range(c, from, to, 0, st->st_size);
	if (copy_sparse(c, from, to, st->st_size) < 0)
		return -1;
	return ftruncate(to, st->st_size);
}

#ifdef __linux__
/*
 * What belongs to the file.  Labels of the host's own security modules do not.
 */
static bool
attribute_wanted(const char *name)
{
	return strncmp(name, "user.", 5) == 0 ||
	    strncmp(name, "trusted.", 8) == 0 ||
	    strcmp(name, "security.capability") == 0 ||
	    strncmp(name, "system.posix_acl_", 17) == 0;
}

/* What carries attributes: an open file, or a path for what has none. */
struct bearer {
	int fd;
	const char *path;	/* NULL: fd */
};

static ssize_t
attribute_read(const struct bearer *b, const char *name, char *value,
    size_t size)
{
	if (b->path != NULL)
		return name == NULL ? llistxattr(b->path, value, size) :
		    lgetxattr(b->path, name, value, size);
	return name == NULL ? flistxattr(b->fd, value, size) :
	    fgetxattr(b->fd, name, value, size);
}

/* The list of names, or one value; *len is its length. */
static char *
attribute_get(const struct bearer *b, const char *name, size_t *len)
{
	for (;;) {
		ssize_t n = attribute_read(b, name, NULL, 0);
		AUTO_FREE char *value = NULL;

		if (n < 0)
			return NULL;
		value = xrealloc(NULL, (size_t)n + 1);
		if (n > 0)
			n = attribute_read(b, name, value, (size_t)n);
		if (n < 0 && errno == ERANGE)
			continue;
		if (n < 0)
			return NULL;
		value[n] = '\0';
		*len = (size_t)n;
		return STEAL(value);
	}
}

static int
attribute_set(const struct bearer *b, const char *name, const char *value,
    size_t size)
{
	if (b->path != NULL)
		return lsetxattr(b->path, name, value, size, 0);
	return fsetxattr(b->fd, name, value, size, 0);
}

static int
attributes_copy(const struct copy *c, const struct bearer *from,
    const struct bearer *to)
{
	AUTO_FREE char *names = NULL;
	size_t len = 0, size = 0;

	if ((names = attribute_get(from, NULL, &len)) == NULL)
		return errno == EOPNOTSUPP || errno == ENOENT ? 0 : -1;
	for (const char *n = names; n < names + len; n += strlen(n) + 1) {
		AUTO_FREE char *value = NULL;

		if (!attribute_wanted(n))
			continue;
		if ((value = attribute_get(from, n, &size)) == NULL) {
			if (errno == ENODATA)
				continue;
			return -1;
		}
		if (attribute_set(to, n, value, size) < 0 &&
		    (c->root || errno != EPERM))
			return -1;
	}
	return 0;
}

static int
copy_attributes(const struct copy *c, int from, int to)
{
	return attributes_copy(c, &(struct bearer) { from, NULL },
	    &(struct bearer) { to, NULL });
}

/* Links and devices are not opened: through /proc, the last name as it is. */
static int
copy_attributes_at(const struct copy *c, int from, int to, const char *name)
{
	char source[320], target[320];

	snprintf(source, sizeof(source), "/proc/self/fd/%d/%s", from, name);
	snprintf(target, sizeof(target), "/proc/self/fd/%d/%s", to, name);
	return attributes_copy(c, &(struct bearer) { -1, source },
	    &(struct bearer) { -1, target });
}

static bool
attribute_there(int fd, const char *name)
{
	return fd >= 0 && fgetxattr(fd, name, NULL, 0) >= 0;
}

static int
attribute_mark(int fd, const char *name)
{
	return fsetxattr(fd, name, "y", 1, 0);
}
#else
static bool
attribute_there(int fd, const char *name)
{
	return false;
}

static int
attribute_mark(int fd, const char *name)
{
	errno = EOPNOTSUPP;
	return -1;
}

static int
copy_attributes(const struct copy *c, int from, int to)
{
	return 0;
}

static int
copy_attributes_at(const struct copy *c, int from, int to, const char *name)
{
	return 0;
}
#endif

/*
 * Mode bits to give after the owner was given: without its owner a file is not
 * set-user-id.
 */
static mode_t
mode_after(int chown_result, const struct stat *st)
{
	return st->st_mode & (chown_result == 0 ? 07777 : 01777);
}

/* Owner, then mode (chown clears set-user-id), attributes, times last. */
static int
finish(const struct copy *c, int from, int to, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	int owned = fchown(to, st->st_uid, st->st_gid);

	if (owned < 0 && (c->root || errno != EPERM))
		return -1;
	if (fchmod(to, mode_after(owned, st)) < 0 ||
	    (from >= 0 && copy_attributes(c, from, to) < 0))
		return -1;
	return futimens(to, times);
}

static int
finish_at(const struct copy *c, int from, int to, const char *name,
    const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	int owned = fchownat(to, name, st->st_uid, st->st_gid,
	    AT_SYMLINK_NOFOLLOW);

	if (owned < 0 && (c->root || errno != EPERM))
		return -1;
	if (!S_ISLNK(st->st_mode) &&
	    fchmodat(to, name, mode_after(owned, st), 0) < 0)
		return -1;
	if (from >= 0 && copy_attributes_at(c, from, to, name) < 0)
		return -1;
	return utimensat(to, name, times, AT_SYMLINK_NOFOLLOW);
}

static int
copy_regular(struct copy *c, int from, int todir, const char *name,
    const struct stat *st)
{
	AUTO_CLOSE int to = openat(todir, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (to < 0 || copy_data(c, from, to, st) < 0)
		return -1;
	return finish(c, from, to, st);
}

static int
copy_symlink(int from, int to, const char *name, const struct stat *st)
{
	size_t size = st->st_size > 0 ? (size_t)st->st_size + 1 : 4096;
	AUTO_FREE char *target = xrealloc(NULL, size + 1);
	ssize_t n = readlinkat(from, name, target, size);

	if (n < 0)
		return -1;
	/* Longer than it was: somebody replaced it. */
	if ((size_t)n == size) {
		errno = EBUSY;
		return -1;
	}
	target[n] = '\0';
	return symlinkat(target, to, name);
}

/* Where something is mounted only the place is kept. */
static int
copy_place(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	struct stat st;
	int made;

	if (fstatat(in->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : walk_failed(w, in, name, e);
	made = S_ISDIR(st.st_mode) ? mkdirat(in->to, name, 0700) :
	    mknodat(in->to, name, S_IFREG | 0600, 0);
	if (made < 0 || finish_at(w->arg, -1, in->to, name, &st) < 0)
		return walk_failed(w, in, name, e);
	return 0;
}

/*
 * Make name another link of the copy at path below c->to.  Step by step:
 * path may be longer than the kernel takes.
 */
static int
link_to(const struct copy *c, const char *path, int to, const char *name)
{
	AUTO_FREE char *copy = xstrdup(path);
	AUTO_CLOSE int dirfd = -1;
	char *part = copy;

	for (char *slash; (slash = strchr(part, '/')) != NULL;
	    part = slash + 1) {
		int next;

		*slash = '\0';
		next = openat(dirfd >= 0 ? dirfd : c->to, part,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return -1;
		close_fd(&dirfd);
		dirfd = next;
	}
	return linkat(dirfd >= 0 ? dirfd : c->to, part, to, name, 0);
}

/* 1: linked to an earlier copy; 0: it has to be copied; -1. */
static int
try_link(struct walk *w, struct walk_level *in, const char *name,
    const struct stat *st)
{
	struct copy *c = w->arg;
	struct buf path = BUF_INIT;
	struct walk_link *link;
	bool made;

	if (st->st_nlink < 2)
		return 0;
	link = walk_links_find(&c->links, st, &made);
	if (!made && link_to(c, link->path, in->to, name) == 0)
		return 1;
	/* As many links as the file system can: begin with a new copy. */
	if (!made && errno != EMLINK)
		return -1;
	walk_path(w, in, name, &path);
	free(link->path);
	link->path = buf_steal(&path);
	return 0;
}

/* A regular file, opened; its status is that of the open file. */
static int
copy_opened(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	AUTO_CLOSE int fd = walk_open(in->fd, name, O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int linked;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && errno == EXDEV)
		return copy_place(w, in, name, e);
	if (fd < 0 || fstat(fd, &st) < 0)
		return walk_failed(w, in, name, e);
	if (!S_ISREG(st.st_mode)) {
		errno = EBUSY;
		return walk_failed(w, in, name, e);
	}
	linked = try_link(w, in, name, &st);
	if (linked < 0 || (linked == 0 &&
	    copy_regular(w->arg, fd, in->to, name, &st) < 0))
		return walk_failed(w, in, name, e);
	return 0;
}

/* Merge: what the twin of in has of that name; NULL when it has nothing. */
static const struct stat *
twin_of(const struct walk *w, const struct walk_level *in, const char *name,
    struct stat *st)
{
	const struct copy *c = w->arg;

	if (c->opaque == NULL ||
	    fstatat(in->to, name, st, AT_SYMLINK_NOFOLLOW) < 0)
		return NULL;
	return st;
}

/* Merge: a directory is gone into unless what is there hides it. */
static int
copy_directory(struct walk *w, struct walk_level *in, const char *name)
{
	const struct copy *c = w->arg;
	struct stat st;

	if (twin_of(w, in, name, &st) == NULL)
		return 1;
	if (!S_ISDIR(st.st_mode))
		return 0;
	AUTO_CLOSE int to = openat(in->to, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return !attribute_there(to, c->opaque);
}

/* A directory above anything else shows nothing of what is below that. */
static int
hide(struct walk *w, struct walk_level *in, const char *name,
    const struct stat *there, struct error *e)
{
	const struct copy *c = w->arg;

	if (!S_ISDIR(there->st_mode))
		return 0;
	AUTO_CLOSE int to = openat(in->to, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0 || attribute_mark(to, c->opaque) < 0)
		return walk_failed(w, in, name, e);
	return 0;
}

static int
copy_file(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	const struct copy *c = w->arg;
	struct stat st, there;
	int made;

	if (fstatat(in->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : walk_failed(w, in, name, e);
	if (S_ISDIR(st.st_mode))
		return copy_directory(w, in, name);
	if (twin_of(w, in, name, &there) != NULL)
		return hide(w, in, name, &there, e);
	if (c->link && linkat(in->fd, name, in->to, name, 0) == 0)
		return 0;
	if (S_ISREG(st.st_mode))
		return copy_opened(w, in, name, e);
	/* Nobody listens on the copy of a socket. */
	if (S_ISSOCK(st.st_mode))
		return 0;
	made = try_link(w, in, name, &st);
	if (made > 0)
		return 0;
	if (made == 0)
		made = S_ISLNK(st.st_mode) ?
		    copy_symlink(in->fd, in->to, name, &st) :
		    mknodat(in->to, name, (st.st_mode & S_IFMT) | 0600,
		    st.st_rdev);
	if (made < 0 || finish_at(w->arg, in->fd, in->to, name, &st) < 0)
		return walk_failed(w, in, name, e);
	return 0;
}

static int
copy_enter(struct walk *w, struct walk_level *in, struct walk_level *entered,
    struct error *e)
{
	const struct copy *c = w->arg;
	struct stat st;

	if (fstat(c->to, &st) < 0)
		return walk_failed(w, entered, NULL, e);
	if (st.st_dev == entered->st.st_dev && st.st_ino == entered->st.st_ino)
		return error_set(e, ERROR_USAGE,
		    "a directory cannot be copied into itself");
	entered->there = in == NULL && c->opaque != NULL;
	if (in == NULL)
		return 0;
	if (mkdirat(in->to, entered->name, 0700) < 0) {
		if (errno != EEXIST || c->opaque == NULL)
			return walk_failed(w, entered, NULL, e);
		entered->there = true;
	}
	entered->to = openat(in->to, entered->name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return entered->to >= 0 ? 0 : walk_failed(w, entered, NULL, e);
}

static int
copy_leave(struct walk *w, struct walk_level *in, struct walk_level *left,
    struct error *e)
{
	const struct copy *c = w->arg;

	if (left->there) {
		if (attribute_there(left->fd, c->opaque) &&
		    attribute_mark(left->to, c->opaque) < 0)
			return walk_failed(w, left, NULL, e);
	} else if (finish(c, left->fd, left->to, &left->st) < 0) {
		return walk_failed(w, left, NULL, e);
	}
	return 0;
}

static const struct walk_ops copy_ops = {
	.verb = "copy",
	.file = copy_file,
	.directory = copy_directory,
	.enter = copy_enter,
	.leave = copy_leave,
	.mount = copy_place,
};

static int
copy_tree(struct copy *c, int fromfd, int tofd, struct error *e)
{
	struct walk w = { .ops = &copy_ops, .arg = c };
	int from = openat(fromfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int to = openat(tofd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (from < 0 || to < 0) {
		result = error_sys(e, "copy");
		close_fd(&from);
		close_fd(&to);
		return result;
	}
	result = walk_run(&w, from, to, "", e);
	walk_links_fini(&c->links);
	return result;
}

int
path_copy_data(int fromfd, int tofd)
{
	struct copy c = { .to = -1 };
	struct stat st;

	return fstat(fromfd, &st) < 0 ? -1 :
	    copy_data(&c, fromfd, tofd, &st);
}

int
path_copy_tree(int fromfd, int tofd, struct error *e)
{
	struct copy c = { .to = tofd, .root = geteuid() == 0 };

	return copy_tree(&c, fromfd, tofd, e);
}

int
path_link_tree(int fromfd, int tofd, struct error *e)
{
	struct copy c = { .to = tofd, .root = geteuid() == 0, .link = true };

	return copy_tree(&c, fromfd, tofd, e);
}

int
path_merge_tree(int fromfd, int tofd, const char *opaque, struct error *e)
{
	struct copy c = { .to = tofd, .root = geteuid() == 0,
	    .opaque = opaque };

	return copy_tree(&c, fromfd, tofd, e);
}

int
path_copy_status(int fromfd, int tofd, struct error *e)
{
	struct copy c = { .to = tofd, .root = geteuid() == 0 };
	struct stat st;

	if (fstat(fromfd, &st) < 0 || finish(&c, fromfd, tofd, &st) < 0)
		return error_sys(e, "copy of a directory");
	return 0;
}
