/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "core/net_entry.h"
#include "core/prop.h"
#include "core/prop_check.h"

enum { ENTRIES_MAX = 64 };

void
net_entries_fini(struct net_entries *entries)
{
	VEC_FINI(entries);
}

static int
parse_mac(const char *v, struct net_entry *n, struct error *e)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	for (size_t i = 0; i < 6; i++) {
		if (strspn(v, digits) != 2 || v[2] != (i < 5 ? ':' : '\0'))
			return error_set(e, ERROR_CONFIG,
			    "is not of the form 02:00:00:12:34:56");
		n->iface.mac[i] = (unsigned char)strtoul(v, NULL, 16);
		v += 3;
	}
	if (n->iface.mac[0] & 1)
		return error_set(e, ERROR_CONFIG,
		    "is a group's: the first byte is even for one station");
	n->mac_given = true;
	return 0;
}

static int
parse_number(const char *v, uint64_t min, uint64_t max, unsigned *number,
    struct error *e)
{
	uint64_t n;

	if (parse_uint(v, min, max, &n, e) < 0)
		return -1;
	*number = (unsigned)n;
	return 0;
}

static int
parse_mtu(const char *v, struct net_entry *n, struct error *e)
{
	return parse_number(v, 68, 65535, &n->iface.mtu, e);
}

static int
parse_vlan(const char *v, struct net_entry *n, struct error *e)
{
	return parse_number(v, 1, 4094, &n->iface.vlan, e);
}

static int
parse_gateway(const char *v, struct net_entry *n, struct error *e)
{
	struct addr a;

	if (addr_parse(v, &a, e) < 0)
		return -1;
	if (strchr(v, '/') != NULL || !addr_is_host(&a))
		return error_set(e, ERROR_CONFIG, "is not a host's address");
	n->iface.gateways[a.family == 6] = a;
	return 0;
}

static int
copy_interface(const char *v, char to[IFACE_NAME], struct error *e)
{
	if (prop_check_interface(v, e) < 0)
		return -1;
	snprintf(to, IFACE_NAME, "%s", v);
	return 0;
}

static int
parse_name(const char *v, struct net_entry *n, struct error *e)
{
	if (strcmp(v, "lo") == 0)
		return error_set(e, ERROR_CONFIG, "is there already");
	return copy_interface(v, n->iface.inside, e);
}

static int
parse_limit(const char *v, uint64_t *limit, struct error *e)
{
	if (parse_size(v, limit, e) < 0)
		return -1;
	if (*limit < 1024)
		return error_set(e, ERROR_CONFIG,
		    "is less than 1K, bytes a second");
	return 0;
}

static int
parse_limit_in(const char *v, struct net_entry *n, struct error *e)
{
	return parse_limit(v, &n->iface.limit_in, e);
}

static int
parse_limit_out(const char *v, struct net_entry *n, struct error *e)
{
	return parse_limit(v, &n->iface.limit_out, e);
}

static int
parse_offer(const char *v, struct net_entry *n, struct error *e)
{
	return parse_bool(v, &n->iface.offers, e);
}

enum {
	FOR_NETWORK = 1 << IFACE_NETWORK,
	FOR_BRIDGE = 1 << IFACE_BRIDGE,
	FOR_SHARED = 1 << IFACE_SHARED,
	FOR_LOOP = 1 << IFACE_LOOP,
	FOR_PASS = 1 << IFACE_PASS,
	FOR_VETH = FOR_NETWORK | FOR_BRIDGE,
	FOR_OWN = FOR_VETH | FOR_PASS,
};

static const struct option {
	const char *name;
	unsigned kinds;
	int (*parse)(const char *v, struct net_entry *n, struct error *e);
} options[] = {
	{ "mac", FOR_VETH, parse_mac },
	{ "mtu", FOR_OWN, parse_mtu },
	{ "gateway", FOR_OWN, parse_gateway },
	{ "name", FOR_OWN, parse_name },
	{ "limit.in", FOR_VETH | FOR_SHARED, parse_limit_in },
	{ "limit.out", FOR_VETH | FOR_SHARED, parse_limit_out },
	{ "vlan", FOR_BRIDGE, parse_vlan },
	{ "offer", FOR_VETH, parse_offer },
};

static int
parse_option(const char *word, struct net_entry *n, struct error *e)
{
	const char *eq = strchr(word, '=');
	size_t len = eq != NULL ? (size_t)(eq - word) : 0;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const struct option *o = &options[i];

		if (len == 0 || len != strlen(o->name) ||
		    strncmp(o->name, word, len) != 0)
			continue;
		if (n->kind != NET_IFACE ||
		    (o->kinds & 1u << n->iface.kind) == 0)
			return error_set(e, ERROR_CONFIG,
			    "%s= does not apply to an entry of this kind",
			    o->name);
		if (o->parse(eq + 1, n, e) < 0)
			return error_wrap(e, "%.64s", word);
		return 0;
	}
	return error_set(e, ERROR_CONFIG, "'%.64s' is no option of an entry "
	    "(mac= mtu= gateway= name= limit.in= limit.out= vlan= offer=)",
	    word);
}

