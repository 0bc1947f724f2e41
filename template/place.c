/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/walk.h"
#include "template/place.h"

enum { TEXT_MAX = 16 << 20, SUM_MAX = 1 << 30 };

/* The directory that path lies in, made when missing; *name points into it. */
static int
open_parent(int root, const char *path, const char **name, struct error *e)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *dir = slash == NULL ? xstrdup("/") :
	    xstrndup(path, (size_t)(slash - path) + 1);

	*name = slash == NULL ? path : slash + 1;
	if (**name == '\0' || strcmp(*name, ".") == 0 ||
	    strcmp(*name, "..") == 0)
		return error_set(e, ERROR_DATA, "'%s' is no name of a file",
		    path);
	return path_mkdirs(root, dir, 0755, e);
}

/* Where a link of the jail leads to, which is inside; or a mounted file. */
static int
write_through(int root, const char *path, const void *data, size_t len,
    mode_t mode, struct error *e)
{
	AUTO_CLOSE int fd = path_open(root, path, O_WRONLY | O_CREAT | O_TRUNC,
	    mode, e);

	if (fd < 0)
		return -1;
	if (fchmod(fd, mode) < 0)
		return error_sys(e, "%s", path);
	return file_write_fd(fd, data, len, e);
}

int
place_data(int root, const char *path, const void *data, size_t len,
    mode_t mode, struct error *e)
{
	const char *name;
	AUTO_CLOSE int parent = open_parent(root, path, &name, e);
	struct stat st;

	if (parent < 0)
		return -1;
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode))
		return write_through(root, path, data, len, mode, e);
	if (file_replace(parent, name, data, len, mode, FILE_VOLATILE, e) == 0)
		return 0;
	if (e->sys_errno != EBUSY)
		return error_wrap(e, "%s", path);
	error_clear(e);
	return write_through(root, path, data, len, mode, e);
}

static int
place_link(int root, const char *path, const char *text, struct error *e)
{
	const char *name;
	AUTO_CLOSE int parent = open_parent(root, path, &name, e);

	if (parent < 0)
		return -1;
	if (unlinkat(parent, name, 0) < 0 && errno != ENOENT)
		return error_sys(e, "%s", path);
	if (symlinkat(text, parent, name) < 0)
		return error_sys(e, "%s", path);
	return 0;
}

static int
place_directory(int root, const char *path, mode_t mode, struct error *e)
{
	AUTO_CLOSE int fd = path_mkdirs(root, path, mode & 07777, e);

	return fd < 0 ? -1 : 0;
}

static bool
is_directory(int root, const char *path)
{
	struct error none = ERROR_INIT;
	AUTO_CLOSE int fd = path_open(root, path, O_RDONLY | O_DIRECTORY, 0,
	    &none);

	return fd >= 0;
}

int
place_source(int root, const struct source *s, const char *target,
    struct error *e)
{
	size_t len = strlen(target);
	bool into = len == 0 || target[len - 1] == '/' ||
	    is_directory(root, target);
	bool whole = *s->name == '\0' || strcmp(s->name, ".") == 0;
	AUTO_FREE char *top = into && !whole ?
	    xasprintf("%s/%s", target, s->name) : xstrdup(target);

	for (size_t i = 0; i < s->files.count; i++) {
		const struct source_file *f = &s->files.items[i];
		AUTO_FREE char *path = *f->path == '\0' ? xstrdup(top) :
		    xasprintf("%s/%s", top, f->path);
		int result;

		if (S_ISDIR(f->mode))
			result = place_directory(root, path, f->mode, e);
		else if (S_ISLNK(f->mode))
			result = place_link(root, path, f->link, e);
		else
			result = place_data(root, path, s->data + f->offset,
			    f->size, f->mode & 07777, e);
		if (result < 0)
			return -1;
	}
	return 0;
}

static bool
has_line(const struct buf *text, const char *line)
{
	const char *p = buf_text(text), *end = p + text->len;
	size_t want = strlen(line);

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((newline != NULL ? newline : end) - p);

		if (len == want && memcmp(p, line, len) == 0)
			return true;
		p += len + 1;
	}
	return false;
}

