/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * A jail of another manager becomes one of gaol's.  Its directory here is
 * complete but for the files when it gets its name; then these are moved by one
 * rename, which the next command on it completes should we be killed.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/mounts.h"
#include "base/path.h"
#include "core/adopt.h"
#include "core/foreign.h"
#include "core/jailconf.h"
#include "core/life.h"
#include "core/net.h"
#include "core/net_entry.h"
#include "core/network.h"
#include "core/step.h"

struct adopt {
	const struct host *host;
	const struct others *others;
	const struct other_jail *jail;
	const struct adopt_options *options;
	char *name, *fresh, *path, *root;
	struct adopt_record record;
	struct foreign foreign;
	struct cell cell;
	const struct store *store;
	struct store_cell at;
	struct buf was;
	struct strings store_options;
	int lock;
};
#define AUTO_ADOPT __attribute__((cleanup(adopt_fini)))

static void
adopt_fini(struct adopt *a)
{
	foreign_fini(&a->foreign);
	cell_fini(&a->cell);
	close_fd(&a->at.dir);
	close_fd(&a->lock);
	buf_fini(&a->was);
	strings_fini(&a->store_options);
	adopt_record_fini(&a->record);
	free(a->name);
	free(a->fresh);
	free(a->path);
	free(a->root);
}

/* The name that the kernel knows it by, under its manager. */
static bool
is_running(const struct adopt *a, const struct engine_other *o)
{
	AUTO_FREE char *name = a->others->kind == OTHER_IOCAGE ?
	    xasprintf("ioc-%s", a->jail->name) : xstrdup(a->jail->name);

	for (char *p = name; a->others->kind == OTHER_IOCAGE && *p != '\0';
	    p++)
		if (*p == '.')
			*p = '_';
	return strcmp(o->name, name) == 0 || strcmp(o->path, a->root) == 0;
}

static int
check_idle(const struct adopt *a, struct error *e)
{
	AUTO_OTHERS struct engine_others running = VEC_INIT;

	if (a->options->running || engine_native->others == NULL)
		return 0;
	if (engine_native->others(&running, e) < 0)
		return -1;
	for (size_t i = 0; i < running.count; i++)
		if (is_running(a, &running.items[i]))
			return error_set(e, ERROR_BUSY, "it runs (jid %lld); "
			    "stop it with %s first", (long long)
			    running.items[i].jid,
			    others_name(a->others->kind));
	return 0;
}

/* What is mounted in it belongs to one that runs, or did not end well. */
static int
check_mounts(const struct adopt *a, struct error *e)
{
	AUTO_STRINGS struct strings points = VEC_INIT;

	if (a->options->copy)
		return 0;
	if (mounts_below(a->root, &points, e) < 0)
		return -1;
	for (size_t i = 0; i < points.count; i++)
		if (strcmp(points.items[i], a->root) != 0)
			return error_set(e, ERROR_BUSY, "%s is mounted: it "
			    "runs, or did not end well; stop it with %s, or "
			    "umount(8) that", points.items[i],
			    others_name(a->others->kind));
	return 0;
}

static int
check_files(struct adopt *a, struct error *e)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;
	const char *os;

	if (a->jail->why != NULL)
		return error_set(e, ERROR_DATA, "%s", a->jail->why);
	if (lstat(a->jail->root, &st) < 0)
		return error_sys(e, "its files: %s", a->jail->root);
	if (!S_ISDIR(st.st_mode))
		return error_set(e, ERROR_DATA, "%s is not a directory",
		    a->jail->root);
	a->root = realpath(a->jail->root, NULL);
	if (a->root == NULL)
		return error_sys(e, "%s", a->jail->root);
	if (a->jail->parts.count > 0 && !a->options->copy)
		return error_set(e, ERROR_UNSUPPORTED, "it is of type multi: "
		    "its files are in %zu datasets, of which --copy makes one",
		    a->jail->parts.count);
	fd = file_opendir(AT_FDCWD, a->jail->parts.count > 0 ?
	    a->jail->parts.items[0].from : a->root, e);
	if (fd < 0)
		return -1;
	os = foreign_os(fd);
	for (const char *const *runs = engine_native->runs; *runs != NULL;
	    runs++)
		if (strcmp(*runs, os) == 0)
			return check_idle(a, e) < 0 ? -1 : check_mounts(a, e);
	return error_set(e, ERROR_UNSUPPORTED, "it is a jail of a %s system, "
	    "which this host cannot start", os);
}

