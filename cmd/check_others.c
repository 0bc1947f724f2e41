/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What else manages jails here, and where it and gaol are in each other's way. */
#include <string.h>

#include "base/auto.h"
#include "cmd/check.h"
#include "core/adopt.h"
#include "core/net_entry.h"
#include "core/network.h"
#include "core/snapshot.h"

/* One that was taken over has left its settings there. */
static bool
is_ours(const struct check *c, const struct other_jail *j)
{
	AUTO_FREE char *mine = adopt_who(c->host, j->root != NULL ? j->root :
	    "");

	return mine != NULL;
}

static void
list(struct check *c, const struct others *o)
{
	enum { SHOWN = 8 };
	AUTO_BUF struct buf names = BUF_INIT;
	size_t count = 0;

	for (size_t i = 0; i < o->jails.count; i++) {
		if (is_ours(c, &o->jails.items[i]))
			continue;
		if (count++ < SHOWN)
			buf_printf(&names, " %s", o->jails.items[i].name);
	}
	if (count == 0)
		return;
	if (count > SHOWN)
		buf_puts(&names, " ...");
	check_add(c, FINDING_NOTE, others_name(o->kind), "manages %zu jail%s "
	    "in %s:%s; 'gaol adopt --from %s' takes them over",
	    count, count == 1 ? "" : "s", o->dir,
	    buf_text(&names), others_name(o->kind));
}

/* An address in the subnet of one of our networks, which may give it away. */
static int
check_subnets(struct check *c, const struct others *o, const char *name,
    const struct addr *a, struct error *e)
{
	AUTO_STRINGS struct strings networks = VEC_INIT;

	if (network_names(c->host, &networks, e) < 0)
		return -1;
	for (size_t i = 0; i < networks.count; i++) {
		AUTO_NETWORK struct network n;

		memset(&n, 0, sizeof(n));
		if (network_load(c->host, networks.items[i], &n, e) < 0)
			return -1;
		for (int k = 0; k < 2; k++) {
			char text[ADDR_TEXT];

			if (n.subnet[k].family == 0 || n.subnet[k].family !=
			    a->family || !addr_overlap(&n.subnet[k], a))
				continue;
			addr_text(a, text);
			check_add(c, FINDING_WARNING, others_name(o->kind),
			    "its jail '%s' has %s, which network '%s' may "
			    "give to another jail", name, text, n.name);
		}
	}
	return 0;
}

static int
check_addresses(struct check *c, const struct others *o, const char *name,
    const struct cell *cell, struct error *e)
{
	AUTO_NET_ENTRIES struct net_entries entries = VEC_INIT;
	AUTO_STRINGS struct strings values = VEC_INIT;
	AUTO_FREE char *twin = NULL;

	if (identity_twin(c->host, cell, &twin, e) < 0)
		return -1;
	if (twin != NULL)
		check_add(c, FINDING_WARNING, others_name(o->kind), "its jail "
		    "'%s' has an address of jail '%s'", name, twin);
	cell_values(cell, "net", &values);
	if (net_entries_parse(&values, &entries, e) < 0)
		return -1;
	for (size_t i = 0; i < entries.count; i++) {
		const struct engine_iface *f = &entries.items[i].iface;

		for (size_t k = 0; entries.items[i].kind == NET_IFACE &&
		    f->kind != IFACE_NETWORK && k < f->addr_count; k++) {
			struct addr one = f->addrs[k];

			one.prefix = one.family == 6 ? 128 : 32;
			if (check_subnets(c, o, name, &one, e) < 0)
				return -1;
		}
	}
	return 0;
}

/* iocage replaces all rules of the packet filter when it starts such a one. */
static bool
has_nat(const struct other_jail *j)
{
	AUTO_FREE char *file = xasprintf("%s/config.json", j->home);
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;

	return others_read(file, &text, &ignored) == 0 &&
	    (strstr(buf_text(&text), "\"nat\": 1") != NULL ||
	    strstr(buf_text(&text), "\"nat\": \"1\"") != NULL);
}

static int
check_one(struct check *c, const struct others *o, const struct other_jail *j,
    struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	struct error why = ERROR_INIT;

	if (is_ours(c, j))
		return 0;
	if (strings_index(&c->names, j->name) >= 0)
		check_add(c, FINDING_WARNING, others_name(o->kind), "has a "
		    "jail '%s', and so has gaol", j->name);
	if (o->kind == OTHER_IOCAGE && has_nat(j))
		check_add(c, FINDING_WARNING, others_name(o->kind), "replaces "
		    "all rules of the packet filter when it starts '%s' "
		    "(nat=1), and so takes away those of gaol", j->name);
	if (j->why != NULL || adopt_map(c->host, o, j, &cell, &why) < 0)
		return 0;
	return check_addresses(c, o, j->name, &cell, e);
}

int
check_others(struct check *c, struct error *e)
{
	size_t before = c->findings.count;

	for (int kind = 0; kind < OTHER_KINDS; kind++) {
		AUTO_OTHER struct others o = OTHERS_INIT;
		struct error why = ERROR_INIT;

		if (others_find(c->host, (enum other_kind)kind, NULL, &o,
		    &why) < 0) {
			check_add(c, FINDING_NOTE, others_name(
			    (enum other_kind)kind), "%s", why.msg);
			continue;
		}
		if (o.dir == NULL || o.jails.count == 0)
			continue;
		list(c, &o);
		for (size_t i = 0; i < o.jails.count; i++)
			if (check_one(c, &o, &o.jails.items[i], e) < 0)
				return -1;
	}
	if (c->findings.count == before)
		check_add(c, FINDING_OK, "managers",
		    "none of jails on this host");
	return 0;
}
