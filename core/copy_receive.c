/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The end that writes. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sync.h"
#include "core/copy.h"

enum { TELL_EVERY_MS = 200 };

/* A directory that was made gets its status when all is in it. */
struct made {
	struct sync_record *record;	/* NULL: it was there */
	struct buf attrs;
};

struct receiver {
	struct copy_job *job;
	const char *to;		/* for messages */
	int into;		/* the directory that to is, or -1 */
	int above;		/* else the one that it will be in */
	char *name;		/* there */
	struct sync_stack stack;	/* the first is into or above */
	VEC(struct made) made;	/* of those on the stack but the first */
	struct strings groups;	/* the path of the first of each, below the
				   first of the stack */
	size_t source;		/* the next one of job->from */
	char *as;		/* what the source is called; NULL: as it is */
	int file;		/* that is being written, -1 */
	char temporary[32];
	struct sync_record record;
	struct buf attrs;
	uint64_t told_ms;
};

/* "/srv/www/x", as the user would write it; heap memory. */
static char *
shown(const struct receiver *r, const char *name)
{
	AUTO_FREE char *path = sync_path(&r->stack, name);
	size_t len = r->into < 0 ? strlen(r->name) : 0;

	/* the one source is called as to says */
	if (len > 0 && strncmp(path, r->name, len) == 0)
		return xasprintf("%s%s", r->to, path + len);
	return xasprintf("%s%s%s", r->to,
	    r->to[strlen(r->to) - 1] == '/' ? "" : "/", path);
}

static int
failed(const struct receiver *r, const char *name, struct error *e)
{
	int saved = errno;
	AUTO_FREE char *path = shown(r, name);

	errno = saved;
	if (saved == EINVAL || saved == EOVERFLOW)
		return error_set(e, ERROR_FAILED, "%s: its owner %u:%u or an "
		    "attribute has no place there", path, r->record.uid,
		    r->record.gid);
	if (saved == EBUSY)
		return error_set(e, ERROR_BUSY, "%s: something is mounted "
		    "there", path);
	if (saved == ENOTDIR)
		return error_set(e, ERROR_EXISTS, "%s is a file, and a "
		    "directory comes", path);
	return error_sys(e, "write %s", path);
}

static void
tell(struct receiver *r, bool last)
{
	const struct copy_options *o = r->job->options;

	if (o == NULL || o->progress == NULL ||
	    (!last && clock_ms() < r->told_ms + TELL_EVERY_MS))
		return;
	r->told_ms = clock_ms();
	o->progress(o->arg, r->job->done);
}

static int
keep_record(struct receiver *r, const struct frame *f, struct error *e)
{
	size_t used;

	if (sync_get_record(f->data, f->len, &used, &r->record, e) < 0)
		return -1;
	buf_clear(&r->attrs);
	buf_append(&r->attrs, r->record.attrs, r->record.attrs_len);
	/* here, where the other end has no say in it */
	if (r->job->tame) {
		r->record.mode &= ~(uint32_t)06000;
		attr_tame(&r->attrs);
	}
	r->record.attrs = (const uint8_t *)r->attrs.data;
	r->record.attrs_len = r->attrs.len;
	return 0;
}

static bool
is_directory(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode);
}

static int
refuse_directory(const struct receiver *r, const char *name, struct error *e)
{
	AUTO_FREE char *path = shown(r, name);

	return error_set(e, ERROR_EXISTS, "%s is a directory, and a file "
	    "comes", path);
}

