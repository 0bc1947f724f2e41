/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_PARLEY_H
#define CORE_PARLEY_H

#include "base/sync.h"
#include "core/move.h"

/*
 * What 'gaol send' and 'gaol receive' say to each other, in frames of
 * base/wire.h.  S is the sender.
 *
 *	S HELLO			both, first; arg: PARLEY_VERSION
 *	  HELLO R
 *	S OFFER			what is to be sent, and how
 *	S CONF			cell.conf as it is now
 *	  NOTE R ...		what its administrator should know
 *	  ANSWER R		arg: ANSWER_*
 *	S RELEASE, a tree	when ANSWER_RELEASE: release.conf
 *	  ANSWER R
 *	S TREE, a tree ...	arg: 1 for the last; base/sync.h has a tree's
 *	S COMMIT		cell.conf as it is to be
 *	  COMMITTED R		the copy is in place, and durable
 *	S GO			a move: it is yours.  From here on S does
 *				not start it without asking
 *	  GONE R		it is ours; it runs, if it did
 *	S FORGET		it is removed here
 *	S BYE
 *
 * Either says ERROR in place of anything; then all is over.
 */
enum { PARLEY_VERSION = 1, OFFER_MAX = 64 << 10, CONF_MAX = 1 << 20 };
enum parley {
	PARLEY_HELLO = SYNC_FRAMES,
	PARLEY_OFFER, PARLEY_CONF, PARLEY_NOTE, PARLEY_ANSWER, PARLEY_RELEASE,
	PARLEY_TREE, PARLEY_COMMIT, PARLEY_COMMITTED, PARLEY_GO,
	PARLEY_GONE, PARLEY_FORGET, PARLEY_BYE,
};
enum answer {
	ANSWER_RELEASE,		/* send the release first */
	ANSWER_SHARED,		/* ours is the same: tell what differs */
	ANSWER_WHOLE,		/* tell all */
	ANSWER_TAKEN,		/* this move is over: it is ours already */
	ANSWER_ABORTED,		/* it is not, and will not be */
};

struct offer {
	char *name;			/* there */
	char *from;			/* the sending host, for people */
	char *release;			/* NULL: none */
	char origin[MOVE_ID];
	char move[MOVE_ID];		/* "": a copy */
	char digest[2 * BLAKE2_SIZE + 1];	/* of the release; "" */
	bool thick, force, running, abort;
};
#define OFFER_INIT { .name = NULL }
#define AUTO_OFFER __attribute__((cleanup(offer_fini)))
void offer_fini(struct offer *o);
void offer_write(const struct offer *o, struct buf *text);
/* Everything is checked; ERROR_DATA. */
int offer_parse(const char *text, size_t len, struct offer *o,
    struct error *e) FALLIBLE;

/* Say hello and hear it: ERROR_DATA when the peer is no gaol, or another. */
int parley_begin(struct wire *w, struct error *e) FALLIBLE;
int parley_say(struct wire *w, enum parley type, uint64_t arg,
    const char *text, struct error *e) FALLIBLE;

/*
 * The sum of a release's files, in hexadecimal; kept in releases/NAME/digest
 * as long as release.conf is the same.
 */
int parley_digest(const struct host *h, const char *release,
    char hex[2 * BLAKE2_SIZE + 1], struct error *e) FALLIBLE;

#endif
