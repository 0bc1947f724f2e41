/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef INIT_RESTART_H
#define INIT_RESTART_H

#include "init/log.h"

/*
 * The property "restart": when the last process of the jail has ended, the
 * commands of exec.start, which were kept for that, are run again; each time
 * later, and not more often than policy says when the jail ends again soon.
 */
enum restart_phase {
	RESTART_NEVER,		/* there is no policy */
	RESTART_UP,		/* the jail has processes, or has just ended */
	RESTART_WAITING,	/* until it is begun again */
	RESTART_RUNNING,	/* the commands, one after another */
};

enum { RESTART_COMMANDS = 64 };

struct restart {
	enum restart_phase phase;
	struct inbox kept[RESTART_COMMANDS];
	unsigned count, next;	/* commands; the one that is to be run */
	bool always;
	uint32_t most;		/* failures in a row */
	uint32_t failures;
	int state;		/* descriptor of what is told of it */
	int64_t at_ms;		/* up since, or waiting until */
};

/* Take the message's memory over; false when that is one too many. */
bool restart_keep(struct restart *r, struct inbox *in);
bool restart_policy(struct restart *r, const struct init_message *m);
/*
 * No process is left, and the last one ended with that status: whether to go
 * on, else the jail ends.
 */
bool restart_ended(struct restart *r, struct log *l, int status);
/* The time until something is to be done, in ms; 0: now. */
int restart_wait(const struct restart *r);
/* The next command to run, which may be tried once; NULL: the last has been. */
struct inbox *restart_next(struct restart *r);

#endif
