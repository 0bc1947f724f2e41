/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/life.h"
#include "core/net.h"
#include "core/net_change.h"
#include "core/net_entry.h"
#include "core/net_publish.h"
#include "core/net_shared.h"
#include "core/network.h"

bool
net_change_none(const struct cell *a, const struct cell *b)
{
	AUTO_STRINGS struct strings one = VEC_INIT, two = VEC_INIT;

	cell_values(a, "net", &one);
	cell_values(b, "net", &two);
	AUTO_FREE char *first = strings_join(&one, ",");
	AUTO_FREE char *second = strings_join(&two, ",");
	return strcmp(first, second) == 0;
}

/* ERROR_CONFIG is told elsewhere. */
static bool
parse(const struct cell *c, struct net_entries *entries)
{
	AUTO_STRINGS struct strings values = VEC_INIT;
	struct error ignored = ERROR_INIT;

	cell_values(c, "net", &values);
	return net_entries_parse(&values, entries, &ignored) == 0;
}

/* How many are passed in, and the names of those in one text. */
static char *
passed(const struct net_entries *entries)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < entries->count; i++) {
		const struct engine_iface *f = &entries->items[i].iface;

		if (entries->items[i].kind == NET_IFACE &&
		    f->kind == IFACE_PASS)
			buf_printf(&text, "%s %s %u,", f->link, f->inside,
			    f->mtu);
	}
	return buf_steal(&text);
}

bool
net_change_possible(const struct cell *force, const struct cell *after)
{
	AUTO_NET_ENTRIES struct net_entries old = VEC_INIT, new = VEC_INIT;

	if (net_native == NULL || net_native->retire == NULL ||
	    !parse(force, &old) || !parse(after, &new) ||
	    net_entries_shared(&old) || net_entries_shared(&new))
		return false;
	AUTO_FREE char *before = passed(&old);
	AUTO_FREE char *now = passed(&new);
	return strcmp(before, now) == 0;
}

static bool
same_addrs(const struct engine_iface *a, const struct engine_iface *b)
{
	if (a->addr_count != b->addr_count)
		return false;
	for (size_t k = 0; k < a->addr_count; k++)
		if (!addr_equal(&a->addrs[k], &b->addrs[k]) ||
		    a->addrs[k].prefix != b->addrs[k].prefix)
			return false;
	for (size_t f = 0; f < 2; f++)
		if (a->gateways[f].family != b->gateways[f].family ||
		    (a->gateways[f].family != 0 &&
		    !addr_equal(&a->gateways[f], &b->gateways[f])))
			return false;
	return true;
}

/* All but the limits. */
static bool
is_same(const struct engine_iface *a, const struct engine_iface *b)
{
	if (a->kind != b->kind || strcmp(a->link, b->link) != 0 ||
	    strcmp(a->inside, b->inside) != 0)
		return false;
	/* what was passed in is as it was, whatever its entry lacks */
	return a->kind == IFACE_PASS ||
	    (strcmp(a->network, b->network) == 0 &&
	    memcmp(a->mac, b->mac, sizeof(a->mac)) == 0 && a->mtu == b->mtu &&
	    a->vlan == b->vlan && a->apart == b->apart &&
	    a->offers == b->offers && a->dhcp == b->dhcp &&
	    a->slaac == b->slaac && same_addrs(a, b));
}

/* What a change does to the interfaces of a jail. */
struct changes {
	struct net_ifaces drop, add, limit;
};

static void
changes_fini(struct changes *c)
{
	VEC_FINI(&c->drop);
	VEC_FINI(&c->add);
	VEC_FINI(&c->limit);
}

/* Interfaces that stay keep their end on the host. */
static void
compare(const struct net_state *have, struct spec *want, struct changes *c)
{
	for (size_t i = 0; i < have->ifaces.count; i++) {
		const struct engine_iface *old = &have->ifaces.items[i];
		bool stays = false;

		for (size_t k = 0; k < want->ifaces.count && !stays; k++) {
			struct engine_iface *new = &want->ifaces.items[k];

			if (*new->outside != '\0' || !is_same(old, new))
				continue;
			stays = true;
			memcpy(new->outside, old->outside, IFACE_NAME);
			new->added = old->added;
			if (old->limit_in != new->limit_in ||
			    old->limit_out != new->limit_out)
				VEC_PUSH(&c->limit, *new);
		}
		if (!stays)
			VEC_PUSH(&c->drop, *old);
	}
}

/* Both what it has and what it is to have: names for the latter. */
static int
plan(const struct engine_spec *base, const struct live *live,
    const struct net_state *have, struct spec *want, struct changes *c,
    struct net_ifaces *all, struct error *e)
{
	struct engine_spec spec = *base;
	size_t at;

