/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_MOUNT_H
#define CORE_MOUNT_H

#include "core/cell.h"
#include "core/live.h"

/*
 * Lines of the property mount: "SOURCE TARGET TYPE OPTIONS [DUMP PASS]", words
 * as in fstab(5), where a space in a word is \040.
 */
void mount_fini(struct engine_mount *m);
/* The words as they are written; ERROR_CONFIG when there are too few. */
int mount_split(const char *line, struct engine_mount *m, struct error *e)
    FALLIBLE;
/*
 * The same for the engine: a volume's name becomes its path, and what lies in
 * a jail, a release or a volume is looked up below it.
 */
int mount_parse(const struct host *h, const char *line,
    struct engine_mount *m, struct error *e) FALLIBLE;
/* The line of m, which mount_split makes m again; appended to line. */
void mount_format(const struct engine_mount *m, struct buf *line);
/* "/srv//www/" is "/srv/www"; in place. */
void mount_normalize(char *path);

/*
 * Mount now, if the jail runs, and at every start (cell.conf); all of it or
 * nothing.  m as mount_split gives it.  ERROR_EXISTS when cell.conf has that
 * target.
 */
int life_mount(const struct host *h, const char *name,
    const struct engine_mount *m, struct error *e) FALLIBLE;
/* ERROR_NOT_FOUND when cell.conf has no such target, ERROR_BUSY while it is
 * used and force is not set. */
int life_umount(const struct host *h, const char *name, const char *target,
    bool force, struct error *e) FALLIBLE;
/*
 * What an interrupted one left: the jail is made to have what its cell.conf
 * says.  With the jail's lock held.
 */
int mount_recover(const struct host *h, const char *name, struct error *e)
    FALLIBLE;

#endif
