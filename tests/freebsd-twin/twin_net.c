/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Interfaces of the twin: a list for the host and all jails. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "engine/freebsd/kern_iface.h"
#include "tests/freebsd-twin/record.h"
#include "tests/freebsd-twin/twin.h"

enum { IFACES = 32, ADDRS = 8, GROUPS = 4 };

static struct iface {
	int jid;		/* whose it is; 0: the host's */
	char name[IFACE_NAME];
	char pair[IFACE_NAME];	/* goes with it */
	char groups[GROUPS][IFACE_NAME];
	size_t group_count;
	char text[128];
	unsigned char mac[6];
	unsigned mtu;
	struct addr addrs[ADDRS];
	size_t addr_count;
} ifaces[IFACES];
static size_t iface_count;
static int where;		/* the jail that calls; 0: the host */
static int forwarding[2];

void
twin_reset_net(void)
{
	memset(ifaces, 0, sizeof(ifaces));
	iface_count = 0;
	where = 0;
	forwarding[0] = forwarding[1] = 0;
}

static struct iface *
find(int jid, const char *name)
{
	for (size_t i = 0; i < iface_count; i++)
		if (ifaces[i].jid == jid && strcmp(ifaces[i].name, name) == 0)
			return &ifaces[i];
	return NULL;
}

static struct iface *
add_iface(const char *name, const char *group)
{
	struct iface *i = &ifaces[iface_count++];

	memset(i, 0, sizeof(*i));
	snprintf(i->name, sizeof(i->name), "%s", name);
	snprintf(i->groups[i->group_count++], IFACE_NAME, "%s", group);
	i->mtu = 1500;
	i->mac[5] = (unsigned char)iface_count;
	return i;
}

void
twin_iface(const char *name, const char *group, const char *address)
{
	struct iface *i = add_iface(name, group);
	struct error ignored = ERROR_INIT;

	if (*address != '\0' &&
	    addr_parse(address, &i->addrs[0], &ignored) == 0)
		i->addr_count = 1;
}

int
twin_ifaces(void)
{
	return (int)iface_count;
}

void
twin_vnet_gone(int jid)
{
	for (size_t i = iface_count; i-- > 0;) {
		struct iface *f = &ifaces[i];

		if (f->jid != jid)
			continue;
		if (strcmp(f->name, "lo0") != 0)
			f->jid = 0;
		else
			memmove(f, f + 1, (--iface_count - i) * sizeof(*f));
	}
}

static void
say(const char *what, const char *name)
{
	twin_say("%s %s", what, name);
	if (where != 0)
		twin_say(" in %d", where);
}

/* The interface, or an error as the kernel has it. */
static struct iface *
need(const char *name, const char *what, struct error *e)
{
	struct iface *i = find(where, name);

	twin_say("\n");
	if (twin_call(what, e) < 0)
		return NULL;
	if (i == NULL)
		error_set(e, ERROR_NOT_FOUND, "%s: no %s", what, name);
	return i;
}

bool
kern_iface_exists(const char *name)
{
	return find(where, name) != NULL;
}

int
kern_iface_create(const char *name, struct error *e)
{
	twin_say("create %s\n", name);
	if (twin_call("create", e) < 0)
		return -1;
	if (strncmp(name, "epair", 5) == 0) {
		struct iface *a = add_iface(name, "epair");
		struct iface *b = add_iface(name, "epair");

		strcat(a->name, "a");
		strcat(b->name, "b");
		memcpy(a->pair, b->name, IFACE_NAME);
	} else {
		add_iface(name, "bridge");
	}
	return 0;
}

static void
drop(const char *name)
{
	for (size_t i = 0; i < iface_count; i++)
		if (strcmp(ifaces[i].name, name) == 0) {
			memmove(&ifaces[i], &ifaces[i + 1],
			    (--iface_count - i) * sizeof(*ifaces));
			return;
		}
}

