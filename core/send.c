/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/spawn.h"
#include "core/life.h"
#include "core/move.h"
#include "core/parley.h"
#include "core/release.h"
#include "core/send.h"
#include "core/snapshot.h"
#include "core/store.h"

#define SEND_SNAPSHOT "gaol-sending"

/* Passes over a running jail's files until little is left for the last. */
enum { PASSES = 5, FEW_BYTES = 8 << 20 };

struct send {
	const struct host *host;
	const char *jail;
	const struct send_options *options;
	struct send_report *report;
	struct cell cell;
	struct cell_store store;
	struct wire wire;
	struct offer offer;
	struct move move;	/* under way already, or to be */
	struct strings argv;
	pid_t pid;
	const char *snapshot;	/* whose files; NULL: those of now */
	bool taken;		/* SEND_SNAPSHOT is ours to destroy */
	bool running;
	bool shared;
	bool stopped;		/* for the move: marked so */
	bool gone;		/* GO was said: it is not ours to start */
	int lock, send_lock;
};

static void
add_words(struct strings *argv, const char *words)
{
	AUTO_FREE char *copy = xstrdup(words);
	char *word, *rest = copy;

	while ((word = strsep(&rest, " \t")) != NULL)
		if (*word != '\0')
			strings_add(argv, word);
}

/* ssh(1) has a shell there put the words together: none may need quoting. */
static int
check_plain(const char *what, const char *text, struct error *e)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789/._-+=:@ ";

	if (*text != '\0' && *text != '-' &&
	    text[strspn(text, plain)] == '\0')
		return 0;
	return error_set(e, ERROR_USAGE, "%s '%.80s' has characters that a "
	    "shell there would not take as they are", what, text);
}

static int
build_command(struct send *s, struct error *e)
{
	const struct send_options *o = s->options;
	struct error ignored = ERROR_INIT;
	AUTO_FREE char *mark = xasprintf("%032d %s", 0, o->host);

	if (prop_check_replica(mark, &ignored) < 0)
		return error_set(e, ERROR_USAGE, "'%.80s' is no [USER@]HOST",
		    o->host);
	if (check_plain("the command", o->gaol, e) < 0 ||
	    (o->root != NULL && check_plain("the directory", o->root, e) < 0))
		return -1;
	if (o->rsh != NULL) {
		add_words(&s->argv, o->rsh);
		if (s->argv.count == 0)
			return error_set(e, ERROR_USAGE, "-e needs a command");
	} else {
		strings_add(&s->argv, "ssh");
		/* who has gone without a word is noticed */
		strings_add(&s->argv, "-oServerAliveInterval=20");
		if (o->port != NULL)
			strings_take(&s->argv, xasprintf("-p%s", o->port));
	}
	strings_add(&s->argv, o->host);
	add_words(&s->argv, o->gaol);
	if (o->root != NULL) {
		strings_add(&s->argv, "-R");
		strings_add(&s->argv, o->root);
	}
	strings_add(&s->argv, "receive");
	return 0;
}

