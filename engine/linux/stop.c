/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Stop, kill, and the question whether a jail lives. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/linux.h"
#include "engine/linux/sys.h"

enum { KILL_TIMEOUT_MS = 30000 };

/* proc_pid_stat(5), field 22: start time in ticks since boot. */
int
process_ident(pid_t pid, char *ident, size_t size, struct error *e)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/stat", (int)pid);
	char text[1024];
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *p;

	if (n <= 0)
		return error_set(e, ERROR_NOT_FOUND, "the jail has ended");
	text[n] = '\0';
	/* the command name may hold anything: go from its last ")" */
	p = strrchr(text, ')');
	for (int field = 2; p != NULL && field < 22; field++)
		p = strchr(p + 1, ' ');
	if (p == NULL)
		return error_set(e, ERROR_FAILED, "%s makes no sense", path);
	snprintf(ident, size, "%" PRIu64, (uint64_t)strtoull(p + 1, NULL, 10));
	return 0;
}

bool
linux_alive(const struct engine_live *live, int record_fd)
{
	/* pid 1 holds the lock; whoever gets it knows that it is gone */
	if (flock(record_fd, LOCK_SH | LOCK_NB) == 0) {
		flock(record_fd, LOCK_UN);
		return false;
	}
	return errno == EWOULDBLOCK;
}

static int
compare_inodes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static const char *
after(const char *p, const char *word)
{
	size_t len = strlen(word);

	return p != NULL && strncmp(p, word, len) == 0 ?
	    p + len + strspn(p + len, " ") : NULL;
}

/*
 * "12: FLOCK  ADVISORY  WRITE 4711 00:19:1234 0 EOF" (proc_locks(5)); who waits
 * for a lock has "->" after the number.  By hand, as there may be thousands.
 */
static bool
parse_lock(const char *line, dev_t device, uint64_t *inode)
{
	unsigned long major_id, minor_id;
	const char *p = strchr(line, ' ');
	char *end;

	p = after(after(after(p, " "), "FLOCK "), "ADVISORY ");
	p = after(p, "WRITE ");
	p = p != NULL ? strchr(p, ' ') : NULL;
	if (p == NULL)
		return false;
	major_id = strtoul(p, &end, 16);
	if (*end != ':')
		return false;
	minor_id = strtoul(end + 1, &end, 16);
	if (*end != ':')
		return false;
	*inode = strtoull(end + 1, &end, 10);
	return *end == ' ' &&
	    makedev((unsigned)major_id, (unsigned)minor_id) == device;
}

int
linux_alive_many(const uint64_t *inodes, bool *alive, size_t count,
    int64_t device, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	VEC(uint64_t) locked = VEC_INIT;
	char *line, *rest;
	uint64_t inode;

	if (file_read(AT_FDCWD, "/proc/locks", 64 << 20, &text, e) < 0)
		return -1;
	rest = text.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL)
		if (parse_lock(line, (dev_t)device, &inode))
			VEC_PUSH(&locked, inode);
	if (locked.count > 1)
		qsort(locked.items, locked.count, sizeof(*locked.items),
		    compare_inodes);
	for (size_t i = 0; i < count; i++)
		alive[i] = locked.count > 0 && bsearch(&inodes[i],
		    locked.items, locked.count, sizeof(*locked.items),
		    compare_inodes) != NULL;
	VEC_FINI(&locked);
	return 0;
}

/* A pidfd of the jail's pid 1, -1 when it has gone (or its number is another's). */
static int
open_init(const struct engine_live *live)
{
	char ident[sizeof(live->ident)];
	struct error ignored = ERROR_INIT;
	int fd;

	if (live == NULL || live->jid <= 1)
		return -1;
	fd = sys_pidfd_open((pid_t)live->jid);
	if (fd >= 0 && (process_ident((pid_t)live->jid, ident, sizeof(ident),
	    &ignored) < 0 || strcmp(ident, live->ident) != 0))
		close_fd(&fd);
	return fd;
}

static bool
wait_end(int pidfd, unsigned timeout_ms)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	uint64_t end = clock_ms() + timeout_ms;

	for (;;) {
		uint64_t now = clock_ms();
		int n = poll(&p, 1, now >= end ? 0 : (int)(end - now));

		if (n > 0)
			return true;
		if (n == 0)
			return false;
	}
}

static void
reap_own(const struct engine_live *live)
{
	/* only when it is our child: gaol run, or a start that is undone */
	waitpid((pid_t)live->jid, NULL, WNOHANG);
}

int
linux_kill(const struct engine_live *live, const char *key, struct error *e)
{
	AUTO_CLOSE int pidfd = open_init(live);

	if (pidfd >= 0) {
		sys_pidfd_send_signal(pidfd, SIGKILL);
		if (!wait_end(pidfd, KILL_TIMEOUT_MS))
			return error_set(e, ERROR_BUSY, "processes of the jail "
			    "do not end, even by SIGKILL");
		reap_own(live);
	}
	return cgroup_remove(key, e);
}

int
linux_stop(const struct engine_live *live, const char *key,
    unsigned timeout_ms, struct error *e)
{
	AUTO_CLOSE int pidfd = open_init(live);

	if (pidfd >= 0 && timeout_ms > 0) {
		sys_pidfd_send_signal(pidfd, SIGTERM);
		wait_end(pidfd, timeout_ms);
	}
	return linux_kill(live, key, e);
}
