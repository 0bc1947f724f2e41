/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_ADOPT_H
#define CORE_ADOPT_H

#include "core/others.h"
#include "core/store.h"

/*
 * Jails of other managers become gaol's: their files are renamed (a directory,
 * a dataset), or copied; their settings become a cell.conf.  What was theirs
 * beside the files stays as it is.  jails/NAME/adopted says where the files
 * came from, so that they can be given back.
 */
struct adopt_options {
	const char *name;	/* here; NULL: as it is called there */
	const char *store;	/* of a copy; NULL: the host's default */
	bool copy;
	bool running;		/* take it although it runs */
};
/*
 * *done is false when it was adopted before: then nothing changes.  What gaol
 * or this host has not is told by host_say.  ERROR_BUSY: it runs, or something
 * is mounted in it.
 */
int adopt_jail(const struct host *h, const struct others *o,
    const struct other_jail *j, const struct adopt_options *options,
    bool *done, struct error *e) FALLIBLE;
/* Its files go back to where they were, and gaol forgets it. */
int adopt_undo(const struct host *h, const char *name, struct error *e)
    FALLIBLE;
/* Complete or undo what was interrupted, with the jail's lock held and its
 * .todo file saying "adopt" or "adopt back". */
int adopt_recover(const struct host *h, const char *name, const char *todo,
    struct error *e) FALLIBLE;
/* Templates of Bastille that gaol has none of that name: copied. *count is how
 * many. */
int adopt_templates(const struct host *h, const struct others *o,
    size_t *count, struct error *e) FALLIBLE;
/* The jail here that has the files which were at root; to be freed, NULL when
 * there is none. */
char *adopt_who(const struct host *h, const char *root);
/* Whether NAME was adopted, and not copied. */
bool adopt_is_moved(const struct host *h, const char *name);

/* The cell that it would become, as far as it can be told; on failure too, c is
 * to be given to cell_fini(). */
int adopt_map(const struct host *h, const struct others *o,
    const struct other_jail *j, struct cell *c, struct error *e) FALLIBLE;

/* Private to adopt*.c. */
/* Whether the files are at root, where they came from, for certain: of a store
 * whose files are mounts an empty directory may be left there. */
bool adopt_at_home(const struct store *s, const char *root);
/* The file "adopted". */
struct adopt_record {
	char *from;		/* "bastille" */
	char *root;		/* where the files were */
	char *was;		/* for give() of its store; lines */
	bool copied;
};
#define AUTO_ADOPT_RECORD __attribute__((cleanup(adopt_record_fini)))
void adopt_record_fini(struct adopt_record *r);
/* ERROR_NOT_FOUND when it was not adopted. */
int adopt_record_load(const struct host *h, const char *name,
    struct adopt_record *r, struct error *e) FALLIBLE;
int adopt_record_save(int dir, const struct adopt_record *r, struct error *e)
    FALLIBLE;

#endif
