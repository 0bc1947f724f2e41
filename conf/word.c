/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "conf/tree.h"

/*
 * The words of jail.conf(5) as jail(8) reads them: a comment begins anywhere
 * outside quotes, quotes may span lines, and a backslash works in both kinds
 * of quotes.
 */
enum {
	N = 0,
	S = BYTE_SPACE,
	W = BYTE_WORD,
	B = BYTE_WORD | BYTE_BARE,
	I = BYTE_WORD | BYTE_BARE | BYTE_IDENT,
	D = BYTE_WORD | BYTE_BARE | BYTE_DIGIT,
};
/* clang-format off */
const unsigned char conf_bytes[256] = {
	N, N, N, N, N, N, N, N, N, S, S, N, N, S, N, N,
	N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
	/*  ! " # $ % & ' ( ) * + , - . / */
	S, B, W, N, W, B, B, W, B, B, W, W, N, B, B, W,
	/* 0 to 9 : ; < = > ? */
	D, D, D, D, D, D, D, D, D, D, B, N, B, N, B, B,
	/* @ A to O, P to Z [ \ ] ^ _ */
	B, I, I, I, I, I, I, I, I, I, I, I, I, I, I, I,
	I, I, I, I, I, I, I, I, I, I, I, B, W, B, B, I,
	/* ` a to o, p to z { | } ~ */
	B, I, I, I, I, I, I, I, I, I, I, I, I, I, I, I,
	I, I, I, I, I, I, I, I, I, I, I, N, B, N, B, N,
};
/* clang-format on */

const char *
conf_skip(const char *p, const char **open)
{
	for (;;) {
		while (conf_is(*p, BYTE_SPACE))
			p++;
		if (*p == '#' || (*p == '/' && p[1] == '/')) {
			p = strchrnul(p, '\n');
		} else if (*p == '/' && p[1] == '*') {
			*open = p;
			p = strstr(p + 2, "*/");
			if (p == NULL)
				return NULL;
			p += 2;
		} else {
			return p;
		}
	}
}

static bool
malformed(struct conf_word *w, const char *where, const char *why)
{
	w->where = where;
	w->why = why;
	return false;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The number of "\ooo" or "\xhh"; *p moves behind it. */
static unsigned
escape_number(const char **p)
{
	unsigned value = 0;

	if (**p == 'x') {
		for (int i = 0; i < 2 && hex_digit((*p)[1]) >= 0; i++)
			value = value * 16 + (unsigned)hex_digit(*++*p);
		++*p;
		return value;
	}
	for (int i = 0; i < 3 && **p >= '0' && **p <= '7'; i++)
		value = value * 8 + (unsigned)(*(*p)++ - '0');
	return value & 0xff;
}

/* w->end is at a backslash. */
static bool
decode_escape(struct conf_word *w)
{
	static const char letters[] = "abfnrtv", codes[] = "\a\b\f\n\r\t\v";
	const char *start = w->end, *p = start + 1, *letter;
	unsigned value;

	if (*p == '\0')
		return malformed(w, start, "nothing follows the backslash");
	if (*p == 'x' || (*p >= '0' && *p <= '7')) {
		value = escape_number(&p);
		if (value == 0)
			return malformed(w, start,
			    "a value cannot hold a NUL byte");
		*w->out_end++ = (char)value;
	} else if (*p == '\n') {
		p++;
	} else {
		letter = strchr(letters, *p);
		*w->out_end++ = letter != NULL ? codes[letter - letters] : *p;
		p++;
	}
	w->end = p;
	return true;
}

/*
 * w->end is at a "$".  One that is not followed by a name stands for itself.
 */
static bool
decode_variable(struct conf_word *w, bool marks)
{
	const char *start = w->end, *name = start + 1, *p = name;
	bool braces = *name == '{';

	if (braces) {
		name++;
		p = name + strcspn(name, "\n{}\"'\\$");
		if (*p != '}' || p == name) {
			w->end = p + strcspn(p, "\n;}");
			w->end += *w->end == '}';
			return malformed(w, start, *p == '}' ?
			    "empty variable name" : *p == '\n' || *p == '\0' ?
			    "unterminated variable" : "bad variable name");
		}
	} else if (conf_is(*name, BYTE_IDENT)) {
		while (conf_is(*p, BYTE_IDENT | BYTE_DIGIT))
			p++;
	} else {
		*w->out_end++ = '$';
		w->end = name;
		return true;
	}
	w->has_variables = true;
	w->end = braces ? p + 1 : p;
	if (marks) {
		*w->out_end++ = '\0';
		w->out_end = mempcpy(w->out_end, name, (size_t)(p - name));
		*w->out_end++ = '\0';
	} else {
		w->out_end = mempcpy(w->out_end, start,
		    (size_t)(w->end - start));
	}
	return true;
}

/* w->end is behind the opening quote. */
static bool
decode_quoted(struct conf_word *w, char quote, bool marks)
{
	const char *start = w->end - 1;
	char dollar = quote == '"' ? '$' : quote;

	for (;;) {
		const char *p = w->end;
		char *out = w->out_end;

		while (*p != quote && *p != '\\' && *p != dollar && *p != '\0')
			*out++ = *p++;
		w->end = p;
		w->out_end = out;
		if (*p == quote) {
			w->end++;
			return true;
		}
		if (*p == '\0')
			return malformed(w, start, "unterminated string");
		if (*p == '\\' ? !decode_escape(w) :
		    !decode_variable(w, marks))
			return false;
	}
}

bool
conf_decode(const char *text, char *to, bool marks, struct conf_word *w)
{
	*w = (struct conf_word) { .end = text, .out_end = to };
	for (;;) {
		const char *p = w->end;
		char *out = w->out_end;
		bool good = true;

		while (conf_is(*p, BYTE_BARE))
			*out++ = *p++;
		w->end = p;
		w->out_end = out;
		if (!conf_word_at(p) ||
		    (*p == '/' && (p[1] == '/' || p[1] == '*')))
			return true;
		if (*p == '"' || *p == '\'') {
			w->end++;
			good = decode_quoted(w, *p, marks);
		} else if (*p == '$') {
			good = decode_variable(w, marks);
			w->is_variable = p == text && w->has_variables &&
			    !conf_word_at(w->end);
		} else if (*p == '\\') {
			good = decode_escape(w);
		} else {
			*w->out_end++ = *p;
			w->end++;
		}
		if (!good)
			return false;
	}
}
