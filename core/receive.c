/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* 'gaol receive': the far end of 'gaol send'. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "core/arrival.h"
#include "core/life.h"
#include "core/move.h"
#include "core/parley.h"
#include "core/release.h"
#include "core/send.h"
#include "core/spec.h"
#include "core/store.h"

struct receive {
	const struct host *host;
	struct wire wire;
	struct offer offer;
	struct cell cell;	/* as it is to be */
	struct cell old;
	bool exists;
	bool replaces;		/* old is a copy of what is sent */
	const struct store *store;
	bool shared;
	struct arrival arrival;
	struct buf conf;	/* as it was when the session began */
	bool silent;		/* an error is not to be told */
	int lock;
};

static int
say(struct receive *r, enum parley type, uint64_t arg, struct error *e)
{
	if (parley_say(&r->wire, type, arg, "", e) < 0)
		return -1;
	return wire_flush(&r->wire, e);
}

static int
note(struct receive *r, const char *text, struct error *e)
{
	return parley_say(&r->wire, PARLEY_NOTE, 0, text, e);
}

static int
set_word(struct cell *c, const char *name, const char *value, struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	strings_add(&values, value);
	return cell_set(c, prop_find(name), name, &values, false, e);
}

/* A thin jail needs a store that holds such; a thick one, too. */
static int
choose_store(struct receive *r, struct error *e)
{
	const struct store *s = store_default(r->host, e);

	if (s == NULL)
		return -1;
	if ((r->offer.thick || r->offer.release == NULL) && s->thin &&
	    !s->thick)
		s = store_find("dir");
	if (s == NULL || s->edit == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "no store of this host "
		    "can receive the jail");
	/* what is there already stays where it is */
	if (r->exists && r->replaces) {
		const struct store *now = store_of_cell(&r->old, e);

		if (now == NULL)
			return -1;
		if (now->edit != NULL && (now->thin || r->offer.thick))
			s = now;
	}
	r->store = s;
	return s->probe(r->host->root, e);
}

/* The other's cell.conf, as it is to be here. */
static int
take_conf(struct receive *r, const struct frame *f, struct error *e)
{
	const struct offer *o = &r->offer;
	struct move m = { .way = MOVE_FROM, .running = o->running };
	AUTO_CONF struct conf *c = NULL;
	AUTO_BUF struct buf text = BUF_INIT;
	struct conf_block *b = NULL;

	cell_fini(&r->cell);
	r->cell = (struct cell)CELL_INIT;
	c = conf_parse("cell.conf", (const char *)f->data, f->len, NULL, e);
	if (c == NULL)
		return -1;
	while ((b = conf_block_next(c, b)) != NULL &&
	    conf_block_name(b) == NULL)
		;
	if (b == NULL)
		return error_set(e, ERROR_DATA, "cell.conf has no jail in it");
	conf_block_rename(b, o->name);
	conf_write(c, &text);
	if (cell_parse("cell.conf", o->name, buf_text(&text), text.len,
	    &r->cell, e) < 0)
		return -1;
	memcpy(m.id, o->move, sizeof(m.id));
	snprintf(m.host, sizeof(m.host), "%s", o->from);
	if (move_set(&r->cell, *o->move != '\0' ? &m : NULL, e) < 0 ||
	    replica_set(&r->cell, o->origin, o->from, e) < 0)
		return -1;
	/* two of them after a boot of this host are one too many */
	if (*o->move == '\0' && cell_bool(&r->cell, "boot") &&
	    set_word(&r->cell, "boot", "off", e) < 0)
		return -1;
	if (set_word(&r->cell, "store", r->store->name, e) < 0)
		return -1;
	return set_word(&r->cell, "type", r->store->thin && !o->thick ?
	    "thin" : "thick", e);
}