	for (size_t i = 0; i < have->ifaces.count; i++)
		VEC_PUSH(all, have->ifaces.items[i]);
	at = all->count;
	for (size_t k = 0; k < want->ifaces.count; k++)
		if (*want->ifaces.items[k].outside == '\0')
			VEC_PUSH(all, want->ifaces.items[k]);
	spec.ifaces = all->items;
	spec.iface_count = all->count;
	if (net_native->plan(&spec, &live->engine, e) < 0)
		return -1;
	for (size_t k = 0; k < want->ifaces.count; k++) {
		struct engine_iface *i = &want->ifaces.items[k];

		if (*i->outside != '\0')
			continue;
		*i = all->items[at++];
		VEC_PUSH(&c->add, *i);
	}
	return 0;
}

static void
take(struct engine_spec *spec, const struct net_ifaces *ifaces)
{
	spec->ifaces = ifaces->items;
	spec->iface_count = ifaces->count;
	spec->publish = NULL;
	spec->publish_count = 0;
}

static int
carry_out(const struct host *h, const struct engine_spec *base,
    const struct live *live, const struct changes *c, struct error *e)
{
	struct engine_spec spec = *base;

	spec.run = h->run;
	take(&spec, &c->drop);
	if (c->drop.count > 0 && net_native->retire(&spec, e) < 0)
		return -1;
	take(&spec, &c->add);
	if (net_is_filtered(spec.ifaces, spec.iface_count, 0) &&
	    network_filter_need(h, &spec, e) < 0)
		return -1;
	if (c->add.count > 0 && (net_check_links(&spec, e) < 0 ||
	    net_native->attach(&spec, &live->engine, e) < 0))
		return -1;
	for (size_t i = 0; i < c->limit.count; i++)
		if (net_native->limit(&c->limit.items[i], e) < 0)
			return -1;
	return 0;
}

/*
 * After a change that did not come to its end nobody knows what of it is there:
 * all goes that can come again.
 */
static int
begin_anew(const struct host *h, const struct engine_spec *base,
    struct net_state *have, struct error *e)
{
	AUTO_CLOSE int lock = net_shared_lock(h, e);
	struct engine_spec spec = *base;
	size_t kept = 0;

	if (lock < 0 || net_publish_spare(h, base->name, have, e) < 0)
		return -1;
	spec.run = h->run;
	take(&spec, &have->ifaces);
	spec.publish = have->ports.items;
	spec.publish_count = have->ports.count;
	for (size_t i = 0; i < have->ifaces.count; i++)
		if (have->ifaces.items[i].kind == IFACE_PASS) {
			struct engine_iface i1 = have->ifaces.items[kept];

			have->ifaces.items[kept++] = have->ifaces.items[i];
			have->ifaces.items[i] = i1;
		}
	spec.ifaces += kept;
	spec.iface_count -= kept;
	if (net_native->retire(&spec, e) < 0)
		return -1;
	have->ifaces.count = kept;
	have->ports.count = 0;
	return net_state_write(h, base->name, have, e);
}

/* Give a running jail the interfaces of a spec, whose networks it has joined. */
static int
apply(const struct host *h, struct spec *want, const struct live *live,
    struct error *e)
{
	AUTO_NET_STATE struct net_state have = NET_STATE_INIT;
	struct net_state next = NET_STATE_INIT;
	struct changes c = { VEC_INIT, VEC_INIT, VEC_INIT };
	struct net_ifaces all = VEC_INIT;
	const char *name = want->engine.name;
	int result = net_state_read(h, name, &have, e);

	if (result == 0 && have.pending)
		result = begin_anew(h, &want->engine, &have, e);
	if (result == 0) {
		compare(&have, want, &c);
		result = plan(&want->engine, live, &have, want, &c, &all, e);
	}
	if (result == 0 && c.drop.count + c.add.count + c.limit.count > 0) {
		next = (struct net_state){ all, have.ports, true };
		result = net_state_write(h, name, &next, e);
		if (result == 0)
			result = carry_out(h, &want->engine, live, &c, e);
	}
	if (result == 0) {
		next = (struct net_state){ { want->ifaces.items,
		    want->ifaces.count, 0 }, have.ports, false };
		result = next.ifaces.count + next.ports.count > 0 ?
		    net_state_write(h, name, &next, e) :
		    net_state_remove(h, name, e);
	}
	if (result == 0 && net_is_filtered(c.drop.items, c.drop.count, 0)) {
		AUTO_CLOSE int lock = network_lock_all(h, "set", e);

		result = lock < 0 ? -1 : network_filter_clear(h, e);
	}
	VEC_FINI(&all);
	changes_fini(&c);
	return result;
}

/* What a cell says, to a jail that runs; its ports follow. */
static int
let_have(const struct host *h, const struct cell *c, const struct live *live,
    struct error *e)
{
	AUTO_SPEC struct spec want;

	if (spec_init(&want, h, c, false, e) < 0 ||
	    net_join(h, &want, false, e) < 0 || apply(h, &want, live, e) < 0)
		return -1;
	return net_publish_change(h, c, e);
}

