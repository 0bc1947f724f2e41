/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/num.h"
#include "engine/fake/fake.h"

void
fake_state_fini(struct fake_state *s)
{
	free(s->root);
	s->root = NULL;
}

const char *
fake_name(const char *key)
{
	const char *slash = strrchr(key, '/');

	return slash != NULL ? slash + 1 : key;
}

int
fake_dir(struct error *e)
{
	const char *state = getenv("GAOL_FAKE_STATE");
	const char *root = getenv("GAOL_ROOT");

	if (state == NULL && root == NULL)
		return error_set(e, ERROR_FAILED, "the fake engine needs "
		    "GAOL_ROOT or GAOL_FAKE_STATE in the environment");
	AUTO_FREE char *path = state != NULL ? xstrdup(state) :
	    xasprintf("%s/fake", root);
	if (file_mkdirs(AT_FDCWD, path, 0755, e) < 0)
		return -1;
	return file_opendir(AT_FDCWD, path, e);
}

/* "booted JID DEVICE INODE NONCE ROOT", the root to the end of the line */
static int
parse_state(char *text, const char *name, struct fake_state *s,
    struct error *e)
{
	char phase[8];
	int at = 0;

	text[strcspn(text, "\n")] = '\0';
	if (sscanf(text, "%7s %" SCNd64 " %" SCNu64 " %" SCNu64 " %23s %n",
	    phase, &s->jid, &s->record_device, &s->record_inode, s->nonce,
	    &at) != 5 || at == 0)
		return error_set(e, ERROR_DATA,
		    "state of the fake jail '%s' is damaged", name);
	s->booted = strcmp(phase, "booted") == 0;
	s->root = xstrdup(text + at);
	return 0;
}

int
fake_state_read(int dir, const char *name, struct fake_state *s,
    struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	*s = (struct fake_state)FAKE_STATE_INIT;
	if (file_read(dir, name, 1 << 16, &text, e) < 0)
		return -1;
	return parse_state(text.data, name, s, e);
}

int
fake_state_write(int fd, const struct fake_state *s, struct error *e)
{
	AUTO_FREE char *text = xasprintf("%s %" PRId64 " %" PRIu64 " %" PRIu64
	    " %s %s\n", s->booted ? "booted" : "made", s->jid,
	    s->record_device, s->record_inode, s->nonce, s->root);
	size_t len = strlen(text);

	if (pwrite(fd, text, len, 0) != (ssize_t)len ||
	    ftruncate(fd, (off_t)len) < 0)
		return error_sys(e, "write the state of the fake jail");
	return 0;
}

/* Jail ids count up from 1, as on FreeBSD; ".jid" has the last. */
static int
next_jid(int dir, int64_t *jid, struct error *e)
{
	AUTO_CLOSE int fd = file_lock(dir, ".jid", true, 30000, e);
	char text[24];
	ssize_t n;

	if (fd < 0)
		return -1;
	n = pread(fd, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	*jid = strtoll(text, NULL, 10) + 1;
	n = snprintf(text, sizeof(text), "%" PRId64 "\n", *jid);
	if (pwrite(fd, text, (size_t)n, 0) != n)
		return error_sys(e, "count jail ids");
	return 0;
}

int
fake_state_make(int dir, const char *name, struct fake_state *s,
    struct error *e)
{
	struct timespec now;

	if (next_jid(dir, &s->jid, e) < 0)
		return -1;
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(s->nonce, sizeof(s->nonce), "%" PRIx64 ".%" PRIx64,
	    (uint64_t)now.tv_sec, (uint64_t)now.tv_nsec);
	AUTO_CLOSE int fd = openat(dir, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_sys(e, "fake jail '%s'", name);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return error_sys(e, "lock the fake jail '%s'", name);
	if (fake_state_write(fd, s, e) < 0)
		return -1;
	return steal_fd(&fd);
}

bool
fake_state_alive(int dir, const char *name, const struct fake_state *s)
{
	if (s->booted)
		return true;
	AUTO_CLOSE int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 &&
	    errno == EWOULDBLOCK;
}

int
fake_state_remove(int dir, const char *name, struct error *e)
{
	AUTO_FREE char *mounts = xasprintf(".mounts.%s", name);
	AUTO_FREE char *limits = xasprintf(".limits.%s", name);

	if ((unlinkat(dir, mounts, 0) < 0 && errno != ENOENT) ||
	    (unlinkat(dir, limits, 0) < 0 && errno != ENOENT) ||
	    (unlinkat(dir, name, 0) < 0 && errno != ENOENT))
		return error_sys(e, "remove the fake jail '%s'", name);
	return 0;
}
