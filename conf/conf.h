/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

/*
 * Files in the grammar of jail.conf(5):
 *
 *	# comment		also // and slash-star comments
 *	exec.clean;		a boolean, true
 *	allow.noraw_sockets;	a boolean, false (meaning is the reader's)
 *	path = "/jails/$name";	values: bare words, "quoted", 'literal'
 *	ip4.addr = 10.0.0.1, 10.0.0.2;
 *	ip4.addr += 10.0.0.3;
 *	$dir = "/jails";	a variable: the parameter "$dir"
 *	web { ... }		a block; "*" is a wildcard block
 *	web { db { ... } }	a block in a block: its name is "web.db"
 *	.include "file";	kept, not followed
 *
 * Words are what jail(8) makes of them: "=" may be missing, parts that touch
 * are one value, a backslash escapes in both kinds of quotes, and a comment
 * begins anywhere outside of quotes.
 *
 * A document keeps its text: what is not changed is written back byte for
 * byte, comments, order and white space included.  Every parse error is
 * collected, not only the first.
 */
struct conf;
struct conf_block;
struct conf_param;

struct conf_problem {
	int line, column;	/* from 1; column counts bytes */
	char *text;
};

struct conf_problems {
	struct conf_problem *items;
	size_t count;
	size_t cap;
};
void conf_problems_fini(struct conf_problems *p);

#define AUTO_CONF __attribute__((cleanup(conf_cleanup)))

/* An empty document; file is used in messages only and is copied. */
struct conf *conf_new(const char *file);
void conf_free(struct conf *c);
void conf_cleanup(struct conf **c);

/*
 * Parse text.  On error NULL, ERROR_CONFIG with "FILE:LINE:COLUMN: why" of the
 * first problem, and all of them in problems when it is not NULL.  Limits: 1 MB
 * of text, 16 nested blocks, no NUL byte.
 */
struct conf *conf_parse(const char *file, const char *text, size_t len,
    struct conf_problems *problems, struct error *e) FALLIBLE;
/* The document as text, appended to out. */
void conf_write(const struct conf *c, struct buf *out);

/* The block of that name, NULL when there is none.  name NULL: the top level. */
struct conf_block *conf_block(const struct conf *c, const char *name);
/* The same, made at the end of the document when missing; not "". */
struct conf_block *conf_block_make(struct conf *c, const char *name);
/*
 * Rename a block (a cell is renamed); its text stays otherwise.  A block in a
 * block keeps its place: "web.db" can become "web.cache".
 */
void conf_block_rename(struct conf_block *b, const char *name);
/* The blocks one after another: NULL starts, NULL ends. */
struct conf_block *conf_block_next(const struct conf *c,
    const struct conf_block *after);
const char *conf_block_name(const struct conf_block *b); /* NULL: top level */

/* The statements of a block one after another: NULL starts, NULL ends. */
const struct conf_param *conf_param_next(const struct conf_block *b,
    const struct conf_param *after);
const char *conf_param_name(const struct conf_param *p);
bool conf_param_appends(const struct conf_param *p);	/* += */
bool conf_param_is_include(const struct conf_param *p);	/* .include */
/*
 * Values with quotes and escapes undone and variables as written; none for
 * "name;".  NULL where there is none.
 */
size_t conf_param_count(const struct conf_param *p);
const char *conf_param_value(const struct conf_param *p, size_t i);
/*
 * Value i with $name and ${name} replaced, appended to out.  lookup gives the
 * text of a variable (borrowed) or NULL for unknown, which is an error; what
 * stood in single quotes or was escaped is not expanded.
 */
typedef const char *conf_lookup_fn(const char *name, void *arg);
int conf_param_expand(const struct conf_param *p, size_t i,
    conf_lookup_fn *lookup, void *arg, struct buf *out, struct error *e)
    FALLIBLE;
/* Where the statement's name stands. */
int conf_param_line(const struct conf_param *p);
int conf_param_column(const struct conf_param *p);

/*
 * Replace the first statement of that name in place, remove later ones, or add
 * one at the end of the block in the block's own indentation (at the top level
 * before the first block, which it would override otherwise).  values NULL or
 * empty writes "name;".  Values are quoted when they need it, and "$" is always
 * written so that it is not expanded.  What says so already is left as it is
 * written.  name is not "".
 */
void conf_set(struct conf_block *b, const char *name,
    const struct strings *values);
/*
 * Add "name += values;" after the last statement of that name, or at the end of
 * the block.  No values, no change.
 */
void conf_add(struct conf_block *b, const char *name,
    const struct strings *values);
/* Remove every statement of that name, with a comment on its own line end;
 * true when there was one. */
bool conf_unset(struct conf_block *b, const char *name);

#endif
