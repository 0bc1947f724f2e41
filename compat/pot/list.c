/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* pot list, info, ps: what scripts read. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/num.h"
#include "compat/pot/pot.h"
#include "core/live.h"
#include "core/mount.h"
#include "core/network.h"
#include "core/release.h"
#include "core/snapshot.h"
#include "core/volume.h"

/* A pot as it is shown. */
struct shown {
	struct compat *c;
	struct cell cell;
	struct pot_net net;
	bool running;
};
#define AUTO_SHOWN __attribute__((cleanup(shown_fini)))

static void
shown_fini(struct shown *s)
{
	cell_fini(&s->cell);
	pot_net_fini(&s->net);
}

static int
show_begin(struct compat *c, const char *name, struct shown *s,
    struct error *e)
{
	AUTO_STRINGS struct strings rest = VEC_INIT;

	*s = (struct shown){ .c = c, .cell = CELL_INIT, .net = POT_NET_INIT };
	if (cell_load(c->host, name, &s->cell, e) < 0)
		return -1;
	pot_net_get(c->host, &s->cell, &s->net, &rest);
	s->running = compat_runs(c, name);
	return 0;
}

static char *
kept(const struct shown *s, const char *name, const char *fallback)
{
	char *value = pot_kept(&s->cell, name);

	return value != NULL ? value : xstrdup(fallback);
}

static char *
base_of(const struct shown *s)
{
	AUTO_FREE char *release = cell_text(&s->cell, "release");

	return release != NULL ? pot_base_name(release) :
	    kept(s, "base", "");
}

/* Thick jails are single, thin ones multi of level 1. */
static char *
type_of(const struct shown *s)
{
	AUTO_FREE char *type = cell_text(&s->cell, "type");

	return kept(s, "type", type != NULL && strcmp(type, "thin") == 0 ?
	    "multi" : "single");
}

static bool
is_single(const struct shown *s)
{
	AUTO_FREE char *type = type_of(s);

	return strcmp(type, "single") == 0;
}

static char *
level_of(const struct shown *s)
{
	return kept(s, "level", is_single(s) ? "0" : "1");
}

static void
put_mounts(const struct shown *s, struct buf *out)
{
	AUTO_STRINGS struct strings mounts = VEC_INIT;

	cell_values(&s->cell, "mount", &mounts);
	for (size_t i = 0; i < mounts.count; i++) {
		struct engine_mount m = { 0 };
		struct error ignored = ERROR_INIT;

		if (mount_split(mounts.items[i], &m, &ignored) == 0 &&
		    strcmp(m.type, "nullfs") == 0) {
			bool volume = volume_is(m.source);

			buf_printf(out, "\t\t%s => %s%s\n", m.target, volume ?
			    "fscomp/" : "", m.source + (volume ? 4 : 0));
		}
		mount_fini(&m);
	}
}

int
pot_snapshots(struct compat *c, const char *pot, struct strings *names,
    struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;

	if (snapshot_list(c->host, pot, false, &list, e) < 0)
		return -1;
	for (size_t i = list.count; i > 0; i--)
		strings_add(names, list.items[i - 1].name);
	return 0;
}

static int
put_snapshots(const struct shown *s, struct buf *out, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (pot_snapshots(s->c, s->cell.name, &names, e) < 0)
		return -1;
	if (names.count == 0)
		buf_puts(out, "\t\tno snapshots\n");
	for (size_t i = names.count; i > 0; i--)
		buf_printf(out, "\t\t%s/jails/%s@%s\n", pot_setting(s->c,
		    "POT_ZFS_ROOT"), s->cell.name, names.items[i - 1]);
	return 0;
}

/* --- list --- */

static int
list_one(struct compat *c, const char *name, struct buf *out,
    struct error *e)
{
	AUTO_SHOWN struct shown s;

