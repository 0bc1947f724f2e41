/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Create and destroy: a jail's directory appears and goes by one rename. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/mounts.h"
#include "base/path.h"
#include "core/depend.h"
#include "core/jailconf.h"
#include "core/life.h"
#include "core/net.h"
#include "core/network.h"
#include "core/release.h"
#include "core/restart.h"
#include "core/spec.h"
#include "core/step.h"
#include "core/store.h"

struct create {
	const struct host *host;
	struct spec spec;
	const struct create_options *options;
	const struct store *store;
	struct cell cell;
	char *fresh;		/* ".new.NAME" */
	char *release;
	char *release_root;
	int release_lock;
	struct strings options_of_store;
	bool thick;
};

static void
create_fini(struct create *c)
{
	spec_fini(&c->spec);
	cell_fini(&c->cell);
	free(c->fresh);
	free(c->release);
	free(c->release_root);
	strings_fini(&c->options_of_store);
	close_fd(&c->release_lock);
}

static int
set_text(struct cell *c, const char *name, const char *value, struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	strings_add(&values, value);
	return cell_set(c, prop_find(name), name, &values, false, e);
}

static int
choose_store(struct create *c, struct error *e)
{
	AUTO_FREE char *named = cell_text(&c->cell, "store");
	AUTO_FREE char *type = cell_text(&c->cell, "type");
	bool thick = c->options->thick ||
	    (type != NULL && strcmp(type, "thick") == 0);
	const char *want = c->options->store;

	if (want == NULL)
		want = named;
	c->store = want != NULL ? store_find(want) : store_default(c->host, e);
	if (want == NULL && thick && c->store != NULL && c->store->thin &&
	    !c->store->thick)
		c->store = store_find("dir");
	if (c->store == NULL)
		return want == NULL ? -1 : error_set(e, ERROR_UNSUPPORTED,
		    "store '%s' does not exist on this host", want);
	if (thick && c->store->thin && !c->store->thick)
		return error_set(e, ERROR_USAGE, "a thick jail cannot lie on "
		    "store %s; store=dir holds it", c->store->name);
	if (!c->store->thin && type != NULL && strcmp(type, "thin") == 0)
		return error_set(e, ERROR_UNSUPPORTED, "store %s has no thin "
		    "jails; store=overlay has", c->store->name);
	if (c->store->probe(c->host->root, e) < 0)
		return -1;
	c->thick = thick;
	if (store_check_quota(&c->cell, c->store, e) < 0 ||
	    store_check_options(&c->cell, c->store, e) < 0 ||
	    set_text(&c->cell, "store", c->store->name, e) < 0)
		return -1;
	return set_text(&c->cell, "type", c->store->thin && !thick ? "thin" : "thick",
	    e);
}

/* What a FreeBSD system is started and stopped by, unless told otherwise; not
 * the one of 'gaol run', whose command is all of its life. */
static int
start_by_rc(struct create *c, struct error *e)
{
	static const char *const rc[][2] = {
		{ "exec.start", "/bin/sh /etc/rc" },
		{ "exec.stop", "/bin/sh /etc/rc.shutdown jail" },
	};

	for (size_t i = 0; i < sizeof(rc) / sizeof(rc[0]); i++)
		if (!c->options->ephemeral &&
		    !cell_names_property(&c->cell, rc[i][0]) &&
		    set_text(&c->cell, rc[i][0], rc[i][1], e) < 0)
			return -1;
	return 0;
}

/* The engine can run only some systems; a jail that never starts is no use. */
static int
check_os(struct create *c, struct error *e)
{
	AUTO_RELEASE struct release r = RELEASE_INIT;

	if (release_load(c->host, c->release, &r, e) < 0)
		return -1;
	for (const char *const *os = engine_native->runs; *os != NULL; os++)
		if (strcmp(*os, r.os) == 0)
			return strcmp(r.os, "freebsd") == 0 ?
			    start_by_rc(c, e) : 0;
	return error_set(e, ERROR_UNSUPPORTED, "release %s is a %s system, "
	    "which this host cannot start; a %s host can", c->release, r.os,
	    r.os);
}

