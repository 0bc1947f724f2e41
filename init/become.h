/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef INIT_BECOME_H
#define INIT_BECOME_H

/*
 * Becoming a command inside a jail: what gaol-init does, and what gaol itself
 * does with a child of its own that joins a jail whose ids are not the host's
 * (engine/linux/exec.c).  Descriptor INIT_SOCKET_FD is the socket.
 */
#include <stdint.h>

/* What a request to run says; everything is borrowed. */
struct command {
	uint32_t flags, uid, gid, ngroups;	/* flags: INIT_RUN_FLAGS */
	const uint32_t *groups;
	const char *directory;			/* "" is "/" */
	char *const *argv, *const *env;
	uint16_t rows, columns;
};

/* Why a command was not run, as INIT_FAILED says it. */
struct fault {
	int32_t error;
	uint32_t step;
};

/* All signals as the kernel has them, whatever the host's side ignored. */
void run_signals(void);
/* Turn this process into the command; returns only when it cannot. */
void run_become(const struct command *c, struct fault *f);
/* What a shell would exit with after such a fault: 127 or 126. */
int run_exit_status(const struct fault *f);

#endif