/* What could keep it from starting here: told, or of a move an error. */
static int
check_engine(struct receive *r, struct error *e)
{
	AUTO_SPEC struct spec spec;
	struct error why = ERROR_INIT;

	memset(&spec, 0, sizeof(spec));
	if (spec_init(&spec, r->host, &r->cell, false, &why) == 0 &&
	    (engine_native->check == NULL ||
	    engine_native->check(&spec.engine, &why) == 0))
		return 0;
	if (*r->offer.move != '\0') {
		*e = why;
		return error_wrap(e, "it could not start here");
	}
	AUTO_FREE char *text = xasprintf("it could not start there: %s",
	    why.msg);
	return note(r, text, e);
}

static int
load_old(struct receive *r, struct error *e)
{
	const struct host *h = r->host;
	const struct offer *o = &r->offer;
	AUTO_LIVE struct live live = LIVE_INIT;
	char origin[MOVE_ID];
	struct move m;

	r->exists = cell_exists(h, o->name);
	if (!r->exists)
		return 0;
	if (cell_load(h, o->name, &r->old, e) < 0 ||
	    live_running(h, o->name, &live, e) < 0)
		return -1;
	replica_get(&r->old, origin);
	move_get(&r->old, &m);
	r->replaces = strcmp(origin, o->origin) == 0;
	if (live.phase != LIVE_STOPPED)
		return error_set(e, ERROR_BUSY, "a jail '%s' runs there",
		    o->name);
	if (m.way == MOVE_TO || (m.way == MOVE_FROM && !r->replaces))
		return error_set(e, ERROR_BUSY, "jail '%s' there is on its "
		    "way %s %s", o->name, m.way == MOVE_TO ? "to" : "from",
		    m.host);
	if (r->replaces || o->force) {
		if (!r->replaces && cell_bool(&r->old, "protect"))
			return error_set(e, ERROR_DENIED, "jail '%s' there is "
			    "protected", o->name);
		return 0;
	}
	return error_set(e, ERROR_EXISTS, "jail '%s' there is no copy of this "
	    "one, or was started since; --force makes it one, --name NEW "
	    "sends beside it", o->name);
}

/* A move that has come to its end here. */
static int
answer_taken(struct receive *r, struct error *e)
{
	const struct host *h = r->host;
	const char *name = r->offer.name;
	AUTO_LIVE struct live live = LIVE_INIT;

	/* 'running': the other side stopped it for the move */
	if (!r->offer.abort && r->offer.running && cell_exists(h, name)) {
		if (live_running(h, name, &live, e) < 0)
			return -1;
		if (live.phase == LIVE_STOPPED &&
		    life_start_locked(h, name, NULL, NULL, NULL, e) < 0)
			return -1;
	}
	return say(r, PARLEY_ANSWER, ANSWER_TAKEN, e);
}

/* What was received stays, as a copy. */
static int
answer_aborted(struct receive *r, struct error *e)
{
	struct move m;

	if (r->exists) {
		move_get(&r->old, &m);
		if (m.way == MOVE_FROM &&
		    strcmp(m.id, r->offer.move) == 0 &&
		    (move_set(&r->old, NULL, e) < 0 ||
		    cell_save(r->host, &r->old, e) < 0))
			return -1;
	}
	return say(r, PARLEY_ANSWER, ANSWER_ABORTED, e);
}

/* Which of the answers; *taken when the session only has its end left. */
static int
choose_answer(struct receive *r, enum answer *answer, struct error *e)
{
	const struct offer *o = &r->offer;
	AUTO_RELEASE struct release release = RELEASE_INIT;
	char digest[sizeof(o->digest)];

	*answer = ANSWER_WHOLE;
	if (o->release == NULL || !r->store->thin || o->thick)
		return 0;
	if (release_load(r->host, o->release, &release, e) < 0) {
		if (e->kind != ERROR_NOT_FOUND)
			return -1;
		error_clear(e);
		*answer = ANSWER_RELEASE;
		return 0;
	}
	if (*o->digest == '\0')
		return 0;
	if (parley_digest(r->host, o->release, digest, e) < 0)
		return -1;
	if (strcmp(digest, o->digest) == 0) {
		*answer = ANSWER_SHARED;
		return 0;
	}
	AUTO_FREE char *text = xasprintf("release '%s' there has other files "
	    "than here: all that differs is sent with the jail", o->release);
	return note(r, text, e);
}

