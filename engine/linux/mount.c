/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Mounts in a running jail.  The source is opened on the host; a process of
 * ours that enters the jail (enter.c) does the rest.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/mounts.h"
#include "base/path.h"
#include "base/vec.h"
#include "engine/linux/confine.h"
#include "engine/linux/enter.h"
#include "engine/linux/linux.h"
#include "engine/linux/root.h"
#include "engine/linux/sys.h"

struct mounting {
	const struct engine_spec *spec;
	const struct engine_mount *m;
	int pidfd;		/* of the jail's pid 1 */
	int proc;		/* the host's /proc */
	int source;		/* mount: detached; umount: O_PATH; or -1 */
	bool detach;
};

/*
 * A jail that may mount could take a flag such as read-only off a mount in its
 * namespace, unless the kernel locks it: which it does when a table of mounts
 * is copied for a user namespace below the one that made it.  So the mount is
 * put into a table of our own, which is copied for the jail's user namespace,
 * and from there it is taken.  Its place there is of no consequence.
 */
static int
lock_flags(void *arg, struct error *e)
{
	struct mounting *in = arg;
	struct mount_attr private = { .propagation = MS_PRIVATE };
	struct stat st;
	const char *place;

	if (fstat(in->source, &st) < 0)
		return error_sys(e, "%s", in->m->source);
	place = S_ISDIR(st.st_mode) ? "/proc" : "/dev/null";
	if (unshare(CLONE_NEWNS) < 0 || sys_mount_setattr(AT_FDCWD, "/",
	    AT_RECURSIVE, &private) < 0 || sys_move_mount(in->source, "",
	    AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
	    setns(in->pidfd, CLONE_NEWUSER) < 0 || unshare(CLONE_NEWNS) < 0)
		return error_sys(e, "lock the mount of %s", in->m->source);
	close_fd(&in->source);
	in->source = sys_open_tree(AT_FDCWD, place,
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (in->source < 0)
		return error_sys(e, "lock the mount of %s", in->m->source);
	return 0;
}

/* Where an opened file lies, as the jail names it; links are resolved. */
static char *
place_of(const struct mounting *in, int fd, struct error *e)
{
	AUTO_FREE char *link = xasprintf("self/fd/%d", fd);
	AUTO_FREE char *path = xcalloc(1, 4097);

	if (readlinkat(in->proc, link, path, 4096) < 0) {
		error_sys(e, "%s", in->m->target);
		return NULL;
	}
	return STEAL(path);
}

static bool
lies_in(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 &&
	    (path[len] == '\0' || path[len] == '/');
}

/*
 * What we mounted there ourselves masks parts of the host: a link that the
 * jail made must not lead an administrator to take it away or to cover it.
 */
static int
check_place(const struct engine_mount *m, const char *path, struct error *e)
{
	static const char *const ours[] = { "/proc", "/sys", "/dev" };

	if (strcmp(path, "/") == 0)
		return error_set(e, ERROR_DENIED, "%s: is the root of the jail",
		    m->target);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (lies_in(path, ours[i]))
			return error_set(e, ERROR_DENIED, "%s: lies in the "
			    "jail's %s, which is changed by a start only",
			    m->target, ours[i]);
	if (*path != '/')
		return error_set(e, ERROR_DENIED, "%s: leads out of the jail",
		    m->target);
	return 0;
}

static int
is_mount_point(int fd, bool *is, struct error *e)
{
	struct statx st;

	if (sys_statx(fd, "", AT_EMPTY_PATH, 0, &st) < 0)
		return error_sys(e, "statx");
	*is = (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
	return 0;
}

static int
mount_inside(int root, void *arg, struct error *e)
{
	const struct mounting *in = arg;
	AUTO_CLOSE int tmpfs = in->source >= 0 ? -1 :
	    root_new_tmpfs(in->m->options, e);
	int mount = in->source >= 0 ? in->source : tmpfs;
	AUTO_CLOSE int target = -1;
	struct stat st, at;
	bool busy = false;

	/* before anything is made there */
	if (mount < 0 || check_place(in->m, in->m->target, e) < 0)
		return -1;
	if (fstat(mount, &st) < 0)
		return error_sys(e, "%s", in->m->source);
	target = root_target(root, in->m->target, S_ISDIR(st.st_mode), e);
	if (target < 0)
		return -1;
	AUTO_FREE char *path = place_of(in, target, e);
	if (path == NULL || check_place(in->m, path, e) < 0 ||
	    is_mount_point(target, &busy, e) < 0)
		return -1;
	if (busy)
		return error_set(e, ERROR_EXISTS,
		    "%s: something is mounted there", in->m->target);
	if (fstat(target, &at) < 0)
		return error_sys(e, "%s", in->m->target);
	if (S_ISDIR(at.st_mode) != S_ISDIR(st.st_mode))
		return error_set(e, ERROR_FAILED, "%s is %s, %s in the jail "
		    "is %s", in->m->source, S_ISDIR(st.st_mode) ?
		    "a directory" : "a file", in->m->target,
		    S_ISDIR(at.st_mode) ? "a directory" : "none");
	return root_attach(mount, target, in->m->target, e);
}

/* Whether fd, the root of a mount, is what m would be. */
static bool
is_mount_of(const struct mounting *in, int fd)
{
	struct stat source, there;
	struct statfs fs;

	if (strcmp(in->m->type, "tmpfs") == 0)
		return fstatfs(fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
	/* what was removed on the host cannot be told any more */
	return in->source < 0 || (fstat(in->source, &source) == 0 &&
	    fstat(fd, &there) == 0 && source.st_dev == there.st_dev &&
	    source.st_ino == there.st_ino);
}

/*
 * No descriptor of the mount may be open meanwhile.  The directory above is
 * held, and in it the name of a mount point can neither go nor become a link.
 */
static int
umount_at(const struct mounting *in, int root, const char *path, struct error *e)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS,
	};
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *above = xstrndup(path, (size_t)(slash - path) + 1);
	AUTO_CLOSE int dir = sys_openat2(root, above, &how);

	if (dir < 0 || fchdir(dir) < 0)
		return error_sys(e, "%s", in->m->target);
	if (umount2(slash + 1, UMOUNT_NOFOLLOW |
	    (in->detach ? MNT_DETACH : 0)) == 0)
		return 0;
	if (errno == EBUSY)
		return error_set(e, ERROR_BUSY, "%s is in use in the jail; -f "
		    "takes it away all the same", in->m->target);
	return error_sys(e, "umount %s", in->m->target);
}

/*
 * The jail's root can rename the directory that a mount lies in, but not make
 * the mount go.  Where it is now, NULL when it is nowhere; the places of the
 * jail's other mounts do not count.
 */
static char *
find_moved(const struct mounting *in, int root)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS,
	};
	AUTO_STRINGS struct strings points = VEC_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;

	if (in->source < 0 || strcmp(in->m->type, "nullfs") != 0 ||
	    file_read(in->proc, "self/mountinfo", 16 << 20, &text,
	    &ignored) < 0)
		return NULL;
	mounts_parse(text.data, "/", &points);
	for (size_t i = points.count; i-- > 0;) {
		const char *path = points.items[i];
		bool others = check_place(in->m, path, &ignored) < 0;

		for (size_t n = 0; n < in->spec->mount_count; n++)
			others |= strcmp(in->spec->mounts[n].target,
			    in->m->target) != 0 &&
			    strcmp(in->spec->mounts[n].target, path) == 0;
		if (others)
			continue;
		AUTO_CLOSE int fd = sys_openat2(root, path, &how);
		if (fd >= 0 && is_mount_of(in, fd))
			return xstrdup(path);
	}
	return NULL;
}

