/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/sysmacros.h>
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

/* "root" as a jail's root, and "outside" beside it. */
static int
make_root(void)
{
	struct error e = ERROR_INIT;
	int fd;

	MUST(mkdir("root", 0755));
	MUST(mkdir("root/etc", 0755));
	MUST(mkdir("outside", 0755));
	put("root/etc/passwd", "inside\n");
	put("outside/passwd", "outside\n");
	put("outside/secret", "outside\n");
	fd = file_opendir(AT_FDCWD, "root", &e);
	ATF_REQUIRE_MSG(fd >= 0, "%s", e.msg);
	return fd;
}

static void
expect_read(int rootfd, const char *path, const char *text)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct error e = ERROR_INIT;

	ATF_CHECK_MSG(path_read(rootfd, path, 100, &b, &e) == 0, "%s", e.msg);
	ATF_CHECK_STREQ(text, buf_text(&b));
}

static void
expect_refused(int rootfd, const char *path, int flags, enum error_kind kind)
{
	struct error e = ERROR_INIT;
	int fd = path_open(rootfd, path, flags, 0600, &e);

	ATF_CHECK_MSG(fd == -1, "opened %s", path);
	ATF_CHECK_EQ_MSG(kind, e.kind, "%s", e.msg);
}

ATF_TC_WITHOUT_HEAD(inside);
ATF_TC_BODY(inside, tc)
{
	int rootfd = make_root(), fd;
	struct error e = ERROR_INIT;

	expect_read(rootfd, "etc/passwd", "inside\n");
	expect_read(rootfd, "/etc/passwd", "inside\n");
	expect_read(rootfd, "//etc/./passwd", "inside\n");
#ifdef __linux__
	/* What leads outside for the host leads to the root's own. */
	MUST(symlink("/etc/passwd", "root/absolute"));
	MUST(symlink("../../../../../etc/passwd", "root/etc/climbs"));
	MUST(symlink("/etc", "root/dir"));
	expect_read(rootfd, "absolute", "inside\n");
	expect_read(rootfd, "/etc/climbs", "inside\n");
	expect_read(rootfd, "/dir/passwd", "inside\n");
	expect_read(rootfd, "../../../etc/passwd", "inside\n");
#endif
	MUST(symlink("../outside/secret", "root/out"));
	MUST(symlink("../outside", "root/outdir"));
	MUST(symlink("loop", "root/loop"));
	ATF_CHECK(path_open(rootfd, "out", O_RDONLY, 0, &e) < 0);
	ATF_CHECK(path_open(rootfd, "outdir/secret", O_RDONLY, 0, &e) < 0);
	ATF_CHECK(path_open(rootfd, "../outside/secret", O_RDONLY, 0, &e) < 0);
	ATF_CHECK(path_open(rootfd, "loop", O_RDONLY, 0, &e) < 0);
	expect_refused(rootfd, "none", O_RDONLY, ERROR_NOT_FOUND);
	expect_refused(rootfd, "", O_RDONLY, ERROR_NOT_FOUND);
	fd = path_open(rootfd, "/", O_RDONLY | O_DIRECTORY, 0, &e);
	ATF_REQUIRE_MSG(fd >= 0, "%s", e.msg);
	expect_read(fd, "etc/passwd", "inside\n");
}

/* A link that the kernel makes up may lead anywhere. */
ATF_TC_WITHOUT_HEAD(magic_links);
ATF_TC_BODY(magic_links, tc)
{
	int rootfd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct error e = ERROR_INIT;

	if (access("/proc/self/exe", F_OK) < 0)
		atf_tc_skip("no /proc");
	ATF_CHECK_EQ(-1, path_open(rootfd, "/proc/self/exe", O_RDONLY, 0, &e));
	ATF_CHECK_EQ(ELOOP, e.sys_errno);
	ATF_CHECK_EQ(-1, path_open(rootfd, "/proc/self/root/etc/passwd",
	    O_RDONLY, 0, &e));
	ATF_CHECK_EQ(-1, path_open_any(rootfd, "/proc/self/cwd", &e));
}

