/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_NET_STATE_H
#define CORE_NET_STATE_H

#include "core/host.h"

/*
 * What a running jail was given of the network: run/net/NAME, written before
 * it is given, removed after it was taken back.
 */
VEC_TYPE(net_ifaces, struct engine_iface);
VEC_TYPE(net_ports, struct engine_publish);
struct net_state {
	struct net_ifaces ifaces;
	struct net_ports ports;
	bool pending;		/* not all ports may have been opened */
};
#define NET_STATE_INIT { VEC_INIT, VEC_INIT, false }
#define AUTO_NET_STATE __attribute__((cleanup(net_state_fini)))

void net_state_fini(struct net_state *s);
/* Empty when there is none. */
int net_state_read(const struct host *h, const char *name,
    struct net_state *s, struct error *e) FALLIBLE;
int net_state_write(const struct host *h, const char *name,
    const struct net_state *s, struct error *e) FALLIBLE;
int net_state_remove(const struct host *h, const char *name, struct error *e)
    FALLIBLE;
bool net_state_exists(const struct host *h, const char *name);
/* "10.0.0.1:8080:80/tcp from 10.0.0.0/8 log", as in publish. */
char *net_port_text(const struct engine_publish *p);
/* What is in force, for people: addresses without lengths, and its ports. */
void net_state_addresses(const struct net_state *s, struct strings *out);
void net_state_ports(const struct net_state *s, struct strings *out);
/* The names of all jails that have one, sorted. */
int net_state_names(const struct host *h, struct strings *names,
    struct error *e) FALLIBLE;

#endif
