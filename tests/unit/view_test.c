/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <stdint.h>
#include <string.h>

#include "base/auto.h"
#include "view/text.h"
#include "view/view.h"

enum { NAME, SIZE, UP, LIST, RAW, COLUMNS };
static const struct view_column columns[COLUMNS] = {
	[NAME] = { "name", "NAME", VIEW_TEXT },
	[SIZE] = { "size", "SIZE", VIEW_NUMBER },
	[UP] = { "up", "UP", VIEW_BOOL },
	[LIST] = { "tags", "TAGS", VIEW_LIST },
	[RAW] = { "raw", "RAW VALUE", VIEW_RAW },
};

static void
check_print(struct view *v, enum view_format format, unsigned width,
    const char *expect)
{
	AUTO_BUF struct buf out = BUF_INIT;

	view_print(v, format, width, &out);
	ATF_CHECK_STREQ(expect, buf_text(&out));
}

static void
select_columns(struct view *v, const char *names)
{
	struct error e = ERROR_INIT;

	ATF_REQUIRE_EQ_MSG(0, view_select(v, names, &e), "%s", e.msg);
}

static struct view *
sample(const char *chosen)
{
	struct view *v = view_new(columns, COLUMNS);
	AUTO_STRINGS struct strings tags = VEC_INIT, none = VEC_INIT;

	select_columns(v, chosen);
	strings_add(&tags, "prod");
	strings_add(&tags, "a b");
	view_row(v);
	view_text(v, NAME, "web");
	view_number(v, SIZE, 2048);
	view_shown(v, SIZE, "2K");
	view_bool(v, UP, true);
	view_list(v, LIST, &tags);
	view_text(v, RAW, "{\"x\":1}");
	view_shown(v, RAW, "x is 1");
	view_row(v);
	view_text(v, NAME, "db");
	view_number(v, SIZE, INT64_MIN);
	view_bool(v, UP, false);
	view_list(v, LIST, &none);
	view_row(v);
	view_text(v, NAME, "");
	view_text(v, NAME, NULL);	/* nothing happens */
	view_lines(v, LIST, "one\ntwo");
	return v;
}

ATF_TC_WITHOUT_HEAD(forms);
ATF_TC_BODY(forms, tc)
{
	AUTO_VIEW struct view *v = sample("name,size,up,tags,raw");

	check_print(v, VIEW_TABLE, 0,
	    "NAME  SIZE                  UP   TAGS      RAW VALUE\n"
	    "web   2K                    on   prod,a b  x is 1\n"
	    "db    -9223372036854775808  off  -         -\n"
	    "-     -                     -    one,two   -\n");
	check_print(v, VIEW_TABBED, 0,
	    "web\t2048\ton\tprod,a b\tx is 1\n"
	    "db\t-9223372036854775808\toff\t-\t-\n"
	    "-\t-\t-\tone,two\t-\n");
	check_print(v, VIEW_JSON, 0,
	    "[{\"name\":\"web\",\"size\":2048,\"up\":true,"
	    "\"tags\":[\"prod\",\"a b\"],\"raw\":{\"x\":1}},\n"
	    " {\"name\":\"db\",\"size\":-9223372036854775808,\"up\":false,"
	    "\"tags\":[],\"raw\":null},\n"
	    " {\"name\":\"\",\"size\":null,\"up\":null,"
	    "\"tags\":[\"one\",\"two\"],\"raw\":null}]\n");
}

ATF_TC_WITHOUT_HEAD(empty);
ATF_TC_BODY(empty, tc)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);

	select_columns(v, "name,size");
	check_print(v, VIEW_TABLE, 0, "NAME  SIZE\n");
	check_print(v, VIEW_TABBED, 0, "");
	check_print(v, VIEW_JSON, 0, "[]\n");
}

ATF_TC_WITHOUT_HEAD(object);
ATF_TC_BODY(object, tc)
{
	AUTO_VIEW struct view *v = sample("name,size,raw");
	AUTO_BUF struct buf out = BUF_INIT;

	view_print_object(v, VIEW_TABLE, &out);
	ATF_CHECK_STREQ("NAME       web\nSIZE       2K\nRAW VALUE  x is 1\n",
	    buf_text(&out));
	buf_clear(&out);
	view_print_object(v, VIEW_TABBED, &out);
	ATF_CHECK_STREQ("name\tweb\nsize\t2048\nraw\tx is 1\n",
	    buf_text(&out));
	buf_clear(&out);
	view_print_object(v, VIEW_JSON, &out);
	ATF_CHECK_STREQ("{\"name\":\"web\",\"size\":2048,\"raw\":{\"x\":1}}\n",
	    buf_text(&out));
}

