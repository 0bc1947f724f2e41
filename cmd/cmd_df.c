/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/snapshot.h"
#include "template/cache.h"

enum { C_NAME, C_STORE, C_TYPE, C_USED, C_SNAPSHOTS, C_LIMIT, C_AVAILABLE,
	COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[C_NAME] = { "name", "NAME", VIEW_TEXT },
	[C_STORE] = { "store", "STORE", VIEW_TEXT },
	[C_TYPE] = { "type", "TYPE", VIEW_TEXT },
	[C_USED] = { "used", "USED", VIEW_NUMBER },
	[C_SNAPSHOTS] = { "snapshots", "SNAPSHOTS", VIEW_NUMBER },
	[C_LIMIT] = { "limit", "LIMIT", VIEW_NUMBER },
	[C_AVAILABLE] = { "available", "AVAILABLE", VIEW_NUMBER },
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

	if (bytes == UINT64_MAX)
		return;
	view_number(v, column, (int64_t)bytes);
	view_shown(v, column, format_size(bytes, text));
}

static int
add_row(struct cmd_args *a, struct view *v, const char *name, struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_CELL_STORE struct cell_store s = CELL_STORE_INIT;
	struct store_usage usage = { UINT64_MAX, UINT64_MAX, UINT64_MAX,
	    UINT64_MAX };

	if (cell_load(a->host, name, &c, e) < 0 ||
	    cell_store_init(&s, a->host, &c, NULL, e) < 0 ||
	    (s.store->usage != NULL &&
	    s.store->usage(&s.at, &usage, e) < 0))
		return -1;
	if (s.store->usage == NULL && store_quota(&c) != 0)
		usage.limit = store_quota(&c);
	view_row(v);
	view_text(v, C_NAME, name);
	view_text(v, C_STORE, s.store->name);
	view_text(v, C_TYPE, s.store->thin ? "thin" : "thick");
	add_size(v, C_USED, usage.live);
	add_size(v, C_SNAPSHOTS, usage.snapshots);
	add_size(v, C_LIMIT, usage.limit);
	add_size(v, C_AVAILABLE, usage.available);
	return 0;
}

static int
df(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT, all = VEC_INIT;
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	const char *only = args_value(a, "o"), *sort = args_value(a, "s");

	strings_add(&all, "ALL");
	if (targets_resolve(a, a->operands.count > 0 ? &a->operands : &all,
	    &names, e) < 0)
		return -1;
	if ((only != NULL && view_select(v, only, e) < 0) ||
	    (sort != NULL && view_sort(v, sort, e) < 0))
		return -1;
	/* what templates have kept takes space as well */
	if (a->operands.count == 0 && cache_list(a->host, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (add_row(a, v, names.items[i], e) < 0)
			return -1;
	return cmd_print(a, v, e);
}

const struct cmd cmd_df = {
	.name = "df",
	.group = "host",
	.summary = "show the space that jails take",
	.operands = "[target...]",
	.options = options,
	.max = CMD_ANY,
	.flags = CMD_VIEW,
	.exec = df,
};
