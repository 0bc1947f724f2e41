/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/xattr.h>
#endif

#include "base/attr.h"
#include "base/auto.h"
#include "base/vec.h"

enum { VALUE_MAX = 64 << 10, NAME_LEN = 255 };

/* One attribute of the string; NULL at its end, or where it is damaged. */
struct attr {
	const char *name;
	const char *value;
	size_t len;
};

static const char *
next_attr(const char *at, const char *end, struct attr *a)
{
	const uint8_t *p = (const uint8_t *)at;
	size_t name;

	if (end - at < 5)
		return NULL;
	a->len = p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16;
	a->name = at + 3;
	name = strnlen(a->name, (size_t)(end - a->name));
	if (name == 0 || name > NAME_LEN || a->len > VALUE_MAX ||
	    (size_t)(end - a->name) < name + 1 + a->len)
		return NULL;
	a->value = a->name + name + 1;
	return a->value + a->len;
}

/* Of security modules and of overlay(5) none is the file's. */
static bool
wanted(const char *name)
{
	return (strncmp(name, "user.", 5) == 0 &&
	    strncmp(name, "user.overlay.", 13) != 0) ||
	    (strncmp(name, "trusted.", 8) == 0 &&
	    strncmp(name, "trusted.overlay.", 16) != 0) ||
	    strcmp(name, "security.capability") == 0 ||
	    strncmp(name, "system.posix_acl_", 17) == 0;
}

bool
attr_check(const void *data, size_t len)
{
	const char *at = len > 0 ? data : "", *end = at + len, *last = "";
	struct attr a;

	while (at < end) {
		at = next_attr(at, end, &a);
		if (at == NULL || !wanted(a.name) || strcmp(a.name, last) <= 0)
			return false;
		last = a.name;
	}
	return true;
}

void
attr_tame(struct buf *attrs)
{
	AUTO_BUF struct buf kept = BUF_INIT;
	const char *at = buf_text(attrs), *end = at + attrs->len, *next;
	struct attr a;

	if (attrs->len == 0)
		return;
	while ((next = next_attr(at, end, &a)) != NULL) {
		if (strncmp(a.name, "security.", 9) != 0 &&
		    strncmp(a.name, "trusted.", 8) != 0)
			buf_append(&kept, at, (size_t)(next - at));
		at = next;
	}
	buf_clear(attrs);
	buf_append(attrs, kept.data, kept.len);
}

#ifdef __linux__
/* What carries attributes: an open file, or a path for what is not opened. */
struct bearer {
	int fd;
	const char *path;	/* NULL: fd */
	char text[320];
};

static void
bearer_init(struct bearer *b, int dirfd, const char *name)
{
	b->fd = dirfd;
	b->path = NULL;
	if (name == NULL)
		return;
	snprintf(b->text, sizeof(b->text), "/proc/self/fd/%d/%s", dirfd, name);
	b->path = b->text;
}

static ssize_t
get(const struct bearer *b, const char *name, char *value, size_t size)
{
	if (b->path != NULL)
		return name == NULL ? llistxattr(b->path, value, size) :
		    lgetxattr(b->path, name, value, size);
	return name == NULL ? flistxattr(b->fd, value, size) :
	    fgetxattr(b->fd, name, value, size);
}

/* The wanted names, sorted. */
static int
names_of(const struct bearer *b, struct strings *names)
{
	AUTO_FREE char *list = NULL;
	char few[256];
	ssize_t n = get(b, NULL, few, sizeof(few));
	const char *at = few;

	if (n < 0 && errno == ERANGE) {
		list = xcalloc(1, VALUE_MAX + 1);
		n = get(b, NULL, list, VALUE_MAX);
		at = list;
	}
	if (n < 0)
		return errno == EOPNOTSUPP ? 0 : -1;
	for (const char *end = at + n; at < end; at += strlen(at) + 1)
		if (wanted(at))
			strings_add(names, at);
	strings_sort(names);
	return 0;
}

int
attr_read(int dirfd, const char *name, struct buf *out)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct bearer b;

	bearer_init(&b, dirfd, name);
	if (names_of(&b, &names) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_FREE char *value = xcalloc(1, VALUE_MAX);
		ssize_t n = get(&b, names.items[i], value, VALUE_MAX);
		size_t len = (size_t)n;
		char head[3];

		if (n < 0 && errno == ENODATA)
			continue;
		if (n < 0)
			return -1;
		for (unsigned k = 0; k < 3; k++)
			head[k] = (char)(len >> (8 * k));
		buf_append(out, head, sizeof(head));
		buf_append(out, names.items[i], strlen(names.items[i]) + 1);
		buf_append(out, value, len);
	}
	return 0;
}

static int
set(const struct bearer *b, const struct attr *a)
{
	return b->path != NULL ?
	    lsetxattr(b->path, a->name, a->value, a->len, 0) :
	    fsetxattr(b->fd, a->name, a->value, a->len, 0);
}

static int
drop(const struct bearer *b, const char *name)
{
	return b->path != NULL ? lremovexattr(b->path, name) :
	    fremovexattr(b->fd, name);
}

int
attr_write(int dirfd, const char *name, const void *data, size_t len)
{
	AUTO_STRINGS struct strings there = VEC_INIT, named = VEC_INIT;
	const char *at = len > 0 ? data : "", *end = at + len;
	bool root = geteuid() == 0;
	struct bearer b;

	if (!attr_check(data, len)) {
		errno = EINVAL;
		return -1;
	}
	bearer_init(&b, dirfd, name);
	if (names_of(&b, &there) < 0)
		return -1;
	for (struct attr a; at < end && (at = next_attr(at, end, &a)) != NULL;) {
		strings_add(&named, a.name);
		if (set(&b, &a) < 0 && (root || errno != EPERM))
			return -1;
	}
	for (size_t i = 0; i < there.count; i++)
		if (strings_index(&named, there.items[i]) < 0 &&
		    drop(&b, there.items[i]) < 0 && errno != ENODATA &&
		    (root || errno != EPERM))
			return -1;
	return 0;
}
#else
int
attr_read(int dirfd, const char *name, struct buf *out)
{
	return 0;
}

int
attr_write(int dirfd, const char *name, const void *data, size_t len)
{
	if (attr_check(data, len))
		return 0;
	errno = EINVAL;
	return -1;
}
#endif
