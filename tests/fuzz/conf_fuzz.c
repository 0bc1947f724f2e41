/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Files in the grammar of jail.conf(5).  The input is a file; behind a NUL
 * byte follow changes to it: an operation, a block, a name and values, each
 * ended by NUL.  What was parsed is written byte for byte; after every change
 * the text says what the document says, and bytes that belong to other
 * statements are as before.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "conf/conf.h"
#include "conf/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool good)
{
	if (!good)
		abort();
}

static const char *
lookup(const char *name, void *arg)
{
	require(*name != '\0');
	return *name == 'u' ? NULL : "\"$value;";
}

/* Every part of the document, and where it stands when asked. */
static void
dump_param(const struct conf_param *p, bool places, struct buf *out)
{
	struct error e = ERROR_INIT;

	buf_printf(out, "%s%s;", conf_param_name(p),
	    conf_param_appends(p) ? "+" : "");
	require(conf_param_name(p)[0] != '\0');
	require(conf_param_line(p) > 0 && conf_param_column(p) > 0);
	if (places)
		buf_printf(out, "%d:%d;", conf_param_line(p),
		    conf_param_column(p));
	for (size_t i = 0; i < conf_param_count(p); i++) {
		AUTO_BUF struct buf b = BUF_INIT;

		buf_printf(out, "=%s", conf_param_value(p, i));
		if (conf_param_expand(p, i, lookup, NULL, &b, &e) == 0)
			buf_printf(out, ">%s", buf_text(&b));
		buf_putc(out, '\n');
	}
}

static void
dump(const struct conf *c, bool places, struct buf *out)
{
	const struct conf_block *b = conf_block(c, NULL);

	do {
		const struct conf_param *p = NULL;

		buf_printf(out, "[%s]\n", conf_block_name(b) != NULL ?
		    conf_block_name(b) : "");
		while ((p = conf_param_next(b, p)) != NULL)
			dump_param(p, places, out);
		b = conf_block_next(c, b->parent != NULL ? b : NULL);
	} while (b != NULL);
}

/* The text is accepted, and is the document. */
static void
check_text(const struct conf *c)
{
	AUTO_BUF struct buf text = BUF_INIT, mine = BUF_INIT,
	    theirs = BUF_INIT;
	struct error e = ERROR_INIT;
	AUTO_CONF struct conf *again = NULL;

	conf_write(c, &text);
	if (text.len > CONF_TEXT_MAX)
		return;
	again = conf_parse("again", buf_text(&text), text.len, NULL, &e);
	require(again != NULL);
	dump(c, true, &mine);
	dump(again, true, &theirs);
	require(strcmp(buf_text(&mine), buf_text(&theirs)) == 0);
}

/* What is left of the input. */
struct input {
	const char *p, *end;
};

static unsigned
take_byte(struct input *in)
{
	return in->p < in->end ? (unsigned char)*in->p++ : 0;
}

static char *
take_text(struct input *in)
{
	size_t n = strnlen(in->p, (size_t)(in->end - in->p));
	char *text = xstrndup(in->p, n);

	in->p += n;
	if (in->p < in->end)
		in->p++;
	return text;
}

static struct conf_block *
take_block(struct input *in, const struct conf *c)
{
	struct conf_block *b = conf_block(c, NULL), *next;

	for (unsigned n = take_byte(in) % 8; n > 0; n--) {
		next = conf_block_next(c, b->parent != NULL ? b : NULL);
		if (next == NULL)
			break;
		b = next;
	}
	return b;
}

/* A name of the block, or any text. */
static char *
take_name(struct input *in, const struct conf_block *b)
{
	const struct conf_param *p = NULL;
	unsigned n = take_byte(in);
	char *name;

	if (n < 'A') {
		for (n %= 8, p = conf_param_next(b, NULL); p != NULL && n > 0;
		    n--)
			p = conf_param_next(b, p);
		if (p != NULL)
			return xstrdup(conf_param_name(p));
	}
	name = take_text(in);
	if (*name != '\0')
		return name;
	free(name);
	return xstrdup("name");
}

static unsigned
count_named(const struct conf_block *b, const char *name)
{
	const struct conf_param *p = NULL;
	unsigned n = 0;

	while ((p = conf_param_next(b, p)) != NULL)
		n += strcmp(conf_param_name(p), name) == 0;
	return n;
}

