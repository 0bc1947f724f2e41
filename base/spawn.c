/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "base/auto.h"
#include "base/file.h"
#include "base/spawn.h"
#include "base/xalloc.h"

enum {
	KILL_AFTER_MS = 2000,	/* between SIGTERM and SIGKILL */
	CAPTURE_MAX = 16 << 20,
	WHY_MAX = 256,		/* of stderr's first line */
	MISSING = 1,		/* launch(): no such program, or not runnable */
};

static const char default_path[] =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

extern char **environ;

/* What the child needs; it shares our memory until execve(2) succeeds. */
struct launch {
	const struct spawn *s;
	const char *program;
	const char *volatile subject;	/* out: what failed */
	volatile int why;	/* out: errno */
};

/*
 * The program of argv[0] in PATH.  Directories that are not absolute are left
 * out, where the current directory could slip in.  NULL with errno.
 */
static char *
find_program(const char *name)
{
	const char *path = getenv("PATH");
	int why = ENOENT;

	if (strchr(name, '/') != NULL)
		return xstrdup(name);
	if (path == NULL || *path == '\0')
		path = default_path;
	for (const char *end; *name != '\0' && *path != '\0';
	    path = *end != '\0' ? end + 1 : end) {
		AUTO_FREE char *full = NULL;
		struct stat st;

		end = path + strcspn(path, ":");
		if (*path != '/')
			continue;
		full = xasprintf("%.*s/%s", (int)(end - path), path, name);
		if (stat(full, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		if (access(full, X_OK) == 0)
			return STEAL(full);
		why = EACCES;
	}
	errno = why;
	return NULL;
}

/*
 * Put the wanted descriptors on 0, 1 and 2.  Those that stand on one of the
 * three themselves move out of the way first.
 */
static int
place_descriptors(const struct spawn *s)
{
	int fds[3] = { s->in, s->out, s->err };

	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0 && fds[i] < 3 && fds[i] != i &&
		    (fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3)) < 0)
			return -1;
	for (int i = 0; i < 3; i++) {
		if (fds[i] == i && fcntl(i, F_SETFD, 0) < 0)
			return -1;
		if (fds[i] >= 0 && fds[i] != i && dup2(fds[i], i) < 0)
			return -1;
	}
	return 0;
}

static int
become_user(const struct spawn_user *u)
{
	if (u == NULL || u->uid == geteuid())
		return 0;
	if (setgroups(u->group_count, u->groups) < 0 ||
	    setregid(u->gid, u->gid) < 0 || setreuid(u->uid, u->uid) < 0)
		return -1;
	return 0;
}

/* In the child: no allocation, no return, our parent's memory. */
static _Noreturn void
become(struct launch *l)
{
	const struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int signo = 1; signo < NSIG; signo++)
		(void)sigaction(signo, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (place_descriptors(l->s) < 0) {
		l->subject = "descriptors";
	} else if (l->s->dir != NULL && chdir(l->s->dir) < 0) {
		l->subject = l->s->dir;
	} else if (become_user(l->s->user) < 0) {
		l->subject = "user";
	} else {
		execve(l->program, l->s->argv,
		    l->s->envp != NULL ? l->s->envp : environ);
		l->subject = NULL;
	}
	l->why = errno;
	_exit(127);
}

/*
 * vfork(2), not posix_spawn(3): that has no handlers of ignored signals reset
 * in one go, and does not tell a missing directory from a missing program.
 * And not fork(2): what we have mapped is not to be copied.
 */
