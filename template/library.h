/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_LIBRARY_H
#define TEMPLATE_LIBRARY_H

#include "base/vec.h"
#include "core/host.h"
#include "template/plan.h"

/*
 * Templates: templates/PROJECT/TEMPLATE below the root, then those that come
 * with gaol.  A repository of git that has no Bastillefile of its own is a
 * collection: what is in it is found as if it lay beside it.
 */

/*
 * Read a template: PROJECT/TEMPLATE, a directory or a file ("/", "./" or "../"
 * first), or a repository, URL[#COMMIT], which is cloned when it is not there.
 * What is no Bastillefile is translated: the hook files of old templates
 * (convert_hooks.c), a flavour of pot (convert_pot.c), a pkglist or a plugin of
 * iocage (convert_iocage.c).  ERROR_NOT_FOUND, ERROR_USAGE, ERROR_DATA.
 */
int library_read(const struct host *h, const char *name,
    struct template_text *t, struct error *e) FALLIBLE;
/* The directory of one that has its own; heap memory. */
char *library_find(const struct host *h, const char *name, struct error *e);

struct library_entry {
	char *name;		/* PROJECT/TEMPLATE */
	char *dir;
	bool own;		/* below the root, not of those that came */
};
VEC_TYPE(library, struct library_entry);
#define AUTO_LIBRARY __attribute__((cleanup(library_fini)))
void library_fini(struct library *l);
/* All of them, sorted by name; one that hides another comes alone. */
int library_list(const struct host *h, struct library *l, struct error *e)
    FALLIBLE;

/* --- other formats --- */

/* Whether a directory has hook files, one item a line; their text. */
bool convert_has_hooks(const char *dir);
int convert_hooks(const char *dir, struct template_text *t, struct error *e)
    FALLIBLE;
/* Whether path, or path.sh, is a flavour. */
bool convert_is_flavour(const char *path);
int convert_flavour(const char *path, struct template_text *t,
    struct error *e) FALLIBLE;
/* {"pkgs": [...]}, or the manifest of a plugin. */
int convert_iocage(const struct host *h, const char *file,
    struct template_text *t, struct error *e) FALLIBLE;
/* The manifest that an INDEX of plugins names for key; NULL: none. */
char *convert_index(const char *index, const char *key);
/* A word as a Bastillefile has to quote it. */
void convert_quote(const char *word, struct buf *out);

/* --- git --- */

/* Whether a name means a repository. */
bool library_is_url(const char *name);
/*
 * Clone the repository of that URL, unless it is there; *dir is where it lies,
 * for the caller to free.
 */
int library_clone(const struct host *h, const char *url, char **dir,
    struct error *e) FALLIBLE;
/* The repository that a directory lies in, below templates/; NULL: none. */
char *library_repository(const struct host *h, const char *dir);
/* What is checked out, and where it came from; *pinned: a commit was asked
 * for.  The caller frees both. */
int library_version(const char *repository, char **commit, char **url,
    bool *pinned, struct error *e) FALLIBLE;
/* Fetch what is new; a pinned one stays.  *changed: there was something. */
int library_update(const struct host *h, const char *repository,
    bool *changed, struct error *e) FALLIBLE;

#endif
