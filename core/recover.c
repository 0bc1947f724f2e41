/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What an interrupted command left is completed or undone by the next one. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "core/adopt.h"
#include "core/archive.h"
#include "core/arrival.h"
#include "core/event.h"
#include "core/hook.h"
#include "core/jailconf.h"
#include "core/life.h"
#include "core/mount.h"
#include "core/snapshot.h"
#include "core/net.h"
#include "core/net_change.h"
#include "core/network.h"
#include "core/restart.h"
#include "core/usage.h"

static int
recover_files(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *fresh = xasprintf(".new.%s", name);
	AUTO_FREE char *trash = xasprintf(".trash.%s", name);
	AUTO_FREE char *log = xasprintf("%s/%s", h->log, name);

	if (file_exists(h->jails_fd, fresh)) {
		host_say(h, "%s: removing the half-made files of an "
		    "interrupted create", name);
		if (!h->plan && ((!cell_exists(h, name) &&
		    network_release_all(h, name, NULL, e) < 0) ||
		    store_remove(h, name, fresh, e) < 0))
			return -1;
	}
	if (file_exists(h->jails_fd, trash)) {
		host_say(h, "%s: completing an interrupted destroy", name);
		if (h->plan)
			return 0;
		if (!cell_exists(h, name) &&
		    network_release_all(h, name, NULL, e) < 0)
			return -1;
		if (store_remove(h, name, trash, e) < 0)
			return -1;
		if (!cell_exists(h, name) &&
		    path_remove_tree(AT_FDCWD, log, e) < 0)
			return -1;
	}
	return 0;
}

static const char *
what_was_left(const struct live *l, bool alive)
{
	switch (l->phase) {
	case LIVE_STARTING:
		return "undoing an interrupted start";
	case LIVE_STOPPING:
		return "completing an interrupted stop";
	case LIVE_RUNNING:
		return alive ? NULL : "the jail ended by itself; cleaning up";
	case LIVE_STOPPED:
	default:
		return NULL;
	}
}

/* A stop hook of a jail that ended without 'gaol stop'. */
static void
late_hook(const struct host *h, const char *name, const struct live *l,
    const char *which)
{
	AUTO_CELL struct cell c = CELL_INIT;
	struct error e = ERROR_INIT;

	/* what was begun as the record says is to be ended so */
	if (life_in_force(name, l, &c, &e) < 0) {
		error_clear(&e);
		if (cell_load(h, name, &c, &e) < 0)
			return;
	}
	if (hooks_run(h, &c, which, l->engine.jid, &e) < 0)
		host_say(h, "%s: %s", name, e.msg);
}

/* The addresses of a jail whose files are gone: a throw-away one's. */
static int
release_addresses(const struct host *h, const char *name,
    const struct live *l, struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	struct error damaged = ERROR_INIT;

	if (cell_exists(h, name))
		return 0;
	if (life_in_force(name, l, &c, &damaged) < 0)
		return network_release_all(h, name, NULL, e);
	return net_release(h, &c, e);
}

/* What happened while nobody looked. */
static void
tell_end(const struct host *h, const char *name, const struct live *l,
    const char *left)
{
	AUTO_CELL struct cell force = CELL_INIT;
	AUTO_FREE char *why = restart_failure(h, name);
	struct error ignored = ERROR_INIT;

	if (life_in_force(name, l, &force, &ignored) == 0)
		usage_tell_oom(h, &force, l);
	event_write(h, &(struct event){ .what = why != NULL ? "failed" :
	    l->phase == LIVE_RUNNING ? "ended" : "recover", .jail = name,
	    .ms = -1, .message = why != NULL ? why : left });
}

static int
recover_live(const struct host *h, const char *name, struct error *e)
{
	AUTO_LIVE struct live live = LIVE_INIT;
	AUTO_FREE char *key = xasprintf("%s/%s", h->scope, name);
	const char *left;

	if (live_read(h, name, &live, e) < 0)
		return -1;
	if (live.fd < 0)
		return 0;
	left = what_was_left(&live,
	    engine_native->alive(&live.engine, live.fd));
	/* of a throw-away jail the files go first: life_discard_locked() */
	if (left == NULL && !cell_exists(h, name))
		left = "completing an interrupted destroy";
	if (left == NULL)
		return 0;
	host_say(h, "%s: %s", name, left);
	if (h->plan)
		return 0;
	tell_end(h, name, &live, left);
	if (engine_native->kill(&live.engine, key, e) < 0)
		return error_wrap(e, "%s: %s", name, left);
	if (net_disconnect(h, name, e) < 0 ||
	    release_addresses(h, name, &live, e) < 0)
		return error_wrap(e, "%s: %s", name, left);
	late_hook(h, name, &live, "exec.poststop");
	if (engine_native->unmount != NULL && engine_native->unmount(key,
	    e) < 0)
		return error_wrap(e, "%s: %s", name, left);
	late_hook(h, name, &live, "exec.release");
	/* it may have been killed before it could write down which it took */
	if ((live.id_base != 0 ? ids_release(h, &live, e) : ids_sweep(h, e)) <
	    0)
		return -1;
	return live_remove(h, name, e);
}

/* Snapshots that are not of the files that come go along. */
static int
drop_backup(const struct host *h, const char *name, const char *old,
    struct error *e)
{
	AUTO_FREE char *path = xasprintf("%s/jails/%s", h->root, old);
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_CELL_STORE struct cell_store s = CELL_STORE_INIT;
	struct store_cell from;
	int result = 0;