/* It stands in cell.conf: the host's setting may change, the jail stays. */
static int
choose_net(struct create *c, struct error *e)
{
	/* whoever says any of these has said what network it is to be */
	static const char *const said[] = { "net", "vnet", "vnet.interface",
		"ip4", "ip6", "ip4.addr", "ip6.addr", "interface" };
	const char *net = net_native == NULL ? "none" :
	    host_setting(c->host, "net", net_native->by_default ?
	    NETWORK_DEFAULT : "none");

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (cell_names_property(&c->cell, said[i]))
			return 0;
	if (strcmp(net, "none") == 0)
		return 0;
	if (set_text(&c->cell, "net", net, e) < 0)
		return error_wrap(e, "gaol.conf: net");
	return 0;
}

static int
build_cell(struct create *c, const char *name, struct error *e)
{
	const struct create_options *o = c->options;

	cell_init(&c->cell, name);
	if (o->release != NULL &&
	    set_text(&c->cell, "release", o->release, e) < 0)
		return -1;
	for (size_t i = 0; i < o->assign_count; i++)
		if (cell_assign(&c->cell, o->assign[i], true, e) < 0)
			return -1;
	c->release = cell_text(&c->cell, "release");
	if (c->release == NULL || *c->release == '\0')
		return error_set(e, ERROR_USAGE, "which release? "
		    "-r NAME ('gaol releases' lists them)");
	/* nobody removes it under us */
	c->release_lock = release_lock(c->host, c->release, false, "create",
	    e);
	if (c->release_lock < 0)
		return -1;
	c->release_root = release_path(c->host, c->release);
	if (check_os(c, e) < 0 || choose_store(c, e) < 0)
		return -1;
	return choose_net(c, e);
}

/* What the engine would refuse at start is refused now. */
static int
check_engine(struct create *c, struct error *e)
{
	int result = spec_init(&c->spec, c->host, &c->cell, true, e);

	if (result == 0)
		result = depend_check(c->host, &c->cell, e);
	if (result == 0 && engine_native->check != NULL)
		result = engine_native->check(&c->spec.engine, e);
	if (result == 0 && net_native != NULL && net_native->able != NULL)
		result = net_native->able(&c->spec.engine, e);
	return result;
}

/* Nobody changes it: neither does this. */
static int
share_base(const struct create *c, const struct store_cell *at,
    struct error *e)
{
	AUTO_CLOSE int lock = live_lock(c->host, c->options->base, "create",
	    e);
	AUTO_CELL struct cell base = CELL_INIT;
	AUTO_CELL_STORE struct cell_store s = CELL_STORE_INIT;

	if (lock < 0 || life_recover(c->host, c->options->base, e) < 0 ||
	    cell_load(c->host, c->options->base, &base, e) < 0 ||
	    cell_store_init(&s, c->host, &base, NULL, e) < 0)
		return -1;
	if (s.store != c->store || c->store->clone == NULL || c->thick)
		return error_set(e, ERROR_UNSUPPORTED, "'%s' lies on another "
		    "store", c->options->base);
	/* with recover() for whoever finds it half done */
	if (store_todo(c->host, c->options->base, "clone", e) < 0 ||
	    c->store->clone(&s.at, NULL, at, e) < 0)
		return -1;
	return store_done(c->host, c->options->base, e);
}

/* A thick jail of a store whose jails lean on their release is a copy. */
static int
fill_tree(const struct create *c, const struct store_cell *at,
    struct error *e)
{
	AUTO_CLOSE int from = -1;

	if (c->options->base != NULL)
		return share_base(c, at, e);
	if (!c->thick || !c->store->leans)
		return c->store->create(at, e);
	from = file_opendir(AT_FDCWD, c->release_root, e);
	return from < 0 ? -1 : c->store->copy(at, from, e);
}

