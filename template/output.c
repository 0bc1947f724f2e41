/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "template/output.h"

enum { TICK_MS = 50, LINE_MAX_SHOWN = 4096 };

struct answer {
	int result, status;
	struct error error;
};

int
output_init(struct output *o, const struct host *h, const struct cell *c,
    struct error *e)
{
	AUTO_FREE char *named = cell_text(c, "exec.consolelog");
	AUTO_FREE char *dir = xasprintf("%s/%s", h->log, c->name);
	AUTO_FREE char *standard = xasprintf("%s/console.log", dir);
	const char *path = named != NULL && *named != '\0' ? named : standard;

	if (path == standard && file_mkdirs(AT_FDCWD, dir, 0700, e) < 0)
		return -1;
	o->log = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC |
	    O_NOFOLLOW | O_NOCTTY, 0600);
	if (o->log < 0)
		return error_sys(e, "%s", path);
	o->at = lseek(o->log, 0, SEEK_END);
	return 0;
}

void
output_fini(struct output *o)
{
	close_fd(&o->log);
	buf_fini(&o->line);
}

static void
end_line(struct output *o)
{
	if (o->show != NULL)
		o->show(o->arg, buf_text(&o->line));
	buf_clear(&o->line);
}

/* Of a progress bar only what stands there in the end. */
static void
take(struct output *o, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n') {
			end_line(o);
			continue;
		}
		if (data[i] == '\r') {
			if (i + 1 < len && data[i + 1] != '\n')
				buf_clear(&o->line);
			continue;
		}
		buf_putc(&o->line, data[i] != '\0' ? data[i] : '?');
		if (o->line.len >= LINE_MAX_SHOWN)
			end_line(o);
	}
}

void
output_catch_up(struct output *o)
{
	char data[16384];
	ssize_t n;

	while ((n = pread(o->log, data, sizeof(data), o->at)) > 0) {
		o->at += n;
		take(o, data, (size_t)n);
	}
}

static void __attribute__((noreturn))
child(const struct output *o, int answer, int (*work)(void *arg, int *status,
    struct error *e), void *arg)
{
	struct answer a = { -1, 0, ERROR_INIT };
	AUTO_CLOSE int in = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (in < 0 || dup2(in, STDIN_FILENO) < 0 ||
	    dup2(o->log, STDOUT_FILENO) < 0 || dup2(o->log, STDERR_FILENO) < 0)
		error_sys(&a.error, "dup2");
	else
		a.result = work(arg, &a.status, &a.error);
	if (write(answer, &a, sizeof(a)) != (ssize_t)sizeof(a))
		_exit(1);
	_exit(0);
}

/* Until the answer comes, or the process has ended without one. */
static ssize_t
await(struct output *o, int from, struct answer *a)
{
	struct pollfd p = { .fd = from, .events = POLLIN };
	ssize_t n;

	while (poll(&p, 1, TICK_MS) <= 0)
		output_catch_up(o);
	do
		n = read(from, a, sizeof(*a));
	while (n < 0 && errno == EINTR);
	return n;
}

int
output_run(struct output *o, int (*work)(void *arg, int *status,
    struct error *e), void *arg, int *status, struct error *e)
{
	AUTO_CLOSE int from = -1, to = -1;
	struct answer a;
	int ends[2];
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(e, "pipe");
	from = ends[0];
	to = ends[1];
	pid = fork();
	if (pid < 0)
		return error_sys(e, "fork");
	if (pid == 0)
		child(o, to, work, arg);
	close_fd(&to);
	n = await(o, from, &a);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	output_catch_up(o);
	if (o->line.len > 0)
		end_line(o);
	if (n != (ssize_t)sizeof(a))
		return error_set(e, ERROR_FAILED,
		    "the process that did the step was ended");
	*status = a.status;
	if (a.result < 0)
		*e = a.error;
	return a.result;
}
