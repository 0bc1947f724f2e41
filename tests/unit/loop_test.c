/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/loop.h"

#define OK(call) ATF_REQUIRE_MSG((call) == 0, "%s", e.msg)

/* What happened, in order. */
static struct buf story;

static void
tell(const char *word)
{
	if (story.len > 0)
		buf_putc(&story, ' ');
	buf_puts(&story, word);
}

static void
expect_story(const char *text)
{
	ATF_CHECK_STREQ(text, buf_text(&story));
	buf_fini(&story);
}

static void
on_timer(struct loop *loop, void *arg)
{
	tell(arg);
}

static void
on_stop(struct loop *loop, void *arg)
{
	tell("stop");
	loop_stop(loop);
}

static void
on_read(struct loop *loop, int fd, short revents, void *arg)
{
	char byte;

	if (read(fd, &byte, 1) == 1)
		tell(arg);
	else
		loop_fd_remove(loop, fd);
}

ATF_TC_WITHOUT_HEAD(nothing);
ATF_TC_BODY(nothing, tc)
{
	struct error e = ERROR_INIT;
	struct loop *loop = loop_new();

	OK(loop_run(loop, &e));
	loop_fd_remove(loop, 5);
	loop_fd_remove(loop, -1);
	loop_free(loop);
	loop_free(NULL);
}

ATF_TC_WITHOUT_HEAD(timers);
ATF_TC_BODY(timers, tc)
{
	struct error e = ERROR_INIT;
	struct loop *loop = loop_new();
	char names[][4] = { "a", "b", "c", "d" };
	uint64_t before = clock_ms();

	loop_timer(loop, 120, on_timer, names[3]);
	loop_timer(loop, 0, on_timer, names[0]);
	loop_timer(loop, 60, on_timer, names[1]);
	loop_timer(loop, 60, on_timer, names[2]);
	OK(loop_run(loop, &e));
	expect_story("a b c d");
	ATF_CHECK(clock_ms() - before >= 120);
	ATF_CHECK(clock_ms() - before < 3000);
	/* One in the far future does not overflow into now. */
	loop_timer(loop, UINT64_MAX, on_timer, names[0]);
	loop_timer(loop, 20, on_stop, NULL);
	OK(loop_run(loop, &e));
	expect_story("stop");
	loop_free(loop);
}

static unsigned rounds;

static void
on_again(struct loop *loop, void *arg)
{
	if (++rounds < 100000)
		loop_timer(loop, 0, on_again, arg);
}

/* A timer that sets itself anew leaves room for the others. */
ATF_TC_WITHOUT_HEAD(fair);
ATF_TC_BODY(fair, tc)
{
	struct error e = ERROR_INIT;
	struct loop *loop = loop_new();
	char read_[] = "read";
	int p[2];

	ATF_REQUIRE_EQ(0, pipe(p));
	ATF_REQUIRE_EQ(1, write(p[1], "x", 1));
	close(p[1]);
	rounds = 0;
	loop_timer(loop, 0, on_again, NULL);
	loop_fd(loop, p[0], POLLIN, on_read, read_);
	loop_timer(loop, 5, on_stop, NULL);
	OK(loop_run(loop, &e));
	expect_story("read stop");
	ATF_CHECK(rounds > 1 && rounds < 100000);
	loop_free(loop);
}

ATF_TC_WITHOUT_HEAD(descriptors);
ATF_TC_BODY(descriptors, tc)
{
	struct error e = ERROR_INIT;
	struct loop *loop = loop_new();
	char a[] = "a", b[] = "b", c[] = "c";
	int p[2], q[2];

	ATF_REQUIRE(pipe(p) == 0 && pipe(q) == 0);
	ATF_REQUIRE_EQ(2, write(p[1], "xx", 2));
	ATF_REQUIRE_EQ(1, write(q[1], "x", 1));
	close(p[1]);
	close(q[1]);
	loop_fd(loop, p[0], POLLIN, on_read, a);
	loop_fd(loop, q[0], POLLIN, on_read, b);
	/* Again: the watch is changed, not doubled. */
	loop_fd(loop, q[0], POLLIN, on_read, c);
	/* It ends because both remove themselves at their end of file. */
	OK(loop_run(loop, &e));
	expect_story("a c a");
	loop_free(loop);
	ATF_CHECK(fcntl(p[0], F_GETFD) >= 0);
}

static void
on_writable(struct loop *loop, int fd, short revents, void *arg)
{
	ATF_CHECK((revents & POLLOUT) != 0);
	tell("out");
	/* No more room is asked for; the watch stays for reading. */
	loop_fd(loop, fd, POLLIN, on_read, arg);
}

