/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The driver service: tasks, from start to end. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/file.h"
#include "nomad/jail.h"

enum { HANDLE_VERSION = 1, STATE_RUNNING = 1, STATE_EXITED = 2 };

int64_t
plugin_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void
plugin_time(int64_t ns, struct msg_timestamp *t)
{
	t->seconds = ns / 1000000000;
	t->nanos = ns % 1000000000;
}

void *
plugin_request(struct grpc_call *call, const struct pb_message *m,
    const void *data, size_t len)
{
	struct error e = ERROR_INIT;
	void *request = pb_read(m, data, len, &e);

	if (request == NULL)
		grpc_finish(call, GRPC_INVALID, e.msg, NULL);
	return request;
}

void
plugin_env(const struct pb_list *entries, struct strings *env)
{
	for (size_t i = 0; i < entries->count; i++) {
		const struct msg_string_entry *v =
		    ((struct msg_string_entry **)entries->items)[i];

		if (v->key != NULL && *v->key != '\0' &&
		    strchr(v->key, '=') == NULL)
			strings_take(env, xasprintf("%s=%s", v->key,
			    v->value != NULL ? v->value : ""));
	}
}

/* What Nomad's own drivers say. */
static void
unknown_task(struct grpc_call *call)
{
	grpc_finish(call, GRPC_UNKNOWN, "task not found for given id", NULL);
}

/* gaol's directories are open, or why not. */
static int
need_host(struct plugin *p, struct error *e)
{
	if (!p->host_is_open)
		plugin_open_host(p);
	return p->host_is_open ? 0 : error_set(e, ERROR_FAILED, "%s",
	    p->trouble != NULL ? p->trouble : "gaol is not there");
}

/* --- start --- */

static void
fill_override(const struct task *t, struct msg_network_override *o)
{
	o->address = t->address;
	o->auto_advertise = t->advertise;
	for (size_t i = 0; i < t->ports.count; i++) {
		const char *eq = strchr(t->ports.items[i], '=');
		struct msg_number_entry **at = pb_list_add(&o->port_map,
		    sizeof(*at));

		*at = xcalloc(1, sizeof(**at));
		(*at)->key = xstrndup(t->ports.items[i],
		    (size_t)(eq - t->ports.items[i]));
		(*at)->value = strtoll(eq + 1, NULL, 10);
	}
}

static void
fini_override(struct msg_network_override *o)
{
	for (size_t i = 0; i < o->port_map.count; i++) {
		struct msg_number_entry *entry =
		    ((struct msg_number_entry **)o->port_map.items)[i];

		free(entry->key);
		free(entry);
	}
	free(o->port_map.items);
}

void
driver_started(struct task *t)
{
	AUTO_FREE char *state = xasprintf("gaol 1 %" PRId64 " %s %d\n",
	    t->started, t->address != NULL ? t->address : "-", t->advertise);
	struct msg_task_handle handle = { .version = HANDLE_VERSION,
		.config = t->config, .state = STATE_RUNNING,
		.driver_state = { state, strlen(state) } };
	struct msg_network_override o = { .address = NULL };
	struct msg_start_response r = { .handle = &handle };

	fill_override(t, &o);
	if (t->address != NULL)
		r.network = &o;
	if (t->start != NULL) {
		t->start->gone = NULL;
		grpc_reply(t->start, &pb_start_response, &r);
	}
	t->start = NULL;
	fini_override(&o);
}

/* The agent has changed its mind: a task that nobody knows must not run. */
static void
start_gone(struct grpc_call *call)
{
	struct task *t = call->data;

	t->start = NULL;
}

static void
on_running(struct task *t)
{
	struct error e = ERROR_INIT;
	bool wanted = t->start != NULL && !t->destroying;

	/* the child is the keeper from here on */
	t->job->said = NULL;
	t->job->ended = NULL;
	t->job = NULL;
	t->started = plugin_now();
	if (task_attach(t, &e) < 0) {
		if (t->start != NULL) {
			t->start->gone = NULL;
			grpc_fail(t->start, &e, false);
		}
		t->start = NULL;
		wanted = false;
	}
	if (wanted) {
		driver_started(t);
		return;
	}
	t->destroying = true;
	if (t->state != TASK_RUNNING)
		task_destroy(t->plugin, t, t->jail, NULL);
	else if (task_stop(t, SIGKILL, 0, &e) < 0)
		nomad_log(NOMAD_ERROR, "task_id", t->id, "%s", e.msg);
}

