/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#endif

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/xalloc.h"

#define OK(call) ATF_REQUIRE_MSG((call) == 0, "%s", e.msg)
#define MUST(call) ATF_REQUIRE_MSG((call) == 0, "%s", strerror(errno))

static void
put(const char *name, const char *text)
{
	struct error e = ERROR_INIT;

	OK(file_replace(AT_FDCWD, name, text, strlen(text), 0644,
	    FILE_VOLATILE, &e));
}

static bool
there(const char *name)
{
	return file_exists(AT_FDCWD, name);
}

static void
remove_tree(const char *name)
{
	struct error e = ERROR_INIT;

	OK(path_remove_tree(AT_FDCWD, name, &e));
	ATF_CHECK_MSG(!there(name), "%s is still there", name);
}

/* A small tree of every kind, with links out of it. */
static void
make_tree(const char *name)
{
	AUTO_CLOSE int back = open(".", O_RDONLY | O_DIRECTORY);

	MUST(mkdir(name, 0755));
	MUST(chdir(name));
	MUST(mkdir("a", 0755));
	MUST(mkdir("a/b", 0755));
	put("a/b/file", "x");
	put("a/.hidden", "x");
	MUST(symlink("../../victim", "a/link"));
	MUST(symlink("nowhere", "a/dangling"));
	MUST(mkfifo("a/fifo", 0600));
	MUST(link("a/b/file", "hard"));
	MUST(fchdir(back));
}

static void
make_victim(void)
{
	MUST(mkdir("victim", 0755));
	MUST(mkdir("victim/sub", 0755));
	put("victim/file", "precious");
	put("victim/sub/file", "precious");
}

static void
expect_victim(void)
{
	ATF_CHECK(there("victim/file"));
	ATF_CHECK(there("victim/sub/file"));
}

ATF_TC_WITHOUT_HEAD(remove);
ATF_TC_BODY(remove, tc)
{
	struct error e = ERROR_INIT;
	AUTO_CLOSE int dirfd = -1;
	char cwd[512], path[600];

	make_victim();
	make_tree("t");
	remove_tree("t");
	OK(path_remove_tree(AT_FDCWD, "t", &e));
	OK(path_remove_tree(AT_FDCWD, "none/of/this", &e));
	put("file", "x");
	remove_tree("file");
	/* A link goes, what it leads to stays. */
	MUST(symlink("victim", "link"));
	remove_tree("link");
	make_tree("victim/t");
	remove_tree("victim/t/");
	dirfd = file_opendir(AT_FDCWD, "victim", &e);
	make_tree("victim/t");
	OK(path_remove_tree(dirfd, "t", &e));
	ATF_CHECK(!there("victim/t"));
	ATF_REQUIRE(getcwd(cwd, sizeof(cwd)) != NULL);
	make_tree("t");
	snprintf(path, sizeof(path), "%s/t", cwd);
	remove_tree(path);
	expect_victim();
}

ATF_TC_WITHOUT_HEAD(remove_nonsense);
ATF_TC_BODY(remove_nonsense, tc)
{
	static const char *const names[] = { "", ".", "..", "/", "//", "a/.",
		"a/..", "./", "a//.." };

	MUST(mkdir("a", 0755));
	put("file", "x");
	put("a/file", "x");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct error e = ERROR_INIT;

		ATF_CHECK_EQ_MSG(-1, path_remove_tree(AT_FDCWD, names[i], &e),
		    "'%s' was removed", names[i]);
		ATF_CHECK_EQ(ERROR_USAGE, e.kind);
	}
	ATF_CHECK(there("file") && there("a/file"));
}

/* As root, and as a user whom the modes stop. */
static void
make_modes(void)
{
	make_tree("m");
	MUST(chmod("m/a/b", 0));
	MUST(chmod("m/a", 0400));
	MUST(chmod("m/hard", 0));
	MUST(chmod("m", 0));
}

ATF_TC_WITHOUT_HEAD(remove_modes);
ATF_TC_BODY(remove_modes, tc)
{
	int status;
	pid_t pid;

	make_modes();
	remove_tree("m");
	if (geteuid() != 0)
		return;
	MUST(chmod(".", 0777));
	MUST(mkdir("own", 0777));
	MUST(chown("own", 12345, 12345));
	pid = fork();
	if (pid == 0) {
		struct error e = ERROR_INIT;

		if (chdir("own") < 0 || setgid(12345) < 0 || setuid(12345) < 0)
			_exit(2);
		make_modes();
		if (path_remove_tree(AT_FDCWD, "m", &e) < 0)
			_exit(3);
		_exit(there("m") ? 4 : 0);
	}
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_CHECK_EQ(0, status);
}

