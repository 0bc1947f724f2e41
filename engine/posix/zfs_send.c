/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * A jail as another manager's stream: datasets as that one has them are made
 * beside the jail's files, JAIL/pot/NAME and JAIL/pot/NAME/m, sent, and
 * destroyed.  What a kill leaves goes with the next one, or with the jail.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/spawn.h"
#include "engine/posix/posix.h"
#include "engine/posix/zfs.h"

/* zfs COMMAND... with its output to out; in -1: nothing. */
static int
run(char *const *argv, int in, int out, struct error *e)
{
	int status;

	if (spawn_run(&(struct spawn){ .argv = argv, .in = in, .out = out,
	    .err = -1 }, &status, e) < 0)
		return -1;
	return status == 0 ? 0 : error_set(e, ERROR_FAILED,
	    "zfs %s ended with status %d", argv[1], status);
}

/* The files of the snapshot as a dataset of their own, a clone's too. */
static int
copy_files(const char *snapshot, const char *to, struct error *e)
{
	AUTO_FREE char *from = xstrdup(snapshot);
	AUTO_FREE char *dataset = xstrdup(to);
	char *send[] = { (char[]){ "zfs" }, (char[]){ "send" }, from, NULL };
	char *receive[] = { (char[]){ "zfs" }, (char[]){ "receive" },
		(char[]){ "-u" }, dataset, NULL };
	struct error second = ERROR_INIT;
	int ends[2], rc, status = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(e, "pipe");
	rc = spawn_start(&(struct spawn){ .argv = send, .in = -1,
	    .out = ends[1], .err = -1 }, &pid, e);
	close(ends[1]);
	if (rc == 0) {
		rc = run(receive, ends[0], -1, e);
		close_fd(&ends[0]);
		if (spawn_wait(pid, 0, &status, rc == 0 ? e : &second) < 0)
			rc = -1;
		else if (rc == 0 && status != 0)
			rc = error_set(e, ERROR_FAILED,
			    "zfs send ended with status %d", status);
	}
	close_fd(&ends[0]);
	return rc;
}

/* Gone is fine. */
int
zfs_send_forget(const struct zfs_zone *z, const char *home, const char *path,
    const char *name, struct error *e)
{
	AUTO_FREE char *top = xasprintf("/pot/%s", name);
	AUTO_FREE char *files = xasprintf("%s/m", top);
	const char *const leaves[] = { files, top, "/pot" };

	for (size_t i = 0; i < 3; i++) {
		AUTO_FREE char *dataset = xasprintf("%s%s", home, leaves[i]);
		AUTO_FREE char *at = xasprintf("%s%s", path, leaves[i]);

		if (!zfs_exists(z, dataset))
			continue;
		if (zfs_give_away(z, dataset, e) < 0 ||
		    zfs_destroy(z, dataset, at, e) < 0)
			return -1;
	}
	AUTO_FREE char *place = xasprintf("%s/pot", path);
	(void)rmdir(place);
	return 0;
}

static int
make(const struct zfs_zone *z, const char *dataset, const char *path,
    struct error *e)
{
	AUTO_STRINGS struct strings options = VEC_INIT;

	strings_add(&options, CELL_PROPERTY "=pot");
	return zfs_create(z, dataset, path, &options, e);
}

static int
send_all(const struct zfs_zone *z, const struct store_cell *c,
    const struct store_send *s, const char *home, struct error *e)
{
	AUTO_FREE char *above = xasprintf("%s/pot", home);
	AUTO_FREE char *top = xasprintf("%s/%s", above, s->name);
	AUTO_FREE char *files = xasprintf("%s/m", top);
	AUTO_FREE char *above_path = xasprintf("%s/pot", c->path);
	AUTO_FREE char *path = xasprintf("%s/%s", above_path, s->name);
	AUTO_FREE char *from = xasprintf("%s/root@%s", home, s->snapshot);
	AUTO_FREE char *all = xasprintf("%s@%s", top, s->snapshot);
	char *send[] = { (char[]){ "zfs" }, (char[]){ "send" },
		(char[]){ "-R" }, all, NULL };
	AUTO_CLOSE int dir = -1;

	if (make(z, above, above_path, e) < 0 || make(z, top, path, e) < 0)
		return -1;
	dir = file_opendir(AT_FDCWD, path, e);
	if (dir < 0 || s->fill(s->arg, dir, e) < 0)
		return -1;
	if (mkdirat(dir, "m", 0755) < 0)
		return error_sys(e, "%s/m", path);
	close_fd(&dir);
	if (copy_files(from, files, e) < 0 ||
	    zfs_set(z, files, CELL_PROPERTY, "pot", e) < 0 ||
	    zfs_snapshot(z, all, NULL, e) < 0)
		return -1;
	return run(send, -1, s->out, e);
}

int
zfs_send(const struct store_cell *c, const struct store_send *s,
    struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	struct error why = ERROR_INIT;
	int rc;

	if (zfs_zone_open(&z, c->root, c->name, e) < 0)
		return -1;
	if (z.base == NULL)
		return error_set(e, ERROR_DATA, "%s/zfs is missing: the "
		    "datasets of its jails are not known", c->root);
	AUTO_FREE char *home = xasprintf("%s/jails/%s", z.base, c->entry);
	if (zfs_send_forget(&z, home, c->path, s->name, e) < 0)
		return -1;
	rc = send_all(&z, c, s, home, e);
	if (zfs_send_forget(&z, home, c->path, s->name, &why) < 0 && rc == 0) {
		*e = why;
		rc = -1;
	}
	return rc;
}
