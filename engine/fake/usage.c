/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Limits and use in pretence.  What limit() was told is in ".limits.NAME", a
 * line "RESOURCE AMOUNT" for each; what a jail uses is what a test has written
 * into ".usage.NAME" ("memory 4096") and ".processes.NAME" ("PID INSIDE UID
 * STATE CPU_US MEMORY COMMAND").  A file ".port.NUMBER" is a port of any jail that
 * is open.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/fake/fake.h"

int
fake_limit(const struct engine_live *live, const struct engine_spec *before,
    const struct engine_spec *spec, struct error *e)
{
	AUTO_CLOSE int dir = fake_dir(e);
	AUTO_FREE char *file = xasprintf(".limits.%s", fake_name(spec->key));
	AUTO_BUF struct buf text = BUF_INIT;

	if (dir < 0)
		return -1;
	for (size_t i = 0; i < spec->limit_count; i++)
		buf_printf(&text, "%s %" PRIu64 "\n", spec->limits[i].resource,
		    spec->limits[i].amount);
	for (size_t i = 0; spec->cpus != NULL && i < spec->cpus->count; i++)
		buf_printf(&text, "cpuset %s\n", spec->cpus->items[i]);
	return file_replace(dir, file, buf_text(&text), text.len, 0644,
	    FILE_VOLATILE, e);
}

/* A file that a test may have written; empty without. */
static int
read_told(const char *kind, const char *key, struct buf *text,
    struct error *e)
{
	AUTO_CLOSE int dir = fake_dir(e);
	AUTO_FREE char *file = xasprintf(".%s.%s", kind, fake_name(key));

	if (dir < 0)
		return -1;
	if (!file_exists(dir, file))
		return 0;
	return file_read(dir, file, 1 << 16, text, e);
}

int
fake_usage(const struct engine_live *live, const char *key,
    struct engine_usage *u, struct error *e)
{
	const struct { const char *word; uint64_t *to; } words[] = {
		{ "cpu_us", &u->cpu_us }, { "memory", &u->memory },
		{ "swap", &u->swap }, { "processes", &u->processes },
		{ "openfiles", &u->openfiles },
		{ "read_bytes", &u->read_bytes },
		{ "write_bytes", &u->write_bytes }, { "reads", &u->reads },
		{ "writes", &u->writes }, { "net_in", &u->net_in },
		{ "net_out", &u->net_out }, { "oom_kills", &u->oom_kills },
	};
	AUTO_BUF struct buf text = BUF_INIT;
	char *line, *rest;

	memset(u, 0xff, sizeof(*u));	/* all of it ENGINE_UNKNOWN */
	if (read_told("usage", key, &text, e) < 0)
		return -1;
	rest = text.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		const char *word = strsep(&line, " ");

		for (size_t i = 0; line != NULL &&
		    i < sizeof(words) / sizeof(words[0]); i++)
			if (strcmp(words[i].word, word) == 0)
				*words[i].to = strtoull(line, NULL, 10);
	}
	return 0;
}

int
fake_listens(const struct engine_live *live, uint16_t port, bool *listens,
    struct error *e)
{
	AUTO_CLOSE int dir = fake_dir(e);
	AUTO_FREE char *file = xasprintf(".port.%u", port);

	if (dir < 0)
		return -1;
	*listens = file_exists(dir, file);
	return 0;
}

int
fake_processes(const struct engine_live *live, const char *key,
    struct engine_processes *list, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	char *line, *rest;

	if (read_told("processes", key, &text, e) < 0)
		return -1;
	rest = text.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		struct engine_process p = { .pid = 0 };
		int at = 0;

		if (sscanf(line, "%" SCNd64 " %" SCNd64 " %" SCNu32 " %c %"
		    SCNu64 " %" SCNu64 " %n", &p.pid, &p.inside, &p.uid,
		    &p.state, &p.cpu_us, &p.memory, &at) != 6)
			continue;
		p.command = xstrdup(line + at);
		VEC_PUSH(list, p);
	}
	return 0;
}
