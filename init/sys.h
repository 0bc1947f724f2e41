/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef INIT_SYS_H
#define INIT_SYS_H

/*
 * The kernel as gaol-init sees it: system calls, and the few constants and
 * structures of the kernel's ABI that it needs.  There is no libc below:
 * a call returns what the kernel returns, an error as a negated errno.
 */
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)

enum {
	SYS_CLOSE = 3, SYS_READ = 0, SYS_WRITE = 1, SYS_MMAP = 9,
	SYS_MUNMAP = 11, SYS_SIGACTION = 13, SYS_SIGPROCMASK = 14,
	SYS_IOCTL = 16, SYS_GETPID = 39, SYS_SENDTO = 44, SYS_RECVFROM = 45,
	SYS_SENDMSG = 46, SYS_CLONE = 56, SYS_EXECVE = 59, SYS_WAIT4 = 61,
	SYS_KILL = 62, SYS_GETCWD = 79, SYS_CHDIR = 80, SYS_FCHMOD = 91,
	SYS_FCHOWN = 93, SYS_UMASK = 95, SYS_SETSID = 112,
	SYS_CAPSET = 126,
	SYS_SETGROUPS = 116, SYS_SETRESUID = 117, SYS_SETRESGID = 119,
	SYS_GETSID = 124, SYS_FSTATFS = 138, SYS_PRCTL = 157,
	SYS_EXIT_GROUP = 231, SYS_OPENAT = 257, SYS_PPOLL = 271,
	SYS_SIGNALFD4 = 289, SYS_DUP3 = 292, SYS_PIPE2 = 293,
	SYS_STATX = 332, SYS_CLOSE_RANGE = 436,
	SYS_PREAD64 = 17, SYS_RECVMSG = 47, SYS_SOCKETPAIR = 53,
	SYS_FCHDIR = 81, SYS_CAPGET = 125, SYS_CHROOT = 161, SYS_MOUNT = 165,
	SYS_SECCOMP = 317, SYS_PIDFD_OPEN = 434, SYS_PIDFD_GETFD = 438,
	SYS_LSEEK = 8, SYS_SENDFILE = 40, SYS_FTRUNCATE = 77,
	SYS_CLOCK_GETTIME = 228,
};
enum {
	ARCH_NATIVE = (int)0xc000003e, ARCH_COMPAT = 0x40000003,
	COMPAT_MOUNT = 21, O_DIRECTORY = 0200000,
};

static inline long
sys6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
	    : "=a"(result)
	    : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
	    : "rcx", "r11", "memory");
	return (result);
}

static inline long
sys3(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
	    : "=a"(result)
	    : "a"(number), "D"(a), "S"(b), "d"(c)
	    : "rcx", "r11", "memory");
	return (result);
}

#elif defined(__aarch64__)

enum {
	SYS_GETCWD = 17, SYS_DUP3 = 24, SYS_IOCTL = 29, SYS_FSTATFS = 44,
	SYS_CHDIR = 49, SYS_FCHMOD = 52, SYS_FCHOWN = 55, SYS_OPENAT = 56,
	SYS_CLOSE = 57, SYS_PIPE2 = 59, SYS_READ = 63, SYS_WRITE = 64,
	SYS_PPOLL = 73, SYS_SIGNALFD4 = 74, SYS_EXIT_GROUP = 94,
	SYS_KILL = 129, SYS_SIGACTION = 134, SYS_SIGPROCMASK = 135,
	SYS_SETRESUID = 147, SYS_SETRESGID = 149, SYS_GETSID = 156,
	SYS_CAPSET = 91,
	SYS_SETSID = 157, SYS_SETGROUPS = 159, SYS_UMASK = 166,
	SYS_PRCTL = 167, SYS_GETPID = 172, SYS_SENDTO = 206,
	SYS_RECVFROM = 207, SYS_SENDMSG = 211, SYS_MUNMAP = 215,
	SYS_CLONE = 220, SYS_EXECVE = 221, SYS_MMAP = 222, SYS_WAIT4 = 260,
	SYS_STATX = 291, SYS_CLOSE_RANGE = 436,
	SYS_MOUNT = 40, SYS_FCHDIR = 50, SYS_CHROOT = 51, SYS_PREAD64 = 67,
	SYS_CAPGET = 90, SYS_SOCKETPAIR = 199, SYS_RECVMSG = 212,
	SYS_SECCOMP = 277, SYS_PIDFD_OPEN = 434, SYS_PIDFD_GETFD = 438,
	SYS_LSEEK = 62, SYS_SENDFILE = 71, SYS_FTRUNCATE = 46,
	SYS_CLOCK_GETTIME = 113,
};
enum {
	ARCH_NATIVE = (int)0xc00000b7, ARCH_COMPAT = 0x40000028,
	COMPAT_MOUNT = 21, O_DIRECTORY = 040000,
};

