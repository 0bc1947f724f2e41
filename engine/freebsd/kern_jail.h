/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_FREEBSD_KERN_JAIL_H
#define ENGINE_FREEBSD_KERN_JAIL_H

/*
 * What is asked of the kernel about jails.  kern_jail.c asks it, through
 * libjail; in the tests a twin keeps a list of the calls instead.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/vec.h"

struct kern_param {
	const char *name;	/* as the kernel has it: "allow.raw_sockets" */
	const char *value;	/* as jail.conf(5) writes it */
};

struct kern_jail {
	int jid;
	char name[256];
	char path[1024];	/* its root, as the host sees it */
	bool dying;		/* removed; something still holds it */
};
VEC_TYPE(kern_jails, struct kern_jail);

/* A new jail; a name that is taken is ERROR_EXISTS.  *jid is its number. */
int kern_jail_create(const struct kern_param *params, size_t count, int *jid,
    struct error *e) FALLIBLE;
/* Change a jail; params tell which by "jid". */
int kern_jail_update(const struct kern_param *params, size_t count,
    struct error *e) FALLIBLE;
/* Kill all its processes and let it go; one that is gone is success. */
int kern_jail_remove(int jid, struct error *e) FALLIBLE;

/* By number or name: 1, or 0 when there is none.  Dying ones when asked. */
int kern_jail_by_id(int jid, bool dying, struct kern_jail *j, struct error *e)
    FALLIBLE;
int kern_jail_by_name(const char *name, struct kern_jail *j, struct error *e)
    FALLIBLE;
/* All jails that live, appended. */
int kern_jail_all(struct kern_jails *jails, struct error *e) FALLIBLE;

/* Whether this kernel has the parameter. */
bool kern_jail_knows(const char *param);
/* One parameter of a jail as text; "" when it is not set. */
int kern_jail_text(int jid, const char *param, char *text, size_t size,
    struct error *e) FALLIBLE;

/* An id of this boot, as hexadecimal digits; "0" when the kernel has none. */
void kern_boot_id(char *text, size_t size);

#endif
