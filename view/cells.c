/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "core/cell.h"
#include "view/cells.h"

static const char *const properties[CELLS_FIELDS] = {
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
};

enum cells_field
cells_field(const char *property)
{
	for (int i = 0; i < CELLS_PROBLEM; i++)
		if (strcmp(properties[i], property) == 0)
			return (enum cells_field)i;
	return CELLS_FIELDS;
}

void
cells_fini(struct cells *c)
{
	free(c->items);
	c->items = NULL;
	c->count = c->cap = 0;
	buf_fini(&c->texts);
}

const char *
cells_name(const struct cells *c, size_t row)
{
	return c->texts.data + c->items[row].name;
}

const char *
cells_value(const struct cells *c, size_t row, enum cells_field field)
{
	uint32_t at = c->items[row].fields[field];

	return at != 0 ? c->texts.data + at : NULL;
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
	size_t at = c->texts.len;

	buf_append(&c->texts, text, strlen(text) + 1);
	return (uint32_t)at;
}

static void
fill_row(struct cells *c, struct cells_row *row, const struct cell *cell)
{
	for (size_t i = 0; i < CELLS_PROBLEM; i++) {
		AUTO_STRINGS struct strings values = VEC_INIT;

		cell_values(cell, properties[i], &values);
		if (values.count == 0)
			continue;
		AUTO_FREE char *joined = strings_join(&values, "\n");
		row->fields[i] = keep(c, joined);
	}
}

static void
read_row(const struct host *h, struct cells *c, const char *name)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	struct error why = ERROR_INIT;
	struct cells_row row;

	memset(&row, 0, sizeof(row));
	row.name = keep(c, name);
	if (cell_load(h, name, &cell, &why) == 0)
		fill_row(c, &row, &cell);
	else
		row.fields[CELLS_PROBLEM] = keep(c, why.msg);
	VEC_PUSH(c, row);
}

int
cells_load(const struct host *h, const struct strings *names, struct cells *c,
    struct error *e)
{
	AUTO_STRINGS struct strings all = VEC_INIT;

	buf_putc(&c->texts, '\0');	/* offset 0 means not set */
	if (names == NULL && cell_names(h, &all, e) < 0)
		return -1;
	if (names != NULL)
		strings_copy(&all, names);
	strings_sort(&all);
	for (size_t i = 0; i < all.count; i++) {
		struct error ignored = ERROR_INIT;

		/* lost+found and the like; what is gone meanwhile */
		if (name_check_cell(all.items[i], &ignored) == 0 &&
		    cell_exists(h, all.items[i]))
			read_row(h, c, all.items[i]);
	}
	return 0;
}
