/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CMD_WORKER_H
#define CMD_WORKER_H

#include <sys/types.h>

#include "cmd/cmd.h"

/*
 * A process that works on one target after another: it gets the number of a
 * name and answers with the result and what was printed meanwhile.
 */
struct worker {
	pid_t pid;
	int fd;			/* our end of the socket, or -1 */
	ssize_t node;		/* what it works on, or -1 */
};

/* What it is to do: the same for all. */
struct job {
	struct cmd_args *args;
	const struct strings *names;
	target_fn *fn;
	void *arg;
	const struct worker *workers;	/* all of them, for the others' ends */
	size_t worker_count;
};

/* What came of one target. */
struct outcome {
	bool known, failed;
	uint64_t begin_ms;	/* when it was given to somebody */
	struct error error;
	struct buf out, err;
};

int worker_start(struct worker *w, const struct job *job, struct error *e)
    FALLIBLE;
int worker_give(struct worker *w, size_t node, struct error *e) FALLIBLE;
/* Wait for the answer; of a worker that died that is what outcome tells, and
 * its fd is then closed. */
void worker_take(struct worker *w, struct outcome *outcome);
/* Let it end when it has nothing to do; waits. */
void worker_end(struct worker *w);

#endif
