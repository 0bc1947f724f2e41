/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"

#define OK(call) ATF_REQUIRE_MSG((call) == 0, "%s", e.msg)

static void
expect_text(const char *name, const char *text)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct error e = ERROR_INIT;

	OK(file_read(AT_FDCWD, name, 1 << 20, &b, &e));
	ATF_CHECK_STREQ(text, buf_text(&b));
}

static int
replace(const char *name, const char *text, mode_t mode, struct error *e)
{
	return file_replace(AT_FDCWD, name, text, strlen(text), mode,
	    FILE_DURABLE, e);
}

static mode_t
mode_of(const char *name)
{
	struct stat st;

	ATF_REQUIRE_EQ(0, lstat(name, &st));
	return st.st_mode & 07777;
}

static void
sleep_ms(unsigned ms)
{
	nanosleep(&(struct timespec) { ms / 1000, ms % 1000 * 1000000L },
	    NULL);
}

ATF_TC_WITHOUT_HEAD(read);
ATF_TC_BODY(read, tc)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct error e = ERROR_INIT;

	OK(replace("f", "12345", 0600, &e));
	buf_puts(&b, "got ");
	OK(file_read(AT_FDCWD, "f", 5, &b, &e));
	ATF_CHECK_STREQ("got 12345", buf_text(&b));
	ATF_CHECK_EQ(-1, file_read(AT_FDCWD, "f", 4, &b, &e));
	ATF_CHECK_EQ(ERROR_DATA, e.kind);
	ATF_CHECK_MATCH("^f: ", e.msg);
	ATF_CHECK_EQ(9, b.len);
	ATF_CHECK_STREQ("got 12345", buf_text(&b));
	ATF_CHECK_EQ(-1, file_read(AT_FDCWD, "none", 4, &b, &e));
	ATF_CHECK_EQ(ERROR_NOT_FOUND, e.kind);
	ATF_CHECK_EQ(-1, file_read(AT_FDCWD, ".", 4, &b, &e));
	ATF_CHECK_STREQ("got 12345", buf_text(&b));
	OK(replace("f", "", 0600, &e));
	OK(file_read(AT_FDCWD, "f", 0, &b, &e));
	ATF_CHECK_EQ(9, b.len);
}

ATF_TC_WITHOUT_HEAD(replace);
ATF_TC_BODY(replace, tc)
{
	AUTO_CLOSE int dirfd = -1;
	struct error e = ERROR_INIT;

	umask(077);
	OK(replace("f", "one", 0644, &e));
	expect_text("f", "one");
	ATF_CHECK_EQ(0644, mode_of("f"));
	OK(replace("f", "two, longer", 0600, &e));
	expect_text("f", "two, longer");
	ATF_CHECK_EQ(0600, mode_of("f"));
	ATF_REQUIRE_EQ(0, mkdir("d", 0700));
	OK(replace("d/f", "three", 0600, &e));
	expect_text("d/f", "three");
	dirfd = file_opendir(AT_FDCWD, "d", &e);
	ATF_REQUIRE(dirfd >= 0);
	OK(file_replace(dirfd, "f", "four", 4, 0600, FILE_VOLATILE, &e));
	expect_text("d/f", "four");
	ATF_CHECK(!file_exists(AT_FDCWD, ".f.new"));
	ATF_CHECK(!file_exists(AT_FDCWD, "d/.f.new"));
	ATF_CHECK_EQ(-1, replace("none/f", "x", 0600, &e));
	ATF_CHECK_EQ(ERROR_NOT_FOUND, e.kind);
	ATF_REQUIRE_EQ(0, mkdir("d/dir", 0700));
	ATF_CHECK_EQ(-1, replace("d/dir", "x", 0600, &e));
	ATF_CHECK(!file_exists(AT_FDCWD, "d/.dir.new"));
}

