/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_FCNTL_H
#define SDK_FCNTL_H

#include <sys/types.h>
#define O_RDONLY 0x0000
#define O_WRONLY 0x0001
#define O_RDWR 0x0002
#define O_ACCMODE 0x0003
#define O_NONBLOCK 0x0004
#define O_APPEND 0x0008
#define O_NOFOLLOW 0x0100
#define O_CREAT 0x0200
#define O_TRUNC 0x0400
#define O_EXCL 0x0800
#define O_NOCTTY 0x8000
#define O_DIRECTORY 0x00020000
#define O_EXEC 0x00040000
#define O_CLOEXEC 0x00100000
#define O_PATH 0x00400000
#define O_RESOLVE_BENEATH 0x00800000
#define O_EMPTY_PATH 0x02000000
#define AT_FDCWD (-100)
#define AT_EACCESS 0x0100
#define AT_SYMLINK_NOFOLLOW 0x0200
#define AT_SYMLINK_FOLLOW 0x0400
#define AT_REMOVEDIR 0x0800
#define AT_RESOLVE_BENEATH 0x2000
#define AT_EMPTY_PATH 0x4000
#define F_DUPFD 0
#define F_GETFD 1
#define F_SETFD 2
#define F_GETFL 3
#define F_SETFL 4
#define F_DUPFD_CLOEXEC 17
#define F_KINFO 22
#define FD_CLOEXEC 1
#define POSIX_FADV_SEQUENTIAL 2
#define SEEK_DATA 3
#define SEEK_HOLE 4
int creat(const char *, mode_t);
int fcntl(int, int, ...);
int flock(int, int);
int open(const char *, int, ...);
int openat(int, const char *, int, ...);
int posix_fadvise(int, off_t, off_t, int);
int posix_fallocate(int, off_t, off_t);

#endif
