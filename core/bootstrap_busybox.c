/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * A release made of one program of the host: its static busybox, with a link
 * for each applet and the few files in etc that programs look for.  No network.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/spawn.h"
#include "core/bootstrap.h"

enum { BUSYBOX_MAX = 64 << 20 };

/* Where distributions put a static one; the first that is static is taken. */
static const char *const places[] = {
	"/bin/busybox",
	"/bin/busybox.static",
	"/bin/busybox-static",
	"/usr/local/bin/busybox",
};

static const struct {
	const char *path;
	mode_t mode;
} dirs[] = {
	{ "bin", 0755 },
	{ "sbin", 0755 },
	{ "usr", 0755 },
	{ "usr/bin", 0755 },
	{ "usr/sbin", 0755 },
	{ "etc", 0755 },
	{ "dev", 0755 },
	{ "proc", 0755 },
	{ "sys", 0755 },
	{ "run", 0755 },
	{ "tmp", 01777 },
	{ "mnt", 0755 },
	{ "home", 0755 },
	{ "root", 0700 },
	{ "var", 0755 },
	{ "var/log", 0755 },
	{ "var/tmp", 01777 },
};

static const struct {
	const char *name;
	mode_t mode;
	const char *text;
} files[] = {
	{ "passwd", 0644,
	    "root:x:0:0:root:/root:/bin/sh\n"
	    "daemon:x:1:1:daemon:/usr/sbin:/sbin/nologin\n"
	    "www-data:x:33:33:www-data:/var/www:/sbin/nologin\n"
	    "nobody:x:65534:65534:nobody:/:/sbin/nologin\n" },
	{ "group", 0644,
	    "root:x:0:\n"
	    "daemon:x:1:\n"
	    "tty:x:5:\n"
	    "www-data:x:33:\n"
	    "nogroup:x:65534:\n" },
	{ "shadow", 0600,
	    "root:*:::::::\n"
	    "daemon:*:::::::\n"
	    "www-data:*:::::::\n"
	    "nobody:*:::::::\n" },
	{ "hosts", 0644,
	    "127.0.0.1\tlocalhost\n"
	    "::1\tlocalhost\n" },
	{ "nsswitch.conf", 0644,
	    "passwd: files\n"
	    "group: files\n"
	    "shadow: files\n"
	    "hosts: files dns\n" },
	{ "profile", 0644,
	    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:"
	    "/bin\n"
	    "PS1='\\u@\\h:\\w\\$ '\n"
	    "export PATH PS1\n" },
	{ "services", 0644,
	    "ftp\t21/tcp\n"
	    "ssh\t22/tcp\n"
	    "telnet\t23/tcp\n"
	    "smtp\t25/tcp\n"
	    "domain\t53/tcp\n"
	    "domain\t53/udp\n"
	    "http\t80/tcp\n"
	    "https\t443/tcp\n"
	    "syslog\t514/udp\n" },
};

static bool
match(const char *source)
{
	return strcmp(source, "busybox") == 0;
}

/* A number of an ELF file in the file's own byte order. */
static uint64_t
elf_number(const unsigned char *at, size_t size, bool big_endian)
{
	uint64_t n = 0;

	for (size_t i = 0; i < size; i++)
		n = n << 8 | at[big_endian ? i : size - 1 - i];
	return n;
}

/* ELF, and no program header of type PT_INTERP: it needs no loader, so it runs
 * in a root where there is no library. */
static bool
is_static(const unsigned char *elf, size_t len)
{
	enum { EI_CLASS = 4, EI_DATA = 5, EHDR_SIZE = 64, PT_INTERP = 3 };
	bool wide, big;
	uint64_t table, entry, count;

	if (len < EHDR_SIZE || memcmp(elf, "\177ELF", 4) != 0)
		return false;
	wide = elf[EI_CLASS] == 2;
	big = elf[EI_DATA] == 2;
	table = wide ? elf_number(elf + 32, 8, big) :
	    elf_number(elf + 28, 4, big);
	entry = elf_number(elf + (wide ? 54 : 42), 2, big);
	count = elf_number(elf + (wide ? 56 : 44), 2, big);
	if (count == 0 || entry < 4 || table >= len ||
	    count > (len - table) / entry)
		return false;
	for (uint64_t i = 0; i < count; i++)
		if (elf_number(elf + table + i * entry, 4, big) == PT_INTERP)
			return false;
	return true;
}

