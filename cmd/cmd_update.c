/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/rolling.h"
#include "core/update.h"

enum { C_JAIL, C_PACKAGE, C_INSTALLED, C_AVAILABLE, C_SECURITY, C_WHY, COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[C_JAIL] = { "name", "NAME", VIEW_TEXT },
	[C_PACKAGE] = { "package", "PACKAGE", VIEW_TEXT },
	[C_INSTALLED] = { "installed", "INSTALLED", VIEW_TEXT },
	[C_AVAILABLE] = { "available", "AVAILABLE", VIEW_TEXT },
	[C_SECURITY] = { "security", "SECURITY", VIEW_BOOL },
	[C_WHY] = { "why", "WHY", VIEW_TEXT },
};

static const struct cmd_option update_options[] = {
	{ 'c', "check", NULL, "only list what is due" },
	{ 'r', "restart", NULL, "restart it, to see that it comes up again" },
	{ 0, "no-snapshot", NULL, "go on where nothing can be undone" },
	{ 0, "rolling", "N", "N at a time, each ready before the next" },
	OPTION_PAUSE,
	OPTION_PARALLEL,
	{ 0 },
};
static const struct cmd_option audit_options[] = {
	{ 0 },
};

typedef int look_fn(const struct host *h, const char *jail,
    struct update_packages *p, struct error *e);

static const char *
or_null(const char *text)
{
	return *text != '\0' ? text : NULL;
}

static void
put(struct view *v, const char *jail, const struct update_packages *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct update_package *u = &p->items[i];

		view_row(v);
		view_text(v, C_JAIL, jail);
		view_text(v, C_PACKAGE, u->name);
		view_text(v, C_INSTALLED, or_null(u->installed));
		view_text(v, C_AVAILABLE, or_null(u->available));
		view_bool(v, C_SECURITY, u->security);
		view_text(v, C_WHY, or_null(u->why));
	}
}

/* A row for each package; a jail that cannot be asked does not keep others from
 * being listed. */
static int
look(struct cmd_args *a, const struct strings *names, look_fn *fn,
    const char *shown, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	struct error first = ERROR_INIT;
	size_t failed = 0;

	a->told = true;
	if (view_select(v, shown, e) < 0)
		return -1;
	for (size_t i = 0; i < names->count; i++) {
		AUTO_UPDATE_PACKAGES struct update_packages p = VEC_INIT;
		struct error why = ERROR_INIT;

		if (fn(a->host, names->items[i], &p, &why) == 0) {
			put(v, names->items[i], &p);
			continue;
		}
		if (names->count > 1)
			cmd_print_error(a, names->items[i], &why);
		if (failed++ == 0)
			first = why;
	}
	if (names->count == 1 && failed == 1) {
		*e = first;
		return -1;
	}
	if (cmd_print(a, v, e) < 0)
		return -1;
	return failed == 0 ? 0 : error_set(e, first.kind, "%s: %zu of %zu "
	    "jails could not be asked", a->cmd->name, failed, names->count);
}

static int
update_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	const struct update_options o = {
		.snapshot = !args_has(a, "no-snapshot"),
		.restart = args_has(a, "r"),
	};

	if (update_run(a->host, name, &o, e) < 0)
		return -1;
	if (!a->plan)
		cmd_say("%s: updated", name);
	return 0;
}

static int
update(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct rolling rolling;

	if (args_has(a, "c"))
		return targets_resolve_running(a, &a->operands, &names, e) < 0 ?
		    -1 : look(a, &names, update_due,
		    "name,package,installed,available,security", e);
	if (rolling_init(&rolling, a, e) < 0 ||
	    targets_resolve(a, &a->operands, &names, e) < 0)
		return -1;
	if (rolling.at_once > 0)
		return rolling_run(&rolling, a, &names, update_one, NULL, e);
	return targets_run(a, &names, 0, ORDER_UP, update_one, NULL, e);
}

static int
audit(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT, all = VEC_INIT;

	strings_add(&all, "ALL");
	return targets_resolve_running(a, a->operands.count > 0 ?
	    &a->operands : &all, &names, e) < 0 ? -1 :
	    look(a, &names, update_audit, "name,package,installed,available,"
	    "why", e);
}

const struct cmd cmd_update = {
	.name = "update",
	.group = "inside",
	.summary = "bring the packages of jails up to date",
	.operands = "target...",
	.options = update_options,
	.min = 1,
	.max = CMD_ANY,
	.flags = CMD_PLAN | CMD_VIEW,
	.exec = update,
};

const struct cmd cmd_audit = {
	.name = "audit",
	.group = "inside",
	.summary = "list packages of jails that are known to be vulnerable",
	.operands = "[target...]",
	.options = audit_options,
	.max = CMD_ANY,
	.flags = CMD_VIEW,
	.exec = audit,
};
