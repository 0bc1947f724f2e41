/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_CONFINE_H
#define IMAGE_CONFINE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * What the system offers to hold the process that unpacks a hostile archive.
 * None of it replaces the checks of image/member.h; it stands behind them.
 */

/* Be sent signo when the parent dies. */
void confine_die_with_parent(int signo);
/* fork(2), into namespaces of its own where that is permitted. */
pid_t confine_fork(void);
/*
 * Make the directory dirfd this process's root and working directory, as far
 * as it is permitted to, follow no symbolic link there, and give up every
 * privilege that writing files does not need.  All descriptors above stderr
 * but those of keep are closed, dirfd too.
 */
int confine_enter(int dirfd, const int *keep, size_t count, struct error *e)
    FALLIBLE;
/* The same, and with what it takes to make device nodes and to give files
 * flags that nothing can change. */
int confine_enter_with_nodes(int dirfd, const int *keep, size_t count,
    struct error *e) FALLIBLE;
/*
 * From here on this process reads and writes the descriptors keep, and no
 * file, process or network.
 */
int confine_compute(const int *keep, size_t count, struct error *e) FALLIBLE;

#endif
