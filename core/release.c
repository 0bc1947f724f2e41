/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Releases as they lie on disk; core/bootstrap.c makes them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "conf/conf.h"
#include "core/cell.h"
#include "core/release.h"
#include "core/store.h"

enum { RELEASE_CONF_MAX = 64 * 1024 };

void
release_fini(struct release *r)
{
	free(r->name);
	free(r->os);
	free(r->source);
	free(r->sha256);
	*r = (struct release)RELEASE_INIT;
}

int
release_dir(const struct host *h, struct error *e)
{
	int fd = file_opendir(h->root_fd, "releases", e);

	if (fd >= 0 || e->sys_errno != ENOENT)
		return fd;
	error_clear(e);
	if (file_mkdirs(h->root_fd, "releases", 0755, e) < 0)
		return error_wrap(e, "%s", h->root);
	return file_opendir(h->root_fd, "releases", e);
}

char *
release_path(const struct host *h, const char *name)
{
	return xasprintf("%s/releases/%s/root", h->root, name);
}

int
release_entries(const struct host *h, const char *prefix, struct strings *names,
    struct error *e)
{
	AUTO_CLOSE int fd = file_opendir(h->root_fd, "releases", e);
	size_t len = strlen(prefix);
	const struct dirent *d;

	if (fd < 0 && e->sys_errno == ENOENT) {
		error_clear(e);
		return 0;
	}
	if (fd < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "%s/releases", h->root);
	fd = -1;
	while ((d = readdir(dir)) != NULL)
		if (len > 0 ? strncmp(d->d_name, prefix, len) == 0 :
		    d->d_name[0] != '.')
			strings_add(names, d->d_name + len);
	strings_sort(names);
	return 0;
}

int
release_names(const struct host *h, struct strings *names, struct error *e)
{
	return release_entries(h, "", names, e);
}

int
release_missing(const struct host *h, const char *name, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	const char *near = NULL;
	unsigned best = 3;

	error_clear(e);
	if (release_names(h, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		unsigned d = word_distance(name, names.items[i]);

		if (d > 0 && d < best) {
			best = d;
			near = names.items[i];
		}
	}
	if (near != NULL)
		return error_set(e, ERROR_NOT_FOUND, "no release '%s' (did "
		    "you mean '%s'?); 'gaol bootstrap %s' gets it", name, near,
		    name);
	return error_set(e, ERROR_NOT_FOUND, "no release '%s'; 'gaol "
	    "bootstrap %s' gets it", name, name);
}

static int
take_param(struct release *r, const struct conf_param *p, struct error *e)
{
	const char *key = conf_param_name(p), *value;
	char **text = strcmp(key, "os") == 0 ? &r->os :
	    strcmp(key, "source") == 0 ? &r->source :
	    strcmp(key, "sha256") == 0 ? &r->sha256 : NULL;

	if (conf_param_count(p) != 1)
		return error_set(e, ERROR_CONFIG, "%s takes one value", key);
	value = conf_param_value(p, 0);
	if (text != NULL) {
		free(*text);
		*text = xstrdup(value);
	} else if (strcmp(key, "created") == 0) {
		return parse_int(value, 0, INT64_MAX, &r->created, e);
	} else if (strcmp(key, "bytes") == 0) {
		return parse_uint(value, 0, UINT64_MAX, &r->bytes, e);
	}
	/* what a later version adds is not ours to refuse */
	return 0;
}

static int
parse_release(const char *file, const struct buf *text, struct release *r,
    struct error *e)
{
	AUTO_CONF struct conf *c = conf_parse(file, buf_text(text), text->len,
	    NULL, e);
	const struct conf_block *b;
	const struct conf_param *p = NULL;

	if (c == NULL)
		return -1;
	b = conf_block(c, r->name);
	if (b == NULL)
		return error_set(e, ERROR_CONFIG,
		    "%s: no block '%s { }' in it", file, r->name);
	while ((p = conf_param_next(b, p)) != NULL)
		if (take_param(r, p, e) < 0) {
			e->kind = ERROR_CONFIG;
			return error_wrap(e, "%s:%d:%d", file,
			    conf_param_line(p), conf_param_column(p));
		}
	if (r->os == NULL)
		return error_set(e, ERROR_CONFIG, "%s: 'os' is missing", file);
	return 0;
}

int
release_load(const struct host *h, const char *name, struct release *r,
    struct error *e)
{
	AUTO_FREE char *rel = xasprintf("releases/%s/release.conf", name);
	AUTO_FREE char *path = xasprintf("%s/%s", h->root, rel);
	AUTO_BUF struct buf text = BUF_INIT;

	*r = (struct release)RELEASE_INIT;
	if (file_read(h->root_fd, rel, RELEASE_CONF_MAX, &text, e) < 0) {
		if (e->sys_errno != ENOENT && e->sys_errno != ENOTDIR)
			return -1;
		error_clear(e);
		if (store_settle(h, "releases", name, false, e) < 0)
			return -1;
		if (file_read(h->root_fd, rel, RELEASE_CONF_MAX, &text, e) < 0)
			return release_missing(h, name, e);
	}
	r->name = xstrdup(name);
	return parse_release(path, &text, r, e);
}

static void
put(struct conf_block *b, const char *key, const char *value)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	if (value == NULL)
		return;
	strings_add(&values, value);
	conf_set(b, key, &values);
}

