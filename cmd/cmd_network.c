/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/net_state.h"
#include "core/network.h"
#include "core/prop_check.h"

static const struct cmd_option options[] = {
	{ '\0', "nat", NULL, "reach out with the host's address (the default)" },
	{ '\0', "routed", NULL, "others have routes to it" },
	{ '\0', "isolated", NULL, "its members and the host alone" },
	{ '\0', "bridge", "IFACE", "use that bridge of the host's" },
	{ '\0', "uplink", "IFACE", "the only way out; none lifts that" },
	{ '\0', "mtu", "N", "size of packets, for the bridge and its members" },
	{ '\0', "dns", "on|off", "tell members each other's names and a "
	    "resolver" },
	{ '\0', "no-peer", NULL, "members do not reach each other" },
	{ '\0', "peer", NULL, "members reach each other (the default)" },
	{ 0 },
};

static int
one_mode(const struct cmd_args *a, struct network_options *o, struct error *e)
{
	static const char *const words[] = { "nat", "routed", "isolated" };

	for (size_t i = 0; i < 3; i++) {
		if (!args_has(a, words[i]))
			continue;
		if (o->mode_said)
			return error_set(e, ERROR_USAGE, "one of --nat, "
			    "--routed and --isolated");
		o->mode_said = network_mode_parse(words[i], &o->mode);
	}
	return 0;
}

static int
read_subnets(const struct cmd_args *a, struct network_options *o,
    struct error *e)
{
	for (size_t i = 2; i < a->operands.count; i++) {
		const char *text = a->operands.items[i];
		struct addr subnet;

		if (addr_parse(text, &subnet, e) < 0 ||
		    strchr(text, '/') == NULL)
			return error_set(e, ERROR_USAGE, "'%s' is not a "
			    "network (examples: 10.10.0.0/24, fd00:10::/64)",
			    text);
		if (o->subnet[subnet.family == 6].family != 0)
			return error_set(e, ERROR_USAGE, "one network of each "
			    "family");
		o->subnet[subnet.family == 6] = subnet;
	}
	return 0;
}

static int
read_options(const struct cmd_args *a, struct network_options *o,
    struct error *e)
{
	const char *dns = args_value(a, "dns");
	uint64_t mtu;
	bool on;

	memset(o, 0, sizeof(*o));
	o->dns = o->peer = -1;
	o->bridge = args_value(a, "bridge");
	o->uplink = args_value(a, "uplink");
	if (one_mode(a, o, e) < 0 || read_subnets(a, o, e) < 0 ||
	    args_uint(a, "mtu", 1280, 65535, 0, &mtu, e) < 0)
		return -1;
	o->mtu = (unsigned)mtu;
	if (o->bridge != NULL && prop_check_interface(o->bridge, e) < 0)
		return -1;
	if (o->uplink != NULL && strcmp(o->uplink, "none") == 0)
		o->uplink = "";
	else if (o->uplink != NULL && prop_check_interface(o->uplink, e) < 0)
		return -1;
	if (dns != NULL && parse_bool(dns, &on, e) < 0)
		return error_wrap(e, "--dns");
	if (dns != NULL)
		o->dns = on;
	if (args_has(a, "no-peer") && args_has(a, "peer"))
		return error_set(e, ERROR_USAGE, "--peer or --no-peer");
	if (args_has(a, "no-peer") || args_has(a, "peer"))
		o->peer = args_has(a, "peer");
	return 0;
}

static int
create(struct cmd_args *a, struct error *e)
{
	struct network_options o;

	if (read_options(a, &o, e) < 0)
		return -1;
	return network_create(a->host, a->operands.items[1], &o, e);
}

static int
set(struct cmd_args *a, struct error *e)
{
	struct network_options o;

	if (read_options(a, &o, e) < 0)
		return -1;
	if (o.bridge != NULL)
		return error_set(e, ERROR_USAGE, "the bridge of a network "
		    "cannot be changed");
	return network_set(a->host, a->operands.items[1], &o, e);
}

static int
destroy(struct cmd_args *a, struct error *e)
{
	for (size_t i = 1; i < a->operands.count; i++)
		if (network_destroy(a->host, a->operands.items[i], e) < 0)
			return -1;
	return 0;
}

