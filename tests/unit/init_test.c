/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * gaol-init's requests to run something: what the command becomes, how it
 * ends, and what is said when it cannot be run.  Its life as pid 1 is tested
 * in init_life_test.c.
 */
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <sys/ioctl.h>

#include "tests/unit/init_jail.h"

#define ROOT_TEST(name, description)					\
	ATF_TC(name);							\
	ATF_TC_HEAD(name, tc)						\
	{								\
		atf_tc_set_md_var(tc, "descr", description);		\
		atf_tc_set_md_var(tc, "require.user", "root");		\
	}								\
	ATF_TC_BODY(name, tc)

static void
write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ((ssize_t)strlen(text), write(fd, text, strlen(text)));
	ATF_REQUIRE_EQ(0, fchmod(fd, mode));
	close(fd);
}

/* An absolute path below the directory of the test; the caller frees it. */
static char *
here(const char *name)
{
	char *cwd = getcwd(NULL, 0), *path;

	ATF_REQUIRE(cwd != NULL);
	ATF_REQUIRE(asprintf(&path, "%s/%s", cwd, name) > 0);
	free(cwd);
	return (path);
}

static void
send_program(struct jail *j, uint32_t type, const char *name,
    const char *search)
{
	const char *const argv[] = { name, NULL };
	const char *const env[] = { "X=PATH=/nowhere", search, NULL };

	jail_send(j, type, &(struct jail_command){ .argv = argv, .env = env });
}

ROOT_TEST(status, "how a command ended is told as waitpid(2) does")
{
	struct jail j;

	jail_start(&j, NULL);
	jail_shell(&j, "exit 0", 0);
	jail_shell(&j, "exit 3", 3);
	jail_shell(&j, "exit 255", 255);
	jail_send_shell(&j, INIT_RUN, 0, "kill -9 $$");
	jail_expect(&j, INIT_STATUS, SIGKILL, 0);
	jail_send_shell(&j, INIT_RUN, 0, "kill -TERM $$");
	jail_expect(&j, INIT_STATUS, SIGTERM, 0);
	jail_shell(&j, "echo to stdout; echo to stderr >&2", 0);
	jail_expect_output(&j, "to stdout\nto stderr\n");
	jail_end(&j);
}

ROOT_TEST(cannot_run, "why a program cannot be run is told by errno")
{
	struct jail j;
	char *script = here("bin/script"), *dir = here("bin"), *path;

	ATF_REQUIRE_EQ(0, mkdir("bin", 0755));
	write_file("bin/data", "data", 0644);
	write_file("bin/script", "exit 0\n", 0755);
	ATF_REQUIRE_EQ(0, mkdir("bin/directory", 0755));
	jail_start(&j, NULL);
	send_program(&j, INIT_RUN, "/nowhere/at/all", "PATH=/bin");
	jail_expect(&j, INIT_FAILED, ENOENT, STEP_EXEC);
	send_program(&j, INIT_RUN, "", "PATH=/bin");
	jail_expect(&j, INIT_FAILED, ENOENT, STEP_EXEC);
	send_program(&j, INIT_RUN, "no-such-program", "PATH=/bin");
	jail_expect(&j, INIT_FAILED, ENOENT, STEP_EXEC);
	send_program(&j, INIT_RUN, "/etc/passwd", "PATH=/bin");
	jail_expect(&j, INIT_FAILED, EACCES, STEP_EXEC);
	send_program(&j, INIT_RUN, "/etc/passwd/sh", "PATH=/bin");
	jail_expect(&j, INIT_FAILED, ENOTDIR, STEP_EXEC);
	send_program(&j, INIT_RUN, script, "PATH=/bin");
	jail_expect(&j, INIT_FAILED, ENOEXEC, STEP_EXEC);

	ATF_REQUIRE(asprintf(&path, "PATH=/nowhere:%s:/etc", dir) > 0);
	send_program(&j, INIT_RUN, "data", path);
	jail_expect(&j, INIT_FAILED, EACCES, STEP_EXEC);
	send_program(&j, INIT_RUN, "directory", path);
	jail_expect(&j, INIT_FAILED, EACCES, STEP_EXEC);
	send_program(&j, INIT_RUN, "script", path);
	jail_expect(&j, INIT_FAILED, ENOEXEC, STEP_EXEC);
	free(path);
	free(script);
	free(dir);
	jail_end(&j);
}

