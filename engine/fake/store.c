/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A thin store in pretence: the directories of an overlay, never mounted. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "engine/posix/layers.h"
#include "engine/posix/posix.h"

static int
thin_probe(const char *root, struct error *e)
{
	return 0;
}

static int
thin_create(const struct store_cell *c, struct error *e)
{
	static const char *const dirs[] = {
		"layers", "layers/upper", "layers/work",
	};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mkdirat(c->dir, dirs[i], 0755) < 0)
			return error_sys(e, "make %s", dirs[i]);
	return c->ephemeral ? 0 : file_sync_dir(c->dir, "layers", e);
}

/* Nothing is put together here: the uppermost layer alone. */
static int
thin_open(const struct store_cell *c, const char *snapshot, struct error *e)
{
	AUTO_STRINGS struct strings paths = VEC_INIT;

	if (layers_paths(c, snapshot, &paths, e) < 0)
		return -1;
	return file_opendir(AT_FDCWD, paths.items[0], e);
}

/* The jail's own layer: what is below is not seen. */
static int
thin_edit(const struct store_cell *c, struct error *e)
{
	return file_opendir(c->dir, "layers/upper", e);
}

static int
thin_empty(const struct store_cell *c, struct error *e)
{
	return thin_create(c, e) < 0 ? -1 : thin_edit(c, e);
}

/* Without a comparison with the release: everything. */
static int
thin_copy(const struct store_cell *c, int from, struct error *e)
{
	AUTO_CLOSE int to = thin_empty(c, e);

	return to < 0 ? -1 : path_copy_tree(from, to, e);
}

static const struct store store_thin = {
	.name = "overlay",
	.thin = true,
	.probe = thin_probe,
	.create = thin_create,
	.copy = thin_copy,
	.empty = thin_empty,
	.destroy = layers_destroy,
	.rename = layers_rename,
	.tree = layers_tree,
	.open = thin_open,
	.edit = thin_edit,
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

const struct store *const stores_native[] = { &store_thin, &store_dir, NULL };