ATF_TC(remove_many);
ATF_TC_HEAD(remove_many, tc)
{
	atf_tc_set_md_var(tc, "timeout", "300");
}
ATF_TC_BODY(remove_many, tc)
{
	AUTO_CLOSE int dirfd = -1;
	struct error e = ERROR_INIT;

	MUST(mkdir("many", 0755));
	dirfd = file_opendir(AT_FDCWD, "many", &e);
	MUST(mkdir("many/0", 0755));
	for (int i = 1; i < 100000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%d", i);
		if (i % 50 == 0)
			MUST(mkdirat(dirfd, name, 0700));
		else
			MUST(symlinkat("x", dirfd, name));
	}
	remove_tree("many");
}

/* A chain of directories; each has a file and, every 100, a sister. */
static void
make_deep(const char *name, int depth)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY);

	for (int i = 0; i < depth; i++) {
		int next;

		MUST(mkdirat(fd, i == 0 ? name : "d", 0755));
		if (i % 100 == 0 && i > 0)
			MUST(mkdirat(fd, "sister", 0755));
		next = openat(fd, i == 0 ? name : "d",
		    O_RDONLY | O_DIRECTORY);
		ATF_REQUIRE(next >= 0);
		MUST(symlinkat("x", next, "file"));
		close(fd);
		fd = next;
	}
	close(fd);
}

static void
limit_descriptors(void)
{
	struct rlimit few = { 100, 100 };

	MUST(setrlimit(RLIMIT_NOFILE, &few));
}

ATF_TC(deep);
ATF_TC_HEAD(deep, tc)
{
	atf_tc_set_md_var(tc, "timeout", "300");
}
ATF_TC_BODY(deep, tc)
{
	struct error e = ERROR_INIT;
	uint64_t bytes = 0, one = 0;

	/* Descriptors that stand above the limit would hide a leak. */
	for (int fd = 3; fd < 300; fd++)
		close(fd);
	make_deep("deep", 10000);
	limit_descriptors();
	MUST(mkdir("one", 0755));
	OK(path_usage(AT_FDCWD, "one", &one, &e));
	OK(path_usage(AT_FDCWD, "deep", &bytes, &e));
	ATF_CHECK(bytes >= one * 10000);
	remove_tree("deep");
}

/* For a child that must not survive a test that failed. */
static bool
test_runs(pid_t test)
{
	return getppid() == test;
}

/*
 * Somebody fills the directory: it ends, with or without success; from round to
 * round he rests for longer, so that at last it is with success.
 */
ATF_TC(remove_filled);
ATF_TC_HEAD(remove_filled, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(remove_filled, tc)
{
	struct error e = ERROR_INIT;
	pid_t pid, test = getpid();
	int status, success = 0;

	for (int round = 0; round < 4; round++) {
		make_tree("t");
		pid = fork();
		if (pid == 0) {
			for (unsigned i = 0; test_runs(test); i++) {
				char name[32];

				snprintf(name, sizeof(name), "t/a/%u",
				    i % 100);
				if (i % 3 == 0)
					(void)mkdir(name, 0755);
				else
					(void)!symlink("x", name);
				if (i % 100 == 99)
					usleep((useconds_t)round * 50000);
			}
			_exit(1);
		}
		success += path_remove_tree(AT_FDCWD, "t", &e) == 0;
		kill(pid, SIGKILL);
		ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
		remove_tree("t");
	}
	ATF_CHECK_MSG(success > 0, "never: %s", e.msg);
}

#ifdef __linux__
static void
private_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		atf_tc_skip("no mount namespace: %s", strerror(errno));
}

static void
expect_busy(const char *name, const char *what)
{
	struct error e = ERROR_INIT;
	AUTO_FREE char *pattern = xasprintf("%s: something is mounted", what);

	ATF_CHECK_EQ(-1, path_remove_tree(AT_FDCWD, name, &e));
	ATF_CHECK_EQ(ERROR_BUSY, e.kind);
	ATF_CHECK_MATCH(pattern, e.msg);
	expect_victim();
}

