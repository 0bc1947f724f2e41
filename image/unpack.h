/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_UNPACK_H
#define IMAGE_UNPACK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"
#include "image/progress.h"

struct unpack_job {
	int fd;			/* the archive, a regular file */
	const char *name;	/* what messages call it */
	const char *sha256;	/* the sum that it must have, or "" */
	bool checked;		/* it had it: look only while it is read */
	const char *below;	/* NULL, or the directory of the archive that
				   alone is unpacked, and becomes the root */
	int hold;		/* kept open by whoever writes; 0: nothing */
	uint64_t max_size;	/* of all files together, and of each */
	uint64_t max_entries;
	struct progress *progress;
};

struct unpack_result {
	uint64_t members;
	uint64_t bytes;
	uint64_t devices;	/* nodes below dev/ that were left out */
	uint64_t lost;		/* members that lost some attribute */
};

/*
 * Unpack below the directory dirfd, in a process that can reach nothing else.
 * With a sum, the archive is checked before anything is unpacked, and again as
 * it is read.  On error what was unpacked stays: see unpack_clean.
 */
int unpack_archive(const struct unpack_job *job, int dirfd,
    struct unpack_result *result, struct error *e) FALLIBLE;
/* The work itself: in this process, into the working directory, no check of
 * the sum beforehand. */
int unpack_here(const struct unpack_job *job, struct unpack_result *result,
    struct error *e) FALLIBLE;

/* Open an existing, empty directory and note its owner and mode. */
int unpack_open_dir(const char *path, struct stat *before, struct error *e)
    FALLIBLE;
/*
 * Empty the directory again and give it back its owner and mode.  Called with
 * the error that made it necessary, which is kept, or completed when the
 * directory cannot be emptied.
 */
void unpack_clean(int dirfd, const struct stat *before, struct error *e);
/* Say what was done. */
void unpack_note(struct progress *p, const char *name,
    const struct unpack_result *result);

#endif
