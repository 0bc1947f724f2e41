/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef VIEW_TEXT_H
#define VIEW_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Text from a jail's files or properties on its way to a terminal: escape
 * sequences, C1 controls, bidirectional overrides and bytes that are no UTF-8
 * must not get there.
 */

/*
 * The first code point of s, which is not empty; *len is its length in bytes.
 * A byte that starts no valid sequence gives U+FFFD and length 1.
 */
uint32_t text_decode(const char *s, size_t *len);
/* Whether a code point moves no cursor and changes no state of a terminal. */
bool text_harmless(uint32_t point);
/* Code points in text. */
size_t text_width(const char *text);
/* Append at most width code points (0: all), each harmful one as "?"; returns
 * how many. */
size_t text_clean(struct buf *out, const char *text, size_t width);
/* The same for len bytes, where newlines and tabs stay. */
void text_clean_lines(struct buf *out, const char *text, size_t len);

#endif
