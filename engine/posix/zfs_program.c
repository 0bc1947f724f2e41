/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* zfs(8), for what is done by program. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/spawn.h"
#include "engine/posix/zfs.h"

enum { PATIENCE = 100, PAUSE_NS = 20000000 };

void
zfs_values_fini(struct zfs_values *v)
{
	for (size_t i = 0; i < v->count; i++) {
		free(v->items[i].dataset);
		free(v->items[i].property);
		free(v->items[i].value);
	}
	VEC_FINI(v);
}

/* Not of a dataset "busybox". */
static bool
is_busy(const struct error *e)
{
	return strstr(e->msg, "is busy") != NULL ||
	    strstr(e->msg, "resource busy") != NULL ||
	    strstr(e->msg, ": Device busy") != NULL;
}

/* What the program says, as an error that others understand. */
static void
classify(struct error *e)
{
	if (strstr(e->msg, "does not exist") != NULL ||
	    strstr(e->msg, "could not find any snapshots") != NULL)
		e->kind = ERROR_NOT_FOUND;
	else if (strstr(e->msg, "already exists") != NULL)
		e->kind = ERROR_EXISTS;
	else if (is_busy(e) ||
	    strstr(e->msg, "has dependent clones") != NULL)
		e->kind = ERROR_BUSY;
	else if (strstr(e->msg, "out of space") != NULL)
		e->sys_errno = ENOSPC;
}

int
zfs_program(const struct zfs_zone *z, const struct strings *words,
    struct buf *out, struct error *e)
{
	const struct timespec pause = { 0, PAUSE_NS };
	AUTO_STRINGS struct strings argv = VEC_INIT;
	AUTO_BUF struct buf ignored = BUF_INIT;
	int result;

	strings_add(&argv, "zfs");
	strings_copy(&argv, words);
	if (out == NULL)
		out = &ignored;
	for (int i = 0;; i++) {
		size_t before = out->len;

		error_clear(e);
		result = spawn_capture_from(strings_argv(&argv),
		    z != NULL ? z->lock : -1, out, e);
		if (result == 0)
			return 0;
		classify(e);
		if (!is_busy(e) || i == PATIENCE)
			return -1;
		out->len = before;
		nanosleep(&pause, NULL);
	}
}
