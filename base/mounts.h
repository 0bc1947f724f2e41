/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_MOUNTS_H
#define BASE_MOUNTS_H

#include "base/error.h"
#include "base/vec.h"

/*
 * Mount points at or below path, as this process sees them.  path is absolute
 * and free of links (realpath(3)).
 */
int mounts_below(const char *path, struct strings *points, struct error *e)
    FALLIBLE;
/* ERROR_BUSY naming the first mount at or below path. */
int mounts_refuse_below(const char *path, struct error *e) FALLIBLE;

/*
 * What path lies on, when that is a file system of that type: *source is what
 * was mounted ("tank/gaol") and *point where, both the caller's to free; NULL
 * when it is of another type.  A part that is bound elsewhere does not count.
 */
int mounts_source(const char *path, const char *type, char **source,
    char **point, struct error *e) FALLIBLE;

/*
 * The mount points among the lines of a mountinfo file that lie at or below
 * path (for the test, and for the file of another process).  text is changed.
 */
void mounts_parse(char *text, const char *path, struct strings *points);

/* "\040" and the like become what they stand for, in place. */
void mounts_unescape(char *text);

#endif
