/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What networks and jails are in the tables: elements of sets and maps. */
#include <netinet/in.h>

#include <errno.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "engine/linux/net_linux.h"
#include "engine/linux/nft.h"
#include "engine/linux/ruleset.h"

static void
put(struct nft_element *x, const void *data, size_t len)
{
	memcpy(x->key + x->key_len, data, len);
	memcpy(x->key_end + x->key_len, data, len);
	x->key_len += (uint32_t)(len + 3) / 4 * 4;
}

static void
put_name(struct nft_element *x, const char *name)
{
	char padded[IFACE_NAME] = "";

	snprintf(padded, sizeof(padded), "%s", name);
	put(x, padded, sizeof(padded));
}

/* One element of one or two names; existing or missing is fine. */
static int
change_name(int fd, const char *scope, uint8_t family, const char *set,
    bool add, const char *one, const char *two, struct error *e)
{
	struct nft_elements list = VEC_INIT;
	struct nft_element x;
	struct nft n;
	int result;

	memset(&x, 0, sizeof(x));
	put_name(&x, one);
	if (two != NULL)
		put_name(&x, two);
	VEC_PUSH(&list, x);
	nft_begin(&n, scope, family);
	nft_elements(&n, set, add ? NFT_ADD : NFT_DROP, &list);
	result = nft_commit(fd, &n, e);
	if (result < 0 && e->sys_errno == (add ? EEXIST : ENOENT)) {
		error_clear(e);
		result = 0;
	}
	nft_fini(&n);
	VEC_FINI(&list);
	return result;
}

static int
change_network(int fd, const struct engine_network *n, bool add,
    struct error *e)
{
	static const char *const modes[] = {
		[NETWORK_NAT] = "natted", [NETWORK_ROUTED] = "routed",
		[NETWORK_ISOLATED] = "isolated",
	};
	const struct {
		const char *set;
		bool member;
		const char *two;
	} members[] = {
		{ modes[n->mode], true, NULL },
		{ "within", !n->apart, n->bridge },
		{ "uplinks", *n->uplink != '\0', n->uplink },
		{ "bound", *n->uplink != '\0', NULL },
		{ "bridges", true, NULL },
	};

	/* a bridge of the administrator's is not ours to filter */
	if (!n->bridge_is_ours)
		return 0;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (members[i].member && change_name(fd, n->scope,
		    NFPROTO_INET, members[i].set, add, n->bridge,
		    members[i].two, e) < 0)
			return -1;
	return 0;
}

int
ruleset_add_network(int fd, const struct engine_network *n, struct error *e)
{
	return change_network(fd, n, true, e);
}

int
ruleset_drop_network(int fd, const struct engine_network *n, struct error *e)
{
	if (!ruleset_there(fd, n->scope))
		return 0;
	return change_network(fd, n, false, e);
}

/* Addresses of a jail on the host's stack; entered already is fine. */
static void
put_shared(struct nft *n, const struct engine_spec *spec, bool add)
{
	static const char *const names[] = { "shared4", "shared6" };
	struct nft_elements lists[2];
	struct nft_element x;

	memset(lists, 0, sizeof(lists));
	for (size_t i = 0; i < spec->iface_count; i++)
		for (size_t k = 0; ruleset_is_shared(&spec->ifaces[i]) &&
		    k < spec->ifaces[i].addr_count; k++) {
			const struct addr *a = &spec->ifaces[i].addrs[k];

			memset(&x, 0, sizeof(x));
			put(&x, a->bytes, addr_size(a));
			VEC_PUSH(&lists[a->family == 6], x);
		}
	n->family = NFPROTO_INET;
	for (size_t f = 0; f < 2; f++) {
		nft_elements(n, names[f], add ? NFT_PUT : NFT_DROP, &lists[f]);
		VEC_FINI(&lists[f]);
	}
}

bool
ruleset_is_shared(const struct engine_iface *i)
{
	return i->kind == IFACE_SHARED || i->kind == IFACE_LOOP;
}

enum { LISTS = 8 };
static const char *const list_names[LISTS] = {
	"any4", "any6", "pub4", "pub6", "from4", "from6", "log4", "log6",
};
enum { LIST_ANY = 0, LIST_PUB = 2, LIST_FROM = 4, LIST_LOG = 6 };

