/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <atf-c.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "core/prop.h"
#include "core/prop_check.h"
#include "engine/engine.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SIXTY_FOUR \
	"1234567890123456789012345678901234567890123456789012345678901234"
#define SYSTEM_ANY (SYSTEM_FREEBSD | SYSTEM_LINUX | SYSTEM_FAKE)

/* One value, or several separated by "\x01"; NULL: none. */
static int
parse(const char *name, const char *text, struct strings *out,
    struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;
	const struct prop *p = prop_find(name);

	ATF_REQUIRE_MSG(p != NULL, "no property %s", name);
	while (text != NULL) {
		size_t len = strcspn(text, "\x01");

		strings_take(&values, xstrndup(text, len));
		text = text[len] == '\0' ? NULL : text + len + 1;
	}
	return prop_parse(p, &values, out, e);
}

/* Every row is whole and in its place. */
ATF_TC_WITHOUT_HEAD(table_sorted);
ATF_TC_BODY(table_sorted, tc)
{
	ATF_REQUIRE(prop_count > 100);
	for (size_t i = 1; i < prop_count; i++)
		ATF_CHECK_MSG(strcmp(prop_table[i - 1].name,
		    prop_table[i].name) < 0, "%s stands after %s",
		    prop_table[i].name, prop_table[i - 1].name);
}

static void
check_name(const struct prop *p)
{
	size_t len = strspn(p->name, "abcdefghijklmnopqrstuvwxyz0123456789_.");

	if (p->flags & PROP_FAMILY)
		ATF_CHECK_STREQ_MSG(".*", p->name + len - 1, "%s", p->name);
	else
		ATF_CHECK_MSG(p->name[len] == '\0', "%s", p->name);
}

/* A sentence: a capital first, no full stop (the manual adds it). */
static void
check_summary(const struct prop *p)
{
	size_t len;

	ATF_REQUIRE_MSG(p->summary != NULL, "%s has no summary", p->name);
	len = strlen(p->summary);
	ATF_CHECK_MSG(len >= 8 && len <= 72, "%s: summary has %zu letters",
	    p->name, len);
	ATF_CHECK_MSG(isupper((unsigned char)*p->summary) ||
	    isdigit((unsigned char)*p->summary), "%s: %s", p->name,
	    p->summary);
	ATF_CHECK_MSG(isalnum((unsigned char)p->summary[len - 1]) ||
	    strchr(")]", p->summary[len - 1]) != NULL, "%s: %s", p->name,
	    p->summary);
	ATF_CHECK_MSG(strpbrk(p->summary, "\\\n\t\"") == NULL, "%s", p->name);
}

ATF_TC_WITHOUT_HEAD(table_rows);
ATF_TC_BODY(table_rows, tc)
{
	for (size_t i = 0; i < prop_count; i++) {
		const struct prop *p = &prop_table[i];
		const unsigned origin = PROP_KERNEL | PROP_PSEUDO | PROP_OWN;

		check_name(p);
		check_summary(p);
		ATF_CHECK_MSG(p->flags & origin, "%s: of whom", p->name);
		ATF_CHECK_MSG(p->systems & SYSTEM_FAKE, "%s: fake", p->name);
		/* what a system cannot do has a way out, and only that */
		ATF_CHECK_MSG((p->systems == SYSTEM_ANY) ==
		    (p->instead == NULL), "%s: instead", p->name);
		ATF_CHECK_MSG((p->type == PROP_ENUM) == (p->words != NULL),
		    "%s: words", p->name);
		ATF_CHECK_MSG(!(p->flags & PROP_READONLY) ||
		    p->fallback == NULL, "%s: default", p->name);
		ATF_CHECK_MSG(p->type != PROP_BOOL || p->fallback != NULL ||
		    (p->flags & PROP_READONLY), "%s: default", p->name);
		ATF_CHECK_MSG(p->type != PROP_BOOL ||
		    !(p->flags & PROP_LIST), "%s: list", p->name);
	}
}

ATF_TC_WITHOUT_HEAD(defaults_are_valid);
ATF_TC_BODY(defaults_are_valid, tc)
{
	for (size_t i = 0; i < prop_count; i++) {
		const struct prop *p = &prop_table[i];
		AUTO_STRINGS struct strings values = VEC_INIT, out = VEC_INIT;
		struct error e = ERROR_INIT;

		if (p->fallback == NULL)
			continue;
		strings_add(&values, p->fallback);
		ATF_CHECK_MSG(prop_parse(p, &values, &out, &e) == 0, "%s: %s",
		    p->name, e.msg);
		ATF_REQUIRE_EQ_MSG(out.count, 1, "%s", p->name);
		ATF_CHECK_STREQ_MSG(p->fallback, out.items[0], "%s", p->name);
	}
}