/* name NULL: the directory itself. */
static int
enter(struct receiver *r, const char *name, struct error *e)
{
	int dir = sync_top(&r->stack)->fd;
	struct made made = { NULL, BUF_INIT };
	int fd;

	if (name == NULL) {
		fd = file_opendir(dir, ".", e);
		if (fd < 0)
			return -1;
	} else {
		int there = mkdirat(dir, name, 0700);

		if (there < 0 && errno != EEXIST)
			return failed(r, name, e);
		fd = openat(dir, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return failed(r, name, e);
		if (there == 0) {
			made.record = xcalloc(1, sizeof(*made.record));
			*made.record = r->record;
			buf_append(&made.attrs, r->attrs.data, r->attrs.len);
		}
		r->job->done->files++;
	}
	VEC_PUSH(&r->made, made);
	return sync_push(&r->stack, fd, -1, name != NULL ? name : "", e);
}

static int
leave(struct receiver *r, struct error *e)
{
	struct made *m;
	int result = 0;

	if (r->made.count == 0)
		return error_set(e, ERROR_DATA, "a directory is left that was "
		    "not entered");
	m = &r->made.items[--r->made.count];
	if (m->record != NULL) {
		m->record->attrs = (const uint8_t *)m->attrs.data;
		m->record->attrs_len = m->attrs.len;
		if (sync_status(sync_top(&r->stack)->fd, NULL, m->record) < 0)
			result = failed(r, ".", e);
	}
	free(m->record);
	buf_fini(&m->attrs);
	return result < 0 ? -1 : sync_pop(&r->stack, e);
}

/* What a copy that was killed has left is locked by nobody. */
static void
remove_stale(int dir, const char *name)
{
	AUTO_CLOSE int fd = openat(dir, name,
	    O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(dir, name, 0);
}

/* Locked, and not taken for a stale one before it was; -1 with errno. */
static int
open_temporary(int dir, char name[32])
{
	for (unsigned n = 0; n < 1000; n++) {
		AUTO_CLOSE int fd = -1;
		struct stat st;

		snprintf(name, 32, ".gaol-cp.%u", n);
		remove_stale(dir, name);
		fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL |
		    O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			return -1;
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
		    fstat(fd, &st) == 0 && st.st_nlink > 0)
			return steal_fd(&fd);
	}
	return -1;
}

static int
begin_file(struct receiver *r, const char *name, struct error *e)
{
	int dir = sync_top(&r->stack)->fd;

	if (is_directory(dir, name))
		return refuse_directory(r, name, e);
	r->file = open_temporary(dir, r->temporary);
	return r->file < 0 ? failed(r, name, e) : 0;
}

static int
write_data(struct receiver *r, const struct frame *f, struct error *e)
{
	size_t done = 0;

	if (r->file < 0)
		return error_set(e, ERROR_DATA, "data of no file");
	while (done < f->len) {
		ssize_t n = pwrite(r->file, f->data + done, f->len - done,
		    (off_t)(f->arg + done));

		if (n < 0)
			return failed(r, r->record.name, e);
		done += (size_t)n;
	}
	r->job->done->bytes += f->len;
	tell(r, false);
	return 0;
}

/* A link of that group can be made from now on. */
static void
remember(struct receiver *r, const char *name)
{
	if (r->record.group != 0 && r->record.group == r->groups.count + 1)
		strings_take(&r->groups, sync_path(&r->stack, name));
}

static int
end_file(struct receiver *r, uint64_t size, struct error *e)
{
	const char *name = r->record.name;
	int dir = sync_top(&r->stack)->fd;

	if (r->file < 0)
		return error_set(e, ERROR_DATA, "the end of no file");
	if (ftruncate(r->file, (off_t)size) < 0 ||
	    sync_status(r->file, NULL, &r->record) < 0 ||
	    renameat(dir, r->temporary, dir, name) < 0)
		return failed(r, name, e);
	close_fd(&r->file);
	remember(r, name);
	r->job->done->files++;
	return 0;
}

static int
link_file(struct receiver *r, const char *name, struct error *e)
{
	int dir = sync_top(&r->stack)->fd;
	uint64_t group = r->record.group;

	if (group == 0 || group > r->groups.count)
		return error_set(e, ERROR_DATA, "a link to no file");
	if (is_directory(dir, name))
		return refuse_directory(r, name, e);
	if ((unlinkat(dir, name, 0) < 0 && errno != ENOENT) ||
	    linkat(r->stack.items[0].fd, r->groups.items[group - 1], dir,
	    name, 0) < 0)
		return failed(r, name, e);
	return 0;
}

static int
make_special(struct receiver *r, const char *name)
{
	const struct sync_record *rec = &r->record;
	const struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = (time_t)rec->mtime, .tv_nsec = (long)rec->nsec },
	};
	int dir = sync_top(&r->stack)->fd;

	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		return -1;
	if (rec->kind == SYNC_SYMLINK) {
		if (symlinkat(rec->target, dir, name) < 0)
			return -1;
	} else if (!S_ISFIFO(rec->mode)) {
		errno = EINVAL;
		return -1;
	} else if (mkfifoat(dir, name, 0600) < 0 ||
	    fchmodat(dir, name, rec->mode & 07777, 0) < 0) {
		return -1;
	}
	if (fchownat(dir, name, rec->uid, rec->gid, AT_SYMLINK_NOFOLLOW) < 0 &&
	    (geteuid() == 0 || errno != EPERM))
		return -1;
	return utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW);
}

static int
record(struct receiver *r, const struct frame *f, struct error *e)
{
	struct sync_record *rec = &r->record;

