/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "core/archive.h"
#include "core/import.h"
#include "core/jailconf.h"
#include "core/life.h"
#include "core/release.h"
#include "core/snapshot.h"
#include "core/spec.h"
#include "core/step.h"
#include "core/volume.h"

#define AUTO_IMPORT __attribute__((cleanup(import_fini)))

void
import_fini(struct import *i)
{
	foreign_fini(&i->foreign);
	helper_fini(&i->helper);
	manifest_fini(&i->manifest);
	buf_fini(&i->conf);
	cell_fini(&i->cell);
	close_fd(&i->at.dir);
	strings_fini(&i->store_options);
	free(i->name);
	free(i->fresh);
	free(i->path);
	free(i->release);
	free(i->twin);
	free(i->old_host);
	close_fd(&i->root);
	close_fd(&i->release_lock);
	close_fd(&i->lock);
}

void
manifest_fini(struct manifest *m)
{
	free(m->name);
	free(m->kind);
	free(m->os);
	free(m->release);
	*m = (struct manifest)MANIFEST_INIT;
}

int
manifest_parse(struct manifest *m, const char *text, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *line, *rest = copy;

	while ((line = strsep(&rest, "\n")) != NULL) {
		char *value = strchr(line, ' '), **to = NULL;

		if (value == NULL)
			continue;
		*value++ = '\0';
		to = strcmp(line, "name") == 0 ? &m->name :
		    strcmp(line, "kind") == 0 ? &m->kind :
		    strcmp(line, "os") == 0 ? &m->os :
		    strcmp(line, "release") == 0 ? &m->release : NULL;
		if (to == NULL)
			continue;
		if (*to != NULL)
			return error_set(e, ERROR_DATA,
			    "member 'gaol-archive': '%s' stands twice", line);
		*to = xstrdup(value);
	}
	if (m->name == NULL || m->kind == NULL || m->os == NULL)
		return error_set(e, ERROR_DATA,
		    "member 'gaol-archive': it does not tell name, kind and "
		    "system");
	if (name_check_cell(m->name, e) < 0) {
		e->kind = ERROR_DATA;
		return error_wrap(e, "member 'gaol-archive'");
	}
	return 0;
}

/* Bytes that may come: what the disk has room for, unless told. */
static int
add_limits(const struct import *i, struct strings *argv, struct error *e)
{
	struct statvfs fs;
	uint64_t max;

	if (fstatvfs(i->host->jails_fd, &fs) < 0)
		return error_sys(e, "%s/jails", i->host->root);
	max = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (i->options->max_size != NULL &&
	    parse_size(i->options->max_size, &max, e) < 0)
		return error_wrap(e, "--max-size");
	strings_take(argv, xasprintf("--max-size=%" PRIu64, max));
	if (fs.f_favail > 0 && fs.f_favail < INT32_MAX)
		strings_take(argv, xasprintf("--max-entries=%" PRIu64,
		    (uint64_t)fs.f_favail));
	else
		strings_take(argv, xasprintf("--max-entries=%d", INT32_MAX));
	return 0;
}

static int
open_archive(const char *file, struct error *e)
{
	int fd;

	if (strcmp(file, "-") == 0) {
		if (isatty(STDIN_FILENO))
			return error_set(e, ERROR_USAGE,
			    "an archive does not come from a terminal");
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	} else {
		fd = open(file, O_RDONLY | O_CLOEXEC);
	}
	return fd < 0 ? error_sys(e, "%s", file) : fd;
}

static const char *
shown_name(const char *file)
{
	const char *slash = strrchr(file, '/');

	return strcmp(file, "-") == 0 ? "standard input" :
	    slash != NULL && slash[1] != '\0' ? slash + 1 : file;
}

/* gaol-image begins to read, and tells what it is. */
static int
begin(struct import *i, struct error *e)
{
	const struct import_options *o = i->options;
	AUTO_STRINGS struct strings argv = VEC_INIT;
	AUTO_BUF struct buf trusted = BUF_INIT, manifest = BUF_INIT;
	AUTO_BUF struct buf sums = BUF_INIT;
	AUTO_CLOSE int fd = open_archive(o->file, e);

	if (fd < 0)
		return -1;
	helper_argv(i->host, "receive", &argv);
	if (add_limits(i, &argv, e) < 0 ||
	    key_trusted(i->host, &trusted, e) < 0)
		return -1;
	if (o->devices)
		strings_add(&argv, "--devices");
	if (o->verify)
		strings_add(&argv, "--verify");
	if (o->unverified)
		strings_add(&argv, "--unverified");
	strings_add(&argv, "--");
	strings_add(&argv, shown_name(o->file));
	if (helper_start(&i->helper, i->host, &argv, e) < 0 ||
	    helper_send(&i->helper, buf_text(&trusted), trusted.len, &fd, 1,
	    e) < 0)
		return -1;
	import_sums(o->file, &sums);
	if (helper_send(&i->helper, buf_text(&sums), sums.len, NULL, 0,
	    e) < 0 || helper_receive(&i->helper, &manifest, e) < 0 ||
	    helper_receive(&i->helper, &i->conf, e) < 0)
		return -1;
	i->is_foreign = strncmp(buf_text(&manifest), "foreign ", 8) == 0;
	i->is_stream = strncmp(buf_text(&manifest), "foreign stream\n", 15) ==
	    0;
	return manifest_parse(&i->manifest, buf_text(&manifest), e);
}