static void
put_proto_port(struct nft_element *x, const struct engine_publish *p,
    unsigned first, unsigned last)
{
	unsigned char port[2] = { (unsigned char)(first >> 8),
	    (unsigned char)first };
	unsigned char end[2] = { (unsigned char)(last >> 8),
	    (unsigned char)last };
	unsigned char proto = p->udp ? IPPROTO_UDP : IPPROTO_TCP;

	put(x, &proto, 1);
	put(x, port, 2);
	memcpy(x->key_end + x->key_len - 4, end, 2);
}

/* All addresses of a network; family 0: all there are. */
static void
put_range(struct nft_element *x, const struct addr *net, size_t size)
{
	size_t at = x->key_len;
	struct addr low = addr_network(net);

	put(x, low.bytes, size);
	for (unsigned bit = net->prefix; bit < size * 8; bit++)
		x->key_end[at + bit / 8] |= (unsigned char)(0x80 >> bit % 8);
}

static void
put_source_and_host(struct nft_element *x, const struct engine_publish *p,
    size_t six)
{
	static const struct addr all[2] = { { .family = 4 }, { .family = 6 } };
	size_t size = six ? 16 : 4;

	x->range = true;
	put_range(x, p->from.family != 0 ? &p->from : &all[six], size);
	put_range(x, p->host.family != 0 ? &p->host : &all[six], size);
}

static void
put_target(struct nft_element *x, const struct addr *to, unsigned port)
{
	size_t size = addr_size(to);

	memcpy(x->data, to->bytes, size);
	x->data[size] = (unsigned char)(port >> 8);
	x->data[size + 1] = (unsigned char)port;
	x->data_len = (uint32_t)size + 4;
}

static void
add_port(struct nft_elements lists[LISTS], const struct engine_publish *p,
    size_t six)
{
	size_t kind = p->from.family != 0 ? LIST_FROM :
	    p->host.family != 0 && !addr_is_zero(&p->host) ? LIST_PUB :
	    LIST_ANY;
	struct nft_element x;

	for (unsigned port = p->first; port <= p->last; port++) {
		memset(&x, 0, sizeof(x));
		if (kind == LIST_FROM) {
			put_source_and_host(&x, p, six);
			put_proto_port(&x, p, port, port);
		} else if (kind == LIST_PUB) {
			unsigned char proto = p->udp ? IPPROTO_UDP :
			    IPPROTO_TCP;
			unsigned char wire[2] = { (unsigned char)(port >> 8),
			    (unsigned char)port };

			put(&x, &proto, 1);
			put(&x, p->host.bytes, six ? 16 : 4);
			put(&x, wire, 2);
		} else {
			put_proto_port(&x, p, port, port);
		}
		put_target(&x, &p->to[six], p->to_first + (port - p->first));
		VEC_PUSH(&lists[kind + six], x);
	}
	if (!p->log)
		return;
	memset(&x, 0, sizeof(x));
	put_source_and_host(&x, p, six);
	put_proto_port(&x, p, p->first, p->last);
	VEC_PUSH(&lists[LIST_LOG + six], x);
}

enum change { CHANGE_ADD, CHANGE_DROP, CHANGE_DROP_LOGS };

static void
put_ports(struct nft *n, const struct engine_publish *ports, size_t count,
    enum change change)
{
	struct nft_elements lists[LISTS];

	memset(lists, 0, sizeof(lists));
	for (size_t i = 0; i < count; i++)
		for (size_t six = 0; six < 2; six++) {
			const struct engine_publish *p = &ports[i];
			unsigned char family = six ? 6 : 4;

			if (p->to[six].family != 0 &&
			    (p->host.family == 0 ||
			    p->host.family == family) &&
			    (p->from.family == 0 || p->from.family == family))
				add_port(lists, p, six);
		}
	n->family = NFPROTO_INET;
	for (size_t i = change == CHANGE_DROP_LOGS ? LIST_LOG : 0; i < LISTS;
	    i++)
		nft_elements(n, list_names[i], change == CHANGE_ADD ?
		    NFT_ADD : NFT_DROP, &lists[i]);
	for (size_t i = 0; i < LISTS; i++)
		VEC_FINI(&lists[i]);
}

