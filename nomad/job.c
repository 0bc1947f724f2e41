/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "nomad/plugin.h"

enum { LINE_MAX_SIZE = 65536, OUT_FD = 3 };

/* errors of a server that is away, by sys_errno of ours: none has it */
enum { RECOVERABLE = 1 << 20 };

void
job_recoverable(struct error *e)
{
	e->sys_errno = RECOVERABLE;
}

void
job_say(int out, const char *fmt, ...)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '\n')
			text.data[i] = ' ';
	buf_putc(&text, '\n');
	if (file_write_fd(out, text.data, text.len, &ignored) < 0)
		return;		/* the plugin is gone; the work goes on */
}

/*
 * A child of ours: nothing of the plugin's is open in it, or who waits for the
 * plugin's end would wait for the child's.
 */
static _Noreturn void
child(struct plugin *p, int out, job_work_fn *work, void *arg,
    const int *stdio)
{
	struct error e = ERROR_INIT;
	sigset_t none;

	setsid();
	loop_free(p->loop);
	/* none of these is a standard one: those are open in the plugin */
	for (int fd = 0; stdio != NULL && fd < 3; fd++)
		if (dup2(stdio[fd], fd) < 0)
			_exit(1);
	if (out != OUT_FD && dup2(out, OUT_FD) < 0)
		_exit(1);
	fcntl(OUT_FD, F_SETFD, FD_CLOEXEC);
	closefrom(OUT_FD + 1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (work(arg, OUT_FD, &e) < 0)
		job_say(OUT_FD, "error %d %d %s", (int)e.kind,
		    e.sys_errno == RECOVERABLE, e.msg);
	else
		job_say(OUT_FD, "ok");
	_exit(0);
}

static void
take_error(struct job *job, char *line)
{
	char *rest = line;
	long kind = strtol(rest, &rest, 10);

	job->failed = true;
	job->recoverable = strtol(rest, &rest, 10) != 0;
	error_set(&job->error, kind > 0 && kind <= ERROR_CONFIG ?
	    (enum error_kind)kind : ERROR_FAILED, "%s",
	    rest + (*rest == ' '));
}

static void
take_line(struct job *job, char *line)
{
	if (strncmp(line, "error ", 6) == 0)
		take_error(job, line + 6);
	else if (strcmp(line, "ok") == 0)
		job->failed = false;
	else if (job->said != NULL)
		job->said(job, line);
}

static void
job_over(struct job *job)
{
	struct plugin *p = job->plugin;

	for (size_t i = 0; i < p->jobs.count; i++)
		if (p->jobs.items[i] == job) {
			p->jobs.items[i] = p->jobs.items[--p->jobs.count];
			break;
		}
	loop_fd_remove(p->loop, job->fd);
	close_fd(&job->fd);
	if (job->ended != NULL)
		job->ended(job, job->failed ? &job->error : NULL);
	buf_fini(&job->line);
	free(job);
}

static void
on_output(struct loop *loop, int fd, short revents, void *arg)
{
	struct job *job = arg;
	char data[4096];
	ssize_t n = read(fd, data, sizeof(data));
	char *end;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0 && job->line.len < LINE_MAX_SIZE)
		buf_append(&job->line, data, (size_t)n);
	while (job->line.len > 0 &&
	    (end = memchr(job->line.data, '\n', job->line.len)) != NULL) {
		size_t len = (size_t)(end - job->line.data) + 1;

		*end = '\0';
		take_line(job, job->line.data);
		memmove(job->line.data, job->line.data + len,
		    job->line.len - len);
		job->line.len -= len;
	}
	if (n <= 0)
		job_over(job);
}

struct job *
job_start(struct plugin *p, job_work_fn *work, void *arg, const int *stdio,
    job_said_fn *said, job_ended_fn *ended, void *owner, struct error *e)
{
	struct job *job;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		error_sys(e, "pipe");
		return NULL;
	}
	pid = fork();
	if (pid == 0)
		child(p, ends[1], work, arg, stdio);
	close(ends[1]);
	if (pid < 0) {
		error_sys(e, "fork");
		close(ends[0]);
		return NULL;
	}
	job = xcalloc(1, sizeof(*job));
	*job = (struct job){ .plugin = p, .owner = owner, .pid = pid,
		.fd = ends[0], .said = said, .ended = ended, .failed = true };
	error_set(&job->error, ERROR_FAILED, "what did the work was ended");
	VEC_PUSH(&p->jobs, job);
	loop_fd(p->loop, job->fd, POLLIN, on_output, job);
	return job;
}

void
job_abandon(struct job *job)
{
	job->said = NULL;
	job->ended = NULL;
	kill(job->pid, SIGTERM);
}
