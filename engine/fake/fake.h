/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_FAKE_FAKE_H
#define ENGINE_FAKE_FAKE_H

#include "engine/engine.h"

/*
 * The test double: a running jail is a file NAME in a state directory
 * ($GAOL_FAKE_STATE, else $GAOL_ROOT/fake), and removing that file is how a
 * test makes the jail die.  Nothing is confined and nothing is executed.
 */
enum { FAKE_NAME_MAX = 63, FAKE_NONCE_MAX = 23 };

/* What the file says.  record_* is the jail's record, which list goes by. */
struct fake_state {
	bool booted;		/* before that it lives as long as its maker */
	int64_t jid;
	uint64_t record_device, record_inode;
	char nonce[FAKE_NONCE_MAX + 1];	/* tells two lives of a name apart */
	char *root;
};
#define FAKE_STATE_INIT { false, 0, 0, 0, "", NULL }
#define AUTO_STATE __attribute__((cleanup(fake_state_fini)))

void fake_state_fini(struct fake_state *s);
/* The state directory, made when missing. */
int fake_dir(struct error *e) FALLIBLE;
/* Read the file of name; ERROR_NOT_FOUND when there is none. */
int fake_state_read(int dir, const char *name, struct fake_state *s,
    struct error *e) FALLIBLE;
/* Make the file; the returned descriptor holds a lock on it. */
int fake_state_make(int dir, const char *name, struct fake_state *s,
    struct error *e) FALLIBLE;
int fake_state_write(int fd, const struct fake_state *s, struct error *e)
    FALLIBLE;
/* Whether that jail lives: it has booted, or its maker holds the lock. */
bool fake_state_alive(int dir, const char *name, const struct fake_state *s);
/* Removing what is gone is success. */
int fake_state_remove(int dir, const char *name, struct error *e) FALLIBLE;
/* The name behind the last slash of "SCOPE/NAME". */
const char *fake_name(const char *key);

/* The interpreter of commands "inside". */
struct fake_shell {
	const struct engine_command *command;
	const char *name;	/* of the jail: a command dies with it */
	int dir;		/* state directory */
	int in, out, err;
	bool background;	/* a line ended in "&": something still runs */
	bool exiting, timed_out;
	uint64_t deadline;	/* clock_ms(); 0: none */
};
/* Run the command of s; its status, ERROR_FAILED on timeout. */
int fake_shell_run(struct fake_shell *s, int *status, struct error *e)
    FALLIBLE;

/* Members of the engine table that have files of their own. */
int fake_alive_many(const uint64_t *inodes, bool *alive, size_t count,
    int64_t device, struct error *e);
int fake_mount(const struct engine_live *live, const struct engine_spec *spec,
    const struct engine_mount *m, struct error *e);
int fake_umount(const struct engine_live *live,
    const struct engine_spec *spec, const struct engine_mount *m, bool detach,
    struct error *e);
/* usage.c */
int fake_limit(const struct engine_live *live,
    const struct engine_spec *before, const struct engine_spec *spec,
    struct error *e);
int fake_usage(const struct engine_live *live, const char *key,
    struct engine_usage *u, struct error *e);
int fake_listens(const struct engine_live *live, uint16_t port, bool *listens,
    struct error *e);
int fake_processes(const struct engine_live *live, const char *key,
    struct engine_processes *list, struct error *e);
int fake_probe(const char *scope, const struct strings *running, bool repair,
    struct findings *findings, struct error *e);

#endif
