/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */

/* What the properties of a jail make of its capabilities, and what is 69. */
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/linux/caps.h"
#include "engine/linux/confine.h"
#include "init/protocol.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define CAP(name) ((uint64_t)1 << CAP_##name)
#define BIT(name) ALLOW_BIT(ALLOW_##name)

/* As FreeBSD has it without a word in jail.conf. */
#define DEFAULTS                                                         \
	(BIT(RESERVED_PORTS) | BIT(SET_HOSTNAME) | BIT(SUSER) |          \
	    BIT(UNPRIVILEGED_PROC_DEBUG))
#define BASE                                                             \
	(CAP(CHOWN) | CAP(DAC_OVERRIDE) | CAP(FOWNER) | CAP(FSETID) |    \
	    CAP(KILL) | CAP(SETGID) | CAP(SETUID) | CAP(SETPCAP) |       \
	    CAP(SETFCAP) | CAP(SYS_CHROOT) | CAP(NET_BIND_SERVICE))
#define USERNS (CAP(DAC_READ_SEARCH) | CAP(SYS_PTRACE) | CAP(SYS_NICE))

static struct engine_spec
jail(void)
{
	struct engine_spec spec;

	memset(&spec, 0, sizeof(spec));
	spec.name = "test";
	spec.allow = DEFAULTS;
	spec.securelevel = -1;
	spec.enforce_statfs = 2;
	spec.userns = true;
	return spec;
}

static void
ask(struct engine_spec *spec, uint64_t allow)
{
	spec->allow |= allow;
	spec->allow_asked |= allow;
}

static uint64_t
caps_of(const struct engine_spec *spec)
{
	struct confine c = CONFINE_INIT;
	struct error e = ERROR_INIT;
	uint64_t caps;

	ATF_REQUIRE_MSG(confine_plan(spec, &c, &e) == 0, "%s", e.msg);
	ATF_REQUIRE(c.filter != NULL && c.filter_len > 0);
	ATF_REQUIRE_EQ(c.no_new_privs, (spec->allow & BIT(SUSER)) == 0);
	caps = c.caps;
	confine_fini(&c);
	ATF_REQUIRE(c.filter == NULL);
	return caps;
}

static void
check_caps(const char *what, const struct engine_spec *spec, uint64_t want)
{
	uint64_t got = caps_of(spec);

	ATF_CHECK_MSG(got == want, "%s: %#llx too many, %#llx missing", what,
	    (unsigned long long)(got & ~want),
	    (unsigned long long)(want & ~got));
}

static void
refused(const struct engine_spec *spec, enum error_kind kind, const char *name,
    const char *hint)
{
	struct confine c = CONFINE_INIT;
	struct error e = ERROR_INIT;
	size_t len = strlen(name);

	ATF_REQUIRE_MSG(confine_plan(spec, &c, &e) == -1, "%s: not refused",
	    name);
	ATF_CHECK_EQ_MSG(e.kind, kind, "%s: %s", name, e.msg);
	ATF_CHECK_MSG(strncmp(e.msg, name, len) == 0 &&
	    strchr(": ", e.msg[len]) != NULL, "%s: %s", name, e.msg);
	ATF_CHECK_MSG(strstr(e.msg, hint) != NULL, "%s: %s", name, e.msg);
	ATF_CHECK(c.filter == NULL);
}

ATF_TC_WITHOUT_HEAD(defaults);
ATF_TC_BODY(defaults, tc)
{
	struct engine_spec spec = jail();

	check_caps("own stack", &spec,
	    BASE | USERNS | CAP(SYS_ADMIN) | CAP(NET_ADMIN));
	spec.net_inherit = true;
	check_caps("inherit", &spec, BASE | USERNS | CAP(SYS_ADMIN));
	spec.userns = false;
	check_caps("no userns, inherit", &spec, BASE);
	spec.net_inherit = false;
	check_caps("no userns, own stack", &spec, BASE | CAP(NET_ADMIN));
	/*
	 * allow.suser off: what gaol-init needs until it has become somebody;
	 * no command gets any of it.
	 */
	spec = jail();
	spec.allow &= ~BIT(SUSER);
	ask(&spec, BIT(RAW_SOCKETS) | BIT(MLOCK));
	check_caps("no suser", &spec,
	    CAP(KILL) | CAP(SETGID) | CAP(SETUID) | CAP(SETPCAP));
}