enum {
	C_NAME, C_MODE, C_SUBNET, C_BRIDGE, C_UP, C_JAILS, C_UPLINK, C_MTU,
	C_DNS, C_PEER, COLUMNS
};
static const struct view_column columns[COLUMNS] = {
	[C_NAME] = { "name", "NAME", VIEW_TEXT },
	[C_MODE] = { "mode", "MODE", VIEW_TEXT },
	[C_SUBNET] = { "subnet", "SUBNET", VIEW_LIST },
	[C_BRIDGE] = { "bridge", "BRIDGE", VIEW_TEXT },
	[C_UP] = { "up", "UP", VIEW_BOOL },
	[C_JAILS] = { "jails", "JAILS", VIEW_NUMBER },
	[C_UPLINK] = { "uplink", "UPLINK", VIEW_TEXT },
	[C_MTU] = { "mtu", "MTU", VIEW_NUMBER },
	[C_DNS] = { "dns", "DNS", VIEW_BOOL },
	[C_PEER] = { "peer", "PEER", VIEW_BOOL },
};

static void
put_network(const struct host *h, struct view *v, const struct network *n)
{
	AUTO_STRINGS struct strings subnets = VEC_INIT;
	AUTO_LEASES struct leases leases = VEC_INIT;
	char text[ADDR_TEXT];

	for (size_t f = 0; f < 2; f++)
		if (n->subnet[f].family != 0)
			strings_add(&subnets,
			    addr_text_prefix(&n->subnet[f], text));
	network_leases(n, &leases);
	view_row(v);
	view_text(v, C_NAME, n->name);
	view_text(v, C_MODE, network_mode_name(n->mode));
	view_list(v, C_SUBNET, &subnets);
	view_text(v, C_BRIDGE, n->bridge);
	view_bool(v, C_UP, network_is_up(h, n));
	view_number(v, C_JAILS, (int64_t)leases.count);
	if (*n->uplink != '\0')
		view_text(v, C_UPLINK, n->uplink);
	if (n->mtu != 0)
		view_number(v, C_MTU, n->mtu);
	view_bool(v, C_DNS, n->dns);
	view_bool(v, C_PEER, n->peer);
}

static int
list(struct cmd_args *a, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (network_names(a->host, &names, e) < 0)
		return -1;
	if (a->format == VIEW_TABLE &&
	    view_select(v, "name,mode,subnet,bridge,up,jails", e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_NETWORK struct network n;
		struct error why = ERROR_INIT;

		memset(&n, 0, sizeof(n));
		if (network_load(a->host, names.items[i], &n, &why) == 0) {
			put_network(a->host, v, &n);
			continue;
		}
		cmd_print_error(a, names.items[i], &why);
		a->status = error_exit_status(why.kind);
	}
	return cmd_print(a, v, e);
}

enum { M_JAIL, M_STATE, M_IPV4, M_IPV6, M_MAC, M_IFACE, M_PORTS, MEMBERS };
static const struct view_column member_columns[MEMBERS] = {
	[M_JAIL] = { "jail", "JAIL", VIEW_TEXT },
	[M_STATE] = { "state", "STATE", VIEW_TEXT },
	[M_IPV4] = { "ipv4", "IPV4", VIEW_TEXT },
	[M_IPV6] = { "ipv6", "IPV6", VIEW_TEXT },
	[M_MAC] = { "mac", "MAC", VIEW_TEXT },
	[M_IFACE] = { "interface", "INTERFACE", VIEW_TEXT },
	[M_PORTS] = { "ports", "PORTS", VIEW_LIST },
};

static void
put_live(struct view *v, const struct net_state *s, const char *network)
{
	AUTO_STRINGS struct strings ports = VEC_INIT;

	for (size_t k = 0; k < s->ifaces.count; k++) {
		const struct engine_iface *i = &s->ifaces.items[k];
		char mac[18];

		if (strcmp(i->network, network) != 0)
			continue;
		snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x",
		    i->mac[0], i->mac[1], i->mac[2], i->mac[3], i->mac[4],
		    i->mac[5]);
		view_text(v, M_MAC, mac);
		view_text(v, M_IFACE, i->outside);
	}
	for (size_t k = 0; k < s->ports.count; k++)
		strings_take(&ports, net_port_text(&s->ports.items[k]));
	view_list(v, M_PORTS, &ports);
}

static int
put_members(const struct host *h, struct view *v, const struct network *n,
    struct error *e)
{
	AUTO_LEASES struct leases leases = VEC_INIT;

