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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
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

static int
copy(const char *from, const char *to, struct error *e)
{
	AUTO_CLOSE int fromfd = file_opendir(AT_FDCWD, from, e);
	AUTO_CLOSE int tofd = -1;

	if (mkdir(to, 0700) < 0 && errno != EEXIST)
		return -1;
	tofd = file_opendir(AT_FDCWD, to, e);
	ATF_REQUIRE(fromfd >= 0 && tofd >= 0);
	return path_copy_tree(fromfd, tofd, e);
}

static struct stat
stat_of(const char *name)
{
	struct stat st;

	ATF_REQUIRE_MSG(lstat(name, &st) == 0, "%s: %s", name,
	    strerror(errno));
	return st;
}

/* from/NAME and to/NAME have the same content and the same status. */
static void
expect_same(const char *name)
{
	AUTO_FREE char *a = xasprintf("from/%s", name);
	AUTO_FREE char *b = xasprintf("to/%s", name);
	struct stat sa = stat_of(a), sb = stat_of(b);

	ATF_CHECK_EQ_MSG(sa.st_mode, sb.st_mode, "%s: %o %o", name,
	    sa.st_mode, sb.st_mode);
	ATF_CHECK_EQ_MSG(sa.st_uid, sb.st_uid, "%s", name);
	ATF_CHECK_EQ_MSG(sa.st_gid, sb.st_gid, "%s", name);
	ATF_CHECK_EQ_MSG(sa.st_rdev, sb.st_rdev, "%s", name);
	ATF_CHECK_MSG(sa.st_mtim.tv_sec == sb.st_mtim.tv_sec &&
	    sa.st_mtim.tv_nsec == sb.st_mtim.tv_nsec, "%s: time", name);
	ATF_CHECK_MSG(S_ISDIR(sa.st_mode) || sa.st_nlink == sb.st_nlink,
	    "%s: links", name);
	ATF_CHECK_MSG(S_ISDIR(sa.st_mode) || sa.st_size == sb.st_size,
	    "%s: size", name);
	if (S_ISREG(sa.st_mode)) {
		AUTO_BUF struct buf x = BUF_INIT, y = BUF_INIT;
		struct error e = ERROR_INIT;

		OK(file_read(AT_FDCWD, a, 64 << 20, &x, &e));
		OK(file_read(AT_FDCWD, b, 64 << 20, &y, &e));
		ATF_CHECK_MSG(x.len == y.len && (x.len == 0 ||
		    memcmp(x.data, y.data, x.len) == 0), "%s: data", name);
	} else if (S_ISLNK(sa.st_mode)) {
		char x[5000] = "", y[5000] = "";

		ATF_CHECK(readlink(a, x, sizeof(x) - 1) >= 0);
		ATF_CHECK(readlink(b, y, sizeof(y) - 1) >= 0);
		ATF_CHECK_STREQ(x, y);
	}
}

/* A time of its own for each, with nanoseconds. */
static void
touch(const char *name, time_t when)
{
	const struct timespec times[2] = { { when, 123456789 },
		{ when + 1, 987654321 } };

	MUST(utimensat(AT_FDCWD, name, times, AT_SYMLINK_NOFOLLOW));
}

static void
make_source(void)
{
	char target[4001];

	memset(target, 't', sizeof(target) - 1);
	target[sizeof(target) - 1] = '\0';
	MUST(mkdir("from", 0755));
	MUST(mkdir("from/d", 0755));
	MUST(mkdir("from/d/e", 0755));
	put("from/empty", "");
	put("from/d/file", "content\n");
	put("from/d/e/deep", "deeper\n");
	put("from/setuid", "x");
	put("from/secret", "x");
	MUST(chmod("from/secret", 0));
	MUST(symlink("../outside", "from/link"));
	MUST(symlink(target, "from/d/long"));
	MUST(mkfifo("from/fifo", 0620));
	MUST(chmod("from/fifo", 0620));
	MUST(link("from/d/file", "from/hard"));
	MUST(link("from/d/file", "from/d/e/hard"));
	MUST(link("from/link", "from/d/hardlink"));
	if (geteuid() == 0) {
		MUST(lchown("from/link", 77, 78));
		MUST(chown("from/d/file", 1000, 1001));
		MUST(chown("from/d/e", 1002, 1003));
		MUST(chown("from/setuid", 55, 56));
	}
	MUST(chmod("from/setuid", 06755));
	MUST(chmod("from/d/e", 01777));
	touch("from/d/file", 1000000000);
	touch("from/link", 1000000010);
	touch("from/fifo", 1000000020);
	touch("from/d/e/deep", 2);
	touch("from/d/e", 1000000030);
	MUST(chmod("from/d", 0555));
	touch("from/d", 1000000040);
	touch("from", 1000000050);
}