/* Each permission: what it gives, with and without a user namespace. */
ATF_TC_WITHOUT_HEAD(each_permission);
ATF_TC_BODY(each_permission, tc)
{
	static const struct {
		const char *name;
		uint64_t allow, userns, host;
	} each[] = {
		{ "raw_sockets", BIT(RAW_SOCKETS), CAP(NET_RAW),
		    CAP(NET_RAW) },
		{ "reserved_ports", BIT(RESERVED_PORTS),
		    CAP(NET_BIND_SERVICE), CAP(NET_BIND_SERVICE) },
		{ "mlock", BIT(MLOCK), CAP(IPC_LOCK), CAP(IPC_LOCK) },
		{ "set_hostname", BIT(SET_HOSTNAME), CAP(SYS_ADMIN), 0 },
		{ "chflags", BIT(CHFLAGS), 0, CAP(LINUX_IMMUTABLE) },
		{ "settime", BIT(SETTIME), 0, CAP(SYS_TIME) },
		{ "adjtime", BIT(ADJTIME), 0, CAP(SYS_TIME) },
		{ "read_msgbuf", BIT(READ_MSGBUF), 0, CAP(SYSLOG) },
		{ "socket_af", BIT(SOCKET_AF), 0, 0 },
		{ "proc_debug", BIT(UNPRIVILEGED_PROC_DEBUG), 0, 0 },
		/* Kinds alone are nothing. */
		{ "mount kinds", BIT(MOUNT_TMPFS) | BIT(MOUNT_NULLFS), 0, 0 },
	};
	struct engine_spec spec;
	uint64_t none = (BASE | CAP(NET_ADMIN)) & ~CAP(NET_BIND_SERVICE);
	size_t i;

	for (i = 0; i < COUNT(each); i++) {
		/* By default, not asked for: so nothing is refused. */
		spec = jail();
		spec.allow = BIT(SUSER);
		check_caps("userns shut", &spec, none | USERNS);
		spec.allow |= each[i].allow;
		check_caps(each[i].name, &spec, none | USERNS | each[i].userns);
		spec.userns = false;
		check_caps(each[i].name, &spec, none | each[i].host);
	}
}

ATF_TC_WITHOUT_HEAD(mounts_and_children);
ATF_TC_BODY(mounts_and_children, tc)
{
	struct engine_spec spec = jail();
	uint64_t base = BASE | USERNS | CAP(NET_ADMIN);

	spec.allow &= ~BIT(SET_HOSTNAME);
	check_caps("neither", &spec, base);
	spec.children_max = 1;
	check_caps("children", &spec, base | CAP(SYS_ADMIN));
	spec.children_max = 0;
	spec.enforce_statfs = 1;
	ask(&spec, BIT(MOUNT) | BIT(MOUNT_TMPFS));
	check_caps("mount", &spec, base | CAP(SYS_ADMIN));
	spec.securelevel = 1;
	check_caps("mount, securelevel 1", &spec, base | CAP(SYS_ADMIN));
	spec.securelevel = 2;
	check_caps("mount, securelevel 2", &spec, base);
	spec.enforce_statfs = 2;
	refused(&spec, ERROR_CONFIG, "allow.mount", "enforce_statfs = 1");
	spec = jail();
	spec.enforce_statfs = 0;
	refused(&spec, ERROR_UNSUPPORTED, "enforce_statfs",
	    "enforce_statfs = 1");
	spec = jail();
	spec.userns = false;
	spec.children_max = 2;
	refused(&spec, ERROR_UNSUPPORTED, "children.max", "userns = on");
}

/* What gaol-init tells apart for each command. */
ATF_TC_WITHOUT_HEAD(kinds_of_mounts);
ATF_TC_BODY(kinds_of_mounts, tc)
{
	static const struct {
		uint64_t allow;
		unsigned children, mounts;
		bool owns;
	} table[] = {
		{ BIT(MOUNT_TMPFS), 0, 0, false },
		{ BIT(MOUNT), 0, 0, true },
		{ 0, 2, 0, true },
		/* flags tell binds */
		{ BIT(MOUNT) | BIT(MOUNT_NULLFS), 0, 0, true },
		{ BIT(MOUNT) | BIT(MOUNT_TMPFS), 0, INIT_MOUNT_TMPFS, true },
		{ BIT(MOUNT) | BIT(MOUNT_TMPFS) | BIT(MOUNT_NULLFS), 0,
		    INIT_MOUNT_TMPFS | INIT_MOUNT_NULLFS, true },
		{ BIT(MOUNT) | BIT(MOUNT_PROCFS), 0, INIT_MOUNT_PROCFS, true },
		{ BIT(MOUNT) | BIT(MOUNT_LINPROCFS) | BIT(MOUNT_LINSYSFS), 0,
		    INIT_MOUNT_PROCFS | INIT_MOUNT_SYSFS, true },
		/* jails inside mount by what nobody can look at */
		{ BIT(MOUNT) | BIT(MOUNT_TMPFS), 2, 0, true },
	};
	struct engine_spec spec;
	struct confine c;
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		spec = jail();
		spec.enforce_statfs = 1;
		spec.children_max = table[i].children;
		ask(&spec, table[i].allow);
		confine_plan_join(&spec, &c);
		ATF_CHECK_EQ(table[i].mounts, c.mounts);
		ATF_CHECK_EQ(table[i].owns, confine_owns_mounts(&spec));
		confine_fini(&c);
	}
	spec = jail();
	spec.enforce_statfs = 1;
	ask(&spec, BIT(MOUNT) | BIT(MOUNT_TMPFS));
	spec.allow &= ~BIT(SUSER);
	confine_plan_join(&spec, &c);
	ATF_CHECK_EQ(0, c.mounts);
	confine_fini(&c);
	spec.userns = false;
	ATF_CHECK(!confine_owns_mounts(&spec));
}