static int
make_tree(void *arg, struct error *e)
{
	struct create *c = arg;
	AUTO_FREE char *path = xasprintf("%s/jails/%s", c->host->root,
	    c->fresh);
	struct store_cell at = {
		.root = c->host->root, .name = c->cell.name,
		.entry = c->fresh, .path = path, .dir = -1,
		.release = c->release_root,
		.ephemeral = c->options->ephemeral,
		.options = &c->options_of_store,
	};
	int result;

	store_options(&c->cell, &c->options_of_store);
	result = store_home(c->host, c->store, &at, e);
	if (result == 0)
		result = fill_tree(c, &at, e);
	if (result == 0)
		result = store_set_quota(&c->cell, c->store, &at, e);
	close_fd(&at.dir);
	return result;
}

static int
unmake_tree(void *arg, struct error *e)
{
	struct create *c = arg;

	return store_remove(c->host, c->cell.name, c->fresh, e);
}

static void
tell_tree(void *arg, struct buf *text)
{
	const struct create *c = arg;

	buf_printf(text, "make the file tree of '%s' (store %s) from release "
	    "%s", c->cell.name, c->store->name, c->release);
}

static int
write_conf(void *arg, struct error *e)
{
	struct create *c = arg;
	AUTO_FREE char *file = xasprintf("%s/cell.conf", c->fresh);
	AUTO_BUF struct buf text = BUF_INIT;

	conf_write(c->cell.conf, &text);
	if (c->options->ephemeral) {
		/* its directory is not there for anybody yet */
		AUTO_CLOSE int fd = openat(c->host->jails_fd, file,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

		if (fd < 0)
			return error_sys(e, "%s", file);
		return file_write_fd(fd, text.data, text.len, e);
	}
	return file_replace(c->host->jails_fd, file, text.data, text.len, 0600,
	    FILE_DURABLE, e);
}

static void
tell_conf(void *arg, struct buf *text)
{
	const struct create *c = arg;

	buf_printf(text, "write %s/jails/%s/cell.conf:\n", c->host->root,
	    c->cell.name);
	conf_write(c->cell.conf, text);
	if (text->len > 0 && text->data[text->len - 1] == '\n')
		text->data[--text->len] = '\0';
}

static int
rename_in(void *arg, struct error *e)
{
	struct create *c = arg;

	const struct store_cell at = {
		.root = c->host->root, .name = c->cell.name,
		.entry = c->fresh, .dir = -1, .release = c->release_root,
		.ephemeral = c->options->ephemeral,
	};

	return store_rename(c->host, c->store, &at, c->cell.name,
	    c->cell.name, e);
}

static void
tell_rename(void *arg, struct buf *text)
{
	const struct create *c = arg;

	buf_printf(text, "rename it in as %s/jails/%s", c->host->root,
	    c->cell.name);
}

/* A throw-away jail takes them when it starts. */
static int
take_addresses(void *arg, struct error *e)
{
	struct create *c = arg;

	return c->options->ephemeral ? 0 : net_lease(c->host, &c->spec, e);
}

static int
release_addresses(void *arg, struct error *e)
{
	const struct create *c = arg;

	return network_release_all(c->host, c->cell.name, NULL, e);
}

static void
tell_addresses(void *arg, struct buf *text)
{
	const struct create *c = arg;
	const struct engine_spec *spec = &c->spec.engine;

	for (size_t i = 0; i < spec->iface_count; i++)
		if (spec->ifaces[i].kind == IFACE_NETWORK)
			buf_printf(text, "%s network %s", text->len > 0 ?
			    "," : "take addresses in",
			    spec->ifaces[i].network);
}

static const struct step create_steps[] = {
	{ "make the file tree", make_tree, unmake_tree, tell_tree },
	{ "write cell.conf", write_conf, NULL, tell_conf },
	{ "take its addresses", take_addresses, release_addresses,
	    tell_addresses },
	{ "rename it in", rename_in, NULL, tell_rename },
};

int
life_create(const struct host *h, const char *name,
    const struct create_options *o, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, name, "create", e);

	return lock < 0 ? -1 : life_create_locked(h, name, o, e);
}

