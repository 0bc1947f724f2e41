/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_SUBVOLUME_H
#define ENGINE_LINUX_SUBVOLUME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * What the kernel's btrfs is asked, by ioctl(2): no program is run.  Subvolumes
 * go by a directory, opened for reading, and a name in it.
 */
struct btrfs_subvolume {
	uint64_t id;
	uint64_t transid;	/* when it was made: what was written later has
				   a higher number */
	uint64_t generation;	/* the last one that changed it */
	int64_t made;		/* time(2) */
	bool readonly;
};

/* Whether fd lies on btrfs, and whether it is the root of a subvolume. */
bool btrfs_is(int fd);
bool btrfs_is_subvolume(int fd);
/* Made by root, mode 0755. */
int btrfs_make(int dir, const char *name, struct error *e) FALLIBLE;
/* Of the subvolume open as from; durable when it returns. */
int btrfs_snapshot(int from, int dir, const char *name, bool readonly,
    struct error *e) FALLIBLE;
/* name in dir with the subvolumes in it, whoever made them, read-only or not;
 * one that is gone is success. */
int btrfs_remove(int dir, const char *name, struct error *e) FALLIBLE;
int btrfs_info(int fd, struct btrfs_subvolume *s, struct error *e) FALLIBLE;
/* Bytes of data in the subvolume fd that were written after that transaction. */
int btrfs_written(int fd, uint64_t after, uint64_t *bytes, struct error *e)
    FALLIBLE;

/* The quota group of a subvolume.  UINT64_MAX is "no limit". */
struct btrfs_group {
	bool counted;		/* the file system keeps accounts */
	uint64_t referenced, exclusive, limit;
};
int btrfs_group(int fd, uint64_t id, struct btrfs_group *g, struct error *e)
    FALLIBLE;
/* Limit what it refers to; the file system begins to keep accounts. */
int btrfs_limit(int fd, uint64_t id, uint64_t bytes, struct error *e) FALLIBLE;

#endif
