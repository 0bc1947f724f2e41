/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/*
 * Files of our own (state directory, run directory).  All names are relative
 * to dirfd, which may be AT_FDCWD.  For files below a jail's root, which may
 * be hostile, use base/path.h.
 */

/* Append the whole file, at most max bytes (more is ERROR_DATA). */
int file_read(int dirfd, const char *name, size_t max, struct buf *text,
    struct error *e) FALLIBLE;
/* Append all that fd still has, at most max bytes. */
int file_read_fd(int fd, size_t max, struct buf *text, struct error *e)
    FALLIBLE;

enum file_durability {
	FILE_VOLATILE,	/* run directory: no fsync */
	FILE_DURABLE,	/* fsync(2) the file before and the directory after */
};

/*
 * Replace name atomically: a temporary file beside it (".NAME.new"), written,
 * synced as asked, renamed.  On error the old file is untouched.
 */
int file_replace(int dirfd, const char *name, const void *data, size_t len,
    mode_t mode, enum file_durability durability, struct error *e) FALLIBLE;
/* Write all of it to fd. */
int file_write_fd(int fd, const void *data, size_t len, struct error *e)
    FALLIBLE;
/* mkdir -p of a path of our own. */
int file_mkdirs(int dirfd, const char *path, mode_t mode, struct error *e)
    FALLIBLE;
/* Open a directory O_CLOEXEC|O_DIRECTORY|O_NOFOLLOW. */
int file_opendir(int dirfd, const char *name, struct error *e) FALLIBLE;
/* fsync(2) a directory. */
int file_sync_dir(int dirfd, const char *name, struct error *e) FALLIBLE;
bool file_exists(int dirfd, const char *name);

/*
 * Rename from to a name that must not exist yet (errno EEXIST otherwise), both
 * below dirfd.  Returns -1 with errno.  By renameat2(2) on Linux; elsewhere, and
 * where the file system has no such rename, it looks first, so the caller has to
 * hold a lock on the name.
 */
int file_rename_new(int dirfd, const char *from, const char *to) FALLIBLE;
/*
 * Let two names below dirfd change places in one step; errno EINVAL or ENOSYS
 * where the file system or the kernel cannot.
 */
int file_exchange(int dirfd, const char *a, const char *b) FALLIBLE;

/*
 * Take flock(2) on name (made if missing), exclusive or shared, waiting at
 * most timeout_ms.  Returns a descriptor whose close releases it.  A lock file
 * that was removed while we waited is made again.  ERROR_BUSY on timeout, with
 * the holder (file_lock_note) in the message.
 */
int file_lock(int dirfd, const char *name, bool exclusive, unsigned timeout_ms,
    struct error *e) FALLIBLE;
/* Leave "pid command" in a lock that is held, for those who wait. */
void file_lock_note(int lockfd, const char *note);

/* Bring what was written below fd to the disk: one call for all of it. */
int file_sync_all(int fd);

/* The path of the program that runs, for the caller to free; NULL: unknown. */
char *file_self(void);

/* Milliseconds of CLOCK_MONOTONIC. */
uint64_t clock_ms(void);

#endif
