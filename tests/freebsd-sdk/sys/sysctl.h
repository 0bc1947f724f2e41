/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_SYSCTL_H
#define SDK_SYS_SYSCTL_H

#include <sys/types.h>
#define CTL_KERN 1
#define CTL_NET 4
#define KERN_PROC 14
#define KERN_PROC_ARGS 7
#define KERN_PROC_PROC 8
#define KERN_PROC_PATHNAME 12
int sysctl(const int *, unsigned, void *, size_t *, const void *, size_t);
int sysctlbyname(const char *, void *, size_t *, const void *, size_t);
int sysctlnametomib(const char *, int *, size_t *);

#endif
