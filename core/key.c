/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/spawn.h"
#include "core/archive.h"

enum { FILE_MAX = 4096, BASE64_LEN = 44, SIGNIFY_LEN = 56 };

static const char magic[] = "gaol-ed25519";
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789+/";

static void
key_fini(struct key *k)
{
	free(k->name);
	free(k->base64);
}

void
keys_fini(struct keys *k)
{
	for (size_t i = 0; i < k->count; i++)
		key_fini(&k->items[i]);
	VEC_FINI(k);
}

static int
keys_dir(const struct host *h, struct error *e)
{
	if (file_mkdirs(h->root_fd, "keys", 0700, e) < 0)
		return -1;
	return file_opendir(h->root_fd, "keys", e);
}

static int
check_name(const char *name, struct error *e)
{
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._@-");

	if (len == 0 || len > 63 || name[len] != '\0' || *name == '.' ||
	    *name == '-')
		return error_set(e, ERROR_USAGE, "that cannot be the name of "
		    "a key: A-Z a-z 0-9 . _ @ - may stand in it, 63 at most");
	return 0;
}

/* 32 bytes: 43 characters of which the last has four bits, and a "=". */
static bool
is_key(const char *text)
{
	return strlen(text) == BASE64_LEN &&
	    strspn(text, alphabet) == BASE64_LEN - 1 &&
	    text[BASE64_LEN - 1] == '=';
}

/* The same bytes at another place: base64 of 42 bytes, the last 32 wanted. */
static int
signify_key(const char *text, char key[BASE64_LEN + 1])
{
	unsigned char bytes[SIGNIFY_LEN / 4 * 3 + 3] = { 0 };
	const unsigned char *p = bytes + 10;
	uint32_t bits = 0;

	for (size_t i = 0; i < SIGNIFY_LEN; i++) {
		const char *at = text[i] == '\0' ? NULL :
		    strchr(alphabet, text[i]);

		if (at == NULL)
			return -1;
		bits = bits << 6 | (uint32_t)(at - alphabet);
		if (i % 4 == 3) {
			bytes[i / 4 * 3] = (unsigned char)(bits >> 16);
			bytes[i / 4 * 3 + 1] = (unsigned char)(bits >> 8);
			bytes[i / 4 * 3 + 2] = (unsigned char)bits;
			bits = 0;
		}
	}
	if (memcmp(bytes, "Ed", 2) != 0)
		return -1;
	for (size_t i = 0; i < 11; i++, p += 3) {
		bits = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 |
		    (i < 10 ? p[2] : 0);
		for (int k = 0; k < 4; k++)
			key[4 * i + (size_t)k] =
			    alphabet[bits >> (18 - 6 * k) & 63];
	}
	key[BASE64_LEN - 1] = '=';
	key[BASE64_LEN] = '\0';
	return 0;
}

/* "gaol-ed25519 BASE64 NAME", or what signify(1) writes: a comment, then
 * base64. */
static int
parse_line(const char *text, struct key *k, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *rest = copy, *line = strsep(&rest, "\n");
	char key[BASE64_LEN + 1];
	char *word = strsep(&line, " ");

	if (strcmp(word, magic) == 0 && line != NULL) {
		word = strsep(&line, " ");
		if (is_key(word)) {
			k->base64 = xstrdup(word);
			k->name = line != NULL && *line != '\0' ?
			    xstrdup(line) : NULL;
			return 0;
		}
	} else if (strcmp(word, "untrusted") == 0 && rest != NULL) {
		line = strsep(&rest, "\n");
		if (strlen(line) == SIGNIFY_LEN &&
		    signify_key(line, key) == 0) {
			k->base64 = xstrdup(key);
			return 0;
		}
	}
	return error_set(e, ERROR_DATA, "not a public key: a line "
	    "'%s KEY NAME', as 'gaol key show' prints it, or a file of "
	    "signify(1)", magic);
}

static int
load(int dir, const char *name, struct key *k, struct error *e)
{
	AUTO_FREE char *file = xasprintf("%s.pub", name);
	AUTO_FREE char *secret = xasprintf("%s.key", name);
	AUTO_BUF struct buf text = BUF_INIT;

	if (file_read(dir, file, FILE_MAX, &text, e) < 0)
		return -1;
	if (parse_line(buf_text(&text), k, e) < 0)
		return error_wrap(e, "keys/%s", file);
	free(k->name);
	k->name = xstrdup(name);
	k->secret = file_exists(dir, secret);
	return 0;
}

int
key_list(const struct host *h, struct keys *k, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_CLOSE int dir = -1;
	const struct dirent *d;

	if (!file_exists(h->root_fd, "keys"))
		return 0;
	if ((dir = keys_dir(h, e)) < 0)
		return -1;
	AUTO_DIR DIR *list = fdopendir(fcntl(dir, F_DUPFD_CLOEXEC, 0));
	if (list == NULL)
		return error_sys(e, "%s/keys", h->root);
	while ((d = readdir(list)) != NULL) {
		size_t len = strlen(d->d_name);

		if (*d->d_name != '.' && len > 4 &&
		    strcmp(d->d_name + len - 4, ".pub") == 0)
			strings_take(&names, xstrndup(d->d_name, len - 4));
	}
	strings_sort(&names);
	for (size_t i = 0; i < names.count; i++) {
		VEC_PUSH(k, (struct key){ NULL, NULL, false });
		if (load(dir, names.items[i], &k->items[k->count - 1],
		    e) < 0)
			return -1;
	}
	return 0;
}

