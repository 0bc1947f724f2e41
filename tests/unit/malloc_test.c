/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* musl/malloc.c, under names of its own beside the host's. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void *our_malloc(size_t n);
void *our_calloc(size_t count, size_t each);
void *our_realloc(void *p, size_t n);
void *our_aligned_alloc(size_t alignment, size_t n);
void our_free(void *p);

#define malloc our_malloc
#define calloc our_calloc
#define realloc our_realloc
#define aligned_alloc our_aligned_alloc
#define free our_free
#define malloc_usable_size our_usable_size
#include "musl/malloc.c"
#undef malloc
#undef calloc
#undef realloc
#undef aligned_alloc
#undef free

#include <atf-c.h>

enum { BLOCKS = 200, ROUNDS = 40000 };

static bool
holds(const unsigned char *p, size_t n, unsigned char byte)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != byte)
			return false;
	return true;
}

/* xorshift: the same at every run */
static uint32_t
next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

ATF_TC_WITHOUT_HEAD(many);
ATF_TC_BODY(many, tc)
{
	unsigned char *blocks[BLOCKS] = { NULL };
	size_t sizes[BLOCKS] = { 0 };
	uint32_t state = 2463534242U;

	for (int round = 0; round < ROUNDS; round++) {
		uint32_t i = next(&state) % BLOCKS;
		size_t n = next(&state) % (round % 50 == 0 ? 400000 : 600);
		size_t least = n < sizes[i] ? n : sizes[i];
		unsigned char byte = (unsigned char)i;

		if (sizes[i] > 0)
			ATF_REQUIRE(holds(blocks[i], sizes[i], byte));
		switch (next(&state) % 3) {
		case 0:
			our_free(blocks[i]);
			blocks[i] = our_malloc(n);
			break;
		case 1:
			our_free(blocks[i]);
			blocks[i] = our_calloc(n, 1);
			ATF_REQUIRE(blocks[i] != NULL);
			ATF_REQUIRE(holds(blocks[i], n, 0));
			break;
		default:
			blocks[i] = our_realloc(blocks[i], n);
			ATF_REQUIRE(blocks[i] != NULL);
			ATF_REQUIRE(holds(blocks[i], least, byte));
		}
		ATF_REQUIRE(blocks[i] != NULL);
		ATF_REQUIRE((uintptr_t)blocks[i] % 16 == 0);
		ATF_REQUIRE(our_usable_size(blocks[i]) >= n);
		memset(blocks[i], byte, n);
		sizes[i] = n;
	}
	for (int i = 0; i < BLOCKS; i++)
		our_free(blocks[i]);
}

ATF_TC_WITHOUT_HEAD(edges);
ATF_TC_BODY(edges, tc)
{
	volatile size_t huge = SIZE_MAX;
	unsigned char *p = our_malloc(0), *q = our_malloc(0);

	ATF_REQUIRE(p != NULL && q != NULL && p != q);
	our_free(p);
	our_free(q);
	our_free(NULL);
	ATF_REQUIRE_ERRNO(ENOMEM, our_malloc(huge) == NULL);
	ATF_REQUIRE_ERRNO(ENOMEM, our_malloc(huge / 2) == NULL);
	ATF_REQUIRE_ERRNO(ENOMEM, our_calloc(huge / 4, 8) == NULL);
	p = our_malloc(300000);
	ATF_REQUIRE(p != NULL);
	memset(p, 7, 300000);
	ATF_REQUIRE_ERRNO(ENOMEM, our_realloc(p, huge) == NULL);
	ATF_REQUIRE(holds(p, 300000, 7));
	p = our_realloc(p, 900000);	/* large to larger */
	ATF_REQUIRE(p != NULL && holds(p, 300000, 7));
	p = our_realloc(p, 5000000);	/* to what is mapped alone */
	ATF_REQUIRE(p != NULL && holds(p, 300000, 7));
	p = our_realloc(p, 9000000);
	ATF_REQUIRE(p != NULL && holds(p, 300000, 7));
	p = our_realloc(p, 100);	/* and to small */
	ATF_REQUIRE(p != NULL && holds(p, 100, 7));
	p = our_realloc(p, 500000);
	ATF_REQUIRE(p != NULL && holds(p, 100, 7));
	errno = EBADF;
	our_free(p);
	ATF_CHECK_EQ(EBADF, errno);
	ATF_REQUIRE(our_aligned_alloc(16, 5) != NULL);
	ATF_REQUIRE_ERRNO(ENOMEM, our_aligned_alloc(64, 5) == NULL);
}

ATF_TC_WITHOUT_HEAD(again);
ATF_TC_BODY(again, tc)
{
	void *p = our_malloc(100);

	/* what was freed is the next of its size: no page is touched anew */
	our_free(p);
	ATF_CHECK(our_malloc(120) == p);
}

/* A table that grows by doubling is not copied while it is the last. */
ATF_TC_WITHOUT_HEAD(in_place);
ATF_TC_BODY(in_place, tc)
{
	unsigned char *p = our_malloc(100000), *q;

	memset(p, 5, 100000);
	q = our_realloc(p, 2000000);
	ATF_CHECK(q == p);
	ATF_REQUIRE(holds(q, 100000, 5));
	memset(q, 6, 2000000);
	p = our_malloc(100000);
	ATF_CHECK(p >= q + 2000000 || p + 100000 <= q);
	ATF_CHECK(our_realloc(q, 3000000) != q);
	/* all that is small comes from the huge pages, too */
	for (int i = 0; i < 5000; i++)
		memset(our_malloc(200), 8, 200);
	p = our_calloc(3000000, 1);
	ATF_REQUIRE(holds(p, 3000000, 0));
}

static int
status_of(void (*wrong)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		wrong();
		_exit(0);
	}
	ATF_REQUIRE(pid > 0 && waitpid(pid, &status, 0) == pid);
	return status;
}

static void
free_twice(void)
{
	void *p = our_malloc(10);

	our_free(p);
	our_free(p);
}

static void
write_beyond(void)
{
	unsigned char *p = our_malloc(16), *q = our_malloc(16);

	memset(p, 0xff, (size_t)(q - p));
	our_free(q);
}

ATF_TC_WITHOUT_HEAD(damage);
ATF_TC_BODY(damage, tc)
{
	ATF_CHECK(WIFSIGNALED(status_of(free_twice)));
	ATF_CHECK(WIFSIGNALED(status_of(write_beyond)));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, many);
	ATF_TP_ADD_TC(tp, edges);
	ATF_TP_ADD_TC(tp, again);
	ATF_TP_ADD_TC(tp, in_place);
	ATF_TP_ADD_TC(tp, damage);
	return atf_no_error();
}
