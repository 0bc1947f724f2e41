/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The end that reads. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sync.h"
#include "base/walk.h"
#include "core/copy.h"

struct sender {
	struct copy_job *job;
	struct walk_links links;	/* path: the group, as text */
	uint64_t groups;
	struct sync_record record;
	struct buf attrs, packed;
	const char *top;		/* the source, for messages */
	unsigned depth;			/* directories entered */
};

/* "x in /srv"; heap memory. */
static char *
shown(const struct sender *s, const char *name)
{
	return s->depth > 0 ? xasprintf("%s in %s", name, s->top) :
	    xstrdup(s->top);
}

static int
failed(const struct sender *s, const char *name, struct error *e)
{
	int saved = errno;
	AUTO_FREE char *text = shown(s, name);

	errno = saved;
	return error_sys(e, "%s", text);
}

static int
put(struct sender *s, struct error *e)
{
	s->record.attrs = (const uint8_t *)s->attrs.data;
	s->record.attrs_len = s->attrs.len;
	buf_clear(&s->packed);
	sync_put_record(&s->packed, &s->record);
	return wire_put(&s->job->wire, COPY_RECORD, 0, s->packed.data,
	    s->packed.len, e);
}

static void
leave_out(const struct sender *s, const char *name, const char *what)
{
	AUTO_FREE char *text = shown(s, name);

	host_say(s->job->host, "left out: %s, %s", text, what);
}

static int
send_data(struct sender *s, int fd, const char *name, struct error *e)
{
	AUTO_FREE char *text = shown(s, name);
	struct sync_blocks b;
	uint8_t sum[BLAKE2_SIZE];
	struct stat before, after;
	uint64_t size = 0;
	size_t len = 1;
	int result = 0;

	if (fstat(fd, &before) < 0 || !S_ISREG(before.st_mode))
		return error_set(e, ERROR_BUSY, "%s: it is another file by "
		    "now", text);
	sync_blocks_init(&b, fd, (uint64_t)before.st_size);
	for (uint64_t i = 0; i < sync_block_count(b.size) && len > 0 &&
	    result == 0; i++) {
		if (sync_block(&b, i, &len, sum) < 0)
			result = failed(s, name, e);
		else if (!sync_is_hole(sum))
			result = wire_put_summed(&s->job->wire, SYNC_DATA,
			    i * SYNC_BLOCK, b.block, len, sum, e);
		size += len;
	}
	sync_blocks_fini(&b);
	if (result == 0 && fstat(fd, &after) == 0 &&
	    (after.st_size != before.st_size ||
	    after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
	    after.st_mtim.tv_nsec != before.st_mtim.tv_nsec))
		host_say(s->job->host, "changed while it was copied: %s", text);
	return result < 0 ? -1 : wire_put(&s->job->wire, COPY_FILE_END, size,
	    NULL, 0, e);
}

/* 1: another name of a file that was sent. */
static int
find_group(struct sender *s, const struct stat *st, uint64_t *group)
{
	struct walk_link *link;
	bool made;

	*group = 0;
	if (st->st_nlink < 2)
		return 0;
	link = walk_links_find(&s->links, st, &made);
	if (made)
		link->path = xasprintf("%llu",
		    (unsigned long long)++s->groups);
	*group = strtoull(link->path, NULL, 10);
	return !made;
}

/*
 * The record; of a regular file, the file opened.  -1: there is nothing to open,
 * -2 with errno.  Attributes are read from what is open alone: a jail may have no
 * /proc, by which others would be found.
 */
static int
describe(struct sender *s, int dirfd, const char *name, const struct stat *st)
{
	struct sync_record *r = &s->record;
	AUTO_CLOSE int fd = -1;
	ssize_t n;

	memset(r, 0, offsetof(struct sync_record, target));
	r->kind = S_ISREG(st->st_mode) ? SYNC_FILE :
	    S_ISLNK(st->st_mode) ? SYNC_SYMLINK : SYNC_NODE;
	sync_record_stat(r, st);
	snprintf(r->name, sizeof(r->name), "%s", name);
	buf_clear(&s->attrs);
	if (r->kind == SYNC_SYMLINK) {
		n = readlinkat(dirfd, name, r->target, sizeof(r->target));
		if (n == (ssize_t)sizeof(r->target))
			errno = ENAMETOOLONG;
		if (n <= 0 || n == (ssize_t)sizeof(r->target))
			return -2;
		r->target[n] = '\0';
	}
	if (r->kind != SYNC_FILE)
		return -1;
	/* what is mounted over a file is the file, to the jail */
	fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || attr_read(fd, NULL, &s->attrs) < 0)
		return -2;
	return steal_fd(&fd);
}

