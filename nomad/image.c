/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Images: a jail nomad-image-KEY, made once of an archive or of a release and
 * templates, whose files the jails of tasks share.  run/nomad/images/KEY is
 * locked while it is made or used, and its time is that of the last use.
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/blake2.h"
#include "base/file.h"
#include "base/path.h"
#include "core/archive.h"
#include "core/helper.h"
#include "core/life.h"
#include "nomad/jail.h"
#include "template/apply.h"

#define IMAGE_PREFIX "nomad-image-"
#define LOCKS NOMAD_DIR "/images"

/* An image of a gigabyte, from a slow server. */
enum { IMAGE_WAIT_MS = 3600 * 1000 };

struct image {
	const struct host *host;
	const struct task_fields *fields;
	int out;
	char *url;		/* of the archive, without "#sha256=" */
	char *sha256;		/* NULL: not told */
	char *name;
};

void
image_fini(struct jail_source *s)
{
	free(s->release);
	free(s->base);
	free(s->note);
	close_fd(&s->hold);
}

static void
image_free(struct image *i)
{
	free(i->url);
	free(i->sha256);
	free(i->name);
}

static int
split_digest(struct image *i, struct error *e)
{
	static const char mark[] = "#sha256=";
	char *at = strstr(i->url, mark);

	if (at == NULL)
		return 0;
	*at = '\0';
	i->sha256 = xstrdup(at + strlen(mark));
	if (strlen(i->sha256) == 64 &&
	    strspn(i->sha256, "0123456789abcdef") == 64)
		return 0;
	return error_set(e, ERROR_CONFIG, "image: what follows #sha256= is "
	    "no sum of 64 hexadecimal digits");
}

/* "https://u:p@host/x" without what is secret, for people. */
static char *
shown(const char *url)
{
	const char *host = strstr(url, "://");
	const char *at = host != NULL ? strchr(host, '@') : NULL;

	if (at == NULL || at > host + 3 + strcspn(host + 3, "/"))
		return xstrdup(url);
	return xasprintf("%.*s://%s", (int)(host - url), url, at + 1);
}

/* What the image is made of decides its name. */
static void
set_name(struct image *i)
{
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_BUF struct buf name = BUF_INIT;
	uint8_t sum[BLAKE2_SIZE];
	const struct task_fields *f = i->fields;

	buf_printf(&text, "%s\n%s\n%s\n", i->url != NULL ? i->url : "",
	    i->sha256 != NULL ? i->sha256 : "",
	    f->release != NULL ? f->release : "");
	for (size_t n = 0; n < f->templates.count; n++)
		buf_printf(&text, "%s\n", f->templates.items[n]);
	blake2_sum(buf_text(&text), text.len, sum);
	buf_puts(&name, IMAGE_PREFIX);
	for (size_t n = 0; n < 8; n++)
		buf_printf(&name, "%02x", sum[n]);
	i->name = buf_steal(&name);
}

/* ROOT/images/nomad/FILE. */
static char *
cache_dir(const struct host *h)
{
	return xasprintf("%s/images/nomad", h->root);
}

static int
fetch(const struct image *i, const char *url, const char *file,
    const char *sha256, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;
	AUTO_TOOL struct tool tool = TOOL_INIT;
	int status = 0;

	if (tool_init(&tool, i->host, e) < 0)
		return -1;
	strings_take(&argv, xasprintf("%s/gaol-image", i->host->libexec));
	strings_add(&argv, "fetch");
	strings_add(&argv, "--progress=none");
	if (sha256 != NULL) {
		strings_add(&argv, "--sha256");
		strings_add(&argv, sha256);
	}
	strings_add(&argv, url);
	strings_add(&argv, file);
	if (tool_run(&tool, &argv, NULL, TOOL_KEPT, &status, e) < 0)
		return -1;
	if (status == 0)
		return 0;
	error_set(e, tool_kind(status), "%.450s", tool_why(&tool));
	return -1;
}

/* Sums and signatures that lie beside the archive; none need be there. */
static void
fetch_sums(const struct image *i, const char *file)
{
	static const char *const suffixes[] = { ".skein", ".meta",
		".skein.sig", ".sha256" };

	for (size_t n = 0; n < sizeof(suffixes) / sizeof(suffixes[0]); n++) {
		AUTO_FREE char *url = xasprintf("%s%s", i->url, suffixes[n]);
		AUTO_FREE char *to = xasprintf("%s%s", file, suffixes[n]);
		struct error ignored = ERROR_INIT;

		if (fetch(i, url, to, NULL, &ignored) < 0)
			unlink(to);
	}
}

