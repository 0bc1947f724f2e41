/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Networks made, changed and destroyed; free subnets. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/cell.h"
#include "core/names.h"
#include "core/net_state.h"
#include "core/network.h"
#include "core/prop.h"
#include "core/step.h"

struct make {
	const struct host *host;
	struct network n;
	bool was_there;
};

/* All that is in use: the host's routes and our other networks. */
static int
subnets_in_use(const struct host *h, const char *except,
    struct engine_routes *used, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (net_native == NULL)
		return error_set(e, ERROR_UNSUPPORTED,
		    "networks are not possible on this host");
	if (net_native->routes(used, e) < 0 || network_names(h, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_NETWORK struct network n;

		memset(&n, 0, sizeof(n));
		if (strcmp(names.items[i], except) == 0)
			continue;
		if (network_load(h, names.items[i], &n, e) < 0)
			return -1;
		for (size_t f = 0; f < 2; f++) {
			struct engine_route r = { .net = n.subnet[f] };

			if (r.net.family == 0)
				continue;
			snprintf(r.link, sizeof(r.link), "%s", n.bridge);
			VEC_PUSH(used, r);
		}
	}
	return 0;
}

static const struct engine_route *
in_the_way(const struct engine_routes *used, const struct addr *subnet)
{
	for (size_t i = 0; i < used->count; i++)
		if (used->items[i].net.family == subnet->family &&
		    addr_overlap(&used->items[i].net, subnet))
			return &used->items[i];
	return NULL;
}

/* Room for 1,021 jails, which is what a bridge of Linux holds, too. */
static int
choose4(const struct engine_routes *used, struct addr *subnet,
    struct error *e)
{
	static const char *const spaces[] = {
		"10.77.0.0/16", "10.177.0.0/16", "172.29.0.0/16",
		"192.168.128.0/17", "10.0.0.0/8",
	};

	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		struct addr space, at;

		if (addr_parse(spaces[i], &space, e) < 0)
			return -1;
		at = space;
		at.prefix = 22;
		while (addr_within(&at, &space)) {
			if (in_the_way(used, &at) == NULL) {
				*subnet = at;
				return 0;
			}
			at = addr_nth(&at, 1024);
		}
	}
	return error_set(e, ERROR_FAILED, "the host has routes to all private "
	    "networks of IPv4; name a free one");
}

/* RFC 4193: 40 random bits make it unlikely that two sites meet. */
static int
choose6(const struct engine_routes *used, struct addr *subnet,
    struct error *e)
{
	do {
		memset(subnet, 0, sizeof(*subnet));
		subnet->family = 6;
		subnet->prefix = 64;
		subnet->bytes[0] = 0xfd;
		if (getrandom(subnet->bytes + 1, 5, 0) != 5)
			return error_sys(e, "random numbers");
	} while (in_the_way(used, subnet) != NULL);
	return 0;
}

static int
check_subnet(const struct engine_routes *used, struct addr *subnet,
    bool theirs, struct error *e)
{
	char text[ADDR_TEXT], other[ADDR_TEXT];
	const struct engine_route *r;
	struct addr net = addr_network(subnet);

	addr_text_prefix(subnet, text);
	if (!addr_equal(&net, subnet))
		return error_set(e, ERROR_USAGE, "%s is an address, its "
		    "network is %s", text, addr_text_prefix(&net, other));
	if (subnet->prefix > (subnet->family == 4 ? 30 : 126) ||
	    subnet->prefix < 8)
		return error_set(e, ERROR_USAGE, "%s: a network of jails has "
		    "a prefix of 8 to %d", text, subnet->family == 4 ? 30 :
		    126);
	if (!addr_is_host(subnet) || addr_is_loopback(subnet))
		return error_set(e, ERROR_USAGE,
		    "%s is no network for hosts", text);
	r = in_the_way(used, subnet);
	/* members of a bridge of the host's are in its network */
	if (r == NULL || theirs)
		return 0;
	return error_set(e, ERROR_EXISTS, "%s overlaps %s, which the host "
	    "reaches by %s", text, addr_text_prefix(&r->net, other),
	    *r->link != '\0' ? r->link : "another way");
}

