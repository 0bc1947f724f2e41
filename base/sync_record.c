/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A manifest's records as bytes.  What comes in may be hostile. */
#include <string.h>
#include <sys/stat.h>

#ifdef __linux__
#include <sys/sysmacros.h>
#endif

#include "base/attr.h"
#include "base/auto.h"
#include "base/sync.h"

enum { F_YOUNG = 1 };

void
sync_put_number(struct buf *out, uint64_t value)
{
	while (value >= 0x80) {
		buf_putc(out, (char)(value | 0x80));
		value >>= 7;
	}
	buf_putc(out, (char)value);
}

size_t
sync_get_number(const uint8_t *data, size_t len, uint64_t *value)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len && i < 10; i++) {
		if (i == 9 && data[i] > 1)
			return 0;
		n |= (uint64_t)(data[i] & 0x7f) << (7 * i);
		if (data[i] < 0x80) {
			*value = n;
			return i + 1;
		}
	}
	return 0;
}

/* Negative times are as likely as any other: the sign goes last. */
static uint64_t
zigzag(int64_t n)
{
	return (uint64_t)n << 1 ^ (uint64_t)(n < 0 ? -1 : 0);
}

static int64_t
zagzig(uint64_t n)
{
	return (int64_t)(n >> 1 ^ (0 - (n & 1)));
}

static void
put_bytes(struct buf *out, const void *data, size_t len)
{
	sync_put_number(out, len);
	buf_append(out, data, len);
}

static void
put_status(struct buf *out, const struct sync_record *r)
{
	sync_put_number(out, r->mode);
	sync_put_number(out, r->uid);
	sync_put_number(out, r->gid);
	sync_put_number(out, zigzag(r->mtime));
	sync_put_number(out, r->nsec);
	if (r->kind != SYNC_DIR)
		sync_put_number(out, r->group);
	put_bytes(out, r->attrs, r->attrs_len);
}

void
sync_put_record(struct buf *out, const struct sync_record *r)
{
	AUTO_BUF struct buf b = BUF_INIT;

	buf_putc(&b, (char)r->kind);
	if (r->kind != SYNC_LEAVE)
		put_bytes(&b, r->name, strlen(r->name));
	switch (r->kind) {
	case SYNC_DIR:
		put_status(&b, r);
		break;
	case SYNC_FILE:
		put_status(&b, r);
		sync_put_number(&b, r->size);
		buf_putc(&b, r->young ? F_YOUNG : 0);
		buf_append(&b, r->token, SYNC_TOKEN);
		break;
	case SYNC_SYMLINK:
		put_status(&b, r);
		put_bytes(&b, r->target, strlen(r->target));
		break;
	case SYNC_NODE:
		put_status(&b, r);
		sync_put_number(&b, r->rdev);
		break;
	case SYNC_LINK:
		sync_put_number(&b, r->group);
		break;
	case SYNC_LEAVE:
	case SYNC_SAME:
	default:
		break;
	}
	put_bytes(out, b.data, b.len);
}

struct reader {
	const uint8_t *at;
	size_t left;
	bool bad;
};

static uint64_t
take_number(struct reader *r, uint64_t max)
{
	uint64_t value = 0;
	size_t used = sync_get_number(r->at, r->left, &value);

	if (used == 0 || value > max) {
		r->bad = true;
		r->left = 0;
		return 0;
	}
	r->at += used;
	r->left -= used;
	return value;
}

static const uint8_t *
take(struct reader *r, size_t len)
{
	const uint8_t *at = r->at;

	if (len > r->left) {
		r->bad = true;
		r->left = 0;
		return NULL;
	}
	r->at += len;
	r->left -= len;
	return at;
}

/* Text without NUL of at most max bytes, with one after it. */
static void
take_text(struct reader *r, char *to, size_t max)
{
	size_t len = (size_t)take_number(r, max);
	const uint8_t *from = take(r, len);

	*to = '\0';
	if (from == NULL || memchr(from, '\0', len) != NULL) {
		r->bad = true;
		return;
	}
	memcpy(to, from, len);
	to[len] = '\0';
}

