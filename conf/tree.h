/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CONF_TREE_H
#define CONF_TREE_H

/*
 * Private to conf/.  A document is its text and nodes that point into it by
 * offset.  The nodes, the text and the decoded strings of a parsed document
 * are one piece of memory; a change replaces the text and moves the offsets.
 */
#include <stdint.h>

#include "conf/conf.h"

enum {
	CONF_TEXT_MAX = 1 << 20,
	CONF_DEPTH_MAX = 16,
	CONF_PROBLEMS_MAX = 50,
};

struct conf_value {
	const char *text;	/* decoded, variables as written */
	uint32_t start, end;	/* as written; equal: set, no variables */
};

struct conf_param {
	struct conf_param *next;
	struct conf_block *block;
	const char *name;
	struct conf_value *values;
	uint32_t count;
	uint32_t start, end;	/* from the name to behind the semicolon */
	bool appends;
};

struct conf_block {
	struct conf *conf;
	struct conf_block *parent;	/* NULL: the top level */
	struct conf_block *next;	/* in the order of the text */
	struct conf_param *first, *last;
	const char *name;	/* complete, "a.b" when nested; NULL: top */
	const char *label;	/* as written before the brace, decoded */
	uint32_t name_start, name_end;
	uint32_t close;		/* where the "}" is; top: end of text */
};

struct conf_chunk {
	struct conf_chunk *next;
	char mem[];
};

struct conf {
	char *file;
	char *text;		/* NUL-terminated */
	size_t len;
	bool text_owned;	/* by malloc, not part of the first piece */
	struct conf_block *top;
	struct conf_block *last_block;
	char *at, *end;		/* free memory */
	struct conf_chunk *chunks;
};

/* Classes of bytes. */
enum {
	BYTE_BARE = 1 << 0,	/* stands in a bare word */
	BYTE_SPACE = 1 << 1,
	BYTE_IDENT = 1 << 2,	/* of a $name */
	BYTE_DIGIT = 1 << 3,
	BYTE_WORD = 1 << 4,	/* begins a word, mostly: conf_word_at() */
};
extern const unsigned char conf_bytes[256];

static inline bool
conf_is(char c, int class)
{
	return (conf_bytes[(unsigned char)c] & class) != 0;
}

/* Whether a word begins at p; comments were skipped before. */
static inline bool
conf_word_at(const char *p)
{
	return conf_is(*p, BYTE_WORD) && (*p != '+' || p[1] != '=');
}

/* Memory that lives as long as the document; not cleared. */
void *conf_alloc(struct conf *c, size_t size);
char *conf_strdup(struct conf *c, const char *s);
struct conf_block *conf_block_add(struct conf *c, struct conf_block *parent,
    const char *label);

struct conf_word {
	const char *end;	/* behind the word */
	char *out_end;		/* behind the decoded bytes; no NUL is added */
	bool has_variables;
	bool is_variable;	/* one variable and nothing else */
	const char *why, *where;	/* when it is malformed */
};

/*
 * Decode the word at text (NUL-terminated) into to, which has room for as
 * much as is read.  With marks a variable becomes "\0name\0" and room for
 * twice as much is needed, otherwise it stays as written.
 */
bool conf_decode(const char *text, char *to, bool marks,
    struct conf_word *w);

/* Behind white space and comments; NULL: *open begins one that never ends. */
const char *conf_skip(const char *p, const char **open);

/* Give b and all blocks inside it their complete names again. */
void conf_block_label(struct conf_block *b, const char *label);

#endif
