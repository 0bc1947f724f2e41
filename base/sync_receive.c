/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * The side that shall have the tree.  The manifest is read to its end first and
 * kept in a file, so that nobody waits for anybody.  Then it is gone through:
 * once for files, asking for blocks as we go; a second time for what needs all
 * of them to be there.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sync.h"
#include "base/sync_want.h"

static int
spool_manifest(struct wire *w, int fd, struct error *e)
{
	uint64_t records = 0;

	for (;;) {
		struct frame f;
		size_t used;

		if (sync_get(w, &f, e) < 0)
			return -1;
		if (f.type == SYNC_MANIFEST_END && f.arg == records)
			return 0;
		if (f.type != SYNC_MANIFEST || f.len == 0)
			return error_set(e, ERROR_DATA,
			    "the manifest is not complete");
		for (size_t at = 0; at < f.len; at += used) {
			AUTO_FREE struct sync_record *r =
			    xcalloc(1, sizeof(*r));

			if (sync_get_record(f.data + at, f.len - at, &used, r,
			    e) < 0)
				return -1;
			records++;
		}
		if (file_write_fd(fd, f.data, f.len, e) < 0)
			return error_wrap(e, "manifest");
	}
}

/* The manifest, read again from its file. */
struct reading {
	int fd;
	struct buf text;
	size_t at;
	bool end;
};

static int
read_more(struct reading *in, struct error *e)
{
	size_t left = in->text.len - in->at;
	ssize_t n;
	char *to;

	if (in->at > 0)
		memmove(in->text.data, in->text.data + in->at, left);
	in->text.len = left;
	in->at = 0;
	to = buf_reserve(&in->text, 256 << 10);
	do
		n = read(in->fd, to, 256 << 10);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_sys(e, "manifest");
	in->text.len += (size_t)n;
	in->end = n == 0;
	return 0;
}

/* 1: a record; 0: the end. */
static int
next_record(struct reading *in, struct sync_record *r, struct error *e)
{
	for (;;) {
		size_t left = in->text.len - in->at, used;
		const uint8_t *data = left > 0 ?
		    (const uint8_t *)in->text.data + in->at : NULL;
		uint64_t size = 0;
		size_t head = left > 0 ? sync_get_number(data, left, &size) :
		    0;

		if (head > 0 && size <= left - head) {
			if (sync_get_record(data, left, &used, r, e) < 0)
				return -1;
			in->at += used;
			return 1;
		}
		if (in->end)
			return left == 0 ? 0 : error_set(e, ERROR_DATA,
			    "the manifest is cut off");
		if (read_more(in, e) < 0)
			return -1;
	}
}

static int
failed(struct receiver *v, const char *name, struct error *e)
{
	AUTO_FREE char *path = sync_path(&v->stack, name);

	return error_sys(e, "write %s", path);
}