static const char *const source[] = { "", "empty", "d", "d/file", "d/e",
	"d/e/deep", "setuid", "link", "d/long", "fifo", "hard", "d/e/hard",
	"d/hardlink" };

static void
expect_copy(void)
{
	for (size_t i = 0; i < sizeof(source) / sizeof(source[0]); i++)
		expect_same(source[i]);
	ATF_CHECK_EQ(3, stat_of("to/hard").st_nlink);
	ATF_CHECK_EQ(stat_of("to/hard").st_ino, stat_of("to/d/file").st_ino);
	ATF_CHECK_EQ(stat_of("to/hard").st_ino,
	    stat_of("to/d/e/hard").st_ino);
	ATF_CHECK_EQ(stat_of("to/link").st_ino,
	    stat_of("to/d/hardlink").st_ino);
	ATF_CHECK(stat_of("to/hard").st_ino != stat_of("from/hard").st_ino);
}

ATF_TC(everything);
ATF_TC_HEAD(everything, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(everything, tc)
{
	struct error e = ERROR_INIT;
	struct stat dev;

	umask(077);
	make_source();
	MUST(mkdir("from/dev", 0755));
	if (mknod("from/dev/null", S_IFCHR | 0666, makedev(1, 3)) == 0)
		MUST(chmod("from/dev/null", 0666));
	OK(copy("from", "to", &e));
	expect_copy();
	expect_same("secret");
	if (lstat("from/dev/null", &dev) == 0)
		expect_same("dev/null");
	/* Into what is not empty: nothing is overwritten. */
	put("to/empty", "full");
	ATF_CHECK_EQ(-1, copy("from", "to", &e));
	ATF_CHECK_EQ(ERROR_EXISTS, e.kind);
}

/* An ordinary user: the owner is him, and nothing becomes set-user-id. */
ATF_TC_WITHOUT_HEAD(user);
ATF_TC_BODY(user, tc)
{
	struct error e = ERROR_INIT;
	int status = 0;
	pid_t pid;

	make_source();
	MUST(unlink("from/secret"));
	MUST(chmod(".", 0777));
	pid = fork();
	if (pid == 0) {
		if (geteuid() == 0 && (setgid(12345) < 0 || setuid(12345) < 0))
			_exit(2);
		if (copy("from", "to", &e) < 0) {
			fprintf(stderr, "%s\n", e.msg);
			_exit(3);
		}
		_exit(0);
	}
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_CHECK_EQ(0, status);
	ATF_CHECK_EQ(0555, stat_of("to/d").st_mode & 07777);
	ATF_CHECK_EQ(1000000041, stat_of("to/d").st_mtime);
	ATF_CHECK_EQ(3, stat_of("to/hard").st_nlink);
	if (geteuid() == 0) {
		ATF_CHECK_EQ(0755, stat_of("to/setuid").st_mode & 07777);
		ATF_CHECK_EQ(12345, stat_of("to/d/file").st_uid);
	}
}

/* Byte at of a file is a function of at. */
static void
write_blocks(const char *name, off_t size, const off_t *blocks, size_t count)
{
	AUTO_CLOSE int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char block[8192];

	ATF_REQUIRE(fd >= 0);
	for (size_t i = 0; i < count; i++) {
		memset(block, (int)('a' + i % 26), sizeof(block));
		ATF_REQUIRE_EQ((ssize_t)sizeof(block),
		    pwrite(fd, block, sizeof(block), blocks[i]));
	}
	MUST(ftruncate(fd, size));
	MUST(fsync(fd));
}

ATF_TC_WITHOUT_HEAD(sparse);
ATF_TC_BODY(sparse, tc)
{
	static const off_t middle[] = { 4 << 20, 9 << 20 };
	static const off_t first[] = { 0 };
	static const off_t last[] = { (16 << 20) - 8192 };
	static const char *const names[] = { "hole", "middle", "first", "last",
		"odd" };
	struct error e = ERROR_INIT;

	MUST(mkdir("from", 0755));
	write_blocks("from/hole", 16 << 20, NULL, 0);
	write_blocks("from/middle", 16 << 20, middle, 2);
	write_blocks("from/first", 16 << 20, first, 1);
	write_blocks("from/last", 16 << 20, last, 1);
	write_blocks("from/odd", (4 << 20) + 4097, middle, 1);
	OK(copy("from", "to", &e));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		AUTO_FREE char *a = xasprintf("from/%s", names[i]);
		AUTO_FREE char *b = xasprintf("to/%s", names[i]);

		expect_same(names[i]);
		if (stat_of(a).st_blocks > 1000)
			atf_tc_skip("no holes on this file system");
		ATF_CHECK_MSG(stat_of(b).st_blocks < 1000, "%s: %ld blocks",
		    names[i], (long)stat_of(b).st_blocks);
	}
}

