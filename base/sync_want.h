/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_SYNC_WANT_H
#define BASE_SYNC_WANT_H

#include "base/sync.h"

/* Private to sync_receive.c and sync_want.c. */

/* A file that was asked for; the oldest is answered first. */
struct want {
	struct sync_record *record;
	struct buf attrs;
	char *path;
	int dir;		/* its directory */
	int base;		/* what is there; -1 */
	int file;		/* what is written to, in scratch; -1 */
	bool partial;		/* base is a part of it in scratch */
	bool written;		/* file began as a copy of base */
	char temporary[2 * SYNC_TOKEN + 1];
	uint8_t *sums;		/* of the blocks of base */
	uint64_t count;
	uint64_t next;		/* the block that comes next */
	struct blake2 total;
	size_t asked;		/* bytes of the question */
};

struct receiver {
	struct wire *wire;
	struct sync_target *target;
	struct sync_stack stack;
	bool rooted;
	struct strings groups;	/* the path of the first of each */
	int scratch, done;
	VEC(struct want *) wants;	/* in the order of their questions */
	size_t asked;		/* bytes of questions not answered */
	struct buf next;
};

/* Make the file of r so, at once or when its blocks have come. */
int want_file(struct receiver *v, const struct sync_record *r,
    struct error *e) FALLIBLE;
/* All that was asked for. */
int wants_finish(struct receiver *v, struct error *e) FALLIBLE;
void wants_fini(struct receiver *v);
int compare_names(const void *a, const void *b);

#endif