/* The defaults that differ from "off" and that a jail's safety hangs on. */
ATF_TC_WITHOUT_HEAD(defaults_of_note);
ATF_TC_BODY(defaults_of_note, tc)
{
	static const char *const on[] = { "allow.reserved_ports",
	    "allow.set_hostname", "allow.suser",
	    "allow.unprivileged_proc_debug", "exec.clean", "ip4.saddrsel",
	    "ip6.saddrsel", "log.stamps", "mount.devfs", "names", "persist",
	    "userns" };

	for (size_t i = 0; i < prop_count; i++) {
		const struct prop *p = &prop_table[i];
		bool want = false;

		if (p->type != PROP_BOOL || p->fallback == NULL)
			continue;
		for (size_t n = 0; n < COUNT(on); n++)
			want |= strcmp(on[n], p->name) == 0;
		ATF_CHECK_STREQ_MSG(want ? "on" : "off", p->fallback, "%s",
		    p->name);
	}
	ATF_CHECK_STREQ("-1", prop_find("securelevel")->fallback);
	ATF_CHECK_STREQ("2", prop_find("enforce_statfs")->fallback);
	ATF_CHECK_STREQ("0", prop_find("children.max")->fallback);
	ATF_CHECK_STREQ("10", prop_find("stop.timeout")->fallback);
	ATF_CHECK(prop_find("exec.timeout")->fallback == NULL);
	ATF_CHECK_STREQ("50", prop_find("priority")->fallback);
	ATF_CHECK_STREQ("none", prop_find("net")->fallback);
}

/* What core and the engines ask for by name. */
ATF_TC_WITHOUT_HEAD(linux_honours);
ATF_TC_BODY(linux_honours, tc)
{
	static const char *const yes[] = { "allow.adjtime", "allow.chflags",
	    "allow.mlock", "allow.mount", "allow.mount.devfs",
	    "allow.mount.tmpfs", "allow.raw_sockets", "allow.read_msgbuf",
	    "allow.reserved_ports", "allow.set_hostname", "allow.settime",
	    "allow.socket_af", "allow.suser", "allow.sysvipc",
	    "allow.unprivileged_proc_debug", "boot", "children.max", "depend",
	    "enforce_statfs", "env", "exec.clean", "exec.consolelog",
	    "exec.jail_user", "exec.prepare", "exec.release", "exec.start",
	    "exec.timeout", "host.domainname", "host.hostname", "idmap",
	    "mount", "mount.devfs", "mount.fdescfs", "mount.fstab",
	    "mount.procfs", "net", "note", "persist", "priority", "protect",
	    "limit.io.write.bps", "limit.memory", "ready",
	    "release", "securelevel", "snapshot.keep", "snapshot.schedule",
	    "stop.timeout", "store", "sysvmsg",
	    "sysvsem", "sysvshm", "tag", "type", "userns", "zfs.compression" };
	static const char *const no[] = { "allow.extattr", "allow.mount.zfs",
	    "allow.mount.p9fs", "allow.nfsd", "allow.quotas", "allow.routing",
	    "allow.setaudit", "allow.vmm", "devfs_ruleset", "exec.fib",
	    "health.command", "host.hostuuid", "interface", "ip4.addr",
	    "ip6.addr", "limit.rctl", "linux.osname", "mac.label", "meta",
	    "osrelease", "vnet",
	    "vnet.interface", "zfs.dataset" };

	for (size_t i = 0; i < COUNT(yes); i++) {
		ATF_REQUIRE_MSG(prop_find(yes[i]) != NULL, "%s", yes[i]);
		ATF_CHECK_MSG(prop_find(yes[i])->systems & SYSTEM_LINUX, "%s",
		    yes[i]);
	}
	for (size_t i = 0; i < COUNT(no); i++) {
		ATF_REQUIRE_MSG(prop_find(no[i]) != NULL, "%s", no[i]);
		ATF_CHECK_MSG(!(prop_find(no[i])->systems & SYSTEM_LINUX),
		    "%s", no[i]);
		ATF_CHECK_MSG(prop_find(no[i])->systems & SYSTEM_FREEBSD,
		    "%s", no[i]);
	}
	ATF_CHECK_EQ(prop_find("userns")->systems & SYSTEM_FREEBSD, 0);
}

