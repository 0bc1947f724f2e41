/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CMD_LOG_SOURCE_H
#define CMD_LOG_SOURCE_H

#include "core/host.h"

/*
 * The console log of a jail, with its older files, as lines.  A line that
 * begins with a time (core/event.h) has that, others that of the line before.
 */
struct log_line {
	int64_t stamp;		/* milliseconds; 0: not known */
	size_t order;		/* in which it was read */
	size_t source;		/* whose: an index of the caller */
	bool whole;		/* it ends with a newline */
	char *text;		/* without time and newline */
	size_t len;
};
VEC_TYPE(log_lines, struct log_line);
void log_lines_fini(struct log_lines *lines);

struct log_source {
	char *name, *path;
	size_t index;
	int fd;			/* the newest file, -1: none yet */
	int64_t stamp;		/* of the line before */
	struct buf rest;	/* a line without its end */
	bool quiet;		/* nothing has come since the last look */
};
void log_source_fini(struct log_source *s);

/*
 * Where the log of jail lies; the file need not be there.  One whose cell.conf
 * is broken has the usual place.
 */
int log_source_open(const struct host *h, const char *jail,
    struct log_source *s, struct error *e) FALLIBLE;
/*
 * Append the last most lines of the newest file, and of older ones when it has
 * fewer; or all of them, which is what a choice needs.
 */
int log_source_last(struct log_source *s, uint64_t most,
    struct log_lines *lines, struct error *e) FALLIBLE;
/*
 * Append what has been written since, also when another file has the name or
 * this one was emptied.  A line without an end comes when it stays so.
 */
int log_source_more(struct log_source *s, struct log_lines *lines,
    struct error *e) FALLIBLE;

#endif