	if (cell_load(h, name, &c, e) < 0 ||
	    cell_store_init(&s, h, &c, NULL, e) < 0)
		return -1;
	from = s.at;
	from.entry = old;
	from.path = path;
	from.dir = file_opendir(h->jails_fd, old, e);
	if (from.dir < 0)
		return -1;
	if (s.store->take_snapshots != NULL)
		result = s.store->take_snapshots(&s.at, &from, e);
	close_fd(&from.dir);
	return result < 0 ? -1 : store_remove(h, name, old, e);
}

/* An interrupted convert: until the new files were in place the old ones hold,
 * from then on they are of no use. */
static int
recover_backup(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *old = xasprintf(".old.%s", name);
	AUTO_FREE char *file = xasprintf("%s/cell.conf", old);
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_CELL_STORE struct cell_store s = CELL_STORE_INIT;
	AUTO_BUF struct buf text = BUF_INIT;

	if (!file_exists(h->jails_fd, old))
		return 0;
	if (cell_exists(h, name))
		return drop_backup(h, name, old, e);
	if (file_read(h->jails_fd, file, 1 << 20, &text, e) < 0 ||
	    cell_parse(file, name, buf_text(&text), text.len, &c, e) < 0 ||
	    cell_store_init(&s, h, &c, old, e) < 0)
		return -1;
	return store_rename(h, s.store, &s.at, name, name, e);
}

/* What a change of an existing jail's files left. */
static int
recover_store(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *file = xasprintf(".todo.%s", name);
	AUTO_BUF struct buf todo = BUF_INIT;
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_CELL_STORE struct cell_store s = CELL_STORE_INIT;
	AUTO_LIVE struct live live = LIVE_INIT;
	AUTO_FREE char *key = xasprintf("%s/%s", h->scope, name);

	if (!file_exists(h->jails_fd, file))
		return 0;
	if (file_read(h->jails_fd, file, 4096, &todo, e) < 0)
		return -1;
	host_say(h, "%s: clearing up after an interrupted %s", name,
	    todo.len > 0 ? buf_text(&todo) : "change");
	if (h->plan)
		return 0;
	if (strncmp(buf_text(&todo), "rename ", 7) == 0)
		return jail_rename_recover(h, name, todo.data, e);
	if (strncmp(buf_text(&todo), "adopt", 5) == 0)
		return adopt_recover(h, name, todo.data, e);
	if (recover_backup(h, name, e) < 0)
		return -1;
	if (!cell_exists(h, name))
		return store_done(h, name, e);
	if (live_running(h, name, &live, e) < 0)
		return -1;
	if (live.phase == LIVE_RUNNING && engine_native->freeze != NULL &&
	    engine_native->freeze(&live.engine, key, false, e) < 0)
		return -1;
	if (cell_load(h, name, &c, e) < 0 ||
	    cell_store_init(&s, h, &c, NULL, e) < 0)
		return -1;
	if (strcmp(buf_text(&todo), "receive") == 0)
		return arrival_recover(h, &s, e);
	if (s.store->recover != NULL && s.store->recover(&s.at, e) < 0)
		return -1;
	if (strncmp(buf_text(&todo), "export ", 7) == 0 &&
	    export_drop(&s, todo.data + 7, e) < 0)
		return -1;
	return store_done(h, name, e);
}

/* Directories that a crash left without what belongs there, where a store has
 * such; where it went to comes before where it was. */
static int
settle(const struct host *h, const char *name, struct error *e)
{
	static const char *const prefixes[] = { ".new.", ".old.", ".trash.",
		"" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		AUTO_FREE char *entry = xasprintf("%s%s", prefixes[i], name);
		AUTO_FREE char *file = xasprintf("%s/cell.conf", entry);

		if (!file_exists(h->jails_fd, file) &&
		    store_settle(h, "jails", entry, !h->plan, e) < 0)
			return -1;
	}
	return 0;
}

int
life_recover(const struct host *h, const char *name, struct error *e)
{
	if (file_exists(h->root_fd, "zfs") && settle(h, name, e) < 0)
		return -1;
	/* what still runs may still write */
	if (recover_live(h, name, e) < 0 || recover_store(h, name, e) < 0)
		return -1;
	if (recover_files(h, name, e) < 0)
		return -1;
	if (mount_recover(h, name, e) < 0 ||
	    net_change_recover(h, name, e) < 0)
		return -1;
	/* cell.conf may have been written by hand */
	jailconf_refresh(h, name);
	return 0;
}

int
life_sweep(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *fresh = xasprintf(".new.%s", name);
	AUTO_FREE char *trash = xasprintf(".trash.%s", name);
	AUTO_FREE char *todo = xasprintf(".todo.%s", name);
	AUTO_FREE char *lock_file = xasprintf("lock/%s", name);
	AUTO_CLOSE int lock = -1;

	/* a dataset that is not mounted has no directory, or none yet: zfs(8)
	 * may still be at what gaol was killed in */
	if (!file_exists(h->root_fd, "zfs") &&
	    !file_exists(h->jails_fd, todo) &&
	    !file_exists(h->jails_fd, fresh) &&
	    !file_exists(h->jails_fd, trash) && !file_exists(h->live_fd, name))
		return 0;
	lock = live_lock(h, name, "recover", e);
	if (lock < 0 || life_recover(h, name, e) < 0)
		return -1;
	if (!h->plan && !cell_exists(h, name))
		unlinkat(h->run_fd, lock_file, 0);
	return 0;
}
