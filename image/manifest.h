/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_MANIFEST_H
#define IMAGE_MANIFEST_H

#include "base/error.h"
#include "base/vec.h"
#include "image/hash.h"

/* One line of a FreeBSD release's MANIFEST: a set of files. */
struct manifest_set {
	char *file;			/* "base.txz" */
	char *name;			/* "base" */
	char sha256[HASH_HEX];
};

VEC_TYPE(manifest, struct manifest_set);

#define AUTO_MANIFEST __attribute__((cleanup(manifest_fini)))

/* Every line must be well-formed: ERROR_DATA with the line's number. */
int manifest_parse(struct manifest *m, const char *text, struct error *e)
    FALLIBLE;
void manifest_fini(struct manifest *m);
/* A set by its name, or by its file's name without suffix. */
const struct manifest_set *manifest_find(const struct manifest *m,
    const char *name, struct error *e);

/*
 * Where a release lies on a mirror; the caller frees it.  NULL when the
 * release's or the architecture's name is none.
 */
char *manifest_release_url(const char *base, const char *release,
    const char *arch, struct error *e);

#endif
