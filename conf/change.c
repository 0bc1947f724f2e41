/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "conf/tree.h"

static const uint32_t nowhere = UINT32_MAX;
static const char include[] = ".include";

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* A word that jail(8) reads the same without quotes, and a human as well. */
static bool
is_plain(const char *s)
{
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (!conf_is(*s, BYTE_IDENT | BYTE_DIGIT) &&
		    strchr(".:-@%", *s) == NULL &&
		    (*s != '/' || s[1] == '/'))
			return false;
	return true;
}

static void
write_quoted(struct buf *out, const char *s)
{
	bool control = false;

	for (const char *p = s; *p != '\0'; p++)
		control |= (unsigned char)*p < ' ' || *p == 0x7f;
	/* Text for sh(1) is easiest to read in single quotes. */
	if (!control && strpbrk(s, "$\"") != NULL &&
	    strpbrk(s, "'\\") == NULL) {
		buf_printf(out, "'%s'", s);
		return;
	}
	buf_putc(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '\n')
			buf_puts(out, "\\n");
		else if (*s == '\t')
			buf_puts(out, "\\t");
		else if ((unsigned char)*s < ' ' || *s == 0x7f)
			buf_printf(out, "\\%03o", (unsigned)*s);
		else
			buf_printf(out, "%s%c",
			    strchr("\"\\$", *s) != NULL ? "\\" : "", *s);
	}
	buf_putc(out, '"');
}

/* "$name" is the definition of a variable. */
static bool
is_definition(const char *name)
{
	const char *p = name + 1;

	if (*name != '$' || !conf_is(*p, BYTE_IDENT))
		return false;
	while (conf_is(*p, BYTE_IDENT | BYTE_DIGIT))
		p++;
	return *p == '\0';
}

/* jail(8) takes a name in one piece only: what is not bare is quoted. */
static void
write_name(struct buf *out, const char *name)
{
	if ((is_plain(name) && strchr(name, '/') == NULL) ||
	    strcmp(name, "*") == 0)
		buf_puts(out, name);
	else
		write_quoted(out, name);
}

static void
write_statement(struct buf *out, const char *name, const char *operator,
    const struct strings *values)
{
	if (is_definition(name))
		buf_puts(out, name);
	else
		write_name(out, name);
	for (size_t i = 0; values != NULL && i < values->count; i++) {
		buf_puts(out, i > 0 ? ", " : operator);
		if (is_plain(values->items[i]))
			buf_puts(out, values->items[i]);
		else
			write_quoted(out, values->items[i]);
	}
	buf_putc(out, ';');
}

struct conf_block *
conf_block_add(struct conf *c, struct conf_block *parent, const char *label)
{
	struct conf_block *b = conf_alloc(c, sizeof(*b));

	*b = (struct conf_block) { .conf = c, .parent = parent };
	if (c->top == NULL)
		c->top = b;
	else
		c->last_block->next = b;
	c->last_block = b;
	if (parent != NULL)
		conf_block_label(b, label);
	return b;
}

void
conf_block_label(struct conf_block *b, const char *label)
{
	b->label = label;
	for (; b != NULL; b = b->next) {
		AUTO_FREE char *name = NULL;

		if (b->parent->name == NULL) {
			b->name = b->label;
			continue;
		}
		name = xasprintf("%s.%s", b->parent->name, b->label);
		b->name = conf_strdup(b->conf, name);
	}
}

/* What moves when old bytes at at became more or fewer. */
struct shift {
	uint32_t at, old;
	int64_t by;
};

static void
shift_start(const struct shift *s, uint32_t *offset)
{
	if (*offset >= s->at + s->old)
		*offset = (uint32_t)(*offset + s->by);
}

static void
shift_end(const struct shift *s, uint32_t *offset)
{
	if (*offset > s->at + s->old)
		*offset = (uint32_t)(*offset + s->by);
}

static void
shift_param(const struct shift *s, struct conf_param *p)
{
	shift_start(s, &p->start);
	shift_end(s, &p->end);
	for (uint32_t i = 0; i < p->count; i++) {
		struct conf_value *v = &p->values[i];

		if (v->start == v->end)
			continue;
		shift_start(s, &v->start);
		shift_end(s, &v->end);
	}
}

/*
 * Replace old bytes at at.  What ends exactly there is the caller's to set;
 * what begins there moves.
 */
static void
splice(struct conf *c, uint32_t at, uint32_t old, const struct buf *new)
{
	struct shift s = { at, old, (int64_t)new->len - old };
	size_t len = c->len - old + new->len;
	char *text = xrealloc(NULL, len + 1);
	char *to = mempcpy(text, c->text, at);

	if (new->len > 0)
		to = mempcpy(to, new->data, new->len);
	memcpy(to, c->text + at + old, c->len - at - old + 1);
	if (c->text_owned)
		free(c->text);
	c->text = text;
	c->text_owned = true;
	c->len = len;
	for (struct conf_block *b = c->top; b != NULL; b = b->next) {
		shift_start(&s, &b->name_start);
		shift_end(&s, &b->name_end);
		shift_start(&s, &b->close);
		for (struct conf_param *p = b->first; p != NULL; p = p->next)
			shift_param(&s, p);
	}
}