static void
drop_download(const char *file)
{
	static const char *const suffixes[] = { "", ".skein", ".meta",
		".skein.sig", ".sha256" };

	for (size_t n = 0; n < sizeof(suffixes) / sizeof(suffixes[0]); n++) {
		AUTO_FREE char *path = xasprintf("%s%s", file, suffixes[n]);

		unlink(path);
	}
}

static int
download(const struct image *i, char **file, struct error *e)
{
	AUTO_FREE char *dir = cache_dir(i->host);
	AUTO_FREE char *to = xasprintf("%s/%s.archive", dir, i->name);
	AUTO_FREE char *url = shown(i->url);

	if (file_mkdirs(AT_FDCWD, dir, 0700, e) < 0)
		return -1;
	job_say(i->out, "event Downloading image %s", url);
	if (fetch(i, i->url, to, i->sha256, e) < 0) {
		bool away = e->kind == ERROR_FAILED;

		error_wrap(e, "image %s", url);
		/* the server may be back soon; a wrong image stays wrong */
		if (away)
			job_recoverable(e);
		return -1;
	}
	if (i->sha256 == NULL)
		fetch_sums(i, to);
	*file = STEAL(to);
	return 0;
}

static int
import_image(const struct image *i, struct error *e)
{
	AUTO_FREE char *file = NULL;
	AUTO_FREE char *name = NULL;
	AUTO_BUF struct buf note = BUF_INIT;
	AUTO_STRINGS struct strings assign = VEC_INIT;
	struct import_options o = { .name = i->name, .assign = &assign,
		.unverified = i->sha256 != NULL };
	bool own = *i->url == '/';
	int result;

	if (own)
		file = xstrdup(i->url);
	else if (download(i, &file, e) < 0)
		return -1;
	job_say(i->out, "event Unpacking image");
	o.file = file;
	strings_add(&assign, "net=none");
	strings_add(&assign, "boot=off");
	strings_add(&assign, "tag=" NOMAD_TAG);
	strings_add(&assign, "note=an image of Nomad tasks");
	result = import_jail(i->host, &o, &name, &note, e);
	if (!own)
		drop_download(file);
	return result < 0 ? error_wrap(e, "image") : 0;
}

static int
create_image(const struct image *i, struct error *e)
{
	static char net[] = "net=none", tag[] = "tag=" NOMAD_TAG,
	    note[] = "note=an image of Nomad tasks";
	char *assign[] = { net, tag, note };
	const struct create_options o = { .release = i->fields->release,
		.assign = assign, .assign_count = 3 };

	return life_create(i->host, i->name, &o, e);
}

static void
show_step(void *arg, const char *line)
{
	const struct image *i = arg;

	job_say(i->out, "event %.300s", line);
}

static int
apply_templates(struct image *i, struct error *e)
{
	AUTO_APPLY_RESULT struct apply_result r = APPLY_RESULT_INIT;
	AUTO_VARS struct vars none = VEC_INIT;
	const struct apply_options o = { .templates = &i->fields->templates,
		.args = &none, .fresh = true, .show = show_step, .arg = i };

	if (i->fields->templates.count == 0)
		return 0;
	job_say(i->out, "event Applying templates to the image");
	return template_apply(i->host, i->name, &o, &r, e) < 0 ?
	    error_wrap(e, "template") : 0;
}

static int
make_image(struct image *i, struct error *e)
{
	struct error ignored = ERROR_INIT;
	bool was;

	if ((i->url != NULL ? import_image(i, e) : create_image(i, e)) < 0)
		return -1;
	if (apply_templates(i, e) == 0 &&
	    life_stop(i->host, i->name, true, &was, e) == 0)
		return 0;
	if (life_destroy(i->host, i->name, true, false, &ignored) < 0)
		error_clear(&ignored);
	return -1;
}

/* Shared when it is there; alone first to make it. */
static int
hold_image(struct image *i, int *hold, struct error *e)
{
	AUTO_FREE char *file = xasprintf(LOCKS "/%s", i->name);
	AUTO_CLOSE int alone = -1;

	if (file_mkdirs(i->host->run_fd, LOCKS, 0700, e) < 0)
		return -1;
	*hold = file_lock(i->host->run_fd, file, false, IMAGE_WAIT_MS, e);
	if (*hold < 0)
		return -1;
	futimens(*hold, NULL);
	if (cell_exists(i->host, i->name))
		return 0;
	close_fd(hold);
	alone = file_lock(i->host->run_fd, file, true, IMAGE_WAIT_MS, e);
	if (alone < 0)
		return -1;
	if (!cell_exists(i->host, i->name) && make_image(i, e) < 0)
		return -1;
	futimens(alone, NULL);
	if (flock(alone, LOCK_SH) < 0)
		return error_sys(e, "%s", file);
	*hold = steal_fd(&alone);
	return 0;
}

