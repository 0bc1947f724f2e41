/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* gaol-init as pid 1: whom it kills, reaps and waits for, when it exits. */
#include <sys/wait.h>

#include <atf-c.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/init_jail.h"

#define ROOT_TEST(name, description)					\
	ATF_TC(name);							\
	ATF_TC_HEAD(name, tc)						\
	{								\
		atf_tc_set_md_var(tc, "descr", description);		\
		atf_tc_set_md_var(tc, "require.user", "root");		\
	}								\
	ATF_TC_BODY(name, tc)

enum { EXITED = 8 };		/* bits that an exit status is shifted by */

static void
hang_up(struct jail *j)
{
	close(j->socket);
	j->socket = -1;
}

static void
persist(struct jail *j, uint32_t flags)
{
	jail_request(j, INIT_PERSIST, flags);
	jail_expect_closed(j);
}

/* Wait for a command to say so. */
static void
wait_for_output(struct jail *j, const char *wanted)
{
	char text[4096] = "";

	for (int i = 0; i < 500; i++) {
		ssize_t n = pread(j->output, text, sizeof(text) - 1, 0);

		ATF_REQUIRE(n >= 0);
		text[n] = '\0';
		if (strcmp(text, wanted) == 0)
			return;
		poll(NULL, 0, 10);
	}
	atf_tc_fail("output: \"%s\", not \"%s\"", text, wanted);
}

ROOT_TEST(kill_command, "INIT_KILL ends the command, and its session")
{
	const char *const jobs[] = { "bash", "-c",
		"trap '' HUP TERM; set -m; sleep 1001 & sleep 1002 & "
		"(sleep 1003 & sleep 1004) & echo ready; sleep 1005; "
		"sleep 1006", NULL };
	struct jail j;

	jail_start(&j, NULL);
	/* Nobody to kill: no answer, no harm. */
	jail_request(&j, INIT_KILL, 0);
	jail_shell(&j, "exit 0", 0);

	jail_send_shell(&j, INIT_RUN, 0, "echo ready; exec sleep 1000");
	wait_for_output(&j, "ready\n");
	jail_request(&j, INIT_KILL, 0);
	jail_expect(&j, INIT_STATUS, SIGKILL, 0);
	jail_output(&j);

	/* Job control gives every job a process group of its own. */
	jail_send(&j, INIT_RUN, &(struct jail_command){ .argv = jobs,
	    .flags = INIT_SETSID });
	wait_for_output(&j, "ready\n");
	jail_request(&j, INIT_KILL, 0);
	jail_expect(&j, INIT_STATUS, SIGKILL, 0);
	jail_output(&j);
	/* They are dying: give them time to be dead. */
	jail_shell(&j, "for i in 1 2 3 4 5 6 7 8 9 10; do "
	    "grep -qs sleep /proc/[0-9]*/comm || exit 0; sleep 0.1; done; "
	    "exit 1", 0);
	jail_end(&j);
}

ROOT_TEST(busy, "one command at a time")
{
	struct jail j;

	jail_start(&j, NULL);
	jail_send_shell(&j, INIT_RUN, 0, "exec sleep 1000");
	jail_send_shell(&j, INIT_RUN, 0, "exit 0");
	jail_expect(&j, INIT_FAILED, EBUSY, STEP_MESSAGE);
	jail_request(&j, INIT_KILL, 0);
	jail_expect(&j, INIT_STATUS, SIGKILL, 0);
	jail_shell(&j, "exit 0", 0);
	jail_end(&j);
}

ROOT_TEST(orphans, "every orphan is reaped")
{
	static const char count[] =
	    "i=0; for s in /proc/[0-9]*/stat; do "
	    "read -r a b c d < $s && case $c in Z) i=$((i + 1));; esac; "
	    "done 2> /dev/null; exit $i";
	struct jail j;

	jail_start(&j, NULL);
	jail_shell(&j, "for i in $(seq 100); do (sleep 0.$i & sleep 0 &) & "
	    "done; wait", 0);
	/* While a command runs, and while none does. */
	jail_shell(&j, "sleep 0.5", 0);
	poll(NULL, 0, 600);
	jail_shell(&j, count, 0);
	jail_end(&j);
}

