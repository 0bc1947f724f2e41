/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A thin store in pretence: the directories of an overlay, never mounted. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
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

static int
thin_tree(const struct store_cell *c, struct tree *tree, struct error *e)
{
	if (c->release == NULL)
		return error_set(e, ERROR_CONFIG,
		    "a thin jail needs a release");
	*tree = (struct tree){ .kind = TREE_OVERLAY };
	strings_add(&tree->lower, c->release);
	tree->upper = xasprintf("%s/layers/upper", c->path);
	tree->work = xasprintf("%s/layers/work", c->path);
	return 0;
}

static const struct store store_thin = {
	.name = "overlay",
	.thin = true,
	.probe = thin_probe,
	.create = thin_create,
	.tree = thin_tree,
	.data = "layers/upper",
};

const struct store *const stores_native[] = { &store_thin, &store_dir, NULL };
