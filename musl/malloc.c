/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * malloc(3) in place of musl's, for a program of one thread that is over in
 * milliseconds.  musl's gives memory back to the kernel as soon as it can and
 * asks for it again: 23 pairs of mmap(2) and munmap(2) in one "gaol run", each
 * with a page fault, which were a tenth of its time.  Here what is freed is kept
 * for the next of its size, a power of two; only what is very large comes and goes.
 *
 * The first page fault of a page is dear where page tables are shadowed by a host
 * (25 us each on such a machine, so that 4 MB took 28 ms; two huge pages took 0.3).
 * Who asks for a wide block will fill megabytes, and gets them in huge pages where
 * the kernel has them (transparent_hugepage "madvise" or "always").
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
	CLASSES = 19,		/* 16 bytes to 4 MB; more is mapped alone */
	LARGE = CLASSES,	/* "class" of what is mapped alone */
	WIDE = 13,		/* the first class of more than 64 KB */
	FIRST = 64 << 10,
	MORE = 512 << 10,
	HUGE_PAGE = 2 << 20,
	MORE_WIDE = 16 << 20,	/* addresses; memory is what gets touched */
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
/* What no block was cut from yet. */
struct span {
	unsigned char *fresh, *end;
};
static struct span narrow = { first, first + FIRST }, wide;
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

/* More to cut blocks from.  Once there are huge pages all comes from them. */
static int
map_more(struct span *s)
{
	size_t size = s == &wide ? MORE_WIDE : MORE;
	unsigned char *p;

	if (s == &narrow && (size_t)(wide.end - wide.fresh) > MORE) {
		s->fresh = wide.fresh;
		s->end = wide.fresh += MORE;
		return 0;
	}
	p = map(s == &wide ? size + HUGE_PAGE : size);
	if (p == NULL)
		return -1;
	s->fresh = p;
	s->end = p + size;
	if (s == &wide) {
		s->fresh += -(uintptr_t)p % HUGE_PAGE;
		s->end = s->fresh + size;
		/* a kernel without them leaves it at small pages */
		madvise(s->fresh, size, MADV_HUGEPAGE);
	}
	return 0;
}

static struct span *
span_of(uint32_t class)
{
	return class >= WIDE ? &wide : &narrow;
}

/* Sets *zeroed when the kernel has made the memory so just now. */
static void *
take(size_t n, int *zeroed)
{
	uint32_t class = 0;
	struct span *span;
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
		if (h == NULL)
			return NULL;
		madvise(h, size, MADV_HUGEPAGE);
		return hand_out(h, size, class);
	}
	size = ((size_t)UNIT << class) + sizeof(*h);
	span = span_of(class);
	if ((size_t)(span->end - span->fresh) < size && map_more(span) < 0)
		return NULL;
	h = (struct head *)(void *)span->fresh;
	span->fresh += size;
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

/* The last block of its span grows where it is. */
static int
grow(struct head *h, size_t n)
{
	struct span *span = span_of(h->class);
	uint32_t class = h->class;
	size_t size;

	if ((unsigned char *)(h + 1) + h->size != span->fresh)
		return 0;
	while (class < CLASSES && ((size_t)UNIT << class) < n)
		class++;
	size = (size_t)UNIT << class;
	if (class == LARGE || span_of(class) != span ||
	    (size_t)(span->end - span->fresh) < size - h->size)
		return 0;
	span->fresh += size - h->size;
	hand_out(h, size, class);
	return 1;
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
	if (h->class != LARGE && (n <= had || grow(h, n)))
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
