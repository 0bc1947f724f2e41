/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef COMPAT_IOCAGE_IOCAGE_H
#define COMPAT_IOCAGE_IOCAGE_H

#include "compat/compat.h"
#include "core/iocage_prop.h"

/* Private to compat/iocage. */

/* --- text.c --- */

/* A table as iocage draws it, or with tabs and no header. */
struct ioc_table {
	size_t columns;
	struct strings cells;	/* the header first, row by row */
};
#define IOC_TABLE_INIT(n) { n, VEC_INIT }
#define AUTO_IOC_TABLE __attribute__((cleanup(ioc_table_fini)))
void ioc_table_fini(struct ioc_table *t);
void ioc_row(struct ioc_table *t, const char *first, ...)
    __attribute__((sentinel));
int ioc_print_table(const struct ioc_table *t, bool bare, struct error *e)
    FALLIBLE;
/* "412M", "1.21G", as zfs(8) writes bytes. */
void ioc_bytes(uint64_t n, struct buf *out);
/* Names in the order of iocage: "j_2" before "j_10". */
int ioc_compare(const char *a, const char *b);
void ioc_sort(struct strings *names);

/* --- target.c --- */

/* A jail or template; only its exact name where something is destroyed, else
 * what begins no other name will do.  The caller frees it. */
int ioc_target(struct compat *c, const char *word, bool exact, char **name,
    struct error *e) FALLIBLE;
/* "ALL" itself, or names; in the order of iocage. */
int ioc_targets(struct compat *c, const struct strings *words,
    struct strings *names, struct error *e) FALLIBLE;
bool ioc_is_template(const struct compat *c, const char *name);
/* Do one for each name; each error is printed, the result is the last. */
typedef int ioc_fn(struct compat *c, const char *name, struct error *e);
int ioc_each(struct compat *c, const struct strings *names, ioc_fn *one,
    struct error *e) FALLIBLE;
/* What the store calls it: "gaol/jails/web". */
char *ioc_dataset(const char *name);
int ioc_cannot(const struct compat *c, const char *why, struct error *e);

/* --- set.c --- */

/* PROP=VALUE words into a cell, all or none. */
int ioc_assign(struct cell *cell, const struct strings *words,
    struct error *e) FALLIBLE;
/* defaults.json: ours, or iocage's own; pairs. */
int ioc_defaults(struct compat *c, struct strings *pairs, struct error *e)
    FALLIBLE;
/* What differs from gaol, and defaults.json. */
int ioc_assign_defaults(struct compat *c, struct cell *cell,
    struct error *e) FALLIBLE;
/* The same to a jail that is there; told: "KEY: OLD -> NEW". */
int ioc_change(struct compat *c, const char *name,
    const struct strings *words, bool told, struct error *e) FALLIBLE;

/* --- life.c --- */
int ioc_start_one(struct compat *c, const char *name, struct error *e)
    FALLIBLE;
int ioc_stop_one(struct compat *c, const char *name, struct error *e)
    FALLIBLE;

extern const struct compat_cmd
    ioc_activate, ioc_chroot, ioc_clean, ioc_clone, ioc_console, ioc_create,
    ioc_debug, ioc_destroy, ioc_df, ioc_exec, ioc_export, ioc_fetch,
    ioc_fstab, ioc_get, ioc_import, ioc_list, ioc_migrate, ioc_pkg,
    ioc_rename, ioc_restart, ioc_rollback, ioc_set, ioc_snaplist,
    ioc_snapremove, ioc_snapshot, ioc_start, ioc_stop, ioc_update,
    ioc_upgrade;

#endif
