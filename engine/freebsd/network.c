/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A network: its bridge, what is forwarded, its rules. */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "engine/freebsd/kern_iface.h"
#include "engine/freebsd/kern_pf.h"
#include "engine/freebsd/net_freebsd.h"

/* The kernel takes no number above 32767 (IF_MAXUNIT of if_clone.c), and gives
 * out the lowest that is free. */
enum { FIRST_UNIT = 2048, UNITS = 16384, TRIES = 64 };

static uint32_t
hash_of(const char *a, const char *b)
{
	uint32_t hash = 2166136261u;

	for (; *a != '\0'; a++)
		hash = (hash ^ (unsigned char)*a) * 16777619u;
	for (; *b != '\0'; b++)
		hash = (hash ^ (unsigned char)*b) * 16777619u;
	return hash;
}

static void
own_description(const struct engine_network *n, char *text, size_t size)
{
	snprintf(text, size, "gaol %s/%s", n->scope, n->name);
}

/* Stable, whichever member comes first. */
static void
bridge_mac(const struct engine_network *n, unsigned char mac[6])
{
	uint32_t a = hash_of(n->scope, n->bridge), b = hash_of(n->bridge, "");

	memcpy(mac, &b, 4);
	memcpy(mac + 4, &a, 2);
	mac[0] = 0x02;
}

/* 1: the bridge of that name is there, and ours to rename; 0: another's. */
static int
take_bridge(const char *raw, const char *own, struct error *e)
{
	char text[128];

	if (kern_iface_exists(raw)) {
		kern_iface_description(raw, text, sizeof(text));
		return *text == '\0' || strcmp(text, own) == 0;
	}
	if (kern_iface_create(raw, e) == 0)
		return 1;
	/* a number stays taken when its bridge was renamed */
	if (e->kind != ERROR_EXISTS)
		return -1;
	error_clear(e);
	return 0;
}

/*
 * A bridge is made under a name of the kernel's kind and renamed then: one
 * that a crash left between the two is found by its number.
 */
static int
create_bridge(const struct engine_network *n, struct error *e)
{
	uint32_t first = hash_of(n->scope, n->bridge) % UNITS;
	char raw[IFACE_NAME], text[128];
	int taken = 0;

	own_description(n, text, sizeof(text));
	for (unsigned i = 0; taken == 0 && i < TRIES; i++) {
		snprintf(raw, sizeof(raw), "bridge%u",
		    FIRST_UNIT + (unsigned)(first + i) % UNITS);
		taken = take_bridge(raw, text, e);
	}
	if (taken < 0)
		return -1;
	if (taken == 0)
		return error_set(e, ERROR_EXISTS, "network %s: no number is "
		    "free for its bridge, such as '%s'", n->name, raw);
	return kern_iface_describe(raw, text, e) < 0 ? -1 :
	    kern_iface_rename(raw, n->bridge, e);
}

static int
set_up_bridge(const struct engine_network *n, struct error *e)
{
	unsigned char mac[6];

	bridge_mac(n, mac);
	if (kern_iface_set_mac(n->bridge, mac, e) < 0 ||
	    kern_iface_join_group(n->bridge, GROUP_NETWORK, e) < 0 ||
	    (n->mtu != 0 && n->mtu != kern_iface_mtu(n->bridge) &&
	    kern_iface_set_mtu(n->bridge, n->mtu, e) < 0) ||
	    (n->gateway[1].family != 0 &&
	    kern_iface_no_dad(n->bridge, e) < 0))
		return -1;
	for (size_t f = 0; f < 2; f++)
		if (n->gateway[f].family != 0 &&
		    kern_iface_add(n->bridge, &n->gateway[f], e) < 0)
			return -1;
	return kern_iface_up(n->bridge, e);
}

