/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/fake/fake.h"

struct engine_start {
	struct fake_state state;
	char *name;
	int dir;
	int fd;			/* its lock is the jail's life until boot */
	int console;		/* borrowed; -1: /dev/null */
	bool stdio;
};

static int
fake_check(const struct engine_spec *spec, struct error *e)
{
	AUTO_CLOSE int dir = fake_dir(e);

	return dir < 0 ? -1 : 0;
}

static void
fake_start_free(struct engine_start *s)
{
	struct error ignored = ERROR_INIT;

	if (s == NULL)
		return;
	if (s->dir >= 0 && s->fd >= 0 && !s->state.booted &&
	    fake_state_remove(s->dir, s->name, &ignored) < 0)
		error_clear(&ignored);
	close_fd(&s->fd);
	close_fd(&s->dir);
	fake_state_fini(&s->state);
	free(s->name);
	free(s);
}

static int
fill_start(struct engine_start *s, const struct engine_spec *spec,
    struct error *e)
{
	struct stat st = { .st_ino = 0 };

	s->dir = fake_dir(e);
	if (s->dir < 0)
		return -1;
	if (spec->live_fd >= 0 && fstat(spec->live_fd, &st) < 0)
		return error_sys(e, "record of '%s'", spec->name);
	s->state.record_device = (uint64_t)st.st_dev;
	s->state.record_inode = (uint64_t)st.st_ino;
	s->state.root = xstrdup(spec->tree->upper);
	s->fd = fake_state_make(s->dir, s->name, &s->state, e);
	return s->fd < 0 ? -1 : 0;
}

static struct engine_start *
fake_make(const struct engine_spec *spec, struct engine_live *live,
    struct error *e)
{
	struct engine_start *s = xcalloc(1, sizeof(*s));

	s->name = xstrdup(fake_name(spec->key));
	s->dir = s->fd = -1;
	s->console = spec->console_fd;
	s->stdio = spec->console_is_stdio;
	if (fill_start(s, spec, e) < 0) {
		fake_start_free(s);
		return NULL;
	}
	live->jid = s->state.jid;
	snprintf(live->ident, sizeof(live->ident), "%s/%s", s->name,
	    s->state.nonce);
	return s;
}

/* A command of the boot: its output goes to the console log. */
static int
run_at_boot(struct engine_start *s, const struct engine_command *c,
    bool *background, int *status, struct error *e)
{
	AUTO_CLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int out = s->console >= 0 ? s->console : null;
	struct fake_shell shell = { .command = c, .name = s->name,
	    .dir = s->dir, .in = null, .out = out, .err = out };

	if (null < 0)
		return error_sys(e, "/dev/null");
	if (s->stdio) {
		shell.in = STDIN_FILENO;
		shell.out = STDOUT_FILENO;
		shell.err = STDERR_FILENO;
	}
	if (fake_shell_run(&shell, status, e) < 0)
		return -1;
	*background |= shell.background;
	return 0;
}

static int
fake_boot(struct engine_start *s, const struct engine_command *commands,
    size_t count, enum engine_life life, struct error *e)
{
	bool background = false;

	for (size_t i = 0; i < count; i++) {
		const char *last = NULL;
		int status;

		for (char *const *p = commands[i].argv; *p != NULL; p++)
			last = *p;
		if (run_at_boot(s, &commands[i], &background, &status, e) < 0)
			return -1;
		if (status != 0)
			return error_set(e, ERROR_FAILED,
			    "exec.start: '%s' ended with status %d",
			    last != NULL ? last : "", status);
	}
	if (life == LIFE_MAIN)
		return 0;
	s->state.booted = true;
	if (life == LIFE_PROCESSES && !background)
		return fake_state_remove(s->dir, s->name, e);
	return fake_state_write(s->fd, &s->state, e);
}

static int
fake_boot_main(struct engine_start *s, const struct engine_command *command,
    int *status, struct error *e)
{
	bool background;

	if (run_at_boot(s, command, &background, status, e) < 0)
		return -1;
	return fake_state_remove(s->dir, s->name, e);
}

/* The state of the very jail that live tells of; false when it is gone. */
static bool
find_state(int dir, const struct engine_live *live, char *name,
    struct fake_state *s)
{
	const char *slash = strchr(live->ident, '/');
	struct error ignored = ERROR_INIT;

	*s = (struct fake_state)FAKE_STATE_INIT;
	if (slash == NULL || slash - live->ident > FAKE_NAME_MAX)
		return false;
	snprintf(name, FAKE_NAME_MAX + 1, "%.*s", (int)(slash - live->ident),
	    live->ident);
	return fake_state_read(dir, name, s, &ignored) == 0 &&
	    strcmp(s->nonce, slash + 1) == 0 &&
	    fake_state_alive(dir, name, s);
}

