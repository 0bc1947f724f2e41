/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_MOUNT_H
#define SDK_SYS_MOUNT_H

#include <sys/ucred.h>
#include <sys/uio.h>
typedef struct fsid { int32_t val[2]; } fsid_t;
#define MFSNAMELEN 16
#define MNAMELEN 1024
struct statfs { uint32_t f_version, f_type; uint64_t f_flags, f_bsize,
    f_iosize, f_blocks, f_bfree; int64_t f_bavail; uint64_t f_files;
    int64_t f_ffree; uint64_t f_syncwrites, f_asyncwrites, f_syncreads,
    f_asyncreads; uint32_t f_nvnodelistsize, f_spare0; uint64_t f_spare[9];
    uint32_t f_namemax; uid_t f_owner; fsid_t f_fsid; char f_charspare[80];
    char f_fstypename[MFSNAMELEN], f_mntfromname[MNAMELEN],
    f_mntonname[MNAMELEN]; };
#define MNT_RDONLY 0x0000000000000001ULL
#define MNT_FORCE 0x0000000000080000ULL
#define MNT_BYFSID 0x0000000008000000ULL
#define MNT_WAIT 1
#define MNT_NOWAIT 2
int fstatfs(int, struct statfs *);
int getfsstat(struct statfs *, long, int);
int getmntinfo(struct statfs **, int);
int nmount(struct iovec *, unsigned, int);
int statfs(const char *, struct statfs *);
int unmount(const char *, int);

#endif
