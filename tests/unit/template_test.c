/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The language of Bastillefiles. */
#include <atf-c.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/spawn.h"
#include "base/xalloc.h"
#include "template/plan.h"
#include "man/man_paths.h"
#include "template/words.h"

/* --- words --- */

struct words_case {
	const char *line;
	const char *words;	/* joined by "|"; "!" and what the error holds */
};
/* clang-format off */
static const struct words_case words_cases[] = {
	{ "a b  c", "a|b|c" },
	{ "\ta\tb \t c\t", "a|b|c" },
	{ "", "" },
	{ "# all of it", "" },
	{ "a # a comment", "a" },
	{ "a#b c", "a#b|c" },
	{ "set allow.mlock=1;      #", "set|allow.mlock=1" },
	{ "nginx start;", "nginx|start" },
	{ "nginx start ; ; # x", "nginx|start" },
	{ "'a b' \"c d\" e\\ f", "a b|c d|e f" },
	{ "a'b'\"c\"d", "abcd" },
	{ "'' \"\" x", "||x" },
	{ "'it'\\''s'", "it's" },
	{ "\"a\\\"b\\\\c\\$d\\`e\\f\"", "a\"b\\c$d`e\\f" },
	{ "nginx_flags=\"-c /x\" a=", "nginx_flags=-c /x|a=" },
	{ "5$ $ \"$\" $%", "5$|$|$|$%" },
	{ "*.conf [a]? ~ {a,b} !", "*.conf|[a]?|~|{a,b}|!" },
	{ "a\\;b \\# \\$x", "a;b|#|$x" },
	/* variables */
	{ "${A}", "one" },
	{ "x${A}y${A}", "xoneyone" },
	{ "${TWO}", "a|b" },
	{ "x${TWO}y", "xa|by" },
	{ "\"${TWO}\" '${TWO}'", "a  b|a  b" },
	{ "${EMPTY}", "" },
	{ "${EMPTY}#x ${EMPTY} #x", "#x" },
	{ "\"${EMPTY}\" x${EMPTY}y", "|xy" },
	{ "${EVIL}", "$(id);`id`|>|/x|'\"" },
	{ "'${UNKNOWN} $x $(id)'", "${UNKNOWN} $x $(id)" },
	/* refused */
	{ "a $(id)", "!f:1:3: $(...)" },
	{ "\"a$(id)\"", "!f:1:3: $(...)" },
	{ "a=`id`", "!f:1:3: `...`" },
	{ "\"`id`\"", "!f:1:2: `...`" },
	{ "a; rm -rf /", "!f:1:4: a second command" },
	{ "a && b", "!f:1:3: '&'" },
	{ "a | b", "!f:1:3: '|'" },
	{ "a >/etc/passwd", "!f:1:3: '>'" },
	{ "a <x", "!f:1:3: '<'" },
	{ "(a)", "!f:1:1: '('" },
	{ "$HOME", "!f:1:1: a variable without braces" },
	{ "\"$1\"", "!f:1:2: a variable without braces" },
	{ "${A:-x}", "!f:1:1: this form of ${...}" },
	{ "${UNKNOWN}", "!f:1:1: nothing defines ${UNKNOWN}" },
	{ "x $'a'", "!f:1:3: $'...'" },
	{ "a 'b", "!f:1:3: this quote is not closed" },
	{ "a \"b", "!f:1:3: this quote is not closed" },
};
/* clang-format on */

static void
set_vars(struct vars *v)
{
	vars_set(v, "A", "one");
	vars_set(v, "TWO", "a  b");
	vars_set(v, "EMPTY", "");
	vars_set(v, "EVIL", "$(id);`id` > /x '\"");
}