/* What a crash left under the temporary name is not written through. */
ATF_TC_WITHOUT_HEAD(replace_leftover);
ATF_TC_BODY(replace_leftover, tc)
{
	struct error e = ERROR_INIT;

	OK(replace("victim", "precious", 0644, &e));
	ATF_REQUIRE_EQ(0, link("victim", ".f.new"));
	OK(replace("f", "one", 0600, &e));
	expect_text("f", "one");
	expect_text("victim", "precious");
	ATF_CHECK_EQ(0644, mode_of("victim"));
	ATF_REQUIRE_EQ(0, symlink("victim", ".f.new"));
	OK(replace("f", "two", 0600, &e));
	expect_text("f", "two");
	expect_text("victim", "precious");
}

/* An administrator may have moved the state directory and left a link. */
ATF_TC_WITHOUT_HEAD(replace_below_link);
ATF_TC_BODY(replace_below_link, tc)
{
	struct error e = ERROR_INIT;
	char cwd[512], path[600];

	ATF_REQUIRE_EQ(0, mkdir("real", 0700));
	ATF_REQUIRE_EQ(0, symlink("real", "moved"));
	OK(replace("moved/f", "one", 0600, &e));
	expect_text("real/f", "one");
	ATF_REQUIRE(getcwd(cwd, sizeof(cwd)) != NULL);
	snprintf(path, sizeof(path), "%s/moved/f", cwd);
	OK(replace(path, "two", 0600, &e));
	expect_text("real/f", "two");
}

/* Child of replace_killed: never anything but all a, or all b and longer. */
static void
replace_for_ever(int ready)
{
	static char a[3000], b[70000];
	struct error e = ERROR_INIT;

	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	for (unsigned i = 0;; i++) {
		if (i == 2 && write(ready, "", 1) != 1)
			_exit(2);
		if (file_replace(AT_FDCWD, "f", i % 2 ? b : a,
		    i % 2 ? sizeof(b) : sizeof(a), 0600,
		    i % 8 ? FILE_VOLATILE : FILE_DURABLE, &e) < 0)
			_exit(1);
	}
}

ATF_TC_WITHOUT_HEAD(replace_killed);
ATF_TC_BODY(replace_killed, tc)
{
	struct error e = ERROR_INIT;
	unsigned left = 0;

	for (unsigned i = 0; i < 150; i++) {
		AUTO_BUF struct buf b = BUF_INIT;
		int p[2], status;
		pid_t pid;
		char byte;

		ATF_REQUIRE_EQ(0, pipe(p));
		pid = fork();
		if (pid == 0)
			replace_for_ever(p[1]);
		ATF_REQUIRE_EQ(1, read(p[0], &byte, 1));
		close(p[0]);
		close(p[1]);
		nanosleep(&(struct timespec) { 0, i * 7919 % 900 * 1000L },
		    NULL);
		kill(pid, SIGKILL);
		ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
		ATF_REQUIRE(WIFSIGNALED(status));
		left += file_exists(AT_FDCWD, ".f.new");
		OK(file_read(AT_FDCWD, "f", 1 << 20, &b, &e));
		ATF_REQUIRE_MSG((b.len == 3000 &&
		    strspn(b.data, "a") == 3000) || (b.len == 70000 &&
		    strspn(b.data, "b") == 70000), "%zu bytes", b.len);
	}
	/* Otherwise nothing was hit in the middle, and nothing was shown. */
	ATF_CHECK(left > 0);
	OK(replace("f", "after", 0600, &e));
	expect_text("f", "after");
	ATF_CHECK(!file_exists(AT_FDCWD, ".f.new"));
}

ATF_TC(replace_full);
ATF_TC_HEAD(replace_full, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(replace_full, tc)
{
	static char large[300000];
	struct error e = ERROR_INIT;

#ifdef __linux__
	ATF_REQUIRE_EQ(0, mkdir("small", 0700));
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "small", "tmpfs", 0, "size=128k") < 0)
		atf_tc_skip("no tmpfs: %s", strerror(errno));
#else
	atf_tc_skip("needs a mount namespace");
#endif
	OK(replace("small/f", "old", 0644, &e));
	ATF_CHECK_EQ(-1, file_replace(AT_FDCWD, "small/f", large,
	    sizeof(large), 0644, FILE_DURABLE, &e));
	ATF_CHECK_EQ(ENOSPC, e.sys_errno);
	ATF_CHECK_MATCH("^small/f: .*No space left", e.msg);
	expect_text("small/f", "old");
	ATF_CHECK(!file_exists(AT_FDCWD, "small/.f.new"));
	OK(replace("small/f", "new", 0644, &e));
	expect_text("small/f", "new");
}