/* Where a directory shall be; opened, it was there or not. */
static int
make_directory(int dirfd, const char *name)
{
	struct error ignored = ERROR_INIT;
	int fd = openat(dirfd, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == EACCES && fchmodat(dirfd, name, 0700, 0) == 0)
		fd = openat(dirfd, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		if (errno != ENOENT &&
		    path_remove_tree(dirfd, name, &ignored) < 0) {
			errno = ignored.sys_errno != 0 ? ignored.sys_errno :
			    EBUSY;
			return -1;
		}
		if (mkdirat(dirfd, name, 0700) < 0)
			return -1;
		fd = openat(dirfd, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	return fd;
}

static int
enter(struct receiver *v, const struct sync_record *r, bool make,
    struct error *e)
{
	struct sync_target *t = v->target;
	int fd, base = -1;

	if (v->stack.count == 0) {
		if (r->name[0] != '\0' || v->rooted)
			return error_set(e, ERROR_DATA,
			    "the manifest has no root");
		v->rooted = true;
		fd = file_opendir(t->root, ".", e);
		if (fd >= 0 && t->base >= 0)
			base = file_opendir(t->base, ".", e);
		if (fd < 0 || (t->base >= 0 && base < 0)) {
			close_fd(&fd);
			return -1;
		}
		return sync_push(&v->stack, fd, base, "", e);
	}
	if (r->name[0] == '\0')
		return error_set(e, ERROR_DATA, "the manifest has two roots");
	fd = make ? make_directory(sync_top(&v->stack)->fd, r->name) :
	    openat(sync_top(&v->stack)->fd, r->name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return failed(v, r->name, e);
	/* what the owner may not write to, we need to */
	if (make && geteuid() != 0 && fchmod(fd, 0700) < 0) {
		close_fd(&fd);
		return failed(v, r->name, e);
	}
	if (sync_top(&v->stack)->base >= 0)
		base = openat(sync_top(&v->stack)->base, r->name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return sync_push(&v->stack, fd, base, r->name, e);
}

/* What is there and not in the manifest. */
static int
remove_others(struct receiver *v, struct error *e)
{
	struct sync_place *p = sync_top(&v->stack);
	int fd = file_opendir(p->fd, ".", e);
	AUTO_STRINGS struct strings extra = VEC_INIT;
	const struct dirent *d;

	if (fd < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL) {
		close(fd);
		return failed(v, ".", e);
	}
	strings_sort(&p->names);
	for (;;) {
		errno = 0;
		if ((d = readdir(dir)) == NULL)
			break;
		const char *name = d->d_name;
		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
		    !(v->stack.count == 1 &&
		    strcmp(name, v->target->scratch) == 0) &&
		    (p->names.count == 0 || bsearch(&name, p->names.items,
		    p->names.count, sizeof(char *), compare_names) == NULL))
			strings_add(&extra, name);
	}
	if (errno != 0)
		return failed(v, ".", e);
	for (size_t i = 0; i < extra.count; i++)
		if (path_remove_tree(p->fd, extra.items[i], e) < 0)
			return -1;
	return 0;
}

int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The first file of a group; its others come after it. */
static int
note_group(struct receiver *v, const struct sync_record *r, struct error *e)
{
	if (r->group == 0)
		return 0;
	if (r->kind == SYNC_LINK)
		return r->group <= v->groups.count ? 0 : error_set(e,
		    ERROR_DATA, "a link of the manifest leads nowhere");
	if (r->group != v->groups.count + 1)
		return error_set(e, ERROR_DATA,
		    "the manifest's links are not in order");
	strings_take(&v->groups, sync_path(&v->stack, r->name));
	return 0;
}

static int
place(struct receiver *v, const struct sync_record *r, struct error *e)
{
	struct sync_place *p = v->stack.count > 0 ? sync_top(&v->stack) : NULL;

	if (p == NULL && r->kind != SYNC_DIR)
		return error_set(e, ERROR_DATA, "the manifest has no root");
	if (p != NULL && r->kind != SYNC_LEAVE)
		strings_add(&p->names, r->name);
	if (note_group(v, r, e) < 0)
		return -1;
	switch (r->kind) {
	case SYNC_DIR:
		return enter(v, r, true, e);
	case SYNC_LEAVE:
		return remove_others(v, e) < 0 ? -1 : sync_pop(&v->stack, e);
	case SYNC_FILE:
		return want_file(v, r, e);
	case SYNC_SYMLINK:
	case SYNC_NODE:
		return sync_special(p->fd, r->name, r) < 0 ?
		    failed(v, r->name, e) : 0;
	case SYNC_SAME:
		if (p->base < 0)
			return error_set(e, ERROR_DATA, "%s is said to be of "
			    "a release that is not here", r->name);
		return v->target->fresh ? 0 :
		    sync_revert(p->fd, p->base, r->name, e);
	case SYNC_LINK:
	default:
		return 0;
	}
}

/* Another name for what is at path, made below scratch and put in place. */
static int
make_link(struct receiver *v, const char *path, int dirfd, const char *name)
{
	AUTO_FREE char *copy = xstrdup(path);
	AUTO_CLOSE int dir = openat(v->target->root, ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *part = copy, *slash;
	struct stat first, st;

	for (; dir >= 0 && (slash = strchr(part, '/')) != NULL;
	    part = slash + 1) {
		int next;

		*slash = '\0';
		next = openat(dir, part,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close_fd(&dir);
		dir = next;
	}
	if (dir < 0 || fstatat(dir, part, &first, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		struct error ignored = ERROR_INIT;

		if (st.st_ino == first.st_ino && st.st_dev == first.st_dev)
			return 0;
		if (path_remove_tree(dirfd, name, &ignored) < 0) {
			errno = EBUSY;
			return -1;
		}
	}
	return linkat(dir, part, dirfd, name, 0);
}

/* A file as it is now goes among what is known. */
static int
note_file(struct receiver *v, const struct sync_record *r, struct error *e)
{
	struct sync_place *p = sync_top(&v->stack);
	AUTO_FREE char *path = sync_path(&v->stack, r->name);
	uint8_t entry[BLAKE2_SIZE];
	struct stat st;

	if (fstatat(p->fd, r->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(v, r->name, e);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != r->size)
		return error_set(e, ERROR_DATA, "%s is in the manifest twice",
		    path);
	if (r->young)
		return 0;
	sync_path_sum(path, entry);
	memcpy(entry + SYNC_TOKEN, r->token, SYNC_TOKEN);
	buf_append(&v->next, entry, sizeof(entry));
	return 0;
}

static int
finish_directory(struct receiver *v, struct error *e)
{
	struct sync_place *p = sync_top(&v->stack);

	p->dir->attrs = (const uint8_t *)p->attrs.data;
	if (sync_status(p->fd, NULL, p->dir) < 0)
		return failed(v, ".", e);
	return sync_pop(&v->stack, e);
}

static int
finish(struct receiver *v, const struct sync_record *r, struct error *e)
{
	struct sync_place *p;

	switch (r->kind) {
	case SYNC_DIR:
		if (enter(v, r, false, e) < 0)
			return -1;
		p = sync_top(&v->stack);
		p->dir = xcalloc(1, sizeof(*p->dir));
		*p->dir = *r;
		buf_append(&p->attrs, r->attrs, r->attrs_len);
		return 0;
	case SYNC_LEAVE:
		return finish_directory(v, e);
	case SYNC_FILE:
		return note_file(v, r, e);
	case SYNC_LINK:
		p = sync_top(&v->stack);
		return make_link(v, v->groups.items[r->group - 1], p->fd,
		    r->name) < 0 ? failed(v, r->name, e) : 0;
	case SYNC_SYMLINK:
	case SYNC_NODE:
	case SYNC_SAME:
	default:
		return 0;
	}
}

typedef int step_fn(struct receiver *v, const struct sync_record *r,
    struct error *e);

static int
go_through(struct receiver *v, int manifest, step_fn *step, struct error *e)
{
	struct reading in = { .fd = manifest, .text = BUF_INIT };
	AUTO_FREE struct sync_record *r = xcalloc(1, sizeof(*r));
	int result = 1;

	v->rooted = false;
	if (lseek(manifest, 0, SEEK_SET) < 0)
		return error_sys(e, "manifest");
	while (result > 0) {
		result = next_record(&in, r, e);
		if (result > 0 && v->rooted && v->stack.count == 0)
			result = error_set(e, ERROR_DATA,
			    "the manifest goes on after its end");
		if (result > 0 && step(v, r, e) < 0)
			result = -1;
	}
	if (result == 0 && (!v->rooted || v->stack.count > 0))
		result = error_set(e, ERROR_DATA, "the manifest is cut off");
	buf_fini(&in.text);
	return result;
}

static int
finish_tree(struct receiver *v, int manifest, struct error *e)
{
	const struct sync_target *t = v->target;

	if (path_remove_tree(t->root, t->scratch, e) < 0 ||
	    go_through(v, manifest, finish, e) < 0)
		return -1;
	return file_replace(t->state, "next", v->next.data != NULL ?
	    v->next.data : "", v->next.len, 0600, FILE_DURABLE, e);
}

static int
open_state(const struct sync_target *t, const char *name, int flags,
    struct error *e)
{
	int fd = openat(t->state, name,
	    flags | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? error_sys(e, "%s", name) : fd;
}

static int
open_scratch(struct receiver *v, struct error *e)
{
	const struct sync_target *t = v->target;

	if (mkdirat(t->root, t->scratch, 0700) < 0 && errno != EEXIST)
		return error_sys(e, "make %s", t->scratch);
	v->scratch = file_opendir(t->root, t->scratch, e);
	return v->scratch < 0 ? -1 : 0;
}

int
sync_receive(struct wire *w, struct sync_target *t, struct error *e)
{
	AUTO_CLOSE int manifest = open_state(t, "manifest",
	    O_RDWR | O_TRUNC, e);
	AUTO_CLOSE int done = manifest < 0 ? -1 : open_state(t, "done",
	    O_WRONLY | O_APPEND, e);
	struct receiver v = { .wire = w, .target = t, .done = done,
	    .scratch = -1 };
	int result = -1;

	t->files = t->kept = t->changed = 0;
	if (done >= 0 && open_scratch(&v, e) == 0 &&
	    spool_manifest(w, manifest, e) == 0 &&
	    go_through(&v, manifest, place, e) == 0 &&
	    wants_finish(&v, e) == 0)
		result = t->final ? finish_tree(&v, manifest, e) : 0;
	if (result == 0)
		result = wire_put(w, SYNC_DONE, 0, NULL, 0, e);
	wants_fini(&v);
	close_fd(&v.scratch);
	sync_stack_fini(&v.stack);
	strings_fini(&v.groups);
	buf_fini(&v.next);
	return result;
}
