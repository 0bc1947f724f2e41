/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "conf/conf.h"

static struct conf *
parse(const char *text)
{
	struct error e = ERROR_INIT;
	struct conf *c = conf_parse("t.conf", text, strlen(text), NULL, &e);

	ATF_REQUIRE_MSG(c != NULL, "%s in: %s", e.msg, text);
	return c;
}

static void
expect_written(const struct conf *c, const char *text)
{
	AUTO_BUF struct buf b = BUF_INIT;

	conf_write(c, &b);
	ATF_CHECK_STREQ(text, buf_text(&b));
}

/* "a.b" name=one|two; of all blocks, in one line. */
static void
dump_block(const struct conf_block *b, struct buf *out)
{
	const struct conf_param *p = NULL;

	if (conf_block_name(b) != NULL)
		buf_printf(out, "[%s]", conf_block_name(b));
	while ((p = conf_param_next(b, p)) != NULL) {
		buf_puts(out, conf_param_name(p));
		for (size_t i = 0; i < conf_param_count(p); i++)
			buf_printf(out, "%s%s", i > 0 ? "|" :
			    conf_param_appends(p) ? "+=" : "=",
			    conf_param_value(p, i));
		buf_putc(out, ';');
	}
}

static void
dump(const struct conf *c, struct buf *out)
{
	const struct conf_block *b = NULL;

	dump_block(conf_block(c, NULL), out);
	while ((b = conf_block_next(c, b)) != NULL)
		dump_block(b, out);
}

static void
expect_dump(const char *text, const char *expect)
{
	AUTO_CONF struct conf *c = parse(text);
	AUTO_BUF struct buf b = BUF_INIT;

	dump(c, &b);
	ATF_CHECK_STREQ(expect, buf_text(&b));
	expect_written(c, text);
}