static int
split(const char *line, struct strings *words, struct error *e)
{
	AUTO_TEXT struct text text = TEXT_INIT;
	AUTO_VARS struct vars vars = VEC_INIT;

	set_vars(&vars);
	ATF_REQUIRE_EQ(text_init(&text, "f", line, strlen(line), e), 0);
	if (text.lines.count == 0)
		return 0;
	return words_split(&text, &text.lines.items[0], 0, &vars, words, e);
}

ATF_TC_WITHOUT_HEAD(words);
ATF_TC_BODY(words, tc)
{
	for (size_t i = 0; i < sizeof(words_cases) / sizeof(words_cases[0]);
	    i++) {
		const struct words_case *c = &words_cases[i];
		AUTO_STRINGS struct strings words = VEC_INIT;
		AUTO_FREE char *joined = NULL;
		struct error e = ERROR_INIT;
		int result = split(c->line, &words, &e);

		if (c->words[0] == '!') {
			ATF_CHECK_MSG(result < 0, "taken: %s", c->line);
			ATF_CHECK_EQ(e.kind, ERROR_DATA);
			ATF_CHECK_MSG(strncmp(e.msg, c->words + 1,
			    strlen(c->words + 1)) == 0, "%s: %s", c->line,
			    e.msg);
			continue;
		}
		joined = strings_join(&words, "|");
		ATF_CHECK_MSG(result == 0, "%s: %s", c->line, e.msg);
		ATF_CHECK_MSG(strcmp(joined, c->words) == 0, "%s: %s, not %s",
		    c->line, joined, c->words);
	}
}

/* Where a line is continued, the column is that of the line in the file. */
ATF_TC_WITHOUT_HEAD(places);
ATF_TC_BODY(places, tc)
{
	static const char data[] = "# x\n\n  PKG a \\\n\tb $(id)\n";
	AUTO_TEXT struct text text = TEXT_INIT;
	AUTO_STRINGS struct strings words = VEC_INIT;
	AUTO_VARS struct vars none = VEC_INIT;
	struct error e = ERROR_INIT;

	ATF_REQUIRE_EQ(text_init(&text, "f", data, sizeof(data) - 1, &e), 0);
	ATF_REQUIRE_EQ(text.lines.count, 1);
	ATF_CHECK_EQ(text_number(&text.lines.items[0]), 3);
	ATF_CHECK_EQ(words_split(&text, &text.lines.items[0], 0, &none, &words,
	    &e), -1);
	ATF_CHECK_MSG(strncmp(e.msg, "f:4:4: ", 7) == 0, "%s", e.msg);
}

/* --- the same words as dash(1) --- */

static uint32_t state = 1;

static uint32_t
next(uint32_t below)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

static char *
random_line(void)
{
	static const char *const pieces[] = { "a", "b", " ", "  ", "\t", "'",
		"\"", "\\", "\\\\", "\\\"", "#", " #", ";", "$", "${A}",
		"${TWO}", "\"${TWO}\"", "${EMPTY}", "=", "x=y", "'a b'",
		"\"a b\"", "''", "\"\"", "\\ ", "-", "/", "{", "}", "%" };
	AUTO_BUF struct buf line = BUF_INIT;

	for (uint32_t n = 1 + next(12); n > 0; n--)
		buf_puts(&line, pieces[next(sizeof(pieces) /
		    sizeof(pieces[0]))]);
	return buf_steal(&line);
}

/* In single quotes a variable is not the shell's. */
static bool
for_dash(const char *line)
{
	size_t len = strlen(line);

	return !(strchr(line, '\'') != NULL && strstr(line, "${") != NULL) &&
	    line[len - 1] != '\\' && strchr(line, ';') == strrchr(line, ';');
}

