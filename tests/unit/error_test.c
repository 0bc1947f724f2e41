/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"

ATF_TC_WITHOUT_HEAD(makers);
ATF_TC_BODY(makers, tc)
{
	struct error e = ERROR_INIT;

	ATF_CHECK_EQ(ERROR_NONE, e.kind);
	ATF_CHECK_EQ(-1, error_set(&e, ERROR_BUSY, "%s is %d", "web", 7));
	ATF_CHECK_EQ(ERROR_BUSY, e.kind);
	ATF_CHECK_EQ(0, e.sys_errno);
	ATF_CHECK_STREQ("web is 7", e.msg);

	errno = ENOTDIR;
	ATF_CHECK_EQ(-1, error_sys(&e, "open %s", "a/b"));
	ATF_CHECK_EQ(ERROR_FAILED, e.kind);
	ATF_CHECK_EQ(ENOTDIR, e.sys_errno);
	ATF_CHECK_STREQ("open a/b: Not a directory", e.msg);

	ATF_CHECK_EQ(-1, error_wrap(&e, "start %s", "web"));
	ATF_CHECK_EQ(ERROR_FAILED, e.kind);
	ATF_CHECK_EQ(ENOTDIR, e.sys_errno);
	ATF_CHECK_STREQ("start web: open a/b: Not a directory", e.msg);

	error_clear(&e);
	ATF_CHECK_EQ(ERROR_NONE, e.kind);
	ATF_CHECK_EQ(0, e.sys_errno);
	ATF_CHECK_STREQ("", e.msg);
}

ATF_TC_WITHOUT_HEAD(kinds);
ATF_TC_BODY(kinds, tc)
{
	static const struct {
		int err;
		enum error_kind kind;
		int status;
		const char *code;
	} rows[] = {
		{ ENOENT, ERROR_NOT_FOUND, EX_NOINPUT, "not-found" },
		{ EEXIST, ERROR_EXISTS, EX_CANTCREAT, "exists" },
		{ EACCES, ERROR_DENIED, EX_NOPERM, "denied" },
		{ EPERM, ERROR_DENIED, EX_NOPERM, "denied" },
		{ EBUSY, ERROR_BUSY, EX_TEMPFAIL, "busy" },
		{ EOPNOTSUPP, ERROR_UNSUPPORTED, EX_UNAVAILABLE,
		    "unsupported" },
		{ ENOSYS, ERROR_UNSUPPORTED, EX_UNAVAILABLE, "unsupported" },
		{ EIO, ERROR_FAILED, 1, "failed" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error e = ERROR_INIT;

		errno = rows[i].err;
		error_sys(&e, "x");
		ATF_CHECK_EQ(rows[i].kind, e.kind);
		ATF_CHECK_EQ(rows[i].status, error_exit_status(e.kind));
		ATF_CHECK_STREQ(rows[i].code, error_code(e.kind));
	}
	ATF_CHECK_EQ(0, error_exit_status(ERROR_NONE));
	ATF_CHECK_EQ(EX_USAGE, error_exit_status(ERROR_USAGE));
	ATF_CHECK_EQ(EX_DATAERR, error_exit_status(ERROR_DATA));
	ATF_CHECK_EQ(EX_CONFIG, error_exit_status(ERROR_CONFIG));
}

/* Whatever is long, the reason at the end is what the user needs. */
ATF_TC_WITHOUT_HEAD(reason_survives);
ATF_TC_BODY(reason_survives, tc)
{
	struct error e = ERROR_INIT;
	char name[2000];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	errno = ENOSPC;
	error_sys(&e, "write %s", name);
	ATF_CHECK_MATCH("^write nnn.*: No space left on device$", e.msg);
	error_wrap(&e, "start %s", name);
	ATF_CHECK_MATCH("^start nnn.*: .*n: No space left on device$", e.msg);
	ATF_CHECK_EQ(sizeof(e.msg) - 1, strlen(e.msg));
	error_set(&e, ERROR_FAILED, "%s", name);
	ATF_CHECK_EQ(sizeof(e.msg) - 1, strlen(e.msg));
}

/* Names out of a jail end up in messages, and messages on a terminal. */
ATF_TC_WITHOUT_HEAD(one_clean_line);
ATF_TC_BODY(one_clean_line, tc)
{
	struct error e = ERROR_INIT;

	error_set(&e, ERROR_FAILED, "a\nb\033[2Jc\177d\te");
	ATF_CHECK_STREQ("a?b?[2Jc?d?e", e.msg);
	errno = ENOENT;
	error_sys(&e, "\r%s", "gaol: forged\n");
	ATF_CHECK_STREQ("?gaol: forged?: No such file or directory", e.msg);
	error_wrap(&e, "x\n");
	ATF_CHECK_STREQ("x?: ?gaol: forged?: No such file or directory",
	    e.msg);
	error_set(&e, ERROR_FAILED, "%s", "gr\303\274n");
	ATF_CHECK_STREQ("gr\303\274n", e.msg);
}

/* What fn writes to stderr. */
static void
stderr_of(void (*fn)(void), char *text, size_t size)
{
	int p[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	ATF_REQUIRE(saved >= 0 && pipe(p) == 0);
	ATF_REQUIRE(dup2(p[1], STDERR_FILENO) >= 0);
	fn();
	dup2(saved, STDERR_FILENO);
	close(p[1]);
	n = read(p[0], text, size - 1);
	close(p[0]);
	close(saved);
	text[n > 0 ? n : 0] = '\0';
}

static void
say_all(void)
{
	errno = ENOENT;
	log_warn("open %s", "x");
	if (errno != ENOENT)
		log_warnx("errno was lost");
	log_warnx("%d%%", 5);
	log_info("info");
	log_debug("debug");
}

static void
say_forged(void)
{
	log_info("%s", "a\nprog: forged\033[2J\tb");
}

ATF_TC_WITHOUT_HEAD(log);
ATF_TC_BODY(log, tc)
{
	char text[512];

	log_init("prog", 0);
	log_setverbose(0);
	stderr_of(say_all, text, sizeof(text));
	ATF_CHECK_STREQ("prog: open x: No such file or directory\n"
	    "prog: 5%\nprog: info\n", text);
	log_setverbose(1);
	ATF_CHECK_EQ(1, log_getverbose());
	stderr_of(say_all, text, sizeof(text));
	ATF_CHECK_STREQ("prog: open x: No such file or directory\n"
	    "prog: 5%\nprog: info\nprog: debug\n", text);
	log_setverbose(-1);
	stderr_of(say_all, text, sizeof(text));
	ATF_CHECK_STREQ("prog: open x: No such file or directory\n"
	    "prog: 5%\n", text);
	log_setverbose(0);
	stderr_of(say_forged, text, sizeof(text));
	ATF_CHECK_STREQ("prog: a?prog: forged?[2J\tb\n", text);
}

ATF_TC_WITHOUT_HEAD(log_closed);
ATF_TC_BODY(log_closed, tc)
{
	int saved = dup(STDERR_FILENO);

	/* Nobody can be told that; the caller's errno is kept all the same. */
	close(STDERR_FILENO);
	errno = ENOENT;
	log_warn("lost");
	ATF_CHECK_EQ(ENOENT, errno);
	dup2(saved, STDERR_FILENO);
	close(saved);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, makers);
	ATF_TP_ADD_TC(tp, kinds);
	ATF_TP_ADD_TC(tp, reason_survives);
	ATF_TP_ADD_TC(tp, one_clean_line);
	ATF_TP_ADD_TC(tp, log);
	ATF_TP_ADD_TC(tp, log_closed);
	return atf_no_error();
}
