/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What the command lines of other jail managers stand on (compat/). */
#include <atf-c.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "compat/bastille/bastille.h"
#include "core/network.h"
#include "man/man_paths.h"

static const struct cmd_option own[] = {
	{ 'a', "auto", NULL, "" },
	{ 'y', "yes", NULL, "" },
	{ 'p', "priority", "N", "" },
	{ '\0', "gateway|defaultrouter", "IP", "" },
	{ '\0', "-NV", "FILE", "" },
	{ 0 },
};
static const struct cmd_option common[] = {
	{ 'h', "help", NULL, "" },
	{ 0 },
};
enum { GIVEN = 6 };

static struct strings given[GIVEN], operands;

static int
parse(unsigned flags, const char *line, struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;
	AUTO_FREE char *copy = xstrdup(line);
	char *rest = copy, *word;

	strings_fini(&operands);
	for (size_t i = 0; i < GIVEN; i++)
		strings_fini(&given[i]);
	while ((word = strsep(&rest, " ")) != NULL)
		strings_add(&words, word);
	return compat_parse(own, common, (int)words.count,
	    strings_argv(&words), flags, given, &operands, e);
}

static void
check(unsigned flags, const char *line, const char *want)
{
	AUTO_BUF struct buf have = BUF_INIT;
	AUTO_FREE char *rest = NULL;
	struct error e = ERROR_INIT;

	if (parse(flags, line, &e) < 0) {
		ATF_CHECK_EQ(ERROR_USAGE, e.kind);
		ATF_CHECK_STREQ(want, e.msg);
		return;
	}
	for (size_t i = 0; i < GIVEN; i++)
		for (size_t k = 0; k < given[i].count; k++)
			buf_printf(&have, "%zu=%s ", i, given[i].items[k]);
	rest = strings_join(&operands, ",");
	buf_printf(&have, "| %s", rest);
	ATF_CHECK_STREQ_MSG(want, buf_text(&have), "%s", line);
}

ATF_TC_WITHOUT_HEAD(options);
ATF_TC_BODY(options, tc)
{
	check(0, "x -ay web -p 5", "0= 1= | web,-p,5");
	check(COMPAT_PERMUTE, "x -ayp5 web -h", "0= 1= 2=5 5= | web");
	check(COMPAT_PERMUTE, "x web -p 5 -p 6 -- -a", "2=5 2=6 | web,-a");
	check(0, "x --gateway 10.0.0.1 --defaultrouter=10.0.0.2 a",
	    "3=10.0.0.1 3=10.0.0.2 | a");
	check(0, "x -NV file -", "4=file | -");
	check(0, "x -q", "unknown option -q in -q");
	check(0, "x --yes=1", "option --yes takes no value");
	check(0, "x --yess", "unknown option --yess");
	check(0, "x -p", "option -p needs a value");
	check(0, "x --priority", "option --priority needs a value");
	check(COMPAT_UNKNOWN | COMPAT_PERMUTE, "x -a web ls -la -y --long",
	    "0= 1= | web,ls,-la,--long");
	check(COMPAT_NO_OPTIONS, "x -a -- b", "| -a,--,b");
	strings_fini(&operands);
	for (size_t i = 0; i < GIVEN; i++)
		strings_fini(&given[i]);
}