ROOT_TEST(host_dies, "without its host an unfinished jail dies")
{
	struct jail j;
	struct init_message m = { .type = INIT_RUN, .argc = 1, .size = 100 };

	jail_start(&j, NULL);
	hang_up(&j);
	ATF_REQUIRE_EQ(0, jail_wait(&j));

	/* With a command running that ignores whatever can be ignored. */
	jail_start(&j, NULL);
	jail_send_shell(&j, INIT_RUN, INIT_SETSID,
	    "trap '' HUP TERM INT; (sleep 1000 &) ; echo ready; sleep 1001");
	wait_for_output(&j, "ready\n");
	hang_up(&j);
	ATF_REQUIRE_EQ(0, jail_wait(&j));

	/* In the middle of a message. */
	for (size_t n = 1; n <= sizeof(m) + 1; n += 12) {
		char text[sizeof(m) + 1] = "";

		memcpy(text, &m, sizeof(m));
		jail_start(&j, NULL);
		ATF_REQUIRE_EQ((ssize_t)n, write(j.socket, text, n));
		ATF_REQUIRE(jail_lives(&j, 20));
		hang_up(&j);
		ATF_REQUIRE_EQ(0, jail_wait(&j));
	}
}

ROOT_TEST(pieces, "a message may come byte by byte")
{
	const char *const argv[] = { "sh", "-c", "exit 9", NULL };
	struct jail j;
	size_t size;
	char *text = jail_encode(INIT_RUN, &(struct jail_command){
	    .argv = argv }, &size);

	jail_start(&j, NULL);
	for (size_t i = 0; i < size; i++) {
		ATF_REQUIRE_EQ(1, write(j.socket, text + i, 1));
		sched_yield();
	}
	jail_expect(&j, INIT_STATUS, 9 << EXITED, 0);
	free(text);
	jail_end(&j);
}

ROOT_TEST(persist_stay, "INIT_STAY: a jail lives until SIGTERM")
{
	struct jail j;

	jail_start(&j, NULL);
	jail_shell(&j, "exit 0", 0);
	persist(&j, INIT_STAY);
	ATF_REQUIRE(jail_lives(&j, 300));
	kill(j.pid, SIGTERM);
	ATF_REQUIRE_EQ(0, jail_wait(&j));
	/* The signals that do not end it. */
	jail_start(&j, NULL);
	persist(&j, INIT_STAY);
	kill(j.pid, SIGHUP);
	kill(j.pid, SIGUSR1);
	kill(j.pid, SIGWINCH);
	kill(j.pid, SIGQUIT);
	kill(j.pid, SIGALRM);
	ATF_REQUIRE(jail_lives(&j, 100));
	kill(j.pid, SIGINT);
	ATF_REQUIRE_EQ(0, jail_wait(&j));
}

ROOT_TEST(persist_last, "otherwise a jail lives as long as its processes")
{
	struct jail j, joined;

	jail_start(&j, NULL);
	persist(&j, 0);
	ATF_REQUIRE_EQ(0, jail_wait(&j));

	jail_start(&j, NULL);
	jail_shell(&j, "sleep 0.5 &", 0);
	persist(&j, 0);
	ATF_REQUIRE(jail_lives(&j, 200));
	ATF_REQUIRE_EQ(0, jail_wait(&j));

	/* A process that has come from outside counts. */
	jail_start(&j, NULL);
	jail_join(&j, &joined, NULL);
	jail_send_shell(&joined, INIT_RUN, 0, "echo ready; exec sleep 1000");
	wait_for_output(&joined, "ready\n");
	persist(&j, 0);
	ATF_REQUIRE(jail_lives(&j, 300));
	jail_end(&joined);
	ATF_REQUIRE_EQ(0, jail_wait(&j));
}

ROOT_TEST(stop, "SIGTERM to pid 1 goes to all, and it waits for them")
{
	struct jail j, joined;

	jail_start(&j, NULL);
	jail_shell(&j, "(trap 'sleep 0.3; echo one; exit' TERM; "
	    "while :; do sleep 0.01; done) 2> /dev/null &", 0);
	jail_shell(&j, "(kill -STOP $(exec sh -c 'echo $PPID'); echo two) &"
	    "sleep 0.1", 0);
	jail_join(&j, &joined, NULL);
	jail_send_shell(&joined, INIT_RUN, 0,
	    "trap 'sleep 0.2; echo three; exit 4' TERM; echo ready; "
	    "while :; do sleep 0.01; done");
	wait_for_output(&joined, "ready\n");
	persist(&j, INIT_STAY);
	kill(j.pid, SIGTERM);
	ATF_REQUIRE_EQ(4 << EXITED, jail_wait(&joined));
	ATF_REQUIRE(!jail_lives(&j, 5000));
	jail_expect_output(&j, "one\n");
	ATF_REQUIRE_EQ(0, jail_wait(&j));
}

