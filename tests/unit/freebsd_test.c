/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The FreeBSD engine on a twin of the kernel: which calls, in which order. */
#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "engine/freebsd/freebsd.h"
#include "tests/freebsd-twin/twin.h"

#define NO_ERROR(call)                                                     \
	do {                                                               \
		struct error why = ERROR_INIT;                             \
		ATF_REQUIRE_MSG((call) >= 0, "%s: %s", #call, why.msg);    \
	} while (0)

#define FAILS(expected, call)                                              \
	do {                                                               \
		struct error why = ERROR_INIT;                             \
		ATF_REQUIRE_MSG((call) < 0, "%s", #call);                  \
		ATF_CHECK_EQ_MSG(expected, why.kind, "%s", why.msg);       \
	} while (0)

static char cwd[1024];
static char release[1100], root[1100];
static struct tree tree;
static struct engine_spec spec;
static struct engine_live live;

static void
set_up(void)
{
	char *real = realpath(".", NULL);
	int run;

	snprintf(cwd, sizeof(cwd), "%s", real);
	free(real);
	mkdir("run", 0755);
	mkdir("release", 0755);
	mkdir("root", 0755);
	snprintf(release, sizeof(release), "%s/release", cwd);
	snprintf(root, sizeof(root), "%s/root", cwd);
	run = open("run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ATF_REQUIRE(run >= 0);
	engine_native->remember(run);
	twin_reset();
	tree = (struct tree){ .kind = TREE_BASE, .upper = root };
	strings_add(&tree.lower, release);
	spec = (struct engine_spec){ .name = "web", .key = "gaol/web",
	    .tree = &tree, .fib = -1, .console_fd = -1, .live_fd = -1,
	    .mount_devfs = true };
	live = (struct engine_live){ 0, "" };
}

/* The calls, with DIR for the test's own directory. */
static void
check_calls(const char *expected)
{
	AUTO_BUF struct buf got = BUF_INIT;
	const char *p = twin_calls();
	size_t len = strlen(cwd);

	while (*p != '\0')
		if (strncmp(p, cwd, len) == 0) {
			buf_puts(&got, "DIR");
			p += len;
		} else {
			buf_putc(&got, *p++);
		}
	ATF_CHECK_STREQ(expected, buf_text(&got));
	twin_forget_calls();
}

static struct engine_start *
start(void)
{
	struct error e = ERROR_INIT;
	struct engine_start *s;

	ATF_REQUIRE_MSG(engine_native->mount(&spec, &e) == 0, "%s", e.msg);
	s = engine_native->make(&spec, &live, &e);
	ATF_REQUIRE_MSG(s != NULL, "%s", e.msg);
	return s;
}

static char sh[] = "/bin/sh", flag[] = "-c", line[] = "sh /etc/rc";
static char *argv[] = { sh, flag, line, NULL };
static char *env[] = { NULL };

static void
boot(struct engine_start *s, enum engine_life life)
{
	struct engine_command c = { .argv = argv, .env = env };

	NO_ERROR(engine_native->boot(s, &c, 1, life, &why));
	engine_native->start_free(s);
}

ATF_TC_WITHOUT_HEAD(life);
ATF_TC_BODY(life, tc)
{
	char source[] = "/usr/ports", target[] = "/usr/ports";
	char type[] = "nullfs", options[] = "ro,noexec,late";
	struct engine_mount m = { source, target, type, options, false, 0 };
	char name[] = "allow.raw_sockets", value[] = "true";
	struct engine_param p = { name, value };

	set_up();
	spec.mounts = &m;
	spec.mount_count = 1;
	spec.params = &p;
	spec.param_count = 1;
	spec.hostname = "www.example.org";
	NO_ERROR(engine_native->check(&spec, &why));
	boot(start(), LIFE_PERSIST);
	check_calls("nmount DIR/root/.base fstype=nullfs from=DIR/release ro\n"
	    "nmount DIR/root/usr/ports fstype=nullfs from=/usr/ports ro "
	    "noexec\n"
	    "nmount DIR/root/dev fstype=devfs from=devfs ruleset=4\n"
	    "jail_set create name=web path=DIR/root "
	    "host.hostname=www.example.org persist=true "
	    "allow.raw_sockets=true ip4=disable ip6=disable meta.gaol=MARK\n"
	    "pdfork jail_attach 1 uid 0 exec /bin/sh -c sh /etc/rc\n");
	ATF_CHECK(engine_native->alive(&live, -1));
	NO_ERROR(engine_native->stop(&live, spec.key, 1000, &why));
	NO_ERROR(engine_native->unmount(spec.key, &why));
	check_calls("jail_remove 1\nwait for 0\nunmount 3\nunmount 2\n"
	    "unmount 1\n");
	ATF_CHECK(!engine_native->alive(&live, -1));
	ATF_CHECK_EQ(0, twin_jails());
	ATF_CHECK_EQ(0, twin_mounts());
	ATF_CHECK(!file_exists(AT_FDCWD, "run/mounts/web"));
}

ATF_TC_WITHOUT_HEAD(parameters);
ATF_TC_BODY(parameters, tc)
{
	char vnet[] = "vnet", new[] = "new", meta[] = "meta";
	char keys[] = "owner=ann,room=b 12", persist[] = "persist";
	char off[] = "false", level[] = "securelevel", two[] = "2";
	struct engine_param p[] = {
		{ persist, off }, { level, two }, { meta, keys },
		{ vnet, new },
	};

	set_up();
	tree.kind = TREE_DIR;
	spec.mount_devfs = false;
	spec.key = "gaol-1f/a.b";
	spec.name = "a.b";
	spec.params = p;
	spec.param_count = 4;
	boot(start(), LIFE_PROCESSES);
	check_calls("jail_set create name=a+b@gaol-1f path=DIR/root "
	    "host.hostname=a.b persist=true securelevel=2 meta.owner=ann "
	    "meta.room=b 12 vnet=new meta.gaol=MARK\n"
	    "pdfork jail_attach 1 uid 0 exec /bin/sh -c sh /etc/rc\n"
	    "jail_set update jid=1 persist=false\n");
}

ATF_TC_WITHOUT_HEAD(net_inherit);
ATF_TC_BODY(net_inherit, tc)
{
	char ip4[] = "ip4.addr", address[] = "10.0.0.1";
	struct engine_param p = { ip4, address };

	set_up();
	tree.kind = TREE_DIR;
	spec.mount_devfs = false;
	spec.net_inherit = true;
	engine_native->start_free(start());
	spec.key = "gaol/db";
	spec.name = "db";
	spec.net_inherit = false;
	spec.params = &p;
	spec.param_count = 1;
	engine_native->start_free(start());
	check_calls("jail_set create name=web path=DIR/root host.hostname=web "
	    "persist=true ip4=inherit ip6=inherit meta.gaol=MARK\n"
	    "jail_remove 1\n"
	    "jail_set create name=db path=DIR/root host.hostname=db "
	    "persist=true ip4.addr=10.0.0.1 ip6=disable meta.gaol=MARK\n"
	    "jail_remove 2\n");
}

ATF_TC_WITHOUT_HEAD(unknown_parameter);
ATF_TC_BODY(unknown_parameter, tc)
{
	char name[] = "allow.vmm", value[] = "true";
	struct engine_param p = { name, value };

	set_up();
	spec.params = &p;
	spec.param_count = 1;
	twin.unknown = "allow.vmm";
	FAILS(ERROR_UNSUPPORTED, engine_native->check(&spec, &why));
	check_calls("");
}

ATF_TC_WITHOUT_HEAD(others);
ATF_TC_BODY(others, tc)
{
	AUTO_OTHERS struct engine_others list = VEC_INIT;
	struct engine_start *s;

	set_up();
	NO_ERROR(engine_native->mount(&spec, &why));
	struct error e = ERROR_INIT;
	s = engine_native->make(&spec, &live, &e);
	ATF_REQUIRE_MSG(s != NULL, "%s", e.msg);
	twin_foreign("db", "/jails/db");
	NO_ERROR(engine_native->others(&list, &why));
	ATF_REQUIRE_EQ(1, list.count);
	ATF_CHECK_STREQ("db", list.items[0].name);
	ATF_CHECK_STREQ("db", list.items[0].hostname);
	ATF_CHECK_STREQ("/jails/db", list.items[0].path);
	engine_native->start_free(s);
}

ATF_TC_WITHOUT_HEAD(foreign_name);
ATF_TC_BODY(foreign_name, tc)
{
	struct error e = ERROR_INIT;

	set_up();
	twin_foreign("web", root);
	NO_ERROR(engine_native->mount(&spec, &why));
	ATF_REQUIRE(engine_native->make(&spec, &live, &e) == NULL);
	ATF_CHECK_EQ_MSG(ERROR_EXISTS, e.kind, "%s", e.msg);
	/* what undoes the start leaves it alone */
	NO_ERROR(engine_native->kill(&live, spec.key, &why));
	NO_ERROR(engine_native->unmount(spec.key, &why));
	ATF_CHECK_EQ(1, twin_jails());
	ATF_CHECK_EQ(0, twin_mounts());
}

ATF_TC_WITHOUT_HEAD(killed_before_record);
ATF_TC_BODY(killed_before_record, tc)
{
	set_up();
	(void)start();
	/* gaol died here: the record knows no jail */
	NO_ERROR(engine_native->kill(NULL, spec.key, &why));
	ATF_CHECK_EQ(0, twin_jails());
	NO_ERROR(engine_native->unmount(spec.key, &why));
	ATF_CHECK_EQ(0, twin_mounts());
}

ATF_TC_WITHOUT_HEAD(recycled_number);
ATF_TC_BODY(recycled_number, tc)
{
	struct engine_live other;

	set_up();
	boot(start(), LIFE_PERSIST);
	ATF_CHECK(engine_native->alive(&live, -1));
	/* the same number and name, but not the jail that we made */
	NO_ERROR(engine_native->kill(&live, spec.key, &why));
	twin_reset();
	twin_foreign("web", root);
	ATF_CHECK(!engine_native->alive(&live, -1));
	twin_forget_calls();
	NO_ERROR(engine_native->stop(&live, spec.key, 0, &why));
	check_calls("");
	ATF_CHECK_EQ(1, twin_jails());
	other = (struct engine_live){ 1, "db/m0" };
	ATF_CHECK(!engine_native->alive(&other, -1));
}

ATF_TC_WITHOUT_HEAD(kernel_without_meta);
ATF_TC_BODY(kernel_without_meta, tc)
{
	set_up();
	tree.kind = TREE_DIR;
	spec.mount_devfs = false;
	twin.no_meta = true;
	boot(start(), LIFE_PERSIST);
	check_calls("jail_set create name=web path=DIR/root host.hostname=web "
	    "persist=true ip4=disable ip6=disable\n"
	    "pdfork jail_attach 1 uid 0 exec /bin/sh -c sh /etc/rc\n");
	ATF_CHECK(engine_native->alive(&live, -1));
	twin.boot = "ffff2233445566778899aabbccddeeff";
	ATF_CHECK(!engine_native->alive(&live, -1));
}

ATF_TC_WITHOUT_HEAD(mount_fails);
ATF_TC_BODY(mount_fails, tc)
{
	set_up();
	twin.fail = "nmount";
	twin.fail_errno = EOPNOTSUPP;
	twin.fail_after = 1;
	FAILS(ERROR_UNSUPPORTED, engine_native->mount(&spec, &why));
	check_calls("nmount DIR/root/.base fstype=nullfs from=DIR/release ro\n"
	    "nmount DIR/root/dev fstype=devfs from=devfs ruleset=4\n"
	    "nmount fails\n");
	NO_ERROR(engine_native->unmount(spec.key, &why));
	check_calls("unmount 1\n");
	ATF_CHECK_EQ(0, twin_mounts());
	NO_ERROR(engine_native->unmount(spec.key, &why));
	check_calls("");
}

/* gaol died between nmount(2) and writing down its id. */
ATF_TC_WITHOUT_HEAD(mount_unrecorded);
ATF_TC_BODY(mount_unrecorded, tc)
{
	AUTO_BUF struct buf text = BUF_INIT;
	char *end;

	set_up();
	NO_ERROR(engine_native->mount(&spec, &why));
	ATF_CHECK_EQ(2, twin_mounts());
	NO_ERROR(file_read(AT_FDCWD, "run/mounts/web", 4096, &text, &why));
	end = strstr(text.data, "id 0000000000000002");
	ATF_REQUIRE(end != NULL);
	ATF_REQUIRE(truncate("run/mounts/web", end - text.data) == 0);
	twin_forget_calls();
	NO_ERROR(engine_native->unmount(spec.key, &why));
	check_calls("unmount 2\nunmount 1\n");
	ATF_CHECK_EQ(0, twin_mounts());
}

/* A jail's tree is hostile: a link for a mount point leads nowhere else. */
ATF_TC_WITHOUT_HEAD(mount_target_is_link);
ATF_TC_BODY(mount_target_is_link, tc)
{
	set_up();
	tree.kind = TREE_DIR;
	mkdir("root/etc", 0755);
	ATF_REQUIRE(symlink("../../../etc", "root/dev") == 0);
	NO_ERROR(engine_native->mount(&spec, &why));
	check_calls("nmount DIR/root/etc fstype=devfs from=devfs "
	    "ruleset=4\n");
}

ATF_TC_WITHOUT_HEAD(mount_file);
ATF_TC_BODY(mount_file, tc)
{
	char source[] = "/etc/passwd", target[] = "/etc/my passwd";
	char type[] = "nullfs", options[] = "ro";
	struct engine_mount m = { source, target, type, options, false, 0 };

	set_up();
	tree.kind = TREE_DIR;
	spec.mount_devfs = false;
	spec.mounts = &m;
	spec.mount_count = 1;
	NO_ERROR(engine_native->mount(&spec, &why));
	check_calls("nmount DIR/root/etc/my passwd fstype=nullfs "
	    "from=/etc/passwd ro\n");
	ATF_CHECK(file_exists(AT_FDCWD, "root/etc/my passwd"));
	NO_ERROR(engine_native->unmount(spec.key, &why));
	ATF_REQUIRE(unlink("root/etc/my passwd") == 0);
	ATF_REQUIRE(symlink("/etc/shadow", "root/etc/my passwd") == 0);
	FAILS(ERROR_FAILED, engine_native->mount(&spec, &why));
	NO_ERROR(engine_native->unmount(spec.key, &why));
}

/* What networks tell of names comes after exec.prestart, and goes with it. */
ATF_TC_WITHOUT_HEAD(mount_more);
ATF_TC_BODY(mount_more, tc)
{
	char hosts[1200], target[] = "/etc/hosts";
	char type[] = "nullfs", options[] = "ro";
	struct engine_mount m = { hosts, target, type, options, true, 0 };
	int fd;

	set_up();
	tree.kind = TREE_DIR;
	snprintf(hosts, sizeof(hosts), "%s/hosts", cwd);
	fd = open("hosts", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	ATF_REQUIRE(fd >= 0);
	close(fd);
	spec.mount_devfs = false;
	NO_ERROR(engine_native->mount(&spec, &why));
	check_calls("");
	spec.mounts = &m;
	spec.mount_count = 1;
	NO_ERROR(engine_native->mount_more(&spec, 0, &why));
	check_calls("nmount DIR/root/etc/hosts fstype=nullfs from=DIR/hosts "
	    "ro\n");
	NO_ERROR(engine_native->unmount(spec.key, &why));
	check_calls("unmount 1\n");
}

ATF_TC_WITHOUT_HEAD(stop_signals);
ATF_TC_BODY(stop_signals, tc)
{
	set_up();
	twin.processes = 2;
	boot(start(), LIFE_PERSIST);
	twin_forget_calls();
	NO_ERROR(engine_native->stop(&live, spec.key, 1000, &why));
	check_calls("kill 1000 1001 signal 15\nwait for 2\njail_remove 1\n"
	    "wait for 0\n");
	twin.stubborn = true;
	NO_ERROR(engine_native->unmount(spec.key, &why));
	boot(start(), LIFE_PERSIST);
	twin_forget_calls();
	NO_ERROR(engine_native->stop(&live, spec.key, 1000, &why));
	check_calls("kill 2000 2001 signal 15\nwait for 2\njail_remove 2\n"
	    "wait for 2\n");
	NO_ERROR(engine_native->unmount(spec.key, &why));
	boot(start(), LIFE_PERSIST);
	twin_forget_calls();
	/* stop -f */
	NO_ERROR(engine_native->stop(&live, spec.key, 0, &why));
	check_calls("jail_remove 3\nwait for 2\n");
}

ATF_TC_WITHOUT_HEAD(dying_and_busy);
ATF_TC_BODY(dying_and_busy, tc)
{
	set_up();
	boot(start(), LIFE_PERSIST);
	twin.dying = true;
	twin.busy = 2;
	twin_forget_calls();
	NO_ERROR(engine_native->kill(&live, spec.key, &why));
	ATF_CHECK(!engine_native->alive(&live, -1));
	ATF_CHECK_EQ(0, twin_jails());
	NO_ERROR(engine_native->unmount(spec.key, &why));
	check_calls("jail_remove 1\nwait for 0\nunmount 2\nunmount 2\n"
	    "unmount 2\nunmount 1\n");
	spec.key = "gaol/busy";
	boot(start(), LIFE_PERSIST);
	twin.busy = 1000;
	NO_ERROR(engine_native->kill(&live, spec.key, &why));
	FAILS(ERROR_BUSY, engine_native->unmount(spec.key, &why));
	/* what is left is still known */
	twin.busy = 0;
	NO_ERROR(engine_native->unmount(spec.key, &why));
	ATF_CHECK_EQ(0, twin_mounts());
}

ATF_TC_WITHOUT_HEAD(command_status);
ATF_TC_BODY(command_status, tc)
{
	struct engine_command c = { .argv = argv, .env = env };
	struct engine_start *s;
	int status = -1;

	set_up();
	s = start();
	twin.status = 3 << 8;
	FAILS(ERROR_FAILED,
	    engine_native->boot(s, &c, 1, LIFE_PERSIST, &why));
	twin.status = 0;
	NO_ERROR(engine_native->boot(s, &c, 1, LIFE_PERSIST, &why));
	engine_native->start_free(s);
	twin.status = 7 << 8;
	NO_ERROR(engine_native->exec(&live, &spec, &c, &status, &why));
	ATF_CHECK_EQ(7, status);
	twin.status = SIGKILL;
	NO_ERROR(engine_native->exec(&live, &spec, &c, &status, &why));
	ATF_CHECK_EQ(128 + SIGKILL, status);
	twin.fail = "exec";
	twin.fail_errno = ENOENT;
	FAILS(ERROR_NOT_FOUND,
	    engine_native->exec(&live, &spec, &c, &status, &why));
	ATF_CHECK_EQ(127, status);
}

ATF_TC_WITHOUT_HEAD(thin_store);
ATF_TC_BODY(thin_store, tc)
{
	struct error e = ERROR_INIT;
	const struct store *s = store_find("nullfs");
	AUTO_CLOSE int cell = -1;
	struct store_cell c = { .name = "web", .path = "/x/web",
	    .release = release, .ephemeral = true };
	struct tree t;
	char link[64] = "";

	set_up();
	NO_ERROR(file_mkdirs(AT_FDCWD, "release/usr/bin", 0755, &why));
	NO_ERROR(file_mkdirs(AT_FDCWD, "release/usr/local/etc", 0755, &why));
	NO_ERROR(file_mkdirs(AT_FDCWD, "release/etc", 0755, &why));
	NO_ERROR(file_mkdirs(AT_FDCWD, "release/lib", 0755, &why));
	NO_ERROR(file_replace(AT_FDCWD, "release/etc/rc", "x", 1, 0644,
	    FILE_VOLATILE, &why));
	NO_ERROR(file_mkdirs(AT_FDCWD, "cell", 0755, &why));
	cell = open("cell", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ATF_REQUIRE(s != NULL && s->thin);
	c.dir = cell;
	ATF_REQUIRE_MSG(s->create(&c, &e) == 0, "%s", e.msg);
	ATF_CHECK(readlink("cell/root/lib", link, sizeof(link) - 1) > 0);
	ATF_CHECK_STREQ(".base/lib", link);
	memset(link, 0, sizeof(link));
	ATF_CHECK(readlink("cell/root/usr/bin", link, sizeof(link) - 1) > 0);
	ATF_CHECK_STREQ("../.base/usr/bin", link);
	ATF_CHECK(file_exists(AT_FDCWD, "cell/root/etc/rc"));
	ATF_CHECK(file_exists(AT_FDCWD, "cell/root/usr/local/etc"));
	ATF_CHECK(file_exists(AT_FDCWD, "cell/root/.base"));
	ATF_REQUIRE(s->tree(&c, &t, &e) == 0);
	ATF_CHECK_EQ(TREE_BASE, t.kind);
	ATF_CHECK_STREQ("/x/web/root", t.upper);
	tree_fini(&t);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, life);
	ATF_TP_ADD_TC(tp, parameters);
	ATF_TP_ADD_TC(tp, net_inherit);
	ATF_TP_ADD_TC(tp, unknown_parameter);
	ATF_TP_ADD_TC(tp, others);
	ATF_TP_ADD_TC(tp, foreign_name);
	ATF_TP_ADD_TC(tp, killed_before_record);
	ATF_TP_ADD_TC(tp, recycled_number);
	ATF_TP_ADD_TC(tp, kernel_without_meta);
	ATF_TP_ADD_TC(tp, mount_fails);
	ATF_TP_ADD_TC(tp, mount_unrecorded);
	ATF_TP_ADD_TC(tp, mount_target_is_link);
	ATF_TP_ADD_TC(tp, mount_file);
	ATF_TP_ADD_TC(tp, mount_more);
	ATF_TP_ADD_TC(tp, stop_signals);
	ATF_TP_ADD_TC(tp, dying_and_busy);
	ATF_TP_ADD_TC(tp, command_status);
	ATF_TP_ADD_TC(tp, thin_store);
	return atf_no_error();
}
