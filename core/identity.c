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
#include "core/net_entry.h"
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

/* What told one jail from another. */
static const char *const identity[] = {
	"host.hostname", "host.hostuuid", "host.hostid", "ip4.addr",
	"ip6.addr", "idmap", "publish", "protect",
};

static void
forget_addresses(const struct host *h, const char *to, const char *from,
    struct strings *values)
{
	AUTO_STRINGS struct strings kept = VEC_INIT;

	for (size_t i = 0; i < values->count; i++) {
		AUTO_FREE char *copy = xstrdup(values->items[i]);
		AUTO_BUF struct buf text = BUF_INIT;
		struct error why = ERROR_INIT;
		char *word, *rest = copy;

		while ((word = strsep(&rest, " \t")) != NULL) {
			if (strncmp(word, "mac=", 4) == 0 || *word == '\0')
				continue;
			buf_printf(&text, "%s%s", text.len > 0 ? " " : "",
			    word);
		}
		if (net_entry_check(buf_text(&text), &why) == 0 &&
		    strpbrk(text.data, "/|") == NULL)
			strings_add(&kept, text.data);
		else
			host_say(h, "%s: net = %s is not taken over: it "
			    "is an address of '%s'", to, values->items[i],
			    from);
	}
	strings_fini(values);
	*values = kept;
	kept = (struct strings)VEC_INIT;
}

int
identity_forget_conf(const struct host *h, struct cell *c, const char *from,
    struct error *e)
{
	AUTO_STRINGS struct strings net = VEC_INIT;
	const struct strings none = VEC_INIT;
	const struct prop *p = prop_find("net");

	for (size_t i = 0; i < sizeof(identity) / sizeof(identity[0]); i++)
		if (cell_names_property(c, identity[i]) && cell_set(c,
		    prop_find(identity[i]), identity[i], &none, false, e) < 0)
			return -1;
	if (!cell_names_property(c, "net"))
		return 0;
	cell_get(c, p, "net", &net);
	forget_addresses(h, c->name, from, &net);
	return cell_set(c, p, "net", &net, false, e);
}

/* The words of a value that are addresses: between "|", blanks and "/". */
static void
add_addresses(const struct cell *c, const char *prop, struct strings *out)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	cell_values(c, prop, &values);
	for (size_t i = 0; i < values.count; i++) {
		char *word, *rest = values.items[i];

		while ((word = strsep(&rest, " \t|")) != NULL) {
			word[strcspn(word, "/")] = '\0';
			if (strpbrk(word, ".:") != NULL &&
			    strspn(word, "0123456789abcdefABCDEF.:") ==
			    strlen(word))
				strings_add(out, word);
		}
	}
}

static void
all_addresses(const struct cell *c, struct strings *out)
{
	add_addresses(c, "ip4.addr", out);
	add_addresses(c, "ip6.addr", out);
	add_addresses(c, "net", out);
}

int
identity_twin(const struct host *h, const struct cell *c, char **twin,
    struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT, mine = VEC_INIT;

	*twin = NULL;
	all_addresses(c, &mine);
	if (mine.count == 0)
		return 0;
	if (cell_names(h, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count && *twin == NULL; i++) {
		AUTO_CELL struct cell other = CELL_INIT;
		AUTO_STRINGS struct strings theirs = VEC_INIT;
		struct error ignored = ERROR_INIT;

		if (strcmp(names.items[i], c->name) == 0 ||
		    cell_load(h, names.items[i], &other, &ignored) < 0)
			continue;
		all_addresses(&other, &theirs);
		for (size_t k = 0; k < mine.count && *twin == NULL; k++)
			if (strings_index(&theirs, mine.items[k]) >= 0)
				*twin = xstrdup(names.items[i]);
	}
	return 0;
}
