/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "compat/bastille/bastille.h"

static const struct cmd_option globals[] = {
	{ 'c', "config", "FILE", "use another configuration file" },
	{ 'h', "help", NULL, "print help" },
	{ 'v', "version", NULL, "print the version" },
	{ 'q', "quiet", NULL, "print nothing but data" },
	{ 'j', "json", NULL, "print JSON" },
	{ 'p', "pretty", NULL, "print JSON, indented" },
	{ 'x', "debug", NULL, "tell every step" },
	{ 0 },
};

static const struct cmd_option common[] = {
	{ 'h', "help", NULL, "print help" },
	{ 'x', "debug", NULL, "tell every step" },
	{ 0 },
};

static int
begin(struct compat *c, char **argv, bool *done, struct error *e)
{
	const char *word = argv[0] != NULL ? argv[0] : "";

	c->json = compat_has_global(c, "j") || compat_has_global(c, "p");
	c->quiet = c->json || compat_has_global(c, "q");
	*done = true;
	if (compat_has_global(c, "version") || strcmp(word, "version") == 0)
		return compat_print(e, "%s\n", c->tool->version);
	if (compat_has_global(c, "help") || strcmp(word, "help") == 0)
		return bastille_help(c, e);
	*done = false;
	if (*word == '\0')
		return 0;
	c->cmd = compat_command(c->tool, word);
	*done = c->cmd != NULL && argv[1] != NULL && strcmp(argv[1], "help") == 0;
	if (*done)
		return bastille_help(c, e);
	if (c->json && c->cmd != &bastille_config && c->cmd != &bastille_list)
		return error_set(e, ERROR_USAGE, "[-j|--json] is for config and "
		    "list, not for '%s'", word);
	return 0;
}

static int
unknown(struct compat *c, const char *name, struct error *e)
{
	return bastille_help(c, e);
}

/* -x, and -v of those that have it as "verbose". */
static void
talk(const struct compat *c)
{
	const struct cmd_option *o = c->cmd->options;

	while (o != NULL && o->name != NULL && strcmp(o->name, "verbose") != 0)
		o++;
	if (compat_has(c, "debug") || compat_has_global(c, "debug") ||
	    (o != NULL && o->name != NULL && compat_has(c, "verbose")))
		compat_talk(1);
}

/* FILE is a name in Bastille's own directory, or a path. */
static int
configure(struct compat *c, struct error *e)
{
	const char *file = compat_value_global(c, "config");
	AUTO_FREE char *path = NULL;

	talk(c);
	if (file == NULL)
		file = getenv("BASTILLE_CONFIG");
	if (file == NULL || *file == '\0')
		file = "bastille.conf";
	path = strchr(file, '/') != NULL ? xstrdup(file) :
	    xasprintf("/usr/local/etc/bastille/%s", file);
	return compat_conf_read(&c->conf, path, e);
}

static int
status(const struct error *e)
{
	return 1;
}

const struct compat_tool compat_bastille = {
	.name = "bastille",
	.version = "1.4.4",
	.globals = globals,
	.common = common,
	.commands = bastille_commands,
	.configure = configure,
	.begin = begin,
	.help = bastille_help,
	.unknown = unknown,
	.print_error = bastille_error,
	.status = status,
};