ATF_TC_WITHOUT_HEAD(grammar);
ATF_TC_BODY(grammar, tc)
{
	static const char *const rows[][2] = {
		{ "", "" },
		{ "\n", "" },
		{ ";;", "" },
		{ "a;", "a;" },
		{ "a = 1;", "a=1;" },
		{ "a=1;b=2;", "a=1;b=2;" },
		{ "a\n=\n1\n;", "a=1;" },
		{ "a = 1, 2,3 ,4;", "a=1|2|3|4;" },
		{ "a += 1, 2;", "a+=1|2;" },
		{ "a+=1;", "a+=1;" },
		{ "a \"1\";", "a=1;" },		/* as jail(8) takes it */
		{ "a 1, 2;", "a=1|2;" },
		{ "web { a; }", "[web]a;" },
		{ "web{a;b{c;}}", "[web]a;[web.b]c;" },
		{ "t = 1; web { a; } u = 2;", "t=1;u=2;[web]a;" },
		{ "web { } ; web { b; }", "[web][web]b;" },
		{ "* { a; }", "[*]a;" },
		{ "foo.* { a; } \"b c\" { d; }", "[foo.*]a;[b c]d;" },
		{ "$x = 1; ${y z} = 2;", "$x=1;$y z=2;" },
		{ ".include \"/etc/jail.conf.d/*.conf\";",
		    ".include=/etc/jail.conf.d/*.conf;" },
		/* comments, anywhere but in a word in quotes */
		{ "# a = 1;", "" },
		{ "// a = 1;\nb;", "b;" },
		{ "/* a = 1;\n */b;", "b;" },
		{ "/**/a/**/=/* x */1/**//**/;#", "a=1;" },
		{ "a = 1#;\n;", "a=1;" },
		{ "a = /x//y;\n;", "a=/x;" },
		{ "a = /x/*y*/;", "a=/x;" },
		{ "a = \"# // /* */\";", "a=# // /* */;" },
		{ "/*/ a; */b;", "b;" },
		{ "/***/b;", "b;" },
		/* bare words */
		{ "a = !%&()-.:<>?@[]^`|~*+/;", "a=!%&()-.:<>?@[]^`|~*+/;" },
		{ "a = 10.0.0.1/24, fd00::1/64, em0|10.0.0.2;",
		    "a=10.0.0.1/24|fd00::1/64|em0|10.0.0.2;" },
		{ "a = b\\;c\\ d\\\\;", "a=b;c d\\;" },
		{ "a = $;", "a=$;" },
		{ "a = 5$, $5;", "a=5$|$5;" },
		/* quotes */
		{ "a = \"\", '';", "a=|;" },
		{ "a = \"x y\", 'x;{}y';", "a=x y|x;{}y;" },
		{ "a = \"a\\\"b\", 'a\\'b', 'a\"b', \"a'b\";",
		    "a=a\"b|a'b|a\"b|a'b;" },
		{ "a = \"a\nb\", 'c\nd';", "a=a\nb|c\nd;" },
		{ "a = \"a\\\nb\", c\\\nd;", "a=ab|cd;" },
		{ "a = \"\\a\\b\\f\\n\\r\\t\\v\\q\\\\\";",
		    "a=\a\b\f\n\r\t\vq\\;" },
		{ "a = \"\\101\\1012\\x41\\x4a1\\x4z\\x4\\7\";",
		    "a=AA2AJ1\4z\4\7;" },
		{ "a = \"\\377\\777\";", "a=\xff\xff;" },
		{ "a = \"gr\303\274n\";", "a=gr\303\274n;" },
		/* adjacent parts */
		{ "a = \"x\"y'z';", "a=xyz;" },
		{ "a = \"x\" , y'z';", "a=x|yz;" },
		{ "a = \"/jails/\"$name'/root';", "a=/jails/$name/root;" },
		{ "a = ${b.c}d$e-f;", "a=${b.c}d$e-f;" },
		{ "'a' = 1; a\"b\" = 2;", "a=1;ab=2;" },
		{ "a=1;\r\nb=2;\r\n", "a=1;b=2;" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_dump(rows[i][0], rows[i][1]);
}

ATF_TC_WITHOUT_HEAD(statement);
ATF_TC_BODY(statement, tc)
{
	AUTO_CONF struct conf *c = parse("a;\n  b += 1;\nweb {\n"
	    "\t/* x\n */ .include \"f\";\n}\n");
	const struct conf_param *a, *b, *include;

	a = conf_param_next(conf_block(c, NULL), NULL);
	b = conf_param_next(conf_block(c, NULL), a);
	include = conf_param_next(conf_block(c, "web"), NULL);
	ATF_CHECK_EQ(0, conf_param_count(a));
	ATF_CHECK(conf_param_value(a, 0) == NULL);
	ATF_CHECK(!conf_param_appends(a) && conf_param_appends(b));
	ATF_CHECK(conf_param_is_include(include) && !conf_param_is_include(a));
	ATF_CHECK(conf_param_next(conf_block(c, NULL), b) == NULL);
	ATF_CHECK_EQ(1, conf_param_line(a));
	ATF_CHECK_EQ(1, conf_param_column(a));
	ATF_CHECK_EQ(2, conf_param_line(b));
	ATF_CHECK_EQ(3, conf_param_column(b));
	ATF_CHECK_EQ(5, conf_param_line(include));
	ATF_CHECK_EQ(5, conf_param_column(include));
	ATF_CHECK(conf_block(c, "we") == NULL);
	ATF_CHECK(conf_block_name(conf_block(c, NULL)) == NULL);
}

/* Text and its problems, as "LINE:COLUMN:text" joined by "|". */
static void
expect_problems(const char *text, size_t len, const char *expect)
{
	struct conf_problems problems = VEC_INIT;
	AUTO_BUF struct buf found = BUF_INIT;
	AUTO_BUF struct buf first = BUF_INIT;
	struct error e = ERROR_INIT;
	struct conf *c = conf_parse("t.conf", text, len, &problems, &e);

	ATF_CHECK_MSG(c == NULL, "accepted: %s", text);
	ATF_CHECK_EQ(ERROR_CONFIG, e.kind);
	for (size_t i = 0; i < problems.count; i++) {
		const struct conf_problem *p = &problems.items[i];

		buf_printf(&found, "%s%d:%d:%s", i > 0 ? "|" : "", p->line,
		    p->column, p->text);
		if (i == 0)
			buf_printf(&first, "t.conf:%d:%d: %s", p->line,
			    p->column, p->text);
	}
	ATF_CHECK_STREQ(expect, buf_text(&found));
	ATF_CHECK_STREQ(buf_text(&first), e.msg);
	conf_problems_fini(&problems);
	error_clear(&e);
	ATF_CHECK(conf_parse("t.conf", text, len, NULL, &e) == NULL);
	ATF_CHECK_STREQ(buf_text(&first), e.msg);
}

ATF_TC_WITHOUT_HEAD(problems);
ATF_TC_BODY(problems, tc)
{
	static const char *const rows[][2] = {
		{ "a", "1:2:';' is missing after 'a'" },
		{ "a = 1", "1:6:';' is missing after 'a'" },
		{ "a = 1\nb = 2;\nc = 3\n",
		    "1:6:';' is missing after 'a'|"
		    "3:6:';' is missing after 'c'" },
		{ "persist\nvnet;", "1:8:';' is missing after 'persist'" },
		{ "web { a = 1 }", "1:12:';' is missing after 'a'" },
		{ "a = ;", "1:5:'a' lacks a value" },
		{ "a = 1,;", "1:7:'a' lacks a value" },
		{ "a += }", "1:6:'a' lacks a value|1:6:this '}' has no '{'" },
		{ "a = 1 2;", "1:7:unexpected '2': values are separated by "
		    "','" },
		{ "a = 1 = 2;", "1:7:unexpected '='" },
		{ "= 1;\nb = ,;", "1:1:unexpected '='|2:5:unexpected ','" },
		{ "web {", "1:5:this '{' has no '}'" },
		{ "web { a; } }", "1:12:this '}' has no '{'" },
		{ "{ a; }", "1:1:unexpected '{'" },
		{ "{ a = ; }\nb = ;",
		    "1:1:unexpected '{'|1:7:'a' lacks a value|"
		    "2:5:'b' lacks a value" },
		{ "$x { }", "1:1:a variable cannot name a block" },
		{ "a$x = 1;", "1:1:a name cannot hold a variable" },
		{ "$x$y = 1;", "1:1:a name cannot hold a variable" },
		{ "'' = 1;", "1:1:an empty name" },
		{ ".include;", "1:9:'.include' lacks a file" },
		{ "a = \"x;\nb;", "1:5:unterminated string" },
		{ "a = 'x\\';", "1:5:unterminated string" },
		{ "a = 1; /* b;\n", "1:8:this comment has no end" },
		{ "/*/", "1:1:this comment has no end" },
		{ "a = ${x;\nb = ;", "1:5:unterminated variable|"
		    "2:5:'b' lacks a value" },
		{ "a = \"${x\ny}\";", "1:6:unterminated variable|"
		    "2:2:';' is missing after 'y'|2:2:this '}' has no '{'|"
		    "2:3:unterminated string" },
		{ "a = ${};", "1:5:empty variable name" },
		{ "a = ${x$y}; b = ;", "1:5:bad variable name|"
		    "1:17:'b' lacks a value" },
		{ "a = \"\\0\";", "1:6:a value cannot hold a NUL byte" },
		{ "a = \\x;", "1:5:a value cannot hold a NUL byte" },
		{ "a = \\", "1:5:nothing follows the backslash" },
		{ "a = gr\303\274n;", "1:7:unexpected byte 0xc3: such text "
		    "needs quotes" },
		{ "a = b\001;", "1:6:unexpected byte 0x01: such text needs "
		    "quotes" },
		{ "\xef\xbb\xbf" "a;", "1:1:unexpected byte 0xef: such text "
		    "needs quotes" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_problems(rows[i][0], strlen(rows[i][0]), rows[i][1]);
	expect_problems("a;\n b\0;", 8, "2:3:a NUL byte");
}

ATF_TC_WITHOUT_HEAD(many_problems);
ATF_TC_BODY(many_problems, tc)
{
	static const char *const lines[] = { "a = ;\n", "}\n", "{", "$x {",
		"a = \\0;", "a = \"\\0", "' ", "/*", "a = 1 2;", "=" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct conf_problems problems = VEC_INIT;
		AUTO_BUF struct buf b = BUF_INIT;
		struct error e = ERROR_INIT;

		for (int n = 0; n < 200; n++)
			buf_puts(&b, lines[i]);
		ATF_CHECK(conf_parse("t", b.data, b.len, &problems, &e) ==
		    NULL);
		ATF_CHECK_MSG(problems.count > 0 && problems.count <= 50,
		    "%s: %zu", lines[i], problems.count);
		if (i < 2)
			ATF_CHECK_EQ(50, problems.count);
		conf_problems_fini(&problems);
	}
}

/* Blocks in one another, so many of them. */
static void
write_nested(struct buf *b, int depth)
{
	buf_clear(b);
	for (int i = 0; i < depth; i++)
		buf_puts(b, "b {");
	buf_puts(b, "x;");
	for (int i = 0; i < depth; i++)
		buf_puts(b, "}");
}

ATF_TC_WITHOUT_HEAD(limits);
ATF_TC_BODY(limits, tc)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct error e = ERROR_INIT;
	struct conf *c;

	write_nested(&b, 16);
	c = parse(b.data);
	ATF_CHECK(conf_block(c, "b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b") != NULL);
	conf_free(c);
	write_nested(&b, 17);
	ATF_CHECK(conf_parse("t", b.data, b.len, NULL, &e) == NULL);
	ATF_CHECK_STREQ("t:1:51: more than 16 blocks in one another", e.msg);
	write_nested(&b, 200000);
	ATF_CHECK(conf_parse("t", b.data, b.len, NULL, &e) == NULL);
	buf_clear(&b);
	while (b.len < (1 << 20) - 2)
		buf_puts(&b, "a;");
	buf_puts(&b, "b;");
	ATF_REQUIRE_EQ(1 << 20, b.len);
	c = parse(b.data);
	conf_free(c);
	buf_puts(&b, "#");
	ATF_CHECK(conf_parse("t", b.data, b.len, NULL, &e) == NULL);
	ATF_CHECK_EQ(ERROR_CONFIG, e.kind);
	ATF_CHECK_STREQ("t:1:1: larger than 1048576 bytes", e.msg);
}

static const char *
lookup(const char *name, void *arg)
{
	if (strcmp(name, "name") == 0)
		return "WEB";
	if (strcmp(name, "host.hostname") == 0)
		return "$name";
	return strcmp(name, "empty") == 0 ? "" : NULL;
}

ATF_TC_WITHOUT_HEAD(expand);
ATF_TC_BODY(expand, tc)
{
	static const char *const rows[][2] = {
		{ "$name", "WEB" }, { "${name}", "WEB" },
		{ "\"/j/$name/root\"", "/j/WEB/root" },
		{ "\"$name$name\"$name", "WEBWEBWEB" },
		{ "${host.hostname}.org", "$name.org" },
		{ "a$empty-b", "a-b" },
		{ "'$name'", "$name" }, { "\\$name", "$name" },
		{ "\"\\$name\"", "$name" }, { "'a'$name'$name'", "aWEB$name" },
		{ "\"\\044name\"", "$name" }, { "$", "$" }, { "\"$\"", "$" },
		{ "\"$5\"", "$5" }, { "plain", "plain" }, { "\"\"", "" },
		{ "\"a\\tb\"", "a\tb" },
	};
	AUTO_CONF struct conf *c = NULL;
	AUTO_BUF struct buf out = BUF_INIT;
	struct error e = ERROR_INIT;
	const struct conf_param *p;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO_FREE char *text = xasprintf("x = 1, %s;", rows[i][0]);
		AUTO_CONF struct conf *d = parse(text);

		buf_clear(&out);
		buf_puts(&out, "=");
		p = conf_param_next(conf_block(d, NULL), NULL);
		ATF_REQUIRE_MSG(conf_param_expand(p, 1, lookup, NULL, &out,
		    &e) == 0, "%s", e.msg);
		ATF_CHECK_STREQ(rows[i][1], buf_text(&out) + 1);
	}
	c = parse("\nx = 1, $none;");
	p = conf_param_next(conf_block(c, NULL), NULL);
	buf_clear(&out);
	ATF_CHECK_EQ(-1, conf_param_expand(p, 1, lookup, NULL, &out, &e));
	ATF_CHECK_EQ(ERROR_CONFIG, e.kind);
	ATF_CHECK_STREQ("t.conf:2: 'x': there is no variable 'none'", e.msg);
	ATF_CHECK_EQ(-1, conf_param_expand(p, 2, lookup, NULL, &out, &e));
}

/* Changed text is what a parser reads back as what the document says. */
static void
expect_consistent(const struct conf *c)
{
	AUTO_BUF struct buf text = BUF_INIT, mine = BUF_INIT,
	    theirs = BUF_INIT;
	AUTO_CONF struct conf *again = NULL;

	conf_write(c, &text);
	again = parse(buf_text(&text));
	dump(c, &mine);
	dump(again, &theirs);
	ATF_CHECK_STREQ(buf_text(&theirs), buf_text(&mine));
}

/* Every statement is where the document thinks it is: set all of them. */
static void
expect_placed(struct conf *c)
{
	AUTO_STRINGS struct strings values = VEC_INIT;
	struct conf_block *b = conf_block(c, NULL);
	bool more = true;

	strings_add(&values, "something else");
	while (more) {
		const struct conf_param *p = NULL;

		while ((p = conf_param_next(b, p)) != NULL) {
			conf_set(b, conf_param_name(p), &values);
			expect_consistent(c);
		}
		b = conf_block_next(c, conf_block_name(b) ? b : NULL);
		more = b != NULL;
	}
}

/* "1|2" as values; NULL as none. */
static void
split(const char *text, struct strings *values)
{
	while (text != NULL) {
		size_t n = strcspn(text, "|");

		strings_take(values, xstrndup(text, n));
		text = text[n] == '|' ? text + n + 1 : NULL;
	}
}

struct change {
	char what;		/* s set, a add, u unset */
	const char *before, *block, *name, *values, *after;
};

static void
check_changes(const struct change *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct change *r = &rows[i];
		AUTO_CONF struct conf *c = parse(r->before);
		AUTO_STRINGS struct strings values = VEC_INIT;
		struct conf_block *b = conf_block(c, r->block);

		ATF_REQUIRE(b != NULL);
		split(r->values, &values);
		if (r->what == 's')
			conf_set(b, r->name, &values);
		else if (r->what == 'a')
			conf_add(b, r->name, &values);
		else
			ATF_CHECK_EQ(strcmp(r->before, r->after) != 0,
			    conf_unset(b, r->name));
		expect_written(c, r->after);
		expect_consistent(c);
		expect_placed(c);
	}
}

ATF_TC_WITHOUT_HEAD(set);
ATF_TC_BODY(set, tc)
{
	static const struct change rows[] = {
		/* in place: not one byte around it changes */
		{ 's', "  a  =  1 ;  # x\n", NULL, "a", "2",
		    "  a = 2;  # x\n" },
		{ 's', "web {\n\ta = 1;b = 2;}", "web", "b", "x|y",
		    "web {\n\ta = 1;b = x, y;}" },
		{ 's', "a = 1;\n", NULL, "a", NULL, "a;\n" },
		{ 's', "a;\n", NULL, "a", "1", "a = 1;\n" },
		{ 's', "a += 1;\n", NULL, "a", "1", "a = 1;\n" },
		{ 's', "a \"1\", # one\n 2;\n", NULL, "a", "3", "a = 3;\n" },
		/* what is said already is not written anew */
		{ 's', "a  =  '1' , \"2\" ;\n", NULL, "a", "1|2",
		    "a  =  '1' , \"2\" ;\n" },
		{ 's', "a = $x;\n", NULL, "a", "$x", "a = '$x';\n" },
		{ 's', "a = '$x';\n", NULL, "a", "$x", "a = '$x';\n" },
		/* later ones go */
		{ 's', "a = 1;\nb;\na += 2; # two\na = 3;\n", NULL, "a", "4",
		    "a = 4;\nb;\n" },
		{ 's', "a = 1; a = 1; b;\n", NULL, "a", "1", "a = 1; b;\n" },
		/* only in that block */
		{ 's', "a = 0; web { a = 1; c { a = 3; } } db { a = 2; }",
		    "web.c", "a", "9",
		    "a = 0; web { a = 1; c { a = 9; } } db { a = 2; }" },
		/* a new one, in the block's own manner */
		{ 's', "web {\n}\n", "web", "a", "1", "web {\n\ta = 1;\n}\n" },
		{ 's', "web {\n    b;\n}\n", "web", "a", "1",
		    "web {\n    b;\n    a = 1;\n}\n" },
		{ 's', "web {\n\tb;\n\t# last\n}\n", "web", "a", "1",
		    "web {\n\tb;\n\t# last\n\ta = 1;\n}\n" },
		{ 's', "web { }", "web", "a", "1", "web { a = 1; }" },
		{ 's', "web {}", "web", "a", "1", "web { a = 1; }" },
		{ 's', "web{b;}", "web", "a", "1", "web{b; a = 1; }" },
		{ 's', "web {\n\tc {\n\t}\n}\n", "web.c", "a", "1",
		    "web {\n\tc {\n\t\ta = 1;\n\t}\n}\n" },
		{ 's', "", NULL, "a", "1", "a = 1;\n" },
		{ 's', "# x", NULL, "a", "1", "# x\na = 1;\n" },
		{ 's', "b;", NULL, "a", "1", "b;\na = 1;\n" },
		{ 's', "b; # x\n# y\n", NULL, "a", "1",
		    "b; # x\na = 1;\n# y\n" },
		/* before blocks, which a later statement would win over */
		{ 's', "# top\n web { b; }\n", NULL, "a", "1",
		    "# top\na = 1;\n web { b; }\n" },
		{ 's', "b;\nweb { }\n", NULL, "a", "1",
		    "b;\na = 1;\nweb { }\n" },
		{ 's', "/* x */ web { }\n", NULL, "a", "1",
		    "/* x */ a = 1; web { }\n" },
	};

	check_changes(rows, sizeof(rows) / sizeof(rows[0]));
}

ATF_TC_WITHOUT_HEAD(add);
ATF_TC_BODY(add, tc)
{
	static const struct change rows[] = {
		{ 'a', "web {\n  a = 1; # one\n  b;\n}\n", "web", "a", "2|3",
		    "web {\n  a = 1; # one\n  a += 2, 3;\n  b;\n}\n" },
		{ 'a', "web { a = 1; b; }\n", "web", "a", "2",
		    "web { a = 1; a += 2; b; }\n" },
		{ 'a', "web { a = 1;\n}\n", "web", "a", "2",
		    "web { a = 1;\n\ta += 2;\n}\n" },
		{ 'a', "a = 1; /* x\n */ b;\n", NULL, "a", "2",
		    "a = 1; a += 2; /* x\n */ b;\n" },
		{ 'a', "a = 1;\na = 2;\nb;\n", NULL, "a", "3",
		    "a = 1;\na = 2;\na += 3;\nb;\n" },
		{ 'a', "a = 1;", NULL, "a", "2", "a = 1;\na += 2;\n" },
		{ 'a', "web {\n}\n", "web", "a", "2",
		    "web {\n\ta += 2;\n}\n" },
		{ 'a', "a;\n", NULL, "a", NULL, "a;\n" },
		{ 'a', "a;\n", NULL, ".include", "/x y",
		    "a;\n.include \"/x y\";\n" },
		{ 'a', ".include \"a\";\n", NULL, ".include", "b",
		    ".include \"a\";\n.include b;\n" },
	};

	check_changes(rows, sizeof(rows) / sizeof(rows[0]));
}

ATF_TC_WITHOUT_HEAD(unset);
ATF_TC_BODY(unset, tc)
{
	static const struct change rows[] = {
		{ 'u', "a = 1;\n", NULL, "a", NULL, "" },
		{ 'u', "a = 1;", NULL, "a", NULL, "" },
		{ 'u', "b;\n", NULL, "a", NULL, "b;\n" },
		{ 'u', "b;\n\ta = 1; # about a\nc;\n", NULL, "a", NULL,
		    "b;\nc;\n" },
		{ 'u', "b;\na = 1; /* about a */ // too\nc;\n", NULL, "a",
		    NULL, "b;\nc;\n" },
		{ 'u', "# about b\na\n=\n1;\nb;", NULL, "a", NULL,
		    "# about b\nb;" },
		{ 'u', "b; a = 1;\n", NULL, "a", NULL, "b;\n" },
		{ 'u', "b; a = 1; c;\n", NULL, "a", NULL, "b; c;\n" },
		{ 'u', "  a = 1; c;\n", NULL, "a", NULL, "  c;\n" },
		{ 'u', "b;a;c;", NULL, "a", NULL, "b;c;" },
		{ 'u', "a = 1; /* x\n */ c;\n", NULL, "a", NULL,
		    "/* x\n */ c;\n" },
		{ 'u', "/* x */ a = 1;\nc;", NULL, "a", NULL, "/* x */\nc;" },
		{ 'u', "web { a; }\n", "web", "a", NULL, "web { }\n" },
		{ 'u', "web { a; } # end\n", "web", "a", NULL,
		    "web { } # end\n" },
		{ 'u', "web {\n\ta; }\n", "web", "a", NULL, "web {\n\t}\n" },
		{ 'u', "a;\na += 2;\nb;\na;\n", NULL, "a", NULL, "b;\n" },
		{ 'u', "a; web { a; } a;", NULL, "a", NULL, "web { a; }" },
		{ 'u', "a;\r\nb;\r\n", NULL, "a", NULL, "b;\r\n" },
	};

	check_changes(rows, sizeof(rows) / sizeof(rows[0]));
}

/* Any bytes are a value; what is written reads back as they were. */
ATF_TC_WITHOUT_HEAD(quoting);
ATF_TC_BODY(quoting, tc)
{
	static const char *const rows[][2] = {
		{ "web", "web" }, { "10.0.0.1/24", "10.0.0.1/24" },
		{ "/jails/web", "/jails/web" },
		{ "fe80::1%em0", "fe80::1%em0" },
		{ "", "\"\"" }, { "a b", "\"a b\"" }, { "*", "\"*\"" },
		{ "a//b", "\"a//b\"" }, { "a/*b", "\"a/*b\"" },
		{ "a#b", "\"a#b\"" }, { "a;b", "\"a;b\"" },
		{ "$x", "'$x'" }, { "it's", "\"it's\"" },
		{ "it's $x", "\"it's \\$x\"" },
		{ "say \"x\"", "'say \"x\"'" }, { "a\\b", "\"a\\\\b\"" },
		{ "a\\$b", "\"a\\\\\\$b\"" }, { "a\nb\t", "\"a\\nb\\t\"" },
		{ "\001" "7\177", "\"\\0017\\177\"" },
		{ "gr\303\274n", "\"gr\303\274n\"" },
	};
	AUTO_CONF struct conf *c = conf_new("t.conf");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO_STRINGS struct strings values = VEC_INIT;
		AUTO_FREE char *text = xasprintf("a = %s;\n", rows[i][1]);
		AUTO_BUF struct buf b = BUF_INIT;
		struct error e = ERROR_INIT;
		const struct conf_param *p;
		AUTO_CONF struct conf *again = NULL;

		strings_add(&values, rows[i][0]);
		conf_set(conf_block(c, NULL), "a", &values);
		expect_written(c, text);
		again = parse(text);
		for (int n = 0; n < 2; n++) {
			p = conf_param_next(conf_block(n ? again : c, NULL),
			    NULL);
			buf_clear(&b);
			ATF_CHECK_STREQ(rows[i][0], conf_param_value(p, 0));
			ATF_CHECK_EQ(0, conf_param_expand(p, 0, lookup, NULL,
			    &b, &e));
			ATF_CHECK_STREQ(rows[i][0], buf_text(&b));
		}
	}
}

