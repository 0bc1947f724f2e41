/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "cmd/cmd.h"

static const struct cmd_option options[] = {
	{ 'f', "force", NULL, "" },
	{ 'x', "extra", NULL, "" },
	{ 'P', "parallel", "N", "" },
	{ 'e', "env", "NAME=VALUE", "" },
	{ '\0', "repair", NULL, "" },
	{ '\0', "size", "SIZE", "" },
	{ 0 },
};
static const struct cmd plain = { .name = "plain", .operands = "target...",
	.options = options, .min = 1, .max = CMD_ANY,
	.flags = CMD_ASSIGN | CMD_PLAN };
static const struct cmd exec = { .name = "exec",
	.operands = "target command", .options = options, .min = 1, .max = 1,
	.flags = CMD_COMMAND };
static const struct cmd run = { .name = "run", .operands = "command",
	.options = options, .flags = CMD_COMMAND_ONLY | CMD_ASSIGN };
static const struct cmd bare = { .name = "bare", .operands = "", .max = 0 };
/* Its -n and --json are its own. */
static const struct cmd_option own_options[] = {
	{ 'n', "lines", "LINES", "" },
	{ '\0', "json", "FILE", "" },
	{ 0 },
};
static const struct cmd own = { .name = "own", .operands = "[target]",
	.options = own_options, .max = 1 };

#define ARGV(...) ((const char *[]){ __VA_ARGS__, NULL })

/* getopt(3) wants them writable. */
static int
parse(struct cmd_args *a, const struct cmd *c, const char *const *words,
    struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;
	int result;

	memset(a, 0, sizeof(*a));
	a->cmd = c;
	strings_add(&argv, c->name);
	for (; *words != NULL; words++)
		strings_add(&argv, *words);
	result = args_parse(a, (int)argv.count, strings_argv(&argv), e);
	a->root = a->root != NULL ? "given" : NULL;	/* it pointed there */
	return result;
}

static void
check_list(const char *what, const struct strings *have, const char *expect)
{
	AUTO_FREE char *text = strings_join(have, "|");

	ATF_CHECK_STREQ_MSG(expect, text, "%s: '%s', not '%s'", what, text,
	    expect);
}

/* Parse and compare operands, assignments, command, each joined by "|". */
static void
good(const struct cmd *c, const char *const *words, const char *operands,
    const char *assign, const char *command)
{
	struct error e = ERROR_INIT;
	struct cmd_args a;

	ATF_CHECK_EQ_MSG(0, parse(&a, c, words, &e), "%s", e.msg);
	check_list("operands", &a.operands, operands);
	check_list("assign", &a.assign, assign);
	check_list("command", &a.command, command);
	args_fini(&a);
}

static void
bad(const struct cmd *c, const char *const *words, const char *text)
{
	struct error e = ERROR_INIT;
	struct cmd_args a;

	ATF_CHECK_EQ(-1, parse(&a, c, words, &e));
	ATF_CHECK_EQ(ERROR_USAGE, e.kind);
	ATF_CHECK_STREQ(text, e.msg);
	args_fini(&a);
}

ATF_TC_WITHOUT_HEAD(order);
ATF_TC_BODY(order, tc)
{
	good(&plain, ARGV("web"), "web", "", "");
	good(&plain, ARGV("-f", "web", "-P", "3", "db", "-x"), "web|db", "",
	    "");
	good(&plain, ARGV("web", "--", "-f", "--", "db"), "web|-f|--|db", "",
	    "");
	good(&plain, ARGV("--", "web"), "web", "", "");
	good(&plain, ARGV("web", "--"), "web", "", "");
	good(&plain, ARGV("-"), "-", "", "");
	good(&plain, ARGV("", "a b"), "|a b", "", "");
}

