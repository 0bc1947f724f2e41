/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "core/names.h"
#include "core/net.h"
#include "core/net_entry.h"
#include "core/net_publish.h"
#include "core/net_shared.h"
#include "core/network.h"

int
net_fill(struct spec *s, const struct cell *c, struct error *e)
{
	AUTO_NET_ENTRIES struct net_entries entries = VEC_INIT;
	AUTO_STRINGS struct strings values = VEC_INIT;

	cell_values(c, "net", &values);
	if (net_entries_parse(&values, &entries, e) < 0)
		return -1;
	s->engine.net_inherit = net_entries_shared(&entries);
	s->names = cell_bool(c, "names");
	for (size_t i = 0; i < entries.count; i++)
		if (entries.items[i].kind == NET_IFACE)
			VEC_PUSH(&s->ifaces, entries.items[i].iface);
	s->engine.ifaces = s->ifaces.items;
	s->engine.iface_count = s->ifaces.count;
	if (net_publish_fill(s, c, e) < 0)
		return -1;
	if (s->ifaces.count == 0)
		return 0;
	if (net_native == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "net = %s: only inherit "
		    "and none are possible on this host", values.items[0]);
	return net_native->check(&s->engine, e);
}

/* Stable, by the names of jail and host, locally administered. */
static void
choose_mac(const struct spec *s, size_t at)
{
	unsigned char *mac = s->engine.ifaces[at].mac;
	AUTO_FREE char *text = NULL;
	uint64_t hash = 14695981039346656037u;
	char host[256] = "";

	if ((mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]) != 0)
		return;
	gethostname(host, sizeof(host) - 1);
	text = xasprintf("%s/%s/%zu", host, s->engine.key, at);
	for (const char *p = text; *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * 1099511628211u;
	for (size_t i = 0; i < 6; i++)
		mac[i] = (unsigned char)(hash >> 8 * i);
	mac[0] = (unsigned char)((mac[0] & 0xfc) | 0x02);
}

/* What an interface takes from its network and its lease. */
static void
fill_iface(struct engine_iface *i, const struct network *n,
    const struct lease *l, bool routes[2])
{
	struct engine_network out = { .mode = n->mode };

	memcpy(i->link, n->bridge, IFACE_NAME);
	if (i->mtu == 0)
		i->mtu = n->mtu;
	i->apart = !n->peer;
	i->addr_count = 0;
	for (size_t f = 0; f < 2; f++) {
		struct addr *a = &i->addrs[i->addr_count];

		if (l->addrs[f].family == 0)
			continue;
		*a = l->addrs[f];
		a->prefix = n->subnet[f].prefix;
		i->addr_count++;
		/* one way out is enough */
		if (i->gateways[f].family == 0 && !routes[f] &&
		    n->bridge_is_ours && out.mode != NETWORK_ISOLATED)
			i->gateways[f] = addr_nth(&n->subnet[f], 1);
		routes[f] |= i->gateways[f].family != 0;
	}
}

static void
asked_of(const struct engine_iface *i, struct addr asked[2])
{
	memset(asked, 0, 2 * sizeof(*asked));
	for (size_t k = 0; k < i->addr_count; k++)
		asked[i->addrs[k].family == 6] = i->addrs[k];
}

/* The network, up, loaded and locked. */
static int
open_network(const struct host *h, const char *name, struct network *n,
    struct error *e)
{
	AUTO_CLOSE int all = -1;
	int lock;

	if (strcmp(name, NETWORK_DEFAULT) == 0 &&
	    network_need_default(h, e) < 0)
		return -1;
	lock = network_lock(h, name, "start", e);
	if (lock < 0 || network_load(h, name, n, e) < 0) {
		close_fd(&lock);
		return -1;
	}
	if (network_is_up(h, n)) {
		if (names_refresh(h, n, e) < 0)
			close_fd(&lock);
		return lock;
	}
	/* in the order of locks */
	close_fd(&lock);
	network_fini(n);
	all = network_lock_all(h, "start", e);
	if (all < 0)
		return -1;
	lock = network_lock(h, name, "start", e);
	if (lock < 0 || network_load(h, name, n, e) < 0 ||
	    network_up(h, n, e) < 0)
		close_fd(&lock);
	return lock;
}

/* What a start gathers over all its interfaces. */
struct joining {
	bool routes[2];		/* there is a way out already */
	struct strings names;	/* networks that tell names */
	char *resolver;		/* of which it gets the resolv.conf */
	bool isolated;		/* that is one that has none to be asked */
};

