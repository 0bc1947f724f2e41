/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* rdr: published ports. */
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "compat/bastille/bastille.h"

struct rule {
	const char *type;	/* "dual", "ipv4", "ipv6" */
	const char *iface, *source, *destination;	/* "any": NULL */
	const char *proto, *from, *to;
	bool log;
};

static const char *
unless_any(const char *word)
{
	return word == NULL || strcmp(word, "any") == 0 ? NULL : word;
}

static bool
is_proto(const char *word)
{
	return strcmp(word, "tcp") == 0 || strcmp(word, "udp") == 0;
}

/* "log" ["(" opts ")"] behind the rule. */
static int
parse_log(const struct compat *c, size_t at, struct rule *r, struct error *e)
{
	const char *word = compat_operand(c, at);

	if (word == NULL)
		return 0;
	if (strcmp(word, "log") != 0)
		return error_set(e, ERROR_USAGE, "rdr: what is '%s'?", word);
	if (compat_operand(c, at + 1) != NULL)
		return error_set(e, ERROR_UNSUPPORTED, "rdr: gaol has no "
		    "options for log; 'log' alone logs each connection");
	r->log = true;
	return 0;
}

/* tcp|udp HPORT JPORT [log], or TYPE IF SRC DST tcp|udp HPORT JPORT [log]. */
static int
parse(const struct compat *c, struct rule *r, struct error *e)
{
	char *const *word = c->operands.items;
	size_t at = is_proto(word[1]) ? 1 : 5;

	*r = (struct rule){ .type = at == 1 ? compat_value(c, "type") :
	    word[1], .iface = compat_value(c, "interface"), .source =
	    unless_any(compat_value(c, "source")), .destination =
	    unless_any(compat_value(c, "destination")) };
	if (r->type == NULL)
		r->type = "dual";
	if (strcmp(r->type, "dual") != 0 && strcmp(r->type, "ipv4") != 0 &&
	    strcmp(r->type, "ipv6") != 0)
		return error_set(e, ERROR_USAGE, "rdr: '%s' is none of dual, "
		    "ipv4, ipv6, tcp, udp, list, clear, reset", r->type);
	if (c->operands.count < at + 3 || !is_proto(word[at]))
		return error_set(e, ERROR_USAGE, "rdr: [TYPE IF SRC DST] "
		    "tcp|udp HOST_PORT JAIL_PORT are needed");
	if (at == 5) {
		r->iface = word[2];
		r->source = unless_any(word[3]);
		r->destination = unless_any(word[4]);
	}
	r->proto = word[at];
	r->from = word[at + 1];
	r->to = word[at + 2];
	return parse_log(c, at + 3, r, e);
}

static char *
port(const struct rule *r, const char *address)
{
	bool six = address != NULL && strchr(address, ':') != NULL;

	return xasprintf("%s%s%s%s%s:%s/%s%s%s%s", six ? "[" : "",
	    address != NULL ? address : "", six ? "]" : "",
	    address != NULL ? ":" : "", r->from, r->to, r->proto,
	    r->source != NULL ? " from " : "",
	    r->source != NULL ? r->source : "", r->log ? " log" : "");
}

/* The addresses of an interface are what its ports are. */
static int
add_interface(const struct rule *r, const char *name, struct strings *ports,
    struct error *e)
{
	bool six = strcmp(r->type, "ipv6") == 0;
	struct ifaddrs *all, *a;
	size_t before = ports->count;

	if (getifaddrs(&all) < 0)
		return error_sys(e, "getifaddrs");
	for (a = all; a != NULL; a = a->ifa_next) {
		struct addr one = ADDR_NONE;
		char text[ADDR_TEXT];

		if (strcmp(a->ifa_name, name) != 0 || a->ifa_addr == NULL ||
		    a->ifa_addr->sa_family != (six ? AF_INET6 : AF_INET))
			continue;
		one.family = six ? 6 : 4;
		one.prefix = six ? 128 : 32;
		memcpy(one.bytes, six ? (const void *)&((const struct
		    sockaddr_in6 *)(const void *)a->ifa_addr)->sin6_addr :
		    (const void *)&((const struct sockaddr_in *)(const void *)
		    a->ifa_addr)->sin_addr, addr_size(&one));
		if (!six || (one.bytes[0] != 0xfe || one.bytes[1] != 0x80))
			strings_take(ports, port(r, addr_text(&one, text)));
	}
	freeifaddrs(all);
	if (ports->count > before)
		return 0;
	return error_set(e, ERROR_NOT_FOUND, "'%s' is not a valid interface, "
	    "or has no address of %s", name, six ? "IPv6" : "IPv4");
}

