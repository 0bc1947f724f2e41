/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_PROP_H
#define CORE_PROP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"

/*
 * The property table: every jail(8) parameter of FreeBSD 14 and 15 under its
 * own name, and gaol's own beside them.  It drives parsing, set and get, help,
 * JSON, completion and cell.conf(5).  Rows are sorted by name.
 */
enum prop_type {
	PROP_BOOL,		/* on off (and what parse_bool takes) */
	PROP_INT,		/* min to max */
	PROP_SIZE,		/* bytes, parse_size */
	PROP_DURATION,		/* parse_duration; a bare number is seconds */
	PROP_STRING,
	PROP_ENUM,		/* one of words */
	PROP_NAME,		/* a jail, release, tag ... name (name_check) */
	PROP_PATH,		/* absolute, no ".." component */
	PROP_COMMAND,		/* a command line, text for sh(1) */
	PROP_HOSTNAME,		/* RFC 1123 */
	PROP_IP4,		/* [IFACE|]ADDRESS[/PREFIX] */
	PROP_IP6,
	PROP_ASSIGN,		/* NAME=VALUE (env, meta) */
};

enum prop_flag {
	PROP_LIST = 1 << 0,	/* several values; += adds */
	PROP_LIVE = 1 << 1,	/* applied to a running jail at once */
	PROP_CREATE = 1 << 2,	/* only given when the jail is created */
	PROP_READONLY = 1 << 3,	/* told, never set: jid, path, state ... */
	PROP_KERNEL = 1 << 4,	/* a parameter of jail_set(2) */
	PROP_PSEUDO = 1 << 5,	/* a pseudo-parameter of jail(8) */
	PROP_OWN = 1 << 6,	/* gaol's own */
	PROP_FAMILY = 1 << 7,	/* name ends in "*": limit.*, zfs.*, allow.mount.* */
	PROP_SECRET = 1 << 8,	/* values stay out of logs and other users' sight */
};

struct prop {
	const char *name;
	enum prop_type type;
	unsigned flags;		/* PROP_* */
	unsigned systems;	/* SYSTEM_* that honour it */
	const char *fallback;	/* default as text; NULL: none */
	const char *const *words;	/* PROP_ENUM, NULL-terminated */
	int64_t min, max;	/* PROP_INT; both 0: any */
	int (*check)(const char *value, struct error *e);	/* further, or NULL */
	const char *summary;	/* one sentence for help and the manual */
	const char *instead;	/* what would do it where systems lacks ours, or NULL */
};

extern const struct prop prop_table[];
extern const size_t prop_count;

/* The row of a name; a family's row for its members; NULL when unknown. */
const struct prop *prop_find(const char *name);
/* The nearest known name for "did you mean", NULL when none is near. */
const char *prop_nearest(const char *name);
/*
 * A name as written in a file or on the command line: "allow.noraw_sockets"
 * and "novnet" are the negation of a boolean.  ERROR_CONFIG "unknown property
 * 'x' (did you mean 'y'?)" otherwise.
 */
int prop_resolve(const char *written, const struct prop **prop, bool *negated,
    struct error *e) FALLIBLE;
/*
 * Check values and append them in canonical form ("yes" becomes "on", "1g"
 * stays as written when it is a size) to out.  A comma-separated single value
 * of a list property is split.  No value of a boolean means on.  The error
 * names the property, the value and what is allowed; kind ERROR_CONFIG.
 */
int prop_parse(const struct prop *prop, const struct strings *values,
    struct strings *out, struct error *e) FALLIBLE;
/* The type in words, "on|off", "size", "jail|network|..." for help. */
char *prop_type_text(const struct prop *prop);	/* the caller's to free */
/* live, create, or next start. */
const char *prop_when(const struct prop *prop);

/*
 * The name of a jail, release, tag or network: 1 to 63 of A-Z a-z 0-9 . _ -,
 * beginning with a letter, digit or "_", not all digits (a jid), no "..", and
 * none of the reserved words ALL, all.  Others than jails may be all digits.
 * Called once, at the edge.  ERROR_USAGE.
 */
int name_check_cell(const char *name, struct error *e) FALLIBLE;
int name_check_release(const char *name, struct error *e) FALLIBLE;
int name_check_volume(const char *name, struct error *e) FALLIBLE;
int name_check_tag(const char *name, struct error *e) FALLIBLE;
int name_check_network(const char *name, struct error *e) FALLIBLE;

#endif
