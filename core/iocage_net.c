/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * iocage says of the network what each of a dozen properties is; gaol has net
 * and publish.  The words of iocage are kept, and net is made of them; when net
 * is another than they would make, they are read back from it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/iocage_prop.h"
#include "core/net_entry.h"
#include "core/net_publish.h"
#include "core/network.h"

/* What the words would make. */
struct made {
	struct strings net, publish;
};

static void
made_fini(struct made *m)
{
	strings_fini(&m->net);
	strings_fini(&m->publish);
}
#define AUTO_MADE __attribute__((cleanup(made_fini)))

static char *
word_of(const struct cell *c, const char *name)
{
	AUTO_FREE char *word = iocage_kept(c, name);

	return word != NULL ? STEAL(word) :
	    xstrdup(iocage_prop_find(name)->fallback);
}

static bool
is_on(const struct cell *c, const char *name)
{
	AUTO_FREE char *v = word_of(c, name);

	return iocage_is_on(v);
}

/* Addresses "NIC|ADDR" of one interface, or without one. */
static void
addresses_of(const char *text, const char *nic, bool first, struct buf *out,
    const char **automatic)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *item, *rest = copy;
	size_t len = strlen(nic);

	while ((item = strsep(&rest, ",")) != NULL) {
		const char *bar = strchr(item, '|');

		if (bar == NULL ? !first : ((size_t)(bar - item) != len ||
		    strncmp(item, nic, len) != 0))
			continue;
		item += bar != NULL ? bar - item + 1 : 0;
		if (iocage_is_nothing(item))
			continue;
		if (strcmp(item, "DHCP") == 0)
			*automatic = "dhcp";
		else if (strcmp(item, "accept_rtadv") == 0)
			*automatic = *automatic != NULL ? *automatic : "slaac";
		else
			buf_printf(out, "%s%s%s", out->len > 0 ? "," : "",
			    item, strchr(item, '/') != NULL ? "" :
			    strchr(item, ':') != NULL ? "/64" : "/24");
	}
}

static void
add_option(const struct cell *c, const char *suffix, const char *nic,
    const char *option, bool second, struct buf *entry)
{
	AUTO_FREE char *name = xasprintf("%s%s", nic, suffix);
	const struct iocage_prop *p = iocage_prop_find(name);
	AUTO_FREE char *value = p != NULL ? word_of(c, name) : NULL;
	const char *word = value;

	if (value == NULL || iocage_is_nothing(value) ||
	    strcmp(value, "auto") == 0)
		return;
	/* the host's side, then the jail's */
	if (second && strpbrk(value, " ,") != NULL)
		word = strpbrk(value, " ,") + 1;
	buf_printf(entry, " %s=%s", option, word + strspn(word, " ,"));
	if (second && strchr(word, ':') == NULL) {
		/* 02aabbccddee */
		entry->len -= strlen(word);
		entry->data[entry->len] = '\0';
		for (size_t i = 0; i < 12 && word[i] != '\0'; i += 2)
			buf_printf(entry, "%s%.2s", i > 0 ? ":" : "",
			    word + i);
	}
}

static int
make_interface(const struct cell *c, char *pair, size_t n, struct made *m,
    struct error *e)
{
	AUTO_BUF struct buf at = BUF_INIT, entry = BUF_INIT;
	const char *nic = strsep(&pair, ":");
	const char *automatic = is_on(c, "dhcp") && n == 0 ? "dhcp" : NULL;
	AUTO_FREE char *ip4 = word_of(c, "ip4_addr");
	AUTO_FREE char *ip6 = word_of(c, "ip6_addr");
	AUTO_FREE char *gateway = word_of(c, "defaultrouter");
	AUTO_FREE char *gateway6 = word_of(c, "defaultrouter6");

