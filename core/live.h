/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_LIVE_H
#define CORE_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/host.h"

/*
 * The record of a running jail: run/live/NAME, one line, written in place by
 * one write(2), then the cell.conf it was started with: what is in force.  On Linux the jail's pid 1 holds flock(2) on it for its whole
 * life, so a record whose lock is free is of a jail that is gone.  A hard link
 * run/index/NAME,JID,STARTED lets list read a thousand of them with one
 * readdir(3).
 */
enum live_phase { LIVE_STOPPED, LIVE_STARTING, LIVE_RUNNING, LIVE_STOPPING };

struct live {
	enum live_phase phase;
	struct engine_live engine;
	int64_t started;	/* time(2) */
	uint32_t id_base;	/* 0: none */
	int fd;			/* the open record, or -1 */
	int lock_fd;		/* the same, read-only and locked: for pid 1 */
};

#define LIVE_INIT { LIVE_STOPPED, { 0, "" }, 0, 0, -1, -1 }
#define AUTO_LIVE __attribute__((cleanup(live_fini)))

void live_fini(struct live *l);
/* Read the record; phase LIVE_STOPPED when there is none.  fd is left open. */
int live_read(const struct host *h, const char *name, struct live *l,
    struct error *e) FALLIBLE;
/* The same, and ask the engine: a dead jail's record reads as stopped. */
int live_running(const struct host *h, const char *name, struct live *l,
    struct error *e) FALLIBLE;
/* Make the record, locked, in phase LIVE_STARTING; l->fd is it. */
int live_begin(const struct host *h, const char *name, const struct buf *conf,
    struct live *l, struct error *e) FALLIBLE;
/* Append the cell.conf that the jail was started with. */
int live_conf(const struct live *l, struct buf *text, struct error *e)
    FALLIBLE;
/* Replace it: what is in force has changed. */
int live_set_conf(const struct live *l, const struct buf *text, struct error *e)
    FALLIBLE;
/* Write l into its record. */
int live_update(const struct live *l, struct error *e) FALLIBLE;
/* Enter it into the index. */
int live_index(const struct host *h, const char *name, const struct live *l,
    struct error *e) FALLIBLE;
/* Remove record and index entries of name; what is gone already is fine. */
int live_remove(const struct host *h, const char *name, struct error *e)
    FALLIBLE;

/* All running jails at once, sorted by name. */
struct live_row {
	char *name;
	int64_t jid;
	int64_t started;
};
VEC_TYPE(live_rows, struct live_row);
void live_rows_fini(struct live_rows *rows);
int live_all(const struct host *h, struct live_rows *rows, struct error *e)
    FALLIBLE;
const struct live_row *live_find(const struct live_rows *rows,
    const char *name);

/* Lock the jail for a change; returns the descriptor that holds it. */
int live_lock(const struct host *h, const char *name, const char *what,
    struct error *e) FALLIBLE;

/*
 * A free range of 65,536 ids, 0 where the host has none to give, for id_base of
 * the record, where it is written before anybody else may take it; given back
 * by ids_release, which has it out of the record first.
 */
int ids_take(const struct host *h, struct live *l, struct error *e) FALLIBLE;
int ids_release(const struct host *h, struct live *l, struct error *e)
    FALLIBLE;
/* Free the ranges that no record names: of what was killed in ids_take. */
int ids_sweep(const struct host *h, struct error *e) FALLIBLE;

#endif
