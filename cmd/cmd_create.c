/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/life.h"

static const struct cmd_option options[] = {
	{ 'r', "release", "RELEASE", "release the jail stands on" },
	{ 't', "thick", NULL, "copy the release, instead of sharing it" },
	{ 'S', "store", "STORE", "where its files lie: overlay, dir" },
	{ 's', "start", NULL, "start it as well" },
	OPTION_PARALLEL,
	{ 0 },
};

static int
create_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	if (life_create(a->host, name, arg, e) < 0)
		return -1;
	if (a->plan) {
		if (args_has(a, "s"))
			cmd_say("would start '%s'", name);
		return 0;
	}
	cmd_say("%s: created", name);
	if (!args_has(a, "s"))
		return 0;
	if (life_start(a->host, name, e) < 0)
		return error_wrap(e, "'%s' was created, but did not start",
		    name);
	cmd_say("%s: started", name);
	return 0;
}

/* Names are checked before anything is made. */
static int
check_names(const struct cmd_args *a, struct strings *names, struct error *e)
{
	if (args_has(a, "r") && name_check_release(args_value(a, "r"), e) < 0)
		return -1;
	for (size_t i = 0; i < a->operands.count; i++) {
		const char *name = a->operands.items[i];

		if (name_check_cell(name, e) < 0)
			return -1;
		if (strings_index(names, name) < 0)
			strings_add(names, name);
	}
	return 0;
}

static int
create(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct create_options o = {
		.release = args_value(a, "r"),
		.store = args_value(a, "S"),
		.thick = args_has(a, "t"),
		.assign = a->assign.items,
		.assign_count = a->assign.count,
	};

	if (check_names(a, &names, e) < 0)
		return -1;
	return targets_run(a, &names, 0, ORDER_NONE, create_one, &o, e);
}

const struct cmd cmd_create = {
	.name = "create",
	.group = "life",
	.summary = "create jails",
	.operands = "name... [PROP=VALUE...]",
	.options = options,
	.min = 1,
	.max = CMD_ANY,
	.flags = CMD_ASSIGN | CMD_PLAN,
	.exec = create,
};
