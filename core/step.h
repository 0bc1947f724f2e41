/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_STEP_H
#define CORE_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "core/host.h"

/*
 * A change is a list of steps with an undo each.  When one fails, those done
 * are undone, last first, and the first error is the one that is told.  The
 * same list, told and not run, is the plan of -n.
 */
struct step {
	const char *name;	/* "make file tree" */
	int (*make)(void *arg, struct error *e);
	int (*undo)(void *arg, struct error *e);	/* NULL: nothing to undo */
	/* What it would do, for -n; NULL: the name.  Empty text: skipped. */
	void (*tell)(void *arg, struct buf *text);
};

int steps_run(const struct host *h, const struct step *steps, size_t count,
    void *arg, struct error *e) FALLIBLE;

/* Test hook: the n-th step of this process fails (0: none). */
extern unsigned steps_fail_at;

#endif
