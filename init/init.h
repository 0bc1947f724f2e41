/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef INIT_INIT_H
#define INIT_INIT_H

#include <stdbool.h>

#include "init/become.h"
#include "init/protocol.h"
#include "init/sys.h"

/* The message that is being received. */
struct inbox {
	struct init_message head;
	size_t have;		/* bytes of head and body that have come */
	char *body;		/* NULL: none yet */
	size_t mapped;		/* size of its memory */
};

enum inbox_state {
	INBOX_MORE,		/* not all has come (MSG_DONTWAIT) */
	INBOX_FULL,		/* a whole message: inbox_clear() it */
	INBOX_CLOSED,
	INBOX_LOST,		/* nonsense: nobody knows what is next */
};

/* message.c */
enum inbox_state inbox_read(struct inbox *in, int fd, int flags);
void inbox_clear(struct inbox *in);
/* The command of INIT_RUN and INIT_MAIN: 0, or an errno and c is undefined. */
int message_parse(struct inbox *in, struct command *c);
/* Whether it went out; a host that reads nothing is not waited for. */
bool message_answer(int fd, uint32_t type, int32_t value, uint32_t step);

/* guard.c: only mounts of these INIT_MOUNT_* from here on; 0 or errno. */
int guard_mounts(uint32_t kinds);

/* tty.c: a new pty becomes 0 1 2, its master goes to the host; 0 or errno. */
int tty_attach(const struct command *c);

/* serve.c: be pid 1. */
_Noreturn void serve(void);

/* main.c: the assembly's entry, and what compilers call unasked. */
_Noreturn void init_main(long *stack);
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int byte, size_t size);

#endif
