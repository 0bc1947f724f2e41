/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/linux/netns.h"
#include "engine/linux/raw.h"

/*
 * The maker has our thread's storage, errno in it: no function of libc may be
 * called here, nor code that a sanitizer has been at.
 */
#define ALONE __attribute__((no_sanitize("address", "undefined")))

ALONE static int
failed(struct netns *n, const char *what, long error)
{
	n->what = what;
	n->error = (int)-error;
	return 1;
}

ALONE static int
maker(void *arg)
{
	/* lo is what a new namespace has, down */
	static const struct ifreq lo = {
		.ifr_name = "lo",
		.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING,
	};
	struct netns *n = arg;
	long fd, result;

	result = raw_call(SYS_unshare, CLONE_NEWNET, 0, 0, 0);
	if (result < 0)
		return failed(n, "make a network namespace", result);
	fd = raw_call(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0, 0);
	if (fd < 0)
		return failed(n, "socket", fd);
	result = raw_call(SYS_ioctl, fd, SIOCSIFFLAGS, (long)&lo, 0);
	raw_call(SYS_close, fd, 0, 0, 0);
	if (result < 0)
		return failed(n, "bring lo up", result);
	fd = raw_call(SYS_openat, AT_FDCWD, (long)"/proc/self/ns/net",
	    O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return failed(n, "/proc/self/ns/net", fd);
	n->fd = (int)fd;
	return 0;
}

int
netns_begin(struct netns *n, struct error *e)
{
	n->fd = -1;
	n->error = 0;
	n->what = NULL;
	/* without an exit signal: only we wait, and we ask for it (__WALL) */
	n->pid = clone(maker, n->stack + sizeof(n->stack),
	    CLONE_VM | CLONE_FILES, n);
	return n->pid < 0 ? error_sys(e, "make a network namespace") : 0;
}

int
netns_join(struct netns *n, struct error *e)
{
	int result = 0;

	while (waitpid(n->pid, NULL, __WALL) < 0)
		if (errno != EINTR)
			return error_sys(e, "make a network namespace");
	if (n->fd < 0) {
		errno = n->error;
		return error_sys(e, "%s", n->what != NULL ? n->what :
		    "make a network namespace");
	}
	if (setns(n->fd, CLONE_NEWNET) < 0)
		result = error_sys(e, "the jail's network namespace");
	close(n->fd);
	return result;
}
