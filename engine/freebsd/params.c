/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* From a spec to the parameters of jail_set(2). */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "engine/freebsd/freebsd.h"

void
params_fini(struct params *p)
{
	VEC_FINI(&p->list);
	strings_fini(&p->owned);
}

void
params_add(struct params *p, const char *name, const char *value)
{
	struct kern_param one = { name, value };

	VEC_PUSH(&p->list, one);
}

static bool
has(const struct params *p, const char *name)
{
	for (size_t i = 0; i < p->list.count; i++)
		if (strcmp(p->list.items[i].name, name) == 0)
			return true;
	return false;
}

/* meta = "a=1", "b=2": one parameter for each key, so that ours stays. */
static void
add_meta(struct params *p, char *value)
{
	char *item;

	while ((item = strsep(&value, ",")) != NULL) {
		char *equals = strchr(item, '=');

		if (equals == NULL)
			continue;
		*equals = '\0';
		strings_take(&p->owned, xasprintf("meta.%s", item));
		params_add(p, p->owned.items[p->owned.count - 1], equals + 1);
	}
}

/* What the spec says in words of its own. */
static bool
is_ours(const char *name)
{
	static const char *const ours[] = {
		"host.hostname", "name", "path", "persist",
	};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(name, ours[i]) == 0)
			return true;
	return false;
}

/* The addresses of one family at the host's interfaces, "a,b". */
static char *
shared_addresses(const struct engine_spec *spec, unsigned char family)
{
	AUTO_STRINGS struct strings list = VEC_INIT;
	char text[ADDR_TEXT];

	for (size_t i = 0; i < spec->iface_count; i++)
		for (size_t k = 0; k < spec->ifaces[i].addr_count; k++)
			if (spec->ifaces[i].addrs[k].family == family)
				strings_add(&list, addr_text(
				    &spec->ifaces[i].addrs[k], text));
	return list.count > 0 ? strings_join(&list, ",") : NULL;
}

static void
add_shared(struct params *p, const struct engine_spec *spec,
    unsigned char family, const char *plain, const char *addresses)
{
	char *list = shared_addresses(spec, family);

	if (has(p, plain) || has(p, addresses)) {
		free(list);
	} else if (list == NULL) {
		params_add(p, plain, "disable");
	} else {
		strings_take(&p->owned, list);
		params_add(p, addresses, list);
	}
}

/*
 * net = none is a jail without addresses, net = inherit has the host's, others
 * have those that they name, or a network stack of their own.
 */
static void
add_net(struct params *p, const struct engine_spec *spec)
{
	const char *value = spec->net_inherit ? "inherit" : "disable";

	if (has(p, "vnet"))
		return;
	if (spec->iface_count > 0 && !spec->net_inherit) {
		params_add(p, "vnet", "new");
		return;
	}
	if (spec->iface_count > 0) {
		add_shared(p, spec, 4, "ip4", "ip4.addr");
		add_shared(p, spec, 6, "ip6", "ip6.addr");
		return;
	}
	if (!has(p, "ip4") && !has(p, "ip4.addr"))
		params_add(p, "ip4", value);
	if (!has(p, "ip6") && !has(p, "ip6.addr"))
		params_add(p, "ip6", value);
}

void
params_fill(struct params *p, const struct engine_spec *spec,
    const char *mark)
{
	char name[KERNEL_NAME_MAX];

	kernel_name(spec->key, name);
	strings_add(&p->owned, name);
	params_add(p, "name", p->owned.items[p->owned.count - 1]);
	params_add(p, "path", spec->tree->upper);
	params_add(p, "host.hostname",
	    spec->hostname != NULL ? spec->hostname : spec->name);
	/* until exec.start is over it needs no process to live on */
	params_add(p, "persist", "true");
	for (size_t i = 0; i < spec->param_count; i++) {
		const struct engine_param *one = &spec->params[i];

		if (is_ours(one->name))
			continue;
		if (strcmp(one->name, "meta") != 0) {
			params_add(p, one->name, one->value);
			continue;
		}
		strings_add(&p->owned, one->value);
		add_meta(p, p->owned.items[p->owned.count - 1]);
	}
	add_net(p, spec);
	if (mark != NULL) {
		strings_add(&p->owned, mark);
		params_add(p, "meta.gaol",
		    p->owned.items[p->owned.count - 1]);
	}
}
