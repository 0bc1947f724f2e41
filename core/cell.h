/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_CELL_H
#define CORE_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"
#include "core/host.h"
#include "core/prop.h"

/*
 * A cell: a jail as it lies on disk, jails/NAME/cell.conf.  The text of the
 * file is kept, so comments and order survive every change.
 */
struct cell_value {
	const struct prop *prop;
	char *name;		/* a family's member has its own */
	struct strings values;	/* checked, canonical, expanded */
};
struct cell {
	char *name;
	struct conf *conf;
	struct conf_block *block;
	VEC(struct cell_value) values;	/* what the file says, += applied */
};

#define AUTO_CELL __attribute__((cleanup(cell_fini)))
#define CELL_INIT { NULL, NULL, NULL, VEC_INIT }

/* Jails with such names hold steps of templates (template/cache.h): they are
 * not for users, and are told by cell_names() to nobody. */
#define CELL_STEP_PREFIX "gaol-step-"
/* Names of all jails, sorted. */
int cell_names(const struct host *h, struct strings *names, struct error *e)
    FALLIBLE;
bool cell_exists(const struct host *h, const char *name);
/*
 * Load and check: ERROR_NOT_FOUND "no jail named 'x'" with the nearest name,
 * ERROR_CONFIG with file, line and column.  Every property is checked.
 */
int cell_load(const struct host *h, const char *name, struct cell *c,
    struct error *e) FALLIBLE;
/* Parse text as the cell.conf of name. */
int cell_parse(const char *file, const char *name, const char *text,
    size_t len, struct cell *c, struct error *e) FALLIBLE;
/* A new, empty one. */
void cell_init(struct cell *c, const char *name);
void cell_fini(struct cell *c);
/* Replace jails/NAME/cell.conf, atomically and durably. */
int cell_save(const struct host *h, const struct cell *c, struct error *e)
    FALLIBLE;

/* The effective values: of the file, or the default; appended to out.  name
 * tells which member when p is a family. */
void cell_get(const struct cell *c, const struct prop *p, const char *name,
    struct strings *out);
/* Whether the file itself names the property. */
bool cell_names_property(const struct cell *c, const char *name);
/* Check and change; append adds to a list.  No values: back to the default. */
int cell_set(struct cell *c, const struct prop *p, const char *name,
    const struct strings *values, bool append, struct error *e) FALLIBLE;

/* Single values of properties that have a default.  They cannot fail on a
 * loaded cell (everything was checked). */
bool cell_bool(const struct cell *c, const char *name);
int64_t cell_int(const struct cell *c, const char *name);
uint64_t cell_duration(const struct cell *c, const char *name); /* ms */
/* NULL when unset and without default; heap memory of the caller. */
char *cell_text(const struct cell *c, const char *name);
void cell_values(const struct cell *c, const char *name, struct strings *out);

/* ERROR_DENIED "jail 'web' is protected: it may not be renamed; ..." */
int cell_check_protect(const struct cell *c, const char *done, struct error *e)
    FALLIBLE;
/* "PROP=VALUE", "PROP+=VALUE", "PROP=" (default): apply to the cell. */
int cell_assign(struct cell *c, const char *operand, bool creating,
    struct error *e) FALLIBLE;

#endif