ATF_TC_WITHOUT_HEAD(securelevel);
ATF_TC_BODY(securelevel, tc)
{
	static const uint64_t gone[] = {
		0, CAP(LINUX_IMMUTABLE), CAP(LINUX_IMMUTABLE) | CAP(SYS_TIME),
		CAP(LINUX_IMMUTABLE) | CAP(SYS_TIME) | CAP(NET_ADMIN),
	};
	struct engine_spec spec = jail();
	uint64_t all = BASE | CAP(LINUX_IMMUTABLE) | CAP(SYS_TIME) |
	    CAP(NET_ADMIN);
	int level;

	spec.userns = false;
	ask(&spec, BIT(CHFLAGS) | BIT(SETTIME) | BIT(ADJTIME));
	check_caps("-1", &spec, all);
	for (level = 0; level <= 3; level++) {
		spec.securelevel = level;
		check_caps("securelevel", &spec, all & ~gone[level]);
	}
}

ATF_TC_WITHOUT_HEAD(sysvipc);
ATF_TC_BODY(sysvipc, tc)
{
	struct engine_spec spec = jail();
	uint64_t base = caps_of(&spec);

	spec.sysvshm = SHARE_NEW;
	check_caps("new", &spec, base | CAP(IPC_OWNER));
	spec.sysvshm = spec.sysvsem = spec.sysvmsg = SHARE_INHERIT;
	check_caps("inherit", &spec, base);
}

/* Asked for and impossible: 69, naming the property and the way out. */
ATF_TC_WITHOUT_HEAD(refusals);
ATF_TC_BODY(refusals, tc)
{
	enum { USER = 1, HOST = 2, BOTH = 3 };
	static const struct {
		const char *name;
		enum engine_allow allow;
		int where;
		const char *hint;
	} each[] = {
		{ "allow.adjtime", ALLOW_ADJTIME, USER, "userns = off" },
		{ "allow.settime", ALLOW_SETTIME, USER, "userns = off" },
		{ "allow.chflags", ALLOW_CHFLAGS, USER, "userns = off" },
		{ "allow.mount", ALLOW_MOUNT, HOST, "userns = on" },
		{ "allow.set_hostname", ALLOW_SET_HOSTNAME, HOST,
		    "userns = on" },
		{ "allow.mount.devfs", ALLOW_MOUNT_DEVFS, BOTH,
		    "mount.devfs" },
		{ "allow.mount.fdescfs", ALLOW_MOUNT_FDESCFS, BOTH,
		    "mount.fdescfs" },
	};
	struct engine_spec spec;
	size_t i;
	int where;

	for (i = 0; i < COUNT(each); i++)
		for (where = USER; where <= HOST; where++) {
			spec = jail();
			spec.userns = where == USER;
			spec.enforce_statfs = 1;
			/* Neither when it is off, nor when it is a default. */
			spec.allow_asked = ALLOW_BIT(each[i].allow);
			spec.allow &= ~ALLOW_BIT(each[i].allow);
			caps_of(&spec);
			spec.allow_asked = 0;
			spec.allow |= ALLOW_BIT(each[i].allow);
			caps_of(&spec);
			ask(&spec, ALLOW_BIT(each[i].allow));
			if ((each[i].where & where) != 0)
				refused(&spec, ERROR_UNSUPPORTED,
				    each[i].name, each[i].hint);
			else
				caps_of(&spec);
		}
}

