/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The process that reads an archive of others, and nothing else. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "image/confine.h"
#include "image/foreign.h"
#include "image/member.h"
#include "image/stop.h"
#include "image/stream.h"
#include "image/zstream.h"

enum {
	FILE_MAX = 1 << 20,	/* of a file that describes a jail */
	FILES_MAX = 64,
	TAIL_MAX = 64 << 20,	/* zeros after the end */
	ELF_OSABI = 7,
	ELF_FREEBSD = 9,
};

struct reader {
	const struct foreign *job;
	int out;
	struct stream stream;
	struct archive *in;
	struct zstream zfs;
	unsigned files;
	bool elf, freebsd;
	char shown[MEMBER_SHOWN];
};

static int
put(struct reader *r, enum foreign_word word, const void *data, size_t len,
    struct error *e)
{
	const struct foreign_frame frame = { word, (uint32_t)len };

	if (stop_check(e) < 0 ||
	    file_write_fd(r->out, &frame, sizeof(frame), e) < 0)
		return -1;
	return len == 0 ? 0 : file_write_fd(r->out, data, len, e);
}

/* zstream: what the parent hands on. */
static int
begin_snapshot(void *arg, const char *below, struct error *e)
{
	return put(arg, FOREIGN_BEGIN, below, strlen(below), e);
}

static int
add_data(void *arg, const void *data, size_t len, struct error *e)
{
	const char *p = data;

	while (len > 0) {
		size_t n = len < FOREIGN_FRAME_MAX ? len : FOREIGN_FRAME_MAX;

		if (put(arg, FOREIGN_DATA, p, n, e) < 0)
			return -1;
		p += n;
		len -= n;
	}
	return 0;
}

static int
end_snapshot(void *arg, struct error *e)
{
	return put(arg, FOREIGN_END, NULL, 0, e);
}

static int
read_failed(struct reader *r, struct error *e)
{
	const char *why = archive_error_string(r->in);

	if (stop_check(e) < 0)
		return -1;
	if (r->stream.over)
		return error_set(e, ERROR_DATA, "more than the disk has room "
		    "for when unpacked");
	error_set(e, archive_errno(r->in) == EIO ? ERROR_FAILED : ERROR_DATA,
	    "%s", why != NULL ? why : "damaged");
	return *r->shown != '\0' ? error_wrap(e, "after member '%s'",
	    r->shown) : -1;
}

static int
open_stream(struct reader *r, bool sum, struct error *e)
{
	if (stream_open(&r->stream, r->job->fd, sum, r->job->progress, e) < 0)
		return -1;
	r->stream.limit = r->job->max_size;
	return 0;
}

static int
open_members(struct reader *r, struct error *e)
{
	r->in = archive_read_new();
	if (r->in == NULL)
		abort();
	archive_read_support_format_tar(r->in);
	archive_read_support_format_zip_streamable(r->in);
	return archive_read_open(r->in, &r->stream, NULL, stream_read,
	    NULL) == ARCHIVE_OK ? 0 : read_failed(r, e);
}

/* 1: a member; 0: the end. */
static int
next_member(struct reader *r, struct archive_entry **entry, struct error *e)
{
	int rc = archive_read_next_header(r->in, entry);
	const char *name;

	if (rc == ARCHIVE_EOF)
		return r->stream.failed ? read_failed(r, e) : 0;
	/* names that are not UTF-8 are warned of */
	if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
		return read_failed(r, e);
	name = archive_entry_pathname(*entry);
	if (name == NULL)
		return error_set(e, ERROR_DATA, "unreadable name");
	member_show(name, r->shown);
	return 1;
}

