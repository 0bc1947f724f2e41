/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <ctype.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "image/hash.h"
#include "image/stop.h"

enum { BLOCK = 256 * 1024 };

struct hash {
	EVP_MD_CTX *ctx;
	EVP_MD_CTX *copy;	/* for hash_peek, which is called often */
};

void
hash_load(void)
{
	AUTO_HASH struct hash *hash = hash_new();
	char hex[HASH_HEX];

	hash_text(hash, hex);
}

struct hash *
hash_new(void)
{
	struct hash *hash = xcalloc(1, sizeof(*hash));

	/* These fail only without memory, or in a libcrypto without SHA-256. */
	hash->ctx = EVP_MD_CTX_new();
	if (hash->ctx == NULL ||
	    EVP_DigestInit_ex(hash->ctx, EVP_sha256(), NULL) != 1)
		abort();
	return hash;
}

void
hash_fini(struct hash **hash)
{
	if (*hash == NULL)
		return;
	EVP_MD_CTX_free((*hash)->ctx);
	EVP_MD_CTX_free((*hash)->copy);
	free(*hash);
	*hash = NULL;
}

void
hash_add(struct hash *hash, const void *data, size_t len)
{
	if (EVP_DigestUpdate(hash->ctx, data, len) != 1)
		abort();
}

static void
finish(EVP_MD_CTX *ctx, char hex[HASH_HEX])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char sum[EVP_MAX_MD_SIZE] = { 0 };
	unsigned len = 0;

	if (EVP_DigestFinal_ex(ctx, sum, &len) != 1)
		abort();
	for (size_t i = 0; i < HASH_HEX / 2; i++) {
		hex[2 * i] = digits[sum[i] >> 4];
		hex[2 * i + 1] = digits[sum[i] & 15];
	}
	hex[HASH_HEX - 1] = '\0';
}

void
hash_text(struct hash *hash, char hex[HASH_HEX])
{
	finish(hash->ctx, hex);
}

void
hash_peek(struct hash *hash, char hex[HASH_HEX])
{
	if (hash->copy == NULL && (hash->copy = EVP_MD_CTX_new()) == NULL)
		abort();
	if (EVP_MD_CTX_copy_ex(hash->copy, hash->ctx) != 1)
		abort();
	finish(hash->copy, hex);
}

int
hash_file(int fd, struct progress *p, char hex[HASH_HEX], struct error *e)
{
	AUTO_HASH struct hash *hash = hash_new();
	AUTO_FREE char *block = xcalloc(1, BLOCK);
	off_t at = 0;

	for (;;) {
		ssize_t n = pread(fd, block, BLOCK, at);

		if (stop_check(e) < 0)
			return -1;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(e, "read");
		if (n == 0)
			break;
		hash_add(hash, block, (size_t)n);
		at += n;
		progress_update(p, (uint64_t)at);
	}
	hash_text(hash, hex);
	return 0;
}

int
hash_parse(const char *text, char hex[HASH_HEX], struct error *e)
{
	const char *digits = text;
	size_t n = 0;

	if (strncmp(digits, "sha256:", 7) == 0)
		digits += 7;
	while (n < HASH_HEX - 1 && isxdigit((unsigned char)digits[n])) {
		hex[n] = (char)tolower((unsigned char)digits[n]);
		n++;
	}
	if (n != HASH_HEX - 1 || digits[n] != '\0')
		return error_set(e, ERROR_USAGE,
		    "'%.80s' is not a SHA-256 sum (64 hexadecimal digits)",
		    text);
	hex[n] = '\0';
	return 0;
}

int
hash_compare(const char *want, const char *got, struct error *e)
{
	if (strcmp(want, got) != 0)
		return error_set(e, ERROR_DATA,
		    "wrong checksum: SHA-256 is %s, expected %s", got, want);
	return 0;
}
