/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A network comes up with its first jail, and again after a boot. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/names.h"
#include "core/net_state.h"
#include "core/network.h"

void
network_engine(const struct host *h, const struct network *n,
    struct engine_network *out)
{
	memset(out, 0, sizeof(*out));
	out->scope = h->scope;
	out->name = n->name;
	out->mode = n->mode;
	out->bridge_is_ours = n->bridge_is_ours;
	memcpy(out->bridge, n->bridge, IFACE_NAME);
	memcpy(out->uplink, n->uplink, IFACE_NAME);
	out->mtu = n->mtu;
	out->apart = !n->peer;
	for (size_t f = 0; f < 2; f++)
		if (n->subnet[f].family != 0 && n->bridge_is_ours)
			out->gateway[f] = addr_nth(&n->subnet[f], 1);
}

/* The packet filter is new: whatever else was up or runs is entered again. */
static int
enter_all(const struct host *h, const char *except, const char *except_jail,
    struct strings *notes, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT, jails = VEC_INIT;

	if (network_names(h, &names, e) < 0 ||
	    net_state_names(h, &jails, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_NETWORK struct network n;
		AUTO_FREE char *file = xasprintf("network/%s.hosts",
		    names.items[i]);
		struct engine_network out;
		bool fresh;

		memset(&n, 0, sizeof(n));
		if (strcmp(names.items[i], except) == 0 ||
		    !file_exists(h->run_fd, file))
			continue;
		if (network_load(h, names.items[i], &n, e) < 0) {
			strings_take(notes, xstrdup(e->msg));
			error_clear(e);
			continue;
		}
		network_engine(h, &n, &out);
		if (net_native->up(&out, &fresh, notes, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < jails.count; i++) {
		AUTO_NET_STATE struct net_state s = NET_STATE_INIT;
		AUTO_FREE char *key = xasprintf("%s/%s", h->scope,
		    jails.items[i]);
		struct engine_spec spec = { .key = key };

		if (strcmp(jails.items[i], except_jail) == 0)
			continue;
		if (net_state_read(h, jails.items[i], &s, e) < 0) {
			strings_take(notes, xstrdup(e->msg));
			error_clear(e);
			continue;
		}
		spec.name = jails.items[i];
		spec.ifaces = s.ifaces.items;
		spec.iface_count = s.ifaces.count;
		spec.publish = s.ports.items;
		spec.publish_count = s.ports.count;
		if (net_native->enter(&spec, e) < 0 &&
		    e->kind != ERROR_EXISTS)
			return -1;
		error_clear(e);
	}
	return 0;
}

bool
network_is_up(const struct host *h, const struct network *n)
{
	AUTO_FREE char *file = xasprintf("network/%s.hosts", n->name);
	struct engine_network out;

	network_engine(h, n, &out);
	return file_exists(h->run_fd, file) && net_native->is_up(&out);
}

int
network_up(const struct host *h, const struct network *n, struct error *e)
{
	AUTO_STRINGS struct strings notes = VEC_INIT;
	struct engine_network out;
	bool fresh = false;
	int result;

	network_engine(h, n, &out);
	result = net_native->up(&out, &fresh, &notes, e);
	if (result == 0 && fresh)
		result = enter_all(h, n->name, "", &notes, e);
	for (size_t i = 0; i < notes.count; i++)
		host_say(h, "network %s: %s", n->name, notes.items[i]);
	if (result < 0)
		return error_wrap(e, "network '%s'", n->name);
	return names_make(h, n, e);
}

/* What else is to be entered again where the packet filter is new. */
static int
prepare(const struct host *h, const struct engine_spec *spec,
    struct strings *notes, struct error *e)
{
	bool fresh = false;

	if (net_native->prepare(spec, &fresh, notes, e) < 0)
		return -1;
	return fresh ? enter_all(h, "", spec->name, notes, e) : 0;
}

int
network_filter_need(const struct host *h, const struct engine_spec *spec,
    struct error *e)
{
	AUTO_STRINGS struct strings notes = VEC_INIT;
	AUTO_CLOSE int all = -1;
	int result;

	if (net_native->prepare == NULL || net_native->is_ready(spec))
		return 0;
	all = network_lock_all(h, "start", e);
	if (all < 0)
		return -1;
	result = prepare(h, spec, &notes, e);
	for (size_t i = 0; i < notes.count; i++)
		host_say(h, "%s", notes.items[i]);
	return result;
}

static bool
needs_filter(const struct net_state *s)
{
	for (size_t i = 0; i < s->ifaces.count; i++)
		if (s->ifaces.items[i].kind == IFACE_BRIDGE)
			return true;
	return s->ports.count > 0;
}

int
network_filter_clear(const struct host *h, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT, jails = VEC_INIT;

	if (network_names(h, &names, e) < 0 ||
	    net_state_names(h, &jails, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_FREE char *file = xasprintf("network/%s.hosts",
		    names.items[i]);

		if (file_exists(h->run_fd, file))
			return 0;
	}
	for (size_t i = 0; i < jails.count; i++) {
		AUTO_NET_STATE struct net_state s = NET_STATE_INIT;

		if (net_state_read(h, jails.items[i], &s, e) < 0)
			return -1;
		if (needs_filter(&s))
			return 0;
	}
	return net_native->clear(h->scope, e);
}
