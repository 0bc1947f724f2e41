/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_UPDATE_H
#define CORE_UPDATE_H

#include <stdbool.h>

#include "core/host.h"

/* A package of a jail of which there is a newer version, or that is known to be
 * vulnerable. */
struct update_package {
	char *name;
	char *installed;
	char *available;	/* "" when nothing newer is told */
	char *why;		/* of a vulnerability; "" */
	bool security;
};
VEC_TYPE(update_packages, struct update_package);
#define AUTO_UPDATE_PACKAGES __attribute__((cleanup(update_packages_fini)))
void update_packages_fini(struct update_packages *p);

/*
 * What is due in a running jail, appended: its own apt-get, apk or pkg is asked
 * after it has fetched its lists.  ERROR_FAILED with the words of a program that
 * fails, ERROR_UNSUPPORTED when there is none.
 */
int update_due(const struct host *h, const char *jail,
    struct update_packages *p, struct error *e) FALLIBLE;
/*
 * What is known to be vulnerable: with pkg, what pkg-audit(8) says; with apt-get,
 * what has an update from a security archive.  apk tells nothing of the kind:
 * ERROR_UNSUPPORTED.
 */
int update_audit(const struct host *h, const char *jail,
    struct update_packages *p, struct error *e) FALLIBLE;

/* Of what such a program prints; for tests. */
void update_parse_apt(char *text, struct update_packages *p);
void update_parse_apk(char *text, struct update_packages *p);
void update_parse_pkg(char *text, struct update_packages *p);
void update_parse_audit(char *text, struct update_packages *p);

struct update_options {
	bool snapshot;		/* take one before, and go back to it */
	bool restart;		/* and see whether it comes up again */
};
/*
 * Bring the packages of a jail up to date.  One that does not run is started for
 * it and stopped again.  Before that a snapshot is taken, whose name is told; when
 * a command fails, or the jail is not ready after it (property "ready"), it is
 * rolled back to it and started again: ERROR_FAILED.  ERROR_UNSUPPORTED when its
 * store has no snapshots.
 */
int update_run(const struct host *h, const char *jail,
    const struct update_options *o, struct error *e) FALLIBLE;

#endif
