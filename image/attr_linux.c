/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <endian.h>
#include <errno.h>
#include <linux/fs.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/num.h"
#include "image/attr.h"

enum { VALUE_MAX = 65536, ACL_ENTRIES = 4096 };

static const char acl_prefix[] = "system.posix_acl_";

/* By their names in FreeBSD's archives, or in lsattr(1)'s words. */
static const struct flag {
	const char *name;
	int bit;
	bool late;		/* nothing can be changed under it */
} flags[] = {
	{ "schg", FS_IMMUTABLE_FL, true },
	{ "sappnd", FS_APPEND_FL, true },
	{ "nodump", FS_NODUMP_FL, false },
	{ "noatime", FS_NOATIME_FL, false },
	{ "sync", FS_SYNC_FL, false },
	{ "dirsync", FS_DIRSYNC_FL, false },
	{ "nocow", FS_NOCOW_FL, false },
	{ "compress", FS_COMPR_FL, false },
};

enum { FLAGS = sizeof(flags) / sizeof(*flags) };

/*
 * Labels of security modules are this host's, user.overlay.* and trusted.* are
 * of what lies below the jail's files.
 */
static bool
is_wanted(const char *name)
{
	if (strcmp(name, "security.capability") == 0)
		return true;
	return strncmp(name, "user.", 5) == 0 &&
	    strncmp(name, "user.overlay.", 13) != 0;
}

static ssize_t
get(const struct attr_file *f, const char *name, void *value, size_t size)
{
	return f->fd >= 0 ? fgetxattr(f->fd, name, value, size) :
	    lgetxattr(f->name, name, value, size);
}

/* "user::rw-,user:1000:r--:1000,mask::r--": numbers, no names. */
static int
acl_format(const unsigned char *value, size_t len, struct buf *text)
{
	static const struct {
		int tag;
		const char *word;
	} tags[] = {
		{ ACL_USER_OBJ, "user" }, { ACL_USER, "user" },
		{ ACL_GROUP_OBJ, "group" }, { ACL_GROUP, "group" },
		{ ACL_MASK, "mask" }, { ACL_OTHER, "other" },
	};
	struct posix_acl_xattr_entry entry;
	size_t at = sizeof(struct posix_acl_xattr_header);

	for (; at + sizeof(entry) <= len; at += sizeof(entry)) {
		int tag, perm;
		size_t i = 0;

		memcpy(&entry, value + at, sizeof(entry));
		tag = le16toh(entry.e_tag);
		perm = le16toh(entry.e_perm);
		while (i < 6 && tags[i].tag != tag)
			i++;
		if (i == 6)
			return -1;
		buf_printf(text, "%s%s:", text->len > 0 ? "," : "",
		    tags[i].word);
		if (tag == ACL_USER || tag == ACL_GROUP)
			buf_printf(text, "%u", le32toh(entry.e_id));
		buf_printf(text, ":%c%c%c", perm & 4 ? 'r' : '-',
		    perm & 2 ? 'w' : '-', perm & 1 ? 'x' : '-');
		if (tag == ACL_USER || tag == ACL_GROUP)
			buf_printf(text, ":%u", le32toh(entry.e_id));
	}
	return 0;
}

static int
read_one(const struct attr_file *f, const char *name, struct attrs *a,
    struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_FREE char *value = xrealloc(NULL, VALUE_MAX);
	size_t prefix = sizeof(acl_prefix) - 1;
	bool acl = strncmp(name, acl_prefix, prefix) == 0;
	ssize_t n;

	if (!acl && !is_wanted(name))
		return 0;
	n = get(f, name, value, VALUE_MAX);
	if (n < 0)
		return errno == ENODATA ? 0 : error_sys(e, "attribute %s",
		    name);
	if (!acl) {
		AUTO_FREE char *key = attr_key(name);

		attrs_add(a, key, value, (size_t)n);
		return 0;
	}
	AUTO_FREE char *key = xasprintf(ATTR_ACL "%s", name + prefix);
	if (acl_format((const unsigned char *)value, (size_t)n, &text) < 0)
		return error_set(e, ERROR_FAILED,
		    "its access control list has an unknown kind of entry");
	if (text.len > 0)
		attrs_add(a, key, text.data, text.len);
	return 0;
}

