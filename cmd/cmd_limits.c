/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/limit.h"
#include "core/store.h"
#include "core/usage.h"

enum { C_JAIL, C_LIMIT, C_USE, C_MAX, C_PERCENT, COLUMNS };
/* Two looks that far apart tell what is used in a second. */
enum { SAMPLE_MS = 200 };

static const struct view_column columns[COLUMNS] = {
	[C_JAIL] = { "jail", "JAIL", VIEW_TEXT },
	[C_LIMIT] = { "limit", "LIMIT", VIEW_TEXT },
	[C_USE] = { "use", "USE", VIEW_NUMBER },
	[C_MAX] = { "max", "MAX", VIEW_TEXT },
	[C_PERCENT] = { "percent", "PERCENT", VIEW_NUMBER },
};

static const struct cmd_option options[] = {
	{ 'a', "all", NULL, "what is used without a limit, too" },
	{ 'o', "columns", "COL[,COL...]", "columns to print" },
	{ 's', "sort", "[-]COL", "sort by that column; \"-\": descending" },
	{ 0 },
};

enum unit { UNIT_COUNT, UNIT_BYTES, UNIT_PERCENT };

/* What is counted, and whether it is what is used in a second. */
static const struct row {
	const char *name;	/* behind "limit." */
	enum unit unit;
	bool rate;
	size_t at;		/* in struct engine_usage */
} rows[] = {
	{ "cpu", UNIT_PERCENT, true, offsetof(struct engine_usage, cpu_us) },
	{ "io.read.bps", UNIT_BYTES, true,
	    offsetof(struct engine_usage, read_bytes) },
	{ "io.read.iops", UNIT_COUNT, true,
	    offsetof(struct engine_usage, reads) },
	{ "io.write.bps", UNIT_BYTES, true,
	    offsetof(struct engine_usage, write_bytes) },
	{ "io.write.iops", UNIT_COUNT, true,
	    offsetof(struct engine_usage, writes) },
	{ "memory", UNIT_BYTES, false,
	    offsetof(struct engine_usage, memory) },
	{ "net.in", UNIT_BYTES, true, offsetof(struct engine_usage, net_in) },
	{ "net.out", UNIT_BYTES, true,
	    offsetof(struct engine_usage, net_out) },
	{ "openfiles", UNIT_COUNT, false,
	    offsetof(struct engine_usage, openfiles) },
	{ "processes", UNIT_COUNT, false,
	    offsetof(struct engine_usage, processes) },
	{ "swap", UNIT_BYTES, false, offsetof(struct engine_usage, swap) },
};

struct report {
	struct cmd_args *args;
	struct view *view;
	struct usage_rows before, now;
};

static uint64_t
count_at(const struct usage_row *u, size_t at)
{
	uint64_t n;

	if (u == NULL)
		return ENGINE_UNKNOWN;
	memcpy(&n, (const char *)&u->use + at, sizeof(n));
	return n;
}

static uint64_t
use_of(const struct report *r, const struct row *row, const char *jail)
{
	const struct usage_row *now = usage_find(&r->now, jail);
	const struct usage_row *before = usage_find(&r->before, jail);
	uint64_t use = count_at(now, row->at);

	if (now == NULL)
		return ENGINE_UNKNOWN;
	if (row->rate)
		use = usage_rate(before, now, count_at(before, row->at), use);
	/* microseconds in a second */
	return use != ENGINE_UNKNOWN && row->unit == UNIT_PERCENT ?
	    use / 10000 : use;
}

static void
show(struct view *v, size_t column, enum unit unit, uint64_t n)
{
	char text[32];

	if (unit == UNIT_BYTES)
		format_size(n, text);
	else
		snprintf(text, sizeof(text), "%" PRIu64 "%s", n,
		    unit == UNIT_PERCENT ? "%" : "");
	view_number(v, column, (int64_t)n);
	view_shown(v, column, text);
}