static pid_t
start_child(struct launch *l)
{
	sigset_t all, saved;
	pid_t pid;

	/* A handler must not run in a child that shares our memory. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &saved);
	pid = vfork();
	if (pid == 0)
		become(l);
	sigprocmask(SIG_SETMASK, &saved, NULL);
	return pid;
}

/*
 * 0 and *pid, MISSING with errno when the program cannot be run, -1 for
 * anything else.
 */
static int
launch(const struct spawn *s, pid_t *pid, struct error *e)
{
	AUTO_FREE char *program = find_program(s->argv[0]);
	struct launch l = { s, program, NULL, 0 };
	pid_t child;

	if (program == NULL)
		return MISSING;
	child = start_child(&l);
	if (child < 0)
		return error_sys(e, "fork");
	if (l.why == 0) {
		*pid = child;
		return 0;
	}
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	errno = l.why;
	if (l.subject != NULL)
		return error_sys(e, "%s: %s", s->argv[0], l.subject);
	return MISSING;
}

int
spawn_start(const struct spawn *s, pid_t *pid, struct error *e)
{
	int result = launch(s, pid, e);

	if (result == MISSING)
		return error_sys(e, "%s", s->argv[0]);
	return result;
}

int
spawn_run(const struct spawn *s, int *status, struct error *e)
{
	pid_t pid = -1;
	int result = launch(s, &pid, e);

	if (result == MISSING) {
		*status = errno == ENOENT || errno == ENOTDIR ? 127 : 126;
		return 0;
	}
	if (result < 0)
		return -1;
	if (spawn_wait(pid, s->timeout_ms, status, e) < 0)
		return error_wrap(e, "%s", s->argv[0]);
	return 0;
}

/* A descriptor that becomes readable when pid ends; -1 where there is none. */
static int
open_pid(pid_t pid)
{
#if defined(__linux__) && defined(SYS_pidfd_open)
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	errno = ENOSYS;
	return -1;
#endif
}

static int
shell_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}

static int
reap(pid_t pid, int *status, struct error *e)
{
	int raw;

	while (waitpid(pid, &raw, 0) < 0)
		if (errno != EINTR)
			return error_sys(e, "wait for process %d", (int)pid);
	*status = shell_status(raw);
	return 0;
}

/* Wait at most until end for pid to end, without reaping; whether it did. */
static bool
wait_until(pid_t pid, int pidfd, uint64_t end)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	unsigned pause = 1;

	for (;;) {
		uint64_t now = clock_ms();
		uint64_t left = now < end ? end - now : 0;
		siginfo_t info = { .si_pid = 0 };

		if (pidfd >= 0) {
			if (poll(&p, 1, left < 60000 ? (int)left : 60000) > 0)
				return true;
		} else {
			if (waitid(P_PID, (id_t)pid, &info,
			    WEXITED | WNOHANG | WNOWAIT) < 0 ||
			    info.si_pid != 0)
				return true;
			if (left > pause)
				left = pause;
			nanosleep(&(struct timespec) { 0,
			    (long)left * 1000000 }, NULL);
			pause = pause < 20 ? pause * 2 : pause;
		}
		if (now >= end)
			return false;
	}
}

static void
terminate(pid_t pid, int pidfd)
{
	kill(pid, SIGTERM);
	if (!wait_until(pid, pidfd, clock_ms() + KILL_AFTER_MS))
		kill(pid, SIGKILL);
}

int
spawn_wait(pid_t pid, unsigned timeout_ms, int *status, struct error *e)
{
	AUTO_CLOSE int pidfd = timeout_ms != 0 ? open_pid(pid) : -1;
	int late;

	if (timeout_ms == 0 ||
	    wait_until(pid, pidfd, clock_ms() + timeout_ms))
		return reap(pid, status, e);
	terminate(pid, pidfd);
	if (reap(pid, &late, e) < 0)
		return -1;
	return error_set(e, ERROR_FAILED, "timed out after %u.%u s",
	    timeout_ms / 1000, timeout_ms % 1000 / 100);
}

/* A program whose output is being collected. */
struct capture {
	pid_t pid;
	int pidfd, out, err;
	struct buf *text;
	size_t start;		/* of ours in text */
	struct buf why;		/* stderr's first line */
	bool why_ended;
};

