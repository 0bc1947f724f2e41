/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Clone and convert: new files beside, put in place by a rename. */
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
#include "core/jailconf.h"
#include "core/life.h"
#include "core/net_entry.h"
#include "core/release.h"
#include "core/snapshot.h"
#include "core/spec.h"
#include "core/step.h"

struct clone {
	const struct host *host;
	const char *from, *to;
	const struct clone_options *options;
	const struct store *target;	/* of the new files */
	struct cell old, cell;
	struct cell_store source;
	struct store_cell at;		/* the new one */
	char *fresh, *path, *backup;	/* ".new.TO", its path, ".old.TO" */
	bool live;
	int release_lock;
	struct strings store_options;
};
#define CLONE_INIT(h, from, to, options) { h, from, to, options, NULL, \
    CELL_INIT, CELL_INIT, CELL_STORE_INIT, { .dir = -1 }, NULL, NULL, NULL, \
    false, -1, VEC_INIT }
#define AUTO_CLONE __attribute__((cleanup(clone_fini)))

static void
clone_fini(struct clone *c)
{
	cell_fini(&c->old);
	cell_fini(&c->cell);
	cell_store_fini(&c->source);
	close_fd(&c->at.dir);
	close_fd(&c->release_lock);
	free(c->fresh);
	free(c->path);
	free(c->backup);
	strings_fini(&c->store_options);
}

static bool
can_clone(const struct store *s)
{
	return s->clone != NULL;
}

static bool
can_copy(const struct store *s)
{
	return s->copy != NULL;
}

/* Both locks, in the order of names: two of these never wait for each other. */
static int
lock_both(const struct host *h, const char *a, const char *b,
    const char *what, int locks[2], struct error *e)
{
	bool swap = strcmp(a, b) > 0;

	locks[0] = live_lock(h, swap ? b : a, what, e);
	locks[1] = locks[0] < 0 ? -1 : live_lock(h, swap ? a : b, what, e);
	return locks[1] < 0 ? -1 : 0;
}

static int
load_source(struct clone *c, struct error *e)
{
	AUTO_LIVE struct live live = LIVE_INIT;

	if (life_recover(c->host, c->from, e) < 0 ||
	    cell_load(c->host, c->from, &c->old, e) < 0 ||
	    cell_store_init(&c->source, c->host, &c->old, NULL, e) < 0 ||
	    live_running(c->host, c->from, &live, e) < 0)
		return -1;
	c->live = live.phase != LIVE_STOPPED;
	c->fresh = xasprintf(".new.%s", c->to);
	c->backup = xasprintf(".old.%s", c->to);
	c->path = xasprintf("%s/jails/%s", c->host->root, c->fresh);
	c->at = (struct store_cell){ .root = c->host->root, .name = c->to,
	    .entry = c->fresh, .path = c->path, .dir = -1,
	    .release = c->source.at.release };
	return 0;
}

static int
set_word(struct cell *c, const char *name, const char *value, struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	strings_add(&values, value);
	return cell_set(c, prop_find(name), name, &values, false, e);
}

/* The text of the old cell.conf, comments and all, under another name. */
static int
copy_cell(struct clone *c, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	conf_block_rename(c->old.block, c->to);
	conf_write(c->old.conf, &text);
	conf_block_rename(c->old.block, c->from);
	return cell_parse("cell.conf", c->to, buf_text(&text), text.len,
	    &c->cell, e);
}

static int
build_cell(struct clone *c, struct error *e)
{
	if (copy_cell(c, e) < 0 ||
	    identity_forget_conf(c->host, &c->cell, c->from, e) < 0)
		return -1;
	if (set_word(&c->cell, "store", c->target->name, e) < 0 ||
	    set_word(&c->cell, "type", c->target->thin &&
	    !c->options->thick ? "thin" : "thick", e) < 0)
		return -1;
	for (size_t i = 0; c->options->assign != NULL &&
	    i < c->options->assign->count; i++)
		if (cell_assign(&c->cell, c->options->assign->items[i], false,
		    e) < 0)
			return -1;
	return 0;
}

