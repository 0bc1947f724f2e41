/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Where the jails of a root lie, the base:
 *
 *	BASE/jails, BASE/releases	mounted at ROOT/jails and ROOT/releases
 *					only in name (canmount=off): what is
 *					below them is mounted below there
 *	ROOT/zfs			-> "BASE", so that nobody has to search
 *
 * The base is the dataset that is mounted at ROOT; or POOL/gaol of the pool
 * that ROOT lies on; or, wherever ROOT lies, the one that has gaol:root=ROOT.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/mounts.h"
#include "engine/posix/zfs.h"

#define ROOT_PROPERTY "gaol:root"

void
zfs_zone_fini(struct zfs_zone *z)
{
	free(z->base);
	z->base = NULL;
	close_fd(&z->lock);
}

bool
zfs_is_mounted(const char *path)
{
	AUTO_FREE char *above = xasprintf("%s/..", path);
	struct stat here, there;

	return stat(path, &here) == 0 && stat(above, &there) == 0 &&
	    here.st_dev != there.st_dev;
}

bool
zfs_exists(const struct zfs_zone *z, const char *dataset)
{
	static const char *const type[] = { "type", NULL };
	AUTO_ZFS_VALUES struct zfs_values values = VEC_INIT;
	struct error ignored = ERROR_INIT;

	/* what only cannot be looked at now is not to be taken for gone */
	return zfs_get(z, dataset, ZFS_ONE, type, &values, &ignored) == 0 ||
	    ignored.kind != ERROR_NOT_FOUND;
}

/* Of a dataset that could not be mounted: whether it is for want of a key. */
static int
tell_locked(const struct zfs_zone *z, const char *dataset, struct error *e)
{
	static const char *const all[] = { "all", NULL };
	AUTO_ZFS_VALUES struct zfs_values values = VEC_INIT;
	struct error ignored = ERROR_INIT;
	const char *root = dataset;
	bool locked = false;

	/* old ones have no such property */
	if (zfs_get(z, dataset, ZFS_ONE, all, &values, &ignored) < 0)
		return -1;
	for (size_t i = 0; i < values.count; i++) {
		const struct zfs_value *v = &values.items[i];

		if (strcmp(v->property, "keystatus") == 0)
			locked = strcmp(v->value, "unavailable") == 0;
		else if (strcmp(v->property, "encryptionroot") == 0 &&
		    strcmp(v->value, "-") != 0)
			root = v->value;
	}
	return locked ? error_set(e, ERROR_BUSY, "dataset %s is locked: 'zfs "
	    "load-key %s' first", dataset, root) : -1;
}

int
zfs_attach(const struct zfs_zone *z, const char *dataset, const char *path,
    struct error *e)
{
	if (zfs_is_mounted(path))
		return 0;
	if (zfs_mount(z, dataset, path, e) < 0)
		return tell_locked(z, dataset, e);
	return zfs_is_mounted(path) ? 0 : error_set(e, ERROR_CONFIG,
	    "dataset %s is not mounted at %s: its property mountpoint was "
	    "changed", dataset, path);
}

/* A range of the file for each name: who was killed in an operation keeps it
 * until its programs end. */
static int
lock_name(int fd, const char *name, struct error *e)
{
	uint64_t hash = 14695981039346656037u;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 1099511628211u;
#ifdef F_OFD_SETLKW
	struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET,
		.l_start = (off_t)(hash >> 2), .l_len = 1 };
	int result;

	do
		result = fcntl(fd, F_OFD_SETLKW, &range);
	while (result < 0 && errno == EINTR);
#else
	int result = flock(fd, LOCK_EX);
#endif
	return result < 0 ? error_sys(e, "lock of the datasets") : 0;
}

int
zfs_zone_alone(const struct zfs_zone *z, struct error *e)
{
#ifdef F_OFD_SETLKW
	return lock_name(z->lock, "/", e);
#else
	return 0;	/* it is one lock for all */
#endif
}

