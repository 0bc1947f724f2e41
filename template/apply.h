/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_APPLY_H
#define TEMPLATE_APPLY_H

#include <stdbool.h>

#include "core/host.h"
#include "template/perform.h"
#include "template/vars.h"

struct apply_options {
	const struct strings *templates;
	const struct vars *args;
	bool no_cache;		/* do every step */
	bool keep;		/* after a failure leave the jail as it is */
	/*
	 * A jail that was just created, whose steps are kept for others
	 * (template/cache.h); and what it was created from: apply_base().
	 */
	bool fresh;
	const char *base;
	/* See template_target and struct performer. */
	char *(*ask)(void *arg, const char *name);
	int (*command)(void *arg, const struct strings *argv, bool keyword,
	    int *status, struct error *e);
	void (*show)(void *arg, const char *line);	/* of a step's output */
	void *arg;
};

enum apply_state {
	APPLY_UNCHANGED,	/* was done by an earlier apply */
	APPLY_DONE,
	APPLY_IDLE,		/* ONCHANGE, and it did not change */
	APPLY_FAILED,
	APPLY_PENDING,		/* not come to; with -n: would be done */
};
struct apply_row {
	char *template, *file, *text;
	unsigned line;
	enum apply_state state;
	uint64_t ms;
};
struct apply_result {
	VEC(struct apply_row) rows;
	size_t done, unchanged;
	uint64_t ms;
};
#define APPLY_RESULT_INIT { VEC_INIT, 0, 0, 0 }
#define AUTO_APPLY_RESULT __attribute__((cleanup(apply_result_fini)))
void apply_result_fini(struct apply_result *r);

/*
 * The kept state that a new jail of that release can begin with, so that as
 * many steps as possible need not be done; NULL when there is none.  The caller
 * frees it.
 */
int apply_base(const struct host *h, const char *jail, const char *release,
    const struct apply_options *o, char **base, struct error *e) FALLIBLE;

/*
 * Apply templates to a jail, one after another.  One that does not run is
 * started, and stopped at the end.  What an earlier apply has done and what is
 * still the same is not done again: from the first step of a template that is
 * not, all are.  A step that fails ends it: its file and line, and its status;
 * the jail gets back the files and properties it had, where its store can.
 * With h->plan it is told what would be done.
 */
int template_apply(const struct host *h, const char *jail,
    const struct apply_options *o, struct apply_result *r, struct error *e)
    FALLIBLE;

#endif
