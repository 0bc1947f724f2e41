/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Jails that forget: the release below, all changes in a tmpfs(5) of the
 * jail's own, gone when it stops.  Nothing is written to disk.
 */
#include "engine/linux/linux.h"

static int
memory_probe(const char *root, struct error *e)
{
	return 0;
}

static int
memory_create(const struct store_cell *c, struct error *e)
{
	return 0;
}

static int
memory_tree(const struct store_cell *c, struct tree *tree, struct error *e)
{
	if (c->release == NULL)
		return error_set(e, ERROR_CONFIG,
		    "a thin jail needs its release");
	tree->kind = TREE_OVERLAY;
	strings_add(&tree->lower, c->release);
	return 0;
}

/* The size of the tmpfs at the next start: tree.quota tells it. */
static int
memory_quota(const struct store_cell *c, uint64_t bytes, struct error *e)
{
	return 0;
}

const struct store store_memory = {
	.name = "memory",
	.thin = true,
	.needs_root = true,
	.probe = memory_probe,
	.create = memory_create,
	.tree = memory_tree,
	.quota = memory_quota,
	.data = NULL,
};
