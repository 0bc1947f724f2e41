/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A command inside, and waiting for it: a terminal, signals, a timeout. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/loop.h"
#include "engine/freebsd/freebsd.h"
#include "engine/freebsd/kern_process.h"

enum { RELAY_SIZE = 65536, TYPED_SIZE = 4096 };

struct waiting {
	struct kern_process *process;
	const struct run *run;
	struct loop *loop;
	bool timed_out;
	bool raw;
	struct termios saved;
};

static void
on_end(struct loop *loop, int fd, short revents, void *arg)
{
	loop_stop(loop);
}

static void
on_timeout(struct loop *loop, void *arg)
{
	struct waiting *w = arg;

	w->timed_out = true;
	kern_process_signal(w->process, SIGKILL);
}

static void
copy_size(const struct waiting *w)
{
	struct winsize size;

	if (w->process->master >= 0 &&
	    ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		ioctl(w->process->master, TIOCSWINSZ, &size);
}

static void
on_signal(struct loop *loop, int signo, void *arg)
{
	struct waiting *w = arg;

	if (signo == SIGWINCH)
		copy_size(w);
	else
		/* a hook has no say in how we end */
		kern_process_signal(w->process,
		    w->run->stdio ? signo : SIGKILL);
}

/* False at the end: the last process with the terminal has gone. */
static bool
relay_out(const struct waiting *w)
{
	char data[RELAY_SIZE];
	struct error ignored = ERROR_INIT;
	ssize_t n = read(w->process->master, data, sizeof(data));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	return n > 0 && file_write_fd(STDOUT_FILENO, data, (size_t)n,
	    &ignored) == 0;
}

static void
on_output(struct loop *loop, int fd, short revents, void *arg)
{
	if (!relay_out(arg))
		loop_fd_remove(loop, fd);
}

static void
on_input(struct loop *loop, int fd, short revents, void *arg)
{
	const struct waiting *w = arg;
	char data[TYPED_SIZE];
	struct error ignored = ERROR_INIT;
	ssize_t n = read(fd, data, sizeof(data));

	if (n <= 0 || file_write_fd(w->process->master, data, (size_t)n,
	    &ignored) < 0)
		loop_fd_remove(loop, fd);
}

/* What the command wrote last is still in the terminal's buffer. */
static void
drain(const struct waiting *w)
{
	struct pollfd p = { .fd = w->process->master, .events = POLLIN };

	while (p.fd >= 0 && poll(&p, 1, 0) > 0 && (p.revents & POLLIN) != 0 &&
	    relay_out(w))
		;
}

static void
raw_mode(struct waiting *w)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &w->saved) < 0)
		return;
	t = w->saved;
	cfmakeraw(&t);
	w->raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &t) == 0;
}

static int
watch(struct waiting *w, unsigned timeout_ms, struct error *e)
{
	static const int caught[] = {
		SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH,
	};

	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		if (loop_signal(w->loop, caught[i], on_signal, w, e) < 0)
			return -1;
	loop_fd(w->loop, w->process->fd, POLLHUP, on_end, w);
	if (timeout_ms > 0)
		loop_timer(w->loop, timeout_ms, on_timeout, w);
	if (w->process->master >= 0) {
		copy_size(w);
		raw_mode(w);
		loop_fd(w->loop, w->process->master, POLLIN, on_output, w);
		loop_fd(w->loop, STDIN_FILENO, POLLIN, on_input, w);
	}
	return 0;
}

static int
shell_status(int status)
{
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

static int
wait_for(const struct run *r, const struct engine_command *c,
    struct kern_process *p, int *status, struct error *e)
{
	struct waiting w = { .process = p, .run = r, .loop = loop_new() };
	struct error ignored = ERROR_INIT;
	int result = watch(&w, c->timeout_ms, e);
	int raw = 0;

	if (result == 0)
		result = loop_run(w.loop, e);
	drain(&w);
	if (w.raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &w.saved);
	loop_free(w.loop);
	if (result < 0)
		kern_process_signal(p, SIGKILL);
	if (kern_process_wait(p, &raw, result < 0 ? &ignored : e) < 0)
		result = -1;
	close_fd(&p->master);
	if (result == 0 && w.timed_out)
		return error_set(e, ERROR_FAILED, "killed after %u ms",
		    c->timeout_ms);
	if (result == 0)
		*status = shell_status(raw);
	return result;
}

/* Our standard streams go into the jail: no directory, no terminal to read. */
static int
check_stdio(struct error *e)
{
	struct stat st;

	for (int fd = 0; fd <= 2; fd++)
		if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
			return error_set(e, ERROR_USAGE, "standard stream %d "
			    "is a directory; the jail could leave through it",
			    fd);
	return 0;
}

/* What stays longer than its command must not read what is typed later. */
static int
shield(int fd, int null)
{
	const char *name;

	if (!isatty(fd))
		return -1;
	if (fd == STDIN_FILENO)
		return fcntl(null, F_DUPFD_CLOEXEC, 0);
	name = ttyname(fd);
	return name == NULL ? -1 :
	    open(name, O_WRONLY | O_NOCTTY | O_CLOEXEC);
}

int
run_command(const struct run *r, const struct engine_command *c, int *status,
    struct error *e)
{
	AUTO_CLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	AUTO_CLOSE int in = -1;
	AUTO_CLOSE int out = -1;
	AUTO_CLOSE int err = -1;
	struct kern_process p = KERN_PROCESS_INIT;
	struct kern_start s = { .jid = r->jid, .root = r->root,
	    .command = c, .fib = r->fib, .session = true };

	if (null < 0)
		return error_sys(e, "/dev/null");
	if (r->stdio && check_stdio(e) < 0)
		return -1;
	if (r->stdio && !c->tty) {
		in = shield(STDIN_FILENO, null);
		out = shield(STDOUT_FILENO, null);
		err = shield(STDERR_FILENO, null);
	}
	s.in = r->stdio ? in : null;
	s.out = r->stdio ? out : r->console >= 0 ? r->console : null;
	s.err = r->stdio ? err : s.out;
	if (kern_process_start(&s, &p, e) < 0)
		return -1;
	return wait_for(r, c, &p, status, e);
}
