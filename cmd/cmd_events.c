/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "cmd/since.h"
#include "core/event.h"
#include "view/text.h"

enum { LOOK_EVERY_MS = 250, LOG_MAX = 64 << 20, LINES_USUAL = 100 };

static const struct cmd_option options[] = {
	{ 'f', "follow", NULL, "go on printing what happens" },
	{ 'n', "lines", "LINES", "begin with the last LINES; default: 100" },
	{ 'S', "since", "TIME", "begin at TIME: 2h ago, or a date" },
	{ 0 },
};

static const char *const keys[EVENT_FIELDS] = {
	[EVENT_TIME] = "time", [EVENT_WHAT] = "event", [EVENT_JAIL] = "jail",
	[EVENT_RESULT] = "result", [EVENT_MS] = "ms", [EVENT_USER] = "user",
	[EVENT_MESSAGE] = "message",
};

struct events {
	struct cmd_args *args;
	int64_t since;		/* -1: any */
	struct strings lines;	/* that were chosen */
};

/* An event may be of several jails: "web db". */
static bool
is_of(const char *jails, const char *pattern)
{
	AUTO_FREE char *copy = xstrdup(jails);
	char *rest = copy;
	const char *jail;

	while ((jail = strsep(&rest, " ")) != NULL)
		if (strcmp(pattern, "ALL") == 0 ||
		    fnmatch(pattern, jail, 0) == 0)
			return true;
	return false;
}

static bool
is_wanted(const struct events *ev, const char *line)
{
	AUTO_FREE char *copy = xstrdup(line);
	const struct strings *jails = &ev->args->operands;
	const char *fields[EVENT_FIELDS];

	if (!event_parse(copy, fields) || (ev->since >= 0 &&
	    event_stamp(fields[EVENT_TIME]) < ev->since))
		return false;
	for (size_t i = 0; i < jails->count; i++)
		if (is_of(fields[EVENT_JAIL], jails->items[i]))
			return true;
	return jails->count == 0;
}

static void
put_json(struct buf *out, const char *const fields[EVENT_FIELDS])
{
	for (int i = 0; i < EVENT_FIELDS; i++) {
		buf_printf(out, "%s\"%s\":", i == 0 ? "{" : ",", keys[i]);
		if (strcmp(fields[i], "-") == 0)
			buf_puts(out, "null");
		else if (i == EVENT_MS)
			buf_puts(out, fields[i]);
		else
			json_string(out, fields[i]);
	}
	buf_puts(out, "}\n");
}

/* In local time, and without what is not known. */
static void
put_text(struct buf *out, const char *const fields[EVENT_FIELDS])
{
	time_t seconds = (time_t)(event_stamp(fields[EVENT_TIME]) / 1000);
	AUTO_BUF struct buf line = BUF_INIT;
	char when[32];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	buf_printf(&line, "%s %s %s", when, fields[EVENT_WHAT],
	    fields[EVENT_JAIL]);
	if (strcmp(fields[EVENT_RESULT], "-") != 0)
		buf_printf(&line, " %s", fields[EVENT_RESULT]);
	if (strcmp(fields[EVENT_MS], "-") != 0)
		buf_printf(&line, " (%s ms, %s)", fields[EVENT_MS],
		    fields[EVENT_USER]);
	if (strcmp(fields[EVENT_MESSAGE], "-") != 0)
		buf_printf(&line, ": %s", fields[EVENT_MESSAGE]);
	text_clean(out, buf_text(&line), 0);
	buf_putc(out, '\n');
}

static int
print_line(const struct events *ev, char *line, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;
	const char *fields[EVENT_FIELDS];

	if (ev->args->format == VIEW_TABBED)
		buf_printf(&out, "%s\n", line);
	else if (!event_parse(line, fields))
		return 0;
	else if (ev->args->format == VIEW_JSON)
		put_json(&out, fields);
	else
		put_text(&out, fields);
	return cmd_print_text(&out, e);
}