static void
add_file(struct adopt *a, const char *name, const char *text)
{
	for (size_t i = 0; i < a->foreign.files.count; i++)
		if (strcmp(a->foreign.files.items[i].name, name) == 0) {
			free(a->foreign.files.items[i].text);
			a->foreign.files.items[i].text = xstrdup(text);
			return;
		}
	VEC_PUSH(&a->foreign.files, (struct foreign_file){ xstrdup(name),
	    xstrdup(text) });
}

static int
read_settings(struct adopt *a, struct error *e)
{
	AUTO_CLOSE int home = -1;
	AUTO_BUF struct buf fstab = BUF_INIT;

	if (a->jail->home != NULL) {
		home = file_opendir(AT_FDCWD, a->jail->home, e);
		if (home < 0 || foreign_read(&a->foreign, home, e) < 0)
			return -1;
		/* in the form of today */
		if (a->jail->fstab != NULL)
			add_file(a, "conf/fscomp.conf", a->jail->fstab);
		return 0;
	}
	if (a->jail->fstab != NULL && others_read(a->jail->fstab, &fstab,
	    e) < 0)
		return -1;
	add_file(a, "jail.conf", a->jail->conf);
	add_file(a, "fstab", buf_text(&fstab));
	return 0;
}

static int
map(struct adopt *a, struct error *e)
{
	const char *above = host_setting(a->host, "altroot", "");
	size_t len = strcmp(above, "/") == 0 ? 0 : strlen(above);
	struct foreign *f = &a->foreign;
	AUTO_STRINGS struct strings tags = VEC_INIT;

	cell_init(&a->cell, a->name);
	f->host = a->host;
	f->jail = a->jail->name;
	f->cell = &a->cell;
	f->local = true;
	f->plain = a->others->kind == OTHER_JAIL_CONF;
	if (a->jail->home == NULL && a->jail->root != NULL && strlen(a->jail->root) > len)
		f->root = a->jail->root + len;
	if (read_settings(a, e) < 0 || foreign_map(f, e) < 0)
		return -1;
	if (a->jail->boot > 0) {
		AUTO_FREE char *order = xasprintf("%d", a->jail->boot);

		foreign_set(f, "boot", "on");
		if (a->others->kind == OTHER_JAIL_CONF)
			foreign_set(f, "priority", order);
	}
	cell_values(&a->cell, "tag", &tags);
	if (a->jail->template && strings_index(&tags, "template") < 0)
		foreign_add(f, "tag", "template");
	return 0;
}

/* Of the stores that can take it as it is: one whose files are mounts first. */
static int
find_taker(struct adopt *a, struct error *e)
{
	for (int pass = 0; pass < 2; pass++)
		for (const struct store *const *s = stores_native; *s != NULL;
		    s++) {
			int rc;

			if ((*s)->take_check == NULL ||
			    (*s)->mounts == (pass == 1))
				continue;
			rc = (*s)->take_check(&a->at, a->root, &a->was, e);
			if (rc < 0)
				return -1;
			if (rc == 0) {
				a->store = *s;
				return 0;
			}
		}
	return error_set(e, ERROR_UNSUPPORTED, "no store of this host can "
	    "take its files over as they are; --copy copies them");
}

static bool
can_copy(const struct store *s)
{
	return s->copy != NULL && (!s->thin || s->thick);
}

static int
find_copier(struct adopt *a, struct error *e)
{
	const char *want = a->options->store;

	a->store = want != NULL ? store_find(want) :
	    store_default(a->host, e);
	if (a->store == NULL)
		return want == NULL ? -1 : error_set(e, ERROR_UNSUPPORTED,
		    "store '%s' does not exist on this host", want);
	if (want != NULL && !can_copy(a->store))
		return store_cannot(a->store, "hold a jail without a release",
		    can_copy, e);
	for (const struct store *const *s = stores_native; *s != NULL &&
	    !can_copy(a->store); s++)
		if (can_copy(*s) && (*s)->probe(a->host->root, e) == 0)
			a->store = *s;
	error_clear(e);
	return a->store->probe(a->host->root, e);
}

