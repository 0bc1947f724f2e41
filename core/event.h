/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "core/host.h"

/*
 * What was done to jails, and what happened to them: one log for the host,
 * events.log in the log directory, of lines
 *
 *	TIME EVENT JAIL RESULT MS USER MESSAGE
 *
 * with tabs between them, "-" for what is not known, and the time in UTC with
 * milliseconds.  What is written by one write(2) does not mix.  A file of
 * EVENT_FILE_SIZE becomes events.log.1, and so on to EVENT_FILES.
 */
enum { EVENT_FILE_SIZE = 1 << 20, EVENT_FILES = 4 };

struct event {
	const char *what;	/* "start", "oom"; one word */
	const char *jail;	/* or several words; NULL: none */
	const char *result;	/* "ok", or an error_code(); NULL: none */
	int64_t ms;		/* it took; -1: not known */
	const char *message;	/* NULL: none */
};

/* Best effort: what cannot be logged is done all the same. */
void event_write(const struct host *h, const struct event *ev);
/* "2026-11-28T07:30:01.123Z" of milliseconds since 1970. */
char *event_time(int64_t ms, char text[32]);

/* The path of a file of the log, 0 is the newest; the caller frees it. */
char *event_path(const struct host *h, unsigned number);

/* A line taken apart, in place; false when it is none. */
enum event_field {
	EVENT_TIME, EVENT_WHAT, EVENT_JAIL, EVENT_RESULT, EVENT_MS, EVENT_USER,
	EVENT_MESSAGE,
	EVENT_FIELDS
};
bool event_parse(char *line, const char *fields[EVENT_FIELDS]);
/* The time of such a stamp, which ends at a blank or tab; -1: it is none. */
int64_t event_stamp(const char *text);

#endif
