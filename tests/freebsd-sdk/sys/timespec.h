/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_TIMESPEC_H
#define SDK_SYS_TIMESPEC_H

#include <sys/types.h>
struct timespec { time_t tv_sec; long tv_nsec; };

#endif