static int
make_ports(const struct rule *r, struct strings *ports, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(r->iface != NULL ? r->iface : "");
	char *rest = copy, *name;

	if (r->source != NULL && !addr_is(r->source, strcspn(r->source, "/")))
		return error_set(e, ERROR_UNSUPPORTED, "rdr: %s: gaol has no "
		    "tables of pf(4); name the network", r->source);
	if (r->destination != NULL || r->iface == NULL) {
		const char *any = strcmp(r->type, "ipv4") == 0 ? "0.0.0.0" :
		    strcmp(r->type, "ipv6") == 0 ? "::" : NULL;

		strings_take(ports, port(r, r->destination != NULL ?
		    r->destination : any));
		return 0;
	}
	while ((name = strsep(&rest, ", ")) != NULL)
		if (*name != '\0' && add_interface(r, name, ports, e) < 0)
			return -1;
	return 0;
}

static int
add(struct compat *c, const char *jail, struct error *e)
{
	AUTO_STRINGS struct strings ports = VEC_INIT, words = VEC_INIT;
	struct rule r;

	if (parse(c, &r, e) < 0 || make_ports(&r, &ports, e) < 0)
		return -1;
	strings_add(&words, "publish");
	strings_add(&words, jail);
	strings_copy(&words, &ports);
	if (compat_call_words(c, &words, NULL, e) < 0)
		return -1;
	return bastille_info(c, e, "%s/%s:%s", r.proto, r.from, r.to);
}

static int
list(struct compat *c, const char *jail, struct error *e)
{
	AUTO_FREE char *ports = compat_property(c, jail, "publish", "\n", e);

	if (ports == NULL)
		return -1;
	return *ports == '\0' ? 0 : compat_print(e, "%s\n", ports);
}

static int
rdr(struct compat *c, struct error *e)
{
	const char *verb = c->operands.items[1];
	AUTO_FREE char *jail = NULL;

	if (bastille_target(c, c->operands.items[0], strcmp(verb, "list") == 0 ?
	    TARGET_LOOK : TARGET_TOUCH, &jail, e) < 0)
		return -1;
	if (strcmp(verb, "list") == 0)
		return list(c, jail, e);
	if (strcmp(verb, "clear") == 0 || strcmp(verb, "reset") == 0)
		return compat_call(c, e, "unpublish", "-a", jail, NULL);
	return add(c, jail, e);
}

static const struct cmd_option options[] = {
	{ 'd', "destination", "IP", "Only at that address of the host." },
	{ 'i', "interface", "IF,IF", "At the addresses of interfaces." },
	{ 's', "source", "IP", "Only for that source." },
	{ 't', "type", "ipv4|ipv6", "Only of that family." },
	{ 0 },
};

const struct compat_cmd bastille_rdr = {
	.name = "rdr",
	.usage = "[option(s)] TARGET [list|clear|reset|"
	    "(tcp|udp HOST_PORT JAIL_PORT [log])]",
	.summary = "Redirect host ports to a jail.",
	.options = options,
	.min = 2,
	.max = CMD_ANY,
	.state = COMPAT_DIFFERS,
	.note = "published ports: nothing is to be prepared in pf.conf, and "
	    "jails of any network can have them; `list` prints them as "
	    "`publish` has them; `clear` and `reset` are one, they do not come "
	    "back; `-i` means the addresses that the interfaces have; tables "
	    "and options of log are refused (69)",
	.test = "cli/compat_bastille_test.sh:rdr",
	.exec = rdr,
};
