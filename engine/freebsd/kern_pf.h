/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_FREEBSD_KERN_PF_H
#define ENGINE_FREEBSD_KERN_PF_H

/*
 * pf(4): rules by pfctl(8), because what its ioctls take differs from release
 * to release; questions that do not differ by ioctl.
 */
#include "base/buf.h"
#include "base/error.h"

/* The rules of an anchor become these; none: it is emptied. */
int kern_pf_load(const char *anchor, const char *rules, struct error *e)
    FALLIBLE;
/* What "pfctl -s WHAT" tells of the main rules: info, nat, rules. */
int kern_pf_show(const char *what, struct buf *text, struct error *e)
    FALLIBLE;
/* Anchors below that one; -1 when it is not there, or pf is not. */
int kern_pf_anchors(const char *anchor);

#endif