ATF_TC_WITHOUT_HEAD(as_dash);
ATF_TC_BODY(as_dash, tc)
{
	AUTO_BUF struct buf script = BUF_INIT, ours = BUF_INIT,
	    theirs = BUF_INIT;
	struct error e = ERROR_INIT;
	int lines = 0;

	if (access("/bin/dash", X_OK) != 0)
		atf_tc_skip("dash is not installed");
	buf_puts(&script, "set -f; A=one; TWO='a  b'; EMPTY=\n"
	    "w() { for a; do printf '%s|' \"$a\"; done; echo; }\n");
	while (lines < 1500) {
		AUTO_FREE char *line = random_line();
		AUTO_STRINGS struct strings words = VEC_INIT;

		if (!for_dash(line) || split(line, &words, &e) < 0)
			continue;
		buf_printf(&script, "w %s\n", line);
		for (size_t i = 0; i < words.count; i++)
			buf_printf(&ours, "%s|", words.items[i]);
		buf_puts(&ours, "\n");
		lines++;
	}
	{
		char dash[] = "/bin/dash", c[] = "-c";
		char *argv[] = { dash, c, script.data, NULL };

		ATF_REQUIRE_EQ_MSG(spawn_capture(argv, &theirs, &e), 0, "%s",
		    e.msg);
	}
	ATF_CHECK_STREQ(buf_text(&theirs), buf_text(&ours));
}

/* --- plans --- */

struct files {
	const char *name, *text;
};
static const struct files templates[] = {
	{ "x/inner", "ARG WHO=nobody\nCMD echo ${WHO} ${OUTER}\n" },
	{ "x/loop", "INCLUDE x/loop\n" },
	{ "x/needs", "ARG+ PORT\nSYSRC port=${PORT}\n" },
};

static int
read_named(void *arg, const char *name, struct template_text *t,
    struct error *e)
{
	const char *base = arg;

	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++)
		if (strcmp(templates[i].name, name) == 0) {
			t->dir = xasprintf("%s/%s", base, name);
			t->file = xasprintf("%s/Bastillefile", t->dir);
			return file_read(AT_FDCWD, t->file, 4096, &t->text, e);
		}
	return error_set(e, ERROR_NOT_FOUND, "no template '%s'", name);
}

static char *
ask(void *arg, const char *name)
{
	return strcmp(name, "ASKED") == 0 ? xstrdup("an answer") : NULL;
}

static void
write_templates(void)
{
	struct error none = ERROR_INIT;

	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
		AUTO_FREE char *dir = xasprintf("t/%s", templates[i].name);
		AUTO_FREE char *file = xasprintf("%s/Bastillefile", dir);

		ATF_REQUIRE_EQ(file_mkdirs(AT_FDCWD, dir, 0755, &none), 0);
		atf_utils_create_file(file, "%s", templates[i].text);
	}
}

static int
plan(const char *text, const char *os, const struct vars *args,
    struct template_plan *out, struct error *e)
{
	AUTO_VARS struct vars builtin = VEC_INIT;
	char base[] = "t";
	struct template_target t = { os, &builtin, args, read_named, ask,
		base };

	vars_set(&builtin, "JAIL_NAME", "web");
	vars_set(&builtin, "JAIL_IP", "10.0.0.2");
	vars_set(&builtin, "JAIL_IP6", "");
	return template_plan_text(&t, "f", "/t", text, strlen(text), out, e);
}

