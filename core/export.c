/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/archive.h"
#include "core/export_foreign.h"
#include "core/helper.h"
#include "core/life.h"
#include "core/release.h"
#include "core/snapshot.h"
#include "core/step.h"

void
export_fini(struct export *x)
{
	cell_fini(&x->cell);
	cell_store_fini(&x->store);
	helper_fini(&x->helper);
	free(x->snapshot);
	free(x->dir);
	free(x->base);
	free(x->beside);
	free(x->sum_file);
	buf_fini(&x->answer);
	strings_fini(&x->lost);
	close_fd(&x->dir_fd);
	if (x->out != STDOUT_FILENO)
		close_fd(&x->out);
	close_fd(&x->key);
}

void
export_begin(struct export *x, const struct host *h, const char *jail,
    const struct export_options *o, struct export_result *r)
{
	x->host = h;
	x->jail = jail;
	x->options = o;
	x->result = r;
	x->now = time(NULL);
}

void
export_result_fini(struct export_result *r)
{
	free(r->file);
	r->file = NULL;
}

/* "20261125-045116", or as Bastille writes it. */
static void
format_date(time_t now, bool bastille, char text[32])
{
	struct tm tm;

	*text = '\0';
	if (localtime_r(&now, &tm) == NULL)
		return;
	if (bastille)
		strftime(text, 32, "%Y-%m-%d-%H%M%S", &tm);
	else
		strftime(text, 32, "%Y%m%d-%H%M%S", &tm);
}

static bool
is_bastille(const struct export *x)
{
	return x->options->format != NULL;
}