int
place_line(int root, const char *file, const char *line, struct error *e)
{
	const char *name;
	AUTO_CLOSE int parent = open_parent(root, file, &name, e);
	AUTO_CLOSE int fd = -1;
	AUTO_BUF struct buf text = BUF_INIT, more = BUF_INIT;

	if (parent < 0)
		return -1;
	fd = path_open(root, file, O_RDWR | O_APPEND | O_CREAT, 0644, e);
	if (fd < 0 || file_read_fd(fd, TEXT_MAX, &text, e) < 0)
		return error_wrap(e, "%s", file);
	if (has_line(&text, line))
		return 0;
	if (text.len > 0 && text.data[text.len - 1] != '\n')
		buf_putc(&more, '\n');
	buf_printf(&more, "%s\n", line);
	return file_write_fd(fd, more.data, more.len, e);
}

/* --- render --- */

static int
render_opened(int fd, int dirfd, const char *name, const struct vars *v,
    struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT, out = BUF_INIT, temporary =
	    BUF_INIT;
	AUTO_CLOSE int to = -1;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_sys(e, "%s", name);
	if (st.st_size > TEXT_MAX)
		return 0;
	if (file_read_fd(fd, TEXT_MAX, &text, e) < 0)
		return -1;
	if (text.len == 0 || memchr(text.data, '\0', text.len) != NULL)
		return 0;
	vars_expand(v, text.data, text.len, &out);
	if (out.len == text.len && memcmp(out.data, text.data, out.len) == 0)
		return 0;
	buf_printf(&temporary, ".%s.gaol", name);
	unlinkat(dirfd, buf_text(&temporary), 0);
	to = openat(dirfd, buf_text(&temporary), O_WRONLY | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0)
		return error_sys(e, "%s", name);
	if (file_write_fd(to, out.data, out.len, e) == 0) {
		if (fchown(to, st.st_uid, st.st_gid) == 0 &&
		    fchmod(to, st.st_mode & 07777) == 0 &&
		    renameat(dirfd, buf_text(&temporary), dirfd, name) == 0)
			return 0;
		error_sys(e, "%s", name);
	}
	unlinkat(dirfd, buf_text(&temporary), 0);
	return -1;
}

static int
render_file(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	AUTO_CLOSE int fd = openat(in->fd, name, O_RDONLY | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return errno == ELOOP || errno == ENOENT || errno == ENXIO ?
		    0 : walk_failed(w, in, name, e);
	if (fstat(fd, &st) < 0)
		return walk_failed(w, in, name, e);
	if (S_ISDIR(st.st_mode))
		return 1;
	return S_ISREG(st.st_mode) ?
	    render_opened(fd, in->fd, name, w->arg, e) : 0;
}

static int
render_directory(struct walk *w, struct walk_level *in, const char *name)
{
	return strcmp(name, ".git") != 0;
}

static int
render_left(struct walk *w, struct walk_level *in, struct walk_level *left,
    struct error *e)
{
	return 0;
}

static int
render_mount(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	return 0;
}

static const struct walk_ops render_ops = {
	.verb = "render",
	.file = render_file,
	.directory = render_directory,
	.leave = render_left,
	.mount = render_mount,
};

int
place_render(int root, const char *path, const struct vars *v,
    struct error *e)
{
	struct walk w = { .ops = &render_ops,
		.arg = (void *)(uintptr_t)v };
	AUTO_CLOSE int parent = -1, file = -1;
	int fd = path_open(root, path, O_RDONLY | O_DIRECTORY, 0, e);
	const char *name;

	if (fd >= 0)
		return walk_run(&w, fd, -1, path, e);
	if (e->sys_errno != ENOTDIR)
		return -1;
	error_clear(e);
	file = path_open(root, path, O_RDONLY, 0, e);
	if (file < 0)
		return -1;
	parent = open_parent(root, path, &name, e);
	return parent < 0 ? -1 : render_opened(file, parent, name, v, e);
}

int
place_sum(int root, const char *path, uint8_t sum[BLAKE2_SIZE],
    struct error *e)
{
	AUTO_CLOSE int fd = path_open(root, path, O_RDONLY, 0, e);
	char data[16384];
	struct blake2 b;
	ssize_t n;

	memset(sum, 0, BLAKE2_SIZE);
	if (fd < 0 && e->kind == ERROR_NOT_FOUND) {
		error_clear(e);
		return 0;
	}
	if (fd < 0)
		return -1;
	blake2_init(&b);
	while ((n = read(fd, data, sizeof(data))) != 0) {
		if (n < 0 && errno != EINTR)
			return error_sys(e, "%s", path);
		if (n > 0)
			blake2_add(&b, data, (size_t)n);
		if (b.total > SUM_MAX)
			return error_set(e, ERROR_DATA,
			    "%s is too large to be watched", path);
	}
	blake2_end(&b, sum);
	return 0;
}
