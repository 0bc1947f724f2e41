/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <time.h>

#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/life.h"
#include "core/ready.h"

static const struct cmd_option options[] = {
	{ 'r', "rolling", "N", "N at a time, each ready before the next" },
	{ 0, "pause", "TIME", "wait that long between them" },
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

static void
wait_between(uint64_t ms)
{
	const struct timespec time = { (time_t)(ms / 1000),
	    (long)(ms % 1000) * 1000000 };

	nanosleep(&time, NULL);
}

/*
 * So many at a time; when one of them does not come back, those that still do
 * their work are left alone.
 */
static int
restart_rolling(struct cmd_args *a, const struct strings *names, uint64_t n,
    uint64_t pause_ms, struct error *e)
{
	for (size_t i = 0; i < names->count; i += n) {
		AUTO_STRINGS struct strings some = VEC_INIT;
		size_t left;

		for (size_t k = i; k < names->count && k < i + n; k++)
			strings_add(&some, names->items[k]);
		left = names->count - i - some.count;
		if (i > 0 && pause_ms > 0 && !a->plan)
			wait_between(pause_ms);
		if (targets_run(a, &some, (unsigned)n, ORDER_NONE,
		    restart_one, NULL, e) == 0)
			continue;
		if (some.count == 1)
			error_wrap(e, "%s", some.items[0]);
		if (left > 0)
			cmd_say("%zu more were left as they are", left);
		return -1;
	}
	return 0;
}

static int
restart(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct error second = ERROR_INIT;
	const char *between = args_value(a, "pause");
	uint64_t rolling, pause_ms = 0;
	int stopped, started;

	if (args_uint(a, "r", 1, 256, 0, &rolling, e) < 0 ||
	    (between != NULL && parse_duration(between, &pause_ms, e) < 0))
		return -1;
	if (between != NULL && rolling == 0)
		return error_set(e, ERROR_USAGE, "restart: --pause has a "
		    "meaning with --rolling only");
	if (targets_resolve_running(a, &a->operands, &names, e) < 0)
		return -1;
	if (rolling > 0)
		return restart_rolling(a, &names, rolling, pause_ms, e);
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
