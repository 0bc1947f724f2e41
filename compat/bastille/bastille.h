/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef COMPAT_BASTILLE_BASTILLE_H
#define COMPAT_BASTILLE_BASTILLE_H

#include "compat/compat.h"

/* All commands, each in the file of its subject. */
extern const struct compat_cmd *const bastille_commands[];

/* Usage, summary and options of c->cmd, or of bastille; c->status is 1. */
int bastille_help(struct compat *c, struct error *e) FALLIBLE;

#endif
