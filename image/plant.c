/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/sysmacros.h>
#endif

#include "base/auto.h"
#include "base/num.h"
#include "image/plant.h"
#include "image/stop.h"

/* Directories held open; those above are reopened through "..". */
enum { WINDOW = 64 };

/* Whose a new file is: ours, or (BSD) of the group that its directory is of. */
#ifdef __linux__
enum { OWNER_IS_DIRECTORYS = 0 };
#else
enum { OWNER_IS_DIRECTORYS = 1 };
#endif

void
plant_init(struct plant *p, const char *prefix)
{
	*p = (struct plant){ .prefix = prefix, .root_fd = -1, .root = geteuid() == 0,
	    .max_size = UINT64_MAX, .max_entries = UINT64_MAX };
}

static void
level_fini(struct plant_level *l)
{
	close_fd(&l->fd);
	tar_entry_fini(&l->entry);
}

void
plant_fini(struct plant *p)
{
	for (size_t i = 0; i < p->levels.count; i++)
		level_fini(&p->levels.items[i]);
	VEC_FINI(&p->levels);
	for (size_t i = 0; i < p->late.count; i++) {
		free(p->late.items[i].path);
		attrs_fini(&p->late.items[i].attrs);
	}
	VEC_FINI(&p->late);
	buf_fini(&p->path);
	close_fd(&p->root_fd);
}

/* What the disk refuses is its fault, what the name refuses the archive's. */
static int
failed(struct error *e)
{
	if (errno == EEXIST)
		return error_set(e, ERROR_DATA, "it comes twice");
	if (errno == ENAMETOOLONG || errno == EINVAL || errno == EILSEQ)
		return error_set(e, ERROR_DATA, "%s", strerror(errno));
	error_sys(e, "write");
	e->kind = ERROR_FAILED;
	return -1;
}

static int
check_name(const char *name, struct error *e)
{
	if (*name == '\0')
		return error_set(e, ERROR_DATA, "an empty name");
	while (*name != '\0') {
		size_t len = strcspn(name, "/");

		if (len == 0)
			return error_set(e, ERROR_DATA, "a name with '//'");
		if ((len == 1 && *name == '.') ||
		    (len == 2 && strncmp(name, "..", 2) == 0))
			return error_set(e, ERROR_DATA, "a name with '%.*s'",
			    (int)len, name);
		if (len > NAME_MAX)
			return error_set(e, ERROR_DATA, "a name too long");
		name += len;
		if (*name == '/' && *++name == '\0')
			return error_set(e, ERROR_DATA, "a name ends in '/'");
	}
	return 0;
}

/* What is below the prefix; "" is the tree's root itself. */
static int
relative(const struct plant *p, const struct buf *name, const char **path,
    struct error *e)
{
	size_t len = strlen(p->prefix);

	if (name->len < len || memcmp(name->data, p->prefix, len) != 0 ||
	    (name->data[len] != '\0' && name->data[len] != '/'))
		return error_set(e, ERROR_DATA, "it lies outside of %s/",
		    p->prefix);
	*path = name->data + len + (name->data[len] == '/');
	if (name->data[len] == '\0')
		return 0;
	return check_name(*path, e);
}