static void
write_noise(const char *name, size_t size)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct error e = ERROR_INIT;
	unsigned x = 12345;

	for (size_t i = 0; i < size; i++) {
		x = x * 1103515245 + 12345;
		buf_putc(&b, (char)(x >> 16));
	}
	OK(file_replace(AT_FDCWD, name, buf_text(&b), b.len, 0600,
	    FILE_VOLATILE, &e));
}

ATF_TC_WITHOUT_HEAD(large);
ATF_TC_BODY(large, tc)
{
	struct error e = ERROR_INIT;

	MUST(mkdir("from", 0755));
	write_noise("from/large", (5 << 20) + 3);
	write_noise("from/one", 1);
	write_noise("from/page", 4096);
	write_noise("from/chunk", 256 << 10);
	OK(copy("from", "to", &e));
	expect_same("large");
	expect_same("one");
	expect_same("page");
	expect_same("chunk");
}

/* Deeper than descriptors and paths reach, with links across the depth. */
ATF_TC(deep);
ATF_TC_HEAD(deep, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(deep, tc)
{
	const struct rlimit few = { 180, 180 };
	struct error e = ERROR_INIT;
	struct stat st, top;
	int fd, depth = 3000;

	for (fd = 3; fd < 300; fd++)
		close(fd);
	MUST(mkdir("from", 0755));
	put("from/file", "x");
	fd = open("from", O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < depth; i++) {
		int next;

		MUST(mkdirat(fd, "d", 0755));
		MUST(mkdirat(fd, "sister", 0700));
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
		ATF_REQUIRE(next >= 0);
		if (i % 500 == 499)
			MUST(linkat(AT_FDCWD, "from/file", next, "link", 0));
		MUST(futimens(fd, (const struct timespec[]) { { i, 0 },
		    { i, 7 } }));
		close(fd);
		fd = next;
	}
	close(fd);
	MUST(setrlimit(RLIMIT_NOFILE, &few));
	OK(copy("from", "to", &e));
	fd = open("to", O_RDONLY | O_DIRECTORY);
	MUST(fstatat(fd, "file", &top, 0));
	for (int i = 0; i < depth; i++) {
		int next;

		MUST(fstat(fd, &st));
		ATF_REQUIRE_EQ(i, st.st_mtim.tv_sec);
		ATF_REQUIRE_EQ(7, st.st_mtim.tv_nsec);
		MUST(fstatat(fd, "sister", &st, 0));
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
		ATF_REQUIRE(next >= 0);
		if (i % 500 == 499) {
			MUST(fstatat(next, "link", &st, 0));
			ATF_CHECK_EQ(top.st_ino, st.st_ino);
		}
		close(fd);
		fd = next;
	}
	close(fd);
	OK(path_remove_tree(AT_FDCWD, "from", &e));
	OK(path_remove_tree(AT_FDCWD, "to", &e));
}

ATF_TC_WITHOUT_HEAD(into_itself);
ATF_TC_BODY(into_itself, tc)
{
	struct error e = ERROR_INIT;

	MUST(mkdir("from", 0755));
	MUST(mkdir("from/d", 0755));
	MUST(mkdir("from/d/to", 0755));
	ATF_CHECK_EQ(-1, copy("from", "from/d/to", &e));
	ATF_CHECK_EQ(ERROR_USAGE, e.kind);
	ATF_CHECK_EQ(-1, copy("from", "from", &e));
	ATF_CHECK_EQ(ERROR_USAGE, e.kind);
}

ATF_TC_WITHOUT_HEAD(sockets);
ATF_TC_BODY(sockets, tc)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX,
		.sun_path = "from/socket" };
	struct error e = ERROR_INIT;
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	MUST(mkdir("from", 0755));
	MUST(bind(s, (struct sockaddr *)&sun, sizeof(sun)));
	put("from/file", "x");
	OK(copy("from", "to", &e));
	ATF_CHECK(file_exists(AT_FDCWD, "to/file"));
	ATF_CHECK(!file_exists(AT_FDCWD, "to/socket"));
}

