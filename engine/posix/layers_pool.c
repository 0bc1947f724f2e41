/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* ROOT/layers: what several jails stand on, and who needs it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "engine/posix/layers.h"

/* The names in a directory; a missing one has none. */
static int
entries(int dir, const char *name, struct strings *list, struct error *e)
{
	AUTO_CLOSE int fd = openat(dir, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const struct dirent *d;

	if (fd < 0)
		return errno == ENOENT ? 0 : error_sys(e, "%s", name);
	AUTO_DIR DIR *stream = fdopendir(fd);
	if (stream == NULL)
		return error_sys(e, "%s", name);
	steal_fd(&fd);
	while ((d = readdir(stream)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			strings_add(list, d->d_name);
	return 0;
}

static bool
is_trash(const char *name)
{
	return strncmp(name, ".trash.", 7) == 0;
}

/* Complete the end of .trash.ID: what is below loses the reference +ID. */
static int
bury(int pool, const char *trash, struct error *e)
{
	AUTO_FREE char *link = xasprintf("%s/below", trash);
	AUTO_FREE char *ref = xasprintf("+%s", trash + strlen(".trash."));
	char below[LAYER_ID];

	if (layer_below(pool, link, below, e) < 0)
		return -1;
	if (*below != '\0' && pool_drop_ref(pool, below, ref, e) < 0)
		return -1;
	return path_remove_tree(pool, trash, e);
}

int
pool_open(const char *root, struct error *e)
{
	AUTO_FREE char *path = xasprintf("%s/layers", root);
	AUTO_STRINGS struct strings list = VEC_INIT;
	AUTO_CLOSE int pool = -1;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return error_sys(e, "make %s", path);
	pool = file_opendir(AT_FDCWD, path, e);
	if (pool < 0)
		return -1;
	while (flock(pool, LOCK_EX) < 0)
		if (errno != EINTR)
			return error_sys(e, "lock %s", path);
	if (entries(pool, ".", &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if (is_trash(list.items[i]) && bury(pool, list.items[i], e) < 0)
			return -1;
	return steal_fd(&pool);
}

int
pool_add_ref(int pool, const char *id, const char *ref, struct error *e)
{
	AUTO_FREE char *path = xasprintf("%s/refs/%s", id, ref);
	AUTO_CLOSE int fd = openat(pool, path,
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	AUTO_FREE char *dir = xasprintf("%s/refs", id);

	if (fd < 0)
		return error_sys(e, "refer to layer %s", id);
	return file_sync_dir(pool, dir, e);
}

int
pool_drop_ref(int pool, const char *id, const char *ref, struct error *e)
{
	AUTO_STRINGS struct strings refs = VEC_INIT;
	AUTO_FREE char *path = xasprintf("%s/refs/%s", id, ref);
	AUTO_FREE char *dir = xasprintf("%s/refs", id);
	AUTO_FREE char *trash = xasprintf(".trash.%s", id);

	if (!file_exists(pool, dir))
		return 0;
	if (entries(pool, dir, &refs, e) < 0)
		return -1;
	if (refs.count > 1 ||
	    (refs.count == 1 && strcmp(refs.items[0], ref) != 0)) {
		if (unlinkat(pool, path, 0) < 0 && errno != ENOENT)
			return error_sys(e, "layer %s", path);
		return 0;
	}
	if (renameat(pool, id, pool, trash) < 0)
		return error_sys(e, "remove layer %s", id);
	return bury(pool, trash, e);
}

/* Which layers of ROOT/layers a jail's directory names; false: none such. */
static bool
load_entry(const char *root, const char *prefix, const char *name,
    struct stack *s)
{
	AUTO_FREE char *path = xasprintf("%s/jails/%s%s", root, prefix, name);
	struct error ignored = ERROR_INIT;
	AUTO_CLOSE int dir = open(path,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return dir >= 0 && stack_load(dir, s, &ignored) == 0;
}

/*
 * Read without its lock the jail may be in the middle of a change: then it
 * names a layer that was not there yet, or one lay upon itself still.
 */
static bool
in_flux(const char *root, const struct stack *s)
{
	for (size_t i = 0; i < s->own.count; i++)
		if (s->own.items[i].kept && strcmp(s->own.items[i].id,
		    s->own.items[i].below) == 0)
			return true;
	for (size_t i = 0; i < s->outside.count; i++) {
		AUTO_FREE char *path = xasprintf("%s/layers/%s", root,
		    s->outside.items[i]);

		if (!file_exists(AT_FDCWD, path))
			return true;
	}
	return false;
}

bool
pool_needed(const char *root, const char *name, const char *but,
    const char *id)
{
	static const char *const prefixes[] = { "", ".new.", ".trash." };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		AUTO_STACK struct stack s = STACK_INIT;
		AUTO_FREE char *entry = xasprintf("%s%s", prefixes[i], name);

		if (strcmp(entry, but) != 0 &&
		    load_entry(root, prefixes[i], name, &s) &&
		    (strings_index(&s.outside, id) >= 0 || in_flux(root, &s)))
			return true;
	}
	return false;
}

/* One layer out of frozen/; what is below it is there already. */
static int
share_one(int pool, const struct store_cell *c, const char *id,
    const char *below, struct error *e)
{
	AUTO_FREE char *from = xasprintf("%s/frozen/%s", c->path, id);
	AUTO_FREE char *refs = xasprintf("frozen/%s/refs", id);
	AUTO_FREE char *mine = xasprintf("%s/%s", refs, c->name);
	AUTO_FREE char *up = xasprintf("+%s", id);
	AUTO_CLOSE int fd = -1;

	if (*below != '\0' && pool_add_ref(pool, below, up, e) < 0)
		return -1;
	if (mkdirat(c->dir, refs, 0700) < 0 && errno != EEXIST)
		return error_sys(e, "share layer %s", id);
	fd = openat(c->dir, mine,
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || file_sync_dir(c->dir, refs, e) < 0)
		return error_sys(e, "share layer %s", id);
	if (renameat(AT_FDCWD, from, pool, id) == 0)
		return file_sync_dir(pool, ".", e);
	/* a copied directory of a jail: the same layer is there already */
	if (errno != EEXIST && errno != ENOTEMPTY)
		return error_sys(e, "share layer %s", id);
	if (pool_add_ref(pool, id, c->name, e) < 0)
		return -1;
	AUTO_FREE char *own = xasprintf("frozen/%s", id);
	return path_remove_tree(c->dir, own, e);
}

int
pool_share(int pool, const struct store_cell *c, const char *top,
    struct error *e)
{
	AUTO_STACK struct stack s = STACK_INIT;
	AUTO_STRINGS struct strings shared = VEC_INIT;
	VEC(const struct layer *) chain = VEC_INIT;
	int result = stack_load(c->dir, &s, e);

	for (const char *id = top; result == 0 && *id != '\0';) {
		const struct layer *l = stack_find(&s, id);

		if (l == NULL || chain.count > s.own.count)
			break;
		VEC_PUSH(&chain, l);
		id = l->below;
	}
	for (size_t i = chain.count; result == 0 && i-- > 0;) {
		const struct layer *l = chain.items[i];

		/* what was below the jail's own is now below a shared one */
		if (i + 1 == chain.count && *l->below != '\0')
			strings_add(&shared, l->below);
		result = share_one(pool, c, l->id, l->below, e);
		strings_add(&shared, l->id);
	}
	VEC_FINI(&chain);
	if (result < 0 || shared.count == 0)
		return result;
	/* those that only another layer names need no name of the jail's */
	stack_fini(&s);
	s = (struct stack)STACK_INIT;
	if (stack_load(c->dir, &s, e) < 0)
		return -1;
	for (size_t i = 0; i < shared.count; i++)
		if (strings_index(&s.outside, shared.items[i]) < 0 &&
		    strcmp(shared.items[i], top) != 0 &&
		    pool_drop_ref(pool, shared.items[i], c->name, e) < 0)
			return -1;
	return 0;
}

static bool
stands(int pool, const char *root, const char *id, const char *ref)
{
	struct error ignored = ERROR_INIT;
	char below[LAYER_ID];

	if (*ref != '+')
		return pool_needed(root, ref, "", id);
	AUTO_FREE char *link = xasprintf("%s/below", ref + 1);
	return layer_below(pool, link, below, &ignored) == 0 &&
	    strcmp(below, id) == 0;
}

int
pool_check(int pool, const char *root, struct error *e)
{
	AUTO_STRINGS struct strings list = VEC_INIT;

	if (entries(pool, ".", &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++) {
		AUTO_STRINGS struct strings refs = VEC_INIT;
		AUTO_FREE char *dir = xasprintf("%s/refs", list.items[i]);

		if (entries(pool, dir, &refs, e) < 0)
			return -1;
		for (size_t k = 0; k < refs.count; k++)
			if (!stands(pool, root, list.items[i],
			    refs.items[k]) && pool_drop_ref(pool,
			    list.items[i], refs.items[k], e) < 0)
				return -1;
	}
	return 0;
}