/* Owner, mode, attributes, times, in the order that keeps them. */
static int
set_status(struct plant *p, const struct attr_file *f,
    const struct tar_entry *t, bool has_mode, struct error *e)
{
	const struct timespec times[2] = { t->mtime, t->mtime };
	bool link = t->type == TAR_SYMLINK;
	bool other = t->uid != 0 || t->gid != 0;
	mode_t mode;
	int rc = 0;

	if (f->fd >= 0 && (other || !p->root || OWNER_IS_DIRECTORYS))
		rc = fchown(f->fd, t->uid, t->gid);
	else if (f->fd < 0)
		rc = fchownat(AT_FDCWD, f->name, t->uid, t->gid,
		    AT_SYMLINK_NOFOLLOW);
	if (rc < 0 && (p->root || errno != EPERM))
		return failed(e);
	/* without its owner a file is not set-user-id */
	mode = t->mode & (rc == 0 ? 07777 : 01777);
	if (!link && (!has_mode || (mode & 07000) != 0) && (f->fd >= 0 ?
	    fchmod(f->fd, mode) : fchmodat(AT_FDCWD, f->name, mode, 0)) < 0)
		return failed(e);
	if (t->attrs.count > 0 && attr_write(f, &t->attrs, &p->lost, e) < 0)
		return -1;
	rc = f->fd >= 0 ? futimens(f->fd, times) : utimensat(AT_FDCWD,
	    f->name, times, AT_SYMLINK_NOFOLLOW);
	return rc < 0 ? failed(e) : 0;
}

static void
note_late(struct plant *p, const struct tar_entry *t, const char *path)
{
	struct plant_late late = { NULL, VEC_INIT };

	if (t->attrs.count == 0 || !attr_late(&t->attrs))
		return;
	late.path = xstrdup(path);
	for (size_t i = 0; i < t->attrs.count; i++)
		attrs_add(&late.attrs, t->attrs.items[i].name,
		    t->attrs.items[i].value, t->attrs.items[i].len);
	VEC_PUSH(&p->late, late);
}

/* The lowest directory is complete: it gets what it was told to have. */
static int
leave(struct plant *p, struct error *e)
{
	struct plant_level *l = &p->levels.items[p->levels.count - 1];
	struct plant_level *above = p->levels.count > 1 ? l - 1 : NULL;
	struct attr_file f = { .fd = l->fd, .mode = S_IFDIR };

	if (above != NULL && above->fd < 0) {
		above->fd = openat(l->fd, "..",
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (above->fd < 0)
			return failed(e);
	}
	if (set_status(p, &f, &l->entry, false, e) < 0)
		return error_wrap(e, "directory '%.80s'", buf_text(&p->path));
	note_late(p, &l->entry, buf_text(&p->path));
	level_fini(l);
	p->levels.count--;
	p->path.len = above != NULL ? above->path_len : 0;
	if (p->path.data != NULL)
		p->path.data[p->path.len] = '\0';
	return 0;
}

/* Leave directories until the lowest is the one that path lies in. */
static int
find_parent(struct plant *p, const char *path, const char **name,
    struct error *e)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;

	*name = slash != NULL ? slash + 1 : path;
	while (p->levels.count > 1 && (p->path.len > len ||
	    memcmp(p->path.data, path, p->path.len) != 0 ||
	    (p->path.len < len && path[p->path.len] != '/')))
		if (leave(p, e) < 0)
			return -1;
	if (p->levels.count == 0 || p->path.len != len)
		return error_set(e, ERROR_DATA,
		    "its directory does not come just before it");
	return 0;
}

static int
lowest(const struct plant *p)
{
	return p->levels.items[p->levels.count - 1].fd;
}

/* entry's names and attributes move to the level. */
static void
push(struct plant *p, int fd, const char *path, struct tar_entry *entry)
{
	struct plant_level level = { fd, strlen(path), *entry };

	VEC_PUSH(&p->levels, level);
	*entry = (struct tar_entry)TAR_ENTRY_INIT;
	p->path.len = 0;
	buf_puts(&p->path, path);
	/* "" leaves no terminator of its own */
	if (p->path.data != NULL)
		p->path.data[p->path.len] = '\0';
	if (p->levels.count > WINDOW)
		close_fd(&p->levels.items[p->levels.count - 1 - WINDOW].fd);
}

