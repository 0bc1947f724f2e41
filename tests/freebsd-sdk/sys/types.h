/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_TYPES_H
#define SDK_SYS_TYPES_H

#include <stddef.h>
#include <stdint.h>
typedef int64_t ssize_sdk;
typedef long ssize_t;
typedef int64_t off_t;
typedef int pid_t;
typedef uint32_t uid_t, gid_t, id_sdk;
typedef int64_t id_t;
typedef uint16_t mode_t;
typedef uint64_t dev_t, ino_t, nlink_t;
typedef int32_t blksize_t;
typedef int64_t blkcnt_t;
typedef int64_t time_t;
typedef long suseconds_t;
typedef unsigned int u_int;
typedef unsigned char u_char;
typedef unsigned long u_long;
typedef uint32_t socklen_t;
typedef uint8_t sa_family_t;
typedef long segsz_t;
typedef int lwpid_t;
typedef int cpusetid_t;
#define makedev(major, minor) \
    ((dev_t)((unsigned)(major) << 8 | (unsigned)(minor)))
#define major(d) ((int)((d) >> 8))
#define minor(d) ((int)(d))
#define makedev(major, minor) ((dev_t)((dev_t)(major) << 8 | (dev_t)(minor)))

#endif
