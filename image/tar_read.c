/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "image/tar.h"

enum {
	MAX_RECORDS = 4 << 20,	/* of one member */
	MAX_EXTENTS = 1 << 20,
	MAX_TRAILER = 1 << 20,	/* zeros after the end */
	DATA_AT_ONCE = 1 << 20,
};

void
tar_in_fini(struct tar_in *t)
{
	buf_fini(&t->header);
}

static int
damaged(struct error *e, const char *what)
{
	return error_set(e, ERROR_DATA, "damaged archive: %s", what);
}

/* What was read of the block since is summed up and passed on. */
static int
flush(struct tar_in *t, struct error *e)
{
	const unsigned char *from;
	size_t len = t->at - t->passed;

	if (len == 0)
		return 0;	/* there may be no block yet */
	from = t->block + t->passed;
	t->passed = t->at;
	if (t->hash != NULL)
		hash_add(t->hash, from, len);
	return t->pass != NULL ? t->pass(t->arg, from, len, e) : 0;
}

/* Bytes of the current block, a new one when it is used up; *len 0: end. */
static int
look(struct tar_in *t, const unsigned char **data, size_t *len,
    struct error *e)
{
	if (t->at == t->len) {
		if (flush(t, e) < 0 || t->next(t->arg, &t->block, &t->len,
		    e) < 0)
			return -1;
		t->at = t->passed = 0;
	}
	*len = t->len - t->at;
	*data = *len > 0 ? t->block + t->at : NULL;
	return 0;
}

/* Append len bytes to text. */
static int
take(struct tar_in *t, size_t len, struct buf *text, struct error *e)
{
	while (len > 0) {
		const unsigned char *data;
		size_t n;

		if (look(t, &data, &n, e) < 0)
			return -1;
		if (n == 0)
			return error_set(e, ERROR_DATA,
			    "the archive is truncated");
		n = n < len ? n : len;
		buf_append(text, data, n);
		t->at += n;
		len -= n;
	}
	return 0;
}

static int
skip(struct tar_in *t, uint64_t len, struct error *e)
{
	while (len > 0) {
		const unsigned char *data;
		size_t n;

		if (look(t, &data, &n, e) < 0)
			return -1;
		if (n == 0)
			return error_set(e, ERROR_DATA,
			    "the archive is truncated");
		n = n < len ? n : (size_t)len;
		t->at += n;
		len -= n;
	}
	return 0;
}

/* Octal digits up to a NUL, a blank or the field's end. */
static int
parse_octal(const char *field, size_t size, uint64_t *value, struct error *e)
{
	size_t i = 0;

	*value = 0;
	for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
		*value = *value << 3 | (uint64_t)(field[i] - '0');
	if (i == 0 || (i < size && field[i] != '\0' && field[i] != ' '))
		return damaged(e, "a number in a header");
	return 0;
}

static int
check_block(const char *b, struct error *e)
{
	uint64_t sum = 0, want;

	if (parse_octal(b + 148, 8, &want, e) < 0)
		return -1;
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)b[i];
	if (sum != want || memcmp(b + 257, "ustar\00000", 8) != 0)
		return damaged(e, "no header where one should be");
	return 0;
}

static int
parse_time(const char *text, struct timespec *ts, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *dot = strchr(copy, '.');
	int64_t sec;
	uint64_t nsec = 0;

	if (dot != NULL) {
		*dot++ = '\0';
		if (strlen(dot) != 9 || parse_uint(dot, 0, 999999999, &nsec,
		    e) < 0)
			return damaged(e, "a time");
	}
	if (parse_int(copy, INT64_MIN / 2, INT64_MAX / 2, &sec, e) < 0)
		return damaged(e, "a time");
	*ts = (struct timespec){ .tv_sec = (time_t)sec,
	    .tv_nsec = (long)nsec };
	return 0;
}

enum record_kind {
	RECORD_NAME, RECORD_LINK, RECORD_TIME, RECORD_SUM, RECORD_SIZE,
	RECORD_ID, RECORD_MAP, RECORD_NONE, RECORD_REAL_SIZE,
};

