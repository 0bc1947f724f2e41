/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * malloc(3) in place of musl's, for a program of one thread that is over in
 * milliseconds.  musl's gives memory back to the kernel as soon as it can and
 * asks for it again: 23 pairs of mmap(2) and munmap(2) in one "gaol run", each
 * with a page fault, which were a tenth of its time.  Here what is freed is kept
 * for the next of its size, a power of two; only what is large comes and goes.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

size_t malloc_usable_size(void *p);

enum {
	UNIT = 16,		/* the smallest block, and what all align to */
	CLASSES = 14,		/* 16 bytes to 128 KB; more is mapped alone */
	LARGE = CLASSES,	/* "class" of what is mapped alone */
	FIRST = 64 << 10,
	MORE = 512 << 10,
};

/* Before each block. */
struct head {
	size_t size;		/* of the block; LARGE: of it and its head */
	uint32_t class, check;
};
_Static_assert(sizeof(struct head) == UNIT, "blocks are aligned");

struct hole {
	struct hole *next;
};

static unsigned char first[FIRST] __attribute__((aligned(UNIT)));
static unsigned char *fresh = first, *end = first + FIRST;
static struct hole *holes[CLASSES];

/* What a stray write or a second free(3) leaves is not what was put there. */
static uint32_t
check_of(const struct head *h)
{
	return (uint32_t)((uintptr_t)h >> 4) ^ (uint32_t)h->size ^
	    (h->class << 24) ^ 0x6a5f3c91U;
}

static void *
hand_out(struct head *h, size_t size, uint32_t class)
{
	h->size = size;
	h->class = class;
	h->check = check_of(h);
	return h + 1;
}

static struct head *
head_of(void *p)
{
	struct head *h = (struct head *)p - 1;

	if (h->class > LARGE || h->check != check_of(h))
		abort();
	return h;
}

static void *
map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Sets *zeroed when the kernel has made the memory so just now. */
static void *
take(size_t n, int *zeroed)
{
	uint32_t class = 0;
	struct head *h;
	size_t size;

	*zeroed = 0;
	if (n > PTRDIFF_MAX - 2 * UNIT) {
		errno = ENOMEM;
		return NULL;
	}
	while (class < CLASSES && ((size_t)UNIT << class) < n)
		class++;
	if (class < CLASSES && holes[class] != NULL) {
		struct hole *hole = holes[class];

		holes[class] = hole->next;
		h = (struct head *)(void *)hole - 1;
		return hand_out(h, (size_t)UNIT << class, class);
	}
	*zeroed = 1;
	if (class == LARGE) {
		size = n + sizeof(*h);
		h = map(size);
		return h == NULL ? NULL : hand_out(h, size, class);
	}
	size = ((size_t)UNIT << class) + sizeof(*h);
	if ((size_t)(end - fresh) < size) {
		unsigned char *more = map(MORE);

		if (more == NULL)
			return NULL;
		fresh = more;
		end = more + MORE;
	}
	h = (struct head *)(void *)fresh;
	fresh += size;
	return hand_out(h, (size_t)UNIT << class, class);
}

void *
malloc(size_t n)
{
	int zeroed;

	return take(n, &zeroed);
}

void *
calloc(size_t count, size_t each)
{
	size_t n;
	int zeroed;
	void *p;

	if (__builtin_mul_overflow(count, each, &n)) {
		errno = ENOMEM;
		return NULL;
	}
	p = take(n, &zeroed);
	if (p != NULL && !zeroed)
		memset(p, 0, n);
	return p;
}

void
free(void *p)
{
	int saved = errno;
	struct head *h;
	struct hole *hole = p;

	if (p == NULL)
		return;
	h = head_of(p);
	h->check = 0;
	if (h->class == LARGE) {
		munmap(h, h->size);
		errno = saved;
		return;
	}
	hole->next = holes[h->class];
	holes[h->class] = hole;
}

/* Pages move without being copied. */
static void *
remap(struct head *h, size_t n)
{
	size_t size = n + sizeof(*h);
	void *moved;

	if (n > PTRDIFF_MAX - 2 * UNIT) {
		errno = ENOMEM;
		return NULL;
	}
	moved = mremap(h, h->size, size, MREMAP_MAYMOVE);
	return moved == MAP_FAILED ? NULL : hand_out(moved, size, LARGE);
}

void *
realloc(void *p, size_t n)
{
	struct head *h;
	size_t had;
	void *grown;

	if (p == NULL)
		return malloc(n);
	h = head_of(p);
	had = malloc_usable_size(p);
	if (h->class == LARGE && n > ((size_t)UNIT << (CLASSES - 1)))
		return remap(h, n);
	if (h->class != LARGE && n <= had)
		return p;
	grown = malloc(n);
	if (grown == NULL)
		return NULL;
	memcpy(grown, p, n < had ? n : had);
	free(p);
	return grown;
}

/* Nobody here asks for more than a block has. */
void *
aligned_alloc(size_t alignment, size_t n)
{
	if (alignment <= UNIT)
		return malloc(n);
	errno = ENOMEM;
	return NULL;
}

size_t
malloc_usable_size(void *p)
{
	const struct head *h;

	if (p == NULL)
		return 0;
	h = head_of(p);
	return h->class == LARGE ? h->size - sizeof(*h) : h->size;
}
