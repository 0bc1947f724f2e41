/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* One archive into the working directory. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/num.h"
#include "base/vec.h"
#include "image/member.h"
#include "image/stop.h"
#include "image/stream.h"
#include "image/unpack.h"

enum {
	/* Padding after the end marker: some writers fill up a tape block. */
	MAX_PADDING = 64 * 1024 * 1024,
	/* What headers may add to the files' sizes, beside that, per member. */
	MAX_HEADERS = 16 * 1024,
	/* What the headers of one member may have, the map of a sparse file
	 * among them, for which the reader needs twelve times the memory. */
	MAX_HEADER = 16 * 1024 * 1024,
};

struct unpack {
	const struct unpack_job *job;
	struct unpack_result *result;
	struct stream stream;
	struct archive *in;
	struct archive *out;
	struct member_check check;
	char shown[MEMBER_SHOWN];	/* the member, or the last one */
};

static const int write_flags = ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |
    ARCHIVE_EXTRACT_XATTR | ARCHIVE_EXTRACT_ACL |
    ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
    ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS;

static int
too_large(const struct unpack *u, struct error *e)
{
	char limit[16];

	return error_set(e, ERROR_DATA, "more than %s when unpacked",
	    format_size(u->job->max_size, limit));
}

/* Reading failed: the archive's fault, unless the file itself was unreadable
 * or we were asked to stop. */
static int
read_failed(struct unpack *u, struct error *e)
{
	const char *why = archive_error_string(u->in);

	if (stop_check(e) < 0)
		return -1;
	if (u->stream.over && u->stream.bytes <= u->stream.limit)
		return error_set(e, ERROR_DATA, "headers too large");
	if (u->stream.over)
		return too_large(u, e);
	if (archive_errno(u->in) == ENOMEM)
		return error_set(e, ERROR_DATA, "it needs too much memory");
	if (archive_errno(u->in) == EIO)
		return error_set(e, ERROR_FAILED, "%s", why);
	return error_set(e, ERROR_DATA, "%s", why != NULL ? why : "damaged");
}

/* Writing failed: the disk's fault when there is an errno for it. */
static int
write_failed(struct unpack *u, struct error *e)
{
	const char *why = archive_error_string(u->out);
	int err = archive_errno(u->out);

	if (err == ENOSPC || err == EDQUOT) {
		error_set(e, ERROR_FAILED, "%s", strerror(err));
		e->sys_errno = err;
		return -1;
	}
	return error_set(e, err > 0 && err != EINVAL ? ERROR_FAILED :
	    ERROR_DATA, "%s", why != NULL ? why : "cannot be written");
}

/*
 * An attribute that the file system has no room for, or that only root may
 * set, is counted; an owner or mode that root could not set is an error.
 */
static int
write_warned(struct unpack *u, struct error *e)
{
	int err = archive_errno(u->out);

	if (err == EOPNOTSUPP || err == ENOTSUP || err == ENOSYS ||
	    (err == EPERM && geteuid() != 0)) {
		u->result->lost++;
		return 0;
	}
	write_failed(u, e);
	e->kind = ERROR_FAILED;
	return -1;
}

static int
copy_data(struct unpack *u, struct archive_entry *entry, struct error *e)
{
	int64_t size = archive_entry_size(entry);
	const void *block;
	la_int64_t at;
	size_t len;

	for (;;) {
		int rc = archive_read_data_block(u->in, &block, &len, &at);

		if (rc == ARCHIVE_EOF)
			return 0;
		if (rc != ARCHIVE_OK)
			return read_failed(u, e);
		if (stop_check(e) < 0)
			return -1;
		if (at < 0 || at > size || len > (uint64_t)(size - at))
			return error_set(e, ERROR_DATA,
			    "more data than its size says");
		if (len > 0 &&
		    archive_write_data_block(u->out, block, len, at) < 0)
			return write_failed(u, e);
	}
}