ROOT_TEST(search, "a program is looked for in the PATH of its environment")
{
	const char *const argv[] = { "tool", NULL };
	struct jail j;
	char *first = here("first"), *second = here("second"), *path, *filler;
	const char *env[] = { NULL, NULL };

	ATF_REQUIRE_EQ(0, mkdir(first, 0755));
	ATF_REQUIRE_EQ(0, mkdir(second, 0755));
	write_file("second/tool", "#!/bin/sh\necho second\n", 0755);
	jail_start(&j, NULL);
	ATF_REQUIRE(asprintf(&path, "PATH=/nowhere:%s:%s:", first,
	    second) > 0);
	env[0] = path;
	jail_send(&j, INIT_RUN, &(struct jail_command){
	    .argv = argv, .env = env });
	jail_expect(&j, INIT_STATUS, 0, 0);
	jail_expect_output(&j, "second\n");

	write_file("first/tool", "#!/bin/sh\necho first\n", 0755);
	jail_send(&j, INIT_RUN, &(struct jail_command){
	    .argv = argv, .env = env });
	jail_expect(&j, INIT_STATUS, 0, 0);
	jail_expect_output(&j, "first\n");

	/* What cannot be run is passed over for what can. */
	write_file("first/tool", "#!/bin/sh\necho first\n", 0644);
	jail_send(&j, INIT_RUN, &(struct jail_command){
	    .argv = argv, .env = env });
	jail_expect(&j, INIT_STATUS, 0, 0);
	jail_expect_output(&j, "second\n");
	free(path);

	/* Empty elements are the current directory. */
	for (int i = 0; i < 3; i++) {
		const char *const empty[] = {
			"PATH=", "PATH=:/nowhere", "PATH=/nowhere::"
		};

		env[0] = empty[i];
		jail_send(&j, INIT_RUN, &(struct jail_command){
		    .argv = argv, .env = env, .directory = second });
		jail_expect(&j, INIT_STATUS, 0, 0);
		jail_expect_output(&j, "second\n");
	}

	/* Directories too long for any path are passed over. */
	filler = calloc(1, 10001);
	ATF_REQUIRE(filler != NULL);
	memset(filler, 'x', 10000);
	ATF_REQUIRE(asprintf(&path, "PATH=/%s:%s", filler, second) > 0);
	env[0] = path;
	jail_send(&j, INIT_RUN, &(struct jail_command){
	    .argv = argv, .env = env });
	jail_expect(&j, INIT_STATUS, 0, 0);
	free(filler);
	free(path);
	free(first);
	free(second);
	jail_end(&j);
}

ROOT_TEST(environment, "arguments and environment arrive as they were sent")
{
	const char *const argv[] = { "sh", "-c",
		"printf '<%s>' \"$@\"; echo \" $A $B\"", "name", "one", "",
		"two  three", NULL };
	const char *const env[] = { "A=1", "B=", "B=x=y", NULL };
	const char *const print[] = { "/usr/bin/env", NULL };
	struct jail j;

	jail_start(&j, NULL);
	jail_send(&j, INIT_RUN, &(struct jail_command){
	    .argv = argv, .env = env });
	jail_expect(&j, INIT_STATUS, 0, 0);
	jail_expect_output(&j, "<one><><two  three> 1 x=y\n");
	jail_send(&j, INIT_RUN, &(struct jail_command){
	    .argv = print, .env = env });
	jail_expect(&j, INIT_STATUS, 0, 0);
	jail_expect_output(&j, "A=1\nB=\nB=x=y\n");
	jail_send(&j, INIT_RUN, &(struct jail_command){ .argv = print });
	jail_expect(&j, INIT_STATUS, 0, 0);
	jail_expect_output(&j, "");
	jail_end(&j);
}

