/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* exec, console, pkg, chroot. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "compat/iocage/iocage.h"

static int
need_running(struct compat *c, const char *name, struct error *e)
{
	if (compat_runs(c, name))
		return 0;
	if (!compat_has(c, "force"))
		return error_set(e, ERROR_FAILED, "%s is not running! Please "
		    "supply --force (-f) or start the jail", name);
	return ioc_start_one(c, name, e);
}

static const char *const proxies[] = { "http_proxy", "https_proxy",
	"HTTP_PROXY", "HTTPS_PROXY", "HTTP_PROXY_AUTH", "NO_PROXY", NULL };

static int
exec_one(struct compat *c, const char *name, struct error *e)
{
	const char *host_user = compat_value(c, "host_user");
	const char *jail_user = compat_value(c, "jail_user");
	AUTO_STRINGS struct strings words = VEC_INIT, shown = VEC_INIT;

	if (need_running(c, name, e) < 0)
		return -1;
	strings_add(&words, "exec");
	if (jail_user != NULL || host_user != NULL) {
		strings_add(&words, "-u");
		strings_add(&words, jail_user != NULL ? jail_user :
		    host_user);
	}
	for (size_t i = 0; compat_has(c, "proxy") && proxies[i] != NULL; i++)
		if (getenv(proxies[i]) != NULL) {
			strings_add(&words, "-e");
			strings_add(&words, proxies[i]);
		}
	strings_add(&words, name);
	strings_add(&words, "--");
	/* one word is a line for the shell */
	if (c->operands.count == 2) {
		strings_add(&words, "/bin/sh");
		strings_add(&words, "-c");
	}
	for (size_t i = 1; i < c->operands.count; i++) {
		strings_add(&words, c->operands.items[i]);
		strings_add(&shown, c->operands.items[i]);
	}
	if (compat_call_words(c, &words, NULL, e) < 0)
		return -1;
	if (c->status != 0) {
		AUTO_FREE char *text = strings_join(&shown, " ");

		compat_say(c, "Command: %s failed!", text);
	}
	return 0;
}

static int
exec_command(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings target = VEC_INIT, names = VEC_INIT;
	bool all = strcmp(c->operands.items[0], "ALL") == 0;
	int worst = 0;

	if (compat_value(c, "host_user") != NULL &&
	    compat_value(c, "jail_user") != NULL)
		return error_set(e, ERROR_FAILED, "Please only specify either "
		    "host_user or jail_user, not both!");
	strings_add(&target, c->operands.items[0]);
	if (ioc_targets(c, &target, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		if (all && !compat_has(c, "force") &&
		    !compat_runs(c, names.items[i]))
			continue;
		c->status = 0;
		if (exec_one(c, names.items[i], e) < 0)
			return -1;
		worst = worst != 0 ? worst : c->status;
	}
	c->status = worst;
	return 0;
}

static const struct cmd_option exec_options[] = {
	{ 'u', "host_user", "USER", "The host user to use." },
	{ 'U', "jail_user", "USER", "The jail user to use." },
	{ 'f', "force", NULL, "Start the jail if it's not running." },
	{ 'p', "proxy", NULL, "Keep the proxy environment." },
	{ 0 },
};

const struct compat_cmd ioc_exec = {
	.name = "exec",
	.usage = "JAIL|ALL COMMAND...",
	.summary = "Run a command inside a specified jail.",
	.options = exec_options,
	.min = 2,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "no option is taken from behind the jail's name; the status is "
	    "the command's own; `-u` is looked up in the jail; ALL means "
	    "those that run",
	.test = "cli/compat_iocage_test.sh:exec",
	.exec = exec_command,
};

static int
console(struct compat *c, struct error *e)
{
	AUTO_FREE char *name = NULL;

	if (ioc_target(c, c->operands.items[0], false, &name, e) < 0 ||
	    need_running(c, name, e) < 0)
		return -1;
	return compat_call(c, e, "console", name, NULL);
}

static const struct cmd_option console_options[] = {
	{ 'f', "force", NULL, "Start the jail if it's not running." },
	{ 0 },
};

const struct compat_cmd ioc_console = {
	.name = "console",
	.usage = "JAIL",
	.summary = "Login to a jail.",
	.options = console_options,
	.min = 1,
	.max = 1,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "the login shell of root itself; login(1) is not run",
	.test = "root/compat_iocage_test.sh:appendix",
	.exec = console,
};

static int
pkg_one(struct compat *c, const char *name, struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;

	if (!compat_runs(c, name))
		return error_set(e, ERROR_FAILED, "%s is not running! Please "
		    "supply --force (-f) or start the jail", name);
	strings_add(&words, "pkg");
	strings_add(&words, name);
	for (size_t i = 1; i < c->operands.count; i++)
		strings_add(&words, c->operands.items[i]);
	return compat_call_words(c, &words, NULL, e);
}

static int
pkg(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings target = VEC_INIT, names = VEC_INIT;

	strings_add(&target, c->operands.items[0]);
	if (ioc_targets(c, &target, &names, e) < 0)
		return -1;
	return ioc_each(c, &names, pkg_one, e);
}

const struct compat_cmd ioc_pkg = {
	.name = "pkg",
	.usage = "JAIL|ALL ARGUMENTS...",
	.summary = "Use pkg inside a specified jail.",
	.min = 2,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "as `gaol pkg`: also apt and apk; the status is the program's",
	.test = "cli/compat_iocage_test.sh:exec",
	.exec = pkg,
};

static int
chroot_command(struct compat *c, struct error *e)
{
	return compat_print(e, "iocage chroot is deprecated. If you need to "
	    "execute a shell|command inside the jail use: iocage "
	    "console|exec\n");
}

const struct compat_cmd ioc_chroot = {
	.name = "chroot",
	.usage = "JAIL [COMMAND]...",
	.summary = "Deprecated, use console or exec.",
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND | COMPAT_NO_HOST,
	.state = COMPAT_SAME,
	.test = "cli/compat_iocage_test.sh:exec",
	.exec = chroot_command,
};
