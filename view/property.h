/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef VIEW_PROPERTY_H
#define VIEW_PROPERTY_H

#include "core/cell.h"

/*
 * The values of a property, typed as its row in the table tells: on is true, a
 * number a number, a list an array, nothing null.
 */
void property_json(const struct prop *p, const struct strings *values,
    struct buf *out);
/* "a,b"; NULL for no values; heap memory of the caller. */
char *property_text(const struct strings *values);

/*
 * Every property of the cell one after another, by name: those that its file
 * names, and with all also those whose default is in force.  fn gets the
 * values in force.
 */
typedef void property_fn(const struct prop *p, const char *name,
    const struct strings *values, bool from_file, void *arg);
void property_each(const struct cell *c, bool all, property_fn *fn, void *arg);
/* Names of properties that take effect only at a start and differ. */
void property_pending(const struct cell *running, const struct cell *file,
    struct strings *names);

#endif
