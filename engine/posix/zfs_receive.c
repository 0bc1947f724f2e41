/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Archives of other managers on ZFS.  Each stream is of one snapshot, without
 * the properties that 'zfs send -R' puts before; it is not mounted before
 * received(), and then where gaol's datasets are.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/spawn.h"
#include "engine/posix/posix.h"
#include "engine/posix/zfs.h"

enum { WHY_MAX = 4096 };

static int
open_zone(struct zfs_zone *z, const struct store_cell *c, struct error *e)
{
	return zfs_zone_make(z, c->root, c->name, e);
}

/* zfs receive with the zone's lock as its output, which stays empty: should we
 * be killed, the lock is held until it has ended. */
static int
run_receive(const struct zfs_zone *z, const char *snapshot, int fd,
    struct error *e)
{
	AUTO_FREE char *name = xstrdup(snapshot);
	char *argv[] = { (char[]){ "zfs" }, (char[]){ "receive" },
		(char[]){ "-u" }, name, NULL };
	AUTO_BUF struct buf why = BUF_INIT;
	struct error ignored = ERROR_INIT;
	int ends[2], status, rc;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_sys(e, "pipe");
	rc = spawn_run(&(struct spawn){ .argv = argv, .in = fd,
	    .out = z->lock, .err = ends[1] }, &status, e);
	close(ends[1]);
	if (rc == 0 && status != 0 && file_read_fd(ends[0], WHY_MAX, &why,
	    &ignored) == 0) {
		const char *text = buf_text(&why);

		rc = error_set(e, ERROR_DATA, "zfs receive: %.*s",
		    (int)strcspn(text, "\n"), text);
		if (strstr(text, "out of space") != NULL) {
			e->kind = ERROR_FAILED;
			e->sys_errno = ENOSPC;
		}
	} else if (rc == 0 && status != 0) {
		rc = error_set(e, ERROR_FAILED, "zfs receive failed");
	}
	close(ends[0]);
	return rc;
}

/* Snapshots are numbered: those of one dataset come one after the other. */
int
zfs_receive(const struct store_cell *c, const char *below, int fd,
    struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_ZFS_SNAPS struct zfs_snaps list = VEC_INIT;
	AUTO_ZFS_VALUES struct zfs_values clones = VEC_INIT;

	if (open_zone(&z, c, e) < 0)
		return -1;
	AUTO_FREE char *dataset = xasprintf("%s/jails/%s%s%s", z.base,
	    c->entry, *below != '\0' ? "/" : "", below);
	if (zfs_exists(&z, dataset) &&
	    zfs_snaps_get(&z, dataset, &list, &clones, e) < 0)
		return -1;
	AUTO_FREE char *snapshot = xasprintf("%s@" ZFS_HIDDEN "received-%zu",
	    dataset, list.count);
	return run_receive(&z, snapshot, fd, e);
}

static int
drop_snapshots(const struct zfs_zone *z, const char *dataset,
    struct error *e)
{
	AUTO_ZFS_SNAPS struct zfs_snaps list = VEC_INIT;
	AUTO_ZFS_VALUES struct zfs_values clones = VEC_INIT;
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (zfs_snaps_get(z, dataset, &list, &clones, e) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		strings_take(&names, xasprintf("%s@%s", dataset,
		    list.items[i].name));
	return names.count == 0 ? 0 : zfs_destroy_snapshots(z, &names, false,
	    e);
}

/* The files are mounted on a directory: a link in its place would lead them
 * elsewhere. */
static int
make_place(const char *path, struct error *e)
{
	AUTO_CLOSE int dir = file_opendir(AT_FDCWD, path, e);

	if (dir < 0 || path_remove_tree(dir, "root", e) < 0)
		return -1;
	if (mkdirat(dir, "root", 0755) < 0)
		return error_sys(e, "%s/root", path);
	if (fchown(dir, 0, 0) < 0 || fchmod(dir, 0700) < 0)
		return error_sys(e, "%s", path);
	return 0;
}

int
zfs_received(const struct store_cell *c, struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;

	if (open_zone(&z, c, e) < 0)
		return -1;
	AUTO_FREE char *home = xasprintf("%s/jails/%s", z.base, c->entry);
	AUTO_FREE char *files = xasprintf("%s/root", home);
	AUTO_FREE char *pot = xasprintf("%s/m", home);
	AUTO_FREE char *at = xasprintf("%s/root", c->path);
	if (zfs_exists(&z, pot) && zfs_rename(&z, pot, files, NULL, NULL,
	    e) < 0)
		return -1;
	if (!zfs_exists(&z, home) || !zfs_exists(&z, files))
		return error_set(e, ERROR_DATA, "the archive has no dataset "
		    "with the files of a jail");
	if (drop_snapshots(&z, home, e) < 0 ||
	    drop_snapshots(&z, files, e) < 0 ||
	    zfs_set(&z, home, CELL_PROPERTY, "jails", e) < 0 ||
	    zfs_set(&z, files, CELL_PROPERTY, "root", e) < 0 ||
	    zfs_attach(&z, home, c->path, e) < 0 || make_place(c->path, e) < 0)
		return -1;
	return zfs_attach(&z, files, at, e);
}
