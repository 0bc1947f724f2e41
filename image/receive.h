/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_RECEIVE_H
#define IMAGE_RECEIVE_H

#include "image/plant.h"
#include "image/progress.h"

/*
 * An archive of ours, gaol-archive(5), read from a file or a pipe.  Three
 * processes: one decompresses, sums up and compares, and reads nothing but the
 * archive; one writes files, and sees nothing but their directory; and this
 * one, which reads the first two members.
 */
enum { RECEIVE_FIRST = 1 << 20 };	/* bytes of each of them at most */

struct receive {
	int fd;			/* the archive, borrowed */
	const char *name;	/* what messages call it */
	struct progress *progress;
	uint64_t total;		/* of its bytes; 0: not known */
	uint64_t max_size, max_entries;
	bool devices;
	int hold;		/* kept open by whoever writes, or -1: a lock */

	pid_t reader;
	int report, pipe;
	unsigned char *block;
	struct tar_in in;
	struct buf manifest, conf;

	/* When it is over. */
	uint64_t members, bytes;
	unsigned lost;
	char sum[HASH_HEX];	/* of all but the last member */
	char key[128], signature[256];	/* "" when it is not signed */
};

#define AUTO_RECEIVE __attribute__((cleanup(receive_fini)))

/* Start to read: manifest and conf are the archive's own words. */
int receive_open(struct receive *r, struct error *e) FALLIBLE;
/* Make the rest of it the tree of the empty directory dirfd; all sums were
 * right when it succeeds.  On error what was written stays. */
int receive_tree(struct receive *r, int dirfd, struct error *e) FALLIBLE;
/* Ends what still runs. */
void receive_fini(struct receive *r);

/* The last member's text; also for the fuzzer. */
int receive_parse_end(struct receive *r, const char *text, struct error *e)
    FALLIBLE;

#endif
