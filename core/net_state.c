/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/net_state.h"

enum { STATE_MAX = 16 << 20 };

/* The flags of an interface, as bits. */
enum { F_DHCP = 1, F_SLAAC = 2, F_APART = 4, F_OFFERS = 8 };

void
net_state_fini(struct net_state *s)
{
	VEC_FINI(&s->ifaces);
	VEC_FINI(&s->ports);
}

static void
put_addr(struct buf *b, const struct addr *a)
{
	char text[ADDR_TEXT];

	buf_printf(b, " %s", a->family != 0 ? addr_text_prefix(a, text) : "-");
}

static void
put_word(struct buf *b, const char *word)
{
	buf_printf(b, " %s", *word != '\0' ? word : "-");
}

static void
put_iface(struct buf *b, const struct engine_iface *i)
{
	unsigned flags = (i->dhcp ? F_DHCP : 0) | (i->slaac ? F_SLAAC : 0) |
	    (i->apart ? F_APART : 0) | (i->offers ? F_OFFERS : 0);

	buf_printf(b, "iface %d", (int)i->kind);
	put_word(b, i->network);
	put_word(b, i->link);
	put_word(b, i->inside);
	put_word(b, i->outside);
	buf_printf(b, " %02x:%02x:%02x:%02x:%02x:%02x %u %u %" PRIu64 " %"
	    PRIu64 " %u %u", i->mac[0], i->mac[1], i->mac[2], i->mac[3],
	    i->mac[4], i->mac[5], i->mtu, i->vlan, i->limit_in, i->limit_out,
	    flags, i->added);
	put_addr(b, &i->gateways[0]);
	put_addr(b, &i->gateways[1]);
	for (size_t k = 0; k < i->addr_count; k++)
		put_addr(b, &i->addrs[k]);
	buf_putc(b, '\n');
}

static void
put_port(struct buf *b, const struct engine_publish *p)
{
	buf_printf(b, "port %s %d %u %u %u", p->udp ? "udp" : "tcp", p->log,
	    p->first, p->last, p->to_first);
	put_addr(b, &p->host);
	put_addr(b, &p->from);
	put_addr(b, &p->to[0]);
	put_addr(b, &p->to[1]);
	buf_putc(b, '\n');
}

static int
get_addr(char **line, struct addr *a)
{
	const char *word = strsep(line, " ");
	struct error ignored = ERROR_INIT;

	memset(a, 0, sizeof(*a));
	if (word == NULL)
		return -1;
	return strcmp(word, "-") == 0 ? 0 : addr_parse(word, a, &ignored);
}

static int
get_word(char **line, char *to, size_t size)
{
	const char *word = strsep(line, " ");

	if (word == NULL || strlen(word) >= size)
		return -1;
	snprintf(to, size, "%s", strcmp(word, "-") == 0 ? "" : word);
	return 0;
}

static int
get_iface(char *line, struct engine_iface *i)
{
	int kind, at = 0;
	unsigned flags;
	const char *word = strsep(&line, " ");

	memset(i, 0, sizeof(*i));
	kind = word != NULL ? atoi(word) : -1;
	if (kind < 0 || kind >= IFACE_KINDS)
		return -1;
	i->kind = (enum iface_kind)kind;
	if (get_word(&line, i->network, sizeof(i->network)) < 0 ||
	    get_word(&line, i->link, sizeof(i->link)) < 0 ||
	    get_word(&line, i->inside, sizeof(i->inside)) < 0 ||
	    get_word(&line, i->outside, sizeof(i->outside)) < 0 ||
	    line == NULL)
		return -1;
	if (sscanf(line, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx %u %u %" SCNu64 " %"
	    SCNu64 " %u %u %n", &i->mac[0], &i->mac[1], &i->mac[2], &i->mac[3],
	    &i->mac[4], &i->mac[5], &i->mtu, &i->vlan, &i->limit_in,
	    &i->limit_out, &flags, &i->added, &at) != 12 || at == 0)
		return -1;
	line += at;
	i->dhcp = (flags & F_DHCP) != 0;
	i->slaac = (flags & F_SLAAC) != 0;
	i->apart = (flags & F_APART) != 0;
	i->offers = (flags & F_OFFERS) != 0;
	if (get_addr(&line, &i->gateways[0]) < 0 ||
	    get_addr(&line, &i->gateways[1]) < 0)
		return -1;
	while (line != NULL && i->addr_count < IFACE_ADDRS)
		if (get_addr(&line, &i->addrs[i->addr_count++]) < 0)
			return -1;
	return 0;
}

static int
get_port(char *line, struct engine_publish *p)
{
	unsigned first, last, to_first;
	int log, at = 0;
	char protocol[4];

	memset(p, 0, sizeof(*p));
	if (sscanf(line, "%3s %d %u %u %u %n", protocol, &log, &first, &last,
	    &to_first, &at) != 5 || at == 0)
		return -1;
	p->udp = strcmp(protocol, "udp") == 0;
	p->log = log != 0;
	p->first = (uint16_t)first;
	p->last = (uint16_t)last;
	p->to_first = (uint16_t)to_first;
	line += at;
	return get_addr(&line, &p->host) < 0 || get_addr(&line, &p->from) < 0 ||
	    get_addr(&line, &p->to[0]) < 0 || get_addr(&line, &p->to[1]) < 0 ?
	    -1 : 0;
}