/* Where the blanks before at begin. */
static uint32_t
blanks_before(const struct conf *c, uint32_t at)
{
	while (at > 0 && is_blank(c->text[at - 1]))
		at--;
	return at;
}

static bool
begins_line(const struct conf *c, uint32_t at)
{
	at = blanks_before(c, at);
	return at == 0 || c->text[at - 1] == '\n';
}

/* The end of at's line when only blanks and a comment are left of it. */
static uint32_t
rest_of_line(const struct conf *c, uint32_t at)
{
	const char *p = c->text + at, *end;

	for (;;) {
		while (is_blank(*p))
			p++;
		if (*p == '#' || (*p == '/' && p[1] == '/'))
			p = strchrnul(p, '\n');
		if (*p == '\n' || *p == '\0')
			return (uint32_t)(p - c->text);
		if (*p != '/' || p[1] != '*')
			return nowhere;
		end = strstr(p + 2, "*/");
		if (memchr(p, '\n', (size_t)(end - p)) != NULL)
			return nowhere;
		p = end + 2;
	}
}

/* How statements of b are indented; appended to out. */
static void
write_indent(const struct conf_block *b, struct buf *out)
{
	const struct conf *c = b->conf;
	uint32_t at = nowhere, from;

	for (const struct conf_param *p = b->first; p != NULL; p = p->next)
		if (begins_line(c, p->start))
			at = p->start;
	if (at == nowhere && b->parent == NULL)
		return;
	if (at != nowhere) {
		from = blanks_before(c, at);
		buf_append(out, c->text + from, at - from);
		return;
	}
	if (begins_line(c, b->close)) {
		from = blanks_before(c, b->close);
		buf_append(out, c->text + from, b->close - from);
	}
	buf_putc(out, '\t');
}

static void
param_fill(struct conf_param *p, const struct strings *values)
{
	struct conf *c = p->block->conf;
	size_t count = values != NULL ? values->count : 0;

	p->count = (uint32_t)count;
	p->values = conf_alloc(c, count * sizeof(*p->values));
	for (size_t i = 0; i < count; i++)
		p->values[i] = (struct conf_value) {
			conf_strdup(c, values->items[i]), 0, 0 };
}

/* A statement that is to be inserted. */
struct statement {
	struct conf_block *block;
	const char *name;
	const struct strings *values;
	bool appends;
};

static const char *
operator_of(const char *name, bool appends)
{
	if (strcmp(name, include) == 0)
		return " ";
	return appends ? " += " : " = ";
}

/* Insert it at at, between before and after, behind the statement prev. */
static void
insert(const struct statement *s, struct conf_param *prev, uint32_t at,
    const char *before, const char *after)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct conf_block *b = s->block;
	struct conf_param *p = conf_alloc(b->conf, sizeof(*p));
	struct conf_param **link = prev != NULL ? &prev->next : &b->first;
	size_t start, end;

	buf_puts(&text, before);
	start = text.len;
	write_statement(&text, s->name, operator_of(s->name, s->appends),
	    s->values);
	end = text.len;
	buf_puts(&text, after);
	splice(b->conf, at, 0, &text);
	*p = (struct conf_param) { .block = b, .next = *link,
		.name = conf_strdup(b->conf, s->name),
		.appends = s->appends && strcmp(s->name, include) != 0,
		.start = at + (uint32_t)start, .end = at + (uint32_t)end };
	param_fill(p, s->values);
	*link = p;
	if (b->last == prev)
		b->last = p;
}

static void
insert_after(const struct statement *s, struct conf_param *prev)
{
	AUTO_BUF struct buf indent = BUF_INIT;
	const struct conf *c = s->block->conf;
	uint32_t tail = rest_of_line(c, prev->end);

	if (tail == nowhere) {
		insert(s, prev, prev->end, " ", "");
		return;
	}
	if (c->text[tail] == '\0')
		buf_putc(&indent, '\n');
	if (begins_line(c, prev->start)) {
		uint32_t from = blanks_before(c, prev->start);

		buf_append(&indent, c->text + from, prev->start - from);
	} else {
		write_indent(s->block, &indent);
	}
	insert(s, prev, c->text[tail] == '\0' ? tail : tail + 1,
	    buf_text(&indent), "\n");
}

/*
 * At the top level a later statement would win over the blocks: what is added
 * goes before them.
 */
static void
insert_top(const struct statement *s)
{
	const struct conf_block *b = s->block;
	const struct conf *c = b->conf;
	uint32_t at = (uint32_t)c->len;

	if (b->last != NULL) {
		insert_after(s, b->last);
	} else if (b->next == NULL) {
		insert(s, NULL, at,
		    at > 0 && c->text[at - 1] != '\n' ? "\n" : "", "\n");
	} else {
		at = b->next->name_start;
		if (begins_line(c, at))
			insert(s, NULL, blanks_before(c, at), "", "\n");
		else
			insert(s, NULL, at, "", " ");
	}
}