static int
copy_net(const struct cell *from, struct cell *to, struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	cell_values(from, "net", &values);
	return cell_set(to, prop_find("net"), "net", &values, false, e);
}

/* From now on the record of the running jail says so, too. */
static int
record(const struct cell *c, const struct live *live, struct error *e)
{
	AUTO_CELL struct cell force = CELL_INIT;
	AUTO_BUF struct buf text = BUF_INIT;

	if (life_in_force(c->name, live, &force, e) < 0 ||
	    copy_net(c, &force, e) < 0)
		return -1;
	conf_write(force.conf, &text);
	return live_set_conf(live, &text, e);
}

static char *
note_of(const char *name)
{
	return xasprintf("net/.%s.change", name);
}

void
net_change_forget(const struct host *h, const char *name)
{
	AUTO_FREE char *note = note_of(name);

	unlinkat(h->run_fd, note, 0);
}

/* Whatever of it failed, this is what it has and is to have. */
static void
go_back(const struct host *h, const struct cell *before,
    const struct live *live)
{
	AUTO_CELL struct cell force = CELL_INIT, c = CELL_INIT;
	struct error e = ERROR_INIT;

	/* but for net, what is in force may be newer than the record */
	if (cell_save(h, before, &e) < 0 ||
	    cell_load(h, before->name, &c, &e) < 0 ||
	    life_in_force(before->name, live, &force, &e) < 0 ||
	    copy_net(&force, &c, &e) < 0 || let_have(h, &c, live, &e) < 0)
		host_say(h, "%s: its network is not what it was: %s; 'gaol "
		    "restart %s' mends it", before->name, e.msg,
		    before->name);
}

/* The networks of a cell, whose names it is told. */
static char *
networks_of(const struct cell *c)
{
	AUTO_NET_ENTRIES struct net_entries entries = VEC_INIT;
	struct buf text = BUF_INIT;

	if (parse(c, &entries))
		for (size_t i = 0; i < entries.count; i++)
			buf_printf(&text, "%s ",
			    entries.items[i].iface.network);
	return buf_steal(&text);
}

/* Files that were mounted at the start are not others while it runs. */
static void
tell_names(const struct host *h, const struct cell *force,
    const struct cell *after)
{
	AUTO_FREE char *old = networks_of(force);
	AUTO_FREE char *new = networks_of(after);

	if (strcmp(old, new) != 0 && cell_bool(after, "names"))
		host_say(h, "%s: its interfaces are changed; its /etc/hosts "
		    "and /etc/resolv.conf are at the next start", after->name);
}

int
net_change(const struct host *h, const struct cell *before,
    const struct cell *after, const struct live *live, struct error *e)
{
	AUTO_FREE char *note = note_of(after->name);
	int result = file_mkdirs(h->run_fd, "net", 0700, e);

	if (result == 0)
		result = file_replace(h->run_fd, note, "", 0, 0600,
		    FILE_VOLATILE, e);
	if (result < 0)
		return -1;
	result = cell_save(h, after, e);
	if (result == 0)
		result = let_have(h, after, live, e);
	if (result == 0)
		result = record(after, live, e);
	if (result < 0)
		go_back(h, before, live);
	else
		tell_names(h, before, after);
	net_change_forget(h, after->name);
	return result < 0 ? -1 : net_trim(h, after, e);
}

int
net_change_recover(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *note = note_of(name);
	AUTO_LIVE struct live live = LIVE_INIT;
	AUTO_CELL struct cell c = CELL_INIT, force = CELL_INIT;

	if (h->plan || !file_exists(h->run_fd, note))
		return 0;
	if (live_running(h, name, &live, e) < 0)
		return -1;
	if (live.phase == LIVE_RUNNING) {
		host_say(h, "%s: completing an interrupted change of its "
		    "network", name);
		if (cell_load(h, name, &c, e) < 0 ||
		    life_in_force(name, &live, &force, e) < 0 ||
		    (net_change_possible(&force, &c) &&
		    (let_have(h, &c, &live, e) < 0 ||
		    record(&c, &live, e) < 0 || net_trim(h, &c, e) < 0))) {
			host_say(h, "%s: %s; 'gaol restart %s' mends it", name,
			    e->msg, name);
			error_clear(e);
		}
	}
	net_change_forget(h, name);
	return 0;
}

int
net_change_reserve(const struct host *h, const struct cell *before,
    const struct cell *after, struct error *e)
{
	AUTO_SPEC struct spec spec;
	struct error second = ERROR_INIT;

	if (spec_init(&spec, h, after, false, e) < 0)
		return -1;
	if (net_lease(h, &spec, e) == 0)
		return 0;
	if (net_trim(h, before, &second) < 0)
		host_say(h, "%s: %s", after->name, second.msg);
	return -1;
}
