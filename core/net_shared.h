/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_NET_SHARED_H
#define CORE_NET_SHARED_H

#include "core/host.h"

/* Addresses that jails have at interfaces of the host. */
bool net_shared_any(const struct engine_spec *spec);
/*
 * Held from the question whether an address or a port is free until it is
 * remembered whose it is; the descriptor of a lock.
 */
int net_shared_lock(const struct host *h, struct error *e) FALLIBLE;
/* ERROR_BUSY with the holder's name if another jail has one of them. */
int net_shared_check(const struct host *h, const struct engine_spec *spec,
    struct error *e) FALLIBLE;

#endif
