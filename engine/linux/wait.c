/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Waiting for a command inside: answers, a terminal, signals, a timeout. */
#include <errno.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/linux/sys.h"
#include "engine/linux/talk.h"

enum { RELAY_SIZE = 65536, DRAIN_ROUNDS = 32 };

struct waiting {
	const struct talk_wait *w;
	int signals;		/* signalfd */
	int master;		/* of the jail's pty, or -1 */
	bool stdin_open;
	bool raw;
	struct termios saved;
	sigset_t old_mask;
	uint64_t deadline;	/* clock_ms, 0: none */
	bool timed_out;
	bool done;
	bool gone;		/* the socket is closed */
	struct init_answer failure;
	struct error why;	/* with failure.step 0: before gaol-init ran */
	int status;
};

static int
watch_signals(struct waiting *x, struct error *e)
{
	static const int caught[] = {
		SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH,
	};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		sigaddset(&set, caught[i]);
	sigprocmask(SIG_BLOCK, &set, &x->old_mask);
	x->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (x->signals < 0)
		return error_sys(e, "signalfd");
	return 0;
}

static void
raw_mode(struct waiting *x)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &x->saved) < 0)
		return;
	t = x->saved;
	cfmakeraw(&t);
	x->raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &t) == 0;
}

static void
finish(struct waiting *x)
{
	if (x->raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &x->saved);
	close_fd(&x->master);
	close_fd(&x->signals);
	sigprocmask(SIG_SETMASK, &x->old_mask, NULL);
}

static void
copy_size(const struct waiting *x)
{
	struct winsize size;

	if (x->master >= 0 && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		ioctl(x->master, TIOCSWINSZ, &size);
}

/*
 * The jail sent what it says is a pty master.  Believe only the kernel: a
 * descriptor of something else would let the jail read what is typed elsewhere,
 * or block us.
 */
static bool
is_pty_master(int fd)
{
	struct stat st;
	struct statfs fs;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	    st.st_rdev == makedev(5, 2) && fstatfs(fd, &fs) == 0 &&
	    fs.f_type == DEVPTS_SUPER_MAGIC;
}

static int
take_master(struct waiting *x, int fd, struct error *e)
{
	if (!x->w->tty || x->master >= 0 || !is_pty_master(fd)) {
		close(fd);
		return error_set(e, ERROR_FAILED,
		    "the jail's /dev/pts gave no terminal");
	}
	x->master = fd;
	copy_size(x);
	raw_mode(x);
	return 0;
}

static int
read_answer(struct waiting *x, struct error *e)
{
	union {
		struct cmsghdr align;
		char data[CMSG_SPACE(sizeof(int))];
	} control;
	struct init_answer a;
	struct iovec iov = { &a, sizeof(a) };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.data,
		.msg_controllen = sizeof(control.data),
	};
	const struct cmsghdr *c;
	int fd = -1;
	ssize_t n = recvmsg(x->w->socket, &m, MSG_CMSG_CLOEXEC | MSG_WAITALL);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (c != NULL && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	if (n != (ssize_t)sizeof(a)) {
		close_fd(&fd);
		x->gone = true;
		return 0;
	}
	if (a.type == INIT_MASTER && fd >= 0)
		return take_master(x, fd, e);
	close_fd(&fd);
	if (a.type == INIT_FAILED)
		x->failure = a;
	if (a.type == INIT_FAILED && a.step == 0 && recv(x->w->socket,
	    &x->why, sizeof(x->why), MSG_WAITALL) != (ssize_t)sizeof(x->why))
		error_set(&x->why, ERROR_FAILED, "the jail could not be made");
	else
		x->status = a.value;
	x->done = true;
	return 0;
}

static void
relay_in(struct waiting *x)
{
	char data[4096];
	struct error ignored = ERROR_INIT;
	ssize_t n = read(STDIN_FILENO, data, sizeof(data));

	if (n <= 0 ||
	    file_write_fd(x->master, data, (size_t)n, &ignored) < 0)
		x->stdin_open = false;
}

/* False at the end: the last process with the terminal has gone. */
static bool
relay_out(struct waiting *x)
{
	char data[RELAY_SIZE];
	struct error ignored = ERROR_INIT;
	ssize_t n = read(x->master, data, sizeof(data));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0) {
		close_fd(&x->master);
		return false;
	}
	return file_write_fd(STDOUT_FILENO, data, (size_t)n, &ignored) == 0;
}

static int
output_fd(const struct waiting *x, int i)
{
	return x->w->output != NULL ? x->w->output->outside[i] : -1;
}

static void
copy_output(const struct waiting *x, int i)
{
	char data[4096];
	struct error ignored = ERROR_INIT;
	ssize_t n = read(output_fd(x, i), data, sizeof(data));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0 || file_write_fd(x->w->output->to[i], data, (size_t)n,
	    &ignored) < 0)
		close_fd(&x->w->output->outside[i]);
}

/*
 * What the command wrote last is still in the pipes, or the terminal; no more
 * than these hold, for what it has left running may write for ever.
 */
static void
drain(struct waiting *x)
{
	struct pollfd p = { .fd = x->master, .events = POLLIN };

	for (int i = 0; i < 2; i++) {
		struct pollfd pipe = { .fd = output_fd(x, i),
		    .events = POLLIN };

		for (int n = 0; n < DRAIN_ROUNDS && pipe.fd >= 0 &&
		    poll(&pipe, 1, 0) > 0; n++) {
			copy_output(x, i);
			pipe.fd = output_fd(x, i);
		}
	}

	for (int n = 0; n < DRAIN_ROUNDS && x->master >= 0 &&
	    poll(&p, 1, 0) > 0 && (p.revents & POLLIN) != 0; n++)
		if (!relay_out(x))
			break;
}