ROOT_TEST(large, "arguments of megabytes arrive, and too many are refused")
{
	enum { COUNT = 20, SIZE = 100000 };
	const char *argv[COUNT + 2] = { "sh" }, *env[] = { NULL };
	char *big = calloc(1, SIZE + 1), *text;
	struct jail j;
	size_t size;

	ATF_REQUIRE(big != NULL);
	memset(big, 'b', SIZE);
	argv[1] = "-c";
	argv[2] = "echo $# ${#10}";
	for (int i = 3; i <= COUNT; i++)
		argv[i] = big;
	jail_start(&j, NULL);
	jail_send(&j, INIT_RUN, &(struct jail_command){
	    .argv = argv, .env = env });
	/* A stack of unusual size may be too small for them. */
	jail_expect(&j, INIT_STATUS, 0, 0);
	jail_expect_output(&j, "17 100000\n");
	free(big);

	text = calloc(1, sizeof(struct init_message) + INIT_MESSAGE_MAX);
	ATF_REQUIRE(text != NULL);
	memcpy(text, &(struct init_message){ .type = INIT_RUN,
	    .argc = INIT_STRINGS_MAX, .envc = INIT_STRINGS_MAX,
	    .size = 2 * INIT_STRINGS_MAX + 1 }, sizeof(struct init_message));
	size = sizeof(struct init_message) + 2 * INIT_STRINGS_MAX + 1;
	ATF_REQUIRE_EQ((ssize_t)size, write(j.socket, text, size));
	jail_expect(&j, INIT_FAILED, ENOENT, STEP_EXEC);
	free(text);
	ATF_REQUIRE(jail_status(&j, "VmRSS") < 128);
	jail_end(&j);
}

ROOT_TEST(identity, "a command has the ids and groups it was given")
{
	static const struct jail_options userns = { .userns = true };
	const char *const argv[] = { "sh", "-c",
		"grep -E '^(Uid|Gid|Groups|CapEff|NoNewPrivs)' "
		"/proc/self/status", NULL };
	const uint32_t groups[] = { 7, 1000, 65533 };
	uint32_t many[INIT_GROUPS_MAX];
	struct jail j;

	jail_start(&j, &userns);
	jail_send(&j, INIT_RUN, &(struct jail_command){ .argv = argv,
	    .uid = 1001, .gid = 1002, .groups = groups, .group_count = 3,
	    .flags = INIT_NO_NEW_PRIVS });
	jail_expect(&j, INIT_STATUS, 0, 0);
	jail_expect_output(&j, "Uid:\t1001\t1001\t1001\t1001\n"
	    "Gid:\t1002\t1002\t1002\t1002\nGroups:\t7 1000 65533 \n"
	    "CapEff:\t0000000000000000\nNoNewPrivs:\t1\n");
	/* Ids that the jail has not. */
	jail_send(&j, INIT_RUN, &(struct jail_command){ .argv = argv,
	    .uid = 70000 });
	jail_expect(&j, INIT_FAILED, EINVAL, STEP_GROUPS);
	for (uint32_t i = 0; i < INIT_GROUPS_MAX; i++)
		many[i] = i;
	jail_send(&j, INIT_RUN, &(struct jail_command){ .argv = argv,
	    .groups = many, .group_count = INIT_GROUPS_MAX });
	jail_expect(&j, INIT_STATUS, 0, 0);
	ATF_REQUIRE(strstr(jail_output(&j), " 1023 \n") != NULL);
	jail_shell(&j, "grep -E '^(Uid|Groups|NoNew)' /proc/self/status", 0);
	jail_expect_output(&j,
	    "Uid:\t0\t0\t0\t0\nGroups:\t \nNoNewPrivs:\t0\n");
	jail_end(&j);
}

