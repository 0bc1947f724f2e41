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

#include "base/auto.h"
#include "base/file.h"
#include "base/spawn.h"
#include "base/xalloc.h"

/* argv of a shell script; the text is the test's own. */
struct script {
	char sh[8], flag[4], *text;
	char *argv[4];
};

static void
script_init(struct script *s, const char *text)
{
	*s = (struct script) { "/bin/sh", "-c", xstrdup(text), { NULL } };
	s->argv[0] = s->sh;
	s->argv[1] = s->flag;
	s->argv[2] = s->text;
}

/* The status of a script run as *s says. */
static int
run_script(struct spawn *s, const char *text)
{
	struct error e = ERROR_INIT;
	struct script script;
	int status = -1;

	script_init(&script, text);
	s->argv = script.argv;
	ATF_REQUIRE_MSG(spawn_run(s, &status, &e) == 0, "%s", e.msg);
	free(script.text);
	return status;
}

static int
run_text(const char *text)
{
	struct spawn s = SPAWN_INIT;

	return run_script(&s, text);
}

static int
run_name(const char *program, struct error *e)
{
	char *copy = xstrdup(program);
	char *argv[] = { copy, NULL };
	struct spawn s = SPAWN_INIT;
	int status = -1;

	s.argv = argv;
	if (spawn_run(&s, &status, e) < 0)
		status = -1;
	free(copy);
	return status;
}

static void
write_file(const char *name, const char *text, mode_t mode)
{
	struct error e = ERROR_INIT;

	ATF_REQUIRE_MSG(file_replace(AT_FDCWD, name, text, strlen(text), mode,
	    FILE_VOLATILE, &e) == 0, "%s", e.msg);
}

static void
expect_file(const char *name, const char *text)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct error e = ERROR_INIT;

	ATF_REQUIRE_MSG(file_read(AT_FDCWD, name, 1 << 20, &b, &e) == 0, "%s",
	    e.msg);
	ATF_CHECK_STREQ(text, buf_text(&b));
}

