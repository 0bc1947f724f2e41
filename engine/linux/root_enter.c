/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * The jail side of its file system.  Runs in the new namespaces, before any
 * code of the jail; the tree itself may be hostile (made by an earlier run), so
 * nothing in it is reached other than below its own root.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/path.h"
#include "base/vec.h"
#include "engine/linux/confine.h"
#include "engine/linux/linux.h"
#include "engine/linux/root.h"
#include "engine/linux/sys.h"

enum { MOVE_FD_TO_FD = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH };

struct option {
	const char *key, *value;	/* value NULL: a flag */
};

/* A new file system, mounted nowhere yet. */
static int
new_mount(const char *type, const struct option *options, size_t count,
    unsigned attributes, struct error *e)
{
	AUTO_CLOSE int fs = sys_fsopen(type, FSOPEN_CLOEXEC);
	int fd;

	if (fs < 0)
		return error_sys(e, "fsopen %s", type);
	for (size_t i = 0; i < count; i++)
		if (sys_fsconfig(fs, options[i].value != NULL ?
		    FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, options[i].key,
		    options[i].value, 0) < 0)
			return error_sys(e, "%s: option %s", type,
			    options[i].key);
	if (sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return error_sys(e, "mount %s", type);
	fd = sys_fsmount(fs, FSMOUNT_CLOEXEC, attributes);
	if (fd < 0)
		return error_sys(e, "mount %s", type);
	return fd;
}

int
root_new_proc(struct error *e)
{
	return new_mount("proc", NULL, 0, MOUNT_ATTR_NOSUID |
	    MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, e);
}

static int
clone_tree(int dirfd, const char *path, unsigned flags)
{
	return sys_open_tree(dirfd, path,
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
}

int
root_attach(int mount, int target, const char *what, struct error *e)
{
	if (sys_move_mount(mount, "", target, "", MOVE_FD_TO_FD) < 0)
		return error_sys(e, "mount %s", what);
	return 0;
}

/* A directory directly below the root, made if missing, never a link. */
static int
top_dir(int root, const char *name, struct error *e)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	int fd = sys_openat2(root, name, &how);

	if (fd < 0 && errno == ENOENT && mkdirat(root, name, 0755) == 0)
		fd = sys_openat2(root, name, &how);
	if (fd < 0)
		return error_sys(e, "the jail's /%s", name);
	return fd;
}

/*
 * Leave the host's ids: from here on we are the jail's root.  Before, only the
 * host's root may look up paths on the host.
 */
int
root_become(struct error *e)
{
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 ||
	    setresuid(0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		return error_sys(e, "become the jail's root");
	return 0;
}

/*
 * A small file system over a directory of the host, which we have no other use
 * for: the mount points of the layers, of the result and of gaol-init, what
 * becomes /dev and /dev/shm, and the empty directory that covers others.
 * Returns it, opened.
 */
static int
mount_scratch(const struct root *r, const struct tree *t, int at,
    struct error *e)
{
	static const char *const dirs[] = {
		"upper", "root", "dev", "shm", "empty",
	};
	AUTO_FREE char *size = xasprintf("%" PRIu64, t->quota);
	const struct option options[] = { { "size", size } };
	/* limit.disk, when the jail's layer lies in it */
	AUTO_CLOSE int tmp = new_mount("tmpfs", options,
	    t->upper == NULL && t->quota != 0,
	    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, e);

	if (tmp < 0)
		return -1;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mkdirat(tmp, dirs[i], 0755) < 0)
			return error_sys(e, "mount the layers");
	for (size_t i = 0; i < r->lower_count; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%zu", i);
		if (mkdirat(tmp, name, 0755) < 0)
			return error_sys(e, "mount the layers");
	}
	if (root_attach(tmp, at, "the layers", e) < 0)
		return -1;
	/* a mount that is attached nowhere takes its time to go (0.05 ms) */
	if (mknodat(tmp, "init", S_IFREG | 0400, 0) < 0 ||
	    sys_move_mount(r->init, "", tmp, "init",
	    MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_sys(e, "mount gaol-init");
	if (fchdir(tmp) < 0)
		return error_sys(e, "the layers");
	return steal_fd(&tmp);
}

static int
mount_layers(const struct root *r, struct error *e)
{
	if (r->upper >= 0 && sys_move_mount(r->upper, "", AT_FDCWD, "upper",
	    MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_sys(e, "mount the jail's own layer");
	for (size_t i = 0; i < r->lower_count; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%zu", i);
		if (sys_move_mount(r->lower[i], "", AT_FDCWD, name,
		    MOVE_MOUNT_F_EMPTY_PATH) < 0)
			return error_sys(e, "mount layer %zu", i);
	}
	return 0;
}

static char *
lower_names(const struct root *r)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	for (size_t i = 0; i < r->lower_count; i++)
		strings_take(&names, xasprintf("%zu", i));
	return strings_join(&names, ":");
}

/* The root directory of the jail is upper's: owner and mode as below. */
static int
make_upper(struct error *e)
{
	struct stat st;

	if (stat("0", &st) < 0 || mkdir("upper/upper", 0700) < 0 ||
	    mkdir("upper/work", 0700) < 0 ||
	    chmod("upper/upper", st.st_mode & 07777) < 0 ||
	    chown("upper/upper", st.st_uid, st.st_gid) < 0)
		return error_sys(e, "the jail's layer in memory");
	return 0;
}

/* In the scratch directory. */
static int
mount_overlay(const struct root *r, const struct tree *t, struct error *e)
{
	AUTO_FREE char *lower = lower_names(r);
	AUTO_FREE char *upper = xasprintf("upper/%s",
	    t->upper != NULL ? strrchr(t->upper, '/') + 1 : "upper");
	AUTO_FREE char *work = xasprintf("upper/%s",
	    t->work != NULL ? strrchr(t->work, '/') + 1 : "work");
	const struct option options[] = {
		{ "lowerdir", lower }, { "upperdir", upper },
		{ "workdir", work }, { "userxattr", NULL },
		{ "volatile", NULL },
	};
	size_t count = sizeof(options) / sizeof(options[0]);

	if (t->upper == NULL && make_upper(e) < 0)
		return -1;
	AUTO_CLOSE int fd = new_mount("overlay", options,
	    t->ephemeral ? count : count - 1, MOUNT_ATTR_NODEV, e);
	if (fd < 0)
		return -1;
	if (sys_move_mount(fd, "", AT_FDCWD, "root",
	    MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_sys(e, "mount the overlay");
	return 0;
}

/* Makes the jail's root the working directory; returns the scratch. */
static int
enter_tree(const struct root *r, const struct engine_spec *spec,
    struct error *e)
{
	const struct tree *t = spec->tree;
	const char *at = t->kind == TREE_OVERLAY ? t->lower.items[0] : t->upper;
	AUTO_CLOSE int scratch = -1, dir = -1;

	dir = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_sys(e, "%s", at);
	if (root_become(e) < 0)
		return -1;
	scratch = mount_scratch(r, t, dir, e);
	if (scratch < 0)
		return -1;
	if (t->kind == TREE_OVERLAY) {
		if (mount_layers(r, e) < 0 || mount_overlay(r, t, e) < 0)
			return -1;
	} else if (sys_move_mount(r->upper, "", AT_FDCWD, "root",
	    MOVE_MOUNT_F_EMPTY_PATH) < 0) {
		return error_sys(e, "mount %s", t->upper);
	}
	if (chdir("root") < 0)
		return error_sys(e, "the jail's root");
	return steal_fd(&scratch);
}

static int
bind_device(int dev, const char *name, struct error *e)
{
	AUTO_FREE char *path = xasprintf("/dev/%s", name);
	AUTO_CLOSE int file = openat(dev, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	AUTO_CLOSE int node = clone_tree(AT_FDCWD, path, 0);
	/* devices can be written to all the same; their modes cannot */
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY |
	    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC };

	if (file < 0 || node < 0 ||
	    sys_mount_setattr(node, "", AT_EMPTY_PATH, &attr) < 0)
		return error_sys(e, "%s", path);
	return root_attach(node, file, path, e);
}

/*
 * A user namespace below may mount proc and sysfs only where it sees them whole
 * already (mount_namespaces(7)): jails that may have jails get them so, aside.
 */
static int
unmasked(int dev, struct error *e)
{
	const unsigned common = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
	    MOUNT_ATTR_NOEXEC;
	AUTO_CLOSE int proc = root_new_proc(e);
	AUTO_CLOSE int sys = proc < 0 ? -1 : new_mount("sysfs", NULL, 0,
	    common, e);

	if (sys < 0)
		return -1;
	if (mkdirat(dev, ".gaol", 0700) < 0 ||
	    mkdirat(dev, ".gaol/proc", 0755) < 0 ||
	    mkdirat(dev, ".gaol/sys", 0755) < 0 ||
	    sys_move_mount(proc, "", dev, ".gaol/proc",
	    MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
	    sys_move_mount(sys, "", dev, ".gaol/sys",
	    MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_sys(e, "proc and sysfs for jails inside");
	return 0;
}

static int
fill_dev(int dev, int scratch, const struct engine_spec *spec,
    struct error *e)
{
	static const char *const nodes[] = {
		"null", "zero", "full", "random", "urandom", "tty",
	};
	static const char *const links[][2] = {
		{ "pts/ptmx", "ptmx" }, { "/proc/self/fd", "fd" },
		{ "/proc/self/fd/0", "stdin" }, { "/proc/self/fd/1", "stdout" },
		{ "/proc/self/fd/2", "stderr" },
	};
	static const struct option pts_options[] = {
		{ "ptmxmode", "0666" }, { "mode", "0620" }, { "gid", "5" },
	};
	struct mount_attr shm_attr = {
		.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
		.attr_clr = MOUNT_ATTR_NOEXEC,
	};

	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		if (bind_device(dev, nodes[i], e) < 0)
			return -1;
	if ((confine_effective(spec) & ALLOW_BIT(ALLOW_MOUNT_FUSEFS)) != 0 &&
	    bind_device(dev, "fuse", e) < 0)
		return -1;
	for (size_t i = 0; i < (spec->mount_fdescfs ? 5 : 1); i++)
		if (symlinkat(links[i][0], dev, links[i][1]) < 0)
			return error_sys(e, "/dev/%s", links[i][1]);
	if (mkdirat(dev, "pts", 0755) < 0 || mkdirat(dev, "shm", 01777) < 0)
		return error_sys(e, "/dev");
	if (spec->children_max > 0 && unmasked(dev, e) < 0)
		return -1;
	AUTO_CLOSE int pts = new_mount("devpts", pts_options, 3,
	    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, e);
	if (pts < 0)
		return -1;
	/* by its name: fchmod(2) takes no descriptor of open_tree(2) */
	if (fchmodat(scratch, "shm", 01777, 0) < 0)
		return error_sys(e, "/dev/shm");
	AUTO_CLOSE int shm = clone_tree(scratch, "shm", 0);
	if (shm < 0 || sys_mount_setattr(shm, "", AT_EMPTY_PATH, &shm_attr) < 0)
		return error_sys(e, "/dev/shm");
	if (sys_move_mount(pts, "", dev, "pts", MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
	    sys_move_mount(shm, "", dev, "shm", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_sys(e, "/dev/pts, /dev/shm");
	return 0;
}

static int
mount_dev(int root, int scratch, const struct engine_spec *spec,
    struct error *e)
{
	AUTO_CLOSE int target = top_dir(root, "dev", e);
	AUTO_CLOSE int dev = target < 0 ? -1 : clone_tree(scratch, "dev", 0);

	if (target < 0)
		return -1;
	if (dev < 0)
		return error_sys(e, "/dev");
	/* binds need a mount that is attached */
	if (root_attach(dev, target, "/dev", e) < 0)
		return -1;
	return fill_dev(dev, scratch, spec, e);
}

/*
 * In a user namespace, what belongs to the host's root and is not for all to
 * write (or read) is shut by its mode; only the rest needs a mount.
 */
static bool
shut_by_mode(const struct stat *st, mode_t bits, const struct engine_spec *spec)
{
	return spec->userns && spec->id_base != 0 && (st->st_mode & bits) == 0;
}

static int
read_only(int fd, const char *path, struct error *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	AUTO_CLOSE int part = clone_tree(fd, path, 0);

	if (part < 0)
		return errno == ENOENT ? 0 : error_sys(e, "/proc/%s", path);
	if (sys_mount_setattr(part, "", AT_EMPTY_PATH, &attr) < 0 ||
	    sys_move_mount(part, "", fd, path, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_sys(e, "/proc/%s read-only", path);
	return 0;
}

/* Hide a file behind /dev/null, a directory behind an empty one. */
static int
mask(int fd, const char *path, int scratch, const struct engine_spec *spec,
    struct error *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	AUTO_CLOSE int cover = -1;
	struct stat st;

	if (fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    shut_by_mode(&st, 0007, spec))
		return 0;
	cover = S_ISDIR(st.st_mode) ? clone_tree(scratch, "empty", 0) :
	    clone_tree(AT_FDCWD, "/dev/null", 0);
	if (cover < 0 ||
	    sys_mount_setattr(cover, "", AT_EMPTY_PATH, &attr) < 0 ||
	    sys_move_mount(cover, "", fd, path, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_sys(e, "mask %s", path);
	return 0;
}

static int
mask_proc(int proc, int scratch, const struct engine_spec *spec,
    struct error *e)
{
	/* sysctls of the jail's own namespaces, and with the host's ids
	 * kernel.core_pattern and others that name programs */
	static const char *const fixed[] = {
		"sys", "bus", "fs", "irq", "sysrq-trigger",
	};
	static const char *const hidden[] = {
		"kcore", "keys", "key-users", "latency_stats", "timer_list",
		"sched_debug", "acpi", "asound", "scsi", "interrupts",
		"pagetypeinfo", "vmallocinfo", "slabinfo",
	};
	/* what only their modes shut, to whoever is not root of the host */
	static const char *const roots[] = {
		"kpagecount", "kpageflags", "kpagecgroup", "kallsyms", "mtrr",
		"dynamic_debug", "driver", "tty/driver", "vmcore", "iomem",
		"ioports",
	};
	struct stat st;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		if (i > 0 && (fstatat(proc, fixed[i], &st,
		    AT_SYMLINK_NOFOLLOW) < 0 || shut_by_mode(&st, 0002, spec)))
			continue;
		if (read_only(proc, fixed[i], e) < 0)
			return -1;
	}
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (mask(proc, hidden[i], scratch, spec, e) < 0)
			return -1;
	for (size_t i = 0; !spec->userns &&
	    i < sizeof(roots) / sizeof(roots[0]); i++)
		if (mask(proc, roots[i], scratch, spec, e) < 0)
			return -1;
	if (spec->allow & ALLOW_BIT(ALLOW_READ_MSGBUF))
		return 0;
	return mask(proc, "kmsg", scratch, spec, e);
}

static int
mount_proc(int root, int scratch, const struct engine_spec *spec,
    struct error *e)
{
	AUTO_CLOSE int target = top_dir(root, "proc", e);
	AUTO_CLOSE int proc = target < 0 ? -1 : root_new_proc(e);

	if (proc < 0)
		return -1;
	if (root_attach(proc, target, "/proc", e) < 0)
		return -1;
	return mask_proc(proc, scratch, spec, e);
}

/* sysfs shows a network namespace and needs it to be ours; else the host's. */
static int
new_sys(const struct engine_spec *spec, struct error *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY |
	    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };

	if (!spec->net_inherit || !spec->userns)
		return new_mount("sysfs", NULL, 0, (unsigned)attr.attr_set, e);
	AUTO_CLOSE int sys = clone_tree(AT_FDCWD, "/sys", AT_RECURSIVE);
	if (sys < 0)
		return error_sys(e, "/sys");
	if (sys_mount_setattr(sys, "", AT_EMPTY_PATH | AT_RECURSIVE,
	    &attr) < 0)
		return error_sys(e, "/sys read-only");
	return steal_fd(&sys);
}

static int
mount_sys(int root, int scratch, const struct engine_spec *spec,
    struct error *e)
{
	/* the last ones are mount points: empty in a sysfs of our own */
	static const char *const hidden[] = {
		"firmware", "devices/virtual/powercap", "devices/virtual/dmi",
		"kernel/debug", "kernel/tracing", "kernel/security", "fs/bpf",
		"fs/pstore", "fs/cgroup",
	};
	size_t count = !spec->net_inherit || !spec->userns ? 3 :
	    sizeof(hidden) / sizeof(hidden[0]);
	AUTO_CLOSE int target = top_dir(root, "sys", e);
	AUTO_CLOSE int sys = target < 0 ? -1 : new_sys(spec, e);

	if (sys < 0)
		return -1;
	if (root_attach(sys, target, "/sys", e) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (mask(sys, hidden[i], scratch, spec, e) < 0)
			return -1;
	return 0;
}

int
root_target(int root, const char *path, bool directory, struct error *e)
{
	int fd = path_open_any(root, path, e);

	if (fd >= 0 || e->kind != ERROR_NOT_FOUND)
		return fd;
	error_clear(e);
	if (directory)
		return path_mkdirs(root, path, 0755, e);
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *parent = xstrndup(path, (size_t)(slash - path));
	AUTO_CLOSE int dir = path_mkdirs(root, *parent != '\0' ? parent : "/",
	    0755, e);
	if (dir < 0)
		return -1;
	AUTO_CLOSE int file = openat(dir, slash + 1,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (file < 0)
		return error_sys(e, "%s", path);
	return path_open_any(root, path, e);
}

/* tmpfs options as in fstab(5): size=, mode=, uid=, gid=, ro, noexec ... */
int
root_new_tmpfs(const char *text, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(text);
	struct option options[16];
	unsigned attributes = MOUNT_ATTR_NODEV;
	size_t count = 0;
	char *word, *rest = copy;

	while ((word = strsep(&rest, ",")) != NULL) {
		char *eq = strchr(word, '=');

		if (eq != NULL && count < 16) {
			*eq = '\0';
			options[count].key = word;
			options[count++].value = eq + 1;
		} else if (strcmp(word, "ro") == 0) {
			attributes |= MOUNT_ATTR_RDONLY;
		} else if (strcmp(word, "nosuid") == 0) {
			attributes |= MOUNT_ATTR_NOSUID;
		} else if (strcmp(word, "noexec") == 0) {
			attributes |= MOUNT_ATTR_NOEXEC;
		}
	}
	return new_mount("tmpfs", options, count, attributes, e);
}

static int
new_of_type(const struct engine_spec *spec, const struct engine_mount *m,
    struct error *e)
{
	if (strcmp(m->type, "tmpfs") == 0)
		return root_new_tmpfs(m->options, e);
	if (strcmp(m->type, "procfs") == 0 || strcmp(m->type, "linprocfs") == 0)
		return root_new_proc(e);
	if (strcmp(m->type, "linsysfs") == 0)
		return new_sys(spec, e);
	return error_set(e, ERROR_UNSUPPORTED,
	    "file system type %s is not known here", m->type);
}

static int
mount_one(int root, int scratch, const struct engine_spec *spec,
    const struct engine_mount *m, int opened, struct error *e)
{
	AUTO_CLOSE int made = -1;
	struct stat st;

	if (opened < 0) {
		made = new_of_type(spec, m, e);
		if (made < 0)
			return -1;
	}
	if (fstat(opened >= 0 ? opened : made, &st) < 0)
		return error_sys(e, "%s", m->source);
	AUTO_CLOSE int target = root_target(root, m->target, S_ISDIR(st.st_mode),
	    e);
	if (target < 0 ||
	    root_attach(opened >= 0 ? opened : made, target, m->target, e) < 0)
		return -1;
	if (strstr(m->type, "procfs") != NULL)
		return mask_proc(made, scratch, spec, e);
	return 0;
}

static int
pivot(struct error *e)
{
	/* pivot_root(2), NOTES: both in one place, the old one is on top */
	if (sys_pivot_root(".", ".") < 0)
		return error_sys(e, "pivot_root");
	if (umount2(".", MNT_DETACH) < 0)
		return error_sys(e, "let go of the host's root");
	if (chdir("/") < 0)
		return error_sys(e, "chdir /");
	return 0;
}

int
root_enter(const struct root *r, const struct engine_spec *spec,
    struct error *e)
{
	struct mount_attr private = { .propagation = MS_PRIVATE };

	if (sys_mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &private) < 0)
		return error_sys(e, "make the mounts private");
	umask(0);
	AUTO_CLOSE int scratch = enter_tree(r, spec, e);
	if (scratch < 0)
		return -1;
	AUTO_CLOSE int root = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_sys(e, "the jail's root");
	if (spec->mount_devfs && mount_dev(root, scratch, spec, e) < 0)
		return -1;
	if (spec->mount_procfs && mount_proc(root, scratch, spec, e) < 0)
		return -1;
	if (spec->mount_procfs && mount_sys(root, scratch, spec, e) < 0)
		return -1;
	for (size_t i = 0; i < spec->mount_count; i++)
		if (mount_one(root, scratch, spec, &spec->mounts[i],
		    r->mounts[i], e) < 0)
			return error_wrap(e, "mount on %s",
			    spec->mounts[i].target);
	umask(022);
	return pivot(e);
}
