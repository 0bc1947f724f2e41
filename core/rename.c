/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * A jail's directory is renamed by one call; what bears its name beside that
 * follows, and is done again by the next command when that was interrupted.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "core/jailconf.h"
#include "core/life.h"
#include "core/snapshot.h"
#include "core/step.h"

struct rename {
	const struct host *host;
	const char *from, *to;
	struct cell cell;
	struct cell_store store;
};

static int
mark(void *arg, struct error *e)
{
	struct rename *r = arg;
	AUTO_FREE char *to = xasprintf("rename to %s", r->to);
	AUTO_FREE char *from = xasprintf("rename from %s", r->from);

	if (store_todo(r->host, r->to, from, e) < 0)
		return -1;
	return store_todo(r->host, r->from, to, e);
}

static int
unmark(void *arg, struct error *e)
{
	struct rename *r = arg;

	if (store_done(r->host, r->from, e) < 0)
		return -1;
	return store_done(r->host, r->to, e);
}

static void
tell_nothing(void *arg, struct buf *text)
{
}

static int
move(void *arg, struct error *e)
{
	struct rename *r = arg;

	/* what is open cannot be unmounted */
	close_fd(&r->store.at.dir);
	return store_rename(r->host, r->store.store, &r->store.at, r->to,
	    r->to, e);
}

static int
move_back(void *arg, struct error *e)
{
	struct rename *r = arg;
	AUTO_FREE char *path = xasprintf("%s/jails/%s", r->host->root, r->to);
	struct store_cell at = r->store.at;

	if (!file_exists(r->host->jails_fd, r->to))
		return 0;
	at.name = at.entry = r->to;
	at.path = path;
	return store_rename(r->host, r->store.store, &at, r->from, r->from,
	    e);
}

static void
tell_move(void *arg, struct buf *text)
{
	const struct rename *r = arg;

	buf_printf(text, "rename %s/jails/%s to %s", r->host->root, r->from,
	    r->to);
}

/* cell.conf of jails/NAME has the block of another name: it is renamed. */
static int
rename_block(const struct host *h, const char *name, const char *old,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("%s/cell.conf", name);
	AUTO_BUF struct buf text = BUF_INIT, out = BUF_INIT;
	struct conf_block *b;

	if (file_read(h->jails_fd, file, 1 << 20, &text, e) < 0)
		return -1;
	AUTO_CONF struct conf *c = conf_parse(file, buf_text(&text), text.len,
	    NULL, e);
	if (c == NULL)
		return -1;
	b = conf_block(c, old);
	if (b == NULL || conf_block(c, name) != NULL)
		return 0;
	conf_block_rename(b, name);
	conf_write(c, &out);
	return file_replace(h->jails_fd, file, out.data, out.len, 0600,
	    FILE_DURABLE, e);
}

static int
write_conf(void *arg, struct error *e)
{
	struct rename *r = arg;

	return rename_block(r->host, r->to, r->from, e);
}

static int
write_back(void *arg, struct error *e)
{
	struct rename *r = arg;

	return file_exists(r->host->jails_fd, r->to) ?
	    rename_block(r->host, r->to, r->to, e) : 0;
}

static void
tell_conf(void *arg, struct buf *text)
{
	const struct rename *r = arg;

	buf_printf(text, "name '%s' in its cell.conf", r->to);
}

static int
move_logs(void *arg, struct error *e)
{
	struct rename *r = arg;
	AUTO_FREE char *from = xasprintf("%s/%s", r->host->log, r->from);
	AUTO_FREE char *to = xasprintf("%s/%s", r->host->log, r->to);

	/* of a jail of that name that is gone */
	if (file_exists(AT_FDCWD, from) && file_exists(AT_FDCWD, to) &&
	    path_remove_tree(AT_FDCWD, to, e) < 0)
		return -1;
	if (renameat(AT_FDCWD, from, AT_FDCWD, to) < 0 && errno != ENOENT)
		return error_sys(e, "rename %s", from);
	return live_remove(r->host, r->from, e);
}

static int
follow(struct cell *c, void *arg, struct error *e)
{
	const struct rename *r = arg;
	AUTO_STRINGS struct strings old = VEC_INIT, new = VEC_INIT;

	cell_values(c, "depend", &old);
	for (size_t i = 0; i < old.count; i++)
		strings_add(&new, strcmp(old.items[i], r->from) == 0 ? r->to :
		    old.items[i]);
	return cell_set(c, prop_find("depend"), "depend", &new, false, e);
}

static bool
depends(const struct rename *r, const char *name)
{
	AUTO_STRINGS struct strings depend = VEC_INIT;
	AUTO_CELL struct cell c = CELL_INIT;
	struct error ignored = ERROR_INIT;

	if (cell_load(r->host, name, &c, &ignored) < 0)
		return false;
	cell_values(&c, "depend", &depend);
	return strings_index(&depend, r->from) >= 0;
}

/*
 * What cannot be changed is told: the jail has its new name by now, and a
 * dependant that waits for us must not make us wait for it.
 */
