/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_FREEBSD_KERN_PROCESS_H
#define ENGINE_FREEBSD_KERN_PROCESS_H

/* Processes in jails. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/vec.h"
#include "engine/engine.h"

VEC_TYPE(kern_pids, pid_t);

struct kern_start {
	int jid;
	const char *root;	/* the jail's path */
	const struct engine_command *command;
	int in, out, err;	/* the standard streams; -1: ours */
	int fib;		/* routing table; -1: ours */
	bool session;		/* a session of its own, no terminal */
};

/*
 * A child that has joined the jail and become the command, in its user's login
 * class.  fd polls POLLHUP at its end, and its close kills it.  With
 * command->tty the jail's own /dev gives it a terminal, of which *master is
 * the other side.  ERROR_NOT_FOUND and ERROR_DENIED are about the program.
 */
struct kern_process {
	pid_t pid;
	int fd;
	int master;
};
#define KERN_PROCESS_INIT { -1, -1, -1 }

int kern_process_start(const struct kern_start *s, struct kern_process *p,
    struct error *e) FALLIBLE;
void kern_process_signal(const struct kern_process *p, int signo);
/* Wait for its end: the raw status of wait(2).  fd is closed. */
int kern_process_wait(struct kern_process *p, int *status, struct error *e)
    FALLIBLE;

/*
 * Call work in a child that has joined the jail, with its root directory
 * opened; see within of struct engine.
 */
int kern_process_within(int jid, int (*work)(int root, void *arg,
    struct error *e), void *arg, unsigned timeout_ms, struct error *e) FALLIBLE;

/* The processes in the jail itself, not those of jails in it. */
int kern_process_list(int jid, struct kern_pids *pids, struct error *e)
    FALLIBLE;
/* The same with what ps(1) tells of them. */
int kern_process_details(int jid, struct engine_processes *list,
    struct error *e) FALLIBLE;
/* Send all of them a signal; one that is gone is none. */
void kern_process_signal_all(const struct kern_pids *pids, int signo);
/* Wait until all of them have ended, or timeout_ms: whether they have. */
bool kern_process_wait_all(const struct kern_pids *pids, unsigned timeout_ms);
/* Sleep, while something ends that cannot be waited for. */
void kern_sleep(unsigned ms);

#endif
