/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What lies on disk of a jail's layers: read, looked up, swept. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "engine/posix/layers.h"

void
stack_fini(struct stack *s)
{
	VEC_FINI(&s->own);
	strings_fini(&s->outside);
}

void
layer_new_id(int level, char id[LAYER_ID])
{
	uint64_t number = 0;

	/* never short, and never fails once the kernel is up */
	if (getrandom(&number, sizeof(number), 0) < 0)
		abort();
	snprintf(id, LAYER_ID, "%u%016" PRIx64, (unsigned)level % 10, number);
}

static bool
is_id(const char *text)
{
	return strlen(text) == LAYER_ID - 1 &&
	    strspn(text, "0123456789abcdef") == LAYER_ID - 1;
}

int
layer_below(int dir, const char *name, char id[LAYER_ID], struct error *e)
{
	char text[LAYER_ID + 1];
	ssize_t n = readlinkat(dir, name, text, sizeof(text));

	id[0] = '\0';
	if (n < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 :
		    error_sys(e, "%s", name);
	text[n < LAYER_ID ? n : LAYER_ID] = '\0';
	if (!is_id(text))
		return error_set(e, ERROR_DATA, "%s names no layer", name);
	memcpy(id, text, LAYER_ID);
	return 0;
}

char *
layer_path(const struct store_cell *c, const char *id)
{
	char *path = xasprintf("%s/frozen/%s", c->path, id);

	if (file_exists(AT_FDCWD, path))
		return path;
	free(path);
	return xasprintf("%s/layers/%s", c->root, id);
}

static int
compare_layers(const void *a, const void *b)
{
	return strcmp(((const struct layer *)a)->id,
	    ((const struct layer *)b)->id);
}

struct layer *
stack_find(const struct stack *s, const char *id)
{
	if (s->own.count == 0)
		return NULL;
	/* the ID is the first member */
	return bsearch(id, s->own.items, s->own.count, sizeof(struct layer),
	    compare_layers);
}

static void
mark(struct stack *s, const char *id)
{
	while (*id != '\0') {
		struct layer *l = stack_find(s, id);

		if (l == NULL) {
			if (strings_index(&s->outside, id) < 0)
				strings_add(&s->outside, id);
			return;
		}
		if (l->kept)
			return;
		l->kept = true;
		id = l->below;
	}
}

static DIR *
open_list(int dir, const char *name, struct error *e)
{
	int fd = openat(dir, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list;

	if (fd < 0) {
		if (errno != ENOENT)
			error_sys(e, "%s", name);
		return NULL;
	}
	list = fdopendir(fd);
	if (list == NULL) {
		error_sys(e, "%s", name);
		close(fd);
	}
	return list;
}

static int
load_own(int dir, struct stack *s, struct error *e)
{
	AUTO_DIR DIR *list = open_list(dir, "frozen", e);
	const struct dirent *d;

	if (list == NULL)
		return e->kind == ERROR_NONE ? 0 : -1;
	while ((d = readdir(list)) != NULL) {
		struct layer l = { .kept = false };
		char below[LAYER_ID + 8];

		if (!is_id(d->d_name))
			continue;
		memcpy(l.id, d->d_name, LAYER_ID);
		snprintf(below, sizeof(below), "%s/below", l.id);
		if (layer_below(dirfd(list), below, l.below, e) < 0)
			return -1;
		VEC_PUSH(&s->own, l);
	}
	if (s->own.count > 1)
		qsort(s->own.items, s->own.count, sizeof(struct layer),
		    compare_layers);
	return 0;
}

int
stack_load(int dir, struct stack *s, struct error *e)
{
	char id[LAYER_ID];
	const struct dirent *d;

	if (load_own(dir, s, e) < 0 ||
	    layer_below(dir, "layers/below", id, e) < 0)
		return -1;
	mark(s, id);
	AUTO_DIR DIR *list = open_list(dir, "snapshots", e);
	if (list == NULL)
		return e->kind == ERROR_NONE ? 0 : -1;
	while ((d = readdir(list)) != NULL) {
		char text[32];
		ssize_t n = readlinkat(dirfd(list), d->d_name, text,
		    sizeof(text) - 1);

		if (n < LAYER_ID + 1)
			continue;
		text[LAYER_ID + 1] = '\0';
		if (is_id(text + 2))
			mark(s, text + 2);
	}
	return 0;
}

static bool
parse_snapshot(struct layer_snapshot *s)
{
	char top[LAYER_ID];
	int held = 0, at = 0;

	if (sscanf(s->text, "1 %17s %" SCNd64 " %" SCNu64 " %d %n", top,
	    &s->created, &s->order, &held, &at) < 4 || at == 0)
		return false;
	s->held = held != 0;
	s->note = s->text + at;
	if (strcmp(top, "-") == 0)
		s->top[0] = '\0';
	else
		memcpy(s->top, top, LAYER_ID);
	return *s->top == '\0' || is_id(s->top);
}

static int
read_at(int dir, const char *file, struct layer_snapshot *s)
{
	ssize_t n = readlinkat(dir, file, s->text, sizeof(s->text) - 1);

	if (n < 0)
		return -1;
	s->text[n] = '\0';
	if (parse_snapshot(s))
		return 0;
	errno = EINVAL;
	return -1;
}

int
snapshot_read(const struct store_cell *c, const char *name,
    struct layer_snapshot *s, struct error *e)
{
	AUTO_FREE char *file = xasprintf("snapshots/%s", name);

	if (read_at(c->dir, file, s) == 0)
		return 0;
	if (errno != ENOENT)
		return error_set(e, ERROR_DATA, "%s/%s is damaged", c->path,
		    file);
	return error_set(e, ERROR_NOT_FOUND, "jail '%s' has no snapshot '%s'; "
	    "'gaol snapshots %s' lists them", c->name, name, c->name);
}

int
snapshot_write(int dir, const char *name, const char *top,
    const struct layer_snapshot *s, const char *note, struct error *e)
{
	AUTO_FREE char *file = xasprintf("snapshots/%s", name);
	AUTO_FREE char *fresh = xasprintf("snapshots/.new.%s", name);
	AUTO_FREE char *text = xasprintf("1 %s %" PRId64 " %" PRIu64 " %d %s",
	    *top != '\0' ? top : "-", s->created, s->order, s->held, note);

	if (mkdirat(dir, "snapshots", 0700) < 0 && errno != EEXIST)
		return error_sys(e, "make snapshots");
	if (unlinkat(dir, fresh, 0) < 0 && errno != ENOENT)
		return error_sys(e, "%s", fresh);
	if (symlinkat(text, dir, fresh) < 0)
		return error_sys(e, "write snapshot '%s'", name);
	if (renameat(dir, fresh, dir, file) < 0)
		return error_sys(e, "write snapshot '%s'", name);
	return file_sync_dir(dir, "snapshots", e);
}

/* "used" of a layer: its bytes, and those with all below it. */
static int
layer_size(const struct store_cell *c, const char *id, uint64_t *own,
    uint64_t *total, struct error *e)
{
	char text[64], below[LAYER_ID], file[LAYER_ID + 16];
	uint64_t ignored;
	ssize_t n;

	*own = *total = 0;
	if (*id == '\0')
		return 0;
	snprintf(file, sizeof(file), "frozen/%s/used", id);
	n = readlinkat(c->dir, file, text, sizeof(text) - 1);
	AUTO_FREE char *path = n >= 0 ? NULL : layer_path(c, id);
	AUTO_CLOSE int dir = -1;
	if (path != NULL) {
		dir = file_opendir(AT_FDCWD, path, e);
		if (dir < 0)
			return -1;
		n = readlinkat(dir, "used", text, sizeof(text) - 1);
	}
	if (n >= 0) {
		text[n] = '\0';
		if (sscanf(text, "%" SCNu64 " %" SCNu64, own, total) == 2)
			return 0;
		return error_set(e, ERROR_DATA, "%s/%s is damaged", c->path,
		    file);
	}
	if (path_usage(dir, "upper", own, e) < 0 ||
	    layer_below(dir, "below", below, e) < 0 ||
	    layer_size(c, below, &ignored, total, e) < 0)
		return -1;
	*total += *own;
	snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64, *own, *total);
	/* only a cache */
	if (symlinkat(text, dir, "used") < 0)
		return 0;
	return 0;
}

static int
compare_order(const void *a, const void *b)
{
	const struct snapshot *x = a, *y = b;

	if (x->created != y->created)
		return x->created < y->created ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->name, y->name);
}

