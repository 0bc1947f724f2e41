/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/live.h"

/* The first line, padded, so that it is rewritten in place by one write(2). */
enum { RECORD_HEAD = 256 };

static const char *const phases[] = {
	[LIVE_STOPPED] = "stopped",
	[LIVE_STARTING] = "starting",
	[LIVE_RUNNING] = "running",
	[LIVE_STOPPING] = "stopping",
};

void
live_fini(struct live *l)
{
	close_fd(&l->fd);
	close_fd(&l->lock_fd);
}

static void
parse_record(const char *text, struct live *l)
{
	char phase[16], ident[96];
	int64_t jid, started;
	uint32_t base;

	l->phase = LIVE_STARTING;	/* unreadable: half written */
	if (sscanf(text, "%15s %" SCNd64 " %" SCNd64 " %" SCNu32 " %95s",
	    phase, &jid, &started, &base, ident) != 5)
		return;
	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++)
		if (strcmp(phase, phases[i]) == 0)
			l->phase = (enum live_phase)i;
	l->engine.jid = jid;
	l->started = started;
	l->id_base = base;
	snprintf(l->engine.ident, sizeof(l->engine.ident), "%s", ident);
}

int
live_read(const struct host *h, const char *name, struct live *l,
    struct error *e)
{
	char text[RECORD_HEAD];
	ssize_t n;

