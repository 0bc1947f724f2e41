/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_PLANT_H
#define IMAGE_PLANT_H

#include "image/tar.h"

/*
 * Members of an archive, which may be hostile, become a tree below the working
 * directory.  They have to come as image/pack.c writes them, a directory before
 * what is in it and each directory at once, so that every file is reached from
 * an open directory that was made here: no name is looked up twice.
 */
struct plant_level {
	int fd;			/* -1 while parked */
	size_t path_len;
	struct tar_entry entry;	/* what it gets when it is left */
};
struct plant_late {
	char *path;
	struct attrs attrs;
};

struct plant {
	const char *prefix;	/* of all names: "root" */
	bool devices;		/* device nodes may be made */
	int root_fd;		/* opened with the first member */
	bool root;		/* owners must be kept, not only tried */
	uint64_t max_size, max_entries;
	uint64_t size, entries;
	unsigned lost;		/* attributes that this host has not */
	struct buf path;	/* of the lowest level */
	VEC(struct plant_level) levels;
	VEC(struct plant_late) late;
};

/* The working directory is the tree's root, umask 0. */
void plant_init(struct plant *p, const char *prefix);
void plant_fini(struct plant *p);
/* One member, with its data from t; ERROR_DATA without its name. */
int plant_member(struct plant *p, struct tar_in *t, struct tar_entry *entry,
    struct error *e) FALLIBLE;
/* There are no more. */
int plant_finish(struct plant *p, struct error *e) FALLIBLE;

#endif
