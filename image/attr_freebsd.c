/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <sys/types.h>
#include <sys/acl.h>
#include <sys/extattr.h>
#include <sys/stat.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "image/attr.h"

/* Nothing can be changed under these. */
static const u_long late_flags = SF_IMMUTABLE | SF_APPEND | SF_NOUNLINK |
    UF_IMMUTABLE | UF_APPEND | UF_NOUNLINK;

static const struct acl_kind {
	const char *key;
	acl_type_t type;
} acl_kinds[] = {
	{ ATTR_ACL "access", ACL_TYPE_ACCESS },
	{ ATTR_ACL "default", ACL_TYPE_DEFAULT },
	{ ATTR_ACL "ace", ACL_TYPE_NFS4 },
};

enum { ACL_KINDS = sizeof(acl_kinds) / sizeof(*acl_kinds) };

static ssize_t
list(const struct attr_file *f, char *names, size_t size)
{
	return f->fd >= 0 ? extattr_list_fd(f->fd, EXTATTR_NAMESPACE_USER,
	    names, size) : extattr_list_link(f->name, EXTATTR_NAMESPACE_USER,
	    names, size);
}

static ssize_t
get(const struct attr_file *f, const char *name, void *value, size_t size)
{
	return f->fd >= 0 ? extattr_get_fd(f->fd, EXTATTR_NAMESPACE_USER,
	    name, value, size) : extattr_get_link(f->name,
	    EXTATTR_NAMESPACE_USER, name, value, size);
}

static int
read_one(const struct attr_file *f, const char *name, struct attrs *a,
    struct error *e)
{
	AUTO_FREE char *linux_name = xasprintf("user.%s", name);
	AUTO_FREE char *key = attr_key(linux_name);
	ssize_t size = get(f, name, NULL, 0);
	AUTO_FREE char *value = xrealloc(NULL, size > 0 ? (size_t)size : 1);

	if (size > 0)
		size = get(f, name, value, (size_t)size);
	if (size < 0)
		return errno == ENOATTR ? 0 : error_sys(e, "attribute %s",
		    name);
	attrs_add(a, key, value, (size_t)size);
	return 0;
}

/* One byte of length, then the name, and so on. */
static int
read_attributes(const struct attr_file *f, struct attrs *a, struct error *e)
{
	ssize_t size = list(f, NULL, 0);
	AUTO_FREE char *names = xrealloc(NULL, size > 0 ? (size_t)size : 1);

	if (size > 0)
		size = list(f, names, (size_t)size);
	if (size < 0)
		return errno == EOPNOTSUPP || errno == EPERM ? 0 :
		    error_sys(e, "attributes");
	for (ssize_t i = 0; i < size;) {
		size_t len = (unsigned char)names[i];
		AUTO_FREE char *name = xstrndup(names + i + 1, len);

		if (read_one(f, name, a, e) < 0)
			return -1;
		i += (ssize_t)len + 1;
	}
	return 0;
}

static void
read_acls(const struct attr_file *f, struct attrs *a)
{
	for (size_t i = 0; i < ACL_KINDS; i++) {
		acl_type_t type = acl_kinds[i].type;
		acl_t acl = f->fd >= 0 ? acl_get_fd_np(f->fd, type) :
		    acl_get_link_np(f->name, type);
		int trivial = 1;
		char *text = NULL;

		if (acl == NULL)
			continue;
		if (acl_is_trivial_np(acl, &trivial) == 0 && !trivial)
			text = acl_to_text_np(acl, NULL, ACL_TEXT_NUMERIC_IDS);
		for (char *p = text; p != NULL && *p != '\0'; p++)
			if (*p == '\n')
				*p = ',';
		if (text != NULL)
			attrs_add(a, acl_kinds[i].key, text, strlen(text));
		acl_free(text);
		acl_free(acl);
	}
}

int
attr_read(const struct attr_file *f, struct attrs *a, struct error *e)
{
	struct stat st;
	int rc = f->fd >= 0 ? fstat(f->fd, &st) : lstat(f->name, &st);

	if (rc < 0)
		return error_sys(e, "status");
	if (read_attributes(f, a, e) < 0)
		return -1;
	read_acls(f, a);
	if (st.st_flags != 0) {
		char *text = fflagstostr(st.st_flags);

		if (text != NULL && *text != '\0')
			attrs_add(a, ATTR_FLAGS, text, strlen(text));
		free(text);
	}
	return 0;
}

