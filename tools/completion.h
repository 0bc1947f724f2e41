/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TOOLS_COMPLETION_H
#define TOOLS_COMPLETION_H

#include "cmd/cmd.h"

/* What an operand, or the value of an option, may be. */
enum kind {
	KIND_NONE,
	KIND_TARGET,
	KIND_RELEASE,
	KIND_COMMAND,
	KIND_PROPERTY,
	KIND_FILE,
};

/* The word for a kind in the scripts: "target", "release" ... */
const char *kind_name(enum kind kind);
enum kind kind_of_value(const struct cmd_option *o);
/* The first operand of a command, and those behind it. */
enum kind kind_of_first(const struct cmd *c);
enum kind kind_of_rest(const struct cmd *c);

/* The options that every command knows. */
extern const struct cmd_option completion_globals[];

/* Call fn for each option of c (NULL: none) and then for each global one
 * that the command does not have as its own. */
void each_option(const struct cmd *c,
    void (*fn)(const struct cmd_option *o, const void *arg), const void *arg);
/* text inside '...' of a shell. */
void put_quoted(const char *text);

/* What stands for the line "@tables@" in a template. */
void print_bash(void);
void print_fish(void);
void print_zsh(void);

#endif
