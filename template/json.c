/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "template/json.h"

enum { DEPTH_MAX = 64 };

struct reader {
	const char *file, *begin, *p, *end;
	struct error *e;
	unsigned depth;
};

static struct json *read_value(struct reader *r);

static struct json *
wrong(struct reader *r, const char *what)
{
	unsigned line = 1;

	for (const char *p = r->begin; p < r->p; p++)
		line += *p == '\n';
	error_set(r->e, ERROR_DATA, "%s:%u: %s", r->file, line, what);
	return NULL;
}

static void
skip(struct reader *r)
{
	while (r->p < r->end && strchr(" \t\r\n", *r->p) != NULL &&
	    *r->p != '\0')
		r->p++;
}

static bool
take(struct reader *r, char c)
{
	skip(r);
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static struct json *
make(enum json_kind kind, char *text)
{
	struct json *j = xcalloc(1, sizeof(*j));

	j->kind = kind;
	j->text = text;
	return j;
}

static void
put_utf8(struct buf *out, unsigned c)
{
	if (c < 0x80) {
		buf_putc(out, (char)c);
	} else if (c < 0x800) {
		buf_putc(out, (char)(0xc0 | c >> 6));
		buf_putc(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_putc(out, (char)(0xe0 | c >> 12));
		buf_putc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_putc(out, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_putc(out, (char)(0xf0 | c >> 18));
		buf_putc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_putc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_putc(out, (char)(0x80 | (c & 0x3f)));
	}
}

/* Four hexadecimal digits; false when they are none, or a NUL. */
static bool
read_hex(struct reader *r, unsigned *c)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF", *d;

	*c = 0;
	for (unsigned i = 0; i < 4; i++, r->p++) {
		if (r->p == r->end || *r->p == '\0' ||
		    (d = strchr(digits, *r->p)) == NULL)
			return false;
		*c = *c << 4 | ((unsigned)(d - digits) & 15);
	}
	return *c != 0;
}

static bool
read_escape(struct reader *r, struct buf *out)
{
	const char *from = "\"\\/bfnrt", *to = "\"\\/\b\f\n\r\t", *at;
	unsigned c, low;

	if (r->p == r->end || *r->p == '\0')
		return false;
	if (*r->p != 'u') {
		at = strchr(from, *r->p++);
		if (at != NULL)
			buf_putc(out, to[at - from]);
		return at != NULL;
	}
	r->p++;
	if (!read_hex(r, &c) || (c >= 0xdc00 && c <= 0xdfff))
		return false;
	if (c >= 0xd800 && c <= 0xdbff) {
		if (r->end - r->p < 2 || r->p[0] != '\\' || r->p[1] != 'u')
			return false;
		r->p += 2;
		if (!read_hex(r, &low) || low < 0xdc00 || low > 0xdfff)
			return false;
		c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
	}
	put_utf8(out, c);
	return true;
}

/* Behind the opening quote. */
static char *
read_string(struct reader *r)
{
	AUTO_BUF struct buf out = BUF_INIT;

	buf_puts(&out, "");
	while (r->p < r->end && *r->p != '"') {
		char c = *r->p++;

		if ((unsigned char)c < 0x20 ||
		    (c == '\\' && !read_escape(r, &out))) {
			wrong(r, "this string is wrong");
			return NULL;
		}
		if (c != '\\')
			buf_putc(&out, c);
	}
	if (r->p == r->end) {
		wrong(r, "a string does not end");
		return NULL;
	}
	r->p++;
	return buf_steal(&out);
}

/* An array or object, behind its opening bracket. */
static struct json *
read_many(struct reader *r, enum json_kind kind, char close)
{
	AUTO_JSON struct json *j = make(kind, NULL);
	struct json **next = &j->first;

	if (take(r, close))
		return STEAL(j);
	do {
		AUTO_FREE char *key = NULL;

		if (kind == JSON_OBJECT) {
			if (!take(r, '"'))
				return wrong(r, "a name in quotes is missing");
			key = read_string(r);
			if (key == NULL)
				return NULL;
			if (!take(r, ':'))
				return wrong(r, "a colon is missing");
		}
		*next = read_value(r);
		if (*next == NULL)
			return NULL;
		(*next)->key = STEAL(key);
		next = &(*next)->next;
	} while (take(r, ','));
	if (!take(r, close))
		return wrong(r, "a comma or a closing bracket is missing");
	return STEAL(j);
}

static struct json *
read_word(struct reader *r)
{
	const char *start = r->p;
	size_t len;
	enum json_kind kind;

	while (r->p < r->end && *r->p != '\0' &&
	    strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", *r->p) != NULL)
		r->p++;
	len = (size_t)(r->p - start);
	if (len == 4 && memcmp(start, "null", 4) == 0)
		kind = JSON_NULL;
	else if ((len == 4 && memcmp(start, "true", 4) == 0) ||
	    (len == 5 && memcmp(start, "false", 5) == 0))
		kind = JSON_BOOL;
	else if (len > 0 && strchr("-0123456789", *start) != NULL)
		kind = JSON_NUMBER;
	else
		return wrong(r, "a value is missing");
	return make(kind, xstrndup(start, len));
}

static struct json *
read_value(struct reader *r)
{
	struct json *j;

	skip(r);
	if (r->depth++ >= DEPTH_MAX)
		return wrong(r, "it is nested too deeply");
	if (take(r, '{')) {
		j = read_many(r, JSON_OBJECT, '}');
	} else if (take(r, '[')) {
		j = read_many(r, JSON_ARRAY, ']');
	} else if (take(r, '"')) {
		char *text = read_string(r);

		j = text != NULL ? make(JSON_STRING, text) : NULL;
	} else {
		j = read_word(r);
	}
	r->depth--;
	return j;
}

struct json *
json_read(const char *file, const char *text, size_t len, struct error *e)
{
	struct reader r = { file, text, text, text + len, e, 0 };
	AUTO_JSON struct json *j = read_value(&r);

	if (j == NULL)
		return NULL;
	skip(&r);
	if (r.p != r.end)
		return wrong(&r, "there is more behind the value");
	return STEAL(j);
}

void
json_free(struct json *j)
{
	while (j != NULL) {
		struct json *next = j->next;

		json_free(j->first);
		free(j->key);
		free(j->text);
		free(j);
		j = next;
	}
}

void
json_cleanup(struct json **j)
{
	json_free(*j);
}

const struct json *
json_member(const struct json *j, const char *key)
{
	if (j == NULL || j->kind != JSON_OBJECT)
		return NULL;
	for (const struct json *m = j->first; m != NULL; m = m->next)
		if (strcmp(m->key, key) == 0)
			return m;
	return NULL;
}

const char *
json_text(const struct json *j, const char *key)
{
	const struct json *m = json_member(j, key);

	return m != NULL && m->kind != JSON_NULL ? m->text : NULL;
}