#ifdef __linux__
static void
private_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		atf_tc_skip("no mount namespace: %s", strerror(errno));
}

/* cap_net_bind_service=ep, and an ACL with one more user. */
static const unsigned char capability[] = { 1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0 };
static const unsigned char acl[] = { 2, 0, 0, 0,
	1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 7, 0, 77, 0, 0, 0,
	4, 0, 4, 0, 255, 255, 255, 255, 16, 0, 7, 0, 255, 255, 255, 255,
	32, 0, 4, 0, 255, 255, 255, 255 };

static void
expect_attribute(const char *file, const char *name, const void *value,
    size_t size)
{
	char text[512];
	ssize_t n = lgetxattr(file, name, text, sizeof(text));

	ATF_CHECK_EQ_MSG((ssize_t)size, n, "%s of %s: %s", name, file,
	    strerror(errno));
	ATF_CHECK(n != (ssize_t)size || memcmp(text, value, size) == 0);
}

ATF_TC(attributes);
ATF_TC_HEAD(attributes, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(attributes, tc)
{
	struct error e = ERROR_INIT;

	MUST(mkdir("from", 0755));
	MUST(mkdir("from/d", 0755));
	put("from/file", "x");
	put("from/d/inherits", "x");
	MUST(symlink("file", "from/link"));
	MUST(mkfifo("from/fifo", 0600));
	if (setxattr("from/file", "user.test", "value", 5, 0) < 0)
		atf_tc_skip("no attributes here: %s", strerror(errno));
	MUST(setxattr("from/file", "user.empty", "", 0, 0));
	MUST(setxattr("from/d", "user.dir", "d", 1, 0));
	MUST(setxattr("from", "user.top", "t", 1, 0));
	MUST(lsetxattr("from/link", "trusted.link", "l", 1, 0));
	MUST(lsetxattr("from/fifo", "trusted.fifo", "f", 1, 0));
	MUST(chown("from/file", 1000, 1000));
	MUST(setxattr("from/file", "security.capability", capability,
	    sizeof(capability), 0));
	if (setxattr("from/file", "system.posix_acl_access", acl, sizeof(acl),
	    0) == 0)
		MUST(setxattr("from/d", "system.posix_acl_default", acl,
		    sizeof(acl), 0));
	OK(copy("from", "to", &e));
	expect_attribute("to/file", "user.test", "value", 5);
	expect_attribute("to/file", "user.empty", "", 0);
	expect_attribute("to/d", "user.dir", "d", 1);
	expect_attribute("to", "user.top", "t", 1);
	expect_attribute("to/link", "trusted.link", "l", 1);
	expect_attribute("to/fifo", "trusted.fifo", "f", 1);
	expect_attribute("to/file", "security.capability", capability,
	    sizeof(capability));
	expect_same("file");
	/* The default of the directory did not change what is in it. */
	expect_same("d/inherits");
	ATF_CHECK_EQ(-1, getxattr("to/d/inherits", "system.posix_acl_access",
	    NULL, 0));
	if (getxattr("from/d", "system.posix_acl_default", NULL, 0) > 0) {
		expect_attribute("to/file", "system.posix_acl_access", acl,
		    sizeof(acl));
		expect_attribute("to/d", "system.posix_acl_default", acl,
		    sizeof(acl));
	}
}

/* To another file system, where neither reflinks nor offload may work. */
ATF_TC(other_system);
ATF_TC_HEAD(other_system, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(other_system, tc)
{
	static const off_t middle[] = { 4 << 20 };
	struct error e = ERROR_INIT;

	private_mounts();
	make_source();
	MUST(mkdir("to", 0700));
	MUST(mount("tmpfs", "to", "tmpfs", 0, "size=8m"));
	write_blocks("from/sparse", 16 << 20, middle, 1);
	write_noise("from/noise", 1000003);
	touch("from", 1000000060);
	OK(copy("from", "to", &e));
	expect_copy();
	expect_same("sparse");
	expect_same("noise");
	/* Full: the error says so, and which file it was. */
	MUST(umount("to"));
	MUST(mount("tmpfs", "to", "tmpfs", 0, "size=512k"));
	ATF_CHECK_EQ(-1, copy("from", "to", &e));
	ATF_CHECK_EQ(ENOSPC, e.sys_errno);
	ATF_CHECK_MATCH("^copy noise: ", e.msg);
}

ATF_TC(mounts);
ATF_TC_HEAD(mounts, tc)
{
	atf_tc_set_md_var(tc, "require.user", "root");
}
ATF_TC_BODY(mounts, tc)
{
	struct error e = ERROR_INIT;

	private_mounts();
	MUST(mkdir("from", 0755));
	MUST(mkdir("from/bind", 0755));
	MUST(mkdir("from/tmp", 0755));
	MUST(mkdir("other", 0751));
	put("from/file", "mine");
	put("other/file", "another's");
	MUST(mount("tmpfs", "from/tmp", "tmpfs", 0, "mode=1777"));
	put("from/tmp/file", "x");
	MUST(mount("other", "from/bind", NULL, MS_BIND, NULL));
	MUST(mount("other/file", "from/file", NULL, MS_BIND, NULL));
	OK(copy("from", "to", &e));
	ATF_CHECK(S_ISDIR(stat_of("to/bind").st_mode));
	ATF_CHECK(!file_exists(AT_FDCWD, "to/bind/file"));
	ATF_CHECK_EQ(01777, stat_of("to/tmp").st_mode & 07777);
	ATF_CHECK(!file_exists(AT_FDCWD, "to/tmp/file"));
	ATF_CHECK_EQ(0, stat_of("to/file").st_size);
}

/*
 * A jail swaps names while it is copied: what lies outside is not in the copy.
 */
ATF_TC(race);
ATF_TC_HEAD(race, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(race, tc)
{
	int status, good = 0;
	pid_t pid, test = getpid();

	MUST(mkdir("from", 0755));
	MUST(mkdir("from/d", 0755));
	MUST(mkdir("outside", 0755));
	put("from/d/file", "inside");
	put("from/f", "inside");
	put("outside/secret", "outside");
	MUST(symlink("../outside", "from/ld"));
	MUST(symlink("../outside/secret", "from/lf"));
	pid = fork();
	if (pid == 0) {
		while (getppid() == test) {
			(void)!renameat2(AT_FDCWD, "from/d", AT_FDCWD,
			    "from/ld", RENAME_EXCHANGE);
			(void)!renameat2(AT_FDCWD, "from/f", AT_FDCWD,
			    "from/lf", RENAME_EXCHANGE);
		}
		_exit(1);
	}
	for (int i = 0; i < 1000; i++) {
		static const char *const names[] = { "to/d", "to/ld", "to/f",
			"to/lf" };
		struct error e = ERROR_INIT, e2 = ERROR_INIT;

		good += copy("from", "to", &e) == 0;
		for (size_t n = 0; n < 4; n++) {
			AUTO_FREE char *secret = xasprintf("%s/secret",
			    names[n]);
			AUTO_BUF struct buf b = BUF_INIT;
			struct stat st;

			if (lstat(names[n], &st) < 0)
				continue;
			if (S_ISDIR(st.st_mode))
				ATF_REQUIRE(!file_exists(AT_FDCWD, secret));
			if (S_ISREG(st.st_mode) && file_read(AT_FDCWD,
			    names[n], 100, &b, &e2) == 0)
				ATF_REQUIRE(strcmp(buf_text(&b), "outside"));
		}
		ATF_REQUIRE_EQ(0, path_remove_tree(AT_FDCWD, "to", &e2));
	}
	kill(pid, SIGKILL);
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_REQUIRE(WIFSIGNALED(status));
	ATF_CHECK(good > 0);
}
#endif

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, everything);
	ATF_TP_ADD_TC(tp, user);
	ATF_TP_ADD_TC(tp, sparse);
	ATF_TP_ADD_TC(tp, large);
	ATF_TP_ADD_TC(tp, deep);
	ATF_TP_ADD_TC(tp, into_itself);
	ATF_TP_ADD_TC(tp, sockets);
#ifdef __linux__
	ATF_TP_ADD_TC(tp, attributes);
	ATF_TP_ADD_TC(tp, other_system);
	ATF_TP_ADD_TC(tp, mounts);
	ATF_TP_ADD_TC(tp, race);
#endif
	return atf_no_error();
}
