/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_ATTR_H
#define IMAGE_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/vec.h"

/*
 * What a file has beside owner, mode and times, as an archive tells it: names
 * of the records of pax archives that other programs know too.
 */
struct attr {
	char *name;		/* "SCHILY.xattr.user.x", "SCHILY.acl.access" */
	void *value;
	size_t len;
};
VEC_TYPE(attrs, struct attr);

#define ATTR_XATTR "SCHILY.xattr."
#define ATTR_CODED "GAOL.xattr."	/* a name with "=": that is %3D, % is %25 */
#define ATTR_ACL "SCHILY.acl."
#define ATTR_FLAGS "SCHILY.fflags"

#define AUTO_ATTRS __attribute__((cleanup(attrs_fini)))
void attrs_fini(struct attrs *a);
void attrs_add(struct attrs *a, const char *name, const void *value,
    size_t len);

/* The key of an extended attribute, and back; the caller frees it. */
char *attr_key(const char *name);
char *attr_name(const char *key);	/* NULL: it is of none */

/*
 * A file: opened, or by its name in the working directory when it cannot be
 * (a link, a device), last component not followed.
 */
struct attr_file {
	int fd;			/* -1: by name */
	const char *name;
	mode_t mode;
};

/* What it has: extended attributes that belong to it and not to this host's
 * own policy, access lists, flags.  A file system without any has none. */
int attr_read(const struct attr_file *f, struct attrs *a, struct error *e)
    FALLIBLE;
/*
 * Give it those.  *lost counts what this system or file system does not have;
 * what must not come from an archive is ERROR_DATA.  Flags that would be in the
 * way of more changes are not set: attr_late tells, attr_write_late sets them.
 */
int attr_write(const struct attr_file *f, const struct attrs *a,
    unsigned *lost, struct error *e) FALLIBLE;
bool attr_late(const struct attrs *a);
int attr_write_late(const struct attr_file *f, const struct attrs *a,
    unsigned *lost, struct error *e) FALLIBLE;

#endif
