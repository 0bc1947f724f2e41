/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "view/rows.h"

struct view *
view_new(const struct view_column *columns, size_t count)
{
	struct view *v = xcalloc(1, sizeof(*v));

	v->columns = columns;
	v->count = v->chosen_count = count;
	v->chosen = xcalloc(count, sizeof(*v->chosen));
	for (size_t i = 0; i < count; i++)
		v->chosen[i] = i;
	v->sort = count;
	buf_putc(&v->texts, '\0');	/* offset 0 means none */
	return v;
}

void
view_free(struct view *v)
{
	if (v == NULL)
		return;
	free(v->places);
	free(v->slots);
	free(v->chosen);
	free(v->order);
	buf_fini(&v->texts);
	free(v);
}

void
view_cleanup(struct view **v)
{
	view_free(*v);
	*v = NULL;
}

bool
view_wants(const struct view *v, size_t column)
{
	for (size_t i = 0; i < v->chosen_count; i++)
		if (v->chosen[i] == column)
			return true;
	return column == v->sort;
}

/* A table of thousands of rows holds only what is printed of them. */
static void
find_places(struct view *v)
{
	v->places = xcalloc(v->count, sizeof(*v->places));
	for (size_t i = 0; i < v->count; i++)
		v->places[i] = view_wants(v, i) ? v->width++ : VIEW_NO_PLACE;
}

void
view_row(struct view *v)
{
	if (v->places == NULL)
		find_places(v);
	if (v->rows == v->cap) {
		v->cap = v->cap != 0 ? v->cap * 2 : 16;
		v->slots = xrealloc(v->slots,
		    v->cap * v->width * sizeof(*v->slots));
	}
	memset(v->slots + v->rows * v->width, 0,
	    v->width * sizeof(*v->slots));
	v->rows++;
}

/* NULL when nobody wants the column. */
static struct view_slot *
last_slot(struct view *v, size_t column)
{
	size_t place = v->places[column];

	if (place == VIEW_NO_PLACE)
		return NULL;
	return &v->slots[(v->rows - 1) * v->width + place];
}

static uint32_t
keep(struct view *v, const char *text)
{
	size_t at = v->texts.len;

	buf_append(&v->texts, text, strlen(text) + 1);
	return (uint32_t)at;
}

void
view_text(struct view *v, size_t column, const char *text)
{
	struct view_slot *s = last_slot(v, column);

	if (s == NULL || text == NULL)
		return;
	s->set = 1;
	s->text = keep(v, text);
}

void
view_number(struct view *v, size_t column, int64_t number)
{
	struct view_slot *s = last_slot(v, column);

	if (s == NULL)
		return;
	s->set = 1;
	s->number = number;
}

void
view_bool(struct view *v, size_t column, bool value)
{
	view_number(v, column, value);
}

void
view_list(struct view *v, size_t column, const struct strings *list)
{
	struct view_slot *s = last_slot(v, column);

	if (s == NULL)
		return;
	s->set = 1;
	s->number = (int64_t)list->count;
	s->text = (uint32_t)v->texts.len;
	for (size_t i = 0; i < list->count; i++)
		keep(v, list->items[i]);
}

void
view_lines(struct view *v, size_t column, const char *lines)
{
	struct view_slot *s = last_slot(v, column);

	if (s == NULL)
		return;
	s->set = 1;
	s->text = (uint32_t)v->texts.len;
	while (lines != NULL && *lines != '\0') {
		size_t len = strcspn(lines, "\n");

		buf_append(&v->texts, lines, len);
		buf_putc(&v->texts, '\0');
		s->number++;
		lines += len + (lines[len] == '\n');
	}
}

void
view_shown(struct view *v, size_t column, const char *text)
{
	struct view_slot *s = last_slot(v, column);

	if (s != NULL)
		s->shown = keep(v, text) & INT32_MAX;
}

static int
unknown_column(const struct view *v, const char *name, struct error *e)
{
	AUTO_BUF struct buf known = BUF_INIT;

	for (size_t i = 0; i < v->count; i++)
		buf_printf(&known, "%s%s", i > 0 ? " " : "",
		    v->columns[i].key);
	return error_set(e, ERROR_USAGE, "no column '%s' (there are: %s)",
	    name, buf_text(&known));
}

