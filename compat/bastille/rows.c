/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What "bastille list" shows of each jail. */
#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "compat/bastille/bastille.h"
#include "core/live.h"
#include "core/net_entry.h"
#include "core/net_publish.h"
#include "core/network.h"
#include "core/spec.h"
#include "view/cells.h"

struct gather {
	struct compat *c;
	struct cells cells;
	struct live_rows live;
	bool paths;
};

static void
row_fini(struct list_row *r)
{
	free(r->jid);
	free(r->name);
	free(r->boot);
	free(r->priority);
	free(r->state);
	free(r->type);
	free(r->hostname);
	free(r->release);
	free(r->path);
	free(r->tags);
	strings_fini(&r->ips);
	strings_fini(&r->ports);
}

void
list_rows_fini(struct list_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		row_fini(&rows->items[i]);
	VEC_FINI(rows);
}

/* "-" stands for what there is not. */
static char *
text(const char *value)
{
	return xstrdup(value != NULL && *value != '\0' ? value : "-");
}

static void
add_port(struct list_row *r, const struct engine_publish *p)
{
	AUTO_BUF struct buf b = BUF_INIT;

	buf_printf(&b, "%s/%u", p->udp ? "udp" : "tcp", p->first);
	if (p->last > p->first)
		buf_printf(&b, "-%u", p->last);
	buf_printf(&b, ":%u", p->to_first);
	/* once, however many addresses of the host it is at */
	if (strings_index(&r->ports, buf_text(&b)) < 0)
		strings_add(&r->ports, buf_text(&b));
}

/* An address of a network that the entry does not tell is a lease. */
static void
add_lease(struct gather *g, struct list_row *r, const char *network)
{
	AUTO_NETWORK struct network n = { .name = NULL };
	AUTO_LEASES struct leases leases = VEC_INIT;
	struct error ignored = ERROR_INIT;
	char addr[ADDR_TEXT];

	if (network_load(g->c->host, network, &n, &ignored) < 0)
		return;
	network_leases(&n, &leases);
	for (size_t i = 0; i < leases.count; i++)
		if (strcmp(leases.items[i].jail, r->name) == 0)
			for (size_t k = 0; k < 2; k++)
				if (leases.items[i].addrs[k].family != 0)
					strings_add(&r->ips, addr_text(
					    &leases.items[i].addrs[k], addr));
}

static void
plan_addresses(struct gather *g, struct list_row *r, size_t row)
{
	AUTO_STRINGS struct strings net = VEC_INIT;
	AUTO_NET_ENTRIES struct net_entries entries = VEC_INIT;
	struct error ignored = ERROR_INIT;
	char addr[ADDR_TEXT];

	cells_values(&g->cells, row, CELLS_NET, &net);
	if (net_entries_parse(&net, &entries, &ignored) < 0)
		return;
	for (size_t i = 0; i < entries.count; i++) {
		const struct engine_iface *f = &entries.items[i].iface;

		if (entries.items[i].kind != NET_IFACE)
			continue;
		if (f->kind == IFACE_NETWORK && f->addr_count == 0)
			add_lease(g, r, f->network);
		for (size_t k = 0; k < f->addr_count; k++)
			strings_add(&r->ips, addr_text(&f->addrs[k], addr));
	}
	cells_values(&g->cells, row, CELLS_IP4, &r->ips);
	cells_values(&g->cells, row, CELLS_IP6, &r->ips);
}

static void
add_addresses(struct gather *g, struct list_row *r, size_t row)
{
	AUTO_NET_STATE struct net_state s = NET_STATE_INIT;
	struct error ignored = ERROR_INIT;

	if (strcmp(r->state, "Up") == 0 &&
	    net_state_read(g->c->host, r->name, &s, &ignored) == 0)
		net_state_addresses(&s, &r->ips);
	if (r->ips.count == 0)
		plan_addresses(g, r, row);
}

static void
add_ports(struct gather *g, struct list_row *r, size_t row)
{
	AUTO_STRINGS struct strings values = VEC_INIT;
	struct error ignored = ERROR_INIT;
	struct engine_publish p;

	cells_values(&g->cells, row, CELLS_PUBLISH, &values);
	for (size_t i = 0; i < values.count; i++)
		if (net_publish_parse(values.items[i], &p, &ignored) == 0)
			add_port(r, &p);
}

/* A clone is what shares the files of another jail: here none is told apart. */
static const char *
type_of(const struct gather *g, size_t row)
{
	const char *type = cells_value(&g->cells, row, CELLS_TYPE);

	return type != NULL && strcmp(type, "thick") == 0 ? "thick" : "thin";
}

static void
add_path(struct gather *g, struct list_row *r)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_LIVE struct live live = LIVE_INIT;
	struct error ignored = ERROR_INIT;
	AUTO_FREE char *path = NULL;

	if (cell_load(g->c->host, r->name, &cell, &ignored) == 0 &&
	    live_running(g->c->host, r->name, &live, &ignored) == 0)
		path = spec_path(g->c->host, &cell,
		    live.phase != LIVE_STOPPED ? &live.engine : NULL);
	r->path = path != NULL ? STEAL(path) : xasprintf("%s/jails/%s/root",
	    g->c->host->root, r->name);
}

static void
fill(struct gather *g, struct list_row *r, size_t row)
{
	const char *name = cells_name(&g->cells, row);
	const char *host = cells_value(&g->cells, row, CELLS_HOSTNAME);
	const struct live_row *live = live_find(&g->live, name);
	AUTO_STRINGS struct strings tags = VEC_INIT;

	r->name = xstrdup(name);
	r->jid = live != NULL ? xasprintf("%" PRId64, live->jid) : text(NULL);
	r->state = xstrdup(live != NULL ? "Up" : cells_value(&g->cells, row,
	    CELLS_PROBLEM) != NULL ? "n/a" : "Down");
	r->boot = text(cells_value(&g->cells, row, CELLS_BOOT));
	r->priority = text(cells_value(&g->cells, row, CELLS_PRIORITY));
	r->release = text(cells_value(&g->cells, row, CELLS_RELEASE));
	r->hostname = text(host != NULL ? host : name);
	r->type = xstrdup(type_of(g, row));
	cells_values(&g->cells, row, CELLS_TAG, &tags);
	if (tags.count > 0)
		r->tags = strings_join(&tags, ",");
	else
		r->tags = text(NULL);
	add_addresses(g, r, row);
	add_ports(g, r, row);
	if (g->paths)
		add_path(g, r);
}

int
list_rows_load(struct compat *c, const char *only, const char *state,
    bool paths, struct list_rows *rows, struct error *e)
{
	struct gather g = { c, CELLS_INIT, VEC_INIT, paths };
	int result = cells_load(c->host, NULL, &g.cells, e);

	if (result == 0)
		result = live_all(c->host, &g.live, e);
	for (size_t i = 0; result == 0 && i < g.cells.count; i++) {
		struct list_row r = { .name = NULL };
		const char *name = cells_name(&g.cells, i);
		bool up = live_find(&g.live, name) != NULL;

		r.hidden = (only != NULL && strcmp(only, name) != 0) ||
		    (state != NULL && up != (strcmp(state, "Up") == 0));
		fill(&g, &r, i);
		VEC_PUSH(rows, r);
	}
	live_rows_fini(&g.live);
	cells_fini(&g.cells);
	return result;
}
