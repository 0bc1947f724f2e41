/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Jails on ZFS:
 *
 *	BASE/jails/NAME			mounted at jails/NAME: cell.conf
 *	BASE/jails/NAME/root		at jails/NAME/root: the jail's files
 *	BASE/jails/NAME/root@SNAP	its snapshots
 *	BASE/jails/NAME/root.new	of a rollback under way
 *	BASE/jails/NAME/open		a snapshot as it is read where the file
 *					system does not show it in .zfs; or its
 *					remains
 *	BASE/releases/NAME{,/root}	alike; jails are clones of
 *	BASE/releases/NAME/root@.gaol.ready
 *
 * What gaol made has the property gaol:cell; see zfs_snapshots.c for snapshots.
 * A directory jails/NAME is there before its dataset and after it, so that what
 * was killed in between is found by its name.
 */
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
#include "base/path.h"
#include "engine/posix/posix.h"
#include "engine/posix/zfs.h"

enum { AGAIN = 5 };	/* times that a destroy met another one */

#define READY ZFS_HIDDEN "ready"

/* "jails" or "releases": of c->path, which is ROOT/AREA/ENTRY. */
static const char *
area_of(const struct store_cell *c)
{
	size_t len = strlen(c->root);

	return c->path != NULL && strncmp(c->path + len, "/releases/", 10) ==
	    0 ? "releases" : "jails";
}

static int
need_zone(struct zfs_zone *z, const struct store_cell *c, struct error *e)
{
	if (zfs_zone_open(z, c->root, c->name, e) < 0)
		return -1;
	return z->base != NULL ? 0 : error_set(e, ERROR_DATA, "%s/zfs is "
	    "missing: the datasets of its jails are not known", c->root);
}

static char *
home_of(const struct zfs_zone *z, const struct store_cell *c)
{
	return xasprintf("%s/%s/%s", z->base, area_of(c), c->entry);
}

static void
mark(struct strings *options, const char *what)
{
	strings_take(options, xasprintf(CELL_PROPERTY "=%s", what));
}

static int
probe(const char *root, struct error *e)
{
	return zfs_zone_probe(root, e);
}

/* The directory is there, and empty. */
static int
home(const struct store_cell *c, struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_STRINGS struct strings options = VEC_INIT;

	if (zfs_zone_make(&z, c->root, c->name, e) < 0)
		return -1;
	AUTO_FREE char *dataset = home_of(&z, c);
	mark(&options, area_of(c));
	if (zfs_create(&z, dataset, c->path, &options, e) < 0)
		return -1;
	if (chmod(c->path, 0700) < 0)
		return error_sys(e, "%s", c->path);
	return 0;
}

/* A new dataset for the files, opened. */
static int
make_files(const struct zfs_zone *z, const struct store_cell *c,
    struct error *e)
{
	AUTO_STRINGS struct strings options = VEC_INIT;
	AUTO_FREE char *dataset = xasprintf("%s/%s/%s/root", z->base,
	    area_of(c), c->entry);
	AUTO_FREE char *path = xasprintf("%s/root", c->path);

	mark(&options, "root");
	if (c->options != NULL)
		strings_copy(&options, c->options);
	if (zfs_create(z, dataset, path, &options, e) < 0)
		return -1;
	return file_opendir(AT_FDCWD, path, e);
}

static int
copy(const struct store_cell *c, int from, struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	struct stat st;

	if (fstat(from, &st) < 0)
		return error_sys(e, "copy of '%s'", c->name);
	if (need_zone(&z, c, e) < 0)
		return -1;
	AUTO_CLOSE int to = make_files(&z, c, e);
	if (to < 0 || path_copy_tree(from, to, e) < 0)
		return -1;
	if (fchown(to, st.st_uid, st.st_gid) < 0 ||
	    fchmod(to, st.st_mode & 07777) < 0)
		return error_sys(e, "the jail's root");
	return c->ephemeral ? 0 : store_sync(to, e);
}

static int
empty(const struct store_cell *c, struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;

	return need_zone(&z, c, e) < 0 ? -1 : make_files(&z, c, e);
}