int
life_create_locked(const struct host *h, const char *name,
    const struct create_options *o, struct error *e)
{
	struct create c = { .host = h, .options = o, .release_lock = -1 };
	int result = -1;

	c.fresh = xasprintf(".new.%s", name);
	if (life_recover(h, name, e) < 0)
		goto fail_out;
	if (cell_exists(h, name)) {
		error_set(e, ERROR_EXISTS, "jail '%s' exists already", name);
		goto fail_out;
	}
	if (build_cell(&c, name, e) < 0 || check_engine(&c, e) < 0)
		goto fail_out;
	result = steps_run(h, create_steps,
	    sizeof(create_steps) / sizeof(create_steps[0]), &c, e);
	if (result == 0 && !o->ephemeral)
		jailconf_refresh(h, name);
fail_out:
	create_fini(&c);
	return result;
}

struct destroy {
	const struct host *host;
	const char *name;
	char *trash;		/* ".trash.NAME" */
	bool ephemeral;		/* nothing of it need survive a crash */
	const struct store *store;	/* NULL: cell.conf does not tell */
};

static int
rename_away(void *arg, struct error *e)
{
	struct destroy *d = arg;
	const struct store_cell at = {
		.root = d->host->root, .name = d->name, .entry = d->name,
		.dir = -1, .ephemeral = d->ephemeral,
	};

	return store_rename(d->host, d->store, &at, d->name, d->trash, e);
}

/* Addresses go while the files tell that the jail is on its way out. */
static int
drop_addresses(void *arg, struct error *e)
{
	const struct destroy *d = arg;

	return network_release_all(d->host, d->name, NULL, e);
}

static void
tell_none(void *arg, struct buf *text)
{
}

static void
tell_away(void *arg, struct buf *text)
{
	const struct destroy *d = arg;

	buf_printf(text, "rename %s/jails/%s away", d->host->root, d->name);
}

static int
remove_trash(void *arg, struct error *e)
{
	struct destroy *d = arg;

	return store_remove(d->host, d->name, d->trash, e);
}

static void
tell_trash(void *arg, struct buf *text)
{
	const struct destroy *d = arg;

	buf_printf(text, "remove all files of '%s'", d->name);
}

static int
remove_traces(void *arg, struct error *e)
{
	struct destroy *d = arg;
	AUTO_FREE char *log = xasprintf("%s/%s", d->host->log, d->name);

	if (live_remove(d->host, d->name, e) < 0)
		return -1;
	return path_remove_tree(AT_FDCWD, log, e);
}

static void
tell_traces(void *arg, struct buf *text)
{
	const struct destroy *d = arg;

	buf_printf(text, "remove the logs %s/%s", d->host->log, d->name);
}

static const struct step destroy_steps[] = {
	{ "rename it away", rename_away, NULL, tell_away },
	{ "give its addresses back", drop_addresses, NULL, tell_none },
	{ "remove its files", remove_trash, NULL, tell_trash },
	{ "remove its logs and record", remove_traces, NULL, tell_traces },
};

static int
check_destroyable(const struct host *h, const char *name,
    const struct store **store, struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	int result = cell_load(h, name, &c, e);

	/* a broken cell.conf must not make a jail indestructible */
	if (result < 0 && e->kind != ERROR_CONFIG)
		return -1;
	if (result == 0 && cell_bool(&c, "protect"))
		return error_set(e, ERROR_DENIED, "jail '%s' is protected; "
		    "'gaol set %s protect=off' lifts that", name, name);
	error_clear(e);
	*store = result == 0 ? store_of_cell(&c, e) : NULL;
	error_clear(e);
	return store_removable(h, *store, name, e);
}

