/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/apply.h"

static const struct cmd_option options[] = {
	OPTION_ARG,
	OPTION_ARG_FILE,
	{ '\0', "no-cache", NULL, "do every step, also what has not changed" },
	{ 'k', "keep", NULL, "leave the jail as a failed step left it" },
	OPTION_PARALLEL,
	{ 0 },
};

static int
apply_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	return apply_templates(a, name, arg, e);
}

static int
apply(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings target = VEC_INIT, names = VEC_INIT;
	AUTO_APPLY_JOB struct apply_job job = APPLY_JOB_INIT;

	strings_add(&target, a->operands.items[0]);
	for (size_t i = 1; i < a->operands.count; i++)
		strings_add(&job.templates, a->operands.items[i]);
	job.no_cache = args_has(a, "no-cache");
	job.keep = args_has(a, "keep");
	if (targets_resolve(a, &target, &names, e) < 0 ||
	    apply_args(a, &job.args, e) < 0)
		return -1;
	job.alone = names.count == 1;
	return targets_run(a, &names, 0, ORDER_NONE, apply_one, &job, e);
}

const struct cmd cmd_apply = {
	.name = "apply",
	.group = "templates",
	.summary = "apply templates to jails",
	.operands = "target template...",
	.options = options,
	.min = 2,
	.max = CMD_ANY,
	.flags = CMD_PLAN | CMD_VIEW,
	.exec = apply,
};