ATF_TC_WITHOUT_HEAD(conf);
ATF_TC_BODY(conf, tc)
{
	struct compat_conf c = { VEC_INIT, VEC_INIT };
	static const struct {
		const char *name, *want;
	} rows[] = {
		{ "bastille_prefix", "/usr/local/bastille" },
		{ "bastille_jailsdir", "/usr/local/bastille/jails" },
		{ "single", "$(touch /tmp/x) ${bastille_prefix}" },
		{ "plain", "NO" },
		{ "other", "/usr/local/bastille" },
		{ "default", "a b" },
		{ "empty", NULL },
		{ "twice", "2" },
		{ "spaced", "kept" },
		{ "quoted", "say \"hi\"" },
		{ "missing", NULL },
	};

	compat_conf_parse(&c,
	    "# comment\n"
	    "bastille_prefix=\"/usr/local/bastille\"   ## default: x\n"
	    "bastille_jailsdir=\"${bastille_prefix}/jails\"\n"
	    "single='$(touch /tmp/x) ${bastille_prefix}'\n"
	    "plain=NO # no\n"
	    "export other=$bastille_prefix\n"
	    "default=${nothing:-\"a b\"}\n"
	    "empty=\"\"\n"
	    "twice=1\ntwice=2;\n"
	    "  spaced=kept\n"
	    "quoted=\"say \\\"hi\\\"\"\n"
	    "if [ -r /etc/x ]; then . /etc/x; fi\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *have = compat_conf_get(&c, rows[i].name, NULL);

		if (rows[i].want == NULL)
			ATF_CHECK_MSG(have == NULL, "%s", rows[i].name);
		else
			ATF_CHECK_STREQ(rows[i].want, have);
	}
	compat_conf_fini(&c);
}

/* IP and INTERFACE of bastille, with a network "lan" of gaol's. */
ATF_TC_WITHOUT_HEAD(addresses);
ATF_TC_BODY(addresses, tc)
{
	static const struct {
		struct address_options o;
		const char *want;
	} rows[] = {
		{ { ADDRESS_SHARED, NULL, "10.9.0.1", NULL, NULL },
		    "lo|10.9.0.1" },
		{ { ADDRESS_SHARED, "lo0", "10.9.0.1/32", NULL, NULL },
		    "lo|10.9.0.1" },
		{ { ADDRESS_SHARED, "em0", "fd01::1", NULL, NULL },
		    "em0|fd01::1/128" },
		{ { ADDRESS_SHARED, NULL, "10.0.0.9", NULL, NULL },
		    "lan:10.0.0.9" },
		{ { ADDRESS_VNET, NULL, "10.0.0.9", NULL, NULL },
		    "lan:10.0.0.9" },
		{ { ADDRESS_VNET, "lan", "SYNCDHCP", NULL, NULL }, "lan" },
		{ { ADDRESS_VNET, "br0", "10.0.0.9", NULL, "10.0.0.1" },
		    "vnet:br0:10.0.0.9/24 gateway=10.0.0.1" },
		{ { ADDRESS_BRIDGE, "br0", "10.0.0.9/16 fd00::9", "5", NULL },
		    "vnet:br0:10.0.0.9/16,fd00::9/64 vlan=5" },
		{ { ADDRESS_BRIDGE, "br0", NULL, NULL, NULL }, "vnet:br0" },
		{ { ADDRESS_VNET, "br0", "DHCP SLAAC", NULL, NULL },
		    "vnet:br0:dhcp,slaac" },
		{ { ADDRESS_VNET, "br0", "0.0.0.0", NULL, NULL },
		    "vnet:br0:dhcp" },
		{ { ADDRESS_VNET, "br0", "SLAAC", NULL, NULL },
		    "vnet:br0:slaac" },
		{ { ADDRESS_PASS, "em1", "DHCP", NULL, NULL }, "if:em1" },
		{ { ADDRESS_PASS, "em1", "10.0.0.1", NULL, NULL }, NULL },
		{ { ADDRESS_PASS, NULL, "DHCP", NULL, NULL }, NULL },
		{ { ADDRESS_VNET, NULL, "10.7.0.1", NULL, NULL }, NULL },
		{ { ADDRESS_SHARED, "em0", "face", NULL, NULL }, NULL },
		{ { ADDRESS_SHARED, "em0", "10.0.0.1 10.0.0.2 10.0.0.3", NULL,
		    NULL }, NULL },
	};
	struct compat c = { .tool = &compat_bastille };
	struct network_options n = { .dns = -1, .peer = -1 };
	struct error e = ERROR_INIT;
	struct host host;

	ATF_REQUIRE_EQ(0, setenv("GAOL_CONF", "/nonexistent", 1));
	ATF_REQUIRE_EQ_MSG(0, host_open(&host, "root", &e), "%s", e.msg);
	c.host = &host;
	ATF_REQUIRE_EQ(0, addr_parse("10.0.0.0/24", &n.subnet[0], &e));
	ATF_REQUIRE_EQ_MSG(0, network_create(&host, "lan", &n, &e), "%s",
	    e.msg);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO_FREE char *entry = NULL;
		int result = bastille_address(&c, &rows[i].o, &entry, &e);

		ATF_CHECK_EQ_MSG(rows[i].want == NULL, result < 0, "%zu: %s",
		    i, e.msg);
		if (rows[i].want != NULL && entry != NULL)
			ATF_CHECK_STREQ(rows[i].want, entry);
		error_clear(&e);
	}
	host_fini(&host);
}

