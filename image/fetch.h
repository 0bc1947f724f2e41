/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_FETCH_H
#define IMAGE_FETCH_H

#include <stdint.h>

#include "base/error.h"
#include "image/progress.h"

struct fetch_request {
	const char *source;	/* http:, https: or file: URL, or a path */
	const char *file;	/* what it becomes, replaced when it exists */
	const char *sha256;	/* the sum that it must have, or "" */
	uint64_t max_size;
	unsigned stall;		/* seconds without data before a new try */
	struct progress *progress;
};

/*
 * Bring a file here.  FILE appears complete and, with a sum, checked, or not
 * at all; what was fetched before an interruption stays as FILE.part and is
 * continued.  With a sum that FILE has already, nothing is done.  A wrong sum
 * removes FILE and FILE.part.
 */
int fetch_file(const struct fetch_request *rq, struct error *e) FALLIBLE;

#endif
