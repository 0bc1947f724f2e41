/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_ARRIVAL_H
#define CORE_ARRIVAL_H

#include "base/sync.h"
#include "core/store.h"

/*
 * Where the files of a jail that is received come together, until they are
 * complete: jails/.recv.NAME, with receive/ in it for what we have to remember.
 *
 *	new		.recv.NAME is the jail to be, renamed in
 *	beside		the same, in place of the old one, whose store has no
 *			cheap snapshots: files are linked until they change
 *	in place	the old one itself, on top of its snapshot "gaol-receiving"
 *
 * What is interrupted stays for the next receive of the same jail.  Of the
 * third kind there is a .todo.NAME: any other command gives the jail its old
 * files back first.
 */
enum arrival_kind { ARRIVAL_NEW, ARRIVAL_BESIDE, ARRIVAL_IN_PLACE };

struct arrival_options {
	const char *origin;
	const struct store *store;	/* of the jail to be */
	const char *release;		/* its name, NULL: none */
	bool shared;			/* it stands on the release as it is
					   at the other end */
	bool known;			/* the jail that is there is as it came
					   from there: nobody has used it */
};

struct arrival {
	const struct host *host;
	const char *name;
	struct arrival_options options;
	enum arrival_kind kind;
	struct store_cell at;	/* where the files come together */
	char *entry, *path, *release_path;
	struct cell_store old;	/* of the jail that is there */
	struct sync_target target;
	struct sync_known known;
	char scratch[48];
	bool resumed;
	int release_lock;
};
#define ARRIVAL_INIT(h, n) { .host = (h), .name = (n), \
    .at = { .dir = -1 }, .old = CELL_STORE_INIT, \
    .target = { .root = -1, .base = -1, .state = -1 }, .release_lock = -1 }
#define AUTO_ARRIVAL __attribute__((cleanup(arrival_fini)))

/*
 * With the lock of name held.  old is the jail of that name, or NULL.  Goes on
 * with what an interrupted receive of the same left; other leftovers go.
 */
int arrival_begin(struct arrival *a, const struct cell *old,
    const struct arrival_options *o, struct error *e) FALLIBLE;
/* Before each sync_receive() with a->target. */
int arrival_prepare(struct arrival *a, bool final, struct error *e) FALLIBLE;
/* The files are complete: put them and cell.conf in their place. */
int arrival_commit(struct arrival *a, const struct cell *c, struct error *e)
    FALLIBLE;
/* As if nothing had come. */
int arrival_undo(struct arrival *a, struct error *e) FALLIBLE;
void arrival_fini(struct arrival *a);

/* .todo.NAME says "receive": s is of the jail, which exists. */
int arrival_recover(const struct host *h, const struct cell_store *s,
    struct error *e) FALLIBLE;
/* Whether NAME was being received with that origin, so that it can go on. */
bool arrival_is_left(const struct host *h, const char *name,
    const char *origin);
/* Remove what an interrupted receive left, when nobody will go on with it. */
int arrival_drop(const struct host *h, const char *name, struct error *e)
    FALLIBLE;

#endif
