/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"

enum { OPTIONS_MAX = 40, HELP_OPTION = 'h', LONG_FIRST = 256 };

static const struct cmd_option global_options[] = {
	{ 'R', "root", "DIR", "state directory" },
	{ 'j', "json", NULL, "print JSON" },
	{ 'H', "tabbed", NULL, "print tab-separated, without header" },
	{ 'n', "plan", NULL, "print the steps, do nothing" },
	{ 'q', "quiet", NULL, "print errors only" },
	{ 'v', "verbose", NULL, "tell every step" },
	{ HELP_OPTION, "help", NULL, "print help" },
	{ '\0', "version", NULL, "print the version" },
	{ 0 },
};

/* What getopt_long(3) is to look for, and whose option each is. */
struct scan {
	char letters[2 * OPTIONS_MAX + 3];
	struct option longs[OPTIONS_MAX + 1];
	const struct cmd_option *options[OPTIONS_MAX];
	size_t own[OPTIONS_MAX];	/* index in cmd->options */
	size_t count, own_count;
};

static bool
known(const struct scan *s, const struct cmd_option *o)
{
	for (size_t i = 0; i < s->count; i++)
		if ((o->letter != '\0' && s->options[i]->letter == o->letter) ||
		    strcmp(s->options[i]->name, o->name) == 0)
			return true;
	return false;
}

static void
scan_add(struct scan *s, const struct cmd_option *o, size_t own)
{
	size_t len = strlen(s->letters), i = s->count;

	if (i == OPTIONS_MAX)
		abort();	/* a table outgrew us: the unit test sees it */
	s->options[i] = o;
	s->own[i] = own;
	s->longs[i].name = o->name;
	s->longs[i].has_arg = o->arg != NULL;
	s->longs[i].val = LONG_FIRST + (int)i;
	if (o->letter != '\0') {
		s->letters[len++] = o->letter;
		if (o->arg != NULL)
			s->letters[len++] = ':';
	}
	s->count++;
}

/* "+" stops at the first operand on every system, ":" reports what is missing
 * instead of printing it. */
static void
scan_init(struct scan *s, const struct cmd *c)
{
	memset(s, 0, sizeof(*s));
	memcpy(s->letters, "+:", 2);
	for (const struct cmd_option *o = c != NULL ? c->options : NULL;
	    o != NULL && o->name != NULL; o++)
		scan_add(s, o, s->own_count++);
	for (const struct cmd_option *o = global_options; o->name != NULL; o++)
		if (!known(s, o))
			scan_add(s, o, OPTIONS_MAX);
}

static const struct cmd_option *
scan_find(const struct scan *s, int found, size_t *at)
{
	for (size_t i = 0; i < s->count; i++)
		if (found == LONG_FIRST + (int)i ||
		    (found != 0 && found == s->options[i]->letter)) {
			*at = i;
			return s->options[i];
		}
	return NULL;
}

static int
wrong(const struct cmd_args *a, const char *text, const char *word,
    const char *rest, struct error *e)
{
	AUTO_BUF struct buf usage = BUF_INIT;

	if (a->cmd == NULL)
		return error_set(e, ERROR_USAGE, "%s%s%s ('gaol help' tells "
		    "more)", text, word, rest);
	cmd_usage(a->cmd, &usage);
	return error_set(e, ERROR_USAGE, "%s: %s%s%s (usage: %.*s)",
	    a->cmd->name, text, word, rest, (int)usage.len - 1,
	    buf_text(&usage));
}

static const char *
nearest_option(const struct scan *s, const char *word)
{
	const char *near = NULL;
	unsigned best = 3;

	for (size_t i = 0; i < s->count; i++) {
		const char *name = s->options[i]->name;
		unsigned d = word_distance(name, word);

		/* an abbreviation is near, if not near enough to be taken */
		if (strncmp(name, word, strlen(word)) == 0)
			d = 0;
		if (d < best) {
			best = d;
			near = name;
		}
	}
	return near;
}

