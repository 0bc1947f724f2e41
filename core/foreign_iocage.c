/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * A jail of iocage: config.json, one flat object that has only what differs
 * from iocage's defaults (or all of it), and fstab.
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/foreign.h"

struct setting {
	char *key, *value;	/* numbers and words as they stand */
};
struct settings {
	struct setting *items;
	size_t count, cap;
};

static void
settings_fini(struct settings *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->items[i].key);
		free(s->items[i].value);
	}
	VEC_FINI(s);
}

static void
skip_space(const char **p)
{
	*p += strspn(*p, " \t\r\n");
}

static int
unreadable(struct error *e)
{
	return error_set(e, ERROR_DATA, "config.json cannot be read");
}

/* A string; of \u only what is ASCII, the rest is written as it is. */
static int
take_string(const char **p, struct buf *out, struct error *e)
{
	static const char escapes[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";

	if (*(*p)++ != '"')
		return unreadable(e);
	for (; **p != '"'; (*p)++) {
		const char *escape;

		if ((unsigned char)**p < ' ')
			return unreadable(e);
		if (**p != '\\') {
			buf_putc(out, **p);
			continue;
		}
		(*p)++;
		if (**p == 'u') {
			AUTO_FREE char *digits = xstrndup(*p + 1, 4);
			char *end;
			unsigned long c = strtoul(digits, &end, 16);

			if (strlen(digits) != 4 || *end != '\0' || c < ' ' ||
			    c > '~')
				return unreadable(e);
			buf_putc(out, (char)c);
			*p += 4;
			continue;
		}
		escape = **p == '\0' ? NULL : strchr(escapes, **p);
		if (escape == NULL)
			return unreadable(e);
		buf_putc(out, bytes[escape - escapes]);
	}
	(*p)++;
	return 0;
}

static int
take_value(const char **p, struct buf *out, struct error *e)
{
	size_t len;

	if (**p == '"')
		return take_string(p, out, e);
	len = strspn(*p, "abcdefghijklmnopqrstuvwxyz0123456789.+-E");
	if (len == 0)
		return unreadable(e);
	buf_append(out, *p, len);
	*p += len;
	return 0;
}

static int
parse(const char *p, struct settings *s, struct error *e)
{
	skip_space(&p);
	if (*p++ != '{')
		return unreadable(e);
	skip_space(&p);
	if (*p == '}')
		return 0;
	for (;;) {
		AUTO_BUF struct buf key = BUF_INIT, value = BUF_INIT;

		skip_space(&p);
		if (take_string(&p, &key, e) < 0)
			return -1;
		skip_space(&p);
		if (*p++ != ':')
			return unreadable(e);
		skip_space(&p);
		if (take_value(&p, &value, e) < 0)
			return -1;
		VEC_PUSH(s, (struct setting){ xstrdup(buf_text(&key)),
		    xstrdup(buf_text(&value)) });
		skip_space(&p);
		if (*p == '}')
			return 0;
		if (*p++ != ',')
			return unreadable(e);
	}
}

static const char *
find(const struct settings *s, const char *key, const char *fallback)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->items[i].key, key) == 0)
			return s->items[i].value;
	return fallback;
}

static bool
is_on(const struct settings *s, const char *key)
{
	const char *v = find(s, key, "0");

	return strcmp(v, "1") == 0 || strcmp(v, "on") == 0 ||
	    strcmp(v, "yes") == 0 || strcmp(v, "true") == 0;
}

/* What iocage writes where there is nothing. */
static bool
is_nothing(const char *v)
{
	return *v == '\0' || strcmp(v, "none") == 0 || strcmp(v, "off") == 0 ||
	    strcmp(v, "/usr/bin/true") == 0;
}

/* Keys with the same meaning under another name, and iocage's default where
 * gaol has another one. */
static const struct {
	const char *key, *prop, *fallback;
} same[] = {
	{ "boot", "boot", NULL },
	{ "priority", "priority", NULL },
	{ "notes", "note", NULL },
	{ "comment", "note", NULL },
	{ "host_hostname", "host.hostname", NULL },
	{ "host_domainname", "host.domainname", NULL },
	{ "securelevel", "securelevel", "2" },
	{ "enforce_statfs", "enforce_statfs", NULL },
	{ "children_max", "children.max", NULL },
	{ "sysvmsg", "sysvmsg", "new" },
	{ "sysvsem", "sysvsem", "new" },
	{ "sysvshm", "sysvshm", "new" },
	{ "exec_start", "exec.start", "/bin/sh /etc/rc" },
	{ "exec_stop", "exec.stop", "/bin/sh /etc/rc.shutdown" },
	{ "exec_clean", "exec.clean", NULL },
	{ "exec_timeout", "exec.timeout", "60" },
	{ "stop_timeout", "stop.timeout", "30" },
	{ "exec_fib", "exec.fib", NULL },
	{ "mount_devfs", "mount.devfs", NULL },
	{ "mount_fdescfs", "mount.fdescfs", "1" },
	{ "mount_procfs", "mount.procfs", NULL },
	{ "cpuset", "limit.cpuset", NULL },
	{ "quota", "limit.disk", NULL },
	{ "reservation", "zfs.reservation", NULL },
	{ "ip_hostname", "ip_hostname", NULL },
	{ "ip4_saddrsel", "ip4.saddrsel", NULL },
	{ "ip6_saddrsel", "ip6.saddrsel", NULL },
};

