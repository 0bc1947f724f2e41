/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/spawn.h"
#include "core/tool.h"

enum { LAST_LINES = 12, LINE_KEPT = 1000, GRACE_MS = 5000 };

static const char held[] = "gaol-image: ";
static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

static void
on_grace_over(struct loop *loop, void *arg)
{
	const struct tool *t = arg;

	if (t->pid > 0)
		kill(t->pid, SIGKILL);
}

static void
on_signal(struct loop *loop, int signo, void *arg)
{
	struct tool *t = arg;

	t->stopped = true;
	if (t->pid == 0)
		return;
	kill(t->pid, t->wrapped ? SIGKILL : SIGTERM);
	loop_timer(loop, GRACE_MS, on_grace_over, t);
}

int
tool_init(struct tool *t, const struct host *h, struct error *e)
{
	*t = (struct tool)TOOL_INIT;
	t->host = h;
	t->loop = loop_new();
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (loop_signal(t->loop, signals[i], on_signal, t, e) < 0)
			return -1;
	return 0;
}

void
tool_fini(struct tool *t)
{
	if (t->loop != NULL)
		loop_free(t->loop);
	buf_fini(&t->line);
	strings_fini(&t->last);
	*t = (struct tool)TOOL_INIT;
}

static void
on_check(struct loop *loop, void *arg)
{
	loop_stop(loop);
}

int
tool_check(struct tool *t, struct error *e)
{
	/* one turn of the loop: signals that came are seen in it */
	if (!t->stopped) {
		loop_timer(t->loop, 0, on_check, NULL);
		if (loop_run(t->loop, e) < 0)
			return -1;
	}
	if (t->stopped)
		return error_set(e, ERROR_FAILED, "interrupted");
	return 0;
}

char *
tool_find(const char *name)
{
	const char *path = getenv("PATH");

	while (path != NULL && *path != '\0') {
		size_t len = strcspn(path, ":");
		AUTO_FREE char *file = xasprintf("%.*s/%s", (int)len, path,
		    name);

		if (*path == '/' && access(file, X_OK) == 0)
			return STEAL(file);
		path += len + (path[len] == ':');
	}
	return NULL;
}

void
tool_wrap(struct tool *t, struct strings *argv)
{
	AUTO_FREE char *setpriv = tool_find("setpriv");
	AUTO_FREE char *unshare = tool_find("unshare");

	t->wrapped = setpriv != NULL && unshare != NULL;
	if (!t->wrapped)
		return;
	strings_add(argv, setpriv);
	strings_add(argv, "--pdeathsig=KILL");
	strings_add(argv, unshare);
	strings_add(argv, "--mount-proc");
	strings_add(argv, "--pid");
	strings_add(argv, "--fork");
	strings_add(argv, "--kill-child=KILL");
	strings_add(argv, "--");
}

static bool
is_shown(const struct tool *t)
{
	size_t len = sizeof(held) - 1;

	if (log_getverbose() > 0)
		return true;
	if (t->line.len < len)
		len = t->line.len;
	return t->talk == TOOL_SHOWN && log_getverbose() == 0 &&
	    (len == 0 || memcmp(t->line.data, held, len) != 0);
}

/* What is new of the line; end is the character that completes it, or NUL. */
static void
show(struct tool *t, char end)
{
	struct error ignored = ERROR_INIT;

	if (!is_shown(t) || (t->line.len == t->shown && end == '\0'))
		return;
	if (end != '\0')
		buf_putc(&t->line, end);
	if (file_write_fd(STDERR_FILENO, t->line.data + t->shown,
	    t->line.len - t->shown, &ignored) < 0)
		error_clear(&ignored);
	t->shown = t->line.len;
	if (end != '\0')
		t->line.data[--t->line.len] = '\0';
}

static void
end_line(struct tool *t)
{
	const char *text = buf_text(&t->line);

	t->shown = 0;
	if (t->line.len == 0)
		return;
	if (t->talk == TOOL_STEPS && log_getverbose() == 0 && !t->stopped &&
	    strncmp(text, "I: ", 3) == 0 && t->line.len > 6 &&
	    strcmp(text + t->line.len - 3, "...") == 0)
		host_say(t->host, "%.*s", (int)t->line.len - 6, text + 3);
	if (t->last.count == LAST_LINES) {
		free(t->last.items[0]);
		memmove(t->last.items, t->last.items + 1,
		    --t->last.count * sizeof(*t->last.items));
	}
	strings_add(&t->last, text);
	buf_clear(&t->line);
}

