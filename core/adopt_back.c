/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * The way back of an adoption, and what completes one that was killed.  While
 * .todo.NAME says "adopt" the files may be at either place; "adopt back" the
 * same.  A directory jails/NAME that is removed never has files in it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/adopt.h"
#include "core/jailconf.h"
#include "core/life.h"
#include "core/network.h"
#include "core/snapshot.h"
#include "core/step.h"

enum { RECORD_MAX = 1 << 16 };

struct back {
	const struct host *host;
	const char *name;
	struct adopt_record record;
	struct cell cell;
	struct cell_store store;
};

void
adopt_record_fini(struct adopt_record *r)
{
	free(r->from);
	free(r->root);
	free(r->was);
	*r = (struct adopt_record){ NULL, NULL, NULL, false };
}

int
adopt_record_load(const struct host *h, const char *name,
    struct adopt_record *r, struct error *e)
{
	AUTO_FREE char *file = xasprintf("%s/adopted", name);
	AUTO_BUF struct buf text = BUF_INIT, was = BUF_INIT;
	char *line, *rest;

	if (file_read(h->jails_fd, file, RECORD_MAX, &text, e) < 0)
		return -1;
	rest = text.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		if (strncmp(line, "from ", 5) == 0 && r->from == NULL)
			r->from = xstrdup(line + 5);
		else if (strncmp(line, "root ", 5) == 0 && r->root == NULL)
			r->root = xstrdup(line + 5);
		else if (strcmp(line, "copied") == 0)
			r->copied = true;
		else if (*line != '\0')
			buf_printf(&was, "%s\n", line);
	}
	r->was = xstrdup(buf_text(&was));
	return r->from != NULL && r->root != NULL && *r->root == '/' ? 0 :
	    error_set(e, ERROR_DATA, "%s/jails/%s is damaged", h->root, file);
}

int
adopt_record_save(int dir, const struct adopt_record *r, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	buf_printf(&text, "from %s\nroot %s\n%s%s", r->from, r->root,
	    r->copied ? "copied\n" : "", r->was != NULL ? r->was : "");
	return file_replace(dir, "adopted", text.data, text.len, 0600,
	    FILE_DURABLE, e);
}

char *
adopt_who(const struct host *h, const char *root)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct error ignored = ERROR_INIT;

	if (cell_names(h, &names, &ignored) < 0)
		return NULL;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_ADOPT_RECORD struct adopt_record r = { .from = NULL };

		error_clear(&ignored);
		if (adopt_record_load(h, names.items[i], &r, &ignored) == 0 &&
		    strcmp(r.root, root) == 0)
			return xstrdup(names.items[i]);
	}
	return NULL;
}

bool
adopt_is_moved(const struct host *h, const char *name)
{
	AUTO_ADOPT_RECORD struct adopt_record r = { .from = NULL };
	struct error ignored = ERROR_INIT;

	return adopt_record_load(h, name, &r, &ignored) == 0 && !r.copied;
}

bool
adopt_at_home(const struct store *s, const char *root)
{
	AUTO_FREE char *above = xasprintf("%s/..", root);
	struct stat st, up;

	return lstat(root, &st) == 0 && S_ISDIR(st.st_mode) &&
	    (!s->mounts || (stat(above, &up) == 0 && st.st_dev != up.st_dev));
}

static int
mark(void *arg, struct error *e)
{
	struct back *b = arg;

	return store_todo(b->host, b->name, "adopt back", e);
}

static int
unmark(void *arg, struct error *e)
{
	struct back *b = arg;

	return store_done(b->host, b->name, e);
}

static void
tell_nothing(void *arg, struct buf *text)
{
}

static int
give(void *arg, struct error *e)
{
	struct back *b = arg;

	return b->store.store->give(&b->store.at, b->record.root,
	    b->record.was, e);
}

static int
take_again(void *arg, struct error *e)
{
	struct back *b = arg;

	return b->store.store->take(&b->store.at, b->record.root,
	    b->record.was, e);
}

static void
tell_give(void *arg, struct buf *text)
{
	const struct back *b = arg;

	buf_printf(text, "move the files of '%s' back to %s", b->name,
	    b->record.root);
}

/* What is left has no files of a jail in it. */
static int
forget(void *arg, struct error *e)
{
	struct back *b = arg;
	AUTO_FREE char *trash = xasprintf(".trash.%s", b->name);

	if (!adopt_at_home(b->store.store, b->record.root))
		return error_set(e, ERROR_FAILED, "the files are not at %s",
		    b->record.root);
	close_fd(&b->store.at.dir);
	if (file_exists(b->host->jails_fd, b->name) &&
	    store_rename(b->host, b->store.store, &b->store.at, b->name,
	    trash, e) < 0)
		return -1;
	if (network_release_all(b->host, b->name, NULL, e) < 0 ||
	    store_remove(b->host, b->name, trash, e) < 0)
		return -1;
	return live_remove(b->host, b->name, e);
}

