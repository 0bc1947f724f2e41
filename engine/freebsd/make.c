/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Make a jail and let it run its commands. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "engine/freebsd/freebsd.h"
#include "engine/freebsd/kern_process.h"

struct engine_start {
	int jid;
	char *root;
	bool booted;
	struct run run;
};

enum { MARK_SIZE = 24 };

static int
create_jail(const struct engine_spec *spec, const char *mark, int *jid,
    struct error *e)
{
	AUTO_PARAMS struct params p = PARAMS_INIT;
	AUTO_FREE char *line = xasprintf("mark %s", mark);

	params_fill(&p, spec, *mark == 'm' ? mark : NULL);
	/* before: whoever finds a jail of this name knows whose it is */
	if (log_add(spec->key, line, e) < 0)
		return -1;
	if (kern_jail_create(p.list.items, p.list.count, jid, e) == 0)
		return 0;
	if (e->kind == ERROR_EXISTS) {
		struct error ignored = ERROR_INIT;

		if (log_add(spec->key, "mark -", &ignored) < 0)
			error_clear(&ignored);
		return error_set(e, ERROR_EXISTS, "a jail named '%s' runs "
		    "already that gaol did not start; 'jls' shows it",
		    p.list.items[0].value);
	}
	return -1;
}

struct engine_start *
freebsd_make(const struct engine_spec *spec, struct engine_live *live,
    struct error *e)
{
	char name[KERNEL_NAME_MAX], mark[MARK_SIZE];
	struct engine_start *s;
	int jid;

	kernel_name(spec->key, name);
	identity_new(mark, sizeof(mark));
	if (create_jail(spec, mark, &jid, e) < 0 ||
	    limit_apply(spec, jid, e) < 0)
		return NULL;
	live->jid = jid;
	snprintf(live->ident, sizeof(live->ident), "%.*s/%s",
	    (int)(sizeof(live->ident) - MARK_SIZE - 1), name, mark);
	s = xcalloc(1, sizeof(*s));
	s->jid = jid;
	s->root = xstrdup(spec->tree->upper);
	s->run = (struct run){ .jid = jid, .root = s->root,
	    .fib = spec->fib, .console = spec->console_fd,
	    .stdio = spec->console_is_stdio };
	return s;
}

void
freebsd_start_free(struct engine_start *s)
{
	struct error ignored = ERROR_INIT;

	if (s == NULL)
		return;
	if (!s->booted && kern_jail_remove(s->jid, &ignored) < 0)
		error_clear(&ignored);
	free(s->root);
	free(s);
}

/* From now on the jail goes with its last process. */
static int
let_go(int jid, struct error *e)
{
	AUTO_PARAMS struct params p = PARAMS_INIT;
	char number[16];

	snprintf(number, sizeof(number), "%d", jid);
	params_add(&p, "jid", number);
	params_add(&p, "persist", "false");
	return kern_jail_update(p.list.items, p.list.count, e);
}

int
freebsd_boot(struct engine_start *s, const struct engine_command *commands,
    size_t count, enum engine_life life, struct error *e)
{
	for (size_t i = 0; i < count; i++) {
		const char *last = "";
		int status;

		for (char *const *p = commands[i].argv; *p != NULL; p++)
			last = *p;
		if (run_command(&s->run, &commands[i], &status, e) < 0)
			return error_wrap(e, "exec.start: %s", last);
		if (status != 0)
			return error_set(e, ERROR_FAILED,
			    "exec.start: '%s' ended with status %d", last,
			    status);
	}
	if (life == LIFE_MAIN)
		return 0;
	if (life == LIFE_PROCESSES && let_go(s->jid, e) < 0)
		return -1;
	s->booted = true;
	return 0;
}

int
freebsd_boot_main(struct engine_start *s, const struct engine_command *c,
    int *status, struct error *e)
{
	struct error ignored = ERROR_INIT;
	int result;

	s->run.stdio = true;
	result = run_command(&s->run, c, status, e);
	s->booted = true;
	if (result < 0 && e->kind == ERROR_NOT_FOUND)
		*status = 127;
	if (result < 0 && e->kind == ERROR_DENIED)
		*status = 126;
	if (kern_jail_remove(s->jid, &ignored) < 0 && result == 0) {
		*e = ignored;
		result = -1;
	}
	return result;
}

int
freebsd_boot_leave(struct engine_start *s, const struct engine_command *c,
    struct engine_left *left, struct error *e)
{
	struct kern_process p = KERN_PROCESS_INIT;
	const struct kern_start start = { .jid = s->jid, .root = s->root,
		.command = c, .in = -1, .out = -1, .err = -1,
		.fib = s->run.fib, .session = true };

	if (kern_process_start(&start, &p, e) < 0)
		return error_wrap(e, "%s", c->argv[0]);
	/* its close kills the command, and signals go by it */
	*left = (struct engine_left){ p.pid, p.fd,
		fcntl(p.fd, F_DUPFD_CLOEXEC, 3) };
	s->booted = true;
	return 0;
}
