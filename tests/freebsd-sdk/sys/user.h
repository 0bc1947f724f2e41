/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_USER_H
#define SDK_SYS_USER_H

#include <sys/param.h>
#define SZOMB 5
struct kinfo_proc { int ki_structsize; pid_t ki_pid, ki_ppid; char ki_stat;
    int ki_jid; uid_t ki_uid; uint64_t ki_runtime; long ki_rssize;
    char ki_comm[20]; char ki_spare[1000]; };
struct kinfo_file { int kf_structsize, kf_type, kf_fd; char kf_path[PATH_MAX]; };

#endif
