/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The manifest of a tree. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/sync.h"
#include "base/walk.h"

/* Within that many seconds a change need not change the time of change. */
enum { YOUNG = 2 };

/*
 * A directory is as the base has it when it, and all below it, is so: what was
 * told of it so far waits until one thing in it turns out to be otherwise.
 */
struct level {
	struct sync_record dir;
	struct buf attrs;
	struct strings same;	/* names, as long as it waits */
	bool told;
	bool differs;		/* the directory itself */
};

struct scan {
	struct sync_source *source;
	sync_put_fn *put;
	void *arg;
	struct walk_links links;	/* path: the group, as text */
	uint64_t groups;
	time_t now;
	VEC(struct level *) levels;
	struct sync_record record;
	struct buf attrs;
};

static void
level_free(struct level *l)
{
	buf_fini(&l->attrs);
	strings_fini(&l->same);
	free(l);
}

static void
set_name(struct sync_record *r, const char *name)
{
	/* as long as the kernel lets names be */
	snprintf(r->name, sizeof(r->name), "%s", name);
}

static int
put(struct scan *s, const struct sync_record *r, struct error *e)
{
	s->source->records++;
	return s->put(s->arg, r, e);
}

static int
put_same(struct scan *s, const char *name, struct error *e)
{
	s->record.kind = SYNC_SAME;
	set_name(&s->record, name);
	return put(s, &s->record, e);
}

/* Something differs in the lowest level: all that waits is told. */
static int
tell_levels(struct scan *s, struct error *e)
{
	for (size_t i = 0; i < s->levels.count; i++) {
		struct level *l = s->levels.items[i];

		if (l->told)
			continue;
		l->told = true;
		l->dir.attrs = (const uint8_t *)l->attrs.data;
		l->dir.attrs_len = l->attrs.len;
		if (put(s, &l->dir, e) < 0)
			return -1;
		for (size_t n = 0; n < l->same.count; n++)
			if (put_same(s, l->same.items[n], e) < 0)
				return -1;
		strings_fini(&l->same);
	}
	return 0;
}

static int
same(struct scan *s, const char *name, struct error *e)
{
	struct level *l = s->levels.items[s->levels.count - 1];

	if (l->told)
		return put_same(s, name, e);
	strings_add(&l->same, name);
	return 0;
}

/*
 * The very file of the base: who changes one, or puts another in its place,
 * cannot give it that time of change.
 */
static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_mode == b->st_mode && a->st_uid == b->st_uid &&
	    a->st_gid == b->st_gid && a->st_rdev == b->st_rdev &&
	    (S_ISDIR(a->st_mode) || (a->st_size == b->st_size &&
	    a->st_nlink == b->st_nlink)) &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static bool
is_in_base(const struct walk_level *in, const char *name,
    const struct stat *st)
{
	struct stat there;

	return in->to >= 0 && fstatat(in->to, name, &there,
	    AT_SYMLINK_NOFOLLOW) == 0 && is_same(st, &there);
}

/* 1: another name of a file that was told; 0 otherwise, with its group. */
static int
find_group(struct scan *s, const struct stat *st, uint64_t *group)
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

static int
read_target(int dirfd, const char *name, struct sync_record *r)
{
	ssize_t n = readlinkat(dirfd, name, r->target, sizeof(r->target));

	if (n == (ssize_t)sizeof(r->target))
		errno = ENAMETOOLONG;
	if (n <= 0 || n == (ssize_t)sizeof(r->target))
		return -1;
	r->target[n] = '\0';
	return 0;
}

static int
fill(struct scan *s, struct walk_level *in, const char *name,
    const struct stat *st)
{
	struct sync_record *r = &s->record;

	r->kind = S_ISREG(st->st_mode) ? SYNC_FILE :
	    S_ISLNK(st->st_mode) ? SYNC_SYMLINK : SYNC_NODE;
	sync_record_stat(r, st);
	if (r->kind == SYNC_SYMLINK && read_target(in->fd, name, r) < 0)
		return -1;
	if (r->kind == SYNC_FILE) {
		sync_token(st, r->token);
		r->young = st->st_ctim.tv_sec >= s->now - YOUNG;
	}
	buf_clear(&s->attrs);
	if (attr_read(in->fd, name, &s->attrs) < 0)
		return -1;
	r->attrs = (const uint8_t *)s->attrs.data;
	r->attrs_len = s->attrs.len;
	return 0;
}

