/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_JAILCONF_H
#define CORE_JAILCONF_H

#include "core/cell.h"

/*
 * jails/NAME/jail.conf: what cell.conf says, in the words of jail.conf(5), so
 * that 'jail -f FILE -c NAME' starts the jail on a host without gaol.  It is
 * ours alone and never read by us.
 */

/* The text for a jail, appended to out. */
int jailconf_text(const struct host *h, const struct cell *c, struct buf *out,
    struct error *e) FALLIBLE;
/*
 * Bring the file in step with cell.conf, with the jail's lock held.  A jail
 * that cannot be written so has none.  Nothing where the system has no
 * jail(8).  What goes wrong is told, and no reason for anything else to fail.
 */
void jailconf_refresh(const struct host *h, const char *name);

#endif