struct new_release {
	char *entry, *path;	/* ".new.NAME" */
	int dir, root, state, releases;
};
#define AUTO_NEW_RELEASE __attribute__((cleanup(new_release_fini)))

static void
new_release_fini(struct new_release *n)
{
	free(n->entry);
	free(n->path);
	close_fd(&n->dir);
	close_fd(&n->root);
	close_fd(&n->state);
	close_fd(&n->releases);
}

static int
open_release(struct receive *r, struct new_release *n, struct error *e)
{
	const struct host *h = r->host;
	const char *name = r->offer.release;
	AUTO_FREE char *state = NULL;

	n->releases = release_dir(h, e);
	if (n->releases < 0)
		return -1;
	n->entry = xasprintf(".new.%s", name);
	state = xasprintf("%s/receive", n->entry);
	if (!file_exists(n->releases, state)) {
		if (release_recover(h, name, e) < 0)
			return -1;
		if (mkdirat(n->releases, n->entry, 0700) < 0)
			return error_sys(e, "make %s", n->entry);
		if (store_release_make(h, name, n->entry, e) < 0)
			return -1;
		/* last: who finds it goes on with what is there */
		if (mkdirat(n->releases, state, 0700) < 0)
			return error_sys(e, "make %s", state);
	}
	n->dir = file_opendir(n->releases, n->entry, e);
	n->root = n->dir < 0 ? -1 : file_opendir(n->dir, "root", e);
	n->state = n->root < 0 ? -1 : file_opendir(n->dir, "receive", e);
	return n->state < 0 ? -1 : 0;
}

static int
receive_release_tree(struct receive *r, struct new_release *n,
    struct error *e)
{
	struct sync_known known = { .items = NULL };
	struct sync_target t = { .root = n->root, .base = -1,
	    .state = n->state, .scratch = ".gaol-receive", .final = true,
	    .known = &known };
	int result = sync_known_load(&known, n->state, "done", e);

	sync_known_sort(&known);
	if (result == 0)
		result = sync_receive(&r->wire, &t, e);
	sync_known_fini(&known);
	return result;
}

static int
check_release(const struct receive *r, const struct buf *conf,
    struct error *e)
{
	AUTO_CONF struct conf *c = conf_parse("release.conf", buf_text(conf),
	    conf->len, NULL, e);

	if (c == NULL)
		return -1;
	if (conf_block(c, r->offer.release) == NULL)
		return error_set(e, ERROR_DATA, "release.conf is of another "
		    "release than '%s'", r->offer.release);
	return 0;
}

static int
place_release(struct receive *r, struct new_release *n,
    const struct buf *conf, struct error *e)
{
	const char *name = r->offer.release;

	if (check_release(r, conf, e) < 0 ||
	    file_replace(n->dir, "release.conf", conf->data, conf->len, 0644,
	    FILE_DURABLE, e) < 0)
		return -1;
	if (file_sync_all(n->root) < 0 || fchmod(n->dir, 0755) < 0)
		return error_sys(e, "%s", n->entry);
	if (path_remove_tree(n->dir, "receive", e) < 0)
		return -1;
	if (file_rename_new(n->releases, n->entry, name) < 0)
		return error_sys(e, "rename in release '%s'", name);
	if (file_sync_dir(n->releases, ".", e) < 0)
		return -1;
	return store_release_ready(r->host, name, e);
}

