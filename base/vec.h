/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>

#include "base/xalloc.h"

/*
 * A typed growing array.  The elements are at .items[0] to .items[count - 1];
 * they move when it grows.  The vector owns the array, not what elements
 * point to.
 *
 *	VEC(struct cell *) cells = VEC_INIT;
 *	VEC_PUSH(&cells, cell);
 *	VEC_FINI(&cells);
 */
#define VEC(type)             \
	struct {              \
		type *items;  \
		size_t count; \
		size_t cap;   \
	}
#define VEC_INIT { NULL, 0, 0 }
/* The same as a named struct, to pass between functions. */
#define VEC_TYPE(name, type)  \
	struct name {         \
		type *items;  \
		size_t count; \
		size_t cap;   \
	}

#define VEC_PUSH(v, ...)                                                    \
	do {                                                                \
		if ((v)->count == (v)->cap) {                               \
			(v)->cap = (v)->cap ? (v)->cap * 2 : 8;             \
			(v)->items = xrealloc((v)->items,                   \
			    (v)->cap * sizeof(*(v)->items));                \
		}                                                           \
		(v)->items[(v)->count++] = (__VA_ARGS__);                   \
	} while (0)

#define VEC_FINI(v)                           \
	do {                                  \
		free((v)->items);             \
		(v)->items = NULL;            \
		(v)->count = (v)->cap = 0;    \
	} while (0)

/* Strings: the vector owns each of them. */
struct strings {
	char **items;
	size_t count;
	size_t cap;
};

#define AUTO_STRINGS __attribute__((cleanup(strings_fini)))

void strings_fini(struct strings *s);
/* Append a copy. */
void strings_add(struct strings *s, const char *text);
/* Append heap memory; the vector becomes the owner. */
void strings_take(struct strings *s, char *text);
void strings_copy(struct strings *to, const struct strings *from);
int strings_index(const struct strings *s, const char *text); /* or -1 */
void strings_sort(struct strings *s);
/* As an argument vector: NULL-terminated, borrowed until the next change. */
char **strings_argv(struct strings *s);
/* Joined by sep; heap memory that the caller owns. */
char *strings_join(const struct strings *s, const char *sep);

#endif
