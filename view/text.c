/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "view/text.h"

enum { REPLACEMENT = 0xfffd };

static bool
continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The string ends in NUL, which continues nothing: no length is needed. */
uint32_t
text_decode(const char *s, size_t *len)
{
	const unsigned char c = (unsigned char)s[0];
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t point;
	size_t need;

	*len = 1;
	if (c < 0x80)
		return c;
	if (c < 0xc2 || c > 0xf4)
		return REPLACEMENT;
	need = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	point = c & (0x7fu >> need);
	for (size_t i = 1; i < need; i++) {
		if (!continues(s[i]))
			return REPLACEMENT;
		point = point << 6 | ((unsigned char)s[i] & 0x3f);
	}
	if (point < least[need] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff))
		return REPLACEMENT;
	*len = need;
	return point;
}

bool
text_harmless(uint32_t p)
{
	if (p < 0x80)
		return p >= 0x20 && p != 0x7f;
	if (p < 0xa0)
		return false;
	/* marks, embeddings, overrides and isolates turn the text around */
	if ((p >= 0x200b && p <= 0x200f) || (p >= 0x2028 && p <= 0x202e) ||
	    (p >= 0x2060 && p <= 0x206f) || p == 0xfeff || p == 0x061c)
		return false;
	return p != REPLACEMENT;
}

/* Nearly all text is ASCII without surprises. */
static size_t
plain_length(const char *text)
{
	size_t len = 0;

	while ((unsigned char)(text[len] - 0x20) < 0x7f - 0x20)
		len++;
	return len;
}

size_t
text_width(const char *text)
{
	size_t width = 0, len;

	for (;;) {
		len = plain_length(text);
		text += len;
		width += len;
		if (*text == '\0')
			return width;
		text_decode(text, &len);
		text += len;
		width++;
	}
}

size_t
text_clean(struct buf *out, const char *text, size_t width)
{
	const char *start = text;
	size_t len = plain_length(text), done = len;

	if (width != 0 && len > width)
		done = len = width;
	for (text += len; *text != '\0' && (width == 0 || done < width);
	    text += len, done++) {
		if (text_harmless(text_decode(text, &len)))
			continue;
		buf_append(out, start, (size_t)(text - start));
		buf_putc(out, '?');
		start = text + len;
	}
	buf_append(out, start, (size_t)(text - start));
	return done;
}

void
text_clean_lines(struct buf *out, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		size_t n = 1;

		if (*text == '\n' || *text == '\t')
			buf_putc(out, *text);
		else if (*text == '\r' && end - text > 1 && text[1] == '\n')
			;	/* a terminal's line end */
		else if (*text == '\0' || !text_harmless(text_decode(text, &n)))
			buf_putc(out, '?');
		else
			buf_append(out, text, n);
		text += n;
	}
}
