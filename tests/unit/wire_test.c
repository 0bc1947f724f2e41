/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/sync.h"
#include "base/wire.h"

/* What one side says, in a pipe; the other end is its wire's. */
struct ends {
	int fd[2];
	struct wire out, in;
};

static void
open_ends(struct ends *p)
{
	ATF_REQUIRE(pipe(p->fd) == 0);
	p->out = (struct wire)WIRE_INIT(-1, p->fd[1], "the other side");
	p->in = (struct wire)WIRE_INIT(p->fd[0], -1, "the other side");
}

static void
close_ends(struct ends *p)
{
	wire_fini(&p->out);
	wire_fini(&p->in);
	close(p->fd[0]);
	if (p->fd[1] >= 0)
		close(p->fd[1]);
}

ATF_TC_WITHOUT_HEAD(frames);
ATF_TC_BODY(frames, tc)
{
	struct error e = ERROR_INIT;
	struct ends p;
	struct frame f;

	open_ends(&p);
	ATF_REQUIRE(wire_put(&p.out, 3, 77, "text", 4, &e) == 0);
	ATF_REQUIRE(wire_put(&p.out, 4, UINT64_MAX, NULL, 0, &e) == 0);
	ATF_REQUIRE(wire_flush(&p.out, &e) == 0);
	ATF_REQUIRE(wire_get(&p.in, &f, &e) == 0);
	ATF_CHECK(f.type == 3 && f.arg == 77 && f.len == 4);
	ATF_CHECK_STREQ("text", (const char *)f.data);
	ATF_REQUIRE(wire_get(&p.in, &f, &e) == 0);
	ATF_CHECK(f.type == 4 && f.arg == UINT64_MAX && f.len == 0);
	ATF_CHECK(p.in.received == p.out.sent);
	close(p.fd[1]);
	p.fd[1] = -1;
	ATF_CHECK(wire_get(&p.in, &f, &e) < 0);
	ATF_CHECK(e.sys_errno == EPIPE);
	close_ends(&p);
}

ATF_TC_WITHOUT_HEAD(damage);
ATF_TC_BODY(damage, tc)
{
	char frame[WIRE_HEADER + 4];

	/* each byte of it */
	for (size_t i = 0; i < sizeof(frame); i++) {
		struct error e = ERROR_INIT;
		struct ends p;
		struct frame f;

		open_ends(&p);
		ATF_REQUIRE(wire_put(&p.out, 3, 77, "text", 4, &e) == 0);
		ATF_REQUIRE(p.out.pending.len == sizeof(frame));
		memcpy(frame, p.out.pending.data, sizeof(frame));
		frame[i] ^= 1;
		ATF_REQUIRE(write(p.fd[1], frame, sizeof(frame)) ==
		    (ssize_t)sizeof(frame));
		close(p.fd[1]);
		p.fd[1] = -1;
		ATF_CHECK(wire_get(&p.in, &f, &e) < 0);
		ATF_CHECK(e.kind == ERROR_DATA || e.sys_errno == EPIPE);
		close_ends(&p);
	}
}

ATF_TC_WITHOUT_HEAD(giant);
ATF_TC_BODY(giant, tc)
{
	uint8_t header[WIRE_HEADER] = { 0 };
	struct error e = ERROR_INIT;
	struct frame f;

	wire_set32(header, UINT32_MAX);
	ATF_CHECK(wire_header(header, &f, &e) < 0);
	ATF_CHECK(e.kind == ERROR_DATA);
	wire_set32(header, WIRE_MAX);
	ATF_CHECK(wire_header(header, &f, &e) == 0);
	ATF_CHECK(f.len == WIRE_MAX);
}

ATF_TC_WITHOUT_HEAD(errors);
ATF_TC_BODY(errors, tc)
{
	struct error e = ERROR_INIT, said = ERROR_INIT;
	struct ends p;
	struct frame f;

	open_ends(&p);
	error_set(&said, ERROR_EXISTS, "it is there");
	sync_tell_error(&p.out, &said);
	ATF_CHECK(sync_get(&p.in, &f, &e) < 0);
	ATF_CHECK(e.kind == ERROR_EXISTS);
	ATF_CHECK_STREQ("the other side: it is there", e.msg);
	close_ends(&p);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, frames);
	ATF_TP_ADD_TC(tp, damage);
	ATF_TP_ADD_TC(tp, giant);
	ATF_TP_ADD_TC(tp, errors);
	return atf_no_error();
}
