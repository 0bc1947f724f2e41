/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_COPY_H
#define CORE_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/wire.h"
#include "core/host.h"

/*
 * Copies between the host and jails, as cp(1) -a makes them.  Two processes do
 * it, one at either end, each with the rights of its end: within a running jail
 * those of the jail's root, so that its links lead nowhere else; the files of a
 * stopped one are opened for it, and the jail is locked.  Between them goes what
 * base/sync.h calls records.
 */
struct copy_end {
	const char *jail;	/* NULL: the host */
	const char *path;
};

/* So far; shared by the processes. */
struct copy_count {
	uint64_t files;		/* and links, and directories */
	uint64_t bytes;		/* of data, holes left out */
	bool source_failed;	/* for its own use */
};

struct copy_options {
	/* Called now and then while files are written, and at the end; in a
	 * process that may be another.  NULL: not called. */
	void (*progress)(void *arg, const struct copy_count *c);
	void *arg;
};

/*
 * Copy from[0] to from[count - 1], all of one end, into to when that is a
 * directory, else one of them as to, whose directory has to be there.  A path
 * that ends in "/." means what is in the directory.  Directories that are there
 * keep owner and mode and get what is new; files are replaced in one step, one
 * by one: with an error those before it stay.  Owners (by number), modes, times,
 * attributes, hard links within one of from, and holes are kept; devices,
 * sockets and what is mounted below from are left out and told (host_say).
 * What comes from a jail to the host loses set-user-id, set-group-id and
 * capabilities.  ERROR_NOT_FOUND, ERROR_USAGE (two jails that lack a way).
 */
int life_copy(const struct host *h, const struct copy_end *from, size_t count,
    const struct copy_end *to, const struct copy_options *o,
    struct copy_count *c, struct error *e) FALLIBLE;

/* Between its files. */

enum {
	COPY_SOURCE = 64,	/* the next one of from begins */
	COPY_RECORD,		/* a record of base/sync.h */
	COPY_FILE_END,		/* arg: the size */
	COPY_END,
};

struct copy_job {
	const struct host *host;
	const struct copy_end *from, *to;
	size_t count;
	const struct copy_options *options;
	struct copy_count *done;
	struct wire wire;
	bool tame;		/* from a jail to the host */
};
/* root: that of the jail, -1: the host's paths.  For within() of the engine. */
int copy_send(int root, void *job, struct error *e) FALLIBLE;
int copy_receive(int root, void *job, struct error *e) FALLIBLE;
/* A directory at path; -1 with errno, or what base/path.h says. */
int copy_open_dir(int root, const char *path, struct error *e);
/* "/a/b/" is "/a" and "b"; both heap memory.  "b" is "." when there is none. */
void copy_split(const char *path, char **dir, char **name);
/* Whether a path with that name at its end means what is in the directory. */
bool copy_is_contents(const char *name);

#endif