/* Sizes are counted as they are announced, before the disk is used. */
static int
count_member(struct unpack *u, struct archive_entry *entry, struct error *e)
{
	struct unpack_result *r = u->result;
	uint64_t size = archive_entry_size_is_set(entry) ?
	    (uint64_t)archive_entry_size(entry) : 0;

	if (++r->members > u->job->max_entries)
		return error_set(e, ERROR_DATA, "more than %ju members",
		    (uintmax_t)u->job->max_entries);
	if (size > u->job->max_size - r->bytes)
		return too_large(u, e);
	r->bytes += size;
	u->stream.limit += MAX_HEADERS;
	return stop_check(e);
}

/* "web/root/etc" is "etc" below "web/root", and that itself "."; NULL: it lies
 * elsewhere. */
static const char *
below(const struct unpack *u, const char *name)
{
	size_t len = strlen(u->job->below);

	if (name == NULL || strncmp(name, u->job->below, len) != 0 ||
	    (name[len] != '/' && name[len] != '\0'))
		return NULL;
	name += len;
	name += strspn(name, "/");
	return *name != '\0' ? name : ".";
}

/* 1: it is wanted, its names are now those below the directory. */
static int
take_below(const struct unpack *u, struct archive_entry *entry,
    struct error *e)
{
	const char *name, *link = archive_entry_hardlink(entry);

	if (u->job->below == NULL)
		return 1;
	name = below(u, archive_entry_pathname(entry));
	if (name == NULL)
		return 0;
	if (link != NULL && (link = below(u, link)) == NULL)
		return error_set(e, ERROR_DATA,
		    "hard link to a file outside of '%s'", u->job->below);
	AUTO_FREE char *plain = xstrdup(name);
	AUTO_FREE char *target = link != NULL ? xstrdup(link) : NULL;
	archive_entry_copy_pathname(entry, plain);
	if (target != NULL)
		archive_entry_copy_hardlink(entry, target);
	return 1;
}

static int
write_member(struct unpack *u, struct archive_entry *entry, uint64_t *skipped,
    struct error *e)
{
	enum member_verdict verdict;
	int rc;

	rc = take_below(u, entry, e);
	if (rc <= 0) {
		u->stream.limit += MAX_HEADERS;
		*skipped = archive_entry_size(entry) > 0 ?
		    (uint64_t)archive_entry_size(entry) : 0;
		return rc < 0 ? -1 : stop_check(e);
	}
	if (count_member(u, entry, e) < 0 ||
	    member_judge(&u->check, entry, &verdict, e) < 0)
		return -1;
	*skipped = verdict != MEMBER_WRITE && archive_entry_size(entry) > 0 ?
	    (uint64_t)archive_entry_size(entry) : 0;
	if (verdict == MEMBER_DEVICE)
		u->result->devices++;
	if (verdict != MEMBER_WRITE)
		return 0;
	rc = archive_write_header(u->out, entry);
	if (rc == ARCHIVE_WARN ? write_warned(u, e) < 0 : rc != ARCHIVE_OK)
		return rc == ARCHIVE_WARN ? -1 : write_failed(u, e);
	if (archive_entry_size_is_set(entry) && archive_entry_size(entry) > 0 &&
	    copy_data(u, entry, e) < 0)
		return -1;
	rc = archive_write_finish_entry(u->out);
	if (rc == ARCHIVE_WARN)
		return write_warned(u, e);
	return rc == ARCHIVE_OK ? 0 : write_failed(u, e);
}

/*
 * The reader warns of names that are not UTF-8, which are taken as the bytes
 * that they are, and of headers that it could not understand, which are not.
 */
static bool
is_foreign(struct archive_entry *entry)
{
	const char *names[] = {
		archive_entry_pathname(entry),
		archive_entry_hardlink(entry),
		archive_entry_symlink(entry),
		archive_entry_uname(entry),
		archive_entry_gname(entry),
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (names[i] != NULL &&
		    mbstowcs(NULL, names[i], 0) == (size_t)-1)
			return true;
	}
	return false;
}

