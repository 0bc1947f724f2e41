/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_EXPORT_FOREIGN_H
#define CORE_EXPORT_FOREIGN_H

#include "core/archive.h"
#include "core/cell.h"

/*
 * A jail as Bastille's files tell it, each appended as "NAME LENGTH\n" and so
 * many bytes; lost gets a sentence for what they cannot tell.
 */
void bastille_files(const struct cell *c, struct buf *files,
    struct strings *lost);
/* The compression of a file with that name ("xz"), or NULL; *stem is how much
 * of the name stands before ".txz". */
const char *bastille_compression(const char *file, size_t *stem);

/* export_pot.c: export_jail() with the format "pot". */
int export_pot(const struct host *h, const char *jail,
    const struct export_options *o, struct export_result *r, struct error *e)
    FALLIBLE;

#endif
