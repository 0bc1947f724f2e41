/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/cmd.h"

static int
help(struct cmd_args *a, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;
	const struct cmd *c;

	if (a->operands.count == 0) {
		cmd_help_all(&out);
	} else {
		c = cmd_find(a->operands.items[0]);
		if (c == NULL)
			return cmd_unknown(a->operands.items[0], e);
		cmd_help(c, &out);
	}
	return cmd_print_text(&out, e);
}

const struct cmd cmd_help_command = {
	.name = "help",
	.group = "help",
	.summary = "list the commands, or tell about one",
	.operands = "[command]",
	.max = 1,
	.flags = CMD_NO_HOST,
	.exec = help,
};
