/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The networks of pots, and pot create-private-bridge, vnet-start. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/num.h"
#include "compat/pot/pot.h"
#include "core/network.h"

int
pot_network_need(struct compat *c, struct error *e)
{
	struct network_options o = { .dns = -1, .peer = -1 };

	if (network_exists(c->host, POT_NETWORK_NAME))
		return 0;
	if (addr_parse(pot_setting(c, "POT_NETWORK"), &o.subnet[0], e) < 0)
		return error_wrap(e, "POT_NETWORK of pot.conf");
	return network_create(c->host, POT_NETWORK_NAME, &o, e);
}

/* "em0|10.0.0.1", and without "em0|" at POT_EXTIF. */
static int
put_alias(struct compat *c, const char *ip, struct buf *out, struct error *e)
{
	const char *bar = strchr(ip, '|');
	const char *addr = bar != NULL ? bar + 1 : ip;
	AUTO_FREE char *nic = bar != NULL ? xstrndup(ip, (size_t)(bar - ip)) :
	    xstrdup(pot_setting(c, "POT_EXTIF"));
	struct addr a;

	if (strcmp(ip, "auto") == 0)
		return pot_usage(e, "-i auto not usable with network type "
		    "alias - a real IP address has to be provided");
	if (addr_parse(addr, &a, e) < 0)
		return pot_usage(e, "%s is not a valid alias configuration",
		    ip);
	/* those of the loopback have no length */
	buf_printf(out, "%s%s|%s%s", out->len > 0 ? "," : "", nic, addr,
	    strchr(addr, '/') != NULL || strcmp(nic, "lo") == 0 ? "" :
	    a.family == 6 ? "/128" : "/32");
	return 0;
}

static char *
alias(struct compat *c, const struct strings *ips, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;

	if (ips->count == 0) {
		(void)pot_usage(e, "option -i is mandatory with network type "
		    "alias");
		return NULL;
	}
	for (size_t i = 0; i < ips->count; i++)
		if (put_alias(c, ips->items[i], &out, e) < 0)
			return NULL;
	return buf_steal(&out);
}

static char *
member(const char *network, const struct strings *ips, struct error *e)
{
	const char *ip = ips->count > 0 ? ips->items[ips->count - 1] : "auto";
	struct addr a;

	if (strcmp(ip, "auto") == 0)
		return xstrdup(network);
	if (addr_parse(ip, &a, e) < 0 || strchr(ip, '/') != NULL) {
		(void)pot_usage(e, "The %s IP is not valid", ip);
		return NULL;
	}
	return xasprintf("%s:%s", network, ip);
}

char *
pot_network(struct compat *c, const char *type, const struct strings *ips,
    const char *bridge, struct error *e)
{
	if (strcmp(type, "inherit") == 0)
		return xstrdup("inherit");
	if (strcmp(type, "alias") == 0)
		return alias(c, ips, e);
	if (strcmp(type, "public-bridge") == 0)
		return pot_network_need(c, e) < 0 ? NULL :
		    member(POT_NETWORK_NAME, ips, e);
	if (strcmp(type, "private-bridge") != 0)
		(void)pot_usage(e, "Network type %s not recognized", type);
	else if (bridge == NULL)
		(void)pot_usage(e, "private-bridge network type requires -B "
		    "option, to specify which private bridge to use");
	else if (!network_exists(c->host, bridge))
		(void)error_set(e, ERROR_NOT_FOUND, "bridge %s is not valid. "
		    "Have you already created it?", bridge);
	else
		return member(bridge, ips, e);
	return NULL;
}

static int
add_dns(struct compat *c, struct strings *assign, struct error *e)
{
	const char *dns = compat_value(c, "d");

	if (dns == NULL || strcmp(dns, "inherit") == 0)
		return 0;
	if (strcmp(dns, "pot") == 0)
		return error_set(e, ERROR_UNSUPPORTED, "-d pot: networks of "
		    "gaol tell their members' names without a pot for it; "
		    "-d inherit has that");
	if (strcmp(dns, "off") != 0 && strncmp(dns, "custom:", 7) != 0)
		return pot_usage(e, "'%s' is not a valid dns option", dns);
	if (*dns == 'c' && access(dns + 7, R_OK) < 0)
		return pot_usage(e, "The file %s is not valid or readable",
		    dns + 7);
	strings_add(assign, "names=off");
	strings_take(assign, xasprintf("compat.pot.dns=%.6s", dns));
	return 0;
}

int
pot_network_options(struct compat *c, struct strings *assign,
    struct error *e)
{
	const char *type = compat_value(c, "N"), *stack = compat_value(c, "S");