static void
read_source(const char *name, struct buf *text)
{
	const char *dir = getenv("GAOL_SOURCE");
	AUTO_FREE char *path = xasprintf("%s/%s", dir != NULL ? dir :
	    MAN_SOURCE, name);
	struct error e = ERROR_INIT;

	ATF_REQUIRE_MSG(file_read(AT_FDCWD, path, 4 << 20, text, &e) == 0,
	    "%s: %s", path, e.msg);
}

/* "cli/compat_test.sh:version" */
static void
check_test(const struct compat_tool *tool, const struct compat_cmd *c)
{
	size_t len = strcspn(c->test, ":");
	AUTO_FREE char *file = xasprintf("tests/%.*s", (int)len, c->test);
	AUTO_FREE char *body = xasprintf("\n%s_body()", c->test + len + 1);
	AUTO_BUF struct buf text = BUF_INIT;

	read_source(file, &text);
	ATF_CHECK_MSG(strstr(buf_text(&text), body) != NULL,
	    "%s %s: there is no test %s", tool->name, c->name, c->test);
}

/* Each command is complete, and has a test. */
ATF_TC_WITHOUT_HEAD(tables);
ATF_TC_BODY(tables, tc)
{
	for (const struct compat_tool *const *t = compat_tools; *t != NULL; t++)
		for (const struct compat_cmd *const *c = (*t)->commands;
		    *c != NULL; c++) {
			ATF_CHECK_MSG((*c)->usage != NULL &&
			    (*c)->summary != NULL && (*c)->exec != NULL &&
			    (*c)->test != NULL && (*c)->max >= (*c)->min,
			    "%s %s is not complete", (*t)->name, (*c)->name);
			ATF_CHECK_MSG(((*c)->state == COMPAT_SAME) ==
			    ((*c)->note == NULL), "%s %s: what differs?",
			    (*t)->name, (*c)->name);
			ATF_CHECK_EQ(*c, compat_command(*t, (*c)->name));
			check_test(*t, *c);
		}
}

/* docs/compat.md holds what the tables say: tools/compat_doc.c prints it. */
ATF_TC_WITHOUT_HEAD(doc);
ATF_TC_BODY(doc, tc)
{
	static const char begin[] = "<!-- tables -->\n";
	AUTO_BUF struct buf text = BUF_INIT, want = BUF_INIT;
	const char *at, *end;

	read_source("docs/compat.md", &text);
	compat_doc_all(&want);
	at = strstr(buf_text(&text), begin);
	ATF_REQUIRE(at != NULL);
	at += sizeof(begin) - 1;
	end = strstr(at, "<!-- end -->");
	ATF_REQUIRE(end != NULL);
	ATF_CHECK_MSG((size_t)(end - at) == want.len &&
	    memcmp(at, buf_text(&want), want.len) == 0,
	    "docs/compat.md is stale: 'scripts/compat-doc BUILD' renews it");
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, options);
	ATF_TP_ADD_TC(tp, conf);
	ATF_TP_ADD_TC(tp, addresses);
	ATF_TP_ADD_TC(tp, tables);
	ATF_TP_ADD_TC(tp, doc);
	return atf_no_error();
}
