/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_CAPS_H
#define ENGINE_LINUX_CAPS_H

#include <stdint.h>

#include "base/error.h"
#include "engine/engine.h"

/*
 * The capabilities(7) of root in this jail, as a mask; allow is what
 * confine_effective says.
 */
uint64_t caps_plan(const struct engine_spec *spec, uint64_t allow);

/*
 * In the child: reduce the bounding set to caps (needs CAP_SETPCAP), and then
 * the sets of this thread.  Async-signal-safe; 0, or -1 with errno.
 */
int caps_bound(uint64_t caps) FALLIBLE;
int caps_set(uint64_t caps) FALLIBLE;

#endif
