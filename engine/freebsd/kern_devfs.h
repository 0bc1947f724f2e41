/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_FREEBSD_KERN_DEVFS_H
#define ENGINE_FREEBSD_KERN_DEVFS_H

/* Rulesets of devfs(5), by the ioctls of devfs(8). */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { DEVFS_PATTERN = 200 };

struct kern_devfs_rule {
	const char *pattern;	/* NULL: every device */
	bool hide;		/* otherwise it is shown */
	int include;		/* != 0: the rules of that set instead */
};

/* The first ruleset with a number above that one; 0 when there is none. */
int kern_devfs_next(int number);
/* The pattern of its first rule, "" without; false when it has no rules. */
bool kern_devfs_first(int number, char pattern[DEVFS_PATTERN]);
/* Add a rule; place 0: behind all others; a place that is taken is
 * ERROR_EXISTS.  The ruleset is made by its first rule. */
int kern_devfs_add(int number, int place, const struct kern_devfs_rule *r,
    struct error *e) FALLIBLE;
/* Remove all its rules; then it is gone, when nothing is mounted with it. */
int kern_devfs_clear(int number, struct error *e) FALLIBLE;

#endif
