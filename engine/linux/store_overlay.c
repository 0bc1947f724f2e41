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
#include "engine/linux/linux.h"

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

static int
overlay_tree(const struct store_cell *c, struct tree *tree, struct error *e)
{
	if (c->release == NULL)
		return error_set(e, ERROR_CONFIG,
		    "a thin jail needs its release");
	tree->kind = TREE_OVERLAY;
	strings_add(&tree->lower, c->release);
	tree->upper = xasprintf("%s/layers/upper", c->path);
	tree->work = xasprintf("%s/layers/work", c->path);
	return 0;
}

const struct store store_overlay = {
	.name = "overlay",
	.thin = true,
	.needs_root = true,
	.probe = overlay_probe,
	.create = overlay_create,
	.tree = overlay_tree,
	.data = "layers/upper",
};
