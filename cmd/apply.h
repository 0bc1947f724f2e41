/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CMD_APPLY_H
#define CMD_APPLY_H

#include "cmd/cmd.h"
#include "template/apply.h"

/* What apply and create have in common. */
#define OPTION_ARG { 'a', "arg", "NAME=VALUE", "a value for ARG NAME" }
#define OPTION_ARG_FILE { '\0', "arg-file", "FILE", \
	"lines NAME=VALUE, where --arg has none" }

/* The values of --arg and --arg-file. */
int apply_args(const struct cmd_args *a, struct vars *args, struct error *e)
    FALLIBLE;
/*
 * Apply the templates to that jail, showing what steps print, then what was
 * done and how long it took.  alone: values may be asked for on a terminal.
 */
int apply_templates(struct cmd_args *a, const char *jail,
    const struct strings *templates, const struct vars *args, bool no_cache,
    bool keep, bool alone, struct error *e) FALLIBLE;

#endif
