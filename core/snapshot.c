/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/life.h"
#include "core/snapshot.h"
#include "core/step.h"

enum { SNAPSHOT_NAME = 128, NOTE_MAX = 2048 };

int
name_check_snapshot(const char *name, struct error *e)
{
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._-:");

	if (len == 0 || name[len] != '\0')
		return error_set(e, ERROR_USAGE, "that cannot be the name of "
		    "a snapshot: only A-Z a-z 0-9 . _ - : may stand in it");
	if (*name == '-' || *name == '.')
		return error_set(e, ERROR_USAGE, "'%.80s' cannot be the name "
		    "of a snapshot: it must begin with a letter, a digit, _ "
		    "or :", name);
	if (len > SNAPSHOT_NAME)
		return error_set(e, ERROR_USAGE, "that cannot be the name of "
		    "a snapshot: it is longer than %d characters",
		    SNAPSHOT_NAME);
	return 0;
}

static int
check_reserved(const char *name, struct error *e)
{
	return strncmp(name, "gaol-", 5) != 0 ? 0 : error_set(e, ERROR_USAGE,
	    "names of snapshots that begin with gaol- are gaol's own");
}

static int
check_note(const char *note, struct error *e)
{
	if (strlen(note) > NOTE_MAX)
		return error_set(e, ERROR_USAGE,
		    "a note has %d characters at most", NOTE_MAX);
	if (note[strcspn(note, "\n\r")] != '\0')
		return error_set(e, ERROR_USAGE, "a note is one line");
	return 0;
}

struct change {
	const struct host *host;
	const char *jail;
	const char *what;	/* "snapshot" */
	struct cell cell;
	struct cell_store store;
	struct live live;
	struct snapshot snapshot;
	const struct strings *names;
	bool hold, temporary;
	char *key;
	char *todo;		/* what the mark of the change says, or NULL */
};

static void
change_fini(struct change *c)
{
	cell_fini(&c->cell);
	cell_store_fini(&c->store);
	live_fini(&c->live);
	free(c->snapshot.name);
	free(c->snapshot.note);
	free(c->key);
	free(c->todo);
}
#define AUTO_CHANGE __attribute__((cleanup(change_fini)))
#define CHANGE_INIT(h, jail, what) { h, jail, what, CELL_INIT, \
    CELL_STORE_INIT, LIVE_INIT, { .name = NULL }, NULL, false, false, \
    NULL, NULL }

static int
change_init(struct change *c, struct error *e)
{
	c->key = xasprintf("%s/%s", c->host->scope, c->jail);
	if (life_recover(c->host, c->jail, e) < 0 ||
	    cell_load(c->host, c->jail, &c->cell, e) < 0 ||
	    cell_store_init(&c->store, c->host, &c->cell, NULL, e) < 0)
		return -1;
	return live_running(c->host, c->jail, &c->live, e);
}

static int
begin(void *arg, struct error *e)
{
	struct change *c = arg;

	return store_todo(c->host, c->jail, c->todo != NULL ? c->todo :
	    c->what, e);
}

static int
done(void *arg, struct error *e)
{
	struct change *c = arg;

	return store_done(c->host, c->jail, e);
}

static void
tell_nothing(void *arg, struct buf *text)
{
}

static bool
can_snapshot(const struct store *s)
{
	return s->snapshot != NULL;
}

static bool
can_snapshot_cheaply(const struct store *s)
{
	return s->snapshot != NULL && !s->by_copy;
}

static bool
can_roll_back(const struct store *s)
{
	return s->rollback != NULL && !s->by_copy;
}

static bool
frozen(const struct change *c)
{
	return c->live.phase == LIVE_RUNNING && !c->store.store->atomic &&
	    engine_native->freeze != NULL;
}

static void
settled(void *arg)
{
	const struct change *c = arg;
	struct error why = ERROR_INIT;

	if (frozen(c) && engine_native->freeze(&c->live.engine, c->key, false,
	    &why) < 0)
		host_say(c->host, "%s: %s", c->jail, why.msg);
}