static void
run_in(struct jail *j, const char *directory, uint32_t flags, uint32_t uid)
{
	const char *const argv[] = { "/bin/pwd", NULL };

	jail_send(j, INIT_RUN, &(struct jail_command){ .argv = argv,
	    .directory = directory, .flags = flags, .uid = uid });
}

ROOT_TEST(directory, "a command starts where it shall, or not at all")
{
	struct jail j;
	char *closed = here("closed");

	ATF_REQUIRE_EQ(0, mkdir(closed, 0700));
	jail_start(&j, NULL);
	run_in(&j, "/etc", 0, 0);
	jail_expect(&j, INIT_STATUS, 0, 0);
	jail_expect_output(&j, "/etc\n");
	run_in(&j, "", 0, 0);
	jail_expect(&j, INIT_STATUS, 0, 0);
	jail_expect_output(&j, "/\n");
	run_in(&j, "/nowhere", 0, 0);
	jail_expect(&j, INIT_FAILED, ENOENT, STEP_DIRECTORY);
	run_in(&j, "/etc/passwd", 0, 0);
	jail_expect(&j, INIT_FAILED, ENOTDIR, STEP_DIRECTORY);
	/* With the user's own rights. */
	run_in(&j, closed, 0, 1000);
	jail_expect(&j, INIT_FAILED, EACCES, STEP_DIRECTORY);
	run_in(&j, closed, INIT_HOME, 1000);
	jail_expect(&j, INIT_STATUS, 0, 0);
	jail_expect_output(&j, "/\n");
	run_in(&j, "/nowhere", INIT_HOME, 0);
	jail_expect(&j, INIT_STATUS, 0, 0);
	free(closed);
	jail_end(&j);
}

ROOT_TEST(outside, "no directory outside of the jail is entered")
{
	static const struct jail_options o = { .foreign_input = true };
	struct jail j;

	jail_start(&j, &o);
	run_in(&j, "/proc/self/fd/0", 0, 0);
	jail_expect(&j, INIT_FAILED, ENOENT, STEP_DIRECTORY);
	run_in(&j, "/proc/self/fd/0", INIT_HOME, 0);
	jail_expect(&j, INIT_STATUS, 0, 0);
	jail_expect_output(&j, "/\n");
	jail_end(&j);
}

ROOT_TEST(clean, "nothing of gaol's own state is left to a command")
{
	static const struct jail_options o = { .noisy = true };
	static const char script[] =
	    "umask; ls /proc/self/fd | tr '\\n' ' '; echo; "
	    "grep -E '^Sig(Blk|Ign|Pnd)' /proc/self/status";
	static const char wanted[] = "0022\n0 1 2 3 \n"
	    "SigPnd:\t0000000000000000\nSigBlk:\t0000000000000000\n"
	    "SigIgn:\t0000000000000000\n";
	struct jail j, joined;

	/* ls has the directory open as 3. */
	jail_start(&j, &o);
	jail_shell(&j, script, 0);
	jail_expect_output(&j, wanted);
	jail_join(&j, &joined, &o);
	jail_send_shell(&joined, INIT_RUN, 0, script);
	jail_expect_closed(&joined);
	ATF_REQUIRE(!jail_lives(&joined, 5000));
	jail_expect_output(&joined, wanted);
	jail_end(&joined);
	jail_end(&j);
}

ROOT_TEST(session, "a session of its own, when asked for")
{
	static const char script[] = "set -- $(cat /proc/$$/stat); "
	    "test $6 = $$";
	struct jail j;

	jail_start(&j, NULL);
	jail_send_shell(&j, INIT_RUN, INIT_SETSID, script);
	jail_expect(&j, INIT_STATUS, 0, 0);
	jail_send_shell(&j, INIT_RUN, 0, script);
	jail_expect(&j, INIT_STATUS, 1 << 8, 0);
	jail_end(&j);
}