struct plan_case {
	const char *name;
	const char *text;
	const char *args;	/* "A=1 B=2" */
	const char *plan;	/* a line a step; "!" and what the error holds */
};
/* clang-format off */
static const struct plan_case plan_cases[] = {
	{ "the best known",
	    "PKG nginx\nSYSRC nginx_enable=YES\n"
	    "CP /usr/local/etc/nginx/nginx.conf usr/local/etc/nginx/nginx.conf\n"
	    "SERVICE nginx start\nCMD nginx -t\n", "",
	    "PKG nginx\nSYSRC nginx_enable=YES\n"
	    "CP /usr/local/etc/nginx/nginx.conf usr/local/etc/nginx/nginx.conf\n"
	    "SERVICE nginx start\nCMD nginx -t\n" },
	{ "indented, tabs, any case, no words",
	    "  pkg\tnginx\n\tCmd\techo  a\nRESTART\nrestart;\n", "",
	    "PKG nginx\nCMD echo  a\nRESTART\nRESTART\n" },
	{ "CMD is verbatim",
	    "CMD echo \"$HOME\" '${NOT}' $(id) `id` ; ls >x # y\n", "",
	    "CMD echo \"$HOME\" '${NOT}' $(id) `id` ; ls >x # y\n" },
	{ "CMD with variables",
	    "ARG A=it's\nARG NONE\nCMD echo ${A} ${NONE} ${JAIL_NAME}\n", "",
	    "!f:1:9: this quote" },
	{ "variables",
	    "ARG A=\"a b\"\nARG NONE\nARG B=${A}c\n"
	    "CMD echo ${A} ${NONE} ${JAIL_NAME}\nPKG ${A} ${NONE}\n"
	    "SYSRC x=\"${B} ${JAIL_IP}\"\n", "",
	    "CMD echo a b ${NONE} web\nPKG a b\nSYSRC x=a bc 10.0.0.2\n" },
	{ "arguments win", "ARG A=x\nARG+ B\nCMD ${A} ${B}\n", "A=1;2 B=$(id)",
	    "CMD 1;2 $(id)\n" },
	{ "asked", "ARG+ ASKED\nCMD ${ASKED}\n", "", "CMD an answer\n" },
	{ "needed", "\nARG+ PORT\n", "", "!f:2: a value for PORT is needed" },
	{ "the words of ARG are joined", "ARG A=a b  c\nCMD ${A}\n", "",
	    "CMD a b c\n" },
	{ "bad name", "ARG 1A=x\n", "", "!f:1:1: '1A' cannot be the name" },
	{ "continued", "PKG a \\\n  b\\\n\nCMD x\n", "", "PKG a b\nCMD x\n" },
	{ "include", "ARG OUTER=o\nINCLUDE x/inner --arg WHO=me\n"
	    "TEMPLATE x/inner --arg=WHO='a b'\nINCLUDE x/inner\n", "",
	    "CMD echo me ${OUTER}\nCMD echo a b ${OUTER}\n"
	    "CMD echo nobody ${OUTER}\n" },
	{ "no loop", "INCLUDE x/loop\n", "", "!f:1: t/x/loop/Bastillefile:1: "
	    "t/x/loop/Bastillefile includes itself" },
	{ "not there", "PKG a\nINCLUDE x/none\n", "",
	    "!f:2: no template 'x/none'" },
	{ "needed within", "INCLUDE x/needs\n", "",
	    "!f:1: t/x/needs/Bastillefile:1: a value for PORT" },
	{ "if", "IF os=linux PKG nginx\nIF os=freebsd PKG www/nginx\n"
	    "IF os=freebsd\nCMD a\nELSE\nCMD b\nIF os=linux|freebsd\nCMD c\n"
	    "ENDIF\nENDIF\nIF os=freebsd\nIF os=linux\nCMD d\nELSE\nCMD e\n"
	    "ENDIF\nPKG $(never)\nENDIF\n", "", "PKG nginx\nCMD b\nCMD c\n" },
	{ "if, comment behind", "IF os=linux # yes\nCMD a\nENDIF\n", "",
	    "CMD a\n" },
	{ "if without end", "\nIF os=linux\n", "", "!f:2: this IF has no" },
	{ "else without if", "ELSE\n", "", "!f:1:1: ELSE without IF" },
	{ "endif without if", "ENDIF\n", "", "!f:1:1: ENDIF without IF" },
	{ "two elses", "IF os=linux\nELSE\nELSE\nENDIF\n", "",
	    "!f:3:1: a second ELSE" },
	{ "if of what", "IF arch=amd64\n", "", "!f:1:1: IF arch=amd64" },
	{ "if of which", "IF os=linux|plan9 CMD x\n", "",
	    "!f:1:1: IF os=plan9" },
	{ "on change", "ONCHANGE /etc/x -> SERVICE nginx reload\n"
	    "ONCHANGE ${JAIL_NAME} -> CMD a | b\n", "",
	    "ONCHANGE /etc/x -> SERVICE nginx reload\n"
	    "ONCHANGE web -> CMD a | b\n" },
	{ "on change of what", "ONCHANGE /etc/x SERVICE nginx reload\n", "",
	    "!f:1:17: ONCHANGE is written" },
	{ "on change of all", "ONCHANGE /x -> INCLUDE x/inner\n", "",
	    "!f:1:16: INCLUDE cannot wait" },
	{ "health", "HEALTHCHECK interval=5s retries=2 CMD curl -f http://x/ "
	    "|| exit 1\nHEALTHCHECK none\n", "",
	    "HEALTHCHECK interval=5s retries=2 CMD curl -f http://x/ || exit 1\n"
	    "HEALTHCHECK none\n" },
	{ "health of what", "HEALTHCHECK curl\n", "",
	    "!f:1:13: HEALTHCHECK is written" },
	{ "any command", "monitor add nginx\nlimits add memoryuse 1G\n", "",
	    "MONITOR add nginx\nLIMITS add memoryuse 1G\n" },
	{ "too few", "CP a\n", "", "!f:1:1: CP has 1 words behind it" },
	{ "too many", "RESTART now\n", "", "!f:1:1: RESTART has 1 words" },
	{ "no command", "CMD\n", "", "!f:1:4: a command line is missing" },
	{ "two releases", "FROM debian-12\nFROM debian-13\n", "",
	    "!f:2:1: FROM debian-13" },
	{ "workdir", "WORKDIR srv\n", "", "!f:1:1: WORKDIR srv: an absolute" },
	{ "injection", "SYSRC c=\"$(touch /tmp/x)\"\n", "",
	    "!f:1:10: $(...)" },
	{ "CR LF", "PKG a\r\nCMD b\r\n", "", "PKG a\nCMD b\n" },
	{ "no newline at the end", "PKG a", "", "PKG a\n" },
	{ "empty", "\n# x\n\n", "", "" },
};
/* clang-format on */

