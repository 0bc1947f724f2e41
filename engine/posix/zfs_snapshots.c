/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Snapshots of jails/NAME/root.  What a user sees has the property
 * gaol:snapshot = "CREATED ORDER" and its note in gaol:note, gaol:note2 ... (an
 * old pool takes 1,023 bytes of each).  Those named .gaol.ID are what clones
 * stand on and nobody asked for: they are marked for deferred destruction and
 * go with the last clone.  All others are somebody else's.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "engine/posix/zfs.h"

enum { NOTE_PART = 1000, NOTE_PARTS = 3 };
static const char *const note_names[NOTE_PARTS] = { "gaol:note", "gaol:note2",
	"gaol:note3" };

void
zfs_snaps_fini(struct zfs_snaps *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].name);
	VEC_FINI(list);
}

char *
zfs_hidden_name(void)
{
	struct timespec now = { 0, 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	return xasprintf(ZFS_HIDDEN "%" PRIx64, (uint64_t)now.tv_sec *
	    1000000000 + (uint64_t)now.tv_nsec);
}

/* jails/ENTRY/root as a dataset. */
static char *
files_of(const struct zfs_zone *z, const struct store_cell *c)
{
	return xasprintf("%s/jails/%s/root", z->base, c->entry);
}

static int
open_zone(struct zfs_zone *z, const struct store_cell *c, struct error *e)
{
	if (zfs_zone_open(z, c->root, c->name, e) < 0)
		return -1;
	return z->base != NULL ? 0 : error_set(e, ERROR_DATA, "%s/zfs is "
	    "missing: the datasets of its jails are not known", c->root);
}

static bool
stands_on(const char *origin, const char *dataset, const char *snapshot)
{
	size_t len = strlen(dataset);

	return strncmp(origin, dataset, len) == 0 && origin[len] == '@' &&
	    (snapshot == NULL || strcmp(origin + len + 1, snapshot) == 0);
}

/* Of all that lies below the base, what was cloned of that dataset. */
static int
find_clones(const struct zfs_zone *z, const char *dataset,
    struct zfs_values *clones, struct error *e)
{
	static const char *const origin[] = { "origin", NULL };
	AUTO_ZFS_VALUES struct zfs_values all = VEC_INIT;

	if (zfs_get(z, z->base, ZFS_BELOW, origin, &all, e) < 0)
		return -1;
	for (size_t i = 0; i < all.count; i++)
		if (stands_on(all.items[i].value, dataset, NULL)) {
			VEC_PUSH(clones, all.items[i]);
			memset(&all.items[i], 0, sizeof(all.items[i]));
		}
	return 0;
}

int
zfs_snaps_get(const struct zfs_zone *z, const char *dataset,
    struct zfs_snaps *list, struct zfs_values *clones, struct error *e)
{
	static const char *const mark[] = { ZFS_MARK, NULL };
	AUTO_ZFS_VALUES struct zfs_values values = VEC_INIT;

	if (zfs_get(z, dataset, ZFS_SNAPSHOTS, mark, &values, e) < 0 ||
	    (values.count > 0 && find_clones(z, dataset, clones, e) < 0))
		return -1;
	for (size_t i = 0; i < values.count; i++) {
		const struct zfs_value *v = &values.items[i];
		struct zfs_snap s = {
			.name = xstrdup(strchr(v->dataset, '@') + 1),
			.ours = v->local,
		};

		s.hidden = strncmp(s.name, ZFS_HIDDEN,
		    strlen(ZFS_HIDDEN)) == 0;
		for (size_t k = 0; k < clones->count; k++)
			s.clones += stands_on(clones->items[k].value, dataset,
			    s.name);
		VEC_PUSH(list, s);
	}
	return 0;
}

static int
destroy_one(const struct zfs_zone *z, const char *dataset, const char *name,
    bool defer, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	strings_take(&names, xasprintf("%s@%s", dataset, name));
	return zfs_destroy_snapshots(z, &names, defer, e);
}

int
zfs_retire(const struct zfs_zone *z, const char *dataset, const char *name,
    struct error *e)
{
	AUTO_FREE char *from = xasprintf("%s@%s", dataset, name);
	AUTO_FREE char *hidden = zfs_hidden_name();
	AUTO_FREE char *to = xasprintf("%s@%s", dataset, hidden);

	if (strncmp(name, ZFS_HIDDEN, strlen(ZFS_HIDDEN)) == 0)
		return destroy_one(z, dataset, name, true, e);
	if (zfs_rename(z, from, to, NULL, NULL, e) < 0)
		return -1;
	return destroy_one(z, dataset, hidden, true, e);
}

static int
drop_hold(const struct zfs_zone *z, const char *dataset, const char *name,
    struct error *e)
{
	static const char *const refs[] = { "userrefs", NULL };
	AUTO_FREE char *full = xasprintf("%s@%s", dataset, name);
	AUTO_ZFS_VALUES struct zfs_values v = VEC_INIT;

	if (zfs_get(z, full, ZFS_ONE, refs, &v, e) < 0)
		return -1;
	if (v.count == 1 && strcmp(v.items[0].value, "0") != 0)
		return zfs_hold(z, full, false, e);
	return 0;
}

/* The one that keeps the latest of the snapshots takes them all. */
static const struct zfs_value *
last_clone(const struct zfs_snaps *list, const char *dataset,
    const struct zfs_values *clones)
{
	for (size_t at = list->count; at-- > 0;)
		for (size_t i = 0; i < clones->count; i++)
			if (stands_on(clones->items[i].value, dataset,
			    list->items[at].name))
				return &clones->items[i];
	return NULL;
}

int
zfs_give_away(const struct zfs_zone *z, const char *dataset, struct error *e)
{
	AUTO_ZFS_SNAPS struct zfs_snaps list = VEC_INIT;
	AUTO_ZFS_VALUES struct zfs_values clones = VEC_INIT;
	AUTO_STRINGS struct strings gone = VEC_INIT;
	const struct zfs_value *heir;

	if (zfs_snaps_get(z, dataset, &list, &clones, e) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++) {
		struct zfs_snap *s = &list.items[i];

		if (s->ours && drop_hold(z, dataset, s->name, e) < 0)
			return -1;
		if (s->clones == 0)
			strings_take(&gone, xasprintf("%s@%s", dataset,
			    s->name));
		else if (zfs_retire(z, dataset, s->name, e) < 0)
			return -1;
	}
	if (zfs_destroy_snapshots(z, &gone, false, e) < 0 || clones.count == 0)
		return e->kind == ERROR_NONE ? 0 : -1;
	/* their names are others now; order and clones are not */
	heir = last_clone(&list, dataset, &clones);
	return heir == NULL ? 0 : zfs_promote(z, heir->dataset, e);
}

static void
add_note(struct strings *options, const char *note)
{
	for (size_t i = 0; i < NOTE_PARTS && *note != '\0'; i++) {
		size_t len = strnlen(note, NOTE_PART);

		strings_take(options, xasprintf("%s=%.*s", note_names[i],
		    (int)len, note));
		note += len;
	}
}

int
zfs_take(const struct store_cell *c, const struct snapshot *s,
    const struct store_live *live, struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_STRINGS struct strings options = VEC_INIT;
	struct timespec now = { 0, 0 };
	int result;

	if (open_zone(&z, c, e) < 0)
		return -1;
	AUTO_FREE char *files = files_of(&z, c);
	AUTO_FREE char *name = xasprintf("%s@%s", files, s->name);
	clock_gettime(CLOCK_REALTIME, &now);
	strings_take(&options, xasprintf(ZFS_MARK "=%" PRId64 " %" PRIu64,
	    s->created, s->order != 0 ? s->order : (uint64_t)now.tv_nsec + 1));
	add_note(&options, s->note != NULL ? s->note : "");
	result = zfs_snapshot(&z, name, &options, e);
	if (result < 0 && e->kind == ERROR_EXISTS)
		error_set(e, ERROR_EXISTS, "'%s' has a snapshot '%s'", c->name,
		    s->name);
	if (live != NULL && live->settled != NULL)
		live->settled(live->arg);
	return result;
}

static uint64_t
number(const char *text)
{
	return *text >= '0' && *text <= '9' ? strtoull(text, NULL, 10) :
	    UINT64_MAX;
}

/* The next row of a snapshot: whether it is one of ours. */
static void
take_value(struct snapshot *s, const struct zfs_value *v, bool *ours,
    struct buf *note)
{
	if (strcmp(v->property, ZFS_MARK) == 0) {
		*ours = v->local && sscanf(v->value, "%" SCNd64 " %" SCNu64,
		    &s->created, &s->order) == 2;
	} else if (strcmp(v->property, "userrefs") == 0) {
		s->held = strcmp(v->value, "0") != 0 &&
		    strcmp(v->value, "-") != 0;
	} else if (strcmp(v->property, "used") == 0) {
		s->used = number(v->value);
	} else if (strcmp(v->property, "referenced") == 0) {
		s->referenced = number(v->value);
	} else if (v->local) {
		buf_puts(note, v->value);
	}
}

static int
compare(const void *a, const void *b)
{
	const struct snapshot *x = a, *y = b;

	if (x->created != y->created)
		return x->created < y->created ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int
count_clones(const struct zfs_zone *z, const char *dataset,
    struct snapshot *list, size_t count, struct error *e)
{
	AUTO_ZFS_VALUES struct zfs_values clones = VEC_INIT;

	if (find_clones(z, dataset, &clones, e) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		list[i].clones = 0;
		for (size_t k = 0; k < clones.count; k++)
			list[i].clones += stands_on(clones.items[k].value,
			    dataset, list[i].name);
	}
	return 0;
}

/* values[0] to values[n - 1] are of one snapshot. */
static void
add_snapshot(struct snapshots *list, const struct zfs_value *values, size_t n)
{
	struct snapshot s = { .clones = -1, .used = UINT64_MAX,
		.referenced = UINT64_MAX };
	AUTO_BUF struct buf note = BUF_INIT;
	bool ours = false;

	for (size_t i = 0; i < n; i++)
		take_value(&s, &values[i], &ours, &note);
	s.name = strchr(values[0].dataset, '@') + 1;
	if (!ours || strncmp(s.name, ZFS_HIDDEN, strlen(ZFS_HIDDEN)) == 0)
		return;
	s.name = xstrdup(s.name);
	s.note = xstrdup(buf_text(&note));
	VEC_PUSH(list, s);
}

int
zfs_snapshots(const struct store_cell *c, bool sizes, struct snapshots *list,
    struct error *e)
{
	static const char *const with[] = { ZFS_MARK, "userrefs", "gaol:note",
		"gaol:note2", "gaol:note3", "used", "referenced", NULL };
	static const char *const without[] = { ZFS_MARK, "userrefs",
		"gaol:note", "gaol:note2", "gaol:note3", NULL };
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_ZFS_VALUES struct zfs_values values = VEC_INIT;
	size_t first = list->count;

	if (open_zone(&z, c, e) < 0)
		return -1;
	AUTO_FREE char *files = files_of(&z, c);
	if (zfs_get(&z, files, ZFS_SNAPSHOTS, sizes ? with : without, &values,
	    e) < 0)
		return -1;
	for (size_t i = 0, n; i < values.count; i += n) {
		for (n = 1; i + n < values.count && strcmp(
		    values.items[i].dataset, values.items[i + n].dataset) == 0;
		    n++)
			;
		add_snapshot(list, values.items + i, n);
	}
	if (list->count == first)
		return 0;
	qsort(list->items + first, list->count - first, sizeof(*list->items),
	    compare);
	return !sizes ? 0 : count_clones(&z, files, list->items + first,
	    list->count - first, e);
}

static const struct zfs_snap *
find(const struct zfs_snaps *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (!list->items[i].hidden && list->items[i].ours &&
		    strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	return NULL;
}

static int
not_found(const struct store_cell *c, const char *name, struct error *e)
{
	return error_set(e, ERROR_NOT_FOUND, "no snapshot '%s' of '%s'", name,
	    c->name);
}

static int
check_removable(const struct store_cell *c, const struct strings *names,
    struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;

	if (zfs_snapshots(c, false, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < names->count; i++) {
		size_t k = 0;

		while (k < list.count && strcmp(list.items[k].name,
		    names->items[i]) != 0)
			k++;
		if (k == list.count)
			return not_found(c, names->items[i], e);
		if (list.items[k].held)
			return error_set(e, ERROR_BUSY, "snapshot '%s' of "
			    "'%s' is held", names->items[i], c->name);
	}
	return 0;
}

/* One that clones stand on is only hidden; it goes with the last of them. */
int
zfs_snapshot_destroy(const struct store_cell *c, const struct strings *names,
    struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_ZFS_SNAPS struct zfs_snaps list = VEC_INIT;
	AUTO_ZFS_VALUES struct zfs_values clones = VEC_INIT;
	AUTO_STRINGS struct strings gone = VEC_INIT;

	if (check_removable(c, names, e) < 0 || open_zone(&z, c, e) < 0 ||
	    zfs_zone_alone(&z, e) < 0)
		return -1;
	AUTO_FREE char *files = files_of(&z, c);
	if (zfs_snaps_get(&z, files, &list, &clones, e) < 0)
		return -1;
	for (size_t i = 0; i < names->count; i++) {
		const struct zfs_snap *s = find(&list, names->items[i]);

		if (s == NULL)
			return not_found(c, names->items[i], e);
		if (s->clones == 0)
			strings_take(&gone, xasprintf("%s@%s", files,
			    s->name));
		else if (zfs_retire(&z, files, s->name, e) < 0)
			return -1;
	}
	return zfs_destroy_snapshots(&z, &gone, false, e);
}

int
zfs_snapshot_hold(const struct store_cell *c, const char *name, bool hold,
    struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	const struct snapshot *s = NULL;

	if (zfs_snapshots(c, false, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.items[i].name, name) == 0)
			s = &list.items[i];
	if (s == NULL)
		return not_found(c, name, e);
	if (s->held == hold)
		return 0;
	if (open_zone(&z, c, e) < 0)
		return -1;
	AUTO_FREE char *files = files_of(&z, c);
	AUTO_FREE char *full = xasprintf("%s@%s", files, name);
	return zfs_hold(&z, full, hold, e);
}

/* What stands in the way of a rollback: others' too, but not our hidden ones. */
static int
refuse_later(const struct store_cell *c, const struct zfs_snaps *list,
    size_t at, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	for (size_t i = at + 1; i < list->count; i++)
		if (!list->items[i].hidden)
			strings_add(&names, list->items[i].name);
	if (names.count == 0)
		return 0;
	AUTO_FREE char *text = strings_join(&names, " ");
	return error_set(e, ERROR_BUSY, "'%s' has later snapshots, which a "
	    "rollback to '%s' would destroy: %.200s", c->name,
	    list->items[at].name, text);
}

/* Local properties of the files go with the jail. */
static int
local_options(const struct zfs_zone *z, const char *dataset,
    struct strings *options, struct error *e)
{
	static const char *const all[] = { "all", NULL };
	AUTO_ZFS_VALUES struct zfs_values values = VEC_INIT;

	if (zfs_get(z, dataset, ZFS_ONE, all, &values, e) < 0)
		return -1;
	for (size_t i = 0; i < values.count; i++)
		if (values.items[i].local)
			strings_take(options, xasprintf("%s=%s",
			    values.items[i].property, values.items[i].value));
	return 0;
}

int
zfs_settle_rollback(const struct zfs_zone *z, const char *home,
    const char *path, struct error *e)
{
	AUTO_FREE char *old = xasprintf("%s/root", home);
	AUTO_FREE char *new = xasprintf("%s/root.new", home);
	AUTO_FREE char *old_path = xasprintf("%s/root", path);
	AUTO_FREE char *new_path = xasprintf("%s/root.new", path);
	static const char *const origin[] = { "origin", NULL };
	AUTO_ZFS_VALUES struct zfs_values v = VEC_INIT;

	if (!zfs_exists(z, new))
		return 0;
	if (zfs_get(z, old, ZFS_ONE, origin, &v, e) < 0) {
		if (e->kind != ERROR_NOT_FOUND)
			return -1;
		error_clear(e);
	} else if (!stands_on(v.items[0].value, new, NULL)) {
		/* it was not promoted: nothing has changed */
		return zfs_destroy(z, new, new_path, e);
	} else if (zfs_give_away(z, old, e) < 0 ||
	    zfs_destroy(z, old, old_path, e) < 0) {
		return -1;
	}
	return zfs_rename(z, new, old, new_path, old_path, e);
}

/*
 * Clones stand on what is later, though nobody sees it: the snapshot and what
 * is older goes over to new files, what is later to the clones.
 */
static int
swap(const struct zfs_zone *z, const struct store_cell *c, const char *files,
    const char *name, struct error *e)
{
	AUTO_FREE char *home = xasprintf("%s/jails/%s", z->base, c->entry);
	AUTO_FREE char *fresh = xasprintf("%s/root.new", home);
	AUTO_FREE char *path = xasprintf("%s/root.new", c->path);
	AUTO_FREE char *snapshot = xasprintf("%s@%s", files, name);
	AUTO_STRINGS struct strings options = VEC_INIT;

	if (local_options(z, files, &options, e) < 0 ||
	    zfs_clone(z, snapshot, fresh, path, &options, e) < 0 ||
	    zfs_promote(z, fresh, e) < 0)
		return -1;
	return zfs_settle_rollback(z, home, c->path, e);
}

int
zfs_roll_back(const struct store_cell *c, const char *name, struct error *e)
{
	AUTO_ZFS_ZONE struct zfs_zone z = ZFS_ZONE_INIT;
	AUTO_ZFS_SNAPS struct zfs_snaps list = VEC_INIT;
	AUTO_ZFS_VALUES struct zfs_values clones = VEC_INIT;
	AUTO_STRINGS struct strings gone = VEC_INIT;
	bool needed = false;
	size_t at = 0;

	if (open_zone(&z, c, e) < 0 ||
	    zfs_zone_alone(&z, e) < 0)
		return -1;
	AUTO_FREE char *files = files_of(&z, c);
	if (zfs_snaps_get(&z, files, &list, &clones, e) < 0)
		return -1;
	while (at < list.count && (list.items[at].hidden ||
	    strcmp(list.items[at].name, name) != 0))
		at++;
	if (at == list.count)
		return not_found(c, name, e);
	if (refuse_later(c, &list, at, e) < 0)
		return -1;
	for (size_t i = at + 1; i < list.count; i++) {
		needed |= list.items[i].clones > 0;
		strings_take(&gone, xasprintf("%s@%s", files,
		    list.items[i].name));
	}
	if (needed)
		return swap(&z, c, files, name, e);
	if (zfs_destroy_snapshots(&z, &gone, false, e) < 0)
		return -1;
	AUTO_FREE char *full = xasprintf("%s@%s", files, name);
	return zfs_rollback(&z, full, e);
}
