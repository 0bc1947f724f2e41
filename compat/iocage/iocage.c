/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "compat/compat.h"

static const struct cmd_option globals[] = {
	{ 'v', "version", NULL, "display iocage's version and exit" },
	{ 'f', "force", NULL, "allow iocage to rename legacy jails" },
	{ 'D', "debug", NULL, "log debug output to the console" },
	{ '\0', "help", NULL, "show this message and exit" },
	{ 0 },
};

static const struct cmd_option common[] = {
	{ '\0', "help", NULL, "show this message and exit" },
	{ 0 },
};

static const struct compat_cmd *const commands[] = { NULL };

static int
help(struct compat *c, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;

	buf_puts(&out, "Usage: iocage [OPTIONS] COMMAND [ARGS]...\n");
	for (const struct compat_cmd *const *cmd = c->tool->commands;
	    *cmd != NULL; cmd++)
		buf_printf(&out, "  %-11s %s\n", (*cmd)->name, (*cmd)->summary);
	return cmd_print_text(&out, e);
}

static int
begin(struct compat *c, char **argv, bool *done, struct error *e)
{
	*done = compat_has_global(c, "version");
	if (*done)
		return compat_print(e, "Version\t%s\n", c->tool->version);
	*done = compat_has_global(c, "help");
	return *done ? help(c, e) : 0;
}

static int
unknown(struct compat *c, const char *name, struct error *e)
{
	return error_set(e, ERROR_USAGE, "No such command '%s'.", name);
}

static void
print_error(const struct compat *c, const struct error *e)
{
	compat_say(c, "%s", e->msg);
}

static int
status(const struct error *e)
{
	return e->kind == ERROR_USAGE ? 2 : 1;
}

const struct compat_tool compat_iocage = {
	.name = "iocage",
	.version = "1.13",
	.globals = globals,
	.common = common,
	.commands = commands,
	.begin = begin,
	.help = help,
	.unknown = unknown,
	.print_error = print_error,
	.status = status,
};