ROOT_TEST(stop_early, "a jail that is being made can be stopped")
{
	struct jail j;

	jail_start(&j, NULL);
	jail_send_shell(&j, INIT_RUN, 0, "(trap '' TERM; sleep 1) & "
	    "sleep 0.1; echo ready; exec sleep 1000");
	wait_for_output(&j, "ready\n");
	kill(j.pid, SIGTERM);
	jail_expect(&j, INIT_STATUS, SIGTERM, 0);
	jail_send_shell(&j, INIT_RUN, 0, "exit 0");
	jail_expect(&j, INIT_FAILED, ECANCELED, STEP_MESSAGE);
	jail_expect_closed(&j);
	ATF_REQUIRE_EQ(0, jail_wait(&j));
}

ROOT_TEST(stubborn, "who ignores SIGTERM is waited for")
{
	struct jail j;
	long before;

	jail_start(&j, NULL);
	jail_shell(&j, "trap '' TERM; sleep 1000 & echo ready", 0);
	persist(&j, INIT_STAY);
	kill(j.pid, SIGTERM);
	ATF_REQUIRE(jail_lives(&j, 300));
	/* As our child it is waited for without looking again and again. */
	before = jail_status(&j, "voluntary_ctxt_switches");
	poll(NULL, 0, 300);
	ATF_REQUIRE_EQ(before, jail_status(&j, "voluntary_ctxt_switches"));
	jail_end(&j);
}

ROOT_TEST(main_ends, "with its main process a jail ends, as that did")
{
	struct jail j;

	jail_start(&j, NULL);
	jail_shell(&j, "sleep 1000 &", 0);
	jail_send_shell(&j, INIT_MAIN, 0, "exit 7");
	jail_expect(&j, INIT_STATUS, 7 << EXITED, 0);
	jail_expect_closed(&j);
	ATF_REQUIRE_EQ(7 << EXITED, jail_wait(&j));

	jail_start(&j, NULL);
	jail_send_shell(&j, INIT_MAIN, 0, "kill -9 $$");
	jail_expect(&j, INIT_STATUS, SIGKILL, 0);
	ATF_REQUIRE_EQ((128 + SIGKILL) << EXITED, jail_wait(&j));
}

ROOT_TEST(main_alone, "the main process ends when the host has gone")
{
	struct jail j;

	jail_start(&j, NULL);
	jail_send_shell(&j, INIT_MAIN, 0,
	    "trap '' TERM HUP; echo ready; sleep 1000");
	wait_for_output(&j, "ready\n");
	hang_up(&j);
	ATF_REQUIRE_EQ(0, jail_wait(&j));

	/* A main process that cannot be run leaves the jail to the host. */
	jail_start(&j, NULL);
	jail_send(&j, INIT_MAIN, &(struct jail_command){
	    .argv = (const char *const[]){ "/nowhere", NULL } });
	jail_expect(&j, INIT_FAILED, ENOENT, STEP_EXEC);
	jail_shell(&j, "exit 0", 0);
	hang_up(&j);
	ATF_REQUIRE_EQ(0, jail_wait(&j));

	jail_start(&j, NULL);
	jail_send_shell(&j, INIT_MAIN, 0, "exec sleep 1000");
	jail_request(&j, INIT_KILL, 0);
	jail_expect(&j, INIT_STATUS, SIGKILL, 0);
	ATF_REQUIRE_EQ((128 + SIGKILL) << EXITED, jail_wait(&j));
}

ROOT_TEST(main_signals, "signals reach the main process, and it alone")
{
	static const struct {
		int signo;
		const char *name;
	} signals[] = {
		{ SIGHUP, "HUP\n" }, { SIGINT, "INT\n" }, { SIGQUIT, "QUIT\n" },
		{ SIGUSR1, "USR1\n" }, { SIGUSR2, "USR2\n" },
		{ SIGWINCH, "WINCH\n" }, { SIGTERM, "TERM\n" },
	};
	struct jail j;

	jail_start(&j, NULL);
	jail_shell(&j, "(trap 'echo wrong' TERM USR1; "
	    "while :; do sleep 0.01; done) &", 0);
	jail_send_shell(&j, INIT_MAIN, 0,
	    "for s in HUP INT QUIT USR1 USR2 WINCH TERM; do "
	    "trap \"echo $s\" $s; done; trap 'echo TERM; exit 3' TERM; "
	    "echo ready; while :; do sleep 0.01; done");
	wait_for_output(&j, "ready\n");
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		jail_output(&j);
		kill(j.pid, signals[i].signo);
		wait_for_output(&j, signals[i].name);
	}
	jail_expect(&j, INIT_STATUS, 3 << EXITED, 0);
	ATF_REQUIRE_EQ(3 << EXITED, jail_wait(&j));
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

