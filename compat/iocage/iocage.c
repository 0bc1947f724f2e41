/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "compat/iocage/iocage.h"

static const struct cmd_option globals[] = {
	{ 'v', "version", NULL, "Display iocage's version and exit." },
	{ 'f', "force", NULL, "Allow iocage to rename legacy jails." },
	{ 'D', "debug", NULL, "Log debug output to the console." },
	{ '\0', "help", NULL, "Show this message and exit." },
	{ 0 },
};

static const struct cmd_option common[] = {
	{ '\0', "help", NULL, "Show this message and exit." },
	{ 0 },
};

static const struct compat_cmd *const commands[] = {
	&ioc_activate, &ioc_chroot, &ioc_clean, &ioc_clone, &ioc_console,
	&ioc_create, &ioc_debug, &ioc_destroy, &ioc_df, &ioc_exec,
	&ioc_export, &ioc_fetch, &ioc_fstab, &ioc_get, &ioc_import, &ioc_list,
	&ioc_migrate, &ioc_pkg, &ioc_rename, &ioc_restart, &ioc_rollback,
	&ioc_set, &ioc_snaplist, &ioc_snapremove, &ioc_snapshot, &ioc_start,
	&ioc_stop, &ioc_update, &ioc_upgrade, NULL,
};

static void
option_lines(const struct cmd_option *o, struct buf *out)
{
	for (; o != NULL && o->name != NULL; o++) {
		AUTO_BUF struct buf names = BUF_INIT;
		size_t len = strcspn(o->name, "|");

		if (o->letter != '\0')
			buf_printf(&names, "-%c", o->letter);
		if (len > 1)
			buf_printf(&names, "%s--%.*s", names.len > 0 ? ", " :
			    "", (int)len, o->name);
		if (o->arg != NULL)
			buf_printf(&names, " %s", o->arg);
		buf_printf(out, "  %-24s  %s\n", buf_text(&names), o->help);
	}
}

static int
help(struct compat *c, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;

	if (c->cmd != NULL) {
		buf_printf(&out, "Usage: iocage %s [OPTIONS] %s\n\n  %s\n\n"
		    "Options:\n", c->cmd->name, c->cmd->usage,
		    c->cmd->summary);
		option_lines(c->cmd->options, &out);
		option_lines(c->tool->common, &out);
		return cmd_print_text(&out, e);
	}
	buf_puts(&out, "Usage: iocage [OPTIONS] COMMAND [ARGS]...\n\n"
	    "  A jail manager.\n\nOptions:\n");
	option_lines(globals, &out);
	buf_puts(&out, "\nCommands:\n");
	for (const struct compat_cmd *const *cmd = c->tool->commands;
	    *cmd != NULL; cmd++)
		buf_printf(&out, "  %-11s %s\n", (*cmd)->name, (*cmd)->summary);
	return cmd_print_text(&out, e);
}

/* "iocage CMD help", just these two words, is its help, too. */
static int
begin(struct compat *c, char **argv, bool *done, struct error *e)
{
	*done = true;
	if (compat_has_global(c, "version"))
		return compat_print(e, "Version\t%s\n", c->tool->version);
	if (compat_has_global(c, "help"))
		return help(c, e);
	if (argv[0] != NULL && argv[1] != NULL && argv[2] == NULL &&
	    strcmp(argv[1], "help") == 0 && compat_command(c->tool,
	    argv[0]) != NULL) {
		struct compat about = *c;

		about.cmd = compat_command(c->tool, argv[0]);
		return help(&about, e);
	}
	*done = false;
	return 0;
}

static int
unknown(struct compat *c, const char *name, struct error *e)
{
	return error_set(e, ERROR_USAGE, "No such command '%s'.", name);
}

static void
print_error(const struct compat *c, const struct error *e)
{
	if (e->kind != ERROR_USAGE) {
		compat_say(c, "%s", e->msg);
		return;
	}
	if (c->cmd != NULL)
		compat_say(c, "Usage: iocage %s [OPTIONS] %s\nTry 'iocage %s "
		    "--help' for help.\n\nError: %s", c->cmd->name,
		    c->cmd->usage, c->cmd->name, e->msg);
	else
		compat_say(c, "Usage: iocage [OPTIONS] COMMAND [ARGS]...\nTry "
		    "'iocage --help' for help.\n\nError: %s", e->msg);
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
