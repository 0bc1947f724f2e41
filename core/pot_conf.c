/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* conf/pot.conf and conf/fscomp.conf of a cell, as 'pot create' writes them. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/mount.h"
#include "core/network.h"
#include "core/pot_attr.h"

struct pot {
	const struct cell *cell;
	struct buf conf, fscomp;
	struct strings *lost;
};

static void
lose(struct pot *p, const char *name, const char *value)
{
	strings_take(p->lost, xasprintf("not written: %s = %.160s (pot has "
	    "nothing for it)", name, value));
}

/* KEY=VALUE, the value kept in compat.pot.NAME or the fallback. */
static void
put_kept(struct pot *p, const char *key, const char *name,
    const char *fallback)
{
	AUTO_FREE char *value = pot_kept(p->cell, name);

	if (value != NULL || fallback != NULL)
		buf_printf(&p->conf, "%s=%s\n", key,
		    value != NULL ? value : fallback);
}

/* "14.3-RELEASE" is base 14.3. */
static void
put_head(struct pot *p)
{
	AUTO_FREE char *release = cell_text(p->cell, "release");
	AUTO_FREE char *base = xstrdup(release != NULL ? release : "");
	AUTO_FREE char *osrelease = cell_text(p->cell, "osrelease");
	AUTO_FREE char *cmd = pot_cmd_get(p->cell);
	AUTO_FREE char *host = cell_text(p->cell, "host.hostname");
	char *suffix = strstr(base, "-RELEASE");

	if (suffix != NULL)
		*suffix = '\0';
	put_kept(p, "pot.level", "level", "0");
	put_kept(p, "pot.type", "type", "single");
	put_kept(p, "pot.base", "base", base);
	put_kept(p, "pot.potbase", "potbase", "");
	put_kept(p, "pot.dns", "dns", "inherit");
	buf_printf(&p->conf, "pot.cmd=%s\nhost.hostname=\"%s\"\n", cmd,
	    host != NULL ? host : p->cell->name);
	buf_printf(&p->conf, "osrelease=\"%s\"\n", osrelease != NULL ?
	    osrelease : release != NULL ? release : "");
}

static void
put_attributes(struct pot *p)
{
	for (size_t i = 0; i < pot_attr_count; i++) {
		const struct pot_attr *a = &pot_attrs[i];
		AUTO_FREE char *value = pot_attr_get(p->cell, a);

		if ((a->flags & POT_MADE) || strcmp(value, a->fallback) != 0)
			buf_printf(&p->conf, "pot.attr.%s=%s\n", a->name,
			    value);
	}
}

/* "em0|10.0.0.1/24" to "em0|10.0.0.1", and all after a blank. */
static void
put_addresses(struct buf *out, const char *entry)
{
	const char *bar = strchr(entry, '|');
	AUTO_FREE char *list = xstrndup(bar + 1, strcspn(bar + 1, " "));
	char *one, *rest = list;

	while ((one = strsep(&rest, ",")) != NULL)
		buf_printf(out, "%s%.*s|%.*s", out->len > 0 ? " " : "",
		    (int)(bar - entry), entry, (int)strcspn(one, "/"), one);
}

void
pot_net_fini(struct pot_net *n)
{
	free(n->ip);
	free(n->bridge);
}

/* The address that a network has given it. */
static void
put_lease(const struct host *h, const char *network, const char *jail,
    struct buf *ip)
{
	AUTO_NETWORK struct network n = { 0 };
	AUTO_LEASES struct leases leases = VEC_INIT;
	struct error ignored = ERROR_INIT;
	char text[ADDR_TEXT];

	if (network_load(h, network, &n, &ignored) < 0)
		return;
	network_leases(&n, &leases);
	for (size_t i = 0; i < leases.count; i++)
		if (strcmp(leases.items[i].jail, jail) == 0 &&
		    leases.items[i].addrs[0].family != 0) {
			addr_text(&leases.items[i].addrs[0], text);
			buf_puts(ip, text);
		}
}

/* "lan:10.0.0.3 mac=..." */
static void
get_network(const struct host *h, const char *jail, const char *entry,
    struct pot_net *n, struct buf *ip)
{
	size_t len = strcspn(entry, ": ");
	const char *addr = entry[len] == ':' ? entry + len + 1 : "";

	n->bridge = xstrndup(entry, len);
	n->type = strcmp(n->bridge, POT_NETWORK_NAME) == 0 ||
	    strcmp(n->bridge, NETWORK_DEFAULT) == 0 ? "public-bridge" :
	    "private-bridge";
	buf_printf(ip, "%.*s", (int)strcspn(addr, ", "), addr);
	if (ip->len == 0 && h != NULL)
		put_lease(h, n->bridge, jail, ip);
}

void
pot_net_get(const struct host *h, const struct cell *c, struct pot_net *n,
    struct strings *rest)
{
	AUTO_STRINGS struct strings net = VEC_INIT;
	AUTO_BUF struct buf ip = BUF_INIT;

	cell_values(c, "net", &net);
	for (size_t i = 0; i < net.count; i++) {
		const char *entry = net.items[i];

		if (strchr(entry, '|') != NULL && (n->type == NULL ||
		    strcmp(n->type, "alias") == 0)) {
			n->type = "alias";
			put_addresses(&ip, entry);
		} else if (n->type != NULL ||
		    strncmp(entry, "vnet:", 5) == 0 ||
		    strncmp(entry, "if:", 3) == 0) {
			strings_add(rest, entry);
		} else if (strcmp(entry, "inherit") == 0 ||
		    strcmp(entry, "none") == 0) {
			n->type = *entry == 'i' ? "inherit" : "none";
		} else {
			get_network(h, c->name, entry, n, &ip);
		}
	}
	if (n->type == NULL)
		n->type = "none";
	n->ip = xstrdup(buf_text(&ip));
}

