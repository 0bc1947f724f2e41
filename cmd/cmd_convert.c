/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/snapshot.h"

static const struct cmd_option options[] = {
	{ 't', "thick", NULL, "give it a copy of its release" },
	{ 'T', "thin", NULL, "let it share the files of its release" },
	{ 'S', "store", "STORE", "where its files shall lie" },
	OPTION_PARALLEL,
	{ 0 },
};

static int
convert_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	bool thick = args_has(a, "t");

	if (jail_convert(a->host, name, thick, args_value(a, "S"), e) < 0)
		return -1;
	if (!a->plan)
		cmd_say("%s: is %s now", name, thick ? "thick" : "thin");
	return 0;
}

static int
convert(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (args_has(a, "t") == args_has(a, "T"))
		return error_set(e, ERROR_USAGE, "one of --thick and --thin");
	if (targets_resolve(a, &a->operands, &names, e) < 0)
		return -1;
	return targets_run(a, &names, 0, ORDER_NONE, convert_one, NULL, e);
}

const struct cmd cmd_convert = {
	.name = "convert",
	.group = "data",
	.summary = "make thin jails thick, or thick ones thin",
	.operands = "target...",
	.options = options,
	.min = 1,
	.max = CMD_ANY,
	.flags = CMD_PLAN,
	.exec = convert,
};
