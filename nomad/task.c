/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "core/life.h"
#include "core/usage.h"
#include "nomad/plugin.h"

void
calls_add(struct grpc_calls *list, struct grpc_call *call)
{
	VEC_PUSH(list, call);
}

void
calls_drop(struct grpc_calls *list, const struct grpc_call *call)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i] == call) {
			list->items[i] = list->items[--list->count];
			return;
		}
}

/* The last of a list, which is taken out; NULL when none is left. */
static struct grpc_call *
take_call(struct grpc_calls *list)
{
	struct grpc_call *call;

	if (list->count == 0)
		return NULL;
	call = list->items[--list->count];
	call->gone = NULL;
	return call;
}

/*
 * "TASK-INVOCATION-ALLOC": what of the task's name a jail can be called, and
 * 64 bits of the ids, which are random.
 */
int
task_jail(const char *id, char **jail, struct error *e)
{
	enum { ID = 8, NAME = 40 };
	const char *first = strchr(id, '/'), *last = strrchr(id, '/');
	AUTO_BUF struct buf name = BUF_INIT;

	if (first == NULL || last == first || first - id < ID ||
	    strlen(last + 1) < ID)
		return error_set(e, ERROR_DATA, "'%.100s' is no id of a task",
		    id);
	for (const char *p = first + 1; p < last && name.len < NAME; p++)
		if (isalnum((unsigned char)*p) || (name.len > 0 && *p == '_'))
			buf_putc(&name, *p);
		else if (name.len > 0)
			buf_putc(&name, '-');
	if (name.len == 0 || isdigit((unsigned char)name.data[0])) {
		AUTO_FREE char *old = xstrdup(buf_text(&name));

		buf_clear(&name);
		buf_printf(&name, "task-%s", old);
	}
	buf_printf(&name, "-%.*s-%.*s", ID, last + 1, ID, id);
	for (size_t i = 0; i < name.len; i++)
		if (!isalnum((unsigned char)name.data[i]) &&
		    name.data[i] != '_')
			name.data[i] = '-';
	if (name_check_cell(buf_text(&name), e) < 0)
		return -1;
	*jail = buf_steal(&name);
	return 0;
}

struct task *
task_find(const struct plugin *p, const char *id)
{
	for (size_t i = 0; id != NULL && i < p->tasks.count; i++)
		if (strcmp(p->tasks.items[i]->id, id) == 0)
			return p->tasks.items[i];
	return NULL;
}

struct task *
task_new(struct plugin *p, const struct msg_task_config *c, const char *jail)
{
	struct task *t = xcalloc(1, sizeof(*t));

	t->plugin = p;
	t->id = xstrdup(c->id);
	t->jail = xstrdup(jail);
	t->name = xstrdup(c->name != NULL ? c->name : "");
	t->alloc_id = xstrdup(c->alloc_id != NULL ? c->alloc_id : "");
	t->control = -1;
	VEC_PUSH(&p->tasks, t);
	return t;
}

static void
let_go(struct task *t)
{
	loop_fd_remove(t->plugin->loop, t->control);
	close_fd(&t->control);
}

void
task_free(struct task *t)
{
	struct plugin *p = t->plugin;
	struct grpc_call *call;

	for (size_t i = 0; i < p->tasks.count; i++)
		if (p->tasks.items[i] == t) {
			p->tasks.items[i] = p->tasks.items[--p->tasks.count];
			break;
		}
	let_go(t);
	if (t->job != NULL)
		job_abandon(t->job);
	if (t->start != NULL)
		t->start->gone = NULL;
	while ((call = take_call(&t->waiters)) != NULL)
		grpc_finish(call, GRPC_UNKNOWN, "the task was destroyed",
		    NULL);
	while ((call = take_call(&t->stops)) != NULL)
		grpc_done(call);
	VEC_FINI(&t->waiters);
	VEC_FINI(&t->stops);
	VEC_FINI(&t->destroys);
	strings_fini(&t->ports);
	free(t->config.data);
	free(t->id);
	free(t->jail);
	free(t->name);
	free(t->alloc_id);
	free(t->address);
	free(t);
}

static void
answer_waiter(struct task *t, struct grpc_call *call)
{
	struct msg_wait_response r = { .result = &t->result };

	grpc_reply(call, &pb_wait_response, &r);
}