ATF_TC_WITHOUT_HEAD(status);
ATF_TC_BODY(status, tc)
{
	struct error e = ERROR_INIT;

	ATF_CHECK_EQ(0, run_text("exit 0"));
	ATF_CHECK_EQ(7, run_text("exit 7"));
	ATF_CHECK_EQ(255, run_text("exit 255"));
	ATF_CHECK_EQ(128 + SIGKILL, run_text("kill -KILL $$"));
	ATF_CHECK_EQ(128 + SIGSEGV, run_text("ulimit -c 0; kill -SEGV $$"));
	ATF_CHECK_EQ(127, run_name("no-such-program", &e));
	ATF_CHECK_EQ(127, run_name("/no/such/program", &e));
	ATF_CHECK_EQ(127, run_name("", &e));
	write_file("plain", "#!/bin/sh\nexit 0\n", 0644);
	write_file("noformat", "exit 3\n", 0755);
	write_file("nointerpreter", "#!/no/such/sh\n", 0755);
	ATF_CHECK_EQ(126, run_name("./plain", &e));
	ATF_CHECK_EQ(126, run_name("./noformat", &e));
	ATF_CHECK_EQ(127, run_name("./nointerpreter", &e));
	ATF_CHECK_EQ(126, run_name("/", &e));
	/* No zombie of those that never became a program. */
	ATF_CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

ATF_TC_WITHOUT_HEAD(path);
ATF_TC_BODY(path, tc)
{
	struct error e = ERROR_INIT;
	char cwd[512], path[1200];

	ATF_REQUIRE(getcwd(cwd, sizeof(cwd)) != NULL);
	ATF_REQUIRE(mkdir("a", 0755) == 0 && mkdir("b", 0755) == 0 &&
	    mkdir("a/tool", 0755) == 0);
	write_file("evil", "#!/bin/sh\nexit 9\n", 0755);
	write_file("b/tool", "#!/bin/sh\nexit 4\n", 0755);
	write_file("a/locked", "#!/bin/sh\nexit 0\n", 0644);
	/* The current directory is in no PATH, however it is written. */
	ATF_REQUIRE_EQ(0, setenv("PATH", ":.:/bin::./b:", 1));
	ATF_CHECK_EQ(127, run_name("evil", &e));
	ATF_CHECK_EQ(127, run_name("tool", &e));
	snprintf(path, sizeof(path), "/no/such:%s/a:%s/b", cwd, cwd);
	ATF_REQUIRE_EQ(0, setenv("PATH", path, 1));
	ATF_CHECK_EQ(4, run_name("tool", &e));
	ATF_CHECK_EQ(126, run_name("locked", &e));
	/* Without PATH the system's own directories. */
	ATF_REQUIRE_EQ(0, unsetenv("PATH"));
	ATF_CHECK_EQ(0, run_name("true", &e));
}

ATF_TC_WITHOUT_HEAD(start);
ATF_TC_BODY(start, tc)
{
	struct error e = ERROR_INIT;
	char name[] = "no-such-program";
	char *missing[] = { name, NULL };
	struct spawn s = SPAWN_INIT;
	struct script script;
	pid_t pid = -5;
	int status = -1;

	s.argv = missing;
	ATF_CHECK_EQ(-1, spawn_start(&s, &pid, &e));
	ATF_CHECK_EQ(ERROR_NOT_FOUND, e.kind);
	ATF_CHECK_MATCH("^no-such-program: ", e.msg);
	ATF_CHECK_EQ(-5, pid);
	script_init(&script, "exit 3");
	s.argv = script.argv;
	ATF_REQUIRE_EQ(0, spawn_start(&s, &pid, &e));
	ATF_CHECK_EQ(0, spawn_wait(pid, 10000, &status, &e));
	ATF_CHECK_EQ(3, status);
	/* It was reaped. */
	ATF_CHECK_EQ(-1, spawn_wait(pid, 0, &status, &e));
	s.dir = "/no/such/directory";
	ATF_CHECK_EQ(-1, spawn_run(&s, &status, &e));
	ATF_CHECK_EQ(ERROR_NOT_FOUND, e.kind);
	ATF_CHECK_MATCH("/no/such/directory: ", e.msg);
	free(script.text);
}

ATF_TC_WITHOUT_HEAD(arguments);
ATF_TC_BODY(arguments, tc)
{
	AUTO_BUF struct buf out = BUF_INIT;
	struct error e = ERROR_INIT;
	char printf_[] = "printf", format[] = "<%s>", one[] = "a b\n$(id)",
	    two[] = "", three[] = "*;'\"";
	char *argv[] = { printf_, format, one, two, three, NULL };
	char var[] = "ONLY=this";
	char *envp[] = { var, NULL };
	struct spawn s = SPAWN_INIT;

	buf_puts(&out, "=");
	ATF_REQUIRE_EQ(0, spawn_capture(argv, &out, &e));
	ATF_CHECK_STREQ("=<a b\n$(id)><><*;'\">", buf_text(&out));
	ATF_REQUIRE_EQ(0, setenv("HOST_SECRET", "x", 1));
	ATF_CHECK_EQ(0, run_script(&s, "test \"$HOST_SECRET\" = x"));
	s.envp = envp;
	ATF_CHECK_EQ(0, run_script(&s,
	    "test -z \"$HOST_SECRET\" && test \"$ONLY\" = this"));
	s.dir = "/usr";
	ATF_CHECK_EQ(0, run_script(&s, "test \"$(pwd)\" = /usr"));
}

ATF_TC_WITHOUT_HEAD(relative_to_dir);
ATF_TC_BODY(relative_to_dir, tc)
{
	struct error e = ERROR_INIT;
	char tool[] = "./tool";
	char *argv[] = { tool, NULL };
	struct spawn s = SPAWN_INIT;
	int status;

	ATF_REQUIRE_EQ(0, mkdir("d", 0755));
	write_file("d/tool", "#!/bin/sh\nexit 6\n", 0755);
	s.argv = argv;
	s.dir = "d";
	ATF_REQUIRE_EQ(0, spawn_run(&s, &status, &e));
	ATF_CHECK_EQ(6, status);
}

/* Every way in which the three can stand on one another's place. */
ATF_TC_WITHOUT_HEAD(descriptors);
ATF_TC_BODY(descriptors, tc)
{
	static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 },
		{ 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	int status;

	write_file("in", "input\n", 0600);
	for (size_t i = 0; i < 6; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			struct spawn s = SPAWN_INIT;
			int fds[3] = { open("in", O_RDONLY),
				open("out", O_WRONLY | O_CREAT | O_TRUNC,
				0600), open("err", O_WRONLY | O_CREAT |
				O_TRUNC, 0600) };

			for (int n = 0; n < 3; n++)
				fds[n] = fcntl(fds[n], F_DUPFD_CLOEXEC, 20);
			for (int n = 0; n < 3; n++)
				dup3(fds[n], orders[i][n], O_CLOEXEC);
			s.in = orders[i][0];
			s.out = orders[i][1];
			s.err = orders[i][2];
			_exit(run_script(&s, "cat; echo wrong >&2; exit 5"));
		}
		ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
		ATF_CHECK_EQ(5 << 8, status);
		expect_file("out", "input\n");
		expect_file("err", "wrong\n");
	}
}