static void
check_plan(const struct plan_case *c)
{
	AUTO_TEMPLATE_PLAN struct template_plan p = TEMPLATE_PLAN_INIT;
	AUTO_VARS struct vars args = VEC_INIT;
	AUTO_BUF struct buf told = BUF_INIT;
	struct error e = ERROR_INIT;
	int result;

	for (const char *a = c->args; *a != '\0'; a += strspn(a, " ")) {
		AUTO_FREE char *one = xstrndup(a, strcspn(a, " "));

		ATF_REQUIRE_EQ(vars_assign(&args, one, &e), 0);
		a += strlen(one);
	}
	result = plan(c->text, "linux", &args, &p, &e);
	if (c->plan[0] == '!') {
		ATF_CHECK_MSG(result < 0, "%s: taken", c->name);
		ATF_CHECK_MSG(strncmp(e.msg, c->plan + 1,
		    strlen(c->plan + 1)) == 0, "%s: %s", c->name, e.msg);
		return;
	}
	ATF_CHECK_MSG(result == 0, "%s: %s", c->name, e.msg);
	for (size_t i = 0; i < p.steps.count; i++) {
		template_step_tell(&p.steps.items[i], &told);
		buf_puts(&told, "\n");
	}
	ATF_CHECK_MSG(strcmp(buf_text(&told), c->plan) == 0, "%s:\n%s",
	    c->name, buf_text(&told));
}

ATF_TC_WITHOUT_HEAD(plans);
ATF_TC_BODY(plans, tc)
{
	write_templates();
	for (size_t i = 0; i < sizeof(plan_cases) / sizeof(plan_cases[0]); i++)
		check_plan(&plan_cases[i]);
}