static int
make_bridge(const struct engine_network *n, struct error *e)
{
	bool there = kern_iface_exists(n->bridge);

	if (there && !kern_iface_in_group(n->bridge, "bridge"))
		return error_set(e, ERROR_EXISTS, "network %s: the host has an "
		    "interface %s that is no bridge", n->name, n->bridge);
	if (!there && !n->bridge_is_ours)
		return error_set(e, ERROR_NOT_FOUND, "network %s: the host has "
		    "no bridge %s", n->name, n->bridge);
	if (!n->bridge_is_ours)
		return 0;
	if (!there && create_bridge(n, e) < 0)
		return -1;
	return set_up_bridge(n, e);
}

static int
forward(const struct engine_network *n, struct strings *notes,
    struct error *e)
{
	static const char *const names[] = {
		"net.inet.ip.forwarding", "net.inet6.ip6.forwarding",
	};

	for (size_t f = 0; f < 2; f++) {
		if (n->gateway[f].family == 0 || kern_sysctl(names[f]) != 0)
			continue;
		if (kern_sysctl_set(names[f], 1, e) < 0)
			return -1;
		strings_take(notes, xasprintf("IPv%d is forwarded by the host "
		    "from now on (%s)", f == 0 ? 4 : 6, names[f]));
	}
	return 0;
}

/* Where each family leaves the host: all interfaces with an address of it. */
static int
find_uplinks(const struct engine_network *n, struct strings uplinks[2],
    struct error *e)
{
	struct engine_routes routes = VEC_INIT;
	int result = 0;

	if (*n->uplink != '\0') {
		strings_add(&uplinks[0], n->uplink);
		strings_add(&uplinks[1], n->uplink);
		return 0;
	}
	result = kern_routes(false, &routes, e);
	for (size_t i = 0; result == 0 && i < routes.count; i++) {
		const struct engine_route *r = &routes.items[i];
		struct strings *list = &uplinks[r->net.family == 6];

		if (r->local && strncmp(r->link, "lo", 2) != 0 &&
		    strings_index(list, r->link) < 0 &&
		    !kern_iface_in_group(r->link, GROUP_NETWORK))
			strings_add(list, r->link);
	}
	VEC_FINI(&routes);
	return result;
}

static int
load_rules(const struct engine_network *n, bool *fresh, struct strings *notes,
    struct error *e)
{
	struct strings uplinks[2] = { VEC_INIT, VEC_INIT };
	int result;

	/* a routed one needs nothing of the packet filter */
	if (n->mode == NETWORK_ROUTED && !pf_is_ready()) {
		strings_add(notes, "pf is not in use, or has no anchor for "
		    "gaol: nothing keeps others out of this network");
		return 0;
	}
	if (n->mode != NETWORK_ROUTED && pf_check(e) < 0)
		return -1;
	*fresh = kern_pf_anchors("gaol") <= 0;
	result = find_uplinks(n, uplinks, e);
	if (result == 0)
		result = pf_load_network(n, uplinks, e);
	strings_fini(&uplinks[0]);
	strings_fini(&uplinks[1]);
	return result;
}

int
freebsd_network_up(const struct engine_network *n, bool *fresh,
    struct strings *notes, struct error *e)
{
	*fresh = false;
	/* the rules first: what they refuse never happens */
	if (n->bridge_is_ours && load_rules(n, fresh, notes, e) < 0)
		return -1;
	if (make_bridge(n, e) < 0)
		return -1;
	return n->bridge_is_ours && n->mode != NETWORK_ISOLATED ?
	    forward(n, notes, e) : 0;
}

int
freebsd_network_down(const struct engine_network *n, struct error *e)
{
	char text[128], own[128];

	if (!n->bridge_is_ours)
		return 0;
	own_description(n, own, sizeof(own));
	kern_iface_description(n->bridge, text, sizeof(text));
	if (strcmp(text, own) == 0 && kern_iface_destroy(n->bridge, e) < 0)
		return -1;
	return pf_clear_network(n, e);
}

bool
freebsd_network_is_up(const struct engine_network *n)
{
	if (!kern_iface_exists(n->bridge))
		return false;
	return !n->bridge_is_ours || n->mode == NETWORK_ROUTED ||
	    pf_has_network(n);
}
