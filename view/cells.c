/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/auto.h"
#include "core/cell.h"
#include "core/store.h"
#include "view/cells_cache.h"

const char *const cells_properties[CELLS_FIELDS] = {
	[CELLS_RELEASE] = "release",
	[CELLS_NET] = "net",
	[CELLS_IP4] = "ip4.addr",
	[CELLS_IP6] = "ip6.addr",
	[CELLS_BOOT] = "boot",
	[CELLS_TAG] = "tag",
	[CELLS_PRIORITY] = "priority",
	[CELLS_DEPEND] = "depend",
	[CELLS_STORE] = "store",
	[CELLS_TYPE] = "type",
	[CELLS_HOSTNAME] = "host.hostname",
	[CELLS_NOTE] = "note",
	[CELLS_READY] = "ready",
	[CELLS_PUBLISH] = "publish",
};

enum cells_field
cells_field(const char *property)
{
	for (int i = 0; i < CELLS_PROBLEM; i++)
		if (strcmp(cells_properties[i], property) == 0)
			return (enum cells_field)i;
	return CELLS_FIELDS;
}

void
cells_fini(struct cells *c)
{
	for (size_t i = 0; i < c->fresh.count; i++)
		free(c->fresh.items[i]);
	VEC_FINI(&c->fresh);
	free(c->items);
	buf_fini(&c->cache);
	buf_fini(&c->texts);
	*c = (struct cells)CELLS_INIT;
}

static const char *
text_at(const struct cells *c, uint32_t at)
{
	return at < c->base_len ? c->base + at :
	    c->texts.data + (at - c->base_len);
}

const char *
cells_name(const struct cells *c, size_t row)
{
	return text_at(c, c->items[row]->name);
}

const char *
cells_value(const struct cells *c, size_t row, enum cells_field field)
{
	uint32_t at = c->items[row]->fields[field];

	return at != 0 ? text_at(c, at) : NULL;
}

void
cells_values(const struct cells *c, size_t row, enum cells_field field,
    struct strings *out)
{
	const char *text = cells_value(c, row, field);

	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, "\n");

		strings_take(out, xstrndup(text, len));
		text += len + (text[len] == '\n');
	}
}

