/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * An image of pot: NAME_TAG.xz, a compressed stream of 'zfs send -R', and
 * beside it .meta (it stands on no other image), .skein, and .skein.sig.
 */
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
#include "core/pot_attr.h"
#include "core/snapshot.h"
#include "core/step.h"

#define META "-"

struct export_pot {
	const struct host *host;
	const char *jail;
	const struct export_options *options;
	struct export_result *result;
	struct cell cell;
	struct cell_store store;
	struct helper helper;
	struct strings lost;
	struct buf answer;
	char *snapshot, *dir, *base, *beside;
	bool temporary;		/* the snapshot is ours */
	int dir_fd, out, key;
};

static void
export_pot_fini(struct export_pot *x)
{
	cell_fini(&x->cell);
	cell_store_fini(&x->store);
	helper_fini(&x->helper);
	strings_fini(&x->lost);
	buf_fini(&x->answer);
	free(x->snapshot);
	free(x->dir);
	free(x->base);
	free(x->beside);
	close_fd(&x->dir_fd);
	close_fd(&x->out);
	close_fd(&x->key);
}

static bool
can_send(const struct store *s)
{
	return s->send != NULL;
}

/* DIR/NAME_TAG.xz, or in a directory the snapshot as tag. */
static int
choose_file(struct export_pot *x, struct error *e)
{
	const char *file = x->options->file != NULL ? x->options->file : ".";
	const char *slash = strrchr(file, '/');
	struct stat st;
	size_t len;

	if (strcmp(file, "-") == 0)
		return error_set(e, ERROR_USAGE, "an image of pot is several "
		    "files: 'gaol export --format pot %s FILE.xz'", x->jail);
	if (stat(file, &st) == 0 && S_ISDIR(st.st_mode)) {
		x->dir = xstrdup(file);
		x->base = xasprintf("%s_%s.xz", x->jail, x->snapshot);
	} else {
		x->dir = slash == NULL ? xstrdup(".") : slash == file ?
		    xstrdup("/") : xstrndup(file, (size_t)(slash - file));
		x->base = xstrdup(slash != NULL ? slash + 1 : file);
	}
	len = strlen(x->base);
	if (len < 4 || strcmp(x->base + len - 3, ".xz") != 0)
		return error_set(e, ERROR_USAGE, "an image of pot is called "
		    "NAME_TAG.xz");
	x->beside = xasprintf(".%s.new", x->base);
	x->dir_fd = file_opendir(AT_FDCWD, x->dir, e);
	if (x->dir_fd < 0)
		return -1;
	x->result->file = strcmp(x->dir, ".") == 0 ? xstrdup(x->base) :
	    xasprintf("%s/%s", x->dir, x->base);
	if (faccessat(x->dir_fd, x->base, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return error_set(e, ERROR_EXISTS, "%s exists already",
		    x->result->file);
	return 0;
}

static int
check(struct export_pot *x, struct error *e)
{
	const struct export_options *o = x->options;
	AUTO_LIVE struct live live = LIVE_INIT;
	AUTO_FREE char *tag = xasprintf("%jd", (intmax_t)time(NULL));

	if (!can_send(x->store.store))
		return store_cannot(x->store.store, "write a stream of zfs",
		    can_send, e);
	if (live_running(x->host, x->jail, &live, e) < 0)
		return -1;
	if (live.phase != LIVE_STOPPED && o->snapshot == NULL && !o->live)
		return error_set(e, ERROR_BUSY, "jail '%s' is running; --live "
		    "exports a snapshot of it, or 'gaol stop %s' first",
		    x->jail, x->jail);
	x->temporary = o->snapshot == NULL;
	x->snapshot = xstrdup(o->snapshot != NULL ? o->snapshot : tag);
	if (o->sign != NULL) {
		x->key = key_open(x->host, o->sign, e);
		if (x->key < 0)
			return -1;
	}
	return choose_file(x, e);
}

/* --- steps --- */

static int
take_snapshot(void *arg, struct error *e)
{
	struct export_pot *x = arg;
	AUTO_FREE char *name = NULL;
	const struct snapshot_options o = { .name = x->snapshot,
		.temporary = true, .note = "taken by 'gaol export'" };

	return x->temporary ? snapshot_take_locked(x->host, x->jail, &o, &name,
	    e) : 0;
}

static int
drop_snapshot(void *arg, struct error *e)
{
	struct export_pot *x = arg;

	if (!x->temporary)
		return 0;
	if (export_drop(&x->store, x->snapshot, e) < 0)
		return -1;
	return store_done(x->host, x->jail, e);
}

static void
tell_snapshot(void *arg, struct buf *text)
{
	const struct export_pot *x = arg;

	if (x->temporary)
		buf_printf(text, "take a snapshot of '%s'", x->jail);
}

static void
tell_nothing(void *arg, struct buf *text)
{
}

/* pot.conf and fscomp.conf, as if pot had made them. */
static int
fill(void *arg, int dir, struct error *e)
{
	struct export_pot *x = arg;
	AUTO_BUF struct buf files = BUF_INIT;
	const char *p;

	pot_files(&x->cell, &files, &x->lost);
	if (mkdirat(dir, "conf", 0755) < 0)
		return error_sys(e, "conf");
	for (p = buf_text(&files); *p != '\0';) {
		const char *line = strchr(p, '\n');
		AUTO_FREE char *name = xstrndup(p, strcspn(p, " "));
		size_t len = strtoul(p + strlen(name), NULL, 10);

		if (file_replace(dir, name, line + 1, len, 0644,
		    FILE_VOLATILE, e) < 0)
			return -1;
		p = line + 1 + len;
	}
	return 0;
}

static int
start_helper(struct export_pot *x, int in, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;
	const int fds[] = { in, x->out, x->key >= 0 ? x->key : in };

	helper_argv(x->host, "squeeze", &argv);
	if (x->options->level != NULL)
		strings_take(&argv, xasprintf("--level=%s",
		    x->options->level));
	if (x->key >= 0)
		strings_add(&argv, "--sign");
	strings_add(&argv, x->jail);
	if (helper_start(&x->helper, x->host, &argv, e) < 0)
		return -1;
	return helper_send(&x->helper, META, strlen(META), fds, 3, e);
}

static int
write_image(void *arg, struct error *e)
{
	struct export_pot *x = arg;
	struct store_send s = { .name = x->jail, .snapshot = x->snapshot,
		.fill = fill, .arg = x };
	int ends[2], rc;

	(void)unlinkat(x->dir_fd, x->beside, 0);
	x->out = openat(x->dir_fd, x->beside,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (x->out < 0)
		return error_sys(e, "%s", x->result->file);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(e, "pipe");
	rc = start_helper(x, ends[0], e);
	close(ends[0]);
	s.out = ends[1];
	if (rc == 0)
		rc = x->store.store->send(&x->store.at, &s, e);
	close(ends[1]);
	if (rc < 0)
		return -1;
	if (helper_receive(&x->helper, &x->answer, e) < 0)
		return -1;
	return helper_finish(&x->helper, e);
}

static int
remove_image(void *arg, struct error *e)
{
	struct export_pot *x = arg;

	(void)unlinkat(x->dir_fd, x->beside, 0);
	return 0;
}

static void
tell_write(void *arg, struct buf *text)
{
	const struct export_pot *x = arg;

	buf_printf(text, "write '%s' at snapshot %s to %s, and its .meta and "
	    ".skein", x->jail, x->snapshot, x->result->file);
}

static int
put_beside(const struct export_pot *x, const char *suffix, const char *text,
    struct error *e)
{
	AUTO_FREE char *name = xasprintf("%s%s", x->base, suffix);

	return file_replace(x->dir_fd, name, text, strlen(text), 0644,
	    FILE_DURABLE, e);
}

/* What lies beside it comes first: without the image it is nothing. */
static int
put_in_place(void *arg, struct error *e)
{
	struct export_pot *x = arg;
	char sum[260] = "", signature[128] = "";
	struct export_result *r = x->result;

	if (sscanf(buf_text(&x->answer), "%" SCNu64 " %" SCNu64 " %258s %127s",
	    &r->bytes, &r->written, sum, signature) < 3)
		return error_set(e, ERROR_FAILED,
		    "gaol-image gave no account of it");
	AUTO_FREE char *skein = xasprintf("%s\n", sum);
	AUTO_FREE char *signed_text = xasprintf("untrusted comment: signed by "
	    "gaol\n%s\n", signature);
	if (put_beside(x, ".meta", META, e) < 0 ||
	    put_beside(x, ".skein", skein, e) < 0 ||
	    (*signature != '\0' && put_beside(x, ".skein.sig", signed_text,
	    e) < 0))
		return -1;
	if (fsync(x->out) < 0 ||
	    file_rename_new(x->dir_fd, x->beside, x->base) < 0)
		return error_sys(e, "%s", r->file);
	return file_sync_dir(x->dir_fd, ".", e);
}

static const struct step steps[] = {
	{ "take a snapshot", take_snapshot, drop_snapshot, tell_snapshot },
	{ "write the image", write_image, remove_image, tell_write },
	{ "put it in place", put_in_place, NULL, tell_nothing },
	{ "destroy the snapshot", drop_snapshot, NULL, tell_nothing },
};

int
export_pot(const struct host *h, const char *jail,
    const struct export_options *o, struct export_result *r, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, jail, "export", e);
	__attribute__((cleanup(export_pot_fini))) struct export_pot x = {
		.host = h, .jail = jail, .options = o, .result = r,
		.cell = CELL_INIT, .store = CELL_STORE_INIT,
		.helper = HELPER_INIT, .dir_fd = -1, .out = -1, .key = -1 };

	if (lock < 0 || life_recover(h, jail, e) < 0 ||
	    cell_load(h, jail, &x.cell, e) < 0 ||
	    cell_store_init(&x.store, h, &x.cell, NULL, e) < 0 ||
	    check(&x, e) < 0 || steps_run(h, steps, sizeof(steps) /
	    sizeof(steps[0]), &x, e) < 0)
		return -1;
	for (size_t i = 0; i < x.lost.count; i++)
		host_say(h, "%s: %s", jail, x.lost.items[i]);
	return 0;
}
