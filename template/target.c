/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "core/net.h"
#include "core/net_state.h"
#include "core/release.h"
#include "core/spec.h"
#include "template/target.h"

static void
take_addresses(const struct engine_iface *ifaces, size_t count,
    struct vars *builtin)
{
	static const char *const names[] = { "JAIL_IP", "JAIL_IP6" };

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < ifaces[i].addr_count; k++) {
			struct addr a = ifaces[i].addrs[k];
			const char *name = names[a.family == 6];
			char text[ADDR_TEXT];

			if (*vars_find(builtin, name, strlen(name)) == '\0')
				vars_set(builtin, name,
				    addr_text(&a, text));
		}
}

int
target_builtin(const struct host *h, const struct cell *c,
    struct vars *builtin, struct error *e)
{
	AUTO_NET_STATE struct net_state state = NET_STATE_INIT;
	AUTO_SPEC struct spec spec;
	int result;

	memset(&spec, 0, sizeof(spec));
	vars_set(builtin, "JAIL_NAME", c->name);
	vars_set(builtin, "JAIL_IP", "");
	vars_set(builtin, "JAIL_IP6", "");
	if (net_state_read(h, c->name, &state, e) < 0)
		return -1;
	take_addresses(state.ifaces.items, state.ifaces.count, builtin);
	result = spec_init(&spec, h, c, false, e);
	/* it has them since it was created, and asking twice changes nothing */
	if (result == 0 && state.ifaces.count == 0 && !h->plan)
		result = net_lease(h, &spec, e);
	if (result == 0)
		take_addresses(spec.engine.ifaces, spec.engine.iface_count,
		    builtin);
	return result;
}

char *
target_os(const struct host *h, const char *release, struct error *e)
{
	AUTO_RELEASE struct release r = RELEASE_INIT;

	return release_load(h, release, &r, e) < 0 ? NULL : xstrdup(r.os);
}