static int
set_attribute(const struct attr_file *f, const char *name,
    const struct attr *a, unsigned *lost, struct error *e)
{
	ssize_t n;

	/* capabilities of Linux mean nothing here */
	if (strncmp(name, "user.", 5) != 0) {
		++*lost;
		return 0;
	}
	n = f->fd >= 0 ? extattr_set_fd(f->fd, EXTATTR_NAMESPACE_USER,
	    name + 5, a->value, a->len) : extattr_set_link(f->name,
	    EXTATTR_NAMESPACE_USER, name + 5, a->value, a->len);
	if (n >= 0)
		return 0;
	if (errno == EOPNOTSUPP || errno == EPERM) {
		++*lost;
		return 0;
	}
	if (errno == EINVAL || errno == ENAMETOOLONG)
		return error_set(e, ERROR_DATA, "attribute %.100s: %s", name,
		    strerror(errno));
	return error_sys(e, "attribute %.100s", name);
}

static int
set_acl(const struct attr_file *f, const struct attr *a, unsigned *lost,
    struct error *e)
{
	size_t i = 0;
	acl_t acl;
	int rc;

	while (i < ACL_KINDS && strcmp(acl_kinds[i].key, a->name) != 0)
		i++;
	acl = i < ACL_KINDS ? acl_from_text(a->value) : NULL;
	if (acl == NULL)
		return error_set(e, ERROR_DATA,
		    "unreadable access control list");
	rc = f->fd >= 0 ? acl_set_fd_np(f->fd, acl, acl_kinds[i].type) :
	    acl_set_link_np(f->name, acl_kinds[i].type, acl);
	acl_free(acl);
	if (rc < 0 && errno != EOPNOTSUPP && errno != EINVAL)
		return error_sys(e, "access control list");
	*lost += rc < 0;
	return 0;
}

static u_long
parse_flags(const struct attr *a, unsigned *lost)
{
	AUTO_FREE char *copy = xstrndup(a->value, a->len);
	u_long flags = 0;
	char *word, *rest = copy;

	while ((word = strsep(&rest, ",")) != NULL) {
		u_long set = 0, clear = 0;
		char *p = word;

		if (strtofflags(&p, &set, &clear) != 0)
			++*lost;
		flags |= set;
	}
	return flags;
}

static int
set_flags(const struct attr_file *f, u_long flags, unsigned *lost,
    struct error *e)
{
	int rc;

	if (flags == 0)
		return 0;
	rc = f->fd >= 0 ? fchflags(f->fd, flags) : lchflags(f->name, flags);
	if (rc < 0 && errno != EOPNOTSUPP && errno != EPERM)
		return error_sys(e, "flags");
	*lost += rc < 0;
	return 0;
}

int
attr_write(const struct attr_file *f, const struct attrs *a, unsigned *lost,
    struct error *e)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct attr *attr = &a->items[i];
		AUTO_FREE char *name = attr_name(attr->name);
		int rc;

		if (name != NULL)
			rc = set_attribute(f, name, attr, lost, e);
		else if (strcmp(attr->name, ATTR_FLAGS) == 0)
			rc = set_flags(f, parse_flags(attr, lost) &
			    ~late_flags, lost, e);
		else
			rc = set_acl(f, attr, lost, e);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static const struct attr *
find_flags(const struct attrs *a)
{
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i].name, ATTR_FLAGS) == 0)
			return &a->items[i];
	return NULL;
}

bool
attr_late(const struct attrs *a)
{
	const struct attr *f = find_flags(a);
	unsigned ignored = 0;

	return f != NULL && (parse_flags(f, &ignored) & late_flags) != 0;
}

int
attr_write_late(const struct attr_file *f, const struct attrs *a,
    unsigned *lost, struct error *e)
{
	const struct attr *attr = find_flags(a);
	unsigned ignored = 0;

	return attr == NULL ? 0 : set_flags(f, parse_flags(attr, &ignored),
	    lost, e);
}
