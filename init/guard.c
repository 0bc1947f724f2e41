/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "init/init.h"

/*
 * allow.mount.KIND.  The type of a file system lies in memory, where a filter
 * cannot look and another thread can change it.  So a mount(2) that makes one
 * stops in the filter, and a process beside the command copies what it says,
 * looks at the type and mounts by itself, from that copy, where the caller
 * stands (seccomp_unotify(2)).  There is one such process for each command; it
 * ends with the last process that the command has left.
 *
 * What it may do a root of the jail may do as well, but for the kinds: nothing
 * is lost when it is killed or misled, except that mounting ends.
 */

enum { HIGH_ROOT = 200, HIGH_LISTENER, NAME_SIZE = 64, CAP_SYS_ADMIN = 21 };

struct guard {
	uint32_t kinds;		/* INIT_MOUNT_* */
	int listener, root;
	int proc;		/* the caller's /proc/PID, or -1 */
	struct sys_notif call;
	uint32_t flags;
	char name[NAME_SIZE];
	char source[PATH_MAX], target[PATH_MAX], data[PATH_MAX];
	bool no_source;
};

/* mount(2) of this machine, and of its 32-bit programs. */
static const struct sys_filter filter_head[] = {
	{ BPF_LOAD, 0, 0, SECCOMP_ARCH },
	{ BPF_EQUAL, 2, 0, ARCH_NATIVE },
	{ BPF_EQUAL, 3, 0, ARCH_COMPAT },
	/* none of ours: the jail's filter has its say */
	{ BPF_RETURN, 0, 0, SECCOMP_ALLOW },
	{ BPF_LOAD, 0, 0, SECCOMP_NR },
	{ BPF_EQUAL, 2, 7, SYS_MOUNT },
	{ BPF_LOAD, 0, 0, SECCOMP_NR },
	{ BPF_EQUAL, 0, 5, COMPAT_MOUNT },
	/* the kernel asks who owns the file system, or the mount */
	{ BPF_LOAD, 0, 0, SECCOMP_ARG_3 },
	{ BPF_ANY_OF, 3, 0, MS_REMOUNT },
	{ BPF_ANY_OF, 1, 0, MS_BIND },
	{ BPF_RETURN, 0, 0, SECCOMP_NOTIFY },
};

static long
install(uint32_t kinds)
{
	enum { HEAD = sizeof(filter_head) / sizeof(filter_head[0]) };
	struct sys_filter filter[HEAD + 2];
	struct sys_fprog program = { HEAD + 2, filter };
	long fd;

	memcpy(filter, filter_head, sizeof(filter_head));
	filter[HEAD] = (struct sys_filter){ BPF_RETURN, 0, 0,
		(kinds & INIT_MOUNT_NULLFS) != 0 ? SECCOMP_ALLOW :
		SECCOMP_ERRNO | EPERM };
	filter[HEAD + 1] = (struct sys_filter){ BPF_RETURN, 0, 0,
		SECCOMP_ALLOW };
	fd = sys3(SYS_SECCOMP, SECCOMP_SET_MODE_FILTER, SECCOMP_SPEC_ALLOW |
	    SECCOMP_NEW_LISTENER | SECCOMP_WAIT_KILLABLE, (long)&program);
	/* Linux 5.19 first knew the last: no signal makes a mount be two */
	if (fd == -EINVAL)
		fd = sys3(SYS_SECCOMP, SECCOMP_SET_MODE_FILTER,
		    SECCOMP_SPEC_ALLOW | SECCOMP_NEW_LISTENER,
		    (long)&program);
	return (fd);
}

/* "/proc/PID/what"; text is of NAME_SIZE. */
static void
proc_path(char *text, uint32_t pid, const char *what)
{
	static const char start[] = "/proc/";
	char digits[10];
	int n = 0;

	memcpy(text, start, sizeof(start) - 1);
	text += sizeof(start) - 1;
	do
		digits[n++] = (char)('0' + pid % 10);
	while ((pid /= 10) != 0);
	while (n > 0)
		*text++ = digits[--n];
	while ((*text++ = *what++) != '\0')
		;
}

