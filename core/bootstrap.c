/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Making a release: built in releases/.new.NAME, synced, renamed in.  What
 * fills the root is the business of the sources, bootstrap_*.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "base/path.h"
#include "core/bootstrap.h"
#include "core/debian.h"
#include "core/prop.h"
#include "core/step.h"
#include "core/store.h"

enum { RESOLV_MAX = 64 * 1024 };

/* Asked in this order. */
static const struct bootstrap_source *const sources[] = {
	&bootstrap_busybox,
	&bootstrap_debian,
	&bootstrap_freebsd,
	&bootstrap_archive,
};

static const struct {
	unsigned bit;
	const char *option;
} takes[] = {
	{ TAKES_MIRROR, "--mirror" },
	{ TAKES_ARCH, "--arch" },
	{ TAKES_SETS, "--sets" },
	{ TAKES_SHA256, "--sha256" },
	{ TAKES_MAX_SIZE, "--max-size" },
};

static unsigned
given_options(const struct bootstrap_options *o)
{
	return (o->mirror != NULL ? TAKES_MIRROR : 0) |
	    (o->arch != NULL ? TAKES_ARCH : 0) |
	    (o->sets != NULL ? TAKES_SETS : 0) |
	    (o->sha256 != NULL ? TAKES_SHA256 : 0) |
	    (o->max_size != 0 ? TAKES_MAX_SIZE : 0);
}

static int
unknown_source(const char *source, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	const char *near = NULL;
	unsigned best = 4;

	strings_add(&names, "busybox");
	debian_names(&names);
	for (size_t i = 0; i < names.count; i++) {
		unsigned d = word_distance(source, names.items[i]);

		if (d < best) {
			best = d;
			near = names.items[i];
		}
	}
	if (near != NULL)
		return error_set(e, ERROR_USAGE, "nothing is known about "
		    "'%.100s' (did you mean '%s'?)", source, near);
	AUTO_FREE char *list = strings_join(&names, ", ");
	return error_set(e, ERROR_USAGE, "nothing is known about '%.100s'; "
	    "there are %s, FreeBSD's releases (14.3-RELEASE ...), files and "
	    "URLs", source, list);
}

static int
choose_source(struct bootstrap *b, struct error *e)
{
	unsigned given = given_options(b->options);
	size_t i = 0;

	while (i < sizeof(sources) / sizeof(sources[0]) &&
	    !sources[i]->match(b->options->source))
		i++;
	if (i == sizeof(sources) / sizeof(sources[0]))
		return unknown_source(b->options->source, e);
	b->source = sources[i];
	for (i = 0; i < sizeof(takes) / sizeof(takes[0]); i++)
		if (given & ~b->source->takes & takes[i].bit)
			return error_set(e, ERROR_USAGE, "%s has no meaning "
			    "for %.100s", takes[i].option, b->options->source);
	return 0;
}

static int
choose_name(struct bootstrap *b, struct error *e)
{
	const struct bootstrap_options *o = b->options;

	if (o->name != NULL) {
		b->name = xstrdup(o->name);
		return 0;
	}
	b->name = b->source->name != NULL ? b->source->name(o->source) :
	    xstrdup(o->source);
	if (name_check_release(b->name, e) < 0)
		return error_wrap(e, "give the release a name with -N");
	return 0;
}

bool
bootstrap_is_url(const char *source)
{
	const char *colon = strstr(source, "://");

	return colon != NULL && colon != source &&
	    strcspn(source, "/") == (size_t)(colon - source) + 1;
}

char *
bootstrap_shown(const char *url)
{
	const char *host = strstr(url, "://");
	const char *at;

	if (!bootstrap_is_url(url) || host == NULL)
		return xstrdup(url);
	host += 3;
	at = memchr(host, '@', strcspn(host, "/?#"));
	if (at == NULL)
		return xstrdup(url);
	return xasprintf("%.*s%s", (int)(host - url), url, at + 1);
}

static int
bootstrap_init(struct bootstrap *b, struct error *e)
{
	if (choose_source(b, e) < 0 || choose_name(b, e) < 0)
		return -1;
	b->work = xasprintf("%s/releases/.new.%s", b->host->root, b->name);
	b->root = xasprintf("%s/root", b->work);
	b->cache = xasprintf("%s/releases/.cache/%s", b->host->root, b->name);
	b->made.name = xstrdup(b->name);
	b->made.source = bootstrap_shown(b->options->source);
	b->made.os = b->source->os != NULL ? xstrdup(b->source->os) : NULL;
	return b->source->prepare(b, e);
}

static void
bootstrap_fini(struct bootstrap *b)
{
	close_fd(&b->root_fd);
	close_fd(&b->work_fd);
	release_fini(&b->made);
	tool_fini(&b->tool);
	strings_fini(&b->argv);
	free(b->name);
	free(b->work);
	free(b->root);
	free(b->cache);
}

