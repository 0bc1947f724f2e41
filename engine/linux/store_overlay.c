/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Thin jails: the release below, the jail's own changes in layers/upper.  The
 * overlay is mounted in the jail's own namespace only (overlayfs, userxattr), so
 * the host never has a mount that could be deleted through.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>
#include <linux/magic.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "engine/linux/linux.h"
#include "engine/linux/sys.h"
#include "engine/posix/layers.h"

/* overlay(5) wants upper and work on one file system that is no overlay. */
static int
overlay_probe(const char *root, struct error *e)
{
	struct statfs fs;

	if (statfs(root, &fs) < 0)
		return error_sys(e, "%s", root);
	if (fs.f_type == OVERLAYFS_SUPER_MAGIC)
		return error_set(e, ERROR_UNSUPPORTED, "%s lies on an overlay "
		    "itself, where the kernel takes no other; store=dir works",
		    root);
	return 0;
}

static int
overlay_create(const struct store_cell *c, struct error *e)
{
	static const char *const dirs[] = {
		"layers", "layers/upper", "layers/work",
	};
	struct stat st;

	if (c->release == NULL)
		return error_set(e, ERROR_CONFIG,
		    "a thin jail needs its release");
	if (stat(c->release, &st) < 0)
		return error_sys(e, "%s", c->release);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mkdirat(c->dir, dirs[i], i == 0 ? 0700 : 0755) < 0)
			return error_sys(e, "make %s", dirs[i]);
	/* the root directory of the jail is upper's: owner and mode as below */
	if (fchmodat(c->dir, "layers/upper", st.st_mode & 07777, 0) < 0 ||
	    fchownat(c->dir, "layers/upper", st.st_uid, st.st_gid, 0) < 0)
		return error_sys(e, "layers/upper");
	if (c->ephemeral)
		return 0;
	if (file_sync_dir(c->dir, "layers", e) < 0)
		return -1;
	return file_sync_dir(c->dir, ".", e);
}

/* Append a layer below the others: "lowerdir+" (6.7) has no limit of length. */
static int
add_lower(int fs, const char *path, struct error *e)
{
	if (sys_fsconfig(fs, FSCONFIG_SET_STRING, "lowerdir+", path, 0) < 0)
		return errno == EINVAL ? 1 : error_sys(e, "overlay of %s",
		    path);
	return 0;
}

/* All at once, for older kernels: relative names are short. */
static int
set_lower(int fs, const struct strings *paths, struct error *e)
{
	AUTO_FREE char *list = strings_join(paths, ":");

	if (sys_fsconfig(fs, FSCONFIG_SET_STRING, "lowerdir", list, 0) < 0)
		return error_sys(e, "overlay of %zu layers", paths->count);
	return 0;
}

/* The layer that is written to, when there is one. */
static int
set_upper(int fs, const char *upper, const char *work, struct error *e)
{
	if (upper != NULL && (sys_fsconfig(fs, FSCONFIG_SET_STRING, "upperdir",
	    upper, 0) < 0 || sys_fsconfig(fs, FSCONFIG_SET_STRING, "workdir",
	    work, 0) < 0))
		return error_sys(e, "overlay of %s", upper);
	return 0;
}

/* A detached mount of the layers that goes with its descriptor; read-only
 * when upper is NULL. */
static int
mount_detached(const struct strings *paths, const char *upper,
    const char *work, struct error *e)
{
	AUTO_CLOSE int fs = sys_fsopen("overlay", FSOPEN_CLOEXEC);
	int result = 0;

	if (fs < 0)
		return error_sys(e, "overlay");
	for (size_t i = 0; result == 0 && i < paths->count; i++)
		result = add_lower(fs, paths->items[i], e);
	if (result > 0) {
		close_fd(&fs);
		fs = sys_fsopen("overlay", FSOPEN_CLOEXEC);
		result = fs < 0 ? error_sys(e, "overlay") :
		    set_lower(fs, paths, e);
	}
	if (result < 0 || set_upper(fs, upper, work, e) < 0)
		return -1;
	if (sys_fsconfig(fs, FSCONFIG_SET_FLAG, "userxattr", NULL, 0) < 0 ||
	    sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return error_sys(e, "overlay of %zu layers", paths->count);
	AUTO_CLOSE int mount = sys_fsmount(fs, FSMOUNT_CLOEXEC,
	    (upper == NULL ? MOUNT_ATTR_RDONLY : 0) | MOUNT_ATTR_NOSUID |
	    MOUNT_ATTR_NODEV);
	if (mount < 0)
		return error_sys(e, "overlay of %zu layers", paths->count);
	/* fsmount(2) gives what can only be looked up from */
	return file_opendir(mount, ".", e);
}

static int
overlay_open(const struct store_cell *c, const char *snapshot,
    struct error *e)
{
	AUTO_STRINGS struct strings paths = VEC_INIT;

	if (layers_paths(c, snapshot, &paths, e) < 0)
		return -1;
	if (paths.count == 0)
		return error_set(e, ERROR_CONFIG,
		    "a thin jail needs its release");
	return paths.count == 1 ? file_opendir(AT_FDCWD, paths.items[0], e) :
	    mount_detached(&paths, NULL, NULL, e);
}

static int
overlay_edit(const struct store_cell *c, struct error *e)
{
	AUTO_STRINGS struct strings paths = VEC_INIT;
	struct strings lower;
	AUTO_FREE char *work = xasprintf("%s/layers/work", c->path);

	if (layers_paths(c, NULL, &paths, e) < 0)
		return -1;
	if (paths.count < 2)
		return error_set(e, ERROR_CONFIG,
		    "a thin jail needs its release");
	lower = (struct strings){ paths.items + 1, paths.count - 1, 0 };
	return mount_detached(&lower, paths.items[0], work, e);
}

/* The whole tree, for a while; what the release has as well goes then. */
static int
overlay_empty(const struct store_cell *c, struct error *e)
{
	if (overlay_create(c, e) < 0)
		return -1;
	return file_opendir(c->dir, "layers/upper", e);
}

static int
overlay_filled(const struct store_cell *c, struct error *e)
{
	AUTO_CLOSE int to = file_opendir(c->dir, "layers/upper", e);
	AUTO_CLOSE int below = to < 0 ? -1 : file_opendir(AT_FDCWD,
	    c->release, e);

	if (below < 0 || path_prune_same(to, below, e) < 0)
		return -1;
	return store_sync(to, e);
}

static int
overlay_copy(const struct store_cell *c, int from, struct error *e)
{
	AUTO_CLOSE int to = overlay_empty(c, e);

	if (to < 0 || path_copy_tree(from, to, e) < 0)
		return -1;
	return overlay_filled(c, e);
}

const struct store store_overlay = {
	.name = "overlay",
	.thin = true,
	.needs_root = true,
	.plain = true,
	.probe = overlay_probe,
	.create = overlay_create,
	.destroy = layers_destroy,
	.rename = layers_rename,
	.tree = layers_tree,
	.copy = overlay_copy,
	.empty = overlay_empty,
	.filled = overlay_filled,
	.open = overlay_open,
	.edit = overlay_edit,
	.snapshot = layers_snapshot,
	.snapshots = layers_snapshots,
	.snapshot_destroy = layers_snapshot_destroy,
	.snapshot_hold = layers_snapshot_hold,
	.rollback = layers_rollback,
	.clone = layers_clone,
	.usage = layers_usage,
	.recover = layers_recover,
	.adopt = layers_adopt,
	.data = "layers/upper",
};
