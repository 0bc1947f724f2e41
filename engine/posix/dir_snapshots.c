/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Snapshots of plain directories: copies, by reflink where the file system
 * can.
 *
 *	jails/NAME/root
 *	jails/NAME/snapshots/SNAP/{root,info,used}
 *
 * info is a symbolic link with the text "1 CREATED ORDER HELD NOTE".  A copy
 * begins as .new.SNAP, goes as .trash.SNAP, and what replaces root begins as
 * .root.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "engine/posix/posix.h"

struct info {
	int64_t created;
	uint64_t order;
	int held;
	char text[4096];
	const char *note;	/* in text */
};

static int
read_info(int dir, const char *name, struct info *i)
{
	AUTO_FREE char *file = xasprintf("snapshots/%s/info", name);
	ssize_t n = readlinkat(dir, file, i->text, sizeof(i->text) - 1);
	int at = 0;

	if (n < 0)
		return -1;
	i->text[n] = '\0';
	if (sscanf(i->text, "1 %" SCNd64 " %" SCNu64 " %d %n", &i->created,
	    &i->order, &i->held, &at) < 3 || at == 0) {
		errno = EINVAL;
		return -1;
	}
	i->note = i->text + at;
	return 0;
}

static int
find_info(const struct store_cell *c, const char *name, struct info *i,
    struct error *e)
{
	if (read_info(c->dir, name, i) == 0)
		return 0;
	if (errno != ENOENT)
		return error_set(e, ERROR_DATA, "%s/snapshots/%s is damaged",
		    c->path, name);
	return error_set(e, ERROR_NOT_FOUND, "jail '%s' has no snapshot '%s'; "
	    "'gaol snapshots %s' lists them", c->name, name, c->name);
}

static int
write_info(const struct store_cell *c, const char *name,
    const struct info *i, const char *note, struct error *e)
{
	AUTO_FREE char *file = xasprintf("snapshots/%s/info", name);
	AUTO_FREE char *fresh = xasprintf("snapshots/%s/.info", name);
	AUTO_FREE char *text = xasprintf("1 %" PRId64 " %" PRIu64 " %d %s",
	    i->created, i->order, i->held, note);

	if (unlinkat(c->dir, fresh, 0) < 0 && errno != ENOENT)
		return error_sys(e, "%s", fresh);
	if (symlinkat(text, c->dir, fresh) < 0 ||
	    renameat(c->dir, fresh, c->dir, file) < 0)
		return error_sys(e, "write snapshot '%s'", name);
	return 0;
}

static int
copy_root(const struct store_cell *c, const char *from, const char *to,
    const struct store_live *live, struct error *e)
{
	AUTO_CLOSE int in = file_opendir(c->dir, from, e);

	if (in < 0)
		return -1;
	if (mkdirat(c->dir, to, 0700) < 0)
		return error_sys(e, "make %s/%s", c->path, to);
	AUTO_CLOSE int out = file_opendir(c->dir, to, e);
	if (out < 0 || path_copy_tree(in, out, e) < 0)
		return -1;
	if (live != NULL)
		live->settled(live->arg);
	return store_sync(out, e);
}

