/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

/*
 * A growing string.  data is NUL-terminated whenever len > 0 and is never NULL
 * after buf_init or any append; memory exhaustion aborts.
 *
 *	AUTO_BUF struct buf b = BUF_INIT;
 *	buf_printf(&b, "%s=%d", name, value);
 */
struct buf {
	char *data;
	size_t len;
	size_t cap;
};

#define BUF_INIT { NULL, 0, 0 }

/* Release the memory; the buffer is empty and usable again. */
void buf_fini(struct buf *b);
/* Forget the content, keep the memory. */
void buf_clear(struct buf *b);
void buf_append(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
/* Make room for len more bytes; returns where they go (len is not changed). */
char *buf_reserve(struct buf *b, size_t len);
/* The text, "" when nothing was appended; borrowed until the next change. */
const char *buf_text(const struct buf *b);
/* The text as heap memory that the caller owns; the buffer becomes empty. */
char *buf_steal(struct buf *b);

#endif
