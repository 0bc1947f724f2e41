/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "nomad/msgpack.h"

enum { DEPTH_MAX = 32, ITEMS_MAX = 1 << 16 };

struct reader {
	const uint8_t *at, *end;
	unsigned depth;
	size_t items;
};

static int read_value(struct reader *r, struct mp *v, struct error *e);

static int
bad(const char *why, struct error *e)
{
	return error_set(e, ERROR_DATA, "the configuration cannot be read: %s",
	    why);
}

static bool
get_number(struct reader *r, size_t size, uint64_t *value)
{
	*value = 0;
	if ((size_t)(r->end - r->at) < size)
		return false;
	for (size_t i = 0; i < size; i++)
		*value = *value << 8 | *r->at++;
	return true;
}

static int
read_text(struct reader *r, struct mp *v, uint64_t len, struct error *e)
{
	if (len > (uint64_t)(r->end - r->at))
		return bad("a text is cut off", e);
	if (memchr(r->at, '\0', len) != NULL)
		return bad("a text has a NUL", e);
	v->kind = MP_TEXT;
	v->text = xstrndup((const char *)r->at, len);
	r->at += len;
	return 0;
}

static int
read_items(struct reader *r, struct mp *v, uint64_t count, struct error *e)
{
	/* each takes a byte at least: no memory before they can be there */
	if (count > (uint64_t)(r->end - r->at))
		return bad("a list is cut off", e);
	r->items += count;
	if (r->items > ITEMS_MAX)
		return bad("it has too many values", e);
	if (++r->depth > DEPTH_MAX)
		return bad("it is nested too deeply", e);
	v->items = xcalloc(count, sizeof(*v->items));
	for (; v->count < count; v->count++)
		if (read_value(r, &v->items[v->count], e) < 0) {
			v->count++;
			return -1;
		}
	r->depth--;
	return 0;
}

/* Lists, maps and texts whose length is in bytes of its own. */
static int
read_long(struct reader *r, struct mp *v, uint8_t type, struct error *e)
{
	static const struct { uint8_t type, size; enum mp_kind kind; } forms[] = {
		{ 0xc4, 1, MP_TEXT }, { 0xc5, 2, MP_TEXT },
		{ 0xc6, 4, MP_TEXT }, { 0xd9, 1, MP_TEXT },
		{ 0xda, 2, MP_TEXT }, { 0xdb, 4, MP_TEXT },
		{ 0xdc, 2, MP_ARRAY }, { 0xdd, 4, MP_ARRAY },
		{ 0xde, 2, MP_MAP }, { 0xdf, 4, MP_MAP },
	};
	uint64_t len;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (forms[i].type != type)
			continue;
		v->kind = forms[i].kind;
		if (!get_number(r, forms[i].size, &len))
			return bad("a length is cut off", e);
		if (v->kind == MP_TEXT)
			return read_text(r, v, len, e);
		return read_items(r, v, v->kind == MP_MAP ? len * 2 : len, e);
	}
	return bad("a value is of a type that it cannot have", e);
}

static int
read_integer(struct reader *r, struct mp *v, uint8_t type, struct error *e)
{
	bool negative = type >= 0xd0;
	size_t size = (size_t)1 << (type - (negative ? 0xd0 : 0xcc));
	uint64_t bits;

	v->kind = MP_INT;
	if (!get_number(r, size, &bits))
		return bad("a number is cut off", e);
	if (negative && size < 8 && (bits >> (size * 8 - 1)) != 0)
		bits |= UINT64_MAX << (size * 8);
	if (!negative && bits > INT64_MAX)
		return bad("a number is too large", e);
	v->integer = (int64_t)bits;
	return 0;
}

static int
read_real(struct reader *r, struct mp *v, uint8_t type, struct error *e)
{
	uint64_t bits;
	uint32_t half;
	float small;

	v->kind = MP_REAL;
	if (!get_number(r, type == 0xca ? 4 : 8, &bits))
		return bad("a number is cut off", e);
	if (type == 0xca) {
		half = (uint32_t)bits;
		memcpy(&small, &half, sizeof(small));
		v->real = (double)small;
	} else {
		memcpy(&v->real, &bits, sizeof(bits));
	}
	return 0;
}

static int
read_value(struct reader *r, struct mp *v, struct error *e)
{
	uint8_t type;

	if (r->at == r->end)
		return bad("it is cut off", e);
	type = *r->at++;
	if (type < 0x80 || type >= 0xe0) {
		v->kind = MP_INT;
		v->integer = type < 0x80 ? type : (int64_t)type - 256;
		return 0;
	}
	if (type < 0x90) {
		v->kind = MP_MAP;
		return read_items(r, v, (type & 0x0fU) * 2, e);
	}
	if (type < 0xa0) {
		v->kind = MP_ARRAY;
		return read_items(r, v, type & 0x0fU, e);
	}
	if (type < 0xc0)
		return read_text(r, v, type & 0x1fU, e);
	if (type == 0xc0)
		return 0;
	if (type == 0xc2 || type == 0xc3) {
		v->kind = MP_BOOL;
		v->yes = type == 0xc3;
		return 0;
	}
	if (type == 0xca || type == 0xcb)
		return read_real(r, v, type, e);
	if (type >= 0xcc && type <= 0xd3)
		return read_integer(r, v, type, e);
	return read_long(r, v, type, e);
}

int
mp_read(struct mp *value, const void *data, size_t len, struct error *e)
{
	const uint8_t *at = len > 0 ? data : (const uint8_t *)"";
	struct reader r = { at, at + len, 0, 0 };

	memset(value, 0, sizeof(*value));
	if (read_value(&r, value, e) < 0)
		return -1;
	return r.at == r.end ? 0 : bad("there is more behind its end", e);
}

void
mp_free(struct mp *value)
{
	for (size_t i = 0; i < value->count; i++)
		mp_free(&value->items[i]);
	free(value->items);
	free(value->text);
	memset(value, 0, sizeof(*value));
}

const struct mp *
mp_member(const struct mp *map, const char *key)
{
	for (size_t i = 0; map->kind == MP_MAP && i + 1 < map->count; i += 2)
		if (map->items[i].kind == MP_TEXT &&
		    strcmp(map->items[i].text, key) == 0)
			return map->items[i + 1].kind == MP_NIL ? NULL :
			    &map->items[i + 1];
	return NULL;
}

bool
mp_text(const struct mp *value, struct buf *out)
{
	switch (value->kind) {
	case MP_TEXT:
		buf_puts(out, value->text);
		return true;
	case MP_INT:
		buf_printf(out, "%" PRId64, value->integer);
		return true;
	case MP_REAL:
		buf_printf(out, "%.17g", value->real);
		return true;
	case MP_BOOL:
		buf_puts(out, value->yes ? "true" : "false");
		return true;
	case MP_NIL:
	case MP_ARRAY:
	case MP_MAP:
	default:
		return false;
	}
}
