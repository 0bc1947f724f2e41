/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* As base/spawn.c, one of the few files that ask which system this is. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifndef __linux__
#include <sys/param.h>
#include <sys/ucred.h>
#include <sys/mount.h>
#endif

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mounts.h"

static bool
is_below(const char *point, const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	if (strncmp(point, path, len) != 0)
		return false;
	return len == 1 || point[len] == '\0' || point[len] == '/';
}

static bool
is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The kernel writes space, tab, newline and backslash as \040 and so on. */
void
mounts_unescape(char *text)
{
	char *to = text;

	while (*text != '\0') {
		if (text[0] == '\\' && is_octal(text[1]) &&
		    is_octal(text[2]) && is_octal(text[3])) {
			*to++ = (char)((text[1] - '0') << 6 |
			    (text[2] - '0') << 3 | (text[3] - '0'));
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

void
mounts_parse(char *text, const char *path, struct strings *points)
{
	enum { POINT_FIELD = 5 };
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		char *field = NULL;

		for (int i = 0; i < POINT_FIELD; i++)
			field = strsep(&line, " ");
		if (field == NULL)
			continue;
		mounts_unescape(field);
		if (is_below(field, path))
			strings_add(points, field);
	}
}

#ifdef __linux__
int
mounts_below(const char *path, struct strings *points, struct error *e)
{
	enum { MOUNTINFO_MAX = 64 << 20 };
	AUTO_BUF struct buf text = BUF_INIT;

	if (file_read(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &text,
	    e) < 0)
		return -1;
	mounts_parse(text.data, path, points);
	return 0;
}

/* "fuse.zfs" is of type zfs as well. */
static bool
is_type(const char *text, const char *type)
{
	return strcmp(text, type) == 0 || (strncmp(text, "fuse.", 5) == 0 &&
	    strcmp(text + 5, type) == 0);
}

/* "64 26 0:40 / /mnt rw,relatime shared:1 - fuse.zfs tank rw" */
static void
take_source(char *line, const char *path, const char *type, char **source,
    char **point)
{
	enum { ROOT = 3, POINT = 4, BEFORE = 6 };
	char *fields[BEFORE], *field, *fs, *from;

	for (int i = 0; i < BEFORE; i++)
		if ((fields[i] = strsep(&line, " ")) == NULL)
			return;
	mounts_unescape(fields[POINT]);
	if (!is_below(path, fields[POINT]) || (*point != NULL &&
	    strlen(*point) > strlen(fields[POINT])))
		return;
	while ((field = strsep(&line, " ")) != NULL && strcmp(field, "-") != 0)
		;
	fs = strsep(&line, " ");
	from = strsep(&line, " ");
	free(*source);
	free(*point);
	*source = NULL;
	*point = xstrdup(fields[POINT]);
	if (from != NULL && is_type(fs, type) &&
	    strcmp(fields[ROOT], "/") == 0) {
		mounts_unescape(from);
		*source = xstrdup(from);
	}
}

int
mounts_source(const char *path, const char *type, char **source, char **point,
    struct error *e)
{
	enum { MOUNTINFO_MAX = 64 << 20 };
	AUTO_BUF struct buf text = BUF_INIT;
	char *line, *rest;

	*source = *point = NULL;
	if (file_read(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &text,
	    e) < 0)
		return -1;
	rest = text.data;
	while ((line = strsep(&rest, "\n")) != NULL)
		take_source(line, path, type, source, point);
	if (*source == NULL) {
		free(*point);
		*point = NULL;
	}
	return 0;
}
#else
int
mounts_source(const char *path, const char *type, char **source, char **point,
    struct error *e)
{
	struct statfs fs;

	*source = *point = NULL;
	if (statfs(path, &fs) < 0)
		return error_sys(e, "%s", path);
	if (strcmp(fs.f_fstypename, type) == 0) {
		*source = xstrdup(fs.f_mntfromname);
		*point = xstrdup(fs.f_mntonname);
	}
	return 0;
}

int
mounts_below(const char *path, struct strings *points, struct error *e)
{
	struct statfs *table;
	int count = getmntinfo(&table, MNT_NOWAIT);

	if (count == 0)
		return error_sys(e, "list of mounts");
	for (int i = 0; i < count; i++)
		if (is_below(table[i].f_mntonname, path))
			strings_add(points, table[i].f_mntonname);
	return 0;
}
#endif

int
mounts_refuse_below(const char *path, struct error *e)
{
	AUTO_STRINGS struct strings points = VEC_INIT;

	if (mounts_below(path, &points, e) < 0)
		return -1;
	if (points.count == 0)
		return 0;
	return error_set(e, ERROR_BUSY, "%s is mounted; 'umount %s' first",
	    points.items[0], points.items[points.count - 1]);
}