static const struct conf_param *
find(const struct conf_block *b, const char *name)
{
	const struct conf_param *p = NULL;

	while ((p = conf_param_next(b, p)) != NULL)
		if (strcmp(conf_param_name(p), name) == 0)
			break;
	return p;
}

static void
check_values(const struct conf_param *p, const struct strings *values)
{
	struct error e = ERROR_INIT;

	require(p != NULL && conf_param_count(p) == values->count &&
	    !conf_param_appends(p));
	for (size_t i = 0; i < values->count; i++) {
		AUTO_BUF struct buf b = BUF_INIT;

		require(conf_param_expand(p, i, lookup, NULL, &b, &e) == 0);
		require(strcmp(buf_text(&b), values->items[i]) == 0);
	}
}

static void
change_set(struct conf_block *b, const char *name,
    const struct strings *values)
{
	AUTO_BUF struct buf before = BUF_INIT, after = BUF_INIT;
	const struct conf_param *p = find(b, name);
	bool only = count_named(b, name) == 1;
	uint32_t start = p != NULL ? p->start : 0;
	uint32_t end = p != NULL ? p->end : 0;
	size_t rest;

	conf_write(b->conf, &before);
	conf_set(b, name, values);
	conf_write(b->conf, &after);
	require(count_named(b, name) == 1);
	check_values(find(b, name), values);
	if (only) {
		rest = before.len - end;
		require(memcmp(before.data, after.data, start) == 0);
		require(after.len >= rest && memcmp(before.data + end,
		    after.data + after.len - rest, rest) == 0);
	}
	/* Once more is no change. */
	buf_clear(&before);
	conf_set(b, name, values);
	conf_write(b->conf, &before);
	require(strcmp(buf_text(&before), buf_text(&after)) == 0);
}

static void
change_rename(struct conf_block *b, const char *name)
{
	if (b->parent == NULL)
		return;
	conf_block_rename(b, name);
	if (b->parent->parent == NULL)
		require(strcmp(conf_block_name(b), name) == 0);
}

static void
change(struct conf *c, struct input *in)
{
	AUTO_STRINGS struct strings values = VEC_INIT;
	unsigned what = take_byte(in);
	struct conf_block *b = take_block(in, c);
	AUTO_FREE char *name = take_name(in, b);
	unsigned had = count_named(b, name);

	for (unsigned n = take_byte(in) % 4; n > 0; n--)
		strings_take(&values, take_text(in));
	/* A file of no name cannot be included, and no file neither. */
	if (strcmp(name, ".include") == 0 && values.count == 0)
		strings_add(&values, "");
	switch (what % 5) {
	case 0:
		change_set(b, name, &values);
		break;
	case 1:
		conf_add(b, name, &values);
		require(count_named(b, name) == had + (values.count > 0));
		break;
	case 2:
		require(conf_unset(b, name) == (had > 0));
		require(count_named(b, name) == 0);
		break;
	case 3:
		b = conf_block_make(c, name);
		require(strcmp(conf_block_name(b), name) == 0);
		break;
	default:
		change_rename(b, name);
	}
	check_text(c);
}

static void
check_problems(const char *text, size_t len)
{
	struct conf_problems problems = VEC_INIT;
	struct error e = ERROR_INIT;

	require(conf_parse("f", text, len, &problems, &e) == NULL);
	require(e.kind == ERROR_CONFIG && problems.count > 0 &&
	    problems.count <= CONF_PROBLEMS_MAX);
	for (size_t i = 0; i < problems.count; i++) {
		const struct conf_problem *p = &problems.items[i];

		require(p->line > 0 && p->column > 0 && *p->text != '\0');
		require((size_t)p->line <= len + 1 &&
		    (size_t)p->column <= len + 1);
	}
	conf_problems_fini(&problems);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf out = BUF_INIT;
	struct error e = ERROR_INIT;
	struct input in = { (const char *)data, (const char *)data + size };
	const char *text = in.p;
	size_t len = size > 0 ? strnlen(text, size) : 0;
	AUTO_CONF struct conf *c = NULL;

	if (len < size)
		check_problems(text, size);
	c = conf_parse("f", text, len, NULL, &e);
	if (c == NULL) {
		check_problems(text, len);
		return 0;
	}
	conf_write(c, &out);
	require(out.len == len && (len == 0 ||
	    memcmp(out.data, text, len) == 0));
	check_text(c);
	in.p += len < size ? len + 1 : len;
	for (int i = 0; i < 32 && in.p < in.end; i++)
		change(c, &in);
	return 0;
}
