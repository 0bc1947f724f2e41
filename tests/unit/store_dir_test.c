/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/posix/posix.h"

ATF_TC_WITHOUT_HEAD(copy);
ATF_TC_BODY(copy, tc)
{
	struct error e = ERROR_INIT;
	struct tree tree;
	struct stat st;

	ATF_REQUIRE_EQ(0, mkdir("release", 0755));
	ATF_REQUIRE_EQ(0, mkdir("release/bin", 0751));
	ATF_REQUIRE_EQ(0, mkdir("cell", 0755));
	ATF_REQUIRE_EQ(0, file_replace(AT_FDCWD, "release/bin/sh", "text", 4,
	    0755, FILE_VOLATILE, &e));
	ATF_REQUIRE_EQ(0, chmod("release", 0750));
	AUTO_CLOSE int cell = open("cell", O_RDONLY | O_CLOEXEC);
	ATF_REQUIRE_EQ_MSG(0, store_dir.create(&(struct store_cell){
	    .dir = cell, .release = "release" }, &e),
	    "%s", e.msg);
	ATF_CHECK(atf_utils_compare_file("cell/root/bin/sh", "text"));
	ATF_REQUIRE_EQ(0, stat("cell/root", &st));
	ATF_CHECK_EQ(0750, st.st_mode & 07777);
	ATF_REQUIRE_EQ(0, stat("cell/root/bin", &st));
	ATF_CHECK_EQ(0751, st.st_mode & 07777);

	ATF_REQUIRE_EQ(0, store_dir.tree(&(struct store_cell){
	    .path = "/c", .dir = -1 }, &tree, &e));
	ATF_CHECK_EQ(TREE_DIR, tree.kind);
	ATF_CHECK_STREQ("/c/root", tree.upper);
	ATF_CHECK_EQ(0, tree.lower.count);
	tree_fini(&tree);
}

ATF_TC_WITHOUT_HEAD(missing_release);
ATF_TC_BODY(missing_release, tc)
{
	struct error e = ERROR_INIT;

	AUTO_CLOSE int here = open(".", O_RDONLY | O_CLOEXEC);
	ATF_CHECK_EQ(-1, store_dir.create(&(struct store_cell){
	    .dir = here, .release = "none", .ephemeral = true }, &e));
	ATF_CHECK_EQ(ERROR_NOT_FOUND, e.kind);
	ATF_CHECK_EQ(-1, access("root", F_OK));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, copy);
	ATF_TP_ADD_TC(tp, missing_release);
	return atf_no_error();
}