static const struct record_row {
	const char *key;
	enum record_kind kind;
	size_t offset;
} record_rows[] = {
	{ "GAOL.sum", RECORD_SUM, 0 },
	{ "GNU.sparse.major", RECORD_MAP, 0 },
	{ "GNU.sparse.minor", RECORD_NONE, 0 },
	{ "GNU.sparse.name", RECORD_NAME, 0 },
	{ "GNU.sparse.realsize", RECORD_REAL_SIZE, 0 },
	{ "SCHILY.devmajor", RECORD_ID, offsetof(struct tar_entry,
	    dev_major) },
	{ "SCHILY.devminor", RECORD_ID, offsetof(struct tar_entry,
	    dev_minor) },
	{ "gid", RECORD_ID, offsetof(struct tar_entry, gid) },
	{ "hdrcharset", RECORD_NONE, 0 },
	{ "linkpath", RECORD_LINK, 0 },
	{ "mtime", RECORD_TIME, 0 },
	{ "path", RECORD_NAME, 0 },
	{ "size", RECORD_SIZE, 0 },
	{ "uid", RECORD_ID, offsetof(struct tar_entry, uid) },
};

static int
take_text(struct buf *to, const char *value, size_t len, struct error *e)
{
	buf_clear(to);
	buf_append(to, value, len);
	return strlen(buf_text(to)) == len && len > 0 ? 0 :
	    damaged(e, "a name");
}

static int
take_sum(struct tar_entry *t, const char *value, size_t len, struct error *e)
{
	if (len != HASH_HEX - 1 || strspn(value, "0123456789abcdef") != len)
		return damaged(e, "a sum");
	memcpy(t->sum, value, HASH_HEX);
	return 0;
}

/* value ends with a NUL; numbers and words do not contain one. */
static int
take_record(struct tar_entry *t, const struct record_row *row,
    const char *value, size_t len, struct error *e)
{
	uint64_t n;

	switch (row->kind) {
	case RECORD_NAME:
		return take_text(&t->name, value, len, e);
	case RECORD_LINK:
		return take_text(&t->link, value, len, e);
	case RECORD_TIME:
		return parse_time(value, &t->mtime, e);
	case RECORD_SUM:
		return take_sum(t, value, len, e);
	case RECORD_SIZE:
		return parse_uint(value, 0, INT64_MAX, &t->size, e) < 0 ?
		    damaged(e, "a size") : 0;
	case RECORD_REAL_SIZE:
		return parse_uint(value, 0, INT64_MAX, &t->real_size, e) < 0 ?
		    damaged(e, "a size") : 0;
	case RECORD_ID:
		if (parse_uint(value, 0, UINT32_MAX, &n, e) < 0)
			return damaged(e, "a number");
		*(uint32_t *)(void *)((char *)t + row->offset) = (uint32_t)n;
		return 0;
	case RECORD_MAP:
		t->sparse = true;
		return strcmp(value, "1") == 0 ? 0 :
		    damaged(e, "a sparse file of an unknown form");
	case RECORD_NONE:
	default:
		return 0;
	}
}

static int
one_record(struct tar_entry *t, const char *key, const char *value,
    size_t len, struct error *e)
{
	for (size_t i = 0; i < sizeof(record_rows) / sizeof(*record_rows);
	    i++)
		if (strcmp(record_rows[i].key, key) == 0)
			return take_record(t, &record_rows[i], value, len, e);
	if (strncmp(key, ATTR_XATTR, sizeof(ATTR_XATTR) - 1) == 0 ||
	    strncmp(key, ATTR_CODED, sizeof(ATTR_CODED) - 1) == 0 ||
	    strncmp(key, ATTR_ACL, sizeof(ATTR_ACL) - 1) == 0 ||
	    strcmp(key, ATTR_FLAGS) == 0)
		attrs_add(&t->attrs, key, value, len);
	/* what a later version tells beside is not needed */
	return 0;
}

/* "LEN KEY=VALUE\n" one after the other. */
static int
parse_records(struct tar_entry *t, char *text, size_t len, struct error *e)
{
	char *end = text + len;

	while (text < end) {
		uint64_t size = 0;
		char *p = text, *equals;

		while (p < end && isdigit((unsigned char)*p) &&
		    size <= MAX_RECORDS)
			size = size * 10 + (uint64_t)(*p++ - '0');
		if (p == text || p == end || *p++ != ' ' ||
		    size > (uint64_t)(end - text) || text + size <= p ||
		    text[size - 1] != '\n')
			return damaged(e, "an extended header");
		text[size - 1] = '\0';
		equals = memchr(p, '=', (size_t)(text + size - 1 - p));
		if (equals == NULL || equals == p)
			return damaged(e, "an extended header");
		*equals = '\0';
		if (one_record(t, p, equals + 1,
		    (size_t)(text + size - 1 - (equals + 1)), e) < 0)
			return -1;
		text += size;
	}
	return 0;
}

