/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <asm/ioctls.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/socket.h>

#include <errno.h>
#include <signal.h>
#include <stddef.h>

#include "engine/linux/seccomp_filter.h"
#include "tests/unit/seccomp_cases.h"

/* What the kernel drops from an int, and a hasty filter compares. */
#define HIGH 0xdead00000000
/* What old mount programs add to the flags. */
#define MAGIC 0xc0ed0000

#define NEST SECCOMP_NESTED
#define ANY SECCOMP_ANY_SOCKET
#define RAW SECCOMP_RAW_SOCKETS
#define KIND (SECCOMP_MOUNT | SECCOMP_FILESYSTEMS)
#define BINDS (SECCOMP_MOUNT | SECCOMP_BIND)

/* clang-format off */
const struct seccomp_case seccomp_cases[] = {
	/* fork, vfork, threads */
	{ "clone", { SIGCHLD }, 0, 0 },
	{ "clone", { CLONE_VM | CLONE_VFORK | SIGCHLD }, 0, 0 },
	{ "clone", { 0x3d0f00 }, 0, 0 },
	{ "clone", { CLONE_NEWUSER | SIGCHLD }, 0, EPERM },
	{ "clone", { HIGH | CLONE_NEWUSER | SIGCHLD }, 0, EPERM },
	{ "clone", { CLONE_NEWNS }, 0, EPERM },
	{ "clone", { CLONE_NEWPID }, 0, EPERM },
	{ "clone", { CLONE_NEWNET }, 0, EPERM },
	{ "clone", { CLONE_NEWIPC }, 0, EPERM },
	{ "clone", { CLONE_NEWUTS }, 0, EPERM },
	{ "clone", { CLONE_NEWCGROUP }, 0, EPERM },
	{ "clone", { CLONE_NEWUSER }, NEST, 0 },
	{ "clone", { CLONE_NEWUSER }, SECCOMP_ALL & ~NEST, EPERM },
	{ "unshare", { CLONE_FS | CLONE_FILES }, 0, 0 },
	{ "unshare", { CLONE_NEWTIME }, 0, EPERM },
	{ "unshare", { CLONE_NEWUSER }, 0, EPERM },
	{ "unshare", { CLONE_NEWNS }, NEST, 0 },

	{ "personality", { 0xffffffff }, 0, 0 },
	{ "personality", { UINT64_MAX }, 0, 0 },
	{ "personality", { PER_LINUX32 }, 0, 0 },
	{ "personality", { UNAME26 }, 0, 0 },
	{ "personality", { PER_LINUX32 | UNAME26 }, 0, 0 },
	{ "personality", { ADDR_NO_RANDOMIZE }, 0, 0 },
	{ "personality", { READ_IMPLIES_EXEC }, 0, EPERM },
	{ "personality", { MMAP_PAGE_ZERO }, 0, EPERM },
	{ "personality", { PER_SVR4 }, SECCOMP_ALL, EPERM },

	{ "socket", { AF_UNIX, SOCK_STREAM }, 0, 0 },
	{ "socket", { AF_UNIX, SOCK_RAW }, 0, 0 },
	{ "socket", { AF_INET, SOCK_STREAM }, 0, 0 },
	{ "socket", { AF_INET, SOCK_DGRAM | SOCK_CLOEXEC }, 0, 0 },
	{ "socket", { AF_INET6, SOCK_STREAM | SOCK_NONBLOCK }, 0, 0 },
	{ "socket", { AF_INET, SOCK_RAW }, 0, EPERM },
	{ "socket", { AF_INET, SOCK_RAW | SOCK_CLOEXEC }, 0, EPERM },
	{ "socket", { AF_INET6, SOCK_RAW | SOCK_NONBLOCK }, 0, EPERM },
	{ "socket", { HIGH | AF_INET, HIGH | SOCK_RAW }, 0, EPERM },
	{ "socket", { AF_INET, SOCK_PACKET }, 0, EPERM },
	{ "socket", { AF_PACKET, SOCK_RAW }, 0, EPERM },
	{ "socket", { AF_PACKET, SOCK_DGRAM }, ANY, EPERM },
	{ "socket", { AF_INET, SOCK_RAW }, ANY, EPERM },
	{ "socket", { AF_INET6, SOCK_RAW }, ANY, EPERM },
	{ "socket", { AF_INET, SOCK_RAW }, RAW, 0 },
	{ "socket", { AF_INET6, SOCK_RAW }, RAW, 0 },
	{ "socket", { AF_INET, SOCK_PACKET }, RAW, 0 },
	{ "socket", { AF_PACKET, SOCK_RAW }, RAW, 0 },
	{ "socket", { AF_NETLINK, SOCK_RAW, NETLINK_ROUTE }, 0, 0 },
	{ "socket", { AF_NETLINK, SOCK_RAW, HIGH | NETLINK_ROUTE }, 0, 0 },
	{ "socket", { AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER }, 0,
	    EPROTONOSUPPORT },
	{ "socket", { AF_NETLINK, SOCK_RAW, NETLINK_AUDIT }, RAW,
	    EPROTONOSUPPORT },
	{ "socket", { AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER }, ANY, 0 },
	{ "socket", { AF_ALG, SOCK_SEQPACKET }, 0, EPROTONOSUPPORT },
	{ "socket", { AF_VSOCK, SOCK_STREAM }, RAW, EPROTONOSUPPORT },
	{ "socket", { AF_BLUETOOTH, SOCK_RAW }, ANY, 0 },
	{ "socket", { AF_ALG, SOCK_SEQPACKET }, ANY, 0 },
	{ "socket", { AF_ALG, SOCK_SEQPACKET }, SECCOMP_ALL & ~ANY,
	    EPROTONOSUPPORT },
	{ "socketpair", { AF_UNIX, SOCK_STREAM }, 0, 0 },
	{ "socketpair", { AF_TIPC, SOCK_STREAM }, RAW, EPROTONOSUPPORT },
	{ "socketpair", { AF_TIPC, SOCK_STREAM }, ANY, 0 },
	/* i386: 1 socket, 2 bind, 8 socketpair */
	{ "socketcall", { 1 }, 0, EPROTONOSUPPORT },
	{ "socketcall", { HIGH | 1 }, RAW, EPROTONOSUPPORT },
	{ "socketcall", { 2 }, 0, 0 },
	{ "socketcall", { 8 }, 0, EPROTONOSUPPORT },
	{ "socketcall", { 1 }, ANY, 0 },
	{ "socketcall", { 1 }, ANY | NEST, EPROTONOSUPPORT },
	{ "socketcall", { 1 }, ANY | NEST | RAW, 0 },

	{ "ioctl", { 0, TIOCSTI }, SECCOMP_ALL, EPERM },
	{ "ioctl", { 0, HIGH | TIOCSTI }, 0, EPERM },
	{ "ioctl", { 0, TIOCLINUX }, SECCOMP_ALL, EPERM },
	{ "ioctl", { 0, TIOCSETD }, SECCOMP_ALL, EPERM },
	{ "ioctl", { 0, TIOCGWINSZ }, 0, 0 },
	{ "ioctl", { 0, TCGETS }, 0, 0 },
	{ "ioctl", { 0, 0x40086602 /* FS_IOC_SETFLAGS */ }, 0, 0 },

	{ "mount", { 0, 0, 0, MS_NODEV }, 0, EPERM },
	{ "mount", { 0, 0, 0, MS_NODEV }, SECCOMP_MOUNT, EPERM },
	{ "mount", { 0, 0, 0, MS_REMOUNT }, SECCOMP_MOUNT, EPERM },
	{ "mount", { 0, 0, 0, MS_BIND }, SECCOMP_MOUNT, EPERM },
	/* a kind without allow.mount is nothing */
	{ "mount", { 0, 0, 0, MS_BIND }, SECCOMP_BIND, EPERM },
	{ "mount", { 0, 0, 0, 0 }, SECCOMP_FILESYSTEMS, EPERM },
	/* gaol-init tells these apart (init/guard.c) */
	{ "mount", { 0, 0, 0, MS_NODEV }, KIND, 0 },
	{ "mount", { 0, 0, 0, MS_BIND }, KIND, 0 },
	{ "mount", { 0, 0, 0, MS_REMOUNT }, KIND, 0 },
	{ "mount", { 0, 0, 0, MAGIC | MS_NODEV }, KIND, 0 },
	{ "mount", { 0, 0, 0, MS_NODEV }, BINDS, EPERM },
	{ "mount", { 0, 0, 0, MAGIC }, BINDS, EPERM },
	{ "mount", { 0, 0, 0, MS_SHARED | MS_REC }, BINDS, EPERM },
	{ "mount", { 0, 0, 0, MS_BIND | MS_REC }, BINDS, 0 },
	{ "mount", { 0, 0, 0, MAGIC | MS_BIND }, BINDS, 0 },
	/* what the host mounted is locked */
	{ "mount", { 0, 0, 0, MS_REMOUNT | MS_BIND }, BINDS, 0 },
	{ "mount", { 0, 0, 0, MS_REMOUNT }, BINDS, 0 },
	{ "mount", { 0, 0, 0, MS_REMOUNT | MS_BIND | MS_RDONLY }, NEST, 0 },
	{ "mount", { 0, 0, 0, MS_MOVE }, BINDS, 0 },
	{ "mount", { 0, 0, 0, MS_BIND }, BINDS | KIND, 0 },
	{ "mount", { 0, 0, 0, 0 }, BINDS | KIND, 0 },
	{ "mount", { 0, 0, 0, MS_SLAVE | MS_REC }, NEST, 0 },
	{ "mount", { 0, 0, 0, MS_BIND }, NEST | SECCOMP_MOUNT, 0 },

	/* i386 and arm: 1-4 semaphores, 11-14 messages, 21-24 shared memory */
	{ "ipc", { 1 }, 0, ENOSYS },
	{ "ipc", { 4 }, SECCOMP_SHM | SECCOMP_MSG, ENOSYS },
	{ "ipc", { 2 }, SECCOMP_SEM, 0 },
	{ "ipc", { 11 }, SECCOMP_SHM | SECCOMP_SEM, ENOSYS },
	{ "ipc", { 14 }, 0, ENOSYS },
	{ "ipc", { 13 }, SECCOMP_MSG, 0 },
	{ "ipc", { 21 }, SECCOMP_SEM | SECCOMP_MSG, ENOSYS },
	{ "ipc", { 0x10000 | 21 }, 0, ENOSYS },
	{ "ipc", { HIGH | 24 }, 0, ENOSYS },
	{ "ipc", { 23 }, SECCOMP_SHM, 0 },
	{ "ipc", { 5 }, 0, 0 },
	{ "ipc", { 20 }, 0, 0 },
	{ "ipc", { 25 }, 0, 0 },

	{ "syslog", { 3 }, 0, EPERM },
	{ "syslog", { 3 }, SECCOMP_MSGBUF, 0 },
	{ "syslog", { 9 }, SECCOMP_MSGBUF, 0 },
	{ "syslog", { 10 }, SECCOMP_MSGBUF, 0 },
	{ "syslog", { 2 }, SECCOMP_MSGBUF, EPERM },
	{ "syslog", { 4 }, SECCOMP_MSGBUF, EPERM },
	{ "syslog", { 5 }, SECCOMP_ALL, EPERM },
	{ "syslog", { 8 }, SECCOMP_ALL, EPERM },

	{ NULL, { 0 }, 0, 0 },
};
