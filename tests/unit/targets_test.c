/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "cmd/graph.h"

static const struct cmd command = { .name = "test", .operands = "" };

struct fixture {
	struct host host;
	struct cmd_args args;
};

static void
setup(struct fixture *f)
{
	struct error e = ERROR_INIT;

	setenv("GAOL_CONF", "/dev/null", 1);
	ATF_REQUIRE_EQ_MSG(0, host_open(&f->host, "root", &e), "%s", e.msg);
	f->args = (struct cmd_args){ .cmd = &command, .host = &f->host };
}

/* A jail with that text in its block. */
static void
jail(struct fixture *f, const char *name, const char *text)
{
	AUTO_FREE char *file = xasprintf("%s/cell.conf", name);
	AUTO_FREE char *conf = xasprintf("%s { release = base; %s }\n", name,
	    text);
	struct error e = ERROR_INIT;

	ATF_REQUIRE(mkdirat(f->host.jails_fd, name, 0755) == 0);
	ATF_REQUIRE_EQ(0, file_replace(f->host.jails_fd, file, conf,
	    strlen(conf), 0644, FILE_VOLATILE, &e));
}

static void
split(const char *words, struct strings *out)
{
	AUTO_FREE char *copy = xstrdup(words);
	char *rest = copy, *word;

	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			strings_add(out, word);
}

static void
good(struct fixture *f, const char *operands, const char *expect)
{
	AUTO_STRINGS struct strings words = VEC_INIT, names = VEC_INIT;
	struct error e = ERROR_INIT;

	split(operands, &words);
	ATF_CHECK_EQ_MSG(0, targets_resolve(&f->args, &words, &names, &e),
	    "%s: %s", operands, e.msg);
	AUTO_FREE char *have = strings_join(&names, " ");
	ATF_CHECK_STREQ_MSG(expect, have, "%s: '%s', not '%s'", operands, have,
	    expect);
}

static void
bad(struct fixture *f, const char *operand, enum error_kind kind,
    const char *text)
{
	AUTO_STRINGS struct strings words = VEC_INIT, names = VEC_INIT;
	struct error e = ERROR_INIT;

	strings_add(&words, operand);
	ATF_CHECK_EQ(-1, targets_resolve(&f->args, &words, &names, &e));
	ATF_CHECK_EQ_MSG(kind, e.kind, "%s: %d", operand, (int)e.kind);
	ATF_CHECK_STREQ(text, e.msg);
}

ATF_TC_WITHOUT_HEAD(resolve);
ATF_TC_BODY(resolve, tc)
{
	struct fixture f;

	setup(&f);
	good(&f, "ALL", "");
	jail(&f, "web", "tag = prod, front;");
	jail(&f, "web2", "tag = prod;");
	jail(&f, "db", "tag = data;");
	jail(&f, "d.b", "");
	ATF_REQUIRE(mkdir("root/jails/lost+found", 0755) == 0);
	ATF_REQUIRE(mkdir("root/jails/empty", 0755) == 0);
	ATF_REQUIRE(mkdir("root/jails/.new.x", 0755) == 0);
	good(&f, "web", "web");
	good(&f, "web2 web", "web2 web");
	good(&f, "web web web", "web");
	good(&f, "ALL", "d.b db web web2");
	good(&f, "db ALL db", "db d.b web web2");
	good(&f, "@prod", "web web2");
	good(&f, "@front @prod", "web web2");
	good(&f, "web*", "web web2");
	good(&f, "web?", "web2");
	good(&f, "d?b", "d.b");
	good(&f, "[dw]*b", "d.b db web");
	good(&f, "*", "d.b db web web2");
	/* never a prefix */
	bad(&f, "we", ERROR_NOT_FOUND,
	    "no jail named 'we' (did you mean 'web'?)");
	bad(&f, "all", ERROR_USAGE,
	    "'all' cannot be the name of a jail: it is a reserved word");
	bad(&f, "x*", ERROR_NOT_FOUND, "no jail's name matches 'x*'");
	bad(&f, "@rpod", ERROR_NOT_FOUND,
	    "no jail has the tag 'rpod' (did you mean 'prod'?)");
	bad(&f, "@nothing", ERROR_NOT_FOUND,
	    "no jail has the tag 'nothing'");
	bad(&f, "../web", ERROR_USAGE, "'../web' cannot be the name of a "
	    "jail: only A-Z a-z 0-9 . _ - may stand in it");
	host_fini(&f.host);
}

ATF_TC_WITHOUT_HEAD(one);
ATF_TC_BODY(one, tc)
{
	AUTO_FREE char *name = NULL;
	struct error e = ERROR_INIT;
	struct fixture f;

	setup(&f);
	jail(&f, "a1", "tag = only;");
	jail(&f, "a2", "");
	ATF_CHECK_EQ(0, targets_one(&f.args, "@only", &name, &e));
	ATF_CHECK_STREQ("a1", name);
	ATF_CHECK_EQ(-1, targets_one(&f.args, "a*", &name, &e));
	ATF_CHECK_EQ(ERROR_USAGE, e.kind);
	ATF_CHECK_STREQ("test: one jail is needed, 'a*' stands for 2", e.msg);
	host_fini(&f.host);
}

ATF_TC_WITHOUT_HEAD(needed);
ATF_TC_BODY(needed, tc)
{
	AUTO_STRINGS struct strings names = VEC_INIT, missing = VEC_INIT;
	struct error e = ERROR_INIT;
	struct fixture f;

	setup(&f);
	jail(&f, "web", "depend = app, gone;");
	jail(&f, "app", "depend = db, web;");
	jail(&f, "db", "");
	jail(&f, "other", "depend = web;");
	strings_add(&names, "web");
	ATF_REQUIRE_EQ(0, targets_add_needed(&f.args, &names, &missing, &e));
	AUTO_FREE char *have = strings_join(&names, " ");
	ATF_CHECK_STREQ("web app db", have);
	AUTO_FREE char *told = strings_join(&missing, "|");
	ATF_CHECK_STREQ("web|depends on 'gone', which does not exist", told);
	host_fini(&f.host);
}

