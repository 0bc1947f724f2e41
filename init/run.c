/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "init/init.h"

static const char default_path[] =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

enum { EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127, MASK_USUAL = 022 };

int
run_exit_status(const struct fault *f)
{
	return (f->step == STEP_EXEC && f->error == ENOENT ?
	    EXIT_NOT_FOUND : EXIT_CANNOT_RUN);
}

/*
 * Of the real-time signals only the two that C libraries keep for themselves
 * are seen ignored; all of them would double the time.
 */
void
run_signals(void)
{
	struct sys_sigaction usual = { .handler = 0 };

	for (int n = 1; n <= SIGNAL_LAST_NAMED + 2; n++)
		sys6(SYS_SIGACTION, n, (long)&usual, 0, sizeof(usual.mask), 0,
		    0);
}

static int
take_identity(const struct command *c)
{
	long error;

	/* The order matters: each step needs what the next gives up. */
	error = sys3(SYS_SETGROUPS, c->ngroups, (long)c->groups, 0);
	if (error == 0)
		error = sys3(SYS_SETRESGID, c->gid, c->gid, c->gid);
	if (error == 0)
		error = sys3(SYS_SETRESUID, c->uid, c->uid, c->uid);
	/* which set this back to fs.suid_dumpable */
	if (error == 0)
		error = sys_prctl(PR_SET_DUMPABLE, 0);
	return ((int)-error);
}

/*
 * allow.suser off: root is an id like any other from here on, whatever it
 * executes (capabilities(7), the securebits flags).
 */
static int
renounce(const struct command *c)
{
	struct { uint32_t version; int32_t pid; } head = {
		CAPABILITY_VERSION_3, 0
	};
	uint32_t none[6] = { 0 };
	long error = 0;

	if (c->uid == 0)
		error = sys_prctl(PR_SET_SECUREBITS,
		    SECBIT_NOROOT | SECBIT_NOROOT_LOCKED);
	if (error == 0)
		error = sys3(SYS_CAPSET, (long)&head, (long)none, 0);
	if (error == 0)
		error = sys_prctl(PR_SET_NO_NEW_PRIVS, 1);
	return ((int)-error);
}

/*
 * Homes come from the jail's passwd(5), and a jail that names something like
 * /proc/self/fd/0 must not get a directory of the host for it: the kernel
 * spells a directory that is not below the root with "(unreachable)".
 */
static int
enter_directory(const char *path)
{
	char where[PATH_MAX];
	long error = sys3(SYS_CHDIR, (long)path, 0, 0);

	if (error < 0)
		return ((int)-error);
	error = sys3(SYS_GETCWD, (long)where, sizeof(where), 0);
	if (error < 0)
		return ((int)-error);
	return (where[0] == '/' ? 0 : ENOENT);
}

static int
choose_directory(const struct command *c)
{
	int error = 0;

	if (c->directory[0] != '\0') {
		error = enter_directory(c->directory);
		if (error == 0 || (c->flags & INIT_HOME) == 0)
			return (error);
	}
	return ((int)-sys3(SYS_CHDIR, (long)"/", 0, 0));
}

static const char *
search_path(char *const *env)
{
	for (; *env != NULL; env++) {
		const char *e = *env;

		if (e[0] == 'P' && e[1] == 'A' && e[2] == 'T' &&
		    e[3] == 'H' && e[4] == '=')
			return (e + 5);
	}
	return (default_path);
}

static size_t
length(const char *s, char end)
{
	size_t n = 0;

	while (s[n] != '\0' && s[n] != end)
		n++;
	return (n);
}

static int
execute(const char *file, const struct command *c)
{
	return ((int)-sys3(SYS_EXECVE, (long)file, (long)c->argv,
	    (long)c->env));
}

/* Errors after which the next directory of PATH is tried. */
static bool
goes_on(int error)
{
	return (error == ENOENT || error == ENOTDIR || error == EACCES ||
	    error == ENAMETOOLONG || error == ESTALE || error == ENODEV ||
	    error == ETIMEDOUT);
}

/*
 * As execvp(3), but a file without a "#!" line is an error and not a script:
 * returns the errno.  A program that is there and must not be run beats
 * one that is not there.
 */
static int
execute_search(const struct command *c)
{
	char file[PATH_MAX];
	const char *name = c->argv[0];
	size_t name_size = length(name, '\0') + 1;
	const char *path = search_path(c->env);
	int error, result = ENOENT;

	if (name[0] == '\0')
		return (ENOENT);
	if (name[length(name, '/')] == '/')
		return (execute(name, c));
	for (;; path++) {
		size_t n = length(path, ':');

		error = ENAMETOOLONG;
		if (n + 1 + name_size <= sizeof(file)) {
			memcpy(file, path, n);
			file[n] = '/';
			/* An empty element is the current directory. */
			memcpy(file + n + (n > 0), name, name_size);
			error = execute(file, c);
		}
		if (!goes_on(error))
			return (error);
		if (error == EACCES || error == ENAMETOOLONG)
			result = result == EACCES ? result : error;
		path += n;
		if (*path == '\0')
			return (result);
	}
}

void
run_become(const struct command *c, struct fault *f)
{
	sys_sigmask(0);
	if ((c->flags & (INIT_SETSID | INIT_TTY)) != 0)
		sys3(SYS_SETSID, 0, 0, 0);
	f->step = STEP_TTY;
	f->error = (c->flags & INIT_TTY) != 0 ? tty_attach(c) : 0;
	if (f->error != 0)
		return;
	sys3(SYS_UMASK, MASK_USUAL, 0, 0);
	f->step = STEP_MOUNTS;
	f->error = guard_mounts(c->flags & INIT_MOUNTS);
	if (f->error != 0)
		return;
	f->step = STEP_GROUPS;
	f->error = take_identity(c);
	if (f->error != 0)
		return;
	f->step = STEP_DIRECTORY;
	f->error = choose_directory(c);
	if (f->error != 0)
		return;
	f->step = STEP_GROUPS;
	f->error = (c->flags & INIT_NO_NEW_PRIVS) != 0 ? renounce(c) : 0;
	if (f->error != 0)
		return;
	f->step = STEP_EXEC;
	f->error = execute_search(c);
}
