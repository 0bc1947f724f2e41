/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

struct pair {
	int a, b;
};

ATF_TC_WITHOUT_HEAD(push);
ATF_TC_BODY(push, tc)
{
	VEC(struct pair) v = VEC_INIT;

	for (int i = 0; i < 1000; i++)
		VEC_PUSH(&v, (struct pair) { i, -i });
	ATF_CHECK_EQ(1000, v.count);
	ATF_CHECK(v.cap >= v.count);
	for (int i = 0; i < 1000; i++)
		ATF_REQUIRE(v.items[i].a == i && v.items[i].b == -i);
	VEC_FINI(&v);
	ATF_CHECK(v.items == NULL && v.count == 0 && v.cap == 0);
	VEC_FINI(&v);
}

ATF_TC_WITHOUT_HEAD(strings);
ATF_TC_BODY(strings, tc)
{
	AUTO_STRINGS struct strings s = VEC_INIT;
	char text[] = "web";
	char *joined;

	joined = strings_join(&s, ", ");
	ATF_CHECK_STREQ("", joined);
	free(joined);
	strings_add(&s, text);
	text[0] = 'X';
	strings_take(&s, strdup("db"));
	strings_add(&s, "");
	ATF_CHECK_STREQ("web", s.items[0]);
	ATF_CHECK_EQ(1, strings_index(&s, "db"));
	ATF_CHECK_EQ(2, strings_index(&s, ""));
	ATF_CHECK_EQ(-1, strings_index(&s, "d"));
	joined = strings_join(&s, ", ");
	ATF_CHECK_STREQ("web, db, ", joined);
	free(joined);
	strings_sort(&s);
	ATF_CHECK_STREQ("", s.items[0]);
	ATF_CHECK_STREQ("db", s.items[1]);
	ATF_CHECK_STREQ("web", s.items[2]);
	strings_fini(&s);
	strings_fini(&s);
	ATF_CHECK_EQ(0, s.count);
	strings_sort(&s);
}

ATF_TC_WITHOUT_HEAD(copy);
ATF_TC_BODY(copy, tc)
{
	AUTO_STRINGS struct strings a = VEC_INIT, b = VEC_INIT;

	strings_add(&a, "1");
	strings_add(&a, "2");
	strings_add(&b, "0");
	strings_copy(&b, &a);
	strings_fini(&a);
	ATF_CHECK_EQ(3, b.count);
	ATF_CHECK_STREQ("0", b.items[0]);
	ATF_CHECK_STREQ("2", b.items[2]);
	strings_copy(&b, &b);
	ATF_CHECK_EQ(6, b.count);
	ATF_CHECK_STREQ("2", b.items[5]);
}

/* At every count, because the NULL may be what makes it grow. */
ATF_TC_WITHOUT_HEAD(argv);
ATF_TC_BODY(argv, tc)
{
	AUTO_STRINGS struct strings s = VEC_INIT;

	ATF_CHECK(strings_argv(&s)[0] == NULL);
	for (size_t i = 0; i < 40; i++) {
		char **argv;

		strings_add(&s, "x");
		argv = strings_argv(&s);
		ATF_CHECK_EQ(i + 1, s.count);
		for (size_t j = 0; j <= i; j++)
			ATF_REQUIRE_STREQ("x", argv[j]);
		ATF_REQUIRE(argv[i + 1] == NULL);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, push);
	ATF_TP_ADD_TC(tp, strings);
	ATF_TP_ADD_TC(tp, copy);
	ATF_TP_ADD_TC(tp, argv);
	return atf_no_error();
}
