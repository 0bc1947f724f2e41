/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "engine/linux/alias.h"
#include "engine/linux/caps.h"
#include "engine/linux/confine.h"
#include "engine/linux/seccomp_filter.h"
#include "init/protocol.h"

#define CLOCK_BITS (ALLOW_BIT(ALLOW_SETTIME) | ALLOW_BIT(ALLOW_ADJTIME))
/* The kinds of allow.mount that are file systems of their own. */
#define FILESYSTEM_BITS                                                 \
	(ALLOW_BIT(ALLOW_MOUNT_FUSEFS) | ALLOW_BIT(ALLOW_MOUNT_PROCFS) | \
	    ALLOW_BIT(ALLOW_MOUNT_LINPROCFS) |                          \
	    ALLOW_BIT(ALLOW_MOUNT_LINSYSFS) | ALLOW_BIT(ALLOW_MOUNT_TMPFS))

static bool
always(const struct engine_spec *spec)
{
	return true;
}

static bool
with_userns(const struct engine_spec *spec)
{
	return spec->userns;
}

static bool
without_userns(const struct engine_spec *spec)
{
	return !spec->userns;
}

/* A user namespace has no rights over the host's network stack. */
static bool
with_foreign_stack(const struct engine_spec *spec)
{
	return spec->userns && spec->net_inherit;
}

