/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_NET_H
#define ENGINE_NET_H

/*
 * Interfaces, addresses and the packet filter: the third of the tables between
 * core and an operating system.  Include engine/engine.h.
 *
 * The order of a start: check(); networks of the jail up(); the jail is made,
 * its namespaces there and none of its code run; plan(); what was planned is
 * remembered on disk; attach().  On the way down, or after a crash at any
 * point, detach() gets what was remembered and succeeds on what is half made
 * or gone.  It never waits for an interface to go: that goes with the jail.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/error.h"
#include "base/vec.h"

struct engine_spec;
struct engine_live;

enum { IFACE_NAME = 16, IFACE_ADDRS = 16, NETWORK_NAME = 64 };

/* How an interface of a jail comes about: an entry of the property net. */
enum iface_kind {
	IFACE_NETWORK,	/* own stack: on the bridge of one of our networks */
	IFACE_BRIDGE,	/* own stack: on a bridge of the administrator's */
	IFACE_SHARED,	/* the host's stack: addresses at one of its interfaces */
	IFACE_LOOP,	/* the host's stack: addresses of its loopback */
	IFACE_PASS,	/* own stack: an interface of the host, moved in */
	IFACE_KINDS
};

struct engine_iface {
	enum iface_kind kind;
	char network[NETWORK_NAME];	/* IFACE_NETWORK: its name */
	char link[IFACE_NAME];	/* the bridge, or the interface of the host */
	char inside[IFACE_NAME];	/* its name in the jail: "eth0" */
	unsigned char mac[6];
	unsigned mtu;		/* 0: that of link */
	unsigned vlan;		/* 0: none */
	uint64_t limit_in, limit_out;	/* bytes a second; 0: none */
	struct addr addrs[IFACE_ADDRS];	/* the first is the jail's main one */
	size_t addr_count;
	struct addr gateways[2];	/* family 0: none */
	bool dhcp, slaac;	/* IFACE_BRIDGE: the jail's own programs ask */
	bool apart;		/* may not talk to its peers at the bridge */
	bool offers;		/* may send RA and DHCP answers */
	/* filled by plan(), remembered for detach() */
	char outside[IFACE_NAME];	/* the host's end */
	unsigned added;		/* bit i: addrs[i] is added to link by us */
};

enum network_mode {
	NETWORK_NAT,		/* reaches out with the host's address */
	NETWORK_ROUTED,		/* others have routes to it */
	NETWORK_ISOLATED,	/* its members and the host alone */
};

/* One of our networks. */
struct engine_network {
	const char *scope;	/* host.scope: whose it is */
	const char *name;
	enum network_mode mode;
	char bridge[IFACE_NAME];
	bool bridge_is_ours;	/* made and removed by us */
	struct addr gateway[2];	/* the host's own, with the prefix; IPv4, IPv6;
				   family 0: none */
	char uplink[IFACE_NAME];	/* the only way out; "": any */
	unsigned mtu;		/* 0: 1500 */
	bool apart;		/* --no-peer */
};

/* A port of the host, or a range, that leads into a jail. */
struct engine_publish {
	bool udp;		/* else tcp */
	bool log;
	struct addr host;	/* family 0: every address of the host */
	struct addr from;	/* family 0: everybody */
	struct addr to[2];	/* the jail's, per family; family 0: none */
	uint16_t first, last;	/* of the host */
	uint16_t to_first;	/* inside: as many */
};

/* What the host has or knows already. */
struct engine_route {
	struct addr net;
	char link[IFACE_NAME];
	bool local;		/* the address itself is the host's */
};
VEC_TYPE(engine_routes, struct engine_route);

struct net {
	const char *name;
	/* Two jails could have the same port: core sees to it that none do. */
	bool ports_unguarded;
	/*
	 * A network with NAT takes nothing that the administrator must do first:
	 * a jail that is told no net has the default one.
	 */
	bool by_default;

