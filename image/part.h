/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_PART_H
#define IMAGE_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * A download that is not complete: FILE.part holds the bytes, FILE.part.info
 * where they came from and which version they are, so that a later run can
 * continue.  The part is locked while it is open.
 */
struct part {
	char *file;
	char *path;
	char *info;
	int fd;
	uint64_t size;
	char *url;		/* where the bytes came from, NULL unknown */
	char *etag;		/* NULL: the server gave none */
	char *modified;
};

#define PART_INIT { NULL, NULL, NULL, -1, 0, NULL, NULL, NULL }
#define AUTO_PART __attribute__((cleanup(part_close)))

/* Open or make it; ERROR_BUSY when another process downloads it. */
int part_open(struct part *part, const char *file, struct error *e) FALLIBLE;
/* Let go; the files stay. */
void part_close(struct part *part);
/* What If-Range may name: a strong ETag, else Last-Modified, else "". */
const char *part_validator(const struct part *part);
/* Forget the bytes, and note what is to come; NULL or "" for what is not
 * known. */
int part_restart(struct part *part, const char *url, const char *etag,
    const char *modified, struct error *e) FALLIBLE;
int part_append(struct part *part, const void *data, size_t len,
    struct error *e) FALLIBLE;
/* It is complete: on disk, then under its real name. */
int part_finish(struct part *part, struct error *e) FALLIBLE;
/* Remove both files. */
void part_discard(struct part *part);

#endif
