/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <time.h>

#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/snapshot.h"

enum { C_JAIL, C_NAME, C_CREATED, C_USED, C_REFERENCED, C_HOLDS, C_NOTE,
	COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[C_JAIL] = { "jail", "JAIL", VIEW_TEXT },
	[C_NAME] = { "name", "NAME", VIEW_TEXT },
	[C_CREATED] = { "created", "CREATED", VIEW_NUMBER },
	[C_USED] = { "used", "USED", VIEW_NUMBER },
	[C_REFERENCED] = { "referenced", "REFERENCED", VIEW_NUMBER },
	[C_HOLDS] = { "holds", "HOLDS", VIEW_NUMBER },
	[C_NOTE] = { "note", "NOTE", VIEW_TEXT },
};

static const struct cmd_option options[] = {
	{ 'o', "columns", "COL[,COL...]", "columns to print" },
	{ 's', "sort", "[-]COL", "sort by that column; \"-\": descending" },
	{ 0 },
};

static void
add_size(struct view *v, size_t column, uint64_t bytes)
{
	char text[16];

	view_number(v, column, (int64_t)bytes);
	view_shown(v, column, format_size(bytes, text));
}

static void
add_row(struct view *v, const char *jail, const struct snapshot *s)
{
	char created[32];
	time_t when = (time_t)s->created;
	struct tm tm;

	view_row(v);
	view_text(v, C_JAIL, jail);
	view_text(v, C_NAME, s->name);
	view_number(v, C_CREATED, s->created);
	if (localtime_r(&when, &tm) != NULL &&
	    strftime(created, sizeof(created), "%Y-%m-%d %H:%M:%S", &tm) > 0)
		view_shown(v, C_CREATED, created);
	add_size(v, C_USED, s->used);
	add_size(v, C_REFERENCED, s->referenced);
	view_number(v, C_HOLDS, s->held);
	if (*s->note != '\0')
		view_text(v, C_NOTE, s->note);
}

static int
snapshots(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings jails = VEC_INIT;
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	const char *only = args_value(a, "o"), *sort = args_value(a, "s");

	if (targets_resolve(a, &a->operands, &jails, e) < 0)
		return -1;
	if (only == NULL && jails.count == 1 &&
	    targets_exact(&a->operands, jails.items[0]) &&
	    a->format == VIEW_TABLE)
		only = "name,created,used,referenced,holds,note";
	if ((only != NULL && view_select(v, only, e) < 0) ||
	    (sort != NULL && view_sort(v, sort, e) < 0))
		return -1;
	for (size_t i = 0; i < jails.count; i++) {
		AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;
		bool sizes = view_wants(v, C_USED) ||
		    view_wants(v, C_REFERENCED);

		if (snapshot_list(a->host, jails.items[i], sizes, &list,
		    e) < 0)
			return -1;
		for (size_t k = 0; k < list.count; k++)
			add_row(v, jails.items[i], &list.items[k]);
	}
	return cmd_print(a, v, e);
}

const struct cmd cmd_snapshots = {
	.name = "snapshots",
	.group = "data",
	.summary = "list the snapshots of jails",
	.operands = "target...",
	.options = options,
	.min = 1,
	.max = CMD_ANY,
	.flags = CMD_VIEW,
	.exec = snapshots,
};