ATF_TC_WITHOUT_HEAD(raw_sockets_need_a_stack);
ATF_TC_BODY(raw_sockets_need_a_stack, tc)
{
	struct engine_spec spec = jail();

	ask(&spec, BIT(RAW_SOCKETS));
	ATF_CHECK((caps_of(&spec) & CAP(NET_RAW)) != 0);
	spec.net_inherit = true;
	refused(&spec, ERROR_UNSUPPORTED, "allow.raw_sockets", "userns = off");
	spec.userns = false;
	ATF_CHECK((caps_of(&spec) & CAP(NET_RAW)) != 0);
	/* And reserved ports do not: a BPF program sees to them. */
	spec = jail();
	spec.net_inherit = true;
	ask(&spec, BIT(RESERVED_PORTS));
	caps_of(&spec);
}

ATF_TC_WITHOUT_HEAD(msgbuf_as_the_host_says);
ATF_TC_BODY(msgbuf_as_the_host_says, tc)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct engine_spec spec = jail();
	struct error e = ERROR_INIT;

	ask(&spec, BIT(READ_MSGBUF));
	ATF_REQUIRE(file_read(AT_FDCWD, "/proc/sys/kernel/dmesg_restrict", 16,
	    &text, &e) == 0);
	if (buf_text(&text)[0] == '0')
		ATF_CHECK((caps_of(&spec) & CAP(SYSLOG)) == 0);
	else
		refused(&spec, ERROR_UNSUPPORTED, "allow.read_msgbuf",
		    "kernel.dmesg_restrict");
	spec.userns = false;
	ATF_CHECK((caps_of(&spec) & CAP(SYSLOG)) != 0);
}

/* A line of /proc/self/status as a number, or -1. */
static unsigned long long
status_field(const char *name)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error e = ERROR_INIT;
	unsigned long long value;
	const char *line;

	if (file_read(AT_FDCWD, "/proc/self/status", 65536, &text, &e) != 0)
		return ~0ULL;
	line = strstr(buf_text(&text), name);
	if (line == NULL || sscanf(line + strlen(name), ":%llx", &value) != 1)
		return ~0ULL;
	return value;
}

enum { CANNOT = 99 };

/* In a user namespace of its own: 0, or the number of what is wrong. */
static int
apply_and_look(const struct confine *c)
{
	if (unshare(CLONE_NEWUSER) != 0)
		return CANNOT;
	if (confine_apply(c) != 0)
		return 1;
	if (status_field("CapBnd") != c->caps)
		return 2;
	if (status_field("CapPrm") != c->caps ||
	    status_field("CapEff") != c->caps)
		return 3;
	if (status_field("CapInh") != 0 || status_field("CapAmb") != 0)
		return 4;
	if (status_field("Seccomp") != SECCOMP_MODE_FILTER)
		return 5;
	return status_field("NoNewPrivs") == c->no_new_privs ? 0 : 6;
}

static void
check_applied(const struct engine_spec *spec)
{
	struct confine c = CONFINE_INIT;
	struct error e = ERROR_INIT;
	int status;
	pid_t pid;

	ATF_REQUIRE_MSG(confine_plan(spec, &c, &e) == 0, "%s", e.msg);
	ATF_REQUIRE((pid = fork()) != -1);
	if (pid == 0)
		_exit(apply_and_look(&c));
	ATF_REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	confine_fini(&c);
	if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT)
		atf_tc_skip("no user namespaces for us on this host");
	ATF_CHECK_EQ_MSG(status, 0, "status %#x", (unsigned)status);
}

ATF_TC_WITHOUT_HEAD(applied);
ATF_TC_BODY(applied, tc)
{
	struct engine_spec spec = jail();

	check_applied(&spec);
	spec.children_max = 3;
	ask(&spec, BIT(RAW_SOCKETS) | BIT(MLOCK));
	check_applied(&spec);
	spec.allow &= ~BIT(SUSER);
	check_applied(&spec);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, defaults);
	ATF_TP_ADD_TC(tp, each_permission);
	ATF_TP_ADD_TC(tp, mounts_and_children);
	ATF_TP_ADD_TC(tp, kinds_of_mounts);
	ATF_TP_ADD_TC(tp, securelevel);
	ATF_TP_ADD_TC(tp, sysvipc);
	ATF_TP_ADD_TC(tp, refusals);
	ATF_TP_ADD_TC(tp, raw_sockets_need_a_stack);
	ATF_TP_ADD_TC(tp, msgbuf_as_the_host_says);
	ATF_TP_ADD_TC(tp, applied);
	return atf_no_error();
}
