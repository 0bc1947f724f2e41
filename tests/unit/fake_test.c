/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The fake engine through its table, as core calls it. */
#include <atf-c.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/engine.h"

#define NO_ERROR(call)                                                     \
	do {                                                               \
		struct error why = ERROR_INIT;                             \
		ATF_REQUIRE_MSG((call) >= 0, "%s: %s", #call, why.msg);    \
	} while (0)

struct jail {
	struct tree tree;
	struct engine_spec spec;
	struct engine_live live;
	struct engine_start *start;
	int record, console;
};

/* A jail "web", made and not yet booted, in the test's own directory. */
static void
make_jail(struct jail *j, char *name)
{
	struct error e = ERROR_INIT;
	char *cwd = getcwd(NULL, 0);
	char *record = xasprintf("record.%s", name);

	memset(j, 0, sizeof(*j));
	setenv("GAOL_ROOT", cwd, 1);
	mkdir("upper", 0755);
	j->tree.upper = xasprintf("%s/upper", cwd);
	j->record = open(record, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	j->console = open("console", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC,
	    0600);
	j->spec.name = name;
	j->spec.key = name;
	j->spec.tree = &j->tree;
	j->spec.console_fd = j->console;
	j->spec.live_fd = j->record;
	j->start = engine_native->make(&j->spec, &j->live, &e);
	ATF_REQUIRE_MSG(j->start != NULL, "%s", e.msg);
	free(record);
	free(cwd);
}

static void
free_jail(struct jail *j)
{
	engine_native->start_free(j->start);
	free(j->tree.upper);
	close(j->record);
	close(j->console);
}

static struct engine_command
command(char **argv)
{
	static char path[] = "PATH=/bin", *env[] = { path, NULL };
	static const uint32_t groups[] = { 7, 8 };

	return (struct engine_command){ .argv = argv, .env = env, .uid = 5,
	    .gid = 7, .groups = groups, .group_count = 2, .dir = "/tmp" };
}

static int
run(struct jail *j, const char *line)
{
	char sh[] = "/bin/sh", flag[] = "-c";
	char *text = xstrdup(line);
	char *argv[] = { sh, flag, text, NULL };
	struct engine_command c = command(argv);
	int status = -1;

	NO_ERROR(engine_native->exec(&j->live, &j->spec, &c, &status, &why));
	free(text);
	return status;
}

static bool
alive(const struct jail *j)
{
	return engine_native->alive(&j->live, j->record);
}

ATF_TC_WITHOUT_HEAD(life);
ATF_TC_BODY(life, tc)
{
	char name[] = "scope/web";
	struct jail j;

	make_jail(&j, name);
	ATF_CHECK_EQ(1, j.live.jid);
	ATF_CHECK(alive(&j));
	NO_ERROR(engine_native->boot(j.start, NULL, 0, LIFE_PERSIST, &why));
	ATF_CHECK(alive(&j));
	ATF_CHECK_EQ(0, access("fake/web", F_OK));
	NO_ERROR(engine_native->stop(&j.live, "scope/web", 0, &why));
	ATF_CHECK(!alive(&j));
	NO_ERROR(engine_native->stop(&j.live, "scope/web", 0, &why));
	NO_ERROR(engine_native->kill(NULL, "scope/web", &why));
	free_jail(&j);
}

ATF_TC_WITHOUT_HEAD(unbooted_dies_with_maker);
ATF_TC_BODY(unbooted_dies_with_maker, tc)
{
	char name[] = "web";
	struct jail j;

	make_jail(&j, name);
	engine_native->start_free(j.start);
	j.start = NULL;
	ATF_CHECK(!alive(&j));
	ATF_CHECK_EQ(-1, access("fake/web", F_OK));
	free_jail(&j);
	engine_native->start_free(NULL);

	/* killed: nobody cleans up, the lock alone is gone */
	NO_ERROR(file_replace(AT_FDCWD, "fake/web", "made 9 1 1 ab /x\n", 17,
	    0644, FILE_VOLATILE, &why));
	strcpy(j.live.ident, "web/ab");
	ATF_CHECK(!engine_native->alive(&j.live, -1));
}

ATF_TC_WITHOUT_HEAD(crash);
ATF_TC_BODY(crash, tc)
{
	char name[] = "web";
	struct jail j;
	struct engine_live old;

	make_jail(&j, name);
	NO_ERROR(engine_native->boot(j.start, NULL, 0, LIFE_PERSIST, &why));
	old = j.live;
	ATF_REQUIRE_EQ(0, unlink("fake/web"));
	ATF_CHECK(!alive(&j));
	free_jail(&j);
	/* another life of the same name is not the old one */
	make_jail(&j, name);
	ATF_CHECK(alive(&j));
	ATF_CHECK(!engine_native->alive(&old, -1));
	free_jail(&j);
}

ATF_TC_WITHOUT_HEAD(alive_many);
ATF_TC_BODY(alive_many, tc)
{
	char a[] = "a", b[] = "b";
	struct jail j, k;
	struct stat st[2];
	uint64_t inodes[3];
	bool living[3] = { false, true, true };

	make_jail(&j, a);
	make_jail(&k, b);
	NO_ERROR(engine_native->boot(j.start, NULL, 0, LIFE_PERSIST, &why));
	NO_ERROR(engine_native->boot(k.start, NULL, 0, LIFE_PERSIST, &why));
	ATF_REQUIRE_EQ(0, fstat(j.record, &st[0]));
	ATF_REQUIRE_EQ(0, fstat(k.record, &st[1]));
	inodes[0] = st[0].st_ino;
	inodes[1] = 1;
	inodes[2] = st[1].st_ino;
	NO_ERROR(engine_native->kill(&k.live, b, &why));
	NO_ERROR(engine_native->alive_many(inodes, living, 3,
	    (int64_t)st[0].st_dev, &why));
	ATF_CHECK(living[0]);
	ATF_CHECK(!living[1]);
	ATF_CHECK(!living[2]);
	free_jail(&j);
	free_jail(&k);
}

static void
expect_output(struct jail *j, const char *line, int status, const char *text)
{
	AUTO_BUF struct buf b = BUF_INIT;
	int saved = dup(STDOUT_FILENO);
	int out = open("out", O_RDWR | O_CREAT | O_TRUNC, 0600);
	int got;

	ATF_REQUIRE(dup2(out, STDOUT_FILENO) >= 0);
	got = run(j, line);
	ATF_REQUIRE(dup2(saved, STDOUT_FILENO) >= 0);
	close(out);
	close(saved);
	NO_ERROR(file_read(AT_FDCWD, "out", 1 << 16, &b, &why));
	ATF_CHECK_EQ_MSG(status, got, "%s: %d", line, got);
	ATF_CHECK_STREQ(text, buf_text(&b));
}

ATF_TC_WITHOUT_HEAD(shell);
ATF_TC_BODY(shell, tc)
{
	char name[] = "web";
	struct jail j;

	make_jail(&j, name);
	NO_ERROR(engine_native->boot(j.start, NULL, 0, LIFE_PERSIST, &why));
	expect_output(&j, "echo a  'b  c' \"d\" e\\ f", 0, "a b  c d e f\n");
	expect_output(&j, "true", 0, "");
	expect_output(&j, "/usr/bin/false", 1, "");
	expect_output(&j, "exit 7; echo no", 7, "");
	expect_output(&j, "sh -c 'exit 7'; echo yes", 0, "yes\n");
	expect_output(&j, "env;pwd", 0, "PATH=/bin\n/tmp\n");
	expect_output(&j, "id", 0, "uid=5 gid=7 groups=7,8\n");
	expect_output(&j, "sleep 0", 0, "");
	expect_output(&j, "nonesuch", 127, "");
	expect_output(&j, "", 0, "");
	free_jail(&j);
}

ATF_TC_WITHOUT_HEAD(boot_commands);
ATF_TC_BODY(boot_commands, tc)
{
	char name[] = "web", sh[] = "/bin/sh", flag[] = "-c";
	char say[] = "echo up", fail[] = "exit 3", stay[] = "sleep 9 &";
	char *lines[] = { say, fail, stay };
	struct jail j;

	for (size_t i = 0; i < 3; i++) {
		char *argv[] = { sh, flag, lines[i], NULL };
		struct engine_command c = command(argv);
		struct error e = ERROR_INIT;
		int result;

		make_jail(&j, name);
		result = engine_native->boot(j.start, &c, 1, LIFE_PROCESSES,
		    &e);
		ATF_CHECK_EQ(lines[i] == fail ? -1 : 0, result);
		if (lines[i] == fail)
			ATF_CHECK_MATCH("exit 3.*status 3", e.msg);
		/* it lives on with a process in it, else it has ended */
		ATF_CHECK_EQ(lines[i] != say, alive(&j));
		NO_ERROR(engine_native->kill(&j.live, name, &why));
		free_jail(&j);
	}
	ATF_CHECK(atf_utils_compare_file("console", "up\n"));
}

ATF_TC_WITHOUT_HEAD(timeout);
ATF_TC_BODY(timeout, tc)
{
	char name[] = "web", sleep_[] = "sleep", ten[] = "10";
	char *argv[] = { sleep_, ten, NULL };
	struct engine_command c = command(argv);
	struct error e = ERROR_INIT;
	struct jail j;
	int status = 0;

	make_jail(&j, name);
	NO_ERROR(engine_native->boot(j.start, NULL, 0, LIFE_PERSIST, &why));
	c.timeout_ms = 50;
	ATF_CHECK_EQ(-1, engine_native->exec(&j.live, &j.spec, &c, &status,
	    &e));
	ATF_CHECK_EQ(ERROR_FAILED, e.kind);
	free_jail(&j);
}

ATF_TC_WITHOUT_HEAD(probe);
ATF_TC_BODY(probe, tc)
{
	char name[] = "web";
	struct jail j;
	struct strings none = VEC_INIT;
	struct findings f = VEC_INIT;

	make_jail(&j, name);
	NO_ERROR(engine_native->boot(j.start, NULL, 0, LIFE_PERSIST, &why));
	NO_ERROR(engine_native->probe("scope", &none, true, &f, &why));
	ATF_REQUIRE_EQ(2, f.count);
	ATF_CHECK_EQ(FINDING_WARNING, f.items[1].level);
	ATF_CHECK(f.items[1].repaired);
	ATF_CHECK(!alive(&j));
	for (size_t i = 0; i < f.count; i++) {
		free(f.items[i].subject);
		free(f.items[i].text);
	}
	VEC_FINI(&f);
	free_jail(&j);
}

ATF_TC_WITHOUT_HEAD(stores);
ATF_TC_BODY(stores, tc)
{
	const struct store *thin = store_find("overlay");
	struct tree tree;

	ATF_REQUIRE(thin != NULL);
	ATF_CHECK(thin == stores_native[0]);
	ATF_CHECK(thin->thin);
	ATF_CHECK(store_find("zfs") == NULL);
	ATF_REQUIRE_EQ(0, mkdir("cell", 0755));
	AUTO_CLOSE int cell = open("cell", O_RDONLY | O_CLOEXEC);
	NO_ERROR(thin->create(&(struct store_cell){ .dir = cell,
	    .release = "/nonexistent" }, &why));
	NO_ERROR(thin->tree(&(struct store_cell){ .path = "/c",
	    .dir = -1, .release = "/r" }, &tree, &why));
	ATF_CHECK_STREQ("/c/layers/upper", tree.upper);
	ATF_CHECK_STREQ("/r", tree.lower.items[0]);
	ATF_CHECK_EQ(0, access("cell/layers/work", F_OK));
	tree_fini(&tree);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, life);
	ATF_TP_ADD_TC(tp, unbooted_dies_with_maker);
	ATF_TP_ADD_TC(tp, crash);
	ATF_TP_ADD_TC(tp, alive_many);
	ATF_TP_ADD_TC(tp, shell);
	ATF_TP_ADD_TC(tp, boot_commands);
	ATF_TP_ADD_TC(tp, timeout);
	ATF_TP_ADD_TC(tp, probe);
	ATF_TP_ADD_TC(tp, stores);
	return atf_no_error();
}
