/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/event.h"

char *
event_path(const struct host *h, unsigned number)
{
	return number == 0 ? xasprintf("%s/events.log", h->log) :
	    xasprintf("%s/events.log.%u", h->log, number);
}

char *
event_time(int64_t ms, char text[32])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(text, 24, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, 8, ".%03dZ", (int)(ms % 1000));
	return text;
}

int64_t
event_stamp(const char *text)
{
	struct tm tm;
	int ms, end = 0;

	memset(&tm, 0, sizeof(tm));
	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &tm.tm_year,
	    &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &ms,
	    &end) != 7 || end == 0 ||
	    (text[end] != ' ' && text[end] != '\t' && text[end] != '\0'))
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return (int64_t)timegm(&tm) * 1000 + ms;
}

/* The user who is known for it, not the root that sudo made of them. */
static void
put_user(struct buf *line)
{
	const char *sudo = getenv("SUDO_USER");

	if (getuid() == 0)
		buf_puts(line, sudo != NULL && *sudo != '\0' ? sudo : "root");
	else
		buf_printf(line, "uid=%u", (unsigned)getuid());
}

static void
put_text(struct buf *line, const char *text)
{
	size_t from = line->len;

	buf_puts(line, text != NULL && *text != '\0' ? text : "-");
	for (size_t i = from; i < line->len; i++)
		if ((unsigned char)line->data[i] < ' ' ||
		    line->data[i] == 0x7f)
			line->data[i] = ' ';
}

static void
make_line(struct buf *line, const struct event *ev)
{
	struct timespec now;
	char stamp[32];

	clock_gettime(CLOCK_REALTIME, &now);
	buf_puts(line, event_time((int64_t)now.tv_sec * 1000 +
	    now.tv_nsec / 1000000, stamp));
	buf_printf(line, "\t%s\t", ev->what);
	put_text(line, ev->jail);
	buf_putc(line, '\t');
	put_text(line, ev->result);
	if (ev->ms >= 0)
		buf_printf(line, "\t%" PRId64 "\t", ev->ms);
	else
		buf_puts(line, "\t-\t");
	put_user(line);
	buf_putc(line, '\t');
	put_text(line, ev->message);
	buf_putc(line, '\n');
}

/* Each file gets the next number; who has the lock does it. */
static void
rotate(const struct host *h, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || st.st_size < EVENT_FILE_SIZE ||
	    flock(fd, LOCK_EX | LOCK_NB) < 0)
		return;
	/* another one may have done so since it was opened */
	if (fstat(fd, &st) < 0 || st.st_nlink == 0)
		return;
	for (unsigned i = EVENT_FILES - 1; i > 0; i--) {
		AUTO_FREE char *to = event_path(h, i);
		AUTO_FREE char *from = event_path(h, i - 1);
		struct stat named;

		if (i == 1 && (stat(from, &named) < 0 ||
		    named.st_ino != st.st_ino))
			return;
		if (rename(from, to) < 0 && errno != ENOENT)
			return;
	}
}

static int
open_log(const struct host *h)
{
	AUTO_FREE char *path = event_path(h, 0);
	int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(path, flags, 0600);
	struct error ignored = ERROR_INIT;

	if (fd < 0 && errno == ENOENT &&
	    file_mkdirs(AT_FDCWD, h->log, 0700, &ignored) == 0)
		fd = open(path, flags, 0600);
	return fd;
}

void
event_write(const struct host *h, const struct event *ev)
{
	AUTO_BUF struct buf line = BUF_INIT;
	AUTO_CLOSE int fd = -1;
	struct error ignored = ERROR_INIT;

	if (h->plan)
		return;
	make_line(&line, ev);
	fd = open_log(h);
	if (fd < 0 || file_write_fd(fd, line.data, line.len, &ignored) < 0)
		return;
	rotate(h, fd);
}

bool
event_parse(char *line, const char *fields[EVENT_FIELDS])
{
	char *rest = line;

	for (int i = 0; i < EVENT_FIELDS; i++) {
		fields[i] = i < EVENT_FIELDS - 1 ? strsep(&rest, "\t") : rest;
		if (fields[i] == NULL)
			return false;
	}
	return event_stamp(fields[EVENT_TIME]) >= 0;
}