static int
open_caller(const struct guard *g, const char *what, int flags)
{
	char path[NAME_SIZE];

	proc_path(path, g->call.pid, what);
	return ((int)sys6(SYS_OPENAT, AT_FDCWD, (long)path,
	    flags | O_CLOEXEC, 0, 0, 0));
}

/*
 * The caller's bytes up to size, page by page: what follows the last may not
 * be there.  Returns how many were read.
 */
static size_t
copy(int memory, uint64_t from, char *to, size_t size)
{
	enum { PAGE = 4096 };
	size_t have = 0;

	while (have < size) {
		size_t n = PAGE - ((size_t)(from + have) & (PAGE - 1));
		long got;

		if (n > size - have)
			n = size - have;
		got = sys6(SYS_PREAD64, memory, (long)(to + have), (long)n,
		    (long)(from + have), 0, 0);
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	return (have);
}

static int
copy_string(int memory, uint64_t from, char *to, size_t size)
{
	size_t n = copy(memory, from, to, size);

	for (size_t i = 0; i < n; i++) {
		if (to[i] == '\0')
			return (0);
	}
	return (n == size ? ENAMETOOLONG : EFAULT);
}

static int
copy_arguments(struct guard *g)
{
	const uint64_t *args = g->call.args;
	int memory = open_caller(g, "/mem", 0);
	int error;

	if (memory < 0)
		return (EPERM);
	g->flags = (uint32_t)args[3];
	if ((g->flags & MS_MAGIC_MASK) == MS_MAGIC)
		g->flags &= ~MS_MAGIC_MASK;
	g->no_source = args[0] == 0;
	g->source[0] = g->name[0] = '\0';
	memset(g->data, 0, sizeof(g->data));
	error = copy_string(memory, args[1], g->target, sizeof(g->target));
	if (error == 0 && !g->no_source)
		error = copy_string(memory, args[0], g->source,
		    sizeof(g->source));
	if (error == 0 && args[2] != 0)
		error = copy_string(memory, args[2], g->name,
		    sizeof(g->name));
	if (error == 0 && args[4] != 0 &&
	    copy(memory, args[4], g->data, sizeof(g->data) - 1) == 0)
		error = EFAULT;
	sys_close(memory);
	return (error);
}

/* Whether the call is still waiting: else its pid may be another's by now. */
static bool
still_waits(const struct guard *g)
{
	return (sys_ioctl(g->listener, SECCOMP_ID_VALID, (long)&g->call.id) ==
	    0);
}

static bool
is_admin(uint32_t pid)
{
	struct { uint32_t version; int32_t pid; } head = {
		CAPABILITY_VERSION_3, (int32_t)pid
	};
	uint32_t sets[6] = { 0 };

	return (sys3(SYS_CAPGET, (long)&head, (long)sets, 0) == 0 &&
	    (sets[0] >> CAP_SYS_ADMIN & 1) != 0);
}

static int
change_root(int root, int directory)
{
	long error = sys3(SYS_FCHDIR, root, 0, 0);

	if (error == 0)
		error = sys3(SYS_CHROOT, (long)".", 0, 0);
	if (error == 0 && directory >= 0)
		error = sys3(SYS_FCHDIR, directory, 0, 0);
	return ((int)-error);
}

static int
go_to_caller(const struct guard *g)
{
	int root = open_caller(g, "/root", O_PATH | O_DIRECTORY);
	int directory = open_caller(g, "/cwd", O_PATH | O_DIRECTORY);
	int error = root < 0 || directory < 0 || !still_waits(g) ? EPERM :
	    change_root(root, directory);

	if (root >= 0)
		sys_close(root);
	if (directory >= 0)
		sys_close(directory);
	return (error);
}

static int
do_mount(const struct guard *g, const char *type)
{
	return ((int)-sys6(SYS_MOUNT, (long)(g->no_source ? NULL : g->source),
	    (long)g->target, (long)type, g->flags, (long)g->data, 0));
}

/*
 * The jail's own /proc or /sys once more, with all that masks it: a fresh one
 * would be bare, which the kernel denies (mount_namespaces(7)).
 */
static int
mount_again(const struct guard *g, const char *path, long magic)
{
	uint64_t fs[32];
	long error, target = sys6(SYS_OPENAT, AT_FDCWD, (long)g->target,
	    O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0, 0);
	int original;

	if (target < 0)
		return ((int)-target);
	error = -change_root(g->root, -1);
	original = (int)sys6(SYS_OPENAT, AT_FDCWD, (long)path,
	    O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0, 0);
	if (error == 0 && (original < 0 ||
	    sys3(SYS_FSTATFS, original, (long)fs, 0) < 0 ||
	    (long)fs[0] != magic))
		error = -ENODEV;
	if (error == 0)
		error = sys3(SYS_FCHDIR, (int)target, 0, 0);
	if (error == 0)
		error = sys6(SYS_MOUNT, (long)path, (long)".", 0,
		    MS_BIND | MS_REC, 0, 0);
	if (original >= 0)
		sys_close(original);
	sys_close((int)target);
	if (error == 0 && (g->flags & MS_RDONLY) != 0)
		error = -go_to_caller(g);
	if (error == 0 && (g->flags & MS_RDONLY) != 0)
		error = sys6(SYS_MOUNT, 0, (long)g->target, 0, MS_REMOUNT |
		    MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, 0,
		    0);
	return ((int)-error);
}

/* The number behind "fd=", -1 when there is none. */
static int
fuse_descriptor(const char *data)
{
	for (bool start = true; *data != '\0'; start = *data++ == ',') {
		int n = 0;

		if (!start || data[0] != 'f' || data[1] != 'd' ||
		    data[2] != '=')
			continue;
		for (data += 3; *data >= '0' && *data <= '9' && n < 100000;
		    data++)
			n = n * 10 + (*data - '0');
		return (n);
	}
	return (-1);
}

/* FUSE names a descriptor of the caller's: it gets the same number here. */
static int
mount_fuse(const struct guard *g)
{
	int wanted = fuse_descriptor(g->data), error = EINVAL;
	long process, fd;

	if (wanted < 0 || wanted == g->listener || wanted == g->root)
		return (EINVAL);
	process = sys3(SYS_PIDFD_OPEN, g->call.pid, PIDFD_THREAD, 0);
	if (process < 0)
		process = sys3(SYS_PIDFD_OPEN, g->call.pid, 0, 0);
	if (process < 0)
		return ((int)-process);
	fd = sys3(SYS_PIDFD_GETFD, process, wanted, 0);
	sys_close((int)process);
	if (fd < 0)
		return ((int)-fd);
	if (fd == wanted || sys3(SYS_DUP3, fd, wanted, O_CLOEXEC) >= 0)
		error = still_waits(g) ? do_mount(g, g->name) : EPERM;
	sys_close((int)fd);
	if (fd != wanted)
		sys_close(wanted);
	return (error);
}

/* "fuse.sshfs" is fuse. */
static bool
is_type(const char *name, const char *type)
{
	while (*type != '\0' && *name == *type) {
		name++;
		type++;
	}
	return (*type == '\0' && (*name == '\0' || *name == '.'));
}

static int
mount_kind(const struct guard *g)
{
	uint32_t kinds = g->kinds;

	if ((g->flags & (MS_REMOUNT | MS_BIND)) != 0)
		return (EPERM);
	/* who may see a mount: none of the host's can */
	if ((g->flags & MS_PROPAGATION) != 0)
		return (do_mount(g, NULL));
	if ((g->flags & MS_MOVE) != 0)
		return ((kinds & INIT_MOUNT_NULLFS) != 0 ?
		    do_mount(g, NULL) : EPERM);
	if ((kinds & INIT_MOUNT_TMPFS) != 0 && is_type(g->name, "tmpfs"))
		return (do_mount(g, "tmpfs"));
	if ((kinds & INIT_MOUNT_PROCFS) != 0 && is_type(g->name, "proc"))
		return (mount_again(g, "/proc", PROC_MAGIC));
	if ((kinds & INIT_MOUNT_SYSFS) != 0 && is_type(g->name, "sysfs"))
		return (mount_again(g, "/sys", SYSFS_MAGIC));
	if ((kinds & INIT_MOUNT_FUSEFS) != 0 && is_type(g->name, "fuse"))
		return (mount_fuse(g));
	return (EPERM);
}

static void
answer(struct guard *g)
{
	struct sys_notif_answer a = { 0 };
	int error;

	memset(&g->call, 0, sizeof(g->call));
	if (sys_ioctl(g->listener, SECCOMP_RECV, (long)&g->call) < 0)
		return;
	error = is_admin(g->call.pid) ? copy_arguments(g) : EPERM;
	if (error == 0)
		error = go_to_caller(g);
	if (error == 0)
		error = mount_kind(g);
	change_root(g->root, -1);
	a.id = g->call.id;
	a.error = -error;
	sys_ioctl(g->listener, SECCOMP_SEND, (long)&a);
}

static int
receive_listener(int socket)
{
	char byte;
	struct sys_iovec iov = { &byte, 1 };
	struct sys_cmsg control = { 0, 0, 0, -1 };
	struct sys_msghdr m = {
		.iov = &iov, .iov_count = 1,
		.control = &control, .control_length = sizeof(control)
	};
	long n;

	do
		n = sys3(SYS_RECVMSG, socket, (long)&m, MSG_CMSG_CLOEXEC);
	while (n == -EINTR);
	return (n == 1 && control.length == SYS_CMSG_LENGTH &&
	    control.type == SCM_RIGHTS ? control.fd : -1);
}

/* Everything but the way to the listener is the command's. */
static _Noreturn void
guard(int socket, uint32_t kinds)
{
	struct guard g = { .kinds = kinds };
	struct sys_poll p = { HIGH_LISTENER, POLLIN, 0 };
	int fd;

	sys_sigmask(~(uint64_t)0);
	sys3(SYS_SETSID, 0, 0, 0);
	fd = receive_listener(socket);
	if (fd < 0 || sys3(SYS_DUP3, fd, HIGH_LISTENER, O_CLOEXEC) < 0)
		sys_exit(126);
	sys3(SYS_CHDIR, (long)"/", 0, 0);
	fd = (int)sys6(SYS_OPENAT, AT_FDCWD, (long)"/", O_PATH | O_CLOEXEC, 0,
	    0, 0);
	if (fd < 0 || sys3(SYS_DUP3, fd, HIGH_ROOT, O_CLOEXEC) < 0)
		sys_exit(126);
	sys3(SYS_CLOSE_RANGE, 0, HIGH_ROOT - 1, 0);
	sys3(SYS_CLOSE_RANGE, HIGH_LISTENER + 1, -1, 0);
	g.listener = HIGH_LISTENER;
	g.root = HIGH_ROOT;
	for (;;) {
		p.revents = 0;
		sys6(SYS_PPOLL, (long)&p, 1, 0, 0, 0, 0);
		if ((p.revents & POLLIN) != 0)
			answer(&g);
		else if (p.revents != 0)
			sys_exit(0);
	}
}

static int
send_listener(int socket, int fd)
{
	char byte = 'l';
	struct sys_iovec iov = { &byte, 1 };
	struct sys_cmsg control = {
		SYS_CMSG_LENGTH, SOL_SOCKET, SCM_RIGHTS, fd
	};
	struct sys_msghdr m = {
		.iov = &iov, .iov_count = 1,
		.control = &control, .control_length = sizeof(control)
	};
	long n = sys3(SYS_SENDMSG, socket, (long)&m, MSG_NOSIGNAL);

	return (n < 0 ? (int)-n : 0);
}

int
guard_mounts(uint32_t kinds)
{
	int pair[2], status = 0;
	long fd, pid, error;

	if (kinds == 0)
		return (0);
	error = sys6(SYS_SOCKETPAIR, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    (long)pair, 0, 0);
	if (error < 0)
		return ((int)-error);
	/* not the command's child, which it would have to wait for */
	pid = sys_fork();
	if (pid == 0) {
		sys_close(pair[0]);
		pid = sys_fork();
		if (pid == 0)
			guard(pair[1], kinds);
		sys_exit(pid < 0);
	}
	sys_close(pair[1]);
	if (pid > 0)
		sys6(SYS_WAIT4, pid, (long)&status, 0, 0, 0, 0);
	error = pid < 0 ? -pid : status != 0 ? EAGAIN : 0;
	fd = error == 0 ? install(kinds) : -1;
	if (error == 0)
		error = fd < 0 ? -fd : send_listener(pair[0], (int)fd);
	if (fd >= 0)
		sys_close((int)fd);
	sys_close(pair[0]);
	return ((int)error);
}