static int
connect_peer(struct send *s, struct error *e)
{
	int ends[2];
	struct spawn child = SPAWN_INIT;

	/* a peer that is gone is an error of write(2) */
	signal(SIGPIPE, SIG_IGN);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_sys(e, "socketpair");
	child.argv = strings_argv(&s->argv);
	child.in = child.out = ends[1];
	if (spawn_start(&child, &s->pid, e) < 0) {
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	close(ends[1]);
	s->wire.in = s->wire.out = ends[0];
	return 0;
}

/* What ssh has to say goes to our standard error by itself. */
static void
disconnect_peer(struct send *s)
{
	struct error ignored = ERROR_INIT;
	int status;

	if (s->wire.in >= 0)
		close(s->wire.in);
	s->wire.in = s->wire.out = -1;
	if (s->pid > 0 && spawn_wait(s->pid, 0, &status, &ignored) < 0)
		host_say(s->host, "%s: %s", s->options->host, ignored.msg);
	s->pid = 0;
}

static int
read_running(struct send *s, struct error *e)
{
	AUTO_LIVE struct live live = LIVE_INIT;

	if (live_running(s->host, s->jail, &live, e) < 0)
		return -1;
	s->running = live.phase != LIVE_STOPPED;
	return 0;
}

static int
reload(struct send *s, struct error *e)
{
	cell_fini(&s->cell);
	s->cell = (struct cell)CELL_INIT;
	cell_store_fini(&s->store);
	if (cell_load(s->host, s->jail, &s->cell, e) < 0 ||
	    cell_store_init(&s->store, s->host, &s->cell, NULL, e) < 0)
		return -1;
	return read_running(s, e);
}

static bool
can_open(const struct store *s)
{
	return s->open != NULL;
}

static int
take_snapshot(struct send *s, struct error *e)
{
	const struct snapshot_options o = { .name = SEND_SNAPSHOT,
	    .note = "of a send that is under way", .own = true };
	AUTO_FREE char *name = NULL;

	if (snapshot_take_locked(s->host, s->jail, &o, &name, e) < 0)
		return -1;
	s->snapshot = SEND_SNAPSHOT;
	s->taken = true;
	return 0;
}

/* Ours, or one that a send left which was interrupted. */
static int
drop_snapshot(struct send *s, struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (s->store.store->snapshots == NULL)
		return 0;
	if (s->store.store->snapshots(&s->store.at, false, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.items[i].name, SEND_SNAPSHOT) == 0)
			strings_add(&names, SEND_SNAPSHOT);
	return names.count == 0 ? 0 :
	    snapshot_destroy_locked(s->host, s->jail, &names, e);
}

/* Whose files are sent: a snapshot's, or those of now, which stay so. */
static int
choose_files(struct send *s, struct error *e)
{
	const struct store *store = s->store.store;

	if (store->open == NULL)
		return store_cannot(store, "give its files", can_open, e);
	if (s->options->snapshot != NULL) {
		AUTO_CLOSE int fd = store->open(&s->store.at,
		    s->options->snapshot, e);

		s->snapshot = s->options->snapshot;
		return fd < 0 ? -1 : 0;
	}
	if (s->options->move || !s->running)
		return 0;
	if (store->snapshot == NULL || store->by_copy)
		return error_set(e, ERROR_BUSY, "jail '%s' runs, and store %s "
		    "has no cheap snapshots; 'gaol stop %s' first, or 'gaol "
		    "snapshot --copy %s SNAP' and send -s SNAP", s->jail,
		    store->name, s->jail, s->jail);
	return take_snapshot(s, e);
}

static int
describe_release(struct send *s, struct error *e)
{
	AUTO_FREE char *release = cell_text(&s->cell, "release");
	AUTO_RELEASE struct release r = RELEASE_INIT;

	s->offer.thick = s->options->thick || !s->store.store->thin;
	if (s->store.at.release == NULL || release == NULL ||
	    *release == '\0')
		return 0;
	if (release_load(s->host, release, &r, e) < 0) {
		/* of a thick jail it may be gone */
		if (!s->offer.thick)
			return -1;
		error_clear(e);
		return 0;
	}
	s->offer.release = xstrdup(release);
	return s->offer.thick ? 0 : parley_digest(s->host, release,
	    s->offer.digest, e);
}

static int
build_offer(struct send *s, struct error *e)
{
	const struct send_options *o = s->options;
	struct utsname names;

	s->offer.name = xstrdup(o->name != NULL ? o->name : s->jail);
	if (uname(&names) < 0)
		return error_sys(e, "uname");
	s->offer.from = xstrdup(names.nodename);
	for (char *p = s->offer.from; *p != '\0'; p++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
		    "uvwxyz0123456789.", *p) == NULL)
			*p = '_';
	if (s->offer.from[0] == '\0') {
		free(s->offer.from);
		s->offer.from = xstrdup("unnamed");
	}
	s->offer.force = o->force;
	s->offer.abort = o->abort;
	if (o->move || o->abort) {
		memcpy(s->offer.move, s->move.id, sizeof(s->offer.move));
		s->offer.running = s->move.running;
	}
	if (move_origin(s->host, s->jail, s->offer.origin, e) < 0)
		return -1;
	return o->abort ? 0 : describe_release(s, e);
}

