/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_RELEASE_H
#define CORE_RELEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/host.h"

/*
 * Releases: verified, unpacked roots in releases/NAME/{release.conf,root/}.
 * release.conf has one block NAME { os = linux; source = ...; sha256 = ...;
 * created = ...; bytes = ...; }.  The releases that we make ourselves (busybox,
 * Debian, Ubuntu) have a copy of the host's resolv.conf, so that names resolve
 * in jails with net=inherit; archives and FreeBSD's are left as they came.
 */
struct release {
	char *name;
	char *os;		/* "linux", "freebsd" */
	char *source;		/* where it came from */
	char *sha256;		/* of the archive, when there was one */
	int64_t created;	/* time(2) */
	uint64_t bytes;		/* on disk */
};
#define AUTO_RELEASE __attribute__((cleanup(release_fini)))
#define RELEASE_INIT { NULL, NULL, NULL, NULL, 0, 0 }
void release_fini(struct release *r);

int release_names(const struct host *h, struct strings *names,
    struct error *e) FALLIBLE;
/* ERROR_NOT_FOUND: "no release 'x'; 'gaol bootstrap x' gets it". */
int release_load(const struct host *h, const char *name, struct release *r,
    struct error *e) FALLIBLE;
/* Its root directory; heap memory of the caller. */
char *release_path(const struct host *h, const char *name);
/* Jails that stand on it, and those whose cell.conf cannot be read: they
 * might. */
int release_users(const struct host *h, const char *name, struct strings *jails,
    struct error *e) FALLIBLE;
/* The release of every jail, one string per jail, in one pass. */
int release_uses(const struct host *h, struct strings *releases,
    struct error *e) FALLIBLE;
/*
 * Hold a release: shared while a jail is being made from it, alone while it is
 * made, replaced or destroyed.  Returns the descriptor that holds it.
 */
int release_lock(const struct host *h, const char *name, bool alone,
    const char *what, struct error *e) FALLIBLE;
/* Complete or undo what an interrupted bootstrap or destroy left of one
 * release (held alone by the caller), or of all that nobody holds. */
int release_recover(const struct host *h, const char *name, struct error *e)
    FALLIBLE;
int release_recover_all(const struct host *h, struct error *e) FALLIBLE;
/* release.conf of r below dirfd, durably. */
int release_save(int dirfd, const struct release *r, struct error *e) FALLIBLE;
/* ERROR_NOT_FOUND as release_load gives it. */
int release_missing(const struct host *h, const char *name, struct error *e);
/* ERROR_BUSY that names the jails which stand on it. */
int release_check_unused(const struct host *h, const char *name,
    struct error *e) FALLIBLE;
/* Entries of releases/ that begin with prefix, which is cut off; "": the
 * releases themselves. */
int release_entries(const struct host *h, const char *prefix,
    struct strings *names, struct error *e) FALLIBLE;
/* The directory of all releases, made when missing. */
int release_dir(const struct host *h, struct error *e) FALLIBLE;

struct bootstrap_options {
	const char *source;	/* "debian-12", "busybox", "14.3-RELEASE", FILE, URL */
	const char *name;	/* NULL: from the source */
	const char *sha256;	/* needed for FILE and URL */
	const char *mirror;	/* NULL: the setting, else the host's */
	const char *arch;	/* NULL: the host's */
	const char *sets;	/* FreeBSD: "base", "base,lib32" */
	uint64_t max_size;	/* 0: 16 GB */
	bool force;		/* replace a release that no jail uses */
};
/*
 * Get, verify, unpack beside, rename in.  On any failure nothing is left but
 * the download cache.  ERROR_EXISTS when it is there.  *name is the caller's
 * to free.
 */
int release_bootstrap(const struct host *h, const struct bootstrap_options *o,
    char **name, struct error *e) FALLIBLE;
/* ERROR_BUSY while a jail stands on it. */
int release_destroy(const struct host *h, const char *name, struct error *e)
    FALLIBLE;

#endif
