/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_LIMIT_PLACE_H
#define ENGINE_LINUX_LIMIT_PLACE_H

#include "engine/linux/limit.h"

/*
 * The mounted hierarchy that has a controller: v2, or one of v1.  NULL: none
 * has.  Static memory.
 */
const char *place_find(enum limit_controller c, bool *v2);
/* Its name: "io" in v2, "blkio" in v1. */
const char *place_name(enum limit_controller c, bool v2);
/* Whether groups of v1 have that file. */
bool place_has_v1(enum limit_controller c, const char *file);

#endif