static void
check_master(struct jail *j)
{
	struct init_answer a;
	struct termios modes;
	struct winsize size;
	struct stat st;
	int fd;

	ATF_REQUIRE(jail_answer_fd(j, &a, &fd));
	ATF_REQUIRE_EQ_MSG(INIT_MASTER, a.type, "answer %u %d %u", a.type,
	    a.value, a.step);
	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(0, fstat(fd, &st));
	ATF_REQUIRE(S_ISCHR(st.st_mode) && major(st.st_rdev) == 5 &&
	    minor(st.st_rdev) == 2);
	ATF_REQUIRE_EQ(0, ioctl(fd, TIOCGWINSZ, &size));
	ATF_REQUIRE_EQ(33, size.ws_row);
	ATF_REQUIRE_EQ(99, size.ws_col);
	ATF_REQUIRE_EQ(0, tcgetattr(fd, &modes));
	modes.c_lflag &= ~(tcflag_t)ECHO;
	ATF_REQUIRE_EQ(0, tcsetattr(fd, TCSANOW, &modes));
	ATF_REQUIRE_EQ(6, write(fd, "typed\n", 6));
	j->output = fd;
}

/* All that was written to the terminal, until its last user has gone. */
static void
expect_terminal(struct jail *j, int output, const char *wanted)
{
	char text[4096] = "";
	size_t have = 0;
	ssize_t n;

	while (have < sizeof(text) - 1 && (n = read(j->output, text + have,
	    sizeof(text) - 1 - have)) > 0)
		have += (size_t)n;
	text[have] = '\0';
	ATF_REQUIRE_STREQ(wanted, text);
	close(j->output);
	j->output = output;
}

static const char *const terminal_script[] = { "sh", "-c",
	"read -r word; echo $word; tty; stty size; "
	"test -t 0 && test -t 1 && test -t 2 && "
	"stat -c '%u:%g %a' $(tty); ls /proc/self/fd | tr '\\n' ' '; "
	"echo; echo control > /dev/tty", NULL };
static const struct jail_command terminal_command = {
	.flags = INIT_TTY, .uid = 1000, .gid = 1000, .rows = 33,
	.columns = 99, .argv = terminal_script,
};
#define TERMINAL_WANTED \
	"typed\r\n/dev/pts/0\r\n33 99\r\n1000:5 620\r\n" \
	"0 1 2 3 \r\ncontrol\r\n"

ROOT_TEST(terminal, "a pty of the jail becomes the standard streams")
{
	static const struct jail_options userns = { .userns = true };
	struct jail j, joined;
	int output;

	jail_start(&j, &userns);
	output = j.output;
	jail_send(&j, INIT_RUN, &terminal_command);
	check_master(&j);
	jail_expect(&j, INIT_STATUS, 0, 0);
	expect_terminal(&j, output, TERMINAL_WANTED);

	jail_join(&j, &joined, &userns);
	output = joined.output;
	jail_send(&joined, INIT_RUN, &terminal_command);
	check_master(&joined);
	jail_expect_closed(&joined);
	expect_terminal(&joined, output, TERMINAL_WANTED);
	ATF_REQUIRE_EQ(0, jail_wait(&joined));
	jail_end(&j);
}

