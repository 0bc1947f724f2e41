/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_ZSTREAM_H
#define IMAGE_ZSTREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

/*
 * What 'zfs send' writes, cut into the streams of single snapshots.  One of
 * 'zfs send -R' begins with properties of the datasets (mountpoint, setuid,
 * sharenfs ...), which must not come from an archive: they are left out, and
 * each snapshot is received by itself, into a dataset of our choice.
 */
enum { ZSTREAM_RECORD = 312 };

struct zstream {
	/* A snapshot of the dataset below the first one: "" or "root"... */
	int (*begin)(void *arg, const char *below, struct error *e);
	int (*data)(void *arg, const void *data, size_t len, struct error *e);
	int (*end)(void *arg, struct error *e);
	void *arg;

	unsigned char record[ZSTREAM_RECORD];
	size_t have;		/* of it */
	uint64_t payload;	/* still to come */
	enum { ZSTREAM_BETWEEN, ZSTREAM_PROPERTIES, ZSTREAM_SNAPSHOT } state;
	char *top;		/* the first dataset, "tank/jails/web" */
	struct strings met;	/* datasets that began */
};

void zstream_fini(struct zstream *z);
/* Some bytes of it.  ERROR_DATA: it is none, or damaged; ERROR_UNSUPPORTED. */
int zstream_add(struct zstream *z, const unsigned char *data, size_t len,
    struct error *e) FALLIBLE;
/* There are no more: ERROR_DATA when there should be. */
int zstream_finish(struct zstream *z, struct error *e) FALLIBLE;

/* Whether these bytes, ZSTREAM_RECORD of them, begin one; name, of size, gets
 * the last word of its dataset. */
bool zstream_probe(const unsigned char *data, char *name, size_t size);

#endif
