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
 * Make what after says of limits true for a running jail; where nothing of
 * them is or was set nothing is done.  On error the old ones are in force.
 */
struct live;
int limit_change(const struct host *h, const char *name,
    const struct live *live, const struct cell *after, struct error *e)
    FALLIBLE;

#endif