ATF_TC_WITHOUT_HEAD(names);
ATF_TC_BODY(names, tc)
{
	static const char *const rows[][2] = {
		{ "a.b-c", "a.b-c" }, { "$x", "$x" }, { "$x y", "'$x y'" },
		{ "a b", "\"a b\"" }, { "a/b", "\"a/b\"" }, { "*", "*" },
		{ "a*", "\"a*\"" }, { "a{", "\"a{\"" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO_CONF struct conf *c = conf_new("t.conf");
		AUTO_FREE char *text = xasprintf("%s;\n", rows[i][1]);

		conf_set(conf_block(c, NULL), rows[i][0], NULL);
		expect_written(c, text);
		expect_consistent(c);
		ATF_CHECK(conf_unset(conf_block(c, NULL), rows[i][0]));
		expect_written(c, "");
		ATF_CHECK(!conf_unset(conf_block(c, NULL), rows[i][0]));
	}
}

ATF_TC_WITHOUT_HEAD(blocks);
ATF_TC_BODY(blocks, tc)
{
	AUTO_CONF struct conf *c = parse("# c\nweb { a; b { c; } }");
	struct conf_block *web = conf_block(c, "web");
	struct conf_block *inner = conf_block(c, "web.b"), *made;

	ATF_REQUIRE(web != NULL && inner != NULL);
	ATF_CHECK(conf_block_make(c, "web") == web);
	ATF_CHECK(conf_block_make(c, NULL) == conf_block(c, NULL));
	made = conf_block_make(c, "$d b");
	expect_written(c, "# c\nweb { a; b { c; } }\n'$d b' {\n}\n");
	expect_consistent(c);
	conf_block_rename(web, "a longer name");
	ATF_CHECK_STREQ("a longer name", conf_block_name(web));
	ATF_CHECK_STREQ("a longer name.b", conf_block_name(inner));
	conf_set(made, "x", NULL);
	conf_set(inner, "y", NULL);
	expect_written(c, "# c\n\"a longer name\" { a; b { c; y; } }\n"
	    "'$d b' {\n\tx;\n}\n");
	expect_consistent(c);
	conf_block_rename(inner, "a longer name.z");
	conf_block_rename(web, "w");
	ATF_CHECK_STREQ("w.z", conf_block_name(inner));
	ATF_CHECK(conf_block(c, "w.z") == inner);
	expect_written(c, "# c\nw { a; z { c; y; } }\n'$d b' {\n\tx;\n}\n");
	expect_consistent(c);
	ATF_CHECK(conf_block_next(c, NULL) == web);
	ATF_CHECK(conf_block_next(c, web) == inner);
	ATF_CHECK(conf_block_next(c, inner) == made);
	ATF_CHECK(conf_block_next(c, made) == NULL);
}

/* Lines and variables of what was not changed stay right. */
ATF_TC_WITHOUT_HEAD(after_change);
ATF_TC_BODY(after_change, tc)
{
	AUTO_CONF struct conf *c = parse("web {\n\ta = 1;\n\tb = x$name;\n"
	    "\tc = 1;\n\td = \"$name\";\n}\n");
	struct conf_block *web = conf_block(c, "web");
	AUTO_STRINGS struct strings values = VEC_INIT;
	struct error e = ERROR_INIT;
	const struct conf_param *p = NULL;

	strings_add(&values, "some longer text");
	for (int i = 0; i < 300; i++)
		strings_add(&values, "and more");
	conf_set(web, "a", &values);
	conf_unset(web, "c");
	conf_set(conf_block(c, NULL), "top", NULL);
	conf_add(web, "a", &values);
	conf_block_rename(web, "a quite different name");
	while ((p = conf_param_next(web, p)) != NULL) {
		AUTO_BUF struct buf b = BUF_INIT;
		char name = conf_param_name(p)[0];

		ATF_CHECK_EQ(2, conf_param_column(p));
		if (name != 'b' && name != 'd')
			continue;
		ATF_CHECK_EQ(name == 'b' ? 5 : 6, conf_param_line(p));
		ATF_CHECK_EQ(0, conf_param_expand(p, 0, lookup, NULL, &b, &e));
		ATF_CHECK_STREQ(name == 'b' ? "xWEB" : "WEB", buf_text(&b));
	}
	expect_consistent(c);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, grammar);
	ATF_TP_ADD_TC(tp, statement);
	ATF_TP_ADD_TC(tp, problems);
	ATF_TP_ADD_TC(tp, many_problems);
	ATF_TP_ADD_TC(tp, limits);
	ATF_TP_ADD_TC(tp, expand);
	ATF_TP_ADD_TC(tp, set);
	ATF_TP_ADD_TC(tp, add);
	ATF_TP_ADD_TC(tp, unset);
	ATF_TP_ADD_TC(tp, quoting);
	ATF_TP_ADD_TC(tp, names);
	ATF_TP_ADD_TC(tp, blocks);
	ATF_TP_ADD_TC(tp, after_change);
	return atf_no_error();
}
