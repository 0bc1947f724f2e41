/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_OTHERS_H
#define CORE_OTHERS_H

#include "core/host.h"

/*
 * What other programs manage jails on this host, and where theirs lie, by their
 * own configuration: files that are read, never executed or changed.
 */
enum other_kind {
	OTHER_BASTILLE,
	OTHER_IOCAGE,
	OTHER_POT,
	OTHER_JAIL_CONF,	/* jail.conf(5), of the base system */
	OTHER_EZJAIL,
	OTHER_KINDS
};

/* Files that only together are a jail's root (pots of type multi). */
struct other_part {
	char *from;		/* a directory of the host */
	char *to;		/* where in the root: "", "/usr/local" */
};
VEC_TYPE(other_parts, struct other_part);

struct other_jail {
	char *name;		/* as its manager calls it */
	char *home;		/* directory of its settings; NULL: conf */
	char *root;		/* of its files; it may be gone */
	char *conf;		/* NULL, or one jail.conf of what is said of it */
	char *fstab;		/* a file, or NULL */
	char *why;		/* why it cannot be taken over, or NULL */
	bool template;		/* of iocage */
	int boot;		/* started with the host, as which; 0: no, or
				   its settings tell */
	struct other_parts parts;
};
struct others {
	enum other_kind kind;
	char *dir;		/* where its jails lie; NULL: it is not here */
	char *top;		/* what that lies in: POT_FS_ROOT, "/iocage" */
	char *templates;	/* directory of Bastillefiles, or NULL */
	char *subnet;		/* of pot's public bridge, or NULL */
	VEC(struct other_jail) jails;	/* by name */
};
#define AUTO_OTHER __attribute__((cleanup(others_fini)))
#define OTHERS_INIT { .jails = VEC_INIT }
void others_fini(struct others *o);

const char *others_name(enum other_kind kind);	/* "jail.conf" */
bool others_parse(const char *word, enum other_kind *kind);
/*
 * Find what kind manages.  dir NULL: where its configuration, or its defaults,
 * say; below "altroot" of gaol.conf.  That it is not here is no error.  A jail
 * that cannot be understood is one with why.
 */
int others_find(const struct host *h, enum other_kind kind, const char *dir,
    struct others *o, struct error *e) FALLIBLE;
const struct other_jail *others_jail(const struct others *o,
    const char *name);

/* PATH of the old host as it is reached here; to be freed. */
char *others_path(const struct host *h, const char *path);

/* A value of a file of assignments for sh(1), its $variables being those of
 * the same file; to be freed.  NULL when it is not set. */
char *others_setting(const char *text, const char *name);

/* Private to others*.c. */
struct other_jail *others_add(struct others *o, const char *name);
int others_read(const char *path, struct buf *text, struct error *e) FALLIBLE;
/* Names in a directory that is there, sorted; without those that begin with a
 * dot. */
int others_list(const char *dir, struct strings *names, struct error *e)
    FALLIBLE;
int others_jail_conf(const struct host *h, const char *file,
    struct others *o, struct error *e) FALLIBLE;
int others_ezjail(const struct host *h, const char *dir, struct others *o,
    struct error *e) FALLIBLE;

#endif
