/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "base/xalloc.h"
#include "template/library.h"

enum { TEXT_MAX = 1 << 20 };

void
library_fini(struct library *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free(l->items[i].name);
		free(l->items[i].dir);
	}
	VEC_FINI(l);
}

static bool
has_file(const char *dir, const char *name)
{
	AUTO_FREE char *file = xasprintf("%s/%s", dir, name);

	return file_exists(AT_FDCWD, file);
}

static bool
is_template(const char *dir)
{
	return has_file(dir, "Bastillefile") || convert_has_hooks(dir);
}

/* PROJECT/TEMPLATE, of letters, digits and . _ + -, none hidden. */
static bool
is_name(const char *name)
{
	const char *p = name;

	for (unsigned parts = 0;; parts++) {
		size_t len = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "abcdefghijklmnopqrstuvwxyz0123456789._+-");

		if (len == 0 || *p == '.' || *p == '-')
			return false;
		p += len;
		if (*p == '\0')
			return parts == 1;
		if (*p++ != '/')
			return false;
	}
}

static int
read_names(const char *dir, struct strings *names, struct error *e)
{
	AUTO_DIR DIR *d = opendir(dir);
	const struct dirent *entry;

	if (d == NULL)
		return errno == ENOENT || errno == ENOTDIR ? 0 :
		    error_sys(e, "%s", dir);
	while ((entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			strings_add(names, entry->d_name);
	strings_sort(names);
	return 0;
}

static void
add(struct library *l, const char *name, const char *dir, bool own)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->items[i].name, name) == 0)
			return;
	VEC_PUSH(l, (struct library_entry) { xstrdup(name), xstrdup(dir),
	    own });
}

/* What lies in top as PROJECT/TEMPLATE; depth 1: of a collection. */
static int
scan(const char *top, bool own, unsigned depth, struct library *l,
    struct error *e)
{
	AUTO_STRINGS struct strings projects = VEC_INIT;
	AUTO_STRINGS struct strings collections = VEC_INIT;

	if (read_names(top, &projects, e) < 0)
		return -1;
	for (size_t i = 0; i < projects.count; i++) {
		AUTO_STRINGS struct strings names = VEC_INIT;
		AUTO_FREE char *project = xasprintf("%s/%s", top,
		    projects.items[i]);

		if (read_names(project, &names, e) < 0)
			return -1;
		for (size_t k = 0; k < names.count; k++) {
			AUTO_FREE char *dir = xasprintf("%s/%s", project,
			    names.items[k]);
			AUTO_FREE char *name = xasprintf("%s/%s",
			    projects.items[i], names.items[k]);

			if (is_name(name) && is_template(dir))
				add(l, name, dir, own);
			else if (depth == 0 && has_file(dir, ".git"))
				strings_add(&collections, dir);
		}
	}
	for (size_t i = 0; i < collections.count; i++)
		if (scan(collections.items[i], own, 1, l, e) < 0)
			return -1;
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct library_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int
library_list(const struct host *h, struct library *l, struct error *e)
{
	AUTO_FREE char *top = xasprintf("%s/templates", h->root);
	const char *shared = getenv("GAOL_TEMPLATES");

	if (scan(top, true, 0, l, e) < 0 || scan(shared != NULL ? shared :
	    GAOL_SHARE "/templates", false, 0, l, e) < 0)
		return -1;
	if (l->count > 0)
		qsort(l->items, l->count, sizeof(l->items[0]), by_name);
	return 0;
}

static char *
find_name(const struct host *h, const char *name, struct error *e)
{
	AUTO_LIBRARY struct library l = VEC_INIT;
	AUTO_FREE char *dir = NULL;
	const char *near = NULL;
	unsigned best = 3;

	if (!is_name(name)) {
		error_set(e, ERROR_USAGE, "'%s' is no template: PROJECT/"
		    "TEMPLATE, ./DIRECTORY or a URL of git are", name);
		return NULL;
	}
	dir = xasprintf("%s/templates/%s", h->root, name);
	if (is_template(dir))
		return STEAL(dir);
	if (library_list(h, &l, e) < 0)
		return NULL;
	for (size_t i = 0; i < l.count; i++) {
		unsigned d = word_distance(l.items[i].name, name);

		if (d == 0)
			return xstrdup(l.items[i].dir);
		if (d < best && d < strlen(name) / 2) {
			best = d;
			near = l.items[i].name;
		}
	}
	if (near != NULL)
		error_set(e, ERROR_NOT_FOUND, "no template '%s' (did you mean "
		    "'%s'?)", name, near);
	else
		error_set(e, ERROR_NOT_FOUND, "no template '%s'; 'gaol "
		    "template list' lists them, and a URL of git instead of "
		    "the name gets it", name);
	return NULL;
}

static bool
is_path(const char *name)
{
	return name[0] == '/' || strncmp(name, "./", 2) == 0 ||
	    strncmp(name, "../", 3) == 0 || strcmp(name, ".") == 0;
}

static char *
find_directory(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *real = realpath(name, NULL);
	char *dir = NULL;

	if (real == NULL) {
		error_sys(e, "template %s", name);
		return NULL;
	}
	if (is_template(real))
		return STEAL(real);
	if ((has_file(real, ".git") || has_file(real, "objects")) &&
	    library_clone(h, real, &dir, e) == 0)
		return dir;
	if (dir == NULL && e->kind == ERROR_NONE)
		error_set(e, ERROR_NOT_FOUND, "template %s: there is no "
		    "Bastillefile in it, nor is it a repository of git", name);
	return NULL;
}

char *
library_find(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *dir = NULL;

	if (library_is_url(name)) {
		if (library_clone(h, name, &dir, e) < 0)
			return NULL;
		if (is_template(dir))
			return STEAL(dir);
		error_set(e, ERROR_NOT_FOUND, "%s has no Bastillefile of its "
		    "own; if it is a collection, PROJECT/TEMPLATE names one "
		    "of it", name);
		return NULL;
	}
	return is_path(name) ? find_directory(h, name, e) :
	    find_name(h, name, e);
}

/* "plugins/nextcloud": INDEX of that directory has a plugin of that name. */
static char *
find_plugin(const char *path)
{
	AUTO_FREE char *dir = xstrdup(path);
	AUTO_FREE char *index = NULL;
	char *slash = strrchr(dir, '/');

	if (slash == NULL)
		return NULL;
	*slash++ = '\0';
	index = xasprintf("%s/INDEX", dir);
	return file_exists(AT_FDCWD, index) ?
	    convert_index(index, slash) : NULL;
}

static bool
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

int
library_read(const struct host *h, const char *name,
    struct template_text *t, struct error *e)
{
	size_t len = strlen(name);
	AUTO_FREE char *dir = NULL, *plugin = NULL;

	if (is_path(name)) {
		if (len > 5 && strcmp(name + len - 5, ".json") == 0)
			return convert_iocage(h, name, t, e);
		if (is_file(name) || !file_exists(AT_FDCWD, name)) {
			plugin = find_plugin(name);
			if (plugin != NULL)
				return convert_iocage(h, plugin, t, e);
			if (convert_is_flavour(name))
				return convert_flavour(name, t, e);
		}
	}
	dir = library_find(h, name, e);
	if (dir == NULL)
		return -1;
	if (!has_file(dir, "Bastillefile"))
		return convert_hooks(dir, t, e);
	t->file = xasprintf("%s/Bastillefile", dir);
	t->dir = STEAL(dir);
	if (file_read(AT_FDCWD, t->file, TEXT_MAX, &t->text, e) < 0)
		return error_wrap(e, "template '%s'", name);
	return 0;
}
