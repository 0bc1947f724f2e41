/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "core/life.h"
#include "core/mount.h"
#include "core/step.h"
#include "core/volume.h"

static const char prefix[] = "vol:";

bool
volume_is(const char *source)
{
	return strncmp(source, prefix, strlen(prefix)) == 0;
}

char *
volume_of(const char *source)
{
	const char *name = source + strlen(prefix);

	return xstrndup(name, strcspn(name, "/"));
}

char *
volume_source(const struct host *h, const char *source, size_t *anchor)
{
	AUTO_FREE char *name = volume_of(source);
	char *path = xasprintf("%s/volumes/%s%s", h->root, name,
	    source + strlen(prefix) + strlen(name));

	*anchor = strlen(h->root) + strlen("/volumes/") + strlen(name);
	return path;
}

/* The directory of all volumes, made when missing. */
static int
volumes_dir(const struct host *h, struct error *e)
{
	if (file_mkdirs(h->root_fd, "volumes", 0700, e) < 0)
		return -1;
	return file_opendir(h->root_fd, "volumes", e);
}

static int
entries(const struct host *h, const char *begin, struct strings *names,
    struct error *e)
{
	size_t len = strlen(begin);
	const struct dirent *d;

	if (!file_exists(h->root_fd, "volumes"))
		return 0;
	AUTO_CLOSE int fd = file_opendir(h->root_fd, "volumes", e);
	if (fd < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "%s/volumes", h->root);
	fd = -1;
	while ((d = readdir(dir)) != NULL)
		if (strncmp(d->d_name, begin, len) == 0 &&
		    d->d_name[len] != '.')
			strings_add(names, d->d_name + len);
	strings_sort(names);
	return 0;
}

int
volume_names(const struct host *h, struct strings *names, struct error *e)
{
	return entries(h, "", names, e);
}

int
volume_check(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *path = xasprintf("volumes/%s", name);

	if (name_check_volume(name, e) < 0)
		return -1;
	if (file_exists(h->root_fd, path))
		return 0;
	return error_set(e, ERROR_NOT_FOUND, "no volume named '%s'; "
	    "'gaol volume create %s' makes it", name, name);
}

int
volume_lock(const struct host *h, const char *name, bool alone,
    const char *what, struct error *e)
{
	AUTO_FREE char *file = xasprintf("volume.%s.lock", name);
	AUTO_FREE char *note = xasprintf("(gaol %s)", what);
	int fd = file_lock(h->run_fd, file, alone, h->lock_timeout_ms, e);

	if (fd < 0)
		return error_wrap(e, "volume '%s'", name);
	if (alone)
		file_lock_note(fd, note);
	return fd;
}

