/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef NOMAD_PLUGIN_H
#define NOMAD_PLUGIN_H

#include "base/vec.h"
#include "core/host.h"
#include "nomad/config.h"
#include "nomad/grpc.h"
#include "nomad/log.h"

/*
 * The plugin: one process, one loop.  What takes long is done by children of it
 * (struct job); what a task is made of lies with its keeper (keep.c) and in
 * run/nomad/JAIL, so that the plugin may be killed at any time.
 */
#define NOMAD_NAME "gaol"
#define NOMAD_API "v0.1.0"
#define NOMAD_TAG "nomad"
#define NOMAD_DIR "nomad"	/* in gaol's run directory */
#define NOMAD_DURATION(d) ((d) == NULL ? 0 : \
    (d)->seconds * 1000 + (d)->nanos / 1000000)

struct job;
struct plugin;

VEC_TYPE(grpc_calls, struct grpc_call *);
void calls_add(struct grpc_calls *list, struct grpc_call *call);
void calls_drop(struct grpc_calls *list, const struct grpc_call *call);

enum task_state { TASK_STARTING, TASK_RUNNING, TASK_EXITED };

struct task {
	struct plugin *plugin;
	char *id;		/* "ALLOC/TASK/INVOCATION" */
	char *jail;		/* the jail's name */
	char *alloc_id, *name;
	struct pb_bytes config;	/* of the task, as it came */
	enum task_state state;
	int64_t started, completed;	/* nanoseconds since 1970; 0: not */
	int control;		/* to its keeper; -1: it has none */
	struct msg_exit_result result;
	char *address;		/* its own, NULL: the host's */
	struct strings ports;	/* "LABEL=PORT", inside */
	bool advertise;		/* the address is to be announced */
	struct job *job;	/* that makes or destroys it */
	struct grpc_call *start;	/* StartTask that is to be answered */
	struct grpc_calls waiters, stops, destroys;
	bool destroying;
	uint64_t kill_at;	/* clock_ms(); 0: not */
};

struct plugin {
	struct loop *loop;
	struct grpc *grpc;
	struct plugin_config config;
	struct host host;
	bool host_is_open;
	char *trouble;		/* why it cannot work; NULL: it can */
	VEC(struct task *) tasks;
	VEC(struct job *) jobs;
	struct grpc_calls fingerprints, events, stats;
	bool closing, ticking;
	const char *keeper;	/* the program gaol-task */
	char *socket;		/* its path, removed at the end */
	int listener;
};

/* --- job.c: children that work for the plugin --- */

/*
 * In the child: lines for said() are written to out.  An error is told by a
 * line "error KIND RECOVERABLE MESSAGE".
 */
typedef int job_work_fn(void *arg, int out, struct error *e);
typedef void job_said_fn(struct job *job, char *line);
/* It is over; e is its error, or NULL. */
typedef void job_ended_fn(struct job *job, const struct error *e);

struct job {
	struct plugin *plugin;
	void *owner;		/* of who started it */
	pid_t pid;
	int fd;
	struct buf line;
	struct error error;
	bool failed, recoverable;
	job_said_fn *said;	/* NULL: nobody wants to know */
	job_ended_fn *ended;
};
/* NULL with an error when there can be no child.  stdio: three descriptors that
 * it gets as its standard streams, or NULL. */
struct job *job_start(struct plugin *p, job_work_fn *work, void *arg,
    const int *stdio, job_said_fn *said, job_ended_fn *ended, void *owner, struct error *e);
/* Nobody waits for it any more: it is ended by SIGTERM. */
void job_abandon(struct job *job);
/* In the child: a line for said(). */
void job_say(int out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* In the child: the error is one that may be over soon. */
void job_recoverable(struct error *e);

/* --- task.c --- */

/* The name of a task's jail; ERROR_DATA for what is no task's id. */
int task_jail(const char *id, char **jail, struct error *e) FALLIBLE;
struct task *task_find(const struct plugin *p, const char *id);
struct task *task_new(struct plugin *p, const struct msg_task_config *c,
    const char *jail);
void task_free(struct task *t);
/* The keeper of a task that runs: watched from here on.  ERROR_NOT_FOUND when
 * there is none, and nothing is known of how it ended. */
int task_attach(struct task *t, struct error *e) FALLIBLE;
/* ERROR_NOT_FOUND for an unknown name. */
int task_signal_number(const char *name, int *signo, struct error *e)
    FALLIBLE;
int task_signal(struct task *t, int signo, struct error *e) FALLIBLE;
/* SIGNO now, SIGKILL after timeout_ms. */
int task_stop(struct task *t, int signo, uint64_t timeout_ms,
    struct error *e) FALLIBLE;
/* Tell of something that happened to a task. */
void task_event(struct plugin *p, const struct task *t, const char *message);
/* Destroy the jail of that name and all that is kept of it; t NULL: of a task
 * that is not known here.  The call is answered. */
void task_destroy(struct plugin *p, struct task *t, const char *jail,
    struct grpc_call *call);

/* --- driver.c, exec.c, stats.c, base.c: the methods --- */

void driver_start(struct grpc_call *call, const void *data, size_t len);
void driver_recover(struct grpc_call *call, const void *data, size_t len);
void driver_wait(struct grpc_call *call, const void *data, size_t len);
void driver_stop(struct grpc_call *call, const void *data, size_t len);
void driver_destroy(struct grpc_call *call, const void *data, size_t len);
void driver_inspect(struct grpc_call *call, const void *data, size_t len);
void driver_signal(struct grpc_call *call, const void *data, size_t len);
void driver_stats(struct grpc_call *call, const void *data, size_t len);
void driver_events(struct grpc_call *call, const void *data, size_t len);
void driver_exec(struct grpc_call *call, const void *data, size_t len);
void driver_exec_stream(struct grpc_call *call, const void *data, size_t len);
void driver_exec_end(struct grpc_call *call);
/* Answer those streams of stats whose time has come. */
void stats_tick(struct plugin *p);
/* Those of a task that has ended are over. */
void stats_end(struct plugin *p, const char *id);
/* Tell all that listen how the plugin is. */
void fingerprint_tick(struct plugin *p);
void driver_fingerprint(struct grpc_call *call, const void *data, size_t len);

extern const struct grpc_method plugin_methods[];
/* Open gaol's directories as the configuration says; what is wrong is the
 * plugin's trouble, and told by its fingerprint. */
void plugin_open_host(struct plugin *p);
/* The start's worker has said that the task runs: the handle for Nomad. */
void driver_started(struct task *t);
/* read a request, or answer the call with its error */
void *plugin_request(struct grpc_call *call, const struct pb_message *m,
    const void *data, size_t len);
/* "NAME=VALUE" of each entry, appended. */
void plugin_env(const struct pb_list *entries, struct strings *env);
int64_t plugin_now(void);	/* nanoseconds since 1970 */
void plugin_time(int64_t ns, struct msg_timestamp *t);

#endif
