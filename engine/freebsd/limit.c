/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Limits as rules of rctl(4).  They are of the jail's name, and outlive the
 * jail: each is written down before it is added, and removed alone, so that
 * those that the administrator gave to that name stay.
 */
#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "engine/freebsd/freebsd.h"
#include "engine/freebsd/kern_iface.h"
#include "engine/freebsd/kern_limit.h"

/* What is no more than denied in rctl's words; others have them already. */
static const struct {
	const char *resource, *rctl, *action;
} words[] = {
	{ "cpu", "pcpu", "deny" },
	{ "io.read.bps", "readbps", "throttle" },
	{ "io.read.iops", "readiops", "throttle" },
	{ "io.write.bps", "writebps", "throttle" },
	{ "io.write.iops", "writeiops", "throttle" },
	{ "memory", "memoryuse", "deny" },
	{ "openfiles", "openfiles", "deny" },
	{ "processes", "maxproc", "deny" },
	{ "swap", "swapuse", "deny" },
};

/* NULL: no rule of rctl(4) does it. */
static char *
rule_text(const char *key, const struct engine_limit *l)
{
	const char *resource = l->action != NULL ? l->resource : NULL;
	const char *action = l->action;
	char name[KERNEL_NAME_MAX];

	for (size_t i = 0; resource == NULL &&
	    i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].resource, l->resource) == 0) {
			resource = words[i].rctl;
			action = words[i].action;
		}
	if (resource == NULL)
		return NULL;
	kernel_name(key, name);
	return xasprintf("jail:%s:%s:%s=%" PRIu64 "%s%s", name, resource,
	    action, l->amount, l->per != NULL ? "/" : "",
	    l->per != NULL ? l->per : "");
}

int
limit_check(const struct engine_spec *spec, struct error *e)
{
	for (size_t i = 0; i < spec->limit_count; i++) {
		const struct engine_limit *l = &spec->limits[i];
		AUTO_FREE char *rule = rule_text(spec->key, l);

		if (rule == NULL)
			return error_set(e, ERROR_UNSUPPORTED, "limit.%s: "
			    "FreeBSD does not count that for a jail; "
			    "dummynet(4) limits traffic by address",
			    l->resource);
		if (kern_sysctl("kern.racct.enable") <= 0)
			return error_set(e, ERROR_UNSUPPORTED, "limit.%s: this "
			    "kernel counts no resources; put "
			    "'kern.racct.enable=1' into /boot/loader.conf and "
			    "reboot", l->action != NULL ? "rctl" :
			    l->resource);
	}
	return 0;
}

int
limit_apply(const struct engine_spec *spec, int jid, struct error *e)
{
	for (size_t i = 0; i < spec->limit_count; i++) {
		AUTO_FREE char *rule = rule_text(spec->key, &spec->limits[i]);
		AUTO_FREE char *line = xasprintf("rule %s",
		    rule != NULL ? rule : "");

		if (rule == NULL)
			continue;
		if (log_add(spec->key, line, e) < 0 ||
		    kern_rctl_add(rule, e) < 0)
			return -1;
	}
	return spec->cpus != NULL && spec->cpus->count > 0 ?
	    kern_cpus(jid, spec->cpus, e) : 0;
}

int
limit_lift(const char *key, struct error *e)
{
	AUTO_LOG struct log l = LOG_INIT;

	if (log_read(key, &l, e) < 0)
		return -1;
	for (size_t i = 0; i < l.rules.count; i++)
		if (kern_rctl_remove(l.rules.items[i], e) < 0)
			return -1;
	return 0;
}
