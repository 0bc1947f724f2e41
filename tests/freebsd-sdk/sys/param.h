/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_PARAM_H
#define SDK_SYS_PARAM_H

#include <sys/types.h>
#include <limits.h>
#include <signal.h>
#define MAXPATHLEN 1024
#define MAXHOSTNAMELEN 256
#define NODEV (dev_t)(-1)
#define nitems(x) (sizeof(x) / sizeof((x)[0]))
#define __FreeBSD_version 1501000

#endif
