/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_VARS_H
#define TEMPLATE_VARS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

/*
 * The variables of a template: those of ARG, and JAIL_NAME, JAIL_IP, JAIL_IP6.
 * They are written ${NAME}, and nothing else of the shell's is.
 */
struct var {
	char *name, *value;
};
VEC_TYPE(vars, struct var);
#define AUTO_VARS __attribute__((cleanup(vars_fini)))

void vars_fini(struct vars *v);
void vars_copy(struct vars *to, const struct vars *from);
/* A name of letters, digits and _ that begins with no digit. */
bool vars_is_name(const char *name, size_t len);
/* Replaces an earlier value. */
void vars_set(struct vars *v, const char *name, const char *value);
/* "NAME=VALUE"; ERROR_USAGE when it is no such thing. */
int vars_assign(struct vars *v, const char *assignment, struct error *e)
    FALLIBLE;
/* NULL when there is none of that name. */
const char *vars_find(const struct vars *v, const char *name, size_t len);

/*
 * The length of the "${NAME}" that p begins with, 0 when it is none; name_len
 * is that of the NAME.
 */
size_t vars_reference(const char *p, size_t *name_len);
/*
 * Append text with each ${NAME} replaced whose variable is known and not
 * empty; all else stays as it is.
 */
void vars_expand(const struct vars *v, const char *text, size_t len,
    struct buf *out);

#endif
