/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_SKEIN_H
#define IMAGE_SKEIN_H

#include <stddef.h>
#include <stdint.h>

/*
 * Skein-1024 with 1024 bits of output, version 1.3: skein1024(1) of FreeBSD,
 * which pot's images are summed up with and libcrypto does not have.
 */
enum { SKEIN_WORDS = 16, SKEIN_BLOCK = 128, SKEIN_HEX = 257 };

struct skein {
	uint64_t chain[SKEIN_WORDS];
	uint64_t position;	/* bytes before and in the block */
	uint64_t first;		/* the tweak's bit, until a block was done */
	unsigned char block[SKEIN_BLOCK];	/* the last one waits here */
	size_t len;
};

void skein_init(struct skein *s);
void skein_add(struct skein *s, const void *data, size_t len);
/* Lower-case digits; s is of no use afterwards. */
void skein_text(struct skein *s, char hex[SKEIN_HEX]);

#endif
