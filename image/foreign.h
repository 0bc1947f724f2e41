/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_FOREIGN_H
#define IMAGE_FOREIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "image/hash.h"
#include "image/progress.h"

/*
 * Archives of jails that other managers wrote, as regular files: a tar of a
 * jail's directory (Bastille), or streams of 'zfs send', alone (Bastille, pot)
 * or as members of a zip or tar (iocage), compressed in any of the usual ways.
 * Which it is, is told by what is in it.  All of it is read by a process that
 * can reach nothing else.
 */
enum foreign_kind { FOREIGN_NONE, FOREIGN_TREE, FOREIGN_STREAM };

struct foreign {
	int fd;			/* borrowed */
	const char *name;	/* what messages call it */
	struct progress *progress;
	uint64_t total, max_size, max_entries;
	int hold;		/* kept open by whoever writes: a lock */

	/* foreign_probe */
	enum foreign_kind kind;
	char jail[256];		/* its name where it came from */
	/* foreign_check: of the file, "" before */
	char sha256[HASH_HEX];
	/* foreign_scan: each "NAME LENGTH\n" and so many bytes */
	struct buf files;
	bool freebsd;		/* programs for it, or none at all */
};
#define AUTO_FOREIGN __attribute__((cleanup(foreign_fini)))
void foreign_fini(struct foreign *f);

/* What it is; anything that is not one of these is FOREIGN_NONE. */
int foreign_probe(struct foreign *f, struct error *e) FALLIBLE;
/*
 * Compare checksums that came with it, as core/import_sums.c writes them;
 * unverified: there need be none.  trusted are lines "KEY NAME"; *verdict gets
 * "signed NAME", "unknown" or "unsigned".
 */
int foreign_check(struct foreign *f, const char *sums, bool unverified,
    const char *trusted, struct buf *verdict, struct error *e) FALLIBLE;
/* Of a tree: the files that describe the jail. */
int foreign_scan(struct foreign *f, struct error *e) FALLIBLE;
/* Its root becomes the tree of the empty directory dirfd; *lost counts
 * attributes that cannot be kept, *devices nodes that were left out. */
int foreign_tree(struct foreign *f, int dirfd, uint64_t *lost,
    uint64_t *devices, struct error *e) FALLIBLE;
/*
 * The streams of snapshots one after the other: take() gets the dataset that
 * one is of, "" or what is below the first, and the reading end of a pipe, and
 * returns when all of it was read.
 */
int foreign_streams(struct foreign *f, int (*take)(void *arg,
    const char *below, int fd, struct error *e), int (*done)(void *arg,
    struct error *e), void *arg, struct error *e) FALLIBLE;

/* Private to foreign.c and foreign_reader.c: what the reading process tells. */
enum foreign_word {
	FOREIGN_JAIL,		/* probe: kind, name */
	FOREIGN_FILE,		/* scan: name, NUL, text */
	FOREIGN_OS,		/* scan: 'f' */
	FOREIGN_BEGIN,		/* streams: below */
	FOREIGN_DATA,
	FOREIGN_END,
	FOREIGN_SUM,		/* of all that was read */
	FOREIGN_FAILED,		/* struct error */
	FOREIGN_DONE,
};
struct foreign_frame {
	uint32_t word, len;
};
enum foreign_work { FOREIGN_PROBE, FOREIGN_SCAN, FOREIGN_STREAMS };
enum { FOREIGN_FRAME_MAX = 4 << 20 };
_Noreturn void foreign_reader(const struct foreign *f, enum foreign_work work,
    int out);

#endif
