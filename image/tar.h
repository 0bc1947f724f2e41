/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_TAR_H
#define IMAGE_TAR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"
#include "image/attr.h"
#include "image/hash.h"

/*
 * The pax subset of gaol-archive(5), which other programs read as well.  A
 * writer and a strict reader of our own, because every header tells the sum of
 * all bytes before it, names may be any bytes, and libarchive takes longer for
 * a header than the compressor for its file.
 */
enum { TAR_BLOCK = 512 };

enum tar_type {
	TAR_FILE = '0',
	TAR_LINK = '1',
	TAR_SYMLINK = '2',
	TAR_CHAR = '3',
	TAR_BLOCK_DEVICE = '4',
	TAR_DIRECTORY = '5',
	TAR_FIFO = '6',
};

/* Part of a file that is no hole. */
struct tar_extent {
	uint64_t at, len;
};
VEC_TYPE(tar_extents, struct tar_extent);

struct tar_entry {
	enum tar_type type;
	struct buf name;	/* "root/etc/passwd", no "/" at its end */
	struct buf link;	/* of a link or a symbolic link */
	mode_t mode;		/* permissions alone */
	uint32_t uid, gid;
	uint64_t size;		/* of what follows the header */
	struct timespec mtime;
	uint32_t dev_major, dev_minor;
	struct attrs attrs;
	bool sparse;		/* the extents follow, then their data */
	uint64_t real_size;	/* sparse: with its holes */
	struct tar_extents extents;	/* written; read by tar_read_map */
	char sum[HASH_HEX];	/* of all bytes before; "" for the first */
};

#define AUTO_ENTRY __attribute__((cleanup(tar_entry_fini)))
#define TAR_ENTRY_INIT { .type = TAR_FILE }
void tar_entry_fini(struct tar_entry *t);
/* As new, but the memory is kept. */
void tar_entry_clear(struct tar_entry *t);

/* Append the header of t, which tells sum ("": none). */
void tar_format(const struct tar_entry *t, const char *sum, struct buf *out);
/* Append the map of a sparse file, which is the beginning of its data. */
void tar_format_map(const struct tar_extents *extents, struct buf *out);

/*
 * Read: next() gives one block of bytes after the other, *len 0 at the end.
 * With a hash the sum that each header tells is compared, and with pass all
 * that was read goes there, no header before it was compared.
 */
struct tar_in {
	int (*next)(void *arg, const unsigned char **block, size_t *len,
	    struct error *e);
	int (*pass)(void *arg, const unsigned char *data, size_t len,
	    struct error *e);
	void *arg;
	struct hash *hash;
	const unsigned char *block;
	size_t len, at, passed;
	uint64_t left;		/* data of the member still to be read */
	unsigned padding;	/* and what follows it */
	uint64_t members;
	struct buf header;
};
void tar_in_fini(struct tar_in *t);

/*
 * 1: a member; 0: the archive's end, with nothing but zeros after it; -1,
 * ERROR_DATA without the member's name.  What was not read of the member before
 * is skipped.
 */
int tar_read(struct tar_in *t, struct tar_entry *entry, struct error *e)
    FALLIBLE;
/* Some of the member's data, at most max; *len 0 when there is no more. */
int tar_read_some(struct tar_in *t, uint64_t max, const unsigned char **data,
    size_t *len, struct error *e) FALLIBLE;
/* The data of a small member, at most max bytes. */
int tar_read_text(struct tar_in *t, size_t max, struct buf *text,
    struct error *e) FALLIBLE;
/* The map of a sparse member; what is left is the extents' data. */
int tar_read_map(struct tar_in *t, struct tar_entry *entry, struct error *e)
    FALLIBLE;

#endif
