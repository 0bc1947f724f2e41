/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "nomad/pb.h"

/*
 * Nesting and elements are bounded: an element may be two bytes on the wire
 * and a hundred in memory.
 */
enum { DEPTH_MAX = 32, ELEMENTS_MAX = 1 << 16, VARINT_MAX = 10 };

enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

struct reader {
	const uint8_t *at, *end;
	unsigned depth;
	size_t *elements;
	const struct pb_message *message;
};

static int
bad(const struct reader *r, const char *why, struct error *e)
{
	return error_set(e, ERROR_DATA, "message %s: %s", r->message->name,
	    why);
}

static bool
get_varint(struct reader *r, uint64_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < VARINT_MAX && r->at < r->end; i++) {
		uint8_t byte = *r->at++;

		*value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if ((byte & 0x80) == 0)
			return true;
	}
	return false;
}

static size_t
element_size(enum pb_type type)
{
	static const size_t sizes[] = {
		[PB_STRING] = sizeof(char *),
		[PB_BYTES] = sizeof(struct pb_bytes),
		[PB_INT] = sizeof(int64_t),
		[PB_DOUBLE] = sizeof(double),
		[PB_MESSAGE] = sizeof(void *),
	};

	return sizes[type];
}

void *
pb_list_add(struct pb_list *list, size_t size)
{
	char *at;

	/* doubled at every power of two */
	if ((list->count & (list->count - 1)) == 0)
		list->items = xrealloc(list->items,
		    (list->count == 0 ? 1 : list->count * 2) * size);
	at = (char *)list->items + list->count++ * size;
	memset(at, 0, size);
	return at;
}

static const struct pb_field *
find_field(const struct pb_message *m, uint64_t number)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->fields[i].number == number)
			return &m->fields[i];
	return NULL;
}

static void
free_element(const struct pb_field *f, void *at)
{
	switch (f->type) {
	case PB_STRING:
		free(*(char **)at);
		break;
	case PB_BYTES:
		free(((struct pb_bytes *)at)->data);
		break;
	case PB_MESSAGE:
		pb_free(f->message, *(void **)at);
		break;
	case PB_INT:
	case PB_DOUBLE:
	default:
		break;
	}
}

void
pb_free(const struct pb_message *m, void *value)
{
	if (value == NULL)
		return;
	for (size_t i = 0; i < m->count; i++) {
		const struct pb_field *f = &m->fields[i];
		char *at = (char *)value + f->offset;
		struct pb_list *list = (struct pb_list *)(void *)at;

		if (f->flag != PB_LIST) {
			free_element(f, at);
			continue;
		}
		for (size_t k = 0; k < list->count; k++)
			free_element(f, (char *)list->items +
			    k * element_size(f->type));
		free(list->items);
	}
	free(value);
}

static int read_fields(struct reader *r, void *value, struct error *e);

/* The place where a value goes; what a single field had before is freed. */
static void *
place(struct reader *r, const struct pb_field *f, void *value)
{
	char *at = (char *)value + f->offset;

	if (++*r->elements > ELEMENTS_MAX)
		return NULL;
	if (f->flag == PB_LIST)
		return pb_list_add((struct pb_list *)(void *)at,
		    element_size(f->type));
	free_element(f, at);
	memset(at, 0, element_size(f->type));
	return at;
}

static int
read_message(struct reader *r, const struct pb_field *f, void *at,
    size_t len, struct error *e)
{
	struct reader inner = { r->at, r->at + len, r->depth + 1, r->elements,
		f->message };

	if (inner.depth > DEPTH_MAX)
		return bad(r, "it is nested too deeply", e);
	*(void **)at = xcalloc(1, f->message->size);
	return read_fields(&inner, *(void **)at, e);
}

