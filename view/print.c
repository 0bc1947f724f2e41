/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "view/rows.h"
#include "view/text.h"

enum { GAP = 2 };	/* spaces between columns */

static const char *
plain(const struct view *v, size_t row, size_t chosen, bool for_people,
    struct buf *scratch)
{
	const char *text = view_slot_plain(v, view_slot(v, row, chosen),
	    v->columns[v->chosen[chosen]].type, for_people, scratch);

	return text != NULL ? text : "-";
}

static size_t
column_width(const struct view *v, size_t chosen, struct buf *scratch)
{
	size_t width = text_width(v->columns[v->chosen[chosen]].title);

	for (size_t row = 0; row < v->rows; row++) {
		size_t w = text_width(plain(v, row, chosen, true, scratch));

		if (w > width)
			width = w;
	}
	return width;
}

static void
pad(struct buf *out, size_t count)
{
	memset(buf_reserve(out, count), ' ', count);
	out->len += count;
	out->data[out->len] = '\0';
}

/* The last column is not padded, and cut where the terminal ends. */
static void
put_cell(struct buf *out, const char *text, size_t width, bool last,
    size_t room)
{
	size_t done = text_clean(out, text, last ? room : 0);

	if (!last)
		pad(out, width - done + GAP);
	else
		buf_putc(out, '\n');
}

static void
print_table(const struct view *v, unsigned terminal, struct buf *out)
{
	AUTO_BUF struct buf scratch = BUF_INIT;
	AUTO_FREE size_t *widths = xcalloc(v->chosen_count, sizeof(*widths));
	size_t last = v->chosen_count - 1, before = 0, room = 0;

	for (size_t i = 0; i < last; i++) {
		widths[i] = column_width(v, i, &scratch);
		before += widths[i] + GAP;
	}
	/* a terminal too narrow for the others wraps: better than nothing */
	if (terminal > before)
		room = terminal - before;
	for (size_t i = 0; i <= last; i++)
		put_cell(out, v->columns[v->chosen[i]].title, widths[i],
		    i == last, room);
	for (size_t row = 0; row < v->rows; row++)
		for (size_t i = 0; i <= last; i++)
			put_cell(out, plain(v, row, i, true, &scratch),
			    widths[i], i == last, room);
}

static void
print_tabbed(const struct view *v, struct buf *out)
{
	AUTO_BUF struct buf scratch = BUF_INIT;

	for (size_t row = 0; row < v->rows; row++)
		for (size_t i = 0; i < v->chosen_count; i++) {
			text_clean(out, plain(v, row, i, false, &scratch), 0);
			buf_putc(out, i + 1 < v->chosen_count ? '\t' : '\n');
		}
}

static void
print_json(const struct view *v, struct buf *out)
{
	buf_putc(out, '[');
	for (size_t row = 0; row < v->rows; row++) {
		if (row > 0)
			buf_puts(out, ",\n ");
		view_json_row(v, row, out);
	}
	buf_puts(out, "]\n");
}

void
view_print(struct view *v, enum view_format format, unsigned width,
    struct buf *out)
{
	view_order(v);
	switch (format) {
	case VIEW_TABLE:
		print_table(v, width, out);
		break;
	case VIEW_TABBED:
		print_tabbed(v, out);
		break;
	case VIEW_JSON:
		print_json(v, out);
		break;
	}
}

void
view_print_object(const struct view *v, enum view_format format,
    struct buf *out)
{
	AUTO_BUF struct buf scratch = BUF_INIT;
	size_t width = 0;

	if (format == VIEW_JSON) {
		view_json_row(v, 0, out);
		buf_putc(out, '\n');
		return;
	}
	for (size_t i = 0; i < v->chosen_count; i++) {
		size_t w = text_width(v->columns[v->chosen[i]].title);

		if (w > width)
			width = w;
	}
	for (size_t i = 0; i < v->chosen_count; i++) {
		const struct view_column *c = &v->columns[v->chosen[i]];
		bool people = format == VIEW_TABLE;

		if (people)
			put_cell(out, c->title, width, false, 0);
		else
			buf_printf(out, "%s\t", c->key);
		put_cell(out, plain(v, 0, i, people, &scratch), 0, true, 0);
	}
}
