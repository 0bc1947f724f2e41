/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_PERFORM_H
#define TEMPLATE_PERFORM_H

#include "base/blake2.h"
#include "core/host.h"
#include "core/output.h"
#include "template/plan.h"

/* A file that an ONCHANGE looks at, as it was when the apply began. */
struct watched {
	const struct template_step *step;
	uint8_t sum[BLAKE2_SIZE];
};
VEC_TYPE(watched_files, struct watched);

/* What does the steps of a template on a running jail. */
struct performer {
	const struct host *host;
	const char *jail;
	struct output *output;
	/*
	 * A command of gaol, as on its command line; its output to our stdout.
	 * keyword: as a template names it, to be refused when it is none for
	 * templates.  Called in a process of its own.
	 */
	int (*command)(void *arg, const struct strings *argv, bool keyword,
	    int *status, struct error *e);
	void *arg;
	struct watched_files watched;
};

/*
 * Do one step.  *status is the exit status of a command that failed, else 0.
 * *idle: an ONCHANGE had nothing to do.
 */
int perform_step(struct performer *p, const struct template_step *s,
    int *status, bool *idle, struct error *e) FALLIBLE;
/* Remember the files of that ONCHANGE. */
int perform_watch(struct performer *p, const struct template_step *s,
    struct error *e) FALLIBLE;
/* The stamp of RECORD_STAMP in the running jail, "" without; and written. */
int perform_read_stamp(const struct host *h, const char *jail,
    struct buf *stamp, struct error *e) FALLIBLE;
int perform_write_stamp(const struct host *h, const char *jail,
    const char *stamp, struct error *e) FALLIBLE;

#endif
