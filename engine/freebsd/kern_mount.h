/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_FREEBSD_KERN_MOUNT_H
#define ENGINE_FREEBSD_KERN_MOUNT_H

/* Mounts: nmount(2), unmount(2) by file system id, getfsstat(2). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"

struct kern_option {
	const char *name;
	const char *value;	/* NULL: a word, such as "ro" */
};

struct kern_mount {
	uint64_t id;		/* f_fsid */
	char type[16];
	char on[1024];
};
VEC_TYPE(kern_mounts, struct kern_mount);

/*
 * Mount on the open directory dir, or on the file of that name in it; no other
 * path is looked up.  The root of what was mounted must then be at path, which
 * gives *id.
 */
int kern_mount(int dir, const char *file, const char *path,
    const struct kern_option *options, size_t count, uint64_t *id,
    struct error *e) FALLIBLE;
/* One that is not there any more is success; one in use is ERROR_BUSY. */
int kern_unmount(uint64_t id, bool force, struct error *e) FALLIBLE;
/* All mounts in the order in which they were made, appended. */
int kern_mount_all(struct kern_mounts *mounts, struct error *e) FALLIBLE;
/* The path of an open directory as the kernel knows it, free of links. */
int kern_path(int fd, char *path, size_t size, struct error *e) FALLIBLE;

#endif
