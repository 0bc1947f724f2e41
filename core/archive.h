/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_ARCHIVE_H
#define CORE_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/store.h"

/* Jails as archives, gaol-archive(5), and the keys that these are signed with.
 */

struct export_options {
	const char *file;	/* NULL: a name of its own in the working
				   directory; a directory: in that; "-" */
	const char *snapshot;	/* its files at that snapshot */
	bool live;		/* of a running jail: by a snapshot, which goes
				   again */
	const char *sign;	/* the name of a key; NULL: unsigned */
	const char *level;	/* NULL: the usual one */
	const char *format;	/* NULL: ours; "bastille", "pot" */
};

/* What came of it. */
struct export_result {
	char *file;		/* NULL: standard output */
	uint64_t files, bytes, written;	/* written: compressed */
};
#define AUTO_EXPORT_RESULT __attribute__((cleanup(export_result_fini)))
void export_result_fini(struct export_result *r);

/*
 * The file appears complete or not at all; one of that name is ERROR_EXISTS.  A
 * jail that runs is ERROR_BUSY unless live or snapshot.
 */
int export_jail(const struct host *h, const char *jail,
    const struct export_options *o, struct export_result *r, struct error *e)
    FALLIBLE;
/* Destroy the snapshot that an export of a running jail took; one that is not
 * there is fine. */
int export_drop(const struct cell_store *s, const char *snapshot,
    struct error *e) FALLIBLE;

struct import_options {
	const char *file;	/* or "-" */
	const char *name;	/* NULL: as the archive says */
	const char *store;	/* NULL: the host's default */
	bool devices;		/* let device nodes in */
	bool verify;		/* a trusted key must have signed it */
	bool unverified;	/* one of others needs no checksum */
	const char *max_size;	/* NULL: what is free on the disk */
	const struct strings *assign;	/* PROP=VALUE */
};
/* *name is the jail's, for the caller to free; *note says who signed it. */
int import_jail(const struct host *h, const struct import_options *o,
    char **name, struct buf *note, struct error *e) FALLIBLE;

/* What the first member says, of which no more is kept than is asked for. */
struct manifest {
	char *name, *kind, *os, *release;	/* NULL: not told */
};
#define AUTO_MANIFEST __attribute__((cleanup(manifest_fini)))
#define MANIFEST_INIT { NULL, NULL, NULL, NULL }
int manifest_parse(struct manifest *m, const char *text, struct error *e)
    FALLIBLE;
void manifest_fini(struct manifest *m);

/*
 * Keys: ROOT/keys/NAME.key, secret, and NAME.pub, which is trusted here.  A
 * public key is a line "gaol-ed25519 BASE64 NAME".
 */
struct key {
	char *name, *base64;
	bool secret;		/* we can sign with it */
};
VEC_TYPE(keys, struct key);
#define AUTO_KEYS __attribute__((cleanup(keys_fini)))
void keys_fini(struct keys *k);
/* Sorted by name. */
int key_list(const struct host *h, struct keys *k, struct error *e) FALLIBLE;
int key_create(const struct host *h, const char *name, struct error *e)
    FALLIBLE;
/*
 * Trust the public key in text, a line as key_line gives it or a file of
 * signify(1).  name NULL: as the line says.  *known is the name it got.
 */
int key_trust(const struct host *h, const char *text, const char *name,
    char **known, struct error *e) FALLIBLE;
/* The line of a key, for others to trust. */
int key_line(const struct host *h, const char *name, struct buf *line,
    struct error *e) FALLIBLE;
int key_destroy(const struct host *h, const char *name, struct error *e)
    FALLIBLE;
/* The secret key, opened. */
int key_open(const struct host *h, const char *name, struct error *e)
    FALLIBLE;
/* Lines "BASE64 NAME" of all that are trusted. */
int key_trusted(const struct host *h, struct buf *lines, struct error *e)
    FALLIBLE;

#endif
