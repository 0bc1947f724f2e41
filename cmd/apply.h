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
struct apply_job {
	struct strings templates;
	struct vars args;	/* with what was asked for */
	bool no_cache, keep;
	bool alone;		/* values may be asked for on a terminal */
	bool fresh;		/* see struct apply_options */
	char *base;
};
#define APPLY_JOB_INIT { .templates = VEC_INIT, .args = VEC_INIT }
#define AUTO_APPLY_JOB __attribute__((cleanup(apply_job_fini)))
void apply_job_fini(struct apply_job *job);
/*
 * Apply the templates to that jail, showing what steps print, then what was
 * done and how long it took.
 */
int apply_templates(struct cmd_args *a, const char *jail,
    struct apply_job *job, struct error *e) FALLIBLE;
/* Fill job->base for a jail that is to be created from that release. */
int apply_find_base(struct cmd_args *a, const char *jail, const char *release,
    struct apply_job *job, struct error *e) FALLIBLE;

#endif