/* NOTEs, then the frame that is waited for. */
static int
expect(struct send *s, enum parley type, struct frame *f, struct error *e)
{
	for (;;) {
		if (sync_get(&s->wire, f, e) < 0)
			return -1;
		if (f->type == (uint8_t)type)
			return 0;
		if (f->type != PARLEY_NOTE)
			return error_set(e, ERROR_DATA, "%s sends what is not "
			    "expected", s->wire.peer);
		host_say(s->host, "%s: %s: %.400s", s->jail, s->options->host,
		    (const char *)f->data);
	}
}

static int
send_conf(struct send *s, enum parley type, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	conf_write(s->cell.conf, &text);
	return wire_put(&s->wire, (uint8_t)type, 0, text.data, text.len, e);
}

static int
offer(struct send *s, enum answer *answer, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct frame f;

	if (parley_begin(&s->wire, e) < 0)
		return -1;
	offer_write(&s->offer, &text);
	if (wire_put(&s->wire, PARLEY_OFFER, 0, text.data, text.len, e) < 0 ||
	    send_conf(s, PARLEY_CONF, e) < 0 ||
	    expect(s, PARLEY_ANSWER, &f, e) < 0)
		return -1;
	if (f.arg > ANSWER_ABORTED)
		return error_set(e, ERROR_DATA, "%s gives no answer",
		    s->wire.peer);
	*answer = (enum answer)f.arg;
	return 0;
}

static int
count(struct send *s, struct sync_source *source, struct error *e)
{
	int result = sync_send(&s->wire, source, e);

	s->report->files += source->files;
	s->report->bytes += source->bytes;
	return result;
}

static int
send_release(struct send *s, enum answer *answer, struct error *e)
{
	AUTO_CLOSE int lock = release_lock(s->host, s->offer.release, false,
	    "send", e);
	AUTO_FREE char *file = xasprintf("releases/%s/release.conf",
	    s->offer.release);
	AUTO_CLOSE int root = lock < 0 ? -1 : file_opendir(AT_FDCWD,
	    s->store.at.release, e);
	struct sync_source source = { .root = root, .base = -1 };
	AUTO_BUF struct buf text = BUF_INIT;
	struct frame f;

	if (root < 0 || file_read(s->host->root_fd, file, 1 << 16, &text,
	    e) < 0)
		return -1;
	host_say(s->host, "%s: release '%s' is missing there and is sent, too",
	    s->jail, s->offer.release);
	if (wire_put(&s->wire, PARLEY_RELEASE, 0, text.data, text.len,
	    e) < 0 || count(s, &source, e) < 0 ||
	    expect(s, PARLEY_ANSWER, &f, e) < 0)
		return -1;
	*answer = f.arg == ANSWER_SHARED ? ANSWER_SHARED : ANSWER_WHOLE;
	return 0;
}

/* One pass over the files; live ones are left that change meanwhile. */
static int
send_tree(struct send *s, bool live, struct sync_source *source,
    struct error *e)
{
	const struct store *store = s->store.store;
	AUTO_CLOSE int root = store->open(&s->store.at, s->snapshot, e);
	AUTO_CLOSE int base = -1;

	if (root < 0)
		return -1;
	if (s->shared) {
		base = file_opendir(AT_FDCWD, s->store.at.release, e);
		if (base < 0)
			return -1;
	}
	*source = (struct sync_source){ .root = root, .base = base,
	    .live = live };
	if (wire_put(&s->wire, PARLEY_TREE, live ? 0 : 1, NULL, 0, e) < 0)
		return -1;
	return count(s, source, e);
}

/* While the jail runs: what changes less and less from pass to pass. */
static int
send_live(struct send *s, struct error *e)
{
	struct sync_source source = { .bytes = UINT64_MAX };

	for (int i = 0; i < PASSES && source.bytes > FEW_BYTES; i++)
		if (send_tree(s, true, &source, e) < 0)
			return -1;
	return 0;
}

static int
lock_jail(struct send *s, struct error *e)
{
	if (s->lock < 0)
		s->lock = live_lock(s->host, s->jail, "send", e);
	return s->lock < 0 ? -1 : 0;
}

/*
 * The moment from which the jail does not start here without the other side's
 * word.  It does not run, and its lock is held to the end.
 */