ATF_TC_WITHOUT_HEAD(find);
ATF_TC_BODY(find, tc)
{
	static const char *const none[] = { "", ".", "*", "allow", "allow.",
	    "allow.*", "zfs.", "zfs.*", "limit.*", "limit.", "limit.foo",
	    "allow.mount.", "allow.mount.*", "zfs.a b", "zfs.a/b", "Path",
	    "path ", "zfs.\xc3\xa4", "exec", "persist.on",
	    "allow.noraw_sockets" };

	for (size_t i = 0; i < prop_count; i++)
		if (!(prop_table[i].flags & PROP_FAMILY))
			ATF_CHECK_EQ(&prop_table[i],
			    prop_find(prop_table[i].name));
	for (size_t i = 0; i < COUNT(none); i++)
		ATF_CHECK_MSG(prop_find(none[i]) == NULL, "'%s'", none[i]);
	ATF_CHECK_STREQ("zfs.*", prop_find("zfs.compression")->name);
	ATF_CHECK_STREQ("zfs.*", prop_find("zfs.org.gaol:tag")->name);
	ATF_CHECK_STREQ("zfs.*", prop_find("zfs." SIXTY_FOUR)->name);
	ATF_CHECK(prop_find("zfs.5" SIXTY_FOUR) == NULL);
	ATF_CHECK_STREQ("zfs.dataset", prop_find("zfs.dataset")->name);
	ATF_CHECK_STREQ("allow.mount.*", prop_find("allow.mount.p9fs")->name);
	ATF_CHECK_STREQ("meta.*", prop_find("meta.owner")->name);
}

/* written, the property, and whether it is its negation */
static const struct {
	const char *written, *name;
	bool negated;
} resolved[] = {
	{ "persist", "persist", false },
	{ "nopersist", "persist", true },
	{ "note", "note", false },
	{ "noboot", "boot", true },
	{ "allow.noraw_sockets", "allow.raw_sockets", true },
	{ "allow.nomount", "allow.mount", true },
	{ "allow.mount.nodevfs", "allow.mount.devfs", true },
	{ "exec.noclean", "exec.clean", true },
	{ "mount.nodevfs", "mount.devfs", true },
	{ "ip4.nosaddrsel", "ip4.saddrsel", true },
	{ "nouserns", "userns", true },
	{ "noprotect", "protect", true },
	{ "novnet", "vnet", true },
	{ "noip4", "ip4", true },
	{ "noip6", "ip6", true },
	{ "nosysvshm", "sysvshm", true },
	{ "mac.nodo", "mac.do", true },
	{ "zfs.normalization", "zfs.*", false },
};

static const char *const unresolved[] = { "", "no", "nono", "noname",
	"nosecurelevel", "nonote", "noexec.clean", "noallow.mount",
	"allow.nonoraw_sockets", "nohost", "nolinux", "nonet", "notype",
	"allow.nomount.devfs", "mount.nofstab", "exec.nostart", "nopath",
	"noallow.raw_sockets", "zfs.*", "limit.*", "zfs.", "NOPERSIST",
	"no.persist", "zfs.datasets", "allow.mount.nulfs", "meta.*" };

ATF_TC_WITHOUT_HEAD(resolve);
ATF_TC_BODY(resolve, tc)
{
	for (size_t i = 0; i < COUNT(resolved); i++) {
		const struct prop *p = NULL;
		struct error e = ERROR_INIT;
		bool negated = !resolved[i].negated;

		ATF_REQUIRE_MSG(prop_resolve(resolved[i].written, &p,
		    &negated, &e) == 0, "%s: %s", resolved[i].written, e.msg);
		ATF_CHECK_STREQ(resolved[i].name, p->name);
		ATF_CHECK_EQ_MSG(resolved[i].negated, negated, "%s",
		    resolved[i].written);
	}
	for (size_t i = 0; i < COUNT(unresolved); i++) {
		const struct prop *p = NULL;
		struct error e = ERROR_INIT;
		bool negated = true;

		ATF_CHECK_MSG(prop_resolve(unresolved[i], &p, &negated, &e) ==
		    -1, "'%s' is %s", unresolved[i], p->name);
		ATF_CHECK_EQ(e.kind, ERROR_CONFIG);
		ATF_CHECK(p == NULL && negated);
	}
}

