/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_PACK_H
#define IMAGE_PACK_H

#include "image/progress.h"
#include "image/sink.h"
#include "image/tar.h"

/*
 * A tree as members of an archive: each directory, then its other files, then
 * its subdirectories, so that it can be written and read in one pass.
 */
struct pack {
	struct sink *sink;
	const char *prefix;	/* of all names: "root" */
	bool sums;		/* every header tells the sum of what is before */
	struct progress *progress;
	uint64_t members;
	uint64_t bytes;		/* of files, without holes */
	uint64_t sockets;	/* left out: nobody listens on a copy */
	uint64_t mounts;	/* left out but for their places */
};

/* The header of one member of our own, or a whole one, with its text. */
int pack_header(struct pack *p, const struct tar_entry *t, struct error *e)
    FALLIBLE;
int pack_text(struct pack *p, const char *name, const char *text, size_t len,
    struct error *e) FALLIBLE;
/*
 * All below the directory fd.  A file that changes while it is read is
 * ERROR_BUSY with its name.
 */
int pack_tree(struct pack *p, int fd, struct error *e) FALLIBLE;
/* The blocks of zeros that end an archive. */
int pack_end(struct pack *p, struct error *e) FALLIBLE;

#endif
