/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CMD_SINCE_H
#define CMD_SINCE_H

#include <stdint.h>

#include "base/error.h"

/*
 * A moment as --since has it, in milliseconds since 1970: "1h" ago, a day
 * "2026-11-28", or "2026-11-28T07:30[:01]", which are local time.  ERROR_USAGE.
 */
int since_parse(const char *text, int64_t *ms, struct error *e) FALLIBLE;

#endif