/* core turns a negation into off, or disable: both must be values. */
ATF_TC_WITHOUT_HEAD(negation_parses);
ATF_TC_BODY(negation_parses, tc)
{
	for (size_t i = 0; i < COUNT(resolved); i++) {
		const struct prop *p = prop_find(resolved[i].name);
		AUTO_STRINGS struct strings out = VEC_INIT;
		struct error e = ERROR_INIT;

		if (!resolved[i].negated)
			continue;
		ATF_CHECK_MSG(parse(p->name, p->type == PROP_BOOL ? "off" :
		    "disable", &out, &e) == 0, "%s: %s", p->name, e.msg);
	}
}

static const char *const typos[][2] = {
	{ "allow_raw_sockets", "allow.raw_sockets" },
	{ "allow.raw_socket", "allow.raw_sockets" },
	{ "allow_mount_nullfs", "allow.mount.nullfs" },
	{ "allow.mount.nulfs", "allow.mount.nullfs" },
	{ "allow.sysvip", "allow.sysvipc" },
	{ "Boot", "boot" },
	{ "bot", "boot" },
	{ "autostart", "boot" },
	{ "children_max", "children.max" },
	{ "depends", "depend" },
	{ "devfs", "mount.devfs" },
	{ "devfs-ruleset", "devfs_ruleset" },
	{ "enforce.statfs", "enforce_statfs" },
	{ "environment", "env" },
	{ "exec.strat", "exec.start" },
	{ "exec_start", "exec.start" },
	{ "exec_poststop", "exec.poststop" },
	{ "fstab", "mount.fstab" },
	{ "host_hostname", "host.hostname" },
	{ "hostname", "host.hostname" },
	{ "ip4_addr", "ip4.addr" },
	{ "ip4addr", "ip4.addr" },
	{ "ip6.adr", "ip6.addr" },
	{ "limit.memroy", "limit.memory" },
	{ "limits.memory", "limit.memory" },
	{ "maxproc", "limit.processes" },
	{ "memory", "limit.memory" },
	{ "memoryuse", "limit.memory" },
	{ "mount_devfs", "mount.devfs" },
	{ "notes", "note" },
	{ "persistent", "persist" },
	{ "priorty", "priority" },
	{ "raw_sockets", "allow.raw_sockets" },
	{ "raw-sockets", "allow.raw_sockets" },
	{ "relase", "release" },
	{ "secure_level", "securelevel" },
	{ "set_hostname", "allow.set_hostname" },
	{ "stop_timeout", "stop.timeout" },
	{ "sysvmesg", "sysvmsg" },
	{ "tags", "tag" },
	{ "vnet_interface", "vnet.interface" },
	{ "zfs.datasets", "zfs.dataset" },
};

ATF_TC_WITHOUT_HEAD(nearest);
ATF_TC_BODY(nearest, tc)
{
	static const char *const far[] = { "", "x", "qq", "zzzz", "wombat",
	    "completely.different", "\xff\xfe\xfd", "----" };

	for (size_t i = 0; i < COUNT(typos); i++) {
		const struct prop *p = NULL;
		struct error e = ERROR_INIT;
		bool negated;

		ATF_CHECK(prop_resolve(typos[i][0], &p, &negated, &e) == -1);
		AUTO_FREE char *want = xasprintf("unknown property '%s' (did "
		    "you mean '%s'?)", typos[i][0], typos[i][1]);
		ATF_CHECK_STREQ(want, e.msg);
	}
	for (size_t i = 0; i < COUNT(far); i++)
		ATF_CHECK_MSG(prop_nearest(far[i]) == NULL, "'%s': %s",
		    far[i], prop_nearest(far[i]));
}

/* Junk from a file or a network does not reach a terminal. */
ATF_TC_WITHOUT_HEAD(unknown_name_is_shown_safely);
ATF_TC_BODY(unknown_name_is_shown_safely, tc)
{
	const struct prop *p = NULL;
	struct error e = ERROR_INIT;
	bool negated;
	char huge[5000];

	ATF_CHECK_EQ(prop_resolve("a\x1b[31mb", &p, &negated, &e), -1);
	ATF_CHECK_STREQ("unknown property", e.msg);
	memset(huge, 'n', sizeof(huge));
	huge[sizeof(huge) - 1] = '\0';
	huge[1] = 'o';
	ATF_CHECK_EQ(prop_resolve(huge, &p, &negated, &e), -1);
	ATF_CHECK(strlen(e.msg) < 200);
}