int
bootstrap_write(const struct bootstrap *b, const char *dir, const char *name,
    const char *text, mode_t mode, struct error *e)
{
	AUTO_CLOSE int fd = path_open(b->root_fd, dir,
	    O_RDONLY | O_DIRECTORY, 0, e);

	if (fd < 0)
		return -1;
	if (file_replace(fd, name, text, strlen(text), mode, FILE_VOLATILE,
	    e) < 0)
		return error_wrap(e, "%s", dir);
	return 0;
}

int
bootstrap_resolver(const struct bootstrap *b, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error missing = ERROR_INIT;

	/* a host without one resolves nothing either */
	if (file_read(AT_FDCWD, "/etc/resolv.conf", RESOLV_MAX, &text,
	    &missing) < 0)
		return 0;
	return bootstrap_write(b, "/etc", "resolv.conf", buf_text(&text), 0644,
	    e);
}

static int
make_dir(void *arg, struct error *e)
{
	struct bootstrap *b = arg;

	AUTO_FREE char *entry = xasprintf(".new.%s", b->name);

	if (file_mkdirs(AT_FDCWD, b->work, 0755, e) < 0 ||
	    store_release_make(b->host, b->name, entry, e) < 0)
		return -1;
	/* an archive holds what a user of the host must not run: set-user-ID
	 * programs of long ago */
	if (chmod(b->work, 0700) < 0 || chmod(b->root, 0755) < 0)
		return error_sys(e, "%s", b->work);
	b->work_fd = file_opendir(AT_FDCWD, b->work, e);
	if (b->work_fd < 0)
		return -1;
	b->root_fd = file_opendir(b->work_fd, "root", e);
	return b->root_fd < 0 ? -1 : 0;
}

static int
unmake_dir(void *arg, struct error *e)
{
	struct bootstrap *b = arg;

	close_fd(&b->root_fd);
	close_fd(&b->work_fd);
	AUTO_FREE char *entry = xasprintf(".new.%s", b->name);
	return store_release_remove(b->host, b->name, entry, e);
}

static void
tell_nothing(void *arg, struct buf *text)
{
}

static int
fill(void *arg, struct error *e)
{
	struct bootstrap *b = arg;

	if (tool_check(&b->tool, e) < 0 || b->source->fill(b, e) < 0)
		return -1;
	return tool_check(&b->tool, e);
}

static void
tell_fill(void *arg, struct buf *text)
{
	const struct bootstrap *b = arg;

	b->source->tell(b, text);
}

/* An archive tells by itself which system it holds. */
static int
find_os(struct bootstrap *b, struct error *e)
{
	struct error none = ERROR_INIT;
	AUTO_CLOSE int fd = -1;

	if (b->made.os != NULL)
		return 0;
	fd = path_open_any(b->root_fd, "/bin/freebsd-version", &none);
	b->made.os = xstrdup(fd >= 0 ? "freebsd" : "linux");
	return 0;
}

static int
record(void *arg, struct error *e)
{
	struct bootstrap *b = arg;

	if (find_os(b, e) < 0 ||
	    path_usage(b->work_fd, "root", &b->made.bytes, e) < 0)
		return -1;
	b->made.created = time(NULL);
	if (release_save(b->work_fd, &b->made, e) < 0)
		return -1;
	/* one journal commit for all files, instead of one for each */
	if (file_sync_all(b->work_fd) < 0)
		return error_sys(e, "sync %s", b->work);
	return tool_check(&b->tool, e);
}

static void
tell_record(void *arg, struct buf *text)
{
	const struct bootstrap *b = arg;

	buf_printf(text, "record it in %s/releases/%s/release.conf",
	    b->host->root, b->name);
}

/*
 * One rename where the kernel can exchange two names; otherwise two, and
 * release_recover mends what is interrupted between them.
 */
static int
swap(const struct bootstrap *b, int dirfd, const char *fresh, struct error *e)
{
	AUTO_FREE char *old = xasprintf(".old.%s", b->name);

	if (file_exchange(dirfd, fresh, b->name) == 0)
		return 0;
	/* EBUSY: a mount point, of a store that has such */
	if (errno != EINVAL && errno != ENOSYS && errno != EBUSY)
		return error_sys(e, "replace release '%s'", b->name);
	if (store_release_rename(b->host, b->name, b->name, old, e) < 0)
		return error_wrap(e, "rename away release '%s'", b->name);
	if (store_release_rename(b->host, b->name, fresh, b->name, e) < 0) {
		struct error why = ERROR_INIT;

		if (store_release_rename(b->host, b->name, old, b->name,
		    &why) < 0)
			return error_set(e, why.kind, "put back release "
			    "'%s': %.300s", b->name, why.msg);
		return error_wrap(e, "rename in release '%s'", b->name);
	}
	return 0;
}

