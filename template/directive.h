/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_DIRECTIVE_H
#define TEMPLATE_DIRECTIVE_H

#include <stddef.h>

/*
 * The keywords of a Bastillefile, in any case.  One table says how each is
 * read; what is no keyword is a command of gaol that gets the jail as target.
 */
enum directive_kind {
	/* done while the plan is made */
	DIRECTIVE_ARG, DIRECTIVE_ELSE, DIRECTIVE_ENDIF, DIRECTIVE_FROM,
	DIRECTIVE_IF, DIRECTIVE_INCLUDE, DIRECTIVE_USER, DIRECTIVE_WORKDIR,
	/* steps */
	DIRECTIVE_CMD, DIRECTIVE_COMMAND, DIRECTIVE_CONFIG, DIRECTIVE_CP,
	DIRECTIVE_ENV, DIRECTIVE_EXPOSE, DIRECTIVE_HEALTHCHECK, DIRECTIVE_HPKG,
	DIRECTIVE_LIMITS, DIRECTIVE_LINE, DIRECTIVE_MOUNT, DIRECTIVE_NETWORK,
	DIRECTIVE_ONCHANGE, DIRECTIVE_OVERLAY, DIRECTIVE_PKG, DIRECTIVE_RDR,
	DIRECTIVE_RENDER, DIRECTIVE_RESTART, DIRECTIVE_SECRET,
	DIRECTIVE_SERVICE, DIRECTIVE_SYSRC, DIRECTIVE_TAG,
};

struct directive {
	const char *name;	/* in capitals; NULL: any command */
	enum directive_kind kind;
	unsigned min, max;	/* words; max 0 with min 0: none */
	const char *form;	/* "SOURCE TARGET", for messages */
};
enum { DIRECTIVE_ANY = 1 << 16 };

extern const struct directive directive_table[];
extern const size_t directive_count;

/* Of a keyword in any case; that of DIRECTIVE_COMMAND when it is none. */
const struct directive *directive_find(const char *keyword, size_t len);

#endif