ATF_TC(remove_mount);
ATF_TC_HEAD(remove_mount, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(remove_mount, tc)
{
	private_mounts();
	make_victim();
	make_tree("t");
	/* The same file system: st_dev does not tell. */
	MUST(mount("victim", "t/a/b", NULL, MS_BIND, NULL));
	expect_busy("t", "t/a/b");
	ATF_CHECK(there("t/a/b/file"));
	MUST(umount("t/a/b"));
	remove_tree("t");
	make_tree("t");
	MUST(mount("tmpfs", "t/a/b", "tmpfs", 0, NULL));
	put("t/a/b/kept", "x");
	expect_busy("t", "t/a/b");
	ATF_CHECK(there("t/a/b/kept"));
	/* The tree itself. */
	MUST(mount("victim", "t", NULL, MS_BIND, NULL));
	expect_busy("t", "t");
	expect_busy("t/", "t/");
	MUST(umount("t"));
	MUST(umount("t/a/b"));
	remove_tree("t");
	/* A file on a file. */
	make_tree("t");
	MUST(mount("victim/file", "t/a/.hidden", NULL, MS_BIND, NULL));
	expect_busy("t", "t/a/.hidden");
	MUST(umount("t/a/.hidden"));
	remove_tree("t");
	expect_victim();
}

static void
add_flag(const char *name, int flag)
{
	AUTO_CLOSE int fd = open(name, O_RDONLY | O_CLOEXEC);
	int flags = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0)
		flags |= flag;
	if (ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0)
		atf_tc_skip("no such flags here: %s", strerror(errno));
}

