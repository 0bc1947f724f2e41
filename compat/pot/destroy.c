/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* pot destroy, prune. */
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/num.h"
#include "compat/pot/pot.h"
#include "core/life.h"
#include "core/network.h"
#include "core/release.h"
#include "core/volume.h"

int
pot_destroy_pot(struct compat *c, const char *pot, bool force,
    struct error *e)
{
	if (!force && compat_runs(c, pot))
		return error_set(e, ERROR_BUSY, "pot %s is running", pot);
	return force ? compat_call(c, e, "destroy", "-f", "-y", pot, NULL) :
	    compat_call(c, e, "destroy", "-y", pot, NULL);
}

/* Whose compat.pot.potbase, or release, it is. */
static int
children(struct compat *c, const char *prop, const char *value,
    struct strings *out, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (cell_names(c->host, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_CELL struct cell cell = CELL_INIT;
		struct error ignored = ERROR_INIT;
		AUTO_FREE char *theirs = NULL;

		if (cell_load(c->host, names.items[i], &cell, &ignored) < 0)
			continue;
		theirs = strcmp(prop, "release") == 0 ?
		    cell_text(&cell, "release") : pot_kept(&cell, "potbase");
		if (theirs != NULL && strcmp(theirs, value) == 0 &&
		    strings_index(out, names.items[i]) < 0)
			strings_add(out, names.items[i]);
	}
	return 0;
}

/* The pot, and with it those that were made from it, and from those. */
static int
destroy_all(struct compat *c, struct strings *pots, bool force,
    struct error *e)
{
	for (size_t i = 0; i < pots->count; i++) {
		AUTO_FREE char *name = xstrdup(pots->items[i]);

		if (children(c, "potbase", name, pots, e) < 0)
			return -1;
	}
	for (size_t i = pots->count; i > 0; i--)
		if (pot_destroy_pot(c, pots->items[i - 1], force, e) < 0)
			return -1;
	return 0;
}

static int
destroy_pot(struct compat *c, const char *name, struct error *e)
{
	AUTO_STRINGS struct strings pots = VEC_INIT;
	bool force = compat_has(c, "F");

	if (name_check_cell(name, e) < 0)
		return -1;
	if (!cell_exists(c->host, name))
		return error_set(e, ERROR_NOT_FOUND, "%s not found", name);
	strings_add(&pots, name);
	return compat_has(c, "r") ? destroy_all(c, &pots, force, e) :
	    pot_destroy_pot(c, name, force, e);
}

static int
destroy_base(struct compat *c, const char *base, struct error *e)
{
	AUTO_FREE char *release = pot_base_release(c, base, e);
	AUTO_STRINGS struct strings pots = VEC_INIT;

	if (release == NULL)
		return -1;
	if (compat_has(c, "r") &&
	    (children(c, "release", release, &pots, e) < 0 ||
	    destroy_all(c, &pots, compat_has(c, "F"), e) < 0))
		return -1;
	return release_destroy(c->host, release, e);
}

static int
destroy(struct compat *c, struct error *e)
{
	static const char *const kinds[] = { "p", "b", "f", "B" };
	const char *value = NULL;
	size_t kind = 0, count = 0;

	for (size_t i = 0; i < 4; i++)
		if (compat_has(c, kinds[i])) {
			kind = i;
			value = compat_value(c, kinds[i]);
			count++;
		}
	c->quiet = compat_has(c, "q");
	if (count == 0 || *value == '\0')
		return pot_usage(e, "-b or -p or -f or -B are missing");
	if (count > 1)
		return pot_usage(e, "-b -p -f and -B are mutually exclusive");
	switch (kind) {
	case 0:
		return destroy_pot(c, value, e);
	case 1:
		return destroy_base(c, value, e);
	case 2:
		return name_check_volume(value, e) < 0 ||
		    volume_check(c->host, value, e) < 0 ? -1 :
		    volume_destroy(c->host, value, e);
	default:
		if (!network_exists(c->host, value))
			return error_set(e, ERROR_NOT_FOUND,
			    "bridge %s not found", value);
		return network_destroy(c->host, value, e);
	}
}

static const struct cmd_option options[] = {
	{ 'p', "", "NAME", "a pot" },
	{ 'b', "", "BASE", "a base" },
	{ 'f', "", "NAME", "an fs component" },
	{ 'B', "", "NAME", "a private bridge" },
	{ 'r', "", NULL, "and the pots that were made from it" },
	{ 'F', "", NULL, "stop it first" },
	{ 'q', "", NULL, "say nothing" },
	{ 0 },
};

const struct compat_cmd pot_cmd_destroy = {
	.name = "destroy",
	.usage = "[-hvqrF] -p NAME|-b BASE|-f NAME|-B NAME",
	.summary = "destroy a pot, a base, an fs component or a bridge",
	.options = options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "a pot that others were cloned from can go without them; an fs "
	    "component that a pot mounts is kept; protect=on holds",
	.test = "cli/compat_pot_test.sh:destroy",
	.exec = destroy,
};

/* --- prune --- */

enum { GRACE = 60 };

/* "STATUS TIME" of compat.pot.last-run: when it ended. */
static bool
ended_lately(const struct cell *cell)
{
	AUTO_FREE char *last = pot_kept(cell, "last-run");
	const char *space = last != NULL ? strchr(last, ' ') : NULL;
	struct error ignored = ERROR_INIT;
	uint64_t at;

	return space != NULL && parse_uint(space + 1, 0, INT64_MAX, &at,
	    &ignored) == 0 && (uint64_t)time(NULL) < at + GRACE;
}

static bool
is_due(struct compat *c, const char *name)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	struct error ignored = ERROR_INIT;

	if (compat_runs(c, name) ||
	    cell_load(c->host, name, &cell, &ignored) < 0)
		return false;
	AUTO_FREE char *may = pot_kept(&cell, "prunable");
	AUTO_FREE char *shall = pot_kept(&cell, "to-be-pruned");
	return may != NULL && strcmp(may, "YES") == 0 && shall != NULL &&
	    strcmp(shall, "YES") == 0 &&
	    !(compat_has(c, "g") && ended_lately(&cell));
}

static int
prune(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	bool quiet = compat_has(c, "q");
	size_t failed = 0;

	c->quiet = quiet;
	if (cell_names(c->host, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.items[i];
		struct error why = ERROR_INIT;

		if (!is_due(c, name))
			continue;
		if (!quiet && pot_info(e, "Pruning %s", name) < 0)
			return -1;
		if (compat_has(c, "n"))
			continue;
		if (pot_destroy_pot(c, name, false, &why) < 0) {
			compat_say(c, "###>  Error while pruning %s: %s",
			    name, why.msg);
			failed++;
		} else if (!quiet && pot_info(e, "Pruned %s", name) < 0) {
			return -1;
		}
	}
	return failed == 0 ? 0 : error_set(e, ERROR_FAILED,
	    "%zu pots could not be pruned", failed);
}

static const struct cmd_option prune_options[] = {
	{ 'n', "", NULL, "only say which" },
	{ 'g', "", NULL, "spare those that ended in the last minute" },
	{ 'q', "", NULL, "say nothing" },
	{ 0 },
};

const struct compat_cmd pot_cmd_prune = {
	.name = "prune",
	.usage = "[-hvqgn]",
	.summary = "destroy prunable pots that have run",
	.options = prune_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "one that could not be destroyed makes the exit status 1",
	.test = "cli/compat_pot_test.sh:prune",
	.exec = prune,
};
