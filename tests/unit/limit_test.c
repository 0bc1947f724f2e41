/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What limit.* of a cell.conf becomes for the engine. */
#include <atf-c.h>
#include <string.h>

#include "core/limit.h"

static void
check_rule(const char *text, const char *resource, const char *action,
    uint64_t amount, const char *per)
{
	struct error e = ERROR_INIT;
	struct engine_limit l;

	ATF_REQUIRE_MSG(limit_parse_rule(text, &l, &e) == 0, "%s", e.msg);
	ATF_CHECK_STREQ(resource, l.resource);
	ATF_CHECK_STREQ(action, l.action);
	ATF_CHECK_EQ(amount, l.amount);
	ATF_CHECK_EQ(per == NULL, l.per == NULL);
	if (per != NULL)
		ATF_CHECK_STREQ(per, l.per);
	limit_free(&l);
}

ATF_TC_WITHOUT_HEAD(rules);
ATF_TC_BODY(rules, tc)
{
	struct error e = ERROR_INIT;

	check_rule("nthr:deny=500", "nthr", "deny", 500, NULL);
	check_rule("vmemoryuse:sigterm=1G/process", "vmemoryuse", "sigterm",
	    UINT64_C(1) << 30, "process");
	ATF_CHECK(limit_check_rule("nthr:deny=", &e) < 0);
	ATF_CHECK_EQ(ERROR_CONFIG, e.kind);
}

ATF_TC_WITHOUT_HEAD(cell);
ATF_TC_BODY(cell, tc)
{
	static const char text[] = "web {\n"
	    "\tlimit.memory = 512M;\n\tlimit.cpu = 1.5;\n"
	    "\tlimit.cpuset = 0-1, 3;\n\tlimit.disk = 1G;\n"
	    "\tlimit.rctl = \"nthr:log=5\";\n}\n";
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_SPEC struct spec s;
	struct error e = ERROR_INIT;
	const struct engine_limit *l;

	memset(&s, 0, sizeof(s));
	ATF_REQUIRE_MSG(cell_parse("test", "web", text, sizeof(text) - 1, &c,
	    &e) == 0, "%s", e.msg);
	ATF_REQUIRE_MSG(limit_fill(&s, &c, &e) == 0, "%s", e.msg);
	l = s.engine.limits;
	ATF_REQUIRE_EQ(3, s.engine.limit_count);
	ATF_CHECK_STREQ("cpu", l[0].resource);
	ATF_CHECK_EQ(150, l[0].amount);
	ATF_CHECK_STREQ("memory", l[1].resource);
	ATF_CHECK_EQ(512 << 20, l[1].amount);
	ATF_CHECK(l[1].action == NULL && l[1].per == NULL);
	ATF_CHECK_STREQ("nthr", l[2].resource);
	ATF_CHECK_STREQ("log", l[2].action);
	ATF_REQUIRE_EQ(2, s.engine.cpus->count);
	ATF_CHECK_STREQ("3", s.engine.cpus->items[1]);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, rules);
	ATF_TP_ADD_TC(tp, cell);
	return atf_no_error();
}
