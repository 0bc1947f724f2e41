/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* pot snapshot, revert, purge-snapshots. */
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "compat/pot/pot.h"

#define NO_FSCOMPS "volumes of gaol have no snapshots; pots have"

/* -p or -f, of which one has to be used; NULL with the error. */
static const char *
object(struct compat *c, struct error *e)
{
	const char *pot = compat_value(c, "p"), *fscomp = compat_value(c, "f");

	if (pot != NULL && fscomp != NULL)
		(void)pot_usage(e, "-p|-f are exclusive");
	else if (pot == NULL && fscomp == NULL)
		(void)pot_usage(e, "one of -p|-f has to be used");
	else if (fscomp != NULL)
		(void)error_set(e, ERROR_UNSUPPORTED, NO_FSCOMPS);
	else if (*pot == '\0')
		(void)pot_usage(e, "-p|-f options need an argument");
	else if (name_check_cell(pot, e) == 0 && cell_exists(c->host, pot))
		return pot;
	else if (e->kind == ERROR_NONE)
		(void)error_set(e, ERROR_NOT_FOUND, "%s is not a pot!", pot);
	return NULL;
}

static const char *
stopped(struct compat *c, const char *what, struct error *e)
{
	const char *pot = object(c, e);

	if (pot != NULL && compat_runs(c, pot)) {
		(void)error_set(e, ERROR_BUSY, "The pot %s is still running. "
		    "%s is possible only for stopped pots", pot, what);
		return NULL;
	}
	return pot;
}

static int
snapshot(struct compat *c, struct error *e)
{
	const char *pot = stopped(c, "Snapshot", e);
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_FREE char *tag = xasprintf("%jd", (intmax_t)time(NULL));

	if (pot == NULL || pot_snapshots(c, pot, &names, e) < 0 ||
	    pot_info(e, "Take snapshot of %s", pot) < 0)
		return -1;
	if (compat_has(c, "r") && names.count > 0 && compat_call(c, e,
	    "snapshot", "-d", "-y", pot, names.items[names.count - 1],
	    NULL) < 0)
		return -1;
	return compat_call(c, e, "snapshot", pot, tag, NULL);
}

static const struct cmd_option snapshot_options[] = {
	POT_OPTION_NAME,
	{ 'f', "", "NAME", "an fs component" },
	{ 'r', "", NULL, "destroy the oldest first" },
	{ 0 },
};

const struct compat_cmd pot_cmd_snapshot = {
	.name = "snapshot",
	.aliases = "snap",
	.usage = "[-hvr] -p NAME|-f NAME",
	.summary = "take a snapshot",
	.options = snapshot_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "of pots on every store; not of fs components (69)",
	.test = "cli/compat_pot_test.sh:snapshots",
	.exec = snapshot,
};

static int
revert(struct compat *c, struct error *e)
{
	const char *pot = stopped(c, "Revert", e);
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (pot == NULL || pot_snapshots(c, pot, &names, e) < 0)
		return -1;
	if (names.count == 0)
		return error_set(e, ERROR_NOT_FOUND, "%s has not snapshot - "
		    "no possible rollback", pot);
	return compat_call(c, e, "rollback", "-y", pot, names.items[0], NULL);
}

static const struct cmd_option options[] = {
	POT_OPTION_NAME,
	{ 'f', "", "NAME", "an fs component" },
	{ 0 },
};

const struct compat_cmd pot_cmd_revert = {
	.name = "revert",
	.aliases = "rollback",
	.usage = "[-hv] -p NAME|-f NAME",
	.summary = "go back to the last snapshot",
	.options = options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "without a snapshot it is a failure; not of fs components (69)",
	.test = "cli/compat_pot_test.sh:snapshots",
	.exec = revert,
};

static int
purge(struct compat *c, struct error *e)
{
	const char *pot = object(c, e);
	AUTO_STRINGS struct strings names = VEC_INIT, words = VEC_INIT;
	size_t first = !compat_has(c, "a");

	if (pot == NULL || pot_snapshots(c, pot, &names, e) < 0)
		return -1;
	if (names.count <= first)
		return 0;
	strings_add(&words, "snapshot");
	strings_add(&words, "-d");
	strings_add(&words, "-y");
	strings_add(&words, pot);
	for (size_t i = first; i < names.count; i++)
		strings_add(&words, names.items[i]);
	return compat_call_words(c, &words, NULL, e);
}

static const struct cmd_option purge_options[] = {
	POT_OPTION_NAME,
	{ 'f', "", "NAME", "an fs component" },
	{ 'a', "", NULL, "the newest one, too" },
	{ 0 },
};

const struct compat_cmd pot_cmd_purge_snapshots = {
	.name = "purge-snapshots",
	.usage = "[-hva] -p NAME|-f NAME",
	.summary = "destroy snapshots but the last",
	.options = purge_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "not of fs components (69)",
	.test = "cli/compat_pot_test.sh:snapshots",
	.exec = purge,
};
