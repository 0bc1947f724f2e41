/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "init/init.h"

enum { TTY_GROUP = 5, TTY_MODE = 0620, PTMX_MAJOR = 5, PTMX_MINOR = 2 };

/*
 * The jail's root may have put anything at that path, and the host will
 * trust what it is sent to be a pty: so it must be the pty multiplexer's
 * device, in a devpts.
 */
static bool
is_master(int fd)
{
	struct sys_statx st;
	uint64_t fs[32];	/* struct statfs is 120 bytes, type first */

	if (sys6(SYS_STATX, fd, (long)"", AT_EMPTY_PATH, STATX_TYPE,
	    (long)&st, 0) < 0 || sys3(SYS_FSTATFS, fd, (long)fs, 0) < 0)
		return (false);
	return ((st.mode & S_IFMT) == S_IFCHR &&
	    st.rdev_major == PTMX_MAJOR && st.rdev_minor == PTMX_MINOR &&
	    fs[0] == DEVPTS_MAGIC);
}

static int
send_master(int master)
{
	struct init_answer answer = { INIT_MASTER, 0, 0 };
	struct sys_iovec iov = { &answer, sizeof(answer) };
	struct sys_cmsg control = {
		SYS_CMSG_LENGTH, SOL_SOCKET, SCM_RIGHTS, master
	};
	struct sys_msghdr m = {
		.iov = &iov, .iov_count = 1,
		.control = &control, .control_length = sizeof(control)
	};
	long n;

	do
		n = sys3(SYS_SENDMSG, INIT_SOCKET_FD, (long)&m, MSG_NOSIGNAL);
	while (n == -EINTR);
	return (n < 0 ? (int)-n : 0);
}

/* Owner and mode as login(1) leaves them; a jail may lack the group. */
static void
give_to(int slave, uint32_t uid)
{
	if (sys3(SYS_FCHOWN, slave, uid, TTY_GROUP) < 0)
		sys3(SYS_FCHOWN, slave, uid, -1);
	sys3(SYS_FCHMOD, slave, TTY_MODE, 0);
}

int
tty_attach(const struct command *c)
{
	struct sys_winsize size = { c->rows, c->columns, 0, 0 };
	long master, slave, error;
	int unlocked = 0;

	master = sys6(SYS_OPENAT, AT_FDCWD, (long)"/dev/pts/ptmx",
	    O_RDWR | O_NOCTTY | O_CLOEXEC, 0, 0, 0);
	if (master < 0)
		return ((int)-master);
	if (!is_master((int)master))
		return (ENODEV);
	error = sys_ioctl((int)master, TIOCSPTLCK, (long)&unlocked);
	if (error < 0)
		return ((int)-error);
	slave = sys_ioctl((int)master, TIOCGPTPEER,
	    O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return ((int)-slave);
	if (size.rows != 0 && size.columns != 0)
		sys_ioctl((int)master, TIOCSWINSZ, (long)&size);
	give_to((int)slave, c->uid);
	error = send_master((int)master);
	if (error != 0)
		return ((int)error);
	error = sys_ioctl((int)slave, TIOCSCTTY, 0);
	if (error < 0)
		return ((int)-error);
	for (int fd = 0; fd <= 2; fd++) {
		error = sys3(SYS_DUP3, slave, fd, 0);
		if (error < 0)
			return ((int)-error);
	}
	return (0);
}
