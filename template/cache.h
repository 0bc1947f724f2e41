/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_CACHE_H
#define TEMPLATE_CACHE_H

#include "template/record.h"

/*
 * The state of a new jail's files after a step, for the next jail that begins
 * with the same steps.  It is kept as a jail that nobody starts or sees,
 * jails/gaol-step-KEY, whose files are shared with the one it was taken of: on
 * stores that clone.
 */
/* What the jail has while its state is being kept. */
#define CACHE_SNAPSHOT "gaol-step"

/* Its name, heap memory. */
char *cache_name(const struct step_key *key);
bool cache_has(const struct host *h, const struct step_key *key);
/* Keep the files of the running jail as they are now. */
int cache_keep(const struct host *h, const char *jail,
    const struct step_key *key, struct error *e) FALLIBLE;
/* The names of all that are kept, sorted. */
int cache_list(const struct host *h, struct strings *names, struct error *e)
    FALLIBLE;
/* Destroy them, or with h->plan tell which. */
int cache_prune(const struct host *h, size_t *count, struct error *e)
    FALLIBLE;

#endif