static int
freeze(void *arg, struct error *e)
{
	struct change *c = arg;

	return frozen(c) ? engine_native->freeze(&c->live.engine, c->key, true,
	    e) : 0;
}

static int
thaw(void *arg, struct error *e)
{
	settled(arg);
	return 0;
}

static void
tell_freeze(void *arg, struct buf *text)
{
	const struct change *c = arg;

	if (frozen(c))
		buf_printf(text, "freeze '%s' while its files are copied",
		    c->jail);
}

static int
take(void *arg, struct error *e)
{
	struct change *c = arg;
	const struct store_live live = { settled, c };

	return c->store.store->snapshot(&c->store.at, &c->snapshot,
	    c->live.phase != LIVE_STOPPED ? &live : NULL, e);
}

/* Only what this one made: one of that name was refused before. */
static int
untake(void *arg, struct error *e)
{
	struct change *c = arg;

	return c->store.store->recover != NULL ?
	    c->store.store->recover(&c->store.at, e) : 0;
}

static void
tell_take(void *arg, struct buf *text)
{
	const struct change *c = arg;

	buf_printf(text, "take snapshot '%s' of '%s' (store %s)",
	    c->snapshot.name, c->jail, c->store.store->name);
}

static int
taken(void *arg, struct error *e)
{
	const struct change *c = arg;

	return c->temporary ? 0 : done(arg, e);
}

static const struct step take_steps[] = {
	{ "mark the change", begin, done, tell_nothing },
	{ "freeze it", freeze, thaw, tell_freeze },
	{ "take the snapshot", take, untake, tell_take },
	{ "mark the end", taken, NULL, tell_nothing },
};

/* "20261125-045116", with a number when that is taken. */
static int
make_name(struct change *c, const struct snapshot_options *o, struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;
	time_t now = (time_t)c->snapshot.created;
	char date[32] = "";
	struct tm tm;

	if (o->name != NULL) {
		c->snapshot.name = xstrdup(o->name);
		return 0;
	}
	if (localtime_r(&now, &tm) != NULL)
		strftime(date, sizeof(date), "%Y%m%d-%H%M%S", &tm);
	if (c->store.store->snapshots(&c->store.at, false, &list, e) < 0)
		return -1;
	for (unsigned n = 1;; n++) {
		bool taken = false;

		free(c->snapshot.name);
		c->snapshot.name = n == 1 ?
		    xasprintf("%s%s", o->scheduled ? "auto-" : "", date) :
		    xasprintf("%s%s.%u", o->scheduled ? "auto-" : "", date, n);
		for (size_t i = 0; i < list.count; i++)
			taken |= strcmp(list.items[i].name,
			    c->snapshot.name) == 0;
		if (!taken)
			return 0;
	}
}

static int
check_store(const struct change *c, const struct snapshot_options *o,
    struct error *e)
{
	const struct store *s = c->store.store;

	if (s->snapshot == NULL)
		return store_cannot(s, "take snapshots", can_snapshot, e);
	if (s->by_copy && !o->copy) {
		if (store_cannot(s, "take snapshots without copying all files",
		    can_snapshot_cheaply, e) < 0)
			return error_wrap(e, "'%s' (--copy copies them)",
			    c->jail);
	}
	if (c->live.phase != LIVE_STOPPED && !s->atomic &&
	    engine_native->freeze == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "jail '%s' runs and "
		    "cannot be frozen on this host; 'gaol stop %s' first, or "
		    "store zfs", c->jail, c->jail);
	return 0;
}

