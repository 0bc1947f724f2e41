/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_PROCDESC_H
#define SDK_SYS_PROCDESC_H

#include <sys/types.h>
#define PD_DAEMON 0x00000001
#define PD_CLOEXEC 0x00000002
pid_t pdfork(int *, int);
int pdgetpid(int, pid_t *);
int pdkill(int, int);

#endif