static void
take_output(struct tool *t, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n' || data[i] == '\r') {
			show(t, data[i]);
			end_line(t);
		} else if (t->line.len < LINE_KEPT) {
			buf_putc(&t->line, data[i]);
		}
	}
	show(t, '\0');
}

const char *
tool_why(const struct tool *t)
{
	const char *text = t->last.count > 0 ?
	    t->last.items[t->last.count - 1] : "no reason was told";

	return strncmp(text, held, sizeof(held) - 1) == 0 ?
	    text + sizeof(held) - 1 : text;
}

static void
on_output(struct loop *loop, int fd, short revents, void *arg)
{
	struct tool *t = arg;
	char data[4096];
	ssize_t n = read(fd, data, sizeof(data));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		take_output(t, data, (size_t)n);
		return;
	}
	loop_fd_remove(loop, fd);
	t->ended = true;
	loop_stop(loop);
}

int
tool_start(struct tool *t, struct strings *argv, struct strings *env,
    enum tool_talk talk, struct error *e)
{
	struct spawn s = SPAWN_INIT;
	int out[2], result;

	strings_fini(&t->last);
	buf_clear(&t->line);
	t->shown = 0;
	t->talk = talk;
	t->ended = false;
	if (tool_check(t, e) < 0)
		return -1;
	AUTO_CLOSE int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0 || pipe2(out, O_CLOEXEC) < 0)
		return error_sys(e, "output of %s", argv->items[0]);
	s.argv = strings_argv(argv);
	s.envp = env != NULL ? strings_argv(env) : NULL;
	s.in = t->in >= 0 ? t->in : null;
	s.out = s.err = out[1];
	result = spawn_start(&s, &t->pid, e);
	close(out[1]);
	if (result < 0) {
		close(out[0]);
		return -1;
	}
	/* it is over when none of its processes holds the pipe */
	t->out = out[0];
	loop_fd(t->loop, t->out, POLLIN, on_output, t);
	return 0;
}

static void
on_waited(struct loop *loop, int fd, short revents, void *arg)
{
	struct tool *t = arg;

	loop_fd_remove(loop, fd);
	t->waited = -1;
	loop_stop(loop);
}

int
tool_wait(struct tool *t, int fd, struct error *e)
{
	int result = 0;

	t->waited = fd;
	loop_fd(t->loop, fd, POLLIN, on_waited, t);
	while (result == 0 && t->waited >= 0 && !t->ended)
		result = loop_run(t->loop, e);
	if (t->waited >= 0)
		loop_fd_remove(t->loop, fd);
	t->waited = -1;
	if (t->stopped)
		return error_set(e, ERROR_FAILED, "interrupted");
	return result;
}

int
tool_finish(struct tool *t, int *status, struct error *e)
{
	int result = 0;

	while (result == 0 && !t->ended)
		result = loop_run(t->loop, e);
	if (!t->ended)
		loop_fd_remove(t->loop, t->out);
	if (spawn_wait(t->pid, 0, status, e) < 0)
		result = -1;
	t->pid = 0;
	end_line(t);
	close_fd(&t->out);
	if (t->stopped)
		return error_set(e, ERROR_FAILED, "interrupted");
	return result;
}

int
tool_run(struct tool *t, struct strings *argv, struct strings *env,
    enum tool_talk talk, int *status, struct error *e)
{
	if (tool_start(t, argv, env, talk, e) < 0)
		return -1;
	return tool_finish(t, status, e);
}

/* Its exit status is one of sysexits(3), as ours: the same kind of error. */
enum error_kind
tool_kind(int status)
{
	for (int kind = ERROR_FAILED; kind <= ERROR_CONFIG; kind++)
		if (error_exit_status((enum error_kind)kind) == status)
			return (enum error_kind)kind;
	return ERROR_FAILED;
}

const char *
tool_progress(void)
{
	const char *term = getenv("TERM");

	if (log_getverbose() < 0)
		return "none";
	return isatty(STDERR_FILENO) && term != NULL &&
	    strcmp(term, "dumb") != 0 ? "tty" : "lines";
}