ATF_TC_WITHOUT_HEAD(events_changed);
ATF_TC_BODY(events_changed, tc)
{
	struct error e = ERROR_INIT;
	struct loop *loop = loop_new();
	char in[] = "in";
	int p[2];

	ATF_REQUIRE_EQ(0, pipe(p));
	loop_fd(loop, p[1], POLLOUT, on_writable, in);
	loop_timer(loop, 50, on_stop, NULL);
	OK(loop_run(loop, &e));
	expect_story("out stop");
	loop_free(loop);
}

/* Two pipes that are ready at once; each callback undoes the other. */
struct pair {
	int mine, other;
};

static void
on_rival(struct loop *loop, int fd, short revents, void *arg)
{
	const struct pair *p = arg;

	tell("won");
	loop_fd_remove(loop, p->other);
	loop_fd_remove(loop, p->mine);
}

ATF_TC_WITHOUT_HEAD(remove_other);
ATF_TC_BODY(remove_other, tc)
{
	struct error e = ERROR_INIT;
	struct loop *loop = loop_new();
	int p[2], q[2];
	struct pair a, b;

	ATF_REQUIRE(pipe(p) == 0 && pipe(q) == 0);
	close(p[1]);
	close(q[1]);
	a = (struct pair) { p[0], q[0] };
	b = (struct pair) { q[0], p[0] };
	loop_fd(loop, p[0], POLLIN, on_rival, &a);
	loop_fd(loop, q[0], POLLIN, on_rival, &b);
	OK(loop_run(loop, &e));
	expect_story("won");
	loop_free(loop);
}

static void
on_fresh(struct loop *loop, int fd, short revents, void *arg)
{
	tell("stale");
	loop_fd_remove(loop, fd);
}

/*
 * Closes the other descriptor and opens a new one, which gets its number and
 * is not ready: what poll(2) said of the old one is not told to the new.
 */
static void
on_reuse(struct loop *loop, int fd, short revents, void *arg)
{
	const struct pair *p = arg;
	int q[2];

	tell("reused");
	loop_fd_remove(loop, p->mine);
	loop_fd_remove(loop, p->other);
	close(p->other);
	ATF_REQUIRE_EQ(0, pipe(q));
	ATF_REQUIRE_EQ(p->other, q[0]);
	loop_fd(loop, q[0], POLLIN, on_fresh, NULL);
	loop_timer(loop, 30, on_stop, NULL);
}

ATF_TC_WITHOUT_HEAD(number_reused);
ATF_TC_BODY(number_reused, tc)
{
	struct error e = ERROR_INIT;
	struct loop *loop = loop_new();
	int p[2], q[2];
	struct pair a;

	ATF_REQUIRE(pipe(q) == 0 && pipe(p) == 0);
	close(p[1]);
	ATF_REQUIRE_EQ(1, write(q[1], "x", 1));
	a = (struct pair) { p[0], q[0] };
	loop_fd(loop, p[0], POLLIN, on_reuse, &a);
	loop_fd(loop, q[0], POLLIN, on_fresh, NULL);
	OK(loop_run(loop, &e));
	expect_story("reused stop");
	loop_free(loop);
}

static void
on_many(struct loop *loop, int fd, short revents, void *arg)
{
	char many[] = "m";

	loop_fd_remove(loop, fd);
	if (++rounds == 1)
		for (int i = 0; i < 50; i++) {
			int p[2];

			ATF_REQUIRE_EQ(0, pipe(p));
			close(p[1]);
			loop_fd(loop, p[0], POLLIN, on_many, many);
		}
	close(fd);
}

/* The arrays move while a round goes over them. */
ATF_TC_WITHOUT_HEAD(add_many);
ATF_TC_BODY(add_many, tc)
{
	struct error e = ERROR_INIT;
	struct loop *loop = loop_new();
	int p[2];

	rounds = 0;
	ATF_REQUIRE_EQ(0, pipe(p));
	close(p[1]);
	loop_fd(loop, p[0], POLLIN, on_many, NULL);
	OK(loop_run(loop, &e));
	ATF_CHECK_EQ(51, rounds);
	loop_free(loop);
}

static void
on_invalid(struct loop *loop, int fd, short revents, void *arg)
{
	tell((revents & POLLNVAL) != 0 ? "invalid" : "other");
}

/* Closed without a word: told once, and the loop does not spin. */
ATF_TC_WITHOUT_HEAD(closed);
ATF_TC_BODY(closed, tc)
{
	struct error e = ERROR_INIT;
	struct loop *loop = loop_new();
	int p[2];

	ATF_REQUIRE_EQ(0, pipe(p));
	loop_fd(loop, p[0], POLLIN, on_invalid, NULL);
	close(p[0]);
	OK(loop_run(loop, &e));
	expect_story("invalid");
	loop_free(loop);
}

