/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/life.h"

static const struct cmd_option options[] = {
	OPTION_PARALLEL,
	{ 0 },
};

static int
change(struct cell *c, void *arg, struct error *e)
{
	const struct strings *assign = arg;

	for (size_t i = 0; i < assign->count; i++)
		if (cell_assign(c, assign->items[i], false, e) < 0)
			return -1;
	return 0;
}

static int
set_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	bool restart = false;

	if (life_change(a->host, name, change, &a->assign, &restart, e) < 0)
		return -1;
	if (restart)
		cmd_say("%s: in force at the next start", name);
	return 0;
}

static int
set(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (a->assign.count == 0)
		return error_set(e, ERROR_USAGE, "set: what? PROP=VALUE, "
		    "PROP+=VALUE, or PROP= for its default");
	if (targets_resolve(a, &a->operands, &names, e) < 0)
		return -1;
	return targets_run(a, &names, 0, ORDER_NONE, set_one, NULL, e);
}

const struct cmd cmd_set = {
	.name = "set",
	.group = "properties",
	.summary = "set properties",
	.operands = "target... PROP=VALUE...",
	.options = options,
	.min = 1,
	.max = CMD_ANY,
	.flags = CMD_ASSIGN | CMD_PLAN,
	.exec = set,
};