/* The first bytes of the member, which may have fewer. */
static ssize_t
peek(struct reader *r, unsigned char *data, size_t size)
{
	size_t have = 0;

	while (have < size) {
		la_ssize_t n = archive_read_data(r->in, data + have,
		    size - have);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static int
tell_jail(struct reader *r, enum foreign_kind kind, const char *name,
    struct error *e)
{
	AUTO_FREE char *text = xasprintf("%c%s", (char)('0' + kind), name);

	return put(r, FOREIGN_JAIL, text, strlen(text), e);
}

/* A tar of a jail's directory has it as its first member, or that of a file in
 * it.  Anything that goes wrong means that it is no such archive. */
static int
probe_members(struct reader *r, struct error *e)
{
	unsigned char data[ZSTREAM_RECORD];
	struct archive_entry *entry;
	const char *path;
	char name[sizeof(r->job->jail)] = "";
	size_t len;

	if (open_members(r, e) < 0 || next_member(r, &entry, e) <= 0) {
		error_clear(e);
		return 0;
	}
	if (archive_entry_filetype(entry) == AE_IFREG &&
	    peek(r, data, sizeof(data)) == sizeof(data) &&
	    zstream_probe(data, name, sizeof(name)))
		return tell_jail(r, FOREIGN_STREAM, name, e);
	path = archive_entry_pathname(entry);
	len = strcspn(path, "/");
	if (len == 0 || len >= sizeof(name) || *path == '.' ||
	    (path[len] != '/' && archive_entry_filetype(entry) != AE_IFDIR) ||
	    archive_format(r->in) == ARCHIVE_FORMAT_ZIP)
		return 0;
	memcpy(name, path, len);
	name[len] = '\0';
	return tell_jail(r, FOREIGN_TREE, name, e);
}

static int
probe(struct reader *r, struct error *e)
{
	unsigned char data[ZSTREAM_RECORD] = { 0 };
	char name[sizeof(r->job->jail)] = "";
	const unsigned char *block;
	size_t have = 0, len;

	if (open_stream(r, false, e) < 0) {
		error_clear(e);
		return 0;
	}
	while (have < sizeof(data)) {
		size_t n = sizeof(data) - have;

		if (stream_next(&r->stream, &block, &len, e) < 0) {
			error_clear(e);
			return 0;
		}
		/* a small zip */
		if (len == 0)
			break;
		n = n < len ? n : len;
		memcpy(data + have, block, n);
		have += n;
	}
	if (zstream_probe(data, name, sizeof(name)))
		return tell_jail(r, FOREIGN_STREAM, name, e);
	/* and once more from the beginning */
	stream_close(&r->stream);
	if (open_stream(r, false, e) < 0)
		return -1;
	return probe_members(r, e);
}

static int
scan_file(struct reader *r, const char *name, struct archive_entry *entry,
    struct error *e)
{
	size_t head = strlen(name) + 1;
	int64_t size = archive_entry_size(entry);
	AUTO_FREE unsigned char *text = NULL;

	if (size < 0 || size > FILE_MAX || ++r->files > FILES_MAX)
		return 0;
	text = xcalloc(1, head + (size_t)size + 1);
	memcpy(text, name, head);
	if (peek(r, text + head, (size_t)size) != (ssize_t)size)
		return read_failed(r, e);
	return put(r, FOREIGN_FILE, text, head + (size_t)size, e);
}

static int
scan_member(struct reader *r, struct archive_entry *entry, struct error *e)
{
	const char *path = archive_entry_pathname(entry);
	size_t len = strlen(r->job->jail);
	unsigned char magic[16];

	if (strncmp(path, r->job->jail, len) != 0 ||
	    (path[len] != '/' && path[len] != '\0'))
		return error_set(e, ERROR_DATA, "member '%s' does not lie in "
		    "'%s/'", r->shown, r->job->jail);
	if (archive_entry_filetype(entry) != AE_IFREG ||
	    archive_entry_hardlink(entry) != NULL)
		return 0;
	path += len + 1;
	if (strchr(path, '/') == NULL)
		return scan_file(r, path, entry, e);
	if (strncmp(path, "root/", 5) == 0 && !r->freebsd &&
	    peek(r, magic, sizeof(magic)) == sizeof(magic) &&
	    memcmp(magic, "\177ELF", 4) == 0) {
		r->elf = true;
		r->freebsd = magic[ELF_OSABI] == ELF_FREEBSD;
	}
	return 0;
}

static int
scan(struct reader *r, struct error *e)
{
	struct archive_entry *entry;
	int rc;

	if (open_stream(r, false, e) < 0 || open_members(r, e) < 0)
		return -1;
	while ((rc = next_member(r, &entry, e)) > 0)
		if (scan_member(r, entry, e) < 0)
			return -1;
	if (rc == 0 && (r->freebsd || !r->elf))
		return put(r, FOREIGN_OS, "f", 1, e);
	return rc;
}

static int
finish(struct reader *r, struct error *e)
{
	char hex[HASH_HEX];

	if (zstream_finish(&r->zfs, e) < 0 ||
	    stream_finish(&r->stream, TAIL_MAX, hex, e) < 0)
		return -1;
	return put(r, FOREIGN_SUM, hex, HASH_HEX, e);
}

/* Each member is a stream, one after the other. */
static int
stream_members(struct reader *r, struct error *e)
{
	struct archive_entry *entry;
	const void *block;
	la_int64_t at;
	size_t len;
	int rc;

	if (open_members(r, e) < 0)
		return -1;
	while ((rc = next_member(r, &entry, e)) > 0) {
		if (archive_entry_filetype(entry) == AE_IFDIR)
			continue;
		while ((rc = archive_read_data_block(r->in, &block, &len,
		    &at)) == ARCHIVE_OK)
			if (zstream_add(&r->zfs, block, len, e) < 0)
				return error_wrap(e, "member '%s'", r->shown);
		if (rc != ARCHIVE_EOF)
			return read_failed(r, e);
	}
	return rc < 0 ? -1 : finish(r, e);
}

static int
streams(struct reader *r, struct error *e)
{
	unsigned char data[ZSTREAM_RECORD];
	char name[sizeof(r->job->jail)];
	const unsigned char *block;
	size_t len;
	bool first = true;

	r->zfs = (struct zstream){ .begin = begin_snapshot, .data = add_data,
	    .end = end_snapshot, .arg = r };
	if (open_stream(r, true, e) < 0)
		return -1;
	for (;;) {
		if (stream_next(&r->stream, &block, &len, e) < 0)
			return -1;
		if (r->stream.bytes > r->stream.limit)
			return error_set(e, ERROR_DATA, "more than the disk "
			    "has room for when unpacked");
		if (len == 0)
			return finish(r, e);
		if (first && len >= sizeof(data)) {
			memcpy(data, block, sizeof(data));
			if (!zstream_probe(data, name, sizeof(name))) {
				stream_close(&r->stream);
				return open_stream(r, true, e) < 0 ? -1 :
				    stream_members(r, e);
			}
		}
		first = false;
		if (zstream_add(&r->zfs, block, len, e) < 0)
			return -1;
	}
}

_Noreturn void
foreign_reader(const struct foreign *f, enum foreign_work work, int out)
{
	static int (*const works[])(struct reader *, struct error *) = {
		[FOREIGN_PROBE] = probe,
		[FOREIGN_SCAN] = scan,
		[FOREIGN_STREAMS] = streams,
	};
	struct reader r = { .job = f, .out = out };
	const int keep[] = { f->fd, out };
	struct error e = ERROR_INIT, ignored = ERROR_INIT;
	int rc = confine_compute(keep, 2, &e);

	if (rc == 0)
		rc = works[work](&r, &e);
	if (rc < 0)
		rc = put(&r, FOREIGN_FAILED, &e, sizeof(e), &ignored);
	else
		rc = put(&r, FOREIGN_DONE, NULL, 0, &ignored);
	_exit(rc < 0);
}