/* 127.0.0.1 and ::1, which programs take for themselves. */
static bool
is_hosts_own(const struct addr *a)
{
	static const struct addr own4 = { 4, 32, { 127, 0, 0, 1 } };

	return addr_is_loopback(a) && (a->family == 6 || addr_equal(a, &own4));
}

static int
check_address(const struct net_entry *n, const struct addr *a,
    const char *word, struct error *e)
{
	const struct engine_iface *i = &n->iface;

	if (!addr_is_host(a))
		return error_set(e, ERROR_CONFIG,
		    "'%.64s' is not a host's address", word);
	if (i->kind == IFACE_LOOP && is_hosts_own(a))
		return error_set(e, ERROR_CONFIG, "'%.64s' is the host's own; "
		    "a jail has one like 127.0.1.5", word);
	if (i->kind != IFACE_LOOP && addr_is_loopback(a))
		return error_set(e, ERROR_CONFIG, "'%.64s' is an address of "
		    "the loopback: lo|%.64s", word, word);
	if ((i->kind == IFACE_NETWORK || i->kind == IFACE_LOOP) &&
	    strchr(word, '/') != NULL)
		return error_set(e, ERROR_CONFIG, "'%.64s': here an address "
		    "has no length", word);
	if ((i->kind == IFACE_SHARED || i->kind == IFACE_BRIDGE) &&
	    strchr(word, '/') == NULL)
		return error_set(e, ERROR_CONFIG, "'%.64s': the length of the "
		    "prefix is missing (/24)", word);
	return 0;
}

static int
add_address(struct net_entry *n, const char *word, struct error *e)
{
	struct engine_iface *i = &n->iface;
	struct addr a;

	if (n->kind != NET_IFACE || i->kind == IFACE_PASS)
		return error_set(e, ERROR_CONFIG,
		    "'%.64s': an entry of this kind has no address", word);
	if (i->kind == IFACE_BRIDGE && strcmp(word, "dhcp") == 0) {
		i->dhcp = true;
		return 0;
	}
	if (i->kind == IFACE_BRIDGE && strcmp(word, "slaac") == 0) {
		i->slaac = true;
		return 0;
	}
	if (addr_parse(word, &a, e) < 0 || check_address(n, &a, word, e) < 0)
		return -1;
	for (size_t k = 0; k < i->addr_count; k++) {
		if (i->kind == IFACE_NETWORK && i->addrs[k].family == a.family)
			return error_set(e, ERROR_CONFIG, "'%.64s': one "
			    "address of each family", word);
		if (addr_equal(&i->addrs[k], &a))
			return error_set(e, ERROR_CONFIG,
			    "'%.64s' stands there twice", word);
	}
	if (i->addr_count == IFACE_ADDRS)
		return error_set(e, ERROR_CONFIG,
		    "more than %d addresses", IFACE_ADDRS);
	i->addrs[i->addr_count++] = a;
	return 0;
}

/* "10.0.0.5,fd00::5" */
static int
add_addresses(struct net_entry *n, const char *list, struct error *e)
{
	for (;;) {
		size_t len = strcspn(list, ",");
		AUTO_FREE char *word = xstrndup(list, len);

		if (add_address(n, word, e) < 0)
			return -1;
		if (list[len] == '\0')
			return 0;
		list += len + 1;
	}
}

static int
parse_network(const char *name, struct net_entry *n, struct error *e)
{
	n->iface.kind = IFACE_NETWORK;
	if (name_check_network(name, e) < 0) {
		e->kind = ERROR_CONFIG;
		return -1;
	}
	snprintf(n->iface.network, NETWORK_NAME, "%s", name);
	return 0;
}

/* What stands before the options. */
static int
parse_head(const char *head, struct net_entry *n, struct error *e)
{
	struct engine_iface *i = &n->iface;
	const char *bar = strchr(head, '|'), *rest = strchr(head, ':');
	AUTO_FREE char *first = xstrndup(head, strcspn(head, "|:"));

	n->kind = NET_IFACE;
	if (strcmp(head, "inherit") == 0 || strcmp(head, "none") == 0) {
		n->kind = *head == 'i' ? NET_INHERIT : NET_NONE;
		return 0;
	}
	if (bar != NULL && (rest == NULL || bar < rest)) {
		i->kind = strcmp(first, "lo") == 0 ? IFACE_LOOP : IFACE_SHARED;
		if (copy_interface(first, i->link, e) < 0)
			return -1;
		return add_addresses(n, bar + 1, e);
	}
	if (rest != NULL && strcmp(first, "if") == 0) {
		i->kind = IFACE_PASS;
		return copy_interface(rest + 1, i->link, e);
	}
	if (rest != NULL && strcmp(first, "vnet") == 0) {
		AUTO_FREE char *bridge = xstrndup(rest + 1,
		    strcspn(rest + 1, ":"));

		i->kind = IFACE_BRIDGE;
		if (copy_interface(bridge, i->link, e) < 0)
			return -1;
		rest = strchr(rest + 1, ':');
		return rest != NULL ? add_addresses(n, rest + 1, e) : 0;
	}
	if (parse_network(first, n, e) < 0)
		return -1;
	return rest != NULL ? add_addresses(n, rest + 1, e) : 0;
}