/* Properties that a clone has of what it was cloned from. */
static int
check_options(const struct store_cell *c, struct error *e)
{
	static const char *const fixed[] = { "encryption=", "keyformat=",
		"casesensitivity=", "normalization=", "utf8only=" };

	for (size_t i = 0; c->options != NULL && i < c->options->count; i++)
		for (size_t k = 0; k < sizeof(fixed) / sizeof(fixed[0]); k++)
			if (strncmp(c->options->items[i], fixed[k],
			    strlen(fixed[k])) == 0)
				return error_set(e, ERROR_CONFIG, "zfs.%.*s: "
				    "a thin jail has that of its release; "
				    "--thick gives it its own",
				    (int)strlen(fixed[k]) - 1, fixed[k]);
	return 0;
}

/* The dataset of a release, "" when it lies in a plain directory. */
static char *
release_files(const struct zfs_zone *z, const struct store_cell *c)
{
	AUTO_FREE char *path = xstrdup(c->release);
	char *slash = strrchr(path, '/');
	char *name;

	if (slash == NULL || strcmp(slash, "/root") != 0)
		return xstrdup("");
	*slash = '\0';
	name = strrchr(path, '/');
	AUTO_FREE char *dataset = xasprintf("%s/releases/%s/root", z->base,
	    name != NULL ? name + 1 : path);
	return zfs_is_mounted(c->release) || zfs_exists(z, dataset) ?
	    STEAL(dataset) : xstrdup("");
}

static int
copy_release(const struct store_cell *c, struct error *e)
{
	AUTO_CLOSE int from = file_opendir(AT_FDCWD, c->release, e);

	return from < 0 ? -1 : copy(c, from, e);
}

static int
create(const struct store_cell *c, struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_STRINGS struct strings options = VEC_INIT;

	if (check_options(c, e) < 0 || need_zone(&z, c, e) < 0)
		return -1;
	AUTO_FREE char *release = release_files(&z, c);
	AUTO_FREE char *ready = xasprintf("%s@" READY, release);
	AUTO_FREE char *dataset = xasprintf("%s/jails/%s/root", z.base,
	    c->entry);
	AUTO_FREE char *path = xasprintf("%s/root", c->path);
	if (*release == '\0') {
		zfs_zone_fini(&z);
		return copy_release(c, e);
	}
	mark(&options, "root");
	if (c->options != NULL)
		strings_copy(&options, c->options);
	if (zfs_clone(&z, ready, dataset, path, &options, e) == 0)
		return 0;
	/* of a release that lost it */
	if (e->kind != ERROR_NOT_FOUND || zfs_exists(&z, ready))
		return -1;
	error_clear(e);
	return zfs_snapshot(&z, ready, NULL, e) < 0 ? -1 : zfs_clone(&z, ready,
	    dataset, path, &options, e);
}

/* What others made below the jail: told by name, never touched. */
static int
refuse_foreign(const struct zfs_zone *z, const struct store_cell *c,
    const char *dataset, struct error *e)
{
	static const char *const type[] = { "type", NULL };
	static const char *const leaves[] = { "", "/root", "/root.new",
		"/open" };
	AUTO_ZFS_VALUES struct zfs_values below = VEC_INIT;
	size_t len = strlen(dataset);

	if (zfs_get(z, dataset, ZFS_BELOW, type, &below, e) < 0)
		return -1;
	for (size_t i = 0; i < below.count; i++) {
		const char *leaf = below.items[i].dataset + len;
		AUTO_ZFS_SNAPS struct zfs_snaps list = VEC_INIT;
		AUTO_ZFS_VALUES struct zfs_values clones = VEC_INIT;
		size_t k = 0;

		while (k < 4 && strcmp(leaf, leaves[k]) != 0)
			k++;
		if (k == 4)
			return error_set(e, ERROR_BUSY, "dataset %s is not "
			    "gaol's; 'zfs destroy %s' first, or 'zfs rename'",
			    below.items[i].dataset, below.items[i].dataset);
		if (zfs_snaps_get(z, below.items[i].dataset, &list, &clones,
		    e) < 0)
			return -1;
		for (k = 0; k < list.count; k++)
			if (!list.items[k].ours && !list.items[k].hidden)
				return error_set(e, ERROR_BUSY, "snapshot "
				    "%s@%s is not gaol's; 'zfs destroy %s@%s' "
				    "first", below.items[i].dataset,
				    list.items[k].name,
				    below.items[i].dataset,
				    list.items[k].name);
	}
	return 0;
}

