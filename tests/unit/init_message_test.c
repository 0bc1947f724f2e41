/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Messages that gaol would never send: gaol-init refuses, and lives. */
#include <sys/socket.h>
#include <sys/wait.h>

#include <atf-c.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/init_jail.h"

#define ROOT_TEST(name, description)					\
	ATF_TC(name);							\
	ATF_TC_HEAD(name, tc)						\
	{								\
		atf_tc_set_md_var(tc, "descr", description);		\
		atf_tc_set_md_var(tc, "require.user", "root");		\
	}								\
	ATF_TC_BODY(name, tc)

enum { FIELDS = offsetof(struct init_message, rows) / sizeof(uint32_t) };

/* A message that cannot run anything, in memory that the caller frees. */
static char *
valid(size_t *size)
{
	static const uint32_t groups[] = { 1, 2, 3 };
	const char *const argv[] = { "/nowhere/program", "one", "", "two",
	    NULL };
	const char *const env[] = { "PATH=/nowhere", "A=b", NULL };

	return (jail_encode(INIT_RUN, &(struct jail_command){ .argv = argv,
	    .env = env, .directory = "/", .groups = groups,
	    .group_count = 3 }, size));
}

static void
send_bytes(struct jail *j, const void *data, size_t size)
{
	ATF_REQUIRE_EQ((ssize_t)size, send(j->socket, data, size,
	    MSG_NOSIGNAL));
}

static void
refuse(struct jail *j, const char *text, size_t size)
{
	send_bytes(j, text, size);
	jail_expect(j, INIT_FAILED, EINVAL, STEP_MESSAGE);
}

ROOT_TEST(fields, "each field that is wrong by itself is refused")
{
	static const struct {
		size_t offset;
		uint32_t value;
	} wrong[] = {
		{ offsetof(struct init_message, type), 0 },
		{ offsetof(struct init_message, type), INIT_KILL + 1 },
		{ offsetof(struct init_message, type), UINT32_MAX },
		{ offsetof(struct init_message, type), INIT_PERSIST },
		{ offsetof(struct init_message, type), INIT_KILL },
		{ offsetof(struct init_message, flags), INIT_STAY },
		{ offsetof(struct init_message, flags), 1u << 31 },
		{ offsetof(struct init_message, uid), UINT32_MAX },
		{ offsetof(struct init_message, gid), UINT32_MAX },
		{ offsetof(struct init_message, ngroups), 0 },
		{ offsetof(struct init_message, ngroups), 1000 },
		{ offsetof(struct init_message, ngroups), 1025 },
		{ offsetof(struct init_message, ngroups), 1u << 30 },
		{ offsetof(struct init_message, ngroups), UINT32_MAX },
		{ offsetof(struct init_message, argc), 0 },
		{ offsetof(struct init_message, argc), 3 },
		{ offsetof(struct init_message, argc), 5 },
		{ offsetof(struct init_message, argc), UINT32_MAX },
		{ offsetof(struct init_message, envc), 1 },
		{ offsetof(struct init_message, envc), 3 },
		{ offsetof(struct init_message, envc), 1u << 29 },
		{ offsetof(struct init_message, envc), UINT32_MAX },
	};
	struct jail j;
	size_t size;
	char *text = valid(&size), *copy = malloc(size);

	ATF_REQUIRE(copy != NULL);
	jail_start(&j, NULL);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		memcpy(copy, text, size);
		memcpy(copy + wrong[i].offset, &wrong[i].value,
		    sizeof(uint32_t));
		refuse(&j, copy, size);
	}
	/* A string that does not end; a group that is none. */
	memcpy(copy, text, size);
	copy[size - 1] = 'x';
	refuse(&j, copy, size);
	memcpy(copy, text, size);
	memset(copy + sizeof(struct init_message) + 4, 0xff, 4);
	refuse(&j, copy, size);
	/* And it has not lost its way. */
	send_bytes(&j, text, size);
	jail_expect(&j, INIT_FAILED, ENOENT, STEP_EXEC);
	jail_shell(&j, "exit 0", 0);
	ATF_REQUIRE(jail_status(&j, "VmRSS") < 64);
	free(text);
	free(copy);
	jail_end(&j);
}

ROOT_TEST(sizes, "a size that cannot be ends the conversation")
{
	static const uint32_t sizes[] = {
		INIT_MESSAGE_MAX + 1, 1u << 31, UINT32_MAX
	};
	struct init_message m = { .type = INIT_RUN, .argc = 1 };
	struct jail j, joined;
	char *text;
	size_t size = sizeof(m) + INIT_MESSAGE_MAX;

	for (int i = 0; i < 3; i++) {
		m.size = sizes[i];
		jail_start(&j, NULL);
		jail_join(&j, &joined, NULL);
		refuse(&joined, (const char *)&m, sizeof(m));
		ATF_REQUIRE_EQ(126 << 8, jail_wait(&joined));
		refuse(&j, (const char *)&m, sizeof(m));
		jail_expect_closed(&j);
		ATF_REQUIRE_EQ(0, jail_wait(&j));
	}
	/* The largest is taken, the smallest is too small. */
	text = calloc(1, size);
	ATF_REQUIRE(text != NULL);
	m.size = INIT_MESSAGE_MAX;
	memcpy(text, &m, sizeof(m));
	memset(text + sizeof(m), 'd', INIT_MESSAGE_MAX);
	jail_start(&j, NULL);
	refuse(&j, text, size);
	m.size = 0;
	refuse(&j, (const char *)&m, sizeof(m));
	m = (struct init_message){ .type = INIT_PERSIST, .size = 8 };
	memcpy(text, &m, sizeof(m));
	refuse(&j, text, sizeof(m) + 8);
	ATF_REQUIRE(jail_status(&j, "VmRSS") < 64);
	free(text);
	jail_end(&j);
}

