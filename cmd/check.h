/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CMD_CHECK_H
#define CMD_CHECK_H

#include "cmd/cmd.h"

/*
 * The checks of doctor that need no engine.  Each adds findings; with repair
 * what is left over is removed, and told so.  -1 only when a check could not
 * be made at all.
 */
struct check {
	const struct host *host;
	bool repair;
	struct findings findings;
	struct strings names;	/* all jails */
};

int check_root(struct check *c, struct error *e) FALLIBLE;
int check_cells(struct check *c, struct error *e) FALLIBLE;
int check_leftovers(struct check *c, struct error *e) FALLIBLE;
int check_records(struct check *c, struct error *e) FALLIBLE;
int check_mounts(struct check *c, struct error *e) FALLIBLE;
int check_others(struct check *c, struct error *e) FALLIBLE;
int check_subids(struct check *c, struct error *e) FALLIBLE;

void check_add(struct check *c, enum finding_level level, const char *subject,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