static int
removable(const struct store_cell *c, struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;

	if (zfs_zone_open(&z, c->root, c->name, e) < 0)
		return -1;
	if (z.base == NULL)
		return 0;
	AUTO_FREE char *dataset = home_of(&z, c);
	if (refuse_foreign(&z, c, dataset, e) == 0)
		return 0;
	if (e->kind != ERROR_NOT_FOUND)
		return -1;
	error_clear(e);
	return 0;
}

/* One of DATASET's, with its snapshots; gone is fine. */
static int
destroy_leaf(const struct zfs_zone *z, const char *home, const char *path,
    const char *leaf, struct error *e)
{
	AUTO_FREE char *dataset = xasprintf("%s%s", home, leaf);
	AUTO_FREE char *at = xasprintf("%s%s", path, leaf);

	/*
	 * Clones are other jails, whose locks are not ours: the one that was to
	 * inherit may go or be renamed meanwhile, and another that goes may
	 * have made us its heir.
	 */
	for (int i = 0; *leaf == '\0' || zfs_exists(z, dataset); i++) {
		error_clear(e);
		if (zfs_give_away(z, dataset, e) == 0 &&
		    zfs_destroy(z, dataset, at, e) == 0)
			return 0;
		if (i == AGAIN)
			return -1;
	}
	error_clear(e);
	return 0;
}

/* The directory of a plain jail is full, the place of a dataset is empty or a
 * mount point. */
static bool
may_be_dataset(const char *path)
{
	struct error ignored = ERROR_INIT;
	AUTO_CLOSE int fd = file_opendir(AT_FDCWD, path, &ignored);
	const struct dirent *d;
	bool full = false;

	if (fd < 0)
		return false;
	if (zfs_is_mounted(path))
		return true;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return false;
	steal_fd(&fd);
	while ((d = readdir(dir)) != NULL)
		full |= strcmp(d->d_name, ".") != 0 &&
		    strcmp(d->d_name, "..") != 0;
	return !full;
}

static int
destroy(const struct store_cell *c, struct error *e)
{
	static const char *const leaves[] = { "/open", "/root.new", "/root",
		"" };
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;

	if (zfs_zone_open(&z, c->root, c->name, e) < 0)
		return -1;
	if (z.base == NULL || !may_be_dataset(c->path))
		return 0;
	if (zfs_zone_alone(&z, e) < 0)
		return -1;
	AUTO_FREE char *dataset = home_of(&z, c);
	if (zfs_send_forget(&z, dataset, c->path, c->name, e) < 0)
		return -1;
	if (refuse_foreign(&z, c, dataset, e) < 0) {
		if (e->kind != ERROR_NOT_FOUND)
			return -1;
		error_clear(e);
		return 0;
	}
	for (size_t i = 0; i < 4; i++)
		if (destroy_leaf(&z, dataset, c->path, leaves[i], e) < 0)
			return -1;
	/* zfs(8) takes the mount point with it, which is not its business */
	if (mkdir(c->path, 0700) < 0 && errno != EEXIST)
		return error_sys(e, "%s", c->path);
	return 0;
}

static int
mount_both(const struct zfs_zone *z, const char *dataset, const char *path,
    struct error *e)
{
	AUTO_FREE char *files = xasprintf("%s/root", dataset);
	AUTO_FREE char *at = xasprintf("%s/root", path);

	if (zfs_attach(z, dataset, path, e) < 0)
		return -1;
	if (!zfs_is_mounted(at) && zfs_exists(z, files))
		return zfs_attach(z, files, at, e);
	return 0;
}

static int
move(const struct zfs_zone *z, const char *area, const char *from,
    const char *to, struct error *e)
{
	AUTO_FREE char *old = xasprintf("%s/%s/%s", z->base, area, from);
	AUTO_FREE char *new = xasprintf("%s/%s/%s", z->base, area, to);
	AUTO_FREE char *old_path = xasprintf("%s/%s/%s", z->root, area, from);
	AUTO_FREE char *new_path = xasprintf("%s/%s/%s", z->root, area, to);

	if (zfs_zone_alone(z, e) < 0)
		return -1;
	/* one that is left of before is empty, or this fails */
	if (rmdir(new_path) < 0 && errno != ENOENT)
		return error_sys(e, "%s", new_path);
	if (mkdir(new_path, 0700) < 0)
		return error_sys(e, "%s", new_path);
	if (zfs_rename(z, old, new, old_path, new_path, e) < 0) {
		rmdir(new_path);
		return -1;
	}
	if (mount_both(z, new, new_path, e) < 0)
		return -1;
	if (rmdir(old_path) < 0 && errno != ENOENT)
		return error_sys(e, "%s", old_path);
	return 0;
}

