/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Where releases come from: the host's package sources. */
#include <atf-c.h>
#include <fcntl.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "core/debian.h"

static const char *const places[] = { "debian", "debian-security", NULL };
static const char *const suites[] = { "bookworm", "trixie", NULL };
static const struct apt_archive archive = { "debian", places, suites };

static void
expect(const char *text, bool deb822, const char *ending, const char *uri)
{
	AUTO_APT_SOURCES struct apt_sources s = VEC_INIT;
	const char *got;

	apt_parse(text, deb822, &s);
	got = apt_mirror(&s, &archive, ending);
	ATF_CHECK_MSG(uri == NULL ? got == NULL : got != NULL &&
	    strcmp(got, uri) == 0, "'%s' gives %s, not %s", text,
	    got != NULL ? got : "none", uri != NULL ? uri : "none");
}

ATF_TC_WITHOUT_HEAD(lines);
ATF_TC_BODY(lines, tc)
{
	static const char usual[] =
	    "# a comment\n"
	    "deb-src http://s.example/debian bookworm main\n"
	    "deb http://d.example/debian/ bookworm main contrib\n"
	    "  deb [arch=amd64] http://u.example/debian bookworm-updates main\n"
	    "deb http://s.example/debian-security bookworm-security main # x\n";

	expect(usual, false, "", "http://d.example/debian");
	expect(usual, false, "-updates", "http://u.example/debian");
	expect(usual, false, "-security",
	    "http://s.example/debian-security");
	expect(usual, false, "-backports", NULL);
	expect("", false, "", NULL);
	expect("deb", false, "", NULL);
	expect("deb [", false, "", NULL);
	expect("deb [] http://d.example/debian", false, "", NULL);
	expect("deb cdrom:[Debian 12]/ bookworm main", false, "", NULL);
}

ATF_TC_WITHOUT_HEAD(foreign);
ATF_TC_BODY(foreign, tc)
{
	/* another component, keyring, suite */
	expect("deb http://x.example/linux/debian bookworm stable", false, "",
	    NULL);
	expect("deb [signed-by=/usr/share/keyrings/x.gpg] "
	    "http://x.example/debian bookworm main", false, "", NULL);
	expect("deb http://x.example/repos bookworm-pgdg main", false, "",
	    NULL);
	expect("deb http://x.example/node nodistro main", false, "", NULL);
	/* the surer one wins, wherever it stands */
	expect("deb http://x.example/any bookworm main\n"
	    "deb http://d.example/debian bookworm main\n", false, "",
	    "http://d.example/debian");
	/* a mirror under another name is one nevertheless */
	expect("deb http://x.example/remote bookworm main", false, "",
	    "http://x.example/remote");
	expect("deb http://x.example/debian duke main", false, "",
	    "http://x.example/debian");
	expect("deb http://a.example/ubuntu noble main", false, "", NULL);
}

ATF_TC_WITHOUT_HEAD(deb822);
ATF_TC_BODY(deb822, tc)
{
	static const char usual[] =
	    "# a comment\n"
	    "Types: deb deb-src\n"
	    "URIs: http://d.example/debian\n"
	    "Suites: bookworm bookworm-updates\n"
	    "Components: main\n"
	    "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
	    "\n"
	    "types: deb\n"
	    "uris:\n"
	    " http://s.example/debian-security/\n"
	    "# in between\n"
	    "suites: bookworm-security\n"
	    "components: main";

	expect(usual, true, "", "http://d.example/debian");
	expect(usual, true, "-updates", "http://d.example/debian");
	expect(usual, true, "-security",
	    "http://s.example/debian-security");
	expect("Enabled: no\nTypes: deb\nURIs: http://d.example/debian\n"
	    "Suites: bookworm\nComponents: main\n", true, "", NULL);
	expect("Types: deb\nURIs: http://x.example/debian\nSuites: bookworm\n"
	    "Components: main\nSigned-By:\n -----BEGIN PGP\n", true, "", NULL);
	expect("Types: deb-src\nURIs: http://x.example/debian\n"
	    "Suites: bookworm\nComponents: main\n", true, "", NULL);
	expect(" x\n", true, "", NULL);
}