ATF_TC_WITHOUT_HEAD(create);
ATF_TC_BODY(create, tc)
{
	int rootfd = make_root(), fd;
	struct error e = ERROR_INIT;
	struct stat st;

	umask(0);
	fd = path_open(rootfd, "/etc/new", O_WRONLY | O_CREAT | O_EXCL, 0640,
	    &e);
	ATF_REQUIRE_MSG(fd >= 0, "%s", e.msg);
	ATF_CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	ATF_CHECK_EQ(0, fcntl(fd, F_GETFL) & O_NONBLOCK);
	MUST(fstat(fd, &st));
	ATF_CHECK_EQ(0640, st.st_mode & 07777);
	close(fd);
	expect_refused(rootfd, "/etc/new", O_WRONLY | O_CREAT | O_EXCL,
	    ERROR_EXISTS);
	fd = path_open(rootfd, "/etc/passwd", O_RDONLY | O_NONBLOCK, 0, &e);
	ATF_CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	close(fd);
#ifdef __linux__
	/* A link that dangles outside is made good inside. */
	MUST(symlink("../outside/made", "root/dangling"));
	MUST(mkdir("root/outside", 0755));
	fd = path_open(rootfd, "dangling", O_WRONLY | O_CREAT, 0600, &e);
	ATF_CHECK_MSG(fd >= 0, "%s", e.msg);
	ATF_CHECK(file_exists(AT_FDCWD, "root/outside/made"));
	ATF_CHECK(!file_exists(AT_FDCWD, "outside/made"));
	close(fd);
#endif
}

/* What would hang or do something when opened. */
ATF_TC(kinds);
ATF_TC_HEAD(kinds, tc)
{
	atf_tc_set_md_var(tc, "timeout", "20");
}
ATF_TC_BODY(kinds, tc)
{
	int rootfd = make_root(), fd, s = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un sun = { .sun_family = AF_UNIX,
		.sun_path = "root/socket" };
	AUTO_BUF struct buf b = BUF_INIT;
	struct error e = ERROR_INIT;
	struct stat st;

	MUST(mkfifo("root/fifo", 0666));
	MUST(bind(s, (struct sockaddr *)&sun, sizeof(sun)));
	expect_refused(rootfd, "fifo", O_RDONLY, ERROR_DATA);
	expect_refused(rootfd, "fifo", O_WRONLY, ERROR_DATA);
	expect_refused(rootfd, "fifo", O_RDWR, ERROR_DATA);
	expect_refused(rootfd, "socket", O_RDONLY, ERROR_DATA);
	expect_refused(rootfd, "etc", O_RDONLY, ERROR_DATA);
	expect_refused(rootfd, "etc", O_WRONLY, ERROR_DATA);
	ATF_CHECK_EQ(-1, path_read(rootfd, "fifo", 100, &b, &e));
	ATF_CHECK_EQ(ERROR_DATA, e.kind);
	ATF_CHECK_EQ(-1, path_read(rootfd, "etc/passwd", 6, &b, &e));
	ATF_CHECK_EQ(ERROR_DATA, e.kind);
	ATF_CHECK_MATCH("^etc/passwd: ", e.msg);
	if (geteuid() == 0 && mknod("root/null", S_IFCHR | 0666,
	    makedev(1, 3)) == 0)
		expect_refused(rootfd, "null", O_RDONLY, ERROR_DATA);
	fd = path_open_any(rootfd, "fifo", &e);
	ATF_REQUIRE_MSG(fd >= 0, "%s", e.msg);
	MUST(fstat(fd, &st));
	ATF_CHECK(S_ISFIFO(st.st_mode));
	ATF_CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	close(fd);
	fd = path_open_any(rootfd, "/", &e);
	ATF_CHECK(fd >= 0);
	close(fd);
	ATF_CHECK_EQ(-1, path_open_any(rootfd, "none", &e));
	ATF_CHECK_EQ(ERROR_NOT_FOUND, e.kind);
}

static void
expect_mkdirs(int rootfd, const char *path, const char *made)
{
	struct error e = ERROR_INIT;
	struct stat st, named;
	int fd = path_mkdirs(rootfd, path, 0750, &e);

	ATF_REQUIRE_MSG(fd >= 0, "%s", e.msg);
	ATF_CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	MUST(fstat(fd, &st));
	MUST(lstat(made, &named));
	ATF_CHECK(S_ISDIR(named.st_mode));
	ATF_CHECK_EQ(named.st_ino, st.st_ino);
	close(fd);
}

