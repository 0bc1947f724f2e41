/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_CONTROL_H
#define IMAGE_CONTROL_H

#include "base/pass.h"

/*
 * The other end of standard input, when that is a socket: gaol, which gives
 * descriptors and takes answers (base/pass.h).
 */
enum { CONTROL = 0, CONTROL_MAX = 2 << 20 };

/* A message of gaol's with exactly count descriptors. */
int control_take(struct buf *text, int *fds, size_t count, struct error *e)
    FALLIBLE;
int control_tell(const char *text, size_t len, struct error *e) FALLIBLE;

#endif
