/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "core/rcconf.h"

static bool
name_byte(char c, bool first)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (!first && c >= '0' && c <= '9');
}

static size_t
name_length(const char *p)
{
	size_t len = 0;

	while (name_byte(p[len], len == 0))
		len++;
	return len;
}

bool
rcconf_is_name(const char *name, size_t len)
{
	return len > 0 && name_length(name) >= len;
}

/* A scan over a text, assignment by assignment. */
struct scan {
	const char *p;
	const char *name;	/* of the one that was found */
	size_t name_len;
	const char *end;	/* behind its value */
	struct buf value;
	bool literal;
};

/* Behind the quoted text that begins at p; out NULL: it is passed over. */
static const char *
quoted(const char *p, struct buf *out, bool *literal)
{
	char quote = *p++;

	while (*p != '\0' && *p != quote) {
		if (quote == '"' && *p == '\\' && p[1] != '\0') {
			if (p[1] == '\n') {
				p += 2;
				continue;
			}
			if (strchr("$`\"\\", p[1]) != NULL)
				p++;
		} else if (quote == '"' && (*p == '$' || *p == '`')) {
			*literal = false;
		}
		if (out != NULL)
			buf_putc(out, *p);
		p++;
	}
	return *p == '\0' ? p : p + 1;
}

/* Behind the word that begins at p, which may be quoted in parts. */
static const char *
word(const char *p, struct buf *out, bool *literal)
{
	while (*p != '\0' && strchr(" \t\n;&|<>()", *p) == NULL) {
		if (*p == '\'' || *p == '"') {
			p = quoted(p, out, literal);
			continue;
		}
		if (*p == '\\' && p[1] == '\n') {
			p += 2;
			continue;
		}
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '$' || *p == '`')
			*literal = false;
		if (out != NULL)
			buf_putc(out, *p);
		p++;
	}
	return p;
}

/* Behind the command that begins at p and is no assignment. */
static const char *
pass_command(const char *p)
{
	bool ignored;

	while (*p != '\0' && *p != '\n' && *p != ';') {
		if (*p == '#')
			return strchrnul(p, '\n');
		if (strchr(" \t&|<>()", *p) != NULL ||
		    (*p == '\\' && p[1] == '\n'))
			p += *p == '\\' ? 2 : 1;
		else
			p = word(p, NULL, &ignored);
	}
	return p;
}

static bool
next_assignment(struct scan *s)
{
	for (;;) {
		const char *p = s->p + strspn(s->p, " \t\n;");
		size_t len = name_length(p);

		if (*p == '\0')
			return false;
		if (*p == '#') {
			s->p = strchrnul(p, '\n');
		} else if (len > 0 && p[len] == '=') {
			buf_clear(&s->value);
			buf_puts(&s->value, "");
			s->literal = true;
			s->name = p;
			s->name_len = len;
			s->end = s->p = word(p + len + 1, &s->value,
			    &s->literal);
			return true;
		} else {
			s->p = pass_command(p);
			if (s->p == p)
				s->p++;
		}
	}
}

static bool
is_named(const struct scan *s, const char *name)
{
	return strlen(name) == s->name_len &&
	    strncmp(s->name, name, s->name_len) == 0;
}

bool
rcconf_find(const char *text, const char *name, struct rcconf_value *v)
{
	struct scan s = { .p = text };
	bool found = false;

	while (next_assignment(&s)) {
		if (!is_named(&s, name))
			continue;
		if (found)
			free(v->value);
		found = true;
		*v = (struct rcconf_value) { (size_t)(s.name - text),
		    (size_t)(s.end - text), xstrdup(buf_text(&s.value)),
		    s.literal };
	}
	buf_fini(&s.value);
	return found;
}

void
rcconf_names(const char *text, struct strings *names)
{
	struct scan s = { .p = text };

	while (next_assignment(&s)) {
		AUTO_FREE char *name = xstrndup(s.name, s.name_len);

		if (strings_index(names, name) < 0)
			strings_add(names, name);
	}
	buf_fini(&s.value);
}

