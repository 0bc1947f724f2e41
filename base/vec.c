/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/vec.h"

void
strings_fini(struct strings *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->items[i]);
	VEC_FINI(s);
}

void
strings_take(struct strings *s, char *text)
{
	VEC_PUSH(s, text);
}

void
strings_add(struct strings *s, const char *text)
{
	strings_take(s, xstrdup(text));
}

void
strings_copy(struct strings *to, const struct strings *from)
{
	size_t count = from->count;

	for (size_t i = 0; i < count; i++)
		strings_add(to, from->items[i]);
}

int
strings_index(const struct strings *s, const char *text)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->items[i], text) == 0)
			return (int)i;
	return -1;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
strings_sort(struct strings *s)
{
	if (s->count > 1)
		qsort(s->items, s->count, sizeof(*s->items), compare);
}

char **
strings_argv(struct strings *s)
{
	VEC_PUSH(s, NULL);
	s->count--;
	return s->items;
}

char *
strings_join(const struct strings *s, const char *sep)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < s->count; i++) {
		if (i > 0)
			buf_puts(&b, sep);
		buf_puts(&b, s->items[i]);
	}
	return buf_steal(&b);
}