static void
insert_last(const struct statement *s)
{
	AUTO_BUF struct buf indent = BUF_INIT;
	struct conf_block *b = s->block;
	const struct conf *c = b->conf;

	if (b->parent == NULL) {
		insert_top(s);
	} else if (begins_line(c, b->close)) {
		write_indent(b, &indent);
		insert(s, b->last, blanks_before(c, b->close),
		    buf_text(&indent), "\n");
	} else {
		insert(s, b->last, b->close,
		    is_blank(c->text[b->close - 1]) ? "" : " ", " ");
	}
}

static void
remove_param(struct conf_block *b, struct conf_param *p,
    struct conf_param *prev)
{
	const struct buf nothing = BUF_INIT;
	const struct conf *c = b->conf;
	uint32_t from = p->start, to = p->end, tail = rest_of_line(c, to);
	bool first = begins_line(c, from);

	if (prev != NULL)
		prev->next = p->next;
	else
		b->first = p->next;
	if (b->last == p)
		b->last = prev;
	if (tail != nowhere) {
		from = blanks_before(c, from);
		to = first && c->text[tail] == '\n' ? tail + 1 : tail;
	} else {
		while (is_blank(c->text[to]))
			to++;
	}
	splice(b->conf, from, to - from, &nothing);
}

/* Remove every statement of that name behind prev (NULL: all of them). */
static bool
remove_behind(struct conf_block *b, const char *name, struct conf_param *prev)
{
	struct conf_param *p = prev != NULL ? prev->next : b->first, *next;
	bool found = false;

	for (; p != NULL; p = next) {
		next = p->next;
		if (strcmp(p->name, name) != 0) {
			prev = p;
			continue;
		}
		remove_param(b, p, prev);
		found = true;
	}
	return found;
}

static struct conf_param *
find_param(const struct conf_block *b, const char *name)
{
	struct conf_param *p = b->first;

	while (p != NULL && strcmp(p->name, name) != 0)
		p = p->next;
	return p;
}

/* Whether p says just that already. */
static bool
says(const struct conf_param *p, const struct strings *values)
{
	if (p->appends || p->count != (values != NULL ? values->count : 0))
		return false;
	for (uint32_t i = 0; i < p->count; i++) {
		const struct conf_value *v = &p->values[i];

		if (strcmp(v->text, values->items[i]) != 0 ||
		    (v->start != v->end && strchr(v->text, '$') != NULL))
			return false;
	}
	return true;
}

void
conf_set(struct conf_block *b, const char *name,
    const struct strings *values)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct conf_param *p = find_param(b, name);

	assert(*name != '\0');
	if (p == NULL) {
		insert_last(&(struct statement) { b, name, values, false });
		return;
	}
	if (!says(p, values)) {
		write_statement(&text, name, operator_of(name, false), values);
		splice(b->conf, p->start, p->end - p->start, &text);
		p->end = p->start + (uint32_t)text.len;
		p->appends = false;
		param_fill(p, values);
	}
	remove_behind(b, name, p);
}

void
conf_add(struct conf_block *b, const char *name,
    const struct strings *values)
{
	struct statement s = { b, name, values, true };
	struct conf_param *last = NULL;

	assert(*name != '\0');
	if (values == NULL || values->count == 0)
		return;
	for (struct conf_param *p = b->first; p != NULL; p = p->next)
		if (strcmp(p->name, name) == 0)
			last = p;
	if (last != NULL)
		insert_after(&s, last);
	else
		insert_last(&s);
}

bool
conf_unset(struct conf_block *b, const char *name)
{
	return remove_behind(b, name, NULL);
}

struct conf_block *
conf_block_make(struct conf *c, const char *name)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct conf_block *b = conf_block(c, name);
	uint32_t at = (uint32_t)c->len;
	size_t start, end;

	if (b != NULL)
		return b;
	assert(*name != '\0');
	if (at > 0 && c->text[at - 1] != '\n')
		buf_putc(&text, '\n');
	start = text.len;
	write_name(&text, name);
	end = text.len;
	buf_puts(&text, " {\n}\n");
	splice(c, at, 0, &text);
	b = conf_block_add(c, c->top, conf_strdup(c, name));
	b->name_start = at + (uint32_t)start;
	b->name_end = at + (uint32_t)end;
	b->close = (uint32_t)c->len - 2;
	return b;
}

void
conf_block_rename(struct conf_block *b, const char *name)
{
	AUTO_BUF struct buf text = BUF_INIT;
	const char *outer;
	size_t len;

	assert(b->parent != NULL && *name != '\0');
	/* Inside another block only the last part is written. */
	outer = b->parent->name;
	len = outer != NULL ? strlen(outer) : 0;
	if (outer != NULL && strncmp(name, outer, len) == 0 &&
	    name[len] == '.' && name[len + 1] != '\0')
		name += len + 1;
	write_name(&text, name);
	splice(b->conf, b->name_start, b->name_end - b->name_start, &text);
	b->name_end = b->name_start + (uint32_t)text.len;
	conf_block_label(b, conf_strdup(b->conf, name));
}
