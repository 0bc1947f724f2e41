/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Commands inside a jail, throw-away jails, changes of cell.conf. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "core/command.h"
#include "core/depend.h"
#include "core/life.h"
#include "core/limit.h"
#include "core/net.h"
#include "core/net_change.h"
#include "core/net_publish.h"
#include "core/spec.h"
#include "core/store.h"

/*
 * c is the cell as it is now (env and the like are live), spec what confines the
 * jail since its start: a property changed meanwhile opens nothing.
 */
static int
load_running(const struct host *h, const char *name, struct cell *c,
    struct spec *spec, struct live *live, struct error *e)
{
	AUTO_CELL struct cell force = CELL_INIT;

	if (cell_load(h, name, c, e) < 0 ||
	    live_running(h, name, live, e) < 0)
		return -1;
	if (live->phase == LIVE_STOPPED)
		return error_set(e, ERROR_FAILED, "jail '%s' is not running; "
		    "'gaol start %s' starts it", name, name);
	if (live->phase == LIVE_STOPPING)
		return error_set(e, ERROR_BUSY,
		    "jail '%s' is being stopped", name);
	if (life_in_force(name, live, &force, e) < 0 ||
	    spec_init(spec, h, &force, false, e) < 0)
		return -1;
	spec->engine.id_base = live->id_base;
	return 0;
}

int
life_exec(const struct host *h, const char *name,
    const struct run_options *o, int *status, struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_LIVE struct live live = LIVE_INIT;
	AUTO_COMMAND struct command c = COMMAND_INIT;
	AUTO_SPEC struct spec spec;

	memset(&spec, 0, sizeof(spec));
	if (load_running(h, name, &cell, &spec, &live, e) < 0 ||
	    command_init(&c, &cell, &live.engine, o, e) < 0)
		return -1;
	c.engine.no_new_privs =
	    (spec.engine.allow & ALLOW_BIT(ALLOW_SUSER)) == 0;
	return engine_native->exec(&live.engine, &spec.engine, &c.engine,
	    status, e);
}

int
life_within(const struct host *h, const char *name,
    int (*work)(int root, void *arg, struct error *e), void *arg,
    unsigned timeout_ms, struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_LIVE struct live live = LIVE_INIT;
	AUTO_SPEC struct spec spec;

	memset(&spec, 0, sizeof(spec));
	if (load_running(h, name, &cell, &spec, &live, e) < 0)
		return -1;
	if (engine_native->within == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "this system gives no "
		    "way into the files of a running jail");
	return engine_native->within(&live.engine, &spec.engine, work, arg,
	    timeout_ms, e);
}

/* The name may be another jail's by now, made while the command ran. */
static bool
is_ours(const struct host *h, const char *name, int dir)
{
	struct stat ours, now;

	return fstat(dir, &ours) == 0 &&
	    fstatat(h->jails_fd, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	    ours.st_dev == now.st_dev && ours.st_ino == now.st_ino;
}

/* When its command has ended: dir is the jail's directory. */
static int
end_run(const struct host *h, const char *name, int dir, bool keep,
    struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, name, "run", e);
	/* that the jail has ended is what was to be */
	struct host quiet = *h;
	AUTO_FREE char *lock_file = xasprintf("lock/%s", name);
	bool was_running;

	quiet.say = NULL;
	if (lock < 0)
		return -1;
	if (!is_ours(h, name, dir))
		return 0;
	if (keep)
		return life_recover(&quiet, name, e) < 0 ? -1 :
		    life_stop_locked(&quiet, name, true, &was_running, e);
	if (life_discard_locked(&quiet, name, e) < 0)
		return -1;
	unlinkat(h->run_fd, lock_file, 0);
	return 0;
}

int
life_run(const struct host *h, const char *name,
    const struct create_options *c, const struct run_options *o, int *status,
    struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, name, "run", e);
	AUTO_CLOSE int dir = -1;
	struct create_options create = *c;
	struct error second = ERROR_INIT;
	int result;

	create.ephemeral = !o->keep;
	if (lock < 0 || life_create_locked(h, name, &create, e) < 0)
		return -1;
	if (h->plan)
		return 0;
	dir = openat(h->jails_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* while the command runs, others may stop the jail */
	result = life_start_locked(h, name, o, &lock, status, e);
	close_fd(&lock);
	if (end_run(h, name, dir, o->keep, &second) < 0)
		host_say(h, "%s: %s", name, second.msg);
	return result;
}

int
life_start_main(const struct host *h, const char *name,
    const struct run_options *o, int *status, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, name, "start", e);
	AUTO_CLOSE int dir = -1;
	struct run_options options = *o;
	struct error second = ERROR_INIT;
	int result;

	options.keep = options.instead = true;
	if (lock < 0 || life_recover(h, name, e) < 0)
		return -1;
	dir = openat(h->jails_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	result = life_start_locked(h, name, &options, &lock, status, e);
	if (h->plan || (result < 0 && e->kind == ERROR_EXISTS))
		return result;
	close_fd(&lock);
	if (end_run(h, name, dir, true, &second) < 0)
		host_say(h, "%s: %s", name, second.msg);
	return result;
}

static bool
same_property(const struct cell *a, const struct cell *b, const char *name)
{
	AUTO_STRINGS struct strings va = VEC_INIT, vb = VEC_INIT;
	AUTO_FREE char *ta = NULL;
	AUTO_FREE char *tb = NULL;

	cell_values(a, name, &va);
	cell_values(b, name, &vb);
	ta = strings_join(&va, "\n");
	tb = strings_join(&vb, "\n");
	return strcmp(ta, tb) == 0;
}

