/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef VIEW_CELLS_H
#define VIEW_CELLS_H

#include <stdint.h>

#include "core/host.h"

/*
 * What list and the choice of targets need to know of every jail: the values
 * in force of a few properties.  A file that cannot be parsed is a row with a
 * problem, never an error.
 */
enum cells_field {
	CELLS_RELEASE, CELLS_NET, CELLS_IP4, CELLS_IP6, CELLS_BOOT, CELLS_TAG,
	CELLS_PRIORITY, CELLS_DEPEND, CELLS_STORE, CELLS_TYPE, CELLS_HOSTNAME,
	CELLS_NOTE, CELLS_READY, CELLS_PUBLISH,
	CELLS_PROBLEM,		/* why cell.conf cannot be used */
	CELLS_FIELDS
};

/* How a file looked when it was read. */
struct cells_stamp {
	int64_t mtime, ctime;	/* nanoseconds */
	uint64_t size, inode;
};

struct cells_row {
	struct cells_stamp stamp;
	uint32_t name;			/* offsets in texts */
	uint32_t fields[CELLS_FIELDS];	/* 0: not set */
};

struct cells {
	const struct cells_row **items;	/* sorted by name */
	size_t count, cap;
	struct buf cache;		/* the file as read, rows and texts */
	const char *base;		/* its texts */
	size_t base_len;
	VEC(struct cells_row *) fresh;	/* rows that were read anew */
	struct buf texts;		/* theirs; offsets from base_len on */
};
#define CELLS_INIT { NULL, 0, 0, BUF_INIT, NULL, 0, VEC_INIT, BUF_INIT }
#define AUTO_CELLS __attribute__((cleanup(cells_fini)))

/*
 * All jails (names NULL), or those of names that exist.  The file "list" in the
 * run directory remembers the rows of cell.conf files that look unchanged; it
 * is only a cache, and what is wrong with it does not matter.
 */
int cells_load(const struct host *h, const struct strings *names,
    struct cells *c, struct error *e) FALLIBLE;
void cells_fini(struct cells *c);
const char *cells_name(const struct cells *c, size_t row);
/* The value in force, NULL when there is none; several values of a list stand
 * one on a line. */
const char *cells_value(const struct cells *c, size_t row,
    enum cells_field field);
/* The same as a list, appended to out. */
void cells_values(const struct cells *c, size_t row, enum cells_field field,
    struct strings *out);
/* The row of that name, or -1. */
ssize_t cells_find(const struct cells *c, const char *name);
/* The field that holds a property, CELLS_FIELDS when none does. */
enum cells_field cells_field(const char *property);

#endif
