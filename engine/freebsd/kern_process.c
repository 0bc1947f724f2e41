/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The real kern_process.h: pdfork(2), jail_attach(2), login.conf(5). */
#include <sys/param.h>
#include <sys/event.h>
#include <sys/jail.h>
#include <sys/procctl.h>
#include <sys/procdesc.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <login_cap.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "engine/freebsd/kern_process.h"

extern char **environ;

/* What the child has to say before it is the command. */
struct answer {
	struct error e;		/* kind ERROR_NONE: here is the terminal */
};

static _Noreturn void
fail(int socket, const char *what)
{
	struct answer a = { ERROR_INIT };

	error_sys(&a.e, "%s", what);
	(void)send(socket, &a, sizeof(a), MSG_NOSIGNAL);
	_exit(a.e.kind == ERROR_NOT_FOUND ? 127 : 126);
}

static int
send_master(int socket, int master)
{
	union {
		struct cmsghdr align;
		char data[CMSG_SPACE(sizeof(int))];
	} control;
	struct answer a = { ERROR_INIT };
	struct iovec iov = { &a, sizeof(a) };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.data,
		.msg_controllen = sizeof(control.data),
	};
	struct cmsghdr *c;

	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &master, sizeof(master));
	return sendmsg(socket, &m, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* A terminal of the jail's own, which its programs can find in /dev. */
static int
open_terminal(int socket)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	const char *name;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 ||
	    (name = ptsname(master)) == NULL)
		return -1;
	slave = open(name, O_RDWR);
	if (slave < 0 || ioctl(slave, TIOCSCTTY, 0) < 0 ||
	    send_master(socket, master) < 0 || dup2(slave, 0) < 0 ||
	    dup2(slave, 1) < 0 || dup2(slave, 2) < 0)
		return -1;
	if (slave > 2)
		close(slave);
	close(master);
	return 0;
}

static void
move_streams(const struct kern_start *s, int socket)
{
	const int from[] = { s->in, s->out, s->err };
	int high[3];

	/* none may be written over before it was copied */
	for (int i = 0; i < 3; i++) {
		high[i] = from[i] < 0 ? -1 :
		    fcntl(from[i], F_DUPFD_CLOEXEC, 3);
		if (from[i] >= 0 && high[i] < 0)
			fail(socket, "standard streams");
	}
	for (int i = 0; i < 3; i++)
		if (high[i] >= 0 && dup2(high[i], i) < 0)
			fail(socket, "standard streams");
}

/*
 * Resources, priority, umask and setenv of the user's login class, read from
 * the jail's own login.conf; what the command's environment names wins.
 */
static void
enter_class(const struct engine_command *c, int socket)
{
	static char *empty[] = { NULL };
	const struct passwd *pw;

	environ = empty;
	pw = getpwuid(c->uid);
	if (pw != NULL && setusercontext(NULL, pw, c->uid, LOGIN_SETRESOURCES |
	    LOGIN_SETPRIORITY | LOGIN_SETUMASK | LOGIN_SETENV |
	    LOGIN_SETLOGINCLASS | LOGIN_SETCPUMASK) < 0)
		fail(socket, "login class");
	endpwent();
	for (char *const *p = c->env; p != NULL && *p != NULL; p++)
		if (putenv(*p) < 0)
			fail(socket, "environment");
}

static void
become_user(const struct engine_command *c, int socket)
{
	int on = PROC_NO_NEW_PRIVS_ENABLE;

	enter_class(c, socket);
	if (setgroups((int)c->group_count, c->groups) < 0 ||
	    setresgid(c->gid, c->gid, c->gid) < 0 ||
	    setresuid(c->uid, c->uid, c->uid) < 0)
		fail(socket, "user in the jail");
	if (c->no_new_privs &&
	    procctl(P_PID, 0, PROC_NO_NEW_PRIVS_CTL, &on) < 0)
		fail(socket, "no_new_privs");
	if (c->dir != NULL && chdir(c->dir) < 0 &&
	    (!c->dir_is_home || chdir("/") < 0))
		fail(socket, c->dir);
}

/*
 * Others in the jail must not get at what we have open, nor into us, between
 * jail_attach(2) and execve(2).
 */
