/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_LIMIT_H
#define CORE_LIMIT_H

#include "core/spec.h"

/*
 * A rule of limit.rctl, written as rctl(8) has it but for the subject, which is
 * the jail: RESOURCE:ACTION=AMOUNT[/PER].  The amount may have a suffix, K to
 * E.  What it fills is the caller's, for limit_free.
 *
 *	nthr:deny=500
 *	openfiles:log=1K/process
 */
int limit_parse_rule(const char *v, struct engine_limit *l, struct error *e)
    FALLIBLE;
void limit_free(struct engine_limit *l);
/* The check of a single value, for the table of properties. */
int limit_check_rule(const char *v, struct error *e) FALLIBLE;

/* The amount of a property as the engine counts it; cpu: percent of one. */
int limit_amount(const char *name, const char *v, uint64_t *amount,
    struct error *e) FALLIBLE;
/* Fill limits and cpus of a spec; limit.disk is the store's. */
int limit_fill(struct spec *s, const struct cell *c, struct error *e)
    FALLIBLE;
void limit_fini(struct spec *s);

/*
 * The properties that are one rule of rctl(8), in its words.  find: by resource
 * or by property, NULL when it is none of them.
 */
struct limit_rctl {
	const char *resource, *action, *prop;
};
extern const struct limit_rctl limit_rctl[];	/* ends with resource NULL */
const struct limit_rctl *limit_rctl_find(const char *name);
/* The amount of such a rule for the property's value, and back: rctl counts
 * percents of one processor in pcpu, and writes no sign.  Heap memory. */
char *limit_rctl_amount(const struct limit_rctl *l, const char *value);
char *limit_rctl_value(const struct limit_rctl *l, const char *amount);

/*
 * Make what after says of limits true for a running jail; where nothing of
 * them is or was set nothing is done.  On error the old ones are in force.
 */
struct live;
int limit_change(const struct host *h, const char *name,
    const struct live *live, const struct cell *after, struct error *e)
    FALLIBLE;

#endif
