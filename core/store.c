/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/mounts.h"
#include "base/num.h"
#include "base/path.h"
#include "core/release.h"
#include "core/store.h"

void
snapshots_fini(struct snapshots *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].note);
	}
	VEC_FINI(list);
}

const struct store *
store_of_cell(const struct cell *c, struct error *e)
{
	AUTO_FREE char *name = cell_text(c, "store");
	const struct store *s = name == NULL ? stores_native[0] :
	    store_find(name);

	if (s == NULL)
		error_set(e, ERROR_UNSUPPORTED,
		    "store '%s' does not exist on this host", name);
	return s;
}

const struct store *
store_default(const struct host *h, struct error *e)
{
	const char *named = host_setting(h, "store", NULL);
	struct error ignored = ERROR_INIT;
	const struct store *s;

	if (named != NULL) {
		s = store_find(named);
		if (s == NULL)
			error_set(e, ERROR_UNSUPPORTED,
			    "store '%s' does not exist on this host", named);
		return s;
	}
	for (const struct store *const *p = stores_native; *p != NULL; p++)
		if ((*p)->probe(h->root, &ignored) == 0)
			return *p;
	return stores_native[0];
}

int
cell_store_init(struct cell_store *s, const struct host *h,
    const struct cell *c, const char *entry, struct error *e)
{
	AUTO_FREE char *release = cell_text(c, "release");

	*s = (struct cell_store)CELL_STORE_INIT;
	s->store = store_of_cell(c, e);
	if (s->store == NULL)
		return -1;
	s->name = xstrdup(c->name);
	s->entry = xstrdup(entry != NULL ? entry : c->name);
	s->path = xasprintf("%s/jails/%s", h->root, s->entry);
	if (release != NULL && *release != '\0')
		s->release = release_path(h, release);
	s->at = (struct store_cell){
		.root = h->root, .name = s->name, .entry = s->entry,
		.path = s->path, .release = s->release,
	};
	s->at.dir = file_opendir(h->jails_fd, s->entry, e);
	return s->at.dir < 0 ? -1 : 0;
}

void
cell_store_fini(struct cell_store *s)
{
	close_fd(&s->at.dir);
	free(s->name);
	free(s->entry);
	free(s->path);
	free(s->release);
	*s = (struct cell_store)CELL_STORE_INIT;
}

int
store_cannot(const struct store *s, const char *what,
    bool (*can)(const struct store *s), struct error *e)
{
	AUTO_BUF struct buf names = BUF_INIT;
	size_t n = 0;

	for (const struct store *const *p = stores_native; *p != NULL; p++)
		if (can(*p)) {
			buf_printf(&names, "%s%s", n > 0 ? ", " : "",
			    (*p)->name);
			n++;
		}
	if (n == 0)
		return error_set(e, ERROR_UNSUPPORTED, "store %s cannot %s, "
		    "and no other store of this host can", s->name, what);
	return error_set(e, ERROR_UNSUPPORTED, "store %s cannot %s; %s can",
	    s->name, what, buf_text(&names));
}

