/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_MOVE_H
#define CORE_MOVE_H

#include <stdbool.h>

#include "core/cell.h"

/*
 * What cell.conf says of a jail that is on its way between two hosts:
 *
 *	move = "to ID HOST [running]"	sent away; HOST may have it by now
 *	move = "from ID HOST [running]"	received, not yet ours
 *	replica = "ORIGIN HOST"		a copy that 'gaol send' made
 *
 * A jail with a move does not start.  Whether it has been taken over is one
 * file on the receiving host, ROOT/moves/ID: that it is made is the moment in
 * which the jail changes hosts.  HACKING.md has the states and what a crash in
 * each of them leaves.
 */
enum { MOVE_ID = 33 };		/* 32 hexadecimal digits, NUL */

struct move {
	enum { MOVE_NONE, MOVE_TO, MOVE_FROM } way;
	char id[MOVE_ID];
	char host[256];
	bool running;		/* it ran, and is to be started there */
};

void move_new_id(char id[MOVE_ID]);
bool move_is_id(const char *text);
void move_get(const struct cell *c, struct move *m);
/* Written into c, not to disk; NULL: none. */
int move_set(struct cell *c, const struct move *m, struct error *e) FALLIBLE;
/* Whose copy it is; "" when it is none. */
void replica_get(const struct cell *c, char origin[MOVE_ID]);
int replica_set(struct cell *c, const char *origin, const char *host,
    struct error *e) FALLIBLE;
int prop_check_move(const char *value, struct error *e) FALLIBLE;
int prop_check_replica(const char *value, struct error *e) FALLIBLE;

/* ROOT/moves/ID, durably. */
bool move_taken(const struct host *h, const char *id);
int move_take(const struct host *h, const char *id, const char *name,
    struct error *e) FALLIBLE;
int move_forget(const struct host *h, const char *id, struct error *e)
    FALLIBLE;

/* ERROR_BUSY when the jail may not start here, telling what would let it. */
int move_check_start(const struct host *h, const struct cell *c,
    struct error *e) FALLIBLE;
/* A jail that starts is nobody's copy any more: whether c has to change. */
bool move_is_marked(const struct cell *c);
int move_unmark(struct cell *c, struct error *e) FALLIBLE;

/* jails/NAME/origin: tells this jail from all others; made when missing. */
int move_origin(const struct host *h, const char *name, char origin[MOVE_ID],
    struct error *e) FALLIBLE;

#endif
