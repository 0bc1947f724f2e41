/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TESTS_FUZZ_SCRATCH_H
#define TESTS_FUZZ_SCRATCH_H

#include <stdbool.h>

/*
 * Where hostile archives are unpacked in this process, without the walls of
 * image/confine.h: root is unpacked into as somebody without rights, beside it
 * lies a directory that must stay as it is.
 */
extern char *scratch_canary;	/* its path */

void require(bool good);
void scratch_set_up(void);	/* the first call does it */
void scratch_enter(void);
/* Aborts when anything beside root has changed; root is empty again. */
void scratch_leave(void);

#endif