int
store_todo(const struct host *h, const char *name, const char *what,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf(".todo.%s", name);
	AUTO_CLOSE int fd = openat(h->jails_fd, file,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_sys(e, "%s/jails/%s", h->root, file);
	return file_write_fd(fd, what, strlen(what), e);
}

int
store_done(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *file = xasprintf(".todo.%s", name);

	if (unlinkat(h->jails_fd, file, 0) < 0 && errno != ENOENT)
		return error_sys(e, "remove %s/jails/%s", h->root, file);
	return 0;
}

int
store_home(const struct host *h, const struct store *s, struct store_cell *at,
    struct error *e)
{
	if (mkdirat(h->jails_fd, at->entry, 0700) < 0)
		return error_sys(e, "make %s", at->path);
	if (s->home != NULL && s->home(at, e) < 0)
		return -1;
	at->dir = file_opendir(h->jails_fd, at->entry, e);
	return at->dir < 0 ? -1 : 0;
}

int
store_settle(const struct host *h, const char *area, const char *entry,
    bool alone, struct error *e)
{
	AUTO_FREE char *path = entry == NULL ? xstrdup(area) :
	    xasprintf("%s/%s", area, entry);

	for (const struct store *const *s = stores_native; *s != NULL; s++)
		if ((*s)->settle != NULL && (entry == NULL ||
		    file_exists(h->root_fd, path)) &&
		    (*s)->settle(h->root, path, alone, e) < 0)
			return -1;
	return 0;
}

int
store_refuse_mounts(const struct store *s, const char *path, struct error *e)
{
	static const char *const leaves[] = { "", "/root", "/root.new",
		"/open" };
	AUTO_STRINGS struct strings points = VEC_INIT;
	size_t len = strlen(path);
	bool own;

	if (mounts_below(path, &points, e) < 0)
		return -1;
	own = s != NULL ? s->mounts : strings_index(&points, path) >= 0;
	for (size_t i = 0; i < points.count; i++) {
		const char *at = points.items[i];
		bool known = false;

		for (size_t k = 0; k < sizeof(leaves) / sizeof(leaves[0]); k++)
			known |= strcmp(at + len, leaves[k]) == 0;
		if (own && known)
			continue;
		return error_set(e, ERROR_BUSY, "%s is mounted; 'umount %s' "
		    "first", at, points.items[points.count - 1]);
	}
	return 0;
}

int
store_removable(const struct host *h, const struct store *s, const char *name,
    struct error *e)
{
	AUTO_FREE char *path = xasprintf("%s/jails/%s", h->root, name);
	const struct store_cell at = { .root = h->root, .name = name,
	    .entry = name, .path = path, .dir = -1 };

	return s == NULL || s->removable == NULL ? 0 : s->removable(&at, e);
}

/* What is mounted there has to go before the directory is opened. */
static int
destroy_mounts(const struct store_cell *at, bool release, struct error *e)
{
	for (const struct store *const *s = stores_native; *s != NULL; s++) {
		int (*destroy)(const struct store_cell *, struct error *) =
		    release ? (*s)->release_destroy : (*s)->destroy;

		if ((*s)->mounts && destroy != NULL && destroy(at, e) < 0)
			return -1;
	}
	return 0;
}

int
store_remove(const struct host *h, const char *name, const char *entry,
    struct error *e)
{
	AUTO_FREE char *path = xasprintf("%s/jails/%s", h->root, entry);
	struct store_cell at = { .root = h->root, .name = name,
	    .entry = entry, .path = path, .dir = -1 };
	int result = 0;

	if (!file_exists(h->jails_fd, entry))
		return 0;
	if (destroy_mounts(&at, false, e) < 0)
		return -1;
	at.dir = file_opendir(h->jails_fd, entry, e);
	if (at.dir < 0) {
		if (e->sys_errno != ENOENT)
			return -1;
		error_clear(e);
		return 0;
	}
	/* of one that is half made nothing tells the store */
	for (const struct store *const *s = stores_native; *s != NULL; s++)
		if (result == 0 && !(*s)->mounts && (*s)->destroy != NULL)
			result = (*s)->destroy(&at, e);
	close(at.dir);
	return result < 0 ? -1 : path_remove_tree(h->jails_fd, entry, e);
}

int
store_rename(const struct host *h, const struct store *s,
    const struct store_cell *at, const char *to_name, const char *to,
    struct error *e)
{
	if (s != NULL && s->rename != NULL) {
		if (s->rename(at, to_name, to, e) < 0)
			return -1;
	} else if (file_rename_new(h->jails_fd, at->entry, to) < 0) {
		return error_sys(e, "rename '%s' to '%s'", at->entry, to);
	}
	return at->ephemeral ? 0 : file_sync_dir(h->jails_fd, ".", e);
}

uint64_t
store_quota(const struct cell *c)
{
	AUTO_FREE char *text = cell_text(c, "limit.disk");
	struct error ignored = ERROR_INIT;
	uint64_t bytes = 0;

	if (text == NULL || *text == '\0' ||
	    parse_size(text, &bytes, &ignored) < 0)
		return 0;
	return bytes;
}

static bool
can_limit(const struct store *s)
{
	return s->quota != NULL;
}

int
store_check_quota(const struct cell *c, const struct store *s,
    struct error *e)
{
	if (store_quota(c) == 0 || s->quota != NULL)
		return 0;
	if (store_cannot(s, "limit the space of a jail", can_limit, e) < 0)
		return error_wrap(e, "limit.disk");
	return 0;
}

int
store_set_quota(const struct cell *c, const struct store *s,
    const struct store_cell *at, struct error *e)
{
	if (s->quota == NULL || !cell_names_property(c, "limit.disk"))
		return 0;
	return s->quota(at, store_quota(c), e);
}

/* "zfs.compression" is "compression" of store zfs. */
static bool
is_option(const struct cell_value *v, const char *store)
{
	size_t len = strlen(store);

	return (v->prop->flags & PROP_FAMILY) && v->values.count > 0 &&
	    strncmp(v->name, store, len) == 0 && v->name[len] == '.';
}

void
store_options(const struct cell *c, struct strings *options)
{
	AUTO_FREE char *store = cell_text(c, "store");

	for (size_t i = 0; store != NULL && i < c->values.count; i++) {
		const struct cell_value *v = &c->values.items[i];

		if (is_option(v, store))
			strings_take(options, xasprintf("%s=%s", v->name +
			    strlen(store) + 1, v->values.items[0]));
	}
}

int
store_check_options(const struct cell *c, const struct store *s,
    struct error *e)
{
	for (size_t i = 0; i < c->values.count; i++) {
		const struct cell_value *v = &c->values.items[i];

		if (is_option(v, "zfs") && strcmp(s->name, "zfs") != 0)
			return error_set(e, ERROR_UNSUPPORTED, "%s: the jail "
			    "lies on store %s; store zfs has that property",
			    v->name, s->name);
	}
	return 0;
}

static const char *
option_of(const struct cell *c, const char *name)
{
	for (size_t i = 0; i < c->values.count; i++)
		if (strcmp(c->values.items[i].name, name) == 0)
			return c->values.items[i].values.count > 0 ?
			    c->values.items[i].values.items[0] : NULL;
	return NULL;
}

int
store_change_options(const struct cell *before, const struct cell *after,
    const struct store *s, const struct store_cell *at, struct error *e)
{
	const struct cell *const both[] = { before, after };

	for (size_t n = 0; n < 2; n++)
		for (size_t i = 0; i < both[n]->values.count; i++) {
			const struct cell_value *v = &both[n]->values.items[i];
			const char *old = option_of(before, v->name);
			const char *new = option_of(after, v->name);

			if (!is_option(v, s->name) || s->option == NULL ||
			    (n == 0 && new != NULL) || (old != NULL &&
			    new != NULL && strcmp(old, new) == 0))
				continue;
			if (s->option(at, v->name + strlen(s->name) + 1, new,
			    e) < 0)
				return -1;
		}
	return 0;
}

/* releases/ENTRY as the store's operations want it told; dir is opened. */
static int
open_release(const struct host *h, const char *name, const char *entry,
    char **path, struct store_cell *at, struct error *e)
{
	*path = xasprintf("%s/releases/%s", h->root, entry);
	*at = (struct store_cell){ .root = h->root, .name = name,
	    .entry = entry, .path = *path, .dir = -1 };
	at->dir = file_opendir(AT_FDCWD, *path, e);
	return at->dir < 0 ? -1 : 0;
}

int
store_release_make(const struct host *h, const char *name, const char *entry,
    struct error *e)
{
	const struct store *s = store_default(h, e);
	AUTO_FREE char *path = xasprintf("%s/releases/%s", h->root, entry);
	struct store_cell at = { .root = h->root, .name = name,
	    .entry = entry, .path = path, .dir = -1 };
	int result = 0;

	if (s == NULL || (s->home != NULL && s->home(&at, e) < 0))
		return -1;
	at.dir = file_opendir(AT_FDCWD, path, e);
	if (at.dir < 0)
		return -1;
	if (s->release_make != NULL)
		result = s->release_make(&at, e);
	else if (mkdirat(at.dir, "root", 0755) < 0)
		result = error_sys(e, "%s/root", path);
	close(at.dir);
	return result;
}

int
store_release_ready(const struct host *h, const char *name, struct error *e)
{
	const struct store *s = store_default(h, e);
	AUTO_FREE char *path = NULL;
	struct store_cell at;
	int result;

	if (s == NULL)
		return -1;
	if (s->release_ready == NULL)
		return 0;
	if (open_release(h, name, name, &path, &at, e) < 0)
		return -1;
	result = s->release_ready(&at, e);
	close(at.dir);
	return result;
}

int
store_release_rename(const struct host *h, const char *name, const char *from,
    const char *to, struct error *e)
{
	AUTO_CLOSE int dir = file_opendir(h->root_fd, "releases", e);

	if (dir < 0)
		return -1;
	for (const struct store *const *s = stores_native; *s != NULL; s++) {
		int result = (*s)->release_rename == NULL ? 1 :
		    (*s)->release_rename(h->root, name, from, to, e);

		if (result <= 0)
			return result;
	}
	if (file_rename_new(dir, from, to) < 0)
		return error_sys(e, "rename releases/%s to %s", from, to);
	return 0;
}

int
store_release_remove(const struct host *h, const char *name,
    const char *entry, struct error *e)
{
	AUTO_FREE char *path = xasprintf("%s/releases/%s", h->root, entry);
	struct store_cell at = { .root = h->root, .name = name,
	    .entry = entry, .path = path, .dir = -1 };
	int result = 0;

	if (!file_exists(AT_FDCWD, path))
		return 0;
	if (destroy_mounts(&at, true, e) < 0)
		return -1;
	at.dir = file_opendir(AT_FDCWD, path, e);
	if (at.dir < 0)
		return -1;
	/* the host may have had another store when it was made */
	for (const struct store *const *s = stores_native; *s != NULL; s++)
		if (result == 0 && !(*s)->mounts &&
		    (*s)->release_destroy != NULL)
			result = (*s)->release_destroy(&at, e);
	close(at.dir);
	return result < 0 ? -1 : path_remove_tree(AT_FDCWD, path, e);
}
