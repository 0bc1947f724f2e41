/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "cmd/worker.h"

enum { OUTPUTS = 2, OUTPUT_MAX = 64 << 20 };

struct answer {
	int result;
	struct error error;
};

/* Files of memory as stdout and stderr.  They are new for each target: what a
 * program left in the background writes later belongs to nobody. */
static int
redirect(int fds[OUTPUTS], struct error *e)
{
	for (int i = 0; i < OUTPUTS; i++) {
		fds[i] = memfd_create("gaol output", MFD_CLOEXEC);
		if (fds[i] < 0 || dup2(fds[i], STDOUT_FILENO + i) < 0)
			return error_sys(e, "file for output");
	}
	return 0;
}

static void
send_answer(int fd, const struct answer *answer, const int fds[OUTPUTS])
{
	union {
		struct cmsghdr align;
		char data[CMSG_SPACE(sizeof(int) * OUTPUTS)];
	} control;
	struct answer copy = *answer;
	struct iovec iov = { &copy, sizeof(copy) };
	struct msghdr msg;
	struct cmsghdr *c;

	memset(&msg, 0, sizeof(msg));
	memset(&control, 0, sizeof(control));
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	if (fds[0] >= 0 && fds[1] >= 0) {
		msg.msg_control = control.data;
		msg.msg_controllen = sizeof(control.data);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * OUTPUTS);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * OUTPUTS);
	}
	if (sendmsg(fd, &msg, MSG_NOSIGNAL) < 0)
		_exit(1);	/* nobody is there to know */
}

static void
work(const struct job *job, int fd)
{
	size_t node;

	while (recv(fd, &node, sizeof(node), 0) == (ssize_t)sizeof(node)) {
		struct answer answer = { 0, ERROR_INIT };
		int fds[OUTPUTS] = { -1, -1 };

		answer.result = redirect(fds, &answer.error);
		if (answer.result == 0)
			answer.result = job->fn(job->args,
			    job->names->items[node], job->arg, &answer.error);
		send_answer(fd, &answer, fds);
		for (int i = 0; i < OUTPUTS; i++)
			close_fd(&fds[i]);
	}
}

/*
 * In a process group of its own, so that a ^C of the terminal reaches only the
 * parent: the target that is being worked on is finished.  The parent's ends
 * of the sockets are closed, or no worker would ever see that it is gone.
 */
static void
prepare(const struct job *job)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;

	for (size_t i = 0; i < job->worker_count; i++)
		if (job->workers[i].fd >= 0)
			close(job->workers[i].fd);
	setpgid(0, 0);
	signal(SIGINT, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null >= 0)
		dup2(null, STDIN_FILENO);
}

int
worker_start(struct worker *w, const struct job *job, struct error *e)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_sys(e, "socket pair");
	w->node = -1;
	w->fd = pair[0];
	w->pid = fork();
	if (w->pid < 0) {
		error_sys(e, "fork");
		close(pair[1]);
		close_fd(&w->fd);
		return -1;
	}
	if (w->pid > 0) {
		close(pair[1]);
		return 0;
	}
	prepare(job);
	work(job, pair[1]);
	_exit(0);
}

int
worker_give(struct worker *w, size_t node, struct error *e)
{
	if (send(w->fd, &node, sizeof(node), MSG_NOSIGNAL) < 0)
		return error_sys(e, "worker");
	w->node = (ssize_t)node;
	return 0;
}

static void
read_output(int fd, struct buf *text)
{
	struct error ignored = ERROR_INIT;

	if (lseek(fd, 0, SEEK_SET) == 0 &&
	    file_read_fd(fd, OUTPUT_MAX, text, &ignored) < 0)
		buf_printf(text, "\n(%s)\n", ignored.msg);
	close(fd);
}

/* The descriptors of a message; those of a cut one are not there. */
static void
take_outputs(struct msghdr *msg, struct outcome *o)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	int fds[OUTPUTS];

	if (c == NULL || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(fds)))
		return;
	memcpy(fds, CMSG_DATA(c), sizeof(fds));
	read_output(fds[0], &o->out);
	read_output(fds[1], &o->err);
}

static void
died(struct worker *w, struct outcome *o)
{
	int status = 0;

	close_fd(&w->fd);
	if (waitpid(w->pid, &status, 0) == w->pid && WIFSIGNALED(status))
		error_set(&o->error, ERROR_FAILED, "the process that worked "
		    "on it was ended by signal %d", WTERMSIG(status));
	else
		error_set(&o->error, ERROR_FAILED,
		    "the process that worked on it ended");
	o->failed = true;
}

void
worker_take(struct worker *w, struct outcome *o)
{
	union {
		struct cmsghdr align;
		char data[CMSG_SPACE(sizeof(int) * OUTPUTS)];
	} control;
	struct answer answer;
	struct iovec iov = { &answer, sizeof(answer) };
	struct msghdr msg;
	ssize_t n;

	memset(&msg, 0, sizeof(msg));
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = control.data;
	msg.msg_controllen = sizeof(control.data);
	do {
		n = recvmsg(w->fd, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	w->node = -1;
	o->known = true;
	if (n != (ssize_t)sizeof(answer)) {
		died(w, o);
		return;
	}
	o->failed = answer.result < 0;
	o->error = answer.error;
	take_outputs(&msg, o);
}

void
worker_end(struct worker *w)
{
	if (w->fd < 0)
		return;
	close_fd(&w->fd);
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}
