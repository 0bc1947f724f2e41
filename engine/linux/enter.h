/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_ENTER_H
#define ENGINE_LINUX_ENTER_H

#include "engine/engine.h"

/*
 * A process of ours that enters the user and mount namespaces of a running
 * jail and works there with the rights of the jail's root.  It stays in the
 * host's pid namespace, where no process of the jail can see it, and runs
 * nothing of the jail.
 */
struct enter {
	const struct engine_spec *spec;
	int pidfd;		/* of the jail's pid 1 */
	int mntns;		/* with prepare: the jail's, of which pidfd is
				   the host's alone; or -1 */
	/* In the new process, before it enters; NULL: nothing. */
	int (*prepare)(void *arg, struct error *e);
	int (*work)(int root, void *arg, struct error *e);
	void *arg;
	unsigned timeout_ms;	/* 0: none */
};

/* A file system of the jail's own (FUSE) may never answer a lookup. */
enum { ENTER_TIMEOUT_MS = 30000 };

/* Run it; the error of prepare or work is ours. */
int enter_run(const struct enter *in, struct error *e) FALLIBLE;

#endif
