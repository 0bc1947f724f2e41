/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/xattr.h>
#endif

#include "base/auto.h"
#include "base/path.h"
#include "base/vec.h"

#ifdef __linux__
/* What overlay(5) notes is of the layer, not of the file. */
static bool
counts(const char *name)
{
	return (strncmp(name, "user.", 5) == 0 &&
	    strncmp(name, "user.overlay.", 13) != 0) ||
	    strcmp(name, "security.capability") == 0 ||
	    strncmp(name, "system.posix_acl_", 17) == 0;
}

static int
attribute_names(int fd, struct strings *names)
{
	ssize_t size = flistxattr(fd, NULL, 0);
	AUTO_FREE char *list = NULL;

	if (size < 0)
		return errno == EOPNOTSUPP ? 0 : -1;
	list = xcalloc(1, (size_t)size + 1);
	if (size > 0)
		size = flistxattr(fd, list, (size_t)size);
	if (size < 0)
		return -1;
	for (const char *n = list; n < list + size; n += strlen(n) + 1)
		if (counts(n))
			strings_add(names, n);
	strings_sort(names);
	return 0;
}

static bool
same_attribute(int a, int b, const char *name)
{
	ssize_t size = fgetxattr(a, name, NULL, 0);
	AUTO_FREE char *x = NULL;
	AUTO_FREE char *y = NULL;

	if (size < 0 || fgetxattr(b, name, NULL, 0) != size)
		return false;
	x = xcalloc(1, (size_t)size + 1);
	y = xcalloc(1, (size_t)size + 1);
	return fgetxattr(a, name, x, (size_t)size) == size &&
	    fgetxattr(b, name, y, (size_t)size) == size &&
	    memcmp(x, y, (size_t)size) == 0;
}

static bool
same_attributes(int a, int b)
{
	AUTO_STRINGS struct strings x = VEC_INIT, y = VEC_INIT;

	if (attribute_names(a, &x) < 0 || attribute_names(b, &y) < 0 ||
	    x.count != y.count)
		return false;
	for (size_t i = 0; i < x.count; i++)
		if (strcmp(x.items[i], y.items[i]) != 0 ||
		    !same_attribute(a, b, x.items[i]))
			return false;
	return true;
}
#else
static bool
same_attributes(int a, int b)
{
	return true;
}
#endif

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool
path_same_status(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 &&
	    x.st_mode == y.st_mode && x.st_uid == y.st_uid &&
	    x.st_gid == y.st_gid && same_time(&x.st_mtim, &y.st_mtim) &&
	    same_attributes(a, b);
}
