/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/release.h"
#include "core/snapshot.h"

static int
recover(struct cmd_args *a, struct error *e)
{
	size_t failed = 0;

	if (!a->plan && release_recover_all(a->host, e) < 0)
		return -1;
	return jail_recover_all(a->host, &failed, e);
}

const struct cmd cmd_recover = {
	.name = "recover",
	.group = "host",
	.summary = "bring back every jail from what lies on disk",
	.operands = "",
	.flags = CMD_PLAN,
	.exec = recover,
};
