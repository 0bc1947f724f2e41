/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "engine/posix/posix.h"

static int
dir_probe(const char *root, struct error *e)
{
	/* any directory will do; reflinks are taken where they are to be had */
	return 0;
}

/* One call for the file system beats one fsync(2) for each of 20,000 files. */
int
store_sync(int fd, struct error *e)
{
	if (file_sync_all(fd) < 0)
		return error_sys(e, "sync the copied files");
	return 0;
}

static int
dir_copy(const struct store_cell *c, int from, struct error *e)
{
	struct stat st;

	if (fstat(from, &st) < 0)
		return error_sys(e, "copy of '%s'", c->name);
	if (mkdirat(c->dir, "root", 0700) < 0)
		return error_sys(e, "make the jail's root");
	AUTO_CLOSE int to = file_opendir(c->dir, "root", e);
	if (to < 0 || path_copy_tree(from, to, e) < 0)
		return -1;
	if (fchmod(to, st.st_mode & 07777) < 0)
		return error_sys(e, "mode of the jail's root");
	return c->ephemeral ? 0 : store_sync(to, e);
}

static int
dir_create(const struct store_cell *c, struct error *e)
{
	AUTO_CLOSE int from = file_opendir(AT_FDCWD, c->release, e);

	return from < 0 ? -1 : dir_copy(c, from, e);
}

static int
dir_empty(const struct store_cell *c, struct error *e)
{
	if (mkdirat(c->dir, "root", 0755) < 0)
		return error_sys(e, "make the jail's root");
	return file_opendir(c->dir, "root", e);
}

static int
dir_edit(const struct store_cell *c, struct error *e)
{
	return file_opendir(c->dir, "root", e);
}

/* All that a jail needs lies in its directory. */
static int
dir_adopt(const struct store_cell *c, struct error *e)
{
	if (!file_exists(c->dir, "root"))
		return error_set(e, ERROR_DATA, "%s/root is missing", c->path);
	return dir_recover(c, e);
}

static int
dir_tree(const struct store_cell *c, struct tree *tree, struct error *e)
{
	*tree = (struct tree){ .kind = TREE_DIR };
	tree->upper = xasprintf("%s/root", c->path);
	return 0;
}

static int
dir_take_check(const struct store_cell *c, const char *path, struct buf *was,
    struct error *e)
{
	AUTO_FREE char *above = xasprintf("%s/..", path);
	AUTO_FREE char *jails = xasprintf("%s/jails", c->root);
	struct stat from, up, to;

	if (stat(path, &from) < 0 || stat(above, &up) < 0)
		return error_sys(e, "%s", path);
	if (stat(jails, &to) < 0)
		return error_sys(e, "%s", jails);
	if (from.st_dev != up.st_dev)
		return error_set(e, ERROR_UNSUPPORTED, "%s is a file system "
		    "of its own, which only store zfs can take over; --copy "
		    "copies it", path);
	if (from.st_dev != to.st_dev)
		return error_set(e, ERROR_UNSUPPORTED, "%s does not lie on "
		    "the file system of %s; --copy copies it, -R names "
		    "another place", path, c->root);
	return 0;
}

/* One rename(2), unless that was done. */
static int
move(const char *from, const char *to, struct error *e)
{
	if (!file_exists(AT_FDCWD, from) && file_exists(AT_FDCWD, to))
		return 0;
	if (file_exists(AT_FDCWD, to))
		return error_set(e, ERROR_EXISTS, "%s is there already", to);
	if (rename(from, to) < 0)
		return error_sys(e, "rename %s to %s", from, to);
	return 0;
}

/* The directory that path is in, to the disk. */
static int
sync_above(const char *path, struct error *e)
{
	AUTO_FREE char *above = xasprintf("%s/..", path);

	return file_sync_dir(AT_FDCWD, above, e);
}

static int
dir_take(const struct store_cell *c, const char *path, const char *was,
    struct error *e)
{
	AUTO_FREE char *root = xasprintf("%s/root", c->path);
	AUTO_FREE char *up = xstrndup(path, (size_t)(strrchr(path, '/') -
	    path));

	if (move(path, root, e) < 0 || sync_above(root, e) < 0)
		return -1;
	return file_sync_dir(AT_FDCWD, *up != '\0' ? up : "/", e);
}

static int
dir_give(const struct store_cell *c, const char *path, const char *was,
    struct error *e)
{
	AUTO_FREE char *root = xasprintf("%s/root", c->path);

	if (move(root, path, e) < 0 || sync_above(path, e) < 0)
		return -1;
	return file_exists(AT_FDCWD, c->path) ? file_sync_dir(AT_FDCWD,
	    c->path, e) : 0;
}

const struct store store_dir = {
	.name = "dir",
	.by_copy = true,
	.probe = dir_probe,
	.create = dir_create,
	.copy = dir_copy,
	.empty = dir_empty,
	.tree = dir_tree,
	.open = dir_open,
	.edit = dir_edit,
	.snapshot = dir_snapshot,
	.snapshots = dir_snapshots,
	.snapshot_destroy = dir_snapshot_destroy,
	.snapshot_hold = dir_snapshot_hold,
	.rollback = dir_rollback,
	.take_snapshots = dir_take_snapshots,
	.usage = dir_usage,
	.recover = dir_recover,
	.adopt = dir_adopt,
	.take_check = dir_take_check,
	.take = dir_take,
	.give = dir_give,
	.data = "root",
};
