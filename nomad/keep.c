/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * gaol-task: what stays of the start of a task, as long as that runs.  It is
 * small, for there is one for each task, and outlives plugin and agent: it
 * holds the FIFOs of the task's output, passes signals on, waits for the end
 * and writes down how it came.
 *
 * It becomes of the process that has started the jail, by execve(2): the jail's
 * pid 1 stays its child.  PID and the descriptors of struct keep_fd are given;
 * the standard ones are the task's.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __FreeBSD__
#include <sys/procdesc.h>
#endif

#include "init/protocol.h"
#include "nomad/keep.h"

struct keeper {
	pid_t pid;
	int status;		/* as waitpid(2) gives it */
	int told;		/* it was told, before pid ended */
};

static void
pass_signal(const struct keeper *k, int signo)
{
#ifdef __FreeBSD__
	if (pdkill(KEEP_COMMAND, signo) == 0)
		return;
#elif defined(SYS_pidfd_send_signal)
	if (syscall(SYS_pidfd_send_signal, KEEP_COMMAND, signo, NULL, 0) == 0 ||
	    errno == ESRCH)
		return;
#endif
	/* pid 1 of the jail passes on the usual ones */
	kill(k->pid, signo);
}

static void
take_signals(const struct keeper *k)
{
	unsigned char signals[64];
	ssize_t n = read(KEEP_CONTROL, signals, sizeof(signals));

	for (ssize_t i = 0; i < n; i++)
		pass_signal(k, signals[i]);
}

/* False at the end of the stream: pid ends, or has ended. */
static int
take_answer(struct keeper *k)
{
	struct init_answer a;
	ssize_t n = read(KEEP_JAIL, &a, sizeof(a));

	if (n < 0 && errno == EINTR)
		return 1;
	if (n != (ssize_t)sizeof(a))
		return 0;
	if (a.type == INIT_STATUS) {
		k->status = a.value;
		k->told = 1;
	}
	return 1;
}

static void
wait_for_end(struct keeper *k)
{
	struct pollfd p[] = { { KEEP_JAIL, POLLIN, 0 },
		{ KEEP_CONTROL, POLLIN, 0 } };
	int status = 0;

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			break;
		if (p[1].revents != 0)
			take_signals(k);
		if (p[0].revents != 0 && !take_answer(k))
			break;
	}
	while (waitpid(k->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!k->told)
		k->status = status;
}

/* Complete or not there: the plugin may look at any time. */
static void
write_down(const struct keeper *k)
{
	struct timespec now;
	char text[64];
	int fd, len;

	clock_gettime(CLOCK_REALTIME, &now);
	len = snprintf(text, sizeof(text), "%d %lld%09ld\n", k->status,
	    (long long)now.tv_sec, now.tv_nsec);
	fd = openat(KEEP_DIR, "exit.new", O_WRONLY | O_CREAT | O_TRUNC |
	    O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && write(fd, text, (size_t)len) == len &&
	    renameat(KEEP_DIR, "exit.new", KEEP_DIR, "exit") == 0)
		return;
	unlinkat(KEEP_DIR, "exit.new", 0);
}

int
main(int argc, char **argv)
{
	struct keeper k = { 0, 0, 0 };

	if (argc != 2 || (k.pid = (pid_t)strtol(argv[1], NULL, 10)) <= 0) {
		static const char why[] = "gaol-task: gaol-nomad runs this\n";

		return write(STDERR_FILENO, why, sizeof(why) - 1) < 0 ? 1 : 64;
	}
	for (int signo = 1; signo < 32; signo++)
		if (signo != SIGKILL && signo != SIGSTOP && signo != SIGCHLD)
			signal(signo, SIG_IGN);
	wait_for_end(&k);
	write_down(&k);
	return 0;
}
