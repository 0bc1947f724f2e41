/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_SINK_H
#define IMAGE_SINK_H

#include <archive.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "image/hash.h"

/*
 * Where an archive goes: bytes are summed up, compressed by as many threads as
 * there are processors, and written to a descriptor that may be a pipe.
 */
struct sink {
	int fd;			/* borrowed */
	struct archive *out;
	struct hash *hash;
	unsigned char *data;	/* not yet given to the compressor */
	size_t len, summed;
	uint64_t bytes;		/* before compression, all of them */
	uint64_t written;	/* after it */
	int failed;		/* errno of write(2) */
	bool dropped;		/* write no more */
};

#define AUTO_SINK __attribute__((cleanup(sink_fini)))

/* compression: "zstd", "gzip", "xz", "none"; level NULL: the usual one. */
int sink_open(struct sink *s, int fd, const char *compression,
    const char *level, struct error *e) FALLIBLE;
void sink_fini(struct sink *s);
int sink_add(struct sink *s, const void *data, size_t len, struct error *e)
    FALLIBLE;
/* Room for at least one byte, *len of it, to be filled in place; and so many
 * were. */
int sink_room(struct sink *s, unsigned char **data, size_t *len,
    struct error *e) FALLIBLE;
void sink_filled(struct sink *s, size_t len);
/* The sum of all bytes so far. */
void sink_sum(struct sink *s, char hex[HASH_HEX]);
int sink_close(struct sink *s, struct error *e) FALLIBLE;

#endif
