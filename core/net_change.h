/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_NET_CHANGE_H
#define CORE_NET_CHANGE_H

#include "core/cell.h"
#include "core/live.h"

/*
 * The property net of a jail that runs.  Interfaces come and go and change
 * their limits while it does; what is on the host's stack, or passed in, is as
 * it was at the start.  The jail's lock is held.
 */

/* Whether both cells say the same of net. */
bool net_change_none(const struct cell *a, const struct cell *b);
/*
 * Whether the jail that was started as force says can have what after says
 * without a restart.
 */
bool net_change_possible(const struct cell *force, const struct cell *after);
/*
 * Write cell.conf and let the running jail have the net that it says, or
 * neither; in force is then the same.  A crash in between is completed by
 * net_change_recover.
 */
int net_change(const struct host *h, const struct cell *before,
    const struct cell *after, const struct live *live, struct error *e)
    FALLIBLE;
/* What cannot be completed is told, and left to the next start. */
int net_change_recover(const struct host *h, const char *name,
    struct error *e) FALLIBLE;
/*
 * Addresses in the networks of a cell that is not saved yet are the jail's from
 * now on: a conflict is told now.  before: what it goes back to when not.
 */
int net_change_reserve(const struct host *h, const struct cell *before,
    const struct cell *after, struct error *e) FALLIBLE;
/* The jail does not run any more: there is nothing to be completed. */
void net_change_forget(const struct host *h, const char *name);

#endif
