/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * The dataset of a jail of another manager becomes BASE/jails/NAME/root: it is
 * renamed, its origin and its snapshots stay.  What it was called, and what was
 * set on it that would keep it elsewhere, is what give() goes back to:
 *
 *	dataset POOL/...
 *	mountpoint /...		readonly on		canmount noauto
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/mounts.h"
#include "engine/posix/zfs.h"

static const char *const settings[] = { "mountpoint", "readonly", "canmount",
	NULL };

/* The word behind "KEY " in was; NULL without. */
static char *
word_of(const char *was, const char *key)
{
	AUTO_FREE char *lines = xasprintf("\n%s", was);
	AUTO_FREE char *begin = xasprintf("\n%s ", key);
	const char *at = strstr(lines, begin);

	if (at == NULL)
		return NULL;
	at += strlen(begin);
	return xstrndup(at, strcspn(at, "\n"));
}

static bool
same_pool(const char *a, const char *b)
{
	size_t len = strcspn(a, "/");

	return strncmp(a, b, len) == 0 && (b[len] == '/' || b[len] == '\0');
}

int
zfs_take_check(const struct store_cell *c, const char *path, struct buf *was,
    struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_ZFS_VALUES struct zfs_values values = VEC_INIT;
	AUTO_FREE char *dataset = NULL;
	AUTO_FREE char *at = NULL;

	if (!zfs_is_mounted(path))
		return 1;
	if (mounts_source(path, "zfs", &dataset, &at, e) < 0)
		return -1;
	if (at == NULL || strcmp(at, path) != 0)
		return 1;
	if (zfs_zone_probe(c->root, e) < 0 ||
	    zfs_zone_open(&z, c->root, c->name, e) < 0)
		return -1;
	if (z.base != NULL && !same_pool(z.base, dataset))
		return error_set(e, ERROR_UNSUPPORTED, "dataset %s is in "
		    "another pool than %s; --copy copies it", dataset, z.base);
	if (zfs_get(&z, dataset, ZFS_ONE, settings, &values, e) < 0)
		return -1;
	buf_printf(was, "dataset %s\n", dataset);
	for (size_t i = 0; i < values.count; i++)
		if (values.items[i].local)
			buf_printf(was, "%s %s\n", values.items[i].property,
			    values.items[i].value);
	return 0;
}

/* Theirs are seen as ours, dated when they were taken; or not any more. */
static int
mark_snapshots(const struct zfs_zone *z, const char *dataset, bool ours,
    struct error *e)
{
	static const char *const names[] = { ZFS_MARK, "creation", NULL };
	AUTO_ZFS_VALUES struct zfs_values v = VEC_INIT;

	if (zfs_get(z, dataset, ZFS_SNAPSHOTS, names, &v, e) < 0)
		return -1;
	for (size_t i = 0; i + 1 < v.count; i += 2) {
		AUTO_FREE char *mark = xasprintf("%s %zu",
		    v.items[i + 1].value, i / 2 + 1);

		if (v.items[i].local == ours)
			continue;
		if (zfs_set(z, v.items[i].dataset, ZFS_MARK,
		    ours ? mark : NULL, e) < 0)
			return -1;
	}
	return 0;
}

int
zfs_take_over(const struct store_cell *c, const char *path, const char *was,
    struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_FREE char *from = word_of(was, "dataset");
	AUTO_FREE char *at = xasprintf("%s/root", c->path);

	if (zfs_zone_make(&z, c->root, c->name, e) < 0 ||
	    zfs_zone_alone(&z, e) < 0)
		return -1;
	AUTO_FREE char *files = xasprintf("%s/jails/%s/root", z.base,
	    c->entry);
	if (from == NULL)
		return error_set(e, ERROR_DATA, "it is not known which "
		    "dataset it was");
	if (!zfs_exists(&z, files) && zfs_rename(&z, from, files, path, at,
	    e) < 0)
		return -1;
	for (size_t i = 0; settings[i] != NULL; i++) {
		AUTO_FREE char *value = word_of(was, settings[i]);

		if (value != NULL && zfs_set(&z, files, settings[i], NULL,
		    e) < 0)
			return -1;
	}
	if (zfs_set(&z, files, CELL_PROPERTY, "root", e) < 0 ||
	    mark_snapshots(&z, files, true, e) < 0)
		return -1;
	return zfs_attach(&z, files, at, e);
}

int
zfs_give_back(const struct store_cell *c, const char *path, const char *was,
    struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_FREE char *to = word_of(was, "dataset");
	AUTO_FREE char *at = xasprintf("%s/root", c->path);

	if (zfs_zone_make(&z, c->root, c->name, e) < 0 ||
	    zfs_zone_alone(&z, e) < 0)
		return -1;
	AUTO_FREE char *files = xasprintf("%s/jails/%s/root", z.base,
	    c->entry);
	if (to == NULL)
		return error_set(e, ERROR_DATA, "it is not known which "
		    "dataset it was");
	if (!zfs_exists(&z, to) && zfs_rename(&z, files, to, at, path, e) < 0)
		return -1;
	if (zfs_set(&z, to, CELL_PROPERTY, NULL, e) < 0 ||
	    mark_snapshots(&z, to, false, e) < 0)
		return -1;
	for (size_t i = 0; settings[i] != NULL; i++) {
		AUTO_FREE char *value = word_of(was, settings[i]);

		if (value != NULL && zfs_set(&z, to, settings[i], value,
		    e) < 0)
			return -1;
	}
	return zfs_attach(&z, to, path, e);
}
