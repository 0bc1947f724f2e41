/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

/*
 * What a command tells, built once as rows of typed columns and printed in one
 * of three forms: a table for people, tab-separated text without a header
 * (-H), JSON (-j): an array of objects, or one object (view_object).
 */
enum view_format { VIEW_TABLE, VIEW_TABBED, VIEW_JSON };
enum view_type {
	VIEW_TEXT, VIEW_NUMBER, VIEW_BOOL, VIEW_LIST,
	VIEW_RAW,		/* view_text() is JSON; view_shown() the rest */
};

struct view_column {
	const char *key;	/* JSON member, -o, sort: "started" */
	const char *title;	/* table header: "UP" */
	enum view_type type;
};

struct view;

/* columns is borrowed for the life of the view. */
struct view *view_new(const struct view_column *columns, size_t count);
void view_free(struct view *v);
void view_cleanup(struct view **v);
#define AUTO_VIEW __attribute__((cleanup(view_cleanup)))

/* Begin a row: all its cells are empty ("-" in a table, null in JSON). */
void view_row(struct view *v);
/* Whether a column will be printed or sorted by: a value that costs something
 * need not be made otherwise. */
bool view_wants(const struct view *v, size_t column);
void view_text(struct view *v, size_t column, const char *text);
void view_number(struct view *v, size_t column, int64_t number);
void view_bool(struct view *v, size_t column, bool value);
void view_list(struct view *v, size_t column, const struct strings *list);
/* The same from a text that has one value on each line; NULL is none. */
void view_lines(struct view *v, size_t column, const char *lines);
/* What a table shows in place of the value ("2h 5m" for a number). */
void view_shown(struct view *v, size_t column, const char *text);

/*
 * Only these columns, in this order ("name,state"); sorted by that column
 * ("-started" for descending), whatever the columns are.  Both before the first
 * row.  A column goes by its key or its title in any case.  ERROR_USAGE lists
 * the columns there are.
 */
int view_select(struct view *v, const char *columns, struct error *e) FALLIBLE;
int view_sort(struct view *v, const char *column, struct error *e) FALLIBLE;

/*
 * Print to out.  width: columns of the terminal, 0: do not cut.  Whatever could
 * change a terminal's state is "?" in tables and tabbed text, an escape in
 * JSON (view/text.h).
 */
void view_print(struct view *v, enum view_format format, unsigned width,
    struct buf *out);
/* The first row as one JSON object, or as "TITLE  value" lines. */
void view_print_object(const struct view *v, enum view_format format,
    struct buf *out);

/* JSON pieces for what is not a table. */
void json_string(struct buf *out, const char *text);

#endif