static int
release_of(const struct host *h, const char *jail, char **release,
    struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;

	if (cell_load(h, jail, &c, e) < 0)
		return -1;
	*release = cell_text(&c, "release");
	return 0;
}

static int
find_image(struct image *i, struct jail_source *s, struct error *e)
{
	const struct task_fields *f = i->fields;

	if (f->image != NULL) {
		i->url = f->pot != NULL ? xasprintf("%.*s/%s_%s.xz",
		    (int)(strlen(f->image) - (f->image[strlen(f->image) - 1] ==
		    '/')), f->image, f->pot, f->tag) : xstrdup(f->image);
		if (split_digest(i, e) < 0)
			return -1;
	}
	set_name(i);
	if (hold_image(i, &s->hold, e) < 0)
		return -1;
	s->base = xstrdup(i->name);
	s->note = xstrdup(i->name);
	return release_of(i->host, s->base, &s->release, e);
}

int
image_find(const struct host *h, const struct task_fields *f, int out,
    struct jail_source *s, struct error *e)
{
	struct image i = { .host = h, .fields = f, .out = out };
	int result;

	if (f->image == NULL && f->templates.count == 0) {
		if (f->jail == NULL) {
			s->release = xstrdup(f->release);
			return 0;
		}
		s->base = xstrdup(f->jail);
		if (release_of(h, f->jail, &s->release, e) < 0)
			return error_wrap(e, "jail");
		return 0;
	}
	if (f->jail != NULL)
		return error_set(e, ERROR_CONFIG, "template: for release and "
		    "image alone; 'gaol apply' changes the jail itself");
	result = find_image(&i, s, e);
	image_free(&i);
	return result;
}

/* --- what nobody needs --- */

/* The images that jails of tasks were made of: their notes. */
static int
used_images(const struct host *h, const struct strings *names,
    struct strings *used, struct error *e)
{
	for (size_t i = 0; i < names->count; i++) {
		AUTO_CELL struct cell c = CELL_INIT;
		AUTO_FREE char *note = NULL;

		if (strncmp(names->items[i], IMAGE_PREFIX,
		    strlen(IMAGE_PREFIX)) == 0)
			continue;
		/* one that cannot be read might be of any: nothing goes */
		if (cell_load(h, names->items[i], &c, e) < 0)
			return -1;
		note = cell_text(&c, "note");
		if (note != NULL && strncmp(note, IMAGE_PREFIX,
		    strlen(IMAGE_PREFIX)) == 0)
			strings_add(used, note);
	}
	return 0;
}

static int
collect(const struct host *h, const char *name, uint64_t delay_ms,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf(LOCKS "/%s", name);
	AUTO_CLOSE int lock = -1;
	struct stat st;

	if (file_mkdirs(h->run_fd, LOCKS, 0700, e) < 0)
		return -1;
	lock = openat(h->run_fd, file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0)
		return error_sys(e, "%s", file);
	if (flock(lock, LOCK_EX | LOCK_NB) < 0 || fstat(lock, &st) < 0 ||
	    time(NULL) < st.st_mtime + (time_t)(delay_ms / 1000))
		return 0;
	if (life_destroy(h, name, false, false, e) < 0)
		return error_wrap(e, "%s", name);
	unlinkat(h->run_fd, file, 0);
	return 1;
}

int
image_gc_work(void *arg, int out, struct error *e)
{
	const struct image_gc *gc = arg;
	AUTO_STRINGS struct strings names = VEC_INIT, used = VEC_INIT;
	struct host h;
	int result = host_open(&h, gc->root, e);

	if (result == 0)
		result = cell_names(&h, &names, e);
	if (result == 0)
		result = used_images(&h, &names, &used, e);
	for (size_t i = 0; result >= 0 && i < names.count; i++) {
		if (strncmp(names.items[i], IMAGE_PREFIX,
		    strlen(IMAGE_PREFIX)) != 0 ||
		    strings_index(&used, names.items[i]) >= 0)
			continue;
		result = collect(&h, names.items[i], gc->delay_ms, e);
		if (result == 1)
			job_say(out, "removed %s", names.items[i]);
	}
	host_fini(&h);
	return result < 0 ? -1 : 0;
}
