/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_SETTINGS_H
#define TEMPLATE_SETTINGS_H

#include "core/cell.h"
#include "template/plan.h"

/*
 * Keywords that change properties: CONFIG ENV EXPOSE HEALTHCHECK LIMITS
 * NETWORK RDR TAG.  Each done twice is done once.
 */
bool settings_takes(const struct template_step *s);
/* ERROR_DATA for what the keyword does not know, ERROR_UNSUPPORTED. */
int settings_change(const struct host *h, const struct template_step *s,
    struct cell *c, struct error *e) FALLIBLE;

#endif