	addresses_of(ip4, nic, n == 0, &at, &automatic);
	addresses_of(ip6, nic, n == 0, &at, &automatic);
	/* as iocage has it: none without an address */
	if (at.len == 0 && automatic == NULL)
		return 0;
	if (pair == NULL || iocage_is_nothing(pair))
		return error_set(e, ERROR_UNSUPPORTED, "interfaces = %s:none: "
		    "an interface needs a bridge", nic);
	if (at.len > 0 && automatic != NULL)
		return error_set(e, ERROR_UNSUPPORTED, "%s has addresses and "
		    "%s: one of them is possible", nic, automatic);
	buf_printf(&entry, "vnet:%s:%s", pair, automatic != NULL ? automatic :
	    buf_text(&at));
	if (n == 0 && !iocage_is_nothing(gateway) && at.len > 0 &&
	    strcmp(gateway, "auto") != 0)
		buf_printf(&entry, " gateway=%s", gateway);
	if (n == 0 && !iocage_is_nothing(gateway6) && at.len > 0 &&
	    strcmp(gateway6, "auto") != 0)
		buf_printf(&entry, " gateway=%s", gateway6);
	add_option(c, "_mac", nic, "mac", true, &entry);
	add_option(c, "_mtu", nic, "mtu", false, &entry);
	buf_printf(&entry, " name=epair%zub", n);
	strings_take(&m->net, buf_steal(&entry));
	return 0;
}

static int
make_vnet(const struct cell *c, struct made *m, struct error *e)
{
	AUTO_FREE char *pairs = word_of(c, "interfaces");
	AUTO_FREE char *moved = word_of(c, "vnet_interfaces");
	char *pair, *rest = pairs;
	size_t n = 0;

	while ((pair = strsep(&rest, ",")) != NULL)
		if (make_interface(c, pair, n++, m, e) < 0)
			return -1;
	rest = iocage_is_nothing(moved) ? NULL : moved;
	while (rest != NULL && (pair = strsep(&rest, " ,")) != NULL)
		if (*pair != '\0')
			strings_take(&m->net, xasprintf("if:%s", pair));
	return 0;
}

/* Addresses of the host's stack; without an interface those of its loopback,
 * which every host has. */
static void
make_shared(const struct cell *c, bool ip6, struct made *m)
{
	AUTO_FREE char *list = word_of(c, ip6 ? "ip6_addr" : "ip4_addr");
	char *item, *rest = list;

	while (!iocage_is_nothing(list) && (item = strsep(&rest, ",")) !=
	    NULL) {
		const char *bar = strchr(item, '|');
		bool any = bar == NULL || strncmp(item, "DEFAULT|", 8) == 0;
		const char *a = bar != NULL ? bar + 1 : item;

		if (*a == '\0' || iocage_is_nothing(a))
			continue;
		if (any || strncmp(item, "lo0|", 4) == 0)
			strings_take(&m->net, xasprintf("lo|%.*s",
			    (int)strcspn(a, "/"), a));
		else
			strings_take(&m->net, xasprintf("%s%s", item,
			    strchr(a, '/') != NULL ? "" : ip6 ? "/128" :
			    "/32"));
	}
}

/* "tcp(80:8080),udp(53),tcp/udp(5000-5010)": inside, then on the host. */
static void
make_publish(const char *text, struct made *m)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *item, *rest = copy;

	while (!iocage_is_nothing(text) && (item = strsep(&rest, ",")) !=
	    NULL) {
		const char *protocols = strsep(&item, "(");
		const char *inside = item != NULL ? strsep(&item, ":)") :
		    protocols;
		const char *outside = item != NULL && *item != '\0' ?
		    strsep(&item, ")") : inside;
		bool bare = inside == protocols;

		if (bare || strstr(protocols, "tcp") != NULL)
			strings_take(&m->publish, xasprintf("%s:%s/tcp",
			    outside, inside));
		if (!bare && strstr(protocols, "udp") != NULL)
			strings_take(&m->publish, xasprintf("%s:%s/udp",
			    outside, inside));
	}
}

