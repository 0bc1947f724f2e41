/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/life.h"

static const struct cmd_option options[] = {
	OPTION_PARALLEL,
	{ 0 },
};

/* One that runs is an error when it was named, and passed over when it is only
 * among those that ALL, @TAG or a pattern stand for, or that others need. */
static int
start_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	const struct strings *missing = arg;

	for (size_t i = 0; i < missing->count; i += 2)
		if (strcmp(missing->items[i], name) == 0)
			return error_set(e, ERROR_CONFIG, "jail '%s' %s", name,
			    missing->items[i + 1]);
	if (life_start(a->host, name, e) < 0) {
		if (e->kind != ERROR_EXISTS ||
		    targets_exact(&a->operands, name))
			return -1;
		error_clear(e);
		return 0;
	}
	if (!a->plan)
		cmd_say("%s: started", name);
	return 0;
}

static int
start(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT, missing = VEC_INIT;

	if (targets_resolve(a, &a->operands, &names, e) < 0 ||
	    targets_add_needed(a, &names, &missing, e) < 0)
		return -1;
	return targets_run(a, &names, 0, ORDER_UP, start_one, &missing, e);
}

const struct cmd cmd_start = {
	.name = "start",
	.group = "life",
	.summary = "start jails",
	.operands = "target...",
	.options = options,
	.min = 1,
	.max = CMD_ANY,
	.flags = CMD_PLAN,
	.exec = start,
};