ATF_TC_WITHOUT_HEAD(values);
ATF_TC_BODY(values, tc)
{
	struct error e = ERROR_INIT;
	struct cmd_args a;
	uint64_t n = 0;

	ATF_REQUIRE_EQ(0, parse(&a, &plain, ARGV("-fP3", "web", "-e", "A=1",
	    "--env=B=2", "--env", "--", "--size", "5", "-f", "-P", "9"), &e));
	ATF_CHECK(args_has(&a, "f"));
	ATF_CHECK(args_has(&a, "force"));
	ATF_CHECK(!args_has(&a, "x"));
	ATF_CHECK(!args_has(&a, "repair"));
	ATF_CHECK_EQ(2, args_values(&a, "f")->count);
	check_list("env", args_values(&a, "e"), "A=1|B=2|--");
	ATF_CHECK_STREQ("--", args_value(&a, "env"));
	ATF_CHECK_STREQ("5", args_value(&a, "size"));
	check_list("operands", &a.operands, "web");
	ATF_CHECK_EQ(0, args_uint(&a, "P", 1, 10, 7, &n, &e));
	ATF_CHECK_EQ(9, n);
	ATF_CHECK_EQ(0, args_uint(&a, "size", 5, 5, 7, &n, &e));
	ATF_CHECK_EQ(5, n);
	ATF_CHECK_EQ(-1, args_uint(&a, "P", 1, 8, 7, &n, &e));
	ATF_CHECK_STREQ("plain: -P: 9 is not between 1 and 8", e.msg);
	ATF_CHECK_EQ(-1, args_uint(&a, "size", 6, 8, 7, &n, &e));
	ATF_CHECK_STREQ("plain: --size: 5 is not between 6 and 8", e.msg);
	args_fini(&a);
	ATF_REQUIRE_EQ(0, parse(&a, &plain, ARGV("web"), &e));
	ATF_CHECK_EQ(0, args_uint(&a, "P", 1, 8, 7, &n, &e));
	ATF_CHECK_EQ(7, n);
	ATF_CHECK_EQ(NULL, args_value(&a, "P"));
	args_fini(&a);
}

ATF_TC_WITHOUT_HEAD(command);
ATF_TC_BODY(command, tc)
{
	good(&exec, ARGV("web", "ls", "-l", "--help"), "web", "",
	    "ls|-l|--help");
	good(&exec, ARGV("-f", "web", "ls", "-x"), "web", "", "ls|-x");
	good(&exec, ARGV("web", "--", "ls", "--"), "web", "", "ls|--");
	good(&exec, ARGV("web", "--", "--", "ls"), "web", "", "--|ls");
	good(&exec, ARGV("--", "web", "ls", "-l"), "web", "", "ls|-l");
	good(&exec, ARGV("web", "-j", "-n", "-h"), "web", "", "-j|-n|-h");
	good(&exec, ARGV("web", "A=1"), "web", "", "A=1");
	good(&exec, ARGV("web"), "web", "", "");
}

ATF_TC_WITHOUT_HEAD(command_only);
ATF_TC_BODY(command_only, tc)
{
	good(&run, ARGV("ls", "-l"), "", "", "ls|-l");
	good(&run, ARGV("net=inherit", "-f", "note=a b", "ls", "x=1"), "",
	    "net=inherit|note=a b", "ls|x=1");
	good(&run, ARGV("--", "net=inherit", "ls"), "", "", "net=inherit|ls");
	good(&run, ARGV("net=none", "--", "--", "ls"), "", "net=none",
	    "--|ls");
	good(&run, ARGV("-e", "A=1"), "", "", "");
	good(&run, ARGV("./a=b", "c"), "", "", "./a=b|c");
	good(&run, ARGV("/bin/a=b"), "", "", "/bin/a=b");
	good(&run, ARGV("--"), "", "", "");
}

ATF_TC_WITHOUT_HEAD(assignments);
ATF_TC_BODY(assignments, tc)
{
	good(&plain, ARGV("web", "boot=on", "tag+=a", "exec.start=a = b",
	    "note="), "web", "boot=on|tag+=a|exec.start=a = b|note=", "");
	good(&plain, ARGV("allow.mount.*=on", "web", "--", "-x=1"),
	    "web|-x=1", "allow.mount.*=on", "");
	/* no property has such a name: a wrong target, and told as one */
	good(&plain, ARGV("=on", "a b=c", "a/b=c", "+=x", "tag++=x"),
	    "=on|a b=c|a/b=c|+=x|tag++=x", "", "");
}

