/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_FREEBSD_KERN_IFACE_H
#define ENGINE_FREEBSD_KERN_IFACE_H

/*
 * Interfaces, addresses and routes: ioctls of netintro(4), if_bridge(4) and
 * epair(4), route(4).  Names are of the network stack of the caller; see
 * kern_inside.
 */
#include "engine/engine.h"

bool kern_iface_exists(const char *name);
/*
 * A cloned interface of just that name, "bridge7"; "epair7" makes epair7a and
 * epair7b.  The module of its kind is loaded when it is missing; ERROR_EXISTS.
 */
int kern_iface_create(const char *name, struct error *e) FALLIBLE;
/* One that is gone is success; both ends of a pair go together. */
int kern_iface_destroy(const char *name, struct error *e) FALLIBLE;
int kern_iface_rename(const char *name, const char *to, struct error *e)
    FALLIBLE;
/* Groups: "bridge" is of all bridges; a group of ours is made at need. */
bool kern_iface_in_group(const char *name, const char *group);
int kern_iface_join_group(const char *name, const char *group,
    struct error *e) FALLIBLE;
/* ifconfig(8)'s description; "" when there is none. */
int kern_iface_describe(const char *name, const char *text, struct error *e)
    FALLIBLE;
void kern_iface_description(const char *name, char *text, size_t size);
int kern_iface_set_mac(const char *name, const unsigned char mac[6],
    struct error *e) FALLIBLE;
/* Zeros when it has none. */
void kern_iface_mac(const char *name, unsigned char mac[6]);
int kern_iface_set_mtu(const char *name, unsigned mtu, struct error *e)
    FALLIBLE;
unsigned kern_iface_mtu(const char *name);
int kern_iface_up(const char *name, struct error *e) FALLIBLE;
/* IPv6 addresses are used at once, nobody is asked whether they are free. */
int kern_iface_no_dad(const char *name, struct error *e) FALLIBLE;

int kern_iface_add(const char *name, const struct addr *a, struct error *e)
    FALLIBLE;
/* One that is gone is success. */
int kern_iface_remove(const char *name, const struct addr *a,
    struct error *e) FALLIBLE;
enum kern_dad { DAD_DONE, DAD_RUNNING, DAD_DUPLICATE };
/* Whether others on the link were asked for an IPv6 address. */
enum kern_dad kern_iface_dad(const char *name, const struct addr *a);

/* A member of a bridge; apart: it may not talk to its like. */
int kern_bridge_add(const char *bridge, const char *member, bool apart,
    struct error *e) FALLIBLE;
/* The VLAN of its untagged frames, since FreeBSD 15; ERROR_UNSUPPORTED. */
int kern_bridge_vlan(const char *bridge, const char *member, unsigned vlan,
    struct error *e) FALLIBLE;

/* Move an interface into a jail with a stack of its own, and back. */
int kern_iface_give(const char *name, int jid, struct error *e) FALLIBLE;
/* ERROR_NOT_FOUND when the jail or the interface in it is gone. */
int kern_iface_take(const char *name, int jid, struct error *e) FALLIBLE;

/* The default route of that family. */
int kern_route_default(const struct addr *gateway, const char *name,
    struct error *e) FALLIBLE;
/* Routes and addresses, as net->routes tells them, appended; the default
 * routes only when asked. */
int kern_routes(bool defaults, struct engine_routes *routes, struct error *e)
    FALLIBLE;

/* An integer of sysctl(8); -1 when the kernel does not have it. */
int kern_sysctl(const char *name);
int kern_sysctl_set(const char *name, int value, struct error *e) FALLIBLE;

/*
 * Call work in a process that has joined the jail, for what only works inside
 * its network stack.  Nothing of the jail may run yet: that process is one of
 * root of the jail.
 */
int kern_inside(int jid, int (*work)(void *arg, struct error *e), void *arg,
    struct error *e) FALLIBLE;

#endif
