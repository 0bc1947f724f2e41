/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What a task's network comes to. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "engine/engine.h"
#include "nomad/jail.h"

enum { MODE_HOST = 0, MODE_GROUP = 1, MODE_TASK = 2, MODE_NONE = 3 };

void
jail_net_fini(struct jail_net *n)
{
	strings_fini(&n->net);
	strings_fini(&n->publish);
	strings_fini(&n->ports);
}

static bool
is(const char *text, const char *word)
{
	return text != NULL && strcmp(text, word) == 0;
}

/* A port that the agent has given the task: HOST:JAIL on that address. */
static int
publish(struct jail_net *n, const char *label, int64_t host, int64_t inside,
    const char *ip)
{
	bool v6 = ip != NULL && strchr(ip, ':') != NULL;
	bool any = ip == NULL || *ip == '\0' || is(ip, "0.0.0.0") ||
	    is(ip, "::");

	strings_take(&n->publish, xasprintf("%s%s%s%s%" PRId64 ":%" PRId64,
	    any ? "" : v6 ? "[" : "", any ? "" : ip,
	    any ? "" : v6 ? "]" : "", any ? "" : ":", host, inside));
	strings_take(&n->ports, xasprintf("%s=%" PRId64, label, inside));
	return 0;
}

/* Whether that label was asked for; its port inside. */
static int64_t
mapped(const struct task_fields *f, const char *label)
{
	const char *text = config_map_get(&f->port_map, label);

	return text == NULL ? 0 : strtoll(text, NULL, 10);
}

static int
publish_networks(struct jail_net *n, const struct msg_network *net,
    const struct task_fields *f)
{
	const struct pb_list *lists[] = { &net->reserved, &net->dynamic };

	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < lists[i]->count; k++) {
			const struct msg_port *p =
			    ((struct msg_port **)lists[i]->items)[k];
			const char *label = p->label != NULL ? p->label : "";
			int64_t inside = mapped(f, label);

			if (strings_index(&n->ports, label) < 0)
				publish(n, label, p->value,
				    inside != 0 ? inside : p->value, net->ip);
		}
	return 0;
}

/* Ports of the group ("network { port ... }"), or of the task as before. */
static int
publish_all(struct jail_net *n, const struct msg_task_config *task,
    const struct task_fields *f, struct error *e)
{
	const struct msg_resources *r = task->resources;

	for (size_t i = 0; r != NULL && i < r->ports.count; i++) {
		const struct msg_port_mapping *p =
		    ((struct msg_port_mapping **)r->ports.items)[i];
		const char *label = p->label != NULL ? p->label : "";
		int64_t inside = mapped(f, label);

		if (inside == 0)
			inside = p->to > 0 ? p->to : p->value;
		publish(n, label, p->value, inside, p->host_ip);
	}
	if (r != NULL && r->ports.count == 0 && r->allocated != NULL)
		for (size_t i = 0; i < r->allocated->networks.count; i++)
			publish_networks(n, ((struct msg_network **)
			    r->allocated->networks.items)[i], f);
	for (size_t i = 0; i < f->port_map.count; i++) {
		AUTO_FREE char *label = xstrndup(f->port_map.items[i],
		    strcspn(f->port_map.items[i], "="));

		if (config_map_get(&n->ports, label) == NULL)
			return error_set(e, ERROR_CONFIG, "port_map: the job "
			    "has no port '%s'", label);
	}
	return 0;
}

/* An address that others than this host can reach. */
static bool
is_reachable(const struct strings *net)
{
	for (size_t i = 0; i < net->count; i++)
		if (strncmp(net->items[i], "vnet:", 5) == 0 ||
		    strncmp(net->items[i], "if:", 3) == 0 ||
		    (strchr(net->items[i], '|') != NULL &&
		    strncmp(net->items[i], "lo|", 3) != 0))
			return true;
	return false;
}

static int
join_group(const struct msg_isolation *i, const struct task_fields *f,
    struct jail_net *n, struct error *e)
{
	const char *field = f->net.count > 0 ? "net" :
	    f->publish.count > 0 ? "publish" :
	    f->network_mode != NULL && !is(f->network_mode, "host") ?
	    "network_mode" : NULL;

	if (field != NULL)
		return error_set(e, ERROR_CONFIG, "%s: the group has a "
		    "network of its own, which the task is in", field);
	if (i->path == NULL || *i->path == '\0')
		return error_set(e, ERROR_CONFIG, "network: the group's "
		    "network has no namespace");
	n->netns = i->path;
	strings_add(&n->net, "inherit");
	return 0;
}

