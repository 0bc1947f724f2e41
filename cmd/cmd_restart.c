/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/rolling.h"
#include "core/life.h"
#include "core/ready.h"

static const struct cmd_option options[] = {
	{ 'r', "rolling", "N", "N at a time, each ready before the next" },
	OPTION_PAUSE,
	{ 'f', "force", NULL, "kill it at once, without its stop hooks" },
	OPTION_PARALLEL,
	{ 0 },
};

static int
stop_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	bool was_running;

	/* what would not start again is not stopped */
	if (cell_load(a->host, name, &c, e) < 0)
		return -1;
	if (life_stop(a->host, name, args_has(a, "f"), &was_running, e) < 0)
		return -1;
	if (!was_running)
		cmd_say("%s was not running", name);
	return 0;
}

static int
start_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	if (a->plan) {
		cmd_say("would start '%s' again", name);
		return 0;
	}
	if (life_start(a->host, name, e) == 0) {
		cmd_say("%s: restarted", name);
		return ready_wait(a->host, name, e);
	}
	/* it could not be stopped, which was told then */
	if (e->kind != ERROR_EXISTS)
		return -1;
	error_clear(e);
	return 0;
}

/* The whole of one jail, for which the next ones wait. */
static int
restart_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	if (stop_one(a, name, arg, e) < 0)
		return -1;
	return start_one(a, name, arg, e);
}

static int
restart(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct error second = ERROR_INIT;
	struct rolling rolling;
	int stopped, started;

	if (rolling_init(&rolling, a, e) < 0 ||
	    targets_resolve_running(a, &a->operands, &names, e) < 0)
		return -1;
	if (rolling.at_once > 0)
		return rolling_run(&rolling, a, &names, restart_one, NULL, e);
	a->event = "stop";
	stopped = targets_run(a, &names, 0, ORDER_DOWN, stop_one, NULL, e);
	if (stopped < 0 && names.count == 1)
		return -1;
	a->event = "start";
	started = targets_run(a, &names, 0, ORDER_UP, start_one, NULL,
	    stopped < 0 ? &second : e);
	return stopped < 0 || started < 0 ? -1 : 0;
}

const struct cmd cmd_restart = {
	.name = "restart",
	.group = "life",
	.summary = "stop jails and start them again",
	.operands = "target...",
	.options = options,
	.min = 1,
	.max = CMD_ANY,
	.flags = CMD_PLAN,
	.exec = restart,
};