/* What a running jail has mounted, where the host sees it, goes with it. */
static int
stop_to_destroy(const struct destroy *d, bool running, struct error *e)
{
	AUTO_FREE char *path = xasprintf("%s/jails/%s", d->host->root,
	    d->name);
	bool seen = running && engine_native->mount != NULL, was_running;

	if (!seen && store_refuse_mounts(d->store, path, e) < 0)
		return -1;
	if (running &&
	    life_stop_locked(d->host, d->name, false, &was_running, e) < 0)
		return -1;
	return seen && !d->host->plan ?
	    store_refuse_mounts(d->store, path, e) : 0;
}

int
life_destroy(const struct host *h, const char *name, bool force,
    bool ephemeral, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, name, "destroy", e);

	if (lock < 0 || life_recover(h, name, e) < 0)
		return -1;
	return life_destroy_locked(h, name, force, ephemeral, e);
}

int
life_destroy_locked(const struct host *h, const char *name, bool force,
    bool ephemeral, struct error *e)
{
	AUTO_FREE char *trash = xasprintf(".trash.%s", name);
	AUTO_FREE char *lock_file = xasprintf("lock/%s", name);
	AUTO_LIVE struct live live = LIVE_INIT;
	struct destroy d = { h, name, trash, ephemeral, NULL };

	if (live_running(h, name, &live, e) < 0)
		return -1;
	if (live.phase != LIVE_STOPPED && !force)
		return error_set(e, ERROR_BUSY, "jail '%s' is running; "
		    "'gaol stop %s' first, or -f", name, name);
	if (check_destroyable(h, name, &d.store, e) < 0 ||
	    stop_to_destroy(&d, live.phase != LIVE_STOPPED, e) < 0)
		return -1;
	if (steps_run(h, destroy_steps,
	    sizeof(destroy_steps) / sizeof(destroy_steps[0]), &d, e) < 0)
		return -1;
	if (!h->plan) {
		restart_forget(h, name);
		unlinkat(h->run_fd, lock_file, 0);
	}
	return 0;
}

/* Whether something still wants to see the files when the jail has ended. */
static bool
has_late_work(const struct cell *c)
{
	static const char *const late[] = { "exec.poststop", "exec.release" };

	for (size_t i = 0; i < sizeof(late) / sizeof(late[0]); i++) {
		AUTO_STRINGS struct strings lines = VEC_INIT;

		cell_values(c, late[i], &lines);
		if (lines.count > 0)
			return true;
	}
	return false;
}

/* A plain directory, which goes by rename and removal alone. */
static bool
is_plain(const struct cell *c)
{
	struct error ignored = ERROR_INIT;
	const struct store *store = store_of_cell(c, &ignored);

	return store != NULL && (store->plain ||
	    (store->destroy == NULL && store->rename == NULL));
}

int
life_discard_locked(const struct host *h, const char *name, struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_FREE char *trash = xasprintf(".trash.%s", name);
	AUTO_FREE char *path = xasprintf("%s/jails/%s", h->root, name);
	struct destroy d = { h, name, trash, true, NULL };
	struct error ignored = ERROR_INIT;
	bool was_running;

	if (cell_load(h, name, &c, &ignored) == 0 && !has_late_work(&c) &&
	    is_plain(&c) && !cell_bool(&c, "protect") &&
	    mounts_refuse_below(path, &ignored) == 0 &&
	    rename_away(&d, &ignored) == 0)
		/* what still dies may fill it; life_recover() ends it */
		(void)remove_trash(&d, &ignored);
	if (life_recover(h, name, e) < 0)
		return -1;
	if (cell_exists(h, name))
		return life_stop_locked(h, name, true, &was_running, e) < 0 ?
		    -1 : life_destroy_locked(h, name, true, true, e);
	return remove_traces(&d, e);
}