/* What its store has nothing for. */
static void
fit_store(struct adopt *a)
{
	AUTO_STRINGS struct strings none = VEC_INIT;
	struct error why = ERROR_INIT;

	while (store_check_options(&a->cell, a->store, &why) < 0 ||
	    store_check_quota(&a->cell, a->store, &why) < 0) {
		AUTO_FREE char *name = xstrndup(why.msg, strcspn(why.msg,
		    ":"));
		AUTO_FREE char *value = cell_text(&a->cell, name);

		foreign_lose(&a->foreign, name, value, why.msg);
		if (prop_find(name) == NULL || cell_set(&a->cell,
		    prop_find(name), name, &none, false, &why) < 0)
			return;
		error_clear(&why);
	}
}

static int
prepare(struct adopt *a, struct error *e)
{
	a->fresh = xasprintf(".new.%s", a->name);
	a->path = xasprintf("%s/jails/%s", a->host->root, a->fresh);
	a->at = (struct store_cell){ .root = a->host->root, .name = a->name,
	    .entry = a->fresh, .path = a->path, .dir = -1 };
	if (check_files(a, e) < 0 || map(a, e) < 0 || (a->options->copy ?
	    find_copier(a, e) : find_taker(a, e)) < 0)
		return -1;
	foreign_set(&a->foreign, "store", a->store->name);
	foreign_set(&a->foreign, "type", "thick");
	fit_store(a);
	if (foreign_fit(&a->foreign, e) < 0)
		return -1;
	a->record = (struct adopt_record){
		.from = xstrdup(others_name(a->others->kind)),
		.root = xstrdup(a->root), .was = xstrdup(buf_text(&a->was)),
		.copied = a->options->copy };
	return 0;
}

static void
tell_nothing(void *arg, struct buf *text)
{
}

/* The networks of pot, which gaol has not yet. */
static int
pot_subnet(const struct adopt *a, const char *network, char **subnet,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("%s/bridges/%s", a->others->top,
	    network);
	AUTO_BUF struct buf text = BUF_INIT;

	*subnet = NULL;
	if (others_read(file, &text, e) < 0)
		return -1;
	*subnet = others_setting(buf_text(&text), "net");
	if (*subnet == NULL && strcmp(network, "pot") == 0)
		*subnet = xstrdup(a->others->subnet != NULL ?
		    a->others->subnet : "10.192.0.0/10");
	return 0;
}

/* Private bridges of pot lie in its public network, which no two networks of
 * gaol can: told, and the jail has none then. */
static int
lose_network(struct adopt *a, const char *name, struct error *e)
{
	static const char *const props[] = { "publish", "net" };
	AUTO_STRINGS struct strings none = VEC_INIT;

	foreign_lose(&a->foreign, "network", name, e->msg);
	error_clear(e);
	for (size_t i = 0; i < 2; i++)
		if (cell_names_property(&a->cell, props[i]) && cell_set(
		    &a->cell, prop_find(props[i]), props[i], &none, false,
		    e) < 0)
			return -1;
	return 0;
}

static int
need_network(struct adopt *a, const char *name, struct error *e)
{
	struct network_options o = { .mode_said = true, .mode = NETWORK_NAT,
		.dns = -1, .peer = -1 };
	AUTO_FREE char *subnet = NULL;

	if (network_exists(a->host, name) || strcmp(name,
	    NETWORK_DEFAULT) == 0 || a->others->kind != OTHER_POT)
		return 0;
	if (pot_subnet(a, name, &subnet, e) < 0)
		return -1;
	if (subnet == NULL)
		return 0;
	if (addr_parse(subnet, &o.subnet[0], e) < 0)
		return error_wrap(e, "network '%s' of pot", name);
	if (!a->host->plan && network_create(a->host, name, &o, e) < 0)
		return e->kind == ERROR_EXISTS ? lose_network(a, name, e) : -1;
	host_say(a->host, "%s network %s, %s, as pot has it",
	    a->host->plan ? "would make" : "made", name, subnet);
	return 0;
}