int
layers_snapshots(const struct store_cell *c, bool sizes,
    struct snapshots *list, struct error *e)
{
	AUTO_DIR DIR *dir = open_list(c->dir, "snapshots", e);
	size_t first = list->count;
	const struct dirent *d;

	if (dir == NULL)
		return e->kind == ERROR_NONE ? 0 : -1;
	while ((d = readdir(dir)) != NULL) {
		struct layer_snapshot s = { .note = NULL };
		struct snapshot row = { .clones = -1 };

		/* one that is destroyed meanwhile is none */
		if (d->d_name[0] == '.' ||
		    (read_at(dirfd(dir), d->d_name, &s) < 0 &&
		    errno == ENOENT))
			continue;
		if (s.note == NULL)
			return error_set(e, ERROR_DATA,
			    "%s/snapshots/%s is damaged", c->path, d->d_name);
		if (sizes && layer_size(c, s.top, &row.used, &row.referenced,
		    e) < 0)
			return -1;
		row.name = xstrdup(d->d_name);
		row.note = xstrdup(s.note);
		row.created = s.created;
		row.order = s.order;
		row.held = s.held;
		VEC_PUSH(list, row);
	}
	if (list->count - first > 1)
		qsort(list->items + first, list->count - first,
		    sizeof(struct snapshot), compare_order);
	return 0;
}