static int
take_release(struct receive *r, struct error *e)
{
	AUTO_NEW_RELEASE struct new_release n = { .dir = -1, .root = -1,
	    .state = -1, .releases = -1 };
	AUTO_CLOSE int lock = release_lock(r->host, r->offer.release, true,
	    "receive", e);
	AUTO_BUF struct buf conf = BUF_INIT;
	struct frame f;
	char digest[sizeof(r->offer.digest)];

	if (lock < 0 || sync_expect(&r->wire, PARLEY_RELEASE, &f, e) < 0)
		return -1;
	buf_append(&conf, f.data, f.len);
	if (open_release(r, &n, e) < 0 ||
	    receive_release_tree(r, &n, e) < 0 ||
	    place_release(r, &n, &conf, e) < 0)
		return error_wrap(e, "release '%s'", r->offer.release);
	if (parley_digest(r->host, r->offer.release, digest, e) < 0)
		return -1;
	r->shared = strcmp(digest, r->offer.digest) == 0;
	return say(r, PARLEY_ANSWER, r->shared ? ANSWER_SHARED :
	    ANSWER_WHOLE, e);
}

/* Whether the release is here, for a thick jail to begin with. */
static bool
has_release(const struct receive *r)
{
	AUTO_RELEASE struct release release = RELEASE_INIT;
	struct error ignored = ERROR_INIT;

	return r->offer.release != NULL && release_load(r->host,
	    r->offer.release, &release, &ignored) == 0;
}

static int
begin_files(struct receive *r, struct error *e)
{
	const struct arrival_options o = {
		.origin = r->offer.origin, .store = r->store,
		.release = has_release(r) ? r->offer.release : NULL,
		.shared = r->shared, .known = r->replaces,
	};

	if (o.release == NULL && r->store->thin && !r->offer.thick)
		return release_missing(r->host, r->offer.release, e);
	return arrival_begin(&r->arrival, r->exists ? &r->old : NULL, &o, e);
}

static int
take_tree(struct receive *r, bool final, struct error *e)
{
	if (arrival_prepare(&r->arrival, final, e) < 0 ||
	    sync_receive(&r->wire, &r->arrival.target, e) < 0)
		return -1;
	return wire_flush(&r->wire, e);
}

static int
commit(struct receive *r, const struct frame *f, struct error *e)
{
	if (!r->arrival.target.final)
		return error_set(e, ERROR_DATA, "not all files have come");
	if (take_conf(r, f, e) < 0 || check_engine(r, e) < 0 ||
	    store_check_quota(&r->cell, r->store, e) < 0 ||
	    arrival_commit(&r->arrival, &r->cell, e) < 0)
		return -1;
	return say(r, PARLEY_COMMITTED, 0, e);
}

static int
start_here(struct receive *r, struct error *e)
{
	const struct host *h = r->host;

	if (r->offer.running)
		return life_start_locked(h, r->offer.name, NULL, NULL, NULL, e);
	return move_unmark(&r->cell, e) < 0 ? -1 : cell_save(h, &r->cell, e);
}

/*
 * The jail changes hosts: move_take() is the moment.  One that cannot be
 * started goes back.  An error that is told says that it is not ours; who is
 * not sure about that says nothing.
 */
static int
take_over(struct receive *r, struct error *e)
{
	const struct host *h = r->host;
	const struct offer *o = &r->offer;
	struct error second = ERROR_INIT;

	if (*o->move == '\0')
		return error_set(e, ERROR_DATA, "nothing was to be moved");
	r->silent = true;
	if (move_take(h, o->move, o->name, e) < 0) {
		r->silent = move_forget(h, o->move, &second) < 0;
		return -1;
	}
	if (start_here(r, e) < 0) {
		r->silent = move_forget(h, o->move, &second) < 0;
		return error_wrap(e, "it did not start");
	}
	return say(r, PARLEY_GONE, 0, e);
}

