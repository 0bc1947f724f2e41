/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* start, stop, restart, destroy, rename, convert. */
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/auto.h"
#include "base/num.h"
#include "compat/bastille/bastille.h"
#include "core/release.h"
#include "view/cells.h"

enum { DELAY_MAX = 86400 };

/* What -d says. */
static int
delay(struct compat *c, struct timespec *pause, struct error *e)
{
	const char *text = compat_value(c, "delay");
	uint64_t seconds = 0;

	if (text != NULL && parse_uint(text, 0, DELAY_MAX, &seconds, e) < 0)
		return error_wrap(e, "[-d|--delay]");
	*pause = (struct timespec){ (time_t)seconds, 0 };
	return 0;
}

/* Those of boot = off out of names, where -b is given. */
static int
drop_unbooted(struct compat *c, struct strings *names, struct error *e)
{
	AUTO_STRINGS struct strings kept = VEC_INIT;

	for (size_t i = 0; i < names->count; i++) {
		AUTO_FREE char *boot = compat_property(c, names->items[i],
		    "boot", "", e);

		if (boot == NULL)
			return -1;
		if (strcmp(boot, "on") == 0)
			strings_add(&kept, names->items[i]);
	}
	strings_fini(names);
	*names = kept;
	kept = (struct strings)VEC_INIT;
	return 0;
}

/* The jails of the first operand, those that -b leaves. */
static int
booting(struct compat *c, unsigned kind, struct strings *names,
    struct error *e)
{
	if (bastille_targets(c, c->operands.items[0], kind, names, e) < 0)
		return -1;
	return compat_has(c, "b") ? drop_unbooted(c, names, e) : 0;
}

/* One that runs already is told of, and no failure. */
static int
start_one(struct compat *c, const char *jail, void *arg, struct error *e)
{
	const struct timespec *pause = arg;

	if (compat_runs(c, jail)) {
		compat_say(c, "Jail is already running.");
		return 0;
	}
	if (compat_call(c, e, "start", jail, NULL) < 0 ||
	    bastille_info(c, e, "%s: created", jail) < 0)
		return -1;
	nanosleep(pause, NULL);
	return 0;
}

static int
start(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct timespec pause;

	if (delay(c, &pause, e) < 0 || booting(c, TARGET_LOOK, &names, e) < 0)
		return -1;
	return bastille_each(c, &names, start_one, &pause, e);
}

/* Jails that run and depend on it, before it; DEPTH ends a circle. */
enum { DEPTH = 32 };

static int stop_now(struct compat *c, const char *jail, bool force,
    unsigned depth, struct error *e) FALLIBLE;

static int
stop_dependants(struct compat *c, const char *jail, bool force,
    unsigned depth, struct error *e)
{
	AUTO_CELLS struct cells cells = CELLS_INIT;

	if (depth == 0)
		return 0;
	if (cells_load(c->host, NULL, &cells, e) < 0)
		return -1;
	for (size_t i = 0; i < cells.count; i++) {
		AUTO_STRINGS struct strings depend = VEC_INIT;

		cells_values(&cells, i, CELLS_DEPEND, &depend);
		if (strings_index(&depend, jail) >= 0 &&
		    compat_runs(c, cells_name(&cells, i)) &&
		    stop_now(c, cells_name(&cells, i), force, depth - 1,
		    e) < 0)
			return -1;
	}
	return 0;
}

static int
stop_now(struct compat *c, const char *jail, bool force, unsigned depth,
    struct error *e)
{
	if (stop_dependants(c, jail, force, depth, e) < 0)
		return -1;
	if (compat_call(c, e, "stop", force ? "-f" : jail,
	    force ? jail : NULL, NULL) < 0)
		return -1;
	return bastille_info(c, e, "%s: removed", jail);
}

static int
stop_one(struct compat *c, const char *jail, void *arg, struct error *e)
{
	if (!compat_runs(c, jail)) {
		compat_say(c, "Jail is already stopped.");
		return 0;
	}
	return stop_now(c, jail, compat_has(c, "f"), DEPTH, e);
}

static int
stop(struct compat *c, struct error *e)
{
	return bastille_for(c, TARGET_TOUCH | TARGET_DOWN, stop_one, NULL, e);
}