static int
need_networks(void *arg, struct error *e)
{
	struct adopt *a = arg;
	AUTO_NET_ENTRIES struct net_entries entries = VEC_INIT;
	AUTO_STRINGS struct strings values = VEC_INIT;

	cell_values(&a->cell, "net", &values);
	if (net_entries_parse(&values, &entries, e) < 0)
		return -1;
	for (size_t i = 0; i < entries.count; i++)
		if (entries.items[i].kind == NET_IFACE &&
		    entries.items[i].iface.kind == IFACE_NETWORK &&
		    need_network(a, entries.items[i].iface.network, e) < 0)
			return -1;
	return 0;
}

static int
make_home(void *arg, struct error *e)
{
	struct adopt *a = arg;

	store_options(&a->cell, &a->store_options);
	a->at.options = &a->store_options;
	return store_home(a->host, a->store, &a->at, e);
}

/* What is removed has no files of a jail in it. */
static int
check_apart(const struct adopt *a, struct error *e)
{
	if (a->options->copy || adopt_at_home(a->store, a->root))
		return 0;
	return error_set(e, ERROR_FAILED, "the files are not at %s", a->root);
}

static int
remove_home(void *arg, struct error *e)
{
	struct adopt *a = arg;

	if (check_apart(a, e) < 0)
		return -1;
	close_fd(&a->at.dir);
	return store_remove(a->host, a->name, a->fresh, e);
}

static int
copy_parts(struct adopt *a, struct error *e)
{
	for (size_t i = 1; i < a->jail->parts.count; i++) {
		const struct other_part *p = &a->jail->parts.items[i];
		AUTO_CLOSE int root = a->store->edit(&a->at, e);
		AUTO_CLOSE int from = root < 0 ? -1 : file_opendir(AT_FDCWD,
		    p->from, e);
		AUTO_CLOSE int to = from < 0 ? -1 : path_mkdirs(root, p->to,
		    0755, e);

		if (to < 0 || path_copy_tree(from, to, e) < 0)
			return error_wrap(e, "%s", p->from);
	}
	return 0;
}

static int
copy_files(void *arg, struct error *e)
{
	struct adopt *a = arg;
	AUTO_CLOSE int from = file_opendir(AT_FDCWD,
	    a->jail->parts.count > 0 ? a->jail->parts.items[0].from :
	    a->root, e);

	if (from < 0 || a->store->copy(&a->at, from, e) < 0 ||
	    copy_parts(a, e) < 0)
		return -1;
	return store_set_quota(&a->cell, a->store, &a->at, e);
}

static void
tell_copy(void *arg, struct buf *text)
{
	const struct adopt *a = arg;

	buf_printf(text, "copy %s to %s/jails/%s/root (store %s)", a->root,
	    a->host->root, a->name, a->store->name);
}

static int
write_conf(void *arg, struct error *e)
{
	struct adopt *a = arg;
	AUTO_BUF struct buf text = BUF_INIT;

	conf_write(a->cell.conf, &text);
	if (adopt_record_save(a->at.dir, &a->record, e) < 0)
		return -1;
	return file_replace(a->at.dir, "cell.conf", text.data, text.len, 0600,
	    FILE_DURABLE, e);
}

static void
tell_conf(void *arg, struct buf *text)
{
	const struct adopt *a = arg;

	buf_printf(text, "write %s/jails/%s/cell.conf:\n", a->host->root,
	    a->name);
	conf_write(a->cell.conf, text);
	if (text->len > 0 && text->data[text->len - 1] == '\n')
		text->data[--text->len] = '\0';
}

static int
mark(void *arg, struct error *e)
{
	struct adopt *a = arg;

	return store_todo(a->host, a->name, "adopt", e);
}

static int
unmark(void *arg, struct error *e)
{
	struct adopt *a = arg;

	return store_done(a->host, a->name, e);
}

static int
rename_to(struct adopt *a, const char *from, const char *to, struct error *e)
{
	struct store_cell at = a->at;
	AUTO_FREE char *path = xasprintf("%s/jails/%s", a->host->root, from);

	/* what is open cannot be unmounted */
	close_fd(&a->at.dir);
	at.entry = from;
	at.path = path;
	at.dir = -1;
	return store_rename(a->host, a->store, &at, a->name, to, e);
}