static int
unknown_option(const struct cmd_args *a, const struct scan *s,
    const char *word, struct error *e)
{
	AUTO_FREE char *name = strncmp(word, "--", 2) == 0 ?
	    xstrndup(word + 2, strcspn(word + 2, "=")) : NULL;
	const char *near = name != NULL && *name != '\0' ?
	    nearest_option(s, name) : NULL;
	AUTO_FREE char *hint = near == NULL ? xstrdup("") :
	    xasprintf(" (did you mean --%s?)", near);

	return wrong(a, "unknown option ", word, hint, e);
}

/* getopt_long gave '?' or ':' for word. */
static int
refuse(const struct cmd_args *a, const struct scan *s, int found,
    const char *word, struct error *e)
{
	char letter[3] = { '-', (char)optopt, '\0' };
	const struct cmd_option *o;
	size_t at;

	o = scan_find(s, optopt, &at);
	if (optopt > 0 && optopt < LONG_FIRST)
		word = letter;
	if (o != NULL && found == ':')
		return wrong(a, "option ", word, " needs a value", e);
	if (o != NULL)
		return wrong(a, "option ", word, " takes no value", e);
	return unknown_option(a, s, word, e);
}

/* getopt_long takes "--rel" for "--release"; a script that has that breaks when
 * there is a "--reload" one day. */
static bool
is_abbreviation(const char *word, const struct cmd_option *o, int found)
{
	return found >= LONG_FIRST && (strncmp(word + 2, o->name,
	    strlen(o->name)) != 0 || (word[2 + strlen(o->name)] != '\0' &&
	    word[2 + strlen(o->name)] != '='));
}

static void
take_global(struct cmd_args *a, const struct cmd_option *o, const char *value)
{
	switch (o->letter) {
	case 'R':
		a->root = value;
		break;
	case 'j':
		a->format = VIEW_JSON;
		break;
	case 'H':
		a->format = VIEW_TABBED;
		break;
	case 'n':
		a->plan = true;
		break;
	case 'q':
		a->verbose = -1;
		break;
	case 'v':
		a->verbose = 1;
		break;
	case HELP_OPTION:
		a->help = true;
		break;
	default:
		a->version = true;
		break;
	}
}

/*
 * Options up to the next operand or "--".  Returns 1 when "--" was met, 0 at an
 * operand or the end.
 */
static int
take_options(struct cmd_args *a, const struct scan *s, int argc, char **argv,
    struct error *e)
{
	for (;;) {
		int before = optind > 0 ? optind : 1, found;
		const struct cmd_option *o;
		size_t at;

		found = getopt_long(argc, argv, s->letters, s->longs, NULL);
		if (found == -1)
			return optind > before &&
			    strcmp(argv[optind - 1], "--") == 0;
		o = found == '?' || found == ':' ? NULL :
		    scan_find(s, found, &at);
		if (o == NULL)
			return refuse(a, s, found, argv[before], e);
		if (is_abbreviation(argv[before], o, found))
			return unknown_option(a, s, argv[before], e);
		if (s->own[at] == OPTIONS_MAX)
			take_global(a, o, optarg);
		else
			strings_add(&a->given[s->own[at]],
			    optarg != NULL ? optarg : "");
	}
}

static void
scan_begin(void)
{
	opterr = 0;
	optind = 0;	/* start anew, for glibc and for FreeBSD */
}

int
args_parse_global(struct cmd_args *a, int argc, char **argv, struct error *e)
{
	struct scan s;

	scan_init(&s, NULL);
	scan_begin();
	if (take_options(a, &s, argc, argv, e) < 0)
		return -1;
	return optind;
}

/* PROP=VALUE or PROP+=VALUE; "./a=b" is a file. */
static bool
is_assignment(const char *word)
{
	size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-*");

	return len > 0 && *word != '.' && *word != '-' &&
	    word[len + (word[len] == '+')] == '=';
}

static void
take_command(struct cmd_args *a, int argc, char **argv)
{
	/* "exec web -- ls" is "exec web ls" */
	if (optind < argc && strcmp(argv[optind], "--") == 0 &&
	    !(a->cmd->flags & CMD_COMMAND_ONLY))
		optind++;
	while (optind < argc)
		strings_add(&a->command, argv[optind++]);
}

