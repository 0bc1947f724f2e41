/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "cmd/graph.h"
#include "cmd/worker.h"

enum { PARALLEL_MAX = 256 };

/* All targets of a command and what became of them. */
struct run {
	struct cmd_args *args;
	const struct strings *names;
	struct graph graph;
	struct outcome *outcomes;
	size_t printed;		/* those before are printed */
	struct worker *workers;
	size_t worker_count;
	bool interrupted;
};

/* ^C while several targets are worked on: no other is begun. */
static volatile sig_atomic_t interrupted;

static void
notice_interrupt(int signo)
{
	interrupted = 1;
}

static void
put(int fd, const struct buf *text)
{
	struct error ignored = ERROR_INIT;

	/* who does not read any more does not stop the others' work */
	if (file_write_fd(fd, text->data, text->len, &ignored) < 0)
		return;
}

static void
print_outcomes(struct run *r)
{
	while (r->printed < r->names->count &&
	    r->outcomes[r->printed].known) {
		struct outcome *o = &r->outcomes[r->printed];

		put(STDOUT_FILENO, &o->out);
		put(STDERR_FILENO, &o->err);
		if (o->failed)
			cmd_print_error(r->args, r->names->items[r->printed],
			    &o->error);
		buf_fini(&o->out);
		buf_fini(&o->err);
		r->printed++;
	}
}

static void
finish(struct run *r, size_t node)
{
	graph_finish(&r->graph, node, !r->outcomes[node].failed);
	print_outcomes(r);
}

/* One that was not tried is no event. */
static void
tell(struct run *r, size_t node)
{
	const struct outcome *o = &r->outcomes[node];

	cmd_event(r->args, r->names->items[node], o->begin_ms, &o->error);
}

/* A target that is to be tried; those after a failed one are passed over. */
static ssize_t
next_target(struct run *r)
{
	ssize_t node, before;

	while ((node = graph_next(&r->graph)) >= 0) {
		struct outcome *o = &r->outcomes[node];

		before = graph_failed_before(&r->graph, (size_t)node);
		if (before < 0)
			return node;
		o->known = o->failed = true;
		error_set(&o->error, ERROR_FAILED, "not tried, because '%s' "
		    "failed", r->names->items[before]);
		finish(r, (size_t)node);
	}
	return -1;
}

static void
run_here(struct run *r, target_fn *fn, void *arg)
{
	ssize_t node;

	while ((node = next_target(r)) >= 0) {
		struct outcome *o = &r->outcomes[node];

		o->begin_ms = clock_ms();
		o->failed = fn(r->args, r->names->items[node], arg,
		    &o->error) < 0;
		tell(r, (size_t)node);
		if (o->failed)
			cmd_print_error(r->args, r->names->items[node],
			    &o->error);
		graph_finish(&r->graph, (size_t)node, !o->failed);
	}
}

/* A worker that died while it was idle is replaced. */
static int
give(struct worker *w, const struct job *job, size_t node, struct error *e)
{
	if (w->fd >= 0 && worker_give(w, node, e) == 0)
		return 0;
	worker_end(w);
	if (worker_start(w, job, e) < 0)
		return -1;
	return worker_give(w, node, e);
}

/* Give every idle worker something to do; how many are busy then. */
static size_t
hand_out(struct run *r, const struct job *job)
{
	size_t busy = 0;

	for (size_t i = 0; i < r->worker_count; i++) {
		struct worker *w = &r->workers[i];
		ssize_t node;

		while (w->node < 0 && !interrupted &&
		    (node = next_target(r)) >= 0) {
			struct outcome *o = &r->outcomes[node];

			o->begin_ms = clock_ms();
			if (give(w, job, (size_t)node, &o->error) == 0)
				break;
			o->known = o->failed = true;
			finish(r, (size_t)node);
		}
		busy += w->node >= 0;
	}
	return busy;
}

/* Take the answers that have come; ^C is noticed only in here. */
static void
take_answers(struct run *r, const sigset_t *unblocked)
{
	struct pollfd fds[PARALLEL_MAX];
	size_t count = r->worker_count;

	for (size_t i = 0; i < count; i++)
		fds[i] = (struct pollfd){ r->workers[i].node >= 0 ?
		    r->workers[i].fd : -1, POLLIN, 0 };
	if (ppoll(fds, (nfds_t)count, NULL, unblocked) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		ssize_t node = r->workers[i].node;

		if (fds[i].revents == 0 || node < 0)
			continue;
		worker_take(&r->workers[i], &r->outcomes[node]);
		tell(r, (size_t)node);
		finish(r, (size_t)node);
	}
}

