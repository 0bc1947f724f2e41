/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_STORE_H
#define CORE_STORE_H

#include "core/cell.h"

/*
 * The store that holds a jail, and the jail as the store's operations want it
 * told (engine.h).
 */
struct cell_store {
	const struct store *store;
	struct store_cell at;
	char *name, *entry, *path, *release;	/* what at points to */
};
#define CELL_STORE_INIT { .at = { .dir = -1 } }
#define AUTO_CELL_STORE __attribute__((cleanup(cell_store_fini)))

/*
 * Of the jail c in jails/ENTRY (NULL: its name), which is opened.
 * ERROR_UNSUPPORTED when this host has no such store.
 */
int cell_store_init(struct cell_store *s, const struct host *h,
    const struct cell *c, const char *entry, struct error *e) FALLIBLE;
void cell_store_fini(struct cell_store *s);

/* The store that cell.conf names, or ERROR_UNSUPPORTED. */
const struct store *store_of_cell(const struct cell *c, struct error *e);
/* The host's default: "store" of gaol.conf, else the first of this build that
 * the root's file system can hold. */
const struct store *store_default(const struct host *h, struct error *e);
/*
 * ERROR_UNSUPPORTED: "store dir cannot WHAT; zfs, btrfs and overlay can", those
 * of this build for which can() is true.
 */
int store_cannot(const struct store *s, const char *what,
    bool (*can)(const struct store *s), struct error *e);

/*
 * Make jails/ENTRY of the jail that at tells of, empty, and open it as at->dir,
 * which is the caller's to close.  Undone by store_remove().
 */
int store_home(const struct host *h, const struct store *s,
    struct store_cell *at, struct error *e) FALLIBLE;
/*
 * AREA/ENTRY ("jails", "releases"; NULL: all of the area) may be there without
 * its files, as after a boot or a crash: let them appear.  alone: its lock is
 * held; see engine.h.
 */
int store_settle(const struct host *h, const char *area, const char *entry,
    bool alone, struct error *e) FALLIBLE;
/* ERROR_BUSY naming a mount at or below path that is not the store's own; s
 * NULL: what a store may have mounted is told by where it lies. */
int store_refuse_mounts(const struct store *s, const char *path,
    struct error *e) FALLIBLE;
/* ERROR_BUSY when others have put something into jails/NAME. */
int store_removable(const struct host *h, const struct store *s,
    const char *name, struct error *e) FALLIBLE;

/*
 * The root of the release name in releases/ENTRY, by the host's default store:
 * made empty, in place when it is filled, and removed with ENTRY.
 */
int store_release_make(const struct host *h, const char *name,
    const char *entry, struct error *e) FALLIBLE;
int store_release_ready(const struct host *h, const char *name,
    struct error *e) FALLIBLE;
int store_release_rename(const struct host *h, const char *name,
    const char *from, const char *to, struct error *e) FALLIBLE;
int store_release_remove(const struct host *h, const char *name,
    const char *entry, struct error *e) FALLIBLE;

/*
 * From here until the jails are as they were or as they shall be, the next
 * command on NAME calls the store's recover().  what is for the message:
 * "snapshot".
 */
int store_todo(const struct host *h, const char *name, const char *what,
    struct error *e) FALLIBLE;
int store_done(const struct host *h, const char *name, struct error *e)
    FALLIBLE;

/*
 * jails/ENTRY of the jail name, made or half made by whatever store, with what
 * lies outside it; gone already is fine.
 */
int store_remove(const struct host *h, const char *name, const char *entry,
    struct error *e) FALLIBLE;
/* Rename at->entry to jails/TO, durably unless at is ephemeral; s NULL: it is
 * not known.  at->path and dir are not needed. */
int store_rename(const struct host *h, const struct store *s,
    const struct store_cell *at, const char *to_name, const char *to,
    struct error *e) FALLIBLE;
/* limit.disk: ERROR_UNSUPPORTED naming the stores that can; put in force. */
int store_check_quota(const struct cell *c, const struct store *s,
    struct error *e) FALLIBLE;
int store_set_quota(const struct cell *c, const struct store *s,
    const struct store_cell *at, struct error *e) FALLIBLE;
/* Properties of a store's own ("zfs.compression"): those of c, as "NAME=VALUE";
 * ERROR_UNSUPPORTED when s has none of them; what differs, put in force. */
void store_options(const struct cell *c, struct strings *options);
int store_check_options(const struct cell *c, const struct store *s,
    struct error *e) FALLIBLE;
int store_change_options(const struct cell *before, const struct cell *after,
    const struct store *s, const struct store_cell *at, struct error *e)
    FALLIBLE;
/* limit.disk in bytes, 0 without. */
uint64_t store_quota(const struct cell *c);

#endif