int
kern_iface_destroy(const char *name, struct error *e)
{
	twin_say("destroy %s\n", name);
	if (twin_call("destroy", e) < 0)
		return -1;
	for (size_t i = 0; i < iface_count; i++)
		if (strcmp(ifaces[i].name, name) == 0 &&
		    *ifaces[i].pair != '\0') {
			char pair[IFACE_NAME];

			memcpy(pair, ifaces[i].pair, sizeof(pair));
			drop(pair);
			break;
		}
	drop(name);
	return 0;
}

int
kern_iface_rename(const char *name, const char *to, struct error *e)
{
	struct iface *i;
	char old[IFACE_NAME];

	say("rename", name);
	twin_say(" %s", to);
	i = need(name, "rename", e);
	if (i == NULL)
		return -1;
	memcpy(old, i->name, sizeof(old));
	snprintf(i->name, sizeof(i->name), "%s", to);
	for (size_t k = 0; k < iface_count; k++)
		if (strcmp(ifaces[k].pair, old) == 0)
			memcpy(ifaces[k].pair, i->name, IFACE_NAME);
	return 0;
}

bool
kern_iface_in_group(const char *name, const char *group)
{
	const struct iface *i = find(where, name);

	for (size_t k = 0; i != NULL && k < i->group_count; k++)
		if (strcmp(i->groups[k], group) == 0)
			return true;
	return false;
}

int
kern_iface_join_group(const char *name, const char *group, struct error *e)
{
	struct iface *i;

	say("group", name);
	twin_say(" %s", group);
	i = need(name, "group", e);
	if (i == NULL)
		return -1;
	if (!kern_iface_in_group(name, group))
		snprintf(i->groups[i->group_count++], IFACE_NAME, "%s",
		    group);
	return 0;
}

int
kern_iface_describe(const char *name, const char *text, struct error *e)
{
	struct iface *i;

	say("describe", name);
	twin_say(" '%s'", text);
	i = need(name, "describe", e);
	if (i == NULL)
		return -1;
	snprintf(i->text, sizeof(i->text), "%s", text);
	return 0;
}

void
kern_iface_description(const char *name, char *text, size_t size)
{
	const struct iface *i = find(where, name);

	snprintf(text, size, "%s", i != NULL ? i->text : "");
}

int
kern_iface_set_mac(const char *name, const unsigned char mac[6],
    struct error *e)
{
	struct iface *i;

	say("mac", name);
	i = need(name, "mac", e);
	if (i == NULL)
		return -1;
	memcpy(i->mac, mac, 6);
	return 0;
}

void
kern_iface_mac(const char *name, unsigned char mac[6])
{
	const struct iface *i = find(where, name);

	memset(mac, 0, 6);
	if (i != NULL)
		memcpy(mac, i->mac, 6);
}

int
kern_iface_set_mtu(const char *name, unsigned mtu, struct error *e)
{
	struct iface *i;

	say("mtu", name);
	twin_say(" %u", mtu);
	i = need(name, "mtu", e);
	if (i == NULL)
		return -1;
	i->mtu = mtu;
	return 0;
}

unsigned
kern_iface_mtu(const char *name)
{
	const struct iface *i = find(where, name);

	return i != NULL ? i->mtu : 0;
}

int
kern_iface_up(const char *name, struct error *e)
{
	/* every stack has its loopback */
	if (where != 0 && strcmp(name, "lo0") == 0 && find(where, name) ==
	    NULL)
		add_iface(name, "lo")->jid = where;
	say("up", name);
	return need(name, "up", e) == NULL ? -1 : 0;
}

int
kern_iface_no_dad(const char *name, struct error *e)
{
	say("no_dad", name);
	return need(name, "no_dad", e) == NULL ? -1 : 0;
}

int
kern_iface_add(const char *name, const struct addr *a, struct error *e)
{
	char text[ADDR_TEXT];
	struct iface *i;

	if (where != 0 && strcmp(name, "lo0") == 0 && find(where, name) ==
	    NULL)
		add_iface(name, "lo")->jid = where;
	say("add", name);
	twin_say(" %s", addr_text_prefix(a, text));
	i = need(name, "add", e);
	if (i == NULL)
		return -1;
	i->addrs[i->addr_count++] = *a;
	return 0;
}

