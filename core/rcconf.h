/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_RCCONF_H
#define CORE_RCCONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/vec.h"

/*
 * The text of an rc.conf(5), read and changed as sysrc(8) does, but never
 * executed: it may be a hostile jail's.  Assignments are read wherever sh(1)
 * would make them at the top of the file; conditions and functions are not
 * followed.
 */
struct rcconf_value {
	size_t begin, end;	/* of "name=value" in the text */
	char *value;		/* without quotes; the caller's to free */
	bool literal;		/* false: it has $ or `...` for a shell, as is */
};

/* [A-Za-z_][A-Za-z0-9_]* */
bool rcconf_is_name(const char *name, size_t len);
/* The last one of that name, which is the one in force. */
bool rcconf_find(const char *text, const char *name, struct rcconf_value *v);
/* The names that are assigned, each once, in the order of the file. */
void rcconf_names(const char *text, struct strings *names);

/*
 * Assign: the last assignment of the name is replaced, or a line is added at
 * the end.  A $ in the value stays what the jail's sh makes of it.
 */
void rcconf_set(struct buf *text, const char *name, const char *value);
/* Remove every one of that name, and the lines that are empty then; whether
 * there was one. */
bool rcconf_unset(struct buf *text, const char *name);

/*
 * sysrc(8) name+=value and name-=value: items are separated by the first
 * character of value unless that is a letter, digit, "." or "/": then by
 * blanks.  The caller frees the new value.
 */
char *rcconf_add(const char *old, const char *value);
char *rcconf_subtract(const char *old, const char *value);

#endif
