/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_EXPORT_FOREIGN_H
#define CORE_EXPORT_FOREIGN_H

#include <time.h>

#include "core/archive.h"
#include "core/cell.h"
#include "core/helper.h"
#include "core/store.h"

/*
 * A jail as Bastille's files tell it, each appended as "NAME LENGTH\n" and so
 * many bytes; lost gets a sentence for what they cannot tell.
 */
void bastille_files(const struct cell *c, struct buf *files,
    struct strings *lost);
/* The compression of a file with that name ("xz"), or NULL; *stem is how much
 * of the name stands before ".txz". */
const char *bastille_compression(const char *file, size_t *stem);

/* An export under way: what all formats have in common (export.c). */
struct export {
	const struct host *host;
	const char *jail;
	const struct export_options *options;
	struct export_result *result;
	struct cell cell;
	struct cell_store store;
	struct helper helper;
	time_t now;
	char *snapshot;		/* exported, or NULL */
	bool temporary;		/* it is ours, to be destroyed */
	char *dir, *base;	/* of the file */
	char *beside;		/* a name for it until it is complete */
	const char *compression;	/* of Bastille's format; NULL: ours */
	char *sum_file;		/* and what lies beside it, or NULL */
	struct strings lost;	/* what that format cannot tell */
	struct buf answer;	/* of gaol-image, pot's format */
	int dir_fd, out, key;
};
#define EXPORT_INIT { .cell = CELL_INIT, .store = CELL_STORE_INIT, \
    .helper = HELPER_INIT, .dir_fd = -1, .out = -1, .key = -1 }
#define AUTO_EXPORT __attribute__((cleanup(export_fini)))
void export_begin(struct export *x, const struct host *h, const char *jail,
    const struct export_options *o, struct export_result *r);
void export_fini(struct export *x);
/* ERROR_BUSY when it runs and neither a snapshot nor --live was asked for; opens
 * the key.  A snapshot of our own is wanted: x->temporary. */
int export_check(struct export *x, struct error *e) FALLIBLE;
/* The file, in a directory that is named called name (taken over); ERROR_EXISTS. */
int export_place(struct export *x, char *name, struct error *e) FALLIBLE;
/* Steps: our own snapshot, called x->snapshot or after the date. */
int export_take_snapshot(void *arg, struct error *e) FALLIBLE;
int export_drop_snapshot(void *arg, struct error *e) FALLIBLE;
void export_tell_snapshot(void *arg, struct buf *text);
void export_tell_drop(void *arg, struct buf *text);
void export_tell_nothing(void *arg, struct buf *text);

/* export_pot.c: export_jail() with the format "pot". */
int export_pot(const struct host *h, const char *jail,
    const struct export_options *o, struct export_result *r, struct error *e)
    FALLIBLE;

#endif
