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

static bool
can_send(const struct store *s)
{
	return s->send != NULL;
}

/* DIR/NAME_TAG.xz, or in a directory the snapshot as tag. */
static int
choose_file(struct export *x, struct error *e)
{
	const char *file = x->options->file;
	size_t len;

	if (file != NULL && strcmp(file, "-") == 0)
		return error_set(e, ERROR_USAGE, "an image of pot is several "
		    "files: 'gaol export --format pot %s FILE.xz'", x->jail);
	if (export_place(x, xasprintf("%s_%s.xz", x->jail, x->snapshot),
	    e) < 0)
		return -1;
	len = strlen(x->base);
	if (len < 4 || strcmp(x->base + len - 3, ".xz") != 0)
		return error_set(e, ERROR_USAGE, "an image of pot is called "
		    "NAME_TAG.xz");
	return 0;
}

/* A stream of zfs is of a snapshot: without one we take our own. */
static int
check(struct export *x, struct error *e)
{
	if (!can_send(x->store.store))
		return store_cannot(x->store.store, "write a stream of zfs",
		    can_send, e);
	if (export_check(x, e) < 0)
		return -1;
	if (x->snapshot == NULL) {
		x->temporary = true;
		x->snapshot = xasprintf("%jd", (intmax_t)x->now);
	}
	return choose_file(x, e);
}

/* --- steps --- */

/* pot.conf and fscomp.conf, as if pot had made them. */
static int
fill(void *arg, int dir, struct error *e)
{
	struct export *x = arg;
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
start_helper(struct export *x, int in, struct error *e)
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
	struct export *x = arg;
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
	struct export *x = arg;

	(void)unlinkat(x->dir_fd, x->beside, 0);
	return 0;
}

static void
tell_write(void *arg, struct buf *text)
{
	const struct export *x = arg;

	buf_printf(text, "write '%s' at snapshot %s to %s, and its .meta and "
	    ".skein", x->jail, x->snapshot, x->result->file);
}

static int
put_beside(const struct export *x, const char *suffix, const char *text,
    struct error *e)
{
	AUTO_FREE char *name = xasprintf("%s%s", x->base, suffix);

	return file_replace(x->dir_fd, name, text, strlen(text), 0644,
	    FILE_DURABLE, e);
}

static void
remove_beside(const struct export *x)
{
	static const char *const suffixes[] = { ".meta", ".skein",
		".skein.sig" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		AUTO_FREE char *name = xasprintf("%s%s", x->base, suffixes[i]);

		unlinkat(x->dir_fd, name, 0);
	}
}

/* What lies beside it comes first: without the image it is nothing. */
static int
put_in_place(void *arg, struct error *e)
{
	struct export *x = arg;
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
	    e) < 0)) {
		remove_beside(x);
		return -1;
	}
	if (fsync(x->out) < 0 ||
	    file_rename_new(x->dir_fd, x->beside, x->base) < 0) {
		error_sys(e, "%s", r->file);
		remove_beside(x);
		return -1;
	}
	return file_sync_dir(x->dir_fd, ".", e);
}

static const struct step steps[] = {
	{ "take a snapshot", export_take_snapshot, export_drop_snapshot,
	    export_tell_snapshot },
	{ "write the image", write_image, remove_image, tell_write },
	{ "put it in place", put_in_place, NULL, export_tell_nothing },
	{ "destroy the snapshot", export_drop_snapshot, NULL,
	    export_tell_drop },
};

int
export_pot(const struct host *h, const char *jail,
    const struct export_options *o, struct export_result *r, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, jail, "export", e);
	AUTO_EXPORT struct export x = EXPORT_INIT;

	export_begin(&x, h, jail, o, r);
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