static bool
continues(const char *head)
{
	size_t len = strcspn(head, ",");

	return addr_is(head, len) || strcmp(head, "dhcp") == 0 ||
	    strcmp(head, "slaac") == 0;
}

/* The words behind the head; *word is moved over one of them. */
static char *
next_word(const char **v)
{
	size_t len;

	*v += strspn(*v, " \t");
	len = strcspn(*v, " \t");
	*v += len;
	return len > 0 ? xstrndup(*v - len, len) : NULL;
}

/* Into n; what it continues is there already. */
static int
parse_entry(const char *v, bool continued, struct net_entry *n,
    struct error *e)
{
	AUTO_FREE char *head = next_word(&v);
	char *word;

	if (head == NULL)
		return error_set(e, ERROR_CONFIG, "an entry is empty");
	if ((continued ? add_addresses(n, head, e) :
	    parse_head(head, n, e)) < 0)
		return -1;
	while ((word = next_word(&v)) != NULL) {
		int result = parse_option(word, n, e);

		free(word);
		if (result < 0)
			return -1;
	}
	return 0;
}

static bool
is_continuation(const char *v)
{
	AUTO_FREE char *head = next_word(&v);

	return head != NULL && continues(head);
}

int
net_entry_check(const char *v, struct error *e)
{
	struct net_entry n;

	/* checked with the entry that it belongs to */
	if (is_continuation(v))
		return 0;
	memset(&n, 0, sizeof(n));
	return parse_entry(v, false, &n, e);
}

bool
net_entries_shared(const struct net_entries *entries)
{
	const struct net_entry *n = entries->items;

	return entries->count > 0 && (n->kind == NET_INHERIT ||
	    (n->kind == NET_IFACE && (n->iface.kind == IFACE_SHARED ||
	    n->iface.kind == IFACE_LOOP)));
}

/* Interfaces without a name of their own are eth0, eth1 ... */
static int
name_interfaces(struct net_entries *entries, struct error *e)
{
	for (size_t i = 0; i < entries->count; i++) {
		struct engine_iface *iface = &entries->items[i].iface;

		if (*iface->inside == '\0' && iface->kind == IFACE_PASS)
			memcpy(iface->inside, iface->link, IFACE_NAME);
		else if (*iface->inside == '\0')
			snprintf(iface->inside, IFACE_NAME, "eth%u",
			    (unsigned)i % ENTRIES_MAX);
		for (size_t k = 0; k < i; k++)
			if (strcmp(entries->items[k].iface.inside,
			    iface->inside) == 0)
				return error_set(e, ERROR_CONFIG, "net: two "
				    "interfaces are named %s; name= tells "
				    "another", iface->inside);
	}
	return 0;
}

static int
check_mixture(const struct net_entries *entries, struct error *e)
{
	bool shared = net_entries_shared(entries);

	for (size_t i = 0; i < entries->count; i++) {
		const struct net_entry *n = &entries->items[i];
		bool host = n->kind == NET_IFACE &&
		    (n->iface.kind == IFACE_SHARED ||
		    n->iface.kind == IFACE_LOOP);

		if (n->kind != NET_IFACE && entries->count > 1)
			return error_set(e, ERROR_CONFIG,
			    "net: inherit and none stand alone");
		if (n->kind == NET_IFACE && host != shared)
			return error_set(e, ERROR_CONFIG, "net: addresses of "
			    "the host's stack (INTERFACE|ADDRESS, lo|ADDRESS) "
			    "and interfaces of the jail's own cannot be "
			    "mixed");
	}
	return 0;
}

int
net_entries_parse(const struct strings *values, struct net_entries *entries,
    struct error *e)
{
	for (size_t i = 0; i < values->count; i++) {
		const char *v = values->items[i];
		bool continued = is_continuation(v);
		struct net_entry fresh;

		memset(&fresh, 0, sizeof(fresh));
		if (continued && entries->count == 0)
			return error_set(e, ERROR_CONFIG, "net: '%.64s': of "
			    "which network or interface?", v);
		if (!continued && entries->count == ENTRIES_MAX)
			return error_set(e, ERROR_CONFIG,
			    "net: more than %d entries", ENTRIES_MAX);
		if (!continued)
			VEC_PUSH(entries, fresh);
		if (parse_entry(v, continued,
		    &entries->items[entries->count - 1], e) < 0)
			return error_wrap(e, "net");
	}
	if (check_mixture(entries, e) < 0)
		return -1;
	return name_interfaces(entries, e);
}
