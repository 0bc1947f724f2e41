/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Archives, unpacked in this process, without the walls of image/confine.h, so
 * that only the checks of members stand between the archive and the host:
 * nothing may change beside the directory.
 *
 * An input is an archive as it is, or, after a byte 1, members to make one of:
 * type, permissions, size in two bytes, name, NUL, link, NUL.  A "%" in names
 * becomes the absolute path of the directory that must not be touched.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/path.h"
#include "image/unpack.h"

enum {
	BLOCK = 512,
	NOBODY = 65534,
	MAX_SIZE = 1 << 20,
	MAX_ENTRIES = 200,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* scratch/root is unpacked into, scratch/canary must stay as it is. */
static char *scratch;
static char *canary;
static int scratch_fd = -1, cwd_fd = -1;
static struct stat canary_dir, canary_file;

static void
require(bool good)
{
	if (!good)
		abort();
}

/* What an escape would use: as whoever unpacks, and root is not risked. */
static void
become(uid_t uid)
{
	if (getuid() == 0)
		require(seteuid(uid) == 0);
}

static void
clean_up(void)
{
	struct error e = ERROR_INIT;

	become(0);
	if (chdir("/") < 0 || path_remove_tree(AT_FDCWD, scratch, &e) < 0)
		warnx("%s", e.msg);
}

static void
make_file(const char *name)
{
	int fd = openat(scratch_fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	require(fd >= 0 && write(fd, "canary", 6) == 6);
	if (getuid() == 0)
		require(fchown(fd, NOBODY, NOBODY) == 0);
	close(fd);
}

static void
make_directory(const char *name)
{
	require(mkdirat(scratch_fd, name, 0755) == 0);
	if (getuid() == 0)
		require(fchownat(scratch_fd, name, NOBODY, NOBODY, 0) == 0);
}

static void
set_up(void)
{
	const char *tmp = getenv("TMPDIR");

	/* A file system in memory is ten times as fast. */
	if (tmp == NULL)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	cwd_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	require(cwd_fd >= 0);
	require(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
	require(asprintf(&scratch, "%s/gaol-fuzz.XXXXXX", tmp) > 0);
	require(mkdtemp(scratch) != NULL);
	atexit(clean_up);
	scratch_fd = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	require(scratch_fd >= 0);
	if (getuid() == 0)
		require(fchown(scratch_fd, NOBODY, NOBODY) == 0);
	make_directory("root");
	make_directory("canary");
	make_file("canary/file");
	require(asprintf(&canary, "%s/canary", scratch) > 0);
	require(fstatat(scratch_fd, "canary", &canary_dir, 0) == 0);
	require(fstatat(scratch_fd, "canary/file", &canary_file, 0) == 0);
}

static bool
same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mode == b->st_mode &&
	    a->st_uid == b->st_uid && a->st_gid == b->st_gid &&
	    a->st_nlink == b->st_nlink && a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Nothing came to lie in the directory beside those two. */
static void
check_outside(void)
{
	int fd = openat(scratch_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fdopendir(fd);
	const struct dirent *d;
	struct stat st;

	require(dir != NULL);
	while ((d = readdir(dir)) != NULL)
		require(*d->d_name == '.' || strcmp(d->d_name, "root") == 0 ||
		    strcmp(d->d_name, "canary") == 0);
	closedir(dir);
	require(fstatat(scratch_fd, "canary", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    same(&st, &canary_dir));
	require(fstatat(scratch_fd, "canary/file", &st, 0) == 0 &&
	    same(&st, &canary_file));
}

static void
octal(char *field, int width, unsigned value)
{
	snprintf(field, (size_t)width, "%0*o", width - 1, value);
}

/* The offsets are those of the ustar header. */
static void
add_header(struct buf *tar, char type, unsigned mode, size_t size,
    const char *name, const char *link)
{
	char block[BLOCK] = { 0 };
	unsigned sum = 0;

	snprintf(block, 100, "%s", name);
	octal(block + 100, 8, mode);
	octal(block + 108, 8, 0);
	octal(block + 116, 8, 0);
	octal(block + 124, 12, (unsigned)size);
	octal(block + 136, 12, 0);
	memset(block + 148, ' ', 8);
	block[156] = type;
	snprintf(block + 157, 100, "%s", link);
	memcpy(block + 257, "ustar\00000", 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)block[i];
	octal(block + 148, 8, sum);
	buf_append(tar, block, BLOCK);
}

static void
add_data(struct buf *tar, const char *data, size_t len)
{
	static const char zeros[BLOCK];

	buf_append(tar, data, len);
	buf_append(tar, zeros, (BLOCK - len % BLOCK) % BLOCK);
}

/* GNU's way to give names that the header has no room for. */
static void
add_long(struct buf *tar, char type, const char *text)
{
	size_t len = strlen(text) + 1;

	if (len <= 100)
		return;
	add_header(tar, type, 0644, len, "././@LongLink", "");
	add_data(tar, text, len);
}

/* The text up to a NUL, "%" replaced; returns what follows. */
static const uint8_t *
take_text(const uint8_t *p, const uint8_t *end, struct buf *text)
{
	for (; p < end && *p != '\0'; p++) {
		if (*p == '%')
			buf_puts(text, canary);
		else
			buf_putc(text, (char)*p);
	}
	return p < end ? p + 1 : end;
}

static void
make_tar(const uint8_t *p, size_t size, struct buf *tar)
{
	static const char zeros[2 * BLOCK];
	static const char data[65536];
	const uint8_t *end = p + size;

	while (end - p > 4) {
		AUTO_BUF struct buf name = BUF_INIT, link = BUF_INIT;
		const uint8_t *head = p;
		size_t len = (size_t)head[2] << 8 | head[3];

		p = take_text(p + 4, end, &name);
		p = take_text(p, end, &link);
		add_long(tar, 'L', buf_text(&name));
		add_long(tar, 'K', buf_text(&link));
		add_header(tar, (char)head[0], head[1] * 8 + 4, len,
		    buf_text(&name), buf_text(&link));
		if (head[0] == '0' || head[0] == '1')
			add_data(tar, data, len);
	}
	buf_append(tar, zeros, sizeof(zeros));
}

static void
unpack(int fd)
{
	struct progress progress;
	struct unpack_job job = {
		.fd = fd,
		.name = "input",
		.sha256 = "",
		.max_size = MAX_SIZE,
		.max_entries = MAX_ENTRIES,
		.progress = &progress,
	};
	struct unpack_result result;
	struct error e = ERROR_INIT;

	progress_init(&progress, PROGRESS_NONE);
	require(fchdir(scratch_fd) == 0 && chdir("root") == 0);
	become(NOBODY);
	if (unpack_here(&job, &result, &e) < 0)
		require(e.kind != ERROR_NONE && *e.msg != '\0' &&
		    strpbrk(e.msg, "\n\033") == NULL);
	become(0);
	/* libFuzzer has files of its own there. */
	require(fchdir(cwd_fd) == 0);
	check_outside();
	/* So that the next input starts anew. */
	error_clear(&e);
	require(path_remove_tree(scratch_fd, "root", &e) == 0);
	make_directory("root");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf tar = BUF_INIT;
	AUTO_CLOSE int fd = memfd_create("archive", MFD_CLOEXEC);
	struct error e = ERROR_INIT;

	if (scratch_fd < 0)
		set_up();
	if (size > 0 && data[0] == 1)
		make_tar(data + 1, size - 1, &tar);
	else
		buf_append(&tar, data, size);
	require(fd >= 0 && file_write_fd(fd, tar.data, tar.len, &e) == 0);
	unpack(fd);
	return 0;
}