static void
put(struct report *r, const char *jail, const char *name, enum unit unit,
    uint64_t use, const char *max, uint64_t most)
{
	AUTO_FREE char *property = xasprintf("limit.%s", name);

	view_row(r->view);
	view_text(r->view, C_JAIL, jail);
	view_text(r->view, C_LIMIT, property);
	if (use != ENGINE_UNKNOWN)
		show(r->view, C_USE, unit, use);
	if (max != NULL)
		view_text(r->view, C_MAX, max);
	if (use != ENGINE_UNKNOWN && max != NULL && most > 0)
		view_number(r->view, C_PERCENT,
		    (int64_t)((double)use * 100 / (double)most + 0.5));
}

static int
put_disk(struct report *r, const struct cell *c, const char *max,
    struct error *e)
{
	AUTO_CELL_STORE struct cell_store s = CELL_STORE_INIT;
	struct store_usage usage = { ENGINE_UNKNOWN, ENGINE_UNKNOWN,
	    ENGINE_UNKNOWN, ENGINE_UNKNOWN };

	if (cell_store_init(&s, r->args->host, c, NULL, e) < 0 ||
	    (s.store->usage != NULL && s.store->usage(&s.at, &usage, e) < 0))
		return -1;
	put(r, c->name, "disk", UNIT_BYTES, usage.live, max, store_quota(c));
	return 0;
}

/* cpuset and the rules of rctl(8): what is used is not one number. */
static void
put_lists(struct report *r, const struct cell *c)
{
	static const char *const names[] = { "cpuset", "rctl" };

	for (size_t i = 0; i < 2; i++) {
		AUTO_FREE char *property = xasprintf("limit.%s", names[i]);
		AUTO_STRINGS struct strings values = VEC_INIT;
		AUTO_FREE char *text = NULL;

		cell_values(c, property, &values);
		text = strings_join(&values, ",");
		if (values.count > 0)
			put(r, c->name, names[i], UNIT_COUNT, ENGINE_UNKNOWN,
			    text, 0);
	}
}

static int
report_one(struct report *r, const char *name, struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_FREE char *disk = NULL;
	bool all = args_has(r->args, "a");

	if (cell_load(r->args->host, name, &c, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO_FREE char *property = xasprintf("limit.%s",
		    rows[i].name);
		AUTO_FREE char *max = cell_text(&c, property);
		uint64_t use = use_of(r, &rows[i], name), most = 0;

		if (max != NULL && limit_amount(property, max, &most, e) < 0)
			return -1;
		if (max != NULL || (all && use != ENGINE_UNKNOWN))
			put(r, name, rows[i].name, rows[i].unit, use, max,
			    most);
	}
	disk = cell_text(&c, "limit.disk");
	if ((disk != NULL || all) && put_disk(r, &c, disk, e) < 0)
		return -1;
	put_lists(r, &c);
	return 0;
}

static int
measure(struct report *r, const struct strings *names, struct error *e)
{
	const struct timespec pause = { 0, SAMPLE_MS * 1000000L };

	if (usage_read(r->args->host, names, &r->before, e) < 0)
		return -1;
	if (r->before.count == 0)
		return 0;
	nanosleep(&pause, NULL);
	return usage_read(r->args->host, names, &r->now, e);
}

static int
limits(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT, all = VEC_INIT;
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	struct report r = { .args = a, .view = v };
	const char *only = args_value(a, "o"), *sort = args_value(a, "s");
	int result;

	strings_add(&all, "ALL");
	if (targets_resolve(a, a->operands.count > 0 ? &a->operands : &all,
	    &names, e) < 0)
		return -1;
	if ((only != NULL && view_select(v, only, e) < 0) ||
	    (sort != NULL && view_sort(v, sort, e) < 0))
		return -1;
	result = measure(&r, &names, e);
	for (size_t i = 0; i < names.count && result == 0; i++)
		result = report_one(&r, names.items[i], e);
	usage_rows_fini(&r.before);
	usage_rows_fini(&r.now);
	return result < 0 ? -1 : cmd_print(a, v, e);
}

const struct cmd cmd_limits = {
	.name = "limits",
	.group = "properties",
	.summary = "show what jails use of their limits",
	.operands = "[target...]",
	.options = options,
	.max = CMD_ANY,
	.flags = CMD_VIEW,
	.exec = limits,
};
