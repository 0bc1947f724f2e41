/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * ZFS by libzfs_core, and nmount(2) for what zfs(8) mounts by itself.  The
 * library does not list: that is a channel program (zfs-program(8)), which
 * answers all of it in one call.  It does not know the types of properties
 * either: zfs(8) sets those that are not user properties.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/auto.h"
#include "engine/freebsd/lzc.h"
#include "engine/posix/zfs.h"

#define INSTRUCTIONS 100000000	/* the most that it takes */
#define MEMORY (100 << 20)

static void
free_list(nvlist_t **list)
{
	nvlist_free(*list);
}
#define AUTO_LIST __attribute__((cleanup(free_list)))

static nvlist_t *
new_list(void)
{
	nvlist_t *list = NULL;

	if (nvlist_alloc(&list, LZC_UNIQUE_NAMES, 0) != 0)
		abort();
	return list;
}

/* Of an errno that libzfs_core returned. */
static int
failed(int why, const char *what, const char *name, struct error *e)
{
	if (why == ENOENT || why == ESRCH)
		return error_set(e, ERROR_NOT_FOUND, "%s %s: it does not "
		    "exist", what, name);
	errno = why;
	return error_sys(e, "%s %s", what, name);
}

static int
begin(struct error *e)
{
	/* again and again is fine: it counts */
	int why = libzfs_core_init();

	return why == 0 ? 0 : failed(why, "ask", "ZFS", e);
}

bool
zfs_here(void)
{
	return access("/dev/zfs", F_OK) == 0;
}

/* One line for each property of each dataset: name, property, "local" or "-",
 * value; snapshots as they were made. */
static const char list_program[] =
    "args = ...\n"
    "out = {}\n"
    "function row(name)\n"
    "  for i, p in ipairs(args['properties']) do\n"
    "    local v, s = zfs.get_prop(name, p)\n"
    "    if v == nil then v = '-' end\n"
    "    if s == name or s == '$recvd' then s = 'local' else s = '-' end\n"
    "    out[#out + 1] = name .. '\\t' .. p .. '\\t' .. s .. '\\t' ..\n"
    "        tostring(v)\n"
    "  end\n"
    "end\n"
    "function below(name)\n"
    "  row(name)\n"
    "  for child in zfs.list.children(name) do\n"
    "    if zfs.get_prop(child, 'type') == 'filesystem' then\n"
    "      below(child)\n"
    "    end\n"
    "  end\n"
    "end\n"
    "name = args['dataset']\n"
    "if not zfs.exists(name) then return 'missing' end\n"
    "if args['scope'] == 'one' then row(name)\n"
    "elseif args['scope'] == 'below' then below(name)\n"
    "else\n"
    "  local names, txg = {}, {}\n"
    "  for s in zfs.list.snapshots(name) do\n"
    "    names[#names + 1] = s\n"
    "    txg[s] = zfs.get_prop(s, 'createtxg')\n"
    "  end\n"
    "  table.sort(names, function(a, b) return txg[a] < txg[b] end)\n"
    "  for i, s in ipairs(names) do row(s) end\n"
    "end\n"
    "return table.concat(out, '\\n')\n";

static unsigned
count_words(const char *const *words)
{
	unsigned n = 0;

	while (words[n] != NULL)
		n++;
	return n;
}

