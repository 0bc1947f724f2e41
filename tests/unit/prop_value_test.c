/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What each type and each single property takes and refuses. */
#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/prop.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define L32 "a2345678901234567890123456789012"
#define L63 "a23456789012345678901234567890123456789012345678901234567890123"

/*
 * Values in are separated by ";;", none at all is NULL; so are those in out,
 * where NULL means refused and "" an empty list.
 */
struct sample {
	const char *name, *in, *out;
};

static void
split(const char *text, struct strings *values)
{
	while (text != NULL) {
		const char *end = strstr(text, ";;");

		strings_take(values, end == NULL ? xstrdup(text) :
		    xstrndup(text, (size_t)(end - text)));
		text = end == NULL ? NULL : end + 2;
	}
}

static void
check(const struct sample *s)
{
	AUTO_STRINGS struct strings in = VEC_INIT, out = VEC_INIT;
	AUTO_STRINGS struct strings again = VEC_INIT;
	const struct prop *p = prop_find(s->name);
	struct error e = ERROR_INIT;
	int result;

	ATF_REQUIRE_MSG(p != NULL, "no property %s", s->name);
	split(s->in, &in);
	result = prop_parse(p, &in, &out, &e);
	AUTO_FREE char *joined = strings_join(&out, ";;");
	if (s->out == NULL) {
		ATF_CHECK_MSG(result == -1, "%s = '%s' gives '%s'", s->name,
		    s->in, joined);
		ATF_CHECK_EQ(e.kind, ERROR_CONFIG);
		ATF_CHECK_EQ(out.count, 0);
		ATF_CHECK_MSG(strncmp(e.msg, p->name, strlen(p->name)) == 0,
		    "%s", e.msg);
		return;
	}
	ATF_CHECK_MSG(result == 0, "%s = '%s': %s", s->name, s->in, e.msg);
	ATF_CHECK_STREQ_MSG(s->out, joined, "%s", s->name);
	/* canonical is a fixed point */
	ATF_CHECK_EQ(prop_parse(p, &out, &again, &e), 0);
	AUTO_FREE char *rejoined = strings_join(&again, ";;");
	ATF_CHECK_STREQ(joined, rejoined);
}

#define SAMPLES(test, ...)                                             \
	ATF_TC_WITHOUT_HEAD(test);                                     \
	ATF_TC_BODY(test, tc)                                          \
	{                                                              \
		static const struct sample samples[] = { __VA_ARGS__ }; \
                                                                       \
		for (size_t i = 0; i < COUNT(samples); i++)            \
			check(&samples[i]);                            \
	}

/* clang-format off */
SAMPLES(booleans,
    { "boot", "on", "on" }, { "boot", "yes", "on" }, { "boot", "TRUE", "on" },
    { "boot", "1", "on" }, { "boot", "enable", "on" }, { "boot", NULL, "on" },
    { "boot", "off", "off" }, { "boot", "no", "off" },
    { "boot", "False", "off" }, { "boot", "0", "off" },
    { "boot", "disable", "off" }, { "boot", "", NULL },
    { "boot", "2", NULL }, { "boot", "oui", NULL }, { "boot", "on ", NULL },
    { "boot", " on", NULL }, { "boot", "on,off", NULL },
    { "boot", "on;;on", NULL }, { "boot", "on\n", NULL },
    { "allow.mount.p9fs", "true", "on" }, { "persist", "maybe", NULL })

