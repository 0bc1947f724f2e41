/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "template/record.h"

enum { RECORD_MAX = 4 << 20, HEX = 2 * BLAKE2_SIZE };

void
record_fini(struct record *r)
{
	for (size_t i = 0; i < r->templates.count; i++) {
		free(r->templates.items[i].dir);
		VEC_FINI(&r->templates.items[i].keys);
	}
	VEC_FINI(&r->templates);
	r->stamp[0] = '\0';
}

static void
put_hex(const uint8_t *data, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++)
		buf_printf(out, "%02x", data[i]);
}

static int
digit(char c)
{
	const char *digits = "0123456789abcdef", *p = strchr(digits, c);

	return c == '\0' || p == NULL ? -1 : (int)(p - digits);
}

static bool
take_hex(const char *text, uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int high = digit(text[2 * i]);
		int low = high < 0 ? -1 : digit(text[2 * i + 1]);

		if (low < 0)
			return false;
		data[i] = (uint8_t)(high << 4 | low);
	}
	return text[2 * len] == '\0';
}

/* One line: "stamp HEX", "template DIR", "HEX". */
static bool
take_line(struct record *r, const char *line)
{
	struct step_key key;
	size_t n = r->templates.count;

	if (strncmp(line, "stamp ", 6) == 0 &&
	    strlen(line + 6) == RECORD_STAMP_LEN) {
		memcpy(r->stamp, line + 6, RECORD_STAMP_LEN + 1);
		return true;
	}
	if (strncmp(line, "template ", 9) == 0) {
		VEC_PUSH(&r->templates, (struct record_template) {
		    xstrdup(line + 9), VEC_INIT });
		return true;
	}
	if (n == 0 || !take_hex(line, key.sum, BLAKE2_SIZE))
		return false;
	VEC_PUSH(&r->templates.items[n - 1].keys, key);
	return true;
}

int
record_load(const struct host *h, const char *jail, struct record *r,
    struct error *e)
{
	AUTO_FREE char *name = xasprintf("%s/applied", jail);
	AUTO_BUF struct buf text = BUF_INIT;
	char *rest, *line;

	if (file_read(h->jails_fd, name, RECORD_MAX, &text, e) < 0) {
		if (e->kind != ERROR_NOT_FOUND && e->kind != ERROR_DATA)
			return -1;
		error_clear(e);
		return 0;
	}
	rest = text.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0' && !take_line(r, line)) {
			record_fini(r);
			return 0;
		}
	return 0;
}

static int
new_stamp(struct record *r, struct error *e)
{
	AUTO_CLOSE int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	AUTO_BUF struct buf hex = BUF_INIT;
	uint8_t data[RECORD_STAMP_LEN / 2];

	if (fd < 0 || read(fd, data, sizeof(data)) != (ssize_t)sizeof(data))
		return error_sys(e, "/dev/urandom");
	put_hex(data, sizeof(data), &hex);
	memcpy(r->stamp, buf_text(&hex), RECORD_STAMP_LEN + 1);
	return 0;
}

int
record_save(const struct host *h, const char *jail, struct record *r,
    struct error *e)
{
	AUTO_FREE char *name = xasprintf("%s/applied", jail);
	AUTO_BUF struct buf text = BUF_INIT;

	if (new_stamp(r, e) < 0)
		return -1;
	buf_printf(&text, "stamp %s\n", r->stamp);
	for (size_t i = 0; i < r->templates.count; i++) {
		const struct record_template *t = &r->templates.items[i];

		buf_printf(&text, "template %s\n", t->dir);
		for (size_t k = 0; k < t->keys.count; k++) {
			put_hex(t->keys.items[k].sum, BLAKE2_SIZE, &text);
			buf_putc(&text, '\n');
		}
	}
	return file_replace(h->jails_fd, name, text.data, text.len, 0600,
	    FILE_VOLATILE, e);
}

static struct record_template *
find(const struct record *r, const char *dir)
{
	for (size_t i = 0; i < r->templates.count; i++)
		if (strcmp(r->templates.items[i].dir, dir) == 0)
			return &r->templates.items[i];
	return NULL;
}

const struct step_keys *
record_find(const struct record *r, const char *dir)
{
	const struct record_template *t = find(r, dir);

	return t != NULL ? &t->keys : NULL;
}

void
record_put(struct record *r, const char *dir, const struct step_keys *keys,
    size_t count)
{
	struct record_template *t = find(r, dir);

	if (t == NULL) {
		VEC_PUSH(&r->templates, (struct record_template) {
		    xstrdup(dir), VEC_INIT });
		t = &r->templates.items[r->templates.count - 1];
	}
	t->keys.count = 0;
	for (size_t i = 0; i < count; i++)
		VEC_PUSH(&t->keys, keys->items[i]);
}
