/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_PLACE_H
#define TEMPLATE_PLACE_H

#include "template/source.h"
#include "template/vars.h"

/*
 * Files of a jail, below its root, whose owner we are (within() of struct
 * engine) and which may be hostile: every path is resolved inside.  What is
 * made belongs to root.
 */

/*
 * cp(1) -R: into target when that is a directory or ends in a slash, else as
 * target.  Directories that are missing are made, those that are there stay,
 * files are replaced in one step.
 */
int place_source(int root, const struct source *s, const char *target,
    struct error *e) FALLIBLE;
int place_data(int root, const char *path, const void *data, size_t len,
    mode_t mode, struct error *e) FALLIBLE;
/* Append the line unless the file has it. */
int place_line(int root, const char *file, const char *line, struct error *e)
    FALLIBLE;
/*
 * Replace ${NAME} of each variable in a file, or in all files of a directory.
 * Files that are no text stay.  ERROR_NOT_FOUND.
 */
int place_render(int root, const char *path, const struct vars *v,
    struct error *e) FALLIBLE;
/* The sum of a file's content; zeros when there is none. */
int place_sum(int root, const char *path, uint8_t sum[BLAKE2_SIZE],
    struct error *e) FALLIBLE;

#endif