/* Anything but a directory, which is 1. */
static int
send_file(struct sender *s, int dirfd, const char *name, struct error *e)
{
	struct sync_record *r = &s->record;
	AUTO_CLOSE int fd = -1;
	uint64_t group;
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(s, name, e);
	if (S_ISDIR(st.st_mode))
		return 1;
	if (S_ISSOCK(st.st_mode) || S_ISBLK(st.st_mode) ||
	    S_ISCHR(st.st_mode)) {
		leave_out(s, name, S_ISSOCK(st.st_mode) ? "a socket" :
		    "a device");
		return 0;
	}
	fd = describe(s, dirfd, name, &st);
	if (fd < -1)
		return failed(s, name, e);
	if (find_group(s, &st, &group) > 0) {
		r->kind = SYNC_LINK;
		close_fd(&fd);
	}
	r->group = group;
	if (put(s, e) < 0)
		return -1;
	return fd < 0 ? 0 : send_data(s, fd, name, e);
}

static int
walk_file(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	return send_file(w->arg, in->fd, name, e);
}

static int
walk_enter(struct walk *w, struct walk_level *in, struct walk_level *entered,
    struct error *e)
{
	struct sender *s = w->arg;

	(void)in;
	s->depth++;
	memset(&s->record, 0, offsetof(struct sync_record, target));
	s->record.kind = SYNC_DIR;
	snprintf(s->record.name, sizeof(s->record.name), "%s", entered->name);
	sync_record_stat(&s->record, &entered->st);
	buf_clear(&s->attrs);
	if (attr_read(entered->fd, NULL, &s->attrs) < 0)
		return walk_failed(w, entered, NULL, e);
	return put(s, e);
}

static int
walk_leave(struct walk *w, struct walk_level *in, struct walk_level *left,
    struct error *e)
{
	struct sender *s = w->arg;

	(void)in, (void)left;
	s->depth--;
	memset(&s->record, 0, offsetof(struct sync_record, target));
	s->record.kind = SYNC_LEAVE;
	buf_clear(&s->attrs);
	return put(s, e);
}

static int
walk_mount(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	(void)in, (void)e;
	leave_out(w->arg, name, "something is mounted there");
	return 0;
}

static const struct walk_ops ops = {
	.verb = "read",
	.file = walk_file,
	.enter = walk_enter,
	.leave = walk_leave,
	.mount = walk_mount,
};

int
copy_open_dir(int root, const char *path, struct error *e)
{
	int fd;

	if (root >= 0)
		return path_open(root, path, O_RDONLY | O_DIRECTORY, 0, e);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error_sys(e, "%s", path) : fd;
}

void
copy_split(const char *path, char **dir, char **name)
{
	size_t len = strlen(path), start;

	while (len > 1 && path[len - 1] == '/')
		len--;
	start = len;
	while (start > 0 && path[start - 1] != '/')
		start--;
	*name = len > start ? xstrndup(path + start, len - start) :
	    xstrdup(".");
	while (start > 1 && path[start - 1] == '/')
		start--;
	*dir = start > 0 ? xstrndup(path, start) : xstrdup(".");
}

bool
copy_is_contents(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* "x/" and "x/." are what a link x leads to. */
static bool
ends_in_slash(const char *path)
{
	size_t len = strlen(path);

	return len > 0 && path[len - 1] == '/';
}

static int
send_tree(struct sender *s, int dir, const char *name, struct error *e)
{
	struct walk w = { .ops = &ops, .arg = s };
	int fd = openat(dir, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return error_sys(e, "%s", s->top);
	return walk_run(&w, fd, -1, name, e);
}

static int
send_source(struct sender *s, int root, const char *path, struct error *e)
{
	AUTO_FREE char *above = NULL, *name = NULL;
	AUTO_CLOSE int dir = -1;
	bool contents;
	int result;

	s->top = path;
	copy_split(path, &above, &name);
	contents = copy_is_contents(name);
	dir = copy_open_dir(root, contents || ends_in_slash(path) ? path :
	    above, e);
	if (dir < 0)
		return -1;
	if (wire_put(&s->job->wire, COPY_SOURCE, 0, NULL, 0, e) < 0)
		return -1;
	if (contents || ends_in_slash(path)) {
		struct walk w = { .ops = &ops, .arg = s };

		return walk_run(&w, steal_fd(&dir), -1, contents ? "" : name,
		    e);
	}
	result = send_file(s, dir, name, e);
	return result == 1 ? send_tree(s, dir, name, e) : result;
}

int
copy_send(int root, void *arg, struct error *e)
{
	struct copy_job *job = arg;
	struct sender s = { .job = job };
	int result = 0;

	for (size_t i = 0; i < job->count && result == 0; i++)
		result = send_source(&s, root, job->from[i].path, e);
	if (result == 0)
		result = wire_put(&job->wire, COPY_END, 0, NULL, 0, e);
	if (result == 0)
		result = wire_flush(&job->wire, e);
	walk_links_fini(&s.links);
	buf_fini(&s.attrs);
	buf_fini(&s.packed);
	return result;
}
