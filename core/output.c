/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "core/output.h"

enum { LINE_MAX_SHOWN = 4096 };

struct answer {
	int result, status;
	struct error error;
};

void
output_fini(struct output *o)
{
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

/* What has come; false at the end. */
static bool
catch_up(struct output *o, int from)
{
	char data[16384];
	ssize_t n;

	while ((n = read(from, data, sizeof(data))) > 0)
		take(o, data, (size_t)n);
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void __attribute__((noreturn))
child(int out, int answer, int (*work)(void *arg, int *status,
    struct error *e), void *arg)
{
	struct answer a = { -1, 0, ERROR_INIT };
	AUTO_CLOSE int in = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (in < 0 || dup2(in, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		error_sys(&a.error, "dup2");
	else
		a.result = work(arg, &a.status, &a.error);
	if (write(answer, &a, sizeof(a)) != (ssize_t)sizeof(a))
		_exit(1);
	_exit(0);
}

/* Until the answer comes, or the process has ended without one. */
static ssize_t
await(struct output *o, int out, int from, struct answer *a)
{
	struct pollfd p[] = { { .fd = from, .events = POLLIN },
		{ .fd = out, .events = POLLIN } };
	ssize_t n;

	for (;;) {
		if (poll(p, 2, -1) < 0)
			continue;
		if (p[1].revents != 0 && !catch_up(o, out))
			p[1].fd = -1;
		if (p[0].revents != 0)
			break;
	}
	do
		n = read(from, a, sizeof(*a));
	while (n < 0 && errno == EINTR);
	catch_up(o, out);
	return n;
}

/* Both ends in variables that are closed by themselves. */
static int
make_pipe(int *read_end, int *write_end, struct error *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(e, "pipe");
	*read_end = ends[0];
	*write_end = ends[1];
	return 0;
}

int
output_run(struct output *o, int (*work)(void *arg, int *status,
    struct error *e), void *arg, int *status, struct error *e)
{
	AUTO_CLOSE int from = -1, to = -1, shown = -1, out = -1;
	struct answer a;
	ssize_t n;
	pid_t pid;

	if (make_pipe(&from, &to, e) < 0 || make_pipe(&shown, &out, e) < 0)
		return -1;
	if (fcntl(shown, F_SETFL, O_NONBLOCK) < 0)
		return error_sys(e, "fcntl");
	pid = fork();
	if (pid < 0)
		return error_sys(e, "fork");
	if (pid == 0)
		child(out, to, work, arg);
	close_fd(&to);
	close_fd(&out);
	n = await(o, shown, from, &a);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
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
