/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_TARGET_H
#define TEMPLATE_TARGET_H

#include "core/cell.h"
#include "template/plan.h"
#include "template/vars.h"

/*
 * The built-in variables: JAIL_NAME, JAIL_IP and JAIL_IP6, which are the first
 * addresses of the jail, or empty.  They are those that we gave it: what a
 * program of the jail might tell is not asked for.
 */
int target_builtin(const struct host *h, const struct cell *c,
    struct vars *builtin, struct error *e) FALLIBLE;
/* The system of its release, "linux" or "freebsd"; the caller frees it. */
char *target_os(const struct host *h, const char *release, struct error *e);
/* The release that one of the templates is FROM; NULL when none says.  The
 * caller frees it. */
int target_release(const struct host *h, const struct strings *templates,
    const struct vars *args, char **release, struct error *e) FALLIBLE;
/*
 * Append what the settings template.base, then template.linux or .freebsd,
 * .thin or .thick, and .vnet name for a new jail.
 */
int target_defaults(const struct host *h, const struct cell *c,
    struct strings *templates, struct error *e) FALLIBLE;

#endif