static int
stop_here(struct send *s, struct error *e)
{
	bool was_running = false;

	if (lock_jail(s, e) < 0 || life_recover(s->host, s->jail, e) < 0 ||
	    reload(s, e) < 0)
		return -1;
	if (s->running && life_stop_locked(s->host, s->jail, false,
	    &was_running, e) < 0)
		return -1;
	s->stopped = true;
	if (reload(s, e) < 0 || move_set(&s->cell, &s->move, e) < 0)
		return -1;
	return cell_save(s->host, &s->cell, e);
}

/* It is ours again, and nobody else's. */
static int
take_back(struct send *s, struct error *e)
{
	if (reload(s, e) < 0 || move_set(&s->cell, NULL, e) < 0 ||
	    cell_save(s->host, &s->cell, e) < 0)
		return -1;
	if (!s->move.running)
		return 0;
	if (life_start_locked(s->host, s->jail, NULL, NULL, NULL, e) < 0)
		return -1;
	s->report->started = true;
	return 0;
}

static int
finish_move(struct send *s, struct error *e)
{
	if (life_destroy_locked(s->host, s->jail, false, false, e) < 0)
		return error_wrap(e, "%s has it now; here it could not be "
		    "removed", s->options->host);
	s->report->moved = true;
	/* what is not said now need not be known: the mark there stays */
	if (parley_say(&s->wire, PARLEY_FORGET, 0, "", e) < 0 ||
	    wire_flush(&s->wire, e) < 0)
		error_clear(e);
	return 0;
}

/* After GO only an answer tells whose the jail is. */
static int
hand_over(struct send *s, struct error *e)
{
	struct frame f;

	s->gone = true;
	if (parley_say(&s->wire, PARLEY_GO, 0, "", e) == 0 &&
	    expect(s, PARLEY_GONE, &f, e) == 0)
		return finish_move(s, e);
	sync_last_words(&s->wire, e);
	if (s->wire.refused) {
		s->gone = false;
		return -1;
	}
	return error_wrap(e, "whether %s has taken over '%s' is not known; "
	    "it stays stopped here until 'gaol send --move %s %s' says so",
	    s->options->host, s->jail, s->jail, s->options->host);
}

static int
send_files(struct send *s, struct error *e)
{
	struct sync_source source;
	struct frame f;

	if (s->options->move) {
		if (s->running && send_live(s, e) < 0)
			return -1;
		if (stop_here(s, e) < 0)
			return -1;
	}
	if (send_tree(s, false, &source, e) < 0 ||
	    send_conf(s, PARLEY_COMMIT, e) < 0 ||
	    expect(s, PARLEY_COMMITTED, &f, e) < 0)
		return -1;
	return s->options->move ? hand_over(s, e) : 0;
}

static int
talk(struct send *s, struct error *e)
{
	enum answer answer = ANSWER_WHOLE;

	if (offer(s, &answer, e) < 0)
		return -1;
	if (answer == ANSWER_TAKEN && s->options->abort)
		return error_set(e, ERROR_BUSY, "%s has taken '%s' over "
		    "already; 'gaol send --move %s %s' removes it here",
		    s->options->host, s->jail, s->jail, s->options->host);
	if (answer == ANSWER_TAKEN)
		return finish_move(s, e);
	if (s->options->abort)
		return answer == ANSWER_ABORTED ? take_back(s, e) :
		    error_set(e, ERROR_DATA, "%s gives no answer",
		    s->wire.peer);
	if (answer == ANSWER_RELEASE && (s->offer.release == NULL ||
	    send_release(s, &answer, e) < 0))
		return -1;
	s->shared = answer == ANSWER_SHARED && s->store.at.release != NULL;
	return send_files(s, e);
}

/* What is under way must be gone on with, and with the same host. */
static int
check_move(struct send *s, struct error *e)
{
	const struct send_options *o = s->options;
	struct move m;

	move_get(&s->cell, &m);
	if (m.way == MOVE_FROM)
		return error_set(e, ERROR_BUSY, "jail '%s' is on its way here "
		    "from %s", s->jail, m.host);
	if (m.way == MOVE_TO && (!(o->move || o->abort) ||
	    strcmp(m.host, o->host) != 0))
		return error_set(e, ERROR_BUSY, "jail '%s' is on its way to "
		    "%s; 'gaol send --move %s %s' completes that, --abort "
		    "takes it back", s->jail, m.host, s->jail, m.host);
	if (o->abort && m.way != MOVE_TO)
		return error_set(e, ERROR_FAILED, "jail '%s' is not on its "
		    "way to another host", s->jail);
	if (m.way == MOVE_TO) {
		s->move = m;
		return 0;
	}
	if (o->move && cell_bool(&s->cell, "protect"))
		return error_set(e, ERROR_DENIED, "jail '%s' is protected: "
		    "it may not be removed here; 'gaol set %s protect=off' "
		    "lifts that", s->jail, s->jail);
	s->move.way = MOVE_TO;
	move_new_id(s->move.id);
	snprintf(s->move.host, sizeof(s->move.host), "%s", o->host);
	s->move.running = s->running;
	return 0;
}

