/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* One reader of options for all: what each tool's own reader takes, it takes. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "compat/compat.h"

struct scan {
	const struct cmd_option *own, *common;
	struct strings *given;
	char **argv;
	int argc, at;
};

size_t
compat_option_count(const struct cmd_option *options)
{
	size_t count = 0;

	while (options != NULL && options[count].name != NULL)
		count++;
	return count;
}

/* Whether name is one of "a|b|c". */
static bool
among(const char *names, const char *name, size_t len)
{
	while (*names != '\0') {
		size_t one = strcspn(names, "|");

		if (one == len && strncmp(names, name, len) == 0)
			return true;
		names += one + (names[one] == '|');
	}
	return false;
}

/* By letter when that is one, else by name; count when there is none. */
static size_t
find(const struct cmd_option *options, char letter, const char *name,
    size_t len)
{
	size_t i = 0;

	for (; options != NULL && options[i].name != NULL; i++)
		if (name == NULL ? options[i].letter == letter :
		    among(options[i].name, name, len))
			break;
	return i;
}

static const struct cmd_option *
lookup(const struct scan *s, char letter, const char *name, size_t len,
    size_t *at)
{
	size_t own = compat_option_count(s->own), i;

	i = find(s->own, letter, name, len);
	if (i < own) {
		*at = i;
		return &s->own[i];
	}
	i = find(s->common, letter, name, len);
	if (i < compat_option_count(s->common)) {
		*at = own + i;
		return &s->common[i];
	}
	return NULL;
}

static int
take_long(struct scan *s, const char *word, struct error *e)
{
	size_t len = strcspn(word + 2, "="), at = 0;
	const char *value = word[2 + len] == '=' ? word + 3 + len : NULL;
	const struct cmd_option *o = lookup(s, '\0', word + 2, len, &at);

	if (o == NULL)
		return error_set(e, ERROR_USAGE, "unknown option %s", word);
	if (o->arg == NULL && value != NULL)
		return error_set(e, ERROR_USAGE, "option --%.*s takes no value",
		    (int)len, word + 2);
	if (o->arg != NULL && value == NULL) {
		if (s->at == s->argc)
			return error_set(e, ERROR_USAGE,
			    "option %s needs a value", word);
		value = s->argv[s->at++];
	}
	strings_add(&s->given[at], value != NULL ? value : "");
	return 0;
}

/* A row whose name begins with "-" is a word as it stands: "-NV". */
static bool
take_word(struct scan *s, const char *word)
{
	size_t at = 0;
	const struct cmd_option *o = lookup(s, '\0', word, strlen(word), &at);

	if (o == NULL)
		return false;
	strings_add(&s->given[at], o->arg != NULL && s->at < s->argc ?
	    s->argv[s->at++] : "");
	return true;
}

/* "-afy", "-p5", "-p 5" */
static int
take_letters(struct scan *s, const char *word, struct error *e)
{
	for (const char *p = word + 1; *p != '\0'; p++) {
		size_t at = 0;
		const struct cmd_option *o = lookup(s, *p, NULL, 0, &at);

		if (o == NULL)
			return error_set(e, ERROR_USAGE, "unknown option -%c "
			    "in %s", *p, word);
		if (o->arg == NULL) {
			strings_add(&s->given[at], "");
			continue;
		}
		if (p[1] == '\0' && s->at == s->argc)
			return error_set(e, ERROR_USAGE,
			    "option -%c needs a value", *p);
		strings_add(&s->given[at], p[1] != '\0' ? p + 1 :
		    s->argv[s->at++]);
		break;
	}
	return 0;
}

/* The whole word: "-la" is not known when there is only a "-l". */
static bool
knows(const struct scan *s, const char *word)
{
	size_t at;

	if (word[1] == '-')
		return lookup(s, '\0', word + 2, strcspn(word + 2, "="), &at) !=
		    NULL;
	if (lookup(s, '\0', word, strlen(word), &at) != NULL)
		return true;
	for (const char *p = word + 1; *p != '\0'; p++) {
		const struct cmd_option *o = lookup(s, *p, NULL, 0, &at);

		if (o == NULL)
			return false;
		if (o->arg != NULL)
			break;
	}
	return true;
}

int
compat_parse(const struct cmd_option *own, const struct cmd_option *common,
    int argc, char **argv, unsigned flags, struct strings *given,
    struct strings *operands, struct error *e)
{
	struct scan s = { own, common, given, argv, argc, 1 };
	bool literal = flags & COMPAT_NO_OPTIONS;

	while (s.at < argc) {
		const char *word = argv[s.at++];

		if (literal || *word != '-' || word[1] == '\0') {
			strings_add(operands, word);
			literal = literal || !(flags & COMPAT_PERMUTE);
			continue;
		}
		if (strcmp(word, "--") == 0)
			literal = true;
		else if ((flags & COMPAT_UNKNOWN) && !knows(&s, word))
			strings_add(operands, word);
		else if (word[1] != '-' && take_word(&s, word))
			continue;
		else if ((word[1] == '-' ? take_long(&s, word, e) :
		    take_letters(&s, word, e)) < 0)
			return -1;
	}
	return 0;
}

/* A table never asks for what it does not have. */
static const struct strings *
values(const struct cmd_option *own, const struct cmd_option *common,
    const struct strings *given, const char *option)
{
	struct scan s = { .own = own, .common = common };
	size_t at = 0;

	if (lookup(&s, option[1] == '\0' ? option[0] : '\0',
	    option[1] == '\0' ? NULL : option, strlen(option), &at) == NULL)
		abort();
	return &given[at];
}

const struct strings *
compat_values(const struct compat *c, const char *option)
{
	return values(c->cmd->options, c->tool->common, c->given, option);
}

static const char *
last(const struct strings *s)
{
	return s->count > 0 ? s->items[s->count - 1] : NULL;
}

bool
compat_has(const struct compat *c, const char *option)
{
	return compat_values(c, option)->count > 0;
}

const char *
compat_value(const struct compat *c, const char *option)
{
	return last(compat_values(c, option));
}

bool
compat_has_global(const struct compat *c, const char *option)
{
	return values(c->tool->globals, NULL, c->globals, option)->count > 0;
}

const char *
compat_value_global(const struct compat *c, const char *option)
{
	return last(values(c->tool->globals, NULL, c->globals, option));
}

const char *
compat_operand(const struct compat *c, size_t at)
{
	return at < c->operands.count ? c->operands.items[at] : NULL;
}