/* Which compression, and where the checksum goes, the name tells. */
static int
choose_compression(struct export *x, struct error *e)
{
	size_t stem = 0;

	if (!is_bastille(x))
		return 0;
	x->compression = bastille_compression(x->base, &stem);
	if (x->compression == NULL)
		return error_set(e, ERROR_USAGE, "an archive of Bastille is "
		    "called NAME_DATE.txz, .tgz or .tzst");
	/* one without its archive is of an export that was killed */
	x->sum_file = xasprintf("%.*s.sha256", (int)stem, x->base);
	return 0;
}

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int
export_place(struct export *x, char *name, struct error *e)
{
	const char *file = x->options->file != NULL ? x->options->file : ".";
	const char *slash = strrchr(file, '/');

	if (is_directory(file)) {
		x->dir = xstrdup(file);
		x->base = name;
	} else {
		free(name);
		x->dir = slash == NULL ? xstrdup(".") : slash == file ?
		    xstrdup("/") : xstrndup(file, (size_t)(slash - file));
		x->base = xstrdup(slash != NULL ? slash + 1 : file);
	}
	x->dir_fd = open(x->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (x->dir_fd < 0)
		return error_sys(e, "%s", x->dir);
	x->result->file = strcmp(x->dir, ".") == 0 ? xstrdup(x->base) :
	    xasprintf("%s/%s", x->dir, x->base);
	if (*x->base == '\0' || file_exists(x->dir_fd, x->base))
		return error_set(e, ERROR_EXISTS, "%s exists already",
		    x->result->file);
	x->beside = xasprintf(".%s.new", x->base);
	return 0;
}

/* Where it goes: a directory and a name in it. */
static int
choose_file(struct export *x, struct error *e)
{
	const char *file = x->options->file != NULL ? x->options->file : ".";
	char date[32], *name;

	if (strcmp(file, "-") == 0) {
		x->out = STDOUT_FILENO;
		x->compression = is_bastille(x) ? "xz" : NULL;
		return isatty(STDOUT_FILENO) ? error_set(e, ERROR_USAGE,
		    "an archive is nothing for a terminal; "
		    "'gaol export %s FILE'", x->jail) : 0;
	}
	format_date(x->now, is_bastille(x), date);
	name = xasprintf("%s%s%s%s", x->jail, is_bastille(x) ? "_" : "-", date,
	    is_bastille(x) ? ".txz" : ".gaol.tar.zst");
	return export_place(x, name, e) < 0 ? -1 : choose_compression(x, e);
}

static bool
can_open(const struct store *s)
{
	return s->open != NULL && s->data != NULL;
}

/* A key or a snapshot that is not there is told before anything is done. */
int
export_check(struct export *x, struct error *e)
{
	const struct export_options *o = x->options;
	AUTO_LIVE struct live live = LIVE_INIT;

	if (live_running(x->host, x->jail, &live, e) < 0)
		return -1;
	if (live.phase != LIVE_STOPPED && o->snapshot == NULL && !o->live)
		return error_set(e, ERROR_BUSY, "jail '%s' is running; --live "
		    "exports a snapshot of it, or 'gaol stop %s' first",
		    x->jail, x->jail);
	if (o->snapshot != NULL)
		x->snapshot = xstrdup(o->snapshot);
	else if (live.phase != LIVE_STOPPED)
		x->temporary = true;
	if (o->sign != NULL) {
		x->key = key_open(x->host, o->sign, e);
		if (x->key < 0)
			return -1;
	}
	return 0;
}

static int
check(struct export *x, struct error *e)
{
	if (!can_open(x->store.store))
		return store_cannot(x->store.store, "give its files",
		    can_open, e);
	return export_check(x, e) < 0 ? -1 : choose_file(x, e);
}

int
export_take_snapshot(void *arg, struct error *e)
{
	struct export *x = arg;
	char date[32];
	AUTO_FREE char *name = STEAL(x->snapshot);
	struct snapshot_options o = { .copy = true, .temporary = true,
	    .note = "taken by 'gaol export'" };

	if (!x->temporary) {
		x->snapshot = STEAL(name);
		return 0;
	}
	if (name == NULL) {
		format_date(x->now, false, date);
		name = xasprintf("export-%s", date);
	}
	o.name = name;
	return snapshot_take_locked(x->host, x->jail, &o, &x->snapshot, e);
}

void
export_tell_snapshot(void *arg, struct buf *text)
{
	const struct export *x = arg;

	if (x->temporary)
		buf_printf(text, "take a snapshot of '%s'", x->jail);
}

int
export_drop_snapshot(void *arg, struct error *e)
{
	struct export *x = arg;

	if (!x->temporary)
		return 0;
	if (export_drop(&x->store, x->snapshot, e) < 0)
		return -1;
	return store_done(x->host, x->jail, e);
}

void
export_tell_drop(void *arg, struct buf *text)
{
	const struct export *x = arg;

	if (x->temporary)
		buf_puts(text, "destroy that snapshot");
}

/* Without a name where the file system has such files: nothing is left of one
 * that was not completed. */
static int
open_file(void *arg, struct error *e)
{
	struct export *x = arg;

	if (x->out == STDOUT_FILENO)
		return 0;
#ifdef O_TMPFILE
	x->out = openat(x->dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (x->out >= 0) {
		free(x->beside);
		x->beside = NULL;
		return 0;
	}
#endif
	(void)unlinkat(x->dir_fd, x->beside, 0);
	x->out = openat(x->dir_fd, x->beside,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return x->out < 0 ? error_sys(e, "%s", x->result->file) : 0;
}

static int
drop_file(void *arg, struct error *e)
{
	struct export *x = arg;

	if (x->beside != NULL && x->dir_fd >= 0)
		(void)unlinkat(x->dir_fd, x->beside, 0);
	if (x->sum_file != NULL && x->dir_fd >= 0)
		(void)unlinkat(x->dir_fd, x->sum_file, 0);
	return 0;
}

void
export_tell_nothing(void *arg, struct buf *text)
{
}

static void
write_manifest(const struct export *x, struct buf *text)
{
	AUTO_FREE char *release = cell_text(&x->cell, "release");
	AUTO_RELEASE struct release r = RELEASE_INIT;
	struct error ignored = ERROR_INIT;
	const char *os = engine_native->runs[0];
	char date[32];

	format_date(x->now, false, date);
	buf_printf(text, "gaol-archive 1\nname %s\ndate %s\nkind whole\n"
	    "store %s\n", x->jail, date, x->store.store->name);
	if (release != NULL && *release != '\0') {
		buf_printf(text, "release %s\n", release);
		if (release_load(x->host, release, &r, &ignored) == 0)
			os = r.os;
	}
	buf_printf(text, "os %s\n", os);
	if (x->options->snapshot != NULL)
		buf_printf(text, "snapshot %s\n", x->options->snapshot);
}

static int
take_result(struct export *x, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	uint64_t sockets = 0, mounts = 0;
	struct export_result *r = x->result;
	char sum[66] = "";

	if (helper_receive(&x->helper, &text, e) < 0 ||
	    helper_finish(&x->helper, e) < 0)
		return -1;
	if (sscanf(buf_text(&text), "%" SCNu64 " %" SCNu64 " %" SCNu64
	    " %" SCNu64 " %" SCNu64 " %64s", &r->files, &r->bytes,
	    &r->written, &sockets, &mounts, sum) < 5)
		return error_set(e, ERROR_FAILED,
		    "gaol-image gave no account of it");
	/* bare, as sha256 -q gives it */
	memcpy(sum + strlen(sum), "\n", 2);
	if (x->sum_file != NULL && file_replace(x->dir_fd, x->sum_file, sum,
	    strlen(sum), 0600, FILE_DURABLE, e) < 0)
		return -1;
	if (mounts > 0)
		host_say(x->host, "%s: what is mounted in its files in %"
		    PRIu64 " place%s is not in the archive", x->jail, mounts,
		    mounts == 1 ? "" : "s");
	return 0;
}

static int
pack(void *arg, struct error *e)
{
	struct export *x = arg;
	AUTO_STRINGS struct strings argv = VEC_INIT;
	AUTO_BUF struct buf manifest = BUF_INIT, conf = BUF_INIT;
	AUTO_CLOSE int tree = x->store.store->open(&x->store.at, x->snapshot,
	    e);
	int fds[] = { tree, x->out, x->key >= 0 ? x->key : tree };

	if (tree < 0)
		return -1;
	if (is_bastille(x)) {
		bastille_files(&x->cell, &manifest, &x->lost);
	} else {
		write_manifest(x, &manifest);
		conf_write(x->cell.conf, &conf);
	}
	helper_argv(x->host, "pack", &argv);
	if (x->options->level != NULL)
		strings_take(&argv, xasprintf("--level=%s",
		    x->options->level));
	if (x->key >= 0)
		strings_add(&argv, "--sign");
	if (x->compression != NULL)
		strings_take(&argv, xasprintf("--compression=%s",
		    x->compression));
	strings_add(&argv, x->jail);
	if (helper_start(&x->helper, x->host, &argv, e) < 0 ||
	    helper_send(&x->helper, manifest.data, manifest.len, fds, 3,
	    e) < 0 || helper_send(&x->helper, conf.data, conf.len, NULL, 0,
	    e) < 0)
		return -1;
	return take_result(x, e);
}

static void
tell_pack(void *arg, struct buf *text)
{
	const struct export *x = arg;

	buf_printf(text, "write the files of '%s'%s%s to %s", x->jail,
	    x->snapshot != NULL ? " at snapshot " : "",
	    x->snapshot != NULL ? x->snapshot : "",
	    x->result->file != NULL ? x->result->file : "standard output");
}

static int
link_unnamed(const struct export *x)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", x->out);
	return linkat(AT_FDCWD, path, x->dir_fd, x->base, AT_SYMLINK_FOLLOW);
}

static int
put_in_place(void *arg, struct error *e)
{
	struct export *x = arg;
	int rc;

	if (x->out == STDOUT_FILENO)
		return 0;
	if (fsync(x->out) < 0)
		return error_sys(e, "%s", x->result->file);
	rc = x->beside == NULL ? link_unnamed(x) :
	    file_rename_new(x->dir_fd, x->beside, x->base);
	if (rc < 0)
		return error_sys(e, "%s", x->result->file);
	/* its checksum stays as well */
	free(x->sum_file);
	x->sum_file = NULL;
	return file_sync_dir(x->dir_fd, ".", e);
}

static const struct step export_steps[] = {
	{ "take a snapshot", export_take_snapshot,
	    export_drop_snapshot, export_tell_snapshot },
	{ "open the file", open_file, drop_file,
	    export_tell_nothing },
	{ "write the archive", pack, NULL, tell_pack },
	{ "put it in place", put_in_place, NULL,
	    export_tell_nothing },
	{ "destroy the snapshot", export_drop_snapshot, NULL,
	    export_tell_drop },
};

int
export_jail(const struct host *h, const char *jail,
    const struct export_options *o, struct export_result *r, struct error *e)
{
	if (o->format != NULL && strcmp(o->format, "pot") == 0)
		return export_pot(h, jail, o, r, e);

	AUTO_CLOSE int lock = live_lock(h, jail, "export", e);
	AUTO_EXPORT struct export x = EXPORT_INIT;

	export_begin(&x, h, jail, o, r);

	if (lock < 0 || life_recover(h, jail, e) < 0 ||
	    cell_load(h, jail, &x.cell, e) < 0 ||
	    cell_store_init(&x.store, h, &x.cell, NULL, e) < 0 ||
	    check(&x, e) < 0)
		return -1;
	if (steps_run(h, export_steps, sizeof(export_steps) /
	    sizeof(export_steps[0]), &x, e) < 0)
		return -1;
	for (size_t i = 0; i < x.lost.count; i++)
		host_say(h, "%s: %s", jail, x.lost.items[i]);
	return 0;
}

int
export_drop(const struct cell_store *s, const char *snapshot,
    struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	strings_add(&names, snapshot);
	if (s->store->snapshot_destroy(&s->at, &names, e) < 0) {
		if (e->kind != ERROR_NOT_FOUND)
			return -1;
		error_clear(e);
	}
	return 0;
}
