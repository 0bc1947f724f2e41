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

/* The child sends from; we receive. */
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

/* The release stands for what is the same in both. */
ATF_TC_WITHOUT_HEAD(base);
ATF_TC_BODY(base, tc)
{
	struct error e = ERROR_INIT;
	struct result r;
	int from, to;

	make_tree();
	settle();
	ATF_REQUIRE(rename("a", "base") == 0 && mkdir("a", 0755) == 0);
	ATF_REQUIRE(rmdir("b") == 0 && mkdir("b", 0755) == 0);
	/* as on a store where files that nobody changes are the very ones */
	from = open_at("base");
	to = open_at("a");
	ATF_REQUIRE_MSG(path_link_tree(from, to, &e) == 0, "%s", e.msg);
	close(to);
	to = open_at("b");
	ATF_REQUIRE_MSG(path_copy_tree(from, to, &e) == 0, "%s", e.msg);
	close(to);
	close(from);
	put("a/new", "new");
	ATF_REQUIRE(unlink("a/empty") == 0);
	transfer("a", "base", "b", "base", true, &r);
	good(&r);
	ATF_CHECK_EQ(3, r.source.bytes);
	/* without the names that base has of the same files */
	ATF_REQUIRE(mkdir("c", 0755) == 0);
	from = open_at("a");
	to = open_at("c");
	ATF_REQUIRE_MSG(path_copy_tree(from, to, &e) == 0 &&
	    path_copy_status(from, to, &e) == 0, "%s", e.msg);
	close(to);
	close(from);
	same("c", "b");
	/* what is of the release there is put back as it was */
	put("b/file2", "x");
	ATF_REQUIRE(chmod("b/shut", 0700) == 0);
	put("b/shut/in", "other");
	put("b/shut/more", "more");
	ATF_REQUIRE(unlink("b/big") == 0 && symlink("x", "b/big") == 0);
	transfer("a", "base", "b", "base", false, &r);
	good(&r);
	ATF_CHECK_EQ(0, r.source.bytes);
	same("c", "b");
}

/* A child that says what it is told to, and then reads until we hang up. */
typedef void speak_fn(struct wire *w);

static void
say(struct wire *w, uint8_t type, uint64_t arg, const void *data, size_t len)
{
	struct error e = ERROR_INIT;

	if (wire_put(w, type, arg, data, len, &e) < 0)
		_exit(1);
}

static void
put_record(struct buf *b, enum sync_kind kind, const char *name, uint32_t mode,
    uint64_t size)
{
	struct sync_record *r = calloc(1, sizeof(*r));

	r->kind = kind;
	snprintf(r->name, sizeof(r->name), "%s", name);
	r->mode = mode;
	r->size = size;
	r->group = kind == SYNC_LINK ? size : 0;
	snprintf(r->target, sizeof(r->target), "/etc");
	sync_put_record(b, r);
	free(r);
}

static pid_t
speak(speak_fn *fn, int *end)
{
	int ends[2];
	pid_t pid;

	signal(SIGPIPE, SIG_IGN);
	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    ends) == 0);
	fflush(NULL);
	pid = fork();
	ATF_REQUIRE(pid >= 0);
	if (pid == 0) {
		struct wire w = WIRE_INIT(ends[0], ends[0], "x");
		struct error e = ERROR_INIT;
		struct frame f;

		close(ends[1]);
		fn(&w);
		while (wire_get(&w, &f, &e) == 0)
			;
		_exit(0);
	}
	close(ends[0]);
	*end = ends[1];
	return pid;
}

static void
refused_receiving(speak_fn *fn, const char *text)
{
	struct error e = ERROR_INIT;
	int end, status;
	pid_t pid = speak(fn, &end);
	struct wire w = WIRE_INIT(end, end, "sender");
	struct sync_target t = { .root = open_at("b"), .base = -1,
	    .state = open_at("state"), .scratch = ".scratch", .final = true };

	ATF_CHECK(sync_receive(&w, &t, &e) < 0);
	ATF_CHECK_MSG(e.kind == ERROR_DATA && strstr(e.msg, text) != NULL,
	    "'%s', not '%s'", e.msg, text);
	close(end);
	ATF_REQUIRE(waitpid(pid, &status, 0) == pid);
	close(t.root);
	close(t.state);
	wire_fini(&w);
}

static void
tell(struct wire *w, struct buf *b, uint64_t count)
{
	say(w, SYNC_MANIFEST, 0, b->data, b->len);
	say(w, SYNC_MANIFEST_END, count, NULL, 0);
	buf_fini(b);
}

static void
say_escape(struct wire *w)
{
	struct buf b = BUF_INIT;

	put_record(&b, SYNC_DIR, "", 040755, 0);
	put_record(&b, SYNC_DIR, "..", 040755, 0);
	tell(w, &b, 2);
}

static void
say_slash(struct wire *w)
{
	struct buf b = BUF_INIT;

	put_record(&b, SYNC_DIR, "", 040755, 0);
	put_record(&b, SYNC_SYMLINK, "out/x", 0120777, 0);
	tell(w, &b, 2);
}

/* A link first, a directory of that name then: it is no way out. */
static void
say_through(struct wire *w)
{
	struct buf b = BUF_INIT;

	put_record(&b, SYNC_DIR, "", 040755, 0);
	put_record(&b, SYNC_SYMLINK, "out", 0120777, 0);
	put_record(&b, SYNC_DIR, "out", 040755, 0);
	put_record(&b, SYNC_NODE, "made", 010600, 0);
	put_record(&b, SYNC_LEAVE, "", 0, 0);
	put_record(&b, SYNC_LINK, "later", 0, 1);
	tell(w, &b, 6);
}