ATF_TC_WITHOUT_HEAD(choose);
ATF_TC_BODY(choose, tc)
{
	AUTO_VIEW struct view *v = sample("size,NAME,name");
	struct error e = ERROR_INIT;

	check_print(v, VIEW_TABBED, 0,
	    "2048\tweb\tweb\n-9223372036854775808\tdb\tdb\n-\t-\t-\n");
	ATF_CHECK_EQ(-1, view_select(v, "name,nme", &e));
	ATF_CHECK_EQ(ERROR_USAGE, e.kind);
	ATF_CHECK_STREQ("no column 'nme' (there are: name size up tags raw)",
	    e.msg);
	ATF_CHECK_EQ(-1, view_select(v, "", &e));
	ATF_CHECK_EQ(-1, view_select(v, "name,", &e));
	ATF_CHECK_EQ(-1, view_sort(v, "-nme", &e));
	ATF_CHECK_STREQ("no column 'nme' (there are: name size up tags raw)",
	    e.msg);
}

static void
check_sorted(const char *by, enum view_type type, const char *expect)
{
	static const char *const texts[] = { "b", "a", NULL, "a", "c" };
	static const int64_t numbers[] = { 10, 9, 0, 9, -1 };
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	struct error e = ERROR_INIT;

	/* what is sorted by is not printed */
	select_columns(v, "raw");
	ATF_REQUIRE_EQ_MSG(0, view_sort(v, by, &e), "%s", e.msg);
	for (size_t i = 0; i < 5; i++) {
		char number[] = { (char)('0' + i), '\0' };

		view_row(v);
		view_text(v, RAW, number);
		if (type == VIEW_LIST)
			view_lines(v, LIST, texts[i]);
		else if (texts[i] != NULL && type == VIEW_TEXT)
			view_text(v, NAME, texts[i]);
		else if (texts[i] != NULL)
			view_number(v, SIZE, numbers[i]);
	}
	check_print(v, VIEW_TABBED, 0, expect);
}

ATF_TC_WITHOUT_HEAD(sort);
ATF_TC_BODY(sort, tc)
{
	/* equal ones stay as they were, ones without a value come first */
	check_sorted("name", VIEW_TEXT, "2\n1\n3\n0\n4\n");
	check_sorted("-name", VIEW_TEXT, "4\n0\n1\n3\n2\n");
	check_sorted("size", VIEW_NUMBER, "2\n4\n1\n3\n0\n");
	check_sorted("-SIZE", VIEW_NUMBER, "0\n1\n3\n4\n2\n");
	check_sorted("tags", VIEW_LIST, "2\n1\n3\n0\n4\n");
}

ATF_TC_WITHOUT_HEAD(wanted);
ATF_TC_BODY(wanted, tc)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	struct error e = ERROR_INIT;

	ATF_CHECK(view_wants(v, RAW));
	select_columns(v, "name");
	ATF_REQUIRE_EQ(0, view_sort(v, "size", &e));
	ATF_CHECK(view_wants(v, NAME) && view_wants(v, SIZE));
	ATF_CHECK(!view_wants(v, UP) && !view_wants(v, RAW));
}

/* Only the last column is cut, by characters and not by bytes. */
ATF_TC_WITHOUT_HEAD(width);
ATF_TC_BODY(width, tc)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);

	select_columns(v, "name,raw");
	view_row(v);
	view_text(v, NAME, "h\xc3\xa9llo");
	view_shown(v, RAW, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac 123");
	check_print(v, VIEW_TABLE, 0, "NAME   RAW VALUE\n"
	    "h\xc3\xa9llo  \xe2\x82\xac\xe2\x82\xac\xe2\x82\xac 123\n");
	check_print(v, VIEW_TABLE, 12, "NAME   RAW V\n"
	    "h\xc3\xa9llo  \xe2\x82\xac\xe2\x82\xac\xe2\x82\xac 1\n");
	check_print(v, VIEW_TABLE, 9, "NAME   RA\n"
	    "h\xc3\xa9llo  \xe2\x82\xac\xe2\x82\xac\n");
	/* too narrow for the others: nothing is cut */
	check_print(v, VIEW_TABLE, 7, "NAME   RAW VALUE\n"
	    "h\xc3\xa9llo  \xe2\x82\xac\xe2\x82\xac\xe2\x82\xac 123\n");
	check_print(v, VIEW_TABBED, 3, "h\xc3\xa9llo\t\xe2\x82\xac\xe2\x82\xac"
	    "\xe2\x82\xac 123\n");
}

