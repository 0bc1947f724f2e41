/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Jails on btrfs:
 *
 *	jails/NAME/root			a subvolume: the jail's files
 *	jails/NAME/snapshots/SNAP	read-only snapshots of it
 *	jails/NAME/notes/SNAP		-> "CREATED ORDER HELD NOTE"
 *	jails/NAME/base			-> the transaction after which all
 *					that is written is the jail's own
 *	jails/NAME/root.new		of a rollback under way, or its remains
 *
 * A new jail is a snapshot of its release's root, which is a subvolume too, and
 * depends on nothing.  Whatever is copied shares its data.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "engine/linux/subvolume.h"
#include "engine/linux/linux.h"

static int
open_dir(int dir, const char *name, struct error *e)
{
	int fd = openat(dir, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? error_sys(e, "%s", name) : fd;
}

static int
probe(const char *root, struct error *e)
{
	AUTO_CLOSE int fd = open_dir(AT_FDCWD, root, e);

	if (fd < 0)
		return -1;
	if (!btrfs_is(fd))
		return error_set(e, ERROR_UNSUPPORTED,
		    "%s does not lie on btrfs", root);
	return 0;
}

static int
sync_fs(int fd, struct error *e)
{
	return syncfs(fd) < 0 ? error_sys(e, "sync the files") : 0;
}

/* The text of a link, "" without one. */
static void
read_link(int dir, const char *name, char text[PATH_MAX])
{
	ssize_t n = readlinkat(dir, name, text, PATH_MAX - 1);

	text[n > 0 ? n : 0] = '\0';
}

static int
write_link(int dir, const char *name, const char *text, struct error *e)
{
	AUTO_FREE char *fresh = xasprintf(".%s.new", name);

	if ((unlinkat(dir, fresh, 0) < 0 && errno != ENOENT) ||
	    symlinkat(text, dir, fresh) < 0 ||
	    renameat(dir, fresh, dir, name) < 0)
		return error_sys(e, "%s", name);
	return 0;
}

static uint64_t
base_of(const struct store_cell *c)
{
	char text[PATH_MAX];

	read_link(c->dir, "base", text);
	return strtoull(text, NULL, 10);
}

static int
set_base(const struct store_cell *c, uint64_t transid, struct error *e)
{
	AUTO_FREE char *text = xasprintf("%" PRIu64, transid);

	return write_link(c->dir, "base", text, e);
}

/* What is in it already is not the jail's own. */
static int
set_base_now(const struct store_cell *c, int root, struct error *e)
{
	struct btrfs_subvolume s;

	if (btrfs_info(root, &s, e) < 0)
		return -1;
	return set_base(c, s.generation, e);
}

/* "root" with owner and mode of what it will be a copy of; opened. */
static int
make_like(const struct store_cell *c, int from, struct error *e)
{
	AUTO_CLOSE int to = -1;
	struct stat st;

	if (fstat(from, &st) < 0)
		return error_sys(e, "the files to copy");
	if (btrfs_make(c->dir, "root", e) < 0)
		return -1;
	to = open_dir(c->dir, "root", e);
	if (to < 0)
		return -1;
	if (fchown(to, st.st_uid, st.st_gid) < 0 ||
	    fchmod(to, st.st_mode & 07777) < 0)
		return error_sys(e, "the jail's root");
	return steal_fd(&to);
}

static int
create(const struct store_cell *c, struct error *e)
{
	AUTO_CLOSE int from = file_opendir(AT_FDCWD, c->release, e);
	AUTO_CLOSE int to = -1;

	if (from < 0)
		return -1;
	if (btrfs_is_subvolume(from)) {
		if (btrfs_snapshot(from, c->dir, "root", false, e) < 0)
			return -1;
		to = open_dir(c->dir, "root", e);
	} else {
		/* a release from before it lay on btrfs */
		to = make_like(c, from, e);
		if (to >= 0 && (path_copy_tree(from, to, e) < 0 ||
		    sync_fs(to, e) < 0))
			return -1;
	}
	return to < 0 ? -1 : set_base_now(c, to, e);
}

static int
copy(const struct store_cell *c, int from, struct error *e)
{
	AUTO_CLOSE int to = make_like(c, from, e);

	if (to < 0 || path_copy_tree(from, to, e) < 0)
		return -1;
	return sync_fs(to, e);
}

static int
empty(const struct store_cell *c, struct error *e)
{
	if (btrfs_make(c->dir, "root", e) < 0)
		return -1;
	return open_dir(c->dir, "root", e);
}

/* name, if it is one. */
static int
remove_one(int dir, const char *name, struct error *e)
{
	AUTO_CLOSE int fd = openat(dir, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 || !btrfs_is_subvolume(fd) ? 0 :
	    btrfs_remove(dir, name, e);
}

/* The subvolumes of a directory; others are left to whoever made them. */
static int
remove_all(int above, const char *name, struct error *e)
{
	AUTO_CLOSE int fd = openat(above, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_STRINGS struct strings names = VEC_INIT;
	const struct dirent *d;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ?
		    0 : error_sys(e, "%s", name);
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "%s", name);
	fd = -1;
	while ((d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.')
			strings_add(&names, d->d_name);
	for (size_t i = 0; i < names.count; i++)
		if (remove_one(dirfd(dir), names.items[i], e) < 0)
			return -1;
	return 0;
}

static int
destroy(const struct store_cell *c, struct error *e)
{
	if (!btrfs_is(c->dir))
		return 0;
	if (remove_all(c->dir, "snapshots", e) < 0 ||
	    remove_one(c->dir, "root.new", e) < 0)
		return -1;
	return remove_one(c->dir, "root", e);
}

static int
tree(const struct store_cell *c, struct tree *t, struct error *e)
{
	*t = (struct tree){ .kind = TREE_DIR };
	t->upper = xasprintf("%s/root", c->path);
	return 0;
}

static int
open_files(const struct store_cell *c, const char *snapshot, struct error *e)
{
	AUTO_FREE char *name = snapshot == NULL ? xstrdup("root") :
	    xasprintf("snapshots/%s", snapshot);
	int fd = open_dir(c->dir, name, e);

	if (fd < 0 && snapshot != NULL && e->sys_errno == ENOENT)
		return error_set(e, ERROR_NOT_FOUND, "no snapshot '%s' of "
		    "'%s'", snapshot, c->name);
	return fd;
}

static int
make_dirs(const struct store_cell *c, struct error *e)
{
	static const char *const names[] = { "snapshots", "notes" };

	for (size_t i = 0; i < 2; i++)
		if (mkdirat(c->dir, names[i], 0700) < 0 && errno != EEXIST)
			return error_sys(e, "%s", names[i]);
	return 0;
}

static int
write_note(int notes, const struct snapshot *s, struct error *e)
{
	struct timespec now = { 0, 0 };
	AUTO_FREE char *text = NULL;

	clock_gettime(CLOCK_REALTIME, &now);
	text = xasprintf("%" PRId64 " %" PRIu64 " %d %s", s->created,
	    s->order != 0 ? s->order : (uint64_t)now.tv_nsec + 1, s->held,
	    s->note != NULL ? s->note : "");

	return write_link(notes, s->name, text, e);
}

static int
take_snapshot(const struct store_cell *c, const struct snapshot *s,
    struct error *e)
{
	AUTO_CLOSE int root = -1, dir = -1, notes = -1;

	if (make_dirs(c, e) < 0)
		return -1;
	dir = open_dir(c->dir, "snapshots", e);
	notes = dir < 0 ? -1 : open_dir(c->dir, "notes", e);
	root = notes < 0 ? -1 : open_dir(c->dir, "root", e);
	if (root < 0)
		return -1;
	if (file_exists(dir, s->name))
		return error_set(e, ERROR_EXISTS, "'%s' has a snapshot '%s'",
		    c->name, s->name);
	/* the snapshot comes last and takes the note to the disk with it */
	if (write_note(notes, s, e) < 0)
		return -1;
	if (btrfs_snapshot(root, dir, s->name, true, e) == 0)
		return 0;
	unlinkat(notes, s->name, 0);
	return -1;
}

static int
snapshot(const struct store_cell *c, const struct snapshot *s,
    const struct store_live *live, struct error *e)
{
	int result = take_snapshot(c, s, e);

	if (live != NULL && live->settled != NULL)
		live->settled(live->arg);
	return result;
}

/* "CREATED ORDER HELD NOTE"; a snapshot whose note was lost has its own date. */
static int
read_note(int dir, int notes, const char *name, struct snapshot *s,
    struct error *e)
{
	char text[PATH_MAX];
	struct btrfs_subvolume v;
	int held = 0, at = 0;

	memset(s, 0, sizeof(*s));
	read_link(notes, name, text);
	s->used = s->referenced = UINT64_MAX;
	s->name = xstrdup(name);
	if (sscanf(text, "%" SCNd64 " %" SCNu64 " %d %n", &s->created,
	    &s->order, &held, &at) >= 3 && at > 0) {
		s->held = held != 0;
		s->note = xstrdup(text + at);
		return 0;
	}
	s->note = xstrdup("");
	AUTO_CLOSE int fd = open_dir(dir, name, e);
	if (fd < 0 || btrfs_info(fd, &v, e) < 0)
		return -1;
	s->created = v.made;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct snapshot *x = a, *y = b;

	if (x->created != y->created)
		return x->created < y->created ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Of what was written since the one before, and since the release. */
static int
measure(const struct store_cell *c, int dir, struct snapshot *list,
    size_t count, struct error *e)
{
	uint64_t base = base_of(c), before = base;

	for (size_t i = 0; i < count; i++) {
		AUTO_CLOSE int fd = open_dir(dir, list[i].name, e);
		struct btrfs_subvolume v;

		if (fd < 0 || btrfs_info(fd, &v, e) < 0 ||
		    btrfs_written(fd, before, &list[i].used, e) < 0 ||
		    btrfs_written(fd, base, &list[i].referenced, e) < 0)
			return -1;
		before = v.transid;
	}
	return 0;
}

static int
snapshots(const struct store_cell *c, bool sizes, struct snapshots *list,
    struct error *e)
{
	AUTO_CLOSE int fd = openat(c->dir, "snapshots",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_CLOSE int notes = -1;
	size_t first = list->count;
	const struct dirent *d;

	if (fd < 0)
		return errno == ENOENT ? 0 : error_sys(e, "snapshots");
	notes = open_dir(c->dir, "notes", e);
	if (notes < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "snapshots");
	fd = -1;
	while ((d = readdir(dir)) != NULL) {
		struct snapshot s;
		int result;

		if (d->d_name[0] == '.')
			continue;
		result = read_note(dirfd(dir), notes, d->d_name, &s, e);
		VEC_PUSH(list, s);
		if (result < 0)
			return -1;
	}
	if (list->count == first)
		return 0;
	qsort(list->items + first, list->count - first, sizeof(*list->items),
	    compare);
	return !sizes ? 0 : measure(c, dirfd(dir), list->items + first,
	    list->count - first, e);
}

static const struct snapshot *
find(const struct snapshots *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	return NULL;
}

static int
check_removable(const struct store_cell *c, const struct strings *names,
    struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;

	if (snapshots(c, false, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < names->count; i++) {
		const struct snapshot *s = find(&list, names->items[i]);

		if (s == NULL)
			return error_set(e, ERROR_NOT_FOUND, "no snapshot "
			    "'%s' of '%s'", names->items[i], c->name);
		if (s->held)
			return error_set(e, ERROR_BUSY, "snapshot '%s' of "
			    "'%s' is held", names->items[i], c->name);
	}
	return 0;
}

static int
snapshot_destroy(const struct store_cell *c, const struct strings *names,
    struct error *e)
{
	AUTO_CLOSE int dir = -1, notes = -1;

	if (check_removable(c, names, e) < 0)
		return -1;
	if (names->count == 0)
		return 0;
	dir = open_dir(c->dir, "snapshots", e);
	notes = dir < 0 ? -1 : open_dir(c->dir, "notes", e);
	if (notes < 0)
		return -1;
	for (size_t i = 0; i < names->count; i++) {
		if (btrfs_remove(dir, names->items[i], e) < 0)
			return -1;
		unlinkat(notes, names->items[i], 0);
	}
	return file_sync_dir(c->dir, "snapshots", e);
}

static int
snapshot_hold(const struct store_cell *c, const char *name, bool hold,
    struct error *e)
{
	AUTO_CLOSE int fd = open_files(c, name, e);
	AUTO_CLOSE int dir = fd < 0 ? -1 : open_dir(c->dir, "snapshots", e);
	AUTO_CLOSE int notes = dir < 0 ? -1 : open_dir(c->dir, "notes", e);
	struct snapshot s;
	int result;

	if (notes < 0)
		return -1;
	result = read_note(dir, notes, name, &s, e);
	s.held = hold;
	if (result == 0)
		result = write_note(notes, &s, e);
	free(s.name);
	free(s.note);
	return result < 0 ? -1 : file_sync_dir(c->dir, "notes", e);
}

/* What is set for the jail holds for its new files. */
static int
take_limit(int from, int to, struct error *e)
{
	struct btrfs_subvolume old, new;
	struct btrfs_group g;

	if (btrfs_info(from, &old, e) < 0 || btrfs_info(to, &new, e) < 0 ||
	    btrfs_group(from, old.id, &g, e) < 0)
		return -1;
	return g.limit == UINT64_MAX ? 0 :
	    btrfs_limit(to, new.id, g.limit, e);
}

static int
rollback(const struct store_cell *c, const char *name, struct error *e)
{
	AUTO_CLOSE int from = open_files(c, name, e);
	AUTO_CLOSE int root = from < 0 ? -1 : open_dir(c->dir, "root", e);
	AUTO_CLOSE int fresh = -1;

	if (root < 0 || remove_one(c->dir, "root.new", e) < 0 ||
	    btrfs_snapshot(from, c->dir, "root.new", false, e) < 0)
		return -1;
	fresh = open_dir(c->dir, "root.new", e);
	if (fresh < 0 || take_limit(root, fresh, e) < 0)
		return -1;
	if (file_exchange(c->dir, "root.new", "root") < 0)
		return error_sys(e, "put snapshot '%s' in place", name);
	if (file_sync_dir(c->dir, ".", e) < 0)
		return -1;
	close_fd(&root);
	return remove_one(c->dir, "root.new", e);
}

static int
clone(const struct store_cell *c, const char *name,
    const struct store_cell *to, struct error *e)
{
	AUTO_CLOSE int from = open_files(c, name, e);

	if (from < 0 || btrfs_snapshot(from, to->dir, "root", false, e) < 0)
		return -1;
	return set_base(to, base_of(c), e);
}

static int
quota(const struct store_cell *c, uint64_t bytes, struct error *e)
{
	AUTO_CLOSE int root = open_dir(c->dir, "root", e);
	struct btrfs_subvolume s;

	if (root < 0 || btrfs_info(root, &s, e) < 0)
		return -1;
	return btrfs_limit(root, s.id, bytes != 0 ? bytes : UINT64_MAX, e);
}

/* What no other subvolume shows, of all snapshots together. */
static int
count_snapshots(const struct store_cell *c, uint64_t *bytes, struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;

	if (snapshots(c, false, &list, e) < 0)
		return -1;
	*bytes = 0;
	for (size_t i = 0; i < list.count; i++) {
		AUTO_CLOSE int fd = open_files(c, list.items[i].name, e);
		struct btrfs_subvolume s;
		struct btrfs_group g;

		if (fd < 0 || btrfs_info(fd, &s, e) < 0 ||
		    btrfs_group(fd, s.id, &g, e) < 0)
			return -1;
		*bytes += g.exclusive;
	}
	return 0;
}

static int
usage(const struct store_cell *c, struct store_usage *u, struct error *e)
{
	AUTO_CLOSE int root = open_dir(c->dir, "root", e);
	struct btrfs_subvolume s;
	struct btrfs_group g;
	struct statvfs fs;

	*u = (struct store_usage){ 0, UINT64_MAX, UINT64_MAX, UINT64_MAX };
	if (root < 0 || btrfs_info(root, &s, e) < 0 ||
	    btrfs_group(root, s.id, &g, e) < 0 ||
	    btrfs_written(root, base_of(c), &u->live, e) < 0)
		return -1;
	if (fstatvfs(root, &fs) < 0)
		return error_sys(e, "space of '%s'", c->name);
	u->available = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (!g.counted)
		return 0;
	u->limit = g.limit;
	if (g.limit != UINT64_MAX) {
		uint64_t left = g.limit > g.referenced ?
		    g.limit - g.referenced : 0;

		if (left < u->available)
			u->available = left;
	}
	return count_snapshots(c, &u->snapshots, e);
}

/* Notes of snapshots that are not there. */
static int
drop_notes(const struct store_cell *c, struct error *e)
{
	AUTO_CLOSE int dir = openat(c->dir, "snapshots",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_CLOSE int notes = openat(c->dir, "notes",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_STRINGS struct strings names = VEC_INIT;
	const struct dirent *d;

	if (dir < 0 || notes < 0)
		return 0;
	AUTO_DIR DIR *stream = fdopendir(notes);
	if (stream == NULL)
		return error_sys(e, "notes");
	notes = -1;
	while ((d = readdir(stream)) != NULL)
		if (d->d_type == DT_LNK && !file_exists(dir, d->d_name))
			strings_add(&names, d->d_name);
	for (size_t i = 0; i < names.count; i++)
		unlinkat(dirfd(stream), names.items[i], 0);
	return 0;
}

static int
recover(const struct store_cell *c, struct error *e)
{
	if (!btrfs_is(c->dir))
		return 0;
	if (remove_one(c->dir, "root.new", e) < 0)
		return -1;
	return drop_notes(c, e);
}

/* A directory that cp(1) made is made a subvolume. */
static int
adopt_root(const struct store_cell *c, struct error *e)
{
	AUTO_CLOSE int root = open_dir(c->dir, "root", e);
	AUTO_CLOSE int fresh = -1;
	struct stat st;

	if (root < 0)
		return error_set(e, ERROR_DATA, "the files of '%s' are "
		    "missing: %s/root", c->name, c->path);
	if (btrfs_is_subvolume(root))
		return 0;
	if (fstat(root, &st) < 0)
		return error_sys(e, "root");
	if (remove_one(c->dir, "root.new", e) < 0 ||
	    btrfs_make(c->dir, "root.new", e) < 0)
		return -1;
	fresh = open_dir(c->dir, "root.new", e);
	if (fresh < 0 || path_copy_tree(root, fresh, e) < 0)
		return -1;
	if (fchown(fresh, st.st_uid, st.st_gid) < 0 ||
	    fchmod(fresh, st.st_mode & 07777) < 0 || syncfs(fresh) < 0)
		return error_sys(e, "root");
	/* a directory and a subvolume cannot be exchanged */
	if (renameat(c->dir, "root", c->dir, "root.old") < 0 ||
	    renameat(c->dir, "root.new", c->dir, "root") < 0)
		return error_sys(e, "put the subvolume in place");
	return path_remove_tree(c->dir, "root.old", e);
}

static int
adopt(const struct store_cell *c, struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;

	if (!file_exists(c->dir, "root") && file_exists(c->dir, "root.old") &&
	    renameat(c->dir, "root.old", c->dir, "root") < 0)
		return error_sys(e, "root.old");
	if (adopt_root(c, e) < 0 || snapshots(c, false, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++) {
		AUTO_CLOSE int fd = open_files(c, list.items[i].name, e);

		if (fd < 0)
			return -1;
		if (!btrfs_is_subvolume(fd))
			return error_set(e, ERROR_DATA, "snapshot '%s' of "
			    "'%s' was copied as a directory, which is none",
			    list.items[i].name, c->name);
	}
	return recover(c, e);
}

static int
release_make(const struct store_cell *r, struct error *e)
{
	return btrfs_make(r->dir, "root", e);
}

static int
release_destroy(const struct store_cell *r, struct error *e)
{
	return remove_one(r->dir, "root", e);
}

const struct store store_btrfs = {
	.name = "btrfs",
	.thin = true,
	.thick = true,
	.needs_root = true,
	.atomic = true,
	.probe = probe,
	.create = create,
	.copy = copy,
	.empty = empty,
	.destroy = destroy,
	.tree = tree,
	.open = open_files,
	.snapshot = snapshot,
	.snapshots = snapshots,
	.snapshot_destroy = snapshot_destroy,
	.snapshot_hold = snapshot_hold,
	.rollback = rollback,
	.clone = clone,
	.quota = quota,
	.usage = usage,
	.recover = recover,
	.adopt = adopt,
	.release_make = release_make,
	.release_destroy = release_destroy,
	.data = "root",
};
