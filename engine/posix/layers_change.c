/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Snapshots, rollback, clones: each comes into force by one system call. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "engine/posix/layers.h"
#include "engine/posix/posix.h"

enum { TOO_DEEP = 400 };	/* without a merge no deeper */

/*
 * DIR/upper and DIR/work, empty, the status of the jail's root directory as at
 * the directory like.
 */
static int
make_upper(int at, const char *dir, const char *like, struct error *e)
{
	AUTO_FREE char *upper = xasprintf("%s/upper", dir);
	AUTO_FREE char *work = xasprintf("%s/work", dir);
	AUTO_CLOSE int from = file_opendir(AT_FDCWD, like, e);

	if (from < 0)
		return -1;
	if (mkdirat(at, dir, 0700) < 0 || mkdirat(at, upper, 0755) < 0 ||
	    mkdirat(at, work, 0755) < 0)
		return error_sys(e, "make a layer");
	AUTO_CLOSE int to = file_opendir(at, upper, e);
	return to < 0 ? -1 : path_copy_status(from, to, e);
}

static int
sync_layer(const struct store_cell *c, const char *dir, struct error *e)
{
	if (c->ephemeral)
		return 0;
	if (file_sync_dir(c->dir, dir, e) < 0)
		return -1;
	return file_sync_dir(c->dir, "frozen", e);
}

/* What is now in layers/ changes places with the layer that was prepared. */
static int
exchange(const struct store_cell *c, const char *dir, struct error *e)
{
	AUTO_FREE char *work = xasprintf("%s/work", dir);

	if (sync_layer(c, dir, e) < 0)
		return -1;
	if (file_exchange(c->dir, "layers", dir) < 0)
		return error_sys(e, "exchange the layers of '%s'", c->name);
	if (!c->ephemeral && file_sync_dir(c->dir, ".", e) < 0)
		return -1;
	return path_remove_tree(c->dir, work, e);
}

static int
make_frozen(const struct store_cell *c, int level, char id[LAYER_ID],
    struct buf *dir, struct error *e)
{
	layer_new_id(level, id);
	buf_printf(dir, "frozen/%s", id);
	if (mkdirat(c->dir, "frozen", 0700) < 0 && errno != EEXIST)
		return error_sys(e, "make %s/frozen", c->path);
	return 0;
}

/* The layer written to becomes one, below an empty one. */
static int
freeze_upper(const struct store_cell *c, char id[LAYER_ID], struct error *e)
{
	AUTO_FREE char *upper = xasprintf("%s/layers/upper", c->path);
	AUTO_BUF struct buf dir = BUF_INIT;

	if (make_frozen(c, 0, id, &dir, e) < 0 ||
	    make_upper(c->dir, dir.data, upper, e) < 0)
		return -1;
	AUTO_FREE char *below = xasprintf("%s/below", dir.data);
	if (symlinkat(id, c->dir, below) < 0)
		return error_sys(e, "make layer %s", id);
	return exchange(c, dir.data, e);
}

/* Of a running jail: a copy. */
static int
copy_upper(const struct store_cell *c, char id[LAYER_ID],
    const struct store_live *live, struct error *e)
{
	AUTO_BUF struct buf dir = BUF_INIT;
	char below[LAYER_ID];

	if (layer_below(c->dir, "layers/below", below, e) < 0 ||
	    make_frozen(c, 0, id, &dir, e) < 0)
		return -1;
	AUTO_FREE char *upper = xasprintf("%s/upper", dir.data);
	AUTO_FREE char *link = xasprintf("%s/below", dir.data);
	if (mkdirat(c->dir, dir.data, 0700) < 0 ||
	    mkdirat(c->dir, upper, 0700) < 0 ||
	    (*below != '\0' && symlinkat(below, c->dir, link) < 0))
		return error_sys(e, "make layer %s", id);
	AUTO_CLOSE int from = file_opendir(c->dir, "layers/upper", e);
	AUTO_CLOSE int to = from < 0 ? -1 : file_opendir(c->dir, upper, e);
	if (to < 0 || path_copy_tree(from, to, e) < 0)
		return -1;
	live->settled(live->arg);
	return store_sync(to, e);
}