/* As sysrc(8) writes it, but that no value ends the quotes. */
static void
put_assignment(struct buf *out, const char *name, const char *value)
{
	size_t backslashes = 0;

	buf_printf(out, "%s=\"", name);
	for (const char *p = value; *p != '\0'; p++) {
		if ((*p == '"' || *p == '`') && backslashes % 2 == 0)
			buf_putc(out, '\\');
		backslashes = *p == '\\' ? backslashes + 1 : 0;
		buf_putc(out, *p);
	}
	buf_puts(out, backslashes % 2 != 0 ? "\\\"" : "\"");
}

static void
replace(struct buf *text, size_t begin, size_t end, const char *with)
{
	struct buf out = BUF_INIT;

	buf_append(&out, text->data, begin);
	buf_puts(&out, with);
	buf_puts(&out, text->data + end);
	buf_fini(text);
	*text = out;
}

void
rcconf_set(struct buf *text, const char *name, const char *value)
{
	AUTO_BUF struct buf line = BUF_INIT;
	struct rcconf_value old;

	put_assignment(&line, name, value);
	buf_puts(text, "");
	if (rcconf_find(text->data, name, &old)) {
		free(old.value);
		replace(text, old.begin, old.end, buf_text(&line));
		return;
	}
	if (text->len > 0 && text->data[text->len - 1] != '\n')
		buf_putc(text, '\n');
	buf_printf(text, "%s\n", buf_text(&line));
}

bool
rcconf_unset(struct buf *text, const char *name)
{
	struct rcconf_value old;
	bool found = false;

	buf_puts(text, "");
	while (rcconf_find(text->data, name, &old)) {
		size_t begin = old.begin, end = old.end;

		free(old.value);
		found = true;
		while (begin > 0 && strchr(" \t", text->data[begin - 1]) != NULL)
			begin--;
		end += strspn(text->data + end, " \t");
		/* alone on its line: that goes as well */
		if ((begin == 0 || text->data[begin - 1] == '\n') &&
		    text->data[end] == '\n')
			end++;
		else if (text->data[end] == ';')
			end++;
		replace(text, begin, end, "");
	}
	return found;
}

/* --- lists --- */

/* The separator that value begins with, which is skipped. */
static char
separator(const char **value)
{
	char c = **value;

	if (c == '\0' || isalnum((unsigned char)c) || c == '.' || c == '/')
		return ' ';
	++*value;
	return c;
}

static void
items(const char *list, char sep, struct strings *out)
{
	while (*list != '\0') {
		size_t len = sep == ' ' ? strcspn(list, " \t\n") :
		    strcspn(list, (char[]) { sep, '\0' });

		if (len > 0)
			strings_take(out, xstrndup(list, len));
		list += len;
		if (*list != '\0')
			list++;
	}
}

char *
rcconf_add(const char *old, const char *value)
{
	char sep = separator(&value), text[] = { sep, '\0' };
	AUTO_STRINGS struct strings have = VEC_INIT, more = VEC_INIT;
	AUTO_BUF struct buf out = BUF_INIT;

	items(old, sep, &have);
	items(value, sep, &more);
	buf_puts(&out, old);
	for (size_t i = 0; i < more.count; i++) {
		if (strings_index(&have, more.items[i]) >= 0)
			continue;
		if (out.len > 0)
			buf_puts(&out, text);
		buf_puts(&out, more.items[i]);
		strings_add(&have, more.items[i]);
	}
	return buf_steal(&out);
}

char *
rcconf_subtract(const char *old, const char *value)
{
	char sep = separator(&value), text[] = { sep, '\0' };
	AUTO_STRINGS struct strings have = VEC_INIT, less = VEC_INIT,
	    kept = VEC_INIT;

	items(old, sep, &have);
	items(value, sep, &less);
	for (size_t i = 0; i < have.count; i++)
		if (strings_index(&less, have.items[i]) < 0)
			strings_add(&kept, have.items[i]);
	return strings_join(&kept, text);
}