/* After the last tree: until the other side has nothing more to say. */
static int
conclude(struct receive *r, struct error *e)
{
	bool committed = false;

	for (;;) {
		struct frame f;
		int result;

		if (sync_get(&r->wire, &f, e) < 0)
			return committed && e->sys_errno == EPIPE ? 0 : -1;
		switch (f.type) {
		case PARLEY_TREE:
			result = committed ? error_set(e, ERROR_DATA,
			    "a tree after its end") :
			    take_tree(r, f.arg != 0, e);
			break;
		case PARLEY_COMMIT:
			result = committed ? error_set(e, ERROR_DATA,
			    "a second end") : commit(r, &f, e);
			committed = result == 0;
			break;
		case PARLEY_GO:
			result = committed ? take_over(r, e) : error_set(e,
			    ERROR_DATA, "it has not come yet");
			break;
		case PARLEY_FORGET:
			result = *r->offer.move == '\0' ? 0 :
			    move_forget(r->host, r->offer.move, e);
			break;
		case PARLEY_BYE:
			return 0;
		default:
			result = error_set(e, ERROR_DATA, "the sending side "
			    "sends what is not expected");
			break;
		}
		if (result < 0)
			return -1;
	}
}

static int
hear_offer(struct receive *r, struct error *e)
{
	struct frame f;

	if (sync_expect(&r->wire, PARLEY_OFFER, &f, e) < 0 ||
	    offer_parse((const char *)f.data, f.len, &r->offer, e) < 0)
		return -1;
	if (sync_expect(&r->wire, PARLEY_CONF, &f, e) < 0)
		return -1;
	buf_append(&r->conf, f.data, f.len);
	r->arrival.name = r->offer.name;
	r->lock = live_lock(r->host, r->offer.name, "receive", e);
	if (r->lock < 0)
		return -1;
	/* what was interrupted goes on, when it is the same */
	return arrival_is_left(r->host, r->offer.name, r->offer.origin) ? 0 :
	    life_recover(r->host, r->offer.name, e);
}

/* 1: the session is at its end already. */
static int
answer(struct receive *r, struct error *e)
{
	enum answer what;
	struct frame f;

	if (*r->offer.move != '\0' &&
	    move_taken(r->host, r->offer.move))
		return answer_taken(r, e) < 0 ? -1 : 1;
	if (load_old(r, e) < 0)
		return -1;
	if (r->offer.abort)
		return answer_aborted(r, e) < 0 ? -1 : 1;
	if (choose_store(r, e) < 0)
		return -1;
	f = (struct frame){ .data = (const uint8_t *)buf_text(&r->conf),
	    .len = r->conf.len };
	if (take_conf(r, &f, e) < 0 || check_engine(r, e) < 0 ||
	    store_check_quota(&r->cell, r->store, e) < 0 ||
	    choose_answer(r, &what, e) < 0 ||
	    say(r, PARLEY_ANSWER, what, e) < 0)
		return -1;
	r->shared = what == ANSWER_SHARED;
	return what == ANSWER_RELEASE ? take_release(r, e) : 0;
}

static int
run(struct receive *r, struct error *e)
{
	int over;

	if (parley_begin(&r->wire, e) < 0 || hear_offer(r, e) < 0)
		return -1;
	over = answer(r, e);
	if (over < 0)
		return -1;
	if (over == 0 && begin_files(r, e) < 0)
		return -1;
	return conclude(r, e);
}

/* What the other side breaks off can go on; what cannot be done is undone. */
static void
undo(struct receive *r)
{
	struct error second = ERROR_INIT;

	if (r->wire.gone || r->arrival.entry == NULL)
		return;
	if (arrival_undo(&r->arrival, &second) < 0)
		host_say(r->host, "%s: %s", r->offer.name, second.msg);
}

int
jail_receive(const struct host *h, int in, int out, bool *told,
    struct error *e)
{
	struct receive r = { .host = h, .lock = -1, .cell = CELL_INIT,
	    .old = CELL_INIT, .wire = WIRE_INIT(in, out, "the sending side"),
	    .arrival = ARRIVAL_INIT(h, NULL) };
	int result = run(&r, e);

	if (result < 0) {
		undo(&r);
		*told = !r.silent && !r.wire.gone;
		if (*told)
			sync_tell_error(&r.wire, e);
	}
	arrival_fini(&r.arrival);
	wire_fini(&r.wire);
	cell_fini(&r.cell);
	cell_fini(&r.old);
	offer_fini(&r.offer);
	buf_fini(&r.conf);
	close_fd(&r.lock);
	return result;
}
