/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_COMMAND_H
#define CORE_COMMAND_H

#include "core/cell.h"
#include "core/life.h"
#include "core/user.h"

/* An engine_command with the memory behind it. */
struct command {
	struct engine_command engine;
	struct strings argv, env;
	struct user user;
	char *dir;
};
#define AUTO_COMMAND __attribute__((cleanup(command_fini)))
#define COMMAND_INIT { .user = USER_INIT }

/*
 * A command as exec and run give it.  The user is looked up in the jail's own
 * files (with exec.system_jail_user, in the host's); the environment is clean (PATH HOME USER SHELL TERM, the jail's env,
 * then -e) as with jail(8) exec.clean, or ours plus those when exec.clean is
 * off.
 */
int command_init(struct command *c, const struct cell *cell,
    const struct engine_live *live, const struct run_options *o,
    struct error *e) FALLIBLE;
/* A line of exec.start or exec.stop, for the jail's own /bin/sh; its output goes
 * to that descriptor, -1: where the engine's own goes. */
int command_shell(struct command *c, const struct cell *cell,
    const struct engine_live *live, const char *line, int output,
    struct error *e) FALLIBLE;
void command_fini(struct command *c);

#endif