/* One operand; true when a command line begins here. */
static bool
take_operand(struct cmd_args *a, char **argv)
{
	const char *word = argv[optind];
	bool assignment = (a->cmd->flags & CMD_ASSIGN) && is_assignment(word);

	if ((a->cmd->flags & CMD_COMMAND_ONLY) && !assignment)
		return true;
	optind++;
	strings_add(assignment ? &a->assign : &a->operands, word);
	return !assignment && (a->cmd->flags & CMD_COMMAND);
}

static int
check_operands(const struct cmd_args *a, struct error *e)
{
	const struct cmd *c = a->cmd;

	if (a->help || a->version)
		return 0;
	if (a->operands.count < c->min)
		return wrong(a, "an operand is missing", "", "", e);
	if (c->max != CMD_ANY && a->operands.count > c->max)
		return wrong(a, "'", a->operands.items[c->max],
		    "' is one too many", e);
	if (a->plan && !(c->flags & CMD_PLAN))
		return wrong(a, "-n has no meaning here", "", "", e);
	return 0;
}

int
args_parse(struct cmd_args *a, int argc, char **argv, struct error *e)
{
	struct scan s;
	bool literal = false, command = false;

	scan_init(&s, a->cmd);
	a->given = xcalloc(s.own_count, sizeof(*a->given));
	scan_begin();
	while (!command) {
		if (!literal) {
			int met = take_options(a, &s, argc, argv, e);

			if (met < 0)
				return -1;
			literal = met == 1;
			if (literal && (a->cmd->flags & CMD_COMMAND_ONLY))
				break;
		}
		if (optind >= argc)
			break;
		command = take_operand(a, argv);
	}
	take_command(a, argc, argv);
	return check_operands(a, e);
}

void
args_fini(struct cmd_args *a)
{
	const struct cmd_option *o = a->cmd != NULL ? a->cmd->options : NULL;

	for (size_t i = 0; a->given != NULL && o != NULL && o->name != NULL;
	    i++, o++)
		strings_fini(&a->given[i]);
	free(a->given);
	a->given = NULL;
	strings_fini(&a->operands);
	strings_fini(&a->assign);
	strings_fini(&a->command);
}

const struct strings *
args_values(const struct cmd_args *a, const char *option)
{
	const struct cmd_option *o = a->cmd->options;

	for (size_t i = 0; o != NULL && o->name != NULL; i++, o++)
		if (option[1] == '\0' ? o->letter == option[0] :
		    strcmp(o->name, option) == 0)
			return &a->given[i];
	abort();	/* the command asks for an option it does not have */
}

bool
args_has(const struct cmd_args *a, const char *option)
{
	return args_values(a, option)->count > 0;
}

const char *
args_value(const struct cmd_args *a, const char *option)
{
	const struct strings *values = args_values(a, option);

	return values->count > 0 ? values->items[values->count - 1] : NULL;
}

int
args_uint(const struct cmd_args *a, const char *option, uint64_t min,
    uint64_t max, uint64_t fallback, uint64_t *value, struct error *e)
{
	const char *text = args_value(a, option);

	*value = fallback;
	if (text == NULL)
		return 0;
	if (parse_uint(text, min, max, value, e) < 0)
		return error_wrap(e, "%s: -%s%s", a->cmd->name,
		    option[1] == '\0' ? "" : "-", option);
	return 0;
}

int
cmd_verb(struct cmd_args *a, const struct cmd_verb *verbs,
    const char *possible, struct error *e)
{
	const char *command = a->cmd->name, *name;

	if (a->operands.count == 0)
		strings_add(&a->operands, "list");
	name = a->operands.items[0];
	for (const struct cmd_verb *v = verbs; v->name != NULL; v++) {
		if (strcmp(v->name, name) != 0)
			continue;
		if (a->operands.count < v->min)
			return error_set(e, ERROR_USAGE, "%s %s: which one?",
			    command, name);
		if (a->operands.count > v->max)
			return error_set(e, ERROR_USAGE,
			    "%s %s: that is too much", command, name);
		return v->exec(a, e);
	}
	return error_set(e, ERROR_USAGE, "%s %s: what is that?  %s are "
	    "possible", command, name, possible);
}
