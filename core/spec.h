/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_SPEC_H
#define CORE_SPEC_H

#include "core/cell.h"

/* An engine_spec with the memory behind it. */
struct spec {
	struct engine_spec engine;
	struct tree tree;
	char *name, *hostname, *domainname, *key;
	VEC(struct engine_mount) mounts;
	VEC(struct engine_iface) ifaces;
	VEC(struct engine_publish) publish;
	VEC(struct engine_param) params;
	VEC(struct engine_limit) limits;
	struct strings cpus, devices;
	bool names;		/* /etc/hosts and /etc/resolv.conf are ours */
};
#define AUTO_SPEC __attribute__((cleanup(spec_fini)))

/*
 * What cell.conf means for the engine.  ERROR_UNSUPPORTED when a property that
 * this system does not honour is set to something other than its default.
 * store_tree: also work out the file tree (not needed to join a running jail).
 */
int spec_init(struct spec *s, const struct host *h, const struct cell *c,
    bool with_tree, struct error *e) FALLIBLE;
void spec_fini(struct spec *s);

/* One property with its values: whether this system honours it (69 if not). */
int spec_honours(const struct prop *p, const struct strings *values,
    struct error *e) FALLIBLE;

/*
 * jail(8)'s path: where the host finds the jail's root, live NULL or its
 * record.  The caller frees it; NULL when it is nowhere now.
 */
char *spec_path(const struct host *h, const struct cell *c,
    const struct engine_live *live);

#endif
