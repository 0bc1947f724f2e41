/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/life.h"
#include "core/net_state.h"
#include "core/restart.h"
#include "view/property.h"

enum {
	COLUMN_NAME, COLUMN_STATE, COLUMN_REASON, COLUMN_JID, COLUMN_STARTED,
	COLUMN_RELEASE, COLUMN_STORE, COLUMN_PATH, COLUMN_CONSOLE,
	COLUMN_ADDRESSES, COLUMN_PORTS, COLUMN_PENDING,
	COLUMN_PROPERTIES, COLUMN_DEFAULTS,
	COLUMNS
};

static const struct view_column columns[COLUMNS] = {
	[COLUMN_NAME] = { "name", "name", VIEW_TEXT },
	[COLUMN_STATE] = { "state", "state", VIEW_TEXT },
	[COLUMN_REASON] = { "reason", "reason", VIEW_TEXT },
	[COLUMN_JID] = { "jid", "jid", VIEW_NUMBER },
	[COLUMN_STARTED] = { "started", "up", VIEW_NUMBER },
	[COLUMN_RELEASE] = { "release", "release", VIEW_TEXT },
	[COLUMN_STORE] = { "store", "store", VIEW_TEXT },
	[COLUMN_PATH] = { "path", "path", VIEW_TEXT },
	[COLUMN_CONSOLE] = { "console", "console log", VIEW_TEXT },
	[COLUMN_ADDRESSES] = { "addresses", "addresses", VIEW_LIST },
	[COLUMN_PORTS] = { "ports", "ports", VIEW_LIST },
	[COLUMN_PENDING] = { "pending", "at next start", VIEW_LIST },
	[COLUMN_PROPERTIES] = { "properties", "properties", VIEW_RAW },
	[COLUMN_DEFAULTS] = { "defaults", "defaults", VIEW_RAW },
};
static const char facts[] = "name,state,reason,jid,started,release,store,"
    "path,console,addresses,ports,pending";

enum { PROPERTY_NAME, PROPERTY_VALUE, PROPERTY_FROM, PROPERTY_COLUMNS };

static const struct view_column property_columns[PROPERTY_COLUMNS] = {
	[PROPERTY_NAME] = { "property", "PROPERTY", VIEW_TEXT },
	[PROPERTY_VALUE] = { "value", "VALUE", VIEW_TEXT },
	[PROPERTY_FROM] = { "from", "FROM", VIEW_TEXT },
};

static const struct cmd_option options[] = {
	{ 'a', "all", NULL, "also properties that have their default" },
	{ 0 },
};

/* The properties of one jail, in both forms. */
struct show {
	struct view *table;
	struct buf file, defaults;	/* members of a JSON object */
};

static void
put_property(const struct prop *p, const char *name,
    const struct strings *values, bool from_file, void *arg)
{
	struct show *s = arg;
	struct buf *members = from_file ? &s->file : &s->defaults;
	AUTO_FREE char *text = property_text(values);
	bool secret = (p->flags & PROP_SECRET) && values->count > 0;

	view_row(s->table);
	view_text(s->table, PROPERTY_NAME, name);
	view_text(s->table, PROPERTY_VALUE, secret ? "(secret)" : text);
	view_text(s->table, PROPERTY_FROM, from_file ? "file" : "default");
	buf_puts(members, members->len > 0 ? "," : "{");
	json_string(members, name);
	buf_putc(members, ':');
	if (secret)
		buf_puts(members, "null");
	else
		property_json(p, values, members);
}

/* What it was given of the network, and has not given back. */
static void
put_net(const struct host *h, struct view *v, const char *name)
{
	AUTO_NET_STATE struct net_state s = NET_STATE_INIT;
	AUTO_STRINGS struct strings addresses = VEC_INIT, ports = VEC_INIT;
	struct error ignored = ERROR_INIT;

	if (net_state_read(h, name, &s, &ignored) < 0)
		return;
	net_state_addresses(&s, &addresses);
	net_state_ports(&s, &ports);
	if (addresses.count > 0)
		view_list(v, COLUMN_ADDRESSES, &addresses);
	if (ports.count > 0)
		view_list(v, COLUMN_PORTS, &ports);
}

static void
put_running(struct view *v, const struct cell *c, const struct live *live)
{
	AUTO_STRINGS struct strings pending = VEC_INIT;
	AUTO_CELL struct cell old = CELL_INIT;
	struct error ignored = ERROR_INIT;
	int64_t seconds = (int64_t)time(NULL) - live->started;
	char age[24];

	view_number(v, COLUMN_JID, live->engine.jid);
	view_number(v, COLUMN_STARTED, live->started);
	view_shown(v, COLUMN_STARTED,
	    format_age(seconds > 0 ? (uint64_t)seconds : 0, age));
	if (life_in_force(c->name, live, &old, &ignored) < 0)
		return;
	property_pending(&old, c, &pending);
	if (pending.count > 0)
		view_list(v, COLUMN_PENDING, &pending);
}

