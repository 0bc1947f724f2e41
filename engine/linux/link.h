/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_LINK_H
#define ENGINE_LINUX_LINK_H

/*
 * Interfaces, addresses and routes by rtnetlink(7).  fd is a socket of
 * nl_open(NETLINK_ROUTE) and tells which network namespace is meant.
 */
#include "engine/engine.h"

/* 0 when there is none of that name. */
unsigned link_index(int fd, const char *name);
/* "bridge", "veth" ...: false when it is none of that kind, or not there. */
bool link_is(int fd, const char *name, const char *kind, struct error *e);

int link_make_bridge(int fd, const char *name, const unsigned char mac[6],
    unsigned mtu, struct error *e) FALLIBLE;
/* What is gone already is fine. */
int link_remove(int fd, const char *name, struct error *e) FALLIBLE;

/*
 * A pair: outside, up, on the bridge of that index here, inside in
 * the namespace of netns, where it is made, down, and never moved.
 */
struct link_pair {
	const char *outside, *inside;
	const unsigned char *mac;	/* of the inside end */
	unsigned mtu;
	unsigned bridge;
	unsigned group;
	int netns;
};
int link_make_pair(int fd, const struct link_pair *p, struct error *e)
    FALLIBLE;
/*
 * A port of a bridge.  apart: nothing goes to others that are; mirror: what
 * leads back to where it came from goes there.
 */
int link_set_port(int fd, unsigned index, bool apart, bool mirror,
    struct error *e) FALLIBLE;
/* At a bridge that tells VLANs apart, let the port be in one, tagged. */
int link_join_vlan(int fd, unsigned index, unsigned vlan, struct error *e)
    FALLIBLE;
/* 0 when that cannot be told. */
unsigned link_mtu(int fd, const char *name);
/* Move one to another namespace and name it there. */
int link_give(int fd, unsigned index, int netns, const char *name,
    struct error *e) FALLIBLE;

/* Addresses are usable at once: nobody is asked. */
int link_add_addrs(int fd, unsigned index, const struct addr *addrs,
    size_t count, struct error *e) FALLIBLE;
/* Let ::1 be the host's own for what comes in there, too. */
int link_add_loopback6(int fd, unsigned index, struct error *e) FALLIBLE;
int link_remove_addr(int fd, unsigned index, const struct addr *a,
    struct error *e) FALLIBLE;
/* Up, with all its addresses and default routes: one request. */
int link_configure(int fd, unsigned index, const struct engine_iface *i,
    struct error *e) FALLIBLE;

/* All routes but the default ones, and all addresses. */
int link_routes(int fd, struct engine_routes *routes, struct error *e)
    FALLIBLE;
/* The names of the interfaces that something is reached by. */
int link_uplinks(int fd, struct strings *names, struct error *e) FALLIBLE;

#endif
