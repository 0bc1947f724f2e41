/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/xalloc.h"
#include "image/sink.h"
#include "image/stop.h"

enum { ROOM = 1 << 20 };

/* Level 1 is half as fast again as 3, for a twentieth more bytes. */
static const struct compression {
	const char *name;
	int (*add)(struct archive *a);
	const char *level;
	bool threads;
} compressions[] = {
	{ "zstd", archive_write_add_filter_zstd, "1", true },
	{ "gzip", archive_write_add_filter_gzip, "6", false },
	{ "xz", archive_write_add_filter_xz, "6", true },
	{ "none", archive_write_add_filter_none, NULL, false },
};

static la_ssize_t
write_out(struct archive *a, void *data, const void *block, size_t len)
{
	struct sink *s = data;
	const char *p = block;
	size_t left = len;

	if (s->dropped || s->failed != 0)
		return (la_ssize_t)len;
	while (left > 0) {
		ssize_t n = stop_signal() != 0 ? -1 : write(s->fd, p, left);

		if (n < 0 && errno == EINTR && stop_signal() == 0)
			continue;
		if (n < 0) {
			s->failed = errno;
			archive_set_error(a, errno, "write");
			return -1;
		}
		p += n;
		left -= (size_t)n;
	}
	s->written += len;
	return (la_ssize_t)len;
}

static int
failed(struct sink *s, struct error *e)
{
	if (stop_check(e) < 0)
		return -1;
	errno = s->failed;
	if (s->failed != 0)
		return error_sys(e, "write the archive");
	return error_set(e, ERROR_FAILED, "compress: %s",
	    archive_error_string(s->out));
}

static int
set_option(struct sink *s, const char *name, const char *value)
{
	return value == NULL ? ARCHIVE_OK :
	    archive_write_set_filter_option(s->out, NULL, name, value);
}

int
sink_open(struct sink *s, int fd, const char *compression, const char *level,
    struct error *e)
{
	const struct compression *c = compressions;
	struct archive_entry *entry = archive_entry_new();
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	char threads[24];
	int rc;

	memset(s, 0, sizeof(*s));
	s->fd = fd;
	s->hash = hash_new();
	s->data = xrealloc(NULL, ROOM);
	s->out = archive_write_new();
	if (s->out == NULL || entry == NULL)
		abort();
	while (strcmp(c->name, compression) != 0)
		c++;
	snprintf(threads, sizeof(threads), "%ld", processors);
	rc = c->add(s->out);
	if (rc == ARCHIVE_OK)
		rc = set_option(s, "compression-level", level != NULL &&
		    c->level != NULL ? level : c->level);
	/* a libarchive or libzstd without threads does it in one */
	if (rc == ARCHIVE_OK && c->threads && processors > 1)
		(void)set_option(s, "threads", threads);
	if (rc == ARCHIVE_OK)
		rc = archive_write_set_format_raw(s->out);
	archive_write_set_bytes_per_block(s->out, 0);
	archive_entry_set_filetype(entry, AE_IFREG);
	if (rc == ARCHIVE_OK)
		rc = archive_write_open(s->out, s, NULL, write_out, NULL);
	if (rc == ARCHIVE_OK)
		rc = archive_write_header(s->out, entry);
	archive_entry_free(entry);
	return rc == ARCHIVE_OK ? 0 : failed(s, e);
}

void
sink_fini(struct sink *s)
{
	/*
	 * What would be written when it is closed is not wanted any more.  After
	 * archive_write_fail(3), libarchive 3.6 does not close, and leaks.
	 */
	s->dropped = true;
	archive_write_free(s->out);
	s->out = NULL;
	hash_fini(&s->hash);
	free(s->data);
	s->data = NULL;
}

static void
sum_up(struct sink *s)
{
	if (s->len > s->summed)
		hash_add(s->hash, s->data + s->summed, s->len - s->summed);
	s->summed = s->len;
}

static int
push(struct sink *s, struct error *e)
{
	const unsigned char *p = s->data;
	size_t left = s->len;

	sum_up(s);
	while (left > 0) {
		la_ssize_t n = archive_write_data(s->out, p, left);

		if (n <= 0)
			return failed(s, e);
		p += n;
		left -= (size_t)n;
	}
	s->len = s->summed = 0;
	return stop_check(e);
}

int
sink_room(struct sink *s, unsigned char **data, size_t *len, struct error *e)
{
	if (s->len == ROOM && push(s, e) < 0)
		return -1;
	*data = s->data + s->len;
	*len = ROOM - s->len;
	return 0;
}

void
sink_filled(struct sink *s, size_t len)
{
	s->len += len;
	s->bytes += len;
}

int
sink_add(struct sink *s, const void *data, size_t len, struct error *e)
{
	const unsigned char *p = data;

	while (len > 0) {
		unsigned char *room;
		size_t n;

		if (sink_room(s, &room, &n, e) < 0)
			return -1;
		n = n < len ? n : len;
		memcpy(room, p, n);
		sink_filled(s, n);
		p += n;
		len -= n;
	}
	return 0;
}

void
sink_sum(struct sink *s, char hex[HASH_HEX])
{
	sum_up(s);
	hash_peek(s->hash, hex);
}

int
sink_close(struct sink *s, struct error *e)
{
	if (push(s, e) < 0)
		return -1;
	if (archive_write_close(s->out) != ARCHIVE_OK || s->failed != 0)
		return failed(s, e);
	archive_write_free(s->out);
	s->out = NULL;
	return 0;
}