	if (stack != NULL && strcmp(stack, "ipv4") != 0 &&
	    strcmp(stack, "ipv6") != 0 && strcmp(stack, "dual") != 0)
		return pot_usage(e, "Network stack %s not valid", stack);
	if (stack == NULL)
		stack = pot_setting(c, "POT_NETWORK_STACK");
	strings_take(assign, xasprintf("compat.pot.stack=%s", stack));
	if (type != NULL && strcmp(type, "host") == 0)
		type = "inherit";
	if (type != NULL) {
		AUTO_FREE char *net = pot_network(c, type,
		    compat_values(c, "i"), compat_value(c, "B"), e);

		if (net == NULL)
			return -1;
		strings_take(assign, xasprintf("net=%s", net));
	}
	return add_dns(c, assign, e);
}

/* --- create-private-bridge --- */

/* The shortest prefix that has room for so many hosts beside the network, the
 * gateway and the broadcast. */
static unsigned
prefix_for(uint64_t hosts)
{
	unsigned prefix = 29;

	while (prefix > 16 && (UINT64_C(1) << (32 - prefix)) < hosts + 3)
		prefix--;
	return prefix;
}

/* Subnets in a row from 10.160.0.0 on, below POT_NETWORK, the first that nobody
 * has. */
static int
create_anywhere(struct compat *c, const char *name, unsigned prefix,
    struct error *e)
{
	enum { TRIES = 256, FIRST = 160 };
	struct network_options o = { .dns = -1, .peer = -1 };

	for (unsigned i = 0; i < TRIES; i++) {
		uint32_t at = (uint32_t)10 << 24 | FIRST << 16;

		at += (uint32_t)i << (32 - prefix);
		AUTO_FREE char *text = xasprintf("%u.%u.%u.%u/%u", at >> 24,
		    at >> 16 & 255, at >> 8 & 255, at & 255, prefix);
		error_clear(e);
		if (addr_parse(text, &o.subnet[0], e) < 0)
			return -1;
		if (network_create(c->host, name, &o, e) == 0)
			return 0;
		if (e->kind != ERROR_EXISTS ||
		    network_exists(c->host, name))
			return -1;
	}
	return error_wrap(e, "Not able to get a valid network");
}

static int
create_bridge(struct compat *c, struct error *e)
{
	const char *name = compat_value(c, "B"), *size = compat_value(c, "S");
	AUTO_NETWORK struct network n = { 0 };
	char subnet[ADDR_TEXT], gateway[ADDR_TEXT];
	struct addr first;
	uint64_t hosts;

	if (name == NULL || *name == '\0')
		return pot_usage(e, "A bridge name is mandatory (-B option)");
	if (size == NULL)
		return pot_usage(e, "The amount of host is mandatory "
		    "(-S option)");
	if (parse_uint(size, 1, 65000, &hosts, e) < 0)
		return -1;
	if (network_exists(c->host, name))
		return error_set(e, ERROR_EXISTS,
		    "A bridge with name %s already exists", name);
	if (create_anywhere(c, name, prefix_for(hosts), e) < 0 ||
	    network_load(c->host, name, &n, e) < 0)
		return -1;
	first = addr_nth(&n.subnet[0], 1);
	return compat_print(e, "net=%s\ngateway=%s\nname=%s\n",
	    addr_text_prefix(&n.subnet[0], subnet),
	    addr_text(&first, gateway), name);
}

static const struct cmd_option bridge_options[] = {
	{ 'B', "", "NAME", "the name of the bridge" },
	{ 'S', "", "HOSTS", "how many pots it has room for" },
	{ 0 },
};

const struct compat_cmd pot_cmd_create_private_bridge = {
	.name = "create-private-bridge",
	.usage = "[-hv] -B NAME -S HOSTS",
	.summary = "make a private bridge",
	.options = bridge_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "a network of gaol with a subnet of its own, outside of "
	    "POT_NETWORK",
	.test = "cli/compat_pot_test.sh:bridges",
	.exec = create_bridge,
};

/* --- vnet-start --- */

static int
vnet_start(struct compat *c, struct error *e)
{
	const char *name = compat_value(c, "B");
	AUTO_NETWORK struct network n = { 0 };
	AUTO_CLOSE int lock = -1;

	if (name == NULL && pot_network_need(c, e) < 0)
		return -1;
	if (name == NULL)
		name = POT_NETWORK_NAME;
	if (!network_exists(c->host, name))
		return error_set(e, ERROR_NOT_FOUND,
		    "%s is not a valid bridge", name);
	lock = network_lock_all(c->host, "vnet-start", e);
	if (lock < 0 || network_load(c->host, name, &n, e) < 0)
		return -1;
	return network_up(c->host, &n, e);
}

static const struct cmd_option vnet_options[] = {
	{ 'B', "", "NAME", "a private bridge, instead of the public one" },
	{ 0 },
};

const struct compat_cmd pot_cmd_vnet_start = {
	.name = "vnet-start",
	.usage = "[-hv] [-B NAME]",
	.summary = "bring up the public bridge or a private one",
	.options = vnet_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "pf is neither loaded nor enabled, and nothing is flushed",
	.test = "cli/compat_pot_test.sh:bridges",
	.exec = vnet_start,
};