static int
prepare(struct send *s, struct error *e)
{
	AUTO_FREE char *file = xasprintf("send.%s.lock", s->jail);

	/* one at a time: there is one snapshot for it */
	s->send_lock = file_lock(s->host->run_fd, file, true, 0, e);
	if (s->send_lock < 0)
		return error_wrap(e, "'%s' is being sent", s->jail);
	if (lock_jail(s, e) < 0 || life_recover(s->host, s->jail, e) < 0 ||
	    reload(s, e) < 0 || check_move(s, e) < 0)
		return -1;
	if (s->options->abort)
		return build_offer(s, e);
	if (drop_snapshot(s, e) < 0 || choose_files(s, e) < 0 ||
	    build_offer(s, e) < 0)
		return -1;
	/* what does not change meanwhile needs no lock */
	if (s->snapshot != NULL || (s->options->move && s->running))
		close_fd(&s->lock);
	return 0;
}

/*
 * A move that failed before GO, or was refused: the other side has not got it
 * and, without another GO, will not.
 */
static void
undo_move(struct send *s)
{
	struct error e = ERROR_INIT;

	if (!s->stopped || s->gone || s->report->moved)
		return;
	if (take_back(s, &e) < 0)
		host_say(s->host, "%s: %s", s->jail, e.msg);
}

/* What was made for the send. */
static void
tidy(struct send *s)
{
	AUTO_FREE char *file = xasprintf("send.%s.lock", s->jail);
	struct error e = ERROR_INIT;

	if (s->taken && (lock_jail(s, &e) < 0 || drop_snapshot(s, &e) < 0))
		host_say(s->host, "%s: %s", s->jail, e.msg);
	if (s->send_lock >= 0)
		unlinkat(s->host->run_fd, file, 0);
}

static void
send_fini(struct send *s)
{
	disconnect_peer(s);
	wire_fini(&s->wire);
	cell_fini(&s->cell);
	cell_store_fini(&s->store);
	offer_fini(&s->offer);
	strings_fini(&s->argv);
	close_fd(&s->lock);
	close_fd(&s->send_lock);
}

static int
plan(const struct send *s)
{
	host_say(s->host, "would send '%s' to '%s' on %s%s", s->jail,
	    s->offer.name, s->options->host, s->options->move ?
	    ", start it there and remove it here" : "");
	return 0;
}

int
jail_send(const struct host *h, const char *jail,
    const struct send_options *o, struct send_report *report,
    struct error *e)
{
	struct send s = { .host = h, .jail = jail, .options = o,
	    .report = report, .cell = CELL_INIT, .store = CELL_STORE_INIT,
	    .wire = WIRE_INIT(-1, -1, o->host), .lock = -1, .send_lock = -1 };
	int result = build_command(&s, e);

	memset(report, 0, sizeof(*report));
	if (result == 0)
		result = prepare(&s, e);
	if (result == 0 && h->plan)
		result = plan(&s);
	else if (result == 0)
		result = connect_peer(&s, e) < 0 ? -1 : talk(&s, e);
	if (result == 0 && !h->plan && (parley_say(&s.wire, PARLEY_BYE, 0, "",
	    e) < 0 || wire_flush(&s.wire, e) < 0))
		error_clear(e);
	else if (result < 0 && s.wire.out >= 0) {
		sync_last_words(&s.wire, e);
		sync_tell_error(&s.wire, e);
	}
	report->wire = s.wire.sent;
	report->aborted = result == 0 && o->abort;
	/* the other side lets go of the jail before it is ours again */
	disconnect_peer(&s);
	if (result < 0)
		undo_move(&s);
	tidy(&s);
	send_fini(&s);
	return result;
}
