/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <inttypes.h>
#include <unistd.h>

#include "base/auto.h"
#include "cmd/inside.h"

static const struct cmd_option options[] = {
	{ 'r', "release", "RELEASE", "release the jail stands on" },
	{ 'N', "name", "NAME", "name of the jail; one is made up without" },
	{ 'S', "store", "STORE", "where its files lie: overlay, dir" },
	OPTION_USER,
	OPTION_ENV,
	OPTION_DIR,
	OPTION_TTY,
	{ 'T', "no-tty", NULL, "without a terminal, though ours is one" },
	{ '\0', "keep", NULL, "keep the jail when the command has ended" },
	{ 0 },
};

/* "run-3f9a01c2"; the create that follows refuses one that is there. */
static int
make_name(char **name, struct error *e)
{
	uint32_t number;

	if (getentropy(&number, sizeof(number)) < 0)
		return error_sys(e, "random number");
	*name = xasprintf("run-%08" PRIx32, number);
	return 0;
}

static int
run(struct cmd_args *a, struct error *e)
{
	AUTO_FREE char *name = NULL;
	struct run_options o;
	struct create_options c = {
		.release = args_value(a, "r"),
		.store = args_value(a, "S"),
		.assign = a->assign.items,
		.assign_count = a->assign.count,
	};

	if (inside_options(a, &o, e) < 0 || (c.release != NULL &&
	    name_check_release(c.release, e) < 0))
		return -1;
	o.keep = args_has(a, "keep");
	if (args_has(a, "N")) {
		name = xstrdup(args_value(a, "N"));
		if (name_check_cell(name, e) < 0)
			return -1;
	} else if (make_name(&name, e) < 0) {
		return -1;
	}
	if (life_run(a->host, name, &c, &o, &a->status, e) < 0)
		return -1;
	if (a->plan)
		cmd_say("would start '%s' with %s%s", name,
		    a->command.count > 0 ? a->command.items[0] :
		    "a login shell", o.keep ? "" : ", and destroy it when "
		    "that ends");
	return 0;
}

const struct cmd cmd_run = {
	.name = "run",
	.group = "life",
	.summary = "create a jail, run a command in it, destroy it",
	.operands = "[PROP=VALUE...] [--] [command [argument...]]",
	.options = options,
	.flags = CMD_ASSIGN | CMD_COMMAND_ONLY | CMD_PLAN | CMD_STATUS,
	.exec = run,
};