int
kern_iface_remove(const char *name, const struct addr *a, struct error *e)
{
	char text[ADDR_TEXT];
	struct iface *i = find(where, name);

	say("remove", name);
	twin_say(" %s\n", addr_text(a, text));
	for (size_t k = 0; i != NULL && k < i->addr_count; k++)
		if (addr_equal(&i->addrs[k], a)) {
			i->addrs[k] = i->addrs[--i->addr_count];
			break;
		}
	return 0;
}

enum kern_dad
kern_iface_dad(const char *name, const struct addr *a)
{
	return DAD_DONE;
}

int
kern_bridge_add(const char *bridge, const char *member, bool apart,
    struct error *e)
{
	say("addm", bridge);
	twin_say(" %s%s", member, apart ? " private" : "");
	return need(bridge, "addm", e) == NULL ? -1 : 0;
}

int
kern_bridge_vlan(const char *bridge, const char *member, unsigned vlan,
    struct error *e)
{
	say("untagged", bridge);
	twin_say(" %s %u", member, vlan);
	return need(bridge, "untagged", e) == NULL ? -1 : 0;
}

int
kern_iface_give(const char *name, int jid, struct error *e)
{
	struct iface *i;

	say("vnet", name);
	twin_say(" %d", jid);
	i = need(name, "vnet", e);
	if (i == NULL)
		return -1;
	i->jid = jid;
	i->addr_count = 0;
	return 0;
}

int
kern_iface_take(const char *name, int jid, struct error *e)
{
	struct iface *i = find(jid, name);

	say("-vnet", name);
	twin_say(" %d\n", jid);
	if (twin_call("-vnet", e) < 0)
		return -1;
	if (i == NULL)
		return error_set(e, ERROR_NOT_FOUND, "-vnet %s", name);
	i->jid = 0;
	return 0;
}

int
kern_route_default(const struct addr *gateway, const char *name,
    struct error *e)
{
	char text[ADDR_TEXT];

	say("route default", addr_text(gateway, text));
	twin_say("\n");
	return twin_call("route", e);
}

int
kern_routes(bool defaults, struct engine_routes *routes, struct error *e)
{
	for (size_t i = 0; i < iface_count; i++)
		for (size_t k = 0; ifaces[i].jid == 0 &&
		    k < ifaces[i].addr_count; k++) {
			struct engine_route r = { .local = true,
			    .net = ifaces[i].addrs[k] };

			r.net.prefix = (unsigned char)(addr_size(&r.net) * 8);
			memcpy(r.link, ifaces[i].name, IFACE_NAME);
			VEC_PUSH(routes, r);
		}
	return twin_call("routes", e);
}

static int *
switch_of(const char *name)
{
	if (strcmp(name, "net.inet.ip.forwarding") == 0)
		return &forwarding[0];
	return strcmp(name, "net.inet6.ip6.forwarding") == 0 ?
	    &forwarding[1] : NULL;
}

int
kern_sysctl(const char *name)
{
	const int *at = switch_of(name);

	if (strcmp(name, "kern.racct.enable") == 0)
		return twin.racct;
	return at != NULL ? *at : -1;
}

int
kern_sysctl_set(const char *name, int value, struct error *e)
{
	int *at = switch_of(name);

	twin_say("sysctl %s=%d\n", name, value);
	if (twin_call("sysctl", e) < 0)
		return -1;
	if (at != NULL)
		*at = value;
	return 0;
}

int
kern_inside(int jid, int (*work)(void *arg, struct error *e), void *arg,
    struct error *e)
{
	int result;

	twin_say("fork jail_attach %d\n", jid);
	if (twin_call("jail_attach", e) < 0)
		return -1;
	where = jid;
	result = work(arg, e);
	where = 0;
	return result;
}