static int
rename_cell(const struct store_cell *c, const char *to_name, const char *to,
    struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;

	return need_zone(&z, c, e) < 0 ? -1 : move(&z, "jails", c->entry, to,
	    e);
}

/* All of BASE/AREA that is not mounted, as after zfs receive. */
static int
mount_area(const char *root, const char *area, struct error *e)
{
	static const char *const type[] = { "type", NULL };
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_ZFS_VALUES struct zfs_values all = VEC_INIT;
	struct error ignored = ERROR_INIT;

	if (zfs_zone_open(&z, root, area, e) < 0)
		return -1;
	if (z.base == NULL && (zfs_zone_probe(root, &ignored) < 0 ||
	    zfs_zone_make(&z, root, area, e) < 0))
		return ignored.kind != ERROR_NONE ? 0 : -1;
	AUTO_FREE char *top = xasprintf("%s/%s", z.base, area);
	if (zfs_get(&z, top, ZFS_BELOW, type, &all, e) < 0)
		return -1;
	for (size_t i = 0; i < all.count; i++) {
		const char *rest = all.items[i].dataset + strlen(top);
		AUTO_FREE char *path = xasprintf("%s/%s%s", root, area, rest);

		/* one that is locked is told of by who wants it */
		if (*rest != '\0' && !zfs_is_mounted(path) &&
		    (mkdir(path, 0700) == 0 || errno == EEXIST) &&
		    zfs_attach(&z, all.items[i].dataset, path, &ignored) < 0)
			error_clear(&ignored);
	}
	return 0;
}

/*
 * entry "jails/web" is a directory with nothing in it: its dataset is mounted.
 * One without a dataset goes, when the jail's lock is held (alone); otherwise
 * somebody may be about to make one.
 */
