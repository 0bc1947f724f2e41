/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "cmd/inside.h"

static bool
has_option(const struct cmd_args *a, const char *name)
{
	for (const struct cmd_option *o = a->cmd->options; o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			return true;
	return false;
}

static int
check_env(const struct cmd_args *a, const struct strings *env,
    struct error *e)
{
	for (size_t i = 0; i < env->count; i++)
		if (env->items[i][0] == '=' || env->items[i][0] == '\0')
			return error_set(e, ERROR_USAGE, "%s: -e %s: "
			    "NAME=VALUE, or the NAME of a variable of ours, is "
			    "needed", a->cmd->name, env->items[i]);
		else if (strchr(env->items[i], '=') == NULL &&
		    getenv(env->items[i]) == NULL)
			return error_set(e, ERROR_USAGE, "%s: -e %s: the "
			    "environment has no such variable", a->cmd->name,
			    env->items[i]);
	return 0;
}

int
inside_options(struct cmd_args *a, struct run_options *o, struct error *e)
{
	bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	bool no_tty = has_option(a, "no-tty") && args_has(a, "no-tty");
	bool tty = has_option(a, "tty") && args_has(a, "tty");

	memset(o, 0, sizeof(*o));
	o->argv = strings_argv(&a->command);
	o->user = args_value(a, "user");
	if (has_option(a, "dir"))
		o->dir = args_value(a, "dir");
	if (has_option(a, "env"))
		o->env = args_values(a, "env");
	if (o->env != NULL && check_env(a, o->env, e) < 0)
		return -1;
	if (tty && no_tty)
		return error_set(e, ERROR_USAGE, "%s: -t and -T exclude each "
		    "other", a->cmd->name);
	o->tty = tty || (terminal && !no_tty);
	return 0;
}

struct each {
	target_fn *fn;
	void *arg;
};

/* Of several, each says whose output follows. */
static int
among(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	const struct each *each = arg;
	AUTO_BUF struct buf title = BUF_INIT;

	buf_printf(&title, "[%s]\n", name);
	if (a->verbose >= 0 && a->format != VIEW_TABBED &&
	    cmd_print_text(&title, e) < 0)
		return -1;
	a->status = 0;
	if (each->fn(a, name, each->arg, e) < 0)
		return -1;
	if (a->status != 0)
		return error_set(e, ERROR_FAILED, "ended with status %d",
		    a->status);
	return 0;
}

int
inside_each(struct cmd_args *a, target_fn *fn, void *arg, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct each each = { fn, arg };

	if (targets_resolve_running(a, &a->operands, &names, e) < 0)
		return -1;
	if (names.count == 1 && targets_exact(&a->operands, names.items[0]))
		return fn(a, names.items[0], arg, e);
	if (targets_run(a, &names, 0, ORDER_NONE, among, &each, e) < 0) {
		/* no command's own status stands for all */
		a->status = 1;
		return -1;
	}
	a->status = 0;
	return 0;
}
