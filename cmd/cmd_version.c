/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/cmd.h"

static int
version(struct cmd_args *a, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;

	if (a->format == VIEW_JSON)
		buf_printf(&out, "{\"version\":\"%s\",\"engine\":\"%s\"}\n",
		    GAOL_VERSION, engine_native->name);
	else
		buf_printf(&out, "gaol %s (%s)\n", GAOL_VERSION,
		    engine_native->name);
	return cmd_print_text(&out, e);
}

const struct cmd cmd_version = {
	.name = "version",
	.group = "help",
	.summary = "print the version",
	.operands = "",
	.flags = CMD_NO_HOST | CMD_VIEW,
	.exec = version,
};
