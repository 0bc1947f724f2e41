/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A pot's settings, as properties and back. */
#include <atf-c.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "conf/conf.h"
#include "core/foreign.h"
#include "core/pot_attr.h"

static void
setup(struct host *h)
{
	struct error e = ERROR_INIT;

	setenv("GAOL_CONF", "/dev/null", 1);
	ATF_REQUIRE_EQ_MSG(0, host_open(h, "root", &e), "%s", e.msg);
	ATF_REQUIRE(mkdir("root/networks", 0755) == 0);
	ATF_REQUIRE_EQ(0, file_replace(AT_FDCWD, "root/networks/lan.conf",
	    "lan { }\n", 8, 0644, FILE_VOLATILE, &e));
}

static void
attributes_body(const struct atf_tc *tc)
{
	static const char *const other[] = { "YES", "7", "a b", "inherit" };
	struct error e = ERROR_INIT;

	for (size_t i = 0; i < pot_attr_count; i++) {
		const struct pot_attr *a = &pot_attrs[i];
		AUTO_CELL struct cell c = CELL_INIT;
		const char *value = a->type == POT_BOOL &&
		    strcmp(a->fallback, "YES") == 0 ? "NO" : other[a->type];

		if (strcmp(a->name, "enforce_statfs") == 0)
			value = "1";
		cell_init(&c, "web");
		ATF_REQUIRE_EQ_MSG(0, pot_attr_set(&c, a, value, &e),
		    "%s: %s", a->name, e.msg);
		AUTO_FREE char *now = pot_attr_get(&c, a);
		ATF_CHECK_STREQ_MSG(value, now, "%s", a->name);
		ATF_REQUIRE_EQ(0, pot_attr_set(&c, a, a->fallback, &e));
		AUTO_FREE char *again = pot_attr_get(&c, a);
		ATF_CHECK_STREQ_MSG(a->fallback, again, "%s", a->name);
		ATF_CHECK(pot_attr_find(a->name) == a);
		if (a->type == POT_TEXT)
			continue;
		ATF_CHECK(pot_attr_set(&c, a, "maybe", &e) < 0);
		ATF_CHECK_EQ(ERROR_USAGE, e.kind);
		error_clear(&e);
	}
	ATF_CHECK(pot_attr_find("nope") == NULL);
}

static void
map(const struct host *h, const char *files, size_t len, struct cell *c,
    char **lost)
{
	AUTO_FOREIGN struct foreign f = { .host = h, .jail = "web",
	    .cell = c };
	struct error e = ERROR_INIT;

	cell_init(c, "web");
	ATF_REQUIRE_EQ_MSG(0, foreign_parse(&f, files, len, &e), "%s", e.msg);
	ATF_REQUIRE_EQ_MSG(0, foreign_map(&f, &e), "%s", e.msg);
	*lost = strings_join(&f.lost, "\n");
}

/* Every key of a pot.conf comes back, whatever it means to gaol. */
static const char *const pot_conf[] = {
	"pot.level=1", "pot.type=multi", "pot.base=14.2",
	"pot.potbase=base-14_2", "pot.dns=pot", "pot.cmd=nginx -g 'a b'",
	"host.hostname=\"web.host\"", "osrelease=\"14.2-RELEASE\"",
	"pot.attr.no-rc-script=YES", "pot.attr.persistent=NO",
	"pot.attr.start-at-boot=YES", "pot.attr.prunable=YES",
	"pot.attr.localhost-tunnel=YES", "pot.attr.no-etc-hosts=YES",
	"pot.attr.to-be-pruned=YES", "pot.attr.enforce_statfs=1",
	"pot.attr.mlock=YES", "pot.attr.sysvshm=inherit",
	"pot.attr.children=3", "pot.attr.devfs_ruleset=9",
	"pot.attr.exec_stop=/bin/x y", "pot.attr.stop_timeout=99",
	"pot.stack=dual", "network_type=private-bridge", "vnet=true",
	"ip=10.192.0.11", "bridge=lan", "pot.env=\"A=b \\\"c\\\" d\"",
	"pot.env=\"B=\"", "pot.hosts=10.0.0.9 db", "pot.hosts=::1 x",
	"pot.depend=db", "pot.rss.cpus=2", "pot.rss.memory=2G",
	"pot.export.ports=80:8080 udp:53:5353", NULL,
};

