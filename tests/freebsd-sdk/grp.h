/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Our declarations of grp.h of FreeBSD; setgroups(2) is in unistd.h. */
#ifndef FREEBSD_SDK_GRP_H
#define FREEBSD_SDK_GRP_H

#include <sys/types.h>

#endif
