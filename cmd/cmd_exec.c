/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "cmd/inside.h"

static const struct cmd_option options[] = {
	OPTION_USER,
	OPTION_ENV,
	OPTION_DIR,
	OPTION_TTY,
	{ 'T', "no-tty", NULL, "without a terminal, though ours is one" },
	OPTION_PARALLEL,
	{ 0 },
};

static int
exec_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	struct run_options o = *(const struct run_options *)arg;

	o.tty = o.tty && targets_exact(&a->operands, name);
	return life_exec(a->host, name, &o, &a->status, e);
}

static int
exec(struct cmd_args *a, struct error *e)
{
	struct run_options o;

	if (inside_options(a, &o, e) < 0)
		return -1;
	if (a->command.count == 0)
		return error_set(e, ERROR_USAGE, "exec: a command is missing; "
		    "'gaol console %s' gives a shell", a->operands.items[0]);
	return inside_each(a, exec_one, &o, e);
}

const struct cmd cmd_exec = {
	.name = "exec",
	.group = "inside",
	.summary = "run a command in a running jail",
	.operands = "target command [argument...]",
	.options = options,
	.min = 1,
	.max = 1,
	.flags = CMD_COMMAND | CMD_STATUS,
	.exec = exec,
};
