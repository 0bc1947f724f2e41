/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_CONFINE_H
#define ENGINE_LINUX_CONFINE_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"

/*
 * What a process of a jail may do: the same for pid 1 and for every command
 * that joins later.  capabilities(7) and a seccomp(2) filter give what root of
 * a FreeBSD jail has; the allow.* parameters open what they open there.
 *
 *	struct confine c = CONFINE_INIT;
 *	if (confine_plan(spec, &c, e) != 0) ...		gaol
 *	if (confine_apply(&c) != 0) ...			its child, before exec
 *	confine_fini(&c);
 */
struct confine {
	uint64_t caps;			/* bounding set, permitted, effective */
	bool no_new_privs;
	unsigned mounts;		/* INIT_MOUNT_*: for each command */
	struct sock_filter *filter;	/* on the heap */
	unsigned short filter_len;
};

#define CONFINE_INIT { 0, false, 0, NULL, 0 }

/*
 * Work out what spec means, before anything is started.  ERROR_UNSUPPORTED
 * for what cell.conf itself asks for and Linux, or this host, cannot give: the
 * message names the property and what would do it.  ERROR_CONFIG when
 * properties contradict each other.  c is untouched on error; confine_fini
 * frees it.
 */
int confine_plan(const struct engine_spec *spec, struct confine *c,
    struct error *e) FALLIBLE;
/* The same for a jail that runs: what the host gave it is not asked again. */
void confine_plan_join(const struct engine_spec *spec, struct confine *c);
void confine_fini(struct confine *c);

/*
 * In the child, in its namespaces, as the last thing before exec: bounding
 * set, filter, capabilities, no_new_privs.  Needs CAP_SETPCAP and, unless
 * no_new_privs, CAP_SYS_ADMIN in the user namespace it is in, as whoever made
 * or joined that namespace has.  Async-signal-safe; 0, or -1 with errno.
 */
int confine_apply(const struct confine *c) FALLIBLE;

/*
 * allow.* as it takes effect: what userns, securelevel, enforce_statfs and the
 * other permissions leave of spec->allow.  ALLOW_BIT()s.
 */
uint64_t confine_effective(const struct engine_spec *spec);

/* Whether processes of the jail may change its mounts. */
bool confine_owns_mounts(const struct engine_spec *spec);

#endif
