/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/mounts.h"
#include "base/path.h"
#include "core/arrival.h"
#include "core/life.h"
#include "core/move.h"
#include "core/release.h"

#define UNDO_SNAPSHOT "gaol-receiving"

static const char *const kinds[] = { "new", "beside", "in-place" };

static char *
entry_of(const char *name)
{
	return xasprintf(".recv.%s", name);
}

void
arrival_fini(struct arrival *a)
{
	close_fd(&a->at.dir);
	close_fd(&a->target.root);
	close_fd(&a->target.base);
	close_fd(&a->target.state);
	close_fd(&a->release_lock);
	cell_store_fini(&a->old);
	sync_known_fini(&a->known);
	free(a->entry);
	free(a->path);
	free(a->release_path);
}

/* receive/about: "KIND ORIGIN STORE RELEASE SHARED SCRATCH" */
static char *
describe(const struct arrival *a)
{
	const struct arrival_options *o = &a->options;

	return xasprintf("%s %s %s %s %s ", kinds[a->kind], o->origin,
	    o->store->name, o->release != NULL ? o->release : "-",
	    o->shared ? "shared" : "whole");
}

static int
read_about(const struct host *h, const char *name, struct buf *text)
{
	AUTO_FREE char *file = xasprintf(".recv.%s/receive/about", name);
	struct error ignored = ERROR_INIT;

	return file_read(h->jails_fd, file, 1024, text, &ignored);
}

bool
arrival_is_left(const struct host *h, const char *name, const char *origin)
{
	AUTO_FREE char *half = xasprintf(".recv.%s/receive/half", name);
	AUTO_BUF struct buf text = BUF_INIT;
	char was[MOVE_ID] = "";

	return read_about(h, name, &text) == 0 &&
	    !file_exists(h->jails_fd, half) &&
	    sscanf(buf_text(&text), "%*15s %32s", was) == 1 &&
	    strcmp(was, origin) == 0;
}

int
arrival_drop(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *entry = entry_of(name);

	return store_remove(h, name, entry, e);
}

/* The same as before: go on with it. */
static bool
can_resume(struct arrival *a)
{
	AUTO_FREE char *about = describe(a);
	AUTO_FREE char *todo = xasprintf(".todo.%s", a->name);
	AUTO_BUF struct buf text = BUF_INIT;
	size_t len = strlen(about);

	if (a->kind == ARRIVAL_IN_PLACE && !file_exists(a->host->jails_fd,
	    todo))
		return false;
	if (read_about(a->host, a->name, &text) < 0 ||
	    strncmp(buf_text(&text), about, len) != 0)
		return false;
	snprintf(a->scratch, sizeof(a->scratch), "%s", text.data + len);
	return strncmp(a->scratch, ".gaol-", 6) == 0 &&
	    move_is_id(a->scratch + 6);
}

static bool
has_cheap_snapshots(const struct store *s)
{
	return s->snapshot != NULL && s->rollback != NULL && !s->by_copy &&
	    s->snapshot_destroy != NULL && s->edit != NULL;
}