static int
scan_file(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	struct scan *s = w->arg;
	struct sync_record *r = &s->record;
	struct stat st;

	if (fstatat(in->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : walk_failed(w, in, name, e);
	if (S_ISDIR(st.st_mode))
		return 1;
	/* nobody listens on the copy of a socket */
	if (S_ISSOCK(st.st_mode))
		return 0;
	if (is_in_base(in, name, &st))
		return same(s, name, e);
	if (tell_levels(s, e) < 0)
		return -1;
	if (find_group(s, &st, &r->group) > 0)
		r->kind = SYNC_LINK;
	else if (fill(s, in, name, &st) < 0)
		return errno == ENOENT && s->source->live ? 0 :
		    walk_failed(w, in, name, e);
	set_name(r, name);
	return put(s, r, e);
}

static int
scan_enter(struct walk *w, struct walk_level *in, struct walk_level *entered,
    struct error *e)
{
	struct scan *s = w->arg;
	struct level *l = xcalloc(1, sizeof(*l));
	struct stat there;

	VEC_PUSH(&s->levels, l);
	l->dir.kind = SYNC_DIR;
	set_name(&l->dir, entered->name);
	sync_record_stat(&l->dir, &entered->st);
	if (attr_read(entered->fd, NULL, &l->attrs) < 0)
		return walk_failed(w, entered, NULL, e);
	if (in != NULL && in->to >= 0)
		entered->to = openat(in->to, entered->name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	l->differs = entered->to < 0 || fstat(entered->to, &there) < 0 ||
	    !is_same(&entered->st, &there);
	return l->differs || in == NULL ? tell_levels(s, e) : 0;
}

static int
scan_leave(struct walk *w, struct walk_level *in, struct walk_level *left,
    struct error *e)
{
	static const struct sync_record leave = { .kind = SYNC_LEAVE };
	struct scan *s = w->arg;
	struct level *l = s->levels.items[--s->levels.count];
	int result = l->told ? put(s, &leave, e) : same(s, left->name, e);

	level_free(l);
	return result;
}

/* Nothing of what is mounted in it is the tree's; the place is. */
static int
scan_mount(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	return error_set(e, ERROR_BUSY, "something is mounted on %s in it",
	    name);
}

static const struct walk_ops scan_ops = {
	.verb = "read",
	.sorted = true,
	.file = scan_file,
	.enter = scan_enter,
	.leave = scan_leave,
	.mount = scan_mount,
};

int
sync_scan(struct sync_source *source, sync_put_fn *fn, void *arg,
    struct error *e)
{
	struct scan s = { .source = source, .put = fn, .arg = arg,
	    .now = time(NULL) };
	struct walk w = { .ops = &scan_ops, .arg = &s };
	int fd = file_opendir(source->root, ".", e);
	int base = -1, result;

	if (fd < 0)
		return -1;
	if (source->base >= 0 &&
	    (base = file_opendir(source->base, ".", e)) < 0) {
		close_fd(&fd);
		return -1;
	}
	result = walk_run(&w, fd, base, "", e);
	for (size_t i = 0; i < s.levels.count; i++)
		level_free(s.levels.items[i]);
	VEC_FINI(&s.levels);
	walk_links_fini(&s.links);
	buf_fini(&s.attrs);
	return result;
}

struct digest {
	int root;
	struct blake2 sum;
	VEC(int) dirs;
};

static int
add_contents(struct digest *d, const struct sync_record *r)
{
	AUTO_CLOSE int fd = walk_open(d->dirs.items[d->dirs.count - 1],
	    r->name, O_NONBLOCK | O_NOCTTY);
	struct sync_blocks b;
	uint8_t sum[BLAKE2_SIZE];
	int result = 0;
	size_t len = 1;

	if (fd < 0)
		return -1;
	sync_blocks_init(&b, fd, r->size);
	for (uint64_t i = 0; result == 0 && len > 0; i++) {
		result = sync_block(&b, i, &len, sum);
		blake2_add(&d->sum, sum, sizeof(sum));
	}
	sync_blocks_fini(&b);
	return result;
}

static int
digest_put(void *arg, const struct sync_record *r, struct error *e)
{
	struct digest *d = arg;
	struct sync_record plain = *r;
	AUTO_BUF struct buf text = BUF_INIT;
	int fd;

	/* what tells one copy from another */
	memset(plain.token, 0, sizeof(plain.token));
	plain.young = false;
	if (r->kind != SYNC_FILE)
		plain.size = 0;
	sync_put_record(&text, &plain);
	blake2_add(&d->sum, text.data, text.len);
	if (r->kind == SYNC_FILE && add_contents(d, r) < 0)
		return error_sys(e, "read %s", r->name);
	if (r->kind == SYNC_LEAVE)
		close(d->dirs.items[--d->dirs.count]);
	if (r->kind != SYNC_DIR)
		return 0;
	fd = r->name[0] == '\0' ? file_opendir(d->root, ".", e) :
	    file_opendir(d->dirs.items[d->dirs.count - 1], r->name, e);
	if (fd >= 0)
		VEC_PUSH(&d->dirs, fd);
	return fd < 0 ? -1 : 0;
}

int
sync_digest(int root, uint8_t sum[BLAKE2_SIZE], struct error *e)
{
	struct sync_source source = { .root = root, .base = -1 };
	struct digest d = { .root = root };
	int result;

	blake2_init(&d.sum);
	result = sync_scan(&source, digest_put, &d, e);
	blake2_end(&d.sum, sum);
	while (d.dirs.count > 0)
		close(d.dirs.items[--d.dirs.count]);
	VEC_FINI(&d.dirs);
	return result;
}