static _Noreturn void
child_main(const struct kern_start *s, int socket)
{
	const struct engine_command *c = s->command;
	int trace = PROC_TRACE_CTL_DISABLE;
	const char *path;
	sigset_t none;

	move_streams(s, socket);
	if (dup2(socket, 3) < 0)
		fail(socket, "socket");
	socket = 3;
	closefrom(4);
	fcntl(socket, F_SETFD, FD_CLOEXEC);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	if (s->fib >= 0 && setfib(s->fib) < 0)
		fail(socket, "exec.fib");
	if (procctl(P_PID, 0, PROC_TRACE_CTL, &trace) < 0 ||
	    (s->session && setsid() < 0) || chdir(s->root) < 0 ||
	    jail_attach(s->jid) < 0 || chdir("/") < 0)
		fail(socket, "join the jail");
	if (c->tty && open_terminal(socket) < 0)
		fail(socket, "terminal in the jail");
	become_user(c, socket);
	path = getenv("PATH");
	execvP(c->argv[0], path != NULL ? path : "/bin:/usr/bin", c->argv);
	fail(socket, c->argv[0]);
}

/* The end of the socket's other side is that the command runs. */
static int
hear(int socket, struct kern_process *p, struct error *e)
{
	union {
		struct cmsghdr align;
		char data[CMSG_SPACE(sizeof(int))];
	} control;
	struct answer a;
	struct iovec iov = { &a, sizeof(a) };

	for (;;) {
		struct msghdr m = {
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control.data,
			.msg_controllen = sizeof(control.data),
		};
		ssize_t n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
		struct cmsghdr *c;

		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(a))
			return 0;
		c = CMSG_FIRSTHDR(&m);
		if (c != NULL && c->cmsg_type == SCM_RIGHTS && p->master < 0)
			memcpy(&p->master, CMSG_DATA(c), sizeof(p->master));
		if (a.e.kind == ERROR_NONE)
			continue;
		*e = a.e;
		e->msg[sizeof(e->msg) - 1] = '\0';
		return -1;
	}
}

int
kern_process_start(const struct kern_start *s, struct kern_process *p,
    struct error *e)
{
	int pair[2];

	*p = (struct kern_process)KERN_PROCESS_INIT;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_sys(e, "socketpair");
	p->pid = pdfork(&p->fd, PD_CLOEXEC);
	if (p->pid == 0)
		child_main(s, pair[1]);
	close(pair[1]);
	if (p->pid < 0) {
		close(pair[0]);
		return error_sys(e, "pdfork");
	}
	if (hear(pair[0], p, e) < 0) {
		struct error ignored = ERROR_INIT;
		int status;

		close(pair[0]);
		close_fd(&p->master);
		if (kern_process_wait(p, &status, &ignored) < 0)
			close_fd(&p->fd);
		return -1;
	}
	close(pair[0]);
	return 0;
}

void
kern_process_signal(const struct kern_process *p, int signo)
{
	(void)pdkill(p->fd, signo);
}

int
kern_process_wait(struct kern_process *p, int *status, struct error *e)
{
	pid_t pid;

	do
		pid = waitpid(p->pid, status, 0);
	while (pid < 0 && errno == EINTR);
	close_fd(&p->fd);
	if (pid < 0)
		return error_sys(e, "wait for process %d", (int)p->pid);
	return 0;
}

static _Noreturn void
within_main(int jid, int socket, int (*work)(int root, void *arg,
    struct error *e), void *arg)
{
	struct error e = ERROR_INIT;
	int root = -1;

