/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * A jail of iocage: config.json, one flat object that has only what differs
 * from iocage's defaults (or all of it), and fstab.
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/foreign.h"
#include "core/iocage_prop.h"

/* Of this host or that one, or of iocage itself: of no use. */
static const char *const silent[] = { "CONFIG_VERSION", "CONFIG_TYPE",
	"persist", "hostid", "hostid_strict_check", "mac_prefix",
	"nat_prefix", "nat_interface", "nat_backend", "resolver",
	"min_dyn_devfs_ruleset", "vnet_default_interface", "host_time",
	"jail_zfs_dataset", "compression", "origin", "mountpoint",
	"compressratio", "available", "used", "localhost_ip", "bpf", NULL };

static bool
is_silent(const char *key)
{
	for (size_t i = 0; silent[i] != NULL; i++)
		if (strcmp(silent[i], key) == 0)
			return true;
	return false;
}

static const char *
find(const struct strings *pairs, const char *key, const char *fallback)
{
	for (size_t i = 0; i + 1 < pairs->count; i += 2)
		if (strcmp(pairs->items[i], key) == 0)
			return pairs->items[i + 1];
	return fallback;
}

static void
set(struct foreign *f, const struct iocage_prop *p, const char *value)
{
	struct error why = ERROR_INIT;
	AUTO_FREE char *now = NULL;

	if (p->kind == IOCAGE_TOLD) {
		now = iocage_prop_get(f->cell, p);
		if (strcmp(now, value) != 0 && iocage_keep(f->cell, p->name,
		    value, &why) < 0)
			foreign_lose(f, p->name, value, why.msg);
		return;
	}
	if (iocage_prop_set(f->cell, p, value, &why) < 0)
		foreign_lose(f, p->name, value, why.msg);
}

/* What iocage does where nothing is said, and gaol otherwise. */
static void
set_defaults(struct foreign *f, const struct strings *pairs)
{
	for (size_t i = 0; iocage_defaults[i] != NULL; i++) {
		const struct iocage_prop *p = iocage_prop_find(
		    iocage_defaults[i]);

		if (find(pairs, p->name, NULL) == NULL)
			set(f, p, p->fallback);
	}
}

static void
take(struct foreign *f, const char *key, const char *value)
{
	const struct iocage_prop *p = iocage_prop_find(key);

	if (is_silent(key))
		return;
	if (p == NULL)
		foreign_lose(f, key, value, "gaol has no such setting");
	else if (strncmp(key, "exec_", 5) == 0 && !f->local &&
	    strcmp(p->fallback, "/usr/bin/true") == 0) {
		if (strcmp(value, p->fallback) != 0 &&
		    !iocage_is_nothing(value))
			foreign_lose(f, key, value, "commands on the host are "
			    "not taken from archives");
	} else {
		set(f, p, value);
	}
}

int
foreign_iocage(struct foreign *f, struct error *e)
{
	AUTO_STRINGS struct strings pairs = VEC_INIT;
	struct error why = ERROR_INIT;

	if (iocage_json(foreign_text(f, "config.json"), &pairs, e) < 0)
		return error_set(e, ERROR_DATA, "config.json cannot be read");
	set_defaults(f, &pairs);
	for (size_t i = 0; i + 1 < pairs.count; i += 2)
		take(f, pairs.items[i], pairs.items[i + 1]);
	if (iocage_net_commit(f->cell, &why) < 0)
		foreign_lose(f, "net", NULL, why.msg);
	return foreign_fstab(f, foreign_text(f, "fstab"), e);
}
