/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Interfaces of a stack of the jail's own.  A pair is made under the very name
 * that was remembered before, so that what a crash leaves can be found; its
 * number is not one of the low ones that the kernel chooses.
 */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "engine/freebsd/kern_iface.h"
#include "engine/freebsd/net_freebsd.h"

/* The kernel takes no number above 32767 (IF_MAXUNIT of if_clone.c). */
enum { FIRST_UNIT = 2048, UNITS = 30720, IFACES = 8 };

bool
own_is(const struct engine_iface *i)
{
	return i->kind == IFACE_NETWORK || i->kind == IFACE_BRIDGE ||
	    i->kind == IFACE_PASS;
}

static bool
is_pair(const struct engine_iface *i)
{
	return i->kind == IFACE_NETWORK || i->kind == IFACE_BRIDGE;
}

/* The other end of "epair640000a", or without an end the pair itself. */
static void
pair_name(const struct engine_iface *i, const char *end, char name[IFACE_NAME])
{
	size_t len = strlen(i->outside);

	snprintf(name, IFACE_NAME, "%.*s%s", len > 0 ? (int)len - 1 : 0,
	    i->outside, end);
}

/* The first free number from *unit on, which is moved behind it. */
static void
plan_pair(struct engine_iface *i, unsigned *unit)
{
	for (unsigned tries = 0; tries < UNITS; tries++) {
		snprintf(i->outside, IFACE_NAME, "epair%ua",
		    FIRST_UNIT + (*unit)++ % UNITS);
		if (!kern_iface_exists(i->outside))
			return;
	}
}

int
own_plan(const struct engine_spec *spec, int jid, struct error *e)
{
	unsigned unit = (unsigned)jid % UNITS * IFACES;

	for (size_t k = 0; k < spec->iface_count; k++) {
		struct engine_iface *i = &spec->ifaces[k];

		if (!own_is(i))
			continue;
		if (!kern_iface_exists(i->link))
			return error_set(e, ERROR_NOT_FOUND,
			    "net: the host has no interface %s", i->link);
		if (is_pair(i) && !kern_iface_in_group(i->link, "bridge"))
			return error_set(e, ERROR_CONFIG,
			    "net: %s is no bridge", i->link);
		if (is_pair(i))
			plan_pair(i, &unit);
		else
			/* by this it is known again when it comes back */
			kern_iface_mac(i->link, i->mac);
	}
	return 0;
}

static int
describe(const struct engine_spec *spec, const struct engine_iface *i,
    struct error *e)
{
	AUTO_FREE char *text = xasprintf("gaol %s %s", spec->key, i->inside);

	return kern_iface_describe(i->outside, text, e);
}

static int
set_mtu(const struct engine_iface *i, const char *inner, struct error *e)
{
	unsigned mtu = i->mtu != 0 ? i->mtu : kern_iface_mtu(i->link);

	if (mtu == 0 || mtu == kern_iface_mtu(i->outside))
		return 0;
	return kern_iface_set_mtu(i->outside, mtu, e) < 0 ? -1 :
	    kern_iface_set_mtu(inner, mtu, e);
}

static int
join_groups(const struct engine_iface *i, struct error *e)
{
	if (i->kind != IFACE_NETWORK)
		return 0;
	if (kern_iface_join_group(i->outside, GROUP_PORT, e) < 0)
		return -1;
	return i->offers ? 0 :
	    kern_iface_join_group(i->outside, GROUP_GUEST, e);
}

static int
make_pair(const struct engine_spec *spec, const struct engine_iface *i,
    int jid, struct error *e)
{
	char pair[IFACE_NAME], inner[IFACE_NAME];

	pair_name(i, "", pair);
	pair_name(i, "b", inner);
	if (kern_iface_create(pair, e) < 0 || describe(spec, i, e) < 0 ||
	    set_mtu(i, inner, e) < 0 ||
	    kern_iface_set_mac(inner, i->mac, e) < 0 ||
	    join_groups(i, e) < 0 ||
	    kern_bridge_add(i->link, i->outside, i->apart, e) < 0 ||
	    (i->vlan != 0 &&
	    kern_bridge_vlan(i->link, i->outside, i->vlan, e) < 0) ||
	    kern_iface_up(i->outside, e) < 0)
		return -1;
	return kern_iface_give(inner, jid, e);
}