static int
change_ports(int fd, const char *scope, const struct engine_publish *ports,
    size_t count, enum change change, struct error *e)
{
	struct nft n;
	int result;

	nft_begin(&n, scope, NFPROTO_INET);
	put_ports(&n, ports, count, change);
	result = nft_commit(fd, &n, e);
	nft_fini(&n);
	return result;
}

static int
port_taken(struct error *e)
{
	if (e->sys_errno == EEXIST || e->sys_errno == ENOTEMPTY)
		return error_set(e, ERROR_EXISTS, "a port is published "
		    "already");
	return -1;
}

int
ruleset_add_ports(int fd, const char *scope,
    const struct engine_publish *ports, size_t count, struct error *e)
{
	return change_ports(fd, scope, ports, count, CHANGE_ADD, e) == 0 ? 0 :
	    port_taken(e);
}

/* One by one where not all of them are there. */
int
ruleset_drop_ports(int fd, const char *scope,
    const struct engine_publish *ports, size_t count, struct error *e)
{
	if (change_ports(fd, scope, ports, count, CHANGE_DROP, e) == 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		struct engine_publish one = ports[i];

		for (unsigned port = ports[i].first; port <= ports[i].last;
		    port++) {
			one.first = one.last = (uint16_t)port;
			error_clear(e);
			one.log = false;
			if (change_ports(fd, scope, &one, 1, CHANGE_DROP,
			    e) < 0 && e->sys_errno != ENOENT)
				return -1;
		}
		error_clear(e);
		if (change_ports(fd, scope, &ports[i], 1, CHANGE_DROP_LOGS,
		    e) < 0 && e->sys_errno != ENOENT)
			return -1;
	}
	error_clear(e);
	return 0;
}

static int
change_jail(int fd, const struct engine_spec *spec, bool add, struct error *e)
{
	AUTO_FREE char *scope = linux_scope_of(spec->key);
	struct nft n;
	int result;

	nft_begin(&n, scope, NFPROTO_INET);
	ruleset_put_ifaces(&n, spec->ifaces, spec->iface_count, add);
	put_shared(&n, spec, add);
	put_ports(&n, spec->publish, spec->publish_count,
	    add ? CHANGE_ADD : CHANGE_DROP);
	result = nft_commit(fd, &n, e);
	nft_fini(&n);
	return result;
}

int
ruleset_add_jail(int fd, const struct engine_spec *spec, struct error *e)
{
	return change_jail(fd, spec, true, e) == 0 ? 0 : port_taken(e);
}

/* One by one: some of them may not be there. */
static int
drop_shared(int fd, const char *scope, const struct engine_spec *spec,
    struct error *e)
{
	for (size_t i = 0; i < spec->iface_count; i++)
		for (size_t k = 0; k < spec->ifaces[i].addr_count; k++) {
			struct engine_iface iface = spec->ifaces[i];
			struct engine_spec one = { .ifaces = &iface,
			    .iface_count = 1 };
			struct nft n;
			int result;

			iface.addrs[0] = spec->ifaces[i].addrs[k];
			iface.addr_count = 1;
			nft_begin(&n, scope, NFPROTO_INET);
			put_shared(&n, &one, false);
			result = nft_commit(fd, &n, e);
			nft_fini(&n);
			if (result < 0 && e->sys_errno != ENOENT)
				return -1;
			error_clear(e);
		}
	return 0;
}

int
ruleset_drop_jail(int fd, const struct engine_spec *spec, struct error *e)
{
	AUTO_FREE char *scope = linux_scope_of(spec->key);

	if (change_jail(fd, spec, false, e) == 0)
		return 0;
	if (e->sys_errno != ENOENT)
		return -1;
	error_clear(e);
	if (drop_shared(fd, scope, spec, e) < 0)
		return -1;
	for (size_t k = 0; k < spec->iface_count; k++)
		if (ruleset_knows(&spec->ifaces[k]) && ruleset_drop_iface(fd,
		    scope, &spec->ifaces[k], e) < 0)
			return -1;
	return ruleset_drop_ports(fd, scope, spec->publish,
	    spec->publish_count, e);
}
