/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_UTSNAME_H
#define SDK_SYS_UTSNAME_H

struct utsname { char sysname[256], nodename[256], release[256], version[256],
    machine[256]; };
int uname(struct utsname *);

#endif
