/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_IOCTL_H
#define SDK_SYS_IOCTL_H

#include <sys/ttycom.h>
int ioctl(int, unsigned long, ...);

#endif