/*
 * Take all that can be taken, finish it, and so on: "a b | c" are two waves.
 * What is in failing fails; "-x" was passed over.
 */
static void
check_waves(struct fixture *f, const char *targets, enum target_order order,
    const char *failing, const char *expect)
{
	AUTO_STRINGS struct strings names = VEC_INIT, fails = VEC_INIT;
	AUTO_BUF struct buf have = BUF_INIT;
	struct error e = ERROR_INIT;
	struct graph g;
	ssize_t node;

	split(targets, &names);
	split(failing, &fails);
	ATF_REQUIRE_EQ_MSG(0, graph_init(&g, &f->host, &names, order, &e), "%s",
	    e.msg);
	do {
		AUTO_STRINGS struct strings wave = VEC_INIT;

		while ((node = graph_next(&g)) >= 0)
			strings_take(&wave, xasprintf("%s%s",
			    graph_failed_before(&g, (size_t)node) >= 0 ? "-" :
			    "", names.items[node]));
		for (size_t i = 0; i < wave.count; i++) {
			const char *name = wave.items[i];
			bool passed = *name == '-';

			graph_finish(&g, (size_t)strings_index(&names,
			    name + passed), !passed &&
			    strings_index(&fails, name) < 0);
		}
		if (wave.count == 0)
			break;
		AUTO_FREE char *text = strings_join(&wave, " ");
		buf_printf(&have, "%s%s", have.len > 0 ? " | " : "", text);
	} while (true);
	ATF_CHECK_STREQ_MSG(expect, buf_text(&have), "%s: '%s', not '%s'",
	    targets, buf_text(&have), expect);
	graph_fini(&g);
}

ATF_TC_WITHOUT_HEAD(waves);
ATF_TC_BODY(waves, tc)
{
	struct fixture f;

	setup(&f);
	jail(&f, "web", "depend = app;");
	jail(&f, "app", "depend = db, cache;");
	jail(&f, "db", "");
	jail(&f, "cache", "");
	jail(&f, "first", "priority = 1;");
	jail(&f, "last", "priority = 99;");
	check_waves(&f, "web app db cache", ORDER_UP, "",
	    "db cache | app | web");
	check_waves(&f, "web app db cache", ORDER_DOWN, "",
	    "web | app | db cache");
	check_waves(&f, "web app db cache", ORDER_NONE, "",
	    "web app db cache");
	/* what is not among the targets does not count */
	check_waves(&f, "web db", ORDER_UP, "", "web db");
	check_waves(&f, "last db first", ORDER_UP, "", "first | db | last");
	check_waves(&f, "last db first", ORDER_DOWN, "", "last | db | first");
	check_waves(&f, "last first", ORDER_NONE, "", "last first");
	/* a failure stops those that depend on it, and nobody else */
	check_waves(&f, "web app db cache last", ORDER_UP, "db",
	    "db cache | -app | -web | last");
	check_waves(&f, "web app db cache", ORDER_DOWN, "web",
	    "web | -app | -db -cache");
	check_waves(&f, "first db last", ORDER_UP, "first",
	    "first | db | last");
	host_fini(&f.host);
}

/* What a jail needs goes with its priority, or nothing would ever start. */
ATF_TC_WITHOUT_HEAD(priority_of_needed);
ATF_TC_BODY(priority_of_needed, tc)
{
	struct fixture f;

	setup(&f);
	jail(&f, "web", "depend = db; priority = 5;");
	jail(&f, "db", "depend = disk; priority = 90;");
	jail(&f, "disk", "priority = 95;");
	jail(&f, "other", "priority = 50;");
	check_waves(&f, "other disk db web", ORDER_UP, "",
	    "disk | db | web | other");
	check_waves(&f, "other disk db web", ORDER_DOWN, "",
	    "other | web | db | disk");
	host_fini(&f.host);
}

ATF_TC_WITHOUT_HEAD(circles);
ATF_TC_BODY(circles, tc)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct error e = ERROR_INIT;
	struct fixture f;
	struct graph g;

	setup(&f);
	jail(&f, "a", "depend = b;");
	jail(&f, "b", "depend = c;");
	jail(&f, "c", "depend = b;");
	jail(&f, "self", "depend = self;");
	split("a b c", &names);
	ATF_CHECK_EQ(-1, graph_init(&g, &f.host, &names, ORDER_UP, &e));
	ATF_CHECK_EQ(ERROR_CONFIG, e.kind);
	ATF_CHECK_STREQ("depend goes in a circle: b -> c -> b", e.msg);
	graph_fini(&g);
	/* a mistake keeps nothing from being stopped */
	check_waves(&f, "a b c", ORDER_DOWN, "", "a b c");
	strings_fini(&names);
	split("self a", &names);
	ATF_CHECK_EQ(-1, graph_init(&g, &f.host, &names, ORDER_UP, &e));
	ATF_CHECK_STREQ("depend goes in a circle: self -> self", e.msg);
	graph_fini(&g);
	/* one that is not complete among the targets is none */
	check_waves(&f, "a b", ORDER_UP, "", "b | a");
	host_fini(&f.host);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, resolve);
	ATF_TP_ADD_TC(tp, one);
	ATF_TP_ADD_TC(tp, needed);
	ATF_TP_ADD_TC(tp, waves);
	ATF_TP_ADD_TC(tp, priority_of_needed);
	ATF_TP_ADD_TC(tp, circles);
	return atf_no_error();
}