static int
change_dependants(void *arg, struct error *e)
{
	struct rename *r = arg;
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct host impatient = *r->host;

	impatient.lock_timeout_ms = 1000;
	if (cell_names(r->host, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		struct error why = ERROR_INIT;
		bool restart;

		if (strcmp(names.items[i], r->to) != 0 &&
		    depends(r, names.items[i]) && life_change(&impatient,
		    names.items[i], follow, r, &restart, &why) < 0)
			host_say(r->host, "%s still depends on '%s': %s",
			    names.items[i], r->from, why.msg);
	}
	return 0;
}

static void
tell_dependants(void *arg, struct buf *text)
{
	struct rename *r = arg;
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct error ignored = ERROR_INIT;
	size_t n = 0;

	if (cell_names(r->host, &names, &ignored) < 0)
		return;
	for (size_t i = 0; i < names.count; i++)
		if (depends(r, names.items[i]))
			buf_printf(text, "%s%s", n++ > 0 ? ", " :
			    "change depend of ", names.items[i]);
}

static const struct step rename_steps[] = {
	{ "mark the change", mark, unmark, tell_nothing },
	{ "rename its directory", move, move_back, tell_move },
	{ "rename it in cell.conf", write_conf, write_back, tell_conf },
	{ "rename its logs", move_logs, NULL, tell_nothing },
	{ "change who depends on it", change_dependants, NULL,
	    tell_dependants },
	{ "mark the end", unmark, NULL, tell_nothing },
};

static int
check(struct rename *r, struct error *e)
{
	AUTO_LIVE struct live live = LIVE_INIT;

	if (life_recover(r->host, r->from, e) < 0 ||
	    life_recover(r->host, r->to, e) < 0)
		return -1;
	if (cell_exists(r->host, r->to))
		return error_set(e, ERROR_EXISTS,
		    "jail '%s' exists already", r->to);
	if (cell_load(r->host, r->from, &r->cell, e) < 0 ||
	    cell_check_protect(&r->cell, "renamed", e) < 0 ||
	    live_running(r->host, r->from, &live, e) < 0)
		return -1;
	if (live.phase != LIVE_STOPPED)
		return error_set(e, ERROR_BUSY, "jail '%s' is running; "
		    "'gaol stop %s' first", r->from, r->from);
	if (cell_store_init(&r->store, r->host, &r->cell, NULL, e) < 0)
		return -1;
	return store_refuse_mounts(r->store.store, r->store.path, e);
}

/* A rename that was killed is completed with the lock of the other name, which
 * we must not have then. */
static int
recover_alone(const struct host *h, const char *name, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, name, "rename", e);

	return lock < 0 ? -1 : life_recover(h, name, e);
}

int
jail_rename(const struct host *h, const char *from, const char *to,
    struct error *e)
{
	struct rename r = { h, from, to, CELL_INIT, CELL_STORE_INIT };
	bool swap = strcmp(from, to) > 0;
	AUTO_CLOSE int first = -1;
	AUTO_CLOSE int second = -1;
	int result = -1;

	if (strcmp(from, to) == 0)
		return error_set(e, ERROR_EXISTS,
		    "jail '%s' has that name already", to);
	if (recover_alone(h, from, e) < 0 || recover_alone(h, to, e) < 0)
		return -1;
	/* in the order of names: two of these never wait for each other */
	first = live_lock(h, swap ? to : from, "rename", e);
	if (first >= 0)
		second = live_lock(h, swap ? from : to, "rename", e);
	if (second >= 0 && check(&r, e) == 0)
		result = steps_run(h, rename_steps, sizeof(rename_steps) /
		    sizeof(rename_steps[0]), &r, e);
	if (result == 0 && !h->plan) {
		AUTO_FREE char *file = xasprintf("lock/%s", from);

		unlinkat(h->run_fd, file, 0);
		jailconf_refresh(h, to);
	}
	cell_store_fini(&r.store);
	cell_fini(&r.cell);
	return result;
}

/* "rename to web2" left in .todo.web, or "rename from web" in .todo.web2. */
int
jail_rename_recover(const struct host *h, const char *name, const char *todo,
    struct error *e)
{
	bool forward = strncmp(todo, "rename to ", 10) == 0;
	const char *other = todo + (forward ? 10 : 12);
	struct rename r = { h, forward ? name : other,
	    forward ? other : name, CELL_INIT, CELL_STORE_INIT };
	AUTO_FREE char *mark = xasprintf(".todo.%s", other);
	struct host impatient = *h;
	AUTO_CLOSE int lock = -1;
	int result = 0;

	if (name_check_cell(other, e) < 0)
		return -1;
	/* who has it may wait for ours */
	impatient.lock_timeout_ms = 0;
	lock = live_lock(&impatient, other, "recover", e);
	if (lock < 0 || store_settle(h, "jails", r.to, true, e) < 0 ||
	    store_settle(h, "jails", r.from, true, e) < 0)
		return -1;
	/* the other name has no mark: it was a rename that never began */
	if (file_exists(h->jails_fd, r.to) && (file_exists(h->jails_fd, mark) ||
	    !file_exists(h->jails_fd, r.from))) {
		host_say(h, "%s: completing the rename to '%s'", r.from, r.to);
		if (rename_block(h, r.to, r.from, e) < 0 ||
		    move_logs(&r, e) < 0 || change_dependants(&r, e) < 0)
			return -1;
	}
	for (int i = 0; result == 0 && i < 2; i++) {
		const char *at = i == 0 ? r.from : r.to;

		if (!file_exists(h->jails_fd, at))
			continue;
		result = cell_load(h, at, &r.cell, e);
		if (result == 0)
			result = cell_store_init(&r.store, h, &r.cell, NULL,
			    e);
		if (result == 0 && r.store.store->recover != NULL)
			result = r.store.store->recover(&r.store.at, e);
		cell_store_fini(&r.store);
		cell_fini(&r.cell);
	}
	return result < 0 ? -1 : unmark(&r, e);
}