static inline long
sys6(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
	    : "+r"(x0)
	    : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
	    : "memory");
	return (x0);
}

static inline long
sys3(long number, long a, long b, long c)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;

	__asm__ volatile("svc #0"
	    : "+r"(x0)
	    : "r"(x8), "r"(x1), "r"(x2)
	    : "memory");
	return (x0);
}

#else
#error "gaol-init knows x86_64 and aarch64"
#endif

enum {
	EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, ECHILD = 10, EAGAIN = 11,
	EACCES = 13, EFAULT = 14, EBUSY = 16, ENODEV = 19, ENOTDIR = 20,
	EINVAL = 22, ENAMETOOLONG = 36, ETIMEDOUT = 110, ESTALE = 116,
	 ECANCELED = 125,
};

enum {
	SIGHUP = 1, SIGINT = 2, SIGQUIT = 3, SIGKILL = 9, SIGUSR1 = 10,
	SIGUSR2 = 12, SIGTERM = 15, SIGCHLD = 17, SIGCONT = 18,
	SIGWINCH = 28, SIGPWR = 30, SIGNAL_LAST_NAMED = 31,
	SIG_SETMASK = 2,
	SI_KERNEL = 0x80,
};
#define SIGNAL_BIT(n) ((uint64_t)1 << ((n) - 1))

enum {
	O_RDWR = 2, O_NOCTTY = 0400, O_NONBLOCK = 04000, O_CLOEXEC = 02000000,
	O_PATH = 010000000, AT_FDCWD = -100, AT_EMPTY_PATH = 0x1000,
	CLOSE_RANGE_CLOEXEC = 1 << 2,
	MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000,
	MSG_CMSG_CLOEXEC = 0x40000000,
	AF_UNIX = 1, SOCK_STREAM = 1, SOCK_CLOEXEC = O_CLOEXEC,
	SOL_SOCKET = 1, SCM_RIGHTS = 1,
	CLOCK_BOOTTIME = 7,
	POLLIN = 1, SEEK_SET = 0, SEEK_END = 2,
	WNOHANG = 1, WALL = 0x40000000,
	PROT_READ = 1, PROT_WRITE = 2, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20,
	PR_SET_DUMPABLE = 4, PR_SET_NO_NEW_PRIVS = 38,
	PR_SET_SECUREBITS = 28, SECBIT_NOROOT = 1, SECBIT_NOROOT_LOCKED = 2,
	CAPABILITY_VERSION_3 = 0x20080522,
	STATX_TYPE = 1, S_IFMT = 0170000, S_IFCHR = 0020000,
	TIOCSCTTY = 0x540e, TIOCSWINSZ = 0x5414, TIOCSPTLCK = 0x40045431,
	TIOCGPTPEER = 0x5441,
	DEVPTS_MAGIC = 0x1cd1, PROC_MAGIC = 0x9fa0, SYSFS_MAGIC = 0x62656572,
	PIDFD_THREAD = 0200,
	MS_RDONLY = 1, MS_NOSUID = 2, MS_NODEV = 4, MS_NOEXEC = 8,
	MS_REMOUNT = 32, MS_BIND = 4096, MS_MOVE = 8192, MS_REC = 16384,
	MS_PROPAGATION = 0xf << 17,	/* unbindable private slave shared */
	PATH_MAX = 4096,
};

/* What mount(2) drops: old programs put it into the high half. */
#define MS_MAGIC_MASK 0xffff0000U
#define MS_MAGIC 0xc0ed0000U

