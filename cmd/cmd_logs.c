/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "view/text.h"

enum { BLOCK = 65536, LINES_USUAL = 100, LOOK_EVERY_MS = 250 };

static const struct cmd_option options[] = {
	{ 'n', "lines", "LINES", "begin with the last LINES; default: 100" },
	{ 'f', "follow", NULL, "go on printing what is written" },
	{ 0 },
};

struct log {
	const struct host *host;
	char *name, *path;
	int fd;
	bool terminal;		/* what could harm it is replaced */
};

static void
log_fini(struct log *l)
{
	free(l->name);
	free(l->path);
	close_fd(&l->fd);
}

/* A log that is not there yet is no error: fd stays -1. */
static int
open_log(struct log *l, struct error *e)
{
	l->fd = open(l->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (l->fd < 0 && errno != ENOENT)
		return error_sys(e, "%s", l->path);
	return 0;
}

static int
put(const struct log *l, const char *data, size_t len, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;

	if (l->terminal)
		text_clean_lines(&out, data, len);
	else
		buf_append(&out, data, len);
	return cmd_print_text(&out, e);
}

/* From where we are to the end. */
static int
put_rest(const struct log *l, struct error *e)
{
	AUTO_FREE char *block = xcalloc(1, BLOCK + 1);
	ssize_t n;

	while ((n = read(l->fd, block, BLOCK)) > 0) {
		block[n] = '\0';
		if (put(l, block, (size_t)n, e) < 0)
			return -1;
	}
	return n < 0 ? error_sys(e, "%s", l->path) : 0;
}

/* Where the last lines begin; read backwards: a huge log costs little. */
static int
seek_lines(const struct log *l, uint64_t lines, struct error *e)
{
	AUTO_FREE char *block = xcalloc(1, BLOCK);
	off_t end = lseek(l->fd, 0, SEEK_END), at = end;

	while (at > 0 && lines > 0) {
		size_t size = at < BLOCK ? (size_t)at : BLOCK;
		ssize_t n = pread(l->fd, block, size, at - (off_t)size);

		if (n != (ssize_t)size)
			return error_sys(e, "%s", l->path);
		for (size_t i = size; i-- > 0; at--)
			/* the end of the last line begins no line */
			if (block[i] == '\n' && at != end && lines-- == 1)
				goto found;
	}
found:
	if (lseek(l->fd, at, SEEK_SET) < 0)
		return error_sys(e, "%s", l->path);
	return 0;
}

/* Rotated: another file has the name.  Truncated: it ends before our place. */
static int
look_again(struct log *l, struct error *e)
{
	struct stat mine, named;

	if (l->fd < 0)
		return open_log(l, e);
	if (fstat(l->fd, &mine) < 0)
		return error_sys(e, "%s", l->path);
	if (mine.st_size < lseek(l->fd, 0, SEEK_CUR) &&
	    lseek(l->fd, 0, SEEK_SET) < 0)
		return error_sys(e, "%s", l->path);
	if (put_rest(l, e) < 0)
		return -1;
	if (stat(l->path, &named) < 0 || (named.st_ino == mine.st_ino &&
	    named.st_dev == mine.st_dev))
		return 0;
	close_fd(&l->fd);
	return open_log(l, e);
}

static int
follow(struct log *l, struct error *e)
{
	const struct timespec pause = { 0, LOOK_EVERY_MS * 1000000L };

	while (cell_exists(l->host, l->name)) {
		if (look_again(l, e) < 0 ||
		    (l->fd >= 0 && put_rest(l, e) < 0))
			return -1;
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int
find_log(struct cmd_args *a, struct log *l, struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	struct error ignored = ERROR_INIT;

	if (targets_one(a, a->operands.items[0], &l->name, e) < 0)
		return -1;
	/* the log of a jail whose cell.conf is broken is wanted the more */
	if (cell_load(a->host, l->name, &c, &ignored) == 0)
		l->path = cell_text(&c, "exec.consolelog");
	if (l->path == NULL || *l->path == '\0') {
		free(l->path);
		l->path = xasprintf("%s/%s/console.log", a->host->log,
		    l->name);
	}
	return open_log(l, e);
}

static int
logs(struct cmd_args *a, struct error *e)
{
	struct log l = { a->host, NULL, NULL, -1, isatty(STDOUT_FILENO) };
	uint64_t lines;
	int result = args_uint(a, "n", 0, INT32_MAX, LINES_USUAL, &lines, e);

	if (result == 0)
		result = find_log(a, &l, e);
	if (result == 0 && l.fd < 0)
		cmd_say("%s has written no log yet", l.name);
	else if (result == 0)
		result = seek_lines(&l, lines, e) < 0 || put_rest(&l, e) < 0 ?
		    -1 : 0;
	if (result == 0 && args_has(a, "f"))
		result = follow(&l, e);
	log_fini(&l);
	return result;
}

const struct cmd cmd_logs = {
	.name = "logs",
	.group = "inside",
	.summary = "print the console log of a jail",
	.operands = "target",
	.options = options,
	.min = 1,
	.max = 1,
	.exec = logs,
};