int
import_set(struct cell *c, const char *name, const char *value, struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	strings_add(&values, value);
	return cell_set(c, prop_find(name), name, &values, false, e);
}

/* The archive's cell.conf, comments and all, under the jail's name here. */
static int
load_conf(struct import *i, struct error *e)
{
	AUTO_CELL struct cell old = CELL_INIT;
	AUTO_BUF struct buf text = BUF_INIT;

	if (i->is_foreign)
		return foreign_parse(&i->foreign, buf_text(&i->conf),
		    i->conf.len, e) < 0 ? -1 : import_map(i, e);
	if (cell_parse("cell.conf", i->manifest.name, buf_text(&i->conf),
	    i->conf.len, &old, e) < 0) {
		e->kind = ERROR_DATA;
		return error_wrap(e, "%s", shown_name(i->options->file));
	}
	i->old_host = cell_text(&old, "host.hostname");
	if (i->old_host == NULL || *i->old_host == '\0') {
		free(i->old_host);
		i->old_host = xstrdup(i->manifest.name);
	}
	conf_block_rename(old.block, i->name);
	conf_write(old.conf, &text);
	return cell_parse("cell.conf", i->name, buf_text(&text), text.len,
	    &i->cell, e);
}

/* As it was, unless there is another with that name or those addresses. */
int
import_identity(struct import *i, struct error *e)
{
	if (strcmp(i->name, i->manifest.name) != 0) {
		i->twin = xstrdup(i->manifest.name);
	} else {
		if (identity_twin(i->host, &i->cell, &i->twin, e) < 0)
			return -1;
		if (i->twin != NULL)
			host_say(i->host, "%s: jail '%s' has one of its "
			    "addresses; it gets a new identity", i->name,
			    i->twin);
	}
	if (i->twin != NULL && identity_forget_conf(i->host, &i->cell,
	    i->twin, e) < 0)
		return -1;
	for (size_t n = 0; i->options->assign != NULL &&
	    n < i->options->assign->count; n++)
		if (cell_assign(&i->cell, i->options->assign->items[n], false,
		    e) < 0)
			return -1;
	return 0;
}

static bool
can_fill(const struct store *s)
{
	return s->empty != NULL;
}

/* The first thick one that this root can hold. */
static const struct store *
find_thick(const struct host *h)
{
	struct error ignored = ERROR_INIT;

	for (const struct store *const *s = stores_native; *s != NULL; s++)
		if ((!(*s)->thin || (*s)->thick) && can_fill(*s) &&
		    (*s)->probe(h->root, &ignored) == 0)
			return *s;
	return NULL;
}

/* A jail that was thick stays so; a thin one needs its release for that. */
static int
choose_store(struct import *i, struct error *e)
{
	const char *want = i->options->store;
	AUTO_FREE char *release = cell_text(&i->cell, "release");
	AUTO_FREE char *type = cell_text(&i->cell, "type");
	AUTO_RELEASE struct release r = RELEASE_INIT;
	struct error missing = ERROR_INIT;
	bool has = false, thin = type == NULL || strcmp(type, "thick") != 0;

	if (release != NULL && *release != '\0') {
		i->release_lock = release_lock(i->host, release, false,
		    "import", e);
		if (i->release_lock < 0)
			return -1;
		has = release_load(i->host, release, &r, &missing) == 0;
	}
	i->store = want != NULL ? store_find(want) :
	    store_default(i->host, e);
	if (i->store == NULL)
		return want == NULL ? -1 : error_set(e, ERROR_UNSUPPORTED,
		    "store '%s' does not exist on this host", want);
	if (i->store->thin && !i->store->thick && (!has || !thin)) {
		if (want != NULL && !has && missing.kind != ERROR_NONE) {
			*e = missing;
			return error_wrap(e, "store %s", want);
		}
		if (want == NULL)
			i->store = find_thick(i->host);
		thin = i->store != NULL && i->store->thin &&
		    !i->store->thick && has;
	}
	if (i->store == NULL || !can_fill(i->store))
		return store_cannot(i->store != NULL ? i->store :
		    stores_native[0], "take over files", can_fill, e);
	if (i->store->thin && !i->store->thick && !has)
		return error_set(e, ERROR_USAGE, "a jail without a release "
		    "cannot lie on store %s", i->store->name);
	if (has)
		i->release = release_path(i->host, release);
	if (i->store->probe(i->host->root, e) < 0 ||
	    store_check_quota(&i->cell, i->store, e) < 0 ||
	    import_set(&i->cell, "store", i->store->name, e) < 0)
		return -1;
	return import_set(&i->cell, "type", i->store->thin &&
	    !i->store->thick ? "thin" : "thick", e);
}

