/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/live.h"
#include "core/net_state.h"
#include "core/restart.h"
#include "view/cells.h"

enum {
	COLUMN_NAME, COLUMN_STATE, COLUMN_JID, COLUMN_RELEASE, COLUMN_NET,
	COLUMN_BOOT, COLUMN_TAGS, COLUMN_STARTED, COLUMN_PRIORITY,
	COLUMN_DEPEND, COLUMN_STORE, COLUMN_TYPE, COLUMN_HOSTNAME, COLUMN_NOTE,
	COLUMN_ADDRESSES, COLUMN_PORTS, COLUMN_PATH,
	COLUMNS
};

static const struct view_column columns[COLUMNS] = {
	[COLUMN_NAME] = { "name", "NAME", VIEW_TEXT },
	[COLUMN_STATE] = { "state", "STATE", VIEW_TEXT },
	[COLUMN_JID] = { "jid", "JID", VIEW_NUMBER },
	[COLUMN_RELEASE] = { "release", "RELEASE", VIEW_TEXT },
	[COLUMN_NET] = { "net", "NET", VIEW_LIST },
	[COLUMN_BOOT] = { "boot", "BOOT", VIEW_BOOL },
	[COLUMN_TAGS] = { "tags", "TAGS", VIEW_LIST },
	[COLUMN_STARTED] = { "started", "UP", VIEW_NUMBER },
	[COLUMN_PRIORITY] = { "priority", "PRIORITY", VIEW_NUMBER },
	[COLUMN_DEPEND] = { "depend", "DEPEND", VIEW_LIST },
	[COLUMN_STORE] = { "store", "STORE", VIEW_TEXT },
	[COLUMN_TYPE] = { "type", "TYPE", VIEW_TEXT },
	[COLUMN_HOSTNAME] = { "hostname", "HOSTNAME", VIEW_TEXT },
	[COLUMN_NOTE] = { "note", "NOTE", VIEW_TEXT },
	[COLUMN_ADDRESSES] = { "addresses", "ADDRESSES", VIEW_LIST },
	[COLUMN_PORTS] = { "ports", "PORTS", VIEW_LIST },
	[COLUMN_PATH] = { "path", "PATH", VIEW_TEXT },
};
static const char usual_columns[] =
    "name,state,jid,release,net,boot,tags,started";

/* Where the cells have what a column shows. */
static const struct {
	int column;
	enum cells_field field;
} texts[] = {
	{ COLUMN_RELEASE, CELLS_RELEASE }, { COLUMN_STORE, CELLS_STORE },
	{ COLUMN_TYPE, CELLS_TYPE }, { COLUMN_HOSTNAME, CELLS_HOSTNAME },
	{ COLUMN_NOTE, CELLS_NOTE },
}, lists[] = {
	{ COLUMN_TAGS, CELLS_TAG }, { COLUMN_DEPEND, CELLS_DEPEND },
};

static const struct cmd_option options[] = {
	{ 'o', "columns", "COL[,COL...]", "columns to print" },
	{ 's', "sort", "[-]COL", "sort by that column; \"-\": descending" },
	{ 'r', "running", NULL, "only jails that run" },
	{ 0 },
};

struct list {
	const struct host *host;
	struct cells cells;
	struct live_rows live;
	struct strings restarts;	/* jails that may have failed */
	struct view *view;
	int64_t now;
	bool running_only;
	struct strings nets;	/* jails that were given of the network */
	size_t next_net;
};

/* "lan:10.10.0.2", as one could have asked for it in net. */
static void
show_net(struct list *l, const struct net_state *s)
{
	AUTO_BUF struct buf text = BUF_INIT;
	char addr[ADDR_TEXT];

	for (size_t i = 0; i < s->ifaces.count; i++) {
		const struct engine_iface *iface = &s->ifaces.items[i];

		if (iface->kind != IFACE_NETWORK || iface->addr_count == 0)
			return;
		buf_printf(&text, "%s%s:%s", i > 0 ? "," : "", iface->network,
		    addr_text(&iface->addrs[0], addr));
	}
	if (text.len > 0)
		view_shown(l->view, COLUMN_NET, buf_text(&text));
}

