/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdbool.h>
#include <string.h>

#include "base/blake2.h"

static const uint64_t iv[8] = {
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
	0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
	0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

static const uint8_t sigma[12][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
	{ 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
	{ 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
	{ 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
	{ 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
};

static uint64_t
rotate(uint64_t x, unsigned n)
{
	return x >> n | x << (64 - n);
}

static inline void
mix(uint64_t v[16], int a, int b, int c, int d, uint64_t x, uint64_t y)
{
	v[a] += v[b] + x;
	v[d] = rotate(v[d] ^ v[a], 32);
	v[c] += v[d];
	v[b] = rotate(v[b] ^ v[c], 24);
	v[a] += v[b] + y;
	v[d] = rotate(v[d] ^ v[a], 16);
	v[c] += v[d];
	v[b] = rotate(v[b] ^ v[c], 63);
}

/* Inlined, so that the permutation is known when this is compiled. */
static inline __attribute__((always_inline)) void
round_of(uint64_t v[16], const uint64_t m[16], const uint8_t s[16])
{
	mix(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
	mix(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
	mix(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
	mix(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);
	mix(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
	mix(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
	mix(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
	mix(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
}

static void
compress(struct blake2 *b, const uint8_t *block, bool last)
{
	uint64_t v[16], m[16];

	for (size_t i = 0; i < 16; i++) {
		uint64_t word = 0;

		for (unsigned k = 0; k < 8; k++)
			word |= (uint64_t)block[i * 8 + k] << (8 * k);
		m[i] = word;
	}
	memcpy(v, b->h, sizeof(b->h));
	memcpy(v + 8, iv, sizeof(iv));
	v[12] ^= b->total;
	if (last)
		v[14] = ~v[14];
	round_of(v, m, sigma[0]);
	round_of(v, m, sigma[1]);
	round_of(v, m, sigma[2]);
	round_of(v, m, sigma[3]);
	round_of(v, m, sigma[4]);
	round_of(v, m, sigma[5]);
	round_of(v, m, sigma[6]);
	round_of(v, m, sigma[7]);
	round_of(v, m, sigma[8]);
	round_of(v, m, sigma[9]);
	round_of(v, m, sigma[10]);
	round_of(v, m, sigma[11]);
	for (size_t i = 0; i < 8; i++)
		b->h[i] ^= v[i] ^ v[i + 8];
}

void
blake2_init(struct blake2 *b)
{
	memset(b, 0, sizeof(*b));
	memcpy(b->h, iv, sizeof(iv));
	/* no key, fanout and depth 1 */
	b->h[0] ^= 0x01010000 ^ BLAKE2_SIZE;
}

void
blake2_add(struct blake2 *b, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len > 0) {
		size_t n = sizeof(b->block) - b->fill;

		/* the last block is another: kept until more comes */
		if (b->fill == 0 && len > sizeof(b->block)) {
			b->total += sizeof(b->block);
			compress(b, p, false);
			p += sizeof(b->block);
			len -= sizeof(b->block);
			continue;
		}
		if (n == 0) {
			b->total += sizeof(b->block);
			compress(b, b->block, false);
			b->fill = 0;
			continue;
		}
		if (n > len)
			n = len;
		memcpy(b->block + b->fill, p, n);
		b->fill += n;
		p += n;
		len -= n;
	}
}

void
blake2_end(struct blake2 *b, uint8_t sum[BLAKE2_SIZE])
{
	memset(b->block + b->fill, 0, sizeof(b->block) - b->fill);
	b->total += b->fill;
	compress(b, b->block, true);
	for (size_t i = 0; i < BLAKE2_SIZE; i++)
		sum[i] = (uint8_t)(b->h[i / 8] >> (8 * (i % 8)));
}

void
blake2_sum(const void *data, size_t len, uint8_t sum[BLAKE2_SIZE])
{
	struct blake2 b;

	blake2_init(&b);
	blake2_add(&b, data, len);
	blake2_end(&b, sum);
}
