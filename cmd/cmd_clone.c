/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/life.h"
#include "core/snapshot.h"

static const struct cmd_option options[] = {
	{ 's', "snapshot", "SNAPSHOT", "its files at that snapshot" },
	{ 't', "thick", NULL, "copy the files, instead of sharing them" },
	{ 0, "start", NULL, "start the clone as well" },
	{ 0 },
};

static int
clone_jail(struct cmd_args *a, struct error *e)
{
	AUTO_FREE char *from = NULL;
	const char *to = a->operands.items[1];
	struct clone_options o = {
		.snapshot = args_value(a, "s"),
		.thick = args_has(a, "t"),
		.assign = &a->assign,
	};

	if (targets_one(a, a->operands.items[0], &from, e) < 0 ||
	    name_check_cell(to, e) < 0 ||
	    (o.snapshot != NULL && name_check_snapshot(o.snapshot, e) < 0) ||
	    jail_clone(a->host, from, to, &o, e) < 0)
		return -1;
	if (a->plan) {
		if (args_has(a, "start"))
			cmd_say("would start '%s'", to);
		return 0;
	}
	cmd_say("%s: cloned from %s", to, from);
	if (!args_has(a, "start"))
		return 0;
	if (life_start(a->host, to, e) < 0)
		return error_wrap(e, "'%s' was cloned, but did not start", to);
	cmd_say("%s: started", to);
	return 0;
}

const struct cmd cmd_clone = {
	.name = "clone",
	.group = "data",
	.summary = "make a new jail with the files of another",
	.operands = "target NEW [PROP=VALUE...]",
	.options = options,
	.min = 2,
	.max = 2,
	.flags = CMD_ASSIGN | CMD_PLAN,
	.exec = clone_jail,
};
