/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/parley.h"
#include "core/release.h"

static const char greeting[] = "gaol send";

void
offer_fini(struct offer *o)
{
	free(o->name);
	free(o->from);
	free(o->release);
	*o = (struct offer)OFFER_INIT;
}

void
offer_write(const struct offer *o, struct buf *text)
{
	buf_printf(text, "name %s\nfrom %s\norigin %s\n", o->name, o->from,
	    o->origin);
	if (o->release != NULL)
		buf_printf(text, "release %s\n", o->release);
	if (*o->digest != '\0')
		buf_printf(text, "digest %s\n", o->digest);
	if (*o->move != '\0')
		buf_printf(text, "move %s\n", o->move);
	buf_printf(text, "%s%s%s%s", o->thick ? "thick\n" : "",
	    o->force ? "force\n" : "", o->running ? "running\n" : "",
	    o->abort ? "abort\n" : "");
}

static bool
take_id(char id[MOVE_ID], const char *value)
{
	if (!move_is_id(value))
		return false;
	memcpy(id, value, MOVE_ID);
	return true;
}

static bool
take_digest(struct offer *o, const char *value)
{
	if (strlen(value) != sizeof(o->digest) - 1 ||
	    strspn(value, "0123456789abcdef") != sizeof(o->digest) - 1)
		return false;
	memcpy(o->digest, value, sizeof(o->digest));
	return true;
}

static bool
take_text(char **to, const char *value,
    int (*check)(const char *value, struct error *e))
{
	struct error ignored = ERROR_INIT;

	if (*to != NULL || check(value, &ignored) < 0)
		return false;
	*to = xstrdup(value);
	return true;
}

static int
check_host(const char *value, struct error *e)
{
	AUTO_FREE char *mark = xasprintf("%032d %s", 0, value);

	return prop_check_replica(mark, e);
}

static bool
take_flag(struct offer *o, const char *key)
{
	const struct {
		const char *key;
		bool *flag;
	} flags[] = {
		{ "thick", &o->thick }, { "force", &o->force },
		{ "running", &o->running }, { "abort", &o->abort },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(key, flags[i].key) == 0)
			return *flags[i].flag = true;
	return false;
}

static bool
take_line(struct offer *o, char *line)
{
	char *value = strchr(line, ' ');

	if (value == NULL)
		return take_flag(o, line);
	*value++ = '\0';
	if (strcmp(line, "name") == 0)
		return take_text(&o->name, value, name_check_cell);
	if (strcmp(line, "release") == 0)
		return take_text(&o->release, value, name_check_release);
	if (strcmp(line, "from") == 0)
		return take_text(&o->from, value, check_host);
	if (strcmp(line, "origin") == 0)
		return take_id(o->origin, value);
	if (strcmp(line, "move") == 0)
		return take_id(o->move, value);
	return strcmp(line, "digest") == 0 && take_digest(o, value);
}

int
offer_parse(const char *text, size_t len, struct offer *o, struct error *e)
{
	AUTO_FREE char *copy = xstrndup(text, len);
	char *line, *rest = copy;
	bool good = len <= OFFER_MAX && strlen(copy) == len;

	while (good && (line = strsep(&rest, "\n")) != NULL)
		good = *line == '\0' ? rest == NULL : take_line(o, line);
	if (!good || o->name == NULL || o->from == NULL ||
	    *o->origin == '\0' || (o->release == NULL && *o->digest != '\0') ||
	    (*o->move == '\0' && o->abort))
		return error_set(e, ERROR_DATA,
		    "what the sending side offers is not understood");
	return 0;
}

int
parley_say(struct wire *w, enum parley type, uint64_t arg, const char *text,
    struct error *e)
{
	return wire_put(w, (uint8_t)type, arg, text, strlen(text), e);
}

int
parley_begin(struct wire *w, struct error *e)
{
	struct frame f;

	if (parley_say(w, PARLEY_HELLO, PARLEY_VERSION, greeting, e) < 0)
		return -1;
	if (sync_get(w, &f, e) < 0) {
		if (e->kind != ERROR_DATA)
			return -1;
		return error_set(e, ERROR_DATA, "%s does not speak as gaol "
		    "does; does a shell there print something?", w->peer);
	}
	if (f.type != PARLEY_HELLO || f.len != strlen(greeting) ||
	    memcmp(f.data, greeting, f.len) != 0)
		return error_set(e, ERROR_DATA, "%s is no gaol", w->peer);
	if (f.arg != PARLEY_VERSION)
		return error_set(e, ERROR_UNSUPPORTED, "%s speaks version "
		    "%llu of the protocol, we speak %d; the same version of "
		    "gaol on both hosts would do", w->peer,
		    (unsigned long long)f.arg, PARLEY_VERSION);
	return 0;
}

static void
to_hex(const uint8_t sum[BLAKE2_SIZE], char hex[2 * BLAKE2_SIZE + 1])
{
	for (size_t i = 0; i < BLAKE2_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

int
parley_digest(const struct host *h, const char *release,
    char hex[2 * BLAKE2_SIZE + 1], struct error *e)
{
	AUTO_FREE char *dir = xasprintf("releases/%s", release);
	AUTO_CLOSE int fd = file_opendir(h->root_fd, dir, e);
	AUTO_CLOSE int root = fd < 0 ? -1 : file_opendir(fd, "root", e);
	AUTO_BUF struct buf conf = BUF_INIT, cached = BUF_INIT;
	struct error ignored = ERROR_INIT;
	uint8_t sum[BLAKE2_SIZE];
	char key[2 * BLAKE2_SIZE + 1];

	if (root < 0 || file_read(fd, "release.conf", 1 << 16, &conf, e) < 0)
		return -1;
	blake2_sum(conf.data, conf.len, sum);
	to_hex(sum, key);
	if (file_read(fd, "digest", 1024, &cached, &ignored) == 0 &&
	    strncmp(buf_text(&cached), key, strlen(key)) == 0 &&
	    cached.len == 4 * BLAKE2_SIZE + 1) {
		memcpy(hex, cached.data + 2 * BLAKE2_SIZE + 1,
		    (size_t)2 * BLAKE2_SIZE);
		hex[2 * BLAKE2_SIZE] = '\0';
		return 0;
	}
	if (sync_digest(root, sum, e) < 0)
		return error_wrap(e, "release '%s'", release);
	to_hex(sum, hex);
	AUTO_FREE char *text = xasprintf("%s %s", key, hex);
	return file_replace(fd, "digest", text, strlen(text), 0600,
	    FILE_VOLATILE, e);
}
