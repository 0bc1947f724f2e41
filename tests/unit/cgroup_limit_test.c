/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * What is written into control groups for limits: directories with files of
 * the kernel's names stand for them, so that v2 is tested on hosts of v1.
 */
#include <atf-c.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/linux/limit.h"

static char memory[] = "memory", swap[] = "swap", cpu[] = "cpu",
    processes[] = "processes", reads[] = "io.read.bps",
    writes[] = "io.write.iops";
static struct engine_limit limits[] = {
	{ cpu, NULL, 150, NULL }, { memory, NULL, 1 << 20, NULL },
	{ processes, NULL, 12, NULL }, { swap, NULL, 4096, NULL },
};
static char first[] = "0-1", last[] = "3";
static char *cpu_items[] = { first, last };
static const struct strings cpus = { cpu_items, 2, 2 };

static void
make(const char *dir, const char *const *files)
{
	mkdir(dir, 0755);
	for (; *files != NULL; files++) {
		AUTO_FREE char *path = xasprintf("%s/%s", dir, *files);
		int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

		ATF_REQUIRE(fd >= 0);
		close(fd);
	}
}

/* What a file has, which is emptied for the next. */
static void
check(const char *path, const char *expected)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error e = ERROR_INIT;

	ATF_REQUIRE_MSG(file_read(AT_FDCWD, path, 4096, &text, &e) == 0, "%s",
	    e.msg);
	ATF_CHECK_STREQ_MSG(expected, buf_text(&text), "%s", path);
	ATF_REQUIRE(truncate(path, 0) == 0);
}

static void
open_all(struct limit_groups *g, const char *dir, bool v2)
{
	*g = (struct limit_groups)LIMIT_GROUPS_INIT;
	for (size_t i = 0; i < LIMIT_CONTROLLERS; i++) {
		g->fds[i] = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		g->v2[i] = v2;
	}
}

static void
write_all(const char *dir, bool v2, const struct engine_spec *spec, bool fresh)
{
	AUTO_GROUPS struct limit_groups g;
	struct error e = ERROR_INIT;

	open_all(&g, dir, v2);
	ATF_REQUIRE_MSG(limit_write(&g, spec, fresh, &e) == 0, "%s", e.msg);
}

static const char *const v2_files[] = {
	"cpu.max", "cpuset.cpus", "memory.max", "memory.swap.max", "pids.max",
	"io.max", NULL
};
static const char *const v1_files[] = {
	"cpu.cfs_quota_us", "cpuset.cpus", "memory.limit_in_bytes",
	"memory.memsw.limit_in_bytes", "pids.max",
	"blkio.throttle.read_bps_device", "blkio.throttle.read_iops_device",
	"blkio.throttle.write_bps_device", "blkio.throttle.write_iops_device",
	NULL
};

ATF_TC_WITHOUT_HEAD(v2);
ATF_TC_BODY(v2, tc)
{
	struct engine_spec spec = { .limits = limits, .limit_count = 4,
	    .cpus = &cpus };

	make("group", v2_files);
	ATF_CHECK_EQ(1U << LIMIT_CPU | 1U << LIMIT_MEMORY | 1U << LIMIT_PIDS |
	    1U << LIMIT_CPUSET, limit_needs(&spec));
	write_all("group", true, &spec, true);
	check("group/cpu.max", "150000 100000");
	check("group/cpuset.cpus", "0-1,3");
	check("group/memory.max", "1048576");
	check("group/memory.swap.max", "4096");
	check("group/pids.max", "12");
	/* no limit of disks: they are left alone */
	check("group/io.max", "");
	/* one only, the others are lifted */
	spec.limits = &limits[1];
	spec.limit_count = 1;
	spec.cpus = NULL;
	write_all("group", true, &spec, false);
	check("group/cpu.max", "max 100000");
	check("group/cpuset.cpus", "\n");
	check("group/memory.max", "1048576");
	check("group/memory.swap.max", "max");
	check("group/pids.max", "8192");
}

ATF_TC_WITHOUT_HEAD(v2_missing);
ATF_TC_BODY(v2_missing, tc)
{
	static const char *const files[] = { "memory.max", NULL };
	struct engine_spec spec = { .limits = &limits[1], .limit_count = 1 };
	AUTO_GROUPS struct limit_groups g;
	struct error e = ERROR_INIT;

	/* lifting what the group does not have is nothing */
	make("group", files);
	write_all("group", true, &spec, false);
	check("group/memory.max", "1048576");
	/* setting it is refused */
	spec.limits = &limits[2];
	open_all(&g, "group", true);
	ATF_CHECK(limit_write(&g, &spec, true, &e) < 0);
	ATF_CHECK_EQ_MSG(ERROR_UNSUPPORTED, e.kind, "%s", e.msg);
}

ATF_TC_WITHOUT_HEAD(v1);
ATF_TC_BODY(v1, tc)
{
	static const char *const above[] = { "cpuset.cpus", NULL };
	struct engine_spec spec = { .limits = limits, .limit_count = 4,
	    .cpus = &cpus };

	make("scope", above);
	make("scope/group", v1_files);
	write_all("scope/group", false, &spec, true);
	check("scope/group/cpu.cfs_quota_us", "150000");
	check("scope/group/cpuset.cpus", "0-1,3");
	check("scope/group/memory.limit_in_bytes", "1048576");
	/* first -1, then both together: a file keeps the longer one */
	check("scope/group/memory.memsw.limit_in_bytes", "1052672");
	check("scope/group/pids.max", "12");
	spec.limit_count = 0;
	spec.cpus = NULL;
	write_all("scope/group", false, &spec, false);
	check("scope/group/cpu.cfs_quota_us", "-1");
	check("scope/group/memory.limit_in_bytes", "-1");
	check("scope/group/memory.memsw.limit_in_bytes", "-1");
	check("scope/group/pids.max", "max");
}

ATF_TC_WITHOUT_HEAD(disks);
ATF_TC_BODY(disks, tc)
{
	struct engine_limit io[] = { { reads, NULL, 4096, NULL },
		{ writes, NULL, 7, NULL } };
	struct engine_spec spec = { .limits = io, .limit_count = 2 };
	AUTO_BUF struct buf text = BUF_INIT;
	struct error e = ERROR_INIT;
	DIR *dir = opendir("/sys/block");
	bool any = false;

	for (const struct dirent *d; dir != NULL && (d = readdir(dir)) !=
	    NULL;)
		any |= d->d_name[0] != '.' && strstr(d->d_name, "ram") == NULL;
	if (dir != NULL)
		closedir(dir);
	if (!any)
		atf_tc_skip("no disk here");
	make("group", v2_files);
	write_all("group", true, &spec, true);
	ATF_REQUIRE(file_read(AT_FDCWD, "group/io.max", 4096, &text,
	    &e) == 0);
	ATF_CHECK_MSG(strstr(buf_text(&text), " rbps=4096 riops=max wbps=max "
	    "wiops=7") != NULL, "%s", buf_text(&text));
	make("old", v1_files);
	write_all("old", false, &spec, true);
	buf_clear(&text);
	ATF_REQUIRE(file_read(AT_FDCWD, "old/blkio.throttle.read_bps_device",
	    4096, &text, &e) == 0);
	ATF_CHECK_MSG(strstr(buf_text(&text), " 4096") != NULL, "%s",
	    buf_text(&text));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, v2);
	ATF_TP_ADD_TC(tp, v2_missing);
	ATF_TP_ADD_TC(tp, v1);
	ATF_TP_ADD_TC(tp, disks);
	return atf_no_error();
}