static void
back_body(const struct atf_tc *tc)
{
	static const char fscomp[] = "/srv/a /mnt ro\n/srv/b /data\n";
	AUTO_BUF struct buf conf = BUF_INIT, files = BUF_INIT, out = BUF_INIT;
	AUTO_STRINGS struct strings lost = VEC_INIT;
	AUTO_CELL struct cell c = CELL_INIT, again = CELL_INIT;
	AUTO_FREE char *told = NULL;
	AUTO_FREE char *told_again = NULL;
	struct host h;

	setup(&h);
	for (size_t i = 0; pot_conf[i] != NULL; i++)
		buf_printf(&conf, "%s\n", pot_conf[i]);
	buf_printf(&files, "conf/pot.conf %zu\n%sconf/fscomp.conf %zu\n%s",
	    conf.len, buf_text(&conf), strlen(fscomp), fscomp);
	map(&h, buf_text(&files), files.len, &c, &told);
	ATF_CHECK_STREQ("", told);
	pot_files(&c, &out, &lost);
	ATF_CHECK_EQ(0, lost.count);
	for (size_t i = 0; pot_conf[i] != NULL; i++) {
		AUTO_FREE char *line = xasprintf("\n%s\n", pot_conf[i]);

		ATF_CHECK_MSG(strstr(buf_text(&out), line) != NULL,
		    "%s in %s", pot_conf[i], buf_text(&out));
	}
	ATF_CHECK(strstr(buf_text(&out), fscomp) != NULL);
	/* and once more it is the same jail */
	map(&h, buf_text(&out), out.len, &again, &told_again);
	ATF_CHECK_STREQ("", told_again);
	for (size_t i = 0; i < c.values.count; i++) {
		AUTO_STRINGS struct strings values = VEC_INIT;

		AUTO_FREE char *want = strings_join(&c.values.items[i].values,
		    "|");
		cell_values(&again, c.values.items[i].name, &values);
		AUTO_FREE char *have = strings_join(&values, "|");
		ATF_CHECK_STREQ_MSG(want, have, "%s",
		    c.values.items[i].name);
	}
	host_fini(&h);
}

ATF_TC_WITHOUT_HEAD(attributes);
ATF_TC_BODY(attributes, tc)
{
	attributes_body(tc);
}

ATF_TC_WITHOUT_HEAD(back);
ATF_TC_BODY(back, tc)
{
	back_body(tc);
}

ATF_TC_WITHOUT_HEAD(ports);
ATF_TC_BODY(ports, tc)
{
	static const char *const cases[][3] = {
		{ "80", "80:80/tcp", "80:80" },
		{ "tcp:80:8080", "8080:80/tcp", "80:8080" },
		{ "udp:53:5353", "5353:53/udp", "udp:53:5353" },
	};
	static const char *const wrong[] = { "", "x", "0", "65536", "80:",
		"80:x", "sctp:80", "80:81:82" };

	for (size_t i = 0; i < 3; i++) {
		AUTO_FREE char *publish = pot_port_parse(cases[i][0]);

		ATF_REQUIRE_STREQ(cases[i][1], publish);
		AUTO_FREE char *back = pot_port_format(publish);
		ATF_CHECK_STREQ(cases[i][2], back);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ATF_CHECK(pot_port_parse(wrong[i]) == NULL);
	ATF_CHECK(pot_port_format("127.0.0.1:80:80/tcp") == NULL);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, attributes);
	ATF_TP_ADD_TC(tp, back);
	ATF_TP_ADD_TC(tp, ports);
	return atf_no_error();
}