int
zfs_zone_open(struct zfs_zone *z, const char *root, const char *name,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("%s/zfs", root);
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_CLOSE int fd = open(file, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

	*z = (struct zfs_zone)ZFS_ZONE_INIT;
	z->root = root;
	if (fd < 0)
		return errno == ENOENT ? 0 : error_sys(e, "%s", file);
	if (file_read_fd(fd, 1024, &text, e) < 0)
		return -1;
	if (text.len < 2 || text.data[text.len - 1] != '\n')
		return error_set(e, ERROR_DATA, "%s does not name a dataset; "
		    "remove it, and it is made again", file);
	if (lock_name(fd, name, e) < 0)
		return -1;
	z->base = xstrndup(text.data, text.len - 1);
	z->lock = steal_fd(&fd);
	return 0;
}

/* The pool's own dataset for us, which nobody else may have. */
static char *
pool_base(const char *root, const char *dataset, struct error *e)
{
	static const char *const mark[] = { ROOT_PROPERTY, NULL };
	AUTO_FREE char *base = xasprintf("%.*s/gaol",
	    (int)strcspn(dataset, "/"), dataset);
	AUTO_ZFS_VALUES struct zfs_values values = VEC_INIT;

	if (zfs_get(NULL, base, ZFS_ONE, mark, &values, e) < 0) {
		if (e->kind != ERROR_NOT_FOUND)
			return NULL;
		error_clear(e);
		return STEAL(base);
	}
	if (values.count == 1 && strcmp(values.items[0].value, root) == 0)
		return STEAL(base);
	error_set(e, ERROR_UNSUPPORTED, "dataset %s was not made for %s; 'zfs "
	    "set " ROOT_PROPERTY "=%s DATASET' says which one is to hold its "
	    "jails", base, root, root);
	return NULL;
}

/* NULL with an error. */
static char *
find_base(const char *root, struct error *e)
{
	AUTO_FREE char *dataset = NULL;
	AUTO_FREE char *at = NULL;
	char *found;

	if (!zfs_here()) {
		error_set(e, ERROR_UNSUPPORTED, "this host has no ZFS");
		return NULL;
	}
	if (mounts_source(root, "zfs", &dataset, &at, e) < 0)
		return NULL;
	if (at != NULL && strcmp(at, root) == 0)
		return STEAL(dataset);
	found = zfs_search(ROOT_PROPERTY, root, e);
	if (found != NULL)
		return found;
	if (dataset != NULL)
		return pool_base(root, dataset, e);
	error_set(e, ERROR_UNSUPPORTED, "%s does not lie on ZFS, and no "
	    "dataset is there for it; 'zfs create -o canmount=off -o "
	    ROOT_PROPERTY "=%s POOL/gaol' makes one", root, root);
	return NULL;
}

int
zfs_zone_probe(const char *root, struct error *e)
{
	AUTO_FREE char *file = xasprintf("%s/zfs", root);
	AUTO_FREE char *base = NULL;

	if (access(file, F_OK) == 0 && zfs_here())
		return 0;
	base = find_base(root, e);
	return base != NULL ? 0 : -1;
}

/* BASE/AREA, whose datasets are mounted below ROOT/AREA. */
static int
make_area(const struct zfs_zone *z, const char *area, struct error *e)
{
	AUTO_FREE char *dataset = xasprintf("%s/%s", z->base, area);
	AUTO_FREE char *path = xasprintf("%s/%s", z->root, area);
	AUTO_STRINGS struct strings options = VEC_INIT;

	if (zfs_exists(z, dataset))
		return 0;
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return error_sys(e, "%s", path);
	strings_add(&options, "canmount=off");
	strings_take(&options, xasprintf("mountpoint=%s", path));
	return zfs_create(z, dataset, NULL, &options, e);
}

static int
make_base(const struct zfs_zone *z, struct error *e)
{
	AUTO_STRINGS struct strings options = VEC_INIT;

	if (!zfs_exists(z, z->base)) {
		strings_add(&options, "canmount=off");
		strings_take(&options, xasprintf(ROOT_PROPERTY "=%s",
		    z->root));
		if (zfs_create(z, z->base, NULL, &options, e) < 0)
			return -1;
	}
	return make_area(z, "jails", e) < 0 ? -1 :
	    make_area(z, "releases", e);
}

int
zfs_zone_make(struct zfs_zone *z, const char *root, const char *name,
    struct error *e)
{
	AUTO_CLOSE int dir = -1;
	AUTO_FREE char *line = NULL;

	if (zfs_zone_open(z, root, name, e) < 0 || z->base != NULL)
		return z->base != NULL ? 0 : -1;
	z->base = find_base(root, e);
	if (z->base == NULL || make_base(z, e) < 0)
		return -1;
	dir = file_opendir(AT_FDCWD, root, e);
	line = xasprintf("%s\n", z->base);
	if (dir < 0 || file_replace(dir, "zfs", line, strlen(line), 0600,
	    FILE_DURABLE, e) < 0)
		return -1;
	zfs_zone_fini(z);
	return zfs_zone_open(z, root, name, e);
}