/* USER and WORKDIR are of what follows in the same file; FROM is told. */
ATF_TC_WITHOUT_HEAD(context);
ATF_TC_BODY(context, tc)
{
	AUTO_TEMPLATE_PLAN struct template_plan p = TEMPLATE_PLAN_INIT;
	AUTO_VARS struct vars none = VEC_INIT;
	struct error e = ERROR_INIT;

	write_templates();
	ATF_REQUIRE_EQ_MSG(plan("FROM debian-12\nCMD a\nUSER www\n"
	    "WORKDIR /srv\nCMD b\nINCLUDE x/inner\nCMD c\n", "linux", &none, &p,
	    &e), 0, "%s", e.msg);
	ATF_REQUIRE_EQ(p.steps.count, 4);
	ATF_CHECK_STREQ(p.from, "debian-12");
	ATF_CHECK(p.steps.items[0].user == NULL);
	ATF_CHECK_STREQ(p.steps.items[1].user, "www");
	ATF_CHECK_STREQ(p.steps.items[1].workdir, "/srv");
	ATF_CHECK(p.steps.items[2].user == NULL);
	ATF_CHECK_STREQ(p.steps.items[3].user, "www");
	ATF_CHECK_STREQ(p.steps.items[2].file, "t/x/inner/Bastillefile");
	ATF_CHECK_EQ(p.steps.items[2].line, 2);
}

/* What is odd and no error is told. */
ATF_TC_WITHOUT_HEAD(notes);
ATF_TC_BODY(notes, tc)
{
	AUTO_TEMPLATE_PLAN struct template_plan p = TEMPLATE_PLAN_INIT;
	AUTO_VARS struct vars args = VEC_INIT;
	struct error e = ERROR_INIT;

	vars_set(&args, "TYPO", "1");
	ATF_REQUIRE_EQ(plan("ARG NONE\n", "linux", &args, &p, &e), 0);
	ATF_REQUIRE_EQ(p.notes.count, 2);
	ATF_CHECK(strstr(p.notes.items[0], "f:1: NONE is empty") != NULL);
	ATF_CHECK(strstr(p.notes.items[1], "no ARG TYPO") != NULL);
}

ATF_TC_WITHOUT_HEAD(arg_file);
ATF_TC_BODY(arg_file, tc)
{
	AUTO_VARS struct vars args = VEC_INIT;
	struct error e = ERROR_INIT;

	vars_set(&args, "A", "given");
	atf_utils_create_file("args", "# x\nA=file\nB=\"a b\" c\nC=\n");
	ATF_REQUIRE_EQ_MSG(template_arg_file("args", &args, &e), 0, "%s",
	    e.msg);
	ATF_CHECK_STREQ(vars_find(&args, "A", 1), "given");
	ATF_CHECK_STREQ(vars_find(&args, "B", 1), "a b c");
	ATF_CHECK_STREQ(vars_find(&args, "C", 1), "");
	atf_utils_create_file("bad", "A=$(id)\n");
	ATF_CHECK_EQ(template_arg_file("bad", &args, &e), -1);
	ATF_CHECK(strncmp(e.msg, "bad:1:3: $(...)", 15) == 0);
	atf_utils_create_file("worse", "A\n");
	ATF_CHECK_EQ(template_arg_file("worse", &args, &e), -1);
}

/* --- whole files: tests/fuzz/corpus/template, and their plans beside us --- */

static const char *
source(void)
{
	const char *dir = getenv("GAOL_SOURCE");

	return dir != NULL ? dir : MAN_SOURCE;
}

/* As unit/plans has it: a line a step with its file and number, or the error. */
static void
tell_file(const char *name, const char *data, size_t len, const char *os,
    struct buf *out)
{
	AUTO_TEMPLATE_PLAN struct template_plan p = TEMPLATE_PLAN_INIT;
	AUTO_VARS struct vars none = VEC_INIT, builtin = VEC_INIT;
	struct error e = ERROR_INIT;
	char base[] = "t";
	struct template_target t = { os, &builtin, &none, read_named, ask,
		base };

