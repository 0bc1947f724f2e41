/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>

#include "base/auto.h"
#include "cmd/apply.h"
#include "core/life.h"
#include "template/target.h"

static const struct cmd_option options[] = {
	{ 'r', "release", "RELEASE", "release the jail stands on" },
	{ 't', "thick", NULL, "copy the release, instead of sharing it" },
	{ 'S', "store", "STORE", "where its files lie: overlay, dir" },
	{ 's', "start", NULL, "start it as well" },
	{ 'T', "template", "TEMPLATE", "apply it; may be given again" },
	OPTION_ARG,
	OPTION_ARG_FILE,
	{ 'k', "keep", NULL, "leave a jail whose template failed" },
	OPTION_PARALLEL,
	{ 0 },
};

struct job {
	struct create_options options;
	struct strings templates;	/* of --template */
	struct vars args;
	char *from;		/* a template's FROM */
	bool alone;
};

static void
job_fini(struct job *job)
{
	strings_fini(&job->templates);
	vars_fini(&job->args);
	free(job->from);
}

/* Nothing of a jail stays whose template failed. */
static int
undo(struct cmd_args *a, const char *name, struct error *e)
{
	struct error why = ERROR_INIT;

	if (args_has(a, "k"))
		return error_wrap(e, "'%s' was created, but", name);
	if (life_destroy(a->host, name, true, false, &why) < 0)
		cmd_warn("%s: %s", name, why.msg);
	return error_wrap(e, "'%s' was not created", name);
}

/* Those of the settings, then those that were named. */
static int
apply_all(struct cmd_args *a, const char *name, const struct job *job,
    struct error *e)
{
	AUTO_STRINGS struct strings templates = VEC_INIT;
	AUTO_CELL struct cell c = CELL_INIT;

	if (cell_load(a->host, name, &c, e) < 0 ||
	    target_defaults(a->host, &c, &templates, e) < 0)
		return -1;
	strings_copy(&templates, &job->templates);
	return templates.count == 0 ? 0 : apply_templates(a, name, &templates,
	    &job->args, false, args_has(a, "k"), job->alone, e);
}

static int
tell_plan(struct cmd_args *a, const char *name, const struct job *job)
{
	for (size_t i = 0; i < job->templates.count; i++)
		cmd_say("would apply template %s", job->templates.items[i]);
	if (args_has(a, "s"))
		cmd_say("would start '%s'", name);
	return 0;
}

static int
create_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	const struct job *job = arg;

	if (life_create(a->host, name, &job->options, e) < 0)
		return -1;
	if (a->plan)
		return tell_plan(a, name, job);
	cmd_say("%s: created", name);
	if (args_has(a, "s")) {
		if (life_start(a->host, name, e) < 0)
			return error_wrap(e, "'%s' was created, but did not "
			    "start", name);
		cmd_say("%s: started", name);
	}
	return apply_all(a, name, job, e) < 0 ? undo(a, name, e) : 0;
}

/* Names are checked before anything is made. */
static int
check_names(const struct cmd_args *a, struct strings *names, struct error *e)
{
	if (args_has(a, "r") && name_check_release(args_value(a, "r"), e) < 0)
		return -1;
	for (size_t i = 0; i < a->operands.count; i++) {
		const char *name = a->operands.items[i];

		if (name_check_cell(name, e) < 0)
			return -1;
		if (strings_index(names, name) < 0)
			strings_add(names, name);
	}
	return 0;
}

static int
create(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct job job = { .options = {
		.release = args_value(a, "r"),
		.store = args_value(a, "S"),
		.thick = args_has(a, "t"),
		.assign = a->assign.items,
		.assign_count = a->assign.count,
	} };
	int result = check_names(a, &names, e);

	strings_copy(&job.templates, args_values(a, "T"));
	job.alone = names.count == 1;
	if (result == 0)
		result = apply_args(a, &job.args, e);
	if (result == 0 && job.templates.count > 0)
		result = target_release(a->host, &job.templates, &job.args,
		    &job.from, e);
	if (job.options.release == NULL)
		job.options.release = job.from;
	if (result == 0)
		result = targets_run(a, &names, 0, ORDER_NONE, create_one,
		    &job, e);
	job_fini(&job);
	return result;
}

const struct cmd cmd_create = {
	.name = "create",
	.group = "life",
	.summary = "create jails",
	.operands = "name... [PROP=VALUE...]",
	.options = options,
	.min = 1,
	.max = CMD_ANY,
	.flags = CMD_ASSIGN | CMD_PLAN,
	.exec = create,
};