int
layers_snapshot_hold(const struct store_cell *c, const char *name, bool hold,
    struct error *e)
{
	struct layer_snapshot s;

	if (snapshot_read(c, name, &s, e) < 0)
		return -1;
	if (s.held == hold)
		return 0;
	s.held = hold;
	return snapshot_write(c->dir, name, s.top, &s, s.note, e);
}

static int
add_stack(const struct store_cell *c, const char *top, struct strings *paths,
    struct error *e)
{
	char id[LAYER_ID];

	memcpy(id, top, LAYER_ID);
	while (*id != '\0') {
		AUTO_FREE char *path = layer_path(c, id);
		AUTO_FREE char *below = xasprintf("%s/below", path);

		if (paths->count > 1000 || !file_exists(AT_FDCWD, path))
			return error_set(e, ERROR_DATA, "jail '%s' stands on "
			    "layer %s, which is missing", c->name, id);
		strings_take(paths, xasprintf("%s/upper", path));
		if (layer_below(AT_FDCWD, below, id, e) < 0)
			return -1;
	}
	if (c->release != NULL)
		strings_add(paths, c->release);
	return 0;
}

int
layers_paths(const struct store_cell *c, const char *snapshot,
    struct strings *paths, struct error *e)
{
	struct layer_snapshot s;
	AUTO_FREE char *below = xasprintf("%s/layers/below", c->path);

	if (snapshot != NULL) {
		if (snapshot_read(c, snapshot, &s, e) < 0)
			return -1;
	} else {
		strings_take(paths, xasprintf("%s/layers/upper", c->path));
		if (layer_below(AT_FDCWD, below, s.top, e) < 0)
			return -1;
	}
	return add_stack(c, s.top, paths, e);
}

int
layers_tree(const struct store_cell *c, struct tree *tree, struct error *e)
{
	AUTO_FREE char *below = xasprintf("%s/layers/below", c->path);
	char id[LAYER_ID];

	if (c->release == NULL)
		return error_set(e, ERROR_CONFIG,
		    "a thin jail needs its release");
	*tree = (struct tree){ .kind = TREE_OVERLAY };
	if (layer_below(AT_FDCWD, below, id, e) < 0)
		return -1;
	if (*id == '\0')
		strings_add(&tree->lower, c->release);
	else if (add_stack(c, id, &tree->lower, e) < 0)
		return -1;
	tree->upper = xasprintf("%s/layers/upper", c->path);
	tree->work = xasprintf("%s/layers/work", c->path);
	return 0;
}

static int
remove_own(const struct store_cell *c, const struct stack *s, struct error *e)
{
	for (size_t i = 0; i < s->own.count; i++) {
		char path[LAYER_ID + 8];

		snprintf(path, sizeof(path), "frozen/%s", s->own.items[i].id);
		if (!s->own.items[i].kept &&
		    path_remove_tree(c->dir, path, e) < 0)
			return -1;
	}
	return 0;
}

int
layers_sweep(const struct store_cell *c, const struct strings *dropped,
    struct error *e)
{
	AUTO_STACK struct stack s = STACK_INIT;
	AUTO_CLOSE int pool = -1;

	if (stack_load(c->dir, &s, e) < 0)
		return -1;
	/* the references first: what tells of them goes after */
	for (size_t i = 0; i < s.own.count; i++) {
		const struct layer *l = &s.own.items[i];

		if (l->kept || *l->below == '\0' ||
		    stack_find(&s, l->below) != NULL)
			continue;
		if (pool < 0 && (pool = pool_open(c->root, e)) < 0)
			return -1;
		AUTO_FREE char *ref = xasprintf("+%s", l->id);
		if (pool_drop_ref(pool, l->below, ref, e) < 0)
			return -1;
		if (strings_index(&s.outside, l->below) < 0 &&
		    !pool_needed(c->root, c->name, c->entry, l->below) &&
		    pool_drop_ref(pool, l->below, c->name, e) < 0)
			return -1;
	}
	for (size_t i = 0; dropped != NULL && i < dropped->count; i++) {
		const char *id = dropped->items[i];

		if (*id == '\0' || stack_find(&s, id) != NULL ||
		    strings_index(&s.outside, id) >= 0)
			continue;
		if (pool < 0 && (pool = pool_open(c->root, e)) < 0)
			return -1;
		if (!pool_needed(c->root, c->name, c->entry, id) &&
		    pool_drop_ref(pool, id, c->name, e) < 0)
			return -1;
	}
	return remove_own(c, &s, e);
}
