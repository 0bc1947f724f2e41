/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/release.h"
#include "template/record.h"
#include "template/source.h"

enum { SECRET_MAX = 1 << 20 };

/* With its NUL: "ab","c" is not "a","bc". */
static void
add_text(struct blake2 *b, const char *text)
{
	blake2_add(b, text != NULL ? "+" : "-", 1);
	if (text != NULL)
		blake2_add(b, text, strlen(text) + 1);
}

int
key_begin(const struct host *h, const char *release, struct step_key *key,
    struct error *e)
{
	AUTO_RELEASE struct release r = RELEASE_INIT;
	AUTO_BUF struct buf created = BUF_INIT;
	struct blake2 b;

	if (release_load(h, release, &r, e) < 0)
		return -1;
	blake2_init(&b);
	add_text(&b, "gaol template 1");
	add_text(&b, r.name);
	add_text(&b, r.source);
	add_text(&b, r.sha256);
	buf_printf(&created, "%lld %llu", (long long)r.created,
	    (unsigned long long)r.bytes);
	add_text(&b, buf_text(&created));
	blake2_end(&b, key->sum);
	return 0;
}

int
secret_read(const struct host *h, const char *name, struct buf *value,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("secrets/%s", name);
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (strchr(name, '/') != NULL || name[0] == '.' || name[0] == '\0')
		return error_set(e, ERROR_DATA,
		    "'%s' cannot be the name of a secret", name);
	fd = openat(h->root_fd, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return error_set(e, ERROR_NOT_FOUND, "there is no secret '%s'; "
		    "'install -d -m 700 %s/secrets' and 'install -m 600 FILE "
		    "%s/%s' make it", name, h->root, h->root, file);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_sys(e, "%s/%s", h->root, file);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0)
		return error_set(e, ERROR_CONFIG, "%s/%s: others may read it; "
		    "'chmod 600' mends that", h->root, file);
	return file_read_fd(fd, SECRET_MAX, value, e);
}

static int
add_secret(const struct host *h, const char *name, struct blake2 *b,
    struct error *e)
{
	AUTO_BUF struct buf value = BUF_INIT;

	if (secret_read(h, name, &value, e) < 0)
		return -1;
	blake2_add(b, buf_text(&value), value.len);
	return 0;
}

/* The content of what it copies. */
static int
add_content(const struct host *h, const struct template_step *s,
    struct blake2 *b, struct error *e)
{
	switch (s->directive->kind) {
	case DIRECTIVE_CP:
		return source_sum(s->dir, s->words.items[0], b, e);
	case DIRECTIVE_OVERLAY:
		for (size_t i = 0; i < s->words.count; i++)
			if (source_sum(s->dir, s->words.items[i], b, e) < 0)
				return -1;
		return 0;
	case DIRECTIVE_SECRET:
		return add_secret(h, s->words.items[0], b, e);
	default:
		return 0;
	}
}

static int
add_step(const struct host *h, const struct template_step *s,
    struct blake2 *b, struct error *e)
{
	add_text(b, s->keyword);
	for (size_t i = 0; i < s->words.count; i++)
		add_text(b, s->words.items[i]);
	add_text(b, NULL);
	add_text(b, s->text);
	add_text(b, s->user);
	add_text(b, s->workdir);
	for (size_t i = 0; i < s->vars.count; i++) {
		add_text(b, s->vars.items[i].name);
		add_text(b, s->vars.items[i].value);
	}
	if (s->then != NULL && add_step(h, s->then, b, e) < 0)
		return -1;
	return add_content(h, s, b, e);
}

int
key_step(const struct host *h, const struct template_step *s,
    struct step_key *key, struct error *e)
{
	struct blake2 b;

	blake2_init(&b);
	blake2_add(&b, key->sum, sizeof(key->sum));
	if (add_step(h, s, &b, e) < 0)
		return error_wrap(e, "%s:%u", s->file, s->line);
	blake2_end(&b, key->sum);
	return 0;
}

void
key_chain(struct step_key *state, const struct step_key *step)
{
	struct blake2 b;

	blake2_init(&b);
	blake2_add(&b, state->sum, sizeof(state->sum));
	blake2_add(&b, step->sum, sizeof(step->sum));
	blake2_end(&b, state->sum);
}
