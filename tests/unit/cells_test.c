/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "view/cells_cache.h"

static const char cache[] = "root/run/list";

static void
setup(struct host *h)
{
	struct error e = ERROR_INIT;

	setenv("GAOL_CONF", "/dev/null", 1);
	ATF_REQUIRE_EQ_MSG(0, host_open(h, "root", &e), "%s", e.msg);
}

static void
write_jail(const char *name, const char *text)
{
	AUTO_FREE char *dir = xasprintf("root/jails/%s", name);
	AUTO_FREE char *file = xasprintf("%s/cell.conf", dir);
	AUTO_FREE char *conf = xasprintf("%s { %s }\n", name, text);
	struct error e = ERROR_INIT;

	ATF_REQUIRE_EQ(0, file_mkdirs(AT_FDCWD, dir, 0755, &e));
	ATF_REQUIRE_EQ(0, file_replace(AT_FDCWD, file, conf, strlen(conf),
	    0644, FILE_VOLATILE, &e));
}

/* The cache passes over files that were changed within the last second. */
static void
settle(void)
{
	const struct timespec pause = { 1, 50000000 };

	nanosleep(&pause, NULL);
}

/* "web:rel,on db:!" : names with release and boot, "!" for a problem. */
static void
check_cells(const struct host *h, const char *expect)
{
	AUTO_CELLS struct cells c = CELLS_INIT;
	AUTO_BUF struct buf have = BUF_INIT;
	struct error e = ERROR_INIT;

	ATF_REQUIRE_EQ(0, cells_load(h, NULL, &c, &e));
	for (size_t i = 0; i < c.count; i++) {
		const char *release = cells_value(&c, i, CELLS_RELEASE);

		ATF_CHECK_EQ((ssize_t)i, cells_find(&c, cells_name(&c, i)));
		buf_printf(&have, "%s%s:", i > 0 ? " " : "",
		    cells_name(&c, i));
		if (cells_value(&c, i, CELLS_PROBLEM) != NULL)
			buf_puts(&have, "!");
		else
			buf_printf(&have, "%s,%s", release != NULL ? release :
			    "-", cells_value(&c, i, CELLS_BOOT));
	}
	ATF_CHECK_STREQ(expect, buf_text(&have));
}

static off_t
cache_size(void)
{
	struct stat st;

	return stat(cache, &st) == 0 ? st.st_size : -1;
}

static size_t
cached_rows(const struct host *h, bool *directory)
{
	AUTO_CELLS struct cells c = CELLS_INIT;
	struct cells_cache read;

	cells_cache_read(h, &c, &read);
	*directory = read.directory.inode != 0;
	return read.count;
}

ATF_TC_WITHOUT_HEAD(values);
ATF_TC_BODY(values, tc)
{
	AUTO_STRINGS struct strings tags = VEC_INIT, some = VEC_INIT;
	AUTO_CELLS struct cells c = CELLS_INIT, part = CELLS_INIT;
	struct error e = ERROR_INIT;
	struct host h;

	setup(&h);
	write_jail("web", "release = r1; tag = a, b; note = \"x y\";");
	write_jail("db", "release = r1; boot = on;");
	write_jail("bad", "nonsense = 1;");
	ATF_REQUIRE(mkdir("root/jails/lost+found", 0755) == 0);
	ATF_REQUIRE(mkdir("root/jails/empty", 0755) == 0);
	ATF_REQUIRE(mkdir("root/jails/.new.x", 0755) == 0);
	ATF_REQUIRE_EQ(0, cells_load(&h, NULL, &c, &e));
	ATF_REQUIRE_EQ(3, c.count);
	ATF_CHECK_STREQ("bad", cells_name(&c, 0));
	ATF_CHECK(strstr(cells_value(&c, 0, CELLS_PROBLEM),
	    "bad/cell.conf:1:7: unknown property 'nonsense'") != NULL);
	ATF_CHECK_EQ(NULL, cells_value(&c, 0, CELLS_RELEASE));
	ATF_CHECK_STREQ("web", cells_name(&c, 2));
	ATF_CHECK_STREQ("a\nb", cells_value(&c, 2, CELLS_TAG));
	ATF_CHECK_STREQ("x y", cells_value(&c, 2, CELLS_NOTE));
	ATF_CHECK_STREQ("off", cells_value(&c, 2, CELLS_BOOT));
	ATF_CHECK_EQ(NULL, cells_value(&c, 2, CELLS_HOSTNAME));
	cells_values(&c, 2, CELLS_TAG, &tags);
	ATF_CHECK_EQ(2, tags.count);
	ATF_CHECK_STREQ("b", tags.items[1]);
	cells_values(&c, 1, CELLS_TAG, &tags);
	ATF_CHECK_EQ(2, tags.count);
	ATF_CHECK_EQ(-1, cells_find(&c, "wea"));
	ATF_CHECK_EQ(CELLS_TAG, cells_field("tag"));
	ATF_CHECK_EQ(CELLS_FIELDS, cells_field("env"));
	strings_add(&some, "web");
	strings_add(&some, "gone");
	ATF_REQUIRE_EQ(0, cells_load(&h, &some, &part, &e));
	ATF_REQUIRE_EQ(1, part.count);
	ATF_CHECK_STREQ("r1", cells_value(&part, 0, CELLS_RELEASE));
	host_fini(&h);
}

