/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_SIGN_H
#define IMAGE_SIGN_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

/* Ed25519; public keys and signatures as base64 of their bytes. */
enum { SIGN_KEY_TEXT = 45, SIGN_TEXT = 89 };

/* A new key: the secret one as PEM, appended. */
int sign_make(struct buf *secret, char key[SIGN_KEY_TEXT], struct error *e)
    FALLIBLE;
/* Sign with the secret key that fd has; tells its public one. */
int sign_with(int fd, const void *text, size_t len, char key[SIGN_KEY_TEXT],
    char signature[SIGN_TEXT], struct error *e) FALLIBLE;
/* ERROR_DATA: it is not that key's signature of that text. */
int sign_check(const char *key, const char *signature, const void *text,
    size_t len, struct error *e) FALLIBLE;

/* Bytes of base64, exactly len of them, or ERROR_DATA. */
int base64_parse(const char *text, unsigned char *bytes, size_t len,
    struct error *e) FALLIBLE;

#endif