static int
restart_one(struct compat *c, const char *jail, void *arg, struct error *e)
{
	bool up = compat_runs(c, jail);

	if (!up && compat_has(c, "i"))
		return 0;
	if (up && stop_now(c, jail, false, DEPTH, e) < 0)
		return -1;
	return start_one(c, jail, arg, e);
}

static int
restart(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct timespec pause;

	if (delay(c, &pause, e) < 0 || booting(c, TARGET_TOUCH, &names, e) < 0)
		return -1;
	return bastille_each(c, &names, restart_one, &pause, e);
}

/* --- destroy --- */

static int
ask(struct compat *c, const char *jail, bool up, struct error *e)
{
	AUTO_FREE char *question = xasprintf("\nAttempting to destroy jail: "
	    "%s%s\n\nAre you sure you want to continue? [y|n]:", jail,
	    up ? " (running: it will be stopped)" : "");
	bool yes;

	c->yes = compat_has(c, "y");
	if (compat_confirm(c, question, "-y", &yes, e) < 0)
		return -1;
	return yes ? 0 : error_set(e, ERROR_FAILED, "Cancelled by user.");
}

/* Who answers yes to the question that says it runs has it stopped. */
static int
destroy_one(struct compat *c, const char *jail, void *arg, struct error *e)
{
	bool up = compat_runs(c, jail);

	if (up && compat_has(c, "y") && !compat_has(c, "a"))
		return error_set(e, ERROR_BUSY, "Jail is running. Use "
		    "[-a|--auto] to auto-stop the jail.");
	if (ask(c, jail, up, e) < 0)
		return -1;
	if (up && stop_now(c, jail, false, DEPTH, e) < 0)
		return -1;
	if (bastille_info(c, e, "Destroying jail...") < 0)
		return -1;
	return compat_call(c, e, "destroy", compat_has(c, "f") ? "-fy" : "-y",
	    jail, NULL);
}

static int
destroy(struct compat *c, struct error *e)
{
	const char *name = c->operands.items[0];
	AUTO_FREE char *release = bastille_release(name);
	AUTO_RELEASE struct release r = RELEASE_INIT;
	struct error ignored = ERROR_INIT;

	/* a jail's name goes before that of a release */
	if (!cell_exists(c->host, name) &&
	    release_load(c->host, release, &r, &ignored) == 0) {
		if (bastille_info(c, e, "\nAttempting to destroy release: %s",
		    release) < 0)
			return -1;
		return compat_call(c, e, "releases", "-d", "-y", release,
		    NULL);
	}
	return bastille_for(c, TARGET_TOUCH | TARGET_DOWN, destroy_one, NULL,
	    e);
}

/* --- rename, convert --- */

static int
rename_jail(struct compat *c, struct error *e)
{
	const char *to = c->operands.items[1];
	AUTO_FREE char *jail = NULL;
	bool up = false;

	if (bastille_target(c, c->operands.items[0], TARGET_TOUCH, &jail,
	    e) < 0 || bastille_header(c, jail, e) < 0 ||
	    bastille_need_down(c, jail, compat_has(c, "a"), &up, e) < 0 ||
	    compat_call(c, e, "rename", jail, to, NULL) < 0 ||
	    bastille_info(c, e, "Renamed jail: %s -> %s", jail, to) < 0)
		return -1;
	return up ? compat_call(c, e, "start", to, NULL) : 0;
}

static int
convert(struct compat *c, struct error *e)
{
	AUTO_FREE char *jail = NULL;
	bool up, yes;

	if (c->operands.count > 1)
		return bastille_cannot(c, "gaol makes no releases of jails; "
		    "'gaol clone' makes jails of them", e);
	c->yes = compat_has(c, "y");
	if (bastille_target(c, c->operands.items[0], TARGET_TOUCH, &jail,
	    e) < 0 || bastille_header(c, jail, e) < 0 ||
	    compat_confirm(c, "Warning: it becomes a thick jail. Do you want "
	    "to continue? [y|n]:", "-y", &yes, e) < 0)
		return -1;
	if (!yes)
		return error_set(e, ERROR_FAILED, "Cancelled by user.");
	if (bastille_need_down(c, jail, compat_has(c, "a"), &up, e) < 0)
		return -1;
	return compat_call(c, e, "convert", "-t", jail, NULL);
}