static int
join_network(const struct host *h, struct spec *s, struct engine_iface *i,
    bool passing, struct joining *j, struct error *e)
{
	AUTO_NETWORK struct network n;
	AUTO_CLOSE int lock = -1;
	struct lease lease;
	struct addr asked[2];

	memset(&n, 0, sizeof(n));
	lock = open_network(h, i->network, &n, e);
	if (lock < 0)
		return -1;
	asked_of(i, asked);
	if (network_lease(h, &n, s->engine.name, asked, s->engine.hostname,
	    passing, &lease, e) < 0)
		return -1;
	fill_iface(i, &n, &lease, j->routes);
	lease_fini(&lease);
	if (s->engine.publish_count > 0 && (n.mode == NETWORK_ISOLATED ||
	    !n.bridge_is_ours))
		return error_set(e, ERROR_CONFIG, n.bridge_is_ours ?
		    "publish: nothing leads into the isolated network '%s'" :
		    "publish: in network '%s' a jail is reached by its own "
		    "address", n.name);
	if (!n.dns || strings_index(&j->names, n.name) >= 0)
		return 0;
	strings_add(&j->names, n.name);
	if (j->resolver == NULL || (j->isolated &&
	    n.mode != NETWORK_ISOLATED)) {
		free(j->resolver);
		j->resolver = xstrdup(n.name);
		j->isolated = n.mode == NETWORK_ISOLATED;
	}
	return 0;
}

int
net_join(const struct host *h, struct spec *s, bool passing, struct error *e)
{
	struct engine_spec *spec = &s->engine;
	struct joining j = { { false, false }, VEC_INIT, NULL, false };
	int result = 0;

	for (size_t k = 0; k < spec->iface_count && result == 0; k++) {
		choose_mac(s, k);
		if (spec->ifaces[k].kind == IFACE_NETWORK)
			result = join_network(h, s, &spec->ifaces[k], passing,
			    &j, e);
	}
	if (result == 0)
		result = names_mount(h, s, &j.names, j.resolver, e);
	strings_fini(&j.names);
	free(j.resolver);
	return result;
}

int
net_lease(const struct host *h, struct spec *s, struct error *e)
{
	bool routes[2] = { false, false };

	for (size_t k = 0; k < s->engine.iface_count; k++) {
		struct engine_iface *i = &s->engine.ifaces[k];
		AUTO_NETWORK struct network n;
		AUTO_CLOSE int lock = -1;
		struct lease lease;
		struct addr asked[2];

		memset(&n, 0, sizeof(n));
		if (i->kind != IFACE_NETWORK)
			continue;
		if (strcmp(i->network, NETWORK_DEFAULT) == 0 &&
		    network_need_default(h, e) < 0)
			return -1;
		lock = network_lock(h, i->network, "create", e);
		if (lock < 0 || network_load(h, i->network, &n, e) < 0)
			return -1;
		asked_of(i, asked);
		if (network_lease(h, &n, s->engine.name, asked,
		    s->engine.hostname, false, &lease, e) < 0)
			return -1;
		fill_iface(i, &n, &lease, routes);
		lease_fini(&lease);
	}
	return 0;
}

int
net_trim(const struct host *h, const struct cell *c, struct error *e)
{
	AUTO_NET_ENTRIES struct net_entries entries = VEC_INIT;
	AUTO_STRINGS struct strings values = VEC_INIT, keep = VEC_INIT;

	cell_values(c, "net", &values);
	if (net_entries_parse(&values, &entries, e) < 0)
		return -1;
	for (size_t i = 0; i < entries.count; i++)
		strings_add(&keep, entries.items[i].iface.network);
	return network_release_all(h, c->name, &keep, e);
}

/* In no network, but known to the packet filter. */
bool
net_is_filtered(const struct engine_iface *ifaces, size_t count, size_t ports)
{
	bool bridge = false;

	for (size_t i = 0; i < count; i++) {
		if (ifaces[i].kind == IFACE_NETWORK)
			return false;
		bridge |= ifaces[i].kind == IFACE_BRIDGE;
	}
	return bridge || ports > 0;
}

/* Addresses at links that others have stations on, too. */
static int
check_link(const struct engine_iface *i, struct error *e)
{
	for (size_t k = 0; k < i->addr_count; k++) {
		unsigned char m[6];
		char text[ADDR_TEXT];
		bool taken;

		if (net_native->taken(i->link, &i->addrs[k], &taken, m, e) < 0)
			return -1;
		if (taken)
			return error_set(e, ERROR_EXISTS, "net: %s is the "
			    "address of another station at %s already, "
			    "%02x:%02x:%02x:%02x:%02x:%02x",
			    addr_text(&i->addrs[k], text), i->link, m[0],
			    m[1], m[2], m[3], m[4], m[5]);
	}
	return 0;
}

int
net_check_links(const struct engine_spec *spec, struct error *e)
{
	for (size_t i = 0; i < spec->iface_count; i++)
		if (net_native->taken != NULL &&
		    (spec->ifaces[i].kind == IFACE_SHARED ||
		    spec->ifaces[i].kind == IFACE_BRIDGE) &&
		    check_link(&spec->ifaces[i], e) < 0)
			return -1;
	return 0;
}