/* The host's, as a path; and its bytes. */
static const char *
find_busybox(struct buf *program, struct error *e)
{
	const char *dynamic = NULL;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct error missing = ERROR_INIT;

		buf_clear(program);
		if (file_read(AT_FDCWD, places[i], BUSYBOX_MAX, program,
		    &missing) < 0)
			continue;
		if (is_static((const unsigned char *)program->data,
		    program->len))
			return places[i];
		dynamic = places[i];
	}
	error_set(e, ERROR_UNSUPPORTED, "%s%s; the package busybox-static "
	    "has a static one", dynamic != NULL ? dynamic :
	    "this host has no busybox", dynamic != NULL ?
	    " is not a static program" : "");
	return NULL;
}

static int
prepare(struct bootstrap *b, struct error *e)
{
	AUTO_BUF struct buf program = BUF_INIT;
	const char *path = find_busybox(&program, e);

	if (path == NULL)
		return -1;
	strings_add(&b->argv, path);
	return 0;
}

static void
tell(const struct bootstrap *b, struct buf *text)
{
	buf_printf(text, "make a root of %s with a link for each applet",
	    b->argv.items[0]);
}

static int
make_dirs(const struct bootstrap *b, struct error *e)
{
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		/* the umask must not make a root that only root can enter */
		if (mkdirat(b->root_fd, dirs[i].path, 0700) < 0 ||
		    fchmodat(b->root_fd, dirs[i].path, dirs[i].mode, 0) < 0)
			return error_sys(e, "%s/%s", b->root, dirs[i].path);
	if (symlinkat("../run", b->root_fd, "var/run") < 0)
		return error_sys(e, "%s/var/run", b->root);
	return 0;
}

static int
make_files(const struct bootstrap *b, struct error *e)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (bootstrap_write(b, "/etc", files[i].name, files[i].text,
		    files[i].mode, e) < 0)
			return -1;
	return bootstrap_resolver(b, e);
}

/*
 * "usr/sbin/httpd": a hard link, which costs no inode and so a tenth of the
 * time; where there can be none, a symbolic one that climbs to bin.
 */
static int
make_link(const struct bootstrap *b, const char *applet, struct error *e)
{
	const char *slash = strrchr(applet, '/');
	AUTO_FREE char *dir = slash != NULL ?
	    xstrndup(applet, (size_t)(slash - applet)) : xstrdup("bin");
	AUTO_FREE char *link = xasprintf("%s/%s", dir,
	    slash != NULL ? slash + 1 : applet);
	const char *target;

	if (strcmp(dir, "bin") == 0)
		target = "busybox";
	else if (strcmp(dir, "sbin") == 0)
		target = "../bin/busybox";
	else if (strcmp(dir, "usr/bin") == 0 || strcmp(dir, "usr/sbin") == 0)
		target = "../../bin/busybox";
	else	/* linuxrc */
		return 0;
	if (linkat(b->root_fd, "bin/busybox", b->root_fd, link, 0) == 0 ||
	    errno == EEXIST)
		return 0;
	if (symlinkat(target, b->root_fd, link) < 0)
		return error_sys(e, "%s/%s", b->root, link);
	return 0;
}

/* A build without the installer knows only the names. */
static int
list_applets(const char *path, struct buf *list, struct error *e)
{
	AUTO_FREE char *program = xstrdup(path);
	char full[] = "--list-full", names[] = "--list";
	char *argv[] = { program, full, NULL };

	if (spawn_capture(argv, list, e) == 0)
		return 0;
	error_clear(e);
	buf_clear(list);
	argv[1] = names;
	return spawn_capture(argv, list, e);
}

static int
make_links(const struct bootstrap *b, struct error *e)
{
	AUTO_BUF struct buf list = BUF_INIT;
	const char *at;

	if (list_applets(b->argv.items[0], &list, e) < 0)
		return -1;
	for (at = buf_text(&list); *at != '\0';) {
		size_t len = strcspn(at, "\n");
		AUTO_FREE char *applet = xstrndup(at, len);

		at += len + (at[len] == '\n');
		/* a name alone may be linuxrc: not for bin */
		if (len == 0 || strcmp(applet, "linuxrc") == 0)
			continue;
		if (make_link(b, applet, e) < 0)
			return -1;
	}
	return 0;
}

static int
copy_program(const struct bootstrap *b, struct error *e)
{
	AUTO_BUF struct buf program = BUF_INIT;

	if (find_busybox(&program, e) == NULL)
		return -1;
	return file_replace(b->root_fd, "bin/busybox", program.data,
	    program.len, 0755, FILE_VOLATILE, e);
}

static int
fill(struct bootstrap *b, struct error *e)
{
	if (make_dirs(b, e) < 0 || copy_program(b, e) < 0 ||
	    make_links(b, e) < 0)
		return -1;
	return make_files(b, e);
}

const struct bootstrap_source bootstrap_busybox = {
	.os = "linux",
	.match = match,
	.prepare = prepare,
	.fill = fill,
	.tell = tell,
};