/* Take what is there; closes *fd at its end.  -1: too much. */
static int
take(struct capture *c, int *fd)
{
	char data[16384];
	ssize_t n = read(*fd, data, sizeof(data));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0) {
		close_fd(fd);
		return 0;
	}
	if (fd == &c->out) {
		buf_append(c->text, data, (size_t)n);
		return c->text->len - c->start > CAPTURE_MAX ? -1 : 0;
	}
	for (ssize_t i = 0; i < n && !c->why_ended; i++) {
		c->why_ended = data[i] == '\n' || c->why.len == WHY_MAX;
		if (!c->why_ended)
			buf_putc(&c->why, data[i]);
	}
	return 0;
}

/* Whoever inherited the pipe may keep it open: take what is there and go. */
static int
take_rest(struct capture *c, int *fd)
{
	struct pollfd p = { .fd = *fd, .events = POLLIN };

	while (*fd >= 0 && poll(&p, 1, 0) > 0)
		if (take(c, fd) < 0)
			return -1;
	return 0;
}

/* Until the program ended, or closed both, or said too much. */
static int
collect(struct capture *c)
{
	while (c->out >= 0 || c->err >= 0) {
		struct pollfd p[3] = { { .fd = c->out, .events = POLLIN },
			{ .fd = c->err, .events = POLLIN },
			{ .fd = c->pidfd, .events = POLLIN } };

		if (poll(p, 3, -1) < 0)
			continue;
		if ((p[0].revents != 0 && take(c, &c->out) < 0) ||
		    (p[1].revents != 0 && take(c, &c->err) < 0))
			return -1;
		if (p[2].revents != 0) {
			if (take_rest(c, &c->out) < 0)
				return -1;
			return take_rest(c, &c->err);
		}
	}
	return 0;
}

static int
capture_result(struct capture *c, const char *name, int status,
    struct error *e)
{
	if (status == 0)
		return 0;
	if (c->why.len == 0)
		return error_set(e, ERROR_FAILED, "%s: ended with status %d",
		    name, status);
	for (size_t i = 0; i < c->why.len; i++)
		if ((unsigned char)c->why.data[i] < ' ')
			c->why.data[i] = ' ';
	return error_set(e, ERROR_FAILED, "%s: %s", name, buf_text(&c->why));
}

static int
capture_run(struct capture *c, const char *name, struct error *e)
{
	int status = 0;

	if (collect(c) < 0) {
		terminate(c->pid, c->pidfd);
		if (reap(c->pid, &status, e) < 0)
			return -1;
		return error_set(e, ERROR_DATA,
		    "%s: more than %d MB of output", name, CAPTURE_MAX >> 20);
	}
	if (reap(c->pid, &status, e) < 0)
		return -1;
	return capture_result(c, name, status, e);
}

int
spawn_capture(char *const *argv, struct buf *out, struct error *e)
{
	return spawn_capture_from(argv, -1, out, e);
}

int
spawn_capture_from(char *const *argv, int in, struct buf *out,
    struct error *e)
{
	AUTO_CLOSE int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct capture c = { .pidfd = -1, .out = -1, .err = -1, .text = out,
		.start = out->len, .why = BUF_INIT };
	struct spawn s = SPAWN_INIT;
	int p[2] = { -1, -1 }, q[2] = { -1, -1 }, result = -1;

	s.argv = argv;
	s.in = in >= 0 ? in : null;
	if (null < 0 || pipe2(p, O_CLOEXEC) < 0 || pipe2(q, O_CLOEXEC) < 0) {
		error_sys(e, "%s: pipe", argv[0]);
	} else {
		s.out = p[1];
		s.err = q[1];
		result = spawn_start(&s, &c.pid, e);
	}
	close_fd(&p[1]);
	close_fd(&q[1]);
	c.out = p[0];
	c.err = q[0];
	if (result == 0) {
		c.pidfd = open_pid(c.pid);
		result = capture_run(&c, argv[0], e);
	}
	close_fd(&c.out);
	close_fd(&c.err);
	close_fd(&c.pidfd);
	buf_fini(&c.why);
	return result;
}