int
snapshot_take_locked(const struct host *h, const char *jail,
    const struct snapshot_options *o, char **name, struct error *e)
{
	AUTO_CHANGE struct change c = CHANGE_INIT(h, jail, "snapshot");

	if ((o->name != NULL && name_check_snapshot(o->name, e) < 0) ||
	    (o->name != NULL && !o->own && check_reserved(o->name, e) < 0) ||
	    (o->note != NULL && check_note(o->note, e) < 0) ||
	    change_init(&c, e) < 0 || check_store(&c, o, e) < 0)
		return -1;
	c.snapshot.created = (int64_t)time(NULL);
	c.snapshot.note = xstrdup(o->note != NULL ? o->note : "");
	if (make_name(&c, o, e) < 0)
		return -1;
	c.temporary = o->temporary;
	if (o->temporary)
		c.todo = xasprintf("export %s", c.snapshot.name);
	if (steps_run(h, take_steps, sizeof(take_steps) /
	    sizeof(take_steps[0]), &c, e) < 0)
		return -1;
	*name = STEAL(c.snapshot.name);
	return 0;
}

int
snapshot_take(const struct host *h, const char *jail,
    const struct snapshot_options *o, char **name, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, jail, "snapshot", e);

	return lock < 0 ? -1 : snapshot_take_locked(h, jail, o, name, e);
}

int
snapshot_list(const struct host *h, const char *jail, bool sizes,
    struct snapshots *list, struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_CELL_STORE struct cell_store s = CELL_STORE_INIT;

	if (cell_load(h, jail, &cell, e) < 0 ||
	    cell_store_init(&s, h, &cell, NULL, e) < 0)
		return -1;
	if (s.store->snapshots == NULL)
		return 0;
	return s.store->snapshots(&s.at, sizes, list, e);
}

static int
drop(void *arg, struct error *e)
{
	struct change *c = arg;

	return c->store.store->snapshot_destroy(&c->store.at, c->names, e);
}

static void
tell_drop(void *arg, struct buf *text)
{
	const struct change *c = arg;

	buf_printf(text, "destroy of '%s':", c->jail);
	for (size_t i = 0; i < c->names->count; i++)
		buf_printf(text, " %s", c->names->items[i]);
}

static const struct step drop_steps[] = {
	{ "mark the change", begin, done, tell_nothing },
	{ "destroy snapshots", drop, untake, tell_drop },
	{ "mark the end", done, NULL, tell_nothing },
};

int
snapshot_destroy(const struct host *h, const char *jail,
    const struct strings *names, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, jail, "snapshot -d", e);

	return lock < 0 ? -1 : snapshot_destroy_locked(h, jail, names, e);
}

int
snapshot_destroy_locked(const struct host *h, const char *jail,
    const struct strings *names, struct error *e)
{
	AUTO_CHANGE struct change c = CHANGE_INIT(h, jail, "snapshot -d");

	c.names = names;
	if (change_init(&c, e) < 0)
		return -1;
	if (c.store.store->snapshot_destroy == NULL)
		return store_cannot(c.store.store, "have snapshots",
		    can_snapshot, e);
	return steps_run(h, drop_steps, sizeof(drop_steps) /
	    sizeof(drop_steps[0]), &c, e);
}

static int
hold(void *arg, struct error *e)
{
	struct change *c = arg;

	return c->store.store->snapshot_hold(&c->store.at,
	    c->names->items[0], c->hold, e);
}

static void
tell_hold(void *arg, struct buf *text)
{
	const struct change *c = arg;

	buf_printf(text, "%s snapshot '%s' of '%s'",
	    c->hold ? "hold" : "release", c->names->items[0], c->jail);
}

static const struct step hold_steps[] = {
	{ "hold the snapshot", hold, NULL, tell_hold },
};

int
snapshot_hold(const struct host *h, const char *jail, const char *name,
    bool held, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, jail, "snapshot --hold", e);
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_CHANGE struct change c = CHANGE_INIT(h, jail, "snapshot --hold");

	strings_add(&names, name);
	c.names = &names;
	c.hold = held;
	if (lock < 0 || name_check_snapshot(name, e) < 0 ||
	    change_init(&c, e) < 0)
		return -1;
	if (c.store.store->snapshot_hold == NULL)
		return store_cannot(c.store.store, "hold snapshots",
		    can_snapshot, e);
	return steps_run(h, hold_steps, 1, &c, e);
}

