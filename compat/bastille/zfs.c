/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* zfs: snapshots of any store; properties and datasets of ZFS. */
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "compat/bastille/bastille.h"
#include "core/snapshot.h"

static char *
default_tag(const char *jail)
{
	time_t now = time(NULL);
	struct tm tm;
	char date[32];

	localtime_r(&now, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d-%H%M%S", &tm);
	return xasprintf("bastille_%s_%s", jail, date);
}

static int
take(struct compat *c, const char *jail, const char *tag, struct error *e)
{
	AUTO_FREE char *name = tag != NULL ? xstrdup(tag) : default_tag(jail);

	if (compat_call(c, e, "snapshot", jail, name, NULL) < 0)
		return -1;
	return bastille_info(c, e, "Snapshot created: %s", name);
}

/* Without a tag the last one. */
static int
rollback(struct compat *c, const char *jail, const char *tag, struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;
	bool up = compat_runs(c, jail);

	if (up && !compat_has(c, "a"))
		return error_set(e, ERROR_BUSY, "Jail is running. Use "
		    "[-a|--auto] to auto-stop the jail.");
	if (tag == NULL && snapshot_list(c->host, jail, false, &list, e) < 0)
		return -1;
	if (tag == NULL && list.count == 0)
		return error_set(e, ERROR_NOT_FOUND, "%s has no snapshots",
		    jail);
	if (tag == NULL)
		tag = list.items[list.count - 1].name;
	if (compat_call(c, e, "rollback", "-y", jail, tag,
	    up ? "--restart" : NULL, NULL) < 0)
		return -1;
	return bastille_info(c, e, "Snapshot restored: %s", tag);
}

static int
destroy(struct compat *c, const char *jail, const char *tag, struct error *e)
{
	if (tag == NULL)
		return error_set(e, ERROR_USAGE, "Destroying snapshots requires "
		    "a TAG to be specified.");
	if (compat_call(c, e, "snapshot", "-d", "-y", jail, tag, NULL) < 0)
		return -1;
	return bastille_info(c, e, "Snapshot destroyed: %s", tag);
}

static int
usage(struct compat *c, const char *jail, const char *arg, struct error *e)
{
	return compat_call(c, e, "df", jail, NULL);
}

static int
get(struct compat *c, const char *jail, const char *arg, struct error *e)
{
	AUTO_FREE char *name = xasprintf("zfs.%s", arg != NULL ? arg : "");

	return compat_call(c, e, "get", name, jail, NULL);
}

static int
set(struct compat *c, const char *jail, const char *arg, struct error *e)
{
	AUTO_FREE char *word = xasprintf("zfs.%s", arg != NULL ? arg : "");

	return compat_call(c, e, "set", jail, word, NULL);
}

/* What is mounted where is the jail's own business. */
static int
give(struct compat *c, const char *jail, const char *dataset,
    struct error *e)
{
	AUTO_FREE char *word = xasprintf("zfs.dataset+=%s",
	    dataset != NULL ? dataset : "");

	if (compat_operand(c, 3) == NULL)
		return error_set(e, ERROR_USAGE,
		    "zfs: jail DATASET PATH are needed");
	return compat_call(c, e, "set", jail, word, "allow.mount=on",
	    "allow.mount.zfs=on", "enforce_statfs=1", NULL);
}

static int
take_back(struct compat *c, const char *jail, const char *dataset,
    struct error *e)
{
	AUTO_STRINGS struct strings all = VEC_INIT, kept = VEC_INIT;
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_FREE char *text = NULL, *word = NULL;

	if (cell_load(c->host, jail, &cell, e) < 0)
		return -1;
	cell_values(&cell, "zfs.dataset", &all);
	for (size_t i = 0; i < all.count; i++)
		if (dataset == NULL || strcmp(all.items[i], dataset) != 0)
			strings_add(&kept, all.items[i]);
	if (kept.count == all.count)
		return error_set(e, ERROR_NOT_FOUND, "%s has no dataset %s",
		    jail, dataset != NULL ? dataset : "");
	text = strings_join(&kept, ",");
	word = xasprintf("zfs.dataset=%s", text);
	return compat_call(c, e, "set", jail, word, NULL);
}

static const struct verb {
	const char *name;
	size_t max;		/* operands behind it */
	bool looks;
	int (*exec)(struct compat *c, const char *jail, const char *arg,
	    struct error *e);
} verbs[] = {
	{ "snapshot", 1, false, take },
	{ "snap", 1, false, take },
	{ "rollback", 1, false, rollback },
	{ "destroy", 1, false, destroy },
	{ "df", 0, true, usage },
	{ "usage", 0, true, usage },
	{ "get", 1, true, get },
	{ "set", 1, false, set },
	{ "jail", 2, false, give },
	{ "unjail", 1, false, take_back },
};

static int
one(struct compat *c, const char *jail, void *arg, struct error *e)
{
	const struct verb *verb = arg;

	return verb->exec(c, jail, compat_operand(c, 2), e);
}

static int
zfs(struct compat *c, struct error *e)
{
	const char *word = c->operands.items[1];

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		struct verb verb = verbs[i];

		if (strcmp(verb.name, word) != 0)
			continue;
		if (c->operands.count > 2 + verb.max)
			break;
		return bastille_for(c, verb.looks ? TARGET_LOOK : TARGET_TOUCH,
		    one, &verb, e);
	}
	return error_set(e, ERROR_USAGE, "zfs: snapshot [TAG], rollback [TAG], "
	    "destroy TAG, df, get PROP, set KEY=VALUE, jail DATASET PATH and "
	    "unjail DATASET are possible");
}

static const struct cmd_option options[] = {
	BASTILLE_AUTO,
	{ 'v', "verbose", NULL, "Enable verbose mode." },
	{ 0 },
};

const struct compat_cmd bastille_zfs = {
	.name = "zfs",
	.usage = "[option(s)] TARGET snapshot|rollback [TAG] | destroy TAG | "
	    "df|usage | get PROP | set KEY=VALUE | jail DATASET PATH | "
	    "unjail DATASET",
	.summary = "Snapshots, properties and datasets of jail(s).",
	.options = options,
	.min = 2,
	.max = 4,
	.state = COMPAT_DIFFERS,
	.note = "snapshots are of any store; no beginnings of names; `df` and "
	    "`get` print gaol's tables; `jail` leaves the mount point of the "
	    "dataset as it is",
	.test = "cli/compat_bastille_test.sh:snapshots",
	.exec = zfs,
};
