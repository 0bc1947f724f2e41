/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_OUTPUT_H
#define CORE_OUTPUT_H

#include "base/buf.h"
#include "base/error.h"

/*
 * What steps print, shown line by line while it comes.  It comes through a pipe
 * that ends with the step: a daemon which a step has started and which goes on
 * writing there writes to nobody, and fills no disk of the host.
 */
struct output {
	struct buf line;	/* not yet complete */
	void (*show)(void *arg, const char *line);
	void *arg;
};
#define OUTPUT_INIT { .line = BUF_INIT }

void output_fini(struct output *o);
/*
 * Do work in a process of its own whose output is shown, with nothing to read.
 * *status and the error are work's.
 */
int output_run(struct output *o, int (*work)(void *arg, int *status,
    struct error *e), void *arg, int *status, struct error *e) FALLIBLE;
#endif