static void
run_workers(struct run *r, target_fn *fn, void *arg, size_t parallel)
{
	struct job job = { r->args, r->names, fn, arg, NULL, 0 };
	struct sigaction notice, old;
	sigset_t blocked, before;

	memset(&notice, 0, sizeof(notice));
	notice.sa_handler = notice_interrupt;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	sigaction(SIGINT, &notice, &old);
	r->workers = xcalloc(parallel, sizeof(*r->workers));
	job.workers = r->workers;
	job.worker_count = r->worker_count = parallel;
	for (size_t i = 0; i < parallel; i++)
		r->workers[i] = (struct worker){ 0, -1, -1 };
	while (hand_out(r, &job) > 0)
		take_answers(r, &before);
	for (size_t i = 0; i < parallel; i++)
		worker_end(&r->workers[i]);
	free(r->workers);
	r->interrupted = interrupted != 0;
	sigaction(SIGINT, &old, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* "start failed for 2 of 5: db, web". */
static int
sum_up(struct run *r, struct error *e)
{
	AUTO_BUF struct buf failed = BUF_INIT;
	size_t failures = 0, untried = 0;

	for (size_t i = 0; i < r->names->count; i++) {
		untried += !r->outcomes[i].known && r->interrupted;
		if (r->outcomes[i].failed)
			buf_printf(&failed, "%s %s", failures++ > 0 ? "," : "",
			    r->names->items[i]);
	}
	if (untried > 0)
		return error_set(e, ERROR_FAILED, "%s was interrupted, %zu of "
		    "%zu were not tried", r->args->cmd->name, untried,
		    r->names->count);
	if (failures > 0)
		return error_set(e, ERROR_FAILED, "%s failed for %zu of %zu:%s",
		    r->args->cmd->name, failures, r->names->count,
		    buf_text(&failed));
	return 0;
}

static bool
has_option(const struct cmd *c, char letter)
{
	for (const struct cmd_option *o = c->options; o != NULL && o->name;
	    o++)
		if (o->letter == letter)
			return true;
	return false;
}

static int
choose_parallel(const struct cmd_args *a, size_t *parallel, struct error *e)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	const char *setting = host_setting(a->host, "parallel", NULL);
	uint64_t chosen = cores > 0 ? (uint64_t)cores : 1;

	if (chosen > PARALLEL_MAX)
		chosen = PARALLEL_MAX;
	if (*parallel > 0)
		return 0;
	if (setting != NULL &&
	    parse_uint(setting, 1, PARALLEL_MAX, &chosen, e) < 0) {
		e->kind = ERROR_CONFIG;
		return error_wrap(e, "gaol.conf: parallel");
	}
	if (has_option(a->cmd, 'P') && args_uint(a, "P", 1, PARALLEL_MAX,
	    chosen, &chosen, e) < 0)
		return -1;
	*parallel = chosen;
	return 0;
}

int
targets_run(struct cmd_args *a, const struct strings *names,
    unsigned parallel, enum target_order order, target_fn *fn, void *arg,
    struct error *e)
{
	struct run r = { .args = a, .names = names };
	size_t workers = parallel;
	int result;

	if (choose_parallel(a, &workers, e) < 0)
		return -1;
	if (names->count == 0)
		return 0;
	if (names->count == 1) {
		uint64_t begin = clock_ms();

		result = fn(a, names->items[0], arg, e);
		cmd_event(a, names->items[0], begin, e);
		return result;
	}
	r.outcomes = xcalloc(names->count, sizeof(*r.outcomes));
	result = graph_init(&r.graph, a->host, names, order, e);
	if (workers > names->count)
		workers = names->count;
	if (result == 0 && a->plan)
		run_here(&r, fn, arg);
	else if (result == 0)
		run_workers(&r, fn, arg, workers);
	if (result == 0)
		result = sum_up(&r, e);
	graph_fini(&r.graph);
	for (size_t i = 0; i < names->count; i++) {
		buf_fini(&r.outcomes[i].out);
		buf_fini(&r.outcomes[i].err);
	}
	free(r.outcomes);
	return result;
}
