/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_OUTPUT_H
#define TEMPLATE_OUTPUT_H

#include "core/cell.h"

/*
 * What steps print.  It goes to the jail's console log, as that of exec.start
 * does, and is shown from there while it grows: a daemon that a step has
 * started may go on writing for as long as it likes.
 */
struct output {
	int log;
	off_t at;		/* shown up to here */
	struct buf line;	/* not yet complete */
	void (*show)(void *arg, const char *line);
	void *arg;
};
#define OUTPUT_INIT { .log = -1 }
#define AUTO_OUTPUT __attribute__((cleanup(output_fini)))

int output_init(struct output *o, const struct host *h, const struct cell *c,
    struct error *e) FALLIBLE;
void output_fini(struct output *o);
/*
 * Do work in a process of its own whose output is shown, with nothing to read.
 * *status and the error are work's.
 */
int output_run(struct output *o, int (*work)(void *arg, int *status,
    struct error *e), void *arg, int *status, struct error *e) FALLIBLE;
/* Show what has come meanwhile. */
void output_catch_up(struct output *o);

#endif