/* What a running jail was given of the network; both lists are sorted. */
static void
put_given(struct list *l, const char *name)
{
	AUTO_NET_STATE struct net_state s = NET_STATE_INIT;
	AUTO_STRINGS struct strings addresses = VEC_INIT, ports = VEC_INIT;
	struct error ignored = ERROR_INIT;

	while (l->next_net < l->nets.count &&
	    strcmp(l->nets.items[l->next_net], name) < 0)
		l->next_net++;
	if (l->next_net == l->nets.count ||
	    strcmp(l->nets.items[l->next_net], name) != 0 ||
	    net_state_read(l->host, name, &s, &ignored) < 0)
		return;
	net_state_addresses(&s, &addresses);
	net_state_ports(&s, &ports);
	if (addresses.count > 0)
		view_list(l->view, COLUMN_ADDRESSES, &addresses);
	if (ports.count > 0)
		view_list(l->view, COLUMN_PORTS, &ports);
	show_net(l, &s);
}

/* Addresses where there are some, else the kind of network. */
static void
put_net(struct list *l, size_t row)
{
	const char *ip4 = cells_value(&l->cells, row, CELLS_IP4);
	const char *ip6 = cells_value(&l->cells, row, CELLS_IP6);
	AUTO_STRINGS struct strings net = VEC_INIT;

	if (ip4 == NULL && ip6 == NULL) {
		view_lines(l->view, COLUMN_NET,
		    cells_value(&l->cells, row, CELLS_NET));
		return;
	}
	cells_values(&l->cells, row, CELLS_IP4, &net);
	cells_values(&l->cells, row, CELLS_IP6, &net);
	view_list(l->view, COLUMN_NET, &net);
}

static void
put_values(struct list *l, size_t row)
{
	const char *boot = cells_value(&l->cells, row, CELLS_BOOT);
	const char *priority = cells_value(&l->cells, row, CELLS_PRIORITY);
	struct error ignored = ERROR_INIT;
	int64_t number;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		view_text(l->view, (size_t)texts[i].column,
		    cells_value(&l->cells, row, texts[i].field));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		view_lines(l->view, (size_t)lists[i].column,
		    cells_value(&l->cells, row, lists[i].field));
	if (boot != NULL)
		view_bool(l->view, COLUMN_BOOT, strcmp(boot, "on") == 0);
	if (priority != NULL && parse_int(priority, INT32_MIN, INT32_MAX,
	    &number, &ignored) == 0)
		view_number(l->view, COLUMN_PRIORITY, number);
	put_net(l, row);
}

static void
put_live(struct list *l, const struct live_row *live)
{
	char age[24];
	int64_t seconds = l->now - live->started;

	view_number(l->view, COLUMN_JID, live->jid);
	view_number(l->view, COLUMN_STARTED, live->started);
	/* a clock that was set back makes no jail younger than new */
	view_shown(l->view, COLUMN_STARTED,
	    format_age(seconds > 0 ? (uint64_t)seconds : 0, age));
}

static bool
has_failed(const struct list *l, const char *name)
{
	AUTO_FREE char *why = strings_index(&l->restarts, name) >= 0 ?
	    restart_failure(l->host, name) : NULL;

	return why != NULL;
}

static void
put_row(struct list *l, size_t row)
{
	const char *name = cells_name(&l->cells, row);
	const char *problem = cells_value(&l->cells, row, CELLS_PROBLEM);
	const struct live_row *live = live_find(&l->live, name);

	if (problem != NULL)
		cmd_warn("%s", problem);
	if (l->running_only && live == NULL)
		return;
	view_row(l->view);
	view_text(l->view, COLUMN_NAME, name);
	view_text(l->view, COLUMN_STATE, problem != NULL ? "broken" :
	    live != NULL ? "running" : has_failed(l, name) ? "failed" :
	    "stopped");
	if (view_wants(l->view, COLUMN_PATH)) {
		AUTO_FREE char *path = xasprintf("%s/jails/%s", l->host->root,
		    name);
		view_text(l->view, COLUMN_PATH, path);
	}
	if (live != NULL)
		put_live(l, live);
	if (problem == NULL)
		put_values(l, row);
	if (problem == NULL && live != NULL)
		put_given(l, name);
}

static bool
is_ours(const struct list *l, int64_t jid)
{
	for (size_t i = 0; i < l->live.count; i++)
		if (l->live.items[i].jid == jid)
			return true;
	return false;
}

