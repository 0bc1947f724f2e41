/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Two processes and a socket between them: a tree is made like another. */
#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sync.h"

static void
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	ATF_REQUIRE_MSG(fd >= 0, "%s", path);
	ATF_REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void
put_big(const char *path, size_t blocks, int seed)
{
	char *block = malloc(SYNC_BLOCK);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	ATF_REQUIRE(fd >= 0);
	for (size_t i = 0; i < blocks; i++) {
		memset(block, seed + (int)i, SYNC_BLOCK);
		ATF_REQUIRE(write(fd, block, SYNC_BLOCK) == SYNC_BLOCK);
	}
	free(block);
	close(fd);
}

/* So old that its time of change tells. */
static void
settle(void)
{
	struct timespec pause = { 3, 100000000 };

	nanosleep(&pause, NULL);
}

static int
open_at(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ATF_REQUIRE_MSG(fd >= 0, "%s", path);
	return fd;
}

struct result {
	int sent, received;
	struct error sender, receiver;
	struct sync_source source;
	uint64_t files, kept, wire;
};

/* The child sends from; we receive.  cut: the child dies after so many bytes
 * of data. */
static void
transfer(const char *from, const char *base_from, const char *to,
    const char *base_to, bool fresh, struct result *r)
{
	struct sync_known known = { .items = NULL };
	int ends[2], status;
	pid_t pid;

	memset(r, 0, sizeof(*r));
	signal(SIGPIPE, SIG_IGN);
	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    ends) == 0);
	fflush(NULL);
	pid = fork();
	ATF_REQUIRE(pid >= 0);
	if (pid == 0) {
		struct wire w = WIRE_INIT(ends[0], ends[0], "receiver");
		struct sync_source s = { .root = open_at(from),
		    .base = base_from != NULL ? open_at(base_from) : -1 };
		struct error e = ERROR_INIT;
		FILE *f = fopen("sent", "w");

		close(ends[1]);
		status = sync_send(&w, &s, &e);
		if (status < 0)
			sync_tell_error(&w, &e);
		fprintf(f, "%d %d %llu %llu %llu\n", status, (int)e.kind,
		    (unsigned long long)s.files, (unsigned long long)s.bytes,
		    (unsigned long long)s.records);
		fclose(f);
		wire_fini(&w);
		_exit(0);
	}
	close(ends[0]);
	struct wire w = WIRE_INIT(ends[1], ends[1], "sender");
	struct sync_target t = { .root = open_at(to),
	    .base = base_to != NULL ? open_at(base_to) : -1,
	    .state = open_at("state"), .scratch = ".scratch", .final = true,
	    .known = &known, .fresh = fresh };
	ATF_REQUIRE(sync_known_load(&known, t.state, "next",
	    &r->receiver) == 0);
	ATF_REQUIRE(sync_known_load(&known, t.state, "done",
	    &r->receiver) == 0);
	sync_known_sort(&known);
	r->received = sync_receive(&w, &t, &r->receiver);
	if (r->received < 0)
		sync_tell_error(&w, &r->receiver);
	else if (wire_flush(&w, &r->receiver) < 0)
		r->received = -1;
	close(ends[1]);
	ATF_REQUIRE(waitpid(pid, &status, 0) == pid);
	FILE *f = fopen("sent", "r");
	unsigned long long files = 0, bytes = 0, records = 0;
	int kind = 0;
	ATF_REQUIRE(f != NULL && fscanf(f, "%d %d %llu %llu %llu", &r->sent,
	    &kind, &files, &bytes, &records) == 5);
	fclose(f);
	r->sender.kind = (enum error_kind)kind;
	r->source.files = files;
	r->source.bytes = bytes;
	r->source.records = records;
	r->files = t.files;
	r->kept = t.kept;
	r->wire = w.received;
	close(t.root);
	close(t.state);
	if (t.base >= 0)
		close(t.base);
	sync_known_fini(&known);
	wire_fini(&w);
}

static void
same(const char *a, const char *b)
{
	uint8_t x[BLAKE2_SIZE], y[BLAKE2_SIZE];
	struct error e = ERROR_INIT;
	int fd = open_at(a);

	ATF_REQUIRE_MSG(sync_digest(fd, x, &e) == 0, "%s", e.msg);
	close(fd);
	fd = open_at(b);
	ATF_REQUIRE_MSG(sync_digest(fd, y, &e) == 0, "%s", e.msg);
	close(fd);
	ATF_CHECK_MSG(memcmp(x, y, sizeof(x)) == 0, "%s and %s differ", a, b);
}

static void
good(const struct result *r)
{
	ATF_REQUIRE_MSG(r->received == 0, "%s", r->receiver.msg);
	ATF_REQUIRE(r->sent == 0);
}

