/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <inttypes.h>
#include <string.h>

#include "base/num.h"

#define KEPT UINT64_C(0x5a5a5a5a5a5a5a5a)

static void
check_uint(const char *s, uint64_t min, uint64_t max, bool good,
    uint64_t expect)
{
	struct error e = ERROR_INIT;
	uint64_t v = KEPT;
	int result = parse_uint(s, min, max, &v, &e);

	ATF_CHECK_EQ_MSG(good ? 0 : -1, result, "'%s' gave %d", s, result);
	ATF_CHECK_EQ_MSG(good ? expect : KEPT, v, "'%s' gave %" PRIu64, s, v);
	ATF_CHECK_EQ(good ? ERROR_NONE : ERROR_USAGE, e.kind);
}

ATF_TC_WITHOUT_HEAD(uint);
ATF_TC_BODY(uint, tc)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "0x1",
		"1.0", "1e3", "one", "18446744073709551616",
		"99999999999999999999999", "\xb2" };

	check_uint("0", 0, UINT64_MAX, true, 0);
	check_uint("007", 0, 10, true, 7);
	check_uint("18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX);
	check_uint("5", 5, 5, true, 5);
	check_uint("4", 5, 6, false, 0);
	check_uint("7", 5, 6, false, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_uint(bad[i], 0, UINT64_MAX, false, 0);
}

static void
check_int(const char *s, int64_t min, int64_t max, bool good, int64_t expect)
{
	struct error e = ERROR_INIT;
	int64_t v = 77;
	int result = parse_int(s, min, max, &v, &e);

	ATF_CHECK_EQ_MSG(good ? 0 : -1, result, "'%s' gave %d", s, result);
	ATF_CHECK_EQ_MSG(good ? expect : 77, v, "'%s' gave %" PRId64, s, v);
}

ATF_TC_WITHOUT_HEAD(sint);
ATF_TC_BODY(sint, tc)
{
	static const char *const bad[] = { "", "-", "--1", "+1", "1-", "- 1",
		"9223372036854775808", "-9223372036854775809",
		"18446744073709551617", "-18446744073709551617" };
	struct error e = ERROR_INIT;
	int64_t v;

	check_int("-1", -1, 3, true, -1);
	check_int("-2", -1, 3, false, 0);
	check_int("4", -1, 3, false, 0);
	check_int("-0", -1, 3, true, 0);
	check_int("9223372036854775807", INT64_MIN, INT64_MAX, true,
	    INT64_MAX);
	check_int("-9223372036854775808", INT64_MIN, INT64_MAX, true,
	    INT64_MIN);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_int(bad[i], INT64_MIN, INT64_MAX, false, 0);
	/* The message names the caller's limits and the text as it is. */
	ATF_CHECK_EQ(-1, parse_int("12345678901234567890", -1, 3, &v, &e));
	ATF_CHECK_STREQ("12345678901234567890 is not between -1 and 3", e.msg);
	ATF_CHECK_EQ(-1, parse_int("--5", -1, 3, &v, &e));
	ATF_CHECK_STREQ("'--5' is not a number", e.msg);
}

static void
check_size(const char *s, bool good, uint64_t expect)
{
	struct error e = ERROR_INIT;
	uint64_t v = KEPT;
	int result = parse_size(s, &v, &e);

	ATF_CHECK_EQ_MSG(good ? 0 : -1, result, "'%s' gave %d", s, result);
	ATF_CHECK_EQ_MSG(good ? expect : KEPT, v, "'%s' gave %" PRIu64, s, v);
	ATF_CHECK_EQ(good ? ERROR_NONE : ERROR_USAGE, e.kind);
}

ATF_TC_WITHOUT_HEAD(size);
ATF_TC_BODY(size, tc)
{
	static const char *const bad[] = { "", "G", "-1", "1 G", "1X", "1GG",
		"1Gi", "1iB", "1G ", " 1G", "1.5.5G", ".5G", "1.G", "1.",
		"1.5", "0.5B", "16E", "18446744073709551616", "16384P",
		"99999999999999999999999G", "0x10", "1e3" };

	check_size("0", true, 0);
	check_size("512", true, 512);
	check_size("512B", true, 512);
	check_size("64K", true, 65536);
	check_size("64k", true, 65536);
	check_size("64KB", true, 65536);
	check_size("64KiB", true, 65536);
	check_size("1.5G", true, UINT64_C(1610612736));
	check_size("0.001K", true, 1);
	check_size("1.25M", true, 1310720);
	check_size("2T", true, UINT64_C(2) << 40);
	check_size("15E", true, UINT64_C(15) << 60);
	check_size("16383P", true, UINT64_C(16383) << 50);
	check_size("18446744073709551615", true, UINT64_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_size(bad[i], false, 0);
}

static void
check_duration(const char *s, bool good, uint64_t expect)
{
	struct error e = ERROR_INIT;
	uint64_t v = KEPT;
	int result = parse_duration(s, &v, &e);

	ATF_CHECK_EQ_MSG(good ? 0 : -1, result, "'%s' gave %d", s, result);
	ATF_CHECK_EQ_MSG(good ? expect : KEPT, v, "'%s' gave %" PRIu64, s, v);
}

ATF_TC_WITHOUT_HEAD(duration);
ATF_TC_BODY(duration, tc)
{
	static const char *const bad[] = { "", "s", "-5", "5 s", "5y", "5mm",
		"5sx", "1h ", "1.s", "1..5s", "18446744073709551615w",
		"18446744073709551615", "9223372036854775807d1d",
		"ms", "1hh" };

	check_duration("0", true, 0);
	check_duration("30", true, 30000);
	check_duration("500ms", true, 500);
	check_duration("10s", true, 10000);
	check_duration("1.5s", true, 1500);
	check_duration("5m", true, 300000);
	check_duration("2h", true, 7200000);
	check_duration("1d", true, 86400000);
	check_duration("1w", true, 604800000);
	check_duration("1h30m", true, 5400000);
	check_duration("1h30", true, 3630000);
	check_duration("1m500ms", true, 60500);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_duration(bad[i], false, 0);
}

ATF_TC_WITHOUT_HEAD(boolean);
ATF_TC_BODY(boolean, tc)
{
	static const char *const on[] = { "on", "ON", "yes", "True", "enable",
		"1" };
	static const char *const off[] = { "off", "Off", "no", "FALSE",
		"disable", "0" };
	static const char *const bad[] = { "", "o", "onn", "2", " on", "none" };
	struct error e = ERROR_INIT;
	bool v;

	for (size_t i = 0; i < sizeof(on) / sizeof(on[0]); i++) {
		v = false;
		ATF_CHECK_EQ(0, parse_bool(on[i], &v, &e));
		ATF_CHECK(v);
		ATF_CHECK_EQ(0, parse_bool(off[i], &v, &e));
		ATF_CHECK(!v);
		ATF_CHECK_EQ(-1, parse_bool(bad[i], &v, &e));
	}
}

/* Every printed size is understood, and is at most a tenth below. */
ATF_TC_WITHOUT_HEAD(format);
ATF_TC_BODY(format, tc)
{
	struct error e = ERROR_INIT;
	char text[24];
	uint64_t v;

	ATF_CHECK_STREQ("0", format_size(0, text));
	ATF_CHECK_STREQ("1023", format_size(1023, text));
	ATF_CHECK_STREQ("1.0K", format_size(1024, text));
	ATF_CHECK_STREQ("1.5G", format_size(UINT64_C(1610612736), text));
	ATF_CHECK_STREQ("200M", format_size(209715200, text));
	ATF_CHECK_STREQ("15E", format_size(UINT64_MAX, text));
	for (uint64_t n = 1; n < UINT64_MAX / 3; n = n * 3 - n / 2) {
		ATF_REQUIRE_EQ(0, parse_size(format_size(n, text), &v, &e));
		ATF_CHECK_MSG(v <= n && v >= n - n / 10,
		    "%" PRIu64 " printed as %s", n, text);
	}
	ATF_CHECK_STREQ("0s", format_age(0, text));
	ATF_CHECK_STREQ("59s", format_age(59, text));
	ATF_CHECK_STREQ("1m 0s", format_age(60, text));
	ATF_CHECK_STREQ("2h 5m", format_age(7530, text));
	ATF_CHECK_STREQ("3d 4h", format_age(3 * 86400 + 4 * 3600 + 9, text));
	ATF_CHECK(strlen(format_age(UINT64_MAX, text)) < sizeof(text));
}

ATF_TC_WITHOUT_HEAD(distance);
ATF_TC_BODY(distance, tc)
{
	char sixty[66];

	ATF_CHECK_EQ(0, word_distance("", ""));
	ATF_CHECK_EQ(0, word_distance("boot", "boot"));
	ATF_CHECK_EQ(4, word_distance("", "boot"));
	ATF_CHECK_EQ(4, word_distance("boot", ""));
	ATF_CHECK_EQ(1, word_distance("boot", "bot"));
	ATF_CHECK_EQ(1, word_distance("boot", "boots"));
	ATF_CHECK_EQ(1, word_distance("boot", "boat"));
	ATF_CHECK_EQ(1, word_distance("boot", "obot"));
	ATF_CHECK_EQ(1, word_distance("boot", "boto"));
	ATF_CHECK_EQ(3, word_distance("kitten", "sitting"));
	ATF_CHECK_EQ(2, word_distance("release", "relaese") + 1);
	memset(sixty, 'a', 65);
	sixty[65] = '\0';
	ATF_CHECK_EQ(64, word_distance(sixty, "a"));
	sixty[64] = '\0';
	ATF_CHECK_EQ(63, word_distance(sixty, "a"));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, uint);
	ATF_TP_ADD_TC(tp, sint);
	ATF_TP_ADD_TC(tp, size);
	ATF_TP_ADD_TC(tp, duration);
	ATF_TP_ADD_TC(tp, boolean);
	ATF_TP_ADD_TC(tp, format);
	ATF_TP_ADD_TC(tp, distance);
	return atf_no_error();
}