ATF_TC_WITHOUT_HEAD(type_text);
ATF_TC_BODY(type_text, tc)
{
	static const char *const want[][2] = { { "boot", "on|off" },
	    { "securelevel", "-1..3" }, { "jid", "number" },
	    { "limit.memory", "size" }, { "stop.timeout", "duration" },
	    { "note", "text" }, { "sysvmsg", "disable|new|inherit" },
	    { "tag", "list of name" }, { "exec.start", "list of command" },
	    { "host.hostname", "hostname" }, { "env", "list of NAME=VALUE" },
	    { "ip4.addr", "list of [interface|]address[/prefix]" },
	    { "mount.fstab", "path" } };

	for (size_t i = 0; i < COUNT(want); i++) {
		AUTO_FREE char *text = prop_type_text(prop_find(want[i][0]));

		ATF_CHECK_STREQ(want[i][1], text);
	}
	for (size_t i = 0; i < prop_count; i++) {
		AUTO_FREE char *text = prop_type_text(&prop_table[i]);

		ATF_CHECK(*text != '\0');
	}
	ATF_CHECK_STREQ("live", prop_when(prop_find("tag")));
	ATF_CHECK_STREQ("create", prop_when(prop_find("release")));
	ATF_CHECK_STREQ("next start", prop_when(prop_find("securelevel")));
	ATF_CHECK_STREQ("read-only", prop_when(prop_find("jid")));
}

/* A long value is cut for the message, but between characters. */
ATF_TC_WITHOUT_HEAD(messages_are_utf8);
ATF_TC_BODY(messages_are_utf8, tc)
{
	AUTO_STRINGS struct strings out = VEC_INIT;
	struct error e = ERROR_INIT;
	char value[257] = "";

	for (size_t i = 0; i < 64; i++)
		memcpy(value + 4 * i + 1, "\xf0\x9f\x98\x80", 4 - (i == 63));
	*value = 'x';
	value[253] = '\0';
	ATF_CHECK_EQ(parse("mount.fstab", value, &out, &e), -1);
	ATF_CHECK_EQ(prop_check_text(e.msg, false, &e), 0);
	ATF_CHECK(strstr(e.msg, "?' is not an absolute path") != NULL);
}

/* Output is all or nothing. */
ATF_TC_WITHOUT_HEAD(error_leaves_out_alone);
ATF_TC_BODY(error_leaves_out_alone, tc)
{
	AUTO_STRINGS struct strings out = VEC_INIT;
	struct error e = ERROR_INIT;

	strings_add(&out, "before");
	ATF_CHECK_EQ(parse("tag", "a\x01" "b\x01" "c/d", &out, &e), -1);
	ATF_CHECK_EQ(out.count, 1);
	ATF_CHECK_EQ(e.kind, ERROR_CONFIG);
	ATF_CHECK_STREQ("tag: 'c/d' cannot be the name of a tag: only A-Z a-z "
	    "0-9 . _ - may stand in it", e.msg);
	ATF_CHECK_EQ(parse("tag", "a\x01" "b", &out, &e), 0);
	ATF_CHECK_EQ(out.count, 3);
	ATF_CHECK_STREQ("b", out.items[2]);
}

/* A variable's value may be a secret: no message shows it. */
ATF_TC_WITHOUT_HEAD(secrets_stay_secret);
ATF_TC_BODY(secrets_stay_secret, tc)
{
	static const char *const bad[] = { "0A=hunter2", "hunter2", "=hunter2",
	    "A B=hunter2", "A=hunter2\x1b", "A=hunter2\nB" };

	for (size_t i = 0; i < COUNT(bad); i++) {
		AUTO_STRINGS struct strings out = VEC_INIT;
		struct error e = ERROR_INIT;

		ATF_CHECK_EQ(parse("env", bad[i], &out, &e), -1);
		ATF_CHECK_MSG(strstr(e.msg, "hunter2") == NULL, "%s", e.msg);
	}
	ATF_CHECK(prop_find("env")->flags & PROP_SECRET);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, table_sorted);
	ATF_TP_ADD_TC(tp, table_rows);
	ATF_TP_ADD_TC(tp, defaults_are_valid);
	ATF_TP_ADD_TC(tp, defaults_of_note);
	ATF_TP_ADD_TC(tp, linux_honours);
	ATF_TP_ADD_TC(tp, find);
	ATF_TP_ADD_TC(tp, resolve);
	ATF_TP_ADD_TC(tp, negation_parses);
	ATF_TP_ADD_TC(tp, nearest);
	ATF_TP_ADD_TC(tp, unknown_name_is_shown_safely);
	ATF_TP_ADD_TC(tp, type_text);
	ATF_TP_ADD_TC(tp, messages_are_utf8);
	ATF_TP_ADD_TC(tp, error_leaves_out_alone);
	ATF_TP_ADD_TC(tp, secrets_stay_secret);
	return atf_no_error();
}
