/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <unistd.h>

#include "base/auto.h"
#include "cmd/inside.h"
#include "core/guest.h"

static const struct cmd_option options[] = {
	{ 'y', "yes", NULL, "answer yes to what the package program asks" },
	OPTION_PARALLEL,
	{ 0 },
};

static int
pkg_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	AUTO_GUEST_LINES struct guest_lines lines = VEC_INIT;
	AUTO_STRINGS struct strings env = VEC_INIT;
	bool terminal = targets_exact(&a->operands, name) &&
	    isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	bool yes = args_has(a, "y");
	struct guest g;

	if (life_guest(a->host, name, &g, e) < 0 ||
	    guest_package_lines(&g, &a->command, yes, &lines, e) < 0)
		return -1;
	/* debconf(7) asks for no more than apt-get does */
	if (!terminal || yes)
		strings_add(&env, "DEBIAN_FRONTEND=noninteractive");
	for (size_t i = 0; i < lines.count && a->status == 0; i++) {
		struct run_options o = {
			.argv = strings_argv(&lines.items[i]),
			.user = "root", .env = &env, .tty = terminal,
		};

		if (life_exec(a->host, name, &o, &a->status, e) < 0)
			return -1;
	}
	return 0;
}

static int
exec(struct cmd_args *a, struct error *e)
{
	if (a->command.count == 0)
		return error_set(e, ERROR_USAGE, "pkg: what is it to do? "
		    "'gaol pkg %s install nginx'", a->operands.items[0]);
	return inside_each(a, pkg_one, NULL, e);
}

const struct cmd cmd_pkg = {
	.name = "pkg",
	.group = "inside",
	.summary = "install and remove packages in a running jail",
	.operands = "target command [argument...]",
	.options = options,
	.min = 1,
	.max = 1,
	.flags = CMD_COMMAND | CMD_STATUS,
	.exec = exec,
};
