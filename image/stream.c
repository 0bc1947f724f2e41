/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "image/crc.h"
#include "image/stop.h"
#include "image/stream.h"

enum { BLOCK = 256 * 1024 };

/* Keep the file's last bytes, where gzip has its sum. */
static void
keep_tail(struct stream *s, size_t n)
{
	size_t size = sizeof(s->tail), keep = n < size ? size - n : 0;

	memmove(s->tail, s->tail + size - keep, keep);
	memcpy(s->tail + keep, s->block + n - (size - keep), size - keep);
}

/* The compressed side: the file, whose bytes are summed up as they pass. */
static la_ssize_t
read_file(struct archive *a, void *data, const void **block)
{
	struct stream *s = data;
	ssize_t n;

	do {
		if (stop_signal() != 0) {
			archive_set_error(a, EINTR, "interrupted");
			return -1;
		}
		n = s->pipe ? read(s->fd, s->block, BLOCK) :
		    pread(s->fd, s->block, BLOCK, s->at);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		archive_set_error(a, errno, "read");
		return -1;
	}
	if (s->hash != NULL)
		hash_add(s->hash, s->block, (size_t)n);
	else
		keep_tail(s, (size_t)n);
	s->at += n;
	progress_update(s->progress, (uint64_t)s->at);
	*block = s->block;
	return n;
}

static int
support_filters(struct archive *raw, struct error *e)
{
	static int (*const filters[])(struct archive *) = {
		archive_read_support_filter_gzip,
		archive_read_support_filter_bzip2,
		archive_read_support_filter_xz,
		archive_read_support_filter_zstd,
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		/*
		 * A warning means that libarchive would run a program to
		 * decompress, which has no place where archives are unpacked.
		 */
		if (filters[i](raw) != ARCHIVE_OK)
			return error_set(e, ERROR_UNSUPPORTED,
			    "this libarchive lacks a decompressor: %s",
			    archive_error_string(raw));
	}
	return 0;
}

int
stream_open(struct stream *s, int fd, bool sum, struct progress *p,
    struct error *e)
{
	struct archive_entry *entry;

	memset(s, 0, sizeof(*s));
	s->fd = fd;
	s->pipe = lseek(fd, 0, SEEK_CUR) < 0;
	s->progress = p;
	s->limit = s->step = UINT64_MAX;
	s->block = xcalloc(1, BLOCK);
	if (sum)
		s->hash = hash_new();
	s->raw = archive_read_new();
	if (s->raw == NULL)
		abort();
	if (support_filters(s->raw, e) < 0)
		return -1;
	archive_read_support_format_raw(s->raw);
	if (archive_read_open(s->raw, s, NULL, read_file, NULL) != ARCHIVE_OK)
		return error_set(e, ERROR_DATA, "%s",
		    archive_error_string(s->raw));
	/* Filters are found by looking, one after the other: "x.tar.gz.gz". */
	if (archive_filter_count(s->raw) > 2)
		return error_set(e, ERROR_DATA, "compressed more than once");
	s->gzip = archive_filter_code(s->raw, 0) == ARCHIVE_FILTER_GZIP;
	switch (archive_read_next_header(s->raw, &entry)) {
	case ARCHIVE_OK:
		return 0;
	case ARCHIVE_EOF:
		return error_set(e, ERROR_DATA, "the archive is empty");
	default:
		return error_set(e, ERROR_DATA, "%s",
		    archive_error_string(s->raw));
	}
}

void
stream_close(struct stream *s)
{
	if (s->raw != NULL)
		archive_read_free(s->raw);
	s->raw = NULL;
	hash_fini(&s->hash);
	free(s->block);
	s->block = NULL;
}

static int
next_block(struct stream *s, const void **block, size_t *len)
{
	la_int64_t offset;
	int rc = archive_read_data_block(s->raw, block, len, &offset);

	if (rc != ARCHIVE_OK) {
		s->failed = rc != ARCHIVE_EOF;
		*len = 0;
		return rc;
	}
	s->bytes += *len;
	if (s->gzip && s->hash == NULL)
		s->crc = crc_add(s->crc, *block, *len);
	return ARCHIVE_OK;
}

int
stream_next(struct stream *s, const unsigned char **block, size_t *len,
    struct error *e)
{
	const void *data;
	int rc = next_block(s, &data, len);

	if (rc == ARCHIVE_EOF || rc == ARCHIVE_OK) {
		*block = data;
		return 0;
	}
	if (stop_check(e) < 0)
		return -1;
	if (archive_errno(s->raw) == EIO)
		return error_set(e, ERROR_FAILED, "%s",
		    archive_error_string(s->raw));
	return error_set(e, ERROR_DATA, "%s", archive_error_string(s->raw));
}

la_ssize_t
stream_read(struct archive *a, void *data, const void **block)
{
	struct stream *s = data;
	size_t len = 0;
	int rc = next_block(s, block, &len);

	if (rc == ARCHIVE_EOF)
		return 0;
	if (rc != ARCHIVE_OK) {
		archive_set_error(a, archive_errno(s->raw), "%s",
		    archive_error_string(s->raw));
		return -1;
	}
	if (s->bytes > s->limit || s->bytes > s->step) {
		s->over = true;
		archive_set_error(a, EFBIG, "the size limit is reached");
		return -1;
	}
	return (la_ssize_t)len;
}

static uint32_t
little_endian(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

/*
 * libarchive does not look at gzip's own checksum.  It is compared here when
 * it must be that of the whole: a file of several gzip members has a length
 * of the last one only.  With a SHA-256 there is nothing left to find.
 */
static int
check_gzip(const struct stream *s, struct error *e)
{
	if (s->gzip && s->hash == NULL &&
	    little_endian(s->tail + 4) == (uint32_t)s->bytes &&
	    little_endian(s->tail) != s->crc)
		return error_set(e, ERROR_DATA, "damaged gzip data");
	return 0;
}

int
stream_finish(struct stream *s, uint64_t max, char hex[HASH_HEX],
    struct error *e)
{
	uint64_t end = s->bytes + max;
	const void *data;
	size_t len;
	int rc;

	while ((rc = next_block(s, &data, &len)) == ARCHIVE_OK) {
		if (s->bytes > end)
			return error_set(e, ERROR_DATA,
			    "more data after the archive's end");
	}
	if (rc != ARCHIVE_EOF)
		return error_set(e, ERROR_DATA, "%s",
		    archive_error_string(s->raw));
	/* Bytes after the compressed data count for the sum. */
	while ((rc = (int)read_file(s->raw, s, &data)) > 0)
		;
	if (rc < 0)
		return error_set(e, ERROR_FAILED, "%s",
		    archive_error_string(s->raw));
	*hex = '\0';
	if (s->hash != NULL)
		hash_text(s->hash, hex);
	return check_gzip(s, e);
}
