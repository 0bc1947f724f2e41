/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_IMPORT_H
#define CORE_IMPORT_H

#include "core/archive.h"
#include "core/foreign.h"
#include "core/helper.h"
#include "core/step.h"

/* Private to import*.c: an import under way. */
struct import {
	const struct host *host;
	const struct import_options *options;
	struct helper helper;
	struct manifest manifest;
	struct buf conf;	/* cell.conf; of foreign trees their files */
	struct foreign foreign;
	bool is_foreign, is_stream;
	struct buf *note;
	struct cell cell;
	const struct store *store;
	struct store_cell at;
	struct strings store_options;
	char *name, *fresh, *path, *release;
	char *twin;		/* why it gets a new identity, or NULL */
	char *old_host;		/* its host name where it came from */
	int lock, release_lock, root;
};

void import_fini(struct import *i);

/* What is done alike for all archives. */
int import_identity(struct import *i, struct error *e) FALLIBLE;
int import_set(struct cell *c, const char *name, const char *value,
    struct error *e) FALLIBLE;
int import_check_os(const struct import *i, struct error *e) FALLIBLE;
void import_verdict(struct import *i, const char *text);
/* Steps. */
int import_forget(void *arg, struct error *e);
int import_write_conf(void *arg, struct error *e);
int import_set_quota(void *arg, struct error *e);
int import_rename_in(void *arg, struct error *e);
void import_tell_forget(void *arg, struct buf *text);
void import_tell_conf(void *arg, struct buf *text);
void import_tell_rename(void *arg, struct buf *text);
void import_tell_nothing(void *arg, struct buf *text);

/* import_foreign.c: archives of others. */
/* The checksums that lie beside the archive, for gaol-image: a line "sha256
 * HEX", "skein HEX", "meta HEX" or "signature HEX" for each file that is
 * there. */
void import_sums(const char *file, struct buf *text);
/* The cell that the files of i->foreign describe. */
int import_map(struct import *i, struct error *e) FALLIBLE;
/* What was not taken over is told. */
void import_tell_lost(const struct import *i);
/* import_stream.c: those made of streams of zfs, as steps to be run. */
int import_stream_prepare(struct import *i, struct error *e) FALLIBLE;
int import_stream_run(struct import *i, struct error *e) FALLIBLE;

#endif