/* What must not reach a terminal, each with what a table has instead. */
static const struct {
	const char *text, *clean, *json;
} harms[] = {
	{ "a\033[31mb", "a?[31mb", "\"a\\u001b[31mb\"" },
	{ "a\nb\tc\rd", "a?b?c?d", "\"a\\nb\\tc\\rd\"" },
	{ "\b\f\001\037", "????", "\"\\b\\f\\u0001\\u001f\"" },
	{ "\177", "?", "\"\\u007f\"" },
	{ "\xc2\x9b" "31m", "?31m", "\"\\u009b31m\"" },	/* C1 CSI */
	{ "\x9b" "31m", "?31m", "\"\\ufffd31m\"" },	/* the same, raw */
	{ "\xff\xfe", "??", "\"\\ufffd\\ufffd\"" },
	{ "\xc0\xaf", "??", "\"\\ufffd\\ufffd\"" },	/* overlong */
	{ "\xe0\x80\x8a", "???", "\"\\ufffd\\ufffd\\ufffd\"" },
	{ "\xf4\x90\x80\x80", "????",
	    "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },	/* above U+10FFFF */
	{ "\xed\xa0\x80", "???", "\"\\ufffd\\ufffd\\ufffd\"" },
	{ "a\xe2\x82", "a??", "\"a\\ufffd\\ufffd\"" },	/* cut off */
	{ "\xe2\x80\xae" "txt", "?txt", "\"\\u202etxt\"" },
	{ "\xe2\x81\xa6x", "?x", "\"\\u2066x\"" },
	{ "\xef\xbb\xbf", "?", "\"\\ufeff\"" },
	{ "caf\xc3\xa9 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xf0\x9f\x98\x80",
	    "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"" },
	{ "\"\\/", "\"\\/", "\"\\\"\\\\/\"" },
};

ATF_TC_WITHOUT_HEAD(harmless);
ATF_TC_BODY(harmless, tc)
{
	for (size_t i = 0; i < sizeof(harms) / sizeof(harms[0]); i++) {
		AUTO_BUF struct buf clean = BUF_INIT, json = BUF_INIT;

		ATF_CHECK_EQ(text_width(harms[i].text),
		    text_clean(&clean, harms[i].text, 0));
		ATF_CHECK_STREQ(harms[i].clean, buf_text(&clean));
		ATF_CHECK_EQ(text_width(harms[i].clean),
		    text_width(harms[i].text));
		json_string(&json, harms[i].text);
		ATF_CHECK_STREQ(harms[i].json, buf_text(&json));
	}
}

/* Every form keeps them off the terminal, titles of JSON members too. */
ATF_TC_WITHOUT_HEAD(harmless_rows);
ATF_TC_BODY(harmless_rows, tc)
{
	static const enum view_format formats[] = { VIEW_TABLE, VIEW_TABBED,
		VIEW_JSON };
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);

	select_columns(v, "name,tags,raw");
	view_row(v);
	view_text(v, NAME, "x\033]0;evil\007\ny");
	view_lines(v, LIST, "a\tb\nc\033c");
	view_text(v, RAW, "1");
	view_shown(v, RAW, "\033[2J");
	for (size_t i = 0; i < 3; i++) {
		AUTO_BUF struct buf out = BUF_INIT;
		const char *p;

		view_print(v, formats[i], 0, &out);
		view_print_object(v, formats[i], &out);
		for (p = buf_text(&out); *p != '\0'; p++)
			ATF_CHECK_MSG(*p >= ' ' || *p == '\n' || (*p == '\t' &&
			    formats[i] == VIEW_TABBED), "0x%02x at %ld of %s",
			    *p, (long)(p - out.data), out.data);
	}
	check_print(v, VIEW_TABBED, 0,
	    "x?]0;evil??y\ta?b,c?c\t?[2J\n");
}

ATF_TC_WITHOUT_HEAD(lines);
ATF_TC_BODY(lines, tc)
{
	static const char text[] =
	    "one\r\ntwo\tx\r\n\033[2J\0\xff caf\xc3\xa9\n";
	AUTO_BUF struct buf out = BUF_INIT;

	text_clean_lines(&out, text, sizeof(text) - 1);
	ATF_CHECK_STREQ("one\ntwo\tx\n?[2J?? caf\xc3\xa9\n", buf_text(&out));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, forms);
	ATF_TP_ADD_TC(tp, empty);
	ATF_TP_ADD_TC(tp, object);
	ATF_TP_ADD_TC(tp, choose);
	ATF_TP_ADD_TC(tp, sort);
	ATF_TP_ADD_TC(tp, wanted);
	ATF_TP_ADD_TC(tp, width);
	ATF_TP_ADD_TC(tp, harmless);
	ATF_TP_ADD_TC(tp, harmless_rows);
	ATF_TP_ADD_TC(tp, lines);
	return atf_no_error();
}