/* The message damaged in one to four places. */
static void
damage(char *text, size_t size)
{
	for (long n = random() % 4; n >= 0; n--) {
		size_t at = (size_t)random() % FIELDS * sizeof(uint32_t);
		uint32_t value = (uint32_t)random();

		switch (random() % 4) {
		case 0:		/* any byte */
			text[(size_t)random() % size] = (char)random();
			break;
		case 1:		/* a field: any value */
			memcpy(text + at, &value, sizeof(value));
			break;
		case 2:		/* a field: a small value */
			value %= 8;
			memcpy(text + at, &value, sizeof(value));
			break;
		default:	/* a field: one bit */
			text[at + (size_t)random() % 4] ^=
			    (char)(1 << random() % 8);
			break;
		}
	}
}

/*
 * Send it, and close the sending half so that a message whose end is missing
 * ends, too.  Then there are refusals and the pty of INIT_TTY, and the end.
 */
static void
survive(struct jail *j, const char *text, size_t size, int *refused)
{
	struct init_answer a;

	if (send(j->socket, text, size, MSG_NOSIGNAL) < 0)
		ATF_REQUIRE_EQ(EPIPE, errno);
	shutdown(j->socket, SHUT_WR);
	while (jail_answer(j, &a)) {
		ATF_REQUIRE_MSG(a.type == INIT_FAILED || a.type == INIT_MASTER,
		    "answer %u %d %u", a.type, a.value, a.step);
		++*refused;
	}
}

static void
fuzz(int count, bool join, const char *name)
{
	size_t size;
	char *text = valid(&size), *copy = malloc(size);
	struct jail j, joined;
	int refused = 0, status;

	ATF_REQUIRE(copy != NULL);
	if (getenv("GAOL_CHECK_LONG") == NULL)
		count /= 4;
	srandom(20261123);
	jail_start(&j, NULL);
	for (int i = 0; i < count; i++) {
		memcpy(copy, text, size);
		damage(copy, size);
		if (join) {
			jail_join(&j, &joined, NULL);
			survive(&joined, copy, size, &refused);
			status = jail_wait(&joined);
			ATF_REQUIRE_MSG(status == 126 << 8 ||
			    status == 127 << 8, "status %x", (unsigned)status);
			continue;
		}
		survive(&j, copy, size, &refused);
		/* INIT_PERSIST with INIT_STAY may be among them. */
		if (jail_lives(&j, 100))
			kill(j.pid, SIGTERM);
		status = jail_wait(&j);
		ATF_REQUIRE_MSG(WIFEXITED(status), "status %x",
		    (unsigned)status);
		jail_start(&j, NULL);
	}
	printf("%s: %d of %d answered\n", name, refused, count);
	free(text);
	free(copy);
	jail_end(&j);
}

ROOT_TEST(fuzz_init, "pid 1 survives 500 damaged messages (2,000 with GAOL_CHECK_LONG)")
{
	fuzz(2000, false, "init");
}

ROOT_TEST(fuzz_exec, "so does a process that joins")
{
	fuzz(1000, true, "exec");
}

/* A stream of garbage whose sizes are right: it must keep its place. */
ROOT_TEST(fuzz_stream, "2,000 damaged messages in a row are all answered")
{
	size_t size, at = offsetof(struct init_message, size);
	char *text = valid(&size), *copy = malloc(size);
	struct jail j;
	struct init_answer a;
	uint32_t type;

	ATF_REQUIRE(copy != NULL);
	srandom(20261124);
	jail_start(&j, NULL);
	for (int i = 0; i < 2000; i++) {
		memcpy(copy, text, size);
		damage(copy, size);
		memcpy(copy + at, text + at, sizeof(uint32_t));
		/* what is kept is not answered */
		memcpy(&type, copy, sizeof(type));
		if (type == INIT_KEEP)
			memcpy(copy, text, sizeof(type));
		send_bytes(&j, copy, size);
		do
			ATF_REQUIRE(jail_answer(&j, &a));
		while (a.type == INIT_MASTER);
		ATF_REQUIRE_EQ(INIT_FAILED, a.type);
		/* As the main process it was not run, so all goes on. */
	}
	jail_shell(&j, "exit 0", 0);
	ATF_REQUIRE(jail_status(&j, "VmRSS") < 64);
	free(text);
	free(copy);
	jail_end(&j);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, fields);
	ATF_TP_ADD_TC(tp, sizes);
	ATF_TP_ADD_TC(tp, fuzz_init);
	ATF_TP_ADD_TC(tp, fuzz_exec);
	ATF_TP_ADD_TC(tp, fuzz_stream);
	return (atf_no_error());
}
