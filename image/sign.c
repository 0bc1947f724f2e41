/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "image/sign.h"

enum { KEY = 32, SIGNATURE = 64, PEM_MAX = 4096 };

static void
key_fini(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void
context_fini(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static void
bio_fini(BIO **bio)
{
	BIO_free(*bio);
}

#define AUTO_KEY __attribute__((cleanup(key_fini)))
#define AUTO_CONTEXT __attribute__((cleanup(context_fini)))
#define AUTO_BIO __attribute__((cleanup(bio_fini)))

static int
failed(struct error *e)
{
	return error_set(e, ERROR_FAILED, "libcrypto cannot do Ed25519");
}

int
base64_parse(const char *text, unsigned char *bytes, size_t len,
    struct error *e)
{
	unsigned char whole[256];
	size_t size = strlen(text), pad = (3 - len % 3) % 3;

	if (size != (len + 2) / 3 * 4 || size > sizeof(whole) ||
	    EVP_DecodeBlock(whole, (const unsigned char *)text,
	    (int)size) != (int)(len + pad))
		return error_set(e, ERROR_DATA, "damaged base64");
	memcpy(bytes, whole, len);
	return 0;
}

static int
public_text(EVP_PKEY *key, char text[SIGN_KEY_TEXT], struct error *e)
{
	unsigned char bytes[KEY];
	size_t len = sizeof(bytes);

	if (EVP_PKEY_get_raw_public_key(key, bytes, &len) != 1 || len != KEY)
		return failed(e);
	EVP_EncodeBlock((unsigned char *)text, bytes, KEY);
	return 0;
}

int
sign_make(struct buf *secret, char text[SIGN_KEY_TEXT], struct error *e)
{
	AUTO_KEY EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	AUTO_BIO BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long len;

	if (key == NULL || bio == NULL || PEM_write_bio_PrivateKey(bio, key,
	    NULL, NULL, 0, NULL, NULL) != 1)
		return failed(e);
	len = BIO_get_mem_data(bio, &data);
	buf_append(secret, data, (size_t)len);
	return public_text(key, text, e);
}

int
sign_with(int fd, const void *text, size_t len, char public[SIGN_KEY_TEXT],
    char signature[SIGN_TEXT], struct error *e)
{
	AUTO_BUF struct buf pem = BUF_INIT;
	unsigned char bytes[SIGNATURE];
	size_t size = sizeof(bytes);

	if (lseek(fd, 0, SEEK_SET) < 0 ||
	    file_read_fd(fd, PEM_MAX, &pem, e) < 0)
		return error_wrap(e, "secret key");
	AUTO_BIO BIO *bio = BIO_new_mem_buf(buf_text(&pem), (int)pem.len);
	AUTO_KEY EVP_PKEY *key = bio == NULL ? NULL :
	    PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	if (pem.data != NULL)
		OPENSSL_cleanse(pem.data, pem.len);
	if (key == NULL || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519)
		return error_set(e, ERROR_DATA,
		    "the secret key is damaged");
	AUTO_CONTEXT EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (ctx == NULL ||
	    EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
	    EVP_DigestSign(ctx, bytes, &size, text, len) != 1)
		return failed(e);
	EVP_EncodeBlock((unsigned char *)signature, bytes, SIGNATURE);
	return public_text(key, public, e);
}

int
sign_check(const char *public, const char *signature, const void *text,
    size_t len, struct error *e)
{
	unsigned char bytes[SIGNATURE], raw[KEY];

	if (base64_parse(public, raw, KEY, e) < 0 ||
	    base64_parse(signature, bytes, SIGNATURE, e) < 0)
		return error_wrap(e, "signature");
	AUTO_KEY EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519,
	    NULL, raw, KEY);
	AUTO_CONTEXT EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (key == NULL || ctx == NULL ||
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) != 1)
		return failed(e);
	if (EVP_DigestVerify(ctx, bytes, SIGNATURE, text, len) != 1)
		return error_set(e, ERROR_DATA, "wrong signature");
	return 0;
}