static int
make(const struct cell *c, struct made *m, struct error *e)
{
	AUTO_FREE char *ip4 = word_of(c, "ip4");
	AUTO_FREE char *ip6 = word_of(c, "ip6");
	AUTO_FREE char *forwards = word_of(c, "nat_forwards");

	if (is_on(c, "nat")) {
		strings_add(&m->net, NETWORK_DEFAULT);
	} else if (is_on(c, "vnet")) {
		if (make_vnet(c, m, e) < 0)
			return -1;
	} else if (strcmp(ip4, "inherit") == 0 || strcmp(ip6, "inherit") ==
	    0) {
		strings_add(&m->net, "inherit");
	} else {
		make_shared(c, false, m);
		make_shared(c, true, m);
	}
	if (m->net.count == 0)
		strings_add(&m->net, "none");
	make_publish(forwards, m);
	return 0;
}

static bool
same(const struct strings *a, const struct strings *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

/* Whether net and publish are what the words make. */
static bool
in_force(const struct cell *c)
{
	AUTO_MADE struct made m = { VEC_INIT, VEC_INIT };
	AUTO_MADE struct made now = { VEC_INIT, VEC_INIT };
	AUTO_MADE struct made canonical = { VEC_INIT, VEC_INIT };
	struct error ignored = ERROR_INIT;

	if (make(c, &m, &ignored) < 0 || prop_parse(prop_find("net"), &m.net,
	    &canonical.net, &ignored) < 0 || prop_parse(prop_find("publish"),
	    &m.publish, &canonical.publish, &ignored) < 0)
		return false;
	cell_values(c, "net", &now.net);
	cell_values(c, "publish", &now.publish);
	return same(&canonical.net, &now.net) &&
	    same(&canonical.publish, &now.publish);
}

/* --- read back --- */

void
iocage_net_addresses(const struct strings *net, bool ip6, struct buf *out)
{
	AUTO_NET_ENTRIES struct net_entries entries = VEC_INIT;
	struct error ignored = ERROR_INIT;
	size_t nic = 0;

	if (net_entries_parse(net, &entries, &ignored) < 0)
		return;
	for (size_t i = 0; i < entries.count; i++) {
		const struct engine_iface *f = &entries.items[i].iface;
		bool own = f->kind == IFACE_BRIDGE || f->kind == IFACE_NETWORK;
		size_t n = nic;

		if (entries.items[i].kind != NET_IFACE)
			continue;
		nic += own;
		for (size_t k = 0; k < f->addr_count; k++) {
			char text[ADDR_TEXT];

			if ((f->addrs[k].family == 6) != ip6)
				continue;
			if (f->kind == IFACE_LOOP || f->kind == IFACE_NETWORK)
				addr_text(&f->addrs[k], text);
			else
				addr_text_prefix(&f->addrs[k], text);
			buf_puts(out, out->len > 0 ? "," : "");
			if (own)
				buf_printf(out, "vnet%zu|%s", n, text);
			else
				buf_printf(out, "%s|%s", f->kind ==
				    IFACE_LOOP ? "lo0" : f->link, text);
		}
		if (!ip6 && f->kind == IFACE_BRIDGE && f->dhcp)
			buf_printf(out, "%svnet%zu|DHCP", out->len > 0 ? "," :
			    "", n);
	}
}

static void
read_forwards(const struct cell *c, struct buf *out)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	cell_values(c, "publish", &values);
	for (size_t i = 0; i < values.count; i++) {
		struct engine_publish p;
		struct error ignored = ERROR_INIT;

		if (net_publish_parse(values.items[i], &p, &ignored) == 0)
			buf_printf(out, "%s%s(%u:%u)", out->len > 0 ? "," : "",
			    p.udp ? "udp" : "tcp", p.to_first, p.first);
	}
}

