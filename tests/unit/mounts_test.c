/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

#include "base/mounts.h"

static const char table[] =
    "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
    "23 22 0:21 / /srv/a rw - tmpfs tmpfs rw\n"
    "24 22 0:22 / /srv/ab rw master:1 - tmpfs tmpfs rw\n"
    "25 23 0:23 / /srv/a/with\\040space rw - tmpfs tmpfs rw\n"
    "26 23 0:24 / /srv/a/back\\134slash\\011tab rw - tmpfs tmpfs rw\n"
    "27 23 0:25 / /srv/a/short\\04 rw - tmpfs tmpfs rw\n"
    "28 23\n"
    "\n";

static void
expect_below(const char *path, const char *joined)
{
	AUTO_STRINGS struct strings points = VEC_INIT;
	char *text = xstrdup(table);
	char *found;

	mounts_parse(text, path, &points);
	found = strings_join(&points, "|");
	ATF_CHECK_STREQ(joined, found);
	free(found);
	free(text);
}

ATF_TC_WITHOUT_HEAD(parse);
ATF_TC_BODY(parse, tc)
{
	expect_below("/srv/a", "/srv/a|/srv/a/with space|"
	    "/srv/a/back\\slash\ttab|/srv/a/short\\04");
	expect_below("/srv/a/", "/srv/a|/srv/a/with space|"
	    "/srv/a/back\\slash\ttab|/srv/a/short\\04");
	expect_below("/srv/a/with space", "/srv/a/with space");
	expect_below("/srv/ab", "/srv/ab");
	expect_below("/none", "");
	expect_below("/", "/|/srv/a|/srv/ab|/srv/a/with space|"
	    "/srv/a/back\\slash\ttab|/srv/a/short\\04");
}

ATF_TC_WITHOUT_HEAD(refuse);
ATF_TC_BODY(refuse, tc)
{
	struct error e = ERROR_INIT;

	ATF_CHECK_EQ(-1, mounts_refuse_below("/", &e));
	ATF_CHECK_EQ(ERROR_BUSY, e.kind);
	error_clear(&e);
	ATF_CHECK_EQ(0, mounts_refuse_below("/no/such/directory", &e));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, parse);
	ATF_TP_ADD_TC(tp, refuse);
	return atf_no_error();
}