static int
rename_in(void *arg, struct error *e)
{
	struct adopt *a = arg;

	return rename_to(a, a->fresh, a->name, e);
}

static int
rename_out(void *arg, struct error *e)
{
	struct adopt *a = arg;

	if (check_apart(a, e) < 0 || !file_exists(a->host->jails_fd, a->name))
		return e->kind != ERROR_NONE ? -1 : 0;
	return rename_to(a, a->name, a->fresh, e);
}

/* The jail as it is called now, for its store. */
static int
in_place(struct adopt *a, bool take, struct error *e)
{
	AUTO_FREE char *path = xasprintf("%s/jails/%s", a->host->root,
	    a->name);
	struct store_cell at = a->at;

	at.entry = a->name;
	at.path = path;
	at.dir = -1;
	return take ? a->store->take(&at, a->root, a->record.was, e) :
	    a->store->give(&at, a->root, a->record.was, e);
}

static int
take(void *arg, struct error *e)
{
	return in_place(arg, true, e);
}

static int
give(void *arg, struct error *e)
{
	struct adopt *a = arg;

	return adopt_at_home(a->store, a->root) ? 0 : in_place(a, false, e);
}

static void
tell_take(void *arg, struct buf *text)
{
	const struct adopt *a = arg;

	buf_printf(text, "move %s to %s/jails/%s/root (store %s), nothing is "
	    "copied", a->root, a->host->root, a->name, a->store->name);
}

static int
lease(void *arg, struct error *e)
{
	struct adopt *a = arg;
	AUTO_SPEC struct spec spec;

	memset(&spec, 0, sizeof(spec));
	if (spec_init(&spec, a->host, &a->cell, false, e) < 0)
		return -1;
	return net_lease(a->host, &spec, e);
}

static int
unlease(void *arg, struct error *e)
{
	const struct adopt *a = arg;

	return network_release_all(a->host, a->name, NULL, e);
}

static const struct step move_steps[] = {
	{ "make its networks", need_networks, NULL, tell_nothing },
	{ "make its directory", make_home, remove_home, tell_nothing },
	{ "write cell.conf", write_conf, NULL, tell_conf },
	{ "take its addresses", lease, unlease, tell_nothing },
	{ "mark the change", mark, unmark, tell_nothing },
	{ "rename it in", rename_in, rename_out, tell_nothing },
	{ "move its files", take, give, tell_take },
	{ "mark the end", unmark, NULL, tell_nothing },
};

static const struct step copy_steps[] = {
	{ "make its networks", need_networks, NULL, tell_nothing },
	{ "make its directory", make_home, remove_home, tell_nothing },
	{ "copy its files", copy_files, NULL, tell_copy },
	{ "write cell.conf", write_conf, NULL, tell_conf },
	{ "take its addresses", lease, unlease, tell_nothing },
	{ "rename it in", rename_in, NULL, tell_nothing },
};

static void
tell_lost(const struct adopt *a)
{
	for (size_t i = 0; i < a->foreign.mounts.count; i++)
		host_say(a->host, "%s: %s", a->name,
		    a->foreign.mounts.items[i]);
	for (size_t i = 0; i < a->foreign.lost.count; i++)
		host_say(a->host, "%s: %s", a->name,
		    a->foreign.lost.items[i]);
}

/* Whether it was done before. */
static bool
is_adopted(const struct adopt *a)
{
	AUTO_FREE char *above = xstrdup(a->jail->root != NULL ?
	    a->jail->root : "/");
	char *slash = strrchr(above, '/');

	if (slash == above)
		return false;
	*slash = '\0';
	AUTO_FREE char *real = realpath(above, NULL);
	AUTO_FREE char *root = xasprintf("%s/%s", real != NULL ? real : above,
	    slash + 1);
	AUTO_FREE char *who = adopt_who(a->host, root);
	return who != NULL;
}

