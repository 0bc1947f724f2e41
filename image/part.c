/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "image/part.h"

enum { MAX_INFO = 16384 };

static void
forget_origin(struct part *part)
{
	free(part->url);
	free(part->etag);
	free(part->modified);
	part->url = part->etag = part->modified = NULL;
}

static char *
known(const char *text)
{
	return text != NULL && *text != '\0' ? xstrdup(text) : NULL;
}

/* "url ...", "etag ...", "modified ...", a line each. */
static void
load_info(struct part *part)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error e = ERROR_INIT;
	char *line, *next;

	if (file_read(AT_FDCWD, part->info, MAX_INFO, &text, &e) < 0)
		return;
	for (line = text.data; line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (strncmp(line, "url ", 4) == 0 && part->url == NULL)
			part->url = known(line + 4);
		if (strncmp(line, "etag ", 5) == 0 && part->etag == NULL)
			part->etag = known(line + 5);
		if (strncmp(line, "modified ", 9) == 0 &&
		    part->modified == NULL)
			part->modified = known(line + 9);
	}
}

static int
save_info(const struct part *part, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	buf_printf(&text, "url %s\n", part->url);
	if (part->etag != NULL)
		buf_printf(&text, "etag %s\n", part->etag);
	if (part->modified != NULL)
		buf_printf(&text, "modified %s\n", part->modified);
	/* A URL may have a password in it. */
	return file_replace(AT_FDCWD, part->info, text.data, text.len, 0600,
	    FILE_VOLATILE, e);
}

/*
 * The lock is on the part itself.  Whoever held it may have renamed or removed
 * it meanwhile, so the name is looked at again.
 */
static int
open_locked(struct part *part, struct stat *st, struct error *e)
{
	struct stat named;

	for (;;) {
		AUTO_CLOSE int fd = open(part->path,
		    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

		if (fd < 0)
			return error_sys(e, "%s", part->path);
		if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			if (errno == EWOULDBLOCK)
				return error_set(e, ERROR_BUSY,
				    "%s: another process is fetching it",
				    part->file);
			return error_sys(e, "lock %s", part->path);
		}
		if (fstat(fd, st) < 0)
			return error_sys(e, "%s", part->path);
		if (!S_ISREG(st->st_mode))
			return error_set(e, ERROR_DATA,
			    "%s: not a regular file", part->path);
		if (lstat(part->path, &named) == 0 &&
		    named.st_ino == st->st_ino && named.st_dev == st->st_dev)
			return steal_fd(&fd);
	}
}

int
part_open(struct part *part, const char *file, struct error *e)
{
	struct stat st;

	part->file = xstrdup(file);
	part->path = xasprintf("%s.part", file);
	part->info = xasprintf("%s.part.info", file);
	part->fd = open_locked(part, &st, e);
	if (part->fd < 0)
		return -1;
	part->size = (uint64_t)st.st_size;
	load_info(part);
	return 0;
}

void
part_close(struct part *part)
{
	close_fd(&part->fd);
	forget_origin(part);
	free(part->file);
	free(part->path);
	free(part->info);
	part->file = part->path = part->info = NULL;
}

const char *
part_validator(const struct part *part)
{
	/* A weak ETag does not promise the same bytes. */
	if (part->etag != NULL && strncmp(part->etag, "W/", 2) != 0)
		return part->etag;
	return part->modified != NULL ? part->modified : "";
}

int
part_restart(struct part *part, const char *url, const char *etag,
    const char *modified, struct error *e)
{
	/* In this order: never old bytes beside a new origin. */
	if (ftruncate(part->fd, 0) < 0)
		return error_sys(e, "%s", part->path);
	part->size = 0;
	forget_origin(part);
	part->url = xstrdup(url);
	part->etag = known(etag);
	part->modified = known(modified);
	return save_info(part, e);
}

int
part_append(struct part *part, const void *data, size_t len, struct error *e)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = pwrite(part->fd, p, len, (off_t)part->size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(e, "%s", part->path);
		p += n;
		len -= (size_t)n;
		part->size += (uint64_t)n;
	}
	return 0;
}

int
part_finish(struct part *part, struct error *e)
{
	const char *slash = strrchr(part->file, '/');
	AUTO_FREE char *dir = slash == NULL ? xstrdup(".") :
	    xstrndup(part->file, (size_t)(slash - part->file + 1));

	if (fchmod(part->fd, 0644) < 0)
		return error_sys(e, "chmod %s", part->path);
	if (fsync(part->fd) < 0)
		return error_sys(e, "fsync %s", part->path);
	if (rename(part->path, part->file) < 0)
		return error_sys(e, "rename to %s", part->file);
	unlink(part->info);
	return file_sync_dir(AT_FDCWD, dir, e);
}

void
part_discard(struct part *part)
{
	unlink(part->path);
	unlink(part->info);
}
