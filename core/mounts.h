/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_MOUNTS_H
#define CORE_MOUNTS_H

#include "base/error.h"
#include "base/vec.h"

/* Mount points at or below path, as this process sees them. */
int mounts_below(const char *path, struct strings *points, struct error *e)
    FALLIBLE;
/* ERROR_BUSY naming the first mount at or below path. */
int mounts_refuse_below(const char *path, struct error *e) FALLIBLE;

#endif