static int
umount_moved(const struct mounting *in, int root, struct error *e)
{
	AUTO_FREE char *path = find_moved(in, root);

	if (path == NULL)
		return 0;
	if (!in->detach)
		return error_set(e, ERROR_BUSY, "%s: the jail moved it to %s; "
		    "-f takes it away there", in->m->target, path);
	return umount_at(in, root, path, e);
}

static int
umount_inside(int root, void *arg, struct error *e)
{
	const struct mounting *in = arg;
	AUTO_CLOSE int fd = root < 0 ? -1 :
	    path_open_any(root, in->m->target, e);
	bool is = false;

	if (root < 0)
		return error_sys(e, "the jail's root");
	if (fd < 0) {
		if (e->kind != ERROR_NOT_FOUND)
			return -1;
		error_clear(e);
		return umount_moved(in, root, e);
	}
	AUTO_FREE char *path = place_of(in, fd, e);
	if (path == NULL || check_place(in->m, path, e) < 0 ||
	    is_mount_point(fd, &is, e) < 0)
		return -1;
	if (!is)
		return umount_moved(in, root, e);
	if (!is_mount_of(in, fd))
		return error_set(e, ERROR_FAILED, "%s: what is mounted there "
		    "is not %s", in->m->target, in->m->source);
	close_fd(&fd);
	return umount_at(in, root, path, e);
}

