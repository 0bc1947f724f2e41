/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "cmd/apply.h"
#include "core/life.h"
#include "core/network.h"
#include "core/store.h"
#include "template/target.h"

static const struct cmd_option options[] = {
	{ 'r', "release", "RELEASE", "release the jail stands on" },
	{ 't', "thick", NULL, "copy the release, instead of sharing it" },
	{ 'S', "store", "STORE", "where its files lie: overlay, dir" },
	{ 's', "start", NULL, "start it as well" },
	{ 'T', "template", "TEMPLATE", "apply it; may be given again" },
	OPTION_ARG,
	OPTION_ARG_FILE,
	{ '\0', "no-cache", NULL, "begin with no kept step, and keep none" },
	{ 'k', "keep", NULL, "leave a jail whose template failed" },
	OPTION_PARALLEL,
	{ 0 },
};

struct job {
	struct create_options options;
	struct apply_job apply;
	char *from;		/* a template's FROM */
};

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

/* As it will be, as far as templates by default go. */
static int
sketch(const struct cmd_args *a, const struct create_options *o,
    struct cell *c, struct error *e)
{
	const struct store *store = o->store != NULL ? store_find(o->store) :
	    store_default(a->host, e);
	const char *words[3] = { o->thick || (store != NULL && !store->thin) ?
	    "type=thick" : NULL };
	AUTO_FREE char *release = o->release == NULL ? NULL :
	    xasprintf("release=%s", o->release);
	bool by_default = net_native != NULL && net_native->by_default;
	AUTO_FREE char *net = xasprintf("net=%s", host_setting(a->host, "net",
	    by_default ? NETWORK_DEFAULT : "none"));

	if (o->store == NULL && store == NULL)
		return -1;
	words[1] = release;
	words[2] = net;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i] != NULL && cell_assign(c, words[i], true, e) < 0)
			return -1;
	for (size_t i = 0; i < o->assign_count; i++)
		if (cell_assign(c, o->assign[i], true, e) < 0)
			return -1;
	return 0;
}

/* What steps do may depend on these. */
static bool
is_plain(const struct create_options *o)
{
	for (size_t i = 0; i < o->assign_count; i++)
		if (strncmp(o->assign[i], "env", 3) == 0 ||
		    strncmp(o->assign[i], "mount", 5) == 0 ||
		    strncmp(o->assign[i], "exec.clean", 10) == 0)
			return false;
	return !o->thick;
}

/* Those of the settings, then those that were named; and where to begin. */
static int
prepare(struct cmd_args *a, const char *name, const struct job *job,
    struct apply_job *apply, struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_FREE char *release = NULL;

	cell_init(&c, name);
	if (sketch(a, &job->options, &c, e) < 0)
		return -1;
	release = cell_text(&c, "release");
	if (release == NULL || *release == '\0')
		return 0;	/* create tells so */
	if (target_defaults(a->host, &c, &apply->templates, e) < 0)
		return -1;
	strings_copy(&apply->templates, &job->apply.templates);
	vars_copy(&apply->args, &job->apply.args);
	apply->keep = job->apply.keep;
	apply->alone = job->apply.alone;
	apply->fresh = apply->templates.count > 0 && is_plain(&job->options) &&
	    !args_has(a, "no-cache");
	return apply->fresh && !a->plan ?
	    apply_find_base(a, name, release, apply, e) : 0;
}

static int
make(struct cmd_args *a, const char *name, const struct job *job,
    struct apply_job *apply, struct error *e)
{
	struct create_options o = job->options;
	struct error why = ERROR_INIT;

	o.base = apply->base;
	if (o.base != NULL && life_create(a->host, name, &o, &why) == 0)
		return 0;
	free(apply->base);
	apply->base = NULL;
	o.base = NULL;
	return life_create(a->host, name, &o, e);
}

static int
tell_plan(struct cmd_args *a, const char *name, const struct apply_job *apply)
{
	for (size_t i = 0; i < apply->templates.count; i++)
		cmd_say("would apply template %s", apply->templates.items[i]);
	if (args_has(a, "s"))
		cmd_say("would start '%s'", name);
	return 0;
}

static int
create_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	const struct job *job = arg;
	AUTO_APPLY_JOB struct apply_job apply = APPLY_JOB_INIT;

	if (prepare(a, name, job, &apply, e) < 0 ||
	    make(a, name, job, &apply, e) < 0)
		return -1;
	if (a->plan)
		return tell_plan(a, name, &apply);
	cmd_say("%s: created", name);
	if (args_has(a, "s")) {
		if (life_start(a->host, name, e) < 0)
			return error_wrap(e, "'%s' was created, but did not "
			    "start", name);
		cmd_say("%s: started", name);
	}
	if (apply.templates.count == 0)
		return 0;
	return apply_templates(a, name, &apply, e) < 0 ? undo(a, name, e) : 0;
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

	strings_copy(&job.apply.templates, args_values(a, "T"));
	job.apply.keep = args_has(a, "k");
	job.apply.alone = names.count == 1;
	if (result == 0)
		result = apply_args(a, &job.apply.args, e);
	if (result == 0 && job.apply.templates.count > 0)
		result = target_release(a->host, &job.apply.templates,
		    &job.apply.args, &job.from, e);
	if (job.options.release == NULL)
		job.options.release = job.from;
	if (result == 0)
		result = targets_run(a, &names, 0, ORDER_NONE, create_one,
		    &job, e);
	apply_job_fini(&job.apply);
	free(job.from);
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
