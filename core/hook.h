/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_HOOK_H
#define CORE_HOOK_H

#include "core/cell.h"
#include "core/live.h"

/*
 * Run the host-side hooks of a jail: exec.prepare, exec.prestart, exec.created,
 * exec.poststart, exec.prestop, exec.poststop, exec.release.  Each value is a
 * command line that the administrator wrote for sh(1).  Their environment is
 * ours plus JNAME, JID and JPATH as jail(8) gives; output goes to ours.  A
 * status other than 0 is ERROR_FAILED naming hook and command.
 */
int hooks_run(const struct host *h, const struct cell *c, const char *which,
    int64_t jid, struct error *e) FALLIBLE;

#endif
