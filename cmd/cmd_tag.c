/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/life.h"

enum { COLUMN_NAME, COLUMN_TAGS, COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[COLUMN_NAME] = { "name", "NAME", VIEW_TEXT },
	[COLUMN_TAGS] = { "tags", "TAGS", VIEW_LIST },
};

static const struct cmd_option options[] = {
	{ 'd', "delete", "TAG", "take that tag away" },
	{ 0 },
};

struct change {
	struct strings add;
	const struct strings *drop;
};

static int
change_tags(struct cell *c, void *arg, struct error *e)
{
	AUTO_STRINGS struct strings old = VEC_INIT, tags = VEC_INIT;
	const struct change *change = arg;

	cell_values(c, "tag", &old);
	for (size_t i = 0; i < old.count; i++)
		if (strings_index(change->drop, old.items[i]) < 0)
			strings_add(&tags, old.items[i]);
	for (size_t i = 0; i < change->add.count; i++)
		if (strings_index(&tags, change->add.items[i]) < 0)
			strings_add(&tags, change->add.items[i]);
	return cell_set(c, prop_find("tag"), "tag", &tags, false, e);
}

static int
tag_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	bool restart;

	return life_change(a->host, name, change_tags, arg, &restart, e);
}

static int
show_tags(struct cmd_args *a, const struct strings *names, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);

	for (size_t i = 0; i < names->count; i++) {
		AUTO_STRINGS struct strings tags = VEC_INIT;
		AUTO_CELL struct cell c = CELL_INIT;

		if (cell_load(a->host, names->items[i], &c, e) < 0)
			return -1;
		cell_values(&c, "tag", &tags);
		view_row(v);
		view_text(v, COLUMN_NAME, names->items[i]);
		view_list(v, COLUMN_TAGS, &tags);
	}
	return cmd_print(a, v, e);
}

static int
tag(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings target = VEC_INIT, names = VEC_INIT;
	struct change change = { VEC_INIT, args_values(a, "d") };
	int result = 0;

	strings_add(&target, a->operands.items[0]);
	for (size_t i = 1; result == 0 && i < a->operands.count; i++) {
		result = name_check_tag(a->operands.items[i], e);
		strings_add(&change.add, a->operands.items[i]);
	}
	if (result == 0)
		result = targets_resolve(a, &target, &names, e);
	if (result == 0 && change.add.count == 0 && change.drop->count == 0)
		result = show_tags(a, &names, e);
	else if (result == 0)
		result = targets_run(a, &names, 0, ORDER_NONE, tag_one,
		    &change, e);
	strings_fini(&change.add);
	return result;
}

const struct cmd cmd_tag = {
	.name = "tag",
	.group = "properties",
	.summary = "print, add or take away tags",
	.operands = "target [TAG...]",
	.options = options,
	.min = 1,
	.max = CMD_ANY,
	.flags = CMD_PLAN | CMD_VIEW,
	.exec = tag,
};