/* "user": whose ids are mapped onto the source; "mnt". */
static int
open_namespace(const struct engine_live *live, const char *which, int pidfd,
    struct error *e)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/ns/%s", (int)live->jid,
	    which);
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_sys(e, "the jail's namespaces");
	/* alive after the open: it was that of our process */
	if (poll(&p, 1, 0) != 0)
		return error_set(e, ERROR_NOT_FOUND, "the jail has ended");
	return steal_fd(&fd);
}

static int
open_proc(struct error *e)
{
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return proc < 0 ? error_sys(e, "/proc") : proc;
}

static int
check_type(const struct engine_mount *m, struct error *e)
{
	if (strcmp(m->type, "nullfs") == 0 || strcmp(m->type, "tmpfs") == 0)
		return 0;
	return error_set(e, ERROR_UNSUPPORTED, "type %s is mounted when a jail "
	    "starts; into one that runs nullfs and tmpfs can be", m->type);
}

int
linux_mount(const struct engine_live *live, const struct engine_spec *spec,
    const struct engine_mount *m, struct error *e)
{
	bool nullfs = strcmp(m->type, "nullfs") == 0;
	/* ids that are those of the host need no mapping */
	bool mapped = spec->userns && spec->id_base != 0;
	AUTO_CLOSE int pidfd = -1, userns = -1, source = -1, mntns = -1;
	AUTO_CLOSE int proc = -1;
	struct mounting in = { .spec = spec, .m = m };
	struct enter enter = { .spec = spec, .mntns = -1, .work = mount_inside,
	    .arg = &in, .timeout_ms = ENTER_TIMEOUT_MS };

	if (check_type(m, e) < 0)
		return -1;
	pidfd = linux_open_jail(live, e);
	if (pidfd < 0)
		return -1;
	if (nullfs && mapped) {
		userns = open_namespace(live, "user", pidfd, e);
		if (userns < 0)
			return -1;
	}
	if (nullfs) {
		source = root_clone_source(m, userns, e);
		if (source < 0)
			return -1;
	}
	if (nullfs && confine_owns_mounts(spec)) {
		mntns = open_namespace(live, "mnt", pidfd, e);
		if (mntns < 0)
			return -1;
		enter.prepare = lock_flags;
		enter.mntns = mntns;
	}
	proc = open_proc(e);
	if (proc < 0)
		return -1;
	in.proc = proc;
	in.source = source;
	in.pidfd = enter.pidfd = pidfd;
	return enter_run(&enter, e);
}

int
linux_umount(const struct engine_live *live, const struct engine_spec *spec,
    const struct engine_mount *m, bool detach, struct error *e)
{
	AUTO_CLOSE int pidfd = -1, source = -1, proc = -1;
	struct mounting in = { .spec = spec, .m = m, .detach = detach };
	struct enter enter = { .spec = spec, .mntns = -1,
	    .work = umount_inside, .arg = &in,
	    .timeout_ms = ENTER_TIMEOUT_MS };
	struct error ignored = ERROR_INIT;

	if (check_type(m, e) < 0)
		return -1;
	pidfd = linux_open_jail(live, e);
	proc = pidfd < 0 ? -1 : open_proc(e);
	if (proc < 0)
		return -1;
	if (strcmp(m->type, "nullfs") == 0)
		source = root_open_source(m, &ignored);
	in.proc = proc;
	in.source = source;
	in.pidfd = enter.pidfd = pidfd;
	return enter_run(&enter, e);
}
