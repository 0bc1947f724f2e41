/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "image/tar.h"

/* Where the fields of a ustar header begin, and how long they are. */
enum {
	NAME_LEN = 100, MODE = 100, UID = 108, GID = 116, SIZE = 124,
	MTIME = 136, SUM = 148, TYPE = 156, LINK = 157, LINK_LEN = 100,
	MAGIC = 257, MAJOR = 329, MINOR = 337,
	MAX_ID = 07777777,	/* what seven octal digits hold */
};
static const uint64_t max_size = 077777777777;

void
tar_entry_fini(struct tar_entry *t)
{
	buf_fini(&t->name);
	buf_fini(&t->link);
	attrs_fini(&t->attrs);
	VEC_FINI(&t->extents);
}

void
tar_entry_clear(struct tar_entry *t)
{
	struct buf name = t->name, link = t->link;

	attrs_fini(&t->attrs);
	VEC_FINI(&t->extents);
	buf_clear(&name);
	buf_clear(&link);
	*t = (struct tar_entry){ .type = TAR_FILE, .name = name,
	    .link = link };
}

static void
octal(char *field, unsigned digits, uint64_t value)
{
	for (unsigned i = digits; i > 0; i--, value >>= 3)
		field[i - 1] = (char)('0' + (value & 7));
}

static void
pad(struct buf *out, size_t len)
{
	size_t n = (TAR_BLOCK - len % TAR_BLOCK) % TAR_BLOCK;

	memset(buf_reserve(out, n), 0, n);
	out->len += n;
}

/* "LEN KEY=VALUE\n", where LEN counts itself. */
static void
record(struct buf *out, const char *key, const void *value, size_t len)
{
	size_t rest = strlen(key) + len + 3, total = rest + 1;
	char digits[24];

	for (;;) {
		size_t n = (size_t)snprintf(digits, sizeof(digits), "%zu",
		    total);

		if (rest + n == total)
			break;
		total = rest + n;
	}
	buf_puts(out, digits);
	buf_putc(out, ' ');
	buf_puts(out, key);
	buf_putc(out, '=');
	buf_append(out, value, len);
	buf_putc(out, '\n');
}

static void
record_number(struct buf *out, const char *key, uint64_t value)
{
	char digits[24];

	record(out, key, digits, (size_t)snprintf(digits, sizeof(digits),
	    "%" PRIu64, value));
}

/* Whether the bytes are plain enough for a header without records. */
static bool
is_ascii(const struct buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if ((unsigned char)text->data[i] >= 0x80)
			return false;
	return true;
}

/* Names are bytes; a reader is told when they are no UTF-8. */
static bool
is_utf8(const struct buf *text)
{
	const unsigned char *p = (const unsigned char *)buf_text(text);
	static const struct {
		unsigned char mask, lead, more, second;
	} forms[] = {
		{ 0x80, 0x00, 0, 0 }, { 0xe0, 0xc0, 1, 0 },
		{ 0xf0, 0xe0, 2, 0 }, { 0xf8, 0xf0, 3, 0 },
	};

	while (*p != '\0') {
		size_t i = 0;

		while (i < 4 && (*p & forms[i].mask) != forms[i].lead)
			i++;
		if (i == 4 || *p == 0xc0 || *p == 0xc1 || *p > 0xf4 ||
		    (*p == 0xe0 && p[1] < 0xa0) ||
		    (*p == 0xed && p[1] > 0x9f) ||
		    (*p == 0xf0 && p[1] < 0x90) ||
		    (*p == 0xf4 && p[1] > 0x8f))
			return false;
		for (unsigned n = forms[i].more; n > 0; n--)
			if ((*++p & 0xc0) != 0x80)
				return false;
		p++;
	}
	return true;
}

static void
add_names(const struct tar_entry *t, struct buf *out)
{
	bool directory = t->type == TAR_DIRECTORY;

	if (!is_utf8(&t->name) || !is_utf8(&t->link))
		record(out, "hdrcharset", "BINARY", 6);
	if (t->name.len + directory > NAME_LEN || !is_ascii(&t->name)) {
		AUTO_BUF struct buf path = BUF_INIT;

		buf_printf(&path, "%s%s", t->name.data, directory ? "/" : "");
		record(out, t->sparse ? "GNU.sparse.name" : "path", path.data,
		    path.len);
	} else if (t->sparse) {
		record(out, "GNU.sparse.name", t->name.data, t->name.len);
	}
	if (t->link.len > LINK_LEN || !is_ascii(&t->link))
		record(out, "linkpath", t->link.data, t->link.len);
}

