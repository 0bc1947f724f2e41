/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* snapshot.schedule and snapshot.keep: which are due, which are kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "core/schedule.h"

enum { FIELDS = 5, MINUTE = 60, LOOK_BACK = 366 * 24 * 60 };

/* One number, range or * with a step of a crontab(5) field. */
static bool
part_matches(const char *part, int value, int low, int high)
{
	char *end;
	long from = low, to = high, step = 1;

	if (*part == '*') {
		end = (char *)(uintptr_t)(part + 1);
	} else {
		from = to = strtol(part, &end, 10);
		if (*end == '-')
			to = strtol(end + 1, &end, 10);
		else if (*end == '/')
			to = high;
	}
	if (*end == '/')
		step = strtol(end + 1, &end, 10);
	return step > 0 && value >= from && value <= to &&
	    (value - from) % step == 0;
}

static bool
field_matches(const char *field, int value, int low, int high)
{
	AUTO_FREE char *copy = xstrdup(field);
	char *part, *rest = copy;

	while ((part = strsep(&rest, ",")) != NULL)
		if (*part != '\0' && part_matches(part, value, low, high))
			return true;
	return false;
}

static bool
cron_matches(char *const fields[FIELDS], const struct tm *tm)
{
	bool day = field_matches(fields[2], tm->tm_mday, 1, 31);
	bool week = field_matches(fields[4], tm->tm_wday, 0, 7) ||
	    (tm->tm_wday == 0 && field_matches(fields[4], 7, 0, 7));

	/* crontab(5): when both days are restricted, either will do */
	if (*fields[2] != '*' && *fields[4] != '*')
		day = day || week;
	else
		day = day && week;
	return day && field_matches(fields[0], tm->tm_min, 0, 59) &&
	    field_matches(fields[1], tm->tm_hour, 0, 23) &&
	    field_matches(fields[3], tm->tm_mon + 1, 1, 12);
}

static bool
cron_due(const char *schedule, int64_t last, int64_t now)
{
	AUTO_FREE char *copy = xstrdup(schedule);
	char *fields[FIELDS] = { NULL }, *word, *rest = copy;
	size_t n = 0;
	int64_t t = now - now % MINUTE;

	while (n < FIELDS && (word = strsep(&rest, " \t")) != NULL)
		if (*word != '\0')
			fields[n++] = word;
	for (int i = 0; n == FIELDS && i < LOOK_BACK && t > last; i++) {
		time_t when = (time_t)t;
		struct tm tm;

		if (localtime_r(&when, &tm) != NULL &&
		    cron_matches(fields, &tm))
			return true;
		t -= MINUTE;
	}
	return false;
}

int64_t
schedule_period(const char *word, int64_t when)
{
	time_t t = (time_t)when;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		return 0;
	int64_t day = (int64_t)tm.tm_year * 366 + tm.tm_yday;

	if (strcmp(word, "hourly") == 0)
		return day * 24 + tm.tm_hour;
	if (strcmp(word, "daily") == 0)
		return day;
	if (strcmp(word, "monthly") == 0)
		return (int64_t)tm.tm_year * 12 + tm.tm_mon;
	if (strcmp(word, "yearly") == 0)
		return tm.tm_year;
	/* weeks begin with Monday; the day of the era has no gaps */
	return ((int64_t)t + tm.tm_gmtoff) / 86400 / 7 +
	    (((int64_t)t + tm.tm_gmtoff) / 86400 % 7 >= 4);
}

bool
schedule_due(const char *schedule, int64_t last, int64_t now)
{
	if (*schedule >= '0' && *schedule <= '9')
		return cron_due(schedule, last, now);
	if (*schedule == '*')
		return cron_due(schedule, last, now);
	return last == 0 || (last < now && schedule_period(schedule, last) !=
	    schedule_period(schedule, now));
}

/* "daily:7" keeps the newest of each of the last seven days that have one. */
static void
keep_rule(const char *rule, const int64_t *created, bool *keep, size_t count)
{
	const char *colon = strchr(rule, ':');
	AUTO_FREE char *word = colon != NULL ?
	    xstrndup(rule, (size_t)(colon - rule)) : NULL;
	long left = strtol(colon != NULL ? colon + 1 : rule, NULL, 10);
	int64_t last = -1;

	for (size_t i = count; i-- > 0 && left > 0;) {
		int64_t period = word != NULL ?
		    schedule_period(word, created[i]) : -2;

		if (word != NULL && period == last)
			continue;
		last = period;
		keep[i] = true;
		left--;
	}
}

void
schedule_keep(const struct strings *rules, const int64_t *created, bool *keep,
    size_t count)
{
	for (size_t i = 0; i < count; i++)
		keep[i] = rules->count == 0;
	for (size_t i = 0; i < rules->count; i++)
		keep_rule(rules->items[i], created, keep, count);
}
