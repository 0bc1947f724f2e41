/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_NETNS_H
#define ENGINE_LINUX_NETNS_H

#include "base/error.h"

/*
 * A network namespace (network_namespaces(7)) of the jail's own, loopback up.
 * It is the dearest of all: 0.3 ms, as much as the rest of a jail's root takes,
 * so that a process beside us makes it while we go on.  That one shares our
 * memory and descriptors and makes system calls only.
 */
enum { NETNS_STACK = 16384 };

struct netns {
	int pid;
	/* written by the maker */
	volatile int fd;	/* the namespace, -1 without */
	volatile int error;	/* errno, of what */
	const char *volatile what;
	_Alignas(16) unsigned char stack[NETNS_STACK];
};

/* Begin; whoever calls has CAP_SYS_ADMIN in the user namespace that is to own
 * it.  n is to stay where it is until netns_join(). */
int netns_begin(struct netns *n, struct error *e) FALLIBLE;
/* Wait for it and be in it. */
int netns_join(struct netns *n, struct error *e) FALLIBLE;

#endif
