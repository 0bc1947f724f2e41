/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The process that unpacks, and what is around it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/num.h"
#include "base/path.h"
#include "base/vec.h"
#include "image/confine.h"
#include "image/hash.h"
#include "image/stop.h"
#include "image/unpack.h"

/* How soon a signal to us ends the child. */
enum { POLL_MS = 200 };

/* What the child tells when it ends; small enough to be written at once. */
struct report {
	int rc;
	struct error e;
	struct unpack_result result;
};

static int
check_sum(const struct unpack_job *job, struct error *e)
{
	char hex[HASH_HEX];
	struct stat st;
	int rc;

	if (fstat(job->fd, &st) < 0)
		return error_sys(e, "%s", job->name);
	progress_begin(job->progress, "checking", job->name,
	    (uint64_t)st.st_size);
	rc = hash_file(job->fd, job->progress, hex, e);
	progress_end(job->progress);
	if (rc < 0 || hash_compare(job->sha256, hex, e) < 0)
		return error_wrap(e, "%s", job->name);
	return 0;
}

static _Noreturn void
child(const struct unpack_job *job, int dirfd, int out)
{
	struct report r = { .rc = -1 };
	const int keep[] = { job->fd, out, job->hold };
	struct pollfd pfd = { .fd = out };

	if (confine_enter(dirfd, keep, job->hold > 0 ? 3 : 2, &r.e) == 0)
		r.rc = unpack_here(job, &r.result, &r.e);
	/* Nobody listens when the parent died before it could take us along. */
	if (poll(&pfd, 1, 0) == 0 &&
	    write(out, &r, sizeof(r)) == (ssize_t)sizeof(r))
		_exit(0);
	_exit(1);
}

/* The report, or -1: the child ended without, or was ended because of a
 * signal to us. */
static int
wait_report(pid_t pid, int in, struct report *r)
{
	struct pollfd pfd = { .fd = in, .events = POLLIN };

	while (poll(&pfd, 1, POLL_MS) <= 0) {
		if (stop_signal() != 0)
			kill(pid, SIGKILL);
	}
	return read(in, r, sizeof(*r)) == (ssize_t)sizeof(*r) ? 0 : -1;
}

static int
run_child(const struct unpack_job *job, int dirfd, struct unpack_result *result,
    struct error *e)
{
	struct report r;
	int fds[2], got, status = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_sys(e, "pipe");
	hash_load();
	pid = confine_fork();
	if (pid == 0)
		child(job, dirfd, fds[1]);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return error_sys(e, "fork");
	}
	got = wait_report(pid, fds[0], &r);
	close(fds[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (stop_check(e) < 0)
		return -1;
	if (got < 0)
		return error_set(e, ERROR_DATA, "%s: it made the unpacking "
		    "process die (wait status %#x)", job->name,
		    (unsigned)status);
	if (r.rc < 0)
		*e = r.e;
	*result = r.result;
	return r.rc;
}

int
unpack_archive(const struct unpack_job *job, int dirfd,
    struct unpack_result *result, struct error *e)
{
	struct stat st;
	int rc;

	if (*job->sha256 != '\0' && !job->checked && check_sum(job, e) < 0)
		return -1;
	if (fstat(job->fd, &st) < 0)
		return error_sys(e, "%s", job->name);
	progress_begin(job->progress, "unpacking", job->name,
	    (uint64_t)st.st_size);
	rc = run_child(job, dirfd, result, e);
	/* The child drew the bar; its line ends here. */
	if (rc == 0)
		progress_update(job->progress, (uint64_t)st.st_size);
	progress_end(job->progress);
	return rc;
}

static int
list_names(int dirfd, struct strings *names, struct error *e)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_DIR DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *d;

	if (dir == NULL)
		return error_sys(e, "open");
	while ((d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			strings_add(names, d->d_name);
	}
	return 0;
}

int
unpack_open_dir(const char *path, struct stat *before, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_CLOSE int fd = open(path,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, before) < 0)
		return error_sys(e, "%s", path);
	if (list_names(fd, &names, e) < 0)
		return error_wrap(e, "%s", path);
	if (names.count > 0)
		return error_set(e, ERROR_EXISTS,
		    "%s: the directory is not empty", path);
	return steal_fd(&fd);
}

static int
empty_dir(int dirfd, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	/* Without privileges the root's own mode may be in the way. */
	if (fchmod(dirfd, 0700) < 0)
		return error_sys(e, "chmod");
	if (list_names(dirfd, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		if (path_remove_tree(dirfd, names.items[i], e) < 0)
			return -1;
	}
	return 0;
}

void
unpack_clean(int dirfd, const struct stat *before, struct error *e)
{
	struct error second = ERROR_INIT;

	if (empty_dir(dirfd, &second) < 0) {
		struct error first = *e;

		e->sys_errno = 0;
		error_set(e, first.kind, "%.300s (and what was unpacked could "
		    "not be removed: %.150s)", first.msg, second.msg);
	}
	if (fchown(dirfd, before->st_uid, before->st_gid) < 0 ||
	    fchmod(dirfd, before->st_mode & 07777) < 0)
		return;
}

void
unpack_note(struct progress *p, const char *name,
    const struct unpack_result *result)
{
	AUTO_BUF struct buf more = BUF_INIT;
	char size[16];

	if (result->devices > 0)
		buf_printf(&more, ", %" PRIu64 " device node%s left out",
		    result->devices, result->devices == 1 ? "" : "s");
	if (geteuid() != 0)
		buf_puts(&more, ", owners not kept");
	if (result->lost > 0)
		buf_printf(&more, ", %" PRIu64 " attribute%s lost",
		    result->lost, result->lost == 1 ? "" : "s");
	progress_note(p, "unpacked %s: %" PRIu64 " member%s, %s%s", name,
	    result->members, result->members == 1 ? "" : "s",
	    format_size(result->bytes, size),
	    buf_text(&more));
}