static bool
bridge_in_use(const struct engine_routes *used, const char *name)
{
	if (net_native->has_link(name))
		return true;
	for (size_t i = 0; i < used->count; i++)
		if (strcmp(used->items[i].link, name) == 0)
			return true;
	return false;
}

static void
choose_bridge(const struct host *h, const struct engine_routes *used,
    struct network *n)
{
	bool common = strcmp(h->scope, "gaol") == 0;
	bool ours = strncmp(n->name, "gaol", 4) == 0;
	uint32_t hash = 2166136261u;
	size_t len = strlen(n->name) + (ours ? 0 : 5);

	if (common && len < IFACE_NAME) {
		AUTO_FREE char *name = xasprintf("%s%s", ours ? "" : "gaol-",
		    n->name);

		memcpy(n->bridge, name, len + 1);
		if (!bridge_in_use(used, n->bridge))
			return;
	}
	for (const char *p = h->scope; *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	for (const char *p = n->name; *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	do
		snprintf(n->bridge, IFACE_NAME, "gaol%08x", hash++);
	while (bridge_in_use(used, n->bridge));
}

static void
put(struct conf_block *b, const char *name, const char *value)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	if (value == NULL) {
		conf_unset(b, name);
		return;
	}
	strings_add(&values, value);
	conf_set(b, name, &values);
}

/* All but the leases. */
static void
write_conf(struct network *n)
{
	struct conf_block *b = conf_block_make(n->conf, n->name);
	AUTO_STRINGS struct strings subnets = VEC_INIT;
	AUTO_FREE char *mtu = xasprintf("%u", n->mtu);
	char text[ADDR_TEXT];

	for (size_t f = 0; f < 2; f++)
		if (n->subnet[f].family != 0)
			strings_add(&subnets,
			    addr_text_prefix(&n->subnet[f], text));
	conf_set(b, "subnet", &subnets);
	put(b, "mode", network_mode_name(n->mode));
	put(b, n->bridge_is_ours ? "bridge" : "host.bridge", n->bridge);
	put(b, "uplink", *n->uplink != '\0' ? n->uplink : NULL);
	put(b, "mtu", n->mtu != 0 ? mtu : NULL);
	put(b, "dns", n->dns ? NULL : "off");
	put(b, "peer", n->peer ? NULL : "off");
}

static int
apply_options(struct network *n, const struct network_options *o,
    struct error *e)
{
	if (o->mode_said)
		n->mode = o->mode;
	if (o->mtu != 0)
		n->mtu = o->mtu;
	if (o->dns >= 0)
		n->dns = o->dns != 0;
	if (o->peer >= 0)
		n->peer = o->peer != 0;
	if (o->uplink != NULL)
		snprintf(n->uplink, IFACE_NAME, "%s", o->uplink);
	if (*n->uplink != '\0' && n->mode == NETWORK_ISOLATED)
		return error_set(e, ERROR_USAGE, "an isolated network has no "
		    "uplink");
	if (!n->bridge_is_ours && (n->mode != NETWORK_ROUTED ||
	    *n->uplink != '\0'))
		return error_set(e, ERROR_USAGE, "at a bridge of the host's "
		    "nothing is translated, isolated or sent elsewhere by "
		    "gaol");
	return 0;
}

static int
choose_all(const struct host *h, struct network *n,
    const struct network_options *o, struct error *e)
{
	struct engine_routes used = VEC_INIT;
	bool named = o->subnet[0].family != 0 || o->subnet[1].family != 0;
	int result = subnets_in_use(h, n->name, &used, e);

	for (size_t f = 0; f < 2 && result == 0; f++) {
		n->subnet[f] = o->subnet[f];
		if (n->subnet[f].family != 0)
			result = check_subnet(&used, &n->subnet[f],
			    !n->bridge_is_ours, e);
	}
	/* one family named is one family wanted */
	if (result == 0 && !named && n->bridge_is_ours) {
		result = choose4(&used, &n->subnet[0], e);
		if (result == 0)
			result = choose6(&used, &n->subnet[1], e);
	} else if (result == 0 && !named) {
		result = error_set(e, ERROR_USAGE, "which network is behind "
		    "%s? SUBNET4 or SUBNET6 is needed", n->bridge);
	}
	if (result == 0 && n->bridge_is_ours)
		choose_bridge(h, &used, n);
	VEC_FINI(&used);
	return result;
}

static int
write_network(void *arg, struct error *e)
{
	struct make *m = arg;

	return network_save(m->host, &m->n, e);
}

static int
unwrite_network(void *arg, struct error *e)
{
	struct make *m = arg;
	AUTO_FREE char *file = xasprintf("networks/%s.conf", m->n.name);

	if (!m->was_there && unlinkat(m->host->root_fd, file, 0) < 0 &&
	    errno != ENOENT)
		return error_sys(e, "%s", file);
	return 0;
}

static void
tell_network(void *arg, struct buf *text)
{
	const struct make *m = arg;

	buf_printf(text, "write %s/networks/%s.conf:\n", m->host->root,
	    m->n.name);
	conf_write(m->n.conf, text);
	if (text->len > 0 && text->data[text->len - 1] == '\n')
		text->data[--text->len] = '\0';
}

static const struct step make_steps[] = {
	{ "write the network", write_network, unwrite_network, tell_network },
};

static int
create_locked(const struct host *h, const char *name,
    const struct network_options *o, struct error *e)
{
	struct make m = { .host = h };
	int result;

	m.n.name = xstrdup(name);
	m.n.conf = conf_new("network");
	m.n.mode = o->bridge != NULL ? NETWORK_ROUTED : NETWORK_NAT;
	m.n.dns = m.n.peer = true;
	m.n.bridge_is_ours = o->bridge == NULL;
	if (o->bridge != NULL)
		snprintf(m.n.bridge, IFACE_NAME, "%s", o->bridge);
	result = apply_options(&m.n, o, e);
	if (result == 0)
		result = choose_all(h, &m.n, o, e);
	if (result == 0) {
		write_conf(&m.n);
		result = steps_run(h, make_steps, 1, &m, e);
	}
	network_fini(&m.n);
	return result;
}

int
network_create(const struct host *h, const char *name,
    const struct network_options *o, struct error *e)
{
	AUTO_CLOSE int lock = -1;

	if (name_check_network(name, e) < 0)
		return -1;
	lock = network_lock_all(h, "network create", e);
	if (lock < 0)
		return -1;
	if (network_exists(h, name))
		return error_set(e, ERROR_EXISTS,
		    "network '%s' exists already", name);
	return create_locked(h, name, o, e);
}

int
network_need_default(const struct host *h, struct error *e)
{
	const struct network_options o = { .dns = -1, .peer = -1 };
	AUTO_CLOSE int lock = -1;

	if (network_exists(h, NETWORK_DEFAULT))
		return 0;
	lock = network_lock_all(h, "network create", e);
	if (lock < 0)
		return -1;
	return network_exists(h, NETWORK_DEFAULT) ? 0 :
	    create_locked(h, NETWORK_DEFAULT, &o, e);
}

/* Jails that run with an interface in it, as "web, db". */
static int
members_running(const struct host *h, const char *name, char **members,
    struct error *e)
{
	AUTO_STRINGS struct strings jails = VEC_INIT, found = VEC_INIT;