int
adopt_jail(const struct host *h, const struct others *o,
    const struct other_jail *j, const struct adopt_options *options,
    bool *done, struct error *e)
{
	AUTO_ADOPT struct adopt a = { .host = h, .others = o, .jail = j,
	    .options = options, .cell = CELL_INIT, .at = { .dir = -1 },
	    .was = BUF_INIT, .store_options = VEC_INIT, .lock = -1 };
	int rc;

	*done = false;
	a.name = xstrdup(options->name != NULL ? options->name : j->name);
	if (name_check_cell(a.name, e) < 0)
		return error_wrap(e, "--as NEW gives it another");
	a.lock = live_lock(h, a.name, "adopt", e);
	if (a.lock < 0 || life_recover(h, a.name, e) < 0)
		return -1;
	if (is_adopted(&a))
		return 0;
	if (cell_exists(h, a.name))
		return error_set(e, ERROR_EXISTS, "jail '%s' exists already; "
		    "--as NEW gives this one another name", a.name);
	if (prepare(&a, e) < 0)
		return -1;
	if (h->plan && need_networks(&a, e) < 0)
		return -1;
	rc = options->copy ? steps_run(h, copy_steps, sizeof(copy_steps) /
	    sizeof(copy_steps[0]), &a, e) : steps_run(h, move_steps,
	    sizeof(move_steps) / sizeof(move_steps[0]), &a, e);
	if (rc < 0)
		return -1;
	tell_lost(&a);
	if (!h->plan)
		jailconf_refresh(h, a.name);
	*done = true;
	return 0;
}

int
adopt_map(const struct host *h, const struct others *o,
    const struct other_jail *j, struct cell *c, struct error *e)
{
	AUTO_ADOPT struct adopt a = { .host = h, .others = o, .jail = j,
	    .cell = CELL_INIT, .at = { .dir = -1 }, .lock = -1 };
	int result;

	a.name = xstrdup(j->name);
	result = map(&a, e);
	*c = a.cell;
	a.cell = (struct cell)CELL_INIT;
	return result;
}

/* TEMPLATE of PROJECT, unless there is one. */
static int
copy_template(const struct host *h, const char *from, const char *project,
    const char *template, size_t *count, struct error *e)
{
	AUTO_FREE char *source = xasprintf("%s/%s/%s", from, project,
	    template);
	AUTO_FREE char *mark = xasprintf("%s/Bastillefile", source);
	AUTO_FREE char *dir = xasprintf("templates/%s", project);
	AUTO_FREE char *fresh = xasprintf("%s/.new.%s", dir, template);
	AUTO_FREE char *to = xasprintf("%s/%s", dir, template);
	AUTO_CLOSE int in = -1;
	AUTO_CLOSE int out = -1;

	if (!file_exists(AT_FDCWD, mark) || file_exists(h->root_fd, to))
		return 0;
	++*count;
	if (h->plan) {
		host_say(h, "would copy the template %s/%s", project,
		    template);
		return 0;
	}
	in = file_opendir(AT_FDCWD, source, e);
	if (in < 0 || path_remove_tree(h->root_fd, fresh, e) < 0 ||
	    file_mkdirs(h->root_fd, fresh, 0755, e) < 0)
		return -1;
	out = file_opendir(h->root_fd, fresh, e);
	if (out < 0 || path_copy_tree(in, out, e) < 0)
		return -1;
	if (renameat(h->root_fd, fresh, h->root_fd, to) < 0)
		return error_sys(e, "%s", to);
	return 0;
}

int
adopt_templates(const struct host *h, const struct others *o, size_t *count,
    struct error *e)
{
	AUTO_STRINGS struct strings projects = VEC_INIT;

	*count = 0;
	if (o->templates == NULL)
		return 0;
	if (others_list(o->templates, &projects, e) < 0)
		return -1;
	for (size_t i = 0; i < projects.count; i++) {
		const char *project = projects.items[i];
		AUTO_FREE char *dir = xasprintf("%s/%s", o->templates,
		    project);
		AUTO_STRINGS struct strings names = VEC_INIT;
		struct stat st;

		/* what Bastille ships itself is a link */
		if (lstat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
			continue;
		if (others_list(dir, &names, e) < 0)
			return -1;
		for (size_t k = 0; k < names.count; k++)
			if (copy_template(h, o->templates, project,
			    names.items[k], count, e) < 0)
				return error_wrap(e, "template %s/%s",
				    project, names.items[k]);
	}
	return 0;
}