SAMPLES(integers,
    { "securelevel", "-1", "-1" }, { "securelevel", "3", "3" },
    { "securelevel", "-0", "0" }, { "securelevel", "002", "2" },
    { "securelevel", "4", NULL }, { "securelevel", "-2", NULL },
    { "securelevel", "", NULL }, { "securelevel", NULL, NULL },
    { "securelevel", "1.0", NULL }, { "securelevel", "+1", NULL },
    { "securelevel", "0x1", NULL }, { "securelevel", " 1", NULL },
    { "securelevel", "--1", NULL }, { "securelevel", "1;;2", NULL },
    { "enforce_statfs", "0", "0" }, { "enforce_statfs", "3", NULL },
    { "enforce_statfs", "-1", NULL }, { "enforce_statfs", "12", NULL },
    { "children.max", "999999", "999999" },
    { "children.max", "1000000", NULL },
    { "priority", "0", "0" }, { "priority", "99", "99" },
    { "priority", "100", NULL }, { "priority", "a1", NULL },
    { "devfs_ruleset", "65535", "65535" }, { "devfs_ruleset", "65536", NULL },
    { "host.hostid", "4294967295", "4294967295" },
    { "host.hostid", "4294967296", NULL },
    { "host.hostid", "99999999999999999999999", NULL },
    { "zfs.mount_snapshot", "1", "1" }, { "zfs.mount_snapshot", "2", NULL },
    { "limit.processes", "9223372036854775807", "9223372036854775807" },
    { "limit.processes", "9223372036854775808", NULL },
    { "limit.processes", "0", NULL },
    { "idmap", "100000", "100000" }, { "idmap", "4294901761", NULL },
    { "exec.fib", "0", "0" }, { "exec.fib", "65536", NULL })

SAMPLES(read_only,
    { "jid", "1", NULL }, { "jid", NULL, NULL }, { "name", "web", NULL },
    { "path", "/", NULL }, { "dying", "on", NULL }, { "parent", "0", NULL },
    { "children.cur", "0", NULL }, { "cpuset.id", "1", NULL })

SAMPLES(sizes,
    { "limit.memory", "512M", "512M" }, { "limit.memory", "1.5G", "1.5G" },
    { "limit.memory", "1048576", "1048576" },
    { "limit.memory", "10GiB", "10GiB" }, { "limit.memory", "1gb", "1gb" },
    { "limit.memory", "512", NULL }, { "limit.memory", "1023K", NULL },
    { "limit.memory", "0", NULL }, { "limit.memory", "", NULL },
    { "limit.memory", "-1G", NULL }, { "limit.memory", "1X", NULL },
    { "limit.memory", "1 G", NULL }, { "limit.memory", "G", NULL },
    { "limit.memory", "1G,2G", NULL }, { "limit.memory", "99999E", NULL },
    { "limit.memory", "infinity", NULL },
    { "limit.swap", "0", "0" }, { "limit.io.read.bps", "1M", "1M" },
    { "limit.io.read.bps", "0", NULL })

SAMPLES(durations,
    { "stop.timeout", "10", "10" }, { "stop.timeout", "500ms", "500ms" },
    { "stop.timeout", "1h30m", "1h30m" }, { "stop.timeout", "0", "0" },
    { "stop.timeout", "30d", "30d" }, { "stop.timeout", "31d", NULL },
    { "stop.timeout", "99999999999999", NULL },
    { "stop.timeout", "-1", NULL }, { "stop.timeout", "", NULL },
    { "stop.timeout", "10x", NULL }, { "stop.timeout", "s", NULL },
    { "stop.timeout", "10 s", NULL }, { "stop.timeout", "never", NULL },
    { "exec.timeout", "60", "60" }, { "exec.timeout", NULL, NULL },
    { "health.interval", "1s", "1s" }, { "health.interval", "999ms", NULL },
    { "health.start_period", "0", "0" })

SAMPLES(enums,
    { "sysvmsg", "new", "new" }, { "sysvmsg", "Inherit", "inherit" },
    { "sysvmsg", "disable", "disable" }, { "sysvmsg", NULL, "new" },
    { "sysvmsg", "", NULL }, { "sysvmsg", "ne", NULL },
    { "sysvmsg", "newer", NULL }, { "sysvmsg", "on", NULL },
    { "sysvmsg", "new;;new", NULL },
    { "vnet", NULL, "new" }, { "vnet", "new", "new" },
    { "vnet", "inherit", "inherit" }, { "vnet", "disable", "inherit" },
    { "host", "disable", NULL }, { "linux", "disable", NULL },
    { "type", "thin", "thin" }, { "type", "fat", NULL },
    { "type", NULL, NULL },
    { "net", "none", "none" }, { "net", "inherit", "inherit" },
    { "net", "lan,em1|10.0.0.1/24", "lan;;em1|10.0.0.1/24" },
    { "net", "lan mtu=9000", "lan mtu=9000" }, { "net", "a/b", NULL },
    { "net", "lan mtu=67", NULL }, { "net", "em0|10.0.0.1", NULL })

