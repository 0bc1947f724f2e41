/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_SEND_H
#define CORE_SEND_H

#include <stdbool.h>
#include <stdint.h>

#include "core/host.h"

struct send_options {
	const char *host;	/* [USER@]HOST */
	const char *name;	/* there; NULL: as here */
	const char *snapshot;	/* its files; NULL: as they are now */
	const char *rsh;	/* in place of ssh: words, the host follows */
	const char *port;	/* ssh's; NULL */
	const char *gaol;	/* words that run gaol there */
	const char *root;	/* its state directory there; NULL: default */
	bool move, abort, force, thick;
};
struct send_report {
	uint64_t files, bytes;	/* whose data was sent, of all passes */
	uint64_t wire;		/* bytes that we wrote in all */
	bool moved, aborted;
	bool started;		/* here again, after a move that failed */
};

/*
 * Make the jail there what it is here, sending what is not there yet.  What is
 * interrupted goes on when it is called again.  With move the jail is stopped,
 * started there, and destroyed here when the other side has said so.  HACKING.md
 * has the states of a move.
 */
int jail_send(const struct host *h, const char *jail,
    const struct send_options *o, struct send_report *report,
    struct error *e) FALLIBLE;
/* The other side, over two descriptors; *told when it knows of the error. */
int jail_receive(const struct host *h, int in, int out, bool *told,
    struct error *e) FALLIBLE;

#endif