/* Whether the kernel has ended processes of the jail for want of memory. */
static bool
out_of_memory(const struct task *t)
{
	const struct host *h = &t->plugin->host;
	AUTO_FREE char *key = xasprintf("%s/%s", h->scope, t->jail);
	struct engine_live none = { 0, "" };
	struct engine_usage use = { .oom_kills = 0 };
	struct error ignored = ERROR_INIT;

	return engine_native->usage != NULL &&
	    engine_native->usage(&none, key, &use, &ignored) == 0 &&
	    use.oom_kills != 0 && use.oom_kills != ENGINE_UNKNOWN;
}

/* "STATUS NANOSECONDS" of its keeper; false when there is none. */
static bool
read_exit(struct task *t)
{
	AUTO_FREE char *file = xasprintf(NOMAD_DIR "/%s/exit", t->jail);
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;
	int status = 0;

	if (file_read(t->plugin->host.run_fd, file, 256, &text,
	    &ignored) < 0 || sscanf(buf_text(&text), "%d %" SCNd64, &status,
	    &t->completed) != 2)
		return false;
	t->result.exit_code = status >> 8 & 0xff;
	t->result.signal = status & 0x7f;
	if (t->result.signal != 0)
		t->result.exit_code = 128 + t->result.signal;
	return true;
}

static void
task_exited(struct task *t)
{
	struct grpc_call *call;

	let_go(t);
	if (!read_exit(t)) {
		/* its keeper was killed, and the jail with it */
		t->result = (struct msg_exit_result){ 137, 9, 0 };
		t->completed = plugin_now();
	}
	t->result.oom_killed = out_of_memory(t);
	t->state = TASK_EXITED;
	t->kill_at = 0;
	stats_end(t->plugin, t->id);
	while ((call = take_call(&t->waiters)) != NULL)
		answer_waiter(t, call);
	while ((call = take_call(&t->stops)) != NULL)
		grpc_done(call);
	if (t->destroying)
		task_destroy(t->plugin, t, t->jail, NULL);
}