SAMPLES(names,
    { "depend", "web,db", "web;;db" }, { "depend", "web, db", "web;;db" },
    { "depend", " web\t,db ", "web;;db" }, { "depend", "web;;db", "web;;db" },
    { "depend", "web", "web" }, { "depend", "", "" }, { "depend", NULL, "" },
    { "depend", "web,", NULL }, { "depend", ",web", NULL },
    { "depend", "a,,b", NULL }, { "depend", ",", NULL },
    { "depend", " ", NULL }, { "depend", "web;;", NULL },
    { "depend", "a b", NULL }, { "depend", "ALL", NULL },
    { "depend", "12", NULL }, { "depend", "../x", NULL },
    { "tag", "2026", "2026" }, { "tag", "prod;;eu,dmz", "prod;;eu;;dmz" },
    { "tag", "@prod", NULL }, { "tag", L63, L63 }, { "tag", L63 "4", NULL },
    { "release", "14.3-RELEASE", "14.3-RELEASE" },
    { "release", "debian-12", "debian-12" }, { "release", "12", "12" },
    { "release", "a,b", NULL }, { "release", "", NULL },
    { "store", "zfs", "zfs" }, { "store", "a/b", NULL })

SAMPLES(paths,
    { "mount.fstab", "/etc/fstab.web", "/etc/fstab.web" },
    { "mount.fstab", "/a b/c", "/a b/c" }, { "mount.fstab", "/", "/" },
    { "mount.fstab", "/a/..b/c..", "/a/..b/c.." },
    { "mount.fstab", "/a/...", "/a/..." }, { "mount.fstab", "/.", "/." },
    { "mount.fstab", "/\xc3\xa4", "/\xc3\xa4" },
    { "mount.fstab", "/a,b", "/a,b" },
    { "mount.fstab", "", NULL }, { "mount.fstab", "a", NULL },
    { "mount.fstab", "./a", NULL }, { "mount.fstab", "/..", NULL },
    { "mount.fstab", "/../a", NULL }, { "mount.fstab", "/a/../b", NULL },
    { "mount.fstab", "/a/..", NULL }, { "mount.fstab", "/a//..", NULL },
    { "mount.fstab", "~/a", NULL }, { "mount.fstab", "/a\n", NULL },
    { "mount.fstab", "/a\x80", NULL }, { "mount.fstab", NULL, NULL })

SAMPLES(commands,
    { "exec.start", "/bin/sh /etc/rc", "/bin/sh /etc/rc" },
    { "exec.start", "a, b, c", "a, b, c" },
    { "exec.start", "a;;b,c", "a;;b,c" }, { "exec.start", "", "" },
    { "exec.start", NULL, "" }, { "exec.start", "a\nb\tc", "a\nb\tc" },
    { "exec.prestart", "if true\nthen echo $a\nfi",
      "if true\nthen echo $a\nfi" },
    { "exec.start", "  ", NULL }, { "exec.start", "a;; ", NULL },
    { "exec.start", "a\x01", NULL }, { "exec.start", "a\x1b[1m", NULL },
    { "exec.start", "a\r\n", NULL }, { "exec.start", "\xff", NULL },
    { "health.command", "true", "true" }, { "health.command", "", NULL },
    { "health.command", "a;;b", NULL })

SAMPLES(host_names,
    { "host.hostname", "web", "web" },
    { "host.hostname", "web.example.org", "web.example.org" },
    { "host.hostname", "WEB-1", "WEB-1" }, { "host.hostname", "1a", "1a" },
    { "host.hostname", "10.0.0.1", "10.0.0.1" },
    { "host.hostname", L63, L63 }, { "host.hostname", L63 "." L63,
      L63 "." L63 },
    { "host.hostname", L63 "." L63 "." L63 "." L32 "a23456789012345678901234567"
      "89", L63 "." L63 "." L63 "." L32 "a2345678901234567890123456789" },
    { "host.hostname", L63 "." L63 "." L63 "." L32 "a23456789012345678901234567"
      "890", NULL },
    { "host.hostname", L63 "." L63 "." L63 "." L63, NULL },
    { "host.hostname", L63 "4", NULL }, { "host.hostname", "", NULL },
    { "host.hostname", "-a", NULL }, { "host.hostname", "a-", NULL },
    { "host.hostname", "a.-b", NULL }, { "host.hostname", "a-.b", NULL },
    { "host.hostname", ".a", NULL }, { "host.hostname", "a.", NULL },
    { "host.hostname", "a..b", NULL }, { "host.hostname", "a_b", NULL },
    { "host.hostname", "a b", NULL }, { "host.hostname", "a\nb", NULL },
    { "host.hostname", "\xc3\xa4", NULL }, { "host.hostname", "a/b", NULL },
    { "host.hostname", NULL, NULL },
    { "host.domainname", "example.org", "example.org" })

