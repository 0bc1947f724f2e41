/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_TALK_H
#define ENGINE_LINUX_TALK_H

#include "engine/engine.h"
#include "init/protocol.h"

/* gaol's end of the socket to gaol-init (init/protocol.h). */

int talk_send(int socket, enum init_request type, unsigned flags,
    const struct engine_command *c, struct error *e) FALLIBLE;

/* Descriptors ride along in chunks; talk_recv_fds fills exactly count. */
int talk_send_fds(int socket, const int *fds, size_t count, struct error *e)
    FALLIBLE;
int talk_recv_fds(int socket, int *fds, size_t count, struct error *e)
    FALLIBLE;

/*
 * Our standard streams go into the jail: a directory among them would be a way
 * out by openat(2) and is refused (ERROR_USAGE).
 */
int talk_check_stdio(struct error *e) FALLIBLE;

/*
 * In the child: what stays in the jail longer than its command could read what
 * is typed at our terminal later.  A terminal as standard input becomes
 * /dev/null (a pty is for that), as output it can only be written to.
 */
int talk_shield_stdio(void);

/*
 * Without a user namespace the jail's root is the host's, and a terminal that it
 * may only write to it would open once more, to read what is typed.  So it gets
 * pipes in the place of our terminals, and talk_wait copies what comes.
 */
struct talk_output {
	int inside[2];		/* for standard output and error; -1: none */
	int outside[2];
	int to[2];
};
#define TALK_OUTPUT_INIT { { -1, -1 }, { -1, -1 }, { -1, -1 } }
int talk_output_open(struct talk_output *o, int out, int err, struct error *e)
    FALLIBLE;
/* In the child: in place of 1 and 2. */
int talk_output_take(const struct talk_output *o);
/* In the parent, when the child has them. */
void talk_output_given(struct talk_output *o);
void talk_output_fini(struct talk_output *o);

struct talk_wait {
	int socket;
	int pidfd;		/* of pid 1, or of the joining command */
	pid_t child;		/* our own child to wait for, or 0 */
	unsigned timeout_ms;
	bool tty;
	/* how to kill the command on timeout: INIT_KILL, or SIGKILL to pidfd */
	bool by_init;
	struct talk_output *output;	/* NULL: none */
	/* signals that reach us go to it */
	bool forward;
};
/*
 * Wait until the command has ended, relaying a pty and signals meanwhile.
 * *status is as waitpid(2) gives it.  ERROR_FAILED on timeout;
 * ERROR_NOT_FOUND when the program does not exist and ERROR_DENIED when it
 * cannot be run; ERROR_FAILED when the jail died.
 */
int talk_wait(const struct talk_wait *w, int *status, struct error *e)
    FALLIBLE;
/* An error that came over the socket, not trusted to be one; returns -1. */
int talk_error(const struct error *received, struct error *e);
/* waitpid(2) status to a shell's. */
int talk_shell_status(int status);

#endif