	network_leases(n, &leases);
	for (size_t i = 0; i < leases.count; i++) {
		AUTO_NET_STATE struct net_state s = NET_STATE_INIT;
		const struct lease *l = &leases.items[i];
		char text[ADDR_TEXT];

		if (net_state_read(h, l->jail, &s, e) < 0)
			return -1;
		view_row(v);
		view_text(v, M_JAIL, l->jail);
		view_text(v, M_STATE, s.ifaces.count > 0 ? "connected" :
		    "apart");
		for (size_t f = 0; f < 2; f++)
			if (l->addrs[f].family != 0)
				view_text(v, f == 0 ? M_IPV4 : M_IPV6,
				    addr_text(&l->addrs[f], text));
		put_live(v, &s, n->name);
	}
	return 0;
}

/* The way out above the bridge, and its members at it, a line each. */
static void
draw(const struct host *h, const struct network *n, struct view *members,
    struct buf *out)
{
	AUTO_BUF struct buf table = BUF_INIT;
	const char *line;

	if (n->mode != NETWORK_ISOLATED)
		buf_printf(out, "%s\n |  %s\n",
		    *n->uplink != '\0' ? n->uplink : "any interface",
		    network_mode_name(n->mode));
	buf_printf(out, "%s%s\n", n->bridge,
	    network_is_up(h, n) ? "" : " (down: no jail runs in it)");
	view_print(members, VIEW_TABLE, 0, &table);
	line = buf_text(&table);
	for (bool first = true; *line != '\0'; first = false) {
		size_t len = strcspn(line, "\n");
		bool last = line[len] == '\0' || line[len + 1] == '\0';

		buf_printf(out, " %s %.*s\n", first ? "| " : last ? "`-" : "|-",
		    (int)len, line);
		line += len + (line[len] == '\n');
	}
}

/* For people what it is, and a drawing of its members below. */
static int
show(struct cmd_args *a, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	AUTO_VIEW struct view *members = view_new(member_columns, MEMBERS);
	AUTO_NETWORK struct network n;
	AUTO_BUF struct buf out = BUF_INIT;

	memset(&n, 0, sizeof(n));
	if (network_load(a->host, a->operands.items[1], &n, e) < 0)
		return -1;
	put_network(a->host, v, &n);
	if (put_members(a->host, members, &n, e) < 0)
		return -1;
	if (a->format == VIEW_JSON) {
		AUTO_BUF struct buf object = BUF_INIT;

		view_print_object(v, VIEW_JSON, &object);
		while (object.len > 0 && (object.data[object.len - 1] == '\n' ||
		    object.data[object.len - 1] == '}'))
			object.len--;
		buf_append(&out, object.data, object.len);
		buf_puts(&out, ",\"members\":");
		view_print(members, VIEW_JSON, 0, &out);
		while (out.data[out.len - 1] == '\n')
			out.len--;
		buf_puts(&out, "}\n");
		return cmd_print_text(&out, e);
	}
	view_print_object(v, a->format, &out);
	if (a->format == VIEW_TABLE) {
		buf_putc(&out, '\n');
		draw(a->host, &n, members, &out);
	} else {
		view_print(members, a->format, 0, &out);
	}
	return cmd_print_text(&out, e);
}

static int
network(struct cmd_args *a, struct error *e)
{
	static const struct {
		const char *name;
		size_t min, max;
		int (*exec)(struct cmd_args *a, struct error *e);
	} verbs[] = {
		{ "create", 2, 4, create }, { "list", 1, 1, list },
		{ "show", 2, 2, show }, { "set", 2, 4, set },
		{ "destroy", 2, CMD_ANY, destroy },
	};
	const char *word = a->operands.items[0];

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, word) != 0)
			continue;
		if (a->operands.count < verbs[i].min)
			return error_set(e, ERROR_USAGE,
			    "network %s: which network?", word);
		if (a->operands.count > verbs[i].max)
			return error_set(e, ERROR_USAGE, "network %s: '%s' is "
			    "too much", word,
			    a->operands.items[verbs[i].max]);
		return verbs[i].exec(a, e);
	}
	return error_set(e, ERROR_USAGE, "network: '%s' is none of create, "
	    "list, show, set and destroy", word);
}

const struct cmd cmd_network = {
	.name = "network",
	.group = "network",
	.summary = "make, change and show networks of jails",
	.operands = "create|list|show|set|destroy [NAME] [SUBNET4] [SUBNET6]",
	.options = options,
	.min = 1,
	.max = CMD_ANY,
	.flags = CMD_PLAN | CMD_VIEW,
	.exec = network,
};