/* The first thick or thin one that this root can hold. */
static const struct store *
find_store(const struct host *h, bool thick, const struct store *but,
    struct error *e)
{
	struct error ignored = ERROR_INIT;

	for (const struct store *const *s = stores_native; *s != NULL; s++)
		if ((*s)->thin != thick && (*s)->copy != NULL && *s != but &&
		    (*s)->data != NULL && (*s)->probe(h->root, &ignored) == 0)
			return *s;
	error_set(e, ERROR_UNSUPPORTED, "no store of this host holds %s jails",
	    thick ? "thick" : "thin");
	return NULL;
}

static int
choose_target(struct clone *c, struct error *e)
{
	const struct store *s = c->source.store;

	if (s->data == NULL)
		return store_cannot(s, "be cloned: it keeps no files",
		    can_clone, e);
	if (c->options->thick)
		c->target = s->thin && !s->thick ?
		    find_store(c->host, true, NULL, e) : s;
	else
		c->target = s;
	if (c->target == NULL)
		return -1;
	if (c->live && c->options->snapshot == NULL)
		return error_set(e, ERROR_BUSY, "jail '%s' is running; clone "
		    "one of its snapshots with -s, or 'gaol stop %s' first",
		    c->from, c->from);
	return 0;
}

static int
mark(void *arg, struct error *e)
{
	struct clone *c = arg;

	return store_todo(c->host, c->from, "clone", e);
}

static int
unmark(void *arg, struct error *e)
{
	struct clone *c = arg;

	return store_done(c->host, c->from, e);
}

static void
tell_nothing(void *arg, struct buf *text)
{
}

static bool
shares(const struct clone *c)
{
	return c->target == c->source.store && !c->options->thick &&
	    c->target->clone != NULL;
}

static int
copy_files(struct clone *c, struct error *e)
{
	AUTO_CLOSE int from = c->source.store->open(&c->source.at,
	    c->options->snapshot, e);

	return from < 0 ? -1 : c->target->copy(&c->at, from, e);
}

static int
make_files(void *arg, struct error *e)
{
	struct clone *c = arg;

	store_options(&c->cell, &c->store_options);
	c->at.options = &c->store_options;
	if (store_home(c->host, c->target, &c->at, e) < 0)
		return -1;
	if (shares(c))
		return c->target->clone(&c->source.at, c->options->snapshot,
		    &c->at, e);
	return copy_files(c, e);
}

static int
unmake_files(void *arg, struct error *e)
{
	struct clone *c = arg;

	close_fd(&c->at.dir);
	if (store_remove(c->host, c->to, c->fresh, e) < 0)
		return -1;
	return c->source.store->recover != NULL ?
	    c->source.store->recover(&c->source.at, e) : 0;
}

static void
tell_files(void *arg, struct buf *text)
{
	const struct clone *c = arg;

	buf_printf(text, "%s the files of '%s'%s%s for '%s' (store %s)",
	    shares(c) ? "share" : "copy", c->from,
	    c->options->snapshot != NULL ? " at snapshot " : "",
	    c->options->snapshot != NULL ? c->options->snapshot : "", c->to,
	    c->target->name);
}

static char *
host_name(const struct cell *c)
{
	char *name = cell_text(c, "host.hostname");

	if (name != NULL && *name != '\0')
		return name;
	free(name);
	return xstrdup(c->name);
}

static int
forget(void *arg, struct error *e)
{
	struct clone *c = arg;
	AUTO_FREE char *old = host_name(&c->old);
	AUTO_FREE char *new = host_name(&c->cell);
	AUTO_CLOSE int root = -1;

	if (c->target->edit == NULL)
		return 0;
	root = c->target->edit(&c->at, e);
	return root < 0 ? -1 : identity_forget(root, old, new, e);
}

static void
tell_forget(void *arg, struct buf *text)
{
	const struct clone *c = arg;

	buf_printf(text, "forget the machine id and host name of '%s'",
	    c->from);
}