ROOT_TEST(terminal_fake, "what is no pty multiplexer is not sent to the host")
{
	static const struct jail_options none = { .no_pts = true };
	static const struct jail_options fake = { .fake_ptmx = true };
	struct jail j;

	jail_start(&j, &none);
	jail_send(&j, INIT_RUN, &terminal_command);
	jail_expect(&j, INIT_FAILED, ENOENT, STEP_TTY);
	/* The right device is not enough: it must be in a devpts. */
	jail_shell(&j, "mknod -m 666 /dev/pts/ptmx c 5 2; mkdir /dev/pts/pts; "
	    "mount -t devpts -o newinstance devpts /dev/pts/pts", 0);
	jail_send(&j, INIT_RUN, &terminal_command);
	jail_expect(&j, INIT_FAILED, ENODEV, STEP_TTY);
	/* Must not wait for somebody to open the other end. */
	jail_shell(&j, "rm /dev/pts/ptmx; mkfifo /dev/pts/ptmx", 0);
	jail_send(&j, INIT_RUN, &terminal_command);
	jail_expect(&j, INIT_FAILED, ENODEV, STEP_TTY);
	jail_end(&j);

	jail_start(&j, &fake);
	jail_send(&j, INIT_RUN, &terminal_command);
	jail_expect(&j, INIT_FAILED, ENODEV, STEP_TTY);
	jail_end(&j);
}

ROOT_TEST(join, "mode exec becomes the command, in the jail")
{
	struct jail j, joined;

	jail_start(&j, NULL);
	jail_join(&j, &joined, NULL);
	jail_send_shell(&joined, INIT_RUN, 0,
	    "tr '\\0' ' ' < /proc/1/cmdline; exit 5");
	jail_expect_closed(&joined);
	ATF_REQUIRE(!jail_lives(&joined, 5000));
	jail_expect_output(&joined, "gaol-init init ");
	ATF_REQUIRE_EQ(5 << 8, jail_wait(&joined));

	jail_join(&j, &joined, NULL);
	send_program(&joined, INIT_RUN, "no-such-program", "PATH=/bin");
	jail_expect(&joined, INIT_FAILED, ENOENT, STEP_EXEC);
	ATF_REQUIRE_EQ(127 << 8, jail_wait(&joined));

	jail_join(&j, &joined, NULL);
	send_program(&joined, INIT_RUN, "/etc/passwd", "PATH=/bin");
	jail_expect(&joined, INIT_FAILED, EACCES, STEP_EXEC);
	jail_expect_closed(&joined);
	ATF_REQUIRE_EQ(126 << 8, jail_wait(&joined));

	jail_join(&j, &joined, NULL);
	run_in(&joined, "/nowhere", 0, 0);
	jail_expect(&joined, INIT_FAILED, ENOENT, STEP_DIRECTORY);
	ATF_REQUIRE_EQ(126 << 8, jail_wait(&joined));

	jail_join(&j, &joined, NULL);
	jail_send_shell(&joined, INIT_MAIN, 0, "exit 0");
	jail_expect(&joined, INIT_FAILED, EINVAL, STEP_MESSAGE);
	ATF_REQUIRE_EQ(126 << 8, jail_wait(&joined));

	/* The host dies before it has said what to run. */
	jail_join(&j, &joined, NULL);
	ATF_REQUIRE_EQ(10, write(joined.socket, "0123456789", 10));
	close(joined.socket);
	joined.socket = -1;
	ATF_REQUIRE_EQ(126 << 8, jail_wait(&joined));
	ATF_REQUIRE(jail_lives(&j, 0));
	jail_end(&j);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, status);
	ATF_TP_ADD_TC(tp, cannot_run);
	ATF_TP_ADD_TC(tp, search);
	ATF_TP_ADD_TC(tp, environment);
	ATF_TP_ADD_TC(tp, large);
	ATF_TP_ADD_TC(tp, identity);
	ATF_TP_ADD_TC(tp, directory);
	ATF_TP_ADD_TC(tp, outside);
	ATF_TP_ADD_TC(tp, clean);
	ATF_TP_ADD_TC(tp, session);
	ATF_TP_ADD_TC(tp, terminal);
	ATF_TP_ADD_TC(tp, terminal_fake);
	ATF_TP_ADD_TC(tp, join);
	return (atf_no_error());
}
