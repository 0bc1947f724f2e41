/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* IP and INTERFACE of create, clone and network, as an entry of net. */
#include <net/if.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "compat/bastille/bastille.h"
#include "core/network.h"

struct address {
	struct addr addrs[2];
	size_t count;
	bool dhcp, slaac, inherit;
};

static int
parse_word(struct address *a, const char *word, struct error *e)
{
	if (strcasecmp(word, "DHCP") == 0 || strcasecmp(word, "SYNCDHCP") == 0 ||
	    strcmp(word, "0.0.0.0") == 0) {
		a->dhcp = true;
	} else if (strcasecmp(word, "SLAAC") == 0) {
		a->slaac = true;
	} else if (strcmp(word, "inherit") == 0) {
		a->inherit = true;
	} else if (strcmp(word, "ip_hostname") == 0) {
		return error_set(e, ERROR_UNSUPPORTED, "ip_hostname: gaol asks "
		    "no resolver for a jail's addresses; name them");
	} else {
		struct addr one;

		if (a->count == 2 || addr_parse(word, &one, e) < 0)
			return error_set(e, ERROR_USAGE, "Invalid: (%s)", word);
		a->addrs[a->count++] = one;
	}
	return 0;
}

/* "10.0.0.1", "10.0.0.1 fd00::1", "SYNCDHCP SLAAC" */
static int
parse(struct address *a, const char *text, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(text != NULL ? text : "");
	char *rest = copy, *word;

	memset(a, 0, sizeof(*a));
	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0' && parse_word(a, word, e) < 0)
			return -1;
	return 0;
}

/* Addresses behind what tells where; without a length that of a host, or what
 * an own stack has by default there. */
static void
put_addresses(struct address *a, bool own, const char *before, bool lengths,
    struct buf *out)
{
	for (size_t i = 0; i < a->count; i++) {
		struct addr *one = &a->addrs[i];
		char text[ADDR_TEXT];
		bool whole = one->prefix == (one->family == 4 ? 32 : 128);

		if (own && whole)
			one->prefix = one->family == 4 ? 24 : 64;
		buf_printf(out, "%s%s", i == 0 ? before : ",", lengths ?
		    addr_text_prefix(one, text) : addr_text(one, text));
	}
}

/* The network that holds the address, and does not have it itself. */
static char *
holder(struct compat *c, const struct address *a)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct error ignored = ERROR_INIT;

	if (a->count == 0 || network_names(c->host, &names, &ignored) < 0)
		return NULL;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_NETWORK struct network n = { .name = NULL };
		struct engine_network engine;
		const struct addr *one = &a->addrs[0];
		size_t f = one->family == 4 ? 0 : 1;

		if (network_load(c->host, names.items[i], &n, &ignored) < 0)
			continue;
		network_engine(c->host, &n, &engine);
		if (n.subnet[f].family != 0 && addr_within(one,
		    &n.subnet[f]) && !addr_equal(one, &engine.gateway[f]))
			return xstrdup(names.items[i]);
	}
	return NULL;
}

/* INTERFACE, or bastille_network_shared; NULL: the loopback is meant. */
static const char *
interface(struct compat *c, const struct address_options *o)
{
	const char *loopback = compat_conf_get(&c->conf,
	    "bastille_network_loopback", "bastille0");

	if (o->iface == NULL)
		return compat_conf_get(&c->conf, "bastille_network_shared",
		    NULL);
	return strcmp(o->iface, loopback) == 0 && !network_exists(c->host,
	    o->iface) ? NULL : o->iface;
}

static void
in_network(const char *network, struct address *a, struct buf *out)
{
	buf_puts(out, network);
	put_addresses(a, false, ":", false, out);
}

static int
shared(struct compat *c, const struct address_options *o, struct address *a,
    struct buf *out, struct error *e)
{
	const char *iface = interface(c, o);
	AUTO_FREE char *network = iface != NULL ? NULL : holder(c, a);

	if (a->inherit) {
		buf_puts(out, "inherit");
		return 0;
	}
	if (a->dhcp || a->slaac || a->count == 0)
		return error_set(e, ERROR_USAGE, "Unsupported IP option for "
		    "non-VNET jail: %s", o->ip != NULL ? o->ip : "none");
	if (iface != NULL && network_exists(c->host, iface)) {
		in_network(iface, a, out);
	} else if (network != NULL) {
		in_network(network, a, out);
	} else {
		bool loop = iface == NULL || strcmp(iface, "lo") == 0 ||
		    strcmp(iface, "lo0") == 0;

		buf_puts(out, loop ? "lo" : iface);
		put_addresses(a, false, "|", !loop, out);
	}
	return 0;
}

static int
no_network(const struct address_options *o, struct error *e)
{
	return error_set(e, ERROR_CONFIG, "Network interface not set: no "
	    "network of gaol holds %s. 'gaol network create NAME SUBNET' makes "
	    "one, INTERFACE names a bridge", o->ip != NULL ? o->ip :
	    "the jail");
}

/* The bridge that Bastille's jib makes of an interface, where it is there. */
static void
on_bridge(const struct address_options *o, const char *iface,
    struct address *a, struct buf *out)
{
	AUTO_FREE char *bridge = xasprintf("%sbridge", iface);
	bool made = o->kind == ADDRESS_VNET && if_nametoindex(bridge) != 0;

	buf_printf(out, "vnet:%s", made ? bridge : iface);
	put_addresses(a, true, ":", true, out);
	if (a->dhcp)
		buf_puts(out, ":dhcp");
	if (a->slaac)
		buf_puts(out, a->dhcp ? ",slaac" : ":slaac");
}

static int
vnet(struct compat *c, const struct address_options *o, struct address *a,
    struct buf *out, struct error *e)
{
	const char *iface = interface(c, o);
	AUTO_FREE char *network = iface != NULL ? NULL : holder(c, a);

	if (a->inherit)
		return error_set(e, ERROR_USAGE, "Unsupported IP option for "
		    "VNET jail: %s", o->ip);
	if (iface != NULL && !network_exists(c->host, iface))
		on_bridge(o, iface, a, out);
	else if (iface != NULL)
		in_network(iface, a, out);
	else if (network != NULL)
		in_network(network, a, out);
	else
		return no_network(o, e);
	return 0;
}

static int
pass(const struct address_options *o, const struct address *a,
    struct buf *out, struct error *e)
{
	if (o->iface == NULL)
		return error_set(e, ERROR_USAGE,
		    "[-P|--passthrough] needs an INTERFACE");
	if (a->count > 0)
		return error_set(e, ERROR_UNSUPPORTED, "[-P|--passthrough]: "
		    "gaol gives no address to an interface that goes into a "
		    "jail; its rc.conf does. Use DHCP or --no-ip here");
	buf_printf(out, "if:%s", o->iface);
	return 0;
}

int
bastille_address(struct compat *c, const struct address_options *o,
    char **entry, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;
	struct address a;
	int result = parse(&a, o->ip, e);

	if (result == 0 && o->kind == ADDRESS_SHARED)
		result = shared(c, o, &a, &out, e);
	else if (result == 0 && o->kind == ADDRESS_PASS)
		result = pass(o, &a, &out, e);
	else if (result == 0)
		result = vnet(c, o, &a, &out, e);
	if (result < 0)
		return -1;
	if (o->gateway != NULL)
		buf_printf(&out, " gateway=%s", o->gateway);
	if (o->vlan != NULL)
		buf_printf(&out, " vlan=%s", o->vlan);
	*entry = buf_steal(&out);
	return 0;
}
