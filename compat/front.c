/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/auto.h"
#include "base/log.h"
#include "compat/compat.h"

const struct compat_tool *const compat_tools[] = {
	&compat_bastille,
	&compat_iocage,
	&compat_pot,
	NULL,
};

const struct compat_tool *
compat_find(const char *name)
{
	for (const struct compat_tool *const *t = compat_tools; *t != NULL; t++)
		if (strcmp((*t)->name, name) == 0)
			return *t;
	return NULL;
}

static bool
is_alias(const char *aliases, const char *name)
{
	size_t len = strlen(name);

	while (aliases != NULL && *aliases != '\0') {
		size_t one = strcspn(aliases, " ");

		if (one == len && strncmp(aliases, name, len) == 0)
			return true;
		aliases += one + strspn(aliases + one, " ");
	}
	return false;
}

const struct compat_cmd *
compat_command(const struct compat_tool *tool, const char *name)
{
	for (const struct compat_cmd *const *c = tool->commands; *c != NULL;
	    c++)
		if (strcmp((*c)->name, name) == 0 ||
		    is_alias((*c)->aliases, name))
			return *c;
	return NULL;
}

/* --- one run --- */

static struct strings *
make_given(const struct cmd_option *a, const struct cmd_option *b)
{
	return xcalloc(compat_option_count(a) + compat_option_count(b) + 1,
	    sizeof(struct strings));
}

static void
free_given(struct strings *given, const struct cmd_option *a,
    const struct cmd_option *b)
{
	size_t count = compat_option_count(a) + compat_option_count(b);

	for (size_t i = 0; given != NULL && i < count; i++)
		strings_fini(&given[i]);
	free(given);
}

static void
say(const char *text)
{
	cmd_say("%s", text);
}

void
compat_talk(int verbose)
{
	struct cmd_args a = CMD_ARGS_INIT;

	a.verbose = verbose;
	log_setverbose(verbose);
	cmd_say_to(&a);
}

static int
run(struct compat *c, struct error *e)
{
	struct host host;
	int result;

	compat_talk(c->cmd->flags & COMPAT_TALK && !c->quiet ? 0 : -1);
	if (c->tool->configure != NULL && c->tool->configure(c, e) < 0)
		return -1;
	if (c->cmd->flags & COMPAT_NO_HOST)
		return c->cmd->exec(c, e);
	result = host_open(&host, c->root, e);
	host.say = say;
	c->host = &host;
	if (result == 0)
		result = c->cmd->exec(c, e);
	host_fini(&host);
	c->host = NULL;
	return result;
}

static bool
asks_help(const struct compat *c)
{
	const struct cmd_option *o = c->tool->common;

	while (o != NULL && o->name != NULL && strcmp(o->name, "help") != 0)
		o++;
	return o != NULL && o->name != NULL && compat_has(c, "help");
}

static int
run_command(struct compat *c, int argc, char **argv, struct error *e)
{
	const struct compat_cmd *cmd = c->cmd;

	c->given = make_given(cmd->options, c->tool->common);
	if (compat_parse(cmd->options, c->tool->common, argc, argv, cmd->flags,
	    c->given, &c->operands, e) < 0)
		return -1;
	if (asks_help(c))
		return c->tool->help(c, e);
	if (c->operands.count < cmd->min)
		return error_set(e, ERROR_USAGE, "an operand is missing");
	if (cmd->max != CMD_ANY && c->operands.count > cmd->max)
		return error_set(e, ERROR_USAGE, "'%s' is one too many",
		    c->operands.items[cmd->max]);
	return run(c, e);
}

static int
choose(struct compat *c, int argc, char **argv, struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;
	bool done = false;
	int at;

	c->globals = make_given(c->tool->globals, NULL);
	if (compat_parse(c->tool->globals, NULL, argc, argv, 0, c->globals,
	    &words, e) < 0)
		return -1;
	at = argc - (int)words.count;
	if (c->tool->begin != NULL && c->tool->begin(c, argv + at, &done,
	    e) < 0)
		return -1;
	if (done)
		return 0;
	if (at == argc)
		return c->tool->help(c, e);
	c->cmd = compat_command(c->tool, argv[at]);
	if (c->cmd == NULL)
		return c->tool->unknown(c, argv[at], e);
	return run_command(c, argc - at, argv + at, e);
}

int
compat_main(const struct compat_tool *tool, const char *root, int argc,
    char **argv)
{
	struct compat c = { .tool = tool, .root = root };
	struct error e = ERROR_INIT;

	log_init(tool->name, 0);
	if (choose(&c, argc, argv, &e) < 0) {
		tool->print_error(&c, &e);
		if (e.kind == ERROR_UNSUPPORTED)
			c.status = EX_UNAVAILABLE;
		else if (c.status == 0)
			c.status = tool->status(&e);
	}
	if (c.cmd != NULL)
		free_given(c.given, c.cmd->options, tool->common);
	free_given(c.globals, tool->globals, NULL);
	strings_fini(&c.operands);
	compat_conf_fini(&c.conf);
	return c.status;
}

bool
compat_front(const struct cmd_args *a, int argc, char **argv, int *status)
{
	const struct compat_tool *tool = compat_find(argv[0]);
	struct error e = ERROR_INIT;

	if (tool == NULL)
		return false;
	if (a->plan || a->format != VIEW_TABLE || a->verbose != 0) {
		error_set(&e, ERROR_USAGE, "-n, -j, -H, -q and -v are not for "
		    "'gaol %s'", argv[0]);
		cmd_print_error(a, NULL, &e);
		*status = error_exit_status(e.kind);
		return true;
	}
	*status = compat_main(tool, a->root, argc, argv);
	return true;
}
