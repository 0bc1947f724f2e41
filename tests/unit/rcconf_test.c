/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/spawn.h"
#include "core/rcconf.h"

static const char sample[] =
    "# comment a=1\n"
    "hostname=\"web\"\n"
    "  sshd_enable='NO' # not yet\n"
    "a=1 b=2; c=three\\ words\n"
    "if [ x = y ]; then\n\tinside=1\nfi\n"
    "echo d=no \"\n e=no\n\"\n"
    "long=\"one \\\n two\"\n"
    "flags=\"-c $HOME `id`\"\n"
    "two=1\n"
    "mixed=a'b c'\"d\\\"e\"\n"
    "two=2\n"
    "empty=\n"
    "last=end";

static const struct {
	const char *name, *value;
	bool literal;
} values[] = {
	{ "hostname", "web", true },
	{ "sshd_enable", "NO", true },
	{ "a", "1", true }, { "b", "2", true }, { "c", "three words", true },
	{ "inside", "1", true },
	{ "long", "one  two", true },
	{ "flags", "-c $HOME `id`", false },
	{ "two", "2", true },
	{ "mixed", "ab cd\"e", true },
	{ "empty", "", true },
	{ "last", "end", true },
};

ATF_TC_WITHOUT_HEAD(find);
ATF_TC_BODY(find, tc)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct rcconf_value v;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		ATF_REQUIRE_MSG(rcconf_find(sample, values[i].name, &v), "%s",
		    values[i].name);
		ATF_CHECK_STREQ(v.value, values[i].value);
		ATF_CHECK_EQ(v.literal, values[i].literal);
		free(v.value);
	}
	ATF_CHECK(!rcconf_find(sample, "d", &v));
	ATF_CHECK(!rcconf_find(sample, "e", &v));
	ATF_CHECK(!rcconf_find(sample, "host", &v));
	rcconf_names(sample, &names);
	ATF_CHECK_EQ(names.count, sizeof(values) / sizeof(values[0]));
}

struct change {
	const char *before, *name, *value, *after;	/* value NULL: unset */
};
static const struct change changes[] = {
	{ "", "a", "1", "a=\"1\"\n" },
	{ "x=1", "a", "b c", "x=1\na=\"b c\"\n" },
	{ "a=1 # why\nb=2\n", "a", "2", "a=\"2\" # why\nb=2\n" },
	{ "a=1\na='x\ny'; b=2\n", "a", "3", "a=1\na=\"3\"; b=2\n" },
	{ "a=1\n", "a", "say \"hi\"", "a=\"say \\\"hi\\\"\"\n" },
	{ "a=1\n", "a", "`id`", "a=\"\\`id\\`\"\n" },
	{ "a=1\n", "a", "${b}\\", "a=\"${b}\\\\\"\n" },
	{ "a=1\nb=2\n", "a", NULL, "b=2\n" },
	{ "a=1\nb=2; a=3\nc=1\n", "a", NULL, "b=2;\nc=1\n" },
	{ "ab=1\n# a=2\n", "a", NULL, "ab=1\n# a=2\n" },
	{ "a=\"no end\nb=1\n", "a", "1", "a=\"1\"" },
};

ATF_TC_WITHOUT_HEAD(change);
ATF_TC_BODY(change, tc)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const struct change *c = &changes[i];
		AUTO_BUF struct buf text = BUF_INIT;

		buf_puts(&text, c->before);
		if (c->value != NULL)
			rcconf_set(&text, c->name, c->value);
		else
			rcconf_unset(&text, c->name);
		ATF_CHECK_STREQ(buf_text(&text), c->after);
	}
}

static const struct {
	const char *old, *value, *more, *less;
} lists[] = {
	{ "", "gif0", "gif0", "" },
	{ "gif0", "gif0", "gif0", "" },
	{ "gif0", "tun0 gif0", "gif0 tun0", "" },
	{ "gif0 tun0", " gif0", "gif0 tun0", "tun0" },
	{ "a,b", ",c", "a,b,c", "a,b" },
	{ "a,b", ",b,a", "a,b", "" },
	{ "em0 em01", "em0", "em0 em01", "em01" },
};

ATF_TC_WITHOUT_HEAD(items);
ATF_TC_BODY(items, tc)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		AUTO_FREE char *more = rcconf_add(lists[i].old,
		    lists[i].value);
		AUTO_FREE char *less = rcconf_subtract(lists[i].old,
		    lists[i].value);

		ATF_CHECK_STREQ(more, lists[i].more);
		ATF_CHECK_STREQ(less, lists[i].less);
	}
}

/* What is set is what sh(1) reads, whatever the file held. */
static uint32_t state = 7;

static void
random_text(struct buf *out, const char *const *pieces, size_t count)
{
	for (int n = 0; n < 8; n++) {
		state = state * 1664525 + 1013904223;
		buf_puts(out, pieces[(state >> 8) % count]);
	}
}

ATF_TC_WITHOUT_HEAD(as_sh);
ATF_TC_BODY(as_sh, tc)
{
	static const char *const lines[] = { "a=1\n", "b='x y'\n", "# a=\n",
		"a=\"x\ny\" b=3\n", "\n", "\ta=z # c\n", "a=\\;\\ x; b=\"\\\"\"\n",
		"b=\"a=5\"\n", "true \"a=7\n\"\n" };
	static const char *const bits[] = { "x", " ", "\"", "'", "\\\\", "#",
		";", "\\\"", "\n", "a=1", "`", "\\" };
	AUTO_BUF struct buf script = BUF_INIT, theirs = BUF_INIT,
	    ours = BUF_INIT;
	struct error e = ERROR_INIT;
	char sh[] = "/bin/sh", c[] = "-c";
	char *argv[] = { sh, c, NULL, NULL };

	for (int i = 0; i < 300; i++) {
		AUTO_BUF struct buf text = BUF_INIT, value = BUF_INIT;
		struct rcconf_value v;

		buf_puts(&value, "");
		random_text(&text, lines, sizeof(lines) / sizeof(lines[0]));
		random_text(&value, bits, sizeof(bits) / sizeof(bits[0]));
		rcconf_set(&text, "a", buf_text(&value));
		ATF_REQUIRE(rcconf_find(buf_text(&text), "a", &v));
		buf_printf(&script, "%s\nprintf '<%%s>' \"$a\"\n",
		    buf_text(&text));
		buf_printf(&ours, "<%s>", v.value);
		free(v.value);
	}
	argv[2] = script.data;
	ATF_REQUIRE_EQ_MSG(spawn_capture(argv, &theirs, &e), 0, "%s", e.msg);
	ATF_CHECK_STREQ(buf_text(&theirs), buf_text(&ours));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, find);
	ATF_TP_ADD_TC(tp, change);
	ATF_TP_ADD_TC(tp, items);
	ATF_TP_ADD_TC(tp, as_sh);
	return atf_no_error();
}