static void
read_flags(const struct attr_file *f, struct attrs *a)
{
	AUTO_BUF struct buf text = BUF_INIT;
	int bits = 0;

	if (f->fd < 0 || ioctl(f->fd, FS_IOC_GETFLAGS, &bits) < 0)
		return;
	for (size_t i = 0; i < FLAGS; i++)
		if ((bits & flags[i].bit) != 0)
			buf_printf(&text, "%s%s", text.len > 0 ? "," : "",
			    flags[i].name);
	if (text.len > 0)
		attrs_add(a, ATTR_FLAGS, text.data, text.len);
}

int
attr_read(const struct attr_file *f, struct attrs *a, struct error *e)
{
	char names[4096];
	AUTO_FREE char *more = NULL;
	const char *list = names;
	ssize_t n = f->fd >= 0 ? flistxattr(f->fd, names, sizeof(names)) :
	    llistxattr(f->name, names, sizeof(names));

	if (n < 0 && errno == ERANGE) {
		list = more = xrealloc(NULL, XATTR_LIST_MAX);
		n = f->fd >= 0 ? flistxattr(f->fd, more, XATTR_LIST_MAX) :
		    llistxattr(f->name, more, XATTR_LIST_MAX);
	}
	if (n < 0 && errno != EOPNOTSUPP)
		return error_sys(e, "attributes");
	for (const char *p = list; n > 0 && p < list + n; p += strlen(p) + 1)
		if (read_one(f, p, a, e) < 0)
			return -1;
	read_flags(f, a);
	return 0;
}

static int
set(const struct attr_file *f, const char *name, const void *value,
    size_t len, unsigned *lost, struct error *e)
{
	int rc = f->fd >= 0 ? fsetxattr(f->fd, name, value, len, 0) :
	    lsetxattr(f->name, name, value, len, 0);

	if (rc == 0)
		return 0;
	if (errno == EOPNOTSUPP || (errno == EPERM && geteuid() != 0)) {
		++*lost;
		return 0;
	}
	/* what the kernel does not take as a value is the archive's fault */
	if (errno == EINVAL || errno == EPERM || errno == ERANGE ||
	    errno == E2BIG)
		return error_set(e, ERROR_DATA, "attribute %.100s: %s", name,
		    strerror(errno));
	return error_sys(e, "attribute %.100s", name);
}

/* One entry, "user:1000:r--:1000" and what other writers make of it. */
static int
acl_parse_entry(char *text, struct posix_acl_xattr_entry *entry)
{
	struct error ignored = ERROR_INIT;
	char *field[4] = { NULL }, *rest = text;
	int tag, perm = 0;
	uint64_t id = (uint32_t)ACL_UNDEFINED_ID;
	size_t n = 0;

	while (n < 4 && (field[n] = strsep(&rest, ":")) != NULL)
		n++;
	if (n < 3 || rest != NULL)
		return -1;
	if (strcmp(field[0], "user") == 0)
		tag = *field[1] != '\0' ? ACL_USER : ACL_USER_OBJ;
	else if (strcmp(field[0], "group") == 0)
		tag = *field[1] != '\0' ? ACL_GROUP : ACL_GROUP_OBJ;
	else if (strcmp(field[0], "mask") == 0)
		tag = ACL_MASK;
	else if (strcmp(field[0], "other") == 0)
		tag = ACL_OTHER;
	else
		return -1;
	if ((tag == ACL_USER || tag == ACL_GROUP) && parse_uint(n > 3 ?
	    field[3] : field[1], 0, UINT32_MAX - 1, &id, &ignored) < 0)
		return -1;
	for (const char *p = field[2]; *p != '\0'; p++)
		perm |= *p == 'r' ? 4 : *p == 'w' ? 2 : *p == 'x' ? 1 :
		    *p == '-' ? 0 : 8;
	*entry = (struct posix_acl_xattr_entry){ htole16((uint16_t)tag),
		htole16((uint16_t)perm), htole32((uint32_t)id) };
	return perm < 8 ? 0 : -1;
}