ATF_TC_WITHOUT_HEAD(descriptors_shared);
ATF_TC_BODY(descriptors_shared, tc)
{
	struct spawn s = SPAWN_INIT;
	int fd = open("out", O_WRONLY | O_CREAT | O_CLOEXEC, 0600), status;
	pid_t pid;

	s.out = s.err = fd;
	ATF_CHECK_EQ(0, run_script(&s, "echo one; echo two >&2"));
	expect_file("out", "one\ntwo\n");
	close(fd);
	/* A process without stdin, as some daemons are. */
	pid = fork();
	if (pid == 0) {
		close(0);
		fd = open("out", O_WRONLY | O_TRUNC | O_CLOEXEC);
		if (fd != 0)
			_exit(9);
		s.in = -1;
		s.out = fd;
		s.err = -1;
		_exit(run_script(&s, "echo three"));
	}
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_CHECK_EQ(0, status);
	expect_file("out", "three\n");
}

/* A thousand descriptors are open here, three there. */
ATF_TC_WITHOUT_HEAD(descriptors_many);
ATF_TC_BODY(descriptors_many, tc)
{
	AUTO_BUF struct buf out = BUF_INIT;
	struct rlimit limit;
	struct error e = ERROR_INIT;
	char sh[] = "sh", flag[] = "-c", list[] = "i=0; "
	    "while test $i -lt 1000; do test ! -e /dev/fd/$i || "
	    "printf '%d ' $i; i=$((i + 1)); done";
	char *argv[] = { sh, flag, list, NULL };
	AUTO_BUF struct buf inherited = BUF_INIT;

	ATF_REQUIRE_EQ(0, getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	/* What this test was started with itself. */
	for (int i = 0; i < 1000; i++) {
		int flags = fcntl(i, F_GETFD);

		if (i < 3 || (flags >= 0 && (flags & FD_CLOEXEC) == 0))
			buf_printf(&inherited, "%d ", i);
	}
	for (int i = 0; i < 1000; i++)
		ATF_REQUIRE(open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0);
	ATF_REQUIRE_MSG(spawn_capture(argv, &out, &e) == 0, "%s", e.msg);
	ATF_CHECK_STREQ(buf_text(&inherited), buf_text(&out));
}

static void
on_usr1(int signo)
{
}

ATF_TC_WITHOUT_HEAD(signals);
ATF_TC_BODY(signals, tc)
{
	struct sigaction now;
	sigset_t mask, after;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGUSR1, on_usr1);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGUSR2);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	ATF_CHECK_EQ(128 + SIGPIPE, run_text("kill -PIPE $$; exit 7"));
	ATF_CHECK_EQ(128 + SIGINT, run_text("kill -INT $$; exit 7"));
	ATF_CHECK_EQ(128 + SIGTERM, run_text("kill -TERM $$; exit 7"));
	ATF_CHECK_EQ(128 + SIGUSR1, run_text("kill -USR1 $$; exit 7"));
	/* Ours are what they were: the child shares memory, not those. */
	sigprocmask(SIG_SETMASK, NULL, &after);
	ATF_CHECK_EQ(1, sigismember(&after, SIGTERM));
	ATF_CHECK_EQ(1, sigismember(&after, SIGUSR2));
	ATF_CHECK_EQ(0, sigismember(&after, SIGINT));
	ATF_CHECK_EQ(0, sigaction(SIGUSR1, NULL, &now));
	ATF_CHECK(now.sa_handler == on_usr1);
	ATF_CHECK_EQ(0, sigaction(SIGPIPE, NULL, &now));
	ATF_CHECK(now.sa_handler == SIG_IGN);
}

static void
expect_timeout(const char *text, unsigned timeout, uint64_t least,
    uint64_t most)
{
	struct error e = ERROR_INIT;
	struct spawn s = SPAWN_INIT;
	struct script script;
	uint64_t before = clock_ms(), took;
	int status = 77;

	script_init(&script, text);
	s.argv = script.argv;
	s.timeout_ms = timeout;
	ATF_CHECK_EQ(-1, spawn_run(&s, &status, &e));
	took = clock_ms() - before;
	ATF_CHECK_MSG(took >= least && took < most, "%d ms", (int)took);
	ATF_CHECK_EQ(ERROR_FAILED, e.kind);
	ATF_CHECK_MATCH("timed out after", e.msg);
	ATF_CHECK_EQ(77, status);
	/* Nothing of it is left to be waited for. */
	ATF_CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
	free(script.text);
}

