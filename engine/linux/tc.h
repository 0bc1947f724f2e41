/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_TC_H
#define ENGINE_LINUX_TC_H

/*
 * What tc(8) does: how much may pass at the host's end of a pair, and in which
 * VLAN it is.  All of it goes with the interface, but for the second one that
 * holds back what comes from the jail: an ifb, to be removed by tc_remove.
 * fd: nl_open(NETLINK_ROUTE).
 */
#include "engine/engine.h"

/* limit.in=, limit.out= and vlan= of an interface that is there. */
int tc_apply(int fd, const struct engine_iface *i, struct error *e) FALLIBLE;
/* The limits alone, as they are now; others are lifted. */
int tc_limit(int fd, const struct engine_iface *i, struct error *e) FALLIBLE;
/* What is gone is fine. */
int tc_remove(int fd, const struct engine_iface *i, struct error *e) FALLIBLE;

#endif