/* Each kind of change is seen at once, whatever the cache says. */
ATF_TC_WITHOUT_HEAD(changes);
ATF_TC_BODY(changes, tc)
{
	struct error e = ERROR_INIT;
	struct host h;
	struct stat st;
	bool directory;
	int fd;

	setup(&h);
	write_jail("a", "release = r1;");
	write_jail("b", "release = r1;");
	write_jail("c", "nonsense;");
	check_cells(&h, "a:r1,off b:r1,off c:!");
	ATF_CHECK_EQ_MSG(0, cached_rows(&h, &directory),
	    "files as young as these may change within a tick");
	settle();
	check_cells(&h, "a:r1,off b:r1,off c:!");
	ATF_CHECK_EQ(3, cached_rows(&h, &directory));
	ATF_CHECK(directory);
	check_cells(&h, "a:r1,off b:r1,off c:!");
	/* replaced, same size */
	write_jail("a", "release = r2;");
	check_cells(&h, "a:r2,off b:r1,off c:!");
	/* written in place, same size */
	fd = open("root/jails/b/cell.conf", O_WRONLY);
	ATF_REQUIRE(pwrite(fd, "9", 1, 15) == 1);
	close(fd);
	check_cells(&h, "a:r2,off b:r9,off c:!");
	/* the same, and made to look as before: only ctime tells */
	settle();
	check_cells(&h, "a:r2,off b:r9,off c:!");
	ATF_REQUIRE(stat("root/jails/b/cell.conf", &st) == 0);
	fd = open("root/jails/b/cell.conf", O_WRONLY);
	ATF_REQUIRE(pwrite(fd, "8", 1, 15) == 1);
	ATF_REQUIRE(futimens(fd, (struct timespec[]){ st.st_atim,
	    st.st_mtim }) == 0);
	close(fd);
	check_cells(&h, "a:r2,off b:r8,off c:!");
	/* mended, made, renamed, removed */
	write_jail("c", "boot = on;");
	write_jail("d", "release = r4;");
	check_cells(&h, "a:r2,off b:r8,off c:-,on d:r4,off");
	settle();
	check_cells(&h, "a:r2,off b:r8,off c:-,on d:r4,off");
	ATF_CHECK_EQ(4, cached_rows(&h, &directory));
	ATF_REQUIRE(unlink("root/jails/a/cell.conf") == 0);
	check_cells(&h, "b:r8,off c:-,on d:r4,off");
	write_jail("a", "release = r5;");
	check_cells(&h, "a:r5,off b:r8,off c:-,on d:r4,off");
	ATF_REQUIRE(unlink("root/jails/d/cell.conf") == 0);
	ATF_REQUIRE(rmdir("root/jails/d") == 0);
	check_cells(&h, "a:r5,off b:r8,off c:-,on");
	ATF_REQUIRE(rename("root/jails/c", "root/jails/e") == 0);
	check_cells(&h, "a:r5,off b:r8,off e:!");
	ATF_CHECK_EQ(0, e.kind);
	host_fini(&h);
}