static bool
same_release(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int
choose_kind(struct arrival *a, const struct cell *old, struct error *e)
{
	const struct store *s = a->options.store;
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;
	bool alike;

	a->kind = ARRIVAL_NEW;
	if (old == NULL)
		return 0;
	if (cell_store_init(&a->old, a->host, old, NULL, e) < 0 ||
	    mounts_refuse_below(a->old.path, e) < 0)
		return -1;
	alike = a->old.store == s &&
	    same_release(a->old.release, a->release_path);
	a->kind = alike && has_cheap_snapshots(s) ? ARRIVAL_IN_PLACE :
	    ARRIVAL_BESIDE;
	if (a->kind == ARRIVAL_IN_PLACE || a->old.store->snapshots == NULL)
		return 0;
	if (a->old.store->snapshots(&a->old.at, false, &list, e) < 0)
		return -1;
	if (list.count > 0 && !(alike && s->take_snapshots != NULL))
		return error_set(e, ERROR_BUSY, "jail '%s' has %zu snapshots "
		    "here, which would be lost: it lies on another store or "
		    "release than what comes", a->name, list.count);
	return 0;
}

static int
mark(struct arrival *a, const char *half, struct error *e)
{
	AUTO_FREE char *about = describe(a);
	AUTO_FREE char *dir = xasprintf("%s/receive", a->entry);
	AUTO_FREE char *file = xasprintf("%s/about", dir);
	AUTO_FREE char *text = NULL;
	char id[MOVE_ID];

	move_new_id(id);
	snprintf(a->scratch, sizeof(a->scratch), ".gaol-%s", id);
	text = xasprintf("%s%s", about, a->scratch);
	if (mkdirat(a->host->jails_fd, a->entry, 0700) < 0 && errno != EEXIST)
		return error_sys(e, "make %s", a->path);
	if (mkdirat(a->host->jails_fd, dir, 0700) < 0)
		return error_sys(e, "make %s/receive", a->path);
	/* as long as it is there, nobody goes on with the rest */
	if (file_replace(a->host->jails_fd, half, "", 0, 0600, FILE_DURABLE,
	    e) < 0)
		return -1;
	return file_replace(a->host->jails_fd, file, text, strlen(text), 0600,
	    FILE_DURABLE, e);
}

static int
take_undo_snapshot(const struct arrival *a, struct error *e)
{
	char name[] = UNDO_SNAPSHOT, note[] = "before a receive";
	const struct snapshot s = { .name = name, .note = note,
	    .created = (int64_t)time(NULL) };

	if (store_todo(a->host, a->name, "receive", e) < 0)
		return -1;
	return a->options.store->snapshot(&a->old.at, &s, NULL, e);
}

static int
drop_undo_snapshot(const struct cell_store *s, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	strings_add(&names, UNDO_SNAPSHOT);
	if (s->store->snapshot_destroy(&s->at, &names, e) < 0 &&
	    e->kind != ERROR_NOT_FOUND)
		return -1;
	error_clear(e);
	return 0;
}

/* The files to begin with: of the release, or none. */
static int
make_files(struct arrival *a, struct error *e)
{
	const struct store *s = a->options.store;

	if (a->at.release != NULL)
		return s->create(&a->at, e);
	AUTO_CLOSE int root = s->empty != NULL ? s->empty(&a->at, e) :
	    error_set(e, ERROR_UNSUPPORTED, "store %s holds no jail without "
	    "a release", s->name);
	return root < 0 ? -1 : 0;
}

/* Each file is the old one's until it changes. */
static int
link_files(struct arrival *a, struct error *e)
{
	const struct store *s = a->options.store;

	if (a->old.store != s || s->empty == NULL || s->open == NULL ||
	    !s->by_copy)
		return make_files(a, e);
	AUTO_CLOSE int from = s->open(&a->old.at, NULL, e);
	AUTO_CLOSE int to = from < 0 ? -1 : s->empty(&a->at, e);
	return to < 0 ? -1 : path_link_tree(from, to, e);
}

static int
open_entry(struct arrival *a, struct error *e)
{
	a->at.dir = file_opendir(a->host->jails_fd, a->entry, e);
	a->target.state = a->at.dir < 0 ? -1 :
	    file_opendir(a->at.dir, "receive", e);
	return a->target.state < 0 ? -1 : 0;
}

static int
begin_anew(struct arrival *a, struct error *e)
{
	AUTO_FREE char *half = xasprintf("%s/receive/half", a->entry);

	if (life_recover(a->host, a->name, e) < 0 ||
	    arrival_drop(a->host, a->name, e) < 0 || mark(a, half, e) < 0 ||
	    open_entry(a, e) < 0)
		return -1;
	if (a->kind == ARRIVAL_IN_PLACE ? take_undo_snapshot(a, e) < 0 :
	    a->kind == ARRIVAL_BESIDE ? link_files(a, e) < 0 :
	    make_files(a, e) < 0)
		return -1;
	if (unlinkat(a->host->jails_fd, half, 0) < 0)
		return error_sys(e, "%s", half);
	a->target.fresh = a->kind == ARRIVAL_NEW;
	return 0;
}

static int
open_root(struct arrival *a, struct error *e)
{
	const struct store *s = a->options.store;

	a->target.root = a->kind == ARRIVAL_IN_PLACE ?
	    s->edit(&a->old.at, e) : s->edit(&a->at, e);
	if (a->target.root < 0)
		return -1;
	if (a->options.shared && a->release_path != NULL) {
		a->target.base = file_opendir(AT_FDCWD, a->release_path, e);
		if (a->target.base < 0)
			return -1;
	}
	a->target.scratch = a->scratch;
	a->target.known = &a->known;
	return 0;
}

int
arrival_begin(struct arrival *a, const struct cell *old,
    const struct arrival_options *o, struct error *e)
{
	const struct host *h = a->host;

	a->options = *o;
	a->entry = entry_of(a->name);
	a->path = xasprintf("%s/jails/%s", h->root, a->entry);
	if (o->release != NULL) {
		a->release_path = release_path(h, o->release);
		a->release_lock = release_lock(h, o->release, false,
		    "receive", e);
		if (a->release_lock < 0)
			return -1;
	}
	a->at = (struct store_cell){ .root = h->root, .name = a->name,
	    .entry = a->entry, .path = a->path, .dir = -1,
	    .release = a->release_path };
	if (o->store->edit == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "store %s cannot "
		    "receive jails", o->store->name);
	if (choose_kind(a, old, e) < 0)
		return -1;
	a->resumed = arrival_is_left(h, a->name, o->origin) && can_resume(a);
	if (a->resumed ? open_entry(a, e) < 0 : begin_anew(a, e) < 0)
		return -1;
	return open_root(a, e);
}

int
arrival_prepare(struct arrival *a, bool final, struct error *e)
{
	static const char *const files[] = { "done", "next" };
	AUTO_FREE char *received = xasprintf("%s/received", a->name);

	a->target.final = final;
	sync_known_fini(&a->known);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (sync_known_load(&a->known, a->target.state, files[i],
		    e) < 0)
			return -1;
	/* what began as the old one has what that was told */
	if (a->options.known && sync_known_load(&a->known,
	    a->host->jails_fd, received, e) < 0)
		return -1;
	sync_known_sort(&a->known);
	return 0;
}

static int
move_file(const struct host *h, const char *from, const char *to,
    struct error *e)
{
	if (renameat(h->jails_fd, from, h->jails_fd, to) < 0 &&
	    errno != ENOENT)
		return error_sys(e, "rename %s to %s", from, to);
	return 0;
}

/* From "commit" on it is completed, whatever happens; it may be called again. */
static int
complete_in_place(const struct host *h, const struct cell_store *s,
    struct error *e)
{
	static const char *const files[][2] = {
		{ "receive/next", "received" },
		{ "receive/cell.conf", "cell.conf" },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		AUTO_FREE char *from = xasprintf(".recv.%s/%s", s->name,
		    files[i][0]);
		AUTO_FREE char *to = xasprintf("%s/%s", s->name, files[i][1]);

		if (move_file(h, from, to, e) < 0)
			return -1;
	}
	if (file_sync_dir(h->jails_fd, s->name, e) < 0 ||
	    drop_undo_snapshot(s, e) < 0 ||
	    arrival_drop(h, s->name, e) < 0)
		return -1;
	return store_done(h, s->name, e);
}

static int
write_conf(const struct arrival *a, const char *file, const struct cell *c,
    struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	conf_write(c->conf, &text);
	return file_replace(a->at.dir, file, text.data, text.len, 0600,
	    FILE_DURABLE, e);
}

static int
commit_in_place(struct arrival *a, const struct cell *c, struct error *e)
{
	if (write_conf(a, "receive/cell.conf", c, e) < 0 ||
	    file_replace(a->target.state, "commit", "", 0, 0600, FILE_DURABLE,
	    e) < 0)
		return -1;
	return complete_in_place(a->host, &a->old, e);
}

static int
commit_beside(struct arrival *a, struct error *e)
{
	const struct host *h = a->host;
	AUTO_FREE char *old = xasprintf(".old.%s", a->name);
	AUTO_FREE char *path = xasprintf("%s/jails/%s", h->root, old);
	struct store_cell aside = a->old.at, in = a->at;

	if (store_todo(h, a->name, "receive", e) < 0 ||
	    store_rename(h, a->old.store, &a->old.at, a->name, old, e) < 0 ||
	    store_rename(h, a->options.store, &a->at, a->name, a->name,
	    e) < 0)
		return -1;
	aside.entry = old;
	aside.path = path;
	in.entry = a->name;
	if (a->options.store->take_snapshots != NULL &&
	    a->options.store->take_snapshots(&in, &aside, e) < 0)
		return -1;
	if (store_remove(h, a->name, old, e) < 0)
		return -1;
	return store_done(h, a->name, e);
}

/* "next" becomes "received"; the rest of receive/ is of no use any more. */
static int
tidy(struct arrival *a, struct error *e)
{
	if (renameat(a->target.state, "next", a->at.dir, "received") < 0)
		return error_sys(e, "%s/received", a->path);
	return path_remove_tree(a->at.dir, "receive", e);
}

int
arrival_commit(struct arrival *a, const struct cell *c, struct error *e)
{
	if (file_sync_all(a->target.root) < 0)
		return error_sys(e, "sync the received files");
	/* mounts of ours would be in the way of renames and snapshots */
	close_fd(&a->target.root);
	if (store_set_quota(c, a->options.store, a->kind == ARRIVAL_IN_PLACE ?
	    &a->old.at : &a->at, e) < 0)
		return -1;
	if (a->kind == ARRIVAL_IN_PLACE)
		return commit_in_place(a, c, e);
	if (write_conf(a, "cell.conf", c, e) < 0 || tidy(a, e) < 0 ||
	    file_sync_dir(a->at.dir, ".", e) < 0)
		return -1;
	if (a->kind == ARRIVAL_BESIDE)
		return commit_beside(a, e);
	return store_rename(a->host, a->options.store, &a->at, a->name,
	    a->name, e);
}

static int
undo_in_place(const struct host *h, const struct cell_store *s,
    struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;

	if (s->store->recover != NULL && s->store->recover(&s->at, e) < 0)
		return -1;
	if (s->store->snapshots(&s->at, false, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.items[i].name, UNDO_SNAPSHOT) == 0 &&
		    s->store->rollback(&s->at, UNDO_SNAPSHOT, e) < 0)
			return -1;
	if (drop_undo_snapshot(s, e) < 0 || arrival_drop(h, s->name, e) < 0)
		return -1;
	return store_done(h, s->name, e);
}

int
arrival_undo(struct arrival *a, struct error *e)
{
	close_fd(&a->target.root);
	return a->kind == ARRIVAL_IN_PLACE && a->old.store != NULL ?
	    undo_in_place(a->host, &a->old, e) :
	    arrival_drop(a->host, a->name, e);
}

int
arrival_recover(const struct host *h, const struct cell_store *s,
    struct error *e)
{
	AUTO_FREE char *commit = xasprintf(".recv.%s/receive/commit",
	    s->name);
	AUTO_BUF struct buf about = BUF_INIT;
	size_t len = strlen(kinds[ARRIVAL_IN_PLACE]);

	if (file_exists(h->jails_fd, commit))
		return complete_in_place(h, s, e);
	if (read_about(h, s->name, &about) == 0 &&
	    strncmp(buf_text(&about), kinds[ARRIVAL_IN_PLACE], len) == 0)
		return undo_in_place(h, s, e);
	if (s->store->recover != NULL && s->store->recover(&s->at, e) < 0)
		return -1;
	return store_done(h, s->name, e);
}
