/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_RCD_H
#define CORE_RCD_H

#include <stdbool.h>

#include "core/host.h"

/*
 * rc(8) for a jail that has none: a Linux system whose exec.start says
 * "/bin/sh /etc/rc", as that of a FreeBSD jail does.  Its /etc/rc.conf is read,
 * never executed, and each service with X_enable=YES is started by its init
 * script.
 */

/*
 * What stands for a line of exec.start (exec.stop: stop) in a running jail,
 * heap memory: the line itself, unless it is that of rc(8) or rc.shutdown(8)
 * and the jail has init scripts instead.  Then all enabled services are started
 * in the order of rc.conf, or stopped in reverse; one that fails is told and
 * keeps none of the others from it.
 */
char *rcd_line(const struct engine_live *live, const char *line, bool stop);
/*
 * The script of a service by its FreeBSD name: "redis" is redis-server on
 * Debian.  Heap memory; NULL when the jail has none.
 */
char *rcd_script(int root, const char *name);
/* The same in a running jail; *script is NULL when it has none. */
int life_script(const struct host *h, const char *jail, const char *name,
    char **script, struct error *e) FALLIBLE;

#endif
