/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/command.h"

extern char **environ;

#define COMMAND_PATH 	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

void
command_fini(struct command *c)
{
	strings_fini(&c->argv);
	strings_fini(&c->env);
	user_fini(&c->user);
	free(c->dir);
	c->dir = NULL;
}

/* NAME=VALUE replaces an earlier NAME. */
static void
put_env(struct strings *env, const char *assignment)
{
	size_t len = strcspn(assignment, "=") + 1;

	for (size_t i = 0; i < env->count; i++)
		if (strncmp(env->items[i], assignment, len) == 0) {
			free(env->items[i]);
			env->items[i] = xstrdup(assignment);
			return;
		}
	strings_add(env, assignment);
}

static void
put_pair(struct strings *env, const char *name, const char *value)
{
	AUTO_FREE char *text = xasprintf("%s=%s", name, value);

	put_env(env, text);
}

static void
fill_env(struct command *c, const struct cell *cell,
    const struct strings *extra)
{
	AUTO_STRINGS struct strings own = VEC_INIT;

	if (!cell_bool(cell, "exec.clean"))
		for (char **p = environ; *p != NULL; p++)
			put_env(&c->env, *p);
	put_pair(&c->env, "PATH", COMMAND_PATH);
	put_pair(&c->env, "HOME", c->user.home);
	put_pair(&c->env, "SHELL", c->user.shell);
	put_pair(&c->env, "USER", *c->user.name != '\0' ? c->user.name : "?");
	if (getenv("TERM") != NULL)
		put_pair(&c->env, "TERM", getenv("TERM"));
	cell_values(cell, "env", &own);
	for (size_t i = 0; i < own.count; i++)
		put_env(&c->env, own.items[i]);
	for (size_t i = 0; extra != NULL && i < extra->count; i++) {
		const char *item = extra->items[i];

		/* a name alone: no secret need be on a command line */
		if (strchr(item, '=') != NULL)
			put_env(&c->env, item);
		else if (getenv(item) != NULL)
			put_pair(&c->env, item, getenv(item));
	}
}

static int
find_user(struct command *c, const struct cell *cell,
    const struct engine_live *live, const char *user, struct error *e)
{
	AUTO_FREE char *own = cell_text(cell, "exec.jail_user");
	bool hosts = cell_bool(cell, "exec.system_jail_user");
	AUTO_CLOSE int root = hosts ? file_opendir(AT_FDCWD, "/", e) :
	    engine_native->root(live, e);

	if (root < 0)
		return -1;
	if (user == NULL && own != NULL && *own != '\0')
		user = own;
	return user_find(root, user, &c->user, e);
}

static void
fill_engine(struct command *c, const struct cell *cell, unsigned timeout_ms)
{
	c->engine.argv = strings_argv(&c->argv);
	c->engine.env = strings_argv(&c->env);
	c->engine.uid = c->user.uid;
	c->engine.gid = c->user.gid;
	c->engine.groups = c->user.groups.items;
	c->engine.group_count = c->user.groups.count;
	c->engine.dir = c->dir;
	c->engine.timeout_ms = timeout_ms;
	c->engine.no_new_privs = !cell_bool(cell, "allow.suser");
}

int
command_init(struct command *c, const struct cell *cell,
    const struct engine_live *live, const struct run_options *o,
    struct error *e)
{
	*c = (struct command)COMMAND_INIT;
	if (find_user(c, cell, live, o->user, e) < 0)
		return -1;
	for (char *const *p = o->argv; p != NULL && *p != NULL; p++)
		strings_add(&c->argv, *p);
	if (c->argv.count == 0) {
		strings_add(&c->argv, c->user.shell);
		if (o->login)
			strings_add(&c->argv, "-l");
	}
	fill_env(c, cell, o->env);
	c->dir = xstrdup(o->dir != NULL ? o->dir :
	    o->login ? c->user.home : "/");
	fill_engine(c, cell, o->timeout_ms);
	c->engine.dir_is_home = o->dir == NULL && o->login;
	c->engine.tty = o->tty;
	return 0;
}

int
command_shell(struct command *c, const struct cell *cell,
    const struct engine_live *live, const char *line, int output,
    struct error *e)
{
	*c = (struct command)COMMAND_INIT;
	if (find_user(c, cell, live, NULL, e) < 0)
		return -1;
	strings_add(&c->argv, "/bin/sh");
	strings_add(&c->argv, "-c");
	strings_add(&c->argv, line);
	fill_env(c, cell, NULL);
	c->dir = xstrdup("/");
	fill_engine(c, cell, (unsigned)cell_duration(cell, "exec.timeout"));
	c->engine.output = output > 0 ? output : 0;
	return 0;
}
