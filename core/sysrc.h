/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_SYSRC_H
#define CORE_SYSRC_H

#include "core/host.h"

/*
 * sysrc(8) on a running jail's rc.conf(5) files, which are read and changed
 * below the jail's root and never executed: a hostile one changes nothing but
 * itself.  A variable is looked for in rc.conf.local, rc.conf and the system's
 * defaults; an assignment goes where the one in force is, else to rc.conf.
 */
struct sysrc {
	const struct strings *words;	/* NAME, NAME=VALUE, NAME+=VALUE,
					   NAME-=VALUE */
	const char *file;	/* -f: that one alone; NULL: the usual */
	bool all;		/* -a: tell every variable that is set */
	bool check;		/* -c: change nothing, tell by the status */
	bool equals;		/* -e: as sh(1) reads it */
	bool ignore;		/* -i: what is unknown is no error */
	bool names;		/* -N: names alone */
	bool values;		/* -n: values alone */
	bool quiet;		/* -q */
	bool remove;		/* -x */
};

/*
 * report gets what sysrc prints, unknown the names of variables that are asked
 * for and not set.  *status is that of sysrc: 1 when there are such or, with
 * check, when something is not as asked; *changed when a file was.  ERROR_USAGE
 * for a word that is none, before anything is changed.
 */
int life_sysrc(const struct host *h, const char *name, const struct sysrc *r,
    struct buf *report, struct strings *unknown, int *status, bool *changed,
    struct error *e) FALLIBLE;
/* The same below an opened root, whose owner we are. */
int sysrc_apply(int root, const struct sysrc *r, struct buf *report,
    struct strings *unknown, int *status, bool *changed, struct error *e)
    FALLIBLE;

#endif
