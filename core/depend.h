/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_DEPEND_H
#define CORE_DEPEND_H

#include "core/cell.h"

/*
 * Refuse a cell whose "depend" leads back to itself: ERROR_CONFIG with the
 * circle, "web -> db -> web".  What does not exist yet leads nowhere.
 */
int depend_check(const struct host *h, const struct cell *c, struct error *e)
    FALLIBLE;

#endif