static void
put_facts(const struct host *h, struct view *v, const struct cell *c,
    const struct live *live)
{
	static const char *const states[] = {
		[LIVE_STOPPED] = "stopped", [LIVE_STARTING] = "starting",
		[LIVE_RUNNING] = "running", [LIVE_STOPPING] = "stopping",
	};
	AUTO_FREE char *release = cell_text(c, "release");
	AUTO_FREE char *store = cell_text(c, "store");
	AUTO_FREE char *path = xasprintf("%s/jails/%s", h->root, c->name);
	AUTO_FREE char *console = cell_text(c, "exec.consolelog");
	AUTO_FREE char *why = live->phase == LIVE_STOPPED ?
	    restart_failure(h, c->name) : NULL;

	if (console == NULL || *console == '\0') {
		free(console);
		console = xasprintf("%s/%s/console.log", h->log, c->name);
	}
	view_row(v);
	view_text(v, COLUMN_NAME, c->name);
	view_text(v, COLUMN_STATE, why != NULL ? "failed" :
	    states[live->phase]);
	if (why != NULL)
		view_text(v, COLUMN_REASON, why);
	view_text(v, COLUMN_RELEASE, release);
	view_text(v, COLUMN_STORE, store);
	view_text(v, COLUMN_PATH, path);
	view_text(v, COLUMN_CONSOLE, console);
	if (live->phase == LIVE_STOPPED)
		return;
	put_net(h, v, c->name);
	put_running(v, c, live);
}

static void
put_members(struct view *v, size_t column, struct buf *members)
{
	buf_puts(members, members->len > 0 ? "}" : "{}");
	view_text(v, column, buf_text(members));
}

static int
add_jail(struct cmd_args *a, struct view *v, struct view *table,
    const char *name, struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_LIVE struct live live = LIVE_INIT;
	struct show s = { table, BUF_INIT, BUF_INIT };

	if (cell_load(a->host, name, &c, e) < 0 ||
	    live_running(a->host, name, &live, e) < 0)
		return -1;
	put_facts(a->host, v, &c, &live);
	property_each(&c, args_has(a, "all"), put_property, &s);
	put_members(v, COLUMN_PROPERTIES, &s.file);
	put_members(v, COLUMN_DEFAULTS, &s.defaults);
	buf_fini(&s.file);
	buf_fini(&s.defaults);
	return 0;
}

/* For people: the facts, and the properties as a table below. */
static int
show_text(struct cmd_args *a, const char *name, bool first, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	AUTO_VIEW struct view *table = view_new(property_columns,
	    PROPERTY_COLUMNS);
	AUTO_BUF struct buf out = BUF_INIT;

	if (view_select(v, facts, e) < 0 ||
	    view_select(table, args_has(a, "all") ? "property,value,from" :
	    "property,value", e) < 0 || add_jail(a, v, table, name, e) < 0)
		return -1;
	if (!first)
		buf_putc(&out, '\n');
	view_print_object(v, a->format, &out);
	if (a->format == VIEW_TABLE)
		buf_putc(&out, '\n');
	view_print(table, a->format, 0, &out);
	return cmd_print_text(&out, e);
}

/* One jail by its name is an object, what stands for several an array. */
static int
show_json(struct cmd_args *a, const struct strings *names, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	AUTO_VIEW struct view *table = view_new(property_columns,
	    PROPERTY_COLUMNS);
	AUTO_FREE char *chosen = xasprintf("%s,properties%s", facts,
	    args_has(a, "all") ? ",defaults" : "");

	if (view_select(v, chosen, e) < 0)
		return -1;
	for (size_t i = 0; i < names->count; i++)
		if (add_jail(a, v, table, names->items[i], e) < 0)
			return -1;
	if (a->operands.count == 1 && names->count == 1 &&
	    targets_exact(&a->operands, names->items[0]))
		return cmd_print_object(a, v, e);
	return cmd_print(a, v, e);
}

static int
show(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (targets_resolve(a, &a->operands, &names, e) < 0)
		return -1;
	if (a->format == VIEW_JSON)
		return show_json(a, &names, e);
	for (size_t i = 0; i < names.count; i++)
		if (show_text(a, names.items[i], i == 0, e) < 0)
			return -1;
	return 0;
}

const struct cmd cmd_show = {
	.name = "show",
	.group = "properties",
	.summary = "tell everything about jails",
	.operands = "target...",
	.options = options,
	.min = 1,
	.max = CMD_ANY,
	.flags = CMD_VIEW,
	.exec = show,
};
