/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "image/confine.h"

/* Rights that headers of older kernels do not know. */
enum { ABI_WITH_REFER = 2, ABI_WITH_TRUNCATE = 3 };
static const uint64_t access_truncate = 1ULL << 14;

/* What the largest dictionaries of xz and zstd need, and more. */
static const rlim_t max_memory = 1ULL << 30;

void
confine_die_with_parent(int signo)
{
	pid_t parent = getppid();

	prctl(PR_SET_PDEATHSIG, signo, 0, 0, 0);
	/* It may have died just before. */
	if (getppid() != parent)
		raise(signo);
}

pid_t
confine_fork(void)
{
	/* Others' processes and the network are out of reach there. */
	struct clone_args args = {
		.flags = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC,
		.exit_signal = SIGCHLD,
	};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	return pid >= 0 ? (pid_t)pid : fork();
}

static int
ascending(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void
close_others(const int *keep, size_t count)
{
	int sorted[8];
	unsigned from = STDERR_FILENO + 1;

	if (count > sizeof(sorted) / sizeof(*sorted))
		return;
	memcpy(sorted, keep, count * sizeof(*keep));
	qsort(sorted, count, sizeof(*sorted), ascending);
	for (size_t i = 0; i < count; i++) {
		if ((unsigned)sorted[i] > from)
			close_range(from, (unsigned)sorted[i] - 1, 0);
		from = (unsigned)sorted[i] + 1;
	}
	close_range(from, ~0U, 0);
}

/*
 * The directory as a mount of its own that nobody else sees, where no symbolic
 * link is followed and nothing can be executed or loaded (a library with a
 * well-known name among the members, for instance).  -1 where not permitted.
 */
static int
private_mount(int dirfd)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
		    MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYMFOLLOW,
	};
	AUTO_CLOSE int fd = (int)syscall(SYS_open_tree, dirfd, "",
	    AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0 || syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &attr,
	    sizeof(attr)) < 0)
		return -1;
	return steal_fd(&fd);
}

/* What chown, chmod, setxattr of owners and file capabilities need. */
static const unsigned for_files = 1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE |
    1U << CAP_FOWNER | 1U << CAP_FSETID | 1U << CAP_SETFCAP;
static const unsigned for_nodes = 1U << CAP_MKNOD |
    1U << CAP_LINUX_IMMUTABLE;

static int
drop_capabilities(unsigned kept, struct error *e)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	if (syscall(SYS_capget, &head, data) < 0)
		return error_sys(e, "capget");
	data[0].effective &= kept;
	data[0].permitted &= kept;
	data[1].effective = data[1].permitted = 0;
	data[0].inheritable = data[1].inheritable = 0;
	if (syscall(SYS_capset, &head, data) < 0)
		return error_sys(e, "capset");
	return 0;
}

/* Nothing outside the directory can be opened; where the kernel has it. */
static void
restrict_files(void)
{
	struct landlock_ruleset_attr rules = {
		.handled_access_fs = (LANDLOCK_ACCESS_FS_REFER << 1) - 1,
	};
	struct landlock_path_beneath_attr beneath;
	AUTO_CLOSE int root = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	/* Without REFER no hard link could be made. */
	if (root < 0 || abi < ABI_WITH_REFER)
		return;
	if (abi >= ABI_WITH_TRUNCATE)
		rules.handled_access_fs |= access_truncate;
	AUTO_CLOSE int fd = (int)syscall(SYS_landlock_create_ruleset, &rules,
	    sizeof(rules), 0);

	beneath.allowed_access = rules.handled_access_fs &
	    ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE;
	beneath.parent_fd = root;
	if (fd >= 0 && syscall(SYS_landlock_add_rule, fd,
	    LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0)
		(void)!syscall(SYS_landlock_restrict_self, fd, 0);
}

/*
 * A few bytes of an archive can ask for much memory (the map of a sparse file,
 * for instance).  The limit is beyond what is in use already, which with a
 * sanitizer is more than any machine has.
 */
static void
limit_memory(void)
{
	AUTO_FILE FILE *f = fopen("/proc/self/statm", "re");
	unsigned long long pages;
	struct rlimit limit;

	if (f == NULL ||
	    fscanf(f, "%*s %*s %*s %*s %*s %llu", &pages) != 1)
		return;
	limit.rlim_cur = limit.rlim_max = max_memory +
	    pages * (rlim_t)sysconf(_SC_PAGESIZE);
	setrlimit(RLIMIT_DATA, &limit);
}

static int
enter(int dirfd, const int *keep, size_t count, unsigned kept,
    struct error *e)
{
	struct rlimit no_core = { 0, 0 };
	int mounted;
	bool here;

	limit_memory();
	mounted = private_mount(dirfd);
	here = fchdir(mounted >= 0 ? mounted : dirfd) == 0;
	if (!here)
		error_sys(e, "enter the directory");
	close_fd(&mounted);
	close_others(keep, count);
	if (!here)
		return -1;
	/* Without privileges it fails; the other walls stand nevertheless. */
	if (chroot(".") < 0 && errno != EPERM)
		return error_sys(e, "chroot");
	if (drop_capabilities(kept, e) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_sys(e, "no_new_privs");
	restrict_files();
	/* A crash must not leave a core file among the members. */
	setrlimit(RLIMIT_CORE, &no_core);
	umask(022);
	confine_die_with_parent(SIGKILL);
	return 0;
}

int
confine_enter(int dirfd, const int *keep, size_t count, struct error *e)
{
	return enter(dirfd, keep, count, for_files, e);
}

int
confine_enter_with_nodes(int dirfd, const int *keep, size_t count,
    struct error *e)
{
	return enter(dirfd, keep, count, for_files | for_nodes, e);
}

/* No file at all can be opened; where the kernel has it. */
static void
no_files(void)
{
	struct landlock_ruleset_attr rules = {
		.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,
	};
	AUTO_CLOSE int fd = (int)syscall(SYS_landlock_create_ruleset, &rules,
	    sizeof(rules), 0);

	if (fd >= 0)
		(void)!syscall(SYS_landlock_restrict_self, fd, 0);
}

int
confine_compute(const int *keep, size_t count, struct error *e)
{
	struct rlimit none = { 0, 0 };

	limit_memory();
	close_others(keep, count);
	/* the directory of a process's own descriptors, which goes with it */
	if (chroot("/proc/self/fdinfo") < 0 && errno != EPERM &&
	    errno != ENOENT)
		return error_sys(e, "chroot");
	if (chdir("/") < 0 || drop_capabilities(0, e) < 0)
		return error_sys(e, "leave the host's files");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_sys(e, "no_new_privs");
	no_files();
	setrlimit(RLIMIT_CORE, &none);
	confine_die_with_parent(SIGKILL);
	return 0;
}
