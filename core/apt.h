/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_APT_H
#define CORE_APT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/vec.h"

/*
 * The package sources of the host, read from sources.list, sources.list.d
 * (one-line *.list and deb822 *.sources): what a release is made from when no
 * mirror is named.
 */
struct apt_source {
	char *uri;		/* without a "/" at its end */
	char *suite;
	char *components;	/* separated by spaces */
	char *keyring;		/* Signed-By; "" when none is named */
};
VEC_TYPE(apt_sources, struct apt_source);

#define AUTO_APT_SOURCES __attribute__((cleanup(apt_sources_fini)))

void apt_sources_fini(struct apt_sources *s);
/* dir: /etc/apt.  A directory that does not exist has none. */
int apt_read(const char *dir, struct apt_sources *s, struct error *e) FALLIBLE;
/* One file's text, as the suffix of its name tells. */
void apt_parse(const char *text, bool deb822, struct apt_sources *s);

/*
 * A distribution's own archive among them.  Repositories of others are passed
 * over: another keyring, no component "main", another place and suite.
 */
struct apt_archive {
	const char *vendor;		/* "debian": keyrings "debian-archive*" */
	const char *const *places;	/* last parts of a URI: "ubuntu-ports" */
	const char *const *suites;	/* its codenames */
};
/* Its URI with that ending of the suite ("-security", "" for the release
 * itself); borrowed, NULL when there is none. */
const char *apt_mirror(const struct apt_sources *s,
    const struct apt_archive *archive, const char *ending);

#endif
