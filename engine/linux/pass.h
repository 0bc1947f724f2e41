/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_PASS_H
#define ENGINE_LINUX_PASS_H

/*
 * Interfaces of the host that go into a jail (if:IFACE).  With the jail's
 * network they would go, too, or come back under any name, so that network is
 * held by a mount of it, RUN/net/.NAME.ns, until they were taken back.
 */
#include "engine/engine.h"

bool pass_any(const struct engine_spec *spec);
/* Hold the network, for a jail that has any. */
int pass_hold(const struct engine_spec *spec, int netns, struct error *e)
    FALLIBLE;
/* fd, inside: nl_open(NETLINK_ROUTE) here and there. */
int pass_give(int fd, int inside, int netns, const struct engine_iface *i,
    struct error *e) FALLIBLE;
/* Take back all of them, as they were named, and let the network go. */
int pass_take_back(const struct engine_spec *spec, struct error *e) FALLIBLE;

#endif