	*l = (struct live)LIVE_INIT;
	l->fd = openat(h->live_fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (l->fd < 0 && errno == ENOENT)
		return 0;
	if (l->fd < 0)
		return error_sys(e, "record of '%s'", name);
	n = pread(l->fd, text, sizeof(text) - 1, 0);
	if (n < 0)
		return error_sys(e, "record of '%s'", name);
	text[n] = '\0';
	parse_record(text, l);
	return 0;
}

int
live_running(const struct host *h, const char *name, struct live *l,
    struct error *e)
{
	if (live_read(h, name, l, e) < 0)
		return -1;
	if (l->phase != LIVE_STOPPED &&
	    !engine_native->alive(&l->engine, l->fd))
		l->phase = LIVE_STOPPED;
	return 0;
}

int
live_conf(const struct live *l, struct buf *text, struct error *e)
{
	if (lseek(l->fd, RECORD_HEAD, SEEK_SET) < 0)
		return error_sys(e, "record of the running jail");
	return file_read_fd(l->fd, 1 << 20, text, e);
}

/* In place, by one write(2): the file is padded where it was longer. */
int
live_set_conf(const struct live *l, const struct buf *text, struct error *e)
{
	AUTO_BUF struct buf padded = BUF_INIT;
	struct stat st;

	if (fstat(l->fd, &st) < 0)
		return error_sys(e, "record of the running jail");
	buf_append(&padded, text->data, text->len);
	while ((off_t)padded.len + RECORD_HEAD < st.st_size)
		buf_putc(&padded, '\n');
	if (pwrite(l->fd, padded.data, padded.len, RECORD_HEAD) !=
	    (ssize_t)padded.len)
		return error_sys(e, "record of the running jail");
	return 0;
}

int
live_begin(const struct host *h, const char *name, const struct buf *conf,
    struct live *l, struct error *e)
{
	*l = (struct live)LIVE_INIT;
	l->fd = openat(h->live_fd, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (l->fd < 0)
		return error_sys(e, "record of '%s'", name);
	/* pid 1 of the jail gets what it cannot write to */
	l->lock_fd = openat(h->live_fd, name,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (l->lock_fd < 0 || flock(l->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return error_sys(e, "lock the record of '%s'", name);
	l->phase = LIVE_STARTING;
	if (live_update(l, e) < 0)
		return -1;
	if (pwrite(l->fd, conf->data, conf->len, RECORD_HEAD) !=
	    (ssize_t)conf->len)
		return error_sys(e, "record of '%s'", name);
	return 0;
}

int
live_update(const struct live *l, struct error *e)
{
	char text[RECORD_HEAD + 1];
	int n = snprintf(text, sizeof(text), "%s %" PRId64 " %" PRId64 " %"
	    PRIu32 " %s", phases[l->phase], l->engine.jid, l->started,
	    l->id_base, *l->engine.ident != '\0' ? l->engine.ident : "-");

	/* in place: the inode carries the lock and the index link */
	memset(text + n, ' ', (size_t)(RECORD_HEAD - n));
	text[RECORD_HEAD - 1] = '\n';
	if (pwrite(l->fd, text, RECORD_HEAD, 0) != RECORD_HEAD)
		return error_sys(e, "write the record of the running jail");
	return 0;
}

int
live_index(const struct host *h, const char *name, const struct live *l,
    struct error *e)
{
	AUTO_FREE char *from = xasprintf("live/%s", name);
	AUTO_FREE char *to = xasprintf("index/%s,%" PRId64 ",%" PRId64, name,
	    l->engine.jid, l->started);

	if (linkat(h->run_fd, from, h->run_fd, to, 0) < 0 && errno != EEXIST)
		return error_sys(e, "index of running jails");
	return 0;
}

/* The index entry can be told from the record unless that is damaged. */
static int
unindex(const struct host *h, const char *name, struct error *e)
{
	struct live l;
	size_t len = strlen(name);
	const struct dirent *d;

	if (live_read(h, name, &l, e) < 0)
		return -1;
	live_fini(&l);
	if (*l.engine.ident != '\0') {
		AUTO_FREE char *entry = xasprintf("index/%s,%" PRId64 ",%"
		    PRId64, name, l.engine.jid, l.started);
		if (unlinkat(h->run_fd, entry, 0) == 0 || errno == ENOENT)
			return 0;
	}
	AUTO_CLOSE int fd = file_opendir(h->run_fd, "index", e);
	if (fd < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "index of running jails");
	fd = -1;
	while ((d = readdir(dir)) != NULL)
		if (strncmp(d->d_name, name, len) == 0 && d->d_name[len] == ',')
			unlinkat(dirfd(dir), d->d_name, 0);
	return 0;
}

int
live_remove(const struct host *h, const char *name, struct error *e)
{
	if (!file_exists(h->live_fd, name))
		return 0;
	if (unindex(h, name, e) < 0)
		return -1;
	if (unlinkat(h->live_fd, name, 0) < 0 && errno != ENOENT)
		return error_sys(e, "remove the record of '%s'", name);
	return 0;
}

void
live_rows_fini(struct live_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		free(rows->items[i].name);
	VEC_FINI(rows);
}

static int
compare_rows(const void *a, const void *b)
{
	return strcmp(((const struct live_row *)a)->name,
	    ((const struct live_row *)b)->name);
}

/* "web,4711,1732390000" */
static bool
parse_entry(const char *entry, struct live_row *row)
{
	const char *comma = strchr(entry, ',');
	char *end;

	if (comma == NULL)
		return false;
	row->jid = strtoll(comma + 1, &end, 10);
	if (*end != ',')
		return false;
	row->started = strtoll(end + 1, NULL, 10);
	row->name = xstrndup(entry, (size_t)(comma - entry));
	return true;
}

static bool
is_alive(const struct host *h, const char *name)
{
	AUTO_LIVE struct live l = LIVE_INIT;
	struct error ignored = ERROR_INIT;

	return live_running(h, name, &l, &ignored) == 0 &&
	    l.phase != LIVE_STOPPED;
}

int
live_all(const struct host *h, struct live_rows *rows, struct error *e)
{
	VEC(uint64_t) inodes = VEC_INIT;
	AUTO_CLOSE int fd = file_opendir(h->run_fd, "index", e);
	const struct dirent *d;
	struct stat st;
	int result = -1;
	size_t kept = 0;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return error_sys(e, "index of running jails");
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "index of running jails");
	fd = -1;
	while ((d = readdir(dir)) != NULL) {
		struct live_row row;

		if (!parse_entry(d->d_name, &row))
			continue;
		VEC_PUSH(rows, row);
		VEC_PUSH(&inodes, (uint64_t)d->d_ino);
	}
	AUTO_FREE bool *alive = xcalloc(rows->count, sizeof(*alive));
	if (rows->count == 0 || engine_native->alive_many == NULL ||
	    engine_native->alive_many(inodes.items, alive, rows->count,
	    (int64_t)st.st_dev, e) == 0)
		result = 0;
	for (size_t i = 0; i < rows->count; i++) {
		/* the dead are few, and in a jail not all locks are seen */
		if (alive[i] || is_alive(h, rows->items[i].name))
			rows->items[kept++] = rows->items[i];
		else
			free(rows->items[i].name);
	}
	rows->count = kept;
	VEC_FINI(&inodes);
	if (rows->count > 1)
		qsort(rows->items, rows->count, sizeof(*rows->items),
		    compare_rows);
	return result;
}

const struct live_row *
live_find(const struct live_rows *rows, const char *name)
{
	struct live_row key;

	memset(&key, 0, sizeof(key));
	AUTO_FREE char *copy = xstrdup(name);
	key.name = copy;
	if (rows->count == 0)
		return NULL;
	return bsearch(&key, rows->items, rows->count, sizeof(key),
	    compare_rows);
}

int
live_lock(const struct host *h, const char *name, const char *what,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("lock/%s", name);
	AUTO_FREE char *note = xasprintf("(gaol %s)", what);
	int fd = file_lock(h->run_fd, file, true, h->lock_timeout_ms, e);

	if (fd < 0)
		return -1;
	file_lock_note(fd, note);
	return fd;
}
