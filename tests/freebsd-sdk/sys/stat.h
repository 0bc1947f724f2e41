/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_STAT_H
#define SDK_SYS_STAT_H

#include <sys/timespec.h>
struct stat { dev_t st_dev; ino_t st_ino; nlink_t st_nlink; mode_t st_mode;
    uid_t st_uid; gid_t st_gid; dev_t st_rdev; struct timespec st_atim,
    st_mtim, st_ctim, st_birthtim; off_t st_size; blkcnt_t st_blocks;
    blksize_t st_blksize; uint32_t st_flags; uint64_t st_gen; };
#define st_atime st_atim.tv_sec
#define st_mtime st_mtim.tv_sec
#define st_ctime st_ctim.tv_sec
#define S_IFMT 0170000
#define S_IFIFO 0010000
#define S_IFCHR 0020000
#define S_IFDIR 0040000
#define S_IFBLK 0060000
#define S_IFREG 0100000
#define S_IFLNK 0120000
#define S_IFSOCK 0140000
#define S_ISUID 0004000
#define S_ISGID 0002000
#define S_ISVTX 0001000
#define S_IRWXU 0700
#define S_IRUSR 0400
#define S_IWUSR 0200
#define S_IXUSR 0100
#define S_IRWXG 070
#define S_IWGRP 020
#define S_IRGRP 040
#define S_IXGRP 010
#define S_IRWXO 07
#define S_IROTH 04
#define S_IWOTH 02
#define S_IXOTH 01
#define S_ISDIR(m) (((m) & S_IFMT) == S_IFDIR)
#define S_ISCHR(m) (((m) & S_IFMT) == S_IFCHR)
#define S_ISBLK(m) (((m) & S_IFMT) == S_IFBLK)
#define S_ISREG(m) (((m) & S_IFMT) == S_IFREG)
#define S_ISFIFO(m) (((m) & S_IFMT) == S_IFIFO)
#define S_ISLNK(m) (((m) & S_IFMT) == S_IFLNK)
#define S_ISSOCK(m) (((m) & S_IFMT) == S_IFSOCK)
#define UTIME_NOW -1
#define UTIME_OMIT -2
#define UF_IMMUTABLE 0x00000002
#define UF_APPEND 0x00000004
#define UF_NOUNLINK 0x00000010
#define SF_IMMUTABLE 0x00020000
#define SF_APPEND 0x00040000
#define SF_NOUNLINK 0x00100000
int lchflags(const char *, unsigned long);
int chflagsat(int, const char *, unsigned long, int);
int chmod(const char *, mode_t);
int fchflags(int, unsigned long);
int fchmod(int, mode_t);
int fchmodat(int, const char *, mode_t, int);
int fstat(int, struct stat *);
int fstatat(int, const char *, struct stat *, int);
int futimens(int, const struct timespec *);
int lstat(const char *, struct stat *);
int mkdir(const char *, mode_t);
int mkdirat(int, const char *, mode_t);
int mkfifoat(int, const char *, mode_t);
int mknodat(int, const char *, mode_t, dev_t);
int stat(const char *, struct stat *);
mode_t umask(mode_t);
int utimensat(int, const char *, const struct timespec *, int);

#endif
