/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_WAIT_H
#define SDK_SYS_WAIT_H

#include <signal.h>
#define WNOHANG 1
#define WUNTRACED 2
#define WEXITED 16
#define WNOWAIT 8
#define WIFEXITED(s) (((s) & 0177) == 0)
#define WEXITSTATUS(s) (((s) >> 8) & 0377)
#define WIFSIGNALED(s) (((s) & 0177) != 0 && ((s) & 0177) != 0177)
#define WTERMSIG(s) ((s) & 0177)
#define WIFSTOPPED(s) (((s) & 0177) == 0177)
typedef enum { P_PID = 0, P_PPID, P_PGID, P_ALL = 9 } idtype_t;
pid_t wait(int *);
int waitid(idtype_t, id_t, siginfo_t *, int);
pid_t waitpid(pid_t, int *, int);

#endif
