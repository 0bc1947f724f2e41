/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "compat/compat.h"

static const struct cmd_option common[] = {
	{ 'h', "help", NULL, "print this help" },
	{ 'v', "", NULL, "verbose" },
	{ 0 },
};

static const struct cmd_option version_options[] = {
	{ 'q', "", NULL, "print the number only" },
	{ 0 },
};

static int
version(struct compat *c, struct error *e)
{
	return compat_print(e, "%s%s\n", compat_has(c, "q") ? "" :
	    "pot version: ", c->tool->version);
}

static const struct compat_cmd pot_version = {
	.name = "version",
	.usage = "[-hvq]",
	.summary = "show the pot version",
	.options = version_options,
	.max = 0,
	.flags = COMPAT_NO_HOST,
	.test = "cli/compat_test.sh:version",
	.exec = version,
};

static const struct compat_cmd *const commands[] = { &pot_version, NULL };

static int
help(struct compat *c, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;

	buf_puts(&out, "Usage: pot command [options]\n\nCommands:\n");
	for (const struct compat_cmd *const *cmd = c->tool->commands;
	    *cmd != NULL; cmd++)
		buf_printf(&out, "\t%s\t-- %s\n", (*cmd)->name,
		    (*cmd)->summary);
	return cmd_print_text(&out, e);
}

static int
unknown(struct compat *c, const char *name, struct error *e)
{
	return error_set(e, ERROR_USAGE, "Command %s unknown", name);
}

static void
print_error(const struct compat *c, const struct error *e)
{
	compat_say(c, "###>  %s", e->msg);
}

static int
status(const struct error *e)
{
	return 1;
}

const struct compat_tool compat_pot = {
	.name = "pot",
	.version = "0.16.0",
	.common = common,
	.commands = commands,
	.help = help,
	.unknown = unknown,
	.print_error = print_error,
	.status = status,
};
