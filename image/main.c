/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * gaol-image: downloads and archives for gaol, which runs it.  It lives apart
 * because the libraries that it needs take longer to load than a jail takes to
 * start.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "image/confine.h"
#include "image/options.h"
#include "image/stop.h"

static const struct image_cmd *const commands[] = {
	&image_cmd_fetch,
	&image_cmd_freebsd,
	&image_cmd_key,
	&image_cmd_pack,
	&image_cmd_receive,
	&image_cmd_sha256,
	&image_cmd_squeeze,
	&image_cmd_unpack,
	&image_cmd_verify,
};

enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

static const uint64_t default_max_size = (uint64_t)16 << 30;
static const uint64_t default_max_entries = 2000000;
static const uint64_t default_stall = 30;

static const struct image_cmd *
find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

static int
help(void)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		printf("gaol-image %s %s\n    %s\n", commands[i]->name,
		    commands[i]->usage, commands[i]->summary);
		options_help(commands[i]);
	}
	return fflush(stdout) == 0 ? 0 : EX_IOERR;
}

static int
run(const struct image_cmd *cmd, int argc, char **argv, struct error *e)
{
	struct options o = {
		.max_size = default_max_size,
		.max_entries = default_max_entries,
		.stall = default_stall,
	};

	if (options_parse(cmd, argc, argv, &o, e) < 0)
		return -1;
	return cmd->exec(&o, e);
}

int
main(int argc, char **argv)
{
	const struct image_cmd *cmd;
	struct error e = ERROR_INIT;

	if (argc > 1 && strcmp(argv[1], "help") == 0)
		return help();
	cmd = argc > 1 ? find_command(argv[1]) : NULL;
	if (cmd == NULL) {
		fprintf(stderr, "gaol-image: %s: try 'gaol-image help'\n",
		    argc > 1 ? "unknown command" : "no command");
		return EX_USAGE;
	}
	stop_init();
	confine_die_with_parent(SIGTERM);
	/* Member names are UTF-8, whatever the administrator's language. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (run(cmd, argc - 1, argv + 1, &e) == 0)
		return 0;
	if (stop_signal() != 0) {
		fprintf(stderr, "gaol-image: interrupted\n");
		return 128 + stop_signal();
	}
	fprintf(stderr, "gaol-image: %s\n", e.msg);
	return error_exit_status(e.kind);
}
