/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#ifdef __linux__
#include <linux/fs.h>
#include <sys/syscall.h>
#endif
#include <time.h>
#include <unistd.h>
#ifdef __FreeBSD__
#include <limits.h>
#include <sys/sysctl.h>
#endif

#include "base/auto.h"
#include "base/file.h"
#include "base/xalloc.h"

int
file_sync_all(int fd)
{
#ifdef __linux__
	return syncfs(fd);
#else
	/* sync(2) only begins with it, but fsync(2) waits for its own */
	sync();
	return fsync(fd);
#endif
}

#ifdef __FreeBSD__
char *
file_self(void)
{
	int mib[] = { CTL_KERN, KERN_PROC, KERN_PROC_PATHNAME, -1 };
	char path[PATH_MAX];
	size_t len = sizeof(path);

	if (sysctl(mib, 4, path, &len, NULL, 0) < 0)
		return NULL;
	return xstrndup(path, len);
}
#else
char *
file_self(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

	return n > 0 ? xstrndup(path, (size_t)n) : NULL;
}
#endif

uint64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Most files are small: those need no buffer larger than themselves. */
static ssize_t
read_small(int fd, size_t max, struct buf *text)
{
	char first[4096];
	ssize_t n;

	do
		n = read(fd, first, sizeof(first) < max ? sizeof(first) : max);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		buf_append(text, first, (size_t)n);
	return n;
}

int
file_read_fd(int fd, size_t max, struct buf *text, struct error *e)
{
	size_t start = text->len, room = 512;
	ssize_t n = read_small(fd, max, text);

	while ((n < 0 && errno == EINTR) ||
	    (n > 0 && text->len - start <= max)) {
		char *to = buf_reserve(text, room);

		n = read(fd, to, text->cap - text->len - 1);
		text->len += n > 0 ? (size_t)n : 0;
		room = 4096;
	}
	if (n < 0)
		error_sys(e, "read");
	else if (n > 0)
		error_set(e, ERROR_DATA, "larger than %zu bytes", max);
	if (n != 0)
		text->len = start;
	*buf_reserve(text, 0) = '\0';
	return n == 0 ? 0 : -1;
}

int
file_read(int dirfd, const char *name, size_t max, struct buf *text,
    struct error *e)
{
	AUTO_CLOSE int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_sys(e, "%s", name);
	if (file_read_fd(fd, max, text, e) < 0)
		return error_wrap(e, "%s", name);
	return 0;
}

int
file_write_fd(int fd, const void *data, size_t len, struct error *e)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(e, "write");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* "a/b/cell.conf" -> "a/b/.cell.conf.new" */
static char *
temporary_name(const char *name)
{
	const char *slash = strrchr(name, '/');
	int head = slash != NULL ? (int)(slash - name + 1) : 0;

	return xasprintf("%.*s.%s.new", head, name, name + head);
}

