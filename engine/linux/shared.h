/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_SHARED_H
#define ENGINE_LINUX_SHARED_H

/*
 * A jail on the host's network stack that has addresses of its own, as jails
 * without vnet have on FreeBSD.  BPF programs at its control group hold its
 * sockets to them:
 *
 *	socket(2)	TCP and UDP; raw ones with allow.raw_sockets; no family
 *			of which the jail has no address
 *	bind(2)		the wildcard becomes the jail's first address, so do
 *			127.0.0.1 and ::1; those of others are EADDRNOTAVAIL
 *	connect(2), sendto(2)
 *			127.0.0.1 and ::1 are the jail's first address; the
 *			source is the jail's own
 *	each packet	comes from and goes to an address of the jail, whatever
 *			the socket was talked into, and reaches nobody at
 *			127.0.0.0/8 but jails
 *
 * One socket has one address, so where the jail has several, TCP listeners of
 * the wildcard are found for the others by a program that looks sockets up
 * (BPF_SK_LOOKUP).  It lives as long as a descriptor that the jail's pid 1
 * holds.
 */
#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "engine/linux/cgroup.h"

enum { SHARED_ADDRS = 16, SHARED_LINKS = 8 };

enum {
	SHARED_RAW = 1 << 0,		/* raw sockets may be made */
	SHARED_RESERVED = 1 << 1,	/* ports below 1024 without capability;
					   also the bit of the return code */
	SHARED_STEER = 1 << 2,		/* more than one address */
};

/* As the programs read it, in network order. */
struct shared_addr4 {
	uint32_t addr, mask;
};
struct shared_addr6 {
	uint32_t addr[4], mask[4];
};
struct shared_jail {
	uint64_t scope;		/* id of the control group above all jails */
	uint32_t flags;
	uint32_t count4, count6, unused;
	struct shared_addr4 v4[SHARED_ADDRS];
	struct shared_addr6 v6[SHARED_ADDRS];
};

/* ERROR_CONFIG when there are too many. */
int shared_add(struct shared_jail *j, const struct addr *a, struct error *e)
    FALLIBLE;

/* Descriptors that must stay open as long as the jail lives. */
struct shared_links {
	int fds[SHARED_LINKS];
	unsigned count;
};
void shared_links_fini(struct shared_links *l);

/*
 * Hold all processes of a control group (v2, empty as yet) to j's addresses.
 * group and above are its directory and the one above it.  Undone by removing
 * the group and closing the links.  ERROR_UNSUPPORTED where the kernel cannot.
 */
int shared_attach(int group, int above, struct shared_jail *j,
    struct shared_links *links, struct error *e) FALLIBLE;

/*
 * The same for a jail to be made, if it is such a one; before its first
 * process.  allow is what of spec->allow has an effect.
 */
int shared_hold(const struct engine_spec *spec, uint64_t allow,
    const struct cgroup *cg, struct shared_links *links, struct error *e)
    FALLIBLE;

#endif
