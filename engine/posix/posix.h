/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_POSIX_POSIX_H
#define ENGINE_POSIX_POSIX_H

#include "engine/engine.h"

/* Thick jails: a full copy of the release in jails/NAME/root. */
extern const struct store store_dir;

/* Make sure that the files of a new tree survive a crash. */
int store_sync(int fd, struct error *e) FALLIBLE;

/* Of store dir, for its table and for stores whose jails have a root/ alike. */
int dir_snapshot(const struct store_cell *c, const struct snapshot *s,
    const struct store_live *live, struct error *e) FALLIBLE;
int dir_snapshots(const struct store_cell *c, bool sizes,
    struct snapshots *list, struct error *e) FALLIBLE;
int dir_snapshot_destroy(const struct store_cell *c,
    const struct strings *names, struct error *e) FALLIBLE;
int dir_snapshot_hold(const struct store_cell *c, const char *name, bool hold,
    struct error *e) FALLIBLE;
int dir_rollback(const struct store_cell *c, const char *name,
    struct error *e) FALLIBLE;
int dir_recover(const struct store_cell *c, struct error *e) FALLIBLE;
int dir_take_snapshots(const struct store_cell *c,
    const struct store_cell *from, struct error *e) FALLIBLE;
int dir_open(const struct store_cell *c, const char *snapshot,
    struct error *e) FALLIBLE;
int dir_usage(const struct store_cell *c, struct store_usage *usage,
    struct error *e) FALLIBLE;

#endif
