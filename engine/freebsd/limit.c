/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Limits as rules of rctl(4).  They are of the jail's name, and outlive the
 * jail: each is written down before it is added, and removed alone, so that
 * those that the administrator gave to that name stay.
 */
#include <inttypes.h>
#include <stdlib.h>
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

/* Whether a spec has that very rule. */
static bool
has_rule(const struct engine_spec *spec, const char *rule)
{
	for (size_t i = 0; spec != NULL && i < spec->limit_count; i++) {
		AUTO_FREE char *one = rule_text(spec->key, &spec->limits[i]);

		if (one != NULL && strcmp(one, rule) == 0)
			return true;
	}
	return false;
}

/* Those that before has are there. */
static int
add_rules(const struct engine_spec *spec, const struct engine_spec *before,
    struct error *e)
{
	for (size_t i = 0; i < spec->limit_count; i++) {
		AUTO_FREE char *rule = rule_text(spec->key, &spec->limits[i]);
		AUTO_FREE char *line = xasprintf("rule %s",
		    rule != NULL ? rule : "");

		if (rule == NULL || has_rule(before, rule))
			continue;
		if (log_add(spec->key, line, e) < 0 ||
		    kern_rctl_add(rule, e) < 0)
			return -1;
	}
	return 0;
}

static bool
has_cpus(const struct engine_spec *spec)
{
	return spec->cpus != NULL && spec->cpus->count > 0;
}

int
limit_apply(const struct engine_spec *spec, int jid, struct error *e)
{
	if (add_rules(spec, NULL, e) < 0)
		return -1;
	return has_cpus(spec) ? kern_cpus(jid, spec->cpus, e) : 0;
}

int
freebsd_limit(const struct engine_live *live,
    const struct engine_spec *before, const struct engine_spec *spec,
    struct error *e)
{
	static const struct strings all = VEC_INIT;

	/* what a rule that goes allowed less of is not to stop the new one */
	for (size_t i = 0; i < before->limit_count; i++) {
		AUTO_FREE char *rule = rule_text(spec->key,
		    &before->limits[i]);

		if (rule != NULL && !has_rule(spec, rule) &&
		    kern_rctl_remove(rule, e) < 0)
			return -1;
	}
	if (add_rules(spec, before, e) < 0)
		return -1;
	if (!has_cpus(spec) && !has_cpus(before))
		return 0;
	return kern_cpus((int)live->jid, has_cpus(spec) ? spec->cpus : &all,
	    e);
}

/* "cputime=12,memoryuse=4096,...": ENGINE_UNKNOWN for what is not there. */
static uint64_t
counted(const char *text, const char *resource)
{
	size_t len = strlen(resource);

	for (const char *p = text; p != NULL; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, resource, len) == 0 && p[len] == '=')
			return strtoull(p + len + 1, NULL, 10);
	}
	return ENGINE_UNKNOWN;
}

int
freebsd_usage(const struct engine_live *live, const char *key,
    struct engine_usage *u, struct error *e)
{
	char name[KERNEL_NAME_MAX], text[2048];

	memset(u, 0xff, sizeof(*u));	/* all of it ENGINE_UNKNOWN */
	if (kern_sysctl("kern.racct.enable") <= 0)
		return 0;
	kernel_name(key, name);
	if (kern_rctl_usage(name, text, sizeof(text), e) < 0)
		return -1;
	u->cpu_us = counted(text, "cputime");
	if (u->cpu_us != ENGINE_UNKNOWN)
		u->cpu_us *= 1000000;
	u->memory = counted(text, "memoryuse");
	u->swap = counted(text, "swapuse");
	u->processes = counted(text, "maxproc");
	u->openfiles = counted(text, "openfiles");
	return 0;
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
