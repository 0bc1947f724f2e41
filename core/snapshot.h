/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_SNAPSHOT_H
#define CORE_SNAPSHOT_H

#include <stdbool.h>

#include "core/store.h"

/*
 * What is done with the files of jails that exist.  Each takes the jail's lock,
 * lets life_recover clear up, and does all of it or nothing.
 */

/* A-Z a-z 0-9 . _ - : and no dot or - at the beginning: what every store can
 * have.  ERROR_USAGE. */
int name_check_snapshot(const char *name, struct error *e) FALLIBLE;

struct snapshot_options {
	const char *name;	/* NULL: from date and time */
	const char *note;	/* NULL: none */
	bool copy;		/* --copy: where only a copy can do it */
	bool scheduled;		/* named so that it is pruned */
	bool temporary;		/* whoever recovers the jail destroys it, until
				   the caller says store_done() */
	bool own;		/* its name may begin with gaol- */
};
/* *name is the caller's to free. */
int snapshot_take(const struct host *h, const char *jail,
    const struct snapshot_options *o, char **name, struct error *e) FALLIBLE;
int snapshot_list(const struct host *h, const char *jail, bool sizes,
    struct snapshots *list, struct error *e) FALLIBLE;
int snapshot_destroy(const struct host *h, const char *jail,
    const struct strings *names, struct error *e) FALLIBLE;
int snapshot_hold(const struct host *h, const char *jail, const char *name,
    bool hold, struct error *e) FALLIBLE;
/* With the lock held. */
int snapshot_destroy_locked(const struct host *h, const char *jail,
    const struct strings *names, struct error *e) FALLIBLE;
int snapshot_take_locked(const struct host *h, const char *jail,
    const struct snapshot_options *o, char **name, struct error *e) FALLIBLE;
/* ERROR_BUSY when the jail runs, unless restart. */
int snapshot_rollback(const struct host *h, const char *jail,
    const char *name, bool restart, struct error *e) FALLIBLE;

/*
 * What is due now by snapshot.schedule, then what snapshot.keep no longer
 * keeps.  Tells by host_say.  Jails that fail are told of and do not keep
 * others from theirs; then ERROR_FAILED.
 */
int snapshot_due(const struct host *h, struct error *e) FALLIBLE;

struct clone_options {
	const char *snapshot;	/* NULL: as it is now */
	bool thick;
	const struct strings *assign;	/* PROP=VALUE of the new one */
};
/*
 * A new jail with the files of another: thin where the store can, else a copy.
 * Nothing of the old identity remains: host name, addresses, host id, machine
 * id; see core/identity.c.
 */
int jail_clone(const struct host *h, const char *from, const char *to,
    const struct clone_options *o, struct error *e) FALLIBLE;
/* Of a jail that does not run; depend of others follows. */
int jail_rename(const struct host *h, const char *from, const char *to,
    struct error *e) FALLIBLE;
/* Complete or undo a rename that was interrupted; called with the lock of name
 * held, of which there is a .todo file that says so. */
int jail_rename_recover(const struct host *h, const char *name,
    const char *todo, struct error *e) FALLIBLE;
/* Thick to thin or back, or to another store; NULL: the first that can. */
int jail_convert(const struct host *h, const char *jail, bool thick,
    const char *store, struct error *e) FALLIBLE;
/*
 * Forget who the files' jail was: below root, opened for writing.  old and new
 * are host names.
 */
int identity_forget(int root, const char *old, const char *new,
    struct error *e) FALLIBLE;
/* The same of a cell.conf, which came from the jail from: addresses that are
 * not taken over are told by host_say. */
int identity_forget_conf(const struct host *h, struct cell *c,
    const char *from, struct error *e) FALLIBLE;
/* A jail here that has one of its addresses, for the caller to free; NULL when
 * none has. */
int identity_twin(const struct host *h, const struct cell *c, char **twin,
    struct error *e) FALLIBLE;
/* Bring back what was copied into jails/, and what its store keeps elsewhere;
 * tells by host_say.  *failed counts those that cannot be. */
int jail_recover_all(const struct host *h, size_t *failed, struct error *e)
    FALLIBLE;

#endif