static int
read_records(struct tar_in *t, struct tar_entry *entry, uint64_t size,
    struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	if (size == 0 || size > MAX_RECORDS)
		return damaged(e, "the size of an extended header");
	if (take(t, (size_t)size, &text, e) < 0 || skip(t,
	    (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK, e) < 0)
		return -1;
	return parse_records(entry, text.data, text.len, e);
}

/* A field that a record has told already is left alone. */
static int
parse_fields(const char *b, const struct tar_entry *told,
    struct tar_entry *t, struct error *e)
{
	uint64_t mode, uid, gid, size, mtime, major, minor;

	if (parse_octal(b + 100, 8, &mode, e) < 0 ||
	    parse_octal(b + 108, 8, &uid, e) < 0 ||
	    parse_octal(b + 116, 8, &gid, e) < 0 ||
	    parse_octal(b + 124, 12, &size, e) < 0 ||
	    parse_octal(b + 136, 12, &mtime, e) < 0 ||
	    parse_octal(b + 329, 8, &major, e) < 0 ||
	    parse_octal(b + 337, 8, &minor, e) < 0)
		return -1;
	t->mode = (mode_t)(mode & 07777);
	if (told->uid == 0)
		t->uid = (uint32_t)uid;
	if (told->gid == 0)
		t->gid = (uint32_t)gid;
	if (told->size == 0)
		t->size = size;
	if (told->mtime.tv_sec == 0 && told->mtime.tv_nsec == 0)
		t->mtime.tv_sec = (time_t)mtime;
	if (told->dev_major == 0)
		t->dev_major = (uint32_t)major;
	if (told->dev_minor == 0)
		t->dev_minor = (uint32_t)minor;
	if (t->name.len == 0)
		buf_append(&t->name, b, strnlen(b, 100));
	if (t->link.len == 0)
		buf_append(&t->link, b + 157, strnlen(b + 157, 100));
	t->type = (enum tar_type)b[156];
	return 0;
}

static int
check_entry(struct tar_entry *t, struct error *e)
{
	bool has_data = t->type == TAR_FILE;

	if (t->type < TAR_FILE || t->type > TAR_FIFO)
		return damaged(e, "an unknown kind of member");
	if (t->name.len > 0 && t->type == TAR_DIRECTORY &&
	    t->name.data[t->name.len - 1] == '/')
		t->name.data[--t->name.len] = '\0';
	if (t->name.len == 0)
		return damaged(e, "a member without a name");
	if (!has_data && t->size != 0)
		return damaged(e, "a member that has no data, with a size");
	if (t->sparse && !has_data)
		return damaged(e, "a sparse member that is no file");
	if ((t->type == TAR_LINK || t->type == TAR_SYMLINK) ==
	    (t->link.len == 0))
		return damaged(e, "a link");
	return 0;
}

/* The second block of zeros, and more of them. */
static int
read_end(struct tar_in *t, struct error *e)
{
	uint64_t seen = 0;

	for (;;) {
		const unsigned char *data;
		size_t n;

		if (look(t, &data, &n, e) < 0)
			return -1;
		if (n == 0)
			break;
		for (size_t i = 0; i < n; i++)
			if (data[i] != 0)
				return error_set(e, ERROR_DATA,
				    "more data after the archive's end");
		t->at += n;
		seen += n;
		if (seen > MAX_TRAILER)
			return error_set(e, ERROR_DATA,
			    "more data after the archive's end");
	}
	if (seen < TAR_BLOCK)
		return error_set(e, ERROR_DATA, "the archive is truncated");
	return flush(t, e);
}

static bool
all_zeros(const char *b)
{
	for (size_t i = 0; i < TAR_BLOCK; i++)
		if (b[i] != 0)
			return false;
	return true;
}

static int
read_header(struct tar_in *t, struct tar_entry *entry, struct error *e)
{
	struct tar_entry told = TAR_ENTRY_INIT;
	uint64_t size;

	buf_clear(&t->header);
	if (take(t, TAR_BLOCK, &t->header, e) < 0)
		return -1;
	if (all_zeros(t->header.data))
		return read_end(t, e);
	if (check_block(t->header.data, e) < 0)
		return -1;
	if (t->header.data[156] == 'x') {
		if (parse_octal(t->header.data + 124, 12, &size, e) < 0 ||
		    read_records(t, entry, size, e) < 0)
			return -1;
		buf_clear(&t->header);
		if (take(t, TAR_BLOCK, &t->header, e) < 0 ||
		    check_block(t->header.data, e) < 0)
			return -1;
	}
	told.uid = entry->uid;
	told.gid = entry->gid;
	told.size = entry->size;
	told.mtime = entry->mtime;
	told.dev_major = entry->dev_major;
	told.dev_minor = entry->dev_minor;
	if (parse_fields(t->header.data, &told, entry, e) < 0 ||
	    check_entry(entry, e) < 0)
		return -1;
	return 1;
}

int
tar_read(struct tar_in *t, struct tar_entry *entry, struct error *e)
{
	char sum[HASH_HEX] = "";
	int rc;

	tar_entry_clear(entry);
	if (skip(t, t->left + t->padding, e) < 0 || flush(t, e) < 0)
		return -1;
	t->left = t->padding = 0;
	if (t->hash != NULL)
		hash_peek(t->hash, sum);
	rc = read_header(t, entry, e);
	if (rc <= 0)
		return rc;
	if (t->hash != NULL && (t->members > 0 || *entry->sum != '\0') &&
	    strcmp(sum, entry->sum) != 0)
		return error_set(e, ERROR_DATA, "wrong checksum");
	t->members++;
	t->left = entry->size;
	t->padding = (TAR_BLOCK - entry->size % TAR_BLOCK) % TAR_BLOCK;
	return 1;
}

int
tar_read_some(struct tar_in *t, uint64_t max, const unsigned char **data,
    size_t *len, struct error *e)
{
	*len = 0;
	if (t->left == 0)
		return 0;
	if (look(t, data, len, e) < 0)
		return -1;
	if (*len == 0)
		return error_set(e, ERROR_DATA, "the archive is truncated");
	if (*len > t->left)
		*len = (size_t)t->left;
	if (*len > max)
		*len = (size_t)max;
	if (*len > DATA_AT_ONCE)
		*len = DATA_AT_ONCE;
	t->at += *len;
	t->left -= *len;
	return 0;
}

int
tar_read_text(struct tar_in *t, size_t max, struct buf *text,
    struct error *e)
{
	if (t->left > max)
		return error_set(e, ERROR_DATA, "too large");
	if (take(t, (size_t)t->left, text, e) < 0)
		return -1;
	t->left = 0;
	return 0;
}

/* A number of the map, and the newline after it. */
static int
map_number(struct tar_in *t, uint64_t *size, uint64_t *value, struct error *e)
{
	unsigned digits = 0;

	*value = 0;
	for (;;) {
		const unsigned char *data;
		size_t n;

		if (t->left == 0)
			return damaged(e, "the map of a sparse file");
		if (look(t, &data, &n, e) < 0)
			return -1;
		if (n == 0)
			return error_set(e, ERROR_DATA,
			    "the archive is truncated");
		t->at++;
		t->left--;
		++*size;
		if (*data == '\n' && digits > 0)
			return 0;
		if (!isdigit(*data) || ++digits > 19)
			return damaged(e, "the map of a sparse file");
		*value = *value * 10 + (uint64_t)(*data - '0');
	}
}

int
tar_read_map(struct tar_in *t, struct tar_entry *entry, struct error *e)
{
	uint64_t count, size = 0, end = 0, total = 0, padding;

	if (map_number(t, &size, &count, e) < 0)
		return -1;
	if (count > MAX_EXTENTS)
		return damaged(e, "the map of a sparse file");
	for (uint64_t i = 0; i < count; i++) {
		struct tar_extent x;

		if (map_number(t, &size, &x.at, e) < 0 ||
		    map_number(t, &size, &x.len, e) < 0)
			return -1;
		if (x.at < end || x.at > entry->real_size ||
		    x.len > entry->real_size - x.at)
			return damaged(e, "the map of a sparse file");
		end = x.at + x.len;
		total += x.len;
		VEC_PUSH(&entry->extents, x);
	}
	padding = (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
	if (t->left != total + padding)
		return damaged(e, "the map of a sparse file");
	t->left -= padding;
	return skip(t, padding, e);
}