/* A directory that got its cell.conf later shows, with jails/ as it was. */
ATF_TC_WITHOUT_HEAD(late);
ATF_TC_BODY(late, tc)
{
	struct host h;
	bool directory;

	setup(&h);
	write_jail("a", "release = r1;");
	ATF_REQUIRE(mkdir("root/jails/b", 0755) == 0);
	settle();
	check_cells(&h, "a:r1,off");
	ATF_CHECK_EQ(1, cached_rows(&h, &directory));
	ATF_CHECK(!directory);
	write_jail("b", "release = r2;");
	check_cells(&h, "a:r1,off b:r2,off");
	host_fini(&h);
}

static void
damage(off_t at, char value)
{
	int fd = open(cache, O_RDWR);

	ATF_REQUIRE(fd >= 0 && pwrite(fd, &value, 1, at) == 1);
	close(fd);
}

/* Any byte that is wrong makes the whole of it nothing, and it is made anew. */
ATF_TC_WITHOUT_HEAD(damaged);
ATF_TC_BODY(damaged, tc)
{
	AUTO_BUF struct buf whole = BUF_INIT;
	struct error e = ERROR_INIT;
	struct host h;
	bool directory;
	off_t size;

	setup(&h);
	write_jail("a", "release = r1;");
	write_jail("b", "release = r2;");
	settle();
	check_cells(&h, "a:r1,off b:r2,off");
	size = cache_size();
	ATF_REQUIRE(size > 0);
	ATF_REQUIRE_EQ(0, file_read(AT_FDCWD, cache, 1 << 20, &whole, &e));
	for (off_t at = 0; at < size; at++) {
		damage(at, (char)(whole.data[at] ^ 0x40));
		ATF_CHECK_EQ_MSG(0, cached_rows(&h, &directory),
		    "byte %ld", (long)at);
		damage(at, whole.data[at]);
	}
	ATF_CHECK_EQ(2, cached_rows(&h, &directory));
	for (off_t length = 0; length < size; length += 7) {
		ATF_REQUIRE(truncate(cache, length) == 0);
		ATF_CHECK_EQ_MSG(0, cached_rows(&h, &directory),
		    "length %ld", (long)length);
		ATF_REQUIRE_EQ(0, file_replace(AT_FDCWD, cache, whole.data,
		    whole.len, 0600, FILE_VOLATILE, &e));
	}
	damage(size - 2, 'X');
	check_cells(&h, "a:r1,off b:r2,off");
	ATF_CHECK_EQ(2, cached_rows(&h, &directory));
	host_fini(&h);
}

/* A cache that cannot be read or written is done without. */
ATF_TC_WITHOUT_HEAD(unusable);
ATF_TC_BODY(unusable, tc)
{
	struct host h;

	setup(&h);
	write_jail("a", "release = r1;");
	settle();
	ATF_REQUIRE(mkdir(cache, 0755) == 0);
	check_cells(&h, "a:r1,off");
	ATF_REQUIRE(rmdir(cache) == 0);
	ATF_REQUIRE(symlink("/etc/passwd", cache) == 0);
	check_cells(&h, "a:r1,off");
	ATF_REQUIRE(unlink(cache) == 0 || cache_size() >= 0);
	h.plan = true;
	unlink(cache);
	check_cells(&h, "a:r1,off");
	ATF_CHECK_EQ(-1, cache_size());
	host_fini(&h);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, values);
	ATF_TP_ADD_TC(tp, changes);
	ATF_TP_ADD_TC(tp, late);
	ATF_TP_ADD_TC(tp, damaged);
	ATF_TP_ADD_TC(tp, unusable);
	return atf_no_error();
}
