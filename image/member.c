/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/vec.h"
#include "image/member.h"

enum { MAX_COMPONENTS = 255 };

/*
 * The plain form of a name, which must lead nowhere but down.  "/", "/x" and
 * any ".." are refused instead of cleaned: an archive that has them was made
 * to do harm, or not made for this.
 */
static int
plain_name(const char *name, struct buf *plain, struct error *e)
{
	unsigned components = 0;

	if (*name == '\0')
		return error_set(e, ERROR_DATA, "empty name");
	if (*name == '/')
		return error_set(e, ERROR_DATA, "absolute name");
	if (strlen(name) >= PATH_MAX)
		return error_set(e, ERROR_DATA, "name too long");
	while (*name != '\0') {
		size_t len = strcspn(name, "/");

		if (len == 2 && strncmp(name, "..", 2) == 0)
			return error_set(e, ERROR_DATA, "name with '..'");
		if (len > NAME_MAX)
			return error_set(e, ERROR_DATA, "name too long");
		if (len > 0 && !(len == 1 && *name == '.')) {
			if (plain->len > 0)
				buf_putc(plain, '/');
			buf_append(plain, name, len);
			if (++components > MAX_COMPONENTS)
				return error_set(e, ERROR_DATA,
				    "too many directories");
		}
		name += len + (name[len] == '/');
	}
	if (plain->len == 0)
		buf_puts(plain, ".");
	return 0;
}

/*
 * No component above the last may be anything but a directory: a link there
 * would lead what is written elsewhere.  What does not exist yet is made by
 * the writer.
 */
static int
check_parents(struct member_check *check, const char *name, struct error *e)
{
	const char *slash = strrchr(name, '/');
	size_t len = slash != NULL ? (size_t)(slash - name) : 0;
	char path[PATH_MAX];
	struct stat st;

	if (len == 0 || (strncmp(check->parent, name, len) == 0 &&
	    check->parent[len] == '\0'))
		return 0;
	for (size_t i = 1; i <= len; i++) {
		if (name[i] != '/')
			continue;
		memcpy(path, name, i);
		path[i] = '\0';
		if (lstat(path, &st) < 0) {
			if (errno == ENOENT)
				return 0;
			return error_sys(e, "look at the directory above");
		}
		if (!S_ISDIR(st.st_mode))
			return error_set(e, ERROR_DATA, "below a %s",
			    S_ISLNK(st.st_mode) ? "symbolic link" : "file");
	}
	memcpy(check->parent, name, len);
	check->parent[len] = '\0';
	return 0;
}

/* A hard link must lead to a regular file that this tree has already. */
static int
check_hardlink(struct archive_entry *entry, const char *name,
    enum member_verdict *verdict, struct error *e)
{
	AUTO_BUF struct buf target = BUF_INIT;
	struct member_check check = { .lost = 0 };
	struct stat st, mine;

	if (plain_name(archive_entry_hardlink(entry), &target, e) < 0 ||
	    check_parents(&check, target.data, e) < 0)
		return error_wrap(e, "hard link");
	if (lstat(target.data, &st) < 0)
		return error_set(e, ERROR_DATA,
		    "hard link to a file that is not in the archive");
	if (!S_ISREG(st.st_mode))
		return error_set(e, ERROR_DATA, "hard link to a %s",
		    S_ISLNK(st.st_mode) ? "symbolic link" : "special file");
	if (lstat(name, &mine) == 0) {
		if (mine.st_ino != st.st_ino || mine.st_dev != st.st_dev)
			return error_set(e, ERROR_DATA,
			    "hard link with the name of another member");
		*verdict = MEMBER_SKIP;
	}
	archive_entry_copy_hardlink(entry, target.data);
	return 0;
}

/*
 * A name that comes twice: files replace files, directories stay, and a link
 * may say the same again.  Anything else would change what the first one was.
 */
static int
check_duplicate(struct archive_entry *entry, const char *name,
    enum member_verdict *verdict, struct error *e)
{
	mode_t type = archive_entry_filetype(entry);
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (lstat(name, &st) < 0)
		return errno == ENOENT ? 0 : error_sys(e, "look at it");
	if ((st.st_mode & S_IFMT) == type) {
		if (type == S_IFREG || type == S_IFDIR)
			return 0;
		n = type == S_IFLNK ? readlink(name, target, sizeof(target)) :
		    -1;
		if (n >= 0 && (size_t)n < sizeof(target)) {
			target[n] = '\0';
			if (strcmp(archive_entry_symlink(entry), target) == 0) {
				*verdict = MEMBER_SKIP;
				return 0;
			}
		}
	}
	return error_set(e, ERROR_DATA, "comes twice, as different things");
}