static int
plant_directory(struct plant *p, const char *path, const char *name,
    struct tar_entry *t, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(path);	/* of t's memory */
	int fd;

	if (mkdirat(lowest(p), name, 0700) < 0)
		return failed(e);
	fd = openat(lowest(p), name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return failed(e);
	push(p, fd, copy, t);
	return 0;
}

static int
write_at(int fd, const unsigned char *data, size_t len, uint64_t at,
    struct error *e)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, data, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed(e);
		data += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

/* size bytes of the member from at on. */
static int
write_range(struct tar_in *t, int fd, uint64_t at, uint64_t size,
    struct error *e)
{
	while (size > 0) {
		const unsigned char *data;
		size_t n;

		if (tar_read_some(t, size, &data, &n, e) < 0)
			return -1;
		if (n == 0)
			return error_set(e, ERROR_DATA, "less data than told");
		if (write_at(fd, data, n, at, e) < 0 || stop_check(e) < 0)
			return -1;
		at += n;
		size -= n;
	}
	return 0;
}

static int
write_sparse(struct tar_in *t, int fd, struct tar_entry *entry,
    struct error *e)
{
	if (tar_read_map(t, entry, e) < 0)
		return -1;
	if (ftruncate(fd, (off_t)entry->real_size) < 0)
		return errno == EFBIG ? error_set(e, ERROR_DATA,
		    "larger than this file system can have") : failed(e);
	for (size_t i = 0; i < entry->extents.count; i++)
		if (write_range(t, fd, entry->extents.items[i].at,
		    entry->extents.items[i].len, e) < 0)
			return -1;
	return 0;
}

static int
plant_file(struct plant *p, struct tar_in *t, const char *path,
    const char *name, struct tar_entry *entry, struct error *e)
{
	struct attr_file f = { .fd = -1, .name = name, .mode = S_IFREG };
	int rc;

	AUTO_CLOSE int fd = openat(lowest(p), name, O_WRONLY | O_CREAT |
	    O_EXCL | O_NOFOLLOW | O_CLOEXEC, entry->mode & 0777);
	if (fd < 0)
		return failed(e);
	rc = entry->sparse ? write_sparse(t, fd, entry, e) :
	    write_range(t, fd, 0, entry->size, e);
	f.fd = fd;
	if (rc < 0 || set_status(p, &f, entry, true, e) < 0)
		return -1;
	note_late(p, entry, path);
	return 0;
}

/* By its name, from its directory: the calls for links take no descriptor. */
static int
finish_special(struct plant *p, const char *name,
    const struct tar_entry *entry, struct error *e)
{
	struct attr_file f = { .fd = -1, .name = name };

	if (fchdir(lowest(p)) < 0)
		return failed(e);
	return set_status(p, &f, entry, false, e);
}

static int
plant_special(struct plant *p, const char *name, struct tar_entry *entry,
    struct error *e)
{
	mode_t type = entry->type == TAR_FIFO ? S_IFIFO :
	    entry->type == TAR_CHAR ? S_IFCHR : S_IFBLK;
	int rc;

	if (type != S_IFIFO && !p->devices)
		return error_set(e, ERROR_DATA, "a device node, which only "
		    "--devices lets in");
	rc = type == S_IFIFO ? mkfifoat(lowest(p), name, 0600) :
	    mknodat(lowest(p), name, type | 0600,
	    makedev(entry->dev_major, entry->dev_minor));
	return rc < 0 ? failed(e) : finish_special(p, name, entry, e);
}

static int
plant_symlink(struct plant *p, const char *name, struct tar_entry *entry,
    struct error *e)
{
	if (symlinkat(entry->link.data, lowest(p), name) < 0)
		return failed(e);
	return finish_special(p, name, entry, e);
}

/* The directory of a path below the root that was made here, opened. */
static int
open_parent(const struct plant *p, char *path, const char **name)
{
	int fd = openat(p->root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (char *slash; fd >= 0 && (slash = strchr(path, '/')) != NULL;
	    path = slash + 1) {
		int next;

		*slash = '\0';
		next = openat(fd, path,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close_fd(&fd);
		fd = next;
	}
	*name = path;
	return fd;
}

static int
plant_link(struct plant *p, const char *name, struct tar_entry *entry,
    struct error *e)
{
	const char *target, *last;
	struct stat st;

	if (relative(p, &entry->link, &target, e) < 0)
		return error_wrap(e, "hard link");
	if (*target == '\0')
		return error_set(e, ERROR_DATA, "hard link to the root");
	AUTO_FREE char *copy = xstrdup(target);
	AUTO_CLOSE int fd = open_parent(p, copy, &last);
	if (fd < 0 || fstatat(fd, last, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || errno == ELOOP || errno == ENOTDIR ?
		    error_set(e, ERROR_DATA,
		    "hard link to a file that is not in the archive") :
		    failed(e);
	if (S_ISDIR(st.st_mode))
		return error_set(e, ERROR_DATA, "hard link to a directory");
	return linkat(fd, last, lowest(p), name, 0) < 0 ? failed(e) : 0;
}

static int
count(struct plant *p, const struct tar_entry *t, struct error *e)
{
	char limit[16];

	if (++p->entries > p->max_entries)
		return error_set(e, ERROR_DATA, "more than %ju files",
		    (uintmax_t)p->max_entries);
	if (t->size > p->max_size - p->size)
		return error_set(e, ERROR_DATA, "more than %s when unpacked",
		    format_size(p->max_size, limit));
	p->size += t->size;
	return stop_check(e);
}

static int
plant_root(struct plant *p, struct tar_entry *entry, struct error *e)
{
	if (p->levels.count > 0)
		return error_set(e, ERROR_DATA, "it comes twice");
	if (entry->type != TAR_DIRECTORY)
		return error_set(e, ERROR_DATA,
		    "the root must be a directory");
	p->root_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->root_fd < 0)
		return failed(e);
	push(p, fcntl(p->root_fd, F_DUPFD_CLOEXEC, 0), "", entry);
	return 0;
}

int
plant_member(struct plant *p, struct tar_in *t, struct tar_entry *entry,
    struct error *e)
{
	const char *path, *name;

	if (count(p, entry, e) < 0 ||
	    relative(p, &entry->name, &path, e) < 0)
		return -1;
	if (*path == '\0')
		return plant_root(p, entry, e);
	if (find_parent(p, path, &name, e) < 0)
		return -1;
	switch (entry->type) {
	case TAR_FILE:
		return plant_file(p, t, path, name, entry, e);
	case TAR_LINK:
		return plant_link(p, name, entry, e);
	case TAR_SYMLINK:
		return plant_symlink(p, name, entry, e);
	case TAR_DIRECTORY:
		return plant_directory(p, path, name, entry, e);
	case TAR_CHAR:
	case TAR_BLOCK_DEVICE:
	case TAR_FIFO:
	default:
		return plant_special(p, name, entry, e);
	}
}

/* Files in front of their directories: the last noted first. */
static int
set_late(struct plant *p, struct error *e)
{
	while (p->late.count > 0) {
		struct plant_late *l = &p->late.items[p->late.count - 1];
		const char *name;
		int rc;

		AUTO_FREE char *copy = xstrdup(l->path);
		AUTO_CLOSE int dir = open_parent(p, copy, &name);
		AUTO_CLOSE int fd = dir < 0 ? -1 : openat(dir,
		    *name != '\0' ? name : ".",
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		struct attr_file f = { .fd = fd };
		if (fd < 0)
			return failed(e);
		rc = attr_write_late(&f, &l->attrs, &p->lost, e);
		free(l->path);
		attrs_fini(&l->attrs);
		p->late.count--;
		if (rc < 0)
			return -1;
	}
	return 0;
}

int
plant_finish(struct plant *p, struct error *e)
{
	if (p->levels.count == 0)
		return error_set(e, ERROR_DATA, "it has no files");
	while (p->levels.count > 0)
		if (leave(p, e) < 0)
			return -1;
	return set_late(p, e);
}