/* seccomp(2), seccomp_unotify(2). */
enum {
	SECCOMP_SET_MODE_FILTER = 1, SECCOMP_SPEC_ALLOW = 1 << 2,
	SECCOMP_NEW_LISTENER = 1 << 3, SECCOMP_WAIT_KILLABLE = 1 << 5,
	SECCOMP_NR = 0, SECCOMP_ARCH = 4, SECCOMP_ARG_3 = 40,
	SECCOMP_ALLOW = 0x7fff0000, SECCOMP_NOTIFY = 0x7fc00000,
	SECCOMP_ERRNO = 0x00050000,
	BPF_LOAD = 0x20, BPF_EQUAL = 0x15, BPF_ANY_OF = 0x45, BPF_RETURN = 6,
};
#define SECCOMP_RECV 0xc0502100U
#define SECCOMP_SEND 0xc0182101U
#define SECCOMP_ID_VALID 0x40082102U

struct sys_filter {
	uint16_t code;
	uint8_t yes, no;
	uint32_t value;
};

struct sys_fprog {
	uint16_t length;
	const struct sys_filter *filter;
};

struct sys_notif {
	uint64_t id;
	uint32_t pid, flags;
	int32_t number;
	uint32_t arch;
	uint64_t ip, args[6];
};

struct sys_notif_answer {
	uint64_t id;
	int64_t value;
	int32_t error;
	uint32_t flags;
};

struct sys_poll {
	int fd;
	short events, revents;
};

struct sys_timespec {
	int64_t seconds, nanoseconds;
};

struct sys_siginfo {		/* of a signalfd */
	uint32_t signo;
	int32_t error, code;
	uint8_t rest[116];
};

struct sys_sigaction {		/* all zero: the default of the signal */
	uint64_t handler, flags, restorer, mask;
};

struct sys_iovec {
	void *base;
	size_t length;
};

struct sys_msghdr {
	void *name;
	uint32_t name_length;
	struct sys_iovec *iov;
	size_t iov_count;
	void *control;
	size_t control_length;
	int flags;
};

struct sys_cmsg {		/* one descriptor */
	size_t length;
	int level, type;
	int fd;
};
enum { SYS_CMSG_LENGTH = sizeof(size_t) + 3 * sizeof(int) };

struct sys_winsize {
	uint16_t rows, columns, x, y;
};

struct sys_statx {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad;
	uint64_t more[12];
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t rest[14];
};

static inline long
sys_close(int fd)
{
	return (sys3(SYS_CLOSE, fd, 0, 0));
}

static inline long
sys_read(int fd, void *to, size_t size)
{
	return (sys3(SYS_READ, fd, (long)to, (long)size));
}

static inline long
sys_write(int fd, const void *from, size_t size)
{
	return (sys3(SYS_WRITE, fd, (long)from, (long)size));
}

static inline long
sys_ioctl(int fd, unsigned request, long argument)
{
	return (sys3(SYS_IOCTL, fd, request, argument));
}

static inline long
sys_kill(int pid, int signo)
{
	return (sys3(SYS_KILL, pid, signo, 0));
}

static inline _Noreturn void
sys_exit(int status)
{
	for (;;)
		sys3(SYS_EXIT_GROUP, status, 0, 0);
}

static inline long
sys_fork(void)
{
	return (sys6(SYS_CLONE, SIGCHLD, 0, 0, 0, 0, 0));
}

static inline long
sys_prctl(int option, long value)
{
	return (sys6(SYS_PRCTL, option, value, 0, 0, 0, 0));
}

/* The signals of the mask are blocked, no others. */
static inline void
sys_sigmask(uint64_t mask)
{
	sys6(SYS_SIGPROCMASK, SIG_SETMASK, (long)&mask, 0, sizeof(mask), 0, 0);
}

static inline long
sys_recv(int fd, void *to, size_t size, int flags)
{
	return (sys6(SYS_RECVFROM, fd, (long)to, (long)size, flags, 0, 0));
}

static inline long
sys_send(int fd, const void *from, size_t size, int flags)
{
	return (sys6(SYS_SENDTO, fd, (long)from, (long)size, flags, 0, 0));
}

/* Fresh memory, NULL when there is none. */
static inline void *
sys_map(size_t size)
{
	long address = sys6(SYS_MMAP, 0, (long)size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return (address < 0 && address > -4096 ? NULL : (void *)address);
}

static inline void
sys_unmap(void *at, size_t size)
{
	sys3(SYS_MUNMAP, (long)at, (long)size, 0);
}

#endif