ATF_TC_WITHOUT_HEAD(timeout);
ATF_TC_BODY(timeout, tc)
{
	struct spawn s = SPAWN_INIT;

	expect_timeout("exec sleep 60", 200, 200, 1900);
	/* One that does not heed SIGTERM. */
	expect_timeout("trap '' TERM; while :; do sleep 0.1; done", 200, 2200,
	    9000);
	/* One that is in time. */
	s.timeout_ms = 20000;
	ATF_CHECK_EQ(5, run_script(&s, "sleep 0.2; exit 5"));
	/* One that says goodbye when told to: late is late. */
	expect_timeout("trap 'exit 0' TERM; while :; do sleep 0.1; done", 300,
	    300, 2200);
}

static int
capture(const char *text, struct buf *out, struct error *e)
{
	struct script script;
	int result;

	script_init(&script, text);
	result = spawn_capture(script.argv, out, e);
	free(script.text);
	return result;
}

ATF_TC_WITHOUT_HEAD(capture);
ATF_TC_BODY(capture, tc)
{
	AUTO_BUF struct buf out = BUF_INIT;
	struct error e = ERROR_INIT;
	uint64_t before;

	ATF_CHECK_EQ(0, capture("echo out; echo err >&2", &out, &e));
	ATF_CHECK_STREQ("out\n", buf_text(&out));
	ATF_CHECK_EQ(-1, capture("printf 'first\\tline\\nsecond\\n' >&2; "
	    "exit 3", &out, &e));
	ATF_CHECK_EQ(ERROR_FAILED, e.kind);
	ATF_CHECK_STREQ("/bin/sh: first line", e.msg);
	ATF_CHECK_EQ(-1, capture("exit 3", &out, &e));
	ATF_CHECK_STREQ("/bin/sh: ended with status 3", e.msg);
	/* stdin is not the user's. */
	buf_clear(&out);
	ATF_CHECK_EQ(0, capture("cat", &out, &e));
	ATF_CHECK_STREQ("", buf_text(&out));
	/* More on both than pipes hold. */
	ATF_CHECK_EQ(0, capture("dd if=/dev/zero bs=1000 count=500 2>/dev/null "
	    "| tr '\\0' e >&2; dd if=/dev/zero bs=1000 count=500 2>/dev/null "
	    "| tr '\\0' o", &out, &e));
	ATF_CHECK_EQ(500000, out.len);
	ATF_CHECK_EQ(out.len, strspn(buf_text(&out), "o"));
	/* One that leaves a daemon behind, with the pipe. */
	before = clock_ms();
	buf_clear(&out);
	ATF_CHECK_EQ(0, capture("echo started; sleep 5 & exit 0", &out, &e));
	ATF_CHECK_STREQ("started\n", buf_text(&out));
	ATF_CHECK(clock_ms() - before < 4000);
}

ATF_TC_WITHOUT_HEAD(capture_limit);
ATF_TC_BODY(capture_limit, tc)
{
	AUTO_BUF struct buf out = BUF_INIT;
	struct error e = ERROR_INIT;

	ATF_CHECK_EQ(0, capture("dd if=/dev/zero bs=65536 count=256 "
	    "2>/dev/null", &out, &e));
	ATF_CHECK_EQ(16 << 20, out.len);
	buf_clear(&out);
	ATF_CHECK_EQ(-1, capture("exec cat /dev/zero", &out, &e));
	ATF_CHECK_EQ(ERROR_DATA, e.kind);
	ATF_CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, status);
	ATF_TP_ADD_TC(tp, path);
	ATF_TP_ADD_TC(tp, start);
	ATF_TP_ADD_TC(tp, arguments);
	ATF_TP_ADD_TC(tp, relative_to_dir);
	ATF_TP_ADD_TC(tp, descriptors);
	ATF_TP_ADD_TC(tp, descriptors_shared);
	ATF_TP_ADD_TC(tp, descriptors_many);
	ATF_TP_ADD_TC(tp, signals);
	ATF_TP_ADD_TC(tp, timeout);
	ATF_TP_ADD_TC(tp, capture);
	ATF_TP_ADD_TC(tp, capture_limit);
	return atf_no_error();
}
