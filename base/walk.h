/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_WALK_H
#define BASE_WALK_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

/*
 * The walk through a tree that may be hostile, under remove, copy, usage and
 * image/pack.c.  It holds a bounded number of descriptors at any
 * depth, never follows a link, never enters a mount, and never builds a path
 * for the kernel.
 */
struct walk_level {
	int fd;			/* the directory, -1 while parked */
	int to;			/* copy: its twin, -1 while parked */
	struct stat st, to_st;	/* what fd and to were when entered */
	const char *name;	/* in the directory above, whose dirs owns it */
	struct strings dirs;	/* its subdirectories */
	size_t next;		/* the one to enter next */
	unsigned passes;	/* how often it was read again */
	bool there;		/* copy: the twin was there before */
};

struct walk;

struct walk_ops {
	const char *verb;	/* "remove": for messages */
	bool sorted;		/* names in their order, not the directory's */
	/* Anything but a directory; 1 when it turns out to be one. */
	int (*file)(struct walk *w, struct walk_level *in, const char *name,
	    struct error *e);
	/* Deal with a subdirectory unopened: 0, or 1 to walk it; may be NULL. */
	int (*directory)(struct walk *w, struct walk_level *in,
	    const char *name);
	/* A subdirectory was opened, or the first one; may be NULL. */
	int (*enter)(struct walk *w, struct walk_level *in,
	    struct walk_level *entered, struct error *e);
	/*
	 * All of it was seen; in is NULL for the first one.  1: read it again.
	 */
	int (*leave)(struct walk *w, struct walk_level *in,
	    struct walk_level *left, struct error *e);
	/* A mount point, not entered. */
	int (*mount)(struct walk *w, struct walk_level *in, const char *name,
	    struct error *e);
	/* Opening a subdirectory failed with EACCES or EPERM; may be NULL. */
	void (*denied)(int dirfd, const char *name);
};

struct walk {
	const struct walk_ops *ops;
	void *arg;
	unsigned char type;	/* d_type of what file() is called with */
	struct walk_level *items;
	size_t count;
	size_t cap;
};

/*
 * Open name in dirfd for reading, never through a link (ELOOP or ENOTDIR),
 * never a mount point (EXDEV); errno on failure.
 */
int walk_open(int dirfd, const char *name, int flags);
/* Walk the directory fd, which the walk closes; to is its twin or -1. */
int walk_run(struct walk *w, int fd, int to, const char *name,
    struct error *e) FALLIBLE;
/* From errno: "VERB a/b/name: why". */
int walk_failed(const struct walk *w, const struct walk_level *in,
    const char *name, struct error *e);
/* The names from the first directory down to in, and name. */
void walk_path(const struct walk *w, const struct walk_level *in,
    const char *name, struct buf *path);

/* Files met before, by device and inode; what they are is the user's. */
struct walk_link {
	dev_t dev;
	ino_t ino;
	char *path;		/* owned by the table, may be NULL */
};
struct walk_links {
	struct walk_link *slots;
	size_t count;
	size_t cap;		/* a power of two */
	bool *used;
};

/* The entry of that file, made (path NULL, *made set) when missing. */
struct walk_link *walk_links_find(struct walk_links *l, const struct stat *st,
    bool *made);
void walk_links_fini(struct walk_links *l);

#endif
