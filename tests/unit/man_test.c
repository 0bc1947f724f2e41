/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * The manual follows the tables: each command has its page and its test, each
 * property and setting is told, and all pages are clean.
 */
#include <atf-c.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/spawn.h"
#include "cmd/cmd.h"
#include "core/tool.h"
#include "man/man_paths.h"

/* The tree, which may be a copy of ours. */
static const char *
source(void)
{
	const char *dir = getenv("GAOL_SOURCE");

	return dir != NULL ? dir : MAN_SOURCE;
}

static void
read_page(const char *name, struct buf *text)
{
	AUTO_FREE char *path = xasprintf("%s/%s", MAN_BUILD, name);
	struct error e = ERROR_INIT;

	if (access(MAN_BUILD, R_OK) < 0)
		atf_tc_skip("%s cannot be read", MAN_BUILD);
	ATF_REQUIRE_MSG(file_read(AT_FDCWD, path, 4 << 20, text, &e) == 0,
	    "%s: %s", path, e.msg);
}

ATF_TC_WITHOUT_HEAD(pages);
ATF_TC_BODY(pages, tc)
{
	for (const struct cmd *const *c = cmd_table; *c != NULL; c++) {
		AUTO_FREE char *path = xasprintf("%s/man/gaol-%s.8.in",
		    source(), (*c)->name);

		ATF_CHECK_MSG(access(path, R_OK) == 0,
		    "the command '%s' has no page man/gaol-%s.8.in",
		    (*c)->name, (*c)->name);
	}
}

ATF_TC_WITHOUT_HEAD(tests);
ATF_TC_BODY(tests, tc)
{
	for (const struct cmd *const *c = cmd_table; *c != NULL; c++) {
		AUTO_FREE char *path = xasprintf("%s/tests/cli/%s_test.sh",
		    source(), (*c)->name);

		ATF_CHECK_MSG(access(path, R_OK) == 0,
		    "the command '%s' has no test tests/cli/%s_test.sh",
		    (*c)->name, (*c)->name);
	}
}

/* What cmd_doc puts in is there, in the page that is installed. */
ATF_TC_WITHOUT_HEAD(generated);
ATF_TC_BODY(generated, tc)
{
	for (const struct cmd *const *c = cmd_table; *c != NULL; c++) {
		const struct cmd_option *o = (*c)->options;
		AUTO_FREE char *name = xasprintf("gaol-%s.8", (*c)->name);
		AUTO_FREE char *synopsis = xasprintf("\n.Cm %s\n",
		    (*c)->name);
		AUTO_BUF struct buf page = BUF_INIT;

		read_page(name, &page);
		ATF_CHECK_MSG(strstr(buf_text(&page), synopsis) != NULL,
		    "%s has no SYNOPSIS", name);
		ATF_CHECK_MSG(strstr(buf_text(&page), ".\\\" @") == NULL,
		    "%s: a line for cmd_doc was not replaced", name);
		for (; o != NULL && o->name != NULL; o++) {
			AUTO_FREE char *item = xasprintf(" Fl Fl %s", o->name);

			ATF_CHECK_MSG(strstr(buf_text(&page), item) != NULL,
			    "%s does not tell --%s", name, o->name);
		}
	}
}

ATF_TC_WITHOUT_HEAD(properties);
ATF_TC_BODY(properties, tc)
{
	AUTO_BUF struct buf page = BUF_INIT;

	read_page("cell.conf.5", &page);
	for (size_t i = 0; i < prop_count; i++) {
		AUTO_FREE char *item = xasprintf("\n.It Va %s\n",
		    prop_table[i].name);

		ATF_CHECK_MSG(strstr(buf_text(&page), item) != NULL,
		    "cell.conf.5 does not tell %s", prop_table[i].name);
	}
}

ATF_TC_WITHOUT_HEAD(settings);
ATF_TC_BODY(settings, tc)
{
	AUTO_BUF struct buf page = BUF_INIT;

	read_page("gaol.conf.5", &page);
	for (const struct host_setting *s = host_settings; s->name; s++) {
		AUTO_FREE char *item = xasprintf("\n.It Va %s\n", s->name);

		ATF_CHECK_MSG(strstr(buf_text(&page), item) != NULL,
		    "gaol.conf.5 does not tell %s", s->name);
	}
}

static bool
is_page(const char *name)
{
	size_t len = strlen(name);

	return len > 2 && name[len - 2] == '.' &&
	    (name[len - 1] == '5' || name[len - 1] == '8');
}

/* Every page that was built, as paths. */
static void
add_pages(struct strings *paths)
{
	DIR *dir = opendir(MAN_BUILD);
	struct dirent *d;

	if (dir == NULL)
		atf_tc_skip("%s cannot be read", MAN_BUILD);
	while ((d = readdir(dir)) != NULL)
		if (is_page(d->d_name))
			strings_take(paths, xasprintf("%s/%s", MAN_BUILD,
			    d->d_name));
	closedir(dir);
	ATF_REQUIRE(paths->count > 4);
}

ATF_TC_WITHOUT_HEAD(lint);
ATF_TC_BODY(lint, tc)
{
	AUTO_FREE char *mandoc = tool_find("mandoc");
	AUTO_STRINGS struct strings argv = VEC_INIT;
	struct spawn s = SPAWN_INIT;
	struct error e = ERROR_INIT;
	int status;

	if (mandoc == NULL)
		atf_tc_skip("mandoc is not installed");
	strings_add(&argv, mandoc);
	strings_add(&argv, "-T");
	strings_add(&argv, "lint");
	strings_add(&argv, "-W");
	strings_add(&argv, "warning");
	add_pages(&argv);
	s.argv = strings_argv(&argv);
	ATF_REQUIRE_EQ(0, spawn_run(&s, &status, &e));
	ATF_CHECK_EQ_MSG(0, status, "mandoc found something, see its output");
}

/* ".Xr gaol-nothing 8" leads nowhere, in whatever section. */
ATF_TC_WITHOUT_HEAD(references);
ATF_TC_BODY(references, tc)
{
	AUTO_STRINGS struct strings paths = VEC_INIT;
	struct error e = ERROR_INIT;

	add_pages(&paths);
	for (size_t i = 0; i < paths.count; i++) {
		AUTO_BUF struct buf page = BUF_INIT;
		const char *at;
		char name[32], section[2];

		ATF_REQUIRE_EQ(0, file_read(AT_FDCWD, paths.items[i], 4 << 20,
		    &page, &e));
		at = buf_text(&page);
		while ((at = strstr(at, "Xr gaol-")) != NULL) {
			ATF_REQUIRE_EQ(2, sscanf(at, "Xr %31s %1s", name,
			    section));
			AUTO_FREE char *path = xasprintf("%s/%s.%s", MAN_BUILD,
			    name, section);
			ATF_CHECK_MSG(access(path, R_OK) == 0,
			    "%s: there is no page %s(%s)", paths.items[i],
			    name, section);
			at++;
		}
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, pages);
	ATF_TP_ADD_TC(tp, tests);
	ATF_TP_ADD_TC(tp, generated);
	ATF_TP_ADD_TC(tp, properties);
	ATF_TP_ADD_TC(tp, settings);
	ATF_TP_ADD_TC(tp, lint);
	ATF_TP_ADD_TC(tp, references);
	return atf_no_error();
}
