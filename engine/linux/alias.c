/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "engine/linux/alias.h"
#include "engine/linux/link.h"
#include "engine/linux/nlmsg.h"

static bool
is_alias(const struct engine_iface *i)
{
	return i->kind == IFACE_SHARED || i->kind == IFACE_LOOP;
}

bool
alias_any(const struct engine_spec *spec)
{
	for (size_t i = 0; i < spec->iface_count; i++)
		if (is_alias(&spec->ifaces[i]))
			return true;
	return false;
}

static const struct engine_route *
find_local(const struct engine_routes *routes, const struct addr *a)
{
	for (size_t i = 0; i < routes->count; i++) {
		const struct engine_route *r = &routes->items[i];

		if (r->local && r->net.prefix == addr_size(a) * 8 &&
		    addr_equal(&r->net, a))
			return r;
	}
	return NULL;
}

static int
plan_iface(struct engine_iface *i, const struct engine_routes *routes,
    struct error *e)
{
	char text[ADDR_TEXT];

	i->added = 0;
	for (size_t k = 0; k < i->addr_count; k++) {
		const struct engine_route *r = find_local(routes, &i->addrs[k]);

		if (r == NULL)
			i->added |= 1u << k;
		else if (strcmp(r->link, i->link) != 0)
			return error_set(e, ERROR_EXISTS, "net: %s is an "
			    "address of the host already, at its interface %s",
			    addr_text(&i->addrs[k], text), r->link);
	}
	return 0;
}

int
alias_plan(const struct engine_spec *spec, struct error *e)
{
	AUTO_CLOSE int fd = nl_open(NETLINK_ROUTE, e);
	struct engine_routes routes = VEC_INIT;
	int result = fd < 0 ? -1 : link_routes(fd, &routes, e);

	for (size_t n = 0; result == 0 && n < spec->iface_count; n++) {
		struct engine_iface *i = &spec->ifaces[n];

		if (!is_alias(i))
			continue;
		if (link_index(fd, i->link) == 0)
			result = error_set(e, ERROR_NOT_FOUND, "net: the host "
			    "has no interface %s", i->link);
		else
			result = plan_iface(i, &routes, e);
	}
	VEC_FINI(&routes);
	return result;
}

int
alias_add(const struct engine_spec *spec, struct error *e)
{
	AUTO_CLOSE int fd = nl_open(NETLINK_ROUTE, e);

	if (fd < 0)
		return -1;
	for (size_t n = 0; n < spec->iface_count; n++) {
		const struct engine_iface *i = &spec->ifaces[n];
		unsigned index = is_alias(i) ? link_index(fd, i->link) : 0;

		for (size_t k = 0; index != 0 && k < i->addr_count; k++)
			if ((i->added & 1u << k) != 0 && link_add_addrs(fd,
			    index, &i->addrs[k], 1, e) < 0)
				return error_wrap(e, "net: %s", i->link);
	}
	return 0;
}

/*
 * With the first address of a network Linux removes all others, unless this is
 * set (systemd sets it): what belongs to other jails and the host is put back.
 */
static bool
promotes(const char *link)
{
	AUTO_FREE char *path = xasprintf(
	    "/proc/sys/net/ipv4/conf/%s/promote_secondaries", link);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char digit;

	return fd >= 0 && read(fd, &digit, 1) == 1 && digit != '0';
}

static int
put_back(int fd, unsigned index, const struct engine_routes *before,
    const struct engine_iface *i, const struct addr *gone, struct error *e)
{
	struct engine_routes now = VEC_INIT;
	int result = link_routes(fd, &now, e);

	for (size_t n = 0; result == 0 && n < before->count; n++) {
		const struct engine_route *r = &before->items[n];
		struct addr a = r->net;

		if (!r->local || a.family != 4 || a.prefix != 32 ||
		    strcmp(r->link, i->link) != 0 || addr_equal(&a, gone) ||
		    !addr_within(&a, gone) || find_local(&now, &a) != NULL)
			continue;
		a.prefix = gone->prefix;
		result = link_add_addrs(fd, index, &a, 1, e);
	}
	VEC_FINI(&now);
	return result;
}

static int
remove_one(int fd, unsigned index, const struct engine_iface *i,
    const struct addr *a, struct error *e)
{
	struct engine_routes before = VEC_INIT;
	bool keep = a->family == 4 && a->prefix < 32 && !promotes(i->link);
	int result = 0;

	if (keep)
		result = link_routes(fd, &before, e);
	if (result == 0)
		result = link_remove_addr(fd, index, a, e);
	if (result == 0 && keep)
		result = put_back(fd, index, &before, i, a, e);
	VEC_FINI(&before);
	return result;
}

int
alias_remove(const struct engine_spec *spec, struct error *e)
{
	AUTO_CLOSE int fd = nl_open(NETLINK_ROUTE, e);

	if (fd < 0)
		return -1;
	for (size_t n = 0; n < spec->iface_count; n++) {
		const struct engine_iface *i = &spec->ifaces[n];
		unsigned index = is_alias(i) ? link_index(fd, i->link) : 0;

		for (size_t k = 0; index != 0 && k < i->addr_count; k++)
			if ((i->added & 1u << k) != 0 &&
			    remove_one(fd, index, i, &i->addrs[k], e) < 0)
				return error_wrap(e, "net: %s", i->link);
	}
	return 0;
}