static int
find(const struct host *h, const char *name, struct key *k, struct error *e)
{
	AUTO_FREE char *file = xasprintf("keys/%s.pub", name);
	AUTO_CLOSE int dir = -1;

	if (check_name(name, e) < 0)
		return -1;
	if (!file_exists(h->root_fd, file))
		return error_set(e, ERROR_NOT_FOUND,
		    "no key named '%s'; 'gaol key list' lists them", name);
	dir = keys_dir(h, e);
	return dir < 0 ? -1 : load(dir, name, k, e);
}

static int
save(const struct host *h, const char *name, const char *base64,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("%s.pub", name);
	AUTO_FREE char *line = xasprintf("%s %s %s\n", magic, base64, name);
	AUTO_CLOSE int dir = keys_dir(h, e);

	if (dir < 0)
		return -1;
	return file_replace(dir, file, line, strlen(line), 0644, FILE_DURABLE,
	    e);
}

static int
check_new(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *file = xasprintf("keys/%s.pub", name);

	if (check_name(name, e) < 0)
		return -1;
	return !file_exists(h->root_fd, file) ? 0 : error_set(e, ERROR_EXISTS,
	    "key '%s' exists already", name);
}

/* The secret lies there first: a key without its public half is none, and the
 * next one of that name writes over it. */
int
key_create(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *fresh = xasprintf("%s/keys/.new.%s.key", h->root,
	    name);
	AUTO_FREE char *secret = xasprintf("%s/keys/%s.key", h->root, name);
	AUTO_FREE char *program = xasprintf("%s/gaol-image", h->libexec);
	AUTO_BUF struct buf public = BUF_INIT;
	char *argv[] = { program, (char[]){ "key" }, fresh, NULL };
	AUTO_CLOSE int dir = -1;

	if (check_new(h, name, e) < 0)
		return -1;
	if (h->plan) {
		host_say(h, "would make the key %s", secret);
		return 0;
	}
	if ((dir = keys_dir(h, e)) < 0)
		return -1;
	(void)unlink(fresh);
	if (spawn_capture(argv, &public, e) < 0)
		return -1;
	if (public.len > 0 && public.data[public.len - 1] == '\n')
		public.data[--public.len] = '\0';
	if (!is_key(buf_text(&public)) || rename(fresh, secret) < 0) {
		error_sys(e, "%s", secret);
		(void)unlink(fresh);
		return -1;
	}
	return save(h, name, public.data, e);
}

int
key_trust(const struct host *h, const char *text, const char *name,
    char **known, struct error *e)
{
	struct key k = { NULL, NULL, false };
	int result = parse_line(text, &k, e);

	if (result == 0 && name == NULL && k.name == NULL)
		result = error_set(e, ERROR_USAGE, "the key has no name: "
		    "'gaol key trust FILE NAME' gives it one");
	if (result == 0) {
		if (name == NULL)
			name = k.name;
		result = check_new(h, name, e);
	}
	if (result == 0 && h->plan)
		host_say(h, "would trust key '%s'", name);
	else if (result == 0)
		result = save(h, name, k.base64, e);
	if (result == 0)
		*known = xstrdup(name);
	key_fini(&k);
	return result;
}

int
key_line(const struct host *h, const char *name, struct buf *line,
    struct error *e)
{
	struct key k = { NULL, NULL, false };
	int result = find(h, name, &k, e);

	if (result == 0)
		buf_printf(line, "%s %s %s\n", magic, k.base64, k.name);
	key_fini(&k);
	return result;
}

int
key_destroy(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *file = xasprintf("keys/%s.pub", name);
	AUTO_FREE char *secret = xasprintf("keys/%s.key", name);
	struct key k = { NULL, NULL, false };
	int result = find(h, name, &k, e);

	key_fini(&k);
	if (result < 0)
		return -1;
	if (h->plan) {
		host_say(h, "would destroy key '%s'", name);
		return 0;
	}
	/* what proves trust goes first */
	if (unlinkat(h->root_fd, file, 0) < 0 ||
	    (unlinkat(h->root_fd, secret, 0) < 0 && errno != ENOENT))
		return error_sys(e, "destroy key '%s'", name);
	return 0;
}

int
key_open(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *secret = xasprintf("keys/%s.key", name);
	struct key k = { NULL, NULL, false };
	int result = find(h, name, &k, e), fd;

	key_fini(&k);
	if (result < 0)
		return -1;
	if (!k.secret)
		return error_set(e, ERROR_NOT_FOUND, "key '%s' is trusted "
		    "here, but we have not its secret part to sign with",
		    name);
	fd = openat(h->root_fd, secret, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? error_sys(e, "%s/%s", h->root, secret) : fd;
}

int
key_trusted(const struct host *h, struct buf *lines, struct error *e)
{
	AUTO_KEYS struct keys k = VEC_INIT;

	if (key_list(h, &k, e) < 0)
		return -1;
	for (size_t i = 0; i < k.count; i++)
		buf_printf(lines, "%s %s\n", k.items[i].base64,
		    k.items[i].name);
	return 0;
}