static int
header_failed(struct unpack *u, int rc, struct error *e)
{
	read_failed(u, e);
	if (*u->shown == '\0' && e->kind == ERROR_DATA)
		return error_wrap(e, "%s", u->stream.failed || u->stream.over ||
		    archive_errno(u->in) == ENOMEM ?
		    "at its beginning" : "not a tar archive");
	if (*u->shown == '\0')
		return -1;
	return error_wrap(e, "%smember '%s'", rc == ARCHIVE_WARN ? "" :
	    "after ", u->shown);
}

static int
write_members(struct unpack *u, struct error *e)
{
	struct archive_entry *entry;
	const char *name;
	uint64_t skipped = 0;
	int rc;

	for (;;) {
		/* It also skips data that was not of interest. */
		u->stream.step = u->stream.bytes + MAX_HEADER + skipped;
		rc = archive_read_next_header(u->in, &entry);
		if (rc == ARCHIVE_EOF && !u->stream.failed)
			return 0;
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
			return header_failed(u, rc, e);
		name = archive_entry_pathname(entry);
		member_show(name != NULL ? name : "?", u->shown);
		if (rc == ARCHIVE_WARN && !is_foreign(entry))
			return header_failed(u, rc, e);
		u->stream.step = UINT64_MAX;
		if (write_member(u, entry, &skipped, e) < 0)
			return error_wrap(e, "member '%s'", u->shown);
	}
}

/*
 * A tar archive ends with a block of zeros.  Without it, it was cut off just
 * between two members, which the reader takes for an end.
 */
static int
check_end(struct unpack *u, struct error *e)
{
	char hex[HASH_HEX];

	if (u->result->members == 0)
		return error_set(e, ERROR_DATA, "no members");
	if (archive_filter_bytes(u->in, 0) <=
	    archive_read_header_position(u->in))
		return error_set(e, ERROR_DATA,
		    "after member '%s': the archive is truncated", u->shown);
	if (stream_finish(&u->stream, MAX_PADDING, hex, e) < 0)
		return error_wrap(e, "after member '%s'", u->shown);
	if (*u->job->sha256 != '\0' &&
	    hash_compare(u->job->sha256, hex, e) < 0)
		return error_wrap(e, "it was changed while in use");
	return 0;
}

static int
run(struct unpack *u, struct error *e)
{
	if (stream_open(&u->stream, u->job->fd, *u->job->sha256 != '\0',
	    u->job->progress, e) < 0)
		return e->kind == ERROR_DATA ?
		    error_wrap(e, "at its beginning") : -1;
	/* Far from where the additions could overflow. */
	u->stream.limit = MAX_PADDING + (u->job->max_size < UINT64_MAX / 4 ?
	    u->job->max_size : UINT64_MAX / 4);
	archive_read_support_format_tar(u->in);
	archive_write_disk_set_options(u->out, write_flags |
	    (geteuid() == 0 ? ARCHIVE_EXTRACT_OWNER : 0));
	if (archive_read_open(u->in, &u->stream, NULL, stream_read, NULL) !=
	    ARCHIVE_OK)
		return header_failed(u, ARCHIVE_FATAL, e);
	if (write_members(u, e) < 0)
		return -1;
	u->result->lost += u->check.lost;
	/* Directories get their modes and times now. */
	switch (archive_write_close(u->out)) {
	case ARCHIVE_OK:
		return check_end(u, e);
	case ARCHIVE_WARN:
		return write_warned(u, e) < 0 ? -1 : check_end(u, e);
	default:
		return write_failed(u, e);
	}
}

int
unpack_here(const struct unpack_job *job, struct unpack_result *result,
    struct error *e)
{
	struct unpack u = {
		.job = job,
		.result = result,
		.in = archive_read_new(),
		.out = archive_write_disk_new(),
	};
	int rc;

	if (u.in == NULL || u.out == NULL)
		abort();
	memset(result, 0, sizeof(*result));
	rc = run(&u, e);
	archive_read_free(u.in);
	archive_write_free(u.out);
	stream_close(&u.stream);
	return rc < 0 ? error_wrap(e, "%s", job->name) : 0;
}
