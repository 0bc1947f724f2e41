/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "cmd/inside.h"
#include "core/sysrc.h"

static const struct cmd_option options[] = {
	OPTION_PARALLEL,
	{ 0 },
};

/* The letters of sysrc(8) that stand behind the target. */
static bool
letter(struct sysrc *r, char c)
{
	switch (c) {
	case 'a':
		return r->all = true;
	case 'c':
		return r->check = true;
	case 'e':
		return r->equals = true;
	case 'i':
		return r->ignore = true;
	case 'n':
		return r->values = true;
	case 'N':
		return r->names = true;
	case 'q':
		return r->quiet = true;
	case 'x':
		return r->remove = true;
	default:
		return false;
	}
}

/* One word of options at i; *i moves on when it takes the next. */
static int
option_word(const struct strings *words, size_t *i, struct sysrc *r,
    struct error *e)
{
	for (const char *p = words->items[*i] + 1; *p != '\0'; p++) {
		if (letter(r, *p))
			continue;
		if (*p != 'f')
			return error_set(e, ERROR_USAGE, "sysrc: -%c is none of "
			    "-a -c -e -f FILE -i -n -N -q -x", *p);
		if (p[1] == '\0' && *i + 1 >= words->count)
			return error_set(e, ERROR_USAGE,
			    "sysrc: -f: a file is missing");
		r->file = p[1] != '\0' ? p + 1 : words->items[++*i];
		return 0;
	}
	return 0;
}

static int
parse(const struct strings *line, struct sysrc *r, struct strings *words,
    struct error *e)
{
	bool options_end = false;

	for (size_t i = 0; i < line->count; i++) {
		const char *w = line->items[i];

		if (options_end || w[0] != '-')
			strings_add(words, w);
		else if (strcmp(w, "--") == 0)
			options_end = true;
		else if (option_word(line, &i, r, e) < 0)
			return -1;
	}
	r->words = words;
	if (words->count == 0 && !r->all)
		return error_set(e, ERROR_USAGE, "sysrc: a variable is missing: "
		    "NAME asks for one, NAME=VALUE sets it, -a tells all");
	return 0;
}

static int
sysrc_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	const struct sysrc *r = arg;
	AUTO_BUF struct buf report = BUF_INIT;
	AUTO_STRINGS struct strings unknown = VEC_INIT;
	bool changed;
	int status;

	if (life_sysrc(a->host, name, r, &report, &unknown, &status, &changed,
	    e) < 0)
		return -1;
	if (report.len > 0 && cmd_print_text(&report, e) < 0)
		return -1;
	for (size_t i = 0; i < unknown.count && !r->quiet && !r->check; i++)
		cmd_warn("%s: unknown variable '%s'", name, unknown.items[i]);
	a->status = status;
	return 0;
}

static int
exec(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;
	struct sysrc r = { 0 };

	return parse(&a->command, &r, &words, e) < 0 ? -1 :
	    inside_each(a, sysrc_one, &r, e);
}

const struct cmd cmd_sysrc = {
	.name = "sysrc",
	.group = "inside",
	.summary = "read and change rc.conf variables of a running jail",
	.operands = "target [-aceinNqx] [-f file] [name[[+|-]=value]...]",
	.options = options,
	.min = 1,
	.max = 1,
	.flags = CMD_COMMAND,
	.exec = exec,
};