int
jail_net_plan(const struct msg_task_config *task, const struct task_fields *f,
    struct jail_net *n, struct error *e)
{
	const char *mode = f->network_mode;
	bool shared = is(mode, "host") || is(mode, "inherit");

	if (task->isolation != NULL && task->isolation->mode == MODE_GROUP)
		return join_group(task->isolation, f, n, e);
	if (task->isolation != NULL && task->isolation->mode == MODE_NONE) {
		strings_add(&n->net, "none");
		return 0;
	}
	if ((shared || is(mode, "none")) && f->net.count > 0)
		return error_set(e, ERROR_CONFIG, "net: with network_mode = "
		    "\"%s\" there is nothing to say of it", mode);
	if (is(mode, "private-bridge") && f->net.count == 0)
		return error_set(e, ERROR_CONFIG, "network_mode: for "
		    "private-bridge net has to name a network");
	for (size_t i = 0; i < f->net.count; i++)
		strings_add(&n->net, f->net.items[i]);
	/* pot's alias without an address: those of the host */
	if (shared || (is(mode, "alias") && f->net.count == 0))
		strings_add(&n->net, "inherit");
	else if (is(mode, "none"))
		strings_add(&n->net, "none");
	n->advertise = is_reachable(&n->net);
	if (n->net.count > 0 && (is(n->net.items[0], "inherit") ||
	    is(n->net.items[0], "none"))) {
		if (f->publish.count > 0)
			return error_set(e, ERROR_CONFIG, "publish: it needs "
			    "a network of the jail's own");
		return 0;
	}
	for (size_t i = 0; i < f->publish.count; i++)
		strings_add(&n->publish, f->publish.items[i]);
	/* who has an address that all can reach needs no port of the host */
	return n->advertise ? 0 : publish_all(n, task, f, e);
}

static void
put_all(struct buf *out, const char *word, const struct pb_list *list,
    bool each)
{
	for (size_t i = 0; i < list->count; i++)
		buf_printf(out, "%s%s%s", each || i == 0 ? word : "",
		    " ", ((char **)list->items)[i]);
	if (list->count > 0)
		buf_putc(out, '\n');
}

static void
put_resolver(struct buf *out, const struct msg_dns_config *dns)
{
	for (size_t i = 0; i < dns->servers.count; i++)
		buf_printf(out, "nameserver %s\n",
		    ((char **)dns->servers.items)[i]);
	put_all(out, "search", &dns->searches, false);
	put_all(out, "options", &dns->options, false);
}

static int
check_words(const struct msg_dns_config *dns, struct error *e)
{
	const struct pb_list *lists[] = { &dns->servers, &dns->searches,
		&dns->options };

	for (size_t l = 0; l < 3; l++)
		for (size_t i = 0; i < lists[l]->count; i++) {
			const char *word = ((char **)lists[l]->items)[i];

			if (word == NULL || *word == '\0' ||
			    strcspn(word, " \t\r\n") != strlen(word))
				return error_set(e, ERROR_CONFIG,
				    "dns: a word is empty or has a blank");
		}
	return 0;
}

int
jail_net_files(const struct msg_task_config *task,
    const struct task_fields *f, const char *hostname, struct buf *hosts,
    struct buf *resolver, struct error *e)
{
	const struct msg_hosts_config *own = task->isolation != NULL ?
	    task->isolation->hosts : NULL;
	const struct msg_dns_config *dns = task->dns;
	struct error ignored = ERROR_INIT;

	if (f->extra_hosts.count == 0 && dns == NULL && own == NULL)
		return 0;
	buf_printf(hosts, "127.0.0.1 localhost\n::1 localhost\n");
	buf_printf(hosts, "%s %s\n", own != NULL && own->address != NULL ?
	    own->address : "127.0.1.1", own != NULL &&
	    own->hostname != NULL && *own->hostname != '\0' ?
	    own->hostname : hostname);
	for (size_t i = 0; i < f->extra_hosts.count; i++) {
		const char *pair = f->extra_hosts.items[i];

		buf_printf(hosts, "%s %.*s\n", strchr(pair, ':') + 1,
		    (int)strcspn(pair, ":"), pair);
	}
	if (dns != NULL && check_words(dns, e) < 0)
		return -1;
	if (dns != NULL)
		put_resolver(resolver, dns);
	else if (file_read(AT_FDCWD, "/etc/resolv.conf", 65536, resolver,
	    &ignored) < 0)
		buf_puts(resolver, "# the host has none\n");
	return 0;
}