/* Jails that others made are shown, and left alone. */
static int
put_others(struct list *l, struct error *e)
{
	AUTO_OTHERS struct engine_others others = VEC_INIT;

	if (engine_native->others == NULL)
		return 0;
	if (engine_native->others(&others, e) < 0)
		return -1;
	for (size_t i = 0; i < others.count; i++) {
		const struct engine_other *o = &others.items[i];

		if (is_ours(l, o->jid))
			continue;
		view_row(l->view);
		view_text(l->view, COLUMN_NAME, o->name);
		view_text(l->view, COLUMN_STATE, "foreign");
		view_number(l->view, COLUMN_JID, o->jid);
		view_text(l->view, COLUMN_HOSTNAME, o->hostname);
		view_text(l->view, COLUMN_PATH, o->path);
	}
	return 0;
}

/* PROP=VALUE: a list has the value among its own. */
static int
check_filters(struct cmd_args *a, struct error *e)
{
	for (size_t i = 0; i < a->assign.count; i++) {
		const char *text = a->assign.items[i];
		size_t len = strcspn(text, "=");
		AUTO_FREE char *name = xstrndup(text, len);

		if (cells_field(name) == CELLS_FIELDS)
			return error_set(e, ERROR_USAGE, "list: cannot choose "
			    "by '%s'; 'gaol get %s ALL' shows it", name, name);
	}
	return 0;
}

static bool
filtered_out(const struct list *l, const struct cmd_args *a, size_t row)
{
	for (size_t i = 0; i < a->assign.count; i++) {
		AUTO_STRINGS struct strings values = VEC_INIT;
		const char *text = a->assign.items[i];
		size_t len = strcspn(text, "=");
		AUTO_FREE char *name = xstrndup(text, len);

		cells_values(&l->cells, row, cells_field(name), &values);
		if (values.count == 0 && text[len + 1] == '\0')
			continue;
		if (strings_index(&values, text + len + 1) < 0)
			return true;
	}
	return false;
}

static int
fill(struct list *l, struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (check_filters(a, e) < 0 ||
	    targets_resolve(a, &a->operands, &names, e) < 0 ||
	    cells_load(a->host, a->operands.count > 0 ? &names : NULL,
	    &l->cells, e) < 0 || live_all(a->host, &l->live, e) < 0 ||
	    restart_names(a->host, &l->restarts, e) < 0)
		return -1;
	for (size_t i = 0; i < l->cells.count; i++)
		if (!filtered_out(l, a, i))
			put_row(l, i);
	return a->operands.count > 0 || a->assign.count > 0 ? 0 :
	    put_others(l, e);
}

/* They cost a file for each jail: only where they are shown. */
static int
find_nets(struct list *l, const struct cmd_args *a, struct error *e)
{
	if (view_wants(l->view, COLUMN_ADDRESSES) ||
	    view_wants(l->view, COLUMN_PORTS) ||
	    (a->format == VIEW_TABLE && view_wants(l->view, COLUMN_NET)))
		return net_state_names(l->host, &l->nets, e);
	return 0;
}

static int
list(struct cmd_args *a, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	struct list l = { a->host, CELLS_INIT, VEC_INIT, VEC_INIT, v,
	    (int64_t)time(NULL), args_has(a, "r"), VEC_INIT, 0 };
	const char *chosen = args_value(a, "o");
	int result;

	result = view_select(v, chosen != NULL ? chosen : usual_columns, e);
	if (result == 0 && args_has(a, "s"))
		result = view_sort(v, args_value(a, "s"), e);
	if (result == 0)
		result = find_nets(&l, a, e);
	if (result == 0)
		result = fill(&l, a, e);
	if (result == 0)
		result = cmd_print(a, v, e);
	cells_fini(&l.cells);
	live_rows_fini(&l.live);
	strings_fini(&l.nets);
	strings_fini(&l.restarts);
	return result;
}

const struct cmd cmd_list = {
	.name = "list",
	.alias = "ls",
	.group = "properties",
	.summary = "list jails",
	.operands = "[target...] [PROP=VALUE...]",
	.options = options,
	.max = CMD_ANY,
	.flags = CMD_ASSIGN | CMD_VIEW,
	.exec = list,
};