	if (r->file >= 0)
		return error_set(e, ERROR_DATA, "a file without an end");
	if (keep_record(r, f, e) < 0)
		return -1;
	if (rec->kind == SYNC_LEAVE)
		return leave(r, e);
	if (r->made.count == 0 && r->as != NULL)
		snprintf(rec->name, sizeof(rec->name), "%s", r->as);
	if (rec->kind == SYNC_DIR)
		return enter(r, r->made.count == 0 && r->as == NULL ? NULL :
		    rec->name, e);
	if (rec->kind == SYNC_FILE)
		return begin_file(r, rec->name, e);
	if (rec->kind == SYNC_LINK)
		return link_file(r, rec->name, e);
	if (is_directory(sync_top(&r->stack)->fd, rec->name))
		return refuse_directory(r, rec->name, e);
	if (make_special(r, rec->name) < 0)
		return failed(r, rec->name, e);
	remember(r, rec->name);
	r->job->done->files++;
	return 0;
}

/* Where the next source goes, and what it is called there: the other end, which
 * may be in a jail, has no say in that. */
static int
begin_source(struct receiver *r, struct error *e)
{
	AUTO_FREE char *above = NULL, *name = NULL;
	int from = r->into >= 0 ? r->into : r->above, dir;

	if (r->made.count > 0 || r->file >= 0 ||
	    r->source >= r->job->count)
		return error_set(e, ERROR_DATA, "a source that is none");
	copy_split(r->job->from[r->source++].path, &above, &name);
	free(r->as);
	r->as = r->into < 0 ? xstrdup(r->name) : copy_is_contents(name) ?
	    NULL : STEAL(name);
	sync_stack_fini(&r->stack);
	r->stack = (struct sync_stack){ 0 };
	strings_fini(&r->groups);
	dir = file_opendir(from, ".", e);
	return dir < 0 ? -1 : sync_push(&r->stack, dir, -1, "", e);
}

static int
find_target(struct receiver *r, int root, struct error *e)
{
	AUTO_FREE char *above = NULL;
	size_t len = strlen(r->to);
	struct error why = ERROR_INIT;

	r->into = copy_open_dir(root, r->to, &why);
	if (r->into >= 0)
		return 0;
	if (r->job->count > 1 || (len > 0 && r->to[len - 1] == '/') ||
	    (why.sys_errno != ENOENT && why.sys_errno != ENOTDIR))
		return error_set(e, why.kind, "%s", why.msg);
	copy_split(r->to, &above, &r->name);
	r->above = copy_open_dir(root, above, e);
	return r->above < 0 ? -1 : 0;
}

static int
receive(struct receiver *r, struct error *e)
{
	struct frame f;

	for (;;) {
		if (wire_get(&r->job->wire, &f, e) < 0)
			return -1;
		if (f.type == SYNC_ERROR) {
			r->job->done->source_failed = true;
			return error_set(e, f.arg > ERROR_NONE && f.arg <= ERROR_CONFIG ?
			    (enum error_kind)f.arg : ERROR_FAILED, "%.*s",
			    (int)(f.len < 400 ? f.len : 400),
			    (const char *)f.data);
		}
		if (f.type == COPY_END && r->file < 0 && r->made.count == 0)
			return 0;
		if (f.type != COPY_SOURCE && r->stack.count == 0)
			return error_set(e, ERROR_DATA, "no source");
		if ((f.type == COPY_SOURCE && begin_source(r, e) < 0) ||
		    (f.type == COPY_RECORD && record(r, &f, e) < 0) ||
		    (f.type == SYNC_DATA && write_data(r, &f, e) < 0) ||
		    (f.type == COPY_FILE_END && end_file(r, f.arg, e) < 0))
			return -1;
	}
}

int
copy_receive(int root, void *arg, struct error *e)
{
	struct copy_job *job = arg;
	struct receiver r = { .job = job, .to = job->to->path, .into = -1,
	    .above = -1, .file = -1 };
	int result = find_target(&r, root, e);

	if (result == 0)
		result = receive(&r, e);
	if (r.file >= 0) {
		close_fd(&r.file);
		unlinkat(sync_top(&r.stack)->fd, r.temporary, 0);
	}
	if (result == 0)
		tell(&r, true);
	for (size_t i = 0; i < r.made.count; i++) {
		free(r.made.items[i].record);
		buf_fini(&r.made.items[i].attrs);
	}
	VEC_FINI(&r.made);
	sync_stack_fini(&r.stack);
	strings_fini(&r.groups);
	close_fd(&r.into);
	close_fd(&r.above);
	free(r.name);
	free(r.as);
	buf_fini(&r.attrs);
	return result;
}
