/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/snapshot.h"

static const struct cmd_option options[] = {
	{ 0, "restart", NULL, "stop it before and start it after" },
	{ 'y', "yes", NULL, "do not ask" },
	{ 0 },
};

static int
rollback(struct cmd_args *a, struct error *e)
{
	const char *snapshot = a->operands.items[1];
	AUTO_FREE char *jail = NULL;
	AUTO_BUF struct buf question = BUF_INIT;

	if (targets_one(a, a->operands.items[0], &jail, e) < 0 ||
	    name_check_snapshot(snapshot, e) < 0)
		return -1;
	buf_printf(&question, "give up what '%s' wrote since snapshot %s?",
	    jail, snapshot);
	if (cmd_confirm(a, args_has(a, "y"), buf_text(&question), e) < 0)
		return -1;
	if (snapshot_rollback(a->host, jail, snapshot,
	    args_has(a, "restart"), e) < 0)
		return -1;
	if (!a->plan)
		cmd_say("%s: is as at snapshot %s again", jail, snapshot);
	return 0;
}

const struct cmd cmd_rollback = {
	.name = "rollback",
	.group = "data",
	.summary = "give a jail the files of a snapshot again",
	.operands = "target SNAPSHOT",
	.options = options,
	.min = 2,
	.max = 2,
	.flags = CMD_PLAN,
	.exec = rollback,
};