/* [packed = true]: all numbers of a list in one. */
static int
read_packed(struct reader *r, const struct pb_field *f, void *value,
    size_t len, struct error *e)
{
	struct reader inner = { r->at, r->at + len, r->depth, r->elements,
		r->message };

	while (inner.at < inner.end) {
		uint64_t number;
		int64_t *at;

		if (!get_varint(&inner, &number))
			return bad(r, "a number is cut off", e);
		at = place(&inner, f, value);
		if (at == NULL)
			return bad(r, "it has too many elements", e);
		*at = (int64_t)number;
	}
	return 0;
}

static int
read_bytes(struct reader *r, const struct pb_field *f, void *value,
    struct error *e)
{
	uint64_t len;
	void *at;
	int result = 0;

	if (!get_varint(r, &len) || len > (uint64_t)(r->end - r->at))
		return bad(r, "a field is longer than the message", e);
	if (f != NULL && f->type == PB_INT && f->flag == PB_LIST) {
		result = read_packed(r, f, value, len, e);
	} else if (f != NULL && f->type != PB_INT && f->type != PB_DOUBLE) {
		at = place(r, f, value);
		if (at == NULL)
			return bad(r, "it has too many elements", e);
		if (f->type == PB_STRING) {
			*(char **)at = xstrndup((const char *)r->at, len);
		} else if (f->type == PB_BYTES) {
			struct pb_bytes *b = at;

			b->data = xcalloc(len + 1, 1);
			memcpy(b->data, r->at, len);
			b->len = len;
		} else {
			result = read_message(r, f, at, len, e);
		}
	}
	r->at += len;
	return result;
}

static int
read_fixed(struct reader *r, const struct pb_field *f, void *value,
    size_t size, struct error *e)
{
	uint64_t bits = 0;
	void *at;

	if ((size_t)(r->end - r->at) < size)
		return bad(r, "a number is cut off", e);
	for (size_t i = size; i > 0; i--)
		bits = bits << 8 | r->at[i - 1];
	r->at += size;
	if (f == NULL || f->type != PB_DOUBLE || size != sizeof(double))
		return 0;
	at = place(r, f, value);
	if (at == NULL)
		return bad(r, "it has too many elements", e);
	memcpy(at, &bits, sizeof(bits));
	return 0;
}

static int
read_number(struct reader *r, const struct pb_field *f, void *value,
    struct error *e)
{
	uint64_t number;
	void *at;

	if (!get_varint(r, &number))
		return bad(r, "a number is cut off", e);
	if (f == NULL || f->type != PB_INT)
		return 0;
	at = place(r, f, value);
	if (at == NULL)
		return bad(r, "it has too many elements", e);
	*(int64_t *)at = (int64_t)number;
	return 0;
}

static int
read_fields(struct reader *r, void *value, struct error *e)
{
	while (r->at < r->end) {
		const struct pb_field *f;
		uint64_t tag;
		int result;

		if (!get_varint(r, &tag) || tag >> 3 == 0 ||
		    tag >> 3 > (1 << 29) - 1)
			return bad(r, "a field has no number", e);
		f = find_field(r->message, tag >> 3);
		switch (tag & 7) {
		case WIRE_VARINT:
			result = read_number(r, f, value, e);
			break;
		case WIRE_64:
			result = read_fixed(r, f, value, 8, e);
			break;
		case WIRE_BYTES:
			result = read_bytes(r, f, value, e);
			break;
		case WIRE_32:
			result = read_fixed(r, f, value, 4, e);
			break;
		default:
			return bad(r, "a field has no type", e);
		}
		if (result < 0)
			return -1;
	}
	return 0;
}

void *
pb_read(const struct pb_message *m, const void *data, size_t len,
    struct error *e)
{
	size_t elements = 0;
	const uint8_t *at = len > 0 ? data : (const uint8_t *)"";
	struct reader r = { at, at + len, 0, &elements, m };
	void *value = xcalloc(1, m->size);

	if (read_fields(&r, value, e) == 0)
		return value;
	pb_free(m, value);
	return NULL;
}

static void
put_varint(struct buf *out, uint64_t value)
{
	while (value > 0x7f) {
		buf_putc(out, (char)(value | 0x80));
		value >>= 7;
	}
	buf_putc(out, (char)value);
}

