/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* TaskStats, and the fingerprint: what comes again and again. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/live.h"
#include "core/usage.h"
#include "nomad/plugin.h"

enum {
	INTERVAL_LEAST_MS = 200, BACKLOG_MAX = 65536,
	CPU_TICKS = 2, CPU_PERCENT = 5,		/* of "measured" */
	MEMORY_RSS = 0, MEMORY_USAGE = 5, MEMORY_SWAP = 6,
	HEALTH_UNDETECTED = 0, HEALTH_UNHEALTHY = 1, HEALTH_HEALTHY = 2,
};

struct stream {
	char *id;
	uint64_t interval_ms, due;	/* clock_ms() */
	struct usage_row before;
	bool again;		/* before is filled */
};

static void
stream_gone(struct grpc_call *call)
{
	struct plugin *p = call->user;
	struct stream *s = call->data;

	calls_drop(&p->stats, call);
	free(s->id);
	free(s);
}

/* Megahertz of a processor; 0: not known. */
static double
processor_mhz(void)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;
	const char *line;

	if (file_read(AT_FDCWD, "/proc/cpuinfo", 1 << 20, &text,
	    &ignored) < 0)
		return 0;
	line = strstr(buf_text(&text), "cpu MHz");
	line = line != NULL ? strchr(line, ':') : NULL;
	return line == NULL ? 0 : strtod(line + 1, NULL);
}

static int
read_usage(const struct plugin *p, const struct task *t,
    struct usage_row *row)
{
	AUTO_LIVE struct live live = LIVE_INIT;
	AUTO_FREE char *key = xasprintf("%s/%s", p->host.scope, t->jail);
	struct error ignored = ERROR_INIT;

	if (engine_native->usage == NULL ||
	    live_read(&p->host, t->jail, &live, &ignored) < 0 ||
	    live.fd < 0 || engine_native->usage(&live.engine, key, &row->use,
	    &ignored) < 0)
		return -1;
	row->at_us = clock_ms() * 1000;
	return 0;
}

static void
measure(struct pb_list *list, int64_t what)
{
	*(int64_t *)pb_list_add(list, sizeof(int64_t)) = what;
}

static void
send_stats(struct grpc_call *call, struct stream *s, const struct task *t)
{
	struct msg_cpu_usage cpu = { .percent = 0 };
	struct msg_memory_usage memory = { .rss = 0 };
	struct msg_usage use = { .memory = &memory };
	struct msg_timestamp now;
	struct msg_task_stats stats = { t->id, &now, &use };
	struct msg_stats_response r = { &stats };
	struct usage_row row = { .name = NULL };
	uint64_t rate;

	plugin_time(plugin_now(), &now);
	if (read_usage(call->user, t, &row) < 0) {
		use.memory = NULL;
	} else {
		memory.rss = memory.usage = (int64_t)row.use.memory;
		measure(&memory.measured, MEMORY_RSS);
		measure(&memory.measured, MEMORY_USAGE);
		if (row.use.swap != ENGINE_UNKNOWN) {
			memory.swap = (int64_t)row.use.swap;
			measure(&memory.measured, MEMORY_SWAP);
		}
		rate = usage_rate(s->again ? &s->before : NULL, &row,
		    s->before.use.cpu_us, row.use.cpu_us);
		if (rate != ENGINE_UNKNOWN) {
			cpu.percent = (double)rate / 10000;
			cpu.ticks = cpu.percent / 100 * processor_mhz();
			measure(&cpu.measured, CPU_PERCENT);
			measure(&cpu.measured, CPU_TICKS);
			use.cpu = &cpu;
		}
		s->before = row;
		s->again = true;
	}
	grpc_send(call, &pb_stats_response, &r);
	free(cpu.measured.items);
	free(memory.measured.items);
}

