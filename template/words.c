/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "template/words.h"

struct splitter {
	const struct text *text;
	const struct text_line *line;
	const struct vars *vars;
	const char *p;		/* in line->text */
	struct buf word;
	bool in_word;		/* "" is a word as well */
	bool begun;		/* no blank before p, though perhaps no word:
				   a # is no comment then */
	struct strings *words;
};

#define IN_JAIL "'CMD' runs a command line in the jail"
#define DOLLAR "\\$ is a dollar sign, ${NAME} a variable of ARG"

static int
refuse(struct splitter *s, const char *at, struct error *e, const char *what,
    const char *hint)
{
	return text_error(s->text, s->line, (size_t)(at - s->line->text), e,
	    "%s is the shell's, and no shell reads this; %s", what, hint);
}

static void
end_word(struct splitter *s)
{
	if (s->in_word)
		strings_take(s->words, buf_steal(&s->word));
	s->in_word = s->begun = false;
}

static void
put(struct splitter *s, char c)
{
	if (!s->in_word)
		buf_puts(&s->word, "");
	buf_putc(&s->word, c);
	s->in_word = true;
}

static void
put_all(struct splitter *s, const char *text)
{
	buf_puts(&s->word, text);
	s->in_word = true;
}

/* XCU 2.6.5: what stands for an unquoted variable is split at its blanks. */
static void
put_fields(struct splitter *s, const char *value)
{
	for (; *value != '\0'; value++)
		if (strchr(" \t\n", *value) != NULL)
			end_word(s);
		else
			put(s, *value);
}

/* s->p is at a dollar sign that is not within single quotes. */
static int
dollar(struct splitter *s, bool quoted, struct error *e)
{
	size_t len, skip = vars_reference(s->p, &len);
	const char *value;

	if (skip > 0) {
		value = vars_find(s->vars, s->p + 2, len);
		if (value == NULL)
			return text_error(s->text, s->line,
			    (size_t)(s->p - s->line->text), e,
			    "nothing defines ${%.*s}; 'ARG %.*s=...' does",
			    (int)len, s->p + 2, (int)len, s->p + 2);
		if (quoted)
			put_all(s, value);
		else
			put_fields(s, value);
		s->p += skip;
		return 0;
	}
	if (s->p[1] == '(')
		return refuse(s, s->p, e, "$(...)", IN_JAIL);
	if (s->p[1] == '{')
		return refuse(s, s->p, e, "this form of ${...}", DOLLAR);
	if (s->p[1] == '\'' && !quoted)
		return refuse(s, s->p, e, "$'...'", DOLLAR);
	if (vars_is_name(s->p + 1, 1) ||
	    (s->p[1] != '\0' && strchr("0123456789@*#?-$!", s->p[1]) != NULL))
		return refuse(s, s->p, e, "a variable without braces", DOLLAR);
	put(s, *s->p++);
	return 0;
}

static int
unclosed(struct splitter *s, const char *open, struct error *e)
{
	return text_error(s->text, s->line, (size_t)(open - s->line->text), e,
	    "this quote is not closed on its line");
}

static int
single_quotes(struct splitter *s, struct error *e)
{
	const char *open = s->p++, *close = strchr(s->p, '\'');

	if (close == NULL)
		return unclosed(s, open, e);
	put_all(s, "");
	vars_expand(s->vars, s->p, (size_t)(close - s->p), &s->word);
	s->p = close + 1;
	return 0;
}

static int
double_quotes(struct splitter *s, struct error *e)
{
	const char *open = s->p++;

	put_all(s, "");
	while (*s->p != '"') {
		if (*s->p == '\0')
			return unclosed(s, open, e);
		if (*s->p == '`')
			return refuse(s, s->p, e, "`...`", IN_JAIL);
		if (*s->p == '$') {
			if (dollar(s, true, e) < 0)
				return -1;
			continue;
		}
		if (*s->p == '\\' && s->p[1] != '\0' &&
		    strchr("$`\"\\", s->p[1]) != NULL)
			s->p++;
		put(s, *s->p++);
	}
	s->p++;
	return 0;
}

/* Behind a ";" nothing may follow but a comment. */
static int
after_end(struct splitter *s, struct error *e)
{
	s->p += strspn(s->p, " \t;");
	if (*s->p != '\0' && *s->p != '#')
		return refuse(s, s->p, e, "a second command on the line",
		    "each has a line of its own");
	s->p += strlen(s->p);
	return 0;
}

static int
special(struct splitter *s, struct error *e)
{
	char what[] = "'?'";

	switch (*s->p) {
	case '\'':
		return single_quotes(s, e);
	case '"':
		return double_quotes(s, e);
	case '$':
		return dollar(s, false, e);
	case '`':
		return refuse(s, s->p, e, "`...`", IN_JAIL);
	case ';':
		end_word(s);
		return after_end(s, e);
	case '\\':
		if (s->p[1] != '\0')
			s->p++;
		put(s, *s->p++);
		return 0;
	default:
		what[1] = *s->p;
		return refuse(s, s->p, e, what,
		    "quotes make it part of a word; " IN_JAIL);
	}
}

int
words_split(const struct text *t, const struct text_line *l, size_t offset,
    const struct vars *v, struct strings *words, struct error *e)
{
	struct splitter s = { t, l, v, l->text + offset, BUF_INIT, false,
		false, words };
	int result = 0;

	while (result == 0 && *s.p != '\0') {
		if (*s.p == ' ' || *s.p == '\t') {
			end_word(&s);
			s.p++;
		} else if (*s.p == '#' && !s.begun) {
			break;
		} else if (strchr("'\"$`;\\&|<>()", *s.p) != NULL) {
			result = special(&s, e);
			s.begun = true;
		} else {
			put(&s, *s.p++);
			s.begun = true;
		}
	}
	if (result == 0)
		end_word(&s);
	buf_fini(&s.word);
	return result;
}
