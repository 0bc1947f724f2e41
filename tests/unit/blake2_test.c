/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <stdio.h>
#include <string.h>

#include "base/blake2.h"

static void
check(const char *text, size_t len, const char *wanted)
{
	uint8_t sum[BLAKE2_SIZE], parts[BLAKE2_SIZE];
	char hex[2 * BLAKE2_SIZE + 1];
	struct blake2 b;

	blake2_sum(text, len, sum);
	for (size_t i = 0; i < BLAKE2_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	ATF_CHECK_STREQ(wanted, hex);
	for (size_t step = 1; step < 300; step += 37) {
		blake2_init(&b);
		for (size_t at = 0; at < len; at += step)
			blake2_add(&b, text + at,
			    len - at < step ? len - at : step);
		blake2_end(&b, parts);
		ATF_CHECK(memcmp(sum, parts, sizeof(sum)) == 0);
	}
}

ATF_TC_WITHOUT_HEAD(vectors);
ATF_TC_BODY(vectors, tc)
{
	char text[1000];

	/* as b2sum -l 256 has them */
	check("", 0, "0e5751c026e543b2e8ab2eb06099daa1"
	    "d1e5df47778f7787faab45cdf12fe3a8");
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7);
	check(text, 1, "03170a2e7597b7b7e3d84c05391d139a"
	    "62b157e78786d8c082f29dcf4c111314");
	check(text, 127, "4ff62e7c4c43fe101a078479c48836be"
	    "4907d9d498dcc577ca89d694b2c11f9b");
	check(text, 128, "14696d2a98d9f8a280da8b132b1045b3"
	    "45e1033759c6b02fcc4ee885c8ae7c37");
	check(text, 129, "3934215260b1039be9d9d2b073b059bc"
	    "d50120c327a22af93eb4d98cf821c14c");
	check(text, 256, "3d0cb2693dfbac42af5a6cc960953fea"
	    "8714aa39c4bcd054ef61d6b5e98ade4a");
	check(text, 1000, "6ac4bea923678eb024090384d6e767b5"
	    "870f849057dc19b172d8d9f2df30bf8e");
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, vectors);
	return atf_no_error();
}
