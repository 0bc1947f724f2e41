/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/cmd.h"

static const struct cmd_option options[] = {
	{ '\0', "commands", NULL,
	    "list commands and options, tab-separated, for programs" },
	{ 0 },
};

/* Completion and the manual are made from this: a line per command, and after
 * it one per option. */
static void
list_all(struct buf *out)
{
	for (const struct cmd *const *c = cmd_table; *c != NULL; c++) {
		buf_printf(out, "command\t%s\t%s\t%s\t%s\n", (*c)->name,
		    (*c)->group, (*c)->summary, (*c)->operands);
		for (const struct cmd_option *o = (*c)->options;
		    o != NULL && o->name != NULL; o++)
			buf_printf(out, "option\t%s\t%s%c\t--%s\t%s\t%s\n",
			    (*c)->name, o->letter != '\0' ? "-" : "",
			    o->letter != '\0' ? o->letter : '-', o->name,
			    o->arg != NULL ? o->arg : "-", o->help);
	}
}

static int
help(struct cmd_args *a, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;
	const struct cmd *c;

	if (args_has(a, "commands")) {
		list_all(&out);
	} else if (a->operands.count == 0) {
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
	.options = options,
	.max = 1,
	.flags = CMD_NO_HOST,
	.exec = help,
};
