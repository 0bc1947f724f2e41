/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <string.h>

#include "core/prop.h"

#define LEN_63 "a23456789012345678901234567890123456789012345678901234567890123"

static const char *const good[] = { "a", "Z", "_", "_x", "0a", "web", "web-1",
	"web_1", "web.1", "14.3-RELEASE", "debian-12", "1.2", "a.", "a-", "All",
	"aLL", "ALLx", "all2", LEN_63 };

static const char *const bad[] = { "", "-", "-x", "--help", ".", "..", ".x",
	"a..b", "a..", "/", "a/b", "../x", "a b", " a", "a ", "a\n", "a\tb",
	"a\x1b[2J", "a:b", "a,b", "a@b", "@tag", "a*", "a?", "a=b", "a$b", "a'b",
	"a\"b", "a\\b", "a%b", "a#b", "a;b", "a|b", "a~", "a+b", "{a}", "ALL",
	"all", "\xc3\xa4pfel", "a\xcc\x88", "\xf0\x9f\x98\x80", "a\xff", "a\x7f",
	LEN_63 "x" };

static const char *const numbers[] = { "0", "1", "007", "12345678901234567890",
	"14" };

typedef int check_fn(const char *name, struct error *e);

static check_fn *const checks[] = { name_check_cell, name_check_release,
	name_check_tag };

ATF_TC_WITHOUT_HEAD(accepts);
ATF_TC_BODY(accepts, tc)
{
	ATF_REQUIRE_EQ(strlen(LEN_63), 63);
	for (size_t c = 0; c < 3; c++)
		for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
			struct error e = ERROR_INIT;

			ATF_CHECK_MSG(checks[c](good[i], &e) == 0,
			    "'%s' is refused: %s", good[i], e.msg);
			ATF_CHECK_EQ(e.kind, ERROR_NONE);
		}
}

ATF_TC_WITHOUT_HEAD(refuses);
ATF_TC_BODY(refuses, tc)
{
	for (size_t c = 0; c < 3; c++)
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			struct error e = ERROR_INIT;

			ATF_CHECK_MSG(checks[c](bad[i], &e) == -1,
			    "'%s' is accepted", bad[i]);
			ATF_CHECK_EQ(e.kind, ERROR_USAGE);
			for (const char *p = e.msg; *p != '\0'; p++)
				ATF_CHECK(*p >= 0x20 && *p < 0x7f);
		}
}

/* A number is a jid where a jail is meant, and a fine tag or release. */
ATF_TC_WITHOUT_HEAD(digits_only);
ATF_TC_BODY(digits_only, tc)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct error e = ERROR_INIT;

		ATF_CHECK_EQ(name_check_release(numbers[i], &e), 0);
		ATF_CHECK_EQ(name_check_tag(numbers[i], &e), 0);
		ATF_CHECK_EQ(name_check_cell(numbers[i], &e), -1);
		ATF_CHECK(strstr(e.msg, "jail id") != NULL);
	}
}

/* The message tells whose name it is, and why. */
ATF_TC_WITHOUT_HEAD(messages);
ATF_TC_BODY(messages, tc)
{
	struct error e = ERROR_INIT;
	char huge[4096];

	ATF_CHECK_EQ(name_check_cell("ALL", &e), -1);
	ATF_CHECK_STREQ("'ALL' cannot be the name of a jail: it is a reserved "
	    "word", e.msg);
	ATF_CHECK_EQ(name_check_tag("a b", &e), -1);
	ATF_CHECK_STREQ("'a b' cannot be the name of a tag: only A-Z a-z 0-9 "
	    ". _ - may stand in it", e.msg);
	ATF_CHECK_EQ(name_check_release("\x1b[31m", &e), -1);
	ATF_CHECK_STREQ("that cannot be the name of a release: only A-Z a-z "
	    "0-9 . _ - may stand in it", e.msg);
	memset(huge, 'a', sizeof(huge));
	huge[sizeof(huge) - 1] = '\0';
	ATF_CHECK_EQ(name_check_cell(huge, &e), -1);
	ATF_CHECK(strstr(e.msg, "longer than 63") != NULL);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, accepts);
	ATF_TP_ADD_TC(tp, refuses);
	ATF_TP_ADD_TC(tp, digits_only);
	ATF_TP_ADD_TC(tp, messages);
	return atf_no_error();
}
