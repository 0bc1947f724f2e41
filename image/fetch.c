/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/num.h"
#include "base/xalloc.h"
#include "image/download.h"
#include "image/fetch.h"
#include "image/hash.h"
#include "image/http.h"
#include "image/part.h"
#include "image/stop.h"

enum { BLOCK = 256 * 1024 };

static int
copy_bytes(const struct fetch_request *rq, int from, struct part *part,
    struct error *e)
{
	AUTO_FREE char *block = xcalloc(1, BLOCK);
	char limit[16];

	for (;;) {
		ssize_t n = read(from, block, BLOCK);

		if (stop_check(e) < 0)
			return -1;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(e, "read");
		if (n == 0)
			return 0;
		if ((uint64_t)n > rq->max_size - part->size)
			return error_set(e, ERROR_DATA, "larger than %s",
			    format_size(rq->max_size, limit));
		if (part_append(part, block, (size_t)n, e) < 0)
			return -1;
		progress_update(rq->progress, part->size);
	}
}

/* A file of this host; it is copied anew each time. */
static int
copy_local(const struct fetch_request *rq, struct part *part, struct error *e)
{
	AUTO_FREE char *path = strncasecmp(rq->source, "file:", 5) == 0 ?
	    http_file_path(rq->source, e) : xstrdup(rq->source);
	struct stat st;

	if (path == NULL)
		return -1;
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_sys(e, "%s", path);
	if (!S_ISREG(st.st_mode))
		return error_set(e, ERROR_DATA, "%s: not a regular file", path);
	progress_total(rq->progress, (uint64_t)st.st_size, 0);
	if (part_restart(part, "", NULL, NULL, e) < 0)
		return -1;
	if (copy_bytes(rq, fd, part, e) < 0)
		return error_wrap(e, "%s", path);
	return 0;
}

static int
bring(const struct fetch_request *rq, struct part *part, const char *shown,
    bool *continued, struct error *e)
{
	int rc;

	progress_begin(rq->progress, "fetching", shown, 0);
	rc = http_is_url(rq->source) ?
	    download_url(rq, part, continued, e) : copy_local(rq, part, e);
	if (rc == 0)
		progress_update(rq->progress, part->size);
	progress_end(rq->progress);
	return rc;
}

static int
check(const struct fetch_request *rq, const struct part *part,
    const char *shown, struct error *e)
{
	char hex[HASH_HEX];
	int rc;

	progress_begin(rq->progress, "checking", shown, part->size);
	rc = hash_file(part->fd, rq->progress, hex, e);
	progress_end(rq->progress);
	if (rc < 0)
		return -1;
	return hash_compare(rq->sha256, hex, e);
}

static bool
is_full(const struct error *e)
{
	return e->sys_errno == ENOSPC || e->sys_errno == EDQUOT;
}

/* Bring and check; bytes of an earlier run that turn out wrong are no reason
 * to fail before all was brought anew. */
static int
bring_right(const struct fetch_request *rq, struct part *part,
    const char *shown, struct error *e)
{
	bool continued = false;

	if (bring(rq, part, shown, &continued, e) < 0) {
		/* What cannot be continued, or must not be, is not kept. */
		if (is_full(e) || e->kind == ERROR_DATA || part->size == 0)
			part_discard(part);
		return -1;
	}
	if (*rq->sha256 == '\0' || check(rq, part, shown, e) == 0)
		return 0;
	if (e->kind != ERROR_DATA)
		return -1;
	if (continued) {
		progress_note(rq->progress,
		    "%s: the part from an earlier run is of no use", shown);
		if (part_restart(part, "", NULL, NULL, e) < 0)
			return -1;
		return bring_right(rq, part, shown, e);
	}
	part_discard(part);
	unlink(rq->file);
	return -1;
}

/* Whether FILE is there and right.  A wrong one is removed at once, so that
 * nobody takes it for good when the download fails. */
static bool
is_there(const struct fetch_request *rq, const char *shown)
{
	AUTO_CLOSE int fd = open(rq->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct part whole = { .fd = fd };
	struct error e = ERROR_INIT;
	struct stat st;

	if (*rq->sha256 == '\0' || fd < 0 || fstat(fd, &st) < 0 ||
	    !S_ISREG(st.st_mode))
		return false;
	whole.size = (uint64_t)st.st_size;
	if (check(rq, &whole, shown, &e) == 0)
		return true;
	if (e.kind == ERROR_DATA && unlink(rq->file) == 0)
		progress_note(rq->progress,
		    "%s: wrong checksum, fetched anew", rq->file);
	return false;
}

int
fetch_file(const struct fetch_request *rq, struct error *e)
{
	AUTO_PART struct part part = PART_INIT;
	bool remote = strstr(rq->source, "://") != NULL;
	AUTO_FREE char *shown = remote ? http_show(rq->source) :
	    xstrdup(rq->source);

	if (remote && !http_is_url(rq->source) &&
	    strncasecmp(rq->source, "file://", 7) != 0)
		return error_set(e, ERROR_USAGE,
		    "%s: not a http, https or file URL", shown);
	if (is_there(rq, shown))
		return 0;
	if (stop_check(e) < 0 || part_open(&part, rq->file, e) < 0)
		return -1;
	if (bring_right(rq, &part, shown, e) < 0) {
		if (is_full(e))
			return error_wrap(e, "%s: what was fetched is removed",
			    shown);
		return error_wrap(e, "%s", shown);
	}
	if (part_finish(&part, e) < 0) {
		if (is_full(e))
			part_discard(&part);
		return -1;
	}
	return 0;
}