	if (jail_attach(jid) < 0)
		error_sys(&e, "enter the jail");
	else if ((root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
	    chdir("/") < 0)
		error_sys(&e, "the jail's root");
	else
		(void)work(root, arg, &e);
	if (send(socket, &e, sizeof(e), MSG_NOSIGNAL) < 0)
		_exit(1);
	_exit(0);
}

int
kern_process_within(int jid, int (*work)(int root, void *arg,
    struct error *e), void *arg, unsigned timeout_ms, struct error *e)
{
	AUTO_CLOSE int ours = -1, theirs = -1;
	struct error why = ERROR_INIT;
	struct pollfd p = { .events = POLLIN };
	int pair[2], ready;
	ssize_t n = -1;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_sys(e, "socketpair");
	p.fd = ours = pair[0];
	theirs = pair[1];
	pid = fork();
	if (pid < 0)
		return error_sys(e, "fork");
	if (pid == 0)
		within_main(jid, theirs, work, arg);
	close_fd(&theirs);
	do
		ready = poll(&p, 1, timeout_ms == 0 ? -1 : (int)timeout_ms);
	while (ready < 0 && errno == EINTR);
	if (ready > 0)
		n = read(ours, &why, sizeof(why));
	if (n != (ssize_t)sizeof(why))
		kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (ready == 0)
		return error_set(e, ERROR_FAILED, "the jail's files did not "
		    "answer in %u s", timeout_ms / 1000);
	if (n != (ssize_t)sizeof(why))
		return error_set(e, ERROR_FAILED,
		    "the process in the jail was ended");
	if (why.kind == ERROR_NONE)
		return 0;
	why.msg[sizeof(why.msg) - 1] = '\0';
	*e = why;
	return -1;
}

/* All processes of the host; the caller frees the list. */
static struct kinfo_proc *
all_processes(size_t *count, struct error *e)
{
	int mib[] = { CTL_KERN, KERN_PROC, KERN_PROC_PROC };
	struct kinfo_proc *list = NULL;
	size_t len = 0;

	do {
		if (sysctl(mib, 3, NULL, &len, NULL, 0) < 0) {
			free(list);
			error_sys(e, "list of processes");
			return NULL;
		}
		len += len / 8;
		free(list);
		list = xcalloc(1, len);
	} while (sysctl(mib, 3, list, &len, NULL, 0) < 0 && errno == ENOMEM);
	*count = len / sizeof(*list);
	return list;
}

int
kern_process_list(int jid, struct kern_pids *pids, struct error *e)
{
	size_t count;
	AUTO_FREE struct kinfo_proc *list = all_processes(&count, e);

	if (list == NULL)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (list[i].ki_jid == jid && list[i].ki_stat != SZOMB)
			VEC_PUSH(pids, list[i].ki_pid);
	return 0;
}

/* The arguments, or the name in brackets of what has none. */
static char *
command_of(const struct kinfo_proc *p)
{
	int mib[] = { CTL_KERN, KERN_PROC, KERN_PROC_ARGS, p->ki_pid };
	char args[4096];
	size_t len = sizeof(args) - 1;

	if (sysctl(mib, 4, args, &len, NULL, 0) < 0 || len == 0)
		return xasprintf("[%s]", p->ki_comm);
	args[len] = '\0';
	for (size_t i = 0; i + 1 < len; i++)
		if (args[i] == '\0' || args[i] == '\n')
			args[i] = ' ';
	return xstrdup(args);
}

int
kern_process_details(int jid, struct engine_processes *out, struct error *e)
{
	static const char states[] = "?IRSDTZWL";
	size_t count;
	AUTO_FREE struct kinfo_proc *list = all_processes(&count, e);

	if (list == NULL)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct kinfo_proc *p = &list[i];
		struct engine_process one = { .pid = p->ki_pid,
		    .uid = (uint32_t)p->ki_uid, .state = '?' };

		if (p->ki_jid != jid)
			continue;
		if ((unsigned)p->ki_stat < sizeof(states) - 1)
			one.state = states[(unsigned)p->ki_stat];
		one.cpu_us = (uint64_t)p->ki_runtime;
		one.memory = (uint64_t)p->ki_rssize *
		    (uint64_t)sysconf(_SC_PAGESIZE);
		one.command = command_of(p);
		VEC_PUSH(out, one);
	}
	return 0;
}

void
kern_process_signal_all(const struct kern_pids *pids, int signo)
{
	for (size_t i = 0; i < pids->count; i++)
		(void)kill(pids->items[i], signo);
}

bool
kern_process_wait_all(const struct kern_pids *pids, unsigned timeout_ms)
{
	AUTO_CLOSE int kq = kqueue();
	uint64_t end = clock_ms() + timeout_ms;
	size_t left = 0;

	if (kq < 0)
		return pids->count == 0;
	for (size_t i = 0; i < pids->count; i++) {
		struct kevent add;

		EV_SET(&add, (uintptr_t)pids->items[i], EVFILT_PROC,
		    EV_ADD | EV_ONESHOT, NOTE_EXIT, 0, NULL);
		if (kevent(kq, &add, 1, NULL, 0, NULL) == 0)
			left++;
	}
	while (left > 0) {
		uint64_t now = clock_ms();
		uint64_t ms = now < end ? end - now : 0;
		struct timespec ts = { (time_t)(ms / 1000),
		    (long)(ms % 1000) * 1000000 };
		struct kevent got;
		int n = kevent(kq, NULL, 0, &got, 1, &ts);

		if (n == 0)
			return false;
		if (n > 0)
			left--;
	}
	return true;
}

void
kern_sleep(unsigned ms)
{
	struct timespec ts = { (time_t)(ms / 1000),
	    (long)(ms % 1000) * 1000000 };

	nanosleep(&ts, NULL);
}
