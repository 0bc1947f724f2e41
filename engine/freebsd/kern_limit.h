/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_FREEBSD_KERN_LIMIT_H
#define ENGINE_FREEBSD_KERN_LIMIT_H

/* rctl(4) and cpuset(2). */
#include <stddef.h>

#include "base/error.h"
#include "base/vec.h"

/* A whole rule, "jail:web:nthr:deny=500"; one of the kind "deny" replaces the
 * one that differs by its amount alone. */
int kern_rctl_add(const char *rule, struct error *e) FALLIBLE;
/* One that is not there is success. */
int kern_rctl_remove(const char *rule, struct error *e) FALLIBLE;
/* What the jail of that name uses: "cputime=12,memoryuse=4096,...". */
int kern_rctl_usage(const char *name, char *text, size_t size,
    struct error *e) FALLIBLE;
/* The processors of a jail, "0-3" and "5"; none: all of the host's. */
int kern_cpus(int jid, const struct strings *ranges, struct error *e)
    FALLIBLE;

#endif