static int
set_acl(const struct attr_file *f, const struct attr *a, unsigned *lost,
    struct error *e)
{
	const struct posix_acl_xattr_header head = {
		htole32(POSIX_ACL_XATTR_VERSION),
	};
	AUTO_BUF struct buf value = BUF_INIT;
	AUTO_FREE char *copy = xstrndup(a->value, a->len);
	AUTO_FREE char *name = xasprintf("%s%s", acl_prefix,
	    a->name + sizeof(ATTR_ACL) - 1);
	char *word, *rest = copy;
	unsigned count = 0;

	if (strcmp(name, "system.posix_acl_access") != 0 &&
	    strcmp(name, "system.posix_acl_default") != 0) {
		++*lost;	/* NFSv4's, of another system */
		return 0;
	}
	buf_append(&value, &head, sizeof(head));
	while ((word = strsep(&rest, ",\n")) != NULL) {
		struct posix_acl_xattr_entry entry;

		if (*word == '\0')
			continue;
		if (++count > ACL_ENTRIES || acl_parse_entry(word,
		    &entry) < 0)
			return error_set(e, ERROR_DATA,
			    "unreadable access control list");
		buf_append(&value, &entry, sizeof(entry));
	}
	return set(f, name, value.data, value.len, lost, e);
}

static int
flag_bits(const struct attr *a, bool late, unsigned *lost)
{
	AUTO_FREE char *copy = xstrndup(a->value, a->len);
	char *word, *rest = copy;
	int bits = 0;

	while ((word = strsep(&rest, ",")) != NULL) {
		size_t i = 0;

		while (i < FLAGS && strcmp(flags[i].name, word) != 0)
			i++;
		if (i == FLAGS)
			++*lost;
		else if (late || !flags[i].late)
			bits |= flags[i].bit;
	}
	return bits;
}

static int
set_flags(const struct attr_file *f, int bits, unsigned *lost,
    struct error *e)
{
	int now = 0;

	if (bits == 0)
		return 0;
	if (f->fd >= 0 && ioctl(f->fd, FS_IOC_GETFLAGS, &now) == 0) {
		now |= bits;
		if (ioctl(f->fd, FS_IOC_SETFLAGS, &now) == 0)
			return 0;
		if (errno != EOPNOTSUPP && errno != ENOTTY &&
		    errno != EINVAL && errno != EPERM)
			return error_sys(e, "flags");
	}
	++*lost;
	return 0;
}

int
attr_write(const struct attr_file *f, const struct attrs *a, unsigned *lost,
    struct error *e)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct attr *attr = &a->items[i];
		AUTO_FREE char *xattr = attr_name(attr->name);
		int rc = 0;

		if (xattr != NULL) {
			if (is_wanted(xattr))
				rc = set(f, xattr, attr->value, attr->len,
				    lost, e);
			else
				++*lost;
		} else if (strncmp(attr->name, ATTR_ACL,
		    sizeof(ATTR_ACL) - 1) == 0) {
			rc = set_acl(f, attr, lost, e);
		} else {
			rc = set_flags(f, flag_bits(attr, false, lost), lost,
			    e);
		}
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

	return f != NULL && flag_bits(f, true, &ignored) !=
	    flag_bits(f, false, &ignored);
}

int
attr_write_late(const struct attr_file *f, const struct attrs *a,
    unsigned *lost, struct error *e)
{
	const struct attr *attr = find_flags(a);
	unsigned ignored = 0;

	return attr == NULL ? 0 : set_flags(f, flag_bits(attr, true,
	    &ignored), lost, e);
}
