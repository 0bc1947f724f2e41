/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_DEBIAN_H
#define CORE_DEBIAN_H

#include "core/apt.h"

/* Debian and Ubuntu: what they are called, signed with and got from. */
struct debian_vendor;
struct debian_release {
	const char *name;	/* "debian-12" */
	const char *suite;	/* "bookworm" */
	const struct debian_vendor *vendor;
	const char *similar;	/* debootstrap's script for a suite that it
				   does not know yet */
};

const struct debian_release *debian_find(const char *name);
void debian_names(struct strings *names);

/* Where one of them comes from. */
struct debian_origin {
	const struct debian_release *release;
	const char *components;	/* "main universe" */
	char *arch;		/* in Debian's words */
	char *keyring;		/* path on this host */
	char *mirror;
	char *security;		/* of SUITE-security; NULL: not included */
	bool updates;		/* SUITE-updates is included */
	bool https;		/* one of them */
};
#define AUTO_DEBIAN_ORIGIN __attribute__((cleanup(debian_origin_fini)))
#define DEBIAN_ORIGIN_INIT { .mirror = NULL }
void debian_origin_fini(struct debian_origin *o);

/*
 * The mirror is the one that is asked for, else the host's own by its package
 * sources below apt ("/etc/apt"), else where it is published.  arch NULL: the
 * host's.  ERROR_UNSUPPORTED that names the package when the keys are missing.
 */
int debian_origin_find(struct debian_origin *o, const struct debian_release *r,
    const char *mirror, const char *arch, const char *apt, struct error *e)
    FALLIBLE;
/* The lines of its sources.list; the first is the mirror. */
void debian_origin_lines(const struct debian_origin *o, struct strings *lines);

#endif
