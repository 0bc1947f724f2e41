/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"

ATF_TC_WITHOUT_HEAD(append);
ATF_TC_BODY(append, tc)
{
	AUTO_BUF struct buf b = BUF_INIT;

	ATF_CHECK_STREQ("", buf_text(&b));
	buf_append(&b, NULL, 0);
	ATF_CHECK_STREQ("", b.data);
	buf_puts(&b, "one");
	buf_putc(&b, ' ');
	buf_append(&b, "two\0three", 9);
	ATF_CHECK_EQ(13, b.len);
	ATF_CHECK_EQ(0, memcmp("one two\0three", b.data, 14));
	buf_clear(&b);
	ATF_CHECK_EQ(0, b.len);
	ATF_CHECK_STREQ("", buf_text(&b));
	buf_puts(&b, "again");
	ATF_CHECK_STREQ("again", buf_text(&b));
}

/* Every length around every growth of the memory. */
ATF_TC_WITHOUT_HEAD(growth);
ATF_TC_BODY(growth, tc)
{
	for (size_t first = 0; first < 140; first++) {
		for (size_t more = 0; more < 300; more++) {
			AUTO_BUF struct buf b = BUF_INIT;
			char text[320];

			memset(text, 'x', sizeof(text));
			buf_append(&b, text, first);
			buf_printf(&b, "%.*s", (int)more, text);
			ATF_REQUIRE_EQ(first + more, b.len);
			ATF_REQUIRE(b.cap > b.len);
			ATF_REQUIRE_EQ('\0', b.data[b.len]);
			ATF_REQUIRE_EQ(b.len, strspn(b.data, "x"));
		}
	}
}

ATF_TC_WITHOUT_HEAD(large);
ATF_TC_BODY(large, tc)
{
	AUTO_BUF struct buf b = BUF_INIT;
	size_t half = 8 << 20;
	char *text = malloc(half + 1);

	ATF_REQUIRE(text != NULL);
	memset(text, 'y', half);
	text[half] = '\0';
	buf_printf(&b, "%s%s", text, text);
	ATF_CHECK_EQ(2 * half, b.len);
	ATF_CHECK_EQ('y', b.data[2 * half - 1]);
	free(text);
}

ATF_TC_WITHOUT_HEAD(reserve);
ATF_TC_BODY(reserve, tc)
{
	AUTO_BUF struct buf b = BUF_INIT;
	char *to;

	buf_puts(&b, "ab");
	to = buf_reserve(&b, 5000);
	memset(to, 'c', 5000);
	ATF_CHECK_EQ(2, b.len);
	b.len += 5000;
	buf_puts(&b, "d");
	ATF_CHECK_EQ(5003, b.len);
	ATF_CHECK_EQ('d', b.data[5002]);
	ATF_CHECK_EQ('c', b.data[5001]);
}

ATF_TC_WITHOUT_HEAD(steal);
ATF_TC_BODY(steal, tc)
{
	AUTO_BUF struct buf b = BUF_INIT;
	char *text = buf_steal(&b);

	ATF_CHECK_STREQ("", text);
	free(text);
	buf_puts(&b, "mine");
	text = buf_steal(&b);
	ATF_CHECK_STREQ("mine", text);
	ATF_CHECK_EQ(0, b.len);
	ATF_CHECK_STREQ("", buf_text(&b));
	free(text);
	buf_puts(&b, "new");
	buf_fini(&b);
	buf_fini(&b);
	ATF_CHECK_STREQ("", buf_text(&b));
}

/* A length that no memory holds aborts; it must not wrap to a small one. */
ATF_TC(overflow);
ATF_TC_HEAD(overflow, tc)
{
	atf_tc_set_md_var(tc, "timeout", "10");
}
ATF_TC_BODY(overflow, tc)
{
	static const size_t lengths[] = { SIZE_MAX, SIZE_MAX - 1,
		SIZE_MAX - 2, SIZE_MAX - 3, SIZE_MAX / 2 + 2 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		int status, null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		pid_t pid = fork();

		ATF_REQUIRE(pid >= 0 && null >= 0);
		if (pid == 0) {
			const struct rlimit none = { 0, 0 };
			struct buf b = BUF_INIT;

			setrlimit(RLIMIT_CORE, &none);
			dup2(null, STDERR_FILENO);
			buf_puts(&b, "ab");
			buf_reserve(&b, lengths[i]);
			_exit(0);
		}
		close(null);
		ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
		/* A sanitizer has its own way to die of it. */
		ATF_CHECK_MSG(status != 0, "survived %zu", lengths[i]);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, append);
	ATF_TP_ADD_TC(tp, growth);
	ATF_TP_ADD_TC(tp, large);
	ATF_TP_ADD_TC(tp, reserve);
	ATF_TP_ADD_TC(tp, steal);
	ATF_TP_ADD_TC(tp, overflow);
	return atf_no_error();
}