	*members = NULL;
	if (net_state_names(h, &jails, e) < 0)
		return -1;
	for (size_t i = 0; i < jails.count; i++) {
		AUTO_NET_STATE struct net_state s = NET_STATE_INIT;

		if (net_state_read(h, jails.items[i], &s, e) < 0)
			return -1;
		for (size_t k = 0; k < s.ifaces.count; k++)
			if (strcmp(s.ifaces.items[k].network, name) == 0 &&
			    strings_index(&found, jails.items[i]) < 0)
				strings_add(&found, jails.items[i]);
	}
	if (found.count > 0)
		*members = strings_join(&found, ", ");
	return 0;
}

static int
take_down(const struct host *h, const struct network *n, struct error *e)
{
	struct engine_network out;

	network_engine(h, n, &out);
	if (net_native->down(&out, e) < 0)
		return -1;
	return names_remove(h, n, e);
}

static int
load_locked(const struct host *h, const char *name, const char *what,
    struct network *n, int locks[2], struct error *e)
{
	locks[0] = network_lock_all(h, what, e);
	if (locks[0] < 0)
		return -1;
	locks[1] = network_lock(h, name, what, e);
	return locks[1] < 0 ? -1 : network_load(h, name, n, e);
}

/* Locks, and refuses while jails run in it. */
static int
load_idle(const struct host *h, const char *name, const char *what,
    struct network *n, int locks[2], struct error *e)
{
	AUTO_FREE char *running = NULL;