static int
parse_line(char *line, struct net_state *s)
{
	struct engine_iface iface;
	struct engine_publish port;

	if (strncmp(line, "iface ", 6) == 0) {
		if (get_iface(line + 6, &iface) < 0)
			return -1;
		VEC_PUSH(&s->ifaces, iface);
	} else if (strncmp(line, "port ", 5) == 0) {
		if (get_port(line + 5, &port) < 0)
			return -1;
		VEC_PUSH(&s->ports, port);
	} else if (strcmp(line, "pending") == 0) {
		s->pending = true;
	}
	return 0;
}

int
net_state_read(const struct host *h, const char *name, struct net_state *s,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("net/%s", name);
	AUTO_BUF struct buf text = BUF_INIT;
	char *line, *rest;

	if (!net_state_exists(h, name))
		return 0;
	if (file_read(h->run_fd, file, STATE_MAX, &text, e) < 0)
		return -1;
	rest = text.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL)
		if (parse_line(line, s) < 0)
			return error_set(e, ERROR_DATA,
			    "%s/%s is damaged", h->run, file);
	return 0;
}

int
net_state_write(const struct host *h, const char *name,
    const struct net_state *s, struct error *e)
{
	AUTO_FREE char *file = xasprintf("net/%s", name);
	AUTO_BUF struct buf text = BUF_INIT;

	if (s->pending)
		buf_puts(&text, "pending\n");
	for (size_t i = 0; i < s->ifaces.count; i++)
		put_iface(&text, &s->ifaces.items[i]);
	for (size_t i = 0; i < s->ports.count; i++)
		put_port(&text, &s->ports.items[i]);
	if (file_replace(h->run_fd, file, text.data, text.len, 0600,
	    FILE_VOLATILE, e) == 0)
		return 0;
	if (e->sys_errno != ENOENT)
		return -1;
	/* the first jail of this boot with a network */
	error_clear(e);
	if (file_mkdirs(h->run_fd, "net", 0700, e) < 0)
		return -1;
	return file_replace(h->run_fd, file, text.data, text.len, 0600,
	    FILE_VOLATILE, e);
}

int
net_state_remove(const struct host *h, const char *name, struct error *e)
{
	AUTO_FREE char *file = xasprintf("net/%s", name);

	if (unlinkat(h->run_fd, file, 0) < 0 && errno != ENOENT)
		return error_sys(e, "%s/%s", h->run, file);
	return 0;
}

bool
net_state_exists(const struct host *h, const char *name)
{
	AUTO_FREE char *file = xasprintf("net/%s", name);

	return file_exists(h->run_fd, file);
}

int
net_state_names(const struct host *h, struct strings *names, struct error *e)
{
	AUTO_CLOSE int fd = -1;
	const struct dirent *d;

	if (!file_exists(h->run_fd, "net"))
		return 0;
	fd = file_opendir(h->run_fd, "net", e);
	if (fd < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "%s/net", h->run);
	fd = -1;
	while ((d = readdir(dir)) != NULL)
		if (*d->d_name != '.')
			strings_add(names, d->d_name);
	strings_sort(names);
	return 0;
}

char *
net_port_text(const struct engine_publish *p)
{
	struct buf b = BUF_INIT;
	char text[ADDR_TEXT];
	unsigned count = p->last - p->first;

	if (p->host.family != 0)
		buf_printf(&b, p->host.family == 6 ? "[%s]:" : "%s:",
		    addr_text(&p->host, text));
	buf_printf(&b, "%u", p->first);
	if (count > 0)
		buf_printf(&b, "-%u", p->last);
	buf_printf(&b, ":%u", p->to_first);
	if (count > 0)
		buf_printf(&b, "-%u", p->to_first + count);
	buf_printf(&b, "/%s", p->udp ? "udp" : "tcp");
	if (p->from.family != 0)
		buf_printf(&b, " from %s", addr_text_prefix(&p->from, text));
	if (p->log)
		buf_puts(&b, " log");
	return buf_steal(&b);
}

void
net_state_addresses(const struct net_state *s, struct strings *out)
{
	char text[ADDR_TEXT];

	for (size_t i = 0; i < s->ifaces.count; i++)
		for (size_t k = 0; k < s->ifaces.items[i].addr_count; k++)
			strings_add(out,
			    addr_text(&s->ifaces.items[i].addrs[k], text));
}

void
net_state_ports(const struct net_state *s, struct strings *out)
{
	for (size_t i = 0; i < s->ports.count; i++)
		strings_take(out, net_port_text(&s->ports.items[i]));
}
