/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* So many targets at a time, and the next ones only when those are well. */
#include <time.h>

#include "base/auto.h"
#include "base/num.h"
#include "cmd/rolling.h"

int
rolling_init(struct rolling *r, const struct cmd_args *a, struct error *e)
{
	const char *between = args_value(a, "pause");

	r->pause_ms = 0;
	if (args_uint(a, "rolling", 1, 256, 0, &r->at_once, e) < 0 ||
	    (between != NULL && parse_duration(between, &r->pause_ms, e) < 0))
		return -1;
	if (between != NULL && r->at_once == 0)
		return error_set(e, ERROR_USAGE, "%s: --pause has a meaning "
		    "with --rolling only", a->cmd->name);
	return 0;
}

static void
wait_between(uint64_t ms)
{
	const struct timespec time = { (time_t)(ms / 1000),
	    (long)(ms % 1000) * 1000000 };

	nanosleep(&time, NULL);
}

int
rolling_run(const struct rolling *r, struct cmd_args *a,
    const struct strings *names, target_fn *fn, void *arg, struct error *e)
{
	for (size_t i = 0; i < names->count; i += r->at_once) {
		AUTO_STRINGS struct strings some = VEC_INIT;
		size_t left;

		for (size_t k = i; k < names->count && k < i + r->at_once; k++)
			strings_add(&some, names->items[k]);
		left = names->count - i - some.count;
		if (i > 0 && r->pause_ms > 0 && !a->plan)
			wait_between(r->pause_ms);
		if (targets_run(a, &some, (unsigned)r->at_once, ORDER_NONE,
		    fn, arg, e) == 0)
			continue;
		if (some.count == 1)
			error_wrap(e, "%s", some.items[0]);
		if (left > 0)
			cmd_say("%zu more were left as they are", left);
		return -1;
	}
	return 0;
}
