/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_STOP_H
#define IMAGE_STOP_H

#include "base/error.h"

/*
 * SIGINT, SIGTERM and SIGHUP end the work at its next step, so that half an
 * unpacked tree is removed and a part of a download is kept.
 */
void stop_init(void);
/* The signal that came, or 0. */
int stop_signal(void);
/* -1 and "interrupted" once a signal came. */
int stop_check(struct error *e) FALLIBLE;
/* Sleep; ends early with -1 and "interrupted". */
int stop_sleep(unsigned ms, struct error *e) FALLIBLE;

#endif