ATF_TC_WITHOUT_HEAD(wrong);
ATF_TC_BODY(wrong, tc)
{
#define PLAIN " (usage: gaol plain [-fx] [-P N] [-e NAME=VALUE] " \
	"[--repair] [--size SIZE] target...)"
	bad(&plain, ARGV("-z", "web"), "plain: unknown option -z" PLAIN);
	bad(&plain, ARGV("-fz", "web"), "plain: unknown option -z" PLAIN);
	bad(&plain, ARGV("web", "-f=1"), "plain: unknown option -=" PLAIN);
	bad(&plain, ARGV("--forse"), "plain: unknown option --forse (did you "
	    "mean --force?)" PLAIN);
	bad(&plain, ARGV("--forc"), "plain: unknown option --forc (did you "
	    "mean --force?)" PLAIN);
	bad(&plain, ARGV("--par=3", "web"), "plain: unknown option --par=3 "
	    "(did you mean --parallel?)" PLAIN);
	bad(&plain, ARGV("--nothing"), "plain: unknown option --nothing" PLAIN);
	bad(&plain, ARGV("---"), "plain: unknown option ---" PLAIN);
	bad(&plain, ARGV("--force=1"),
	    "plain: option --force=1 takes no value" PLAIN);
	bad(&plain, ARGV("web", "-P"), "plain: option -P needs a value" PLAIN);
	bad(&plain, ARGV("--size"),
	    "plain: option --size needs a value" PLAIN);
	bad(&plain, ARGV("-\xc3\xa9"), "plain: unknown option -\xc3\xa9" PLAIN);
	bad(&plain, ARGV("boot=on"), "plain: an operand is missing" PLAIN);
	bad(&bare, ARGV("web"),
	    "bare: 'web' is one too many (usage: gaol bare)");
	bad(&bare, ARGV("-n"),
	    "bare: -n has no meaning here (usage: gaol bare)");
#undef PLAIN
}

/* A scan that broke off in the middle of "-zfx" leaves nothing to the next. */
ATF_TC_WITHOUT_HEAD(again);
ATF_TC_BODY(again, tc)
{
	struct error e = ERROR_INIT;
	struct cmd_args a;

	ATF_CHECK_EQ(-1, parse(&a, &plain, ARGV("-zfx", "web"), &e));
	args_fini(&a);
	ATF_CHECK_EQ(0, parse(&a, &plain, ARGV("-P2", "web"), &e));
	ATF_CHECK(!args_has(&a, "f"));
	ATF_CHECK_STREQ("2", args_value(&a, "P"));
	check_list("operands", &a.operands, "web");
	args_fini(&a);
}

ATF_TC_WITHOUT_HEAD(global);
ATF_TC_BODY(global, tc)
{
	char gaol[] = "gaol", root[] = "-R", dir[] = "/r", flags[] = "-jnq",
	    json[] = "--tabbed", stop[] = "stop", n[] = "-f";
	char *argv[] = { gaol, root, dir, flags, json, stop, n, NULL };
	char *only[] = { gaol, flags, NULL };
	char *wrong_one[] = { gaol, n, stop, NULL };
	struct cmd_args a = CMD_ARGS_INIT;
	struct error e = ERROR_INIT;

	ATF_CHECK_EQ(5, args_parse_global(&a, 7, argv, &e));
	ATF_CHECK_STREQ("/r", a.root);
	ATF_CHECK_EQ(VIEW_TABBED, a.format);	/* the last one counts */
	ATF_CHECK(a.plan);
	ATF_CHECK_EQ(-1, a.verbose);
	ATF_CHECK(!a.help && !a.version);
	ATF_CHECK_EQ(2, args_parse_global(&a, 2, only, &e));
	ATF_CHECK_EQ(-1, args_parse_global(&a, 3, wrong_one, &e));
	ATF_CHECK_EQ(ERROR_USAGE, e.kind);
	ATF_CHECK_STREQ("unknown option -f ('gaol help' tells more)", e.msg);
}

ATF_TC_WITHOUT_HEAD(global_later);
ATF_TC_BODY(global_later, tc)
{
	struct error e = ERROR_INIT;
	struct cmd_args a;

	ATF_REQUIRE_EQ(0, parse(&a, &plain, ARGV("web", "-jnv", "-R/x",
	    "--help"), &e));
	ATF_CHECK_EQ(VIEW_JSON, a.format);
	ATF_CHECK(a.plan && a.help && a.root != NULL);
	ATF_CHECK_EQ(1, a.verbose);
	args_fini(&a);
	/* help and version need no operands */
	ATF_CHECK_EQ(0, parse(&a, &plain, ARGV("-h"), &e));
	ATF_CHECK(a.help);
	args_fini(&a);
	ATF_CHECK_EQ(0, parse(&a, &plain, ARGV("--version"), &e));
	ATF_CHECK(a.version);
	args_fini(&a);
	/* the command's own options of that name come first */
	ATF_REQUIRE_EQ(0, parse(&a, &own, ARGV("-n", "5", "--json", "f"), &e));
	ATF_CHECK(!a.plan);
	ATF_CHECK_EQ(VIEW_TABLE, a.format);
	ATF_CHECK_STREQ("5", args_value(&a, "n"));
	ATF_CHECK_STREQ("f", args_value(&a, "json"));
	args_fini(&a);
	/* and take both names of the general one with them */
	bad(&own, ARGV("--plan"),
	    "own: unknown option --plan (usage: gaol own [-n LINES] "
	    "[--json FILE] [target])");
	/* within a command line they are the command's */
	ATF_REQUIRE_EQ(0, parse(&a, &exec, ARGV("web", "x", "-j"), &e));
	ATF_CHECK_EQ(VIEW_TABLE, a.format);
	args_fini(&a);
}