static void
kill_it(const struct waiting *x, int signo)
{
	struct error ignored = ERROR_INIT;

	if (x->w->by_init && signo == SIGKILL) {
		if (talk_send(x->w->socket, INIT_KILL, 0, NULL, &ignored) < 0)
			sys_pidfd_send_signal(x->w->pidfd, SIGKILL);
	} else {
		sys_pidfd_send_signal(x->w->pidfd, signo);
	}
}

static void
take_signal(struct waiting *x)
{
	struct signalfd_siginfo si;

	if (read(x->signals, &si, sizeof(si)) != (ssize_t)sizeof(si))
		return;
	if (si.ssi_signo == SIGWINCH) {
		copy_size(x);
		return;
	}
	if (x->w->forward)
		kill_it(x, (int)si.ssi_signo);
	else
		kill_it(x, SIGKILL);
}

/* Milliseconds for poll(2). */
static int
time_left(const struct waiting *x)
{
	uint64_t now = clock_ms();

	if (x->deadline == 0)
		return -1;
	return now >= x->deadline ? 0 : (int)(x->deadline - now);
}

static int
wait_once(struct waiting *x, struct error *e)
{
	struct pollfd p[] = {
		{ .fd = x->gone ? -1 : x->w->socket, .events = POLLIN },
		{ .fd = x->w->pidfd, .events = POLLIN },
		{ .fd = x->signals, .events = POLLIN },
		{ .fd = x->master, .events = POLLIN },
		{ .fd = x->master >= 0 && x->stdin_open ? STDIN_FILENO : -1,
		    .events = POLLIN },
		{ .fd = output_fd(x, 0), .events = POLLIN },
		{ .fd = output_fd(x, 1), .events = POLLIN },
	};
	int n = poll(p, sizeof(p) / sizeof(p[0]), time_left(x));

	if (n < 0 && errno != EINTR)
		return error_sys(e, "poll");
	if (n == 0) {
		x->timed_out = true;
		x->deadline = 0;
		kill_it(x, SIGKILL);
		return 0;
	}
	if (n < 0)
		return 0;
	if (p[2].revents != 0)
		take_signal(x);
	if (p[4].revents != 0)
		relay_in(x);
	for (int i = 0; i < 2; i++)
		if (p[5 + i].revents != 0)
			copy_output(x, i);
	if (p[3].revents != 0)
		relay_out(x);
	if (p[0].revents != 0)
		return read_answer(x, e);
	if (p[1].revents != 0)
		x->done = true;
	return 0;
}

static int
explain_failure(const struct init_answer *a, struct error *e)
{
	static const char *const steps[] = {
		[STEP_MESSAGE] = "gaol-init refused the request",
		[STEP_FORK] = "fork", [STEP_TTY] = "the jail's terminal",
		[STEP_GROUPS] = "take on the user's ids",
		[STEP_DIRECTORY] = "the working directory",
		[STEP_MOUNTS] = "tell kinds of mounts apart",
		[STEP_EXEC] = "run it in the jail",
	};
	const char *step = a->step < sizeof(steps) / sizeof(steps[0]) &&
	    steps[a->step] != NULL ? steps[a->step] : "gaol-init";

	if (a->step == STEP_MOUNTS && a->value == EBUSY)
		return error_set(e, ERROR_UNSUPPORTED, "allow.mount: the jail "
		    "that this runs in has it as well, and the kernel can "
		    "only ask one; set it in one of them");
	errno = a->value;
	error_sys(e, "%s", step);
	if (a->step == STEP_EXEC)
		e->kind = a->value == ENOENT ? ERROR_NOT_FOUND : ERROR_DENIED;
	else
		e->kind = ERROR_FAILED;
	return -1;
}

static int
outcome(struct waiting *x, int *status, struct error *e)
{
	if (x->timed_out)
		return error_set(e, ERROR_FAILED, "killed after %u ms",
		    x->w->timeout_ms);
	if (x->failure.type == INIT_FAILED && x->failure.step == 0)
		return talk_error(&x->why, e);
	if (x->failure.type == INIT_FAILED)
		return explain_failure(&x->failure, e);
	*status = x->status;
	return 0;
}

/* Our own child: its status is the kernel's word, not the socket's. */
static int
reap(struct waiting *x, struct error *e)
{
	int status;

	while (waitpid(x->w->child, &status, 0) < 0)
		if (errno != EINTR)
			return error_sys(e, "wait");
	x->status = status;
	return 0;
}

int
talk_wait(const struct talk_wait *w, int *status, struct error *e)
{
	struct waiting x = {
		.w = w, .signals = -1, .master = -1, .stdin_open = true,
		.deadline = w->timeout_ms > 0 ? clock_ms() + w->timeout_ms : 0,
	};
	/* a message that does not come whole must not hold us */
	const struct timeval patience = { 2, 0 };
	int result = watch_signals(&x, e);

	setsockopt(w->socket, SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof(patience));

	while (result == 0 && !x.done)
		result = wait_once(&x, e);
	drain(&x);
	if (result == 0 && w->child != 0)
		result = reap(&x, e);
	else if (w->child != 0)
		kill(w->child, SIGKILL);
	else if (result == 0 && x.gone && x.failure.type == 0)
		result = error_set(e, ERROR_FAILED,
		    "the jail ended before its command did");
	finish(&x);
	return result < 0 ? -1 : outcome(&x, status, e);
}
