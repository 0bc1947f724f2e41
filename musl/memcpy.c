/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * memcpy(3) in place of musl's, which begins with a string instruction even for
 * a word: a fifth of the time of "gaol list" was that.  Moves that overlap need
 * no loop for what is small.  Compiled so that it is not made a call of itself.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t __attribute__((may_alias, aligned(1))) word;
typedef uint32_t __attribute__((may_alias, aligned(1))) half;
typedef uint16_t __attribute__((may_alias, aligned(1))) quarter;

/* All is read before anything is written. */
#define MOVE(type) do {						\
		const type head = *(const type *)s;		\
		const type tail = *(const type *)(s + n - sizeof(type)); \
								\
		*(type *)d = head;				\
		*(type *)(d + n - sizeof(type)) = tail;		\
		return to;					\
	} while (0)

void *
memcpy(void *restrict to, const void *restrict from, size_t n)
{
	unsigned char *d = to;
	const unsigned char *s = from;

	if (n > 16) {
		const unsigned char *const last = s + n - 16;
		unsigned char *const end = d + n - 16;

		for (; s < last; s += 16, d += 16) {
			((word *)d)[0] = ((const word *)s)[0];
			((word *)d)[1] = ((const word *)s)[1];
		}
		((word *)end)[0] = ((const word *)last)[0];
		((word *)end)[1] = ((const word *)last)[1];
		return to;
	}
	if (n >= 8)
		MOVE(word);
	if (n >= 4)
		MOVE(half);
	if (n >= 2)
		MOVE(quarter);
	if (n == 1)
		*d = *s;
	return to;
}

/* musl's asks for its memcpy(3), so that this one has to be here too. */
void *
memmove(void *to, const void *from, size_t n)
{
	unsigned char *d = to;
	const unsigned char *s = from;

	/* ahead of it, or apart: memcpy goes upwards, but ends with what it
	 * would have written over by then */
	if ((size_t)(d - s) >= n && (size_t)(s - d) >= n)
		return memcpy(to, from, n);
	if ((size_t)(d - s) >= n) {
		for (; n >= 8; n -= 8, d += 8, s += 8)
			*(word *)d = *(const word *)s;
		while (n-- > 0)
			*d++ = *s++;
		return to;
	}
	for (; n >= 8; n -= 8)
		*(word *)(d + n - 8) = *(const word *)(s + n - 8);
	while (n-- > 0)
		d[n] = s[n];
	return to;
}
