/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/inside.h"

static const struct cmd_option options[] = {
	OPTION_USER,
	OPTION_ENV,
	{ 0 },
};

static int
console(struct cmd_args *a, struct error *e)
{
	AUTO_FREE char *name = NULL;
	struct run_options o;

	if (inside_options(a, &o, e) < 0 ||
	    targets_one(a, a->operands.items[0], &name, e) < 0)
		return -1;
	o.login = true;
	return life_exec(a->host, name, &o, &a->status, e);
}

const struct cmd cmd_console = {
	.name = "console",
	.group = "inside",
	.summary = "log in to a running jail",
	.operands = "target [command [argument...]]",
	.options = options,
	.min = 1,
	.max = 1,
	.flags = CMD_COMMAND | CMD_STATUS,
	.exec = console,
};
