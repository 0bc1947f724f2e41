/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_HOST_H
#define CORE_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "conf/conf.h"
#include "engine/engine.h"

/*
 * Where everything lies (DESIGN 3), opened.  With the default root the run and
 * log directories are /var/run/gaol and /var/log/gaol; with another (-R) they
 * lie below it, so that two roots never meet.
 */
struct host {
	char *root;		/* /var/db/gaol: {releases,jails,images,...} */
	char *run;		/* records, locks, id ranges */
	char *log;		/* NAME/console.log */
	char *libexec;		/* where gaol-init and gaol-image lie */
	char *scope;		/* prefix of kernel objects: "gaol", "gaol-1f3a..." */
	int root_fd, jails_fd, run_fd, live_fd;
	struct conf *settings;	/* gaol.conf; never NULL */
	unsigned lock_timeout_ms;
	uint64_t stop_by_ms;	/* clock_ms() by which stops are to be over,
				   by force if need be; 0: none */
	bool plan;		/* -n: tell the steps, do nothing */
	/* What an administrator should know meanwhile ("removed ... left by an
	 * interrupted create"); a line without newline. */
	void (*say)(const char *text);
};

#define HOST_DEFAULT_ROOT "/var/db/gaol"

/*
 * Open (and make what is missing of) the directories.  root NULL: GAOL_ROOT,
 * else the default.  h is to be given to host_fini in either case.
 */
int host_open(struct host *h, const char *root, struct error *e) FALLIBLE;
void host_fini(struct host *h);
void host_say(const struct host *h, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A file without a name, to write and read again; the caller's to close. */
int host_scratch(const struct host *h, struct error *e) FALLIBLE;
/* A setting of gaol.conf, or fallback; borrowed. */
const char *host_setting(const struct host *h, const char *name,
    const char *fallback);
/* Every setting gaol.conf may hold, for doctor and the manual. */
struct host_setting {
	const char *name;
	const char *fallback;
	const char *summary;
	const char *setup;	/* of 'gaol setup', where it is not the
				   default; NULL: nothing */
};
extern const struct host_setting host_settings[];

#endif
