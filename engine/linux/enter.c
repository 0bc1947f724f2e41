/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "engine/linux/enter.h"
#include "engine/linux/linux.h"
#include "engine/linux/talk.h"

static int
enter_jail(const struct enter *in, struct error *e)
{
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return error_sys(e, "enter the jail");
	if (in->prepare != NULL && in->prepare(in->arg, e) < 0)
		return -1;
	if ((in->mntns >= 0 ? setns(in->mntns, CLONE_NEWNS) :
	    setns(in->pidfd, CLONE_NEWNS |
	    (in->spec->userns ? CLONE_NEWUSER : 0))) < 0 ||
	    setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 ||
	    setresuid(0, 0, 0) < 0)
		return error_sys(e, "enter the jail");
	/* both are set back by a change of ids */
	if (prctl(PR_SET_DUMPABLE, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || chdir("/") < 0)
		return error_sys(e, "enter the jail");
	umask(0);
	return 0;
}

static int
do_work(const struct enter *in, struct error *e)
{
	AUTO_CLOSE int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return error_sys(e, "the jail's root");
	return in->work(root, in->arg, e);
}

static _Noreturn void
enter_main(const struct enter *in, pid_t parent, int socket)
{
	struct error e = ERROR_INIT;

	/*
	 * The jail's lock is open in us as well: when gaol is killed, who comes
	 * next waits until we are gone.
	 */
	if (enter_jail(in, &e) == 0 && getppid() == parent)
		(void)do_work(in, &e);
	if (write(socket, &e, sizeof(e)) < 0)
		_exit(1);
	_exit(0);
}

static int
wait_entered(pid_t pid, int socket, unsigned timeout_ms, struct error *e)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };
	struct error why = ERROR_INIT;
	ssize_t n = -1;
	int ready;

	do
		ready = poll(&p, 1, timeout_ms == 0 ? -1 : (int)timeout_ms);
	while (ready < 0 && errno == EINTR);
	if (ready > 0)
		n = read(socket, &why, sizeof(why));
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
	return why.kind == ERROR_NONE ? 0 : talk_error(&why, e);
}

int
enter_run(const struct enter *in, struct error *e)
{
	AUTO_CLOSE int ours = -1, theirs = -1;
	pid_t parent = getpid(), pid;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_sys(e, "socketpair");
	ours = pair[0];
	theirs = pair[1];
	pid = fork();
	if (pid < 0)
		return error_sys(e, "fork");
	if (pid == 0)
		enter_main(in, parent, theirs);
	close_fd(&theirs);
	return wait_entered(pid, ours, in->timeout_ms, e);
}

int
linux_within(const struct engine_live *live, const struct engine_spec *spec,
    int (*work)(int root, void *arg, struct error *e), void *arg,
    unsigned timeout_ms, struct error *e)
{
	AUTO_CLOSE int pidfd = linux_open_jail(live, e);
	struct enter in = { .spec = spec, .pidfd = pidfd, .mntns = -1,
		.work = work, .arg = arg, .timeout_ms = timeout_ms };

	return pidfd < 0 ? -1 : enter_run(&in, e);
}