static void
put_network(struct pot *p)
{
	AUTO_POT_NET struct pot_net n = POT_NET_INIT;
	AUTO_STRINGS struct strings rest = VEC_INIT;

	pot_net_get(NULL, p->cell, &n, &rest);
	for (size_t i = 0; i < rest.count; i++)
		lose(p, "net", rest.items[i]);
	put_kept(p, "pot.stack", "stack", "ipv4");
	buf_printf(&p->conf, "network_type=%s\nvnet=%s\n",
	    strcmp(n.type, "none") == 0 ? "inherit" : n.type,
	    strstr(n.type, "bridge") != NULL ? "true" : "false");
	if (*n.ip != '\0')
		buf_printf(&p->conf, "ip=%s\n", n.ip);
	if (strcmp(n.type, "private-bridge") == 0)
		buf_printf(&p->conf, "bridge=%s\n", n.bridge);
}

static void
put_mount(struct pot *p, const char *line)
{
	struct engine_mount m = { 0 };
	struct error ignored = ERROR_INIT;

	if (mount_split(line, &m, &ignored) < 0 ||
	    strcmp(m.type, "nullfs") != 0)
		lose(p, "mount", line);
	else
		buf_printf(&p->fscomp, "%s %s%s\n", m.source, m.target,
		    strncmp(m.options, "ro", 2) == 0 ? " ro" : "");
	mount_fini(&m);
}

static void
put_value(struct pot *p, const char *name, const char *value)
{
	static const struct {
		const char *prop, *key;
	} plain[] = {
		{ "depend", "pot.depend" },
		{ "limit.cpu", "pot.rss.cpus" },
		{ "limit.memory", "pot.rss.memory" },
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strcmp(name, plain[i].prop) == 0) {
			buf_printf(&p->conf, "%s=%s\n", plain[i].key, value);
			return;
		}
	if (strcmp(name, "env") == 0) {
		buf_puts(&p->conf, "pot.env=\"");
		for (; *value != '\0'; value++)
			buf_printf(&p->conf, *value == '"' ? "\\%c" : "%c",
			    *value);
		buf_puts(&p->conf, "\"\n");
	} else if (strcmp(name, "mount") == 0) {
		if (strstr(value, " /tmp tmpfs") == NULL)
			put_mount(p, value);
	} else {
		lose(p, name, value);
	}
}

static void
put_ports(struct pot *p)
{
	AUTO_STRINGS struct strings values = VEC_INIT;
	AUTO_BUF struct buf ports = BUF_INIT;

	cell_values(p->cell, "publish", &values);
	for (size_t i = 0; i < values.count; i++) {
		AUTO_FREE char *port = pot_port_format(values.items[i]);

		if (port == NULL)
			lose(p, "publish", values.items[i]);
		else
			buf_printf(&ports, "%s%s", ports.len > 0 ? " " : "",
			    port);
	}
	if (ports.len > 0)
		buf_printf(&p->conf, "pot.export.ports=%s\n",
		    buf_text(&ports));
}

static void
put_hosts(struct pot *p)
{
	AUTO_FREE char *hosts = pot_kept(p->cell, "hosts");
	char *one, *rest = hosts;

	while (rest != NULL && (one = strsep(&rest, ",")) != NULL)
		buf_printf(&p->conf, "pot.hosts=%s\n",
		    one + strspn(one, " "));
}

/* Properties whose lines are written elsewhere, or that gaol alone has a use
 * for. */
static bool
is_dealt_with(const char *name)
{
	static const char *const names[] = { "allow.chflags",
		"allow.socket_af", "exec.start", "host.hostname", "net",
		"note", "osrelease", "path", "publish", "release", "store",
		"tag", "type", "userns", "idmap", NULL };

	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	for (size_t i = 0; i < pot_attr_count; i++)
		if (pot_attrs[i].prop != NULL &&
		    strcmp(pot_attrs[i].prop, name) == 0 &&
		    strcmp(name, "mount") != 0)
			return true;
	return strncmp(name, "snapshot.", 9) == 0 ||
	    strncmp(name, "compat.", 7) == 0;
}

static void
add_file(struct buf *files, const char *name, struct buf *text)
{
	buf_printf(files, "%s %zu\n", name, text->len);
	buf_append(files, buf_text(text), text->len);
	buf_fini(text);
}

void
pot_files(const struct cell *c, struct buf *files, struct strings *lost)
{
	struct pot p = { .cell = c, .lost = lost };

	put_head(&p);
	put_attributes(&p);
	put_network(&p);
	for (size_t i = 0; i < c->values.count; i++) {
		const struct cell_value *v = &c->values.items[i];

		for (size_t k = 0; k < v->values.count; k++)
			if (!is_dealt_with(v->name))
				put_value(&p, v->name, v->values.items[k]);
	}
	put_ports(&p);
	put_hosts(&p);
	add_file(files, "conf/pot.conf", &p.conf);
	add_file(files, "conf/fscomp.conf", &p.fscomp);
}