static int
settle(const char *root, const char *entry, bool alone, struct error *e)
{
	static const char *const prefixes[] = { ".new.", ".old.", ".trash." };
	const char *name = strrchr(entry, '/');
	AUTO_FREE char *path = xasprintf("%s/%s", root, entry);
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;

	if (name++ == NULL)
		return mount_area(root, entry, e);
	for (size_t i = 0; i < 3; i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			name += strlen(prefixes[i]);
	if (zfs_zone_open(&z, root, name, e) < 0)
		return -1;
	if (z.base == NULL)
		return 0;
	AUTO_FREE char *dataset = xasprintf("%s/%s", z.base, entry);
	if (zfs_is_mounted(path) || zfs_exists(&z, dataset))
		return mount_both(&z, dataset, path, e);
	if (alone && may_be_dataset(path) && rmdir(path) < 0 &&
	    errno != ENOENT)
		return error_sys(e, "%s", path);
	return 0;
}

static int
tree(const struct store_cell *c, struct tree *t, struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_FREE char *path = xasprintf("%s/root", c->path);

	/* of one that is yet to be made there is nothing to mount */
	if (access(c->path, F_OK) == 0 && !zfs_is_mounted(path)) {
		if (need_zone(&z, c, e) < 0)
			return -1;
		AUTO_FREE char *files = xasprintf("%s/jails/%s/root", z.base,
		    c->entry);
		if (zfs_attach(&z, files, path, e) < 0)
			return -1;
	}
	*t = (struct tree){ .kind = TREE_DIR, .upper = STEAL(path) };
	return 0;
}

static int
open_now(const struct store_cell *c, struct error *e)
{
	struct tree t;
	int fd;

	if (tree(c, &t, e) < 0)
		return -1;
	fd = file_opendir(AT_FDCWD, t.upper, e);
	tree_fini(&t);
	return fd;
}

/* As a clone, where .zfs does not show it (zfs-fuse): it goes with the next
 * one, or with the jail. */
static int
open_clone(const struct zfs_zone *z, const struct store_cell *c,
    const char *snapshot, struct error *e)
{
	AUTO_FREE char *dataset = xasprintf("%s/jails/%s/open", z->base,
	    c->entry);
	AUTO_FREE char *path = xasprintf("%s/open", c->path);
	AUTO_FREE char *full = xasprintf("%s/jails/%s/root@%s", z->base,
	    c->entry, snapshot);
	AUTO_STRINGS struct strings options = VEC_INIT;

	if (zfs_exists(z, dataset) && zfs_destroy(z, dataset, path, e) < 0)
		return -1;
	strings_add(&options, "readonly=on");
	if (zfs_clone(z, full, dataset, path, &options, e) < 0)
		return -1;
	return file_opendir(AT_FDCWD, path, e);
}

static int
open_files(const struct store_cell *c, const char *snapshot, struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_FREE char *path = xasprintf("%s/root/.zfs/snapshot/%s", c->path,
	    snapshot != NULL ? snapshot : "");
	int fd;

	if (snapshot == NULL)
		return open_now(c, e);
	if (need_zone(&z, c, e) < 0)
		return -1;
	AUTO_FREE char *full = xasprintf("%s/jails/%s/root@%s", z.base,
	    c->entry, snapshot);
	if (!zfs_exists(&z, full))
		return error_set(e, ERROR_NOT_FOUND, "no snapshot '%s' of "
		    "'%s'", snapshot, c->name);
	fd = file_opendir(AT_FDCWD, path, e);
	if (fd >= 0 || e->sys_errno != ENOENT)
		return fd;
	error_clear(e);
	return open_clone(&z, c, snapshot, e);
}

static int
clone(const struct store_cell *c, const char *name,
    const struct store_cell *to, struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_STRINGS struct strings options = VEC_INIT;
	AUTO_FREE char *hidden = name == NULL ? zfs_hidden_name() : NULL;
	AUTO_FREE char *path = xasprintf("%s/root", to->path);

	if (check_options(to, e) < 0 || need_zone(&z, c, e) < 0 ||
	    zfs_zone_alone(&z, e) < 0)
		return -1;
	AUTO_FREE char *files = xasprintf("%s/jails/%s/root", z.base,
	    c->entry);
	AUTO_FREE char *snapshot = xasprintf("%s@%s", files,
	    name != NULL ? name : hidden);
	AUTO_FREE char *dataset = xasprintf("%s/jails/%s/root", z.base,
	    to->entry);
	mark(&options, "root");
	if (to->options != NULL)
		strings_copy(&options, to->options);
	if ((hidden != NULL && zfs_snapshot(&z, snapshot, NULL, e) < 0) ||
	    zfs_clone(&z, snapshot, dataset, path, &options, e) < 0)
		return -1;
	return hidden == NULL ? 0 : zfs_retire(&z, files, hidden, e);
}

static int
option(const struct store_cell *c, const char *name, const char *value,
    struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;

	if (need_zone(&z, c, e) < 0)
		return -1;
	AUTO_FREE char *files = xasprintf("%s/jails/%s/root", z.base,
	    c->entry);
	return zfs_set(&z, files, name, value, e);
}

static int
quota(const struct store_cell *c, uint64_t bytes, struct error *e)
{
	AUTO_FREE char *text = xasprintf("%" PRIu64, bytes);

	return option(c, "refquota", bytes != 0 ? text : "none", e);
}

static int
usage(const struct store_cell *c, struct store_usage *u, struct error *e)
{
	static const char *const names[] = { "usedbydataset",
		"usedbysnapshots", "refquota", "available", NULL };
	uint64_t *const numbers[] = { &u->live, &u->snapshots, &u->limit,
		&u->available };
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_ZFS_VALUES struct zfs_values v = VEC_INIT;

	if (need_zone(&z, c, e) < 0)
		return -1;
	AUTO_FREE char *files = xasprintf("%s/jails/%s/root", z.base,
	    c->entry);
	if (zfs_get(&z, files, ZFS_ONE, names, &v, e) < 0)
		return -1;
	*u = (struct store_usage){ UINT64_MAX, UINT64_MAX, UINT64_MAX,
		UINT64_MAX };
	for (size_t i = 0; i < v.count; i++)
		for (size_t k = 0; k < 4; k++)
			if (strcmp(v.items[i].property, names[k]) == 0)
				*numbers[k] = strtoull(v.items[i].value, NULL,
				    10);
	if (u->limit == 0)
		u->limit = UINT64_MAX;
	return 0;
}

static int
recover(const struct store_cell *c, struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_ZFS_SNAPS struct zfs_snaps list = VEC_INIT;
	AUTO_ZFS_VALUES struct zfs_values clones = VEC_INIT;

	if (need_zone(&z, c, e) < 0)
		return -1;
	AUTO_FREE char *dataset = home_of(&z, c);
	AUTO_FREE char *files = xasprintf("%s/root", dataset);
	if (zfs_settle_rollback(&z, dataset, c->path, e) < 0 ||
	    mount_both(&z, dataset, c->path, e) < 0 ||
	    zfs_snaps_get(&z, files, &list, &clones, e) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if (list.items[i].hidden &&
		    zfs_retire(&z, files, list.items[i].name, e) < 0)
			return -1;
	return 0;
}

/* zfs receive brought the datasets; cp(1) cannot. */
static int
adopt(const struct store_cell *c, struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;

	if (zfs_zone_make(&z, c->root, c->name, e) < 0)
		return -1;
	AUTO_FREE char *dataset = home_of(&z, c);
	AUTO_FREE char *files = xasprintf("%s/root", dataset);
	if (!zfs_exists(&z, files))
		return error_set(e, ERROR_DATA, "dataset %s is missing; of "
		    "files in a plain directory store=dir makes a jail",
		    files);
	zfs_zone_fini(&z);
	return recover(c, e);
}

static int
release_make(const struct store_cell *r, struct error *e)
{
	AUTO_CLOSE int fd = empty(r, e);

	return fd < 0 ? -1 : 0;
}

/* Jails of before stand on what it was before. */
static int
release_ready(const struct store_cell *r, struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;

	if (need_zone(&z, r, e) < 0)
		return -1;
	AUTO_FREE char *files = xasprintf("%s/releases/%s/root", z.base,
	    r->entry);
	AUTO_FREE char *ready = xasprintf("%s@" READY, files);
	AUTO_FREE char *hidden = zfs_hidden_name();
	AUTO_FREE char *old = xasprintf("%s@%s", files, hidden);
	/* one that was taken over from another store */
	if (!zfs_exists(&z, files))
		return 0;
	if (zfs_exists(&z, ready) &&
	    (zfs_rename(&z, ready, old, NULL, NULL, e) < 0 ||
	    zfs_retire(&z, files, hidden, e) < 0))
		return -1;
	return zfs_snapshot(&z, ready, NULL, e);
}

static int
release_rename(const char *root, const char *name, const char *from,
    const char *to, struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;

	if (zfs_zone_open(&z, root, name, e) < 0)
		return -1;
	AUTO_FREE char *dataset = xasprintf("%s/releases/%s",
	    z.base != NULL ? z.base : "", from);
	AUTO_FREE char *old = xasprintf("%s/releases/%s", root, from);
	if (z.base == NULL || !may_be_dataset(old) ||
	    !zfs_exists(&z, dataset))
		return 1;
	return move(&z, "releases", from, to, e);
}

const struct store store_zfs = {
	.name = "zfs",
	.thin = true,
	.thick = true,
	.leans = true,
	.mounts = true,
	.linear = true,
	.needs_root = true,
	.atomic = true,
	.probe = probe,
	.home = home,
	.create = create,
	.copy = copy,
	.empty = empty,
	.receive = zfs_receive,
	.received = zfs_received,
	.send = zfs_send,
	.removable = removable,
	.destroy = destroy,
	.rename = rename_cell,
	.settle = settle,
	.tree = tree,
	.open = open_files,
	.edit = open_now,
	.snapshot = zfs_take,
	.snapshots = zfs_snapshots,
	.snapshot_destroy = zfs_snapshot_destroy,
	.snapshot_hold = zfs_snapshot_hold,
	.rollback = zfs_roll_back,
	.clone = clone,
	.option = option,
	.quota = quota,
	.usage = usage,
	.recover = recover,
	.adopt = adopt,
	.take_check = zfs_take_check,
	.take = zfs_take_over,
	.give = zfs_give_back,
	.release_make = release_make,
	.release_ready = release_ready,
	.release_rename = release_rename,
	.release_destroy = destroy,
	.data = "root",
};
