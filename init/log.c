/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "init/log.h"

enum { BLOCK = 4096, OUT = 8192, OLDER_MAX = 9,
	COPY_AT_ONCE = 1 << 20 };

struct out {
	char text[OUT];
	size_t size;
};

bool
log_begin(struct log *l, const struct init_message *m)
{
	if (m->size != 0 || m->gid > OLDER_MAX || l->pipe >= 0)
		return (false);
	l->pipe = (int)m->ngroups;
	l->first = l->pipe + 1;
	l->limit = m->uid;
	l->older = m->gid;
	l->inside = false;
	return (true);
}

static void
copy(int from, int to)
{
	sys3(SYS_FTRUNCATE, to, 0, 0);
	sys3(SYS_LSEEK, to, 0, SEEK_SET);
	sys3(SYS_LSEEK, from, 0, SEEK_SET);
	while (sys6(SYS_SENDFILE, to, from, 0, COPY_AT_ONCE, 0, 0) > 0)
		continue;
}

static void
rotate(const struct log *l)
{
	if (l->limit == 0 ||
	    sys3(SYS_LSEEK, l->first, 0, SEEK_END) < (long)l->limit)
		return;
	for (int i = (int)l->older; i > 0; i--)
		copy(l->first + i - 1, l->first + i);
	sys3(SYS_FTRUNCATE, l->first, 0, 0);
}

static void
flush(const struct log *l, struct out *o)
{
	for (size_t at = 0; at < o->size;) {
		long n = sys_write(l->first, o->text + at, o->size - at);

		if (n <= 0 && n != -EINTR)
			break;
		at += n > 0 ? (size_t)n : 0;
	}
	o->size = 0;
}

static void
digits(char *to, unsigned count, unsigned value)
{
	while (count-- > 0) {
		to[count] = (char)('0' + value % 10);
		value /= 10;
	}
}

/*
 * "2026-11-28T07:30:01.123Z ": the day by counting from a first of March, so
 * that leap days come last (Hinnant's civil_from_days, in the public domain).
 */
void
log_stamp(char to[LOG_STAMP])
{
	static const char form[] = "0000-00-00T00:00:00.000Z ";
	struct sys_timespec now = { 0, 0 };
	unsigned day, second, era, of_era, year, of_year, month;

	sys3(SYS_CLOCK_GETTIME, 0, (long)&now, 0);
	day = (unsigned)(now.seconds / 86400) + 719468;
	second = (unsigned)(now.seconds % 86400);
	era = day / 146097;
	of_era = day % 146097;
	year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) /
	    365;
	of_year = of_era - (365 * year + year / 4 - year / 100);
	month = (5 * of_year + 2) / 153;
	memcpy(to, form, LOG_STAMP);
	digits(to + 8, 2, of_year - (153 * month + 2) / 5 + 1);
	month = month < 10 ? month + 3 : month - 9;
	digits(to, 4, year + era * 400 + (month <= 2));
	digits(to + 5, 2, month);
	digits(to + 11, 2, second / 3600);
	digits(to + 14, 2, second / 60 % 60);
	digits(to + 17, 2, second % 60);
	digits(to + 20, 3, (unsigned)(now.nanoseconds / 1000000));
}

static void
put(struct log *l, const char *text, size_t size)
{
	struct out o;

	o.size = 0;
	for (size_t i = 0; i < size; i++) {
		if (o.size + LOG_STAMP + 1 > OUT) {
			flush(l, &o);
			rotate(l);
		}
		if (!l->inside) {
			log_stamp(o.text + o.size);
			o.size += LOG_STAMP;
		}
		o.text[o.size++] = text[i];
		l->inside = text[i] != '\n';
	}
	flush(l, &o);
	rotate(l);
}

/* Only what is there: a pipe without anything would make pid 1 wait. */
void
log_take(struct log *l)
{
	struct sys_timespec now = { 0, 0 };
	struct sys_poll p = { l->pipe, POLLIN, 0 };
	char block[BLOCK];
	long n;

	/* one that writes without end must not keep pid 1 from its work */
	for (int round = 0; l->pipe >= 0 && round < 64; round++) {
		if (sys6(SYS_PPOLL, (long)&p, 1, (long)&now, 0, 0, 0) <= 0)
			return;
		n = sys_read(l->pipe, block, sizeof(block));
		if (n <= 0)
			return;
		put(l, block, (size_t)n);
	}
}

void
log_line(struct log *l, const char *text, size_t size)
{
	if (l->pipe < 0)
		return;
	if (l->inside)
		put(l, "\n", 1);
	put(l, text, size);
	put(l, "\n", 1);
}
