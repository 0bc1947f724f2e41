/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

#include "base/auto.h"
#include "base/walk.h"
#include "base/xalloc.h"

/* Directories held open; those above are reopened through "..". */
enum { WINDOW = 64 };

#ifdef __linux__
int
walk_open(int dirfd, const char *name, int flags)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_RDONLY | O_NOFOLLOW | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV |
		    RESOLVE_NO_SYMLINKS,
	};
	long fd;

	do
		fd = syscall(SYS_openat2, dirfd, name, &how, sizeof(how));
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return (int)fd;
}
#else
int
walk_open(int dirfd, const char *name, int flags)
{
	AUTO_CLOSE int fd = openat(dirfd, name,
	    flags | O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat above, st;

	if (fd < 0 || fstat(dirfd, &above) < 0 || fstat(fd, &st) < 0)
		return -1;
	if (above.st_dev != st.st_dev) {
		errno = EXDEV;
		return -1;
	}
	return steal_fd(&fd);
}
#endif

void
walk_path(const struct walk *w, const struct walk_level *in, const char *name,
    struct buf *path)
{
	for (const struct walk_level *l = w->items; in != NULL && l <= in; l++)
		if (*l->name != '\0')
			buf_printf(path, "%s%s", path->len > 0 ? "/" : "",
			    l->name);
	if (name != NULL)
		buf_printf(path, "%s%s", path->len > 0 ? "/" : "", name);
}

int
walk_failed(const struct walk *w, const struct walk_level *in,
    const char *name, struct error *e)
{
	AUTO_BUF struct buf path = BUF_INIT;
	int saved = errno;

	walk_path(w, in, name, &path);
	errno = saved;
	return error_sys(e, "%s %s", w->ops->verb, buf_text(&path));
}

static void
level_fini(struct walk_level *l)
{
	close_fd(&l->fd);
	close_fd(&l->to);
	strings_fini(&l->dirs);
}

/* ".." of below, when it is still the directory that we came through. */
static int
reopen(int below, const struct stat *st)
{
	AUTO_CLOSE int fd = openat(below, "..",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat now;

	if (fd < 0 || fstat(fd, &now) < 0)
		return -1;
	if (now.st_dev != st->st_dev || now.st_ino != st->st_ino) {
		errno = EBUSY;
		return -1;
	}
	return steal_fd(&fd);
}

static int
unpark(struct walk *w, struct walk_level *l, const struct walk_level *below,
    struct error *e)
{
	if (l->fd < 0 && (l->fd = reopen(below->fd, &l->st)) < 0)
		return walk_failed(w, l, NULL, e);
	if (below->to >= 0 && l->to < 0 &&
	    (l->to = reopen(below->to, &l->to_st)) < 0)
		return walk_failed(w, l, NULL, e);
	return 0;
}

/* Give everything but a subdirectory to file(), collect the subdirectories. */
static int
visit(struct walk *w, struct walk_level *l, const char *name, int type,
    struct error *e)
{
	int kind = 1;

	w->type = (unsigned char)type;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	if (type != DT_DIR)
		kind = w->ops->file(w, l, name, e);
	else if (w->ops->directory != NULL)
		kind = w->ops->directory(w, l, name);
	if (kind > 0)
		strings_add(&l->dirs, name);
	return kind < 0 ? -1 : 0;
}

static int
visit_sorted(struct walk *w, struct walk_level *l, struct strings *names,
    struct error *e)
{
	int result = 0;

	strings_sort(names);
	/* the type is looked up anew, as when readdir(3) does not tell */
	for (size_t i = 0; result == 0 && i < names->count; i++)
		result = visit(w, l, names->items[i], DT_UNKNOWN, e);
	return result;
}

static int
scan(struct walk *w, struct walk_level *l, struct error *e)
{
	AUTO_CLOSE int fd = openat(l->fd, ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_DIR DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct dirent *d;

	if (dir == NULL)
		return walk_failed(w, l, NULL, e);
	steal_fd(&fd);
	strings_fini(&l->dirs);
	l->next = 0;
	for (;;) {
		errno = 0;
		if ((d = readdir(dir)) == NULL)
			break;
		if (w->ops->sorted)
			strings_add(&names, d->d_name);
		else if (visit(w, l, d->d_name, d->d_type, e) < 0)
			return -1;
	}
	if (errno != 0)
		return walk_failed(w, l, NULL, e);
	return visit_sorted(w, l, &names, e);
}

/* The directory fd becomes the lowest level; fd and to are taken over. */
static int
push(struct walk *w, int fd, int to, const char *name, struct error *e)
{
	struct walk_level *l, *above;

	VEC_PUSH(w, (struct walk_level) { .fd = fd, .to = to, .name = name,
	    .dirs = VEC_INIT });
	l = &w->items[w->count - 1];
	above = w->count > 1 ? l - 1 : NULL;
	if (fstat(l->fd, &l->st) < 0)
		return walk_failed(w, l, NULL, e);
	if (w->ops->enter != NULL && w->ops->enter(w, above, l, e) < 0)
		return -1;
	if (l->to >= 0 && fstat(l->to, &l->to_st) < 0)
		return walk_failed(w, l, NULL, e);
	if (w->count > WINDOW) {
		close_fd(&w->items[w->count - 1 - WINDOW].fd);
		close_fd(&w->items[w->count - 1 - WINDOW].to);
	}
	return scan(w, l, e);
}

static int
descend(struct walk *w, struct walk_level *l, const char *name,
    struct error *e)
{
	int fd = walk_open(l->fd, name, O_DIRECTORY);

	if (fd < 0 && (errno == EACCES || errno == EPERM) &&
	    w->ops->denied != NULL) {
		w->ops->denied(l->fd, name);
		fd = walk_open(l->fd, name, O_DIRECTORY);
	}
	if (fd >= 0)
		return push(w, fd, -1, name, e);
	if (errno == ENOENT)
		return 0;
	if (errno == EXDEV)
		return w->ops->mount(w, l, name, e);
	/* It was a directory a moment ago; whatever it is now, once more. */
	if (errno == ENOTDIR || errno == ELOOP) {
		int kind;

		w->type = DT_UNKNOWN;
		kind = w->ops->file(w, l, name, e);
		if (kind <= 0)
			return kind;
		errno = EBUSY;
	}
	return walk_failed(w, l, name, e);
}

/* The lowest level is done: back to the one above, or read it once more. */
static int
ascend(struct walk *w, struct error *e)
{
	struct walk_level *l = &w->items[w->count - 1];
	struct walk_level *above = w->count > 1 ? l - 1 : NULL;
	int again;

	if (above != NULL && unpark(w, above, l, e) < 0)
		return -1;
	again = w->ops->leave(w, above, l, e);
	if (again < 0)
		return -1;
	if (again > 0) {
		l->passes++;
		return scan(w, l, e);
	}
	level_fini(l);
	w->count--;
	return 0;
}

int
walk_run(struct walk *w, int fd, int to, const char *name, struct error *e)
{
	int result = push(w, fd, to, name, e);

	while (result == 0 && w->count > 0) {
		struct walk_level *l = &w->items[w->count - 1];

		if (l->next < l->dirs.count)
			result = descend(w, l, l->dirs.items[l->next++], e);
		else
			result = ascend(w, e);
	}
	for (size_t i = 0; i < w->count; i++)
		level_fini(&w->items[i]);
	VEC_FINI(w);
	return result;
}

static size_t
slot_of(const struct walk_links *l, dev_t dev, ino_t ino)
{
	uint64_t h = ((uint64_t)ino ^ (uint64_t)dev << 40) *
	    UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(h >> 20) & (l->cap - 1);

	while (l->used[i] &&
	    (l->slots[i].ino != ino || l->slots[i].dev != dev))
		i = (i + 1) & (l->cap - 1);
	return i;
}

static void
links_grow(struct walk_links *l)
{
	struct walk_links old = *l;

	l->cap = old.cap ? old.cap * 2 : 256;
	l->slots = xcalloc(l->cap, sizeof(*l->slots));
	l->used = xcalloc(l->cap, sizeof(*l->used));
	for (size_t i = 0; i < old.cap; i++)
		if (old.used[i]) {
			size_t to = slot_of(l, old.slots[i].dev,
			    old.slots[i].ino);

			l->slots[to] = old.slots[i];
			l->used[to] = true;
		}
	free(old.slots);
	free(old.used);
}

struct walk_link *
walk_links_find(struct walk_links *l, const struct stat *st, bool *made)
{
	size_t i;

	if (l->count * 2 >= l->cap)
		links_grow(l);
	i = slot_of(l, st->st_dev, st->st_ino);
	*made = !l->used[i];
	if (*made) {
		l->used[i] = true;
		l->slots[i] = (struct walk_link) { st->st_dev, st->st_ino,
		    NULL };
		l->count++;
	}
	return &l->slots[i];
}

void
walk_links_fini(struct walk_links *l)
{
	for (size_t i = 0; i < l->cap; i++)
		if (l->used[i])
			free(l->slots[i].path);
	free(l->slots);
	free(l->used);
	*l = (struct walk_links) { NULL, 0, 0, NULL };
}
