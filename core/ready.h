/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_READY_H
#define CORE_READY_H

#include "core/host.h"

/*
 * The property "ready": port:N, file:PATH or exec:COMMAND, what tells that the
 * service of a jail can be used; jails that depend on it wait for that.
 */
int ready_check(const char *value, struct error *e) FALLIBLE;

/*
 * Wait until a running jail is ready, at most ready.timeout.  At once true of
 * one without the property.  ERROR_FAILED when it is not in time, or ends.
 */
int ready_wait(const struct host *h, const char *name, struct error *e)
    FALLIBLE;

#endif