ssize_t
cells_find(const struct cells *c, const char *name)
{
	size_t low = 0, high = c->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(cells_name(c, middle), name);

		if (order == 0)
			return (ssize_t)middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

static uint32_t
keep(struct cells *c, const char *text)
{
	size_t at = c->base_len + c->texts.len;

	buf_append(&c->texts, text, strlen(text) + 1);
	return (uint32_t)at;
}

static void
fill_row(struct cells *c, struct cells_row *row, const struct cell *cell)
{
	for (size_t i = 0; i < CELLS_PROBLEM; i++) {
		AUTO_STRINGS struct strings values = VEC_INIT;

		cell_values(cell, cells_properties[i], &values);
		if (values.count == 0)
			continue;
		AUTO_FREE char *joined = strings_join(&values, "\n");
		row->fields[i] = keep(c, joined);
	}
}

/*
 * Younger files may change again within one tick of the file system's clock,
 * and look the same after it.
 */
#define SETTLED_NS 1000000000
/* Fewer names than that are read sooner than the cache. */
enum { CACHE_WORTH = 16 };

static int64_t
nanoseconds(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

static void
fill_stamp(const struct stat *st, struct cells_stamp *stamp)
{
	stamp->mtime = nanoseconds(&st->st_mtim);
	stamp->ctime = nanoseconds(&st->st_ctim);
	stamp->size = (uint64_t)st->st_size;
	stamp->inode = (uint64_t)st->st_ino;
}

static bool
look(const struct host *h, const char *name, struct cells_stamp *stamp)
{
	static const char conf[] = "/cell.conf";
	char file[NAME_MAX + sizeof(conf)];
	size_t len = strlen(name);
	struct stat st;

	if (len > NAME_MAX)
		return false;
	memcpy(file, name, len);
	memcpy(file + len, conf, sizeof(conf));
	if (fstatat(h->jails_fd, file, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	fill_stamp(&st, stamp);
	return true;
}

static bool
same(const struct cells_stamp *a, const struct cells_stamp *b)
{
	return a->inode == b->inode && a->ctime == b->ctime &&
	    a->mtime == b->mtime && a->size == b->size;
}

static bool
settled(const struct cells_stamp *s)
{
	struct timespec now;
	int64_t limit;

	clock_gettime(CLOCK_REALTIME, &now);
	limit = nanoseconds(&now) - SETTLED_NS;
	return s->ctime < limit && s->mtime < limit;
}

/* Parse the file; the row gets the stamp only when it may be remembered. */
static void
read_row(const struct host *h, struct cells *c, const char *name,
    const struct cells_stamp *before)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	struct cells_row *row = xcalloc(1, sizeof(*row));
	struct error why = ERROR_INIT;
	struct cells_stamp after;

	VEC_PUSH(&c->fresh, row);
	row->name = keep(c, name);
	if (cell_load(h, name, &cell, &why) == 0)
		fill_row(c, row, &cell);
	else
		row->fields[CELLS_PROBLEM] = keep(c, why.msg);
	if (look(h, name, &after) && same(before, &after) && settled(&after))
		row->stamp = after;
	VEC_PUSH(c, row);
}

/* One that was not mounted is now; one that cannot be is a row that tells why. */
static bool
appears(const struct host *h, const char *name, struct cells_stamp *stamp)
{
	struct error why = ERROR_INIT;

	if (look(h, name, stamp))
		return true;
	memset(stamp, 0, sizeof(*stamp));
	return name_check_cell(name, &why) == 0 &&
	    (store_settle(h, "jails", name, false, &why) < 0 ||
	    look(h, name, stamp));
}

/* What update() met that matters for the next cache. */
struct seen {
	size_t used;		/* rows of the old one that hold */
	bool changed;		/* rows that it did not have */
	bool complete;		/* every name is a row that is remembered */
};

/* Rows of the old cache that still hold, the others anew. */
static void
update(const struct host *h, const struct strings *names,
    const struct cells_cache *old, struct cells *c, struct seen *seen)
{
	size_t at = 0;

	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->items[i];
		struct error ignored = ERROR_INIT;
		struct cells_stamp stamp;
		int order = -1;

		while (at < old->count && (order = strcmp(c->base +
		    old->rows[at].name, name)) < 0)
			at++;
		/* what is gone meanwhile, and files that are no jails */
		if (!appears(h, name, &stamp)) {
			seen->complete = false;
		} else if (at < old->count && order == 0 &&
		    same(&old->rows[at].stamp, &stamp)) {
			VEC_PUSH(c, &old->rows[at]);
			seen->used++;
		} else if (name_check_cell(name, &ignored) == 0) {
			read_row(h, c, name, &stamp);
			if (c->items[c->count - 1]->stamp.inode != 0)
				seen->changed = true;
			else
				seen->complete = false;
		} else {
			seen->complete = false;
		}
	}
}

/* The names are those of the old cache when the directory is as it was then:
 * false when one of its files is not. */
static bool
all_as_before(const struct host *h, const struct cells_cache *old,
    struct cells *c)
{
	struct cells_stamp stamp;

	c->items = xcalloc(old->count, sizeof(*c->items));
	c->cap = old->count;
	for (size_t i = 0; i < old->count; i++) {
		if (!look(h, c->base + old->rows[i].name, &stamp) ||
		    !same(&old->rows[i].stamp, &stamp))
			return false;
		c->items[c->count++] = &old->rows[i];
	}
	return true;
}

static bool
look_at_directory(const struct host *h, struct cells_stamp *stamp)
{
	struct stat st;

	if (fstat(h->jails_fd, &st) < 0)
		return false;
	fill_stamp(&st, stamp);
	return settled(stamp);
}

static int
load_all(const struct host *h, struct cells *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct seen seen = { 0, false, true };
	struct cells_cache old;
	struct cells_stamp directory;
	bool quiet = look_at_directory(h, &directory);

	cells_cache_read(h, c, &old);
	if (quiet && old.rows != NULL && same(&old.directory, &directory) &&
	    all_as_before(h, &old, c))
		return 0;
	c->count = 0;
	if (cell_names(h, &names, e) < 0)
		return -1;
	update(h, &names, &old, c, &seen);
	if (!quiet || !seen.complete)
		memset(&directory, 0, sizeof(directory));
	if (!h->plan && (seen.changed || seen.used < old.count ||
	    !same(&old.directory, &directory)))
		cells_cache_write(h, c, &directory);
	return 0;
}

int
cells_load(const struct host *h, const struct strings *names, struct cells *c,
    struct error *e)
{
	AUTO_STRINGS struct strings sorted = VEC_INIT;
	struct cells_cache old = { 0 };
	struct seen seen = { 0, false, true };

	if (names == NULL)
		return load_all(h, c, e);
	strings_copy(&sorted, names);
	strings_sort(&sorted);
	if (names->count >= CACHE_WORTH)
		cells_cache_read(h, c, &old);
	else
		cells_cache_none(c);
	update(h, &sorted, &old, c, &seen);
	return 0;
}