static void
on_signal(struct loop *loop, int signo, void *arg)
{
	tell(arg);
	if (signo == SIGTERM)
		loop_stop(loop);
}

static void
raise_usr1(struct loop *loop, void *arg)
{
	for (int i = 0; i < 100000; i++)
		if (raise(SIGUSR1) != 0)
			tell("raise");
}

static void
raise_term(struct loop *loop, void *arg)
{
	if (raise(SIGTERM) != 0)
		tell("raise");
}

ATF_TC_WITHOUT_HEAD(signals);
ATF_TC_BODY(signals, tc)
{
	struct error e = ERROR_INIT;
	struct loop *loop = loop_new();
	struct sigaction now;
	char usr1[] = "usr1", term[] = "term", other[] = "other";

	signal(SIGUSR1, SIG_IGN);
	OK(loop_signal(loop, SIGUSR1, on_signal, usr1, &e));
	OK(loop_signal(loop, SIGTERM, on_signal, other, &e));
	/* Again: the callback is changed. */
	OK(loop_signal(loop, SIGTERM, on_signal, term, &e));
	ATF_CHECK_EQ(-1, loop_signal(loop, SIGKILL, on_signal, NULL, &e));
	/* More than the pipe holds; they count as one. */
	loop_timer(loop, 0, raise_usr1, NULL);
	loop_timer(loop, 50, raise_term, NULL);
	OK(loop_run(loop, &e));
	expect_story("usr1 term");
	loop_free(loop);
	sigaction(SIGUSR1, NULL, &now);
	ATF_CHECK(now.sa_handler == SIG_IGN);
	sigaction(SIGTERM, NULL, &now);
	ATF_CHECK(now.sa_handler == SIG_DFL);
	/* And another loop may have them now. */
	loop = loop_new();
	OK(loop_signal(loop, SIGTERM, on_signal, term, &e));
	ATF_REQUIRE_EQ(0, raise(SIGTERM));
	OK(loop_run(loop, &e));
	expect_story("term");
	loop_free(loop);
}

static void
on_first(struct loop *loop, int signo, void *arg)
{
	tell("first");
	loop_stop(loop);
}

/* A signal that was not told before the loop stopped is told by the next. */
ATF_TC(signal_kept);
ATF_TC_HEAD(signal_kept, tc)
{
	atf_tc_set_md_var(tc, "timeout", "20");
}
ATF_TC_BODY(signal_kept, tc)
{
	struct error e = ERROR_INIT;
	struct loop *loop = loop_new();
	char term[] = "term";

	OK(loop_signal(loop, SIGUSR1, on_first, NULL, &e));
	OK(loop_signal(loop, SIGTERM, on_signal, term, &e));
	ATF_REQUIRE(raise(SIGTERM) == 0 && raise(SIGUSR1) == 0);
	OK(loop_run(loop, &e));
	expect_story("first");
	OK(loop_run(loop, &e));
	expect_story("term");
	loop_free(loop);
}

static void
on_child(struct loop *loop, int signo, void *arg)
{
	int status;

	while (waitpid(-1, &status, WNOHANG) > 0)
		rounds++;
	if (rounds == 50)
		loop_stop(loop);
}

/* No death is missed, however many come at once. */
ATF_TC(children);
ATF_TC_HEAD(children, tc)
{
	atf_tc_set_md_var(tc, "timeout", "60");
}
ATF_TC_BODY(children, tc)
{
	struct error e = ERROR_INIT;
	struct loop *loop = loop_new();

	rounds = 0;
	OK(loop_signal(loop, SIGCHLD, on_child, NULL, &e));
	for (int i = 0; i < 50; i++)
		if (fork() == 0) {
			usleep((useconds_t)(i * 331 % 5000));
			_exit(0);
		}
	OK(loop_run(loop, &e));
	ATF_CHECK_EQ(50, rounds);
	loop_free(loop);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, nothing);
	ATF_TP_ADD_TC(tp, timers);
	ATF_TP_ADD_TC(tp, fair);
	ATF_TP_ADD_TC(tp, descriptors);
	ATF_TP_ADD_TC(tp, events_changed);
	ATF_TP_ADD_TC(tp, remove_other);
	ATF_TP_ADD_TC(tp, number_reused);
	ATF_TP_ADD_TC(tp, add_many);
	ATF_TP_ADD_TC(tp, closed);
	ATF_TP_ADD_TC(tp, signals);
	ATF_TP_ADD_TC(tp, signal_kept);
	ATF_TP_ADD_TC(tp, children);
	return atf_no_error();
}