	/*
	 * Refuse with ERROR_UNSUPPORTED what this host cannot give to the
	 * interfaces and ports of this jail, naming the property and what would
	 * do it.  Touches nothing.
	 */
	int (*check)(const struct engine_spec *spec, struct error *e);
	/*
	 * The same of what must be asked of the system, and is when a jail is
	 * created.  NULL: check() tells all.
	 */
	int (*able)(const struct engine_spec *spec, struct error *e);

	/*
	 * Make, or complete, the bridge, its addresses, forwarding and the
	 * packet filter of a network.  *fresh: the packet filter was made anew
	 * and knows nothing of other networks and running jails: each of those
	 * is to be brought up, and entered by enter().  notes: lines on what of
	 * the host was changed.
	 */
	int (*up)(const struct engine_network *n, bool *fresh,
	    struct strings *notes, struct error *e);
	/* Remove all that up() made, whatever of it is there. */
	int (*down)(const struct engine_network *n, struct error *e);
	/* Whether bridge and packet filter are there; quick. */
	bool (*is_up)(const struct engine_network *n);
	/*
	 * The packet filter for a jail that is in no network, but has ports or
	 * an interface on a bridge: whether it is there, and make it, with what
	 * of the host its ports need; fresh and notes as for up().  NULL:
	 * nothing is to be made.
	 */
	bool (*is_ready)(const struct engine_spec *spec);
	int (*prepare)(const struct engine_spec *spec, bool *fresh,
	    struct strings *notes, struct error *e);
	/* Remove the packet filter, when nobody needs it any more. */
	int (*clear)(const char *scope, struct error *e);

	/*
	 * Let a network that is up, with jails in it, be the other one, which has
	 * the same bridge and addresses; notes as for up().  NULL: it cannot be.
	 */
	int (*alter)(const struct engine_network *before,
	    const struct engine_network *after, struct strings *notes,
	    struct error *e);

	/*
	 * Fill in what plan() is said to fill, in those of spec->ifaces that have
	 * no outside yet: others of the jail's are among them.
	 */
	int (*plan)(const struct engine_spec *spec,
	    const struct engine_live *live, struct error *e);
	/*
	 * Give the jail its interfaces and ports.  Undone by detach(), the
	 * interfaces also by the end of the jail.
	 */
	int (*attach)(const struct engine_spec *spec,
	    const struct engine_live *live, struct error *e);
	/* Only what attach() enters into the packet filter, again. */
	int (*enter)(const struct engine_spec *spec, struct error *e);
	/* spec holds key, ifaces and publish as they were remembered, no more. */
	int (*detach)(const struct engine_spec *spec, struct error *e);

	/*
	 * Of a running jail, take interfaces away that attach() gave, but for
	 * those of IFACE_PASS and of the host's stack: detach(), and they are
	 * gone.  NULL: a running jail keeps what it has, and attach() cannot give
	 * it more.
	 */
	int (*retire)(const struct engine_spec *spec, struct error *e);
	/* limit_in and limit_out as they are now, while the jail runs. */
	int (*limit)(const struct engine_iface *i, struct error *e);

	/*
	 * Open or close ports of a running jail.  NULL: enter() with all that
	 * it has now does it.
	 */
	int (*publish)(const char *scope, const struct engine_publish *p,
	    size_t count, bool open, struct error *e);

	/*
	 * What others have on this host that keeps jails from reaching out,
	 * though ours lets them: a line each, with what would mend it.
	 */
	int (*hindrances)(const char *scope, struct strings *lines,
	    struct error *e);

	/* All networks and addresses that the host has a route to, but for the
	 * default routes. */
	int (*routes)(struct engine_routes *routes, struct error *e);
	/* Whether the host has an interface of that name. */
	bool (*has_link)(const char *name);
	/*
	 * Ask the link, by ARP or neighbour discovery, whether somebody has the
	 * address; mac is theirs.
	 */
	int (*taken)(const char *link, const struct addr *a, bool *taken,
	    unsigned char mac[6], struct error *e);
};

/* NULL: this system cannot. */
extern const struct net *const net_native;

#endif
