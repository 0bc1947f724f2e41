/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "conf/tree.h"

struct parser {
	struct conf *conf;
	const char *p;
	const char *word_end;	/* of the last word: where a ";" is missing */
	char *out;		/* for decoded words: room for all the text */
	struct conf_problems *problems;
	size_t reported;
	struct conf_value *values;	/* of the statement that is read */
	size_t cap;
	struct conf_value few[8];
};

static void parse_block(struct parser *ps, struct conf_block *b,
    const char *opened, int depth);

static uint32_t
offset(const struct parser *ps, const char *at)
{
	return (uint32_t)(at - ps->conf->text);
}

static void problem(struct parser *ps, const char *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
problem(struct parser *ps, const char *at, const char *fmt, ...)
{
	AUTO_BUF struct buf text = BUF_INIT;
	const char *line = ps->conf->text;
	int number = 1;
	va_list ap;

	if (ps->reported == CONF_PROBLEMS_MAX)
		return;
	for (const char *nl; (nl = memchr(line, '\n',
	    (size_t)(at - line))) != NULL; line = nl + 1)
		number++;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	VEC_PUSH(ps->problems, (struct conf_problem) {
	    number, (int)(at - line) + 1, buf_steal(&text) });
	ps->reported++;
}

static void
unexpected(struct parser *ps, const char *hint)
{
	unsigned char c = (unsigned char)*ps->p;

	if (c > ' ' && c < 0x7f)
		problem(ps, ps->p, "unexpected '%c'%s", c, hint);
	else
		problem(ps, ps->p, "unexpected byte 0x%02x: such text needs "
		    "quotes", c);
}

static void
skip(struct parser *ps)
{
	const char *open = ps->p;
	const char *p = conf_skip(ps->p, &open);

	if (p == NULL) {
		p = ps->conf->text + ps->conf->len;
		problem(ps, open, "this comment has no end");
	}
	ps->p = p;
}

/* Read the word at ps->p; NULL when it is malformed, which was reported. */
static const char *
word(struct parser *ps, struct conf_word *w)
{
	char *text = ps->out;

	if (!conf_decode(ps->p, text, false, w)) {
		ps->p = w->end;
		problem(ps, w->where, "%s", w->why);
		return NULL;
	}
	ps->p = ps->word_end = w->end;
	ps->out = w->out_end;
	*ps->out++ = '\0';
	return text;
}

/*
 * Leave a statement that is not understood: behind its ";", or at the end of
 * the line, so that the next problem is found as well.
 */
static void
recover(struct parser *ps, struct conf_block *b, int depth)
{
	for (;; ps->p++) {
		switch (*ps->p) {
		case ';':
			ps->p++;
			return;
		case '{':
			ps->p++;
			parse_block(ps, conf_block_add(ps->conf, b, "?"),
			    ps->p - 1, depth + 1);
			return;
		case '\0':
		case '\n':
		case '}':
			return;
		default:
			break;
		}
	}
}

/* Whether the statement ends here; a missing ";" is reported and forgiven. */
static bool
statement_ends(struct parser *ps, const char *name)
{
	if (*ps->p == ';') {
		ps->p++;
		return true;
	}
	if (*ps->p == '\0' || *ps->p == '}' ||
	    memchr(ps->word_end, '\n', (size_t)(ps->p - ps->word_end))) {
		problem(ps, ps->word_end, "';' is missing after '%s'", name);
		return true;
	}
	return false;
}

static struct conf_value *
new_value(struct parser *ps, size_t count)
{
	if (count == ps->cap) {
		struct conf_value *old = ps->values;

		ps->values = xrealloc(old == ps->few ? NULL : old,
		    2 * ps->cap * sizeof(*old));
		if (old == ps->few)
			memcpy(ps->values, old, ps->cap * sizeof(*old));
		ps->cap *= 2;
	}
	return &ps->values[count];
}

/* "value, value ;" */
static void
parse_values(struct parser *ps, struct conf_param *param, int depth)
{
	size_t count = 0;
	struct conf_word w;

	for (;;) {
		struct conf_value *v = new_value(ps, count);

		skip(ps);
		if (!conf_word_at(ps->p)) {
			if (*ps->p == ';' || *ps->p == '}' || *ps->p == '\0')
				problem(ps, ps->p, "'%s' lacks a value",
				    param->name);
			else
				unexpected(ps, "");
			recover(ps, param->block, depth);
			return;
		}
		v->start = offset(ps, ps->p);
		if ((v->text = word(ps, &w)) == NULL) {
			recover(ps, param->block, depth);
			return;
		}
		v->end = offset(ps, ps->p);
		count++;
		skip(ps);
		if (*ps->p == ',') {
			ps->p++;
			continue;
		}
		if (statement_ends(ps, param->name))
			break;
		unexpected(ps, conf_word_at(ps->p) ?
		    ": values are separated by ','" : "");
		recover(ps, param->block, depth);
		return;
	}
	param->count = (uint32_t)count;
	param->values = conf_alloc(ps->conf, count * sizeof(*param->values));
	memcpy(param->values, ps->values, count * sizeof(*param->values));
}

static void
parse_nested(struct parser *ps, struct conf_block *b, const char *start,
    const char *end, const char *label, int depth)
{
	struct conf_block *nested;

	if (depth == CONF_DEPTH_MAX) {
		problem(ps, ps->p, "more than %d blocks in one another",
		    CONF_DEPTH_MAX);
		ps->p = ps->conf->text + ps->conf->len;
		return;
	}
	nested = conf_block_add(ps->conf, b, label);
	nested->name_start = offset(ps, start);
	nested->name_end = offset(ps, end);
	ps->p++;
	parse_block(ps, nested, ps->p - 1, depth + 1);
}

/* What follows the name of a parameter. */
static void
parse_param(struct parser *ps, struct conf_param *param, int depth)
{
	param->appends = *ps->p == '+' && ps->p[1] == '=';
	if (*ps->p == '=' || param->appends) {
		ps->p += param->appends ? 2 : 1;
		parse_values(ps, param, depth);
	} else if (statement_ends(ps, param->name)) {
		if (conf_param_is_include(param))
			problem(ps, ps->word_end, "'.include' lacks a file");
	} else if (conf_word_at(ps->p)) {
		/* jail(8) does without the "=", as ".include" always does. */
		parse_values(ps, param, depth);
	} else {
		unexpected(ps, "");
		recover(ps, param->block, depth);
	}
}

/* The variable that "$name = value;" sets is the parameter "$name". */
static bool
check_name(struct parser *ps, const char *start, char *name,
    const struct conf_word *w)
{
	if (*name == '\0')
		problem(ps, start, "an empty name");
	else if (w->has_variables && !w->is_variable)
		problem(ps, start, "a name cannot hold a variable");
	if (w->is_variable && name[1] == '{') {
		size_t len = strlen(name);

		memmove(name + 1, name + 2, len - 3);
		name[len - 2] = '\0';
	}
	return *name != '\0';
}

static void
parse_statement(struct parser *ps, struct conf_block *b, int depth)
{
	const char *start = ps->p, *end;
	char *name = ps->out;
	struct conf_param *param;
	struct conf_word w;

	if (!conf_word_at(ps->p)) {
		unexpected(ps, "");
		recover(ps, b, depth);
		return;
	}
	if (word(ps, &w) == NULL || !check_name(ps, start, name, &w)) {
		recover(ps, b, depth);
		return;
	}
	end = ps->p;
	skip(ps);
	if (*ps->p == '{') {
		if (w.is_variable)
			problem(ps, start, "a variable cannot name a block");
		parse_nested(ps, b, start, end, name, depth);
		return;
	}
	param = conf_alloc(ps->conf, sizeof(*param));
	*param = (struct conf_param) { .block = b, .name = name,
		.start = offset(ps, start) };
	parse_param(ps, param, depth);
	param->end = offset(ps, ps->p);
	if (b->last != NULL)
		b->last->next = param;
	else
		b->first = param;
	b->last = param;
}

static void
parse_block(struct parser *ps, struct conf_block *b, const char *opened,
    int depth)
{
	for (;;) {
		skip(ps);
		/* As many as anybody reads: the rest is not looked at. */
		if (ps->reported == CONF_PROBLEMS_MAX)
			ps->p = ps->conf->text + ps->conf->len;
		switch (*ps->p) {
		case '\0':
			if (b->parent != NULL)
				problem(ps, opened, "this '{' has no '}'");
			b->close = offset(ps, ps->p);
			return;
		case '}':
			if (b->parent != NULL) {
				b->close = offset(ps, ps->p++);
				return;
			}
			problem(ps, ps->p++, "this '}' has no '{'");
			break;
		case ';':
			ps->p++;
			break;
		default:
			parse_statement(ps, b, depth);
		}
	}
}

/*
 * All of a document is one allocation: itself, nodes, text, decoded words
 * (each shorter than what it was written as, with its separator).
 */
static struct conf *
new_document(const char *file, const char *text, size_t len, char **words)
{
	size_t nodes = (2 * len + 1024) & ~(size_t)7, name = strlen(file) + 1;
	struct conf *c = xrealloc(NULL,
	    sizeof(*c) + nodes + name + 2 * (len + 2));

	*c = (struct conf) { .len = len };
	c->at = (char *)(c + 1);
	c->end = c->at + nodes;
	c->file = memcpy(c->end, file, name);
	c->text = c->file + name;
	if (len > 0)
		memcpy(c->text, text, len);
	c->text[len] = '\0';
	*words = c->text + len + 1;
	conf_block_add(c, NULL, NULL);
	c->top->close = (uint32_t)len;
	return c;
}

struct conf *
conf_new(const char *file)
{
	char *words;

	return new_document(file, "", 0, &words);
}

static void
parse_text(struct parser *ps)
{
	const struct conf *c = ps->conf;

	ps->p = c->text;
	if (c->len > CONF_TEXT_MAX)
		problem(ps, ps->p, "larger than %d bytes", CONF_TEXT_MAX);
	else if (strlen(c->text) != c->len)
		problem(ps, c->text + strlen(c->text), "a NUL byte");
	else
		parse_block(ps, c->top, ps->p, 0);
	if (ps->values != ps->few)
		free(ps->values);
}

struct conf *
conf_parse(const char *file, const char *text, size_t len,
    struct conf_problems *problems, struct error *e)
{
	struct conf_problems own = VEC_INIT;
	struct parser ps;
	const struct conf_problem *first;

	ps.problems = problems != NULL ? problems : &own;
	ps.reported = 0;
	ps.values = ps.few;
	ps.cap = sizeof(ps.few) / sizeof(ps.few[0]);
	/* What is far too large need not be copied to be refused. */
	ps.conf = new_document(file, text,
	    len > CONF_TEXT_MAX ? CONF_TEXT_MAX + 1 : len, &ps.out);
	parse_text(&ps);
	if (ps.reported == 0)
		return ps.conf;
	first = &ps.problems->items[ps.problems->count - ps.reported];
	error_set(e, ERROR_CONFIG, "%s:%d:%d: %s", file, first->line,
	    first->column, first->text);
	conf_problems_fini(&own);
	conf_free(ps.conf);
	return NULL;
}

void
conf_problems_fini(struct conf_problems *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->items[i].text);
	VEC_FINI(p);
}

void
conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	while (c->chunks != NULL) {
		struct conf_chunk *next = c->chunks->next;

		free(c->chunks);
		c->chunks = next;
	}
	if (c->text_owned)
		free(c->text);
	free(c);
}

void
conf_cleanup(struct conf **c)
{
	conf_free(*c);
	*c = NULL;
}
