/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CMD_ROLLING_H
#define CMD_ROLLING_H

#include "cmd/cmd.h"

/* --rolling and --pause of commands that take several jails. */
struct rolling {
	uint64_t at_once;	/* 0: not rolling */
	uint64_t pause_ms;
};
#define OPTION_PAUSE { 0, "pause", "TIME", "wait that long between them" }

/* From the options; ERROR_USAGE. */
int rolling_init(struct rolling *r, const struct cmd_args *a, struct error *e)
    FALLIBLE;
/*
 * As targets_run(), at_once at a time; when one of them fails, those that are
 * not begun are left alone, which is told.
 */
int rolling_run(const struct rolling *r, struct cmd_args *a,
    const struct strings *names, target_fn *fn, void *arg, struct error *e)
    FALLIBLE;

#endif