/* Whole lines alone; what is left of text is returned. */
static size_t
take_lines(struct events *ev, char *text)
{
	size_t taken = 0;

	for (char *end; (end = strchr(text + taken, '\n')) != NULL;) {
		*end = '\0';
		if (is_wanted(ev, text + taken))
			strings_add(&ev->lines, text + taken);
		taken = (size_t)(end - text) + 1;
	}
	return taken;
}

static int
read_old(struct events *ev, struct error *e)
{
	for (unsigned i = EVENT_FILES; i-- > 1;) {
		AUTO_FREE char *path = event_path(ev->args->host, i);
		AUTO_BUF struct buf text = BUF_INIT;

		if (file_read(AT_FDCWD, path, LOG_MAX, &text, e) == 0) {
			if (text.len > 0)
				take_lines(ev, text.data);
		} else if (e->sys_errno != ENOENT) {
			return -1;
		} else {
			error_clear(e);
		}
	}
	return 0;
}

static int
print_chosen(struct events *ev, size_t most, struct error *e)
{
	size_t first = ev->lines.count > most ? ev->lines.count - most : 0;
	int result = 0;

	for (size_t i = first; i < ev->lines.count && result == 0; i++)
		result = print_line(ev, ev->lines.items[i], e);
	strings_fini(&ev->lines);
	ev->lines = (struct strings)VEC_INIT;
	return result;
}

static int
open_newest(const struct events *ev, int *fd, struct error *e)
{
	AUTO_FREE char *path = event_path(ev->args->host, 0);

	*fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0 && errno != ENOENT)
		return error_sys(e, "%s", path);
	return 0;
}

static int
read_rest(struct events *ev, int fd, struct buf *rest, struct error *e)
{
	size_t taken;

	if (fd < 0 || file_read_fd(fd, LOG_MAX, rest, e) < 0)
		return fd < 0 ? 0 : -1;
	if (rest->len == 0)
		return 0;
	taken = take_lines(ev, rest->data);
	memmove(rest->data, rest->data + taken, rest->len - taken + 1);
	rest->len -= taken;
	return 0;
}

/* Rotated: another file has the name. */
static bool
was_rotated(const struct events *ev, int fd)
{
	AUTO_FREE char *path = event_path(ev->args->host, 0);
	struct stat mine, named;

	return stat(path, &named) == 0 && (fd < 0 || (fstat(fd, &mine) == 0 &&
	    mine.st_ino != named.st_ino));
}

static int
follow(struct events *ev, int *fd, struct buf *rest, struct error *e)
{
	const struct timespec pause = { 0, LOOK_EVERY_MS * 1000000L };

	for (;;) {
		bool rotated = was_rotated(ev, *fd);

		if (read_rest(ev, *fd, rest, e) < 0 ||
		    print_chosen(ev, SIZE_MAX, e) < 0)
			return -1;
		if (!rotated) {
			nanosleep(&pause, NULL);
			continue;
		}
		close_fd(fd);
		buf_clear(rest);
		if (open_newest(ev, fd, e) < 0)
			return -1;
	}
}

static int
events(struct cmd_args *a, struct error *e)
{
	struct events ev = { .args = a, .since = -1 };
	const char *since = args_value(a, "S");
	AUTO_BUF struct buf rest = BUF_INIT;
	AUTO_CLOSE int fd = -1;
	uint64_t lines;

	if (args_uint(a, "n", 0, INT32_MAX,
	    since != NULL ? INT32_MAX : LINES_USUAL, &lines, e) < 0 ||
	    (since != NULL && since_parse(since, &ev.since, e) < 0))
		return -1;
	if (read_old(&ev, e) < 0 || open_newest(&ev, &fd, e) < 0 ||
	    read_rest(&ev, fd, &rest, e) < 0 ||
	    print_chosen(&ev, lines, e) < 0)
		return -1;
	return args_has(a, "f") ? follow(&ev, &fd, &rest, e) : 0;
}

const struct cmd cmd_events = {
	.name = "events",
	.group = "host",
	.summary = "tell what was done to jails, and what happened to them",
	.operands = "[target...]",
	.options = options,
	.max = CMD_ANY,
	.flags = CMD_VIEW,
	.exec = events,
};
