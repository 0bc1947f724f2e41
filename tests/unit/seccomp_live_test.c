/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */

/*
 * The filter of a jail in this kernel.  Needs no privileges: no_new_privs
 * stands for them, and most calls are made so that they do no harm if they are
 * let through.
 */
#include <asm/ioctls.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "engine/linux/seccomp_filter.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { UNKNOWN_CALL = 4000, X32_BIT = 0x40000000, RESULTS = 64 };

/* A call, and what the filter says when shut; 0: it is let through. */
struct live {
	const char *name;
	long nr;
	long args[5];
	int shut;
	unsigned key;		/* SECCOMP_* that lets it through; 0: none */
};

#define BAD_FD (-1)
/* clang-format off */
static const struct live calls[] = {
	{ "getppid", SYS_getppid, { 0 }, 0, 0 },
	{ "unknown", UNKNOWN_CALL, { 0 }, ENOSYS, 0 },
#ifdef __x86_64__
	{ "x32", X32_BIT | SYS_getppid, { 0 }, ENOSYS, 0 },
	{ "uselib", SYS_uselib, { 0 }, ENOSYS, 0 },
	{ "iopl", SYS_iopl, { 3 }, EPERM, 0 },
#endif
	{ "bpf", SYS_bpf, { -1 }, EPERM, 0 },
	{ "keyctl", SYS_keyctl, { -1 }, EPERM, 0 },
	{ "perf_event_open", SYS_perf_event_open, { 0 }, EPERM, 0 },
	{ "userfaultfd", SYS_userfaultfd, { -1 }, EPERM, 0 },
	{ "io_uring_setup", SYS_io_uring_setup, { 0 }, ENOSYS, 0 },
	{ "open_by_handle_at", SYS_open_by_handle_at, { -1 }, EPERM, 0 },
	{ "reboot", SYS_reboot, { 0 }, EPERM, 0 },
	{ "swapoff", SYS_swapoff, { 0 }, EPERM, 0 },
	{ "init_module", SYS_init_module, { 0 }, EPERM, 0 },
	{ "acct", SYS_acct, { -1 }, EPERM, 0 },
	{ "quotactl", SYS_quotactl, { -1 }, EPERM, 0 },

	{ "unshare nothing", SYS_unshare, { 0 }, 0, 0 },
	{ "unshare user", SYS_unshare, { CLONE_NEWUSER }, EPERM,
	    SECCOMP_NESTED },
	{ "clone3", SYS_clone3, { 0 }, ENOSYS, SECCOMP_NESTED },
	{ "setns", SYS_setns, { BAD_FD }, EPERM, SECCOMP_NESTED },
	{ "pivot_root", SYS_pivot_root, { 0 }, EPERM, SECCOMP_NESTED },
	{ "fsopen", SYS_fsopen, { 0, -1 }, ENOSYS, SECCOMP_NESTED },
	{ "mount", SYS_mount, { 0 }, EPERM,
	    SECCOMP_MOUNT | SECCOMP_FILESYSTEMS },
	{ "mount bind", SYS_mount, { 0, 0, 0, MS_BIND }, EPERM,
	    SECCOMP_MOUNT | SECCOMP_BIND },
	{ "umount2", SYS_umount2, { 0 }, EPERM, SECCOMP_MOUNT },
	{ "statmount", 457, { 0 }, ENOSYS, SECCOMP_MOUNT_TABLE },
	{ "sethostname", SYS_sethostname, { 0, -1 }, EPERM, SECCOMP_HOSTNAME },
	{ "shmget", SYS_shmget, { 1, 0, 0 }, ENOSYS, SECCOMP_SHM },
	{ "semget", SYS_semget, { 1, -1, 0 }, ENOSYS, SECCOMP_SEM },
	{ "msgctl", SYS_msgctl, { -1, -1, 0 }, ENOSYS, SECCOMP_MSG },
	{ "munlockall", SYS_munlockall, { 0 }, EPERM, SECCOMP_MLOCK },
	{ "syslog", SYS_syslog, { 10 }, EPERM, SECCOMP_MSGBUF },
	{ "ptrace", SYS_ptrace, { -1, -1 }, EPERM, SECCOMP_DEBUG },
	{ "process_vm_readv", SYS_process_vm_readv, { -1, 0, 0, 0, 0 }, EPERM,
	    SECCOMP_DEBUG },
	{ "clock_settime", SYS_clock_settime, { -1 }, EPERM, SECCOMP_SETTIME },

	{ "personality ask", SYS_personality, { 0xffffffff }, 0, 0 },
	{ "personality gdb", SYS_personality, { ADDR_NO_RANDOMIZE }, 0, 0 },
	{ "personality", SYS_personality, { READ_IMPLIES_EXEC }, EPERM, 0 },
	{ "TIOCSTI", SYS_ioctl, { BAD_FD, TIOCSTI }, EPERM, 0 },
	{ "TIOCSTI high", SYS_ioctl, { BAD_FD, 1L << 32 | TIOCSTI }, EPERM, 0 },
	{ "unix", SYS_socket, { AF_UNIX, SOCK_STREAM }, 0, 0 },
	{ "inet", SYS_socket, { AF_INET, SOCK_STREAM }, 0, 0 },
	{ "route", SYS_socket, { AF_NETLINK, SOCK_RAW, NETLINK_ROUTE }, 0, 0 },
	{ "generic netlink", SYS_socket, { AF_NETLINK, SOCK_RAW,
	    NETLINK_GENERIC }, EPROTONOSUPPORT, SECCOMP_ANY_SOCKET },
	{ "AF_ALG", SYS_socket, { AF_ALG, SOCK_SEQPACKET }, EPROTONOSUPPORT,
	    SECCOMP_ANY_SOCKET },
	{ "raw", SYS_socket, { AF_INET, SOCK_RAW, 255 }, EPERM, 0 },
	{ "socketpair", SYS_socketpair, { AF_TIPC }, EPROTONOSUPPORT, 0 },
};
/* clang-format on */