ATF_TC_WITHOUT_HEAD(files);
ATF_TC_BODY(files, tc)
{
	static const char stanza[] = "Types: deb\n"
	    "URIs: mirror+file:mirrors.list\nSuites: bookworm\n"
	    "Components: main\n";
	static const char mirrors[] = "http://m.example/debian\tpriority:1\n";
	static const char off[] = "deb http://off.example/debian bookworm main";
	AUTO_APT_SOURCES struct apt_sources s = VEC_INIT, none = VEC_INIT;
	struct error e = ERROR_INIT;

	ATF_REQUIRE(file_mkdirs(AT_FDCWD, "apt/sources.list.d", 0755, &e) == 0);
	ATF_REQUIRE(file_replace(AT_FDCWD, "mirrors.list", mirrors,
	    strlen(mirrors), 0644, FILE_VOLATILE, &e) == 0);
	ATF_REQUIRE(file_replace(AT_FDCWD, "apt/sources.list.d/a.sources",
	    stanza, strlen(stanza), 0644, FILE_VOLATILE, &e) == 0);
	ATF_REQUIRE(file_replace(AT_FDCWD, "apt/sources.list.d/b.list.off",
	    off, strlen(off), 0644, FILE_VOLATILE, &e) == 0);
	ATF_REQUIRE(apt_read("apt", &s, &e) == 0);
	ATF_CHECK_STREQ(apt_mirror(&s, &archive, ""),
	    "http://m.example/debian");
	ATF_REQUIRE(apt_read("nowhere", &none, &e) == 0);
	ATF_CHECK(none.count == 0);
}

/* The lines of sources.list; the keyring may be missing on this host. */
static void
origin(const char *name, const char *mirror, const char *arch,
    const char *wanted)
{
	AUTO_DEBIAN_ORIGIN struct debian_origin o = DEBIAN_ORIGIN_INIT;
	AUTO_STRINGS struct strings lines = VEC_INIT;
	struct error e = ERROR_INIT;

	if (debian_origin_find(&o, debian_find(name), mirror, arch, "apt",
	    &e) < 0) {
		ATF_CHECK_MSG(e.kind == ERROR_UNSUPPORTED &&
		    strstr(e.msg, "keyring") != NULL, "%s", e.msg);
		return;
	}
	debian_origin_lines(&o, &lines);
	AUTO_FREE char *text = strings_join(&lines, "\n");
	ATF_CHECK_STREQ(text, wanted);
}

#define DEBIAN "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] "
#define UBUNTU "deb [signed-by=/usr/share/keyrings/ubuntu-archive-keyring.gpg] "

ATF_TC_WITHOUT_HEAD(origins);
ATF_TC_BODY(origins, tc)
{
	static const char host[] =
	    "deb http://h.example/debian trixie main\n"
	    "deb http://h.example/sec trixie-security main\n";
	struct error e = ERROR_INIT;

	/* a host that says nothing */
	origin("debian-13", NULL, "x86_64",
	    DEBIAN "http://deb.debian.org/debian trixie main\n"
	    DEBIAN "http://deb.debian.org/debian trixie-updates main\n"
	    DEBIAN "http://deb.debian.org/debian-security trixie-security "
	    "main");
	origin("ubuntu-24.04", NULL, "aarch64",
	    UBUNTU "http://ports.ubuntu.com/ubuntu-ports noble main universe\n"
	    UBUNTU "http://ports.ubuntu.com/ubuntu-ports noble-updates main "
	    "universe\n"
	    UBUNTU "http://ports.ubuntu.com/ubuntu-ports noble-security main "
	    "universe");
	origin("debian-12", "http://m.example/x", NULL,
	    DEBIAN "http://m.example/x bookworm main");
	/* one that has a mirror, without updates */
	ATF_REQUIRE(file_mkdirs(AT_FDCWD, "apt", 0755, &e) == 0);
	ATF_REQUIRE(file_replace(AT_FDCWD, "apt/sources.list", host,
	    strlen(host), 0644, FILE_VOLATILE, &e) == 0);
	origin("debian-12", NULL, NULL,
	    DEBIAN "http://h.example/debian bookworm main\n"
	    DEBIAN "http://h.example/sec bookworm-security main");
	origin("debian-12", "http://m.example/x", NULL,
	    DEBIAN "http://m.example/x bookworm main\n"
	    DEBIAN "http://h.example/sec bookworm-security main");
}

ATF_TC_WITHOUT_HEAD(bad_mirror);
ATF_TC_BODY(bad_mirror, tc)
{
	static const char *const bad[] = {
		"", "x", "ftp://m.example/x", "http://m.example/x main",
		"http://m.example/]x", "http://m.example/\nx", "-x",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		AUTO_DEBIAN_ORIGIN struct debian_origin o = DEBIAN_ORIGIN_INIT;
		struct error e = ERROR_INIT;

		ATF_CHECK(debian_origin_find(&o, debian_find("debian-12"),
		    bad[i], NULL, "apt", &e) == -1);
		ATF_CHECK_EQ(e.kind, ERROR_USAGE);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, lines);
	ATF_TP_ADD_TC(tp, foreign);
	ATF_TP_ADD_TC(tp, deb822);
	ATF_TP_ADD_TC(tp, files);
	ATF_TP_ADD_TC(tp, origins);
	ATF_TP_ADD_TC(tp, bad_mirror);
	return atf_no_error();
}