void
stats_tick(struct plugin *p)
{
	uint64_t now = clock_ms();

	for (size_t i = 0; i < p->stats.count; i++) {
		struct grpc_call *call = p->stats.items[i];
		struct stream *s = call->data;
		const struct task *t = task_find(p, s->id);

		if (s->due > now || t == NULL || t->state != TASK_RUNNING)
			continue;
		s->due = now + s->interval_ms;
		/* one who does not read gets less */
		if (grpc_backlog(call) < BACKLOG_MAX)
			send_stats(call, s, t);
	}
}

void
stats_end(struct plugin *p, const char *id)
{
	for (size_t i = p->stats.count; i > 0; i--) {
		struct grpc_call *call = p->stats.items[i - 1];
		const struct stream *s = call->data;

		if (strcmp(s->id, id) != 0)
			continue;
		call->gone = NULL;
		stream_gone(call);
		grpc_finish(call, GRPC_OK, NULL, NULL);
	}
}

void
driver_stats(struct grpc_call *call, const void *data, size_t len)
{
	struct plugin *p = call->user;
	struct msg_stats_request *r = plugin_request(call, &pb_stats_request,
	    data, len);
	const struct task *t;
	int64_t interval;
	struct stream *s;

	if (r == NULL)
		return;
	t = task_find(p, r->task_id);
	interval = NOMAD_DURATION(r->interval);
	pb_free(&pb_stats_request, r);
	if (t == NULL || t->state != TASK_RUNNING) {
		grpc_finish(call, t == NULL ? GRPC_UNKNOWN : GRPC_OK,
		    t == NULL ? "task not found for given id" : NULL, NULL);
		return;
	}
	s = xcalloc(1, sizeof(*s));
	s->id = xstrdup(t->id);
	s->interval_ms = interval < INTERVAL_LEAST_MS ? INTERVAL_LEAST_MS :
	    (uint64_t)interval;
	s->due = clock_ms() + s->interval_ms;
	call->data = s;
	call->gone = stream_gone;
	calls_add(&p->stats, call);
	send_stats(call, s, t);
}

/* --- fingerprint --- */

static void
send_fingerprint(struct grpc_call *call)
{
	static char plain[] = "driver." NOMAD_NAME,
	    version_key[] = "driver." NOMAD_NAME ".version",
	    engine_key[] = "driver." NOMAD_NAME ".engine",
	    version[] = GAOL_VERSION, good[] = "Healthy",
	    off[] = "disabled in the plugin's configuration";
	struct plugin *p = call->user;
	AUTO_FREE char *engine = xstrdup(engine_native->name);
	struct msg_attribute yes = { .yes = 1 }, v = { .text = version },
	    en = { .text = engine };
	struct msg_attribute_entry entries[] = { { plain, &yes },
		{ version_key, &v }, { engine_key, &en } };
	struct msg_attribute_entry *list[] = { &entries[0], &entries[1],
		&entries[2] };
	struct msg_fingerprint f = { .attributes = { list, 3 },
		.health = HEALTH_HEALTHY, .description = good };

	if (!p->config.enabled) {
		f = (struct msg_fingerprint){ .health = HEALTH_UNDETECTED,
			.description = off };
	} else if (p->trouble != NULL) {
		f.health = HEALTH_UNHEALTHY;
		f.description = p->trouble;
	}
	grpc_send(call, &pb_fingerprint, &f);
}

void
fingerprint_tick(struct plugin *p)
{
	plugin_open_host(p);
	for (size_t i = 0; i < p->fingerprints.count; i++)
		if (grpc_backlog(p->fingerprints.items[i]) < BACKLOG_MAX)
			send_fingerprint(p->fingerprints.items[i]);
}

static void
fingerprint_gone(struct grpc_call *call)
{
	struct plugin *p = call->user;

	calls_drop(&p->fingerprints, call);
}

void
driver_fingerprint(struct grpc_call *call, const void *data, size_t len)
{
	struct plugin *p = call->user;

	plugin_open_host(p);
	call->gone = fingerprint_gone;
	calls_add(&p->fingerprints, call);
	send_fingerprint(call);
}
