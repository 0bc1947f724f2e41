/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* musl/memcpy.c, beside the host's own. */
#include <atf-c.h>
#include <string.h>

void *our_memcpy(void *restrict to, const void *restrict from, size_t n);
void *our_memmove(void *to, const void *from, size_t n);
#define memcpy our_memcpy
#define memmove our_memmove
#include "musl/memcpy.c"
#undef memcpy
#undef memmove

enum { ROOM = 512, SIZES = 150, SHIFT = 40 };

static void
fill(unsigned char *p)
{
	for (size_t i = 0; i < ROOM; i++)
		p[i] = (unsigned char)(i * 7 + i / 256);
}

ATF_TC_WITHOUT_HEAD(copy);
ATF_TC_BODY(copy, tc)
{
	unsigned char from[ROOM], to[ROOM], want[ROOM];

	fill(from);
	for (size_t n = 0; n < SIZES; n++)
		for (size_t a = 0; a < 17; a++)
			for (size_t b = 0; b < 17; b++) {
				memset(to, 0xee, ROOM);
				memset(want, 0xee, ROOM);
				memcpy(want + b, from + a, n);
				ATF_REQUIRE(our_memcpy(to + b, from + a, n) ==
				    to + b);
				ATF_REQUIRE_EQ_MSG(0, memcmp(to, want, ROOM),
				    "%zu bytes from %zu to %zu", n, a, b);
			}
}

ATF_TC_WITHOUT_HEAD(overlap);
ATF_TC_BODY(overlap, tc)
{
	unsigned char ours[ROOM], want[ROOM];

	for (size_t n = 0; n < SIZES; n++)
		for (size_t a = 0; a < SHIFT; a++)
			for (size_t b = 0; b < SHIFT; b++) {
				fill(ours);
				fill(want);
				memmove(want + b, want + a, n);
				ATF_REQUIRE(our_memmove(ours + b, ours + a,
				    n) == ours + b);
				ATF_REQUIRE_EQ_MSG(0, memcmp(ours, want, ROOM),
				    "%zu bytes from %zu to %zu", n, a, b);
			}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, copy);
	ATF_TP_ADD_TC(tp, overlap);
	return atf_no_error();
}