	if (show_begin(c, name, &s, e) < 0)
		return -1;
	buf_printf(out, "pot name : %s\n\tnetwork : %s\n", name, s.net.type);
	if (strcmp(s.net.type, "inherit") != 0)
		buf_printf(out, "\tip : %s\n", s.net.ip);
	buf_printf(out, "\tactive : %s\n", s.running ? "true" : "false");
	if (compat_has(c, "v")) {
		AUTO_FREE char *base = base_of(&s);
		AUTO_FREE char *level = level_of(&s);
		AUTO_FREE char *potbase = kept(&s, "potbase", "");

		buf_printf(out, "\tbase : %s\n\tlevel : %s\n", base, level);
		if (strcmp(level, "2") == 0)
			buf_printf(out, "\tbase pot : %s\n", potbase);
		buf_puts(out, "\tdatasets:\n");
		put_mounts(&s, out);
		buf_puts(out, "\tsnapshot:\n");
		if (put_snapshots(&s, out, e) < 0)
			return -1;
	}
	buf_putc(out, '\n');
	return 0;
}

static int
list_pots(struct compat *c, bool quiet, struct buf *out, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (cell_names(c->host, &names, e) < 0)
		return -1;
	if (names.count == 0 && !quiet)
		buf_puts(out, "No pot created yet...\n");
	for (size_t i = 0; i < names.count; i++) {
		struct error why = ERROR_INIT;

		if (quiet)
			buf_printf(out, "%s\n", names.items[i]);
		else if (list_one(c, names.items[i], out, &why) < 0)
			compat_say(c, "###>  %s", why.msg);
	}
	return 0;
}

static void
put_names(const struct strings *names, const char *kind, bool quiet,
    struct buf *out)
{
	for (size_t i = 0; i < names->count; i++)
		buf_printf(out, "%s%s%s\n", quiet ? "" : kind,
		    quiet ? "" : ": ", names->items[i]);
}

static int
list_bases(struct compat *c, bool quiet, struct buf *out, struct error *e)
{
	AUTO_STRINGS struct strings releases = VEC_INIT, names = VEC_INIT;

	if (release_names(c->host, &releases, e) < 0)
		return -1;
	for (size_t i = 0; i < releases.count; i++)
		strings_take(&names, pot_base_name(releases.items[i]));
	put_names(&names, "bases", quiet, out);
	return 0;
}

static int
list_fscomps(struct compat *c, bool quiet, struct buf *out, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (volume_names(c->host, &names, e) < 0)
		return -1;
	put_names(&names, "fscomp", quiet, out);
	return 0;
}

/* The public bridge is none of them. */
static int
list_bridges(struct compat *c, bool quiet, struct buf *out, struct error *e)
{
	AUTO_STRINGS struct strings all = VEC_INIT, names = VEC_INIT;

	if (network_names(c->host, &all, e) < 0)
		return -1;
	for (size_t i = 0; i < all.count; i++)
		if (strcmp(all.items[i], POT_NETWORK_NAME) != 0 &&
		    strcmp(all.items[i], NETWORK_DEFAULT) != 0)
			strings_add(&names, all.items[i]);
	put_names(&names, "bridge", quiet, out);
	return 0;
}

/* Files with commands, and scripts without their suffix; each once. */
static int
list_flavours(struct compat *c, bool quiet, struct buf *out, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_FREE char *path = xasprintf("%s/flavours", pot_etc());
	AUTO_DIR DIR *dir = opendir(path);
	const struct dirent *d;

	while (dir != NULL && (d = readdir(dir)) != NULL) {
		size_t len = strlen(d->d_name);
		bool script = len > 3 && strcmp(d->d_name + len - 3,
		    ".sh") == 0;
		AUTO_FREE char *name = xstrndup(d->d_name,
		    script ? len - 3 : len);

		if (*name != '.' && strings_index(&names, name) < 0)
			strings_add(&names, name);
	}
	strings_sort(&names);
	put_names(&names, "flavour", quiet, out);
	return 0;
}