static void
start_said(struct job *job, char *line)
{
	struct task *t = job->owner;
	char *rest;

	if (strncmp(line, "event ", 6) == 0) {
		task_event(t->plugin, t, line + 6);
	} else if (strncmp(line, "address ", 8) == 0) {
		rest = line + 8;
		t->address = xstrdup(strsep(&rest, " "));
		t->advertise = rest != NULL && *rest == '1';
	} else if (strncmp(line, "port ", 5) == 0 &&
	    strchr(line, '=') != NULL) {
		strings_add(&t->ports, line + 5);
	} else if (strcmp(line, "running") == 0) {
		on_running(t);
	}
}

static void
start_ended(struct job *job, const struct error *e)
{
	struct task *t = job->owner;
	struct grpc_call *call = t->start;

	t->job = NULL;
	t->start = NULL;
	if (call != NULL) {
		call->gone = NULL;
		grpc_fail(call, e != NULL ? e : &job->error,
		    job->recoverable);
	}
	if (t->destroying)
		task_destroy(t->plugin, t, t->jail, NULL);
	else
		task_free(t);
}

static int
prepare_start(struct plugin *p, const struct msg_task_config *c,
    struct jail_order *o, char **jail, struct error *e)
{
	if (c->id == NULL || c->name == NULL)
		return error_set(e, ERROR_DATA, "the task has no id");
	if (task_find(p, c->id) != NULL)
		return error_set(e, ERROR_EXISTS, "task %s was started "
		    "already", c->id);
	if (need_host(p, e) < 0 || task_jail(c->id, jail, e) < 0 ||
	    config_task_read(&o->fields,
	    c->driver_config.data, c->driver_config.len, &p->config, e) < 0)
		return -1;
	o->plugin = &p->config;
	o->root = p->config.root;
	o->keeper = p->keeper;
	o->jail = *jail;
	o->task = c;
	return 0;
}

void
driver_start(struct grpc_call *call, const void *data, size_t len)
{
	struct plugin *p = call->user;
	struct msg_start_request *r = plugin_request(call, &pb_start_request,
	    data, len);
	struct msg_task_config *c = NULL;
	struct jail_order order;
	AUTO_FREE char *jail = NULL;
	struct error e = ERROR_INIT;
	struct task *t = NULL;

	if (r == NULL)
		return;
	memset(&order, 0, sizeof(order));
	c = pb_read(&pb_task_config, r->config.data, r->config.len, &e);
	if (c != NULL && prepare_start(p, c, &order, &jail, &e) == 0) {
		t = task_new(p, c, jail);
		t->job = job_start(p, jail_start_work, &order, NULL,
		    start_said, start_ended, t, &e);
	}
	if (t != NULL && t->job != NULL) {
		t->config = r->config;
		r->config = (struct pb_bytes){ NULL, 0 };
		t->start = call;
		call->data = t;
		call->gone = start_gone;
	} else {
		if (t != NULL)
			task_free(t);
		grpc_fail(call, &e, false);
	}
	config_task_fini(&order.fields);
	pb_free(&pb_task_config, c);
	pb_free(&pb_start_request, r);
}

/* --- recover --- */

static void
read_state(struct task *t, const struct pb_bytes *state)
{
	AUTO_FREE char *text = xstrndup(state->data != NULL ? state->data : "",
	    state->len);
	char address[ADDR_TEXT] = "-";
	int version, advertise = 0;

	if (sscanf(text, "gaol %d %" SCNd64 " %63s %d", &version, &t->started,
	    address, &advertise) < 2)
		t->started = plugin_now();
	if (strcmp(address, "-") != 0)
		t->address = xstrdup(address);
	t->advertise = advertise != 0;
}