ATF_TC(remove_flags);
ATF_TC_HEAD(remove_flags, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(remove_flags, tc)
{
	struct error e = ERROR_INIT;

	make_tree("t");
	put("t/append", "x");
	MUST(mkdir("t/empty", 0755));
	add_flag("t/a/.hidden", FS_IMMUTABLE_FL);
	add_flag("t/append", FS_APPEND_FL);
	add_flag("t/empty", FS_IMMUTABLE_FL);
	add_flag("t/a/b", FS_APPEND_FL);
	add_flag("t/a", FS_IMMUTABLE_FL);
	add_flag("t", FS_IMMUTABLE_FL);
	ATF_CHECK(unlink("t/append") < 0 && errno == EPERM);
	remove_tree("t");
	put("file", "x");
	add_flag("file", FS_IMMUTABLE_FL);
	remove_tree("file");
	OK(path_remove_tree(AT_FDCWD, "file", &e));
}

/* A jail swaps a directory of the tree with a link to the victim. */
ATF_TC(remove_race);
ATF_TC_HEAD(remove_race, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(remove_race, tc)
{
	int status;
	pid_t pid, test = getpid();

	make_victim();
	for (int round = 0; round < 100; round++) {
		struct error e = ERROR_INIT;

		MUST(mkdir("t", 0755));
		MUST(mkdir("t/sub", 0755));
		for (int i = 0; i < 20; i++) {
			AUTO_FREE char *name = xasprintf("t/sub/f%d", i);

			MUST(mkdir(name, 0755));
		}
		MUST(symlink("../victim", "t/link"));
		pid = fork();
		if (pid == 0) {
			while (test_runs(test))
				(void)!renameat2(AT_FDCWD, "t/sub", AT_FDCWD,
				    "t/link", RENAME_EXCHANGE);
			_exit(1);
		}
		usleep((useconds_t)(round % 10 * 50));
		/* It may say that it was disturbed, not more. */
		if (path_remove_tree(AT_FDCWD, "t", &e) < 0)
			ATF_CHECK_MSG(e.kind == ERROR_BUSY ||
			    e.sys_errno == ENOTEMPTY, "%s", e.msg);
		kill(pid, SIGKILL);
		ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
		remove_tree("t");
		ATF_REQUIRE(there("victim/file") && there("victim/sub/file"));
	}
}

/*
 * A jail moves a deep part away while we are at its bottom: ".." leads to
 * another directory then, where equal names must not be touched.
 */
ATF_TC(remove_moved);
ATF_TC_HEAD(remove_moved, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(remove_moved, tc)
{
	int status, noticed = 0;

	MUST(mkdir("safe", 0755));
	MUST(mkdir("safe/keep", 0755));
	MUST(mkdir("safe/zkeep", 0755));
	put("safe/keep/file", "precious");
	put("safe/zkeep/file", "precious");
	/* Until it was caught in the act often enough. */
	for (int round = 0; round < 400 && noticed < 5; round++) {
		struct error e = ERROR_INIT;
		pid_t pid;

		MUST(mkdir("t", 0755));
		MUST(mkdir("t/top", 0755));
		MUST(mkdir("t/top/keep", 0755));
		MUST(mkdir("t/top/zkeep", 0755));
		MUST(chdir("t/top"));
		make_deep("deep", 150);
		MUST(chdir("../.."));
		pid = fork();
		if (pid == 0) {
			usleep((useconds_t)(round * 37 % 2000));
			(void)!rename("t/top/deep", "safe/deep");
			_exit(0);
		}
		if (path_remove_tree(AT_FDCWD, "t", &e) < 0) {
			ATF_CHECK_EQ_MSG(ERROR_BUSY, e.kind, "%s", e.msg);
			noticed++;
		}
		ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
		remove_tree("t");
		remove_tree("safe/deep");
		ATF_REQUIRE(there("safe/keep/file"));
		ATF_REQUIRE(there("safe/zkeep/file"));
	}
	/* Otherwise it never happened. */
	ATF_CHECK_MSG(noticed > 0, "never moved in time");
}

ATF_TC(usage_mount);
ATF_TC_HEAD(usage_mount, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(usage_mount, tc)
{
	struct error e = ERROR_INIT;
	char large[100000];
	uint64_t before = 0, bytes = 0;

	private_mounts();
	memset(large, 'x', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	make_tree("t");
	OK(path_usage(AT_FDCWD, "t", &before, &e));
	MUST(mkdir("t/m", 0755));
	MUST(mount("tmpfs", "t/m", "tmpfs", 0, NULL));
	put("t/m/large", large);
	OK(path_usage(AT_FDCWD, "t", &bytes, &e));
	ATF_CHECK(bytes < before + sizeof(large));
	/* But asked for the mount itself, that is what is told. */
	OK(path_usage(AT_FDCWD, "t/m", &bytes, &e));
	ATF_CHECK(bytes >= sizeof(large));
}
#endif

ATF_TC_WITHOUT_HEAD(usage);
ATF_TC_BODY(usage, tc)
{
	struct error e = ERROR_INIT;
	char large[100000];
	uint64_t empty = 0, bytes = 7, more = 0;
	int fd;

	memset(large, 'x', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	ATF_CHECK_EQ(-1, path_usage(AT_FDCWD, "none", &bytes, &e));
	ATF_CHECK_EQ(ERROR_NOT_FOUND, e.kind);
	ATF_CHECK_EQ(7, bytes);
	make_tree("t");
	OK(path_usage(AT_FDCWD, "t", &empty, &e));
	put("t/large", large);
	OK(path_usage(AT_FDCWD, "t", &bytes, &e));
	ATF_CHECK(bytes >= empty + sizeof(large));
	ATF_CHECK(bytes < empty + 2 * sizeof(large));
	/* Links, hard or not, and holes cost next to nothing. */
	MUST(link("t/large", "t/a/again"));
	MUST(symlink("large", "t/a/soft"));
	fd = open("t/sparse", O_WRONLY | O_CREAT, 0600);
	MUST(ftruncate(fd, 1 << 30));
	close(fd);
	OK(path_usage(AT_FDCWD, "t", &more, &e));
	ATF_CHECK(more < bytes + sizeof(large) / 2);
	OK(path_usage(AT_FDCWD, "t/large", &more, &e));
	ATF_CHECK(more >= sizeof(large) && more < 2 * sizeof(large));
	OK(path_usage(AT_FDCWD, "t/a/soft", &more, &e));
	ATF_CHECK(more < sizeof(large));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, remove);
	ATF_TP_ADD_TC(tp, remove_nonsense);
	ATF_TP_ADD_TC(tp, remove_modes);
	ATF_TP_ADD_TC(tp, remove_many);
	ATF_TP_ADD_TC(tp, deep);
	ATF_TP_ADD_TC(tp, remove_filled);
	ATF_TP_ADD_TC(tp, usage);
#ifdef __linux__
	ATF_TP_ADD_TC(tp, remove_mount);
	ATF_TP_ADD_TC(tp, remove_flags);
	ATF_TP_ADD_TC(tp, remove_race);
	ATF_TP_ADD_TC(tp, remove_moved);
	ATF_TP_ADD_TC(tp, usage_mount);
#endif
	return atf_no_error();
}
