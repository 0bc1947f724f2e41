/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <sys/capsicum.h>
#include <sys/procctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "image/confine.h"

void
confine_die_with_parent(int signo)
{
	pid_t parent = getppid();

	procctl(P_PID, 0, PROC_PDEATHSIG_CTL, &signo);
	/* It may have died just before. */
	if (getppid() != parent)
		raise(signo);
}

pid_t
confine_fork(void)
{
	return fork();
}

static bool
is_kept(int fd, const int *keep, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (keep[i] == fd)
			return true;
	}
	return false;
}

static void
close_others(const int *keep, size_t count)
{
	int highest = STDERR_FILENO;

	for (size_t i = 0; i < count; i++)
		highest = keep[i] > highest ? keep[i] : highest;
	for (int fd = STDERR_FILENO + 1; fd < highest; fd++) {
		if (!is_kept(fd, keep, count))
			close(fd);
	}
	closefrom(highest + 1);
}

int
confine_enter(int dirfd, const int *keep, size_t count, struct error *e)
{
	struct rlimit no_core = { 0, 0 };
	const rlim_t most = (rlim_t)4 << 30;
	struct rlimit memory = { most, most };

	if (fchdir(dirfd) < 0)
		return error_sys(e, "enter the directory");
	close_others(keep, count);
	/* Without privileges it fails; the member checks stand nevertheless. */
	if (chroot(".") < 0 && errno != EPERM)
		return error_sys(e, "chroot");
	/* The map of a sparse file, for instance, may ask for any amount. */
	setrlimit(RLIMIT_AS, &memory);
	/* A crash must not leave a core file among the members. */
	setrlimit(RLIMIT_CORE, &no_core);
	umask(022);
	confine_die_with_parent(SIGKILL);
	return 0;
}

/* root has all of it here. */
int
confine_enter_with_nodes(int dirfd, const int *keep, size_t count,
    struct error *e)
{
	return confine_enter(dirfd, keep, count, e);
}

int
confine_compute(const int *keep, size_t count, struct error *e)
{
	struct rlimit none = { 0, 0 };

	close_others(keep, count);
	setrlimit(RLIMIT_CORE, &none);
	confine_die_with_parent(SIGKILL);
	if (cap_enter() < 0 && errno != ENOSYS)
		return error_sys(e, "cap_enter");
	return 0;
}
