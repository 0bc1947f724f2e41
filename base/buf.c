/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"

void
buf_fini(struct buf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = b->cap = 0;
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

char *
buf_reserve(struct buf *b, size_t len)
{
	size_t need, cap = b->cap ? b->cap : 64;

	/* What no memory can hold fails like what this one cannot. */
	if (__builtin_add_overflow(b->len + 1, len, &need) ||
	    need > SIZE_MAX / 2)
		need = SIZE_MAX;
	if (need > b->cap) {
		while (cap < need)
			cap = cap <= SIZE_MAX / 2 ? cap * 2 : SIZE_MAX;
		b->data = xrealloc(b->data, cap);
		b->cap = cap;
		/* an empty buffer is the empty text too */
		b->data[b->len] = '\0';
	}
	return b->data + b->len;
}

void
buf_append(struct buf *b, const void *data, size_t len)
{
	char *to = buf_reserve(b, len);

	if (len > 0)
		memcpy(to, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_append(b, s, strlen(s));
}

void
buf_putc(struct buf *b, char c)
{
	buf_append(b, &c, 1);
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	char *to = buf_reserve(b, 128);
	int n;

	va_copy(again, ap);
	n = vsnprintf(to, b->cap - b->len, fmt, ap);
	if (n >= 0 && (size_t)n >= b->cap - b->len) {
		to = buf_reserve(b, (size_t)n);
		n = vsnprintf(to, b->cap - b->len, fmt, again);
	}
	va_end(again);
	if (n > 0)
		b->len += (size_t)n;
	b->data[b->len] = '\0';
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

const char *
buf_text(const struct buf *b)
{
	return b->data != NULL ? b->data : "";
}

char *
buf_steal(struct buf *b)
{
	char *text = b->data != NULL ? b->data : xstrdup("");

	b->data = NULL;
	b->len = b->cap = 0;
	return text;
}
