/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/snapshot.h"

static int
rename_jail(struct cmd_args *a, struct error *e)
{
	AUTO_FREE char *from = NULL;
	const char *to = a->operands.items[1];

	if (targets_one(a, a->operands.items[0], &from, e) < 0 ||
	    name_check_cell(to, e) < 0 ||
	    jail_rename(a->host, from, to, e) < 0)
		return -1;
	if (!a->plan)
		cmd_say("%s: is '%s' now", from, to);
	return 0;
}

const struct cmd cmd_rename = {
	.name = "rename",
	.group = "life",
	.summary = "give a jail another name",
	.operands = "target NEW",
	.min = 2,
	.max = 2,
	.flags = CMD_PLAN,
	.exec = rename_jail,
};