/* What the change means for this host, before it is written. */
static int
check_change(const struct host *h, const struct cell *before,
    const struct cell *c, struct error *e)
{
	AUTO_SPEC struct spec spec;
	int result;

	memset(&spec, 0, sizeof(spec));
	result = spec_init(&spec, h, c, false, e);
	if (result == 0 && !same_property(before, c, "depend"))
		result = depend_check(h, c, e);
	if (result == 0 && engine_native->check != NULL)
		result = engine_native->check(&spec.engine, e);
	return result;
}

/* The store's own part of it. */
static int
apply_to_store(const struct host *h, const struct cell *before,
    const struct cell *after, struct error *e)
{
	AUTO_CELL_STORE struct cell_store s = CELL_STORE_INIT;

	if (cell_store_init(&s, h, after, NULL, e) < 0 ||
	    store_check_options(after, s.store, e) < 0 ||
	    store_check_quota(after, s.store, e) < 0)
		return -1;
	if (h->plan)
		return 0;
	if (store_quota(before) != store_quota(after) &&
	    s.store->quota != NULL &&
	    s.store->quota(&s.at, store_quota(after), e) < 0)
		return -1;
	return store_change_options(before, after, s.store, &s.at, e);
}

static bool
same_values(const struct cell *a, const struct cell *b,
    const struct cell_value *v)
{
	AUTO_STRINGS struct strings va = VEC_INIT, vb = VEC_INIT;

	cell_get(a, v->prop, v->name, &va);
	cell_get(b, v->prop, v->name, &vb);
	if (va.count != vb.count)
		return false;
	for (size_t i = 0; i < va.count; i++)
		if (strcmp(va.items[i], vb.items[i]) != 0)
			return false;
	return true;
}

/* Whether something differs that a running jail takes up only at its start. */
static bool
needs_restart(const struct cell *before, const struct cell *after)
{
	const struct cell *both[] = { before, after };

	for (size_t n = 0; n < 2; n++)
		for (size_t i = 0; i < both[n]->values.count; i++) {
			const struct cell_value *v = &both[n]->values.items[i];

			if (!(v->prop->flags & PROP_LIVE) &&
			    strcmp(v->prop->name, "net") != 0 &&
			    !same_values(before, after, v))
				return true;
		}
	return false;
}

/* What becomes of a net that is said anew. */
enum net_fate { NET_STAYS, NET_AT_START, NET_NOW };

static int
net_fate(const struct cell *before, const struct cell *after,
    const struct live *live, enum net_fate *fate, struct error *e)
{
	AUTO_CELL struct cell force = CELL_INIT;

	*fate = NET_STAYS;
	if (net_change_none(before, after))
		return 0;
	*fate = NET_AT_START;
	if (live->phase == LIVE_STOPPED)
		return 0;
	if (life_in_force(after->name, live, &force, e) < 0)
		return -1;
	if (net_change_none(&force, after))
		*fate = NET_STAYS;
	else if (live->phase == LIVE_RUNNING &&
	    net_change_possible(&force, after))
		*fate = NET_NOW;
	return 0;
}

/* cell.conf is written, and what of it a running jail can have it has. */
static int
put_in_force(const struct host *h, const struct cell *before,
    const struct cell *after, const struct live *live, enum net_fate fate,
    struct error *e)
{
	if (fate == NET_NOW)
		return net_change(h, before, after, live, e);
	if (live->phase == LIVE_STOPPED && fate != NET_STAYS &&
	    net_change_reserve(h, before, after, e) < 0)
		return -1;
	if (live->phase != LIVE_STOPPED && net_publish_change(h, after, e) < 0)
		return -1;
	if (cell_save(h, after, e) < 0)
		return -1;
	/* a running jail keeps its addresses until it is stopped */
	return live->phase == LIVE_STOPPED ? net_trim(h, after, e) : 0;
}

int
life_change(const struct host *h, const char *name,
    int (*change)(struct cell *c, void *arg, struct error *e), void *arg,
    bool *restart, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, name, "set", e);
	AUTO_CELL struct cell before = CELL_INIT, after = CELL_INIT;
	AUTO_LIVE struct live live = LIVE_INIT;
	struct error second = ERROR_INIT;
	enum net_fate fate;

	if (lock < 0 || life_recover(h, name, e) < 0 ||
	    cell_load(h, name, &before, e) < 0 ||
	    cell_load(h, name, &after, e) < 0 ||
	    change(&after, arg, e) < 0 || check_change(h, &before, &after, e) < 0 ||
	    apply_to_store(h, &before, &after, e) < 0 ||
	    live_running(h, name, &live, e) < 0)
		return -1;
	if (net_fate(&before, &after, &live, &fate, e) < 0)
		return -1;
	*restart = live.phase != LIVE_STOPPED &&
	    (fate == NET_AT_START || needs_restart(&before, &after));
	if (h->plan) {
		host_say(h, "would change %s/jails/%s/cell.conf", h->root,
		    name);
		return 0;
	}
	if (live.phase != LIVE_STOPPED &&
	    limit_change(h, name, &live, &after, e) < 0)
		return -1;
	if (put_in_force(h, &before, &after, &live, fate, e) == 0)
		return 0;
	if (live.phase != LIVE_STOPPED &&
	    limit_change(h, name, &live, &before, &second) < 0)
		host_say(h, "%s: %s", name, second.msg);
	return -1;
}