ATF_TC_WITHOUT_HEAD(usage);
ATF_TC_BODY(usage, tc)
{
	AUTO_BUF struct buf out = BUF_INIT;

	cmd_usage(&bare, &out);
	ATF_CHECK_STREQ("gaol bare\n", buf_text(&out));
	buf_clear(&out);
	cmd_usage(&own, &out);
	ATF_CHECK_STREQ("gaol own [-n LINES] [--json FILE] [target]\n",
	    buf_text(&out));
}

/* What help, completion and the manual are made of. */
static void
check_row(const struct cmd *c)
{
	ATF_CHECK_MSG(c->exec != NULL, "%s", c->name);
	ATF_CHECK_MSG(strlen(c->summary) > 5 && strlen(c->summary) < 60 &&
	    c->summary[strlen(c->summary) - 1] != '.', "%s", c->name);
	ATF_CHECK_MSG(c->min <= c->max, "%s", c->name);
	ATF_CHECK_EQ_MSG(c, cmd_find(c->name), "%s", c->name);
	for (const struct cmd_option *o = c->options; o != NULL && o->name;
	    o++) {
		ATF_CHECK_MSG(strlen(o->help) < 60, "%s --%s", c->name,
		    o->name);
		for (const struct cmd_option *p = o + 1; p->name != NULL; p++)
			ATF_CHECK_MSG(strcmp(o->name, p->name) != 0 &&
			    (o->letter == '\0' || o->letter != p->letter),
			    "%s: --%s and --%s", c->name, o->name, p->name);
	}
}

ATF_TC_WITHOUT_HEAD(table);
ATF_TC_BODY(table, tc)
{
	const char *source = getenv("GAOL_SOURCE");

	for (const struct cmd *const *c = cmd_table; *c != NULL; c++) {
		struct error e = ERROR_INIT;
		struct cmd_args a;

		check_row(*c);
		/* no table is larger than what is scanned for */
		ATF_CHECK_EQ(0, parse(&a, *c, ARGV("--help"), &e));
		ATF_CHECK(a.help);
		args_fini(&a);
		if (source == NULL)
			continue;
		AUTO_FREE char *test = xasprintf("%s/tests/cli/%s_test.sh",
		    source, (*c)->name);
		ATF_CHECK_MSG(access(test, R_OK) == 0, "%s is missing", test);
	}
}

ATF_TC_WITHOUT_HEAD(find);
ATF_TC_BODY(find, tc)
{
	struct error e = ERROR_INIT;

	ATF_CHECK_STREQ("list", cmd_find("ls")->name);
	ATF_CHECK_EQ(NULL, cmd_find("lis"));
	ATF_CHECK_EQ(NULL, cmd_find(""));
	ATF_CHECK_STREQ("stop", cmd_nearest("sotp"));
	ATF_CHECK_STREQ("destroy", cmd_nearest("destory"));
	ATF_CHECK_STREQ("list", cmd_nearest("lits"));
	ATF_CHECK_EQ(NULL, cmd_nearest("frobnicate"));
	ATF_CHECK_EQ(NULL, cmd_nearest("x"));
	ATF_CHECK_EQ(-1, cmd_unknown("strat", &e));
	ATF_CHECK_EQ(ERROR_USAGE, e.kind);
	ATF_CHECK_STREQ("no command 'strat' (did you mean 'start'?)", e.msg);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, order);
	ATF_TP_ADD_TC(tp, values);
	ATF_TP_ADD_TC(tp, command);
	ATF_TP_ADD_TC(tp, command_only);
	ATF_TP_ADD_TC(tp, assignments);
	ATF_TP_ADD_TC(tp, wrong);
	ATF_TP_ADD_TC(tp, again);
	ATF_TP_ADD_TC(tp, global);
	ATF_TP_ADD_TC(tp, global_later);
	ATF_TP_ADD_TC(tp, usage);
	ATF_TP_ADD_TC(tp, table);
	ATF_TP_ADD_TC(tp, find);
	return atf_no_error();
}
