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

struct job {
	struct strings templates;
	struct vars args;
	bool alone;
};

static int
apply_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	const struct job *job = arg;

	return apply_templates(a, name, &job->templates, &job->args,
	    args_has(a, "no-cache"), args_has(a, "keep"), job->alone, e);
}

static int
apply(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings target = VEC_INIT, names = VEC_INIT;
	struct job job = { VEC_INIT, VEC_INIT, false };
	int result;

	strings_add(&target, a->operands.items[0]);
	for (size_t i = 1; i < a->operands.count; i++)
		strings_add(&job.templates, a->operands.items[i]);
	result = targets_resolve(a, &target, &names, e);
	job.alone = names.count == 1;
	if (result == 0)
		result = apply_args(a, &job.args, e);
	if (result == 0)
		result = targets_run(a, &names, 0, ORDER_NONE, apply_one, &job,
		    e);
	strings_fini(&job.templates);
	vars_fini(&job.args);
	return result;
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
