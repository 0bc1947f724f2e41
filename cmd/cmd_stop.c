/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/life.h"

static const struct cmd_option options[] = {
	{ 'f', "force", NULL, "kill it at once, without its stop hooks" },
	{ 'w', "within", "TIME", "kill what is not stopped in that time" },
	OPTION_PARALLEL,
	{ 0 },
};

static int
stop_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	bool was_running;

	if (life_stop(a->host, name, args_has(a, "f"), &was_running, e) < 0)
		return -1;
	if (!was_running && targets_exact(&a->operands, name))
		cmd_say("%s is not running", name);
	else if (was_running && !a->plan)
		cmd_say("%s: stopped", name);
	return 0;
}

static int
stop(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	const char *within = args_value(a, "w");
	uint64_t ms;

	if (within != NULL) {
		if (parse_duration(within, &ms, e) < 0)
			return -1;
		a->host->stop_by_ms = clock_ms() + ms;
	}
	if (targets_resolve(a, &a->operands, &names, e) < 0)
		return -1;
	return targets_run(a, &names, 0, ORDER_DOWN, stop_one, NULL, e);
}

const struct cmd cmd_stop = {
	.name = "stop",
	.group = "life",
	.summary = "stop jails",
	.operands = "target...",
	.options = options,
	.min = 1,
	.max = CMD_ANY,
	.flags = CMD_PLAN,
	.exec = stop,
};
