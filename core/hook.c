/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/spawn.h"
#include "core/hook.h"
#include "core/spec.h"

extern char **environ;

static void
hook_environment(const struct host *h, const struct cell *c, int64_t jid,
    struct strings *env)
{
	const struct engine_live live = { .jid = jid };
	AUTO_FREE char *path = spec_path(h, c, &live);

	for (char **p = environ; *p != NULL; p++)
		if (strncmp(*p, "JNAME=", 6) != 0 &&
		    strncmp(*p, "JID=", 4) != 0 &&
		    strncmp(*p, "JPATH=", 6) != 0)
			strings_add(env, *p);
	strings_take(env, xasprintf("JNAME=%s", c->name));
	if (jid != 0)
		strings_take(env, xasprintf("JID=%lld", (long long)jid));
	if (path != NULL)
		strings_take(env, xasprintf("JPATH=%s", path));
}

int
hooks_run(const struct host *h, const struct cell *c, const char *which,
    int64_t jid, struct error *e)
{
	AUTO_STRINGS struct strings commands = VEC_INIT, env = VEC_INIT;

	cell_values(c, which, &commands);
	if (commands.count == 0)
		return 0;
	hook_environment(h, c, jid, &env);
	for (size_t i = 0; i < commands.count; i++) {
		char sh[] = "/bin/sh", flag[] = "-c";
		char *argv[] = { sh, flag, commands.items[i], NULL };
		struct spawn s = SPAWN_INIT;
		int status;

		s.argv = argv;
		s.envp = strings_argv(&env);
		s.timeout_ms = (unsigned)cell_duration(c, "exec.timeout");
		if (spawn_run(&s, &status, e) < 0)
			return error_wrap(e, "%s: %s", which,
			    commands.items[i]);
		if (status != 0)
			return error_set(e, ERROR_FAILED,
			    "%s: '%s' ended with status %d", which,
			    commands.items[i], status);
	}
	return 0;
}
