/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "template/cache.h"
#include "template/library.h"
#include "template/plan.h"
#include "template/record.h"

enum { C_NAME, C_FROM, C_COMMIT, C_PINNED, C_DIR, C_ARGS, C_STEPS, COLUMNS,
	LIST_COLUMNS = C_ARGS };

static const struct view_column columns[COLUMNS] = {
	[C_NAME] = { "name", "NAME", VIEW_TEXT },
	[C_FROM] = { "from", "FROM", VIEW_TEXT },
	[C_COMMIT] = { "commit", "COMMIT", VIEW_TEXT },
	[C_PINNED] = { "pinned", "PINNED", VIEW_BOOL },
	[C_DIR] = { "directory", "DIRECTORY", VIEW_TEXT },
	[C_ARGS] = { "args", "ARGS", VIEW_LIST },
	[C_STEPS] = { "steps", "STEPS", VIEW_LIST },
};

static const struct cmd_option options[] = {
	{ 'o', "os", "linux|freebsd", "of what system's jails the steps are "
	    "shown" },
	{ 0 },
};

/* Where it came from; nothing of one that lies in no repository. */
static int
add_version(const struct cmd_args *a, struct view *v, const char *dir,
    bool own, struct error *e)
{
	AUTO_FREE char *repository = own ?
	    library_repository(a->host, dir) : NULL;
	AUTO_FREE char *commit = NULL, *url = NULL;
	bool pinned;

	if (!own)
		view_text(v, C_FROM, "gaol");
	if (repository == NULL)
		return 0;
	if (library_version(repository, &commit, &url, &pinned, e) < 0)
		return -1;
	view_text(v, C_FROM, url);
	commit[strlen(commit) > 12 ? 12 : strlen(commit)] = '\0';
	view_text(v, C_COMMIT, commit);
	view_bool(v, C_PINNED, pinned);
	return 0;
}

static int
list(struct cmd_args *a, struct error *e)
{
	AUTO_LIBRARY struct library l = VEC_INIT;
	AUTO_VIEW struct view *v = view_new(columns, LIST_COLUMNS);

	if (library_list(a->host, &l, e) < 0)
		return -1;
	for (size_t i = 0; i < l.count; i++) {
		view_row(v);
		view_text(v, C_NAME, l.items[i].name);
		view_text(v, C_DIR, l.items[i].dir);
		if (add_version(a, v, l.items[i].dir, l.items[i].own, e) < 0)
			return -1;
	}
	return cmd_print(a, v, e);
}

/* --- what a template would do, with its arguments as they are written --- */

struct looking {
	const struct host *host;
	struct strings needed;
};

static int
read_named(void *arg, const char *name, struct template_text *t,
    struct error *e)
{
	const struct looking *l = arg;

	return library_read(l->host, name, t, e);
}

static char *
ask(void *arg, const char *name)
{
	struct looking *l = arg;

	if (strings_index(&l->needed, name) < 0)
		strings_add(&l->needed, name);
	return xasprintf("${%s}", name);
}

static int
plan_for(struct looking *l, const char *name, const char *os,
    struct template_plan *plan, struct error *e)
{
	static const struct vars none = VEC_INIT;
	AUTO_VARS struct vars builtin = VEC_INIT;
	struct template_target t = { os, &builtin, &none, read_named, ask, l };

	vars_set(&builtin, "JAIL_NAME", "${JAIL_NAME}");
	vars_set(&builtin, "JAIL_IP", "${JAIL_IP}");
	vars_set(&builtin, "JAIL_IP6", "${JAIL_IP6}");
	return template_plan(&t, name, plan, e);
}

static int
show(struct cmd_args *a, struct error *e)
{
	const char *name = a->operands.items[1], *os = args_value(a, "os");
	AUTO_FREE char *dir = library_find(a->host, name, e);
	AUTO_TEMPLATE_PLAN struct template_plan plan = TEMPLATE_PLAN_INIT;
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	AUTO_STRINGS struct strings steps = VEC_INIT;
	struct looking l = { a->host, VEC_INIT };
	int result = -1;

	if (os == NULL)
		os = engine_native->runs[0];
	if (dir != NULL)
		result = plan_for(&l, name, os, &plan, e);
	for (size_t i = 0; i < plan.steps.count; i++) {
		AUTO_BUF struct buf text = BUF_INIT;

		template_step_tell(&plan.steps.items[i], &text);
		strings_add(&steps, buf_text(&text));
	}
	view_row(v);
	view_text(v, C_NAME, name);
	view_list(v, C_ARGS, &l.needed);
	view_list(v, C_STEPS, &steps);
	if (result == 0) {
		view_text(v, C_DIR, dir);
		result = add_version(a, v, dir, true, e);
	}
	strings_fini(&l.needed);
	return result < 0 ? -1 : cmd_print_object(a, v, e);
}

/* --- verify --- */

/* Of either system: every line, and every file that is copied. */
static int
verify_one(struct cmd_args *a, const char *name, struct error *e)
{
	static const char *const systems[] = { "linux", "freebsd" };
	size_t most = 0;

	for (size_t i = 0; i < 2; i++) {
		AUTO_TEMPLATE_PLAN struct template_plan plan =
		    TEMPLATE_PLAN_INIT;
		struct looking l = { a->host, VEC_INIT };
		struct step_key key = { { 0 } };
		int result = plan_for(&l, name, systems[i], &plan, e);

		strings_fini(&l.needed);
		for (size_t k = 0; result == 0 && k < plan.steps.count; k++) {
			const struct template_step *s = &plan.steps.items[k];

			/* the host that applies it has its secrets */
			if (s->directive->kind != DIRECTIVE_SECRET)
				result = key_step(a->host, s, &key, e);
		}
		if (result < 0)
			return -1;
		if (plan.steps.count > most)
			most = plan.steps.count;
	}
	cmd_say("%s: %zu steps, nothing is wrong", name, most);
	return 0;
}

