/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_IOCAGE_PROP_H
#define CORE_IOCAGE_PROP_H

#include "core/cell.h"

/*
 * The properties of iocage (CONFIG_VERSION 34) and what of gaol each of them
 * is, both ways.  What only iocage's command line has a use for is kept as
 * compat.iocage.NAME.
 */
enum iocage_kind {
	IOCAGE_BOOL,		/* 1 and 0 */
	IOCAGE_TEXT,		/* as it is; "none": not set */
	IOCAGE_LIST,		/* words for several values */
	IOCAGE_WORD,		/* one of words */
	IOCAGE_DEVICE,		/* 1: prop device has that pattern */
	IOCAGE_MOUNT,		/* 1: prop mount has that line */
	IOCAGE_TAG,		/* 1: it has that tag */
	IOCAGE_NET,		/* with all others of these: net and publish */
	IOCAGE_LIMIT,		/* a resource of rctl(8) */
	IOCAGE_KEPT,		/* used by the command line, or by nobody */
	IOCAGE_TOLD,		/* kept, never set by users */
	IOCAGE_FIXED,		/* gaol has no means for another value */
};

struct iocage_prop {
	const char *name;
	const char *fallback;	/* iocage's default */
	enum iocage_kind kind;
	const char *prop;	/* gaol's; of IOCAGE_FIXED: what does that */
	const char *words;	/* "new inherit disable"; the pattern, line, tag */
};
/* In the order of names. */
extern const struct iocage_prop iocage_props[];
extern const size_t iocage_prop_count;

const struct iocage_prop *iocage_prop_find(const char *name);
/* The value in iocage's words; heap memory of the caller. */
char *iocage_prop_get(const struct cell *c, const struct iocage_prop *p);
/*
 * Check, and change the cell.  ERROR_CONFIG for a value that iocage refuses
 * too, ERROR_UNSUPPORTED for what gaol or this host has no means for.
 */
int iocage_prop_set(struct cell *c, const struct iocage_prop *p,
    const char *value, struct error *e) FALLIBLE;
/* "1", "on", "yes", "true". */
bool iocage_is_on(const char *value);
bool iocage_is_bool(const char *value);
/* "none", "", "off". */
bool iocage_is_nothing(const char *value);

/* Those whose default is not that of gaol, NULL-terminated. */
extern const char *const iocage_defaults[];

/*
 * Properties of the network change together: first the words that are in force
 * are kept, then iocage_prop_set changes some of them, then net and publish are
 * made of all.
 */
int iocage_net_begin(struct cell *c, struct error *e) FALLIBLE;
int iocage_net_commit(struct cell *c, struct error *e) FALLIBLE;

/* core/iocage_net.c: net and publish are made of all properties of IOCAGE_NET;
 * or, when these were changed since by others, read back from them. */
char *iocage_net_get(const struct cell *c, const struct iocage_prop *p);
int iocage_net_set(struct cell *c, const struct iocage_prop *p,
    const char *value, struct error *e) FALLIBLE;
/* Addresses of net as iocage shows them: "em0|10.0.0.1/24,..."; "" without. */
void iocage_net_addresses(const struct strings *net, bool ip6,
    struct buf *out);

/* compat.iocage.NAME, NULL when it is not set; value NULL: not set. */
char *iocage_kept(const struct cell *c, const char *name);
int iocage_keep(struct cell *c, const char *name, const char *value,
    struct error *e) FALLIBLE;
/* Properties of gaol, one value or several. */
int iocage_put(struct cell *c, const char *prop, const struct strings *values,
    struct error *e) FALLIBLE;

/* A flat JSON object, keys and values in pairs; ERROR_DATA. */
int iocage_json(const char *text, struct strings *pairs, struct error *e)
    FALLIBLE;

#endif
