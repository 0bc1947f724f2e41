/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * What tells the files of one jail from those of its clone.  A machine id that
 * is empty is made anew at the next start (machine-id(5)); keys of sshd(8) are
 * made by rc(8), systemd or 'ssh-keygen -A', and a copy of them would let one
 * jail pass for the other.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "core/snapshot.h"

enum { TEXT_MAX = 1 << 20 };

/* Write over a file that is there: owner and mode stay. */
static int
overwrite(int root, const char *path, const void *text, size_t len,
    struct error *e)
{
	AUTO_CLOSE int fd = path_open(root, path, O_WRONLY, 0, e);

	if (fd < 0)
		return -1;
	if (ftruncate(fd, 0) < 0)
		return error_sys(e, "%s", path);
	if (len > 0 && file_write_fd(fd, text, len, e) < 0)
		return -1;
	if (fsync(fd) < 0)
		return error_sys(e, "%s", path);
	return 0;
}

/* 1: read; 0: there is no such file. */
static int
read_there(int root, const char *path, struct buf *text, struct error *e)
{
	if (path_read(root, path, TEXT_MAX, text, e) == 0)
		return 1;
	/* a device, a link that leads nowhere, something else: not ours */
	if (e->kind == ERROR_NOT_FOUND || e->kind == ERROR_DATA ||
	    e->sys_errno == ENOTDIR || e->sys_errno == ELOOP) {
		error_clear(e);
		return 0;
	}
	return -1;
}

static int
empty(int root, const char *path, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	int there = read_there(root, path, &text, e);

	if (there <= 0 || text.len == 0)
		return there < 0 ? -1 : 0;
	return overwrite(root, path, "", 0, e);
}

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/* The old host name, where it stands as a word. */
static int
replace_name(int root, const char *path, const char *old, const char *new,
    struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT, out = BUF_INIT;
	size_t len = strlen(old);
	int there = read_there(root, path, &text, e);
	const char *from, *p, *hit;

	if (there <= 0)
		return there;
	from = p = buf_text(&text);
	while ((hit = strstr(p, old)) != NULL) {
		bool word = (hit == from || !is_name_char(hit[-1])) &&
		    (!is_name_char(hit[len]) || hit[len] == '.');

		buf_append(&out, p, (size_t)(hit - p));
		buf_puts(&out, word ? new : old);
		p = hit + len;
	}
	buf_puts(&out, p);
	if (strcmp(buf_text(&out), buf_text(&text)) == 0 ||
	    strlen(from) != text.len)
		return 0;
	return overwrite(root, path, out.data, out.len, e);
}

static int
remove_keys(int root, struct error *e)
{
	AUTO_CLOSE int fd = path_open(root, "/etc/ssh",
	    O_RDONLY | O_DIRECTORY, 0, e);
	const struct dirent *d;

	if (fd < 0) {
		error_clear(e);
		return 0;
	}
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "/etc/ssh");
	steal_fd(&fd);
	while ((d = readdir(dir)) != NULL)
		if (strncmp(d->d_name, "ssh_host_", 9) == 0 &&
		    strstr(d->d_name, "_key") != NULL &&
		    unlinkat(dirfd(dir), d->d_name, 0) < 0 &&
		    errno != EISDIR && errno != ENOENT)
			return error_sys(e, "/etc/ssh/%s", d->d_name);
	return 0;
}

int
identity_forget(int root, const char *old, const char *new, struct error *e)
{
	static const char *const ids[] = {
		"/etc/machine-id", "/var/lib/dbus/machine-id", "/etc/hostid",
	};
	static const char *const names[] = {
		"/etc/hostname", "/etc/hosts", "/etc/rc.conf",
		"/etc/mailname",
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (empty(root, ids[i], e) < 0)
			return error_wrap(e, "%s", ids[i]);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(old, "localhost") != 0 &&
		    replace_name(root, names[i], old, new, e) < 0)
			return error_wrap(e, "%s", names[i]);
	return remove_keys(root, e);
}
