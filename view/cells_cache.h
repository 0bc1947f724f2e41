/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef VIEW_CELLS_CACHE_H
#define VIEW_CELLS_CACHE_H

#include "view/cells.h"

/* The properties behind the fields of a row, by enum cells_field. */
extern const char *const cells_properties[CELLS_FIELDS];

/* What the cache says; rows lie in the memory of the cells. */
struct cells_cache {
	const struct cells_row *rows;	/* sorted by name; NULL: no cache */
	size_t count;
	/* jails/ when its entries were just these rows; inode 0: unknown */
	struct cells_stamp directory;
};

/*
 * Read run/list into c, which is empty.  What is missing, damaged or of another
 * version of gaol reads as no rows.
 */
void cells_cache_read(const struct host *h, struct cells *c,
    struct cells_cache *cache);
/* Make c ready to be used without a cache. */
void cells_cache_none(struct cells *c);
/* Replace it by the rows of c that have a stamp; failing does not matter. */
void cells_cache_write(const struct host *h, const struct cells *c,
    const struct cells_stamp *directory);

#endif
