/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "template/source.h"

enum { DEPTH_MAX = 64, FILES_MAX = 200000, CHUNK = 64 << 10 };

struct reading {
	struct source *s;	/* NULL: the sum alone */
	struct blake2 sum;
	int out;		/* where content goes; -1: nowhere */
	size_t len, count;
};

static int read_entry(struct reading *r, int dirfd, const char *name,
    const char *path, unsigned depth, struct error *e) FALLIBLE;

static void
add(struct reading *r, const char *path, mode_t mode, const char *link,
    size_t size)
{
	AUTO_BUF struct buf head = BUF_INIT;

	buf_printf(&head, "%s\n%o\n%s\n%zu\n", path, (unsigned)mode,
	    link != NULL ? link : "", size);
	blake2_add(&r->sum, head.data, head.len + 1);
	if (r->s != NULL)
		VEC_PUSH(&r->s->files, (struct source_file) { xstrdup(path),
		    mode, link != NULL ? xstrdup(link) : NULL, r->len, size });
}

static int
read_file(struct reading *r, int fd, const char *path, const struct stat *st,
    struct error *e)
{
	AUTO_FREE char *data = xrealloc(NULL, CHUNK);
	size_t left = (size_t)st->st_size;

	add(r, path, st->st_mode, NULL, left);
	while (left > 0) {
		ssize_t n = read(fd, data, left < CHUNK ? left : CHUNK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(e, "%s", path);
		if (n == 0)
			return error_set(e, ERROR_FAILED,
			    "%s: it changed while it was read", path);
		blake2_add(&r->sum, data, (size_t)n);
		if (r->out >= 0 && file_write_fd(r->out, data, (size_t)n,
		    e) < 0)
			return -1;
		left -= (size_t)n;
		r->len += (size_t)n;
	}
	return 0;
}

static int
read_names(int fd, struct strings *names, struct error *e)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	AUTO_DIR DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
	const struct dirent *entry;

	if (d == NULL) {
		error_sys(e, "opendir");
		close_fd(&copy);
		return -1;
	}
	errno = 0;
	while ((entry = readdir(d)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0 &&
		    strcmp(entry->d_name, ".git") != 0)
			strings_add(names, entry->d_name);
	if (errno != 0)
		return error_sys(e, "readdir");
	strings_sort(names);
	return 0;
}

static int
read_directory(struct reading *r, int fd, const char *path,
    const struct stat *st, unsigned depth, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (depth >= DEPTH_MAX)
		return error_set(e, ERROR_DATA, "%s: more than %d directories "
		    "within each other", path, DEPTH_MAX);
	add(r, path, st->st_mode, NULL, 0);
	if (read_names(fd, &names, e) < 0)
		return error_wrap(e, "%s", path);
	for (size_t i = 0; i < names.count; i++) {
		AUTO_FREE char *below = *path == '\0' ?
		    xstrdup(names.items[i]) :
		    xasprintf("%s/%s", path, names.items[i]);

		if (read_entry(r, fd, names.items[i], below, depth + 1, e) < 0)
			return -1;
	}
	return 0;
}

static int
read_opened(struct reading *r, int fd, const char *path, unsigned depth,
    struct error *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_sys(e, "%s", path);
	if (++r->count > FILES_MAX)
		return error_set(e, ERROR_DATA, "more than %d files",
		    FILES_MAX);
	if (S_ISDIR(st.st_mode))
		return read_directory(r, fd, path, &st, depth, e);
	if (S_ISREG(st.st_mode))
		return read_file(r, fd, path, &st, e);
	return error_set(e, ERROR_DATA,
	    "%s is neither a file nor a directory nor a link", path);
}

static int
read_entry(struct reading *r, int dirfd, const char *name, const char *path,
    unsigned depth, struct error *e)
{
	AUTO_CLOSE int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC |
	    O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	char link[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (fd >= 0)
		return read_opened(r, fd, path, depth, e);
	if ((errno != ELOOP && errno != EMLINK) ||
	    fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISLNK(st.st_mode) ||
	    (n = readlinkat(dirfd, name, link, sizeof(link) - 1)) < 0)
		return error_sys(e, "%s", path);
	link[n] = '\0';
	r->count++;
	add(r, path, S_IFLNK | 0777, link, 0);
	return 0;
}

static int
read_top(struct reading *r, const char *dir, const char *path,
    struct error *e)
{
	AUTO_CLOSE int root = file_opendir(AT_FDCWD, dir, e);
	AUTO_CLOSE int fd = -1;

	if (root < 0)
		return -1;
	fd = path_open(root, path, O_RDONLY | O_DIRECTORY, 0, e);
	if (fd < 0 && e->sys_errno == ENOTDIR) {
		error_clear(e);
		fd = path_open(root, path, O_RDONLY, 0, e);
	}
	if (fd < 0 && e->kind == ERROR_NOT_FOUND)
		return error_set(e, ERROR_NOT_FOUND, "there is no '%s' in the "
		    "template's directory %s, below which it is looked for",
		    path, dir);
	if (fd < 0 || read_opened(r, fd, "", 0, e) < 0)
		return error_wrap(e, "%s/%s", dir, path);
	return 0;
}

static void
set_name(struct source *s, const char *path)
{
	size_t end = strlen(path), begin;

	while (end > 0 && path[end - 1] == '/')
		end--;
	begin = end;
	while (begin > 0 && path[begin - 1] != '/')
		begin--;
	s->name = xstrndup(path + begin, end - begin);
}

int
source_read(const struct host *h, const char *dir, const char *path,
    struct source *s, struct error *e)
{
	AUTO_CLOSE int out = host_scratch(h, e);
	struct reading r = { .s = s, .out = out };
	void *data;

	if (out < 0)
		return -1;
	blake2_init(&r.sum);
	set_name(s, path);
	if (read_top(&r, dir, path, e) < 0)
		return -1;
	blake2_end(&r.sum, s->sum);
	if (r.len == 0)
		return 0;
	data = mmap(NULL, r.len, PROT_READ, MAP_PRIVATE, out, 0);
	if (data == MAP_FAILED)
		return error_sys(e, "mmap");
	s->data = data;
	s->len = r.len;
	return 0;
}

int
source_sum(const char *dir, const char *path, struct blake2 *b,
    struct error *e)
{
	struct reading r = { .s = NULL, .out = -1 };
	uint8_t sum[BLAKE2_SIZE];

	blake2_init(&r.sum);
	if (read_top(&r, dir, path, e) < 0)
		return -1;
	blake2_end(&r.sum, sum);
	blake2_add(b, sum, sizeof(sum));
	return 0;
}

void
source_fini(struct source *s)
{
	for (size_t i = 0; i < s->files.count; i++) {
		free(s->files.items[i].path);
		free(s->files.items[i].link);
	}
	VEC_FINI(&s->files);
	if (s->len > 0)
		munmap((void *)(uintptr_t)s->data, s->len);
	s->data = NULL;
	s->len = 0;
	free(s->name);
	s->name = NULL;
}
