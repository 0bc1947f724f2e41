/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_CPUSET_H
#define SDK_SYS_CPUSET_H

#include <sys/types.h>
#define CPU_SETSIZE 1024
typedef struct { long sdk_bits[CPU_SETSIZE / 64]; } cpuset_t;
#define CPU_ZERO(p) ((void)((p)->sdk_bits[0] = 0))
#define CPU_SET(n, p) ((void)((p)->sdk_bits[(n) / 64] |= 1L << (n) % 64))
#define CPU_LEVEL_WHICH 3
#define CPU_LEVEL_CPUSET 2
#define CPU_WHICH_JAIL 5
#define CPU_LEVEL_ROOT 1
#define CPU_WHICH_PID 2
int cpuset_setaffinity(int, int, id_t, size_t, const cpuset_t *);
int cpuset_getaffinity(int, int, id_t, size_t, cpuset_t *);

#endif