SAMPLES(addresses_4,
    { "ip4.addr", "10.0.0.1", "10.0.0.1" },
    { "ip4.addr", "10.0.0.1/24", "10.0.0.1/24" },
    { "ip4.addr", "em0|10.0.0.1/24", "em0|10.0.0.1/24" },
    { "ip4.addr", "em0.5|10.0.0.1", "em0.5|10.0.0.1" },
    { "ip4.addr", "10.0.0.1/255.255.255.0", "10.0.0.1/24" },
    { "ip4.addr", "10.0.0.1/255.255.255.255", "10.0.0.1/32" },
    { "ip4.addr", "10.0.0.1/0.0.0.0", "10.0.0.1/0" },
    { "ip4.addr", "10.0.0.1/0", "10.0.0.1/0" },
    { "ip4.addr", "10.0.0.1/032", "10.0.0.1/32" },
    { "ip4.addr", "10.0.0.1, 10.0.0.2;;10.0.0.3",
      "10.0.0.1;;10.0.0.2;;10.0.0.3" },
    { "ip4.addr", "", "" }, { "ip4.addr", NULL, "" },
    { "ip4.addr", "10.0.0.1/33", NULL }, { "ip4.addr", "10.0.0.1/", NULL },
    { "ip4.addr", "10.0.0.1/-1", NULL }, { "ip4.addr", "10.0.0/24", NULL },
    { "ip4.addr", "10.0.0.1/255.0.255.0", NULL },
    { "ip4.addr", "10.0.0.256", NULL }, { "ip4.addr", "10.0.0.01", NULL },
    { "ip4.addr", "010.0.0.1", NULL }, { "ip4.addr", "::1", NULL },
    { "ip4.addr", "|10.0.0.1", NULL }, { "ip4.addr", "em0|", NULL },
    { "ip4.addr", "a23456789012345|10.0.0.1", "a23456789012345|10.0.0.1" },
    { "ip4.addr", "a234567890123456|10.0.0.1", NULL },
    { "ip4.addr", "em 0|10.0.0.1", NULL }, { "ip4.addr", "e/m|10.0.0.1", NULL },
    { "ip4.addr", "e\x7fm|10.0.0.1", NULL },
    { "ip4.addr", "...|10.0.0.1", "...|10.0.0.1" },
    { "ip4.addr", "..|10.0.0.1", NULL }, { "ip4.addr", ".|10.0.0.1", NULL },
    { "ip4.addr", "em0|lo0|10.0.0.1", NULL },
    { "ip4.addr", "10.0.0.1 alias", NULL }, { "ip4.addr", "localhost", NULL },
    { "ip4.addr", "10.0.0.1,", NULL }, { "ip4.addr", "0x0a.0.0.1", NULL })

SAMPLES(addresses_6,
    { "ip6.addr", "::1", "::1" }, { "ip6.addr", "::", "::" },
    { "ip6.addr", "FD00::0001/64", "fd00::1/64" },
    { "ip6.addr", "fd00:0:0:0:0:0:0:1", "fd00::1" },
    { "ip6.addr", "em0|fd00::1/128", "em0|fd00::1/128" },
    { "ip6.addr", "::ffff:10.0.0.1", "::ffff:10.0.0.1" },
    { "ip6.addr", "fd00::1,fd00::2", "fd00::1;;fd00::2" },
    { "ip6.addr", "fd00::1/129", NULL }, { "ip6.addr", "fd00::1/", NULL },
    { "ip6.addr", "fd00::1%em0", NULL }, { "ip6.addr", "fe80::1::2", NULL },
    { "ip6.addr", "10.0.0.1", NULL }, { "ip6.addr", "fd00::g", NULL },
    { "ip6.addr", "[fd00::1]", NULL }, { "ip6.addr", "1:2:3", NULL },
    { "ip6.addr", "fd00::1/255.255.0.0", NULL },
    { "ip6.addr", "|::1", NULL },
    { "ip6.addr", "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
      NULL })