int
zfs_get(const struct zfs_zone *z, const char *dataset, enum zfs_scope scope,
    const char *const *properties, struct zfs_values *out, struct error *e)
{
	static const char *const scopes[] = { "one", "below", "snapshots" };
	AUTO_FREE char *pool = xstrndup(dataset, strcspn(dataset, "/@"));
	AUTO_LIST nvlist_t *arguments = NULL, *result = NULL;
	AUTO_FREE char *text = NULL;
	const char *answer = NULL;
	int why;

	/* of all properties the program knows */
	if (strcmp(properties[0], "all") == 0)
		return zfs_program_get(z, dataset, properties, out, e);
	if (begin(e) < 0)
		return -1;
	arguments = new_list();
	nvlist_add_string(arguments, "dataset", dataset);
	nvlist_add_string(arguments, "scope", scopes[scope]);
	nvlist_add_string_array(arguments, "properties", properties,
	    count_words(properties));
	why = lzc_channel_program_nosync(pool, list_program, INSTRUCTIONS,
	    MEMORY, arguments, &result);
	if (why != 0) {
		const char *said = NULL;

		if (result != NULL && nvlist_lookup_string(result, "error",
		    &said) == 0)
			return error_set(e, ERROR_FAILED, "list %s: %.300s",
			    dataset, said);
		return failed(why, "list", dataset, e);
	}
	if (nvlist_lookup_string(result, "return", &answer) != 0)
		return error_set(e, ERROR_FAILED, "list %s: no answer",
		    dataset);
	if (strcmp(answer, "missing") == 0)
		return failed(ENOENT, "dataset", dataset, e);
	text = xstrdup(answer);
	zfs_parse(text, out);
	return 0;
}

/* "gaol:cell=root" are user properties; false when there are others. */
static bool
user_properties(const struct strings *options, nvlist_t *list)
{
	for (size_t i = 0; options != NULL && i < options->count; i++) {
		const char *text = options->items[i];
		size_t len = strcspn(text, "=");
		AUTO_FREE char *name = xstrndup(text, len);

		if (strchr(name, ':') == NULL || text[len] != '=')
			return false;
		nvlist_add_string(list, name, text + len + 1);
	}
	return true;
}

static int
mount_at(const char *dataset, const char *path, struct error *e)
{
	const char *const words[] = { "fstype", "zfs", "fspath", path, "from",
		dataset };
	struct iovec iov[6];

	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return error_sys(e, "%s", path);
	for (size_t i = 0; i < 6; i++)
		iov[i] = (struct iovec){ (void *)(uintptr_t)words[i],
			strlen(words[i]) + 1 };
	if (nmount(iov, 6, 0) < 0)
		return error_sys(e, "mount %s at %s", dataset, path);
	return 0;
}

int
zfs_mount(const struct zfs_zone *z, const char *dataset, const char *path,
    struct error *e)
{
	return zfs_is_mounted(path) ? 0 : mount_at(dataset, path, e);
}

static int
unmount_at(const char *path, struct error *e)
{
	if (path == NULL || !zfs_is_mounted(path))
		return 0;
	return unmount(path, 0) < 0 ? error_sys(e, "unmount %s", path) : 0;
}

int
zfs_create(const struct zfs_zone *z, const char *dataset, const char *path,
    const struct strings *options, struct error *e)
{
	AUTO_LIST nvlist_t *props = new_list();
	int why;

	if (!user_properties(options, props))
		return zfs_program_create(z, "create", NULL, dataset, options,
		    e);
	if (begin(e) < 0)
		return -1;
	why = lzc_create(dataset, LZC_TYPE_ZFS, props, NULL, 0);
	if (why != 0)
		return failed(why, "create", dataset, e);
	return path != NULL ? mount_at(dataset, path, e) : 0;
}

int
zfs_clone(const struct zfs_zone *z, const char *snapshot, const char *dataset,
    const char *path, const struct strings *options, struct error *e)
{
	AUTO_LIST nvlist_t *props = new_list();
	int why;

	if (!user_properties(options, props))
		return zfs_program_create(z, "clone", snapshot, dataset,
		    options, e);
	if (begin(e) < 0)
		return -1;
	why = lzc_clone(dataset, snapshot, props);
	if (why != 0)
		return failed(why, "clone", snapshot, e);
	return mount_at(dataset, path, e);
}

int
zfs_snapshot(const struct zfs_zone *z, const char *snapshot,
    const struct strings *options, struct error *e)
{
	AUTO_LIST nvlist_t *names = new_list();
	AUTO_LIST nvlist_t *props = new_list();
	AUTO_LIST nvlist_t *errors = NULL;
	int why;

	if (begin(e) < 0)
		return -1;
	nvlist_add_boolean(names, snapshot);
	user_properties(options, props);
	why = lzc_snapshot(names, props, &errors);
	return why == 0 ? 0 : failed(why, "snapshot", snapshot, e);
}

