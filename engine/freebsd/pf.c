/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * What our anchors of pf say.  A packet that came in by a published port is
 * tagged gaol_pub, one that a jail sends out gaol_out, so that it passes where
 * it leaves the host whatever the administrator's rules are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "engine/freebsd/kern_pf.h"
#include "engine/freebsd/net_freebsd.h"

enum { ANCHOR_MAX = 64, ANCHOR_PATH = ANCHOR_MAX + 8 };

static const char *const families[] = { "inet", "inet6" };

/* Lines of /etc/pf.conf, in the order that pf wants. */
static const struct {
	const char *line, *shown_by;
} points[] = {
	{ "nat-anchor \"gaol/*\"", "nat" },
	{ "rdr-anchor \"gaol/*\"", "nat" },
	{ "anchor \"gaol/*\"", "rules" },
};

/* "gaol/web", "gaol/@lan" of a network; of another root "gaol/web@SCOPE". */
static void
anchor_path(const char *key, bool network, char path[ANCHOR_PATH])
{
	char name[KERNEL_NAME_MAX];
	uint32_t hash = 2166136261u;

	kernel_name(key, name);
	for (const char *p = name; *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	/* a name too long for pf ends with a number of its own */
	if (strlen(name) + network < ANCHOR_MAX)
		snprintf(path, ANCHOR_PATH, "gaol/%s%.62s",
		    network ? "@" : "", name);
	else
		snprintf(path, ANCHOR_PATH, "gaol/%s%.50s~%08x",
		    network ? "@" : "", name, hash);
}

/* The line begins with the words, whatever follows. */
static bool
has_line(const char *text, const char *words)
{
	size_t len = strlen(words);

	for (const char *p = text; p != NULL; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (strncmp(p, words, len) == 0)
			return true;
	}
	return false;
}

static int
missing_points(struct buf *missing, struct error *e)
{
	AUTO_BUF struct buf nat = BUF_INIT;
	AUTO_BUF struct buf rules = BUF_INIT;

	if (kern_pf_show("nat", &nat, e) < 0 ||
	    kern_pf_show("rules", &rules, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		if (!has_line(buf_text(strcmp(points[i].shown_by, "nat") == 0 ?
		    &nat : &rules), points[i].line))
			buf_printf(missing, "%s'%s'", missing->len > 0 ?
			    ", " : "", points[i].line);
	return 0;
}

int
pf_check(struct error *e)
{
	AUTO_BUF struct buf info = BUF_INIT;
	AUTO_BUF struct buf missing = BUF_INIT;

	if (kern_pf_show("info", &info, e) < 0 ||
	    strstr(buf_text(&info), "Status: Enabled") == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "the packet filter is "
		    "off: put '%s', '%s', '%s' in this order into "
		    "/etc/pf.conf, then 'service pf enable' and "
		    "'service pf start'", points[0].line, points[1].line,
		    points[2].line);
	if (missing_points(&missing, e) < 0)
		return -1;
	if (missing.len > 0)
		return error_set(e, ERROR_CONFIG, "pf does not look into "
		    "gaol's rules: /etc/pf.conf lacks %s (translation stands "
		    "before filtering); then 'service pf reload'",
		    buf_text(&missing));
	return 0;
}

bool
pf_is_ready(void)
{
	struct error ignored = ERROR_INIT;

	return pf_check(&ignored) == 0;
}

struct rules {
	struct buf *out;
	const struct engine_network *n;
	const char *family;
	char net[ADDR_TEXT];
};

/* Out by the address of the host. */
static void
put_nat(const struct rules *r, const struct strings *uplinks)
{
	for (size_t i = 0; i < uplinks->count; i++)
		buf_printf(r->out, "nat on %s %s from %s to ! %s -> (%s:0)\n",
		    uplinks->items[i], r->family, r->net, r->net,
		    uplinks->items[i]);
}

/* By the host's address to a jail of the same network: the answer must come
 * back by the host. */
static void
put_hairpin(const struct rules *r)
{
	buf_printf(r->out, "nat on %s %s from %s to %s tagged gaol_pub -> "
	    "(%s:0)\n", r->n->bridge, r->family, r->net, r->net,
	    r->n->bridge);
}

/* Among members and with the host; what stays on the bridge comes here only
 * where net.link.bridge.pfil_bridge says so. */
static void
put_inner(const struct rules *r)
{
	const char *bridge = r->n->bridge;

	/* to the host an isolated network only answers */
	if (r->n->mode != NETWORK_ISOLATED)
		buf_printf(r->out, "pass quick on %s %s from %s to (%s) "
		    "keep state\n", bridge, r->family, r->net, bridge);
	buf_printf(r->out, "pass quick on %s %s from (%s) to %s keep state\n",
	    bridge, r->family, bridge, r->net);
	buf_printf(r->out, "%s quick on %s %s from %s to %s%s\n",
	    r->n->apart ? "block drop" : "pass", bridge, r->family, r->net,
	    r->net, r->n->apart ? "" : " keep state");
}

static void
put_ways(const struct rules *r, const struct strings *uplinks)
{
	const char *bridge = r->n->bridge;

	buf_printf(r->out, "pass out quick on %s %s from (self) to %s "
	    "keep state\n", bridge, r->family, r->net);
	if (r->n->mode == NETWORK_ISOLATED)
		return;
	buf_printf(r->out, "pass in quick on %s %s from %s to any "
	    "keep state tag gaol_out\n", bridge, r->family, r->net);
	if (r->n->mode == NETWORK_ROUTED)
		buf_printf(r->out, "pass out quick on %s %s from any to %s "
		    "keep state\n", bridge, r->family, r->net);
	for (size_t i = 0; i < uplinks->count; i++)
		buf_printf(r->out, "pass out quick on %s %s tagged gaol_out "
		    "keep state\n", uplinks->items[i], r->family);
}

/* What no member may be to the others unless offer=on: where
 * net.link.bridge.pfil_member says so. */
static void
put_ports(struct buf *b)
{
	buf_puts(b, "block drop in quick on " GROUP_GUEST
	    " inet proto udp from any port 67 to any\n"
	    "block drop in quick on " GROUP_GUEST
	    " inet6 proto udp from any port 547 to any\n"
	    "block drop in quick on " GROUP_GUEST
	    " inet6 proto ipv6-icmp all icmp6-type { routeradv, redir }\n"
	    "pass quick on " GROUP_PORT " all no state\n");
}

static bool
begin(struct rules *r, size_t family)
{
	const struct addr *a = &r->n->gateway[family];
	struct addr net = addr_network(a);

	if (a->family == 0)
		return false;
	r->family = families[family];
	addr_text_prefix(&net, r->net);
	return true;
}

static void
network_rules(const struct engine_network *n, const struct strings uplinks[2],
    struct buf *b)
{
	struct rules r = { .out = b, .n = n };

	for (size_t f = 0; f < 2; f++)
		if (begin(&r, f) && n->mode == NETWORK_NAT)
			put_nat(&r, &uplinks[f]);
	for (size_t f = 0; f < 2; f++)
		if (begin(&r, f) && n->mode != NETWORK_ISOLATED)
			put_hairpin(&r);
	put_ports(b);
	buf_printf(b, "pass quick on %s inet6 proto ipv6-icmp from any to any "
	    "icmp6-type { neighbrsol, neighbradv, routersol } no state\n",
	    n->bridge);
	if (n->mode != NETWORK_ISOLATED)
		buf_printf(b, "pass quick on %s tagged gaol_pub keep state\n",
		    n->bridge);
	for (size_t f = 0; f < 2; f++)
		if (begin(&r, f)) {
			put_inner(&r);
			put_ways(&r, &uplinks[f]);
		}
	buf_printf(b, "block drop quick on %s all\n", n->bridge);
}

static void
network_path(const struct engine_network *n, char path[ANCHOR_PATH])
{
	AUTO_FREE char *key = xasprintf("%s/%s", n->scope, n->name);

	anchor_path(key, true, path);
}

int
pf_load_network(const struct engine_network *n,
    const struct strings uplinks[2], struct error *e)
{
	AUTO_BUF struct buf rules = BUF_INIT;
	char path[ANCHOR_PATH];

	network_path(n, path);
	network_rules(n, uplinks, &rules);
	return kern_pf_load(path, buf_text(&rules), e);
}

int
pf_clear_network(const struct engine_network *n, struct error *e)
{
	char path[ANCHOR_PATH];

	network_path(n, path);
	return kern_pf_anchors(path) < 0 ? 0 : kern_pf_load(path, "", e);
}

bool
pf_has_network(const struct engine_network *n)
{
	char path[ANCHOR_PATH];

	network_path(n, path);
	return kern_pf_anchors(path) >= 0;
}

static void
put_port(struct buf *b, uint16_t first, uint16_t last)
{
	buf_printf(b, " port %u", first);
	if (last > first)
		buf_printf(b, ":%u", last);
}

static void
put_redirect(struct buf *b, const struct engine_publish *p, size_t f)
{
	char text[ADDR_TEXT];

	buf_printf(b, "rdr %s proto %s from %s to ", families[f],
	    p->udp ? "udp" : "tcp", p->from.family != 0 ?
	    addr_text_prefix(&p->from, text) : "any");
	/* 0.0.0.0 and :: are all of that family */
	buf_puts(b, p->host.family != 0 && !addr_is_zero(&p->host) ?
	    addr_text(&p->host, text) : "(self)");
	put_port(b, p->first, p->last);
	buf_printf(b, " tag gaol_pub -> %s port %u%s\n",
	    addr_text(&p->to[f], text), p->to_first,
	    p->last > p->first ? ":*" : "");
}

static void
put_pass(struct buf *b, const struct engine_publish *p, size_t f)
{
	char text[ADDR_TEXT];

	for (int out = 0; out < 2; out++) {
		buf_printf(b, "pass %s%s quick %s proto %s from any to %s",
		    out ? "out" : "in", p->log && !out ? " log" : "",
		    families[f], p->udp ? "udp" : "tcp",
		    addr_text(&p->to[f], text));
		put_port(b, p->to_first,
		    (uint16_t)(p->to_first + (p->last - p->first)));
		buf_puts(b, " tagged gaol_pub keep state\n");
	}
}

/* Whether the port leads into the jail in that family. */
static bool
leads(const struct engine_publish *p, size_t f)
{
	unsigned char family = f == 0 ? 4 : 6;

	return p->to[f].family != 0 &&
	    (p->host.family == 0 || p->host.family == family) &&
	    (p->from.family == 0 || p->from.family == family);
}

/* The narrower first: an address, a source, then everything. */
static int
rank(const struct engine_publish *p)
{
	return (p->host.family == 0 || addr_is_zero(&p->host)) +
	    2 * (p->from.family == 0);
}

int
pf_load_jail(const struct engine_spec *spec, struct error *e)
{
	AUTO_BUF struct buf rules = BUF_INIT;
	char path[ANCHOR_PATH];

	for (int at = 0; at <= 3; at++)
		for (size_t i = 0; i < spec->publish_count; i++)
			for (size_t f = 0; f < 2; f++)
				if (rank(&spec->publish[i]) == at &&
				    leads(&spec->publish[i], f))
					put_redirect(&rules,
					    &spec->publish[i], f);
	for (size_t i = 0; i < spec->publish_count; i++)
		for (size_t f = 0; f < 2; f++)
			if (leads(&spec->publish[i], f))
				put_pass(&rules, &spec->publish[i], f);
	anchor_path(spec->key, false, path);
	return kern_pf_load(path, buf_text(&rules), e);
}

int
pf_clear_jail(const char *key, struct error *e)
{
	char path[ANCHOR_PATH];

	anchor_path(key, false, path);
	return kern_pf_anchors(path) < 0 ? 0 : kern_pf_load(path, "", e);
}