ATF_TC_WITHOUT_HEAD(mkdirs);
ATF_TC_BODY(mkdirs, tc)
{
	struct error e = ERROR_INIT;
	char cwd[512], path[600];

	OK(file_mkdirs(AT_FDCWD, "a", 0755, &e));
	OK(file_mkdirs(AT_FDCWD, "a/b/c/d", 0700, &e));
	ATF_CHECK_EQ(0700, mode_of("a/b/c/d"));
	OK(file_mkdirs(AT_FDCWD, "a/b/c/d", 0755, &e));
	OK(file_mkdirs(AT_FDCWD, "x//y/", 0755, &e));
	ATF_CHECK(file_exists(AT_FDCWD, "x/y"));
	ATF_REQUIRE(getcwd(cwd, sizeof(cwd)) != NULL);
	snprintf(path, sizeof(path), "%s/p/q", cwd);
	OK(file_mkdirs(AT_FDCWD, path, 0755, &e));
	ATF_CHECK(file_exists(AT_FDCWD, "p/q"));
	ATF_REQUIRE_EQ(0, symlink("a", "to_a"));
	OK(file_mkdirs(AT_FDCWD, "to_a", 0755, &e));
	OK(file_mkdirs(AT_FDCWD, "to_a/new/e", 0755, &e));
	ATF_CHECK(file_exists(AT_FDCWD, "a/new/e"));
	OK(file_mkdirs(AT_FDCWD, "/", 0755, &e));
	/* What is there but no directory is no success. */
	OK(replace("file", "x", 0600, &e));
	ATF_CHECK_EQ(-1, file_mkdirs(AT_FDCWD, "file", 0755, &e));
	ATF_CHECK_EQ(ENOTDIR, e.sys_errno);
	ATF_CHECK_EQ(-1, file_mkdirs(AT_FDCWD, "file/x", 0755, &e));
	ATF_REQUIRE_EQ(0, symlink("nowhere", "dangling"));
	ATF_CHECK_EQ(-1, file_mkdirs(AT_FDCWD, "dangling", 0755, &e));
	ATF_CHECK_EQ(-1, file_mkdirs(AT_FDCWD, "", 0755, &e));
}

ATF_TC_WITHOUT_HEAD(directories);
ATF_TC_BODY(directories, tc)
{
	struct error e = ERROR_INIT;
	int fd;

	ATF_REQUIRE_EQ(0, mkdir("d", 0700));
	ATF_REQUIRE_EQ(0, symlink("d", "link"));
	fd = file_opendir(AT_FDCWD, "d", &e);
	ATF_REQUIRE(fd >= 0);
	ATF_CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	close(fd);
	ATF_CHECK_EQ(-1, file_opendir(AT_FDCWD, "link", &e));
	ATF_CHECK_EQ(-1, file_opendir(AT_FDCWD, "none", &e));
	ATF_CHECK_EQ(ERROR_NOT_FOUND, e.kind);
	OK(file_sync_dir(AT_FDCWD, "d", &e));
	OK(file_sync_dir(AT_FDCWD, "link", &e));
	ATF_CHECK_EQ(-1, file_sync_dir(AT_FDCWD, "none", &e));
	ATF_CHECK(file_exists(AT_FDCWD, "d"));
	ATF_CHECK(!file_exists(AT_FDCWD, "none"));
}