static void
add_records(const struct tar_entry *t, const char *sum, struct buf *out)
{
	char time[40];

	if (*sum != '\0')
		record(out, "GAOL.sum", sum, strlen(sum));
	add_names(t, out);
	if (t->mtime.tv_nsec != 0 || t->mtime.tv_sec < 0 ||
	    (uint64_t)t->mtime.tv_sec > max_size)
		record(out, "mtime", time, (size_t)snprintf(time,
		    sizeof(time), "%" PRId64 ".%09ld",
		    (int64_t)t->mtime.tv_sec, t->mtime.tv_nsec));
	if (t->uid > MAX_ID)
		record_number(out, "uid", t->uid);
	if (t->gid > MAX_ID)
		record_number(out, "gid", t->gid);
	if (t->size > max_size)
		record_number(out, "size", t->size);
	if (t->dev_major > MAX_ID)
		record_number(out, "SCHILY.devmajor", t->dev_major);
	if (t->dev_minor > MAX_ID)
		record_number(out, "SCHILY.devminor", t->dev_minor);
	if (t->sparse) {
		record(out, "GNU.sparse.major", "1", 1);
		record(out, "GNU.sparse.minor", "0", 1);
		record_number(out, "GNU.sparse.realsize", t->real_size);
	}
	for (size_t i = 0; i < t->attrs.count; i++)
		record(out, t->attrs.items[i].name, t->attrs.items[i].value,
		    t->attrs.items[i].len);
}

static void
copy_name(char *field, size_t size, const char *text, size_t len)
{
	memcpy(field, text, len < size ? len : size);
}

static uint64_t
in_field(uint64_t value, uint64_t max)
{
	return value <= max ? value : 0;
}

static void
add_block(const struct tar_entry *t, const char *name, size_t name_len,
    char type, uint64_t size, struct buf *out)
{
	char *b = buf_reserve(out, TAR_BLOCK);
	unsigned sum = 0;
	uint64_t mtime = t->mtime.tv_sec > 0 ? (uint64_t)t->mtime.tv_sec : 0;

	memset(b, 0, TAR_BLOCK);
	copy_name(b, NAME_LEN, name, name_len);
	octal(b + MODE, 7, t->mode & 07777);
	octal(b + UID, 7, in_field(t->uid, MAX_ID));
	octal(b + GID, 7, in_field(t->gid, MAX_ID));
	octal(b + SIZE, 11, in_field(size, max_size));
	octal(b + MTIME, 11, in_field(mtime, max_size));
	memset(b + SUM, ' ', 8);
	b[TYPE] = type;
	if (type != 'x')
		copy_name(b + LINK, LINK_LEN, buf_text(&t->link),
		    t->link.len);
	memcpy(b + MAGIC, "ustar\00000", 8);
	octal(b + MAJOR, 7, in_field(t->dev_major, MAX_ID));
	octal(b + MINOR, 7, in_field(t->dev_minor, MAX_ID));
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)b[i];
	octal(b + SUM, 6, sum);
	b[SUM + 6] = '\0';
	out->len += TAR_BLOCK;
}

void
tar_format(const struct tar_entry *t, const char *sum, struct buf *out)
{
	static const struct tar_entry none = { .mode = 0644 };
	size_t start = out->len, len;
	char name[NAME_LEN + 1];
	int n;

	/* room for the header of the records, written when they are counted */
	memset(buf_reserve(out, TAR_BLOCK), 0, TAR_BLOCK);
	out->len += TAR_BLOCK;
	add_records(t, sum, out);
	len = out->len - start - TAR_BLOCK;
	if (len == 0) {
		out->len = start;
	} else {
		size_t end = out->len;

		out->len = start;
		add_block(&none, "pax", 3, 'x', len, out);
		out->len = end;
		pad(out, len);
	}
	n = snprintf(name, sizeof(name), "%.99s%s", buf_text(&t->name),
	    t->type == TAR_DIRECTORY && t->name.len < NAME_LEN ? "/" : "");
	if (t->name.len == NAME_LEN && t->type != TAR_DIRECTORY)
		add_block(t, t->name.data, NAME_LEN, (char)t->type, t->size,
		    out);
	else
		add_block(t, name, (size_t)n, (char)t->type, t->size, out);
}

void
tar_format_map(const struct tar_extents *extents, struct buf *out)
{
	size_t start = out->len;

	buf_printf(out, "%zu\n", extents->count);
	for (size_t i = 0; i < extents->count; i++)
		buf_printf(out, "%" PRIu64 "\n%" PRIu64 "\n",
		    extents->items[i].at, extents->items[i].len);
	pad(out, out->len - start);
}