static int
recover(struct plugin *p, const struct msg_task_handle *h, struct error *e)
{
	struct msg_task_config *c = pb_read(&pb_task_config, h->config.data,
	    h->config.len, e);
	AUTO_FREE char *jail = NULL;
	struct task *t;
	int result = c == NULL ? -1 : 0;

	if (result == 0 && (c->id == NULL || h->version != HANDLE_VERSION))
		result = error_set(e, ERROR_DATA, "the handle of the task is "
		    "none of this plugin's");
	if (result == 0 && task_find(p, c->id) == NULL) {
		result = need_host(p, e);
		if (result == 0)
			result = task_jail(c->id, &jail, e);
		if (result == 0) {
			t = task_new(p, c, jail);
			t->config.data = xcalloc(h->config.len + 1, 1);
			memcpy(t->config.data, h->config.data, h->config.len);
			t->config.len = h->config.len;
			read_state(t, &h->driver_state);
			result = task_attach(t, e);
			if (result < 0)
				task_free(t);
		}
	}
	pb_free(&pb_task_config, c);
	return result;
}

void
driver_recover(struct grpc_call *call, const void *data, size_t len)
{
	struct msg_recover_request *r = plugin_request(call,
	    &pb_recover_request, data, len);
	struct error e = ERROR_INIT;

	if (r == NULL)
		return;
	if (r->handle == NULL)
		error_set(&e, ERROR_DATA, "there is no handle");
	if (r->handle == NULL || recover(call->user, r->handle, &e) < 0)
		grpc_fail(call, &e, false);
	else
		grpc_done(call);
	pb_free(&pb_recover_request, r);
}

/* --- wait, stop, destroy --- */

static void
wait_gone(struct grpc_call *call)
{
	struct task *t = call->data;

	calls_drop(&t->waiters, call);
	calls_drop(&t->stops, call);
	calls_drop(&t->destroys, call);
}

static void
keep_call(struct task *t, struct grpc_calls *list, struct grpc_call *call)
{
	call->data = t;
	call->gone = wait_gone;
	calls_add(list, call);
}

void
driver_wait(struct grpc_call *call, const void *data, size_t len)
{
	struct msg_id_request *r = plugin_request(call, &pb_id_request, data,
	    len);
	struct task *t;

	if (r == NULL)
		return;
	t = task_find(call->user, r->task_id);
	pb_free(&pb_id_request, r);
	if (t == NULL) {
		unknown_task(call);
	} else if (t->state == TASK_EXITED) {
		struct msg_wait_response answer = { .result = &t->result };

		grpc_reply(call, &pb_wait_response, &answer);
	} else {
		keep_call(t, &t->waiters, call);
	}
}

/* Nomad's own default, where the task says nothing. */
static int
stop_signal(const char *name, int *signo, struct error *e)
{
	if (name == NULL || *name == '\0' || strcmp(name, "DETACH") == 0)
		name = "SIGINT";
	return task_signal_number(name, signo, e);
}

void
driver_stop(struct grpc_call *call, const void *data, size_t len)
{
	struct msg_stop_request *r = plugin_request(call, &pb_stop_request,
	    data, len);
	struct error e = ERROR_INIT;
	int64_t timeout;
	struct task *t;
	int signo;

	if (r == NULL)
		return;
	t = task_find(call->user, r->task_id);
	timeout = NOMAD_DURATION(r->timeout);
	if (t == NULL) {
		unknown_task(call);
	} else if (t->state == TASK_EXITED) {
		grpc_done(call);
	} else if (stop_signal(r->signal, &signo, &e) < 0 ||
	    task_stop(t, signo, timeout > 0 ? (uint64_t)timeout : 0,
	    &e) < 0) {
		/* it may have ended just now, which will be seen */
		if (e.sys_errno == EPIPE)
			keep_call(t, &t->stops, call);
		else
			grpc_fail(call, &e, false);
	} else {
		keep_call(t, &t->stops, call);
	}
	pb_free(&pb_stop_request, r);
}

