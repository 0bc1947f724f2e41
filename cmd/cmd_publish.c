/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* publish and unpublish: the list property, by its members. */
#include <string.h>

#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/life.h"
#include "core/net_publish.h"

enum { COLUMN_NAME, COLUMN_PORTS, COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[COLUMN_NAME] = { "name", "NAME", VIEW_TEXT },
	[COLUMN_PORTS] = { "ports", "PORTS", VIEW_LIST },
};

static const struct cmd_option publish_options[] = {
	{ '\0', "from", "NETWORK", "only for that source" },
	{ 'l', "log", NULL, "log each new connection" },
	{ 0 },
};
static const struct cmd_option unpublish_options[] = {
	{ 'a', "all", NULL, "close all published ports" },
	{ 0 },
};

/* One port of the operands, with what the options say. */
static char *
with_options(const struct cmd_args *a, const char *port)
{
	const char *from = args_value(a, "from");

	return xasprintf("%s%s%s%s", port, from != NULL ? " from " : "",
	    from != NULL ? from : "", args_has(a, "log") ? " log" : "");
}

static int
add_ports(struct cell *c, void *arg, struct error *e)
{
	const struct cmd_args *a = arg;
	AUTO_STRINGS struct strings values = VEC_INIT;

	for (size_t i = 1; i < a->operands.count; i++)
		strings_take(&values, with_options(a, a->operands.items[i]));
	if (cell_set(c, prop_find("publish"), "publish", &values, true,
	    e) < 0) {
		e->kind = ERROR_USAGE;
		return -1;
	}
	return 0;
}

static bool
is_named(const struct cmd_args *a, const struct engine_publish *have,
    bool *used)
{
	struct error ignored = ERROR_INIT;
	bool found = false;

	for (size_t i = 1; i < a->operands.count; i++) {
		struct engine_publish p;

		if (net_publish_parse(a->operands.items[i], &p,
		    &ignored) == 0 && net_publish_same(&p, have))
			found = used[i] = true;
	}
	return found;
}

static int
drop_ports(struct cell *c, void *arg, struct error *e)
{
	const struct cmd_args *a = arg;
	AUTO_STRINGS struct strings old = VEC_INIT, kept = VEC_INIT;
	AUTO_FREE bool *used = xcalloc(a->operands.count, sizeof(*used));

	cell_values(c, "publish", &old);
	for (size_t i = 0; i < old.count && !args_has(a, "all"); i++) {
		struct engine_publish p;

		if (net_publish_parse(old.items[i], &p, e) < 0)
			return -1;
		if (!is_named(a, &p, used))
			strings_add(&kept, old.items[i]);
	}
	for (size_t i = 1; i < a->operands.count; i++)
		if (!used[i])
			return error_set(e, ERROR_NOT_FOUND,
			    "port %s is not published",
			    a->operands.items[i]);
	return cell_set(c, prop_find("publish"), "publish", &kept, false, e);
}

static int
show_ports(struct cmd_args *a, const struct strings *names, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);

	for (size_t i = 0; i < names->count; i++) {
		AUTO_STRINGS struct strings ports = VEC_INIT;
		AUTO_CELL struct cell c = CELL_INIT;

		if (cell_load(a->host, names->items[i], &c, e) < 0)
			return -1;
		cell_values(&c, "publish", &ports);
		view_row(v);
		view_text(v, COLUMN_NAME, names->items[i]);
		view_list(v, COLUMN_PORTS, &ports);
	}
	return cmd_print(a, v, e);
}

static int
resolve_first(struct cmd_args *a, struct strings *names, struct error *e)
{
	AUTO_STRINGS struct strings target = VEC_INIT;

	strings_add(&target, a->operands.items[0]);
	return targets_resolve(a, &target, names, e);
}

static int
publish_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	bool restart;

	return life_change(a->host, name, add_ports, a, &restart, e);
}

static int
unpublish_one(struct cmd_args *a, const char *name, void *arg,
    struct error *e)
{
	bool restart;

	return life_change(a->host, name, drop_ports, a, &restart, e);
}

static int
publish(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (resolve_first(a, &names, e) < 0)
		return -1;
	if (a->operands.count == 1)
		return show_ports(a, &names, e);
	return targets_run(a, &names, 1, ORDER_NONE, publish_one, NULL, e);
}

static int
unpublish(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (a->operands.count == 1 && !args_has(a, "all"))
		return error_set(e, ERROR_USAGE, "unpublish: which ports? "
		    "-a for all");
	if (resolve_first(a, &names, e) < 0)
		return -1;
	return targets_run(a, &names, 1, ORDER_NONE, unpublish_one, NULL, e);
}

const struct cmd cmd_publish = {
	.name = "publish",
	.group = "network",
	.summary = "lead ports of the host into a jail, or print them",
	.operands = "target [PORT...]",
	.options = publish_options,
	.min = 1,
	.max = CMD_ANY,
	.flags = CMD_PLAN | CMD_VIEW,
	.exec = publish,
};

const struct cmd cmd_unpublish = {
	.name = "unpublish",
	.group = "network",
	.summary = "close published ports",
	.operands = "target [PORT...]",
	.options = unpublish_options,
	.min = 1,
	.max = CMD_ANY,
	.flags = CMD_PLAN,
	.exec = unpublish,
};
