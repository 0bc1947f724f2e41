/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Stop, kill, join, and the question whether a jail lives. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/freebsd/freebsd.h"
#include "engine/freebsd/kern_process.h"

enum {
	KILL_TIMEOUT_MS = 10000,
	DYING_TIMEOUT_MS = 1000, /* connections keep one dying for longer */
};

bool
freebsd_alive(const struct engine_live *live, int record_fd)
{
	struct error ignored = ERROR_INIT;
	struct kern_jail j;

	return live_find_jail(live, &j, &ignored) > 0;
}

/* Of a start that was broken off before its record knew the jail. */
static int
find_unrecorded(const char *key, struct kern_jail *j, struct error *e)
{
	AUTO_LOG struct log l = LOG_INIT;
	char name[KERNEL_NAME_MAX];
	int found;

	if (log_read(key, &l, e) < 0)
		return -1;
	if (l.mark == NULL || *l.mark == '-' || l.root == NULL)
		return 0;
	kernel_name(key, name);
	found = identity_find(0, name, l.mark, j, e);
	if (found > 0 && strcmp(j->path, l.root) != 0)
		return 0;
	return found;
}

static int
find_jail(const struct engine_live *live, const char *key,
    struct kern_jail *j, struct error *e)
{
	if (live != NULL && live->jid > 0)
		return live_find_jail(live, j, e);
	return find_unrecorded(key, j, e);
}

/* The kernel still has it until all that it held is let go. */
static int
wait_dying(int jid, struct error *e)
{
	uint64_t end = clock_ms() + DYING_TIMEOUT_MS;
	struct kern_jail j;
	int found;

	for (unsigned ms = 1;
	    (found = kern_jail_by_id(jid, true, &j, e)) > 0 && j.dying &&
	    clock_ms() < end; ms = ms < 50 ? ms * 2 : ms)
		kern_sleep(ms);
	return found < 0 ? -1 : 0;
}

static int
remove_jail(const char *key, int jid, struct error *e)
{
	struct kern_pids pids = VEC_INIT;
	int result = net_leave(key, jid, e);

	if (result == 0)
		result = kern_process_list(jid, &pids, e);
	if (result == 0)
		result = kern_jail_remove(jid, e);
	if (result == 0 && !kern_process_wait_all(&pids, KILL_TIMEOUT_MS))
		result = error_set(e, ERROR_BUSY, "processes of the jail do "
		    "not end, even by SIGKILL");
	VEC_FINI(&pids);
	if (result < 0 || limit_lift(key, e) < 0)
		return -1;
	return wait_dying(jid, e);
}

int
freebsd_kill(const struct engine_live *live, const char *key,
    struct error *e)
{
	struct kern_jail j;
	int found = find_jail(live, key, &j, e);

	if (found < 0)
		return -1;
	return found > 0 ? remove_jail(key, j.jid, e) : limit_lift(key, e);
}

/* As jail(8): SIGTERM to all, then time to end; who is born later has less. */
static int
terminate(int jid, unsigned timeout_ms, struct error *e)
{
	uint64_t end = clock_ms() + timeout_ms;

	for (;;) {
		struct kern_pids pids = VEC_INIT;
		uint64_t now = clock_ms();
		bool all;

		if (kern_process_list(jid, &pids, e) < 0)
			return -1;
		if (pids.count == 0 || now >= end) {
			VEC_FINI(&pids);
			return 0;
		}
		kern_process_signal_all(&pids, SIGTERM);
		all = kern_process_wait_all(&pids, (unsigned)(end - now));
		VEC_FINI(&pids);
		if (!all)
			return 0;
	}
}

int
freebsd_stop(const struct engine_live *live, const char *key,
    unsigned timeout_ms, struct error *e)
{
	struct kern_jail j;
	int found = find_jail(live, key, &j, e);

	if (found < 0)
		return -1;
	if (found == 0)
		return limit_lift(key, e);
	if (timeout_ms > 0 && terminate(j.jid, timeout_ms, e) < 0)
		return -1;
	return remove_jail(key, j.jid, e);
}

int
freebsd_exec(const struct engine_live *live, const struct engine_spec *spec,
    const struct engine_command *c, int *status, struct error *e)
{
	struct kern_jail j;
	int found = live_find_jail(live, &j, e);
	struct run r = { .jid = j.jid, .root = j.path, .fib = spec->fib,
	    .console = c->output > 0 ? c->output : -1,
	    .stdio = c->output == 0 };

	if (found < 0)
		return -1;
	if (found == 0)
		return error_set(e, ERROR_FAILED, "jail '%s' is gone",
		    spec->name);
	if (run_command(&r, c, status, e) == 0)
		return 0;
	if (e->kind == ERROR_NOT_FOUND)
		*status = 127;
	else if (e->kind == ERROR_DENIED)
		*status = 126;
	return -1;
}

int
freebsd_root(const struct engine_live *live, struct error *e)
{
	struct kern_jail j;
	int found = live_find_jail(live, &j, e);

	if (found < 0)
		return -1;
	if (found == 0)
		return error_set(e, ERROR_NOT_FOUND, "the jail has ended");
	return file_opendir(AT_FDCWD, j.path, e);
}
