/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <net/if.h>
#include <string.h>

#include "engine/linux/linux.h"

static int
check_iface(const struct engine_iface *i, struct error *e)
{
	switch (i->kind) {
	case IFACE_NETWORK:
		return error_set(e, ERROR_UNSUPPORTED, "net = %s: networks are "
		    "not possible on this host; inherit and none are",
		    i->network);
	case IFACE_SHARED:
	case IFACE_LOOP:
		return error_set(e, ERROR_UNSUPPORTED, "net = %s|...: "
		    "addresses of the host are not possible on this host; "
		    "inherit and none are", i->link);
	case IFACE_BRIDGE:
		return error_set(e, ERROR_UNSUPPORTED, "net = vnet:%s: bridges "
		    "of the host are not possible on this host; inherit and "
		    "none are", i->link);
	case IFACE_PASS:
	case IFACE_KINDS:
	default:
		return error_set(e, ERROR_UNSUPPORTED, "net = if:%s: "
		    "interfaces of the host are not possible on this host; "
		    "inherit and none are", i->link);
	}
}

static int
linux_net_check(const struct engine_spec *spec, struct error *e)
{
	for (size_t i = 0; i < spec->iface_count; i++)
		if (check_iface(&spec->ifaces[i], e) < 0)
			return -1;
	return 0;
}

static const struct net linux_net = {
	.name = "linux",
	.check = linux_net_check,
};
const struct net *const net_native = &linux_net;
