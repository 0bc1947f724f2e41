/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What a manifest says of a file, made so. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/sysmacros.h>
#endif

#include "base/attr.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sync.h"

/* Directories held open; those above are reopened through "..". */
enum { WINDOW = 64 };

static void
place_fini(struct sync_place *p)
{
	close_fd(&p->fd);
	close_fd(&p->base);
	strings_fini(&p->names);
	free(p->dir);
	buf_fini(&p->attrs);
}

int
sync_push(struct sync_stack *s, int fd, int base, const char *name,
    struct error *e)
{
	struct sync_place *p;

	VEC_PUSH(s, (struct sync_place){ .fd = fd, .base = base,
	    .path = s->path.len });
	p = sync_top(s);
	if (*name != '\0')
		buf_printf(&s->path, "%s%s", s->path.len > 0 ? "/" : "", name);
	if (s->path.len > SYNC_PATH_MAX)
		return error_set(e, ERROR_DATA, "directories are too deep");
	if (fstat(fd, &p->st) < 0 ||
	    (base >= 0 && fstat(base, &p->base_st) < 0))
		return error_sys(e, "%s", buf_text(&s->path));
	if (s->count > WINDOW) {
		close_fd(&s->items[s->count - 1 - WINDOW].fd);
		close_fd(&s->items[s->count - 1 - WINDOW].base);
	}
	return 0;
}

static int
reopen(int below, const struct stat *was, struct error *e)
{
	AUTO_CLOSE int fd = openat(below, "..",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_sys(e, "open ..");
	if (st.st_ino != was->st_ino || st.st_dev != was->st_dev)
		return error_set(e, ERROR_BUSY, "a directory was moved away");
	return steal_fd(&fd);
}

int
sync_pop(struct sync_stack *s, struct error *e)
{
	struct sync_place *p = sync_top(s), *above;
	int result = 0;

	if (s->count > 1) {
		above = p - 1;
		if (above->fd < 0)
			above->fd = reopen(p->fd, &above->st, e);
		if (above->fd >= 0 && above->base < 0 && p->base >= 0)
			above->base = reopen(p->base, &above->base_st, e);
		if (above->fd < 0 || (p->base >= 0 && above->base < 0))
			result = -1;
	}
	s->path.len = p->path;
	if (s->path.data != NULL)
		s->path.data[s->path.len] = '\0';
	place_fini(p);
	s->count--;
	return result;
}

void
sync_stack_fini(struct sync_stack *s)
{
	for (size_t i = 0; i < s->count; i++)
		place_fini(&s->items[i]);
	VEC_FINI(s);
	buf_fini(&s->path);
}

char *
sync_path(const struct sync_stack *s, const char *name)
{
	return s->path.len > 0 ? xasprintf("%s/%s", s->path.data, name) :
	    xstrdup(name);
}

static int
stat_at(int dirfd, const char *name, struct stat *st)
{
	return name == NULL ? fstat(dirfd, st) :
	    fstatat(dirfd, name, st, AT_SYMLINK_NOFOLLOW);
}

static int
set_owner(int dirfd, const char *name, const struct sync_record *r)
{
	return name == NULL ? fchown(dirfd, r->uid, r->gid) :
	    fchownat(dirfd, name, r->uid, r->gid, AT_SYMLINK_NOFOLLOW);
}

static int
set_mode(int dirfd, const char *name, mode_t mode)
{
	return name == NULL ? fchmod(dirfd, mode) :
	    fchmodat(dirfd, name, mode, 0);
}

static int
set_attrs(int dirfd, const char *name, const struct sync_record *r)
{
	AUTO_BUF struct buf have = BUF_INIT;

	if (attr_read(dirfd, name, &have) < 0)
		return -1;
	if (have.len == r->attrs_len && (have.len == 0 ||
	    memcmp(have.data, r->attrs, have.len) == 0))
		return 0;
	return attr_write(dirfd, name, r->attrs, r->attrs_len);
}

int
sync_status(int dirfd, const char *name, const struct sync_record *r)
{
	const struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = (time_t)r->mtime, .tv_nsec = (long)r->nsec },
	};
	mode_t mode = r->mode & 07777;
	struct stat st;
	int owned = 0;

	if (stat_at(dirfd, name, &st) < 0)
		return -1;
	if (st.st_uid != r->uid || st.st_gid != r->gid)
		owned = set_owner(dirfd, name, r);
	if (owned < 0 && (geteuid() == 0 || errno != EPERM))
		return -1;
	/* without its owner a file is not set-user-id */
	if (owned < 0)
		mode &= 01777;
	/* a new owner has cleared the bits already */
	if (!S_ISLNK(st.st_mode) && ((st.st_mode & 07777) != mode ||
	    st.st_uid != r->uid || st.st_gid != r->gid) &&
	    set_mode(dirfd, name, mode) < 0)
		return -1;
	if (set_attrs(dirfd, name, r) < 0)
		return -1;
	if (st.st_mtim.tv_sec == times[1].tv_sec &&
	    st.st_mtim.tv_nsec == times[1].tv_nsec)
		return 0;
	return name == NULL ? futimens(dirfd, times) :
	    utimensat(dirfd, name, times, AT_SYMLINK_NOFOLLOW);
}

static bool
is_there(int dirfd, const char *name, const struct sync_record *r,
    const struct stat *st)
{
	struct sync_record there = { .kind = r->kind };
	char target[sizeof(r->target)];
	ssize_t n;

	sync_record_stat(&there, st);
	if ((there.mode & S_IFMT) != (r->mode & S_IFMT) || st->st_nlink > 1)
		return false;
	if (r->kind == SYNC_NODE)
		return S_ISFIFO(r->mode) || there.rdev == r->rdev;
	n = readlinkat(dirfd, name, target, sizeof(target));
	return n == (ssize_t)strlen(r->target) &&
	    memcmp(target, r->target, (size_t)n) == 0;
}