static bool
is_name(const char *name)
{
	return *name != '\0' && strchr(name, '/') == NULL &&
	    strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static bool
type_fits(const struct sync_record *r)
{
	switch (r->kind) {
	case SYNC_DIR:
		return S_ISDIR(r->mode);
	case SYNC_FILE:
		return S_ISREG(r->mode);
	case SYNC_SYMLINK:
		return S_ISLNK(r->mode);
	case SYNC_NODE:
		return S_ISCHR(r->mode) || S_ISBLK(r->mode) ||
		    S_ISFIFO(r->mode);
	case SYNC_LINK:
	case SYNC_LEAVE:
	case SYNC_SAME:
	default:
		return true;
	}
}

static void
take_status(struct reader *in, struct sync_record *r)
{
	r->mode = (uint32_t)take_number(in, 0177777);
	r->uid = (uint32_t)take_number(in, UINT32_MAX);
	r->gid = (uint32_t)take_number(in, UINT32_MAX);
	r->mtime = zagzig(take_number(in, UINT64_MAX));
	r->nsec = (uint32_t)take_number(in, 999999999);
	if (r->kind != SYNC_DIR)
		r->group = take_number(in, UINT64_MAX);
	r->attrs_len = (size_t)take_number(in, SYNC_RECORD_MAX);
	r->attrs = take(in, r->attrs_len);
	if (r->attrs == NULL || !type_fits(r) ||
	    !attr_check(r->attrs, r->attrs_len))
		in->bad = true;
}

static void
take_rest(struct reader *in, struct sync_record *r)
{
	const uint8_t *token;

	switch (r->kind) {
	case SYNC_DIR:
		take_status(in, r);
		break;
	case SYNC_FILE:
		take_status(in, r);
		r->size = take_number(in, INT64_MAX);
		r->young = (take_number(in, F_YOUNG) & F_YOUNG) != 0;
		token = take(in, SYNC_TOKEN);
		if (token != NULL)
			memcpy(r->token, token, SYNC_TOKEN);
		break;
	case SYNC_SYMLINK:
		take_status(in, r);
		take_text(in, r->target, sizeof(r->target) - 1);
		in->bad |= r->target[0] == '\0';
		break;
	case SYNC_NODE:
		take_status(in, r);
		r->rdev = take_number(in, UINT64_MAX);
		break;
	case SYNC_LINK:
		r->group = take_number(in, UINT64_MAX);
		in->bad |= r->group == 0;
		break;
	case SYNC_LEAVE:
	case SYNC_SAME:
		break;
	default:
		in->bad = true;
		break;
	}
}

int
sync_get_record(const uint8_t *data, size_t len, size_t *used,
    struct sync_record *r, struct error *e)
{
	struct reader in = { data, len, false };
	size_t size = (size_t)take_number(&in, SYNC_RECORD_MAX);
	const uint8_t *body = take(&in, size);
	const uint8_t *kind;

	/* not memset: the target alone is a page */
	r->name[0] = r->target[0] = '\0';
	r->group = r->size = r->rdev = 0;
	r->mode = r->uid = r->gid = r->nsec = 0;
	r->mtime = 0;
	r->young = false;
	r->attrs = NULL;
	r->attrs_len = 0;
	*used = body != NULL ? (size_t)(body - data) + size : 0;
	in = (struct reader){ body, body != NULL ? size : 0, body == NULL };
	kind = take(&in, 1);
	if (kind != NULL)
		r->kind = (enum sync_kind)*kind;
	if (kind != NULL && r->kind != SYNC_LEAVE)
		take_text(&in, r->name, sizeof(r->name) - 1);
	if (kind != NULL)
		take_rest(&in, r);
	/* the root alone has no name */
	if (!in.bad && r->kind != SYNC_LEAVE && !is_name(r->name) &&
	    !(r->kind == SYNC_DIR && r->name[0] == '\0'))
		in.bad = true;
	if (in.bad || in.left > 0)
		return error_set(e, ERROR_DATA,
		    "a record of the manifest is damaged");
	return 0;
}

void
sync_record_stat(struct sync_record *r, const struct stat *st)
{
	r->mode = (uint32_t)st->st_mode;
	r->uid = st->st_uid;
	r->gid = st->st_gid;
	r->mtime = st->st_mtim.tv_sec;
	r->nsec = (uint32_t)st->st_mtim.tv_nsec;
	r->size = (uint64_t)st->st_size;
	r->rdev = (uint64_t)major(st->st_rdev) << 32 |
	    (uint32_t)minor(st->st_rdev);
}

void
sync_token(const struct stat *st, uint8_t token[SYNC_TOKEN])
{
	const uint64_t words[] = {
		(uint64_t)st->st_ino, (uint64_t)st->st_ctim.tv_sec,
		(uint64_t)st->st_ctim.tv_nsec, (uint64_t)st->st_mtim.tv_sec,
		(uint64_t)st->st_mtim.tv_nsec, (uint64_t)st->st_size,
		st->st_mode, st->st_uid, st->st_gid, (uint64_t)st->st_nlink,
	};
	uint8_t text[sizeof(words)], sum[BLAKE2_SIZE];

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		wire_set64(text + 8 * i, words[i]);
	blake2_sum(text, sizeof(text), sum);
	memcpy(token, sum, SYNC_TOKEN);
}

void
sync_path_sum(const char *path, uint8_t sum[BLAKE2_SIZE])
{
	blake2_sum(path, strlen(path), sum);
}
