/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef INIT_LOG_H
#define INIT_LOG_H

#include "init/init.h"

/*
 * What the jail prints comes by a pipe and goes into the console log, each line
 * with its time before it.  A file that has become too long is copied into the
 * next older one, that one's content before into the next, and is emptied: it
 * stays the same file for all who have it open.  What cannot be written is
 * dropped, so that nobody in the jail ever waits for a full disk.
 */
struct log {
	int pipe;		/* -1: there is none */
	int first;		/* the log, then the older ones */
	uint32_t older, limit;	/* how many; bytes of a file, 0: no limit */
	bool inside;		/* of a line */
};

/* The answer to INIT_LOG; false: makes no sense. */
bool log_begin(struct log *l, const struct init_message *m);
/* What has come by now. */
void log_take(struct log *l);
/* A line of pid 1's own, without its end. */
void log_line(struct log *l, const char *text, size_t size);
/* "2026-11-28T07:30:01.123Z " */
enum { LOG_STAMP = 25 };
void log_stamp(char to[LOG_STAMP]);

#endif
