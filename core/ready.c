/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "base/path.h"
#include "core/command.h"
#include "core/life.h"
#include "core/ready.h"
#include "core/spec.h"

/* From the first look to the next, and to those that come much later. */
enum { LOOK_FIRST_MS = 5, LOOK_MOST_MS = 250, LOOK_TIMEOUT_MS = 10000 };

enum ready_kind { READY_PORT, READY_FILE, READY_EXEC };
static const char *const kinds[] = {
	[READY_PORT] = "port:", [READY_FILE] = "file:", [READY_EXEC] = "exec:",
};

struct wait {
	const struct host *host;
	const char *name;
	enum ready_kind kind;
	const char *what;	/* behind the colon */
};

static const char *
split(const char *value, enum ready_kind *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = strlen(kinds[i]);

		if (strncmp(value, kinds[i], len) != 0)
			continue;
		*kind = (enum ready_kind)i;
		return value + len;
	}
	return NULL;
}

int
ready_check(const char *value, struct error *e)
{
	enum ready_kind kind = READY_EXEC;
	const char *what = split(value, &kind);
	uint64_t port;

	if (what == NULL || *what == '\0')
		return error_set(e, ERROR_CONFIG, "'%.64s' is none of "
		    "port:NUMBER, file:PATH, exec:COMMAND", value);
	if (kind == READY_PORT)
		return parse_uint(what, 1, 65535, &port, e);
	if (kind == READY_FILE && *what != '/')
		return error_set(e, ERROR_CONFIG, "'%.64s' is not an absolute "
		    "path", what);
	return 0;
}

/* In a process of ours within the jail. */
static int
look_for_file(int root, void *arg, struct error *e)
{
	const struct wait *w = arg;
	AUTO_CLOSE int fd = path_open_any(root, w->what, e);

	return fd < 0 ? -1 : 0;
}

static int
try_file(const struct wait *w, bool *ready, struct error *e)
{
	union { const void *in; void *out; } arg = { w };

	if (life_within(w->host, w->name, look_for_file, arg.out,
	    LOOK_TIMEOUT_MS, e) == 0) {
		*ready = true;
		return 0;
	}
	if (e->kind != ERROR_NOT_FOUND)
		return -1;
	error_clear(e);
	return 0;
}

static int
try_port(const struct wait *w, const struct engine_live *live, bool *ready,
    struct error *e)
{
	uint64_t port;

	if (engine_native->listens == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "ready = port:%s: this "
		    "system does not tell which ports of a jail are open; "
		    "exec: can ask", w->what);
	return parse_uint(w->what, 1, 65535, &port, e) < 0 ? -1 :
	    engine_native->listens(live, (uint16_t)port, ready, e);
}

/* A command that cannot be run is not ready yet: it may still be installed. */
static int
try_command(const struct wait *w, const struct live *live, bool *ready,
    struct error *e)
{
	AUTO_CELL struct cell force = CELL_INIT;
	AUTO_COMMAND struct command c = COMMAND_INIT;
	AUTO_CLOSE int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	AUTO_SPEC struct spec spec;
	struct error why = ERROR_INIT;
	int status = -1;

	memset(&spec, 0, sizeof(spec));
	if (null < 0)
		return error_sys(e, "/dev/null");
	if (life_in_force(w->name, live, &force, e) < 0 ||
	    spec_init(&spec, w->host, &force, false, e) < 0)
		return -1;
	spec.engine.id_base = live->id_base;
	if (command_shell(&c, &force, &live->engine, w->what, null, e) < 0)
		return -1;
	if (c.engine.timeout_ms == 0)
		c.engine.timeout_ms = LOOK_TIMEOUT_MS;
	*ready = engine_native->exec(&live->engine, &spec.engine, &c.engine,
	    &status, &why) == 0 && status == 0;
	return 0;
}

/* One look; a jail that is gone will not be ready any more. */
static int
look(const struct wait *w, bool *ready, struct error *e)
{
	AUTO_LIVE struct live live = LIVE_INIT;

	*ready = false;
	if (live_running(w->host, w->name, &live, e) < 0)
		return -1;
	if (live.phase != LIVE_RUNNING)
		return error_set(e, ERROR_FAILED, "it ended before it was "
		    "ready (%s%s)", kinds[w->kind], w->what);
	switch (w->kind) {
	case READY_PORT:
		return try_port(w, &live.engine, ready, e);
	case READY_FILE:
		return try_file(w, ready, e);
	case READY_EXEC:
	default:
		return try_command(w, &live, ready, e);
	}
}

static int
wait_for(const struct wait *w, uint64_t timeout_ms, struct error *e)
{
	uint64_t begin = clock_ms(), pause = LOOK_FIRST_MS;
	bool ready;

	for (;;) {
		const struct timespec time = { 0, (long)pause * 1000000 };

		if (look(w, &ready, e) < 0)
			return -1;
		if (ready)
			return 0;
		if (clock_ms() - begin >= timeout_ms)
			return error_set(e, ERROR_FAILED, "it runs, but was "
			    "not ready (%s%s) in %llu s", kinds[w->kind],
			    w->what, (unsigned long long)timeout_ms / 1000);
		nanosleep(&time, NULL);
		pause = pause * 2 > LOOK_MOST_MS ? LOOK_MOST_MS : pause * 2;
	}
}

int
ready_wait(const struct host *h, const char *name, struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_FREE char *value = NULL;
	struct wait w = { h, name, READY_EXEC, NULL };

	if (cell_load(h, name, &c, e) < 0)
		return -1;
	value = cell_text(&c, "ready");
	if (value == NULL || *value == '\0')
		return 0;
	w.what = split(value, &w.kind);
	if (w.what == NULL)	/* it was checked when it was loaded */
		return 0;
	if (h->plan) {
		host_say(h, "wait until '%s' is ready (%s)", name, value);
		return 0;
	}
	return wait_for(&w, cell_duration(&c, "ready.timeout"), e);
}
