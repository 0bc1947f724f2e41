/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "image/crc.h"

enum { STRIDE = 4 };

/* tables[k][b]: what byte b does to the sum k bytes later. */
static uint32_t tables[STRIDE][256];

static void
fill_tables(void)
{
	for (uint32_t b = 0; b < 256; b++) {
		uint32_t crc = b;

		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
		tables[0][b] = crc;
	}
	for (int k = 1; k < STRIDE; k++) {
		for (int b = 0; b < 256; b++)
			tables[k][b] = tables[k - 1][b] >> 8 ^
			    tables[0][tables[k - 1][b] & 0xff];
	}
}

uint32_t
crc_add(uint32_t crc, const void *data, size_t len)
{
	const unsigned char *p = data;

	if (tables[0][1] == 0)
		fill_tables();
	crc = ~crc;
	for (; len >= STRIDE; len -= STRIDE, p += STRIDE) {
		crc ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 |
		    (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		crc = tables[3][crc & 0xff] ^ tables[2][crc >> 8 & 0xff] ^
		    tables[1][crc >> 16 & 0xff] ^ tables[0][crc >> 24];
	}
	while (len-- > 0)
		crc = crc >> 8 ^ tables[0][(crc ^ *p++) & 0xff];
	return ~crc;
}