static int
write_conf(void *arg, struct error *e)
{
	struct clone *c = arg;
	AUTO_BUF struct buf text = BUF_INIT;

	conf_write(c->cell.conf, &text);
	return file_replace(c->at.dir, "cell.conf", text.data, text.len, 0600,
	    FILE_DURABLE, e);
}

static void
tell_conf(void *arg, struct buf *text)
{
	const struct clone *c = arg;

	buf_printf(text, "write %s/jails/%s/cell.conf:\n", c->host->root,
	    c->to);
	conf_write(c->cell.conf, text);
	if (text->len > 0 && text->data[text->len - 1] == '\n')
		text->data[--text->len] = '\0';
}

static int
set_quota(void *arg, struct error *e)
{
	struct clone *c = arg;

	return store_set_quota(&c->cell, c->target, &c->at, e);
}

static int
rename_in(void *arg, struct error *e)
{
	struct clone *c = arg;

	/* what is open cannot be unmounted */
	close_fd(&c->at.dir);
	return store_rename(c->host, c->target, &c->at, c->to, c->to, e);
}

static void
tell_rename(void *arg, struct buf *text)
{
	const struct clone *c = arg;

	buf_printf(text, "rename it in as %s/jails/%s", c->host->root, c->to);
}

static const struct step clone_steps[] = {
	{ "mark the change", mark, unmark, tell_nothing },
	{ "make the files", make_files, unmake_files, tell_files },
	{ "forget the old identity", forget, NULL, tell_forget },
	{ "write cell.conf", write_conf, NULL, tell_conf },
	{ "limit its space", set_quota, NULL, tell_nothing },
	{ "rename it in", rename_in, NULL, tell_rename },
	{ "mark the end", unmark, NULL, tell_nothing },
};

static int
check_engine(const struct clone *c, struct error *e)
{
	AUTO_SPEC struct spec spec;

	memset(&spec, 0, sizeof(spec));
	if (spec_init(&spec, c->host, &c->cell, false, e) < 0)
		return -1;
	return engine_native->check != NULL ?
	    engine_native->check(&spec.engine, e) : 0;
}

int
jail_clone(const struct host *h, const char *from, const char *to,
    const struct clone_options *o, struct error *e)
{
	AUTO_CLONE struct clone c = CLONE_INIT(h, from, to, o);
	AUTO_CLOSE int first = -1;
	AUTO_CLOSE int second = -1;
	int locks[2];
	int result;

	if (strcmp(from, to) == 0)
		return error_set(e, ERROR_EXISTS,
		    "jail '%s' exists already", to);
	result = lock_both(h, from, to, "clone", locks, e);
	first = locks[0];
	second = locks[1];
	if (result < 0 || load_source(&c, e) < 0 ||
	    life_recover(h, to, e) < 0)
		return -1;
	if (cell_exists(h, to))
		return error_set(e, ERROR_EXISTS,
		    "jail '%s' exists already", to);
	if (choose_target(&c, e) < 0)
		return -1;
	if (!shares(&c) && (c.target->copy == NULL ||
	    c.source.store->open == NULL))
		return store_cannot(c.target, "copy jails", can_copy, e);
	if (build_cell(&c, e) < 0 || check_engine(&c, e) < 0 ||
	    store_check_options(&c.cell, c.target, e) < 0 ||
	    store_check_quota(&c.cell, c.target, e) < 0)
		return -1;
	if (steps_run(h, clone_steps, sizeof(clone_steps) /
	    sizeof(clone_steps[0]), &c, e) < 0)
		return -1;
	jailconf_refresh(h, to);
	return 0;
}

static int
mark_convert(void *arg, struct error *e)
{
	struct clone *c = arg;

	return store_todo(c->host, c->from, "convert", e);
}

/* The old files go aside; until the new ones are in place they come back. */
static int
set_aside(void *arg, struct error *e)
{
	struct clone *c = arg;

	close_fd(&c->source.at.dir);
	return store_rename(c->host, c->source.store, &c->source.at, c->to,
	    c->backup, e);
}