static void
put_tag(struct buf *out, const struct pb_field *f, enum wire wire)
{
	put_varint(out, (uint64_t)f->number << 3 | wire);
}

/* The length of the UTF-8 sequence at s, 0 when it is none. */
static size_t
sequence(const unsigned char *s, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t need = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 :
	    s[0] >= 0xe0 && s[0] < 0xf0 ? 3 :
	    s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;
	uint32_t code;

	if (need < 2)
		return need;
	if (need > len)
		return 0;
	code = s[0] & (0x7fU >> need);
	for (size_t i = 1; i < need; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < least[need] || code > 0x10ffff ||
	    (code >= 0xd800 && code < 0xe000))
		return 0;
	return need;
}

void
pb_clean(char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = sequence((const unsigned char *)text + i, len - i);

		if (n == 0)
			text[i] = '?';
		i += n == 0 ? 1 : n;
	}
}

static void
put_bytes(struct buf *out, const struct pb_field *f, const char *data,
    size_t len)
{
	put_tag(out, f, WIRE_BYTES);
	put_varint(out, len);
	buf_append(out, data, len);
	if (f->type == PB_STRING)
		pb_clean(out->data + out->len - len, len);
}

static void
put_element(struct buf *out, const struct pb_field *f, const void *at)
{
	AUTO_BUF struct buf inner = BUF_INIT;
	const struct pb_bytes *bytes = at;
	const char *text = f->type == PB_STRING ? *(char *const *)at : NULL;
	uint64_t bits;

	switch (f->type) {
	case PB_STRING:
		put_bytes(out, f, text == NULL ? "" : text,
		    text == NULL ? 0 : strlen(text));
		break;
	case PB_BYTES:
		put_bytes(out, f, bytes->data, bytes->len);
		break;
	case PB_INT:
		put_tag(out, f, WIRE_VARINT);
		put_varint(out, (uint64_t)*(const int64_t *)at);
		break;
	case PB_DOUBLE:
		put_tag(out, f, WIRE_64);
		memcpy(&bits, at, sizeof(bits));
		for (unsigned i = 0; i < 64; i += 8)
			buf_putc(out, (char)(bits >> i));
		break;
	case PB_MESSAGE:
		pb_write(f->message, *(void *const *)at, &inner);
		put_bytes(out, f, buf_text(&inner), inner.len);
		break;
	default:
		break;
	}
}

static bool
is_zero(const struct pb_field *f, const void *at)
{
	static const double zero = 0;
	const char *text;

	switch (f->type) {
	case PB_STRING:
		text = *(char *const *)at;
		return text == NULL || *text == '\0';
	case PB_BYTES:
		return ((const struct pb_bytes *)at)->len == 0;
	case PB_INT:
		return *(const int64_t *)at == 0;
	case PB_DOUBLE:
		return memcmp(at, &zero, sizeof(zero)) == 0;
	case PB_MESSAGE:
	default:
		return *(void *const *)at == NULL;
	}
}

static void
put_packed(struct buf *out, const struct pb_field *f,
    const struct pb_list *list)
{
	AUTO_BUF struct buf inner = BUF_INIT;

	for (size_t i = 0; i < list->count; i++)
		put_varint(&inner, (uint64_t)((int64_t *)list->items)[i]);
	put_bytes(out, f, buf_text(&inner), inner.len);
}

void
pb_write(const struct pb_message *m, const void *value, struct buf *out)
{
	for (size_t i = 0; value != NULL && i < m->count; i++) {
		const struct pb_field *f = &m->fields[i];
		const char *at = (const char *)value + f->offset;
		const struct pb_list *list = (const void *)at;

		if (f->flag == PB_LIST && f->type == PB_INT) {
			if (list->count > 0)
				put_packed(out, f, list);
		} else if (f->flag == PB_LIST) {
			for (size_t k = 0; k < list->count; k++)
				put_element(out, f, (char *)list->items +
				    k * element_size(f->type));
		} else if (!is_zero(f, at)) {
			put_element(out, f, at);
		}
	}
}