/* What net says, in the words of the property; "" : the default. */
static void
read_back(const struct cell *c, const char *name, struct buf *out)
{
	AUTO_NET_ENTRIES struct net_entries entries = VEC_INIT;
	AUTO_STRINGS struct strings net = VEC_INIT;
	struct error ignored = ERROR_INIT;
	bool own = false, nat = false, inherit = false;
	size_t n = 0;

	cell_values(c, "net", &net);
	if (net_entries_parse(&net, &entries, &ignored) < 0)
		return;
	for (size_t i = 0; i < entries.count; i++) {
		const struct net_entry *entry = &entries.items[i];
		bool bridge = entry->kind == NET_IFACE &&
		    entry->iface.kind == IFACE_BRIDGE;

		inherit |= entry->kind == NET_INHERIT;
		nat |= entry->kind == NET_IFACE &&
		    entry->iface.kind == IFACE_NETWORK;
		own |= bridge;
		if (bridge && strcmp(name, "interfaces") == 0)
			buf_printf(out, "%svnet%zu:%s", n > 0 ? "," : "", n,
			    entry->iface.link);
		n += bridge;
	}
	if (strcmp(name, "ip4_addr") == 0 || strcmp(name, "ip6_addr") == 0)
		iocage_net_addresses(&net, name[2] == '6', out);
	else if (strcmp(name, "vnet") == 0)
		buf_puts(out, own || nat ? "1" : "0");
	else if (strcmp(name, "nat") == 0)
		buf_puts(out, nat ? "1" : "0");
	else if (strcmp(name, "nat_forwards") == 0)
		read_forwards(c, out);
	else if (inherit && (strcmp(name, "ip4") == 0 || strcmp(name,
	    "ip6") == 0))
		buf_puts(out, "inherit");
}

char *
iocage_net_get(const struct cell *c, const struct iocage_prop *p)
{
	AUTO_BUF struct buf text = BUF_INIT;

	if (in_force(c))
		return word_of(c, p->name);
	read_back(c, p->name, &text);
	return xstrdup(text.len > 0 ? buf_text(&text) : p->fallback);
}

/* The words as they are in force now are kept, before one of them changes. */
int
iocage_net_begin(struct cell *c, struct error *e)
{
	if (in_force(c))
		return 0;
	for (size_t i = 0; i < iocage_prop_count; i++) {
		const struct iocage_prop *p = &iocage_props[i];
		AUTO_FREE char *value = p->kind == IOCAGE_NET ?
		    iocage_net_get(c, p) : NULL;

		if (value != NULL && iocage_keep(c, p->name, strcmp(value,
		    p->fallback) == 0 ? NULL : value, e) < 0)
			return -1;
	}
	return 0;
}

static int
check_value(const struct iocage_prop *p, const char *value, struct error *e)
{
	bool is_bool = strcmp(p->fallback, "0") == 0;
	bool share = strcmp(p->name, "ip4") == 0 ||
	    strcmp(p->name, "ip6") == 0;

	if (is_bool && !iocage_is_bool(value))
		return error_set(e, ERROR_CONFIG, "%s is not a valid value "
		    "for %s. Value must be 0 or 1 (no or yes, off or on, "
		    "false or true)", value, p->name);
	if (share && strcmp(value, "new") != 0 && strcmp(value, "inherit") !=
	    0 && strcmp(value, "disable") != 0)
		return error_set(e, ERROR_CONFIG, "%s is not a valid value "
		    "for %s. Value must be one of new inherit disable",
		    value, p->name);
	return 0;
}

int
iocage_net_set(struct cell *c, const struct iocage_prop *p,
    const char *value, struct error *e)
{
	const char *word = strcmp(p->fallback, "0") != 0 ? value :
	    iocage_is_on(value) ? "1" : "0";

	if (check_value(p, value, e) < 0 || iocage_keep(c, p->name,
	    strcmp(word, p->fallback) == 0 ? NULL : word, e) < 0)
		return -1;
	/* iocage says that it enables vnet for it */
	if (strcmp(p->name, "dhcp") == 0 && iocage_is_on(value) &&
	    iocage_keep(c, "vnet", "1", e) < 0)
		return -1;
	return 0;
}

int
iocage_net_commit(struct cell *c, struct error *e)
{
	AUTO_MADE struct made m = { VEC_INIT, VEC_INIT };

	if (make(c, &m, e) < 0 || iocage_put(c, "net", &m.net, e) < 0)
		return -1;
	return iocage_put(c, "publish", &m.publish, e);
}