int
net_release(const struct host *h, const struct cell *c, struct error *e)
{
	AUTO_NET_ENTRIES struct net_entries entries = VEC_INIT;
	AUTO_STRINGS struct strings values = VEC_INIT;

	cell_values(c, "net", &values);
	if (net_entries_parse(&values, &entries, e) < 0)
		return -1;
	for (size_t i = 0; i < entries.count; i++)
		if (entries.items[i].iface.kind == IFACE_NETWORK &&
		    entries.items[i].kind == NET_IFACE &&
		    network_release_one(h, entries.items[i].iface.network,
		    c->name, e) < 0)
			return -1;
	return 0;
}

int
net_connect(const struct host *h, struct spec *s,
    const struct engine_live *live, struct error *e)
{
	struct engine_spec *spec = &s->engine;
	struct net_state state = {
		{ spec->ifaces, spec->iface_count, 0 },
		{ spec->publish, spec->publish_count, 0 },
		spec->publish_count > 0,
	};
	AUTO_CLOSE int lock = -1;

	if (spec->iface_count == 0)
		return 0;
	spec->run = h->run;
	if (net_check_links(spec, e) < 0)
		return -1;
	if (net_shared_any(spec) || spec->publish_count > 0) {
		lock = net_shared_lock(h, e);
		if (lock < 0 || (net_shared_any(spec) &&
		    net_shared_check(h, spec, e) < 0))
			return -1;
	}
	if (net_publish_guard(h, spec->name, spec->publish,
	    spec->publish_count, &lock, e) < 0 ||
	    net_native->plan(spec, live, e) < 0 ||
	    net_publish_aim(spec->publish, spec->publish_count, spec->ifaces,
	    spec->iface_count, e) < 0 ||
	    net_state_write(h, spec->name, &state, e) < 0)
		return -1;
	close_fd(&lock);
	if (net_is_filtered(spec->ifaces, spec->iface_count, spec->publish_count) &&
	    network_filter_need(h, spec, e) < 0)
		return -1;
	if (net_native->attach(spec, live, e) < 0)
		return e->kind == ERROR_EXISTS ? net_publish_taken(h,
		    spec->name, spec->publish, spec->publish_count, e) : -1;
	if (!state.pending)
		return 0;
	state.pending = false;
	return net_state_write(h, spec->name, &state, e);
}

int
net_disconnect(const struct host *h, const char *name, struct error *e)
{
	AUTO_NET_STATE struct net_state state = NET_STATE_INIT;
	AUTO_FREE char *key = NULL;
	AUTO_CLOSE int lock = -1;
	struct engine_spec spec;

	names_drop(h, name);
	if (net_native == NULL || !net_state_exists(h, name))
		return 0;
	if (net_state_read(h, name, &state, e) < 0)
		return -1;
	if (state.pending) {
		lock = net_shared_lock(h, e);
		if (lock < 0 || net_publish_spare(h, name, &state, e) < 0)
			return -1;
	}
	memset(&spec, 0, sizeof(spec));
	key = xasprintf("%s/%s", h->scope, name);
	spec.name = name;
	spec.key = key;
	spec.run = h->run;
	spec.ifaces = state.ifaces.items;
	spec.iface_count = state.ifaces.count;
	spec.publish = state.ports.items;
	spec.publish_count = state.ports.count;
	if (net_native->detach(&spec, e) < 0 ||
	    net_state_remove(h, name, e) < 0)
		return -1;
	if (!net_is_filtered(state.ifaces.items, state.ifaces.count,
	    state.ports.count))
		return 0;
	AUTO_CLOSE int all = network_lock_all(h, "stop", e);
	return all < 0 ? -1 : network_filter_clear(h, e);
}

void
net_boot_lines(const struct spec *s, struct strings *lines)
{
	for (size_t k = 0; k < s->ifaces.count; k++) {
		const struct engine_iface *i = &s->ifaces.items[k];

		if (i->dhcp)
			strings_take(lines, xasprintf(
			    "if command -v dhclient >/dev/null; then "
			    "exec dhclient %s; fi; "
			    "if command -v dhcpcd >/dev/null; then "
			    "exec dhcpcd -q %s; fi; "
			    "if command -v udhcpc >/dev/null; then "
			    "exec udhcpc -b -i %s; fi; "
			    "echo 'DHCP takes dhclient, dhcpcd or udhcpc in "
			    "the jail' >&2; exit 69", i->inside, i->inside,
			    i->inside));
	}
}

void
net_tell(const struct cell *c, struct buf *text)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	cell_values(c, "net", &values);
	AUTO_FREE char *joined = strings_join(&values, ", ");
	buf_printf(text, "network %s", values.count > 0 ? joined : "none");
}