	vars_set(&builtin, "JAIL_NAME", "web");
	vars_set(&builtin, "JAIL_IP", "10.0.0.2");
	vars_set(&builtin, "JAIL_IP6", "");
	buf_printf(out, "== %s\n", os);
	if (template_plan_text(&t, name, "/t", data, len, &p, &e) < 0) {
		buf_printf(out, "! %s: %s\n", error_code(e.kind), e.msg);
		return;
	}
	if (p.from != NULL)
		buf_printf(out, "from %s\n", p.from);
	for (size_t i = 0; i < p.notes.count; i++)
		buf_printf(out, "note %s\n", p.notes.items[i]);
	for (size_t i = 0; i < p.steps.count; i++) {
		const struct template_step *s = &p.steps.items[i];

		buf_printf(out, "%s:%u", s->file, s->line);
		if (s->user != NULL)
			buf_printf(out, " as %s", s->user);
		if (s->workdir != NULL)
			buf_printf(out, " in %s", s->workdir);
		buf_printf(out, " %s", s->keyword);
		for (size_t k = 0; k < s->words.count; k++)
			buf_printf(out, " [%s]", s->words.items[k]);
		if (s->text != NULL)
			buf_printf(out, " {%s}", s->text);
		if (s->then != NULL) {
			buf_puts(out, " -> ");
			template_step_tell(s->then, out);
		}
		buf_putc(out, '\n');
	}
}

/* With GAOL_WRITE_PLANS they are written, to be read before they are kept. */
ATF_TC_WITHOUT_HEAD(golden);
ATF_TC_BODY(golden, tc)
{
	AUTO_FREE char *dir = xasprintf("%s/tests/fuzz/corpus/template",
	    source());
	AUTO_DIR DIR *d = opendir(dir);
	struct error e = ERROR_INIT;
	const struct dirent *entry;
	size_t count = 0;

	ATF_REQUIRE_MSG(d != NULL, "%s", dir);
	write_templates();
	while ((entry = readdir(d)) != NULL) {
		AUTO_FREE char *file = xasprintf("%s/%s", dir, entry->d_name);
		AUTO_FREE char *plan_file = xasprintf(
		    "%s/tests/unit/plans/%s", source(), entry->d_name);
		AUTO_BUF struct buf text = BUF_INIT, want = BUF_INIT,
		    have = BUF_INIT;

		if (entry->d_name[0] == '.')
			continue;
		ATF_REQUIRE_EQ(file_read(AT_FDCWD, file, 1 << 20, &text, &e),
		    0);
		tell_file(entry->d_name, buf_text(&text), text.len, "linux",
		    &have);
		tell_file(entry->d_name, buf_text(&text), text.len, "freebsd",
		    &have);
		if (getenv("GAOL_WRITE_PLANS") != NULL)
			ATF_REQUIRE_EQ(file_replace(AT_FDCWD, plan_file,
			    have.data, have.len, 0644, FILE_VOLATILE, &e), 0);
		if (file_read(AT_FDCWD, plan_file, 1 << 20, &want, &e) < 0)
			atf_tc_fail_nonfatal("%s", e.msg);
		ATF_CHECK_STREQ_MSG(buf_text(&want), buf_text(&have), "%s",
		    entry->d_name);
		count++;
	}
	ATF_CHECK_MSG(count >= 30, "%zu files only", count);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, words);
	ATF_TP_ADD_TC(tp, places);
	ATF_TP_ADD_TC(tp, as_dash);
	ATF_TP_ADD_TC(tp, plans);
	ATF_TP_ADD_TC(tp, context);
	ATF_TP_ADD_TC(tp, notes);
	ATF_TP_ADD_TC(tp, arg_file);
	ATF_TP_ADD_TC(tp, golden);
	return atf_no_error();
}