static void
tell_forget(void *arg, struct buf *text)
{
	const struct back *b = arg;

	buf_printf(text, "remove %s/jails/%s, which has no files then",
	    b->host->root, b->name);
}

static const struct step back_steps[] = {
	{ "mark the change", mark, unmark, tell_nothing },
	{ "give its files back", give, take_again, tell_give },
	{ "forget it", forget, NULL, tell_forget },
	{ "mark the end", unmark, NULL, tell_nothing },
};

static void
back_fini(struct back *b)
{
	cell_store_fini(&b->store);
	cell_fini(&b->cell);
	adopt_record_fini(&b->record);
}

static int
load(struct back *b, struct error *e)
{
	if (adopt_record_load(b->host, b->name, &b->record, e) < 0 ||
	    cell_load(b->host, b->name, &b->cell, e) < 0 ||
	    cell_store_init(&b->store, b->host, &b->cell, NULL, e) < 0)
		return -1;
	if (b->store.store->give == NULL || b->store.store->take == NULL)
		return error_set(e, ERROR_DATA, "'%s' lies on store %s now; "
		    "its files cannot go back", b->name,
		    b->store.store->name);
	return 0;
}

/* Snapshots go along with a dataset; copies in a directory cannot. */
static int
check_snapshots(const struct back *b, struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;

	if (!b->store.store->by_copy || b->store.store->snapshots == NULL)
		return 0;
	if (b->store.store->snapshots(&b->store.at, false, &list, e) < 0)
		return -1;
	return list.count == 0 ? 0 : error_set(e, ERROR_BUSY, "'%s' has "
	    "snapshots, for which %s has no place; 'gaol snapshot -d %s ...' "
	    "first", b->name, b->record.from, b->name);
}

static int
check(struct back *b, struct error *e)
{
	AUTO_LIVE struct live live = LIVE_INIT;

	if (life_recover(b->host, b->name, e) < 0)
		return -1;
	if (!cell_exists(b->host, b->name))
		return error_set(e, ERROR_NOT_FOUND, "no jail named '%s'",
		    b->name);
	if (load(b, e) < 0)
		return e->kind != ERROR_NOT_FOUND ? -1 : error_set(e,
		    ERROR_FAILED, "'%s' was not adopted", b->name);
	if (b->record.copied)
		return error_set(e, ERROR_FAILED, "'%s' is a copy: the files "
		    "of %s are where they were; 'gaol destroy %s' removes the "
		    "copy", b->name, b->record.from, b->name);
	if (live_running(b->host, b->name, &live, e) < 0)
		return -1;
	if (live.phase != LIVE_STOPPED)
		return error_set(e, ERROR_BUSY, "jail '%s' is running; 'gaol "
		    "stop %s' first", b->name, b->name);
	if (adopt_at_home(b->store.store, b->record.root) ||
	    (!b->store.store->mounts && file_exists(AT_FDCWD,
	    b->record.root)))
		return error_set(e, ERROR_EXISTS, "%s, where its files were, "
		    "is there again", b->record.root);
	return check_snapshots(b, e);
}

int
adopt_undo(const struct host *h, const char *name, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, name, "adopt", e);
	struct back b = { h, name, { .from = NULL }, CELL_INIT,
	    CELL_STORE_INIT };
	int result = -1;

	if (lock >= 0 && check(&b, e) == 0) {
		result = steps_run(h, back_steps, sizeof(back_steps) /
		    sizeof(back_steps[0]), &b, e);
		if (result == 0 && !h->plan) {
			AUTO_FREE char *file = xasprintf("lock/%s", name);

			unlinkat(h->run_fd, file, 0);
		}
	}
	back_fini(&b);
	return result;
}

int
adopt_recover(const struct host *h, const char *name, const char *todo,
    struct error *e)
{
	struct back b = { h, name, { .from = NULL }, CELL_INIT,
	    CELL_STORE_INIT };
	bool forward = strncmp(todo, "adopt back", 10) != 0;
	struct error why = ERROR_INIT;
	int result = 0;

	if (!cell_exists(h, name))
		return store_done(h, name, e);
	if (load(&b, e) < 0) {
		back_fini(&b);
		return -1;
	}
	if (forward && take_again(&b, &why) < 0) {
		/* nothing was moved, and cannot be now: as it was */
		host_say(h, "%s: it is not adopted: %s", name, why.msg);
		forward = false;
		if (!adopt_at_home(b.store.store, b.record.root)) {
			*e = why;
			result = -1;
		}
	} else if (!forward) {
		result = give(&b, e);
	}
	if (result == 0 && !forward)
		result = forget(&b, e);
	back_fini(&b);
	return result < 0 ? -1 : store_done(h, name, e);
}
