/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * No interface is made.  The host of the fake engine has one network,
 * 10.77.0.0/22 by em0, which core must go out of the way of.
 */
#include <string.h>

#include "engine/fake/fake.h"

static int
fake_net_check(const struct engine_spec *spec, struct error *e)
{
	for (size_t i = 0; i < spec->iface_count; i++)
		if (spec->ifaces[i].kind == IFACE_BRIDGE ||
		    spec->ifaces[i].kind == IFACE_PASS)
			return error_set(e, ERROR_UNSUPPORTED, "net: only "
			    "networks, addresses, inherit and none are "
			    "possible on this host");
	return 0;
}

static int
fake_up(const struct engine_network *n, bool *fresh, struct strings *notes,
    struct error *e)
{
	*fresh = false;
	return 0;
}

static int
fake_down(const struct engine_network *n, struct error *e)
{
	return 0;
}

static int
fake_alter(const struct engine_network *before,
    const struct engine_network *after, struct strings *notes,
    struct error *e)
{
	return 0;
}

static int
fake_shape(const struct engine_iface *i, struct error *e)
{
	return 0;
}

static bool
fake_is_up(const struct engine_network *n)
{
	return true;
}

static int
fake_clear(const char *scope, struct error *e)
{
	return 0;
}

static int
fake_plan(const struct engine_spec *spec, const struct engine_live *live,
    struct error *e)
{
	return 0;
}

static int
fake_enter(const struct engine_spec *spec, struct error *e)
{
	return 0;
}

static int
fake_publish(const char *scope, const struct engine_publish *p, size_t count,
    bool open, struct error *e)
{
	return 0;
}

static int
fake_routes(struct engine_routes *routes, struct error *e)
{
	struct engine_route r;

	memset(&r, 0, sizeof(r));
	if (addr_parse("10.77.0.0/22", &r.net, e) < 0)
		return -1;
	memcpy(r.link, "em0", 4);
	VEC_PUSH(routes, r);
	return 0;
}

static bool
fake_has_link(const char *name)
{
	return strcmp(name, "em0") == 0;
}

static const struct net fake_net = {
	.name = "fake",
	.by_default = true,
	.check = fake_net_check,
	.up = fake_up,
	.down = fake_down,
	.is_up = fake_is_up,
	.clear = fake_clear,
	.plan = fake_plan,
	.attach = fake_plan,
	.enter = fake_enter,
	.detach = fake_enter,
	.alter = fake_alter,
	.retire = fake_enter,
	.limit = fake_shape,
	.publish = fake_publish,
	.routes = fake_routes,
	.has_link = fake_has_link,
};
const struct net *const net_native = &fake_net;
