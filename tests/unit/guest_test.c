/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What packages and services are called in jails of each kind. */
#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/guest.h"

static const struct {
	enum guest_packages packages;
	bool lists, yes;
	const char *words;	/* separated by "|" */
	const char *lines;	/* of it and ";" */
} cases[] = {
	{ GUEST_PKG, false, false, "install|nginx", "pkg|install|nginx" },
	{ GUEST_PKG, false, true, "install|nginx",
	    "env|ASSUME_ALWAYS_YES=yes|pkg|install|nginx" },
	{ GUEST_PKG, false, false, "install|-y|a b",
	    "env|ASSUME_ALWAYS_YES=yes|pkg|install|a b" },
	{ GUEST_APT, false, true, "install|nginx", "apt-get|-y|update;"
	    "apt-get|-y|install|--no-install-recommends|nginx" },
	{ GUEST_APT, true, false, "install|nginx",
	    "apt-get|install|--no-install-recommends|nginx" },
	{ GUEST_APT, true, true, "delete|a\nb", "apt-get|-y|remove|a\nb" },
	{ GUEST_APT, true, false, "upgrade|-y",
	    "apt-get|-y|update;apt-get|-y|upgrade" },
	{ GUEST_APT, true, false, "info", "dpkg-query|-W" },
	{ GUEST_APT, true, false, "source|x", "apt-get|source|x" },
	{ GUEST_APK, false, true, "install|nginx", "apk|add|nginx" },
	{ GUEST_APK, false, false, "lock|nginx", "apk|lock|nginx" },
};

ATF_TC_WITHOUT_HEAD(packages);
ATF_TC_BODY(packages, tc)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO_STRINGS struct strings words = VEC_INIT;
		AUTO_GUEST_LINES struct guest_lines lines = VEC_INIT;
		AUTO_BUF struct buf told = BUF_INIT;
		struct guest g = { .packages = cases[i].packages,
			.lists = cases[i].lists };
		struct error e = ERROR_INIT;
		const char *p = cases[i].words;

		while (*p != '\0') {
			size_t len = strcspn(p, "|");
			char *word = strndup(p, len);

			strings_take(&words, word);
			p += len + (p[len] == '|');
		}
		ATF_REQUIRE_EQ_MSG(guest_package_lines(&g, &words, cases[i].yes,
		    &lines, &e), 0, "%s", e.msg);
		for (size_t n = 0; n < lines.count; n++) {
			AUTO_FREE char *line = strings_join(&lines.items[n],
			    "|");

			buf_printf(&told, "%s%s", n > 0 ? ";" : "", line);
		}
		ATF_CHECK_STREQ(buf_text(&told), cases[i].lines);
	}
}

ATF_TC_WITHOUT_HEAD(services);
ATF_TC_BODY(services, tc)
{
	AUTO_STRINGS struct strings words = VEC_INIT, argv = VEC_INIT,
	    script = VEC_INIT;
	struct guest g = { .services = SERVICES_SERVICE,
		.service = "/usr/sbin/service" };
	struct error e = ERROR_INIT;

	strings_add(&words, "nginx");
	strings_add(&words, "restart");
	ATF_REQUIRE_EQ(guest_service_argv(&g, &words, &argv, &e), 0);
	AUTO_FREE char *line = strings_join(&argv, "|");
	ATF_CHECK_STREQ(line, "/usr/sbin/service|nginx|restart");
	g = (struct guest) { .services = SERVICES_INIT_D,
		.service = "/etc/init.d" };
	ATF_REQUIRE_EQ(guest_service_argv(&g, &words, &script, &e), 0);
	AUTO_FREE char *other = strings_join(&script, "|");
	ATF_CHECK_STREQ(other, "/etc/init.d/nginx|restart");
	g = (struct guest) { .services = SERVICES_NONE };
	ATF_CHECK_EQ(guest_service_argv(&g, &words, &argv, &e), -1);
	ATF_CHECK_EQ(e.kind, ERROR_UNSUPPORTED);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, packages);
	ATF_TP_ADD_TC(tp, services);
	return atf_no_error();
}