static int
verify(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct error one = ERROR_INIT;
	size_t bad = 0;

	for (size_t i = 1; i < a->operands.count; i++)
		strings_add(&names, a->operands.items[i]);
	if (names.count == 0) {
		AUTO_LIBRARY struct library l = VEC_INIT;

		if (library_list(a->host, &l, e) < 0)
			return -1;
		for (size_t i = 0; i < l.count; i++)
			strings_add(&names, l.items[i].name);
	}
	if (names.count == 1)
		return verify_one(a, names.items[0], e);
	for (size_t i = 0; i < names.count; i++)
		if (verify_one(a, names.items[i], &one) < 0) {
			cmd_print_error(a, names.items[i], &one);
			error_clear(&one);
			bad++;
		}
	return bad == 0 ? 0 : error_set(e, ERROR_DATA,
	    "%zu of %zu templates are wrong", bad, names.count);
}

/* --- update --- */

static int
update_one(struct cmd_args *a, const char *repository, struct error *e)
{
	AUTO_FREE char *commit = NULL, *url = NULL;
	bool pinned, changed;

	if (library_update(a->host, repository, &changed, e) < 0 ||
	    library_version(repository, &commit, &url, &pinned, e) < 0)
		return -1;
	if (!a->plan)
		cmd_say("%s: %s, at commit %.12s", url, pinned ? "pinned" :
		    changed ? "updated" : "nothing new", commit);
	return 0;
}

static int
add_repository(struct cmd_args *a, const char *name, struct strings *list,
    struct error *e)
{
	AUTO_FREE char *dir = NULL, *repository = NULL;

	if (library_is_url(name)) {
		if (library_clone(a->host, name, &dir, e) < 0)
			return -1;
	} else {
		dir = library_find(a->host, name, e);
		if (dir == NULL)
			return -1;
	}
	repository = library_repository(a->host, dir);
	if (repository == NULL)
		return error_set(e, ERROR_FAILED, "%s: it came from no "
		    "repository", name);
	if (strings_index(list, repository) < 0)
		strings_add(list, repository);
	return 0;
}

static int
update(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings list = VEC_INIT;

	for (size_t i = 1; i < a->operands.count; i++)
		if (add_repository(a, a->operands.items[i], &list, e) < 0)
			return -1;
	if (a->operands.count == 1) {
		AUTO_LIBRARY struct library l = VEC_INIT;

		if (library_list(a->host, &l, e) < 0)
			return -1;
		for (size_t i = 0; i < l.count; i++) {
			AUTO_FREE char *repository = l.items[i].own ?
			    library_repository(a->host, l.items[i].dir) : NULL;

			if (repository != NULL &&
			    strings_index(&list, repository) < 0)
				strings_add(&list, repository);
		}
	}
	for (size_t i = 0; i < list.count; i++)
		if (update_one(a, list.items[i], e) < 0)
			return -1;
	return 0;
}

/* --- convert --- */

static int
write_beside(struct cmd_args *a, const char *dir, const struct buf *text,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("%s/Bastillefile", dir);

	if (a->plan) {
		cmd_say("would write %s", file);
		return 0;
	}
	if (file_replace(AT_FDCWD, file, buf_text(text), text->len, 0644,
	    FILE_DURABLE, e) < 0)
		return -1;
	cmd_say("%s: written; its hook files are not read any more", file);
	return 0;
}

static int
convert(struct cmd_args *a, struct error *e)
{
	const char *name = a->operands.items[1];
	AUTO_TEMPLATE_TEXT struct template_text t = TEMPLATE_TEXT_INIT;

	if (library_read(a->host, name, &t, e) < 0)
		return -1;
	for (size_t i = 0; i < t.notes.count; i++)
		cmd_warn("%s", t.notes.items[i]);
	if (t.hooks)
		return write_beside(a, t.dir, &t.text, e);
	return cmd_print_text(&t.text, e);
}

static int
prune(struct cmd_args *a, struct error *e)
{
	size_t count;

	if (cache_prune(a->host, &count, e) < 0)
		return -1;
	if (!a->plan)
		cmd_say("%zu kept steps are gone", count);
	return 0;
}

static const struct cmd_verb verbs[] = {
	{ "list", 1, 1, list },
	{ "show", 2, 2, show },
	{ "verify", 1, CMD_ANY, verify },
	{ "update", 1, CMD_ANY, update },
	{ "convert", 2, 2, convert },
	{ "prune", 1, 1, prune },
	{ 0 },
};

static int
template(struct cmd_args *a, struct error *e)
{
	return cmd_verb(a, verbs,
	    "list, show, verify, update, convert and prune", e);
}

const struct cmd cmd_template = {
	.name = "template",
	.group = "templates",
	.summary = "list, show, check and update templates",
	.operands = "[list|show|verify|update|convert|prune] [TEMPLATE|URL...]",
	.options = options,
	.min = 0,
	.max = CMD_ANY,
	.flags = CMD_PLAN | CMD_VIEW,
	.exec = template,
};