int
sync_special(int dirfd, const char *name, const struct sync_record *r)
{
	struct error ignored = ERROR_INIT;
	struct stat st;
	int made;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (is_there(dirfd, name, r, &st))
			return sync_status(dirfd, name, r);
		if (path_remove_tree(dirfd, name, &ignored) < 0) {
			errno = ignored.sys_errno != 0 ? ignored.sys_errno :
			    EBUSY;
			return -1;
		}
	}
	made = r->kind == SYNC_SYMLINK ? symlinkat(r->target, dirfd, name) :
	    mknodat(dirfd, name, (r->mode & S_IFMT) | 0600,
	    makedev((unsigned)(r->rdev >> 32), (unsigned)r->rdev));
	return made < 0 ? -1 : sync_status(dirfd, name, r);
}

int
sync_describe(int dirfd, const char *name, struct sync_record *r,
    struct buf *attrs)
{
	struct stat st;
	ssize_t n;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	memset(r, 0, offsetof(struct sync_record, target));
	r->kind = S_ISDIR(st.st_mode) ? SYNC_DIR : S_ISREG(st.st_mode) ?
	    SYNC_FILE : S_ISLNK(st.st_mode) ? SYNC_SYMLINK : SYNC_NODE;
	sync_record_stat(r, &st);
	if (r->kind == SYNC_SYMLINK) {
		n = readlinkat(dirfd, name, r->target, sizeof(r->target));
		if (n == (ssize_t)sizeof(r->target))
			errno = ENAMETOOLONG;
		if (n <= 0 || n == (ssize_t)sizeof(r->target))
			return -1;
		r->target[n] = '\0';
	}
	if (r->kind == SYNC_FILE) {
		sync_token(&st, r->token);
		r->young = false;
	}
	if (attr_read(dirfd, name, attrs) < 0)
		return -1;
	r->attrs = (const uint8_t *)attrs->data;
	r->attrs_len = attrs->len;
	return 0;
}

static int
revert_failed(const char *name, struct error *e)
{
	return error_sys(e, "put back %s as in the release", name);
}

static int
revert_file(int dirfd, int base, const char *name, const struct sync_record *r,
    struct error *e)
{
	AUTO_CLOSE int from = openat(base, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	AUTO_CLOSE int to = -1;

	if (from < 0)
		return revert_failed(name, e);
	if (path_remove_tree(dirfd, name, e) < 0)
		return -1;
	to = openat(dirfd, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0 || path_copy_data(from, to) < 0 ||
	    sync_status(to, NULL, r) < 0)
		return revert_failed(name, e);
	return 0;
}

static int
read_names(int fd, struct strings *names, struct error *e)
{
	int copy = file_opendir(fd, ".", e);
	const struct dirent *d;

	if (copy < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(copy);
	if (dir == NULL) {
		close(copy);
		return error_sys(e, "read a directory");
	}
	while ((d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			strings_add(names, d->d_name);
	strings_sort(names);
	return 0;
}

/* No deeper than the release is, which is trusted. */
static int
revert_directory(int dirfd, int base, const char *name,
    const struct sync_record *r, struct error *e)
{
	AUTO_STRINGS struct strings wanted = VEC_INIT, there = VEC_INIT;
	AUTO_CLOSE int from = file_opendir(base, name, e);
	AUTO_CLOSE int to = -1;
	size_t i = 0;

	if (from < 0)
		return -1;
	to = openat(dirfd, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0) {
		if (path_remove_tree(dirfd, name, e) < 0)
			return -1;
		if (mkdirat(dirfd, name, 0700) < 0)
			return revert_failed(name, e);
		to = file_opendir(dirfd, name, e);
	}
	if (to < 0 || read_names(from, &wanted, e) < 0 ||
	    read_names(to, &there, e) < 0)
		return -1;
	for (size_t n = 0; n < there.count; n++) {
		while (i < wanted.count &&
		    strcmp(wanted.items[i], there.items[n]) < 0)
			i++;
		if ((i == wanted.count ||
		    strcmp(wanted.items[i], there.items[n]) != 0) &&
		    path_remove_tree(to, there.items[n], e) < 0)
			return -1;
	}
	for (size_t n = 0; n < wanted.count; n++)
		if (sync_revert(to, from, wanted.items[n], e) < 0)
			return -1;
	return sync_status(to, NULL, r) < 0 ? revert_failed(name, e) : 0;
}

int
sync_revert(int dirfd, int base, const char *name, struct error *e)
{
	AUTO_FREE struct sync_record *r = xcalloc(1, sizeof(*r));
	AUTO_BUF struct buf attrs = BUF_INIT;
	struct stat st;

	if (sync_describe(base, name, r, &attrs) < 0)
		return error_sys(e, "%s of the release", name);
	if (r->kind == SYNC_DIR)
		return revert_directory(dirfd, base, name, r, e);
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		struct stat below;

		/* not copied up, or with the same contents */
		if ((fstatat(base, name, &below, AT_SYMLINK_NOFOLLOW) == 0 &&
		    below.st_ctim.tv_sec == st.st_ctim.tv_sec &&
		    below.st_ctim.tv_nsec == st.st_ctim.tv_nsec &&
		    below.st_mode == st.st_mode) ||
		    path_same_file(dirfd, base, name, &st))
			return 0;
	}
	if (r->kind == SYNC_FILE)
		return revert_file(dirfd, base, name, r, e);
	return sync_special(dirfd, name, r) < 0 ? revert_failed(name, e) : 0;
}
