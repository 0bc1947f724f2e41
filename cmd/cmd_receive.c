/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <signal.h>
#include <unistd.h>

#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/send.h"

static int
receive(struct cmd_args *a, struct error *e)
{
	bool told = false;

	if (isatty(STDIN_FILENO))
		return error_set(e, ERROR_USAGE, "'gaol send' runs this "
		    "command on the other host");
	/* a peer that is gone is an error of write(2) */
	signal(SIGPIPE, SIG_IGN);
	if (jail_receive(a->host, STDIN_FILENO, STDOUT_FILENO, &told, e) == 0)
		return 0;
	if (!told)
		return -1;
	/* who runs the other end reads it there */
	a->status = error_exit_status(e->kind);
	error_clear(e);
	return 0;
}

const struct cmd cmd_receive = {
	.name = "receive",
	.group = "data",
	.summary = "the far end of 'gaol send', which runs it",
	.operands = "",
	.exec = receive,
};