static bool
fake_alive(const struct engine_live *live, int record_fd)
{
	struct error ignored = ERROR_INIT;
	AUTO_CLOSE int dir = fake_dir(&ignored);
	AUTO_STATE struct fake_state s = FAKE_STATE_INIT;
	char name[FAKE_NAME_MAX + 1];

	return dir >= 0 && find_state(dir, live, name, &s);
}

static int
fake_exec(const struct engine_live *live, const struct engine_spec *spec,
    const struct engine_command *c, int *status, struct error *e)
{
	AUTO_CLOSE int dir = fake_dir(e);
	AUTO_STATE struct fake_state s = FAKE_STATE_INIT;
	char name[FAKE_NAME_MAX + 1];
	struct fake_shell shell = { .command = c, .name = name, .dir = dir,
	    .in = STDIN_FILENO, .out = STDOUT_FILENO, .err = STDERR_FILENO };

	if (dir < 0)
		return -1;
	if (!find_state(dir, live, name, &s))
		return error_set(e, ERROR_FAILED, "jail '%s' is gone",
		    spec->name);
	if (c->output > 0)
		shell.out = shell.err = c->output;
	return fake_shell_run(&shell, status, e);
}

static int
fake_kill(const struct engine_live *live, const char *key, struct error *e)
{
	AUTO_CLOSE int dir = fake_dir(e);

	return dir < 0 ? -1 : fake_state_remove(dir, fake_name(key), e);
}

static int
fake_stop(const struct engine_live *live, const char *key,
    unsigned timeout_ms, struct error *e)
{
	return fake_kill(live, key, e);
}

/* Nothing runs: it is as still as can be. */
static int
fake_freeze(const struct engine_live *live, const char *key, bool frozen,
    struct error *e)
{
	return 0;
}

static int
fake_root(const struct engine_live *live, struct error *e)
{
	AUTO_CLOSE int dir = fake_dir(e);
	AUTO_STATE struct fake_state s = FAKE_STATE_INIT;
	char name[FAKE_NAME_MAX + 1];

	if (dir < 0)
		return -1;
	if (!find_state(dir, live, name, &s))
		return error_set(e, ERROR_FAILED, "the jail is gone");
	return file_opendir(AT_FDCWD, s.root, e);
}

static int
fake_within(const struct engine_live *live, const struct engine_spec *spec,
    int (*work)(int root, void *arg, struct error *e), void *arg,
    unsigned timeout_ms, struct error *e)
{
	AUTO_CLOSE int root = fake_root(live, e);

	return root < 0 ? -1 : work(root, arg, e);
}

static const char *const fake_runs[] = { "linux", NULL };

/* The file ".others": "JID NAME PATH HOSTNAME" of each jail. */
static int
fake_others(struct engine_others *others, struct error *e)
{
	struct error none = ERROR_INIT;
	AUTO_CLOSE int dir = fake_dir(&none);
	AUTO_BUF struct buf text = BUF_INIT;
	char *line, *rest;

	/* list needs no state of ours */
	if (dir < 0)
		return 0;
	if (!file_exists(dir, ".others"))
		return 0;
	if (file_read(dir, ".others", 1 << 16, &text, e) < 0)
		return -1;
	rest = text.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		struct engine_other o;
		const char *jid = strsep(&line, " ");
		const char *name = strsep(&line, " ");
		const char *path = strsep(&line, " ");

		if (path == NULL || line == NULL)
			continue;
		o = (struct engine_other){ strtoll(jid, NULL, 10),
		    xstrdup(name), xstrdup(path), xstrdup(line) };
		VEC_PUSH(others, o);
	}
	return 0;
}

static char *
fake_kernel_name(const char *key)
{
	const char *slash = strrchr(key, '/');

	return xstrdup(slash != NULL ? slash + 1 : key);
}

static const struct engine fake_engine = {
	.name = "fake",
	.system = SYSTEM_FAKE,
	.check = fake_check,
	.make = fake_make,
	.boot = fake_boot,
	.boot_main = fake_boot_main,
	.start_free = fake_start_free,
	.alive = fake_alive,
	.alive_many = fake_alive_many,
	.others = fake_others,
	.exec = fake_exec,
	.stop = fake_stop,
	.kill = fake_kill,
	.mount_live = fake_mount,
	.umount_live = fake_umount,
	.freeze = fake_freeze,
	.limit = fake_limit,
	.usage = fake_usage,
	.listens = fake_listens,
	.processes = fake_processes,
	.within = fake_within,
	.root = fake_root,
	.probe = fake_probe,
	.kernel_name = fake_kernel_name,
	.runs = fake_runs,
};
const struct engine *const engine_native = &fake_engine;
