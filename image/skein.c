/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * The names are those of the paper "The Skein Hash Function Family", version
 * 1.3: Threefish-1024 in UBI mode, without a tree and without a key.
 */
#include <string.h>

#include "image/skein.h"

enum { ROUNDS = 80, CONFIG_LEN = 32 };

/* Kinds of blocks, as they stand in the tweak. */
#define TYPE(n) ((uint64_t)(n) << 56)
#define TYPE_CONFIG TYPE(4)
#define TYPE_MESSAGE TYPE(48)
#define TYPE_OUTPUT TYPE(63)
#define FIRST ((uint64_t)1 << 62)
#define FINAL ((uint64_t)1 << 63)
#define C240 UINT64_C(0x1bd11bdaa9fc1a22)

/*
 * One round of eight MIX functions.  Words stay where they are: the permutation
 * after each round is in the pairs of the next, and is over after four.
 */
#define MIX(a, b, r)                                                \
	do {                                                        \
		v[a] += v[b];                                       \
		v[b] = (v[b] << (r) | v[b] >> (64 - (r))) ^ v[a];   \
	} while (0)
/* clang-format off */
#define ROUND_1(a, b, c, d, e, f, g, h) \
	MIX(0, 1, a); MIX(2, 3, b); MIX(4, 5, c); MIX(6, 7, d); \
	MIX(8, 9, e); MIX(10, 11, f); MIX(12, 13, g); MIX(14, 15, h)
#define ROUND_2(a, b, c, d, e, f, g, h) \
	MIX(0, 9, a); MIX(2, 13, b); MIX(6, 11, c); MIX(4, 15, d); \
	MIX(10, 7, e); MIX(12, 3, f); MIX(14, 5, g); MIX(8, 1, h)
#define ROUND_3(a, b, c, d, e, f, g, h) \
	MIX(0, 7, a); MIX(2, 5, b); MIX(4, 3, c); MIX(6, 1, d); \
	MIX(12, 15, e); MIX(14, 13, f); MIX(8, 11, g); MIX(10, 9, h)
#define ROUND_4(a, b, c, d, e, f, g, h) \
	MIX(0, 15, a); MIX(2, 11, b); MIX(6, 13, c); MIX(4, 9, d); \
	MIX(14, 1, e); MIX(8, 5, f); MIX(10, 3, g); MIX(12, 7, h)
/* clang-format on */

static uint64_t
load(const unsigned char *p)
{
	uint64_t x = 0;

	for (int i = 7; i >= 0; i--)
		x = x << 8 | p[i];
	return x;
}

static void
store(unsigned char *p, uint64_t x)
{
	for (int i = 0; i < 8; i++)
		p[i] = (unsigned char)(x >> 8 * i);
}

/* key: twice the words, so that none need wrap around. */
static inline void
add_key(uint64_t v[SKEIN_WORDS], const uint64_t *key, const uint64_t tweak[3],
    unsigned s)
{
	key += s % (SKEIN_WORDS + 1);
	for (unsigned i = 0; i < SKEIN_WORDS; i++)
		v[i] += key[i];
	v[SKEIN_WORDS - 3] += tweak[s % 3];
	v[SKEIN_WORDS - 2] += tweak[(s + 1) % 3];
	v[SKEIN_WORDS - 1] += s;
}

/* One block under the chaining value, which it becomes. */
static void
ubi(uint64_t chain[SKEIN_WORDS], const unsigned char block[SKEIN_BLOCK],
    uint64_t position, uint64_t flags)
{
	const uint64_t tweak[3] = { position, flags, position ^ flags };
	uint64_t key[2 * SKEIN_WORDS + 2], in[SKEIN_WORDS], v[SKEIN_WORDS];

	key[SKEIN_WORDS] = C240;
	for (unsigned i = 0; i < SKEIN_WORDS; i++) {
		key[i] = chain[i];
		key[SKEIN_WORDS] ^= chain[i];
		v[i] = in[i] = load(block + 8 * i);
	}
	memcpy(key + SKEIN_WORDS + 1, key, sizeof(key) / 2);
	for (unsigned d = 0; d < ROUNDS; d += 8) {
		add_key(v, key, tweak, d / 4);
		ROUND_1(24, 13, 8, 47, 8, 17, 22, 37);
		ROUND_2(38, 19, 10, 55, 49, 18, 23, 52);
		ROUND_3(33, 4, 51, 13, 34, 41, 59, 17);
		ROUND_4(5, 20, 48, 41, 47, 28, 16, 25);
		add_key(v, key, tweak, d / 4 + 1);
		ROUND_1(41, 9, 37, 31, 12, 47, 44, 30);
		ROUND_2(16, 34, 56, 51, 4, 53, 42, 41);
		ROUND_3(31, 44, 47, 46, 19, 42, 44, 25);
		ROUND_4(9, 48, 35, 52, 23, 31, 37, 20);
	}
	add_key(v, key, tweak, ROUNDS / 4);
	for (unsigned i = 0; i < SKEIN_WORDS; i++)
		chain[i] = v[i] ^ in[i];
}

void
skein_init(struct skein *s)
{
	unsigned char config[SKEIN_BLOCK] = { 'S', 'H', 'A', '3', 1 };

	memset(s, 0, sizeof(*s));
	store(config + 8, SKEIN_BLOCK * 8);
	ubi(s->chain, config, CONFIG_LEN, TYPE_CONFIG | FIRST | FINAL);
	s->first = FIRST;
}

void
skein_add(struct skein *s, const void *data, size_t len)
{
	const unsigned char *p = data;

	while (len > 0) {
		size_t n = SKEIN_BLOCK - s->len;

		/* the last block is told so: a full one waits for more */
		if (n == 0) {
			s->position += SKEIN_BLOCK;
			ubi(s->chain, s->block, s->position, TYPE_MESSAGE |
			    s->first);
			s->first = 0;
			s->len = 0;
			continue;
		}
		n = n < len ? n : len;
		memcpy(s->block + s->len, p, n);
		s->len += n;
		p += n;
		len -= n;
	}
}

void
skein_text(struct skein *s, char hex[SKEIN_HEX])
{
	static const char digits[] = "0123456789abcdef";
	static const unsigned char counter[SKEIN_BLOCK];
	unsigned char sum[SKEIN_BLOCK];

	memset(s->block + s->len, 0, SKEIN_BLOCK - s->len);
	ubi(s->chain, s->block, s->position + s->len, TYPE_MESSAGE |
	    s->first | FINAL);
	ubi(s->chain, counter, 8, TYPE_OUTPUT | FIRST | FINAL);
	for (unsigned i = 0; i < SKEIN_WORDS; i++)
		store(sum + 8 * i, s->chain[i]);
	for (unsigned i = 0; i < SKEIN_BLOCK; i++) {
		hex[2 * i] = digits[sum[i] >> 4];
		hex[2 * i + 1] = digits[sum[i] & 15];
	}
	hex[SKEIN_HEX - 1] = '\0';
}
