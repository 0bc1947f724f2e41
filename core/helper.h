/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_HELPER_H
#define CORE_HELPER_H

#include "base/pass.h"
#include "core/tool.h"

/*
 * gaol-image as a partner: messages and descriptors go over a socket, its
 * progress to the terminal.
 */
struct helper {
	struct tool tool;
	int socket;
};

#define AUTO_HELPER __attribute__((cleanup(helper_fini)))
#define HELPER_INIT { .tool = TOOL_INIT, .socket = -1 }

/* The argument vector of "gaol-image COMMAND --progress=..."; appended. */
void helper_argv(const struct host *h, const char *command,
    struct strings *argv);
/* ERROR_UNSUPPORTED where gaol came without gaol-image. */
int helper_start(struct helper *p, const struct host *h, struct strings *argv,
    struct error *e) FALLIBLE;
int helper_send(struct helper *p, const char *text, size_t len,
    const int *fds, size_t count, struct error *e) FALLIBLE;
/* Wait for a message, appended; when it ends instead its error is ours. */
int helper_receive(struct helper *p, struct buf *text, struct error *e)
    FALLIBLE;
/* The same with a descriptor that may come along: the caller's, or -1. */
int helper_receive_fd(struct helper *p, struct buf *text, int *fd,
    struct error *e) FALLIBLE;
/* Wait for its end. */
int helper_finish(struct helper *p, struct error *e) FALLIBLE;
/* Whatever still runs is ended. */
void helper_fini(struct helper *p);

#endif
