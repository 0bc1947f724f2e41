/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
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
exec_alone(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	return life_exec(a->host, name, arg, &a->status, e);
}

/* Of several, each says whose output follows. */
static int
exec_among(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	AUTO_BUF struct buf title = BUF_INIT;
	int status = 0;

	buf_printf(&title, "[%s]\n", name);
	if (a->verbose >= 0 && a->format != VIEW_TABBED &&
	    cmd_print_text(&title, e) < 0)
		return -1;
	if (life_exec(a->host, name, arg, &status, e) < 0)
		return -1;
	if (status != 0)
		return error_set(e, ERROR_FAILED, "ended with status %d",
		    status);
	return 0;
}

static int
exec(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct run_options o;

	if (inside_options(a, &o, e) < 0)
		return -1;
	if (a->command.count == 0)
		return error_set(e, ERROR_USAGE, "exec: a command is missing; "
		    "'gaol console %s' gives a shell", a->operands.items[0]);
	if (targets_resolve_running(a, &a->operands, &names, e) < 0)
		return -1;
	if (names.count == 1 && targets_exact(&a->operands, names.items[0]))
		return exec_alone(a, names.items[0], &o, e);
	/* no command's own status stands for all */
	a->status = 1;
	o.tty = false;
	if (targets_run(a, &names, 0, ORDER_NONE, exec_among, &o, e) < 0)
		return -1;
	a->status = 0;
	return 0;
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
