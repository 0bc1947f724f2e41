/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/live.h"
#include "core/spec.h"
#include "view/property.h"

enum { COLUMN_NAME, COLUMN_PROPERTY, COLUMN_VALUE, COLUMN_FROM, COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[COLUMN_NAME] = { "name", "NAME", VIEW_TEXT },
	[COLUMN_PROPERTY] = { "property", "PROPERTY", VIEW_TEXT },
	[COLUMN_VALUE] = { "value", "VALUE", VIEW_RAW },
	[COLUMN_FROM] = { "from", "FROM", VIEW_TEXT },
};

static const struct cmd_option options[] = {
	{ 'o', "columns", "COL[,COL...]", "columns to print" },
	{ 0 },
};

struct get {
	struct view *view;
	const struct cell *cell;
};

static void
put(const struct prop *p, const char *name, const struct strings *values,
    const char *from, struct get *g)
{
	AUTO_BUF struct buf json = BUF_INIT;
	AUTO_FREE char *text = property_text(values);

	property_json(p, values, &json);
	view_row(g->view);
	view_text(g->view, COLUMN_NAME, g->cell->name);
	view_text(g->view, COLUMN_PROPERTY, name);
	view_text(g->view, COLUMN_VALUE, buf_text(&json));
	view_shown(g->view, COLUMN_VALUE, text != NULL ? text : "-");
	view_text(g->view, COLUMN_FROM, from);
}

/* Of all, what is secret is told only when it is asked for by name. */
static void
put_each(const struct prop *p, const char *name, const struct strings *values,
    bool from_file, void *arg)
{
	struct get *g = arg;

	put(p, name, values, from_file ? "file" : "default", g);
	if (!(p->flags & PROP_SECRET) || values->count == 0)
		return;
	view_text(g->view, COLUMN_VALUE, "null");
	view_shown(g->view, COLUMN_VALUE, "(secret)");
}

static int
put_told(const struct host *h, const struct prop *p, struct get *g,
    struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;
	AUTO_LIVE struct live live = LIVE_INIT;
	AUTO_FREE char *path = NULL;

	if (live_running(h, g->cell->name, &live, e) < 0)
		return -1;
	if (strcmp(p->name, "name") == 0)
		strings_add(&values, g->cell->name);
	else if (strcmp(p->name, "jid") == 0 && live.phase != LIVE_STOPPED)
		strings_take(&values, xasprintf("%" PRId64, live.engine.jid));
	else if (strcmp(p->name, "idmap") == 0 && live.id_base != 0 &&
	    live.phase != LIVE_STOPPED)
		strings_take(&values, xasprintf("%" PRIu32, live.id_base));
	else if (strcmp(p->name, "path") == 0)
		path = spec_path(h, g->cell, live.phase != LIVE_STOPPED ?
		    &live.engine : NULL);
	if (path != NULL)
		strings_add(&values, path);
	put(p, p->name, &values, values.count > 0 ? "jail" : NULL, g);
	return 0;
}

static int
put_named(const struct host *h, const char *name, struct get *g,
    struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;
	const struct prop *p;
	bool negated, from_file;

	if (prop_resolve(name, &p, &negated, e) < 0) {
		e->kind = ERROR_USAGE;
		return -1;
	}
	if (p->flags & PROP_READONLY)
		return put_told(h, p, g, e);
	if (negated)
		name = p->name;
	cell_get(g->cell, p, name, &values);
	from_file = cell_names_property(g->cell, name);
	put(p, name, &values, from_file ? "file" :
	    values.count > 0 ? "default" : NULL, g);
	return 0;
}

static int
get_one(struct cmd_args *a, struct view *v, const char *target,
    struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	struct get g = { v, &c };
	AUTO_FREE char *copy = xstrdup(a->operands.items[0]);
	char *rest = copy, *name;

	if (cell_load(a->host, target, &c, e) < 0)
		return -1;
	while ((name = strsep(&rest, ",")) != NULL) {
		if (strcmp(name, "all") == 0)
			property_each(&c, true, put_each, &g);
		else if (put_named(a->host, name, &g, e) < 0)
			return -1;
	}
	return 0;
}

static int
get(struct cmd_args *a, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	AUTO_STRINGS struct strings operands = VEC_INIT, names = VEC_INIT;

	for (size_t i = 1; i < a->operands.count; i++)
		strings_add(&operands, a->operands.items[i]);
	if ((args_has(a, "o") && view_select(v, args_value(a, "o"), e) < 0) ||
	    targets_resolve(a, &operands, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (get_one(a, v, names.items[i], e) < 0)
			return -1;
	return cmd_print(a, v, e);
}

const struct cmd cmd_get = {
	.name = "get",
	.group = "properties",
	.summary = "print properties and where their values come from",
	.operands = "PROP[,PROP...]|all target...",
	.options = options,
	.min = 2,
	.max = CMD_ANY,
	.flags = CMD_VIEW,
	.exec = get,
};
