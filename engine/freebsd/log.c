/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* run/mounts/NAME: what has to be undone, whatever happens to us. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "engine/freebsd/freebsd.h"

static int run_fd = -1;		/* core's, open as long as we run */

void
log_directory(int run_dir)
{
	run_fd = run_dir;
}

static char *
log_path(const char *key)
{
	return xasprintf("mounts/%s", key_name(key));
}

static int
append(int fd, const char *line, struct error *e)
{
	AUTO_FREE char *text = xasprintf("%s\n", line);

	return file_write_fd(fd, text, strlen(text), e);
}

int
log_begin(const char *key, const char *root, struct error *e)
{
	AUTO_FREE char *path = log_path(key);
	AUTO_FREE char *line = xasprintf("root %s", root);
	AUTO_CLOSE int fd = -1;

	if (mkdirat(run_fd, "mounts", 0700) < 0 && errno != EEXIST)
		return error_sys(e, "run/mounts");
	fd = openat(run_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND |
	    O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_sys(e, "run/%s", path);
	return append(fd, line, e);
}

int
log_add(const char *key, const char *line, struct error *e)
{
	AUTO_FREE char *path = log_path(key);
	AUTO_CLOSE int fd = openat(run_fd, path,
	    O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return error_sys(e, "run/%s", path);
	return append(fd, line, e);
}

void
log_fini(struct log *l)
{
	free(l->root);
	free(l->mark);
	for (size_t i = 0; i < l->mounts.count; i++) {
		free(l->mounts.items[i].type);
		free(l->mounts.items[i].on);
	}
	VEC_FINI(&l->mounts);
	strings_fini(&l->rules);
	strings_fini(&l->passed);
	*l = (struct log)LOG_INIT;
}

static void
parse_line(char *line, struct log *l)
{
	char *value = strchr(line, ' ');
	char *path;

	if (value == NULL)
		return;
	*value++ = '\0';
	if (strcmp(line, "root") == 0) {
		free(l->root);
		l->root = xstrdup(value);
	} else if (strcmp(line, "mark") == 0) {
		free(l->mark);
		l->mark = xstrdup(value);
	} else if (strcmp(line, "rule") == 0) {
		strings_add(&l->rules, value);
	} else if (strcmp(line, "pass") == 0) {
		strings_add(&l->passed, value);
	} else if (strcmp(line, "mount") == 0 &&
	    (path = strchr(value, ' ')) != NULL) {
		*path++ = '\0';
		VEC_PUSH(&l->mounts, (struct log_mount){ 0, xstrdup(value),
		    xstrdup(path) });
	} else if (strcmp(line, "id") == 0 && l->mounts.count > 0) {
		l->mounts.items[l->mounts.count - 1].id =
		    strtoull(value, NULL, 16);
	}
}

int
log_read(const char *key, struct log *l, struct error *e)
{
	AUTO_FREE char *path = log_path(key);
	AUTO_BUF struct buf text = BUF_INIT;
	char *line, *rest;

	*l = (struct log)LOG_INIT;
	if (file_read(run_fd, path, 1 << 20, &text, e) < 0) {
		if (e->sys_errno != ENOENT)
			return -1;
		error_clear(e);
		return 0;
	}
	rest = text.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL)
		/* a line without its end was not written whole */
		if (rest != NULL)
			parse_line(line, l);
	return 0;
}

int
log_remove(const char *key, struct error *e)
{
	AUTO_FREE char *path = log_path(key);

	if (unlinkat(run_fd, path, 0) < 0 && errno != ENOENT)
		return error_sys(e, "run/%s", path);
	return 0;
}

int
log_names(struct strings *names, struct error *e)
{
	AUTO_CLOSE int fd = file_opendir(run_fd, "mounts", e);
	const struct dirent *d;

	if (fd < 0 && e->sys_errno == ENOENT) {
		error_clear(e);
		return 0;
	}
	if (fd < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "run/mounts");
	fd = -1;
	while ((d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.')
			strings_add(names, d->d_name);
	strings_sort(names);
	return 0;
}
