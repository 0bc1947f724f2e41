/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What statvfs(3) tells. */
#ifndef SDK_SYS_STATVFS_H
#define SDK_SYS_STATVFS_H
#include <stdint.h>
struct statvfs {
	uint64_t f_bavail, f_bfree, f_blocks;
	uint64_t f_favail, f_ffree, f_files;
	unsigned long f_bsize, f_flag, f_frsize, f_fsid, f_namemax;
};
int statvfs(const char *, struct statvfs *);
int fstatvfs(int, struct statvfs *);
#endif
