/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/snapshot.h"

static const struct cmd_option options[] = {
	{ 'm', "note", "NOTE", "what it is for, one line" },
	{ 'd', "destroy", NULL, "destroy the snapshots that are named" },
	{ 'c', "copy", NULL, "where the store can only copy, copy" },
	{ 0, "hold", NULL, "keep it from being destroyed" },
	{ 0, "release", NULL, "let it be destroyed again" },
	{ 0, "due", NULL, "of all jails: what snapshot.schedule says" },
	{ 'y', "yes", NULL, "do not ask" },
	OPTION_PARALLEL,
	{ 0 },
};

static int
take_one(struct cmd_args *a, const char *jail, void *arg, struct error *e)
{
	AUTO_FREE char *name = NULL;

	if (snapshot_take(a->host, jail, arg, &name, e) < 0)
		return -1;
	if (!a->plan)
		cmd_say("%s: snapshot %s", jail, name);
	return 0;
}

static int
take(struct cmd_args *a, const struct strings *jails, struct error *e)
{
	struct snapshot_options o = {
		.name = a->operands.count == 2 ? a->operands.items[1] : NULL,
		.note = args_value(a, "m"),
		.copy = args_has(a, "c"),
	};

	if (a->operands.count > 2)
		return error_set(e, ERROR_USAGE, "one name for a snapshot; "
		    "several jails are a pattern, @TAG or ALL");
	if (o.name != NULL && name_check_snapshot(o.name, e) < 0)
		return -1;
	return targets_run(a, jails, 0, ORDER_NONE, take_one, &o, e);
}

static int
destroy_one(struct cmd_args *a, const char *jail, void *arg, struct error *e)
{
	const struct strings *names = arg;

	if (snapshot_destroy(a->host, jail, names, e) < 0)
		return -1;
	for (size_t i = 0; !a->plan && i < names->count; i++)
		cmd_say("%s: destroyed snapshot %s", jail, names->items[i]);
	return 0;
}

static int
destroy(struct cmd_args *a, const struct strings *jails, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_BUF struct buf question = BUF_INIT;

	for (size_t i = 1; i < a->operands.count; i++) {
		if (name_check_snapshot(a->operands.items[i], e) < 0)
			return -1;
		if (strings_index(&names, a->operands.items[i]) < 0)
			strings_add(&names, a->operands.items[i]);
	}
	if (names.count == 0)
		return error_set(e, ERROR_USAGE, "which snapshot?  'gaol "
		    "snapshots %s' lists them", a->operands.items[0]);
	AUTO_FREE char *of = strings_join(jails, " ");
	AUTO_FREE char *list = strings_join(&names, " ");
	buf_printf(&question, "destroy of %s: %s?", of, list);
	if (cmd_confirm(a, args_has(a, "y"), buf_text(&question), e) < 0)
		return -1;
	return targets_run(a, jails, 0, ORDER_NONE, destroy_one, &names, e);
}

static int
hold_one(struct cmd_args *a, const char *jail, void *arg, struct error *e)
{
	bool hold = args_has(a, "hold");

	if (snapshot_hold(a->host, jail, arg, hold, e) < 0)
		return -1;
	if (!a->plan)
		cmd_say("%s: snapshot %s is %s", jail, (const char *)arg,
		    hold ? "held" : "not held any more");
	return 0;
}

static int
check_usage(const struct cmd_args *a, struct error *e)
{
	static const char *const modes[] = { "d", "hold", "release", "due" };
	size_t n = 0;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		n += args_has(a, modes[i]);
	if (n > 1)
		return error_set(e, ERROR_USAGE,
		    "one of -d, --hold, --release and --due");
	if (args_has(a, "due") != (a->operands.count == 0))
		return error_set(e, ERROR_USAGE, args_has(a, "due") ?
		    "--due takes no target: it is for all jails" :
		    "which jail?");
	if (n > 0 && (args_has(a, "m") || args_has(a, "c")))
		return error_set(e, ERROR_USAGE,
		    "-m and --copy are for taking a snapshot");
	return 0;
}

static int
snapshot(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings target = VEC_INIT, jails = VEC_INIT;

	if (check_usage(a, e) < 0)
		return -1;
	if (args_has(a, "due"))
		return snapshot_due(a->host, e);
	strings_add(&target, a->operands.items[0]);
	if (targets_resolve(a, &target, &jails, e) < 0)
		return -1;
	if (args_has(a, "d"))
		return destroy(a, &jails, e);
	if (!args_has(a, "hold") && !args_has(a, "release"))
		return take(a, &jails, e);
	if (a->operands.count != 2)
		return error_set(e, ERROR_USAGE, "one snapshot is needed");
	return targets_run(a, &jails, 0, ORDER_NONE, hold_one,
	    a->operands.items[1], e);
}

const struct cmd cmd_snapshot = {
	.name = "snapshot",
	.group = "data",
	.summary = "take or destroy snapshots of jails",
	.operands = "[target [NAME...]]",
	.options = options,
	.min = 0,
	.max = CMD_ANY,
	.flags = CMD_PLAN,
	.exec = snapshot,
};