ATF_TC_WITHOUT_HEAD(mkdirs);
ATF_TC_BODY(mkdirs, tc)
{
	int rootfd = make_root();
	struct error e = ERROR_INIT;
	struct stat st;

	umask(0);
	expect_mkdirs(rootfd, "a", "root/a");
	expect_mkdirs(rootfd, "/b/c/d", "root/b/c/d");
	MUST(stat("root/b/c", &st));
	ATF_CHECK_EQ(0750, st.st_mode & 07777);
	expect_mkdirs(rootfd, "/b//c/./e/", "root/b/c/e");
	expect_mkdirs(rootfd, "b/c/../f", "root/b/f");
	expect_mkdirs(rootfd, "/", "root");
	expect_mkdirs(rootfd, "etc", "root/etc");
#ifdef __linux__
	MUST(symlink("/b", "root/abs"));
	MUST(symlink("../../outside", "root/b/out"));
	expect_mkdirs(rootfd, "abs/g", "root/b/g");
	expect_mkdirs(rootfd, "../../h/i", "root/h/i");
	/* It dangles inside, where there is no such directory. */
	ATF_CHECK_EQ(-1, path_mkdirs(rootfd, "b/out/j", 0755, &e));
	MUST(mkdir("root/outside", 0755));
	expect_mkdirs(rootfd, "b/out/j", "root/outside/j");
#endif
	ATF_CHECK(!file_exists(AT_FDCWD, "outside/j"));
	ATF_CHECK(!file_exists(AT_FDCWD, "h"));
	ATF_CHECK_EQ(-1, path_mkdirs(rootfd, "etc/passwd", 0755, &e));
	ATF_CHECK_EQ(-1, path_mkdirs(rootfd, "etc/passwd/x", 0755, &e));
	ATF_CHECK_EQ(ENOTDIR, e.sys_errno);
	ATF_CHECK_EQ(-1, path_mkdirs(rootfd, "", 0755, &e));
}

#ifdef __linux__
static pid_t swapper;

/* A jail that swaps a and b, for ever. */
static void
start_swapper(const char *a, const char *b)
{
	pid_t test = getpid();

	swapper = fork();
	if (swapper != 0)
		return;
	while (getppid() == test)
		if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) < 0)
			break;
	_exit(1);
}

static void
stop_swapper(void)
{
	int status;

	kill(swapper, SIGKILL);
	ATF_REQUIRE_EQ(swapper, waitpid(swapper, &status, 0));
	ATF_REQUIRE_MSG(WIFSIGNALED(status), "the swapper failed");
}

/* What open(2) would have read: the race is real. */
static bool
naive_reads_outside(void)
{
	for (int i = 0; i < 1000000; i++) {
		char text[16];
		AUTO_CLOSE int fd = open("root/d/secret",
		    O_RDONLY | O_CLOEXEC);
		ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : 0;

		if (n > 0 && text[0] == 'o')
			return true;
	}
	return false;
}

ATF_TC_WITHOUT_HEAD(race_open);
ATF_TC_BODY(race_open, tc)
{
	int rootfd = make_root();
	unsigned good = 0;

	MUST(mkdir("root/d", 0755));
	put("root/d/secret", "inside\n");
	MUST(symlink("../outside", "root/l"));
	start_swapper("root/d", "root/l");
	for (int i = 0; i < 30000; i++) {
		AUTO_BUF struct buf b = BUF_INIT;
		struct error e = ERROR_INIT;
		int fd;

		if (path_read(rootfd, "d/secret", 100, &b, &e) == 0) {
			good++;
			ATF_REQUIRE_STREQ("inside\n", buf_text(&b));
		}
		fd = path_open(rootfd, "d/new", O_WRONLY | O_CREAT, 0600, &e);
		if (fd >= 0)
			close(fd);
	}
	ATF_CHECK(naive_reads_outside());
	stop_swapper();
	ATF_CHECK(good > 0);
	ATF_CHECK(!file_exists(AT_FDCWD, "outside/new"));
}

ATF_TC_WITHOUT_HEAD(race_mkdirs);
ATF_TC_BODY(race_mkdirs, tc)
{
	int rootfd = make_root();
	unsigned good = 0;

	MUST(mkdir("root/d", 0755));
	MUST(symlink("../outside", "root/l"));
	start_swapper("root/d", "root/l");
	for (int i = 0; i < 10000; i++) {
		AUTO_FREE char *path = xasprintf("d/%d/x", i);
		struct error e = ERROR_INIT;
		int fd = path_mkdirs(rootfd, path, 0755, &e);

		if (fd >= 0) {
			good++;
			close(fd);
		}
	}
	stop_swapper();
	ATF_CHECK(good > 0);
	/* Nothing but the two files: its link count tells of directories. */
	for (int i = 0; i < 10000; i++) {
		AUTO_FREE char *path = xasprintf("outside/%d", i);

		ATF_REQUIRE(!file_exists(AT_FDCWD, path));
	}
}
#endif

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, inside);
	ATF_TP_ADD_TC(tp, create);
	ATF_TP_ADD_TC(tp, kinds);
	ATF_TP_ADD_TC(tp, mkdirs);
#ifdef __linux__
	ATF_TP_ADD_TC(tp, magic_links);
	ATF_TP_ADD_TC(tp, race_open);
	ATF_TP_ADD_TC(tp, race_mkdirs);
#endif
	return atf_no_error();
}
