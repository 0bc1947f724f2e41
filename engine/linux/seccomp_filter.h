/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_SECCOMP_FILTER_H
#define ENGINE_LINUX_SECCOMP_FILTER_H

#include <linux/filter.h>

/* What a filter lets through beyond what every jail may. */
enum seccomp_open {
	SECCOMP_NESTED = 1 << 0,	/* children.max: namespaces, mounts */
	SECCOMP_MOUNT = 1 << 1,		/* allow.mount: umount */
	SECCOMP_BIND = 1 << 2,		/* allow.mount.nullfs */
	SECCOMP_FILESYSTEMS = 1 << 3,	/* another kind of allow.mount.* */
	SECCOMP_MOUNT_TABLE = 1 << 4,	/* enforce_statfs below 2 */
	SECCOMP_HOSTNAME = 1 << 5,	/* allow.set_hostname */
	SECCOMP_RAW_SOCKETS = 1 << 6,	/* allow.raw_sockets */
	SECCOMP_ANY_SOCKET = 1 << 7,	/* allow.socket_af */
	SECCOMP_MLOCK = 1 << 8,		/* allow.mlock */
	SECCOMP_MSGBUF = 1 << 9,	/* allow.read_msgbuf */
	SECCOMP_DEBUG = 1 << 10,	/* allow.unprivileged_proc_debug */
	SECCOMP_SETTIME = 1 << 11,	/* allow.settime */
	SECCOMP_SHM = 1 << 12,		/* sysvshm */
	SECCOMP_SEM = 1 << 13,		/* sysvsem */
	SECCOMP_MSG = 1 << 14,		/* sysvmsg */
	SECCOMP_ALL = (1 << 15) - 1,
	/* the one that closes: packet sockets, which are never held to the
	 * addresses that a jail has at an interface of the host */
	SECCOMP_NO_PACKETS = 1 << 15,
};

/* A processor and the 32-bit calls that its kernel takes as well. */
enum seccomp_machine {
	SECCOMP_X86_64,
	SECCOMP_AARCH64,
#if defined(__x86_64__)
	SECCOMP_NATIVE = SECCOMP_X86_64
#elif defined(__aarch64__)
	SECCOMP_NATIVE = SECCOMP_AARCH64
#else
#error "engine/linux/syscalls.def has no numbers for this processor"
#endif
};

enum { SECCOMP_LEN_MAX = 640 };	/* a filter is never longer */

/*
 * Write the filter for a set of SECCOMP_*; returns its length.  Calls that it
 * does not know answer ENOSYS, calls that a jail must not make EPERM, other
 * architectures kill the process.
 */
unsigned short seccomp_build(unsigned open, enum seccomp_machine machine,
    struct sock_filter filter[SECCOMP_LEN_MAX]);

#endif
