/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SCHED_H
#define SDK_SCHED_H

int sched_yield(void);

#endif