/* errno of every call, as a process under that filter gets it. */
struct results {
	int err[RESULTS];
	int forked;		/* exit status of a child of it */
};

static int
install(unsigned open)
{
	struct sock_filter filter[SECCOMP_LEN_MAX];
	struct sock_fprog program = { 0, filter };

	program.len = seccomp_build(open, SECCOMP_NATIVE, filter);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
}

static void
make_calls(struct results *r, size_t first, size_t end)
{
	size_t i;

	for (i = first; i < end; i++) {
		const long *a = calls[i].args;

		r->err[i] = syscall(calls[i].nr, a[0], a[1], a[2], a[3],
		    a[4], 0L) == -1 ? errno : 0;
	}
}

/*
 * calls[first] to calls[end - 1] under SECCOMP_* open; the results live in
 * memory shared with the child.
 */
static const struct results *
under_filter(unsigned open, size_t first, size_t end)
{
	struct results *r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid, inner;

	ATF_REQUIRE(r != MAP_FAILED);
	ATF_REQUIRE((pid = fork()) != -1);
	if (pid == 0) {
		if (install(open) != 0)
			_exit(1);
		inner = fork();
		if (inner == 0)
			_exit(42);
		if (inner == -1 || waitpid(inner, &r->forked, 0) != inner)
			_exit(2);
		make_calls(r, first, end);
		_exit(0);
	}
	ATF_REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	ATF_REQUIRE_EQ_MSG(status, 0, "status %#x", (unsigned)status);
	return r;
}

ATF_TC_WITHOUT_HEAD(shut);
ATF_TC_BODY(shut, tc)
{
	const struct results *r = under_filter(0, 0, COUNT(calls));
	size_t i;

	ATF_REQUIRE(COUNT(calls) <= RESULTS);
	ATF_CHECK_EQ(WEXITSTATUS(r->forked), 42);
	for (i = 0; i < COUNT(calls); i++)
		ATF_CHECK_MSG(r->err[i] == calls[i].shut,
		    "%s: %s and not %s", calls[i].name, strerror(r->err[i]),
		    strerror(calls[i].shut));
}

/*
 * Each with its own key only.  What the kernel then says is its own business,
 * but is compared with what it says to a process that has no filter.
 */
ATF_TC_WITHOUT_HEAD(open_one);
ATF_TC_BODY(open_one, tc)
{
	int status, bare;
	size_t i;
	pid_t pid;

	for (i = 0; i < COUNT(calls); i++) {
		const long *a = calls[i].args;
		const struct results *r;

		if (calls[i].key == 0)
			continue;
		r = under_filter(calls[i].key, i, i + 1);
		ATF_REQUIRE((pid = fork()) != -1);
		if (pid == 0)
			_exit(syscall(calls[i].nr, a[0], a[1], a[2], a[3],
			    a[4], 0L) == -1 ? errno : 0);
		ATF_REQUIRE_EQ(waitpid(pid, &status, 0), pid);
		bare = WEXITSTATUS(status);
		ATF_CHECK_MSG(r->err[i] == bare,
		    "%s: %s, and without a filter %s", calls[i].name,
		    strerror(r->err[i]), strerror(bare));
	}
}

#ifdef __x86_64__
static long
call_i386(long nr, long first)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "0"(nr), "b"(first),
	    "c"(0L), "d"(0L), "S"(0L) : "memory", "r8", "r9", "r10", "r11");
	return result;
}

/* i386: 20 getpid, 21 mount, 52 umount2, 102 socketcall, 117 ipc. */
ATF_TC_WITHOUT_HEAD(i386);
ATF_TC_BODY(i386, tc)
{
	static const struct {
		long nr, first, result;
	} compat[] = {
		{ 21, 0, -EPERM }, { 52, 0, -EPERM },
		{ 102, 1, -EPROTONOSUPPORT }, { 117, 23, -ENOSYS },
		{ UNKNOWN_CALL, 0, -ENOSYS }, { 425, 0, -ENOSYS },
	};
	int status;
	size_t i;
	pid_t pid;

	ATF_REQUIRE((pid = fork()) != -1);
	if (pid == 0)
		_exit(call_i386(20, 0) == getpid() ? 0 : 1);
	ATF_REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	if (status != 0)
		atf_tc_skip("this kernel takes no 32-bit calls");

	ATF_REQUIRE((pid = fork()) != -1);
	if (pid == 0) {
		if (install(0) != 0 || call_i386(20, 0) != getpid())
			_exit(100);
		for (i = 0; i < COUNT(compat); i++)
			if (call_i386(compat[i].nr, compat[i].first) !=
			    compat[i].result)
				_exit((int)i + 1);
		_exit(0);
	}
	ATF_REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	ATF_CHECK_EQ_MSG(status, 0, "status %#x", (unsigned)status);
}
#endif

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, shut);
	ATF_TP_ADD_TC(tp, open_one);
#ifdef __x86_64__
	ATF_TP_ADD_TC(tp, i386);
#endif
	return atf_no_error();
}