/* Without CAP_SYSLOG, which no user namespace has, this setting decides. */
static bool
without_msgbuf(const struct engine_spec *spec)
{
	AUTO_CLOSE int fd = -1;
	char digit;

	if (!spec->userns)
		return false;
	fd = open("/proc/sys/kernel/dmesg_restrict", O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return errno != ENOENT;
	return read(fd, &digit, 1) != 1 || digit != '0';
}

/* What opens it is its mode: the jail's root is none of the host's users. */
static bool
without_fuse(const struct engine_spec *spec)
{
	struct stat st;

	return stat("/dev/fuse", &st) < 0 || (st.st_mode & 0006) != 0006;
}

/* What cell.conf may ask for and cannot have; the first that fits is told. */
/* clang-format off */
static const struct {
	enum engine_allow allow;
	bool (*when)(const struct engine_spec *spec);
	const char *text;
} refusals[] = {
	{ ALLOW_ADJTIME, with_userns, "allow.adjtime: the clock cannot be"
	    " adjusted from a user namespace; set userns = off" },
	{ ALLOW_CHFLAGS, with_userns, "allow.chflags: immutable and append-only"
	    " flags cannot be set from a user namespace; set userns = off" },
	{ ALLOW_MOUNT, without_userns, "allow.mount: without a user namespace"
	    " mounting is a right over the whole host; set userns = on" },
	{ ALLOW_MOUNT_DEVFS, always, "allow.mount.devfs: Linux has no devfs"
	    " that a jail could mount; set mount.devfs" },
	{ ALLOW_MOUNT_FDESCFS, always, "allow.mount.fdescfs: Linux has no"
	    " fdescfs that a jail could mount; set mount.fdescfs" },
	{ ALLOW_MOUNT_FUSEFS, without_fuse, "allow.mount.fusefs: /dev/fuse of"
	    " this host is missing or not for all to use; 'modprobe fuse' and"
	    " 'chmod 0666 /dev/fuse' would do" },
	{ ALLOW_RAW_SOCKETS, with_foreign_stack, "allow.raw_sockets: not on"
	    " the host's network stack from a user namespace; set net to"
	    " something other than inherit, or userns = off" },
	{ ALLOW_READ_MSGBUF, without_msgbuf, "allow.read_msgbuf: not from a"
	    " user namespace while kernel.dmesg_restrict is 1; set it to 0"
	    " on the host, or userns = off" },
	{ ALLOW_SETTIME, with_userns, "allow.settime: the clock cannot be set"
	    " from a user namespace; set userns = off" },
	{ ALLOW_SET_HOSTNAME, without_userns, "allow.set_hostname: without a"
	    " user namespace it takes rights over the whole host; set"
	    " userns = on, or the name with host.hostname" },
};
/* clang-format on */

static int
refuse(const struct engine_spec *spec, struct error *e)
{
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if ((spec->allow & spec->allow_asked &
		    ALLOW_BIT(refusals[i].allow)) != 0 &&
		    refusals[i].when(spec))
			return error_set(e, ERROR_UNSUPPORTED, "%s",
			    refusals[i].text);
	if (spec->children_max > 0 && !spec->userns)
		return error_set(e, ERROR_UNSUPPORTED, "children.max: jails"
		    " inside a jail need a user namespace; set userns = on");
	/* A jail sees its own mount namespace and no other. */
	if (spec->enforce_statfs == 0)
		return error_set(e, ERROR_UNSUPPORTED, "enforce_statfs: a jail"
		    " on Linux never sees the host's mounts; set"
		    " enforce_statfs = 1");
	if ((spec->allow & ALLOW_BIT(ALLOW_MOUNT)) != 0 &&
	    spec->enforce_statfs >= 2)
		return error_set(e, ERROR_CONFIG, "allow.mount has no effect"
		    " with enforce_statfs = 2; set enforce_statfs = 1");
	return 0;
}

uint64_t
confine_effective(const struct engine_spec *spec)
{
	uint64_t allow = spec->allow;

	if (spec->userns)
		allow &= ~(ALLOW_BIT(ALLOW_CHFLAGS) | CLOCK_BITS);
	else
		allow &= ~(ALLOW_BIT(ALLOW_MOUNT) |
		    ALLOW_BIT(ALLOW_SET_HOSTNAME));
	if (with_foreign_stack(spec))
		allow &= ~ALLOW_BIT(ALLOW_RAW_SOCKETS);
	if (spec->securelevel >= 1)
		allow &= ~ALLOW_BIT(ALLOW_CHFLAGS);
	if (spec->securelevel >= 2)
		allow &= ~(ALLOW_BIT(ALLOW_MOUNT) | CLOCK_BITS);
	if (spec->enforce_statfs >= 2)
		allow &= ~ALLOW_BIT(ALLOW_MOUNT);
	/* A kind is nothing without allow.mount. */
	if ((allow & ALLOW_BIT(ALLOW_MOUNT)) == 0)
		allow &= ~(FILESYSTEM_BITS | ALLOW_BIT(ALLOW_MOUNT_NULLFS));
	return allow;
}

bool
confine_owns_mounts(const struct engine_spec *spec)
{
	return spec->userns && (spec->children_max > 0 ||
	    (confine_effective(spec) & ALLOW_BIT(ALLOW_MOUNT)) != 0);
}

static unsigned
filter_plan(const struct engine_spec *spec, uint64_t allow)
{
	static const struct {
		uint64_t allow;
		enum seccomp_open open;
	} map[] = {
		{ ALLOW_BIT(ALLOW_MOUNT), SECCOMP_MOUNT },
		{ ALLOW_BIT(ALLOW_MOUNT_NULLFS), SECCOMP_BIND },
		{ FILESYSTEM_BITS, SECCOMP_FILESYSTEMS },
		{ ALLOW_BIT(ALLOW_SET_HOSTNAME), SECCOMP_HOSTNAME },
		{ ALLOW_BIT(ALLOW_RAW_SOCKETS), SECCOMP_RAW_SOCKETS },
		{ ALLOW_BIT(ALLOW_SOCKET_AF), SECCOMP_ANY_SOCKET },
		{ ALLOW_BIT(ALLOW_MLOCK), SECCOMP_MLOCK },
		{ ALLOW_BIT(ALLOW_READ_MSGBUF), SECCOMP_MSGBUF },
		{ ALLOW_BIT(ALLOW_UNPRIVILEGED_PROC_DEBUG), SECCOMP_DEBUG },
		{ ALLOW_BIT(ALLOW_SETTIME), SECCOMP_SETTIME },
	};
	unsigned open = 0;
	size_t i;

	for (i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if ((allow & map[i].allow) != 0)
			open |= map[i].open;
	if (alias_any(spec))
		open |= SECCOMP_NO_PACKETS;
	if (spec->children_max > 0)
		open |= SECCOMP_NESTED;
	if (spec->enforce_statfs < 2)
		open |= SECCOMP_MOUNT_TABLE;
	if (spec->sysvshm != SHARE_DISABLE)
		open |= SECCOMP_SHM;
	if (spec->sysvsem != SHARE_DISABLE)
		open |= SECCOMP_SEM;
	if (spec->sysvmsg != SHARE_DISABLE)
		open |= SECCOMP_MSG;
	return open;
}

/*
 * The kinds of file systems that gaol-init is to tell apart.  Jails that make
 * jails mount by what it cannot look at (fsopen(2)): theirs are those of a user
 * namespace, whatever the kinds.
 */
static unsigned
mounts_plan(const struct engine_spec *spec, uint64_t allow)
{
	static const struct {
		enum engine_allow allow;
		unsigned flag;
	} map[] = {
		{ ALLOW_MOUNT_FUSEFS, INIT_MOUNT_FUSEFS },
		{ ALLOW_MOUNT_LINPROCFS, INIT_MOUNT_PROCFS },
		{ ALLOW_MOUNT_LINSYSFS, INIT_MOUNT_SYSFS },
		{ ALLOW_MOUNT_NULLFS, INIT_MOUNT_NULLFS },
		{ ALLOW_MOUNT_PROCFS, INIT_MOUNT_PROCFS },
		{ ALLOW_MOUNT_TMPFS, INIT_MOUNT_TMPFS },
	};
	unsigned flags = 0;
	size_t i;

	/* without them the filter tells binds from the rest by itself */
	if ((allow & FILESYSTEM_BITS) == 0 || spec->children_max > 0 ||
	    (allow & ALLOW_BIT(ALLOW_SUSER)) == 0)
		return 0;
	for (i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if ((allow & ALLOW_BIT(map[i].allow)) != 0)
			flags |= map[i].flag;
	return flags;
}

void
confine_plan_join(const struct engine_spec *spec, struct confine *c)
{
	struct sock_filter filter[SECCOMP_LEN_MAX];
	uint64_t allow = confine_effective(spec);
	size_t size;

	c->caps = caps_plan(spec, allow);
	c->no_new_privs = (allow & ALLOW_BIT(ALLOW_SUSER)) == 0;
	c->mounts = mounts_plan(spec, allow);
	c->filter_len = seccomp_build(filter_plan(spec, allow), SECCOMP_NATIVE,
	    filter);
	size = c->filter_len * sizeof(*filter);
	c->filter = xcalloc(1, size);
	memcpy(c->filter, filter, size);
}

int
confine_plan(const struct engine_spec *spec, struct confine *c,
    struct error *e)
{
	if (refuse(spec, e) != 0)
		return -1;
	confine_plan_join(spec, c);
	return 0;
}

void
confine_fini(struct confine *c)
{
	free(c->filter);
	*c = (struct confine)CONFINE_INIT;
}

/*
 * SPEC_ALLOW: before Linux 5.16 a filter also turned speculation off, for the
 * sake of browsers, and slowed every program down; jails are processes.
 */
static int
install_filter(const struct confine *c)
{
	struct sock_fprog program = { c->filter_len, c->filter };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0 ? 0 : -1;
}

int
confine_apply(const struct confine *c)
{
	if (c->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	/* Each needs a capability that a later one takes away. */
	if (caps_bound(c->caps) != 0 || install_filter(c) != 0)
		return -1;
	return caps_set(c->caps);
}
