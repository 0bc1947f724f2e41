/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/cell.h"
#include "core/event.h"
#include "core/usage.h"

void
usage_rows_fini(struct usage_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		free(rows->items[i].name);
	VEC_FINI(rows);
}

static uint64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int
unsupported(const char *what, struct error *e)
{
	return error_set(e, ERROR_UNSUPPORTED, "the engine '%s' does not tell "
	    "%s", engine_native->name, what);
}

int
usage_read(const struct host *h, const struct strings *names,
    struct usage_rows *rows, struct error *e)
{
	struct live_rows live = VEC_INIT;
	int result;

	if (engine_native->usage == NULL)
		return unsupported("what jails use", e);
	result = live_all(h, &live, e);
	for (size_t i = 0; i < live.count && result == 0; i++) {
		const struct engine_live one = { live.items[i].jid, "" };
		AUTO_FREE char *key = xasprintf("%s/%s", h->scope,
		    live.items[i].name);
		struct usage_row row;

		if (names != NULL &&
		    strings_index(names, live.items[i].name) < 0)
			continue;
		row.at_us = now_us();
		result = engine_native->usage(&one, key, &row.use, e);
		if (result < 0)
			continue;
		row.name = xstrdup(live.items[i].name);
		VEC_PUSH(rows, row);
	}
	live_rows_fini(&live);
	return result;
}

static int
compare(const void *name, const void *row)
{
	return strcmp(name, ((const struct usage_row *)row)->name);
}

const struct usage_row *
usage_find(const struct usage_rows *rows, const char *name)
{
	return rows->count == 0 ? NULL : bsearch(name, rows->items,
	    rows->count, sizeof(*rows->items), compare);
}

uint64_t
usage_rate(const struct usage_row *before, const struct usage_row *now,
    uint64_t before_count, uint64_t now_count)
{
	uint64_t us;

	if (before == NULL || before_count == ENGINE_UNKNOWN ||
	    now_count == ENGINE_UNKNOWN)
		return ENGINE_UNKNOWN;
	us = now->at_us - before->at_us;
	if (us == 0 || now_count < before_count)
		return 0;
	return (uint64_t)((double)(now_count - before_count) * 1e6 /
	    (double)us + 0.5);
}

/* The log may be anywhere; a line of ours is like one of the jail's. */
static void
log_line(const struct host *h, const struct cell *c, const char *text)
{
	AUTO_FREE char *named = cell_text(c, "exec.consolelog");
	AUTO_FREE char *path = named != NULL && *named != '\0' ?
	    xstrdup(named) : xasprintf("%s/%s/console.log", h->log, c->name);
	char stamp[32];
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	AUTO_FREE char *line = xasprintf("%s gaol: %s\n",
	    event_time((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000,
	    stamp), text);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC |
	    O_NOFOLLOW | O_NOCTTY);
	struct error ignored = ERROR_INIT;

	if (fd >= 0 && file_write_fd(fd, line, strlen(line), &ignored) < 0)
		return;
}

void
usage_tell_oom(const struct host *h, const struct cell *force,
    const struct live *live)
{
	AUTO_FREE char *limit = cell_text(force, "limit.memory");
	AUTO_FREE char *key = xasprintf("%s/%s", h->scope, force->name);
	AUTO_FREE char *text = NULL;
	struct engine_usage u;
	struct error ignored = ERROR_INIT;

	if (limit == NULL || engine_native->usage == NULL ||
	    engine_native->usage(&live->engine, key, &u, &ignored) < 0 ||
	    u.oom_kills == ENGINE_UNKNOWN || u.oom_kills == 0)
		return;
	text = xasprintf("%llu of its processes were killed because it "
	    "needed more memory than limit.memory = %s",
	    (unsigned long long)u.oom_kills, limit);
	host_say(h, "%s: %s", force->name, text);
	log_line(h, force, text);
	event_write(h, &(struct event){ .what = "oom", .jail = force->name,
	    .ms = -1, .message = text });
}

int
usage_processes(const struct host *h, const char *name,
    struct engine_processes *list, struct error *e)
{
	AUTO_LIVE struct live live = LIVE_INIT;
	AUTO_FREE char *key = xasprintf("%s/%s", h->scope, name);
	size_t first = list->count;

	if (engine_native->processes == NULL)
		return unsupported("what runs in jails", e);
	if (live_running(h, name, &live, e) < 0)
		return -1;
	if (live.phase == LIVE_STOPPED)
		return 0;
	if (engine_native->processes(&live.engine, key, list, e) < 0)
		return -1;
	for (size_t i = first; i < list->count; i++)
		if (live.id_base != 0 && list->items[i].uid >= live.id_base &&
		    list->items[i].uid < live.id_base + 65536)
			list->items[i].uid -= live.id_base;
	return 0;
}
