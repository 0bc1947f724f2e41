/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * The mounts of a jail that may mount, or make jails.  Such a jail owns its
 * mount namespace, and could take "ro" off a mount of the host or unmount what
 * masks /proc.  Mounts that a namespace has from a more privileged one are
 * locked, flags and all (mount_namespaces(7)): so they are made in one user
 * namespace, by a process that ends, and the jail lives in one below it.
 *
 * The upper one also counts the jails inside (user.max_pid_namespaces,
 * namespaces(7)), where no setting of theirs reaches.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "engine/linux/linux.h"
#include "engine/linux/root.h"
#include "engine/linux/sys.h"

static int
write_proc(int proc, const char *file, const char *text, struct error *e)
{
	AUTO_CLOSE int fd = openat(proc, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return error_sys(e, "/proc/%s", file);
	return 0;
}

/*
 * In the user namespace that we are in: a jail is a pid namespace, whatever
 * else it has.
 */
static int
limit_children(int proc, const struct engine_spec *spec, unsigned own,
    struct error *e)
{
	char most[16];

	if (spec->children_max == 0)
		return 0;
	snprintf(most, sizeof(most), "%u\n", spec->children_max + own);
	return write_proc(proc, "sys/user/max_pid_namespaces", most, e);
}

/* sysfs(5) shows the network namespace of whoever mounts it. */
static int
join_network(struct error *e)
{
	AUTO_CLOSE int parent = sys_pidfd_open(1);

	if (parent < 0 || setns(parent, CLONE_NEWNET) < 0)
		return error_sys(e, "the jail's network namespace");
	return 0;
}

static int
build(const struct root *r, const struct engine_spec *spec, int proc,
    int socket, struct error *e)
{
	char byte;

	if (read(socket, &byte, 1) != 1)
		return error_set(e, ERROR_FAILED, "pid 1 ended");
	if (write_proc(proc, "1/uid_map", "0 0 65536\n", e) < 0 ||
	    write_proc(proc, "1/gid_map", "0 0 65536\n", e) < 0 ||
	    /* the jail itself counts where its maker's uid is its root's */
	    limit_children(proc, spec, spec->id_base == 0, e) < 0 ||
	    (!spec->net_inherit && join_network(e) < 0))
		return -1;
	return root_enter(r, spec, e);
}

static _Noreturn void
builder(const struct root *r, const struct engine_spec *spec, int proc,
    int socket)
{
	struct error e = ERROR_INIT;

	if (build(r, spec, proc, socket, &e) < 0 &&
	    write(socket, &e, sizeof(e)) < 0)
		_exit(126);
	_exit(0);
}

/* Leave for the lower namespaces; the builder's word is awaited. */
static int
descend(const struct engine_spec *spec, int proc, int socket, struct error *e)
{
	struct error why;
	ssize_t n;

	/* the builder, with our own ids, is to write to our uid_map */
	if (root_become(e) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0)
		return error_sys(e, "become the jail's root");
	if (unshare(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWCGROUP |
	    (spec->sysvmsg == SHARE_INHERIT ? 0 : CLONE_NEWIPC) |
	    (spec->net_inherit ? 0 : CLONE_NEWNET)) < 0)
		return error_sys(e, "make namespaces");
	if (write(socket, "", 1) != 1)
		return error_sys(e, "build the jail's root");
	n = recv(socket, &why, sizeof(why), MSG_WAITALL);
	prctl(PR_SET_DUMPABLE, 0);
	if (n == (ssize_t)sizeof(why)) {
		*e = why;
		return -1;
	}
	/* this one does not count, but tells a gaol inside */
	return limit_children(proc, spec, 0, e);
}

int
root_enter_locked(const struct root *r, const struct engine_spec *spec,
    struct error *e)
{
	AUTO_CLOSE int proc = root_new_proc(e);
	int pair[2], status = 0, result;
	pid_t pid;

	if (proc < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return error_sys(e, "socketpair");
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		builder(r, spec, proc, pair[1]);
	}
	close(pair[1]);
	result = pid < 0 ? error_sys(e, "fork") : descend(spec, proc, pair[0],
	    e);
	close(pair[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (result < 0)
		return -1;
	if (status != 0)
		return error_set(e, ERROR_FAILED, "what builds the jail's "
		    "root was killed");
	/* the builder has changed our root with its own (pivot_root(2)) */
	if (chdir("/") < 0 || unshare(CLONE_NEWNS) < 0)
		return error_sys(e, "lock the jail's mounts");
	return chdir("/") < 0 ? error_sys(e, "chdir /") : 0;
}
