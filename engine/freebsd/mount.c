/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The mounts of a jail: each recorded before it is made, undone by its id. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "engine/freebsd/freebsd.h"
#include "engine/freebsd/kern_mount.h"
#include "engine/freebsd/kern_process.h"

enum {
	BUSY_TRIES = 60,
	BUSY_WAIT_MS = 50,
};

struct request {
	const char *key;
	int root;		/* the jail's root directory */
	const char *type, *from, *target, *options;
};

/* fstab(5) words for mount(8) itself. */
static bool
is_no_option(const char *word)
{
	static const char *const words[] = { "late", "auto", "noauto", "" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* "ro,nosuid,size=64M"; the text is cut into words. */
static size_t
split_options(char *text, struct kern_option *options, size_t max)
{
	size_t n = 0;
	char *word;

	while (n < max && (word = strsep(&text, ",")) != NULL) {
		char *equals = strchr(word, '=');

		if (is_no_option(word))
			continue;
		if (equals != NULL)
			*equals++ = '\0';
		options[n++] = (struct kern_option){ word, equals };
	}
	return n;
}

/*
 * The directory to mount on, below the root whatever the links in it say; for
 * a file, its directory.  Missing ones are made.
 */
static int
open_target(const struct request *r, bool file, char *name, size_t size,
    struct error *e)
{
	AUTO_FREE char *copy = xstrdup(r->target);
	char *slash;

	if (!file)
		return path_mkdirs(r->root, copy, 0755, e);
	slash = strrchr(copy, '/');
	snprintf(name, size, "%s", slash != NULL ? slash + 1 : copy);
	if (slash != NULL)
		*slash = '\0';
	else
		*copy = '\0';
	return path_mkdirs(r->root, *copy != '\0' ? copy : "/", 0755, e);
}

/* A mount point for a file: one that is there, or an empty one; no link. */
static int
make_file_target(int dir, const char *name, struct error *e)
{
	AUTO_CLOSE int fd = openat(dir, name,
	    O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);

	return fd < 0 ? error_sys(e, "mount on %s", name) : 0;
}

static bool
is_file(const struct request *r)
{
	struct stat st;

	return strcmp(r->type, "nullfs") == 0 && stat(r->from, &st) == 0 &&
	    !S_ISDIR(st.st_mode);
}

static int
record_id(const struct request *r, uint64_t id, struct error *e)
{
	char line[32];

	snprintf(line, sizeof(line), "id %016" PRIx64, id);
	return log_add(r->key, line, e);
}

static int
mount_at(const struct request *r, int dir, const char *file, const char *path,
    struct error *e)
{
	enum { OPTIONS_MAX = 40 };
	AUTO_FREE char *words = xstrdup(r->options);
	AUTO_FREE char *line = xasprintf("mount %s %s", r->type, path);
	struct kern_option options[OPTIONS_MAX];
	size_t n = 0;
	uint64_t id;

	if (strchr(path, '\n') != NULL)
		return error_set(e, ERROR_FAILED,
		    "a mount point's name has more than one line");
	options[n++] = (struct kern_option){ "fstype", r->type };
	options[n++] = (struct kern_option){ "from", r->from };
	n += split_options(words, options + n, OPTIONS_MAX - n);
	if (log_add(r->key, line, e) < 0 ||
	    kern_mount(dir, file, path, options, n, &id, e) < 0)
		return -1;
	return record_id(r, id, e);
}

static int
mount_one(const struct request *r, struct error *e)
{
	char path[1024], name[256] = "";
	bool file = is_file(r);
	AUTO_CLOSE int dir = open_target(r, file, name, sizeof(name), e);
	size_t len;

	if (dir < 0)
		return error_wrap(e, "mount on %s", r->target);
	if ((file && make_file_target(dir, name, e) < 0) ||
	    kern_path(dir, path, sizeof(path), e) < 0)
		return -1;
	len = strlen(path);
	if (file)
		snprintf(path + len, sizeof(path) - len, "%s%s",
		    len > 0 && path[len - 1] == '/' ? "" : "/", name);
	return mount_at(r, dir, file ? name : NULL, path, e);
}

static int
mount_base(struct request r, const struct tree *tree, struct error *e)
{
	if (tree->kind != TREE_BASE)
		return 0;
	r.type = "nullfs";
	r.from = tree->lower.items[0];
	r.target = "/" TREE_BASE_DIR;
	r.options = "ro";
	return mount_one(&r, e);
}

static int
mount_devfs(struct request r, const struct engine_spec *spec, struct error *e)
{
	char options[32];
	int ruleset;

	if (!spec->mount_devfs)
		return 0;
	if (devfs_ruleset(spec, &ruleset, e) < 0)
		return -1;
	snprintf(options, sizeof(options), "ruleset=%d", ruleset);
	r.type = r.from = "devfs";
	r.target = "/dev";
	r.options = options;
	return mount_one(&r, e);
}

static int
mount_plain(struct request r, bool wanted, const char *type,
    const char *target, struct error *e)
{
	if (!wanted)
		return 0;
	r.type = r.from = type;
	r.target = target;
	r.options = "";
	return mount_one(&r, e);
}

static int
mount_listed(struct request r, const struct engine_spec *spec, size_t from,
    struct error *e)
{
	for (size_t i = from; i < spec->mount_count; i++) {
		const struct engine_mount *m = &spec->mounts[i];

		r.type = m->type;
		r.from = m->source;
		r.target = m->target;
		r.options = m->options;
		if (mount_one(&r, e) < 0)
			return -1;
	}
	return 0;
}

/* In jail(8)'s order. */
static int
mount_all(struct request r, const struct engine_spec *spec, struct error *e)
{
	if (mount_base(r, spec->tree, e) < 0 ||
	    mount_listed(r, spec, 0, e) < 0)
		return -1;
	if (mount_devfs(r, spec, e) < 0 ||
	    mount_plain(r, spec->mount_fdescfs, "fdescfs", "/dev/fd", e) < 0)
		return -1;
	return mount_plain(r, spec->mount_procfs, "procfs", "/proc", e);
}

int
freebsd_mount(const struct engine_spec *spec, struct error *e)
{
	struct request r = { .key = spec->key };
	AUTO_CLOSE int root = file_opendir(AT_FDCWD, spec->tree->upper, e);

	if (root < 0 || log_begin(spec->key, spec->tree->upper, e) < 0)
		return -1;
	r.root = root;
	return mount_all(r, spec, e);
}

int
freebsd_mount_more(const struct engine_spec *spec, size_t from,
    struct error *e)
{
	struct request r = { .key = spec->key };
	AUTO_CLOSE int root = file_opendir(AT_FDCWD, spec->tree->upper, e);

	if (root < 0)
		return -1;
	r.root = root;
	return mount_listed(r, spec, from, e);
}

/* A mount of which only the intention was written down. */
static uint64_t
find_unrecorded(const struct log *l, const struct log_mount *m,
    const struct kern_mounts *all)
{
	for (size_t i = all->count; i-- > 0;) {
		const struct kern_mount *k = &all->items[i];
		bool other = false;

		for (size_t n = 0; n < l->mounts.count; n++)
			other |= l->mounts.items[n].id == k->id;
		if (!other && strcmp(k->on, m->on) == 0 &&
		    strcmp(k->type, m->type) == 0)
			return k->id;
	}
	return 0;
}

/* What the last process had open is let go a moment after its end. */
static int
unmount_patiently(uint64_t id, const char *on, struct error *e)
{
	for (int i = 0;; i++) {
		if (kern_unmount(id, false, e) == 0)
			return 0;
		if (e->kind != ERROR_BUSY || i >= BUSY_TRIES)
			break;
		error_clear(e);
		kern_sleep(BUSY_WAIT_MS);
	}
	if (e->kind == ERROR_BUSY)
		error_set(e, ERROR_BUSY, "%s is in use; 'fstat -f %s' tells by "
		    "whom, 'umount -f %s' takes it away", on, on, on);
	return -1;
}

int
freebsd_unmount(const char *key, struct error *e)
{
	AUTO_LOG struct log l = LOG_INIT;
	struct kern_mounts all = VEC_INIT;
	int result;

	if (log_read(key, &l, e) < 0)
		return -1;
	if (l.root == NULL)
		return log_remove(key, e);
	result = 0;
	for (size_t i = l.mounts.count; i-- > 0 && result == 0;) {
		const struct log_mount *m = &l.mounts.items[i];
		uint64_t id = m->id;

		if (id == 0 && all.count == 0)
			result = kern_mount_all(&all, e);
		if (id == 0 && result == 0)
			id = find_unrecorded(&l, m, &all);
		if (result == 0 && id != 0)
			result = unmount_patiently(id, m->on, e);
	}
	VEC_FINI(&all);
	if (result < 0 || devfs_release(key, e) < 0)
		return -1;
	return log_remove(key, e);
}
