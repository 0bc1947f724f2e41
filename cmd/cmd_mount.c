/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/mount.h"

enum { C_JAIL, C_SOURCE, C_TARGET, C_TYPE, C_OPTIONS, COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[C_JAIL] = { "name", "NAME", VIEW_TEXT },
	[C_SOURCE] = { "source", "SOURCE", VIEW_TEXT },
	[C_TARGET] = { "target", "TARGET", VIEW_TEXT },
	[C_TYPE] = { "type", "TYPE", VIEW_TEXT },
	[C_OPTIONS] = { "options", "OPTIONS", VIEW_TEXT },
};

static const struct cmd_option options[] = {
	OPTION_PARALLEL,
	{ 0 },
};

static int
list(struct cmd_args *a, const struct strings *names, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);

	for (size_t i = 0; i < names->count; i++) {
		AUTO_STRINGS struct strings lines = VEC_INIT;
		AUTO_CELL struct cell c = CELL_INIT;

		if (cell_load(a->host, names->items[i], &c, e) < 0)
			return -1;
		cell_values(&c, "mount", &lines);
		for (size_t n = 0; n < lines.count; n++) {
			struct engine_mount m;

			if (mount_split(lines.items[n], &m, e) < 0)
				return -1;
			view_row(v);
			view_text(v, C_JAIL, names->items[i]);
			view_text(v, C_SOURCE, m.source);
			view_text(v, C_TARGET, m.target);
			view_text(v, C_TYPE, m.type);
			view_text(v, C_OPTIONS, m.options);
			mount_fini(&m);
		}
	}
	return cmd_print(a, v, e);
}

static bool
is_type(const char *word)
{
	static const char *const types[] = { "nullfs", "tmpfs", "procfs",
		"linprocfs", "linsysfs", "devfs", "fdescfs", "zfs", "ufs",
		"unionfs" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(word, types[i]) == 0)
			return true;
	return false;
}

static bool
is_number(const char *word)
{
	return strspn(word, "0123456789") == strlen(word);
}

/*
 * The words after SOURCE and TARGET, in either order: a type, and options.
 * fstab(5)'s DUMP and PASS, which Bastille's users write, mean nothing here.
 */
static int
parse(const struct cmd_args *a, struct engine_mount *m, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	const char *type = NULL;

	for (size_t i = 3; i < a->operands.count; i++) {
		const char *word = a->operands.items[i];

		if (is_number(word) && i >= a->operands.count - 2 && i > 3)
			continue;
		if (is_type(word) && type != NULL)
			return error_set(e, ERROR_USAGE,
			    "mount: %s and %s: one type is possible", type,
			    word);
		if (is_type(word))
			type = word;
		else
			buf_printf(&text, "%s%s", text.len > 0 ? "," : "",
			    word);
	}
	if (type == NULL && strcmp(a->operands.items[1], "tmpfs") == 0)
		type = "tmpfs";
	m->source = xstrdup(a->operands.items[1]);
	m->target = xstrdup(a->operands.items[2]);
	m->type = xstrdup(type != NULL ? type : "nullfs");
	m->options = xstrdup(text.len > 0 ? buf_text(&text) :
	    strcmp(m->type, "nullfs") == 0 ? "ro" : "rw");
	mount_normalize(m->target);
	if (strcmp(m->type, "nullfs") == 0)
		mount_normalize(m->source);
	return 0;
}

static int
mount_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	return life_mount(a->host, name, arg, e);
}

static int
mount(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings target = VEC_INIT, names = VEC_INIT;
	struct engine_mount m = { NULL, NULL, NULL, NULL, false, 0 };
	int result;

	strings_add(&target, a->operands.items[0]);
	if (a->operands.count == 2)
		return error_set(e, ERROR_USAGE, "mount %s %s: on what? A "
		    "target in the jail is missing", a->operands.items[0],
		    a->operands.items[1]);
	if (targets_resolve(a, &target, &names, e) < 0)
		return -1;
	if (a->operands.count == 1)
		return list(a, &names, e);
	result = parse(a, &m, e);
	if (result == 0)
		result = targets_run(a, &names, 0, ORDER_NONE, mount_one, &m,
		    e);
	mount_fini(&m);
	return result;
}

const struct cmd cmd_mount = {
	.name = "mount",
	.group = "data",
	.summary = "mount into a jail, now and at every start, or list mounts",
	.operands = "target [source path [ro|rw|OPTIONS] [TYPE]]",
	.options = options,
	.min = 1,
	.max = 7,
	.flags = CMD_PLAN | CMD_VIEW,
	.exec = mount,
};