/* By key, or by the title that people see. */
static int
find_column(const struct view *v, const char *name, size_t *column,
    struct error *e)
{
	for (size_t i = 0; i < v->count; i++)
		if (strcmp(v->columns[i].key, name) == 0 ||
		    strcasecmp(v->columns[i].title, name) == 0) {
			*column = i;
			return 0;
		}
	return unknown_column(v, name, e);
}

int
view_select(struct view *v, const char *columns, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(columns);
	char *rest = copy, *name;
	VEC(size_t) chosen = VEC_INIT;

	while ((name = strsep(&rest, ",")) != NULL) {
		size_t column;

		if (find_column(v, name, &column, e) < 0) {
			VEC_FINI(&chosen);
			return -1;
		}
		VEC_PUSH(&chosen, column);
	}
	free(v->chosen);
	v->chosen = chosen.items;
	v->chosen_count = chosen.count;
	return 0;
}

int
view_sort(struct view *v, const char *column, struct error *e)
{
	v->sort_down = *column == '-';
	return find_column(v, column + v->sort_down, &v->sort, e);
}

struct sort_key {
	const struct view *view;
	size_t row;
};

static int
compare_slots(const struct view *v, const struct view_slot *a,
    const struct view_slot *b, enum view_type type)
{
	if (a->set != b->set)
		return a->set ? 1 : -1;
	if (!a->set)
		return 0;
	if (type == VIEW_NUMBER || type == VIEW_BOOL ||
	    (type == VIEW_LIST && (a->number == 0 || b->number == 0)))
		return (a->number > b->number) - (a->number < b->number);
	return strcmp(view_slot_text(v, a->text), view_slot_text(v, b->text));
}

static int
compare_keys(const void *one, const void *two)
{
	const struct sort_key *a = one, *b = two;
	const struct view *v = a->view;
	size_t place = v->places[v->sort];
	int order = compare_slots(v, &v->slots[a->row * v->width + place],
	    &v->slots[b->row * v->width + place], v->columns[v->sort].type);

	if (order == 0)
		return (a->row > b->row) - (a->row < b->row);
	return v->sort_down ? -order : order;
}

void
view_order(struct view *v)
{
	if (v->sort == v->count || v->rows < 2)
		return;
	AUTO_FREE struct sort_key *keys = xcalloc(v->rows, sizeof(*keys));
	for (size_t i = 0; i < v->rows; i++)
		keys[i] = (struct sort_key){ v, i };
	qsort(keys, v->rows, sizeof(*keys), compare_keys);
	free(v->order);
	v->order = xcalloc(v->rows, sizeof(*v->order));
	for (size_t i = 0; i < v->rows; i++)
		v->order[i] = keys[i].row;
}

const struct view_slot *
view_slot(const struct view *v, size_t row, size_t chosen)
{
	if (v->order != NULL)
		row = v->order[row];
	return &v->slots[row * v->width + v->places[v->chosen[chosen]]];
}

const char *
view_slot_text(const struct view *v, size_t offset)
{
	return v->texts.data + offset;
}

static const char *
plain_list(const struct view *v, const struct view_slot *s,
    struct buf *scratch)
{
	const char *item = view_slot_text(v, s->text);

	if (s->number == 1)
		return item;
	for (int64_t i = 0; i < s->number; i++) {
		buf_printf(scratch, "%s%s", i > 0 ? "," : "", item);
		item += strlen(item) + 1;
	}
	return s->number > 0 ? buf_text(scratch) : NULL;
}

const char *
view_slot_plain(const struct view *v, const struct view_slot *s,
    enum view_type type, bool for_people, struct buf *scratch)
{
	const char *text = NULL;

	buf_clear(scratch);
	if (s->shown != 0 && (for_people || type == VIEW_RAW))
		return view_slot_text(v, s->shown);
	if (!s->set)
		return NULL;
	switch (type) {
	case VIEW_TEXT:
	case VIEW_RAW:
		text = view_slot_text(v, s->text);
		break;
	case VIEW_NUMBER:
		buf_printf(scratch, "%" PRId64, s->number);
		text = buf_text(scratch);
		break;
	case VIEW_BOOL:
		text = s->number != 0 ? "on" : "off";
		break;
	case VIEW_LIST:
		text = plain_list(v, s, scratch);
		break;
	}
	return text != NULL && *text != '\0' ? text : NULL;
}