	if (load_locked(h, name, what, n, locks, e) < 0 ||
	    members_running(h, name, &running, e) < 0)
		return -1;
	if (running != NULL)
		return error_set(e, ERROR_BUSY, "network '%s' is in use: %s "
		    "must be stopped first", name, running);
	return 0;
}

static int
check_new_subnets(const struct host *h, struct network *n,
    const struct network_options *o, struct error *e)
{
	AUTO_LEASES struct leases leases = VEC_INIT;
	struct engine_routes used = VEC_INIT;
	struct engine_network own;
	int result;

	if (o->subnet[0].family == 0 && o->subnet[1].family == 0)
		return 0;
	network_leases(n, &leases);
	if (leases.count > 0)
		return error_set(e, ERROR_BUSY, "the addresses of network "
		    "'%s' are given to jails ('%s', for instance)", n->name,
		    leases.items[0].jail);
	network_engine(h, n, &own);
	result = subnets_in_use(h, n->name, &used, e);
	for (size_t i = 0; i < used.count;) {
		/* what it has now is not in its way */
		if (strcmp(used.items[i].link, own.bridge) == 0)
			used.items[i] = used.items[--used.count];
		else
			i++;
	}
	for (size_t f = 0; f < 2 && result == 0; f++) {
		n->subnet[f] = o->subnet[f];
		if (n->subnet[f].family != 0)
			result = check_subnet(&used, &n->subnet[f],
			    !n->bridge_is_ours, e);
	}
	VEC_FINI(&used);
	return result;
}

/* While jails run in it: what they have keeps its sense. */
static int
check_members(const struct host *h, const struct network *before,
    const struct network *after, const struct network_options *o,
    const char *running, struct error *e)
{
	if (net_native->alter == NULL || o->subnet[0].family != 0 ||
	    o->subnet[1].family != 0)
		return error_set(e, ERROR_BUSY, "network '%s' is in use: %s "
		    "must be stopped first", before->name, running);
	if (after->mode == NETWORK_ISOLATED && before->mode != after->mode)
		return error_set(e, ERROR_BUSY, "network '%s' is in use: %s "
		    "must be stopped before it is isolated, as connections "
		    "that are open would stay so", before->name, running);
	return 0;
}

/* What its members have from their start on. */
static void
tell_members(const struct host *h, const struct network *before,
    const struct network *after, const char *running)
{
	AUTO_STRINGS struct strings words = VEC_INIT;

	if (before->mtu != after->mtu)
		strings_add(&words, "mtu");
	if (before->dns != after->dns)
		strings_add(&words, "dns");
	if (before->peer != after->peer)
		strings_add(&words, "peer");
	if (before->mode == NETWORK_ISOLATED && after->mode != before->mode)
		strings_add(&words, "the way out");
	if (words.count == 0)
		return;
	AUTO_FREE char *joined = strings_join(&words, ", ");
	host_say(h, "network %s: %s of %s at the next start", after->name,
	    joined, running);
}

/* What was up is so with what it says now. */
static int
alter(const struct host *h, const struct network *before,
    const struct network *after, struct error *e)
{
	AUTO_STRINGS struct strings notes = VEC_INIT;
	struct engine_network old, new;

	network_engine(h, before, &old);
	network_engine(h, after, &new);
	if (net_native->alter(&old, &new, &notes, e) < 0)
		return error_wrap(e, "network '%s'", after->name);
	for (size_t i = 0; i < notes.count; i++)
		host_say(h, "network %s: %s", after->name, notes.items[i]);
	return names_make(h, after, e);
}

/* The file is written before: a start completes what a crash left. */
static int
set_locked(const struct host *h, struct make *m, const struct network *before,
    const char *running, struct error *e)
{
	write_conf(&m->n);
	if (running == NULL && !h->plan && take_down(h, before, e) < 0)
		return -1;
	if (steps_run(h, make_steps, 1, m, e) < 0)
		return -1;
	if (running == NULL || h->plan)
		return 0;
	if (alter(h, before, &m->n, e) < 0)
		return -1;
	tell_members(h, before, &m->n, running);
	return 0;
}

int
network_set(const struct host *h, const char *name,
    const struct network_options *o, struct error *e)
{
	struct make m = { .host = h, .was_there = true };
	AUTO_FREE char *running = NULL;
	int locks[2] = { -1, -1 };
	struct network before;
	int result = load_locked(h, name, "network set", &m.n, locks, e);

	memset(&before, 0, sizeof(before));
	if (result == 0)
		result = network_load(h, name, &before, e);
	if (result == 0)
		result = members_running(h, name, &running, e);
	if (result == 0)
		result = check_new_subnets(h, &m.n, o, e);
	if (result == 0)
		result = apply_options(&m.n, o, e);
	if (result == 0 && running != NULL)
		result = check_members(h, &before, &m.n, o, running, e);
	if (result == 0)
		result = set_locked(h, &m, &before, running, e);
	network_fini(&before);
	network_fini(&m.n);
	close_fd(&locks[1]);
	close_fd(&locks[0]);
	return result;
}

static int
down_network(void *arg, struct error *e)
{
	struct make *m = arg;

	return take_down(m->host, &m->n, e);
}

static void
tell_down(void *arg, struct buf *text)
{
	const struct make *m = arg;

	if (m->n.bridge_is_ours)
		buf_printf(text, "remove the bridge %s", m->n.bridge);
}

static int
remove_network(void *arg, struct error *e)
{
	struct make *m = arg;
	AUTO_FREE char *file = xasprintf("networks/%s.conf", m->n.name);
	AUTO_FREE char *leases = xasprintf("network/%s.leases", m->n.name);

	if (unlinkat(m->host->run_fd, leases, 0) < 0 && errno != ENOENT)
		return error_sys(e, "%s", leases);
	if (unlinkat(m->host->root_fd, file, 0) < 0 && errno != ENOENT)
		return error_sys(e, "%s", file);
	return file_sync_dir(m->host->root_fd, "networks", e);
}

static void
tell_remove(void *arg, struct buf *text)
{
	const struct make *m = arg;

	buf_printf(text, "remove %s/networks/%s.conf", m->host->root,
	    m->n.name);
}

/* With the last network that is up goes the packet filter. */
static int
clear_filter(void *arg, struct error *e)
{
	const struct make *m = arg;

	return network_filter_clear(m->host, e);
}

static void
tell_clear(void *arg, struct buf *text)
{
}

static const struct step destroy_steps[] = {
	{ "take the network down", down_network, NULL, tell_down },
	{ "clear the packet filter", clear_filter, NULL, tell_clear },
	{ "remove the network", remove_network, NULL, tell_remove },
};

/* Leases of jails that are no more do not keep a network. */
static int
check_leases(const struct host *h, const struct network *n, struct error *e)
{
	AUTO_LEASES struct leases leases = VEC_INIT;
	AUTO_STRINGS struct strings held = VEC_INIT;

	network_leases(n, &leases);
	for (size_t i = 0; i < leases.count; i++)
		if (cell_exists(h, leases.items[i].jail))
			strings_add(&held, leases.items[i].jail);
	if (held.count == 0)
		return 0;
	strings_sort(&held);
	AUTO_FREE char *joined = strings_join(&held, ", ");
	return error_set(e, ERROR_BUSY, "network '%s' is the network of %s",
	    n->name, joined);
}

int
network_destroy(const struct host *h, const char *name, struct error *e)
{
	struct make m = { .host = h };
	int locks[2] = { -1, -1 };
	AUTO_FREE char *lock_file = xasprintf("network/%s.lock", name);
	int result = load_idle(h, name, "network destroy", &m.n, locks, e);

	if (result == 0)
		result = check_leases(h, &m.n, e);
	if (result == 0)
		result = steps_run(h, destroy_steps,
		    sizeof(destroy_steps) / sizeof(destroy_steps[0]), &m, e);
	if (result == 0 && !h->plan)
		unlinkat(h->run_fd, lock_file, 0);
	network_fini(&m.n);
	close_fd(&locks[1]);
	close_fd(&locks[0]);
	return result;
}
