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
	buf_putc(&v->texts, '\0');	/* offset 0 means none */
	return v;
}

void
view_free(struct view *v)
{
	if (v == NULL)
		return;
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

void
view_row(struct view *v)
{
	if (v->rows == v->cap) {
		v->cap = v->cap != 0 ? v->cap * 2 : 16;
		v->slots = xrealloc(v->slots,
		    v->cap * v->count * sizeof(*v->slots));
	}
	memset(v->slots + v->rows * v->count, 0,
	    v->count * sizeof(*v->slots));
	v->rows++;
}

static struct view_slot *
last_slot(struct view *v, size_t column)
{
	return &v->slots[(v->rows - 1) * v->count + column];
}

static size_t
keep(struct view *v, const char *text)
{
	size_t at = v->texts.len;

	buf_append(&v->texts, text, strlen(text) + 1);
	return at;
}

void
view_text(struct view *v, size_t column, const char *text)
{
	struct view_slot *s = last_slot(v, column);

	if (text == NULL)
		return;
	s->set = true;
	s->text = keep(v, text);
}

void
view_number(struct view *v, size_t column, int64_t number)
{
	struct view_slot *s = last_slot(v, column);

	s->set = true;
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

	s->set = true;
	s->number = (int64_t)list->count;
	s->text = v->texts.len;
	for (size_t i = 0; i < list->count; i++)
		keep(v, list->items[i]);
}

void
view_lines(struct view *v, size_t column, const char *lines)
{
	struct view_slot *s = last_slot(v, column);

	s->set = true;
	s->text = v->texts.len;
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
	last_slot(v, column)->shown = keep(v, text);
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

struct sort_key {
	const struct view *view;
	size_t row, column;
	bool down;
};

static int
compare_slots(const struct view *v, const struct view_slot *a,
    const struct view_slot *b, enum view_type type)
{
	if (a->set != b->set)
		return a->set ? 1 : -1;
	if (!a->set)
		return 0;
	if (type == VIEW_NUMBER || type == VIEW_BOOL)
		return (a->number > b->number) - (a->number < b->number);
	if (type == VIEW_LIST && (a->number == 0 || b->number == 0))
		return (a->number > b->number) - (a->number < b->number);
	return strcmp(view_slot_text(v, a->text), view_slot_text(v, b->text));
}

static int
compare_keys(const void *one, const void *two)
{
	const struct sort_key *a = one, *b = two;
	const struct view *v = a->view;
	int order = compare_slots(v, &v->slots[a->row * v->count + a->column],
	    &v->slots[b->row * v->count + b->column],
	    v->columns[a->column].type);

	if (order == 0)
		return (a->row > b->row) - (a->row < b->row);
	return a->down ? -order : order;
}

int
view_sort(struct view *v, const char *column, struct error *e)
{
	bool down = *column == '-';
	size_t at;

	if (find_column(v, column + down, &at, e) < 0)
		return -1;
	AUTO_FREE struct sort_key *keys = xcalloc(v->rows, sizeof(*keys));
	for (size_t i = 0; i < v->rows; i++)
		keys[i] = (struct sort_key){ v, i, at, down };
	qsort(keys, v->rows, sizeof(*keys), compare_keys);
	if (v->order == NULL)
		v->order = xcalloc(v->rows, sizeof(*v->order));
	for (size_t i = 0; i < v->rows; i++)
		v->order[i] = keys[i].row;
	return 0;
}

const struct view_slot *
view_slot(const struct view *v, size_t row, size_t chosen)
{
	if (v->order != NULL)
		row = v->order[row];
	return &v->slots[row * v->count + v->chosen[chosen]];
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
