/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_PLAN_H
#define TEMPLATE_PLAN_H

#include <stdbool.h>

#include "template/directive.h"
#include "template/vars.h"

/*
 * What a template does to a jail, as a flat list: INCLUDE is followed, IF
 * decided, variables are put in.  Making it reads the templates and changes
 * nothing.
 */
struct template_step {
	const struct directive *directive;
	char *keyword;		/* in capitals */
	char *file;		/* of which template ... */
	unsigned line;		/* ... where, for messages */
	char *dir;		/* that template's directory: sources lie below */
	struct strings words;	/* unquoted */
	char *text;		/* CMD, HEALTHCHECK: for the jail's sh; or NULL */
	char *user, *workdir;	/* of CMD; NULL: root, the jail's default */
	struct vars vars;	/* RENDER */
	struct template_step *then;	/* ONCHANGE: that is done */
};
struct template_plan {
	VEC(struct template_step) steps;
	char *from;		/* FROM of the template itself; or NULL */
	struct strings notes;	/* what is odd and no error, one line each */
};
#define TEMPLATE_PLAN_INIT { VEC_INIT, NULL, VEC_INIT }
#define AUTO_TEMPLATE_PLAN __attribute__((cleanup(template_plan_fini)))

/* A template as it is read. */
struct template_text {
	char *file;		/* for messages */
	char *dir;		/* sources lie below */
	struct buf text;
	struct strings notes;	/* what of another format has no counterpart */
	bool hooks;		/* it lay in hook files of dir */
};
#define TEMPLATE_TEXT_INIT { NULL, NULL, BUF_INIT, VEC_INIT, false }
#define AUTO_TEMPLATE_TEXT __attribute__((cleanup(template_text_fini)))
void template_text_fini(struct template_text *t);

/* What the plan is made for; all of it is the caller's. */
struct template_target {
	const char *os;		/* of the jail: "linux", "freebsd" */
	const struct vars *builtin;	/* JAIL_NAME and the like */
	const struct vars *args;	/* --arg, then those of --arg-file */
	/* A template that INCLUDE or the user names. */
	int (*read)(void *arg, const char *name, struct template_text *text,
	    struct error *e);
	/* A value for ARG+ NAME without one; NULL: there is none. */
	char *(*ask)(void *arg, const char *name);
	void *arg;
};

/*
 * Append what the template name does.  ERROR_DATA with file, line and column
 * for what cannot be read, ERROR_USAGE for an argument that is missing or that
 * no ARG takes, ERROR_NOT_FOUND.
 */
int template_plan(const struct template_target *t, const char *name,
    struct template_plan *plan, struct error *e) FALLIBLE;
/* The same from a text as it stands in file, whose sources lie in dir. */
int template_plan_text(const struct template_target *t, const char *file,
    const char *dir, const char *data, size_t len, struct template_plan *plan,
    struct error *e) FALLIBLE;
void template_plan_fini(struct template_plan *plan);
/* A line for people: "SYSRC nginx_enable=YES". */
void template_step_tell(const struct template_step *s, struct buf *line);

/* "NAME=VALUE" lines as --arg-file has them, added where args has no such. */
int template_arg_file(const char *path, struct vars *args, struct error *e)
    FALLIBLE;

#endif