static const struct cmd_option start_options[] = {
	{ 'b', "boot", NULL, "Respect jail boot setting." },
	{ 'd', "delay", "VALUE",
	    "Time (seconds) to wait after starting each jail." },
	{ 'v', "verbose", NULL, "Enable verbose mode." },
	{ 0 },
};
static const struct cmd_option stop_options[] = {
	{ 'f', "force", NULL, "Force stop jail(s)." },
	{ 'v', "verbose", NULL, "Enable verbose mode." },
	{ 0 },
};
static const struct cmd_option restart_options[] = {
	{ 'b', "boot", NULL, "Respect jail boot setting." },
	{ 'd', "delay", "VALUE",
	    "Time (seconds) to wait after starting each jail." },
	{ 'i', "ignore", NULL, "Ignore stopped jails." },
	{ 'v', "verbose", NULL, "Enable verbose mode." },
	{ 0 },
};
static const struct cmd_option destroy_options[] = {
	BASTILLE_AUTO,
	{ 'c', "no-cache", NULL, "Do not destroy cache when destroying a "
	    "release: gaol keeps it." },
	{ 'f', "force", NULL, "Force unmount: gaol unmounts what is its." },
	{ 'y', "yes", NULL, "Do not prompt. Assume always yes." },
	{ 0 },
};
static const struct cmd_option auto_options[] = { BASTILLE_AUTO, { 0 } };
static const struct cmd_option convert_options[] = {
	BASTILLE_AUTO,
	{ 'y', "yes", NULL, "Do not prompt. Assume always yes." },
	{ 0 },
};

const struct compat_cmd bastille_start = {
	.name = "start",
	.usage = "[option(s)] TARGET",
	.summary = "Start stopped jail(s).",
	.options = start_options,
	.min = 1,
	.max = 1,
	.state = COMPAT_DIFFERS,
	.note = "a jail that does not start is a failure",
	.test = "cli/compat_bastille_test.sh:life",
	.exec = start,
};

const struct compat_cmd bastille_stop = {
	.name = "stop",
	.usage = "[option(s)] TARGET",
	.summary = "Stop running jail(s).",
	.options = stop_options,
	.min = 1,
	.max = 1,
	.state = COMPAT_DIFFERS,
	.note = "no beginnings of names; a failure is one",
	.test = "cli/compat_bastille_test.sh:life",
	.exec = stop,
};

const struct compat_cmd bastille_restart = {
	.name = "restart",
	.usage = "[option(s)] TARGET",
	.summary = "Restart jail(s).",
	.options = restart_options,
	.min = 1,
	.max = 1,
	.state = COMPAT_DIFFERS,
	.note = "no beginnings of names; with `-i` those that run are "
	    "restarted, where Bastille restarts none",
	.test = "cli/compat_bastille_test.sh:life",
	.exec = restart,
};

const struct compat_cmd bastille_destroy = {
	.name = "destroy",
	.aliases = "destory",
	.usage = "[option(s)] JAIL|RELEASE",
	.summary = "Destroy jail(s) or a release.",
	.options = destroy_options,
	.min = 1,
	.max = 1,
	.state = COMPAT_DIFFERS,
	.note = "no beginnings of names and no patterns; without `-y` the "
	    "question says that a jail runs, and yes stops it; an answer may "
	    "come by a pipe; a failure is one; a release's downloads stay",
	.test = "cli/compat_bastille_test.sh:destroy",
	.exec = destroy,
};

const struct compat_cmd bastille_rename = {
	.name = "rename",
	.usage = "[option(s)] TARGET NEW_NAME",
	.summary = "Rename a jail.",
	.options = auto_options,
	.min = 2,
	.max = 2,
	.state = COMPAT_DIFFERS,
	.note = "no beginnings of names; `depend` of others follows",
	.test = "cli/compat_bastille_test.sh:rename",
	.exec = rename_jail,
};

const struct compat_cmd bastille_convert = {
	.name = "convert",
	.usage = "[option(s)] TARGET [RELEASE]",
	.summary = "Convert a thin jail into a thick jail.",
	.options = convert_options,
	.min = 1,
	.max = 2,
	.state = COMPAT_DIFFERS,
	.note = "`TARGET RELEASE`, a custom release of a jail, is refused "
	    "(69): `gaol clone` makes jails of a jail",
	.test = "cli/compat_bastille_test.sh:rename",
	.exec = convert,
};