static void
say_short(struct wire *w)
{
	struct buf b = BUF_INIT;

	put_record(&b, SYNC_DIR, "", 040755, 0);
	tell(w, &b, 1);
}

static void
say_count(struct wire *w)
{
	struct buf b = BUF_INIT;

	put_record(&b, SYNC_DIR, "", 040755, 0);
	tell(w, &b, UINT64_MAX);
}

static void
say_huge(struct wire *w)
{
	struct buf b = BUF_INIT;

	put_record(&b, SYNC_DIR, "", 040755, 0);
	put_record(&b, SYNC_FILE, "huge", 0100644, INT64_MAX);
	put_record(&b, SYNC_LEAVE, "", 0, 0);
	tell(w, &b, 3);
}

static void
say_file(struct wire *w)
{
	struct buf b = BUF_INIT;

	put_record(&b, SYNC_DIR, "", 040755, 0);
	put_record(&b, SYNC_FILE, "file", 0100644, 4);
	put_record(&b, SYNC_LEAVE, "", 0, 0);
	tell(w, &b, 3);
}

static void
say_sum(struct wire *w)
{
	uint8_t sum[BLAKE2_SIZE] = { 1 };

	say_file(w);
	say(w, SYNC_DATA, 0, "text", 4);
	say(w, SYNC_END, SYNC_COMPLETE, sum, sizeof(sum));
}

static void
say_far(struct wire *w)
{
	say_file(w);
	say(w, SYNC_DATA, SYNC_BLOCK, "text", 4);
}

static void
say_much(struct wire *w)
{
	say_file(w);
	say(w, SYNC_DATA, 0, "more than that", 14);
}

ATF_TC_WITHOUT_HEAD(hostile_sender);
ATF_TC_BODY(hostile_sender, tc)
{
	ATF_REQUIRE(mkdir("b", 0755) == 0 && mkdir("state", 0700) == 0);
	refused_receiving(say_escape, "damaged");
	refused_receiving(say_slash, "damaged");
	refused_receiving(say_through, "leads nowhere");
	ATF_CHECK(access("/etc/made", F_OK) < 0);
	refused_receiving(say_short, "cut off");
	refused_receiving(say_count, "not complete");
	refused_receiving(say_huge, "16 TB");
	refused_receiving(say_sum, "checksum is wrong");
	refused_receiving(say_far, "no place");
	refused_receiving(say_much, "no place");
	ATF_CHECK(access("b/file", F_OK) < 0);
}

/* The manifest is read, then something is asked for. */
static void
hear_manifest(struct wire *w)
{
	struct error e = ERROR_INIT;
	struct frame f;

	do
		if (wire_get(w, &f, &e) < 0)
			_exit(1);
	while (f.type != SYNC_MANIFEST_END);
}

static void
ask(struct wire *w, const char *path, uint64_t count)
{
	char text[SYNC_TOKEN + 256] = "";
	size_t len = strlen(path);

	hear_manifest(w);
	memcpy(text + SYNC_TOKEN, path, len);
	say(w, SYNC_WANT, count, text, SYNC_TOKEN + len);
}

static void
ask_up(struct wire *w)
{
	ask(w, "../secret", 0);
}

static void
ask_through(struct wire *w)
{
	ask(w, "out/passwd", 0);
}

static void
ask_absolute(struct wire *w)
{
	ask(w, "/etc/passwd", 0);
}

static void
ask_many(struct wire *w)
{
	ask(w, "file", UINT64_MAX / 64);
}

static void
ask_other(struct wire *w)
{
	hear_manifest(w);
	say(w, SYNC_DATA, 0, "x", 1);
}

static void
refused_sending(speak_fn *fn, enum error_kind kind)
{
	struct error e = ERROR_INIT;
	int end, status;
	pid_t pid = speak(fn, &end);
	struct wire w = WIRE_INIT(end, end, "receiver");
	struct sync_source s = { .root = open_at("a"), .base = -1 };

	ATF_CHECK(sync_send(&w, &s, &e) < 0);
	ATF_CHECK_MSG(e.kind == kind, "%s", e.msg);
	ATF_CHECK(s.bytes == 0);
	close(end);
	ATF_REQUIRE(waitpid(pid, &status, 0) == pid);
	close(s.root);
	wire_fini(&w);
}

ATF_TC_WITHOUT_HEAD(hostile_receiver);
ATF_TC_BODY(hostile_receiver, tc)
{
	ATF_REQUIRE(mkdir("a", 0755) == 0);
	put("a/file", "text");
	put("secret", "secret");
	ATF_REQUIRE(symlink("/etc", "a/out") == 0);
	refused_sending(ask_up, ERROR_DATA);
	refused_sending(ask_absolute, ERROR_DATA);
	/* what is no file of the tree has changed, as far as we know */
	refused_sending(ask_through, ERROR_BUSY);
	refused_sending(ask_many, ERROR_DATA);
	refused_sending(ask_other, ERROR_DATA);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, all);
	ATF_TP_ADD_TC(tp, blocks);
	ATF_TP_ADD_TC(tp, base);
	ATF_TP_ADD_TC(tp, hostile_sender);
	ATF_TP_ADD_TC(tp, hostile_receiver);
	return atf_no_error();
}
