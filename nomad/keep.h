/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef NOMAD_KEEP_H
#define NOMAD_KEEP_H

/* What gaol-task is given (keep.c). */
enum keep_fd {
	KEEP_JAIL = 3,		/* struct engine_left's keep */
	KEEP_COMMAND,		/* its command, or /dev/null */
	KEEP_DIR,		/* run/nomad/JAIL: "exit" is written there */
	/* The FIFO "control" in it, for reading and writing: a byte is a
	 * signal to pass on; whoever has it open for writing sees POLLERR when
	 * the keeper has ended. */
	KEEP_CONTROL,
	/* Reading ends of the FIFOs: while the agent's reader is away a task
	 * waits, instead of being ended by SIGPIPE. */
	KEEP_OUT, KEEP_ERR,
	KEEP_END
};

#endif
