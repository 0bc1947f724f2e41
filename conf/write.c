/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "conf/tree.h"

void *
conf_alloc(struct conf *c, size_t size)
{
	enum { CHUNK = 4096 };
	struct conf_chunk *chunk;
	char *p;

	size = (size + 7) & ~(size_t)7;
	if ((size_t)(c->end - c->at) < size) {
		size_t room = size > CHUNK ? size : CHUNK;

		chunk = xrealloc(NULL, sizeof(*chunk) + room);
		chunk->next = c->chunks;
		c->chunks = chunk;
		c->at = chunk->mem;
		c->end = c->at + room;
	}
	p = c->at;
	c->at += size;
	return p;
}

char *
conf_strdup(struct conf *c, const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(conf_alloc(c, size), s, size);
}

void
conf_write(const struct conf *c, struct buf *out)
{
	buf_append(out, c->text, c->len);
}

struct conf_block *
conf_block(const struct conf *c, const char *name)
{
	struct conf_block *b = c->top;

	if (name == NULL)
		return b;
	while ((b = b->next) != NULL)
		if (strcmp(b->name, name) == 0)
			return b;
	return NULL;
}

struct conf_block *
conf_block_next(const struct conf *c, const struct conf_block *after)
{
	return after != NULL ? after->next : c->top->next;
}

const char *
conf_block_name(const struct conf_block *b)
{
	return b->name;
}

const struct conf_param *
conf_param_next(const struct conf_block *b, const struct conf_param *after)
{
	return after != NULL ? after->next : b->first;
}

const char *
conf_param_name(const struct conf_param *p)
{
	return p->name;
}

bool
conf_param_appends(const struct conf_param *p)
{
	return p->appends;
}

bool
conf_param_is_include(const struct conf_param *p)
{
	return strcmp(p->name, ".include") == 0;
}

size_t
conf_param_count(const struct conf_param *p)
{
	return p->count;
}

const char *
conf_param_value(const struct conf_param *p, size_t i)
{
	return i < p->count ? p->values[i].text : NULL;
}

static int
expand(const struct conf_param *p, const char *at, const char *end,
    conf_lookup_fn *lookup, void *arg, struct buf *out, struct error *e)
{
	while (at < end) {
		size_t n = strnlen(at, (size_t)(end - at));
		const char *name = at + n + 1, *text;

		buf_append(out, at, n);
		if (at + n == end)
			break;
		if ((text = lookup(name, arg)) == NULL)
			return error_set(e, ERROR_CONFIG,
			    "%s:%d: '%s': there is no variable '%s'",
			    p->block->conf->file, conf_param_line(p), p->name,
			    name);
		buf_puts(out, text);
		at = name + strlen(name) + 1;
	}
	return 0;
}

int
conf_param_expand(const struct conf_param *p, size_t i,
    conf_lookup_fn *lookup, void *arg, struct buf *out, struct error *e)
{
	AUTO_FREE char *marked = NULL;
	const struct conf_value *v = &p->values[i];
	struct conf_word w;

	if (i >= p->count)
		return error_set(e, ERROR_CONFIG, "'%s' has no value %zu",
		    p->name, i + 1);
	if (v->start == v->end) {
		buf_puts(out, v->text);
		return 0;
	}
	marked = xrealloc(NULL, 2 * (size_t)(v->end - v->start) + 2);
	/* The word was read before, it cannot be malformed. */
	if (!conf_decode(p->block->conf->text + v->start, marked, true, &w))
		return error_set(e, ERROR_CONFIG, "'%s': %s", p->name, w.why);
	return expand(p, marked, w.out_end, lookup, arg, out, e);
}

int
conf_param_line(const struct conf_param *p)
{
	const char *text = p->block->conf->text;
	int line = 1;

	for (uint32_t i = 0; i < p->start; i++)
		line += text[i] == '\n';
	return line;
}

int
conf_param_column(const struct conf_param *p)
{
	const char *text = p->block->conf->text;
	uint32_t i = p->start;

	while (i > 0 && text[i - 1] != '\n')
		i--;
	return (int)(p->start - i) + 1;
}
