/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/update.h"

#include <atf-c.h>

/* "name installed available why security" of each, a line each. */
static void
parses(void (*parse)(char *text, struct update_packages *p), const char *input,
    const char *expected)
{
	AUTO_UPDATE_PACKAGES struct update_packages p = VEC_INIT;
	AUTO_BUF struct buf have = BUF_INIT;
	AUTO_FREE char *text = xstrdup(input);

	parse(text, &p);
	for (size_t i = 0; i < p.count; i++)
		buf_printf(&have, "%s|%s|%s|%s|%d\n", p.items[i].name,
		    p.items[i].installed, p.items[i].available,
		    p.items[i].why, p.items[i].security);
	ATF_CHECK_STREQ(expected, buf_text(&have));
}

ATF_TC_WITHOUT_HEAD(apt);
ATF_TC_BODY(apt, tc)
{
	parses(update_parse_apt, "Reading package lists...\n"
	    "Inst libssl3 [3.0.13-1~deb12u1] (3.0.15-1~deb12u1 Debian:12.9/"
	    "stable, Debian-Security:12/stable-security [amd64])\n"
	    "Inst new-one (1.0 Debian:12.9/stable [all]) []\n"
	    "Conf libssl3 (3.0.15-1~deb12u1 Debian:12.9/stable [amd64])\n"
	    "Inst tz [2024a-0] (2024b-0 Debian:12.9/stable [all])\n"
	    "Inst broken\nInst broken [\nInst\n",
	    "libssl3|3.0.13-1~deb12u1|3.0.15-1~deb12u1||1\n"
	    "new-one||1.0||0\ntz|2024a-0|2024b-0||0\n");
}

ATF_TC_WITHOUT_HEAD(apk);
ATF_TC_BODY(apk, tc)
{
	parses(update_parse_apk, "Installed:          Available:\n"
	    "busybox-1.36.1-r2   < 1.36.1-r5\n"
	    "ca-certificates-bundle-20230506-r0 < 20240226-r0\n"
	    "same-1-r0 = 1-r0\nword\n",
	    "busybox|1.36.1-r2|1.36.1-r5||0\n"
	    "ca-certificates-bundle|20230506-r0|20240226-r0||0\n");
}

ATF_TC_WITHOUT_HEAD(pkg);
ATF_TC_BODY(pkg, tc)
{
	parses(update_parse_pkg,
	    "nginx-1.24.0_1,3   <   needs updating (remote has 1.26.2,3)\n"
	    "own-1.0            ?   orphaned: misc/own\n"
	    "newer-2            >   succeeds remote (remote has 1)\n",
	    "nginx|1.24.0_1,3|1.26.2,3||0\n");
}

ATF_TC_WITHOUT_HEAD(audit);
ATF_TC_BODY(audit, tc)
{
	parses(update_parse_audit, "Fetching vuln.xml.xz: .......... done\n"
	    "curl-8.4.0 is vulnerable:\n"
	    "  curl -- cookie injection\n"
	    "  CVE: CVE-2023-38546\n"
	    "  CVE: CVE-2023-38545\n"
	    "  WWW: https://vuxml.FreeBSD.org/freebsd/d6c19e8c.html\n\n"
	    "py39-x-1.0_1 is vulnerable:\n"
	    "  x -- a hole\n\n"
	    "2 problem(s) in 2 installed package(s) found.\n",
	    "curl|8.4.0||curl -- cookie injection, CVE-2023-38546, "
	    "CVE-2023-38545|1\npy39-x|1.0_1||x -- a hole|1\n");
	parses(update_parse_audit, "0 problem(s) in 0 installed package(s) "
	    "found.\n", "");
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, apt);
	ATF_TP_ADD_TC(tp, apk);
	ATF_TP_ADD_TC(tp, pkg);
	ATF_TP_ADD_TC(tp, audit);
	return atf_no_error();
}