/* Nobody reads its control any more. */
static void
on_control(struct loop *loop, int fd, short revents, void *arg)
{
	if ((revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
		task_exited(arg);
}

int
task_attach(struct task *t, struct error *e)
{
	AUTO_FREE char *file = xasprintf(NOMAD_DIR "/%s/control", t->jail);
	int fd = openat(t->plugin->host.run_fd, file, O_WRONLY | O_NONBLOCK |
	    O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0) {
		t->control = fd;
		t->state = TASK_RUNNING;
		loop_fd(t->plugin->loop, fd, 0, on_control, t);
		return 0;
	}
	if (!read_exit(t))
		return error_set(e, ERROR_NOT_FOUND, "the jail '%s' of the "
		    "task is gone, and how it ended is not known", t->jail);
	t->result.oom_killed = out_of_memory(t);
	t->state = TASK_EXITED;
	return 0;
}

int
task_signal_number(const char *name, int *signo, struct error *e)
{
	static const struct { const char *name; int number; } signals[] = {
		{ "HUP", SIGHUP }, { "INT", SIGINT }, { "QUIT", SIGQUIT },
		{ "ILL", SIGILL }, { "TRAP", SIGTRAP }, { "ABRT", SIGABRT },
		{ "BUS", SIGBUS }, { "FPE", SIGFPE }, { "KILL", SIGKILL },
		{ "USR1", SIGUSR1 }, { "SEGV", SIGSEGV }, { "USR2", SIGUSR2 },
		{ "PIPE", SIGPIPE }, { "ALRM", SIGALRM }, { "TERM", SIGTERM },
		{ "CHLD", SIGCHLD }, { "CONT", SIGCONT }, { "STOP", SIGSTOP },
		{ "TSTP", SIGTSTP }, { "TTIN", SIGTTIN }, { "TTOU", SIGTTOU },
		{ "URG", SIGURG }, { "XCPU", SIGXCPU }, { "XFSZ", SIGXFSZ },
		{ "VTALRM", SIGVTALRM }, { "PROF", SIGPROF },
		{ "WINCH", SIGWINCH }, { "IO", SIGIO }, { "SYS", SIGSYS },
	};

	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (strcasecmp(signals[i].name, name) == 0) {
			*signo = signals[i].number;
			return 0;
		}
	return error_set(e, ERROR_NOT_FOUND, "there is no signal '%.32s'",
	    name);
}

int
task_signal(struct task *t, int signo, struct error *e)
{
	char byte = (char)signo;

	if (t->control < 0)
		return error_set(e, ERROR_FAILED, "the task does not run");
	if (write(t->control, &byte, 1) != 1)
		return error_sys(e, "signal the task");
	return 0;
}

static void
on_kill_time(struct loop *loop, void *arg)
{
	struct plugin *p = arg;
	uint64_t now = clock_ms();
	struct error e = ERROR_INIT;

	for (size_t i = 0; i < p->tasks.count; i++) {
		struct task *t = p->tasks.items[i];

		if (t->kill_at == 0 || t->kill_at > now ||
		    t->state != TASK_RUNNING)
			continue;
		t->kill_at = 0;
		if (task_signal(t, SIGKILL, &e) < 0)
			nomad_log(NOMAD_WARN, "task_id", t->id, "%s", e.msg);
	}
}

int
task_stop(struct task *t, int signo, uint64_t timeout_ms, struct error *e)
{
	if (task_signal(t, timeout_ms == 0 ? SIGKILL : signo, e) < 0)
		return -1;
	/* a process that was stopped would not notice */
	if (timeout_ms > 0 && task_signal(t, SIGCONT, e) < 0)
		return -1;
	if (timeout_ms > 0) {
		t->kill_at = clock_ms() + timeout_ms;
		loop_timer(t->plugin->loop, timeout_ms, on_kill_time,
		    t->plugin);
	}
	return 0;
}

void
task_event(struct plugin *p, const struct task *t, const char *message)
{
	struct msg_timestamp now;
	AUTO_FREE char *text = xstrdup(message);
	struct msg_task_event ev = { .task_id = t->id,
		.alloc_id = t->alloc_id, .task_name = t->name,
		.timestamp = &now, .message = text };

	plugin_time(plugin_now(), &now);
	for (size_t i = 0; i < p->events.count; i++)
		/* one who does not read gets no more */
		if (grpc_backlog(p->events.items[i]) < 65536)
			grpc_send(p->events.items[i], &pb_task_event, &ev);
}

/* --- the end --- */

struct destroy {
	const char *root, *jail;
};

/* The child: the jail, with all that belongs to it, and what is kept of it. */
static int
destroy_work(void *arg, int out, struct error *e)
{
	const struct destroy *d = arg;
	AUTO_FREE char *dir = xasprintf(NOMAD_DIR "/%s", d->jail);
	struct host h;
	int result = host_open(&h, d->root, e);

	if (result == 0 && cell_exists(&h, d->jail)) {
		result = life_destroy(&h, d->jail, true, true, e);
		if (result < 0 && e->kind == ERROR_NOT_FOUND) {
			error_clear(e);
			result = 0;
		}
	} else if (result == 0) {
		AUTO_CLOSE int lock = live_lock(&h, d->jail, "destroy", e);

		result = lock < 0 ? -1 : life_recover(&h, d->jail, e);
	}
	if (result == 0)
		result = path_remove_tree(h.run_fd, dir, e);
	host_fini(&h);
	return result;
}

struct goodbye {
	struct task *task;	/* NULL: it is not known */
	struct grpc_call *call;	/* of one that is not known; NULL: gone */
};

static void
goodbye_gone(struct grpc_call *call)
{
	((struct goodbye *)call->data)->call = NULL;
}

static void
answer_destroy(struct grpc_call *call, const struct error *e)
{
	call->gone = NULL;
	if (e != NULL)
		grpc_fail(call, e, false);
	else
		grpc_done(call);
}

static void
on_destroyed(struct job *job, const struct error *e)
{
	struct goodbye *g = job->owner;
	struct task *t = g->task;
	struct grpc_call *call;

	if (e != NULL)
		nomad_log(NOMAD_ERROR, "task_id", t != NULL ? t->id : NULL,
		    "the jail of a task could not be destroyed: %s", e->msg);
	if (g->call != NULL)
		answer_destroy(g->call, e);
	if (t != NULL) {
		t->job = NULL;
		t->destroying = false;
		while ((call = take_call(&t->destroys)) != NULL)
			answer_destroy(call, e);
		/* one that failed may be asked for again */
		if (e == NULL)
			task_free(t);
	}
	free(g);
}

void
task_destroy(struct plugin *p, struct task *t, const char *jail,
    struct grpc_call *call)
{
	struct destroy d = { p->host.root, jail };
	struct goodbye *g = xcalloc(1, sizeof(*g));
	struct error e = ERROR_INIT;
	struct job *job;

	g->task = t;
	g->call = call;
	if (call != NULL) {
		call->data = g;
		call->gone = goodbye_gone;
	}
	job = job_start(p, destroy_work, &d, NULL, NULL, on_destroyed, g, &e);
	if (job == NULL) {
		struct job none = { .plugin = p, .owner = g };

		on_destroyed(&none, &e);
		return;
	}
	if (t != NULL)
		t->job = job;
}
