/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * ZFS by zfs(8): each call is one run of it, which mounts and unmounts by
 * itself.  Output for machines (-H, -p), by an argument vector.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "engine/posix/zfs.h"

/* words, NULL-terminated. */
static int
run(const struct zfs_zone *z, const char *const *words, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;

	for (; *words != NULL; words++)
		strings_add(&argv, *words);
	return zfs_program(z, &argv, NULL, e);
}

bool
zfs_here(void)
{
	/* the module's device, or the daemon's socket */
	return access("/dev/zfs", F_OK) == 0 ||
	    access("/var/run/zfs/zfs_socket", F_OK) == 0;
}

/* Only snapshots, or only what is none. */
static bool
wanted(const char *line, enum zfs_scope scope)
{
	size_t len = strcspn(line, "\t");
	bool snapshot = memchr(line, '@', len) != NULL;

	return scope == ZFS_ONE || snapshot == (scope == ZFS_SNAPSHOTS);
}

/* "list", as "get" would go through all snapshots too. */
static int
get_below(const struct zfs_zone *z, const char *dataset,
    const char *const *properties, struct zfs_values *out, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_FREE char *names = zfs_join(properties);
	AUTO_FREE char *columns = xasprintf("name,%s", names);
	const char *const words[] = { "list", "-H", "-r", "-t", "filesystem",
		"-o", columns, dataset };
	char *line, *rest;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		strings_add(&argv, words[i]);
	if (zfs_program(z, &argv, &text, e) < 0)
		return -1;
	rest = text.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		const char *name = zfs_field(&line);

		for (size_t i = 0; line != NULL && properties[i] != NULL; i++)
			VEC_PUSH(out, (struct zfs_value){ xstrdup(name),
			    xstrdup(properties[i]),
			    xstrdup(zfs_field(&line)), false });
	}
	return 0;
}

int
zfs_get(const struct zfs_zone *z, const char *dataset, enum zfs_scope scope,
    const char *const *properties, struct zfs_values *out, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_FREE char *names = zfs_join(properties);
	const char *const words[] = { "get", "-Hp", "-o",
		"name,property,source,value", names, dataset };
	char *line, *rest;

	if (scope == ZFS_BELOW)
		return get_below(z, dataset, properties, out, e);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (i == 2 && scope == ZFS_SNAPSHOTS) {
			strings_add(&argv, "-r");
			strings_add(&argv, "-d");
			strings_add(&argv, "1");
		}
		strings_add(&argv, words[i]);
	}
	if (zfs_program(z, &argv, &text, e) < 0)
		return -1;
	rest = text.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0' && wanted(line, scope))
			zfs_parse(line, out);
	return 0;
}

int
zfs_create(const struct zfs_zone *z, const char *dataset, const char *path,
    const struct strings *options, struct error *e)
{
	return zfs_program_create(z, "create", NULL, dataset, options, e);
}

int
zfs_clone(const struct zfs_zone *z, const char *snapshot, const char *dataset,
    const char *path, const struct strings *options, struct error *e)
{
	return zfs_program_create(z, "clone", snapshot, dataset, options, e);
}

int
zfs_snapshot(const struct zfs_zone *z, const char *snapshot,
    const struct strings *options, struct error *e)
{
	return zfs_program_create(z, "snapshot", snapshot, NULL, options, e);
}

int
zfs_destroy(const struct zfs_zone *z, const char *dataset, const char *path,
    struct error *e)
{
	const char *const words[] = { "destroy", dataset, NULL };

	return run(z, words, e);
}

static int
destroy_one(const struct zfs_zone *z, const char *name, bool defer,
    struct error *e)
{
	const char *const words[] = { "destroy", defer ? "-d" : name,
		defer ? name : NULL, NULL };

	if (run(z, words, e) == 0)
		return 0;
	if (e->kind != ERROR_NOT_FOUND)
		return -1;
	error_clear(e);
	return 0;
}

/* "tank/a@s1,s2,s3", which zfs-fuse does not know. */
static int
destroy_many(const struct zfs_zone *z, const struct strings *names,
    size_t first, size_t end, bool defer, struct error *e)
{
	AUTO_BUF struct buf all = BUF_INIT;

	for (size_t i = first; i < end; i++)
		buf_printf(&all, "%s%s", i > first ? "," : "", i > first ?
		    strchr(names->items[i], '@') + 1 : names->items[i]);
	return destroy_one(z, buf_text(&all), defer, e);
}

int
zfs_destroy_snapshots(const struct zfs_zone *z, const struct strings *names,
    bool defer, struct error *e)
{
	enum { AT_ONCE = 200 };

	for (size_t i = 0; i < names->count;) {
		size_t end = i + AT_ONCE < names->count ? i + AT_ONCE :
		    names->count;

		if (end - i > 1 && destroy_many(z, names, i, end, defer,
		    e) == 0 && !zfs_exists(z, names->items[end - 1])) {
			i = end;
			continue;
		}
		error_clear(e);
		for (; i < end; i++)
			if (destroy_one(z, names->items[i], defer, e) < 0)
				return -1;
	}
	return 0;
}

int
zfs_promote(const struct zfs_zone *z, const char *dataset, struct error *e)
{
	const char *const words[] = { "promote", dataset, NULL };

	return run(z, words, e);
}

static int
unmount_tree(const struct zfs_zone *z, const char *dataset, const char *path,
    struct error *e)
{
	AUTO_FREE char *files = xasprintf("%s/root", dataset);
	AUTO_FREE char *at = xasprintf("%s/root", path);
	const char *const inner[] = { "unmount", files, NULL };
	const char *const outer[] = { "unmount", dataset, NULL };

	if (zfs_is_mounted(at) && run(z, inner, e) < 0)
		return -1;
	return zfs_is_mounted(path) ? run(z, outer, e) : 0;
}

int
zfs_rename(const struct zfs_zone *z, const char *from, const char *to,
    const char *from_path, const char *to_path, struct error *e)
{
	const char *const words[] = { "rename", from, to, NULL };
	AUTO_STRINGS struct strings argv = VEC_INIT;

	for (size_t i = 0; words[i] != NULL; i++)
		strings_add(&argv, words[i]);
	if (zfs_program_once(z, &argv, NULL, e) == 0)
		return 0;
	/*
	 * zfs-fuse unmounts the clones of a snapshot that is renamed; one that
	 * is in use is mounted again at its next start.
	 */
	if (from_path == NULL && !zfs_exists(z, from) && zfs_exists(z, to)) {
		error_clear(e);
		return 0;
	}
	if (e->kind != ERROR_BUSY || from_path == NULL)
		return -1;
	/*
	 * zfs-fuse lets go of what is unmounted a moment later, and rename has
	 * mounted it again by then.
	 */
	error_clear(e);
	if (unmount_tree(z, from, from_path, e) < 0)
		return -1;
	return zfs_program(z, &argv, NULL, e);
}

int
zfs_rollback(const struct zfs_zone *z, const char *snapshot, struct error *e)
{
	const char *const words[] = { "rollback", snapshot, NULL };

	return run(z, words, e);
}

int
zfs_hold(const struct zfs_zone *z, const char *snapshot, bool hold,
    struct error *e)
{
	const char *const words[] = { hold ? "hold" : "release", "gaol",
		snapshot, NULL };

	return run(z, words, e);
}

int
zfs_mount(const struct zfs_zone *z, const char *dataset, const char *path,
    struct error *e)
{
	const char *const words[] = { "mount", dataset, NULL };

	if (run(z, words, e) == 0)
		return 0;
	if (strstr(e->msg, "already mounted") == NULL)
		return -1;
	error_clear(e);
	return 0;
}
