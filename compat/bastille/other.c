/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* setup, logs; monitor, plugin and up, which gaol has nothing for. */
#include <string.h>

#include "base/auto.h"
#include "compat/bastille/bastille.h"
#include "core/network.h"

/* --- setup --- */

static const struct {
	const char *what;
	bool done;		/* nothing is to be set up; else refused */
	const char *text;
} subjects[] = {
	{ "pf", true, "gaol's rules are in anchors of their own: nothing is to "
	    "be set up" },
	{ "firewall", true, "gaol's rules are in anchors of their own: nothing "
	    "is to be set up" },
	{ "vnet", true, "networks of gaol make their bridges themselves: "
	    "nothing is to be set up" },
	{ "storage", true, "gaol finds out what its directory lies on: nothing "
	    "is to be set up" },
	{ "shared", false, "name the interface in bastille.conf: "
	    "bastille_network_shared=IF" },
	{ "bridge", false, "'gaol network create NAME --bridge IF' takes a "
	    "bridge of the host's" },
	{ "netgraph", false, "gaol's jails are on if_bridge(4)" },
	{ "linux", false, "gaol loads no modules of the kernel" },
};

/* Addresses of the documentation, 10.17.89.0/24, and a way out. */
static int
setup_loopback(struct compat *c, struct error *e)
{
	const char *name = compat_conf_get(&c->conf,
	    "bastille_network_loopback", "bastille0");

	if (network_exists(c->host, name))
		return bastille_info(c, e, "%s is there already.", name);
	if (compat_call(c, e, "network", "create", name, "10.17.89.0/24",
	    "--nat", NULL) < 0)
		return -1;
	return bastille_info(c, e, "Network %s: 10.17.89.0/24, with NAT.",
	    name);
}

static int
setup(struct compat *c, struct error *e)
{
	const char *what = compat_operand(c, 0);

	if (what == NULL && compat_call(c, e, "setup", compat_has(c, "y") ?
	    "-y" : NULL, NULL) < 0)
		return -1;
	if (what == NULL || strcmp(what, "loopback") == 0)
		return setup_loopback(c, e);
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		if (strcmp(subjects[i].what, what) != 0)
			continue;
		return subjects[i].done ? bastille_info(c, e, "%s.",
		    subjects[i].text) : bastille_cannot(c, subjects[i].text,
		    e);
	}
	return error_set(e, ERROR_USAGE, "setup: what is '%s'?", what);
}

/* --- logs --- */

static int
logs(struct compat *c, struct error *e)
{
	AUTO_FREE char *jail = NULL;

	if (strcmp(c->operands.items[1], "oci") == 0)
		return bastille_cannot(c, "oci: there are no jails of OCI "
		    "images yet", e);
	if (strcmp(c->operands.items[1], "console") != 0)
		return error_set(e, ERROR_USAGE, "logs: TARGET oci|console");
	if (bastille_target(c, c->operands.items[0], TARGET_LOOK, &jail,
	    e) < 0)
		return -1;
	if (compat_has(c, "l"))
		return compat_call(c, e, "logs", "-f", jail, NULL);
	if (compat_has(c, "f"))
		return compat_call(c, e, "logs", "-n", "1000000000", jail,
		    NULL);
	return compat_call(c, e, "logs", "-n", "10", jail, NULL);
}

/* --- what gaol has nothing for --- */

static int
monitor(struct compat *c, struct error *e)
{
	return bastille_cannot(c, "'gaol set JAIL restart=' keeps a jail's "
	    "processes running; nothing looks after services", e);
}

static int
plugin(struct compat *c, struct error *e)
{
	return bastille_cannot(c, "plugins are scripts for Bastille's own "
	    "library; templates do not run on the host", e);
}

static int
up(struct compat *c, struct error *e)
{
	return bastille_cannot(c, "there are no jails of OCI images yet, nor "
	    "compose files", e);
}

static const struct cmd_option setup_options[] = {
	{ 'y', "yes", NULL, "Assume always yes." },
	{ 0 },
};
static const struct cmd_option logs_options[] = {
	{ 'f', "full", NULL, "Print all of it." },
	{ 'l', "live", NULL, "Go on printing what is written." },
	{ 0 },
};
static const struct cmd_option up_options[] = {
	{ 'd', "data-path", "PATH", "Where volumes are." },
	{ 0 },
};

const struct compat_cmd bastille_setup = {
	.name = "setup",
	.usage = "[-y] [pf|firewall|loopback|shared [IF]|storage [POOL]|vnet|"
	    "bridge [IF]|netgraph|linux]",
	.summary = "Attempt to auto-configure networking and more.",
	.options = setup_options,
	.max = 2,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "nothing of the host's configuration is written but what `gaol "
	    "setup` shows first; `loopback` makes a network with NAT of that "
	    "name; `shared`, `bridge`, `netgraph` and `linux` are refused (69)",
	.test = "cli/compat_bastille_create_test.sh:setup_",
	.exec = setup,
};

const struct compat_cmd bastille_logs = {
	.name = "logs",
	.aliases = "log",
	.usage = "[option(s)] TARGET oci|console",
	.summary = "Show the logs of a jail.",
	.options = logs_options,
	.min = 2,
	.max = 2,
	.state = COMPAT_DIFFERS,
	.note = "`oci` is refused (69)",
	.test = "cli/compat_bastille_test.sh:logs",
	.exec = logs,
};

const struct compat_cmd bastille_monitor = {
	.name = "monitor",
	.usage = "enable|disable|status | TARGET add|delete|list SERVICE",
	.summary = "Look after services of jail(s).",
	.min = 1,
	.max = 3,
	.flags = COMPAT_NO_HOST,
	.state = COMPAT_CANNOT,
	.note = "nothing of gaol looks after services of a jail",
	.test = "cli/compat_bastille_release_test.sh:refused",
	.exec = monitor,
};

const struct compat_cmd bastille_plugin = {
	.name = "plugin",
	.aliases = "p",
	.usage = "NAME COMMAND ARGS | URL",
	.summary = "Run a plugin.",
	.min = 1,
	.max = CMD_ANY,
	.flags = COMPAT_NO_HOST,
	.state = COMPAT_CANNOT,
	.note = "plugins are scripts for Bastille's own library",
	.test = "cli/compat_bastille_release_test.sh:refused",
	.exec = plugin,
};

const struct compat_cmd bastille_up = {
	.name = "up",
	.usage = "[option(s)]",
	.summary = "Create jails of a compose file.",
	.options = up_options,
	.max = 0,
	.flags = COMPAT_NO_HOST,
	.state = COMPAT_CANNOT,
	.note = "there are no jails of OCI images yet",
	.test = "cli/compat_bastille_release_test.sh:refused",
	.exec = up,
};
