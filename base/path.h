/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/error.h"

/*
 * Files below a root that may be hostile.  Nothing here follows a link, a ".."
 * or a magic link out of rootfd: openat2(2) RESOLVE_IN_ROOT on Linux,
 * O_RESOLVE_BENEATH on FreeBSD.  A path's leading "/" means the root.
 */

/*
 * Open path as seen from inside rootfd, symbolic links resolved inside.
 * O_CLOEXEC is added.  A FIFO does not block the caller (O_NONBLOCK is added
 * and cleared), and when O_DIRECTORY and O_PATH are not asked for anything but
 * a regular file is refused with ERROR_DATA.
 */
int path_open(int rootfd, const char *path, int flags, mode_t mode,
    struct error *e) FALLIBLE;
/* Open any kind of file with O_PATH (O_RDONLY on FreeBSD). */
int path_open_any(int rootfd, const char *path, struct error *e) FALLIBLE;
/* The whole of a regular file, at most max bytes. */
int path_read(int rootfd, const char *path, size_t max, struct buf *text,
    struct error *e) FALLIBLE;
/* mkdir -p inside; returns the last directory, opened. */
int path_mkdirs(int rootfd, const char *path, mode_t mode, struct error *e)
    FALLIBLE;

/*
 * Remove name below dirfd with all that is in it.  Never follows a link and
 * never crosses a mount point: a mount inside is ERROR_BUSY and nothing below
 * it is touched.  A name that does not exist is success.  The directories
 * before the last component of name are trusted.
 */
int path_remove_tree(int dirfd, const char *name, struct error *e) FALLIBLE;

/*
 * Copy the tree at fromfd into the empty directory tofd: owners, modes, times,
 * links, hard links, devices, FIFOs, extended attributes (ACLs, capabilities)
 * and holes; data by reflink where the file system can.  Does not cross mount
 * points: an empty file or directory takes the place.  Sockets are left out,
 * and so are labels of security modules.  Without root owners are ours.
 */
int path_copy_tree(int fromfd, int tofd, struct error *e) FALLIBLE;

/*
 * The same where files are not copied but get another name, when they can:
 * directories alone are new.
 */
int path_link_tree(int fromfd, int tofd, struct error *e) FALLIBLE;
/* The contents of one open file into another, an empty one, with its holes; by
 * reflink where the file system can.  -1 with errno. */
int path_copy_data(int fromfd, int tofd) FALLIBLE;

/*
 * The same for layers of a stack, from the uppermost down: into a directory
 * that holds a copy of those above goes what they do not hide.  opaque is the
 * attribute of a directory that shows nothing of the layers below.
 */
int path_merge_tree(int fromfd, int tofd, const char *opaque, struct error *e)
    FALLIBLE;
/* Owner, mode, attributes and times of one directory alone. */
int path_copy_status(int fromfd, int tofd, struct error *e) FALLIBLE;
/*
 * Turn a whole tree into a layer of overlay(5) on top of the one at below: what
 * is the same there goes, what is only there is hidden.
 */
int path_prune_same(int fd, int below, struct error *e) FALLIBLE;
/* Whether two open files have the same type, mode, owner, time of change and
 * attributes; names, contents and access times aside. */
bool path_same_status(int a, int b);
/* Whether name, which is no directory and has the status st in dir, is the same
 * in base: status, content or target, device. */
bool path_same_file(int dir, int base, const char *name,
    const struct stat *st);

/* Bytes on disk of a tree, not crossing mount points, hard links once. */
int path_usage(int dirfd, const char *name, uint64_t *bytes, struct error *e)
    FALLIBLE;

#endif
