/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* completion bash|fish|zsh TEMPLATE: print the script of that shell. */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/auto.h"
#include "tools/completion.h"

const struct cmd_option completion_globals[] = {
	{ 'R', "root", "DIR", "state directory" },
	{ 'j', "json", NULL, "print JSON" },
	{ 'H', "tabbed", NULL, "print tab-separated, without header" },
	{ 'n', "plan", NULL, "print the steps, do nothing" },
	{ 'q', "quiet", NULL, "print errors only" },
	{ 'v', "verbose", NULL, "tell every step" },
	{ 'h', "help", NULL, "print help" },
	{ 0 },
};

const char *
kind_name(enum kind kind)
{
	static const char *const names[] = {
		[KIND_NONE] = "nothing",
		[KIND_TARGET] = "targets",
		[KIND_RELEASE] = "releases",
		[KIND_COMMAND] = "commands",
		[KIND_PROPERTY] = "properties",
		[KIND_FILE] = "files",
	};

	return names[kind];
}

enum kind
kind_of_value(const struct cmd_option *o)
{
	static const struct {
		const char *arg;
		enum kind kind;
	} table[] = {
		{ "DIR", KIND_FILE }, { "FILE", KIND_FILE },
		{ "PATH", KIND_FILE }, { "RELEASE", KIND_RELEASE },
		{ "TARGET", KIND_TARGET }, { "JAIL", KIND_TARGET },
		{ "PROP", KIND_PROPERTY },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(o->arg, table[i].arg) == 0)
			return table[i].kind;
	return KIND_NONE;
}

/* "target...", "[command]", "PROP[,PROP...]|all", as usage lines say it. */
static enum kind
kind_of_word(const struct cmd *c, const char *word, size_t len)
{
	AUTO_FREE char *text = xstrndup(word, len);

	if (strstr(text, "PROP=") != NULL)
		return KIND_NONE;
	if (strstr(text, "PROP") != NULL)
		return KIND_PROPERTY;
	if (strstr(text, "target") != NULL || strstr(text, "jail") != NULL)
		return KIND_TARGET;
	if (strstr(text, "release") != NULL ||
	    (strstr(text, "name") != NULL && strcmp(c->name, "releases") == 0))
		return KIND_RELEASE;
	if (strstr(text, "command") != NULL &&
	    !(c->flags & (CMD_COMMAND | CMD_COMMAND_ONLY)))
		return KIND_COMMAND;
	if (strstr(text, "source") != NULL || strstr(text, "file") != NULL)
		return KIND_FILE;
	return KIND_NONE;
}

enum kind
kind_of_first(const struct cmd *c)
{
	if (c->operands == NULL)
		return KIND_NONE;
	return kind_of_word(c, c->operands, strcspn(c->operands, " "));
}

enum kind
kind_of_rest(const struct cmd *c)
{
	const char *word = c->operands;
	size_t len;

	if (word == NULL)
		return KIND_NONE;
	len = strcspn(word, " ");
	if (len >= 3 && memmem(word, len, "...", 3) != NULL &&
	    memchr(word, ',', len) == NULL)
		return kind_of_word(c, word, len);
	word += len + strspn(word + len, " ");
	return kind_of_word(c, word, strcspn(word, " "));
}

static bool
has_option(const struct cmd *c, const struct cmd_option *o)
{
	if (c == NULL || c->options == NULL)
		return false;
	for (const struct cmd_option *own = c->options; own->name; own++)
		if ((o->letter != '\0' && own->letter == o->letter) ||
		    strcmp(own->name, o->name) == 0)
			return true;
	return false;
}

void
each_option(const struct cmd *c,
    void (*fn)(const struct cmd_option *o, const void *arg), const void *arg)
{
	const struct cmd_option *o = c != NULL ? c->options : NULL;

	for (; o != NULL && o->name != NULL; o++)
		fn(o, arg);
	for (o = completion_globals; o->name != NULL; o++)
		if (!has_option(c, o))
			fn(o, arg);
}

void
put_quoted(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	}
}

static void
fill_template(const char *file, void (*print_tables)(void))
{
	AUTO_FILE FILE *template = fopen(file, "r");
	char line[512];

	if (template == NULL)
		err(EX_NOINPUT, "%s", file);
	while (fgets(line, sizeof(line), template) != NULL) {
		if (strcmp(line, "@tables@\n") == 0)
			print_tables();
		else
			fputs(line, stdout);
	}
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *shell;
		void (*print)(void);
	} shells[] = {
		{ "bash", print_bash },
		{ "fish", print_fish },
		{ "zsh", print_zsh },
	};

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (argc != 3 || strcmp(argv[1], shells[i].shell) != 0)
			continue;
		fill_template(argv[2], shells[i].print);
		if (fflush(stdout) != 0)
			err(EX_IOERR, "stdout");
		return 0;
	}
	errx(EX_USAGE, "usage: completion bash|fish|zsh TEMPLATE");
}