int
release_save(int dirfd, const struct release *r, struct error *e)
{
	AUTO_CONF struct conf *c = conf_new("release.conf");
	struct conf_block *b = conf_block_make(c, r->name);
	AUTO_FREE char *created = xasprintf("%" PRId64, r->created);
	AUTO_FREE char *bytes = xasprintf("%" PRIu64, r->bytes);
	AUTO_BUF struct buf text = BUF_INIT;

	put(b, "os", r->os);
	put(b, "source", r->source);
	put(b, "sha256", r->sha256);
	put(b, "created", created);
	put(b, "bytes", bytes);
	conf_write(c, &text);
	return file_replace(dirfd, "release.conf", buf_text(&text), text.len,
	    0644, FILE_DURABLE, e);
}

/*
 * What every jail stands on: releases and, beside it, jails.  A jail that
 * cannot be read stands on "?".
 */
static int
scan_users(const struct host *h, struct strings *releases,
    struct strings *jails, struct error *e)
{
	if (cell_names(h, jails, e) < 0)
		return -1;
	for (size_t i = 0; i < jails->count; i++) {
		AUTO_CELL struct cell c = CELL_INIT;
		struct error why = ERROR_INIT;
		char *on;

		if (cell_load(h, jails->items[i], &c, &why) == 0)
			on = cell_text(&c, "release");
		else	/* no cell.conf: no jail, or one just destroyed */
			on = xstrdup(why.kind == ERROR_NOT_FOUND ? "" : "?");
		strings_take(releases, on != NULL ? on : xstrdup(""));
	}
	return 0;
}

int
release_uses(const struct host *h, struct strings *releases, struct error *e)
{
	AUTO_STRINGS struct strings jails = VEC_INIT;

	return scan_users(h, releases, &jails, e);
}

int
release_users(const struct host *h, const char *name, struct strings *jails,
    struct error *e)
{
	AUTO_STRINGS struct strings releases = VEC_INIT, all = VEC_INIT;

	if (scan_users(h, &releases, &all, e) < 0)
		return -1;
	for (size_t i = 0; i < all.count; i++) {
		if (strcmp(releases.items[i], name) == 0)
			strings_add(jails, all.items[i]);
		else if (strcmp(releases.items[i], "?") == 0)
			strings_take(jails, xasprintf("%s (its cell.conf is "
			    "broken)", all.items[i]));
	}
	return 0;
}

int
release_lock(const struct host *h, const char *name, bool alone,
    const char *what, struct error *e)
{
	AUTO_FREE char *file = xasprintf("release.%s.lock", name);
	AUTO_FREE char *note = xasprintf("(gaol %s)", what);
	int fd = file_lock(h->run_fd, file, alone, h->lock_timeout_ms, e);

	if (fd < 0)
		return error_wrap(e, "release '%s'", name);
	if (alone)
		file_lock_note(fd, note);
	return fd;
}