int
zfs_destroy(const struct zfs_zone *z, const char *dataset, const char *path,
    struct error *e)
{
	int why;

	if (begin(e) < 0 || unmount_at(path, e) < 0)
		return -1;
	why = lzc_destroy(dataset);
	if (why != 0)
		return failed(why, "destroy", dataset, e);
	if (path != NULL)
		(void)rmdir(path);
	return 0;
}

int
zfs_destroy_snapshots(const struct zfs_zone *z, const struct strings *names,
    bool defer, struct error *e)
{
	AUTO_LIST nvlist_t *list = new_list();
	AUTO_LIST nvlist_t *errors = NULL;
	int why;

	if (names->count == 0)
		return 0;
	if (begin(e) < 0)
		return -1;
	for (size_t i = 0; i < names->count; i++)
		nvlist_add_boolean(list, names->items[i]);
	why = lzc_destroy_snaps(list, defer, &errors);
	if (why == 0 || why == ENOENT)
		return 0;
	return failed(why == EEXIST ? EBUSY : why, "destroy",
	    names->items[0], e);
}

int
zfs_promote(const struct zfs_zone *z, const char *dataset, struct error *e)
{
	char conflict[256] = "";
	int why = begin(e) < 0 ? -1 : lzc_promote(dataset, conflict,
	    sizeof(conflict));

	if (why == 0)
		return 0;
	return why < 0 ? -1 : failed(why, "promote", dataset, e);
}

static int
mount_tree(const char *dataset, const char *path, struct error *e)
{
	AUTO_FREE char *files = xasprintf("%s/root", dataset);
	AUTO_FREE char *at = xasprintf("%s/root", path);

	if (mount_at(dataset, path, e) < 0)
		return -1;
	return lzc_exists(files) ? mount_at(files, at, e) : 0;
}

int
zfs_rename(const struct zfs_zone *z, const char *from, const char *to,
    const char *from_path, const char *to_path, struct error *e)
{
	AUTO_FREE char *root = from_path == NULL ? NULL :
	    xasprintf("%s/root", from_path);
	struct error ignored = ERROR_INIT;
	int why;

	if (begin(e) < 0 || unmount_at(root, e) < 0)
		return -1;
	if (unmount_at(from_path, e) < 0) {
		/* as it was */
		if (mount_tree(from, from_path, &ignored) < 0)
			error_clear(&ignored);
		return -1;
	}
	why = lzc_rename(from, to);
	if (why != 0) {
		if (from_path != NULL && mount_tree(from, from_path,
		    &ignored) < 0)
			error_clear(&ignored);
		return failed(why, "rename", from, e);
	}
	return to_path != NULL ? mount_tree(to, to_path, e) : 0;
}

int
zfs_rollback(const struct zfs_zone *z, const char *snapshot, struct error *e)
{
	AUTO_FREE char *name = xstrndup(snapshot, strcspn(snapshot, "@"));
	int why = begin(e) < 0 ? -1 : lzc_rollback_to(name, snapshot);

	if (why == 0)
		return 0;
	return why < 0 ? -1 : failed(why, "roll back to", snapshot, e);
}

int
zfs_hold(const struct zfs_zone *z, const char *snapshot, bool hold,
    struct error *e)
{
	AUTO_LIST nvlist_t *list = new_list();
	AUTO_LIST nvlist_t *tags = new_list();
	AUTO_LIST nvlist_t *errors = NULL;
	int why;

	if (begin(e) < 0)
		return -1;
	nvlist_add_boolean(tags, "gaol");
	if (hold)
		nvlist_add_string(list, snapshot, "gaol");
	else
		nvlist_add_nvlist(list, snapshot, tags);
	why = hold ? lzc_hold(list, -1, &errors) : lzc_release(list, &errors);
	return why == 0 ? 0 : failed(why, hold ? "hold" : "release", snapshot,
	    e);
}