static const struct {
	const char *option;
	int (*list)(struct compat *c, bool quiet, struct buf *out,
	    struct error *e);
} kinds[] = {
	{ "p", list_pots },
	{ "b", list_bases },
	{ "f", list_fscomps },
	{ "F", list_flavours },
	{ "B", list_bridges },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static int
list(struct compat *c, struct error *e)
{
	static const size_t all[] = { 1, 0, 2, 3, 4 };
	AUTO_BUF struct buf out = BUF_INIT;
	bool quiet = compat_has(c, "q");
	size_t chosen = 0, count = 0;

	for (size_t i = 0; i < KINDS; i++)
		if (compat_has(c, kinds[i].option)) {
			chosen = i;
			count++;
		}
	if (count + compat_has(c, "a") > 1)
		return pot_usage(e, "Options -b -p -f -F -B -a are mutually "
		    "exclusive");
	if (compat_has(c, "a") && quiet)
		return pot_usage(e, "Options -a and -q are incompatible");
	if (!compat_has(c, "a") && kinds[chosen].list(c, quiet, &out, e) < 0)
		return -1;
	for (size_t i = 0; compat_has(c, "a") && i < KINDS; i++)
		if (kinds[all[i]].list(c, false, &out, e) < 0)
			return -1;
	return cmd_print_text(&out, e);
}

static const struct cmd_option list_options[] = {
	{ 'p', "", NULL, "list pots (default)" },
	{ 'b', "", NULL, "list bases" },
	{ 'f', "", NULL, "list fs components" },
	{ 'F', "", NULL, "list flavours" },
	{ 'B', "", NULL, "list private bridges" },
	{ 'a', "", NULL, "list all of them" },
	{ 'q', "", NULL, "print names only" },
	{ 0 },
};

const struct compat_cmd pot_cmd_list = {
	.name = "list",
	.aliases = "ls",
	.usage = "[-hpbfFBa] [-qv]",
	.summary = "list pots, bases, fs components, flavours, bridges",
	.options = list_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "all jails of gaol are listed; bases are releases, fs "
	    "components volumes, bridges networks",
	.test = "cli/compat_pot_test.sh:list",
	.exec = list,
};

/* --- info --- */

static void
put_attributes(const struct shown *s, struct buf *out)
{
	buf_puts(out, "\tattributes:\n");
	for (size_t i = 0; i < pot_attr_count; i++) {
		const struct pot_attr *a = &pot_attrs[i];
		AUTO_FREE char *value = pot_attr_get(&s->cell, a);

		if (i > 0 && !(a->flags & POT_FRAMEWORK) &&
		    (pot_attrs[i - 1].flags & POT_FRAMEWORK))
			buf_puts(out, "\tjail attributes:\n");
		buf_printf(out, "\t\t%s: %s\n", a->name, *value != '\0' ?
		    value : "NO");
	}
}

static void
put_limits(const struct shown *s, struct buf *out)
{
	AUTO_FREE char *cpus = cell_text(&s->cell, "limit.cpu");
	AUTO_FREE char *memory = cell_text(&s->cell, "limit.memory");

	if (cpus == NULL && memory == NULL)
		return;
	buf_puts(out, "\tresource limits:\n");
	if (cpus != NULL)
		buf_printf(out, "\t\tmax amount cpus: %s\n", cpus);
	if (memory != NULL)
		buf_printf(out, "\t\tmax amount memory: %s\n", memory);
}

static void
put_ports(const struct shown *s, struct buf *out)
{
	AUTO_STRINGS struct strings publish = VEC_INIT, ports = VEC_INIT;

	cell_values(&s->cell, "publish", &publish);
	for (size_t i = 0; i < publish.count; i++) {
		char *port = pot_port_format(publish.items[i]);

		if (port != NULL)
			strings_take(&ports, port);
	}
	AUTO_FREE char *all = strings_join(&ports, " ");
	if (ports.count == 0)
		buf_puts(out, "\t\tno ports exported\n");
	else
		buf_printf(out, "\t\texported ports: %s\n", all);
}

static void
put_network(const struct shown *s, bool verbose, struct buf *out)
{
	buf_printf(out, "\tnetwork_type : %s\n", s->net.type);
	if (strcmp(s->net.type, "inherit") == 0)
		return;
	buf_printf(out, "\tip : %s\n", s->net.ip);
	if (strcmp(s->net.type, "private-bridge") == 0)
		buf_printf(out, "\tbridge : %s\n", s->net.bridge);
	if (verbose)
		put_ports(s, out);
}

static int
info_pot(const struct shown *s, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;
	AUTO_FREE char *type = type_of(s);
	AUTO_FREE char *level = level_of(s);
	AUTO_FREE char *potbase = kept(s, "potbase", "");
	AUTO_FREE char *base = base_of(s);
	bool verbose = compat_has(s->c, "v");

	buf_printf(&out, "pot name : %s\n\ttype : %s\n\tbase : %s\n"
	    "\tlevel : %s\n", s->cell.name, type, base, level);
	if (strcmp(level, "2") == 0)
		buf_printf(&out, "\tbase pot : %s\n", potbase);
	put_network(s, verbose, &out);
	buf_printf(&out, "\tactive : %s\n", s->running ? "true" : "false");
	if (verbose) {
		buf_puts(&out, "\tdatasets:\n");
		if (is_single(s))
			buf_printf(&out, "\t\t%s/m\n", s->cell.name);
		put_mounts(s, &out);
		buf_puts(&out, "\tsnapshots:\n");
		if (put_snapshots(s, &out, e) < 0)
			return -1;
	}
	put_attributes(s, &out);
	if (verbose)
		put_limits(s, &out);
	buf_putc(&out, '\n');
	return cmd_print_text(&out, e);
}

/* All addresses of an alias; pot itself tells the last of each family only. */
static void
put_alias_env(const struct shown *s, struct buf *out)
{
	AUTO_FREE char *ips = xstrdup(s->net.ip);
	AUTO_BUF struct buf names = BUF_INIT, nics = BUF_INIT;
	char *one, *rest = ips;
	int n = 0;

	while ((one = strsep(&rest, " ")) != NULL && *one != '\0') {
		char *bar = strchr(one, '|');
		const char *ip = bar != NULL ? bar + 1 : one;

		if (bar != NULL)
			*bar = '\0';
		if (n == 0)
			buf_printf(out, "export _POT_IP=%s\n", ip);
		buf_printf(out, "export _POT_IP_%d=%s\nexport _POT_NIC_%d=%s\n",
		    n, ip, n, bar != NULL ? one : "");
		buf_printf(&names, "%s_POT_IP_%d", n > 0 ? "\\ " : "", n);
		buf_printf(&nics, "%s_POT_NIC_%d", n > 0 ? "\\ " : "", n);
		n++;
	}
	buf_printf(out, "export _POT_IP_LIST=%s\nexport _POT_NIC_LIST=%s\n",
	    buf_text(&names), buf_text(&nics));
}

static int
info_env(const struct shown *s, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;
	AUTO_LIVE struct live live = LIVE_INIT;

	buf_printf(&out, "export _POT_NAME=%s\n", s->cell.name);
	if (strcmp(s->net.type, "alias") == 0)
		put_alias_env(s, &out);
	else
		buf_printf(&out, "export _POT_IP=%s\n", s->net.ip);
	if (strcmp(s->net.type, "private-bridge") == 0)
		buf_printf(&out, "export _POT_BRIDGE=%s\n", s->net.bridge);
	if (s->running) {
		if (live_running(s->c->host, s->cell.name, &live, e) < 0)
			return -1;
		buf_printf(&out, "export _POT_JID=%jd\n",
		    (intmax_t)live.engine.jid);
	}
	return cmd_print_text(&out, e);
}

/* Names that are times are told as such with -v. */
static int
info_snapshots(const struct shown *s, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_BUF struct buf out = BUF_INIT;

	if (pot_snapshots(s->c, s->cell.name, &names, e) < 0)
		return -1;
	for (size_t i = names.count; i > 0; i--) {
		const char *name = names.items[i - 1];
		struct error ignored = ERROR_INIT;
		char date[64] = "";
		struct tm tm;
		uint64_t at;
		time_t t;

		if (parse_uint(name, 0, INT64_MAX, &at, &ignored) == 0) {
			t = (time_t)at;
			localtime_r(&t, &tm);
			strftime(date, sizeof(date),
			    "%a %b %e %H:%M:%S %Z %Y", &tm);
		}
		if (compat_has(s->c, "v"))
			buf_printf(&out, "%s: ->  %s\n", name, date);
		else
			buf_printf(&out, "%s\n", name);
	}
	return cmd_print_text(&out, e);
}

static int
info_bridge(struct compat *c, const char *name, struct error *e)
{
	if (!network_exists(c->host, name))
		return error_set(e, ERROR_NOT_FOUND, "%s is not a bridge",
		    name);
	if (compat_has(c, "q"))
		return 0;
	return compat_call(c, e, "network", "show", name, NULL);
}

static int
info(struct compat *c, struct error *e)
{
	const char *pot = compat_value(c, "p"), *bridge = compat_value(c, "B");
	AUTO_SHOWN struct shown s = { .cell = CELL_INIT };

	if (pot == NULL && bridge == NULL)
		return pot_usage(e, "Option -p or -B are mandatory");
	if (pot != NULL && bridge != NULL)
		return pot_usage(e, "Option -p and -B are mutually exclusive");
	if (compat_has(c, "q") && compat_has(c, "v"))
		return pot_usage(e, "Option -q and -v are mutually exclusive");
	if (compat_has(c, "E") && pot == NULL)
		return pot_usage(e, "Environment variable output available "
		    "for pot only");
	if (bridge != NULL)
		return info_bridge(c, bridge, e);
	if (name_check_cell(pot, e) < 0)
		return -1;
	if (!cell_exists(c->host, pot) && compat_has(c, "q")) {
		c->status = 1;
		return 0;
	}
	if (!cell_exists(c->host, pot))
		return error_set(e, ERROR_NOT_FOUND, "%s is not a pot", pot);
	if (compat_has(c, "r")) {
		c->status = !compat_runs(c, pot);
		return 0;
	}
	if (compat_has(c, "q"))
		return 0;
	if (show_begin(c, pot, &s, e) < 0)
		return -1;
	if (compat_has(c, "s"))
		return info_snapshots(&s, e);
	return compat_has(c, "E") ? info_env(&s, e) : info_pot(&s, e);
}

static const struct cmd_option info_options[] = {
	POT_OPTION_NAME,
	{ 'B', "", "NAME", "the bridge" },
	{ 'q', "", NULL, "the exit status only" },
	{ 'r', "", NULL, "whether it runs, by the exit status" },
	{ 'E', "", NULL, "as variables for sh(1)" },
	{ 's', "", NULL, "its snapshots" },
	{ 0 },
};

const struct compat_cmd pot_cmd_info = {
	.name = "info",
	.usage = "[-hvqrEs] -p NAME|-B NAME",
	.summary = "show information about a pot or a bridge",
	.options = info_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "-E tells all addresses of an alias; -B shows what 'gaol "
	    "network show' does",
	.test = "cli/compat_pot_test.sh:info",
	.exec = info,
};

/* --- ps --- */

static int
ps(struct compat *c, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;
	struct live_rows rows = VEC_INIT;
	AUTO_NETWORK struct network n = { 0 };
	struct error ignored = ERROR_INIT;

	if (!compat_has(c, "q"))
		buf_printf(&out, "===>  Internal network %s\n",
		    network_load(c->host, POT_NETWORK_NAME, &n,
		    &ignored) == 0 && network_is_up(c->host, &n) ?
		    "up" : "down");
	if (live_all(c->host, &rows, e) < 0)
		return -1;
	for (size_t i = 0; i < rows.count; i++)
		buf_printf(&out, "%s\n", rows.items[i].name);
	live_rows_fini(&rows);
	return cmd_print_text(&out, e);
}

static const struct cmd_option ps_options[] = {
	{ 'q', "", NULL, "print names only" },
	{ 0 },
};

const struct compat_cmd pot_cmd_ps = {
	.name = "ps",
	.usage = "[-hvq]",
	.summary = "show running pots",
	.options = ps_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.test = "cli/compat_pot_test.sh:ps",
	.exec = ps,
};
