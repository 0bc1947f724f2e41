/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TESTS_UNIT_INIT_JAIL_H
#define TESTS_UNIT_INIT_JAIL_H

/*
 * A jail just good enough for gaol-init: namespaces, /proc, /dev/pts, and the
 * descriptors of init/protocol.h.  Whatever fails fails the test; a kernel
 * that refuses the namespaces skips it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "init/protocol.h"

struct jail_options {
	bool userns;		/* root of the jail is uid 100,000 */
	bool noisy;		/* signals ignored and blocked, a stray fd */
	bool no_pts;		/* nothing at /dev/pts */
	bool fake_ptmx;		/* /dev/null at /dev/pts/ptmx */
	bool foreign_input;	/* stdin: a directory outside of the jail */
	bool execute_only;	/* the jail cannot read gaol-init's file */
};

struct jail {
	pid_t pid;
	int socket;
	int output;		/* what commands have written, from the start */
};

/* A request to run; zeroes are root, "/" and no environment. */
struct jail_command {
	uint32_t flags, uid, gid;
	const uint32_t *groups;
	uint32_t group_count;
	const char *directory;
	const char *const *argv, *const *env;
	uint16_t rows, columns;
};

void jail_start(struct jail *j, const struct jail_options *o);
/* SIGKILL and reap, if it is still there. */
void jail_end(struct jail *j);
/* The wait status of pid 1, which must end by itself within 5 s. */
int jail_wait(struct jail *j);
/* Whether pid 1 has not ended within that time. */
bool jail_lives(struct jail *j, int milliseconds);

void jail_request(struct jail *j, uint32_t type, uint32_t flags);
/* A whole message in memory that the caller frees. */
char *jail_encode(uint32_t type, const struct jail_command *c, size_t *size);
void jail_send(struct jail *j, uint32_t type, const struct jail_command *c);
/* sh -c script, as root. */
void jail_send_shell(struct jail *j, uint32_t type, uint32_t flags,
    const char *script);
/* The next answer within 5 s; false: the socket was closed. */
bool jail_answer(struct jail *j, struct init_answer *a);
/* The same with the descriptor that came along, or -1. */
bool jail_answer_fd(struct jail *j, struct init_answer *a, int *fd);
void jail_expect(struct jail *j, uint32_t type, int32_t value, uint32_t step);
void jail_expect_closed(struct jail *j);
/* Run, wait, and require this exit status. */
void jail_shell(struct jail *j, const char *script, int exit_status);
/* What was written to stdout since the last call; in a static buffer. */
const char *jail_output(struct jail *j);
void jail_expect_output(struct jail *j, const char *wanted);

/* In a second process that has joined the jail: gaol-init's mode "exec". */
void jail_join(const struct jail *j, struct jail *joined,
    const struct jail_options *o);

/* Number of open descriptors of pid 1. */
int jail_descriptors(const struct jail *j);
/* "VmRSS", "voluntary_ctxt_switches" ... of /proc/PID/status of pid 1. */
long jail_status(const struct jail *j, const char *name);
/* The path of gaol-init: $GAOL_INIT, or a folder above this program. */
const char *jail_program(void);

#endif