int
import_check_os(const struct import *i, struct error *e)
{
	for (const char *const *os = engine_native->runs; *os != NULL; os++)
		if (strcmp(*os, i->manifest.os) == 0)
			return 0;
	return error_set(e, ERROR_UNSUPPORTED, "'%s' is a jail of a %.40s "
	    "system, which this host cannot start", i->manifest.name,
	    i->manifest.os);
}

/* What it names and this host has not is told; the start would fail. */
static void
note_missing(const struct import *i)
{
	struct error why = ERROR_INIT;

	if (volume_check_mounts(i->host, &i->cell, &why) < 0)
		host_say(i->host, "%s: %s", i->name, why.msg);
}

static int
prepare(struct import *i, struct error *e)
{
	const struct host *h = i->host;

	if (strcmp(i->manifest.kind, "whole") != 0 && !i->is_foreign)
		return error_set(e, ERROR_UNSUPPORTED, "an archive of kind "
		    "'%.40s', which only a newer gaol can read",
		    i->manifest.kind);
	i->name = xstrdup(i->options->name != NULL ? i->options->name :
	    i->manifest.name);
	i->lock = live_lock(h, i->name, "import", e);
	if (i->lock < 0 || life_recover(h, i->name, e) < 0)
		return -1;
	if (cell_exists(h, i->name))
		return error_set(e, ERROR_EXISTS, "jail '%s' exists already; "
		    "'gaol import FILE NAME' gives it another name", i->name);
	i->fresh = xasprintf(".new.%s", i->name);
	i->path = xasprintf("%s/jails/%s", h->root, i->fresh);
	i->foreign.cell = &i->cell;
	i->at = (struct store_cell){ .root = h->root, .name = i->name,
	    .entry = i->fresh, .path = i->path, .dir = -1 };
	if (i->is_stream)
		return import_stream_prepare(i, e);
	if (import_check_os(i, e) < 0 || load_conf(i, e) < 0 ||
	    import_identity(i, e) < 0 || choose_store(i, e) < 0 ||
	    (i->is_foreign ? foreign_fit(&i->foreign, e) :
	    foreign_check(&i->foreign, e)) < 0)
		return -1;
	note_missing(i);
	i->at.release = i->release;
	return 0;
}

static int
make_files(void *arg, struct error *e)
{
	struct import *i = arg;

	store_options(&i->cell, &i->store_options);
	i->at.options = &i->store_options;
	if (store_home(i->host, i->store, &i->at, e) < 0)
		return -1;
	i->root = i->store->empty(&i->at, e);
	return i->root < 0 ? -1 : 0;
}

static int
unmake_files(void *arg, struct error *e)
{
	struct import *i = arg;

	close_fd(&i->root);
	close_fd(&i->at.dir);
	return store_remove(i->host, i->name, i->fresh, e);
}

static void
tell_files(void *arg, struct buf *text)
{
	const struct import *i = arg;

	buf_printf(text, "make the file tree of '%s' (store %s)", i->name,
	    i->store->name);
}

/* "signed NAME", "unknown KEY" or "unsigned", then "lost N". */
void
import_verdict(struct import *i, const char *text)
{
	size_t len = strcspn(text, "\n");
	unsigned lost = 0;

	if (strncmp(text, "signed ", 7) == 0)
		buf_printf(i->note, "signed by %.*s", (int)len - 7, text + 7);
	else if (strncmp(text, "unknown ", 8) == 0)
		buf_printf(i->note, "signed by a key that is not trusted "
		    "here (%.*s)", (int)len - 8, text + 8);
	if (sscanf(text + len, "\nlost %u", &lost) == 1 && lost > 0)
		host_say(i->host, "%s: %u attribute%s of its files cannot be "
		    "kept on this file system", i->name, lost,
		    lost == 1 ? "" : "s");
}