static int
write_temporary(int dirfd, const char *tmp, const void *data, size_t len,
    mode_t mode, enum file_durability durability, struct error *e)
{
	AUTO_CLOSE int fd = -1;

	/* What a crash left may be readable, or linked to another file. */
	for (int i = 0; fd < 0 && i < 3; i++) {
		fd = openat(dirfd, tmp,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
		if (fd < 0 && (errno != EEXIST || unlinkat(dirfd, tmp, 0) < 0))
			break;
	}
	if (fd < 0)
		return error_sys(e, "create");
	if (file_write_fd(fd, data, len, e) < 0)
		return -1;
	if (fchmod(fd, mode) < 0)
		return error_sys(e, "chmod");
	if (durability == FILE_DURABLE && fsync(fd) < 0)
		return error_sys(e, "fsync");
	return 0;
}

int
file_replace(int dirfd, const char *name, const void *data, size_t len,
    mode_t mode, enum file_durability durability, struct error *e)
{
	AUTO_FREE char *tmp = temporary_name(name);
	const char *slash = strrchr(name, '/');
	/* With its slash: "/" for "/name", and "link/" leads through a link. */
	AUTO_FREE char *dir = slash != NULL ?
	    xstrndup(name, (size_t)(slash - name) + 1) : xstrdup(".");

	if (write_temporary(dirfd, tmp, data, len, mode, durability, e) < 0) {
		unlinkat(dirfd, tmp, 0);
		return error_wrap(e, "%s", name);
	}
	if (renameat(dirfd, tmp, dirfd, name) < 0) {
		error_sys(e, "rename to %s", name);
		unlinkat(dirfd, tmp, 0);
		return -1;
	}
	if (durability == FILE_DURABLE)
		return file_sync_dir(dirfd, dir, e);
	return 0;
}

/* mkdirat(2) for which a directory that is there already is success. */
static int
make_directory(int dirfd, const char *path, mode_t mode)
{
	struct stat st;

	if (mkdirat(dirfd, path, mode) == 0)
		return 0;
	if (errno != EEXIST)
		return -1;
	if (fstatat(dirfd, path, &st, 0) == 0 && S_ISDIR(st.st_mode))
		return 0;
	errno = ENOTDIR;
	return -1;
}

int
file_mkdirs(int dirfd, const char *path, mode_t mode, struct error *e)
{
	AUTO_FREE char *part = xstrdup(path);

	if (make_directory(dirfd, path, mode) == 0)
		return 0;
	if (errno != ENOENT || *path == '\0')
		return error_sys(e, "mkdir %s", path);
	for (char *p = part + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (make_directory(dirfd, part, mode) < 0)
			return error_sys(e, "mkdir %s", part);
		*p = '/';
	}
	if (make_directory(dirfd, path, mode) < 0)
		return error_sys(e, "mkdir %s", path);
	return 0;
}

int
file_opendir(int dirfd, const char *name, struct error *e)
{
	int fd = openat(dirfd, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return error_sys(e, "%s", name);
	return fd;
}

int
file_sync_dir(int dirfd, const char *name, struct error *e)
{
	AUTO_CLOSE int fd = openat(dirfd, name,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_sys(e, "%s", name);
	/* EINVAL: this file system does not do that for directories. */
	if (fsync(fd) < 0 && errno != EINVAL)
		return error_sys(e, "fsync %s", name);
	return 0;
}

bool
file_exists(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Whether the locked file is still the one that the name leads to. */
static bool
lock_is_current(int fd, int dirfd, const char *name)
{
	struct stat mine, named;

	return fstat(fd, &mine) == 0 &&
	    fstatat(dirfd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    mine.st_ino == named.st_ino && mine.st_dev == named.st_dev;
}

/* The note in a lock file; its line is of this size. */
enum { NOTE_SIZE = 80 };

static int
lock_timed_out(int fd, const char *name, struct error *e)
{
	char note[128];
	ssize_t n = pread(fd, note, sizeof(note) - 1, 0);

	note[n > 0 ? n : 0] = '\0';
	note[strcspn(note, "\n")] = '\0';
	for (n = (ssize_t)strlen(note); n > 0 && note[n - 1] == ' '; n--)
		note[n - 1] = '\0';
	return error_set(e, ERROR_BUSY, "%s is locked%s%s", name,
	    *note != '\0' ? " by " : "", note);
}

int
file_lock(int dirfd, const char *name, bool exclusive, unsigned timeout_ms,
    struct error *e)
{
	/* most hold a lock for less than a millisecond */
	struct timespec pause = { 0, 100000 };
	uint64_t end = clock_ms() + timeout_ms;
	int how = (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB;

	for (;;) {
		AUTO_CLOSE int fd = openat(dirfd, name,
		    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

		if (fd < 0)
			return error_sys(e, "lock %s", name);
		while (flock(fd, how) < 0) {
			if (errno != EWOULDBLOCK && errno != EINTR)
				return error_sys(e, "lock %s", name);
			if (clock_ms() >= end)
				return lock_timed_out(fd, name, e);
			nanosleep(&pause, NULL);
			if (pause.tv_nsec < 5000000)
				pause.tv_nsec *= 2;
		}
		if (lock_is_current(fd, dirfd, name))
			return steal_fd(&fd);
	}
}

void
file_lock_note(int lockfd, const char *note)
{
	char text[NOTE_SIZE + 1];
	int n = snprintf(text, sizeof(text), "%d %s", (int)getpid(), note);

	/* padded and never truncated: ext4 writes a truncated file back */
	if (n < 0 || n >= NOTE_SIZE)
		n = NOTE_SIZE - 1;
	memset(text + n, ' ', (size_t)(NOTE_SIZE - n));
	text[NOTE_SIZE - 1] = '\n';
	if (pwrite(lockfd, text, NOTE_SIZE, 0) < 0)
		return;
}

int
file_rename_new(int dirfd, const char *from, const char *to)
{
#ifdef __linux__
	/* EINVAL: a file system that cannot, such as most of FUSE */
	if (syscall(SYS_renameat2, dirfd, from, dirfd, to,
	    RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
#endif
	if (file_exists(dirfd, to)) {
		errno = EEXIST;
		return -1;
	}
	return renameat(dirfd, from, dirfd, to);
}

int
file_exchange(int dirfd, const char *a, const char *b)
{
#ifdef __linux__
	return (int)syscall(SYS_renameat2, dirfd, a, dirfd, b,
	    RENAME_EXCHANGE);
#else
	errno = ENOSYS;
	return -1;
#endif
}
