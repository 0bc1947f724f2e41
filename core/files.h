/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_FILES_H
#define CORE_FILES_H

#include "core/store.h"

/*
 * The files of a jail, whether it runs or not.  A running one is entered, by
 * within() of struct engine; one that does not run is locked, so that it is not
 * started meanwhile, and its files are opened.
 */
struct files {
	const struct host *host;
	const char *jail;	/* borrowed */
	int lock, root;		/* of one that does not run; else -1 */
	struct cell_store store;
};
#define FILES_INIT { NULL, NULL, -1, -1, CELL_STORE_INIT }
#define AUTO_FILES __attribute__((cleanup(files_fini)))

/*
 * write: they are to be changed.  what is for who waits for the lock: "cp".
 * ERROR_UNSUPPORTED when the store cannot give those of a stopped jail.
 */
int files_open(struct files *f, const struct host *h, const char *jail,
    const char *what, bool write, struct error *e) FALLIBLE;
void files_fini(struct files *f);
/* Work below the root, in a process that may be another: what it leaves in
 * memory may be lost. */
int files_work(const struct files *f,
    int (*work)(int root, void *arg, struct error *e), void *arg,
    unsigned timeout_ms, struct error *e) FALLIBLE;

#endif