static void
destroy_known(struct task *t, bool force, struct grpc_call *call)
{
	struct error e = ERROR_INIT;

	if (t->state != TASK_EXITED && !force) {
		grpc_finish(call, GRPC_UNKNOWN, "cannot destroy a running "
		    "task without force", NULL);
		return;
	}
	keep_call(t, &t->destroys, call);
	if (t->destroying)
		return;
	t->destroying = true;
	if (t->state == TASK_EXITED)
		task_destroy(t->plugin, t, t->jail, NULL);
	else if (t->state == TASK_RUNNING)
		/* what cannot be told has ended, and that is seen */
		(void)(task_stop(t, SIGKILL, 0, &e) < 0);
	else if (t->job != NULL)
		kill(t->job->pid, SIGTERM);
}

/* After a RecoverTask that failed: what may be left of it goes. */
static void
destroy_unknown(struct plugin *p, const char *id, struct grpc_call *call)
{
	AUTO_FREE char *jail = NULL;
	struct error e = ERROR_INIT;

	if (need_host(p, &e) < 0 || task_jail(id, &jail, &e) < 0)
		unknown_task(call);
	else
		task_destroy(p, NULL, jail, call);
}

void
driver_destroy(struct grpc_call *call, const void *data, size_t len)
{
	struct msg_destroy_request *r = plugin_request(call,
	    &pb_destroy_request, data, len);
	struct task *t;

	if (r == NULL)
		return;
	t = task_find(call->user, r->task_id);
	if (t != NULL)
		destroy_known(t, r->force != 0, call);
	else
		destroy_unknown(call->user, r->task_id != NULL ? r->task_id :
		    "", call);
	pb_free(&pb_destroy_request, r);
}

/* --- inspect, signal, events --- */

void
driver_inspect(struct grpc_call *call, const void *data, size_t len)
{
	struct msg_id_request *r = plugin_request(call, &pb_id_request, data,
	    len);
	static char key[] = "jail";
	struct msg_timestamp started, completed;
	struct msg_task_status status = { .started = &started,
		.completed = &completed };
	struct msg_string_entry entry = { .key = key }, *list = &entry;
	struct msg_driver_status driver = { .attributes = { &list, 1 } };
	struct msg_network_override o = { .address = NULL };
	struct msg_inspect_response answer = { &status, &driver, NULL };
	struct task *t;

	if (r == NULL)
		return;
	t = task_find(call->user, r->task_id);
	pb_free(&pb_id_request, r);
	if (t == NULL) {
		unknown_task(call);
		return;
	}
	status.id = t->id;
	status.name = t->name;
	status.state = t->state == TASK_EXITED ? STATE_EXITED :
	    t->state == TASK_RUNNING ? STATE_RUNNING : 0;
	plugin_time(t->started, &started);
	plugin_time(t->completed, &completed);
	if (t->state == TASK_EXITED)
		status.result = &t->result;
	entry.value = t->jail;
	fill_override(t, &o);
	if (t->address != NULL)
		answer.network = &o;
	grpc_reply(call, &pb_inspect_response, &answer);
	fini_override(&o);
}

void
driver_signal(struct grpc_call *call, const void *data, size_t len)
{
	struct msg_signal_request *r = plugin_request(call,
	    &pb_signal_request, data, len);
	struct error e = ERROR_INIT;
	struct task *t;
	int signo;

	if (r == NULL)
		return;
	t = task_find(call->user, r->task_id);
	if (t == NULL)
		unknown_task(call);
	else if (task_signal_number(r->signal != NULL ? r->signal : "",
	    &signo, &e) < 0 || task_signal(t, signo, &e) < 0)
		grpc_fail(call, &e, false);
	else
		grpc_done(call);
	pb_free(&pb_signal_request, r);
}

static void
events_gone(struct grpc_call *call)
{
	struct plugin *p = call->user;

	calls_drop(&p->events, call);
}

void
driver_events(struct grpc_call *call, const void *data, size_t len)
{
	struct plugin *p = call->user;

	call->gone = events_gone;
	calls_add(&p->events, call);
}
