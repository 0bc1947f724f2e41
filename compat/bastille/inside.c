/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* cmd, console, pkg, service, sysrc, top, htop. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "compat/bastille/bastille.h"

/* A command of gaol with the jail behind its name, then the operands. */
struct inside {
	const char *command, *option;	/* option, or NULL */
	const char *more[3];		/* behind the jail, before operands */
};

static int
run(struct compat *c, const char *jail, void *arg, struct error *e)
{
	const struct inside *in = arg;
	AUTO_STRINGS struct strings words = VEC_INIT;

	if (bastille_need_up(c, jail, compat_has(c, "a"), e) < 0)
		return -1;
	strings_add(&words, in->command);
	if (in->option != NULL)
		strings_add(&words, in->option);
	strings_add(&words, jail);
	strings_add(&words, "--");
	for (size_t i = 0; i < 3 && in->more[i] != NULL; i++)
		strings_add(&words, in->more[i]);
	for (size_t i = 1; i < c->operands.count; i++)
		strings_add(&words, c->operands.items[i]);
	return compat_call_words(c, &words, NULL, e);
}

static int
cmd(struct compat *c, struct error *e)
{
	struct inside in = { .command = "exec" };

	return bastille_for(c, TARGET_LOOK, run, &in, e);
}

static int
pkg(struct compat *c, struct error *e)
{
	struct inside in = { .command = "pkg", .option = compat_has(c, "y") ?
	    "-y" : NULL };

	if (compat_has(c, "H"))
		return bastille_cannot(c, "-H: gaol runs no package program of "
		    "the host on a jail's files; without -H it is the jail's",
		    e);
	return bastille_for(c, TARGET_LOOK, run, &in, e);
}

static int
service(struct compat *c, struct error *e)
{
	struct inside in = { .command = "service" };

	return bastille_for(c, TARGET_LOOK, run, &in, e);
}

static int
sysrc_one(struct compat *c, const char *jail, void *arg, struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;

	if (bastille_need_up(c, jail, compat_has(c, "a"), e) < 0)
		return -1;
	strings_add(&words, "sysrc");
	strings_add(&words, jail);
	for (size_t i = 1; i < c->operands.count; i++)
		strings_add(&words, c->operands.items[i]);
	return compat_call_words(c, &words, NULL, e);
}

static int
sysrc(struct compat *c, struct error *e)
{
	return bastille_for(c, TARGET_LOOK, sysrc_one, NULL, e);
}

static int
console_one(struct compat *c, const char *jail, void *arg, struct error *e)
{
	const char *user = compat_operand(c, 1);

	if (bastille_need_up(c, jail, compat_has(c, "a"), e) < 0)
		return -1;
	if (user == NULL)
		return compat_call(c, e, "console", jail, NULL);
	return compat_call(c, e, "console", "-u", user, jail, NULL);
}

static int
console(struct compat *c, struct error *e)
{
	return bastille_for(c, TARGET_LOOK, console_one, NULL, e);
}

static int
watch(struct compat *c, struct error *e)
{
	struct inside in = { .command = "exec", .option = getenv("TERM") !=
	    NULL ? "--env=TERM" : NULL, .more = { c->cmd->name } };
	AUTO_FREE char *jail = NULL;

	if (bastille_target(c, c->operands.items[0], TARGET_LOOK, &jail,
	    e) < 0 || bastille_header(c, jail, e) < 0)
		return -1;
	return run(c, jail, &in, e);
}

static const struct cmd_option auto_options[] = { BASTILLE_AUTO, { 0 } };
static const struct cmd_option pkg_options[] = {
	BASTILLE_AUTO,
	{ 'H', "host", NULL, "Use the host's pkg instead of the jail's." },
	{ 'y', "yes", NULL, "Assume always yes to prompts." },
	{ 0 },
};

const struct compat_cmd bastille_cmd = {
	.name = "cmd",
	.usage = "[option(s)] TARGET COMMAND",
	.summary = "Execute command(s) inside jail(s).",
	.options = auto_options,
	.min = 2,
	.max = CMD_ANY,
	.state = COMPAT_DIFFERS,
	.note = "of one jail the status is the command's, of several 1; "
	    "Bastille's is always 1",
	.test = "cli/compat_bastille_test.sh:cmd",
	.exec = cmd,
};

const struct compat_cmd bastille_console = {
	.name = "console",
	.usage = "[option(s)] TARGET [USER]",
	.summary = "Console into a running jail.",
	.options = auto_options,
	.min = 1,
	.max = 2,
	.state = COMPAT_DIFFERS,
	.note = "the user's login shell is run without login(1)",
	.test = "cli/compat_bastille_test.sh:cmd",
	.exec = console,
};

const struct compat_cmd bastille_pkg = {
	.name = "pkg",
	.usage = "[option(s)] TARGET COMMAND [args]",
	.summary = "Manipulate binary packages within jail(s).",
	.options = pkg_options,
	.min = 2,
	.max = CMD_ANY,
	.state = COMPAT_DIFFERS,
	.note = "`-H` is refused (69): a jail's files are reached from inside "
	    "alone; pkg, apt-get or apk, whatever the jail has",
	.test = "cli/compat_bastille_test.sh:guest",
	.exec = pkg,
};

const struct compat_cmd bastille_service = {
	.name = "service",
	.usage = "[option(s)] TARGET SERVICE_NAME ACTION",
	.summary = "Manage services within jail(s).",
	.options = auto_options,
	.min = 3,
	.max = CMD_ANY,
	.test = "cli/compat_bastille_test.sh:guest",
	.exec = service,
};

const struct compat_cmd bastille_sysrc = {
	.name = "sysrc",
	.usage = "[option(s)] TARGET ARGS",
	.summary = "Safely edit rc files within jail(s).",
	.options = auto_options,
	.min = 2,
	.max = CMD_ANY,
	.state = COMPAT_DIFFERS,
	.note = "gaol's own sysrc, which never runs what is in the file",
	.test = "cli/compat_bastille_test.sh:guest",
	.exec = sysrc,
};

const struct compat_cmd bastille_top = {
	.name = "top",
	.usage = "[option(s)] TARGET",
	.summary = "Process viewer: top of the jail.",
	.options = auto_options,
	.min = 1,
	.max = 1,
	.test = "cli/compat_bastille_test.sh:cmd",
	.exec = watch,
};

const struct compat_cmd bastille_htop = {
	.name = "htop",
	.usage = "[option(s)] TARGET",
	.summary = "Interactive process viewer: htop of the jail.",
	.options = auto_options,
	.min = 1,
	.max = 1,
	.test = "cli/compat_bastille_test.sh:cmd",
	.exec = watch,
};