static int
recover(const struct host *h, const char *begin, struct error *e)
{
	struct host impatient = *h;
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_CLOSE int dir = -1;

	impatient.lock_timeout_ms = 0;
	if (entries(h, begin, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_FREE char *entry = xasprintf("%s%s", begin,
		    names.items[i]);
		struct error busy = ERROR_INIT;
		AUTO_CLOSE int lock = volume_lock(&impatient, names.items[i],
		    true, "volume", &busy);

		if (lock < 0)
			continue;
		host_say(h, "volume %s: removing what an interrupted command "
		    "left", names.items[i]);
		if (h->plan)
			continue;
		close_fd(&dir);
		dir = volumes_dir(h, e);
		if (dir < 0 || path_remove_tree(dir, entry, e) < 0)
			return -1;
	}
	return 0;
}

int
volume_recover_all(const struct host *h, struct error *e)
{
	return recover(h, ".new.", e) < 0 ? -1 : recover(h, ".trash.", e);
}

struct change {
	const struct host *host;
	const char *name;
	const struct volume_options *options;
	char *beside;		/* ".new.NAME", ".trash.NAME" */
	int dir;
};

static int
make_beside(void *arg, struct error *e)
{
	const struct change *c = arg;
	const struct volume_options *o = c->options;

	if (mkdirat(c->dir, c->beside, 0700) < 0 ||
	    fchownat(c->dir, c->beside, o->uid, o->gid,
	    AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchmodat(c->dir, c->beside, o->mode, 0) < 0)
		return error_sys(e, "make volume '%s'", c->name);
	return 0;
}

static int
unmake_beside(void *arg, struct error *e)
{
	const struct change *c = arg;

	return path_remove_tree(c->dir, c->beside, e);
}

static void
tell_make(void *arg, struct buf *text)
{
	const struct change *c = arg;

	buf_printf(text, "make %s/volumes/%s, mode %04o, of %u:%u",
	    c->host->root, c->name, c->options->mode, c->options->uid,
	    c->options->gid);
}

static int
rename_in(void *arg, struct error *e)
{
	const struct change *c = arg;

	if (file_rename_new(c->dir, c->beside, c->name) < 0)
		return error_sys(e, "rename in volume '%s'", c->name);
	return file_sync_dir(c->dir, ".", e);
}

static int
rename_away(void *arg, struct error *e)
{
	const struct change *c = arg;

	if (file_rename_new(c->dir, c->name, c->beside) < 0)
		return error_sys(e, "rename away volume '%s'", c->name);
	return file_sync_dir(c->dir, ".", e);
}

static void
tell_nothing(void *arg, struct buf *text)
{
}

static void
tell_remove(void *arg, struct buf *text)
{
	const struct change *c = arg;

	buf_printf(text, "remove %s/volumes/%s with all its files",
	    c->host->root, c->name);
}

static const struct step create_steps[] = {
	{ "make the volume", make_beside, unmake_beside, tell_make },
	{ "rename it in", rename_in, NULL, tell_nothing },
};

static const struct step destroy_steps[] = {
	{ "rename the volume away", rename_away, NULL, tell_nothing },
	{ "remove its files", unmake_beside, NULL, tell_remove },
};

int
volume_create(const struct host *h, const char *name,
    const struct volume_options *o, struct error *e)
{
	AUTO_FREE char *path = xasprintf("volumes/%s", name);
	AUTO_FREE char *fresh = xasprintf(".new.%s", name);
	AUTO_CLOSE int lock = -1, dir = -1;
	struct change c = { h, name, o, fresh, -1 };

	if (name_check_volume(name, e) < 0)
		return -1;
	lock = volume_lock(h, name, true, "volume create", e);
	if (lock < 0)
		return -1;
	if (file_exists(h->root_fd, path))
		return error_set(e, ERROR_EXISTS,
		    "volume '%s' exists already", name);
	c.dir = dir = volumes_dir(h, e);
	if (dir < 0)
		return -1;
	return steps_run(h, create_steps,
	    sizeof(create_steps) / sizeof(create_steps[0]), &c, e);
}

static int
check_unused(const struct host *h, const char *name, struct error *e)
{
	AUTO_STRINGS struct strings jails = VEC_INIT;

	if (volume_users(h, name, &jails, e) < 0)
		return -1;
	if (jails.count == 0)
		return 0;
	AUTO_FREE char *list = strings_join(&jails, ", ");
	return error_set(e, ERROR_BUSY, "volume '%s' is mounted by %s; "
	    "'gaol umount' takes it out of there", name, list);
}

int
volume_destroy(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *trash = xasprintf(".trash.%s", name);
	AUTO_FREE char *file = xasprintf("volume.%s.lock", name);
	AUTO_CLOSE int lock = -1, dir = -1;
	struct change c = { h, name, NULL, trash, -1 };

	if (name_check_volume(name, e) < 0)
		return -1;
	lock = volume_lock(h, name, true, "volume destroy", e);
	if (lock < 0 || volume_check(h, name, e) < 0 ||
	    check_unused(h, name, e) < 0)
		return -1;
	c.dir = dir = volumes_dir(h, e);
	if (dir < 0 || steps_run(h, destroy_steps,
	    sizeof(destroy_steps) / sizeof(destroy_steps[0]), &c, e) < 0)
		return -1;
	if (!h->plan)
		unlinkat(h->run_fd, file, 0);
	return 0;
}

/* The volumes that a jail mounts. */
static void
volumes_of(const struct cell *c, struct strings *names)
{
	AUTO_STRINGS struct strings lines = VEC_INIT;

	cell_values(c, "mount", &lines);
	for (size_t i = 0; i < lines.count; i++) {
		struct engine_mount m;
		struct error ignored = ERROR_INIT;

		if (mount_split(lines.items[i], &m, &ignored) < 0)
			continue;
		if (volume_is(m.source))
			strings_take(names, volume_of(m.source));
		mount_fini(&m);
	}
}

static bool
mounts_volume(const struct cell *c, const char *name)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	volumes_of(c, &names);
	return strings_index(&names, name) >= 0;
}

int
volume_check_mounts(const struct host *h, const struct cell *c,
    struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	volumes_of(c, &names);
	for (size_t i = 0; i < names.count; i++)
		if (volume_check(h, names.items[i], e) < 0)
			return -1;
	return 0;
}

/* By its cell.conf, or by what it was started with and runs. */
static bool
may_use(const struct host *h, const char *jail, const char *name)
{
	AUTO_CELL struct cell cell = CELL_INIT, force = CELL_INIT;
	AUTO_LIVE struct live live = LIVE_INIT;
	struct error why = ERROR_INIT;

	if (cell_load(h, jail, &cell, &why) < 0)
		return why.kind != ERROR_NOT_FOUND;
	if (mounts_volume(&cell, name))
		return true;
	if (live_running(h, jail, &live, &why) < 0)
		return true;
	if (live.phase == LIVE_STOPPED)
		return false;
	return life_in_force(jail, &live, &force, &why) < 0 ||
	    mounts_volume(&force, name);
}

int
volume_users(const struct host *h, const char *name, struct strings *jails,
    struct error *e)
{
	AUTO_STRINGS struct strings all = VEC_INIT;

	if (cell_names(h, &all, e) < 0)
		return -1;
	for (size_t i = 0; i < all.count; i++)
		if (may_use(h, all.items[i], name))
			strings_add(jails, all.items[i]);
	return 0;
}

int
volume_size(const struct host *h, const char *name, uint64_t *bytes,
    struct error *e)
{
	AUTO_CLOSE int dir = volumes_dir(h, e);

	return dir < 0 ? -1 : path_usage(dir, name, bytes, e);
}
