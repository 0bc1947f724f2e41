/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Addresses of jails on the host's stack: added to the host's interface as
 * jails start, removed as they stop, but for those that were there before.
 */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "engine/freebsd/kern_iface.h"
#include "engine/freebsd/kern_process.h"
#include "engine/freebsd/net_freebsd.h"

enum { DAD_TRIES = 100, DAD_WAIT_MS = 50 };

bool
alias_is(const struct engine_iface *i)
{
	return i->kind == IFACE_SHARED || i->kind == IFACE_LOOP;
}

/* The loopback is "lo" in cell.conf, on every system. */
static const char *
link_of(const struct engine_iface *i)
{
	return i->kind == IFACE_LOOP && strcmp(i->link, "lo") == 0 ? "lo0" :
	    i->link;
}

static const struct engine_route *
find_local(const struct engine_routes *routes, const struct addr *a)
{
	for (size_t i = 0; i < routes->count; i++)
		if (routes->items[i].local &&
		    addr_equal(&routes->items[i].net, a))
			return &routes->items[i];
	return NULL;
}

static int
plan_iface(struct engine_iface *i, const struct engine_routes *routes,
    struct error *e)
{
	char text[ADDR_TEXT];

	if (!kern_iface_exists(link_of(i)))
		return error_set(e, ERROR_NOT_FOUND,
		    "net: the host has no interface %s", link_of(i));
	i->added = 0;
	for (size_t k = 0; k < i->addr_count; k++) {
		const struct engine_route *r = find_local(routes,
		    &i->addrs[k]);

		if (r == NULL)
			i->added |= 1u << k;
		else if (strcmp(r->link, link_of(i)) != 0)
			return error_set(e, ERROR_EXISTS, "net: %s is an "
			    "address of the host already, at its interface %s",
			    addr_text(&i->addrs[k], text), r->link);
	}
	return 0;
}

int
alias_plan(const struct engine_spec *spec, struct error *e)
{
	struct engine_routes routes = VEC_INIT;
	int result = 0;

	for (size_t k = 0; result == 0 && k < spec->iface_count; k++) {
		if (!alias_is(&spec->ifaces[k]))
			continue;
		if (routes.count == 0)
			result = kern_routes(false, &routes, e);
		if (result == 0)
			result = plan_iface(&spec->ifaces[k], &routes, e);
	}
	VEC_FINI(&routes);
	return result;
}

/* Until the link was asked for it, no program can bind an IPv6 address. */
static int
await(const struct engine_iface *i, const struct addr *a, struct error *e)
{
	enum kern_dad state = DAD_DONE;
	char text[ADDR_TEXT];

	for (int n = 0; a->family == 6 && n < DAD_TRIES; n++) {
		state = kern_iface_dad(link_of(i), a);
		if (state != DAD_RUNNING)
			break;
		kern_sleep(DAD_WAIT_MS);
	}
	if (state == DAD_DUPLICATE)
		return error_set(e, ERROR_EXISTS, "net: another host at %s "
		    "has the address %s", i->link, addr_text(a, text));
	return 0;
}

static int
each_added(const struct engine_spec *spec,
    int (*call)(const struct engine_iface *i, const struct addr *a,
    struct error *e), struct error *e)
{
	for (size_t n = 0; n < spec->iface_count; n++) {
		const struct engine_iface *i = &spec->ifaces[n];

		for (size_t k = 0; alias_is(i) && k < i->addr_count; k++)
			if ((i->added & 1u << k) != 0 &&
			    call(i, &i->addrs[k], e) < 0)
				return -1;
	}
	return 0;
}

static int
add(const struct engine_iface *i, const struct addr *a, struct error *e)
{
	return kern_iface_add(link_of(i), a, e);
}

static int
drop(const struct engine_iface *i, const struct addr *a, struct error *e)
{
	return kern_iface_remove(link_of(i), a, e);
}

int
alias_add(const struct engine_spec *spec, struct error *e)
{
	return each_added(spec, add, e) < 0 ? -1 :
	    each_added(spec, await, e);
}

int
alias_remove(const struct engine_spec *spec, struct error *e)
{
	return each_added(spec, drop, e);
}
