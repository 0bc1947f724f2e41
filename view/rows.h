/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef VIEW_ROWS_H
#define VIEW_ROWS_H

#include "view/view.h"

/* The inside of a view, shared by view.c and the printers. */
struct view_slot {
	int64_t number;		/* value; for a list its length */
	uint32_t text;		/* offset in texts; a list's items in a row */
	uint32_t shown : 31;	/* offset in texts, 0: none */
	uint32_t set : 1;
};

struct view {
	const struct view_column *columns;
	size_t count;
	/* Where a column lies in a row; a column that is not chosen when the
	 * first row is made has no place. */
	size_t *places;
	size_t width;
	struct view_slot *slots;	/* row by row */
	size_t rows, cap;
	struct buf texts;		/* NUL-terminated, from offset 1 */
	size_t *chosen;			/* columns to print */
	size_t chosen_count;
	size_t sort;			/* column; count: none */
	bool sort_down;
	size_t *order;			/* rows as sorted; NULL: as made */
};
#define VIEW_NO_PLACE ((size_t)-1)

/* Sort, when that was asked for. */
void view_order(struct view *v);

/* The slot that is printed at this place. */
const struct view_slot *view_slot(const struct view *v, size_t row,
    size_t chosen);
const char *view_slot_text(const struct view *v, size_t offset);
/* What a table (for_people) or tabbed text has there; NULL: "-". */
const char *view_slot_plain(const struct view *v, const struct view_slot *s,
    enum view_type type, bool for_people, struct buf *scratch);
/* Print the rows, or the first one, as JSON. */
void view_json_row(const struct view *v, size_t row, struct buf *out);

#endif
