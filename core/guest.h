/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_GUEST_H
#define CORE_GUEST_H

#include "core/host.h"

/*
 * What runs in a jail: how packages are installed and services started there.
 * Found out by which programs a running jail has; they are run inside only.
 */
enum guest_packages { GUEST_NONE, GUEST_PKG, GUEST_APT, GUEST_APK };
enum guest_services { SERVICES_NONE, SERVICES_SERVICE, SERVICES_INIT_D,
	SERVICES_OPENRC };

struct guest {
	enum guest_packages packages;
	enum guest_services services;
	const char *service;	/* the path of its program; NULL: none */
	bool lists;		/* what apt-get update brings is there */
};

int life_guest(const struct host *h, const char *name, struct guest *g,
    struct error *e) FALLIBLE;

/* Command lines, one after another. */
VEC_TYPE(guest_lines, struct strings);
#define AUTO_GUEST_LINES __attribute__((cleanup(guest_lines_fini)))
void guest_lines_fini(struct guest_lines *lines);

/*
 * Append what does in the jail what "pkg WORDS" does on FreeBSD: pkg itself, or
 * apt-get(8), dpkg(1), apk(8).  yes: nothing is asked.  A word that the others
 * have no counterpart for is passed on to apt-get or apk as it is.
 * ERROR_UNSUPPORTED when the jail has none of them.
 */
int guest_package_lines(const struct guest *g, const struct strings *words,
    bool yes, struct guest_lines *lines, struct error *e) FALLIBLE;
/* "service NAME ACTION" in that jail; appended to argv. */
int guest_service_argv(const struct guest *g, const struct strings *words,
    struct strings *argv, struct error *e) FALLIBLE;

#endif
