/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "tests/fuzz/scratch.h"

enum { NOBODY = 65534 };

/* scratch/root is unpacked into, scratch/canary must stay as it is. */
static char *scratch;
char *scratch_canary;
static int scratch_fd = -1, cwd_fd = -1;
static struct stat canary_dir, canary_file;

void
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

void
scratch_set_up(void)
{
	const char *tmp = getenv("TMPDIR");

	if (scratch_fd >= 0)
		return;

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
	require(asprintf(&scratch_canary, "%s/canary", scratch) > 0);
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

void
scratch_enter(void)
{
	require(fchdir(scratch_fd) == 0 && chdir("root") == 0);
	become(NOBODY);
}

void
scratch_leave(void)
{
	struct error e = ERROR_INIT;

	become(0);
	/* libFuzzer has files of its own there. */
	require(fchdir(cwd_fd) == 0);
	check_outside();
	/* So that the next input starts anew. */
	require(path_remove_tree(scratch_fd, "root", &e) == 0);
	make_directory("root");
}
