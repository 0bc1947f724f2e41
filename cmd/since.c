/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "cmd/since.h"

int
since_parse(const char *text, int64_t *ms, struct error *e)
{
	struct error ignored = ERROR_INIT;
	struct tm tm;
	uint64_t ago;
	int n, end = 0, day = 0, minute = 0;

	if (parse_duration(text, &ago, &ignored) == 0) {
		*ms = (int64_t)time(NULL) * 1000 - (int64_t)ago;
		return 0;
	}
	memset(&tm, 0, sizeof(tm));
	n = sscanf(text, "%4d-%2d-%2d%n%*1[T ]%2d:%2d%n:%2d%n", &tm.tm_year,
	    &tm.tm_mon, &tm.tm_mday, &day, &tm.tm_hour, &tm.tm_min, &minute,
	    &tm.tm_sec, &end);
	if ((n == 3 && text[day] == '\0') ||
	    (n == 5 && text[minute] == '\0') || (n == 6 && text[end] == '\0')) {
		tm.tm_year -= 1900;
		tm.tm_mon--;
		tm.tm_isdst = -1;
		*ms = (int64_t)mktime(&tm) * 1000;
		return 0;
	}
	return error_set(e, ERROR_USAGE, "'%.40s' is no time: 90s, 10m, 2h or "
	    "3d ago, or a date such as 2026-11-28 or 2026-11-28T07:30", text);
}