static int
put_back(void *arg, struct error *e)
{
	struct clone *c = arg;
	AUTO_FREE char *path = xasprintf("%s/jails/%s", c->host->root,
	    c->backup);
	struct store_cell at = c->source.at;

	if (!file_exists(c->host->jails_fd, c->backup))
		return 0;
	at.entry = c->backup;
	at.path = path;
	return store_rename(c->host, c->source.store, &at, c->to, c->to, e);
}

static int
drop_backup(void *arg, struct error *e)
{
	struct clone *c = arg;

	return store_remove(c->host, c->to, c->backup, e);
}

static void
tell_drop(void *arg, struct buf *text)
{
	const struct clone *c = arg;

	buf_printf(text, "remove the old files (store %s)",
	    c->source.store->name);
}

static const struct step convert_steps[] = {
	{ "mark the change", mark_convert, unmark, tell_nothing },
	{ "make the files", make_files, unmake_files, tell_files },
	{ "write cell.conf", write_conf, NULL, tell_conf },
	{ "limit its space", set_quota, NULL, tell_nothing },
	{ "set the old files aside", set_aside, put_back, tell_nothing },
	{ "rename it in", rename_in, NULL, tell_rename },
	{ "remove the old files", drop_backup, NULL, tell_drop },
	{ "mark the end", unmark, NULL, tell_nothing },
};

static int
check_convert(struct clone *c, const char *store, struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;
	const struct store *s = c->source.store;

	if (c->live)
		return error_set(e, ERROR_BUSY, "jail '%s' is running; "
		    "'gaol stop %s' first", c->from, c->from);
	if (s->open == NULL)
		return store_cannot(s, "give its files", can_copy, e);
	if (s->snapshots != NULL &&
	    s->snapshots(&c->source.at, false, &list, e) < 0)
		return -1;
	if (list.count > 0)
		return error_set(e, ERROR_BUSY, "jail '%s' has %zu snapshots, "
		    "which cannot be converted; 'gaol clone --thick %s NEW' "
		    "keeps them", c->from, list.count, c->from);
	c->target = store != NULL ? store_find(store) :
	    find_store(c->host, c->options->thick, NULL, e);
	if (c->target == NULL)
		return store == NULL ? -1 : error_set(e, ERROR_UNSUPPORTED,
		    "store '%s' does not exist on this host", store);
	if (c->target->copy == NULL)
		return store_cannot(c->target, "take over files", can_copy, e);
	if (c->target->thin == c->options->thick)
		return error_set(e, ERROR_USAGE, "store %s holds %s jails",
		    c->target->name, c->target->thin ? "thin" : "thick");
	if (c->target == s)
		return error_set(e, ERROR_EXISTS, "jail '%s' is %s already "
		    "(store %s)", c->from, s->thin ? "thin" : "thick",
		    s->name);
	if (c->target->thin && c->source.at.release == NULL)
		return error_set(e, ERROR_CONFIG, "a thin jail needs a "
		    "release, and '%s' has none", c->from);
	return c->target->probe(c->host->root, e);
}

int
jail_convert(const struct host *h, const char *jail, bool thick,
    const char *store, struct error *e)
{
	const struct clone_options o = { .thick = thick };
	AUTO_CLONE struct clone c = CLONE_INIT(h, jail, jail, &o);
	AUTO_CLOSE int lock = live_lock(h, jail, "convert", e);

	if (lock < 0 || load_source(&c, e) < 0 ||
	    check_convert(&c, store, e) < 0 || copy_cell(&c, e) < 0 ||
	    set_word(&c.cell, "store", c.target->name, e) < 0 ||
	    set_word(&c.cell, "type", thick ? "thick" : "thin", e) < 0 ||
	    store_removable(h, c.source.store, jail, e) < 0 ||
	    store_refuse_mounts(c.source.store, c.source.path, e) < 0 ||
	    store_check_options(&c.cell, c.target, e) < 0 ||
	    store_check_quota(&c.cell, c.target, e) < 0)
		return -1;
	if (steps_run(h, convert_steps, sizeof(convert_steps) /
	    sizeof(convert_steps[0]), &c, e) < 0)
		return -1;
	jailconf_refresh(h, jail);
	return 0;
}
