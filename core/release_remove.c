/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Releases go by a rename; what an interrupted change left goes next. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "core/release.h"
#include "core/step.h"
#include "core/store.h"

static int
drop(const struct host *h, int dirfd, const char *entry, const char *name,
    const char *why, struct error *e)
{
	if (!file_exists(dirfd, entry))
		return 0;
	host_say(h, "%s: %s", name, why);
	return h->plan ? 0 : store_release_remove(h, name, entry, e);
}

/* Of a rename that was killed, too. */
static int
settle(const struct host *h, const char *name, struct error *e)
{
	static const char *const prefixes[] = { ".new.", ".old.", ".trash.",
		"" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		AUTO_FREE char *entry = xasprintf("%s%s", prefixes[i], name);
		AUTO_FREE char *file = xasprintf("releases/%s/release.conf",
		    entry);

		if (!file_exists(h->root_fd, file) &&
		    store_settle(h, "releases", entry, true, e) < 0)
			return -1;
	}
	return 0;
}

static int
recover_one(const struct host *h, int dirfd, const char *name,
    struct error *e)
{
	AUTO_FREE char *fresh = xasprintf(".new.%s", name);
	AUTO_FREE char *old = xasprintf(".old.%s", name);
	AUTO_FREE char *trash = xasprintf(".trash.%s", name);

	if (drop(h, dirfd, fresh, name, "removing what an interrupted "
	    "bootstrap left", e) < 0)
		return -1;
	if (drop(h, dirfd, trash, name, "completing an interrupted "
	    "removal", e) < 0)
		return -1;
	/* a replacement was interrupted between its two renames */
	if (file_exists(dirfd, old) && !file_exists(dirfd, name)) {
		host_say(h, "%s: putting back what an interrupted bootstrap "
		    "took away", name);
		return h->plan ? 0 : store_release_rename(h, name, old, name,
		    e);
	}
	return drop(h, dirfd, old, name, "removing the release that was "
	    "replaced", e);
}

int
release_recover(const struct host *h, const char *name, struct error *e)
{
	AUTO_CLOSE int fd = file_opendir(h->root_fd, "releases", e);

	if (fd < 0 && e->sys_errno == ENOENT) {
		error_clear(e);
		return 0;
	}
	return fd < 0 || settle(h, name, e) < 0 ? -1 :
	    recover_one(h, fd, name, e);
}

int
release_recover_all(const struct host *h, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (release_entries(h, ".new.", &names, e) < 0 ||
	    release_entries(h, ".old.", &names, e) < 0 ||
	    release_entries(h, ".trash.", &names, e) < 0)
		return -1;
	strings_sort(&names);
	for (size_t i = 0; i < names.count; i++) {
		AUTO_FREE char *file = xasprintf("release.%s.lock",
		    names.items[i]);
		struct error held = ERROR_INIT;
		AUTO_CLOSE int lock = file_lock(h->run_fd, file, true, 0,
		    &held);

		/* one that is held is not left: it is being worked on */
		if (lock < 0)
			continue;
		if (release_recover(h, names.items[i], e) < 0)
			return -1;
		unlinkat(h->run_fd, file, 0);
	}
	return 0;
}

struct destroy {
	const struct host *host;
	const char *name;
	char *trash;		/* ".trash.NAME" */
	int dirfd;
};

static int
rename_away(void *arg, struct error *e)
{
	struct destroy *d = arg;

	if (store_release_rename(d->host, d->name, d->name, d->trash, e) < 0)
		return error_wrap(e, "rename away release '%s'", d->name);
	return file_sync_dir(d->dirfd, ".", e);
}

static void
tell_away(void *arg, struct buf *text)
{
	const struct destroy *d = arg;

	buf_printf(text, "rename %s/releases/%s away", d->host->root, d->name);
}

static int
remove_trash(void *arg, struct error *e)
{
	struct destroy *d = arg;

	return store_release_remove(d->host, d->name, d->trash, e);
}

static void
tell_trash(void *arg, struct buf *text)
{
	const struct destroy *d = arg;

	buf_printf(text, "remove all files of release '%s'", d->name);
}

static const struct step destroy_steps[] = {
	{ "rename it away", rename_away, NULL, tell_away },
	{ "remove its files", remove_trash, NULL, tell_trash },
};

int
release_check_unused(const struct host *h, const char *name, struct error *e)
{
	AUTO_STRINGS struct strings jails = VEC_INIT;

	if (release_users(h, name, &jails, e) < 0)
		return -1;
	if (jails.count == 0)
		return 0;
	AUTO_FREE char *list = strings_join(&jails, ", ");
	return error_set(e, ERROR_BUSY, "release '%s' is used by %s %.300s",
	    name, jails.count == 1 ? "jail" : "jails", list);
}

static int
destroy_locked(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *trash = xasprintf(".trash.%s", name);
	AUTO_FREE char *path = xasprintf("%s/releases/%s", h->root, name);
	AUTO_CLOSE int dirfd = -1;

	if (release_recover(h, name, e) < 0)
		return -1;
	/* a broken release.conf must not make a release indestructible */
	dirfd = release_dir(h, e);
	if (dirfd < 0)
		return -1;
	if (!file_exists(dirfd, name))
		return release_missing(h, name, e);
	if (release_check_unused(h, name, e) < 0 ||
	    store_refuse_mounts(NULL, path, e) < 0)
		return -1;
	struct destroy d = { h, name, trash, dirfd };
	return steps_run(h, destroy_steps,
	    sizeof(destroy_steps) / sizeof(destroy_steps[0]), &d, e);
}

int
release_destroy(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *file = xasprintf("release.%s.lock", name);
	AUTO_CLOSE int lock = release_lock(h, name, true, "releases -d", e);

	if (lock < 0)
		return -1;
	if (destroy_locked(h, name, e) < 0 && e->kind != ERROR_NOT_FOUND)
		return -1;
	unlinkat(h->run_fd, file, 0);
	return e->kind == ERROR_NONE ? 0 : -1;
}
