/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "engine/linux/caps.h"

#define CAP(name) ((uint64_t)1 << CAP_##name)
#define CAPS_WORDS _LINUX_CAPABILITY_U32S_3

/*
 * What root of every FreeBSD jail may do: the privileges that
 * prison_priv_check(9) lets through without a parameter, in Linux's words.
 */
static const uint64_t caps_always =
    CAP(CHOWN) |		/* PRIV_VFS_CHOWN */
    CAP(DAC_OVERRIDE) |		/* PRIV_VFS_READ, WRITE, EXEC, LOOKUP */
    CAP(FOWNER) |		/* PRIV_VFS_ADMIN, STICKYFILE */
    CAP(FSETID) |		/* PRIV_VFS_RETAINSUGID, SETGID */
    CAP(KILL) |			/* PRIV_SIGNAL_DIFFCRED */
    CAP(SETGID) | CAP(SETUID) |	/* PRIV_CRED_* : login, su, daemons */
    CAP(SYS_CHROOT) |		/* PRIV_VFS_CHROOT */
    /*
     * These two have no counterpart, they only rearrange what is there:
     * programs give capabilities up with SETPCAP, and packages (ping) set
     * them on files as others set the setuid bit.  The bounding set caps both.
     */
    CAP(SETPCAP) | CAP(SETFCAP);

/*
 * Only where the jail has a user namespace: there the kernel holds each of
 * them against the jail's own ids and namespaces.
 */
static const uint64_t caps_userns =
    /*
     * Backup programs keep this one alone.  Without a user namespace it opens
     * any inode of the file system by handle, outside the root too.
     */
    CAP(DAC_READ_SEARCH) |
    /*
     * gdb and strace of other users' processes, /proc/PID/exe for ps.  In the
     * host's user namespace it would reach a gaol that is just joining.
     */
    CAP(SYS_PTRACE) |
    /*
     * PRIV_SCHED_*: nice and affinity of other users' processes.  In the
     * host's user namespace it is also real-time scheduling.
     */
    CAP(SYS_NICE);

/*
 * And never, whatever the parameters:
 *   MKNOD		devices come from the jail's /dev, as from devfs(5)
 *   SYS_MODULE SYS_RAWIO SYS_BOOT SYS_PACCT SYS_TTY_CONFIG WAKE_ALARM
 *   BLOCK_SUSPEND	the machine is the host's (securelevel or not)
 *   SYS_RESOURCE	limits are the host's to set (rctl(8)); a user namespace
 *			does not know it
 *   AUDIT_WRITE AUDIT_CONTROL AUDIT_READ	the audit trail is the host's;
 *			allow.setaudit is refused
 *   LEASE		FreeBSD has no leases; on own files none is needed
 *   MAC_ADMIN MAC_OVERRIDE BPF PERFMON CHECKPOINT_RESTORE NET_BROADCAST
 *			no FreeBSD jail has the like
 */

static bool
allows(uint64_t allow, enum engine_allow what)
{
	return (allow & ALLOW_BIT(what)) != 0;
}

/* PRIV_IPC_*: over the jail's own objects, never over the host's. */
static bool
own_sysvipc(const struct engine_spec *spec)
{
	if (spec->sysvmsg == SHARE_INHERIT || spec->sysvsem == SHARE_INHERIT ||
	    spec->sysvshm == SHARE_INHERIT)
		return false;
	return spec->sysvmsg == SHARE_NEW || spec->sysvsem == SHARE_NEW ||
	    spec->sysvshm == SHARE_NEW;
}

/*
 * sethostname(2), mount(2) and the making of namespaces have this one key.
 * What else it opens inside a user namespace, the filter closes.
 */
static bool
needs_sys_admin(const struct engine_spec *spec, uint64_t allow)
{
	if (!spec->userns)
		return false;
	return allows(allow, ALLOW_SET_HOSTNAME) ||
	    allows(allow, ALLOW_MOUNT) || spec->children_max > 0;
}

uint64_t
caps_plan(const struct engine_spec *spec, uint64_t allow)
{
	uint64_t caps = caps_always;

	/* what gaol-init needs to become another user and to end what runs; it
	 * gives all of it up for every command (INIT_NO_NEW_PRIVS) */
	if (!allows(allow, ALLOW_SUSER))
		return CAP(SETUID) | CAP(SETGID) | CAP(SETPCAP) | CAP(KILL);
	if (spec->userns)
		caps |= caps_userns;
	if (needs_sys_admin(spec, allow))
		caps |= CAP(SYS_ADMIN);
	if (own_sysvipc(spec))
		caps |= CAP(IPC_OWNER);
	if (allows(allow, ALLOW_RESERVED_PORTS))
		caps |= CAP(NET_BIND_SERVICE);
	if (allows(allow, ALLOW_RAW_SOCKETS))
		caps |= CAP(NET_RAW);
	/* Interfaces, routes and filters of its own stack, as with vnet. */
	if (!spec->net_inherit && spec->securelevel < 3)
		caps |= CAP(NET_ADMIN);
	/*
	 * In a user namespace RLIMIT_MEMLOCK still limits it, but programs ask
	 * for the capability before they try.
	 */
	if (allows(allow, ALLOW_MLOCK))
		caps |= CAP(IPC_LOCK);
	/* These three are only known to the host's user namespace. */
	if (allows(allow, ALLOW_CHFLAGS))
		caps |= CAP(LINUX_IMMUTABLE);
	if (allows(allow, ALLOW_SETTIME) || allows(allow, ALLOW_ADJTIME))
		caps |= CAP(SYS_TIME);
	if (!spec->userns && allows(allow, ALLOW_READ_MSGBUF))
		caps |= CAP(SYSLOG);
	return caps;
}

int
caps_bound(uint64_t caps)
{
	unsigned long cap;

	/* One call each: the kernel has no mask for it. */
	for (cap = 0; cap < 64; cap++) {
		if ((caps >> cap & 1) != 0)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0) {
			/* The first that this kernel does not know. */
			if (errno == EINVAL)
				break;
			return -1;
		}
	}
	return 0;
}

/*
 * Nothing inheritable, which also empties the ambient set.  What the caller
 * itself lacks (a gaol inside a jail, a host in a container) stays lacking.
 */
int
caps_set(uint64_t caps)
{
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct data[CAPS_WORDS];
	int i;

	memset(&header, 0, sizeof(header));
	header.version = _LINUX_CAPABILITY_VERSION_3;
	if (syscall(SYS_capget, &header, data) != 0)
		return -1;
	for (i = 0; i < CAPS_WORDS; i++) {
		data[i].permitted &= (uint32_t)(caps >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data) == 0 ? 0 : -1;
}