ATF_TC_WITHOUT_HEAD(lock);
ATF_TC_BODY(lock, tc)
{
	struct error e = ERROR_INIT;
	uint64_t before;
	int one, two;

	one = file_lock(AT_FDCWD, "lock", true, 0, &e);
	ATF_REQUIRE(one >= 0);
	ATF_CHECK((fcntl(one, F_GETFD) & FD_CLOEXEC) != 0);
	file_lock_note(one, "start web");
	before = clock_ms();
	ATF_CHECK_EQ(-1, file_lock(AT_FDCWD, "lock", false, 200, &e));
	ATF_CHECK_EQ(ERROR_BUSY, e.kind);
	ATF_CHECK_MATCH("^lock is locked by [0-9]+ start web$", e.msg);
	ATF_CHECK(clock_ms() - before >= 200);
	ATF_CHECK(clock_ms() - before < 5000);
	file_lock_note(one, "ls");
	ATF_CHECK_EQ(-1, file_lock(AT_FDCWD, "lock", true, 0, &e));
	ATF_CHECK_MATCH("^lock is locked by [0-9]+ ls$", e.msg);
	close(one);
	one = file_lock(AT_FDCWD, "lock", false, 0, &e);
	two = file_lock(AT_FDCWD, "lock", false, 0, &e);
	ATF_CHECK(one >= 0 && two >= 0);
	ATF_CHECK_EQ(-1, file_lock(AT_FDCWD, "lock", true, 0, &e));
	close(one);
	close(two);
	ATF_CHECK_EQ(-1, file_lock(AT_FDCWD, "none/lock", true, 0, &e));
	ATF_CHECK_EQ(ERROR_NOT_FOUND, e.kind);
	ATF_REQUIRE_EQ(0, symlink("elsewhere", "trap"));
	ATF_CHECK_EQ(-1, file_lock(AT_FDCWD, "trap", true, 0, &e));
	ATF_CHECK(!file_exists(AT_FDCWD, "elsewhere"));
}

/* The holder removes the file and lets go: the waiter has the new one. */
ATF_TC_WITHOUT_HEAD(lock_removed);
ATF_TC_BODY(lock_removed, tc)
{
	struct error e = ERROR_INIT;
	struct stat mine, named;
	int fd = file_lock(AT_FDCWD, "lock", true, 0, &e), status;
	pid_t pid;

	ATF_REQUIRE(fd >= 0);
	pid = fork();
	if (pid == 0) {
		int waited;

		close(fd);
		waited = file_lock(AT_FDCWD, "lock", true, 10000, &e);
		_exit(waited < 0 || fstat(waited, &mine) < 0 ||
		    stat("lock", &named) < 0 || mine.st_ino != named.st_ino);
	}
	sleep_ms(100);
	ATF_REQUIRE_EQ(0, unlink("lock"));
	close(fd);
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_CHECK_EQ(0, status);
}

/* At most one holder, whatever they do with the file between. */
ATF_TC_WITHOUT_HEAD(lock_excludes);
ATF_TC_BODY(lock_excludes, tc)
{
	struct error e = ERROR_INIT;
	int bad = 0, status;
	AUTO_BUF struct buf b = BUF_INIT;

	OK(replace("count", "", 0600, &e));
	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			for (int n = 0; n < 50; n++) {
				int fd = file_lock(AT_FDCWD, "lock", true,
				    30000, &e);
				AUTO_BUF struct buf text = BUF_INIT;

				if (fd < 0 || file_read(AT_FDCWD, "count",
				    9999, &text, &e) < 0)
					_exit(1);
				buf_putc(&text, 'x');
				if (file_replace(AT_FDCWD, "count", text.data,
				    text.len, 0600, FILE_VOLATILE, &e) < 0)
					_exit(1);
				if (n % 5 == 0)
					unlink("lock");
				close(fd);
			}
			_exit(0);
		}
	while (wait(&status) > 0)
		bad += status != 0;
	ATF_CHECK_EQ(0, bad);
	OK(file_read(AT_FDCWD, "count", 9999, &b, &e));
	ATF_CHECK_EQ(200, b.len);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, read);
	ATF_TP_ADD_TC(tp, replace);
	ATF_TP_ADD_TC(tp, replace_leftover);
	ATF_TP_ADD_TC(tp, replace_below_link);
	ATF_TP_ADD_TC(tp, replace_killed);
	ATF_TP_ADD_TC(tp, replace_full);
	ATF_TP_ADD_TC(tp, mkdirs);
	ATF_TP_ADD_TC(tp, directories);
	ATF_TP_ADD_TC(tp, lock);
	ATF_TP_ADD_TC(tp, lock_removed);
	ATF_TP_ADD_TC(tp, lock_excludes);
	return atf_no_error();
}