/* Whether nothing was written since the layer below: it can be taken again. */
static bool
unchanged(const struct store_cell *c, const char *below)
{
	AUTO_FREE char *path = layer_path(c, below);
	AUTO_FREE char *lower = xasprintf("%s/upper", path);
	AUTO_DIR DIR *dir = NULL;
	const struct dirent *d;
	AUTO_CLOSE int now = openat(c->dir, "layers/upper",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int then = open(lower, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (now < 0 || then < 0 || !path_same_status(now, then))
		return false;
	dir = fdopendir(now);
	if (dir == NULL)
		return false;
	steal_fd(&now);
	while ((d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			return false;
	return true;
}

/* The layer that shows the jail as it is. */
static int
take_layer(const struct store_cell *c, const struct store_live *live,
    char top[LAYER_ID], struct error *e)
{
	if (layer_below(c->dir, "layers/below", top, e) < 0)
		return -1;
	if (*top != '\0' && unchanged(c, top)) {
		if (live != NULL)
			live->settled(live->arg);
		return 0;
	}
	if (live != NULL)
		return copy_upper(c, top, live, e);
	if (freeze_upper(c, top, e) < 0 || layers_merge(c, e) < 0)
		return -1;
	return layer_below(c->dir, "layers/below", top, e);
}

/* After an error: what was made goes; the error stays. */
static int
undo(const struct store_cell *c)
{
	struct error second = ERROR_INIT;

	if (layers_sweep(c, NULL, &second) < 0)
		return -1;
	return -1;
}

int
layers_snapshot(const struct store_cell *c, const struct snapshot *s,
    const struct store_live *live, struct error *e)
{
	AUTO_FREE char *file = xasprintf("snapshots/%s", s->name);
	struct layer_snapshot text = { .created = s->created,
	    .held = s->held };
	struct timespec now;
	char top[LAYER_ID];

	if (file_exists(c->dir, file))
		return error_set(e, ERROR_EXISTS,
		    "jail '%s' has a snapshot '%s' already", c->name, s->name);
	clock_gettime(CLOCK_REALTIME, &now);
	text.order = s->order != 0 ? s->order :
	    (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	if (take_layer(c, live, top, e) < 0)
		return undo(c);
	if (snapshot_write(c->dir, s->name, top, &text, s->note, e) < 0)
		return undo(c);
	return 0;
}

int
layers_snapshot_destroy(const struct store_cell *c,
    const struct strings *names, struct error *e)
{
	AUTO_STRINGS struct strings tops = VEC_INIT;

	for (size_t i = 0; i < names->count; i++) {
		struct layer_snapshot s;

		if (snapshot_read(c, names->items[i], &s, e) < 0)
			return -1;
		if (s.held)
			return error_set(e, ERROR_BUSY, "snapshot '%s' of '%s' "
			    "is held; 'gaol snapshot --release %s %s' first",
			    names->items[i], c->name, c->name,
			    names->items[i]);
		strings_add(&tops, s.top);
	}
	for (size_t i = 0; i < names->count; i++) {
		AUTO_FREE char *file = xasprintf("snapshots/%s",
		    names->items[i]);

		if (unlinkat(c->dir, file, 0) < 0)
			return error_sys(e, "destroy snapshot '%s'",
			    names->items[i]);
	}
	if (file_sync_dir(c->dir, "snapshots", e) < 0)
		return -1;
	return layers_sweep(c, &tops, e);
}

static int
roll_back(const struct store_cell *c, const char *top, struct error *e)
{
	AUTO_FREE char *layer = *top != '\0' ? layer_path(c, top) : NULL;
	AUTO_FREE char *upper = layer != NULL ? xasprintf("%s/upper", layer) :
	    xstrdup(c->release);
	AUTO_BUF struct buf dir = BUF_INIT;
	char id[LAYER_ID];

	if (make_frozen(c, 0, id, &dir, e) < 0 ||
	    make_upper(c->dir, dir.data, upper, e) < 0)
		return -1;
	AUTO_FREE char *below = xasprintf("%s/below", dir.data);
	if (*top != '\0' && symlinkat(top, c->dir, below) < 0)
		return error_sys(e, "make layer %s", id);
	return exchange(c, dir.data, e);
}

int
layers_rollback(const struct store_cell *c, const char *name, struct error *e)
{
	AUTO_STRINGS struct strings old = VEC_INIT;
	struct layer_snapshot s;
	char below[LAYER_ID];

	if (snapshot_read(c, name, &s, e) < 0 ||
	    layer_below(c->dir, "layers/below", below, e) < 0)
		return -1;
	strings_add(&old, below);
	if (roll_back(c, s.top, e) < 0)
		return undo(c);
	return layers_sweep(c, &old, e);
}

/* Of a jail whose name is a new one: the layer it stands on. */
static int
clone_onto(int pool, const struct store_cell *c, const char *top,
    const struct store_cell *to, struct error *e)
{
	AUTO_FREE char *layer = *top != '\0' ?
	    xasprintf("%s/layers/%s", c->root, top) : NULL;
	AUTO_FREE char *upper = layer != NULL ? xasprintf("%s/upper", layer) :
	    xstrdup(c->release);

	if (make_upper(to->dir, "layers", upper, e) < 0)
		return -1;
	if (*top != '\0') {
		if (symlinkat(top, to->dir, "layers/below") < 0)
			return error_sys(e, "clone of '%s'", c->name);
		if (pool_add_ref(pool, top, to->name, e) < 0)
			return -1;
	}
	if (file_sync_dir(to->dir, "layers", e) < 0)
		return -1;
	return file_sync_dir(to->dir, ".", e);
}

int
layers_clone(const struct store_cell *c, const char *snapshot,
    const struct store_cell *to, struct error *e)
{
	struct layer_snapshot s;
	char top[LAYER_ID];

	if (c->release == NULL)
		return error_set(e, ERROR_CONFIG,
		    "a thin jail needs its release");
	if (snapshot != NULL) {
		if (snapshot_read(c, snapshot, &s, e) < 0)
			return -1;
		memcpy(top, s.top, LAYER_ID);
	} else if (take_layer(c, NULL, top, e) < 0) {
		return undo(c);
	}
	AUTO_CLOSE int pool = pool_open(c->root, e);
	if (pool < 0 || pool_share(pool, c, top, e) < 0)
		return -1;
	return clone_onto(pool, c, top, to, e);
}

int
layers_destroy(const struct store_cell *c, struct error *e)
{
	AUTO_STACK struct stack s = STACK_INIT;
	AUTO_CLOSE int pool = -1;

	if (stack_load(c->dir, &s, e) < 0)
		return -1;
	/* those that it no longer keeps need theirs as little */
	for (size_t i = 0; i < s.own.count; i++) {
		const struct layer *l = &s.own.items[i];

		if (*l->below != '\0' && stack_find(&s, l->below) == NULL &&
		    strings_index(&s.outside, l->below) < 0)
			strings_add(&s.outside, l->below);
	}
	if (s.outside.count == 0)
		return 0;
	pool = pool_open(c->root, e);
	if (pool < 0)
		return -1;
	for (size_t i = 0; i < s.outside.count; i++)
		if (!pool_needed(c->root, c->name, c->entry,
		    s.outside.items[i]) && pool_drop_ref(pool,
		    s.outside.items[i], c->name, e) < 0)
			return -1;
	return 0;
}

static int
rename_entry(const struct store_cell *c, const char *to, struct error *e)
{
	AUTO_FREE char *jails = xasprintf("%s/jails", c->root);
	AUTO_CLOSE int dir = file_opendir(AT_FDCWD, jails, e);

	if (dir < 0)
		return -1;
	if (file_rename_new(dir, c->entry, to) < 0)
		return error_sys(e, "rename '%s' to '%s'", c->entry, to);
	return 0;
}

int
layers_rename(const struct store_cell *c, const char *to_name, const char *to,
    struct error *e)
{
	AUTO_STACK struct stack s = STACK_INIT;
	AUTO_FREE char *path = xasprintf("%s/jails/%s", c->root, c->entry);
	AUTO_CLOSE int pool = -1;
	AUTO_CLOSE int dir = -1;

	if (strcmp(c->name, to_name) == 0)
		return rename_entry(c, to, e);
	dir = file_opendir(AT_FDCWD, path, e);
	if (dir < 0 || stack_load(dir, &s, e) < 0)
		return -1;
	if (s.outside.count == 0)
		return rename_entry(c, to, e);
	pool = pool_open(c->root, e);
	if (pool < 0)
		return -1;
	for (size_t i = 0; i < s.outside.count; i++)
		if (pool_add_ref(pool, s.outside.items[i], to_name, e) < 0)
			return -1;
	if (rename_entry(c, to, e) < 0)
		return -1;
	for (size_t i = 0; i < s.outside.count; i++)
		if (pool_drop_ref(pool, s.outside.items[i], c->name, e) < 0)
			return -1;
	return 0;
}

int
layers_usage(const struct store_cell *c, struct store_usage *usage,
    struct error *e)
{
	struct statvfs fs;
	uint64_t frozen = 0;

	if (path_usage(c->dir, "layers/upper", &usage->live, e) < 0)
		return -1;
	if (file_exists(c->dir, "frozen") &&
	    path_usage(c->dir, "frozen", &frozen, e) < 0)
		return -1;
	usage->snapshots = frozen;
	usage->limit = UINT64_MAX;
	if (fstatvfs(c->dir, &fs) < 0)
		return error_sys(e, "%s", c->path);
	usage->available = (uint64_t)fs.f_bavail * fs.f_frsize;
	return 0;
}

/* The uppermost layers that are merged: from the last run of equal levels. */
static size_t
choose_run(const struct strings *ids)
{
	size_t run = 0;

	for (size_t i = 0; i < ids->count; i++) {
		run = i > 0 && *ids->items[i] == *ids->items[i - 1] ?
		    run + 1 : 1;
		if (run >= LAYERS_RUN && (i + 1 == ids->count ||
		    *ids->items[i + 1] != *ids->items[i]))
			return i + 1;
	}
	return ids->count;
}

/* ids[0] to ids[count - 1] into one, above what is below the last of them. */
static int
merge_run(const struct store_cell *c, const struct strings *ids, size_t count,
    char id[LAYER_ID], struct error *e)
{
	AUTO_BUF struct buf dir = BUF_INIT;

	if (make_frozen(c, *ids->items[count - 1] - '0' + 1, id, &dir, e) < 0)
		return -1;
	AUTO_FREE char *upper = xasprintf("%s/upper", dir.data);
	AUTO_FREE char *below = xasprintf("%s/below", dir.data);
	if (mkdirat(c->dir, dir.data, 0700) < 0 ||
	    mkdirat(c->dir, upper, 0700) < 0 ||
	    (count < ids->count &&
	    symlinkat(ids->items[count], c->dir, below) < 0))
		return error_sys(e, "make layer %s", id);
	AUTO_CLOSE int to = file_opendir(c->dir, upper, e);
	for (size_t i = 0; to >= 0 && i < count; i++) {
		AUTO_FREE char *layer = layer_path(c, ids->items[i]);
		AUTO_FREE char *path = xasprintf("%s/upper", layer);
		AUTO_CLOSE int from = file_opendir(AT_FDCWD, path, e);

		if (from < 0 || (i == 0 ? path_copy_tree(from, to, e) :
		    path_merge_tree(from, to, LAYERS_OPAQUE, e)) < 0)
			return -1;
	}
	return to < 0 ? -1 : store_sync(to, e);
}

static int
put_below(const struct store_cell *c, const char *id, struct error *e)
{
	if (unlinkat(c->dir, "layers/.below", 0) < 0 && errno != ENOENT)
		return error_sys(e, "layers/.below");
	if (symlinkat(id, c->dir, "layers/.below") < 0 ||
	    renameat(c->dir, "layers/.below", c->dir, "layers/below") < 0)
		return error_sys(e, "layers/below");
	return file_sync_dir(c->dir, "layers", e);
}

int
layers_merge(const struct store_cell *c, struct error *e)
{
	AUTO_STRINGS struct strings ids = VEC_INIT, old = VEC_INIT;
	struct error why = ERROR_INIT;
	char id[LAYER_ID];

	if (layer_below(c->dir, "layers/below", id, e) < 0)
		return -1;
	while (*id != '\0' && ids.count <= TOO_DEEP) {
		AUTO_FREE char *path = layer_path(c, id);
		AUTO_FREE char *link = xasprintf("%s/below", path);

		strings_add(&ids, id);
		if (layer_below(AT_FDCWD, link, id, e) < 0)
			return -1;
	}
	if (ids.count <= LAYERS_DEEP)
		return 0;
	strings_add(&old, ids.items[0]);
	if (merge_run(c, &ids, choose_run(&ids), id, &why) < 0 ||
	    put_below(c, id, &why) < 0) {
		/* no room for the copy: it works without as well, for now */
		if (ids.count > TOO_DEEP) {
			*e = why;
			return error_wrap(e, "merge the layers of '%s'",
			    c->name);
		}
		return layers_sweep(c, NULL, e);
	}
	return layers_sweep(c, &old, e);
}

/* Snapshots whose names were not in place yet. */
static int
drop_unfinished(const struct store_cell *c, struct error *e)
{
	AUTO_CLOSE int fd = openat(c->dir, "snapshots",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const struct dirent *d;

	if (fd < 0)
		return 0;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "%s/snapshots", c->path);
	steal_fd(&fd);
	while ((d = readdir(dir)) != NULL)
		if (strncmp(d->d_name, ".new.", 5) == 0)
			unlinkat(dirfd(dir), d->d_name, 0);
	return 0;
}

int
layers_recover(const struct store_cell *c, struct error *e)
{
	AUTO_FREE char *layers = xasprintf("%s/layers", c->root);
	AUTO_CLOSE int pool = -1;

	if (drop_unfinished(c, e) < 0 || layers_sweep(c, NULL, e) < 0)
		return -1;
	if (!file_exists(AT_FDCWD, layers))
		return 0;
	pool = pool_open(c->root, e);
	return pool < 0 ? -1 : pool_check(pool, c->root, e);
}

int
layers_adopt(const struct store_cell *c, struct error *e)
{
	AUTO_STACK struct stack s = STACK_INIT;

	if (!file_exists(c->dir, "layers/upper"))
		return error_set(e, ERROR_DATA, "%s/layers/upper is missing",
		    c->path);
	if (!file_exists(c->dir, "layers/work") &&
	    mkdirat(c->dir, "layers/work", 0755) < 0)
		return error_sys(e, "%s/layers/work", c->path);
	if (stack_load(c->dir, &s, e) < 0)
		return -1;
	if (s.outside.count == 0)
		return layers_recover(c, e);
	AUTO_CLOSE int pool = pool_open(c->root, e);
	if (pool < 0)
		return -1;
	for (size_t i = 0; i < s.outside.count; i++) {
		const char *id = s.outside.items[i];

		if (!file_exists(pool, id))
			return error_set(e, ERROR_DATA, "'%s' stands on "
			    "%s/layers/%s, which is missing; copy it from the "
			    "host that the jail came from", c->name, c->root,
			    id);
		if (pool_add_ref(pool, id, c->name, e) < 0)
			return -1;
	}
	close_fd(&pool);
	return layers_recover(c, e);
}
