/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/spawn.h"
#include "core/hook.h"
#include "core/net_state.h"
#include "core/spec.h"
#include "core/user.h"

extern char **environ;

/* exec.system_user, of the host; *user is NULL without it. */
static int
find_hook_user(const struct cell *c, struct user *store, struct user **user,
    struct error *e)
{
	AUTO_FREE char *name = cell_text(c, "exec.system_user");
	AUTO_CLOSE int root = -1;

	*user = NULL;
	if (name == NULL || *name == '\0')
		return 0;
	root = file_opendir(AT_FDCWD, "/", e);
	if (root < 0)
		return -1;
	if (user_find(root, name, store, e) < 0)
		return e->kind != ERROR_NOT_FOUND ? -1 : error_set(e,
		    ERROR_NOT_FOUND, "exec.system_user: this host has no user "
		    "'%s'", name);
	*user = store;
	return 0;
}

/* Variables that a hook has from us: the caller's may be those of another jail's
 * hook, or of another user. */
static bool
is_ours(const char *assignment, const struct user *user)
{
	static const char *const names[] = {
		"JNAME=", "JID=", "JPATH=", "JADDRS=", "JIFACES=", "JLINKS=",
		"HOME=", "SHELL=", "USER=",
	};
	size_t count = sizeof(names) / sizeof(names[0]);

	for (size_t i = 0; i < (user != NULL ? count : count - 3); i++)
		if (strncmp(assignment, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static void
put_word(struct buf *list, const char *word)
{
	if (*word != '\0')
		buf_printf(list, "%s%s", list->len > 0 ? " " : "", word);
}

/* What the jail has of the network by now; before and after it is nothing. */
static void
network_environment(const struct host *h, const char *name,
    struct strings *env)
{
	AUTO_NET_STATE struct net_state s = NET_STATE_INIT;
	AUTO_BUF struct buf addrs = BUF_INIT, inside = BUF_INIT;
	AUTO_BUF struct buf outside = BUF_INIT;
	struct error ignored = ERROR_INIT;
	char text[ADDR_TEXT];

	if (net_state_read(h, name, &s, &ignored) < 0)
		return;
	for (size_t i = 0; i < s.ifaces.count; i++) {
		const struct engine_iface *f = &s.ifaces.items[i];

		for (size_t k = 0; k < f->addr_count; k++)
			put_word(&addrs, addr_text(&f->addrs[k], text));
		put_word(&inside, f->inside);
		put_word(&outside, f->outside);
	}
	if (addrs.len > 0)
		strings_take(env, xasprintf("JADDRS=%s", addrs.data));
	if (inside.len > 0)
		strings_take(env, xasprintf("JIFACES=%s", inside.data));
	if (outside.len > 0)
		strings_take(env, xasprintf("JLINKS=%s", outside.data));
}

static void
hook_environment(const struct host *h, const struct cell *c, int64_t jid,
    const struct user *user, struct strings *env)
{
	const struct engine_live live = { .jid = jid };
	AUTO_FREE char *path = spec_path(h, c, &live);

	for (char **p = environ; *p != NULL; p++)
		if (!is_ours(*p, user))
			strings_add(env, *p);
	if (user != NULL) {
		strings_take(env, xasprintf("HOME=%s", user->home));
		strings_take(env, xasprintf("SHELL=%s", user->shell));
		strings_take(env, xasprintf("USER=%s", user->name));
	}
	strings_take(env, xasprintf("JNAME=%s", c->name));
	if (jid != 0)
		strings_take(env, xasprintf("JID=%lld", (long long)jid));
	if (path != NULL)
		strings_take(env, xasprintf("JPATH=%s", path));
	network_environment(h, c->name, env);
}

int
hooks_run(const struct host *h, const struct cell *c, const char *which,
    int64_t jid, struct error *e)
{
	AUTO_STRINGS struct strings commands = VEC_INIT, env = VEC_INIT;
	AUTO_USER struct user store = USER_INIT;
	struct spawn_user as;
	struct user *user;

	cell_values(c, which, &commands);
	if (commands.count == 0)
		return 0;
	if (find_hook_user(c, &store, &user, e) < 0)
		return error_wrap(e, "%s", which);
	hook_environment(h, c, jid, user, &env);
	as = (struct spawn_user){ store.uid, store.gid, store.groups.items,
	    store.groups.count };
	for (size_t i = 0; i < commands.count; i++) {
		char sh[] = "/bin/sh", flag[] = "-c";
		char *argv[] = { sh, flag, commands.items[i], NULL };
		struct spawn s = SPAWN_INIT;
		int status;

		s.argv = argv;
		s.envp = strings_argv(&env);
		s.user = user != NULL ? &as : NULL;
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
