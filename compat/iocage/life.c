/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* start, stop, restart, destroy, rename. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "compat/iocage/iocage.h"
#include "core/life.h"
#include "core/net.h"
#include "core/release.h"
#include "core/snapshot.h"

/* By priority, then as iocage sorts names. */
static int
sort_by_priority(struct compat *c, struct strings *names, bool reverse)
{
	for (size_t i = 1; i < names->count; i++)
		for (size_t k = i; k > 0; k--) {
			AUTO_CELL struct cell a = CELL_INIT, b = CELL_INIT;
			struct error ignored = ERROR_INIT;
			char *swap = names->items[k];
			int64_t x, y;

			if (cell_load(c->host, names->items[k - 1], &a,
			    &ignored) < 0 || cell_load(c->host,
			    names->items[k], &b, &ignored) < 0)
				break;
			x = cell_int(&a, "priority");
			y = cell_int(&b, "priority");
			if (reverse ? x >= y : x <= y)
				break;
			names->items[k] = names->items[k - 1];
			names->items[k - 1] = swap;
		}
	return 0;
}

/* "ip4.addr=em0|10.0.0.1/24 ip4.saddrsel=1 ip4=new ..." */
static void
ip_options(const struct cell *cell, struct buf *out)
{
	static const char *const names[][2] = { { "ip4_addr", "ip4.addr" },
		{ "ip6_addr", "ip6.addr" }, { "ip4_saddrsel", "ip4.saddrsel" },
		{ "ip4", "ip4" }, { "ip6_saddrsel", "ip6.saddrsel" },
		{ "ip6", "ip6" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		AUTO_FREE char *value = iocage_prop_get(cell,
		    iocage_prop_find(names[i][0]));

		if (i > 1 || !iocage_is_nothing(value))
			buf_printf(out, " %s=%s", names[i][1], value);
	}
}

static int
show_started(struct compat *c, const char *name, struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_BUF struct buf options = BUF_INIT;
	bool vnet;

	if (cell_load(c->host, name, &cell, e) < 0)
		return -1;
	AUTO_FREE char *own = iocage_prop_get(&cell,
	    iocage_prop_find("vnet"));
	vnet = iocage_is_on(own);
	if (vnet)
		buf_puts(&options, " vnet");
	else
		ip_options(&cell, &options);
	return compat_print(e, "  + Started OK\n%s  + Using IP options:%s\n"
	    "  + Starting services OK\n  + Executing poststart OK\n",
	    vnet ? "  + Configuring VNET OK\n" : "", buf_text(&options));
}

int
ioc_start_one(struct compat *c, const char *name, struct error *e)
{
	if (ioc_is_template(c, name))
		return error_set(e, ERROR_FAILED, "Please convert back to a "
		    "jail before trying to start %s", name);
	if (compat_runs(c, name))
		return error_set(e, ERROR_FAILED, "%s is already running!",
		    name);
	if (compat_print(e, "* Starting %s\n", name) < 0)
		return -1;
	if (compat_call(c, e, "start", name, NULL) < 0) {
		struct error ignored = ERROR_INIT;

		(void)!compat_print(&ignored, "  + Start FAILED\n");
		return -1;
	}
	return show_started(c, name, e);
}

int
ioc_stop_one(struct compat *c, const char *name, struct error *e)
{
	bool running = compat_runs(c, name);

	/* as iocage has it: no failure */
	if (!running) {
		compat_say(c, "%s is not running!", name);
		return 0;
	}
	if (compat_print(e, "* Stopping %s\n", name) < 0)
		return -1;
	if ((c->cmd == &ioc_stop && compat_has(c, "force") ? compat_call(c, e,
	    "stop", "-f", name, NULL) : compat_call(c, e, "stop", name,
	    NULL)) < 0)
		return -1;
	return compat_print(e, "  + Executing prestop OK\n"
	    "  + Stopping services OK\n  + Removing jail process OK\n"
	    "  + Executing poststop OK\n");
}

/* Those that --rc is for: boot is on. */
static int
boot_names(struct compat *c, struct strings *names, struct error *e)
{
	AUTO_STRINGS struct strings all = VEC_INIT;

	if (cell_names(c->host, &all, e) < 0)
		return -1;
	ioc_sort(&all);
	for (size_t i = 0; i < all.count; i++) {
		struct error why = ERROR_INIT;
		bool boots = false;

		/* one that is broken does not keep the others */
		if (life_starts_at_boot(c->host, all.items[i], &boots, &why) <
		    0)
			compat_say(c, "%s: %s", all.items[i], why.msg);
		else if (boots && !ioc_is_template(c, all.items[i]))
			strings_add(names, all.items[i]);
	}
	return 0;
}

/* ALL and --rc. */
static bool
is_many(const struct compat *c)
{
	return compat_has(c, "rc") || (c->operands.count > 0 &&
	    strcmp(c->operands.items[0], "ALL") == 0);
}

static int
choose(struct compat *c, bool reverse, struct strings *names, struct error *e)
{
	bool many = is_many(c);

	if (c->operands.count == 0 && !compat_has(c, "rc"))
		return error_set(e, ERROR_FAILED, "Usage: iocage %s [OPTIONS] "
		    "JAILS... - Missing argument \"jails\".",
		    c->cmd->name);
	if ((compat_has(c, "rc") ? boot_names(c, names, e) : ioc_targets(c,
	    &c->operands, names, e)) < 0)
		return -1;
	return many ? sort_by_priority(c, names, reverse) : 0;
}

/* Of ALL those that run already are well. */
static int
start_of_many(struct compat *c, const char *name, struct error *e)
{
	return compat_runs(c, name) ? 0 : ioc_start_one(c, name, e);
}

static int
stop_of_many(struct compat *c, const char *name, struct error *e)
{
	return compat_runs(c, name) ? ioc_stop_one(c, name, e) : 0;
}

/* ALL and --rc pass over those that are as they shall be. */
static int
start_or_stop(struct compat *c, bool reverse, ioc_fn *one, ioc_fn *of_many,
    struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	bool many = is_many(c);

	if (choose(c, reverse, &names, e) < 0)
		return -1;
	if (ioc_each(c, &names, many ? of_many : one, e) == 0)
		return 0;
	if (!compat_has(c, "ignore"))
		return -1;
	c->tool->print_error(c, e);
	error_clear(e);
	return 0;
}

static int
start(struct compat *c, struct error *e)
{
	return start_or_stop(c, false, ioc_start_one, start_of_many, e);
}

static int
stop(struct compat *c, struct error *e)
{
	return start_or_stop(c, true, ioc_stop_one, stop_of_many, e);
}

static const struct cmd_option start_options[] = {
	{ '\0', "rc", NULL, "Will start all jails with boot=on." },
	{ 'i', "ignore", NULL, "Suppress exceptions." },
	{ 0 },
};
static const struct cmd_option stop_options[] = {
	{ '\0', "rc", NULL, "Will stop all jails with boot=on." },
	{ 'f', "force", NULL, "Skip all pre-stop actions." },
	{ 'i', "ignore", NULL, "Suppress exceptions." },
	{ 0 },
};

const struct compat_cmd ioc_start = {
	.name = "start",
	.usage = "JAIL...|ALL",
	.summary = "Starts the specified jails or ALL.",
	.options = start_options,
	.max = CMD_ANY,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "`WALL` is no `ALL`; a jail of many that fails makes the "
	    "status 1, and keeps no other from its start",
	.test = "cli/compat_iocage_test.sh:life",
	.exec = start,
};

const struct compat_cmd ioc_stop = {
	.name = "stop",
	.usage = "JAIL...|ALL",
	.summary = "Stops the specified jails or ALL.",
	.options = stop_options,
	.max = CMD_ANY,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "as `start`",
	.test = "cli/compat_iocage_test.sh:life",
	.exec = stop,
};

/* --- restart --- */

static int
restart_one(struct compat *c, const char *name, struct error *e)
{
	return ioc_stop_one(c, name, e) < 0 ? -1 : ioc_start_one(c, name, e);
}

static int
restart(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (compat_has(c, "soft"))
		return ioc_cannot(c, "-s: gaol starts a jail anew with its "
		    "network; 'iocage exec JAIL service NAME restart' restarts "
		    "one service", e);
	if (ioc_targets(c, &c->operands, &names, e) < 0)
		return -1;
	return ioc_each(c, &names, restart_one, e);
}

static const struct cmd_option restart_options[] = {
	{ 's', "soft", NULL, "Restart the jail but keep the network." },
	{ 0 },
};

const struct compat_cmd ioc_restart = {
	.name = "restart",
	.usage = "JAIL|ALL",
	.summary = "Restarts the specified jails or ALL.",
	.options = restart_options,
	.min = 1,
	.max = 1,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "`-s` is refused (69)",
	.test = "cli/compat_iocage_test.sh:life",
	.exec = restart,
};

/* --- destroy --- */

static int
ask(struct compat *c, const char *what, const char *name, bool *yes,
    struct error *e)
{
	AUTO_FREE char *question = xasprintf("\nThis will destroy %s%s\n\n"
	    "Are you sure? [y/N]: ", what, name);

	*yes = compat_has(c, "force");
	if (*yes)
		return 0;
	if (compat_confirm(c, question, "-f", yes, e) == 0)
		return 0;
	return error_set(e, ERROR_FAILED, "Aborted! (-f says yes)");
}

static int
refuse_snapshots(struct compat *c, const char *name, struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	struct error why = ERROR_INIT;

	/* a store without them has none */
	if (snapshot_list(c->host, name, false, &list, &why) < 0 ||
	    list.count == 0)
		return 0;
	for (size_t i = 0; i < list.count; i++)
		buf_printf(&text, " %s", list.items[i].name);
	return error_set(e, ERROR_FAILED, "%s has dependent jails (who may "
	    "also have dependents), use --recursive to destroy:%s", name,
	    buf_text(&text));
}

static int
destroy_jail(struct compat *c, const char *word, struct error *e)
{
	AUTO_FREE char *name = NULL;
	bool yes, running;

	if (ioc_target(c, word, true, &name, e) < 0 ||
	    ask(c, "jail ", name, &yes, e) < 0)
		return -1;
	if (!yes)
		return 0;
	running = compat_runs(c, name);
	if (running && !compat_has(c, "force"))
		return error_set(e, ERROR_FAILED, "Jail %s is still running, "
		    "please stop the jail first or destroy it with -f", name);
	if (!compat_has(c, "force") && !compat_has(c, "recursive") &&
	    refuse_snapshots(c, name, e) < 0)
		return -1;
	if (compat_print(e, "%s%s%sDestroying %s\n", running ? "Stopping " :
	    "", running ? name : "", running ? "\n" : "", name) < 0)
		return -1;
	return compat_call(c, e, "destroy", "-f", "-y", name, NULL);
}

static int
destroy_release(struct compat *c, const char *name, struct error *e)
{
	AUTO_RELEASE struct release r = RELEASE_INIT;
	bool yes;

	if (release_load(c->host, name, &r, e) < 0 ||
	    ask(c, "RELEASE: ", name, &yes, e) < 0)
		return -1;
	if (!yes)
		return 0;
	if (compat_print(e, "Destroying RELEASE dataset: %s\n", name) < 0)
		return -1;
	return compat_call(c, e, "releases", "-d", "-y", name, NULL);
}

static int
destroy(struct compat *c, struct error *e)
{
	if (c->operands.count == 0)
		return error_set(e, ERROR_FAILED, "Usage: iocage destroy "
		    "[OPTIONS] JAILS... - Missing argument \"jails\".");
	if (compat_has(c, "download") && !compat_has(c, "release"))
		return error_set(e, ERROR_FAILED, "--download (-d) can only "
		    "be used with --release (-r)!");
	return ioc_each(c, &c->operands, compat_has(c, "release") ?
	    destroy_release : destroy_jail, e);
}

static const struct cmd_option destroy_options[] = {
	{ 'f', "force", NULL, "Destroy the jail without warnings." },
	{ 'r', "release", NULL, "Destroy a specified RELEASE dataset." },
	{ 'R', "recursive", NULL, "Bypass the children prompt." },
	{ 'd', "download", NULL, "Destroy the download dataset as well." },
	{ 0 },
};

const struct compat_cmd ioc_destroy = {
	.name = "destroy",
	.usage = "JAIL...|RELEASE...",
	.summary = "Destroy specified jail(s).",
	.options = destroy_options,
	.max = CMD_ANY,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "whole names only; clones of a jail are kept; a release that "
	    "jails stand on is refused; `-R -r` works",
	.test = "cli/compat_iocage_test.sh:destroy",
	.exec = destroy,
};

/* --- rename --- */

static int
rename_jail(struct compat *c, struct error *e)
{
	const char *to = c->operands.items[1];
	AUTO_FREE char *name = NULL;
	bool was_running;

	if (ioc_target(c, c->operands.items[0], true, &name, e) < 0 ||
	    name_check_cell(to, e) < 0)
		return -1;
	was_running = compat_runs(c, name);
	if ((was_running && compat_call(c, e, "stop", name, NULL) < 0) ||
	    compat_call(c, e, "rename", name, to, NULL) < 0)
		return -1;
	return compat_print(e, "Jail: %s renamed to %s\n", name, to);
}

const struct compat_cmd ioc_rename = {
	.name = "rename",
	.usage = "JAIL NEW_NAME",
	.summary = "Rename the jail.",
	.min = 2,
	.max = 2,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "whole names only; the new name is checked",
	.test = "cli/compat_iocage_test.sh:clone",
	.exec = rename_jail,
};