static int
unpack(void *arg, struct error *e)
{
	struct import *i = arg;
	AUTO_BUF struct buf verdict = BUF_INIT;
	const int fds[] = { i->root, i->lock };

	/* with the lock: should we be killed, the next command waits until the
	 * last of its processes is gone */
	if (helper_send(&i->helper, "go", 2, fds, 2, e) < 0 ||
	    helper_receive(&i->helper, &verdict, e) < 0 ||
	    helper_finish(&i->helper, e) < 0)
		return -1;
	import_verdict(i, buf_text(&verdict));
	return 0;
}

static void
tell_unpack(void *arg, struct buf *text)
{
	const struct import *i = arg;

	buf_printf(text, "unpack %s into it, and check it",
	    shown_name(i->options->file));
}

static int
complete(void *arg, struct error *e)
{
	struct import *i = arg;

	if (i->store->filled != NULL)
		return i->store->filled(&i->at, e);
	if (file_sync_all(i->root) < 0)
		return error_sys(e, "sync the files");
	return 0;
}

void
import_tell_nothing(void *arg, struct buf *text)
{
}

int
import_forget(void *arg, struct error *e)
{
	struct import *i = arg;
	AUTO_FREE char *host = cell_text(&i->cell, "host.hostname");
	AUTO_CLOSE int root = -1;

	close_fd(&i->root);
	if (i->twin == NULL || i->store->edit == NULL)
		return 0;
	root = i->store->edit(&i->at, e);
	return root < 0 ? -1 : identity_forget(root, i->old_host,
	    host != NULL && *host != '\0' ? host : i->name, e);
}

void
import_tell_forget(void *arg, struct buf *text)
{
	const struct import *i = arg;

	if (i->twin != NULL)
		buf_printf(text, "forget the machine id and host name of "
		    "'%s'", i->manifest.name);
}

int
import_write_conf(void *arg, struct error *e)
{
	struct import *i = arg;
	AUTO_BUF struct buf text = BUF_INIT;

	conf_write(i->cell.conf, &text);
	return file_replace(i->at.dir, "cell.conf", text.data, text.len, 0600,
	    FILE_DURABLE, e);
}

void
import_tell_conf(void *arg, struct buf *text)
{
	const struct import *i = arg;

	buf_printf(text, "write %s/jails/%s/cell.conf:\n", i->host->root,
	    i->name);
	conf_write(i->cell.conf, text);
	if (text->len > 0 && text->data[text->len - 1] == '\n')
		text->data[--text->len] = '\0';
}

int
import_set_quota(void *arg, struct error *e)
{
	struct import *i = arg;

	return store_set_quota(&i->cell, i->store, &i->at, e);
}

int
import_rename_in(void *arg, struct error *e)
{
	struct import *i = arg;

	/* what is open cannot be unmounted */
	close_fd(&i->root);
	close_fd(&i->at.dir);
	return store_rename(i->host, i->store, &i->at, i->name, i->name, e);
}

void
import_tell_rename(void *arg, struct buf *text)
{
	const struct import *i = arg;

	buf_printf(text, "rename it in as %s/jails/%s", i->host->root,
	    i->name);
}

static const struct step import_steps[] = {
	{ "make the file tree", make_files, unmake_files, tell_files },
	{ "unpack the archive", unpack, NULL, tell_unpack },
	{ "complete the files", complete, NULL, import_tell_nothing },
	{ "forget the old identity", import_forget, NULL,
	    import_tell_forget },
	{ "write cell.conf", import_write_conf, NULL, import_tell_conf },
	{ "limit its space", import_set_quota, NULL, import_tell_nothing },
	{ "rename it in", import_rename_in, NULL, import_tell_rename },
};

int
import_jail(const struct host *h, const struct import_options *o,
    char **name, struct buf *note, struct error *e)
{
	AUTO_IMPORT struct import i = { .host = h, .options = o,
	    .helper = HELPER_INIT, .manifest = MANIFEST_INIT, .note = note,
	    .foreign = { .host = h },
	    .cell = CELL_INIT, .at = { .dir = -1 }, .lock = -1,
	    .release_lock = -1, .root = -1 };

	if (begin(&i, e) < 0 || prepare(&i, e) < 0)
		return -1;
	if (i.is_stream ? import_stream_run(&i, e) < 0 :
	    steps_run(h, import_steps, sizeof(import_steps) /
	    sizeof(import_steps[0]), &i, e) < 0)
		return -1;
	import_tell_lost(&i);
	jailconf_refresh(h, i.name);
	*name = xstrdup(i.name);
	return 0;
}
