/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "engine/freebsd/kern_iface.h"
#include "engine/freebsd/net_freebsd.h"

static int
check_iface(const struct engine_iface *i, struct error *e)
{
	if (i->limit_in != 0 || i->limit_out != 0)
		return error_set(e, ERROR_UNSUPPORTED, "net = %s: limit.in and "
		    "limit.out are not possible on this host; dummynet(4) is",
		    *i->network != '\0' ? i->network : i->link);
	if (own_is(i) && !kern_jail_knows("vnet"))
		return error_set(e, ERROR_UNSUPPORTED, "net = %s: this kernel "
		    "has no network stacks for jails (options VIMAGE); "
		    "INTERFACE|ADDRESS shares the host's",
		    *i->network != '\0' ? i->network : i->link);
	return 0;
}

static int
freebsd_net_check(const struct engine_spec *spec, struct error *e)
{
	for (size_t i = 0; i < spec->iface_count; i++)
		if (check_iface(&spec->ifaces[i], e) < 0)
			return -1;
	return 0;
}

/* Anchors go with their networks. */
static int
freebsd_net_clear(const char *scope, struct error *e)
{
	return 0;
}

static int
freebsd_net_plan(const struct engine_spec *spec,
    const struct engine_live *live, struct error *e)
{
	return own_plan(spec, (int)live->jid, e) < 0 ? -1 :
	    alias_plan(spec, e);
}

static int
freebsd_net_enter(const struct engine_spec *spec, struct error *e)
{
	if (spec->publish_count == 0)
		return pf_clear_jail(spec->key, e);
	return pf_check(e) < 0 ? error_wrap(e, "publish") :
	    pf_load_jail(spec, e);
}

static int
freebsd_net_attach(const struct engine_spec *spec,
    const struct engine_live *live, struct error *e)
{
	bool own = false;

	for (size_t i = 0; i < spec->iface_count; i++)
		own |= own_is(&spec->ifaces[i]);
	if (own && own_attach(spec, (int)live->jid, e) < 0)
		return -1;
	if (alias_add(spec, e) < 0)
		return -1;
	return spec->publish_count > 0 ? freebsd_net_enter(spec, e) : 0;
}

static int
freebsd_net_detach(const struct engine_spec *spec, struct error *e)
{
	if (pf_clear_jail(spec->key, e) < 0 || own_detach(spec, e) < 0)
		return -1;
	return alias_remove(spec, e);
}

static int
freebsd_routes(struct engine_routes *routes, struct error *e)
{
	return kern_routes(false, routes, e);
}

/* Before the jail goes: what it has of the host's comes back. */
int
net_leave(const char *key, int jid, struct error *e)
{
	AUTO_LOG struct log l = LOG_INIT;

	if (log_read(key, &l, e) < 0)
		return -1;
	for (size_t i = 0; i < l.passed.count; i++) {
		char *inside = l.passed.items[i];
		char *link = strchr(inside, ' ');

		if (link == NULL)
			continue;
		*link++ = '\0';
		if (kern_iface_take(inside, jid, e) == 0) {
			if (strcmp(inside, link) != 0 &&
			    kern_iface_rename(inside, link, e) < 0)
				return -1;
		} else if (e->kind == ERROR_NOT_FOUND) {
			error_clear(e);
		} else {
			return -1;
		}
	}
	return 0;
}

static const struct net freebsd_net = {
	.name = "freebsd",
	.check = freebsd_net_check,
	.up = freebsd_network_up,
	.down = freebsd_network_down,
	.is_up = freebsd_network_is_up,
	.clear = freebsd_net_clear,
	.plan = freebsd_net_plan,
	.attach = freebsd_net_attach,
	.enter = freebsd_net_enter,
	.detach = freebsd_net_detach,
	.routes = freebsd_routes,
	.has_link = kern_iface_exists,
	.ports_unguarded = true,
};
const struct net *const net_native = &freebsd_net;
