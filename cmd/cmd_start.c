/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/life.h"
#include "core/ready.h"
#include "view/cells.h"

enum { WORKERS_MAX = 64, WORKERS_BESIDE = 4 };

static const struct cmd_option options[] = {
	{ 'b', "boot", NULL, "all jails with boot = on" },
	{ 'N', "no-wait", NULL, "do not wait until they are ready" },
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
	return args_has(a, "N") ? 0 : ready_wait(a->host, name, e);
}

static int
add_boot(struct cmd_args *a, struct strings *names, struct error *e)
{
	AUTO_CELLS struct cells cells = CELLS_INIT;

	if (cells_load(a->host, NULL, &cells, e) < 0)
		return -1;
	for (size_t i = 0; i < cells.count; i++) {
		const char *boot = cells_value(&cells, i, CELLS_BOOT);
		const char *problem = cells_value(&cells, i, CELLS_PROBLEM);
		struct error why = ERROR_INIT;
		bool starts = false;

		if (problem != NULL)
			cmd_warn("%s", problem);
		if (boot == NULL || strcmp(boot, "on") != 0)
			continue;
		/* one that is broken must not keep the others from starting */
		if (life_starts_at_boot(a->host, cells_name(&cells, i),
		    &starts, &why) < 0)
			cmd_warn("%s", why.msg);
		if (starts)
			strings_add(names, cells_name(&cells, i));
	}
	return 0;
}

/*
 * One that waits to be ready takes a worker and no processor: there are to be
 * enough for the others meanwhile.
 */
static int
choose_workers(const struct cmd_args *a, const struct strings *names,
    unsigned *workers, struct error *e)
{
	AUTO_CELLS struct cells cells = CELLS_INIT;
	unsigned waiting = 0;

	*workers = 0;
	if (args_has(a, "P") || args_has(a, "N") || names->count < 2)
		return 0;
	if (cells_load(a->host, names, &cells, e) < 0)
		return -1;
	for (size_t i = 0; i < cells.count; i++)
		waiting += cells_value(&cells, i, CELLS_READY) != NULL;
	if (waiting > 0)
		*workers = waiting < WORKERS_MAX - WORKERS_BESIDE ?
		    waiting + WORKERS_BESIDE : WORKERS_MAX;
	return 0;
}

static int
start(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT, missing = VEC_INIT;
	bool boot = args_has(a, "b");
	unsigned workers;

	if (boot == (a->operands.count > 0))
		return error_set(e, ERROR_USAGE, "start: %s", boot ?
		    "-b chooses the jails itself" :
		    "which jails? A name, ALL, @TAG, or -b");
	if ((boot ? add_boot(a, &names, e) :
	    targets_resolve(a, &a->operands, &names, e)) < 0 ||
	    targets_add_needed(a, &names, &missing, e) < 0 ||
	    choose_workers(a, &names, &workers, e) < 0)
		return -1;
	return targets_run(a, &names, workers, ORDER_UP, start_one, &missing,
	    e);
}

const struct cmd cmd_start = {
	.name = "start",
	.group = "life",
	.summary = "start jails",
	.operands = "[target...]",
	.options = options,
	.max = CMD_ANY,
	.flags = CMD_PLAN,
	.exec = start,
};
