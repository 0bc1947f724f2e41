/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_USAGE_H
#define CORE_USAGE_H

#include "core/live.h"

/*
 * What the running jails of names (NULL: all) use, at one moment.  A jail that
 * does not run is none of them.
 */
struct usage_row {
	char *name;
	uint64_t at_us;		/* CLOCK_MONOTONIC */
	struct engine_usage use;
};
VEC_TYPE(usage_rows, struct usage_row);
#define AUTO_USAGE __attribute__((cleanup(usage_rows_fini)))
void usage_rows_fini(struct usage_rows *rows);
/* ERROR_UNSUPPORTED on a system that cannot tell. */
int usage_read(const struct host *h, const struct strings *names,
    struct usage_rows *rows, struct error *e) FALLIBLE;
const struct usage_row *usage_find(const struct usage_rows *rows,
    const char *name);
/*
 * How much a counter has grown in a second, from before to now; ENGINE_UNKNOWN
 * when one of them is.  One that went back counts as still.
 */
uint64_t usage_rate(const struct usage_row *before,
    const struct usage_row *now, uint64_t before_count, uint64_t now_count);

/*
 * Of a jail that is about to end, or has: processes that the kernel ended for
 * want of memory (limit.memory) are an event, a line in the console log, and
 * told.  force: the cell as it was started with.
 */
struct cell;
void usage_tell_oom(const struct host *h, const struct cell *force,
    const struct live *live);

/* Processes of a running jail, with uids as the jail sees them; none of one
 * that does not run. */
int usage_processes(const struct host *h, const char *name,
    struct engine_processes *list, struct error *e) FALLIBLE;

#endif