static void
make_tree(void)
{
	const struct timespec old[2] = { { 1000, 1 }, { -5, 7 } };

	ATF_REQUIRE(mkdir("a", 0755) == 0 && mkdir("b", 0755) == 0 &&
	    mkdir("state", 0700) == 0);
	ATF_REQUIRE(mkdir("a/dir", 0750) == 0 && mkdir("a/shut", 0755) == 0 &&
	    mkdir("a/dir/deep", 0700) == 0);
	put("a/file", "text");
	put("a/empty", "");
	put("a/dir/one", "linked");
	put("a/shut/in", "inside");
	ATF_REQUIRE(link("a/dir/one", "a/dir/deep/two") == 0);
	ATF_REQUIRE(link("a/dir/one", "a/three") == 0);
	ATF_REQUIRE(symlink("../../../etc/passwd", "a/dir/out") == 0);
	ATF_REQUIRE(mkfifo("a/fifo", 0620) == 0);
	put_big("a/big", 20, 1);
	put("a/b\xff\n\x01 odd", "name");
	ATF_REQUIRE(chmod("a/file", 0511) == 0);
	ATF_REQUIRE(utimensat(AT_FDCWD, "a/dir/one", old, 0) == 0);
	ATF_REQUIRE(utimensat(AT_FDCWD, "a/dir/out", old,
	    AT_SYMLINK_NOFOLLOW) == 0);
	ATF_REQUIRE(utimensat(AT_FDCWD, "a/dir", old, 0) == 0);
	ATF_REQUIRE(chmod("a/shut", 0500) == 0);
}

ATF_TC_WITHOUT_HEAD(all);
ATF_TC_BODY(all, tc)
{
	struct result r;
	struct stat x, y;

	make_tree();
	transfer("a", NULL, "b", NULL, true, &r);
	good(&r);
	same("a", "b");
	ATF_REQUIRE(stat("b/dir/one", &x) == 0);
	ATF_REQUIRE(stat("b/dir/deep/two", &y) == 0);
	ATF_CHECK(x.st_ino == y.st_ino && x.st_nlink == 3);
	ATF_CHECK(access("b/.scratch", F_OK) < 0);
	/* what is there is changed in every way */
	settle();
	ATF_REQUIRE(unlink("b/file") == 0 && mkdir("b/file", 0700) == 0);
	put("b/file/x", "x");
	ATF_REQUIRE(unlink("b/fifo") == 0);
	put("b/fifo", "y");
	put("b/extra", "z");
	put_big("b/big", 30, 1);
	ATF_REQUIRE(unlink("b/three") == 0);
	put("b/three", "alone");
	ATF_REQUIRE(chmod("b/dir/out", 0600) < 0 || true);
	ATF_REQUIRE(unlink("b/dir/out") == 0 && symlink("file", "b/dir/out")
	    == 0);
	transfer("a", NULL, "b", NULL, false, &r);
	good(&r);
	same("a", "b");
	ATF_CHECK_EQ(4 + 6, r.source.bytes);
	ATF_REQUIRE(stat("b/three", &y) == 0 && stat("b/dir/one", &x) == 0);
	ATF_CHECK(x.st_ino == y.st_ino && x.st_nlink == 3);
	/* known by now */
	settle();
	transfer("a", NULL, "b", NULL, false, &r);
	good(&r);
	ATF_CHECK(r.source.files == 0 && r.source.bytes == 0);
}

ATF_TC_WITHOUT_HEAD(blocks);
ATF_TC_BODY(blocks, tc)
{
	struct result r;
	struct stat st;
	char *block = malloc(SYNC_BLOCK);
	int fd;

	make_tree();
	fd = open("a/sparse", O_WRONLY | O_CREAT, 0600);
	ATF_REQUIRE(fd >= 0 && ftruncate(fd, (off_t)10 << 30) == 0);
	memset(block, 9, SYNC_BLOCK);
	ATF_REQUIRE(pwrite(fd, "x", 1, (off_t)5 << 30) == 1);
	transfer("a", NULL, "b", NULL, true, &r);
	good(&r);
	ATF_REQUIRE(stat("b/sparse", &st) == 0);
	ATF_CHECK(st.st_size == (off_t)10 << 30 && st.st_blocks < 1000);
	settle();
	/* a block in the middle, one at the end, a hole where data was */
	ATF_REQUIRE(pwrite(fd, "y", 1, (off_t)7 << 30) == 1);
	close(fd);
	fd = open("a/big", O_RDWR);
	ATF_REQUIRE(pwrite(fd, block, 1, 7 * SYNC_BLOCK) == 1);
	ATF_REQUIRE(pwrite(fd, block, 10, 20 * SYNC_BLOCK) == 10);
	close(fd);
	transfer("a", NULL, "b", NULL, false, &r);
	good(&r);
	ATF_CHECK_EQ(2 * (uint64_t)SYNC_BLOCK + 10, r.source.bytes);
	ATF_CHECK_EQ(2, r.source.files);
	free(block);
	ATF_REQUIRE(unlink("a/sparse") == 0);
	transfer("a", NULL, "b", NULL, false, &r);
	good(&r);
	same("a", "b");
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, all);
	ATF_TP_ADD_TC(tp, blocks);
	return atf_no_error();
}
