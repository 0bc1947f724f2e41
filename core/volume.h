/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_VOLUME_H
#define CORE_VOLUME_H

#include <stdbool.h>
#include <stdint.h>

#include "core/cell.h"

/*
 * Named volumes: directories volumes/NAME that outlive jails, mounted into them
 * as "vol:NAME" or "vol:NAME/DIR".  Files in them keep the ids that the jails
 * see, whatever ranges these have on the host.
 */

/* Whether a mount's source is a volume's. */
bool volume_is(const char *source);
/* "vol:data/sub" -> "ROOT/volumes/data/sub"; *anchor as in engine_mount. */
char *volume_source(const struct host *h, const char *source, size_t *anchor);
/* "vol:data/sub" -> "data". */
char *volume_of(const char *source);

int volume_names(const struct host *h, struct strings *names, struct error *e)
    FALLIBLE;
/* ERROR_NOT_FOUND "no volume named 'x'; 'gaol volume create x' makes it". */
int volume_check(const struct host *h, const char *name, struct error *e)
    FALLIBLE;

/* Whether all volumes that a jail mounts are there. */
int volume_check_mounts(const struct host *h, const struct cell *c,
    struct error *e) FALLIBLE;

struct volume_options {
	uint32_t uid, gid;	/* of the volume's directory */
	uint32_t mode;
};
/* ERROR_EXISTS when it is there. */
int volume_create(const struct host *h, const char *name,
    const struct volume_options *o, struct error *e) FALLIBLE;
/* ERROR_BUSY while a jail mounts it, running or not. */
int volume_destroy(const struct host *h, const char *name, struct error *e)
    FALLIBLE;
/* Jails that mount it, and those whose cell.conf cannot be read: they might. */
int volume_users(const struct host *h, const char *name, struct strings *jails,
    struct error *e) FALLIBLE;
/* Bytes on disk. */
int volume_size(const struct host *h, const char *name, uint64_t *bytes,
    struct error *e) FALLIBLE;
/* Hold it: shared while it is mounted, alone while it is made or destroyed. */
int volume_lock(const struct host *h, const char *name, bool alone,
    const char *what, struct error *e) FALLIBLE;
/* Remove what interrupted commands left and nobody works on. */
int volume_recover_all(const struct host *h, struct error *e) FALLIBLE;

#endif
