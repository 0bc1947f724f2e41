/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "core/net.h"
#include "core/net_entry.h"

int
net_fill(struct spec *s, const struct cell *c, struct error *e)
{
	AUTO_NET_ENTRIES struct net_entries entries = VEC_INIT;
	AUTO_STRINGS struct strings values = VEC_INIT;

	cell_values(c, "net", &values);
	if (net_entries_parse(&values, &entries, e) < 0)
		return -1;
	s->engine.net_inherit = net_entries_shared(&entries);
	for (size_t i = 0; i < entries.count; i++)
		if (entries.items[i].kind == NET_IFACE)
			VEC_PUSH(&s->ifaces, entries.items[i].iface);
	s->engine.ifaces = s->ifaces.items;
	s->engine.iface_count = s->ifaces.count;
	if (s->ifaces.count == 0)
		return 0;
	if (net_native == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "net = %s: only inherit "
		    "and none are possible on this host", values.items[0]);
	return net_native->check(&s->engine, e);
}

int
net_connect(const struct host *h, struct spec *s,
    const struct engine_live *live, struct error *e)
{
	struct engine_spec *spec = &s->engine;

	if (spec->iface_count == 0 && spec->publish_count == 0)
		return 0;
	if (net_native->plan(spec, live, e) < 0 ||
	    net_state_write(h, spec->name, spec->ifaces, spec->iface_count,
	    spec->publish, spec->publish_count, e) < 0)
		return -1;
	return net_native->attach(spec, live, e);
}

int
net_disconnect(const struct host *h, const char *name, struct error *e)
{
	AUTO_NET_STATE struct net_state state = NET_STATE_INIT;
	AUTO_FREE char *key = NULL;
	struct engine_spec spec;

	if (net_native == NULL || !net_state_exists(h, name))
		return 0;
	if (net_state_read(h, name, &state, e) < 0)
		return -1;
	memset(&spec, 0, sizeof(spec));
	key = xasprintf("%s/%s", h->scope, name);
	spec.name = name;
	spec.key = key;
	spec.ifaces = state.ifaces.items;
	spec.iface_count = state.ifaces.count;
	spec.publish = state.ports.items;
	spec.publish_count = state.ports.count;
	if (net_native->detach(&spec, e) < 0)
		return -1;
	return net_state_remove(h, name, e);
}

void
net_tell(const struct cell *c, struct buf *text)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	cell_values(c, "net", &values);
	AUTO_FREE char *joined = strings_join(&values, ", ");
	buf_printf(text, "network %s", values.count > 0 ? joined : "none");
}
