/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_STREAM_H
#define IMAGE_STREAM_H

#include <archive.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "image/hash.h"

/*
 * The uncompressed bytes of an archive file, counted and limited.  It is a
 * layer of its own below the tar reader so that the limit holds for all that
 * is decompressed (headers and padding too), so that the compressed data is
 * read and checked to its end, and so that the file's sum is taken of the very
 * bytes that were unpacked.
 */
struct stream {
	int fd;			/* borrowed */
	bool pipe;		/* it cannot be read from any place */
	struct archive *raw;
	struct hash *hash;	/* NULL: no sum is wanted */
	struct progress *progress;
	unsigned char *block;
	off_t at;		/* compressed bytes read */
	uint64_t bytes;		/* uncompressed bytes given out */
	uint64_t limit;		/* for bytes; the owner may raise it */
	uint64_t step;		/* the same, until the owner sets it anew */
	bool over;		/* one of them was reached */
	bool failed;
	bool gzip;
	uint32_t crc;		/* of bytes, for gzip without sum */
	unsigned char tail[8];	/* of the file, for the same */
};

/* Find out the compression; sum: take the file's sum as well. */
int stream_open(struct stream *s, int fd, bool sum, struct progress *p,
    struct error *e) FALLIBLE;
void stream_close(struct stream *s);
/* The next uncompressed bytes; *len 0 at the end. */
int stream_next(struct stream *s, const unsigned char **block, size_t *len,
    struct error *e) FALLIBLE;
/* An archive_read_callback; data is a struct stream. */
la_ssize_t stream_read(struct archive *a, void *data, const void **block);
/*
 * Read what follows the archive's end, at most max bytes, and the rest of the
 * file; the sum of the whole file goes to hex.
 */
int stream_finish(struct stream *s, uint64_t max, char hex[HASH_HEX],
    struct error *e) FALLIBLE;

#endif