static int
check_type(struct archive_entry *entry, const char *name,
    enum member_verdict *verdict, struct error *e)
{
	const char *symlink;

	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		if (!archive_entry_size_is_set(entry) ||
		    archive_entry_size(entry) < 0)
			return error_set(e, ERROR_DATA, "file without a size");
		break;
	case AE_IFDIR:
		return 0;
	case AE_IFIFO:
		break;
	case AE_IFLNK:
		symlink = archive_entry_symlink(entry);
		if (symlink == NULL || *symlink == '\0')
			return error_set(e, ERROR_DATA, "link to nothing");
		if (strlen(symlink) >= PATH_MAX)
			return error_set(e, ERROR_DATA, "link too long");
		break;
	case AE_IFCHR:
	case AE_IFBLK:
		/* Tarballs of a whole system have some; jails get their own. */
		if (strncmp(name, "dev/", 4) != 0)
			return error_set(e, ERROR_DATA, "device node");
		*verdict = MEMBER_DEVICE;
		break;
	default:
		return error_set(e, ERROR_DATA, "unknown kind of file");
	}
	if (strcmp(name, ".") == 0)
		return error_set(e, ERROR_DATA, "the root must be a directory");
	return 0;
}

/*
 * Attributes that the kernel trusts (trusted.*, user.overlay.*: what an
 * overlay hides; security.ima, security.selinux: this host's policy) are not
 * taken from an archive.
 */
static bool
attribute_is_wanted(const char *name)
{
	if (strcmp(name, "security.capability") == 0)
		return true;
	return strncmp(name, "user.", 5) == 0 &&
	    strncmp(name, "user.overlay.", 13) != 0;
}

static void
filter_attributes(struct archive_entry *entry)
{
	struct archive_entry *kept;
	const char *name;
	const void *value;
	size_t size;

	if (archive_entry_xattr_reset(entry) == 0)
		return;
	kept = archive_entry_new();
	while (archive_entry_xattr_next(entry, &name, &value, &size) ==
	    ARCHIVE_OK) {
		if (attribute_is_wanted(name))
			archive_entry_xattr_add_entry(kept, name, value, size);
	}
	archive_entry_xattr_clear(entry);
	archive_entry_xattr_reset(kept);
	while (archive_entry_xattr_next(kept, &name, &value, &size) ==
	    ARCHIVE_OK)
		archive_entry_xattr_add_entry(entry, name, value, size);
	archive_entry_free(kept);
}

/*
 * An access list that names users or groups without their numbers means those
 * of the archive's passwd file, not ours: it is left out, the mode stays.
 */
static void
filter_acl(struct member_check *check, struct archive_entry *entry)
{
	const int types = ARCHIVE_ENTRY_ACL_TYPE_POSIX1E |
	    ARCHIVE_ENTRY_ACL_TYPE_NFS4;
	int type, permset, tag, id;
	const char *name;

	if (archive_entry_acl_reset(entry, types) == 0)
		return;
	while (archive_entry_acl_next(entry, types, &type, &permset, &tag, &id,
	    &name) == ARCHIVE_OK) {
		if ((tag == ARCHIVE_ENTRY_ACL_USER ||
		    tag == ARCHIVE_ENTRY_ACL_GROUP) && id < 0) {
			archive_entry_acl_clear(entry);
			check->lost++;
			return;
		}
	}
}

int
member_judge(struct member_check *check, struct archive_entry *entry,
    enum member_verdict *verdict, struct error *e)
{
	AUTO_BUF struct buf name = BUF_INIT;
	const char *given = archive_entry_pathname(entry);

	*verdict = MEMBER_WRITE;
	if (given == NULL)
		return error_set(e, ERROR_DATA, "unreadable name");
	if (plain_name(given, &name, e) < 0 ||
	    check_parents(check, name.data, e) < 0)
		return -1;
	if (archive_entry_hardlink(entry) != NULL) {
		if (strcmp(name.data, ".") == 0)
			return error_set(e, ERROR_DATA, "the root as a link");
		if (check_hardlink(entry, name.data, verdict, e) < 0)
			return -1;
	} else if (check_type(entry, name.data, verdict, e) < 0 ||
	    (*verdict == MEMBER_WRITE &&
	    check_duplicate(entry, name.data, verdict, e) < 0)) {
		return -1;
	}
	filter_attributes(entry);
	filter_acl(check, entry);
	archive_entry_copy_pathname(entry, name.data);
	return 0;
}

const char *
member_show(const char *name, char shown[MEMBER_SHOWN])
{
	size_t n = 0;

	for (; *name != '\0' && n < MEMBER_SHOWN - 8; name++) {
		unsigned char c = (unsigned char)*name;

		if (c < ' ' || c == 0x7f || c == '\\')
			n += (size_t)snprintf(shown + n, MEMBER_SHOWN - n,
			    "\\%03o", c);
		else
			shown[n++] = (char)c;
	}
	if (*name != '\0')
		n += (size_t)snprintf(shown + n, MEMBER_SHOWN - n, "...");
	shown[n] = '\0';
	return shown;
}
