/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CMD_INSIDE_H
#define CMD_INSIDE_H

#include "cmd/cmd.h"
#include "core/life.h"

/* What exec, console and run have in common. */
#define OPTION_USER { 'u', "user", "USER[:GROUP]", "user of the jail, or id" }
#define OPTION_ENV { 'e', "env", "NAME[=VALUE]", \
	"set in its environment; without VALUE ours" }
#define OPTION_DIR { 'w', "dir", "DIR", "working directory inside" }
#define OPTION_TTY { 't', "tty", NULL, "with a terminal of its own" }

/*
 * Fill o from -u, -e, -w, -t, -T as far as the command has them, and from the
 * command line; without -t and -T there is a terminal when ours is one.
 * ERROR_USAGE for what cannot be.
 */
int inside_options(struct cmd_args *a, struct run_options *o, struct error *e)
    FALLIBLE;

/*
 * A command in each running jail that the first operand stands for.  fn sets
 * a->status to the command's.  One jail given by its name: that is the status;
 * otherwise a line with the jail's name comes before the output of each, and the
 * status is 0 when every one's is, else 1.
 */
int inside_each(struct cmd_args *a, target_fn *fn, void *arg, struct error *e)
    FALLIBLE;

#endif