static int
roll_back(void *arg, struct error *e)
{
	struct change *c = arg;

	return c->store.store->rollback(&c->store.at, c->names->items[0], e);
}

static void
tell_roll_back(void *arg, struct buf *text)
{
	const struct change *c = arg;

	buf_printf(text, "give '%s' the files of snapshot '%s'", c->jail,
	    c->names->items[0]);
}

static const struct step rollback_steps[] = {
	{ "mark the change", begin, done, tell_nothing },
	{ "roll back", roll_back, untake, tell_roll_back },
	{ "mark the end", done, NULL, tell_nothing },
};

static int
refuse_later(const struct change *c, const struct snapshots *list, size_t at,
    struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	for (size_t i = at + 1; i < list->count; i++)
		strings_add(&names, list->items[i].name);
	if (names.count == 0)
		return 0;
	AUTO_FREE char *text = strings_join(&names, " ");
	return error_set(e, ERROR_BUSY, "'%s' has later snapshots, which store "
	    "%s cannot keep: %.200s; 'gaol snapshot -d' destroys them, 'gaol "
	    "clone -s %s' gives the files to a new jail", c->jail,
	    c->store.store->name, text, list->items[at].name);
}

/* Before anything is stopped for it. */
static int
check_there(const struct change *c, const char *name, struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;

	if (c->store.store->rollback == NULL)
		return store_cannot(c->store.store, "roll back",
		    can_roll_back, e);
	if (c->store.store->snapshots(&c->store.at, false, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.items[i].name, name) == 0)
			return c->store.store->linear ?
			    refuse_later(c, &list, i, e) : 0;
	return error_set(e, ERROR_NOT_FOUND, "jail '%s' has no snapshot '%s'; "
	    "'gaol snapshots %s' lists them", c->jail, name, c->jail);
}

/* As it was: a jail that was stopped in vain runs again. */
static int
start_again(const struct host *h, const char *jail, const struct error *e)
{
	struct error why = ERROR_INIT;

	if (!h->plan && e->kind != ERROR_NONE &&
	    life_start_locked(h, jail, NULL, NULL, NULL, &why) < 0)
		host_say(h, "%s: %s", jail, why.msg);
	return -1;
}

int
snapshot_rollback(const struct host *h, const char *jail, const char *name,
    bool restart, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, jail, "rollback", e);
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_CHANGE struct change c = CHANGE_INIT(h, jail, "rollback");
	bool was_running = false;

	strings_add(&names, name);
	c.names = &names;
	if (lock < 0 || name_check_snapshot(name, e) < 0 ||
	    change_init(&c, e) < 0 || check_there(&c, name, e) < 0 ||
	    cell_check_protect(&c.cell, "rolled back", e) < 0)
		return -1;
	if (c.live.phase != LIVE_STOPPED) {
		if (!restart)
			return error_set(e, ERROR_BUSY, "jail '%s' is "
			    "running; 'gaol stop %s' first, or --restart",
			    jail, jail);
		if (life_stop_locked(h, jail, false, &was_running, e) < 0)
			return -1;
	}
	if (steps_run(h, rollback_steps, sizeof(rollback_steps) /
	    sizeof(rollback_steps[0]), &c, e) < 0)
		return was_running ? start_again(h, jail, e) : -1;
	if (!was_running)
		return 0;
	if (h->plan) {
		host_say(h, "would start '%s'", jail);
		return 0;
	}
	if (life_start_locked(h, jail, NULL, NULL, NULL, e) < 0)
		return error_wrap(e, "'%s' was rolled back, but did not start",
		    jail);
	return 0;
}