static int
rename_in(void *arg, struct error *e)
{
	struct bootstrap *b = arg;
	AUTO_FREE char *fresh = xasprintf(".new.%s", b->name);
	AUTO_CLOSE int dirfd = release_dir(b->host, e);

	if (dirfd < 0)
		return -1;
	if (fchmod(b->work_fd, 0755) < 0)
		return error_sys(e, "%s", b->work);
	/* what is open cannot be unmounted */
	close_fd(&b->root_fd);
	close_fd(&b->work_fd);
	if (b->replace) {
		if (swap(b, dirfd, fresh, e) < 0)
			return -1;
	} else if (store_release_rename(b->host, b->name, fresh, b->name,
	    e) < 0) {
		return error_wrap(e, "rename in release '%s'", b->name);
	}
	if (file_sync_dir(dirfd, ".", e) < 0)
		return -1;
	return store_release_ready(b->host, b->name, e);
}

static void
tell_rename(void *arg, struct buf *text)
{
	const struct bootstrap *b = arg;

	buf_printf(text, b->replace ? "put it in place of %s/releases/%s" :
	    "rename it in as %s/releases/%s", b->host->root, b->name);
}

static const struct step bootstrap_steps[] = {
	{ "make the directory", make_dir, unmake_dir, tell_nothing },
	{ "fill the root", fill, NULL, tell_fill },
	{ "record it", record, NULL, tell_record },
	{ "rename it in", rename_in, NULL, tell_rename },
};

/* The release is in place; what is left over is no reason to fail. */
static void
tidy(struct bootstrap *b)
{
	AUTO_FREE char *fresh = xasprintf(".new.%s", b->name);
	AUTO_FREE char *old = xasprintf(".old.%s", b->name);
	struct error e = ERROR_INIT;

	if (store_release_remove(b->host, b->name, fresh, &e) < 0 ||
	    store_release_remove(b->host, b->name, old, &e) < 0)
		host_say(b->host, "%s: the old files remain: %s", b->name,
		    e.msg);
	error_clear(&e);
	if (path_remove_tree(AT_FDCWD, b->cache, &e) < 0)
		host_say(b->host, "%s: its downloads remain: %s", b->name,
		    e.msg);
}

/* What a download that failed left is continued next time; an empty directory
 * is of no use. */
static void
drop_empty_cache(const struct bootstrap *b)
{
	if (unlinkat(AT_FDCWD, b->cache, AT_REMOVEDIR) == 0 ||
	    errno == ENOENT)
		unlinkat(b->host->root_fd, "releases/.cache", AT_REMOVEDIR);
}

static int
check_existing(struct bootstrap *b, struct error *e)
{
	AUTO_FREE char *dir = xasprintf("releases/%s", b->name);

	b->replace = file_exists(b->host->root_fd, dir);
	if (!b->replace)
		return 0;
	if (!b->options->force)
		return error_set(e, ERROR_EXISTS, "release '%s' exists "
		    "already; -f replaces it", b->name);
	return release_check_unused(b->host, b->name, e);
}

static int
run_locked(struct bootstrap *b, struct error *e)
{
	if (release_recover(b->host, b->name, e) < 0 ||
	    check_existing(b, e) < 0)
		return -1;
	if (!b->host->plan && tool_init(&b->tool, b->host, e) < 0)
		return -1;
	if (steps_run(b->host, bootstrap_steps,
	    sizeof(bootstrap_steps) / sizeof(bootstrap_steps[0]), b, e) < 0)
		return -1;
	if (!b->host->plan)
		tidy(b);
	return 0;
}

static int
run(struct bootstrap *b, struct error *e)
{
	AUTO_CLOSE int lock = -1;
	AUTO_FREE char *file = NULL;
	AUTO_FREE char *dir = NULL;
	int result;

	if (bootstrap_init(b, e) < 0 || release_recover_all(b->host, e) < 0)
		return -1;
	lock = release_lock(b->host, b->name, true, "bootstrap", e);
	if (lock < 0)
		return -1;
	result = run_locked(b, e);
	drop_empty_cache(b);
	/* a release that is not there needs no lock either */
	dir = xasprintf("releases/%s", b->name);
	file = xasprintf("release.%s.lock", b->name);
	if (!file_exists(b->host->root_fd, dir))
		unlinkat(b->host->run_fd, file, 0);
	return result;
}

int
release_bootstrap(const struct host *h, const struct bootstrap_options *o,
    char **name, struct error *e)
{
	struct bootstrap b = {
		.host = h,
		.options = o,
		.work_fd = -1,
		.root_fd = -1,
		.made = RELEASE_INIT,
		.tool = TOOL_INIT,
	};
	int result = run(&b, e);

	if (result == 0)
		*name = xstrdup(b.name);
	bootstrap_fini(&b);
	return result;
}