/* Of no use elsewhere, dealt with below, or without effect in iocage itself. */
static const char *const silent[] = { "CONFIG_VERSION", "CONFIG_TYPE",
	"host_hostuuid", "jail_zfs_mountpoint", "release", "cloned_release",
	"last_started", "hostid", "hostid_strict_check", "count", "owner",
	"sync_state", "sync_target", "sync_tgt_zpool", "type", "basejail",
	"interfaces", "ip4_addr", "ip6_addr", "ip4", "ip6", "vnet", "dhcp",
	"defaultrouter", "defaultrouter6", "depends", "nat_forwards",
	"vnet_default_mtu", "mac_prefix", "exec_jail_user",
	"exec_system_jail_user", "exec_system_user", "login_flags", "rlimits",
	"compression", "origin", "mountpoint", "compressratio", "available",
	"used", "dedup", "source_template", "plugin_name",
	"plugin_repository", "min_dyn_devfs_ruleset", "nat_prefix",
	"nat_interface", "nat_backend", "bpf", "host_time", "resolver",
	"vnet_default_interface", "jail_zfs_dataset", "persist", "localhost_ip",
	NULL };

static const char *const resources[] = { "cputime", "datasize", "stacksize",
	"coredumpsize", "memoryuse", "memorylocked", "maxproc", "openfiles",
	"vmemoryuse", "pseudoterminals", "swapuse", "nthr", "msgqqueued",
	"msgqsize", "nmsgq", "nsem", "nsemop", "nshm", "shmsize", "wallclock",
	"pcpu", "readbps", "writebps", "readiops", "writeiops", NULL };

static bool
is_in(const char *const *words, const char *word)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static bool
is_same(const char *key)
{
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (strcmp(same[i].key, key) == 0)
			return true;
	return false;
}

static void
set_same(struct foreign *f, const struct settings *s)
{
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		const char *v = find(s, same[i].key, same[i].fallback);

		if (v == NULL || (is_nothing(v) && *same[i].prop != 'm') ||
		    (strcmp(same[i].key, "cpuset") == 0 &&
		    strcmp(v, "all") == 0) ||
		    (strcmp(same[i].key, "exec_fib") == 0 &&
		    strcmp(v, "0") == 0))
			continue;
		foreign_set(f, same[i].prop, v);
	}
}

/* "allow_mount_tmpfs" is allow.mount.tmpfs, "allow_raw_sockets" has its "_". */
static void
set_allow(struct foreign *f, const char *key, const char *value)
{
	const char *rest = key + strlen("allow_");
	bool mount = strncmp(rest, "mount_", 6) == 0;
	AUTO_FREE char *prop = xasprintf("allow.%s%s", mount ? "mount." : "",
	    rest + (mount ? 6 : 0));

	if (strcmp(value, "0") != 0 || strcmp(rest, "set_hostname") == 0)
		foreign_set(f, prop, value);
}

static void
set_other(struct foreign *f, const char *key, const char *value)
{
	if (is_in(silent, key) || is_same(key) || strcmp(value, "0") == 0)
		return;
	if (strcmp(key, "devfs_ruleset") == 0 && strcmp(value, "4") == 0)
		return;
	if (strncmp(key, "exec_", 5) == 0 && !is_nothing(value) && f->local) {
		AUTO_FREE char *prop = xasprintf("exec.%s", key + 5);

		foreign_set(f, prop, value);
	} else if (strncmp(key, "exec_", 5) == 0 && !is_nothing(value))
		foreign_lose(f, key, value, "commands on the host are not "
		    "taken from archives");
	else if (is_in(resources, key) && !is_nothing(value))
		foreign_limit(f, key, value);
	else if (!is_nothing(value) && strcmp(value, "auto") != 0)
		foreign_lose(f, key, value, "gaol has no such setting");
}