static int
pass(const struct engine_spec *spec, const struct engine_iface *i, int jid,
    struct error *e)
{
	AUTO_FREE char *line = xasprintf("pass %s %s", i->inside, i->link);

	/* it has to be fetched back before the jail goes: see net_leave */
	return log_add(spec->key, line, e) < 0 ? -1 :
	    kern_iface_give(i->link, jid, e);
}

/* Inside from here on. */
static int
rename_inside(const struct engine_iface *i, struct error *e)
{
	char inner[IFACE_NAME];

	if (is_pair(i))
		pair_name(i, "b", inner);
	else
		snprintf(inner, sizeof(inner), "%s", i->link);
	return strcmp(inner, i->inside) == 0 ? 0 :
	    kern_iface_rename(inner, i->inside, e);
}

static int
configure(const struct engine_iface *i, struct error *e)
{
	bool six = false;

	for (size_t k = 0; k < i->addr_count; k++)
		six |= i->addrs[k].family == 6;
	if (rename_inside(i, e) < 0 ||
	    (six && kern_iface_no_dad(i->inside, e) < 0))
		return -1;
	for (size_t k = 0; k < i->addr_count; k++)
		if (kern_iface_add(i->inside, &i->addrs[k], e) < 0)
			return -1;
	/* one without an address is for the jail's own programs */
	return i->kind == IFACE_PASS ? 0 : kern_iface_up(i->inside, e);
}

static int
configure_all(void *arg, struct error *e)
{
	static const struct addr loopback = { 4, 8, { 127, 0, 0, 1 } };
	const struct engine_spec *spec = arg;

	if (kern_iface_add("lo0", &loopback, e) < 0 ||
	    kern_iface_up("lo0", e) < 0)
		return -1;
	for (size_t k = 0; k < spec->iface_count; k++)
		if (own_is(&spec->ifaces[k]) &&
		    configure(&spec->ifaces[k], e) < 0)
			return -1;
	for (size_t k = 0; k < spec->iface_count; k++) {
		const struct engine_iface *i = &spec->ifaces[k];

		for (size_t f = 0; own_is(i) && f < 2; f++)
			if (i->gateways[f].family != 0 && kern_route_default(
			    &i->gateways[f], i->inside, e) < 0)
				return -1;
	}
	return 0;
}

int
own_attach(const struct engine_spec *spec, int jid, struct error *e)
{
	union {
		const struct engine_spec *read;
		void *pass;
	} arg = { spec };

	for (size_t k = 0; k < spec->iface_count; k++) {
		const struct engine_iface *i = &spec->ifaces[k];

		if (own_is(i) && (is_pair(i) ? make_pair(spec, i, jid, e) :
		    pass(spec, i, jid, e)) < 0)
			return error_wrap(e, "net: %s", i->link);
	}
	return kern_inside(jid, configure_all, arg.pass, e);
}

/* Ours, or one that we had no time to describe. */
static bool
is_ours(const struct engine_spec *spec, const struct engine_iface *i)
{
	AUTO_FREE char *own = xasprintf("gaol %s ", spec->key);
	char text[256];

	kern_iface_description(i->outside, text, sizeof(text));
	return *text == '\0' || strncmp(text, own, strlen(own)) == 0;
}

/* The jail is gone and gave it back under the name that it had there. */
static int
rename_back(const struct engine_iface *i, struct error *e)
{
	unsigned char mac[6];

	if (strcmp(i->inside, i->link) == 0 || kern_iface_exists(i->link) ||
	    !kern_iface_exists(i->inside))
		return 0;
	kern_iface_mac(i->inside, mac);
	return memcmp(mac, i->mac, sizeof(mac)) != 0 ? 0 :
	    kern_iface_rename(i->inside, i->link, e);
}

int
own_detach(const struct engine_spec *spec, struct error *e)
{
	for (size_t k = 0; k < spec->iface_count; k++) {
		const struct engine_iface *i = &spec->ifaces[k];
		char pair[IFACE_NAME];

		pair_name(i, "", pair);
		if (is_pair(i) && *i->outside != '\0' &&
		    kern_iface_exists(i->outside) && is_ours(spec, i) &&
		    kern_iface_destroy(i->outside, e) < 0)
			return -1;
		if (i->kind == IFACE_PASS && rename_back(i, e) < 0)
			return -1;
	}
	return 0;
}
