/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_LIFE_H
#define CORE_LIFE_H

#include <stdbool.h>

#include "core/cell.h"
#include "core/live.h"

/*
 * Create, start, stop, destroy.  Each takes the jail's lock, first completes
 * or undoes what an interrupted command left (life_recover), and either does
 * all of it or nothing.
 */

/* The same for a name that is no jail (any more), under its lock. */
int life_sweep(const struct host *h, const char *name, struct error *e)
    FALLIBLE;

/* Command inside: how its environment is made. */
struct run_options {
	char *const *argv;	/* empty: the user's login shell */
	const char *user;	/* NULL: exec.jail_user, else root */
	const char *dir;
	const struct strings *env;	/* of -e: NAME=VALUE, or NAME for
					   that of our environment */
	bool tty;
	bool login;		/* argv[0] as "-sh" */
	unsigned timeout_ms;
	bool keep;		/* run: the jail stays after its command */
	bool instead;		/* ... which takes the place of exec.start */
	/* life_start_locked: do not wait; boot_leave() of struct engine.  NULL:
	 * wait. */
	struct engine_left *left;
};

struct create_options {
	const char *release;	/* NULL: "release" among assignments is needed */
	const char *store;	/* NULL: the host's default */
	bool thick;
	bool ephemeral;		/* for run: nothing is synced */
	/* The files are those of this jail, which does not run and lies on the
	 * same store, instead of the release's; NULL: the release's. */
	const char *base;
	char *const *assign;	/* PROP=VALUE */
	size_t assign_count;
};
int life_create(const struct host *h, const char *name,
    const struct create_options *o, struct error *e) FALLIBLE;

/* ERROR_EXISTS when it runs already. */
int life_start(const struct host *h, const char *name, struct error *e)
    FALLIBLE;
/* Whether it is to start with the host: boot is on, and it is no copy of a jail
 * of another host, nor on its way to one. */
int life_starts_at_boot(const struct host *h, const char *name, bool *starts,
    struct error *e) FALLIBLE;

/* How long a command of exec.stop may take without exec.timeout: as long as
 * init(8) of FreeBSD lets rc.shutdown.  Tests make it less. */
extern unsigned stop_patience_ms;
/* ERROR_NOT_FOUND-free: a jail that does not run is *was_running = false. */
int life_stop(const struct host *h, const char *name, bool force,
    bool *was_running, struct error *e) FALLIBLE;

/* Refuses a running jail unless force; refuses a protected one, a mounted
 * tree. */
int life_destroy(const struct host *h, const char *name, bool force,
    bool ephemeral, struct error *e) FALLIBLE;

/* Complete or undo what an interrupted command left of that jail; the lock is
 * held by the caller. */
int life_recover(const struct host *h, const char *name, struct error *e)
    FALLIBLE;

/* *status is the command's; with an error it is 127 when the jail has no such
 * program and 126 when that cannot be run, else untouched. */
int life_exec(const struct host *h, const char *name,
    const struct run_options *o, int *status, struct error *e) FALLIBLE;

/*
 * Work within the files of a running jail: within() of struct engine.
 * ERROR_FAILED when it does not run.
 */
int life_within(const struct host *h, const char *name,
    int (*work)(int root, void *arg, struct error *e), void *arg,
    unsigned timeout_ms, struct error *e) FALLIBLE;

/* Create, start, run argv as the main process, destroy.  name NULL: made up. */
int life_run(const struct host *h, const char *name,
    const struct create_options *c, const struct run_options *o, int *status,
    struct error *e) FALLIBLE;

/* Start a jail that exists with argv as its main process, in the place of
 * exec.start; wait for its end, and clear up as a stop does. */
int life_start_main(const struct host *h, const char *name,
    const struct run_options *o, int *status, struct error *e) FALLIBLE;

/* The cell as the running jail was started with. */
int life_in_force(const char *name, const struct live *live, struct cell *c,
    struct error *e) FALLIBLE;

/*
 * With the lock held, for commands made of several.  With main_command the
 * jail's life is that command: *lock is closed once it runs, and this waits
 * for its end.
 */
int life_start_locked(const struct host *h, const char *name,
    const struct run_options *main_command, int *lock, int *status,
    struct error *e) FALLIBLE;
int life_create_locked(const struct host *h, const char *name,
    const struct create_options *o, struct error *e) FALLIBLE;
int life_destroy_locked(const struct host *h, const char *name, bool force,
    bool ephemeral, struct error *e) FALLIBLE;
/*
 * The end of a throw-away jail, whose pid 1 has been killed or has ended: its
 * files go while its last processes do, unless a hook is still to see them.
 */
int life_discard_locked(const struct host *h, const char *name,
    struct error *e) FALLIBLE;
int life_stop_locked(const struct host *h, const char *name, bool force,
    bool *was_running, struct error *e) FALLIBLE;

/* Put a changed cell.conf in force; tells in *restart whether the running jail
 * needs a restart for it. */
int life_change(const struct host *h, const char *name,
    int (*change)(struct cell *c, void *arg, struct error *e), void *arg,
    bool *restart, struct error *e) FALLIBLE;

#endif