SAMPLES(variables,
    { "env", "A=b", "A=b" }, { "env", "A=", "A=" }, { "env", "_a1=x=y",
      "_a1=x=y" },
    { "env", "A=b, c=d", "A=b, c=d" }, { "env", "A=b;;C=d", "A=b;;C=d" },
    { "env", "A=\xc3\xa4 \t$x", "A=\xc3\xa4 \t$x" }, { "env", "", "" },
    { "env", NULL, "" }, { "env", "A", NULL }, { "env", "=b", NULL },
    { "env", "1A=b", NULL }, { "env", "A-B=c", NULL }, { "env", "A.B=c", NULL },
    { "env", " A=b", NULL }, { "env", "A =b", NULL }, { "env", "A=b\n", NULL },
    { "env", "A=\x01", NULL }, { "env", "\xc3\xa4=b", NULL },
    { "meta", "a.b-c=d", "a.b-c=d" }, { "meta", "plain", NULL },
    { "meta.owner", "anyone, really", "anyone, really" },
    { "meta.owner", "", "" }, { "meta.owner", "a\nb", NULL })

SAMPLES(mounts,
    { "mount", "/a /b nullfs rw", "/a /b nullfs rw" },
    { "mount", "/a /b nullfs rw,noexec 0 0", "/a /b nullfs rw,noexec 0 0" },
    { "mount", "\t/a  /b\tnullfs  ro  0", "\t/a  /b\tnullfs  ro  0" },
    { "mount", "tmpfs /tmp tmpfs rw,size=64M", "tmpfs /tmp tmpfs rw,size=64M" },
    { "mount", "proc /proc procfs rw", "proc /proc procfs rw" },
    { "mount", "tank/x /x zfs rw", "tank/x /x zfs rw" },
    { "mount", "/a /b nullfs rw;;/c /d nullfs ro",
      "/a /b nullfs rw;;/c /d nullfs ro" },
    { "mount", "", "" }, { "mount", "/a /b nullfs", NULL },
    { "mount", "/a /b", NULL }, { "mount", "/a", NULL },
    { "mount", " ", NULL }, { "mount", "/a /b ext4 rw", NULL },
    { "mount", "/a b nullfs rw", NULL }, { "mount", "a /b nullfs rw", NULL },
    { "mount", "/a /b/../c nullfs rw", NULL },
    { "mount", "/a/.. /b nullfs rw", NULL },
    { "mount", "/a /b nullfs rw x 0", NULL },
    { "mount", "/a /b nullfs rw 0 y", NULL },
    { "mount", "/a /b nullfs rw 0 0 0", NULL },
    { "mount", "/a /b nullfs rw\n/c /d nullfs rw", NULL },
    { "mount", "/a,/b", NULL })

