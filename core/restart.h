/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_RESTART_H
#define CORE_RESTART_H

#include "core/spec.h"

/*
 * The property "restart", which the jail's first process keeps.  What it did is
 * in run/restart/NAME, a line "TIME EVENT MESSAGE" for each restart, of which
 * "failed" is the last: it gave up, and the jail ended.  The file is of the
 * last start and goes with the next stop.
 */

/* Fill the policy of a spec, and make the file when there is one; *fd is the
 * caller's. */
int restart_begin(const struct host *h, const struct cell *c, struct spec *s,
    int *fd, struct error *e) FALLIBLE;
void restart_forget(const struct host *h, const char *name);

/* Why a jail that does not run has failed; NULL: it has not.  The caller's. */
char *restart_failure(const struct host *h, const char *name);
/* The jails that have such a file, running or not, sorted. */
int restart_names(const struct host *h, struct strings *names,
    struct error *e) FALLIBLE;

#endif