ROOT_TEST(many, "a thousand commands leave nothing behind")
{
	enum { COUNT = 1000 };
	const char *const argv[] = { "/bin/true", NULL };
	struct jail j;
	int descriptors;
	double start;

	jail_start(&j, NULL);
	jail_shell(&j, "exit 0", 0);
	descriptors = jail_descriptors(&j);
	start = now();
	for (int i = 0; i < COUNT; i++) {
		jail_send(&j, INIT_RUN, &(struct jail_command){
		    .argv = argv });
		jail_expect(&j, INIT_STATUS, 0, 0);
	}
	printf("%d commands, %.3f ms each\n", COUNT,
	    (now() - start) * 1e3 / COUNT);
	ATF_REQUIRE_EQ(descriptors, jail_descriptors(&j));
	ATF_REQUIRE(jail_status(&j, "VmRSS") < 128);
	jail_end(&j);
}

ROOT_TEST(idle, "an idle jail costs little memory and no time at all")
{
	struct jail j;
	long rss, before;

	jail_start(&j, NULL);
	jail_shell(&j, "sleep 1000 &", 0);
	persist(&j, 0);
	poll(NULL, 0, 50);
	rss = jail_status(&j, "VmRSS");
	printf("VmRSS %ld kB, VmSize %ld kB, VmPTE %ld kB, "
	    "%d descriptors\n", rss, jail_status(&j, "VmSize"),
	    jail_status(&j, "VmPTE"), jail_descriptors(&j));
	ATF_REQUIRE(rss < 64);
	before = jail_status(&j, "voluntary_ctxt_switches");
	poll(NULL, 0, 1500);
	ATF_REQUIRE_EQ(before, jail_status(&j, "voluntary_ctxt_switches"));
	jail_end(&j);
}

ROOT_TEST(hidden, "the jail's root cannot look into pid 1")
{
	static const char script[] =
	    "ls /proc/1/map_files || readlink /proc/1/exe || ls /proc/1/fd ||"
	    "cat /proc/1/environ || head -c 1 /proc/1/mem || "
	    "cat /proc/1/maps";
	/* Unreadable for the jail: the kernel then protects it as a whole. */
	static const struct jail_options o = {
		.userns = true, .execute_only = true
	};
	struct jail j;

	jail_start(&j, &o);
	jail_send_shell(&j, INIT_RUN, 0, script);
	jail_expect(&j, INIT_STATUS, 1 << EXITED, 0);
	jail_end(&j);
}

ROOT_TEST(misused, "anything but a pid 1 with a known mode does nothing")
{
	const char *program = jail_program();
	const char *modes[] = { "init", "", "nonsense", "execute", NULL };

	for (int i = 0; i < 5; i++) {
		int status;
		pid_t pid = fork();

		ATF_REQUIRE(pid >= 0);
		if (pid == 0) {
			close(3);
			execl(program, "gaol-init", modes[i], NULL);
			_exit(99);
		}
		ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
		ATF_REQUIRE_EQ_MSG(64 << EXITED, status, "mode %d: %x", i,
		    (unsigned)status);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, kill_command);
	ATF_TP_ADD_TC(tp, busy);
	ATF_TP_ADD_TC(tp, orphans);
	ATF_TP_ADD_TC(tp, host_dies);
	ATF_TP_ADD_TC(tp, pieces);
	ATF_TP_ADD_TC(tp, persist_stay);
	ATF_TP_ADD_TC(tp, persist_last);
	ATF_TP_ADD_TC(tp, stop);
	ATF_TP_ADD_TC(tp, stop_early);
	ATF_TP_ADD_TC(tp, stubborn);
	ATF_TP_ADD_TC(tp, main_ends);
	ATF_TP_ADD_TC(tp, main_alone);
	ATF_TP_ADD_TC(tp, main_signals);
	ATF_TP_ADD_TC(tp, many);
	ATF_TP_ADD_TC(tp, idle);
	ATF_TP_ADD_TC(tp, hidden);
	ATF_TP_ADD_TC(tp, misused);
	return (atf_no_error());
}
