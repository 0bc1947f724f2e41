/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_CONNTRACK_H
#define ENGINE_LINUX_CONNTRACK_H

#include "engine/engine.h"

/*
 * Forget where datagrams to these ports went until now: those that follow would
 * go there for as long as they keep coming.  fd: nl_open(NETLINK_NETFILTER).
 */
void conntrack_forget(int fd, const struct engine_publish *ports,
    size_t count);

#endif
