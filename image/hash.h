/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_HASH_H
#define IMAGE_HASH_H

#include <stddef.h>

#include "base/error.h"
#include "image/progress.h"

/* SHA-256, as 64 lower-case hexadecimal digits. */
enum { HASH_HEX = 65 };

struct hash;

#define AUTO_HASH __attribute__((cleanup(hash_fini)))

/*
 * Make libcrypto read its configuration now.  hash_new would do it at first
 * use, when the root directory may be a hostile one already.
 */
void hash_load(void);
struct hash *hash_new(void);
void hash_fini(struct hash **hash);
void hash_add(struct hash *hash, const void *data, size_t len);
/* The sum; nothing may be added afterwards. */
void hash_text(struct hash *hash, char hex[HASH_HEX]);
/* The sum so far; more may be added. */
void hash_peek(struct hash *hash, char hex[HASH_HEX]);

/* The sum of a whole regular file, whatever its offset is. */
int hash_file(int fd, struct progress *p, char hex[HASH_HEX], struct error *e)
    FALLIBLE;
/* Read a sum that was given: 64 digits, "sha256:" before them allowed. */
int hash_parse(const char *text, char hex[HASH_HEX], struct error *e) FALLIBLE;
/* ERROR_DATA with both sums when they differ. */
int hash_compare(const char *want, const char *got, struct error *e) FALLIBLE;

#endif
