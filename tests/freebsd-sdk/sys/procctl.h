/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_PROCCTL_H
#define SDK_SYS_PROCCTL_H

#include <sys/wait.h>
#define PROC_TRACE_CTL 7
#define PROC_TRACE_CTL_DISABLE 2
#define PROC_PDEATHSIG_CTL 11
#define PROC_NO_NEW_PRIVS_CTL 19
#define PROC_NO_NEW_PRIVS_ENABLE 1
int procctl(idtype_t, id_t, int, void *);

#endif
