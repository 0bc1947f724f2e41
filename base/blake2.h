/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_BLAKE2_H
#define BASE_BLAKE2_H

#include <stddef.h>
#include <stdint.h>

/*
 * BLAKE2b-256, RFC 7693: what tells whether two pieces of data are the same
 * when somebody may want them to look so.
 */
enum { BLAKE2_SIZE = 32 };

struct blake2 {
	uint64_t h[8];
	uint64_t total;
	size_t fill;
	uint8_t block[128];
};

void blake2_init(struct blake2 *b);
void blake2_add(struct blake2 *b, const void *data, size_t len);
void blake2_end(struct blake2 *b, uint8_t sum[BLAKE2_SIZE]);
/* All at once. */
void blake2_sum(const void *data, size_t len, uint8_t sum[BLAKE2_SIZE]);

#endif
