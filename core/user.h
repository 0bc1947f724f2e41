/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_USER_H
#define CORE_USER_H

#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"

/*
 * A user as the jail's own /etc/passwd and /etc/group tell, read below the
 * root descriptor and trusted in nothing: lines too long or malformed are
 * passed over, files over 4 MB refused.
 */
struct user {
	uint32_t uid, gid;
	VEC(uint32_t) groups;	/* supplementary, gid first */
	char *name;		/* "" when only a number is known */
	char *home, *shell;	/* never NULL: "/" and "/bin/sh" */
};
#define AUTO_USER __attribute__((cleanup(user_fini)))
#define USER_INIT { 0, 0, VEC_INIT, NULL, NULL, NULL }

void user_fini(struct user *u);
/* spec: "www", "www:staff", "1000", "1000:1000"; NULL is root.  ERROR_NOT_FOUND
 * "no user 'x' in the jail". */
int user_find(int rootfd, const char *spec, struct user *u, struct error *e)
    FALLIBLE;

#endif
