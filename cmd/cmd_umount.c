/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/mount.h"

static const struct cmd_option options[] = {
	{ 'f', "force", NULL, "even while the jail uses it" },
	OPTION_PARALLEL,
	{ 0 },
};

static int
umount_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	return life_umount(a->host, name, arg, args_has(a, "f"), e);
}

static int
umount(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings target = VEC_INIT, names = VEC_INIT;

	strings_add(&target, a->operands.items[0]);
	if (targets_resolve(a, &target, &names, e) < 0)
		return -1;
	return targets_run(a, &names, 0, ORDER_NONE, umount_one,
	    a->operands.items[1], e);
}

const struct cmd cmd_umount = {
	.name = "umount",
	.alias = "unmount",
	.group = "data",
	.summary = "take a mount out of a jail, now and for good",
	.operands = "target path",
	.options = options,
	.min = 2,
	.max = 2,
	.flags = CMD_PLAN,
	.exec = umount,
};
