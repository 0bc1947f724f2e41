/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <string.h>

#include "image/skein.h"

static void
sum(const unsigned char *data, size_t len, size_t piece, char hex[SKEIN_HEX])
{
	struct skein s;

	skein_init(&s);
	for (size_t at = 0; at < len; at += piece)
		skein_add(&s, data + at, piece < len - at ? piece : len - at);
	skein_text(&s, hex);
}

ATF_TC_WITHOUT_HEAD(vectors);
ATF_TC_BODY(vectors, tc)
{
	/* Appendix C of the paper: FF FE FD ..., so many bytes. */
	static const struct {
		size_t len;
		const char *begins;
	} rows[] = {
		{ 1, "e62c05802ea0152407cdd8787fda9e35703de862a4fbc119cff8590a"
		    "fe79250bccc8b3faf1bd2422ab5c0d263fb2f8afb3f796f04800038"
		    "1531b6f00d85161bc0fff4bef2486b1ebcd3773fabf50ad4ad5639a"
		    "f9040e3f29c6c931301bf79832e9da09857e831e82ef8b4691c2356"
		    "56515d437d2bda33bcec001c67ffde15ba8" },
		{ 128, "1f3e02c46fb80a3fcd2dfbbc7c173800b40c60c2354af551189ebf"
		    "433c3d85f9" },
		{ 256, "842a53c99c12b0cf80cf69491be5e2f7515de8733b6ea9422dfd67"
		    "6665b5fa42" },
	};
	unsigned char data[256];
	char hex[SKEIN_HEX];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(255 - i);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sum(data, rows[i].len, sizeof(data), hex);
		ATF_CHECK_EQ(strlen(hex), 256);
		ATF_CHECK_MSG(strncmp(hex, rows[i].begins,
		    strlen(rows[i].begins)) == 0, "%zu bytes: %s", rows[i].len,
		    hex);
	}
}

ATF_TC_WITHOUT_HEAD(pieces);
ATF_TC_BODY(pieces, tc)
{
	static unsigned char data[1000];
	char whole[SKEIN_HEX], hex[SKEIN_HEX];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 7);
	sum(data, sizeof(data), sizeof(data), whole);
	for (size_t piece = 1; piece < 300; piece++) {
		sum(data, sizeof(data), piece, hex);
		ATF_CHECK_STREQ(hex, whole);
	}
	sum(data, sizeof(data) - 1, sizeof(data), hex);
	ATF_CHECK(strcmp(hex, whole) != 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, vectors);
	ATF_TP_ADD_TC(tp, pieces);
	return atf_no_error();
}
