/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/archive.h"
#include "core/life.h"

static const struct cmd_option options[] = {
	{ 'S', "store", "STORE", "where its files shall lie" },
	{ 's', "start", NULL, "start it as well" },
	{ 0, "verify", NULL, "refuse what no trusted key has signed" },
	{ 0, "unverified", NULL, "take an archive of others without its "
	    "checksum" },
	{ 0, "devices", NULL, "let device nodes in" },
	{ 0, "max-size", "SIZE", "refuse more, unpacked; what is free by "
	    "default" },
	{ 0 },
};

static int
import(struct cmd_args *a, struct error *e)
{
	AUTO_FREE char *name = NULL;
	AUTO_BUF struct buf note = BUF_INIT;
	uint64_t size;
	struct import_options o = {
		.file = a->operands.items[0],
		.name = a->operands.count > 1 ? a->operands.items[1] : NULL,
		.store = args_value(a, "S"),
		.devices = args_has(a, "devices"),
		.verify = args_has(a, "verify"),
		.unverified = args_has(a, "unverified"),
		.max_size = args_value(a, "max-size"),
		.assign = &a->assign,
	};

	if ((o.name != NULL && name_check_cell(o.name, e) < 0))
		return -1;
	if (o.max_size != NULL && parse_size(o.max_size, &size, e) < 0)
		return error_wrap(e, "import: --max-size");
	if (import_jail(a->host, &o, &name, &note, e) < 0)
		return -1;
	if (a->plan) {
		if (args_has(a, "s"))
			cmd_say("would start '%s'", name);
		return 0;
	}
	cmd_say("%s: imported%s%s", name, note.len > 0 ? ", " : "",
	    buf_text(&note));
	if (!args_has(a, "s"))
		return 0;
	if (life_start(a->host, name, e) < 0)
		return error_wrap(e, "'%s' was imported, but did not start",
		    name);
	cmd_say("%s: started", name);
	return 0;
}

const struct cmd cmd_import = {
	.name = "import",
	.group = "data",
	.summary = "make a jail of an archive",
	.operands = "FILE|- [NAME] [PROP=VALUE...]",
	.options = options,
	.min = 1,
	.max = 2,
	.flags = CMD_ASSIGN | CMD_PLAN,
	.exec = import,
};