/* Addresses "NIC|ADDR" of one interface; "" when there are none. */
static void
addresses_of(const char *text, const char *nic, struct buf *out, bool *dhcp)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *item, *rest = copy;
	size_t len = strlen(nic);

	while ((item = strsep(&rest, ",")) != NULL) {
		const char *bar = strchr(item, '|');

		if (bar != NULL && (strncmp(item, nic, len) != 0 ||
		    item + len != bar))
			continue;
		item += bar != NULL ? bar - item + 1 : 0;
		if (is_nothing(item))
			continue;
		if (strcmp(item, "DHCP") == 0 ||
		    strcmp(item, "accept_rtadv") == 0)
			*dhcp = true;
		else
			buf_printf(out, "%s%s", out->len > 0 ? "," : "",
			    item);
	}
}

/* One "vnet0:bridge0"; inside it is called as the jail's rc.conf knows it. */
static void
set_interface(struct foreign *f, const struct settings *s, char *pair,
    size_t n)
{
	AUTO_BUF struct buf at = BUF_INIT, entry = BUF_INIT;
	const char *nic = strsep(&pair, ":"), *router;
	bool dhcp = is_on(s, "dhcp");

	if (pair == NULL || strcmp(pair, "none") == 0) {
		foreign_lose(f, "interfaces", nic, "it is on no bridge");
		return;
	}
	addresses_of(find(s, "ip4_addr", "none"), nic, &at, &dhcp);
	addresses_of(find(s, "ip6_addr", "none"), nic, &at, &dhcp);
	buf_printf(&entry, "vnet:%s%s%s", pair, at.len > 0 || dhcp ? ":" : "",
	    dhcp ? "dhcp" : buf_text(&at));
	router = find(s, "defaultrouter", "auto");
	if (n == 0 && !is_nothing(router) && strcmp(router, "auto") != 0)
		buf_printf(&entry, " gateway=%s", router);
	buf_printf(&entry, " name=epair%zub", n);
	foreign_add(f, "net", buf_text(&entry));
}

static void
set_network(struct foreign *f, const struct settings *s)
{
	static const char *const kinds[] = { "ip4", "ip6" };
	AUTO_FREE char *pairs = xstrdup(find(s, "interfaces",
	    "vnet0:bridge0"));
	char *pair, *rest = pairs;
	size_t n = 0;

	if (is_on(s, "nat"))
		foreign_lose(f, "nat", "1", "'gaol network create NAME SUBNET "
		    "--nat', and net = NAME, do that");
	if (is_on(s, "vnet")) {
		while ((pair = strsep(&rest, ",")) != NULL)
			set_interface(f, s, pair, n++);
		return;
	}
	if (strcmp(find(s, kinds[0], "new"), "inherit") == 0 ||
	    strcmp(find(s, kinds[1], "new"), "inherit") == 0) {
		foreign_set(f, "net", "inherit");
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		const char *v = find(s, i == 0 ? "ip4_addr" : "ip6_addr",
		    "none");

		if (!is_nothing(v))
			foreign_addresses(f, i == 1, v);
	}
}

/* "tcp(80:8080),udp(53)": inside, then on the host. */
static void
set_forwards(struct foreign *f, const char *text)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *item, *rest = copy;

	while (!is_nothing(text) && (item = strsep(&rest, ",")) != NULL) {
		const char *protocols = strsep(&item, "(");
		const char *inside = item != NULL ? strsep(&item, ":)") :
		    protocols;
		const char *outside = item != NULL && *item != '\0' ?
		    strsep(&item, ")") : inside;

		for (int i = 0; i < 2; i++) {
			const char *protocol = i == 0 ? "tcp" : "udp";
			AUTO_FREE char *value = xasprintf("%s:%s/%s", outside,
			    inside, protocol);

			if (inside == protocols ? i == 0 :
			    strstr(protocols, protocol) != NULL)
				foreign_add(f, "publish", value);
		}
	}
}

static void
set_depend(struct foreign *f, const char *text)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *name, *rest = copy;

	while (!is_nothing(text) && (name = strsep(&rest, " ")) != NULL)
		if (*name != '\0')
			foreign_add(f, "depend", name);
}

int
foreign_iocage(struct foreign *f, struct error *e)
{
	__attribute__((cleanup(settings_fini))) struct settings s = VEC_INIT;

	if (parse(foreign_text(f, "config.json"), &s, e) < 0)
		return -1;
	set_same(f, &s);
	set_network(f, &s);
	set_forwards(f, find(&s, "nat_forwards", "none"));
	set_depend(f, find(&s, "depends", "none"));
	for (size_t i = 0; i < s.count; i++) {
		if (strncmp(s.items[i].key, "allow_", 6) == 0)
			set_allow(f, s.items[i].key, s.items[i].value);
		else
			set_other(f, s.items[i].key, s.items[i].value);
	}
	if (is_on(&s, "jail_zfs"))
		foreign_lose(f, "jail_zfs_dataset", find(&s,
		    "jail_zfs_dataset", ""), "its own datasets are not in "
		    "the jail's files; zfs.dataset names others");
	return foreign_fstab(f, foreign_text(f, "fstab"), e);
}