SAMPLES(texts,
    { "note", "a\nb\n", "a\nb\n" }, { "note", "", "" },
    { "note", "a, b", "a, b" }, { "note", "\xe2\x82\xac", "\xe2\x82\xac" },
    { "note", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
    { "note", "\x1b[2J", NULL }, { "note", "a\x07", NULL },
    { "note", "\x7f", NULL }, { "note", "\xc2\x9b" "2J", NULL },
    { "note", "\xc0\xaf", NULL }, { "note", "\xe0\x80\xaf", NULL },
    { "note", "\xed\xa0\x80", NULL }, { "note", "\xf4\x90\x80\x80", NULL },
    { "note", "\xe2\x82", NULL }, { "note", "\xf5\x80\x80\x80", NULL },
    { "note", "\xc2\xa9", "\xc2\xa9" }, { "note", "\xc1\xbf", NULL },
    { "note", "\xed\x9f\xbf", "\xed\x9f\xbf" },
    { "note", "\xed\xbf\xbf", NULL },
    { "note", "\xee\x80\x80", "\xee\x80\x80" },
    { "note", "\xc2\x80", NULL }, { "note", "\xc2\xa0", "\xc2\xa0" },
    { "note", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
    { "note", "\xf0\x8f\xbf\xbf", NULL },
    { "note", "\x80", NULL }, { "note", "a;;b", NULL },
    { "osrelease", "14.3-RELEASE", "14.3-RELEASE" },
    { "osrelease", "a\x7f", NULL }, { "osrelease", "a b", NULL }, { "osrelease", "", NULL },
    { "host.hostuuid", "a-b-c", "a-b-c" }, { "host.hostuuid", L63, L63 },
    { "host.hostuuid", L63 "4", NULL }, { "host.hostuuid", "a b", NULL },
    { "zfs.compression", "lz4", "lz4" }, { "zfs.quota", "a\nb", NULL })

SAMPLES(own_syntax,
    { "exec.jail_user", "www", "www" }, { "exec.jail_user", "80:80", "80:80" },
    { "exec.jail_user", "www:wheel", "www:wheel" },
    { "exec.jail_user", L32, L32 }, { "exec.jail_user", L32 "x", NULL },
    { "exec.jail_user", "a:" L32, "a:" L32 },
    { "exec.jail_user", "a:" L32 "x", NULL },
    { "exec.jail_user", "vm$", "vm$" }, { "exec.jail_user", "$", NULL },
    { "exec.jail_user", "", NULL }, { "exec.jail_user", "a:", NULL },
    { "exec.jail_user", ":a", NULL }, { "exec.jail_user", "a:b:c", NULL },
    { "exec.jail_user", "-a", NULL }, { "exec.jail_user", "a b", NULL },
    { "restart", "no", "no" }, { "restart", "always", "always" },
    { "restart", "on-failure", "on-failure" },
    { "restart", "on-failure:5", "on-failure:5" },
    { "restart", "on-failure:0", NULL }, { "restart", "on-failure:", NULL },
    { "restart", "on-failure:1001", NULL }, { "restart", "yes", NULL },
    { "restart", "always:5", NULL }, { "restart", "", NULL },
    { "publish", "8080:80/tcp", "8080:80/tcp" },
    { "publish", "53:53/udp,8080:80", "53:53/udp;;8080:80" },
    { "publish", "127.0.0.1:8080:80", "127.0.0.1:8080:80" },
    { "publish", "[fd00::1]:8080:80/tcp", "[fd00::1]:8080:80/tcp" },
    { "publish", "8000-8010:9000-9010", "8000-8010:9000-9010" },
    { "publish", "8000-8010:9000-9011", NULL },
    { "publish", "8010-8000:9000-9010", NULL },
    { "publish", "80", "80" }, { "publish", "80:", NULL },
    { "publish", "10000-10100/udp from 10.0.0.0/8 log",
	"10000-10100/udp from 10.0.0.0/8 log" },
    { "publish", "80 from", NULL }, { "publish", "80 from x", NULL },
    { "publish", "0.0.0.0:80 from fd00::/8", NULL },
    { "publish", ":80", NULL }, { "publish", "0:80", NULL },
    { "publish", "65535:1", "65535:1" }, { "publish", "000080:80", NULL },
    { "publish", "65536:80", NULL }, { "publish", "80:80/icmp", NULL },
    { "publish", "80:80/", NULL }, { "publish", "1.2.3:80:80", NULL },
    { "publish", "[::1:80:80", NULL }, { "publish", "[::1]", NULL },
    { "publish", "80:80:80", NULL }, { "publish", "1-2-3:1-2", NULL },
    { "limit.cpu", "2", "2" }, { "limit.cpu", "0.5", "0.5" },
    { "limit.cpu", "150%", "150%" }, { "limit.cpu", "0", NULL },
    { "limit.cpu", "0.0%", NULL }, { "limit.cpu", "1.", NULL },
    { "limit.cpu", ".5", NULL }, { "limit.cpu", "%", NULL },
    { "limit.cpu", "-1", NULL }, { "limit.cpu", "1%%", NULL },
    { "limit.rctl", "nthr:deny=500", "nthr:deny=500" },
    { "limit.rctl", "openfiles:log=1K/process", "openfiles:log=1K/process" },
    { "limit.rctl", "nthr:deny", NULL }, { "limit.rctl", "nthr=5", NULL },
    { "limit.rctl", "a:b=1/", NULL }, { "limit.rctl", "jail:x:a:b=1", NULL },
    { "limit.cpuset", "0-3,5", "0-3;;5" }, { "limit.cpuset", "3-0", NULL },
    { "limit.cpuset", "a", NULL }, { "limit.cpuset", "1-", NULL },
    { "limit.cpuset", "4096", NULL }, { "limit.cpuset", "-1", NULL },
    { "device", "bpf*,/dev/fuse", "bpf*;;/dev/fuse" },
    { "device", "/etc/passwd", NULL }, { "device", "../mem", NULL },
    { "device", "", "" }, { "device", "a b", NULL },
    { "snapshot.schedule", "daily", "daily" },
    { "snapshot.schedule", "*/5 0,12 * * 1-5", "*/5 0,12 * * 1-5" },
    { "snapshot.schedule", "* * * *", NULL },
    { "snapshot.schedule", "* * * * * *", NULL },
    { "snapshot.schedule", "@daily", NULL },
    { "snapshot.schedule", "", NULL },
    { "vnet.interface", "e0b_web,em1", "e0b_web;;em1" },
    { "vnet.interface", "a234567890123456", NULL },
    { "interface", "em0", "em0" }, { "interface", "em0,em1", NULL },
    { "zfs.dataset", "tank/web/data", "tank/web/data" },
    { "zfs.dataset", "/tank", NULL }, { "zfs.dataset", "tank/", NULL },
    { "zfs.dataset", "tank//a", NULL }, { "zfs.dataset", "tank@x", NULL })
/* clang-format on */

ATF_TC_WITHOUT_HEAD(long_values);
ATF_TC_BODY(long_values, tc)
{
	AUTO_STRINGS struct strings in = VEC_INIT, out = VEC_INIT;
	struct error e = ERROR_INIT;
	char *text = xcalloc(1, 65537);

	memset(text, 'x', 65536);
	strings_take(&in, text);
	ATF_CHECK_EQ(prop_parse(prop_find("note"), &in, &out, &e), -1);
	ATF_CHECK_STREQ("note: the value is longer than 65535 bytes", e.msg);
	text[65535] = '\0';
	ATF_CHECK_EQ(prop_parse(prop_find("note"), &in, &out, &e), 0);
	ATF_CHECK_EQ(prop_parse(prop_find("mount"), &in, &out, &e), -1);
	ATF_CHECK_EQ(prop_parse(prop_find("tag"), &in, &out, &e), -1);
	text[0] = '/';
	ATF_CHECK_EQ(prop_parse(prop_find("mount.fstab"), &in, &out, &e), -1);
}

/* A newline is a common slip of quoting: it has a message of its own. */
ATF_TC_WITHOUT_HEAD(newline_message);
ATF_TC_BODY(newline_message, tc)
{
	AUTO_STRINGS struct strings in = VEC_INIT, out = VEC_INIT;
	struct error e = ERROR_INIT;

	strings_add(&in, "a\nb");
	ATF_CHECK_EQ(prop_parse(prop_find("tag"), &in, &out, &e), -1);
	ATF_CHECK_STREQ("tag: a value of several lines is not possible here",
	    e.msg);
	in.items[0][1] = 0x0b;
	ATF_CHECK_EQ(prop_parse(prop_find("tag"), &in, &out, &e), -1);
	ATF_CHECK_STREQ("tag: the value is not plain UTF-8 text (byte 0x0b)",
	    e.msg);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, newline_message);
	ATF_TP_ADD_TC(tp, booleans);
	ATF_TP_ADD_TC(tp, integers);
	ATF_TP_ADD_TC(tp, read_only);
	ATF_TP_ADD_TC(tp, sizes);
	ATF_TP_ADD_TC(tp, durations);
	ATF_TP_ADD_TC(tp, enums);
	ATF_TP_ADD_TC(tp, names);
	ATF_TP_ADD_TC(tp, paths);
	ATF_TP_ADD_TC(tp, commands);
	ATF_TP_ADD_TC(tp, host_names);
	ATF_TP_ADD_TC(tp, addresses_4);
	ATF_TP_ADD_TC(tp, addresses_6);
	ATF_TP_ADD_TC(tp, variables);
	ATF_TP_ADD_TC(tp, mounts);
	ATF_TP_ADD_TC(tp, texts);
	ATF_TP_ADD_TC(tp, own_syntax);
	ATF_TP_ADD_TC(tp, long_values);
	return atf_no_error();
}
