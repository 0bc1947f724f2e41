/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "cmd/log_source.h"
#include "core/cell.h"
#include "core/event.h"

enum { BLOCK = 65536, OLDER_MAX = 9, STAMP = 24 };

void
log_lines_fini(struct log_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->items[i].text);
	VEC_FINI(lines);
}

void
log_source_fini(struct log_source *s)
{
	free(s->name);
	free(s->path);
	close_fd(&s->fd);
	buf_fini(&s->rest);
}

/* One that is not there yet is no error: -1 with e untouched. */
static int
open_file(const char *path, int *fd, struct error *e)
{
	*fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0 && errno != ENOENT)
		return error_sys(e, "%s", path);
	return 0;
}

int
log_source_open(const struct host *h, const char *jail, struct log_source *s,
    struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	struct error ignored = ERROR_INIT;

	s->name = xstrdup(jail);
	if (cell_load(h, jail, &c, &ignored) == 0)
		s->path = cell_text(&c, "exec.consolelog");
	if (s->path == NULL || *s->path == '\0') {
		free(s->path);
		s->path = xasprintf("%s/%s/console.log", h->log, jail);
	}
	return open_file(s->path, &s->fd, e);
}

static void
add_line(struct log_source *s, const char *text, size_t len, bool whole,
    struct log_lines *lines)
{
	struct log_line line = { .source = s->index, .whole = whole,
	    .order = lines->count };
	char stamp[STAMP + 1] = "";
	int64_t time = -1;

	if (len > STAMP && text[STAMP] == ' ') {
		memcpy(stamp, text, STAMP);
		time = event_stamp(stamp);
	}
	if (time >= 0) {
		s->stamp = time;
		text += STAMP + 1;
		len -= STAMP + 1;
	}
	line.stamp = s->stamp;
	line.text = xcalloc(1, len + 1);
	memcpy(line.text, text, len);
	line.len = len;
	VEC_PUSH(lines, line);
}

/* Lines of a piece of the file; the last may have no end yet. */
static void
take(struct log_source *s, const char *data, size_t len,
    struct log_lines *lines)
{
	while (len > 0) {
		const char *end = memchr(data, '\n', len);
		size_t n = end != NULL ? (size_t)(end - data) : len;

		if (end == NULL) {
			buf_append(&s->rest, data, n);
			return;
		}
		if (s->rest.len > 0) {
			buf_append(&s->rest, data, n);
			add_line(s, s->rest.data, s->rest.len, true, lines);
			buf_clear(&s->rest);
		} else {
			add_line(s, data, n, true, lines);
		}
		data += n + 1;
		len -= n + 1;
	}
}

static void
take_rest(struct log_source *s, struct log_lines *lines)
{
	if (s->rest.len > 0)
		add_line(s, s->rest.data, s->rest.len, false, lines);
	buf_clear(&s->rest);
}

static int
read_on(struct log_source *s, int fd, struct log_lines *lines,
    struct error *e)
{
	AUTO_FREE char *block = xcalloc(1, BLOCK);
	ssize_t n;

	while ((n = read(fd, block, BLOCK)) > 0) {
		take(s, block, (size_t)n, lines);
		s->quiet = false;
	}
	return n < 0 ? error_sys(e, "%s", s->path) : 0;
}

/* Where the last lines begin; read backwards: a huge log costs little.  *lines
 * is less what the file has. */
static int
seek_lines(const struct log_source *s, int fd, uint64_t *lines,
    struct error *e)
{
	AUTO_FREE char *block = xcalloc(1, BLOCK);
	off_t end = lseek(fd, 0, SEEK_END), at = end;

	while (at > 0 && *lines > 0) {
		size_t size = at < BLOCK ? (size_t)at : BLOCK;
		ssize_t n = pread(fd, block, size, at - (off_t)size);

		if (n != (ssize_t)size)
			return error_sys(e, "%s", s->path);
		for (size_t i = size; i-- > 0; at--)
			/* the end of the last line begins no line */
			if (block[i] == '\n' && at != end && --*lines == 0)
				goto found;
	}
	/* the line at the very beginning */
	*lines -= end > 0 && *lines > 0;
found:
	if (lseek(fd, at, SEEK_SET) < 0)
		return error_sys(e, "%s", s->path);
	return 0;
}

int
log_source_last(struct log_source *s, uint64_t most, struct log_lines *lines,
    struct error *e)
{
	int files[OLDER_MAX + 1] = { -1 };
	unsigned count = 0;
	int result = 0;

	while (count <= OLDER_MAX && most > 0 && result == 0) {
		AUTO_FREE char *path = count == 0 ? xstrdup(s->path) :
		    xasprintf("%s.%u", s->path, count);
		int fd;

		result = open_file(path, &fd, e);
		if (result < 0 || fd < 0)
			break;
		files[count++] = fd;
		result = seek_lines(s, fd, &most, e);
	}
	for (unsigned i = count; i-- > 0;) {
		if (result == 0)
			result = read_on(s, files[i], lines, e);
		/* this is where following goes on */
		if (i == 0 && s->fd >= 0 && result == 0 && lseek(s->fd,
		    lseek(files[0], 0, SEEK_CUR), SEEK_SET) < 0)
			result = error_sys(e, "%s", s->path);
		close_fd(&files[i]);
	}
	if (count == 0 && s->fd >= 0 && lseek(s->fd, 0, SEEK_END) < 0)
		return error_sys(e, "%s", s->path);
	if (result == 0)
		take_rest(s, lines);
	return result;
}

/* Emptied: what had not been read yet is in the next older file. */
static int
read_moved(struct log_source *s, off_t at, struct log_lines *lines,
    struct error *e)
{
	AUTO_FREE char *path = xasprintf("%s.1", s->path);
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (open_file(path, &fd, e) < 0)
		return -1;
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size < at ||
	    lseek(fd, at, SEEK_SET) < 0)
		return 0;
	return read_on(s, fd, lines, e);
}

int
log_source_more(struct log_source *s, struct log_lines *lines,
    struct error *e)
{
	struct stat mine, named;
	off_t at;

	s->quiet = true;
	if (s->fd < 0 && open_file(s->path, &s->fd, e) < 0)
		return -1;
	if (s->fd < 0)
		return 0;
	at = lseek(s->fd, 0, SEEK_CUR);
	if (fstat(s->fd, &mine) < 0)
		return error_sys(e, "%s", s->path);
	if (mine.st_size < at && (read_moved(s, at, lines, e) < 0 ||
	    lseek(s->fd, 0, SEEK_SET) < 0))
		return e->kind != ERROR_NONE ? -1 : error_sys(e, "%s", s->path);
	if (read_on(s, s->fd, lines, e) < 0)
		return -1;
	/* rotated: another file has the name */
	if (stat(s->path, &named) == 0 && (named.st_ino != mine.st_ino ||
	    named.st_dev != mine.st_dev)) {
		close_fd(&s->fd);
		if (open_file(s->path, &s->fd, e) < 0 ||
		    (s->fd >= 0 && read_on(s, s->fd, lines, e) < 0))
			return -1;
	}
	if (s->quiet)
		take_rest(s, lines);
	return 0;
}