static int
make_snapshot(const struct store_cell *c, const struct snapshot *s,
    const struct store_live *live, const char *fresh, struct error *e)
{
	AUTO_FREE char *dir = xasprintf("snapshots/%s", fresh);
	AUTO_FREE char *root = xasprintf("%s/root", dir);
	AUTO_FREE char *file = xasprintf("snapshots/%s", s->name);
	struct info i = { .created = s->created, .held = s->held };
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	i.order = s->order != 0 ? s->order :
	    (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	if (mkdirat(c->dir, "snapshots", 0700) < 0 && errno != EEXIST)
		return error_sys(e, "make %s/snapshots", c->path);
	if (path_remove_tree(c->dir, dir, e) < 0)
		return -1;
	if (mkdirat(c->dir, dir, 0700) < 0)
		return error_sys(e, "make %s/%s", c->path, dir);
	if (copy_root(c, "root", root, live, e) < 0 ||
	    write_info(c, fresh, &i, s->note, e) < 0 ||
	    file_sync_dir(c->dir, dir, e) < 0)
		return -1;
	if (renameat(c->dir, dir, c->dir, file) < 0)
		return error_sys(e, "write snapshot '%s'", s->name);
	return file_sync_dir(c->dir, "snapshots", e);
}

int
dir_snapshot(const struct store_cell *c, const struct snapshot *s,
    const struct store_live *live, struct error *e)
{
	AUTO_FREE char *file = xasprintf("snapshots/%s", s->name);
	AUTO_FREE char *fresh = xasprintf(".new.%s", s->name);
	AUTO_FREE char *half = xasprintf("snapshots/%s", fresh);
	struct error second = ERROR_INIT;

	if (file_exists(c->dir, file))
		return error_set(e, ERROR_EXISTS,
		    "jail '%s' has a snapshot '%s' already", c->name, s->name);
	if (make_snapshot(c, s, live, fresh, e) == 0)
		return 0;
	/* recover() does it again */
	if (path_remove_tree(c->dir, half, &second) < 0)
		error_clear(&second);
	return -1;
}

/* The names in snapshots/, half made and half destroyed ones too. */
static int
entries(const struct store_cell *c, struct strings *names, struct error *e)
{
	AUTO_CLOSE int fd = openat(c->dir, "snapshots",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const struct dirent *d;

	if (fd < 0)
		return errno == ENOENT ? 0 :
		    error_sys(e, "%s/snapshots", c->path);
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "%s/snapshots", c->path);
	steal_fd(&fd);
	while ((d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			strings_add(names, d->d_name);
	return 0;
}

static int
size_of(const struct store_cell *c, const char *name, uint64_t *bytes,
    struct error *e)
{
	AUTO_FREE char *cache = xasprintf("snapshots/%s/used", name);
	AUTO_FREE char *root = xasprintf("snapshots/%s/root", name);
	char text[32];
	ssize_t n = readlinkat(c->dir, cache, text, sizeof(text) - 1);

	if (n > 0) {
		text[n] = '\0';
		*bytes = strtoull(text, NULL, 10);
		return 0;
	}
	if (path_usage(c->dir, root, bytes, e) < 0)
		return -1;
	snprintf(text, sizeof(text), "%" PRIu64, *bytes);
	/* only a cache */
	if (symlinkat(text, c->dir, cache) < 0)
		return 0;
	return 0;
}

static int
compare_order(const void *a, const void *b)
{
	const struct snapshot *x = a, *y = b;

	if (x->created != y->created)
		return x->created < y->created ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->name, y->name);
}

int
dir_snapshots(const struct store_cell *c, bool sizes, struct snapshots *list,
    struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	size_t first = list->count;

	if (entries(c, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		struct snapshot row = { .clones = -1 };
		struct info info;

		if (*names.items[i] == '.')
			continue;
		if (find_info(c, names.items[i], &info, e) < 0)
			return -1;
		if (sizes && size_of(c, names.items[i], &row.used, e) < 0)
			return -1;
		row.referenced = row.used;
		row.name = xstrdup(names.items[i]);
		row.note = xstrdup(info.note);
		row.created = info.created;
		row.order = info.order;
		row.held = info.held != 0;
		VEC_PUSH(list, row);
	}
	if (list->count - first > 1)
		qsort(list->items + first, list->count - first,
		    sizeof(struct snapshot), compare_order);
	return 0;
}

int
dir_snapshot_destroy(const struct store_cell *c, const struct strings *names,
    struct error *e)
{
	for (size_t i = 0; i < names->count; i++) {
		struct info info;

		if (find_info(c, names->items[i], &info, e) < 0)
			return -1;
		if (info.held)
			return error_set(e, ERROR_BUSY, "snapshot '%s' of '%s' "
			    "is held; 'gaol snapshot --release %s %s' first",
			    names->items[i], c->name, c->name,
			    names->items[i]);
	}
	for (size_t i = 0; i < names->count; i++) {
		AUTO_FREE char *file = xasprintf("snapshots/%s",
		    names->items[i]);
		AUTO_FREE char *trash = xasprintf("snapshots/.trash.%s",
		    names->items[i]);

		if (renameat(c->dir, file, c->dir, trash) < 0)
			return error_sys(e, "destroy snapshot '%s'",
			    names->items[i]);
		if (path_remove_tree(c->dir, trash, e) < 0)
			return -1;
	}
	return 0;
}

int
dir_snapshot_hold(const struct store_cell *c, const char *name, bool hold,
    struct error *e)
{
	struct info i;

	if (find_info(c, name, &i, e) < 0)
		return -1;
	i.held = hold;
	return write_info(c, name, &i, i.note, e);
}

int
dir_rollback(const struct store_cell *c, const char *name, struct error *e)
{
	AUTO_FREE char *from = xasprintf("snapshots/%s/root", name);
	struct error second = ERROR_INIT;
	struct info i;

	if (find_info(c, name, &i, e) < 0 ||
	    path_remove_tree(c->dir, ".root", e) < 0)
		return -1;
	if (copy_root(c, from, ".root", NULL, e) < 0) {
		if (path_remove_tree(c->dir, ".root", &second) < 0)
			error_clear(&second);
		return -1;
	}
	if (file_exchange(c->dir, "root", ".root") < 0)
		return error_sys(e, "roll back '%s'", c->name);
	if (file_sync_dir(c->dir, ".", e) < 0)
		return -1;
	return path_remove_tree(c->dir, ".root", e);
}

int
dir_recover(const struct store_cell *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (path_remove_tree(c->dir, ".root", e) < 0 ||
	    entries(c, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_FREE char *file = xasprintf("snapshots/%s",
		    names.items[i]);

		if (*names.items[i] == '.' &&
		    path_remove_tree(c->dir, file, e) < 0)
			return -1;
	}
	return 0;
}

int
dir_open(const struct store_cell *c, const char *snapshot, struct error *e)
{
	AUTO_FREE char *root = snapshot == NULL ? xstrdup("root") :
	    xasprintf("snapshots/%s/root", snapshot);
	struct info i;

	if (snapshot != NULL && find_info(c, snapshot, &i, e) < 0)
		return -1;
	return file_opendir(c->dir, root, e);
}

int
dir_usage(const struct store_cell *c, struct store_usage *usage,
    struct error *e)
{
	struct statvfs fs;

	usage->snapshots = 0;
	if (path_usage(c->dir, "root", &usage->live, e) < 0 ||
	    (file_exists(c->dir, "snapshots") &&
	    path_usage(c->dir, "snapshots", &usage->snapshots, e) < 0))
		return -1;
	if (fstatvfs(c->dir, &fs) < 0)
		return error_sys(e, "%s", c->path);
	usage->limit = UINT64_MAX;
	usage->available = (uint64_t)fs.f_bavail * fs.f_frsize;
	return 0;
}

int
dir_take_snapshots(const struct store_cell *c, const struct store_cell *from,
    struct error *e)
{
	if (renameat(from->dir, "snapshots", c->dir, "snapshots") < 0 &&
	    errno != ENOENT)
		return error_sys(e, "%s/snapshots", from->path);
	return file_sync_dir(c->dir, ".", e);
}
