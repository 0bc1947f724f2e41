/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_POSIX_POSIX_H
#define ENGINE_POSIX_POSIX_H

#include "engine/engine.h"

/* Thick jails: a full copy of the release in jails/NAME/root. */
extern const struct store store_dir;

/* Make sure that the files of a new tree survive a crash. */
int store_sync(int fd, struct error *e) FALLIBLE;

#endif
