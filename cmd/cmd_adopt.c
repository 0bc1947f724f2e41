/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/adopt.h"

static const struct cmd_option options[] = {
	{ 0, "from", "MANAGER", "whose they are: bastille, iocage, pot, "
	    "jail.conf or ezjail" },
	{ 0, "dir", "DIR", "where they lie, when not where its configuration "
	    "says" },
	{ 'c', "copy", NULL, "copy their files, and leave them as they are" },
	{ 'S', "store", "STORE", "where the copies shall lie" },
	{ 0, "as", "NEW", "name of the one jail here" },
	{ 'f', "force", NULL, "take what runs, too" },
	{ 'u', "undo", NULL, "give the files back and forget the jails" },
	{ 0 },
};

/* One of several jails; an error is printed and counted. */
static bool
failed(struct cmd_args *a, const char *name, int rc, const struct error *e)
{
	if (rc == 0)
		return false;
	cmd_print_error(a, name, e);
	return true;
}

static int
sum_up(size_t bad, size_t all, const struct error *last, struct error *e)
{
	if (bad == 0)
		return 0;
	return error_set(e, bad == all && all == 1 ? last->kind :
	    ERROR_FAILED, "%zu of %zu jails failed", bad, all);
}

static bool
is_all(const struct cmd_args *a)
{
	return a->operands.count == 0 || (a->operands.count == 1 &&
	    strcmp(a->operands.items[0], "ALL") == 0);
}

static int
undo(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct error why = ERROR_INIT;
	size_t bad = 0;

	if (is_all(a)) {
		AUTO_STRINGS struct strings all = VEC_INIT;

		if (cell_names(a->host, &all, e) < 0)
			return -1;
		for (size_t i = 0; i < all.count; i++)
			if (adopt_is_moved(a->host, all.items[i]))
				strings_add(&names, all.items[i]);
	} else if (targets_resolve(a, &a->operands, &names, e) < 0) {
		return -1;
	}
	if (names.count == 1 && !is_all(a)) {
		if (adopt_undo(a->host, names.items[0], e) < 0)
			return -1;
		if (!a->plan)
			cmd_say("%s: given back", names.items[0]);
		return 0;
	}
	for (size_t i = 0; i < names.count; i++) {
		error_clear(&why);
		if (failed(a, names.items[i], adopt_undo(a->host,
		    names.items[i], &why), &why))
			bad++;
		else if (!a->plan)
			cmd_say("%s: given back", names.items[i]);
	}
	return sum_up(bad, names.count, &why, e);
}

static int
one(struct cmd_args *a, const struct others *o, const struct other_jail *j,
    const struct adopt_options *how, struct error *e)
{
	const char *name = how->name != NULL ? how->name : j->name;
	bool done;

	if (adopt_jail(a->host, o, j, how, &done, e) < 0)
		return -1;
	if (!done)
		cmd_say("%s: adopted before", name);
	else if (!a->plan)
		cmd_say("%s: %s", name, how->copy ? "copied" :
		    "adopted; 'gaol adopt --undo' gives it back");
	return 0;
}

static int
templates(struct cmd_args *a, const struct others *o, struct error *e)
{
	size_t count;

	if (adopt_templates(a->host, o, &count, e) < 0)
		return -1;
	if (count > 0 && !a->plan)
		cmd_say("%zu templates copied", count);
	return 0;
}

static int
all(struct cmd_args *a, const struct others *o,
    const struct adopt_options *how, struct error *e)
{
	struct error why = ERROR_INIT;
	size_t bad = 0;

	for (size_t i = 0; i < o->jails.count; i++) {
		const struct other_jail *j = &o->jails.items[i];

		error_clear(&why);
		bad += failed(a, j->name, one(a, o, j, how, &why), &why);
	}
	if (templates(a, o, e) < 0)
		return -1;
	return sum_up(bad, o->jails.count, &why, e);
}

static int
some(struct cmd_args *a, const struct others *o,
    const struct adopt_options *how, struct error *e)
{
	const struct strings *names = &a->operands;
	struct error why = ERROR_INIT;
	size_t bad = 0;

	for (size_t i = 0; i < names->count; i++)
		if (others_jail(o, names->items[i]) == NULL)
			return error_set(e, ERROR_NOT_FOUND, "%s has no jail "
			    "'%s' in %s", others_name(o->kind),
			    names->items[i], o->dir);
	if (names->count == 1)
		return one(a, o, others_jail(o, names->items[0]), how, e);
	for (size_t i = 0; i < names->count; i++) {
		error_clear(&why);
		bad += failed(a, names->items[i], one(a, o, others_jail(o,
		    names->items[i]), how, &why), &why);
	}
	return sum_up(bad, names->count, &why, e);
}

static int
adopt(struct cmd_args *a, struct error *e)
{
	struct adopt_options options_of = {
		.name = args_value(a, "as"), .store = args_value(a, "S"),
		.copy = args_has(a, "c"), .running = args_has(a, "f"),
	};
	AUTO_OTHER struct others o = OTHERS_INIT;
	enum other_kind kind;

	if (args_has(a, "u"))
		return undo(a, e);
	if (args_value(a, "from") == NULL ||
	    !others_parse(args_value(a, "from"), &kind))
		return error_set(e, ERROR_USAGE, "adopt: --from bastille, "
		    "iocage, pot, jail.conf or ezjail");
	if (options_of.store != NULL && !options_of.copy)
		return error_set(e, ERROR_USAGE, "adopt: --store is for "
		    "--copy; otherwise the files stay on their file system");
	if (options_of.name != NULL && (is_all(a) || a->operands.count != 1))
		return error_set(e, ERROR_USAGE, "adopt: --as names one jail");
	if (others_find(a->host, kind, args_value(a, "dir"), &o, e) < 0)
		return -1;
	if (o.dir == NULL)
		return error_set(e, ERROR_NOT_FOUND, "%s manages nothing on "
		    "this host; --dir says where else to look",
		    others_name(kind));
	return is_all(a) ? all(a, &o, &options_of, e) : some(a, &o,
	    &options_of, e);
}

const struct cmd cmd_adopt = {
	.name = "adopt",
	.group = "others' jails",
	.summary = "make jails of Bastille, iocage, pot, ezjail gaol's own",
	.operands = "[NAME...|ALL]",
	.options = options,
	.min = 0,
	.max = CMD_ANY,
	.flags = CMD_PLAN,
	.exec = adopt,
};
