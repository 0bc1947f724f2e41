/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_NET_ENTRY_H
#define CORE_NET_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"
#include "engine/engine.h"

/*
 * The list property net.  Each entry is one of
 *
 *	inherit				the host's stack
 *	none				a stack with loopback only
 *	NETWORK[:ADDR4[,ADDR6]]		a network of gaol's
 *	IFACE|ADDR/LEN[,...]		addresses at an interface of the host
 *	lo|ADDR[,...]			addresses of the host's loopback
 *	vnet:BRIDGE[:ADDR/LEN[,...]|dhcp|slaac]
 *	if:IFACE			an interface of the host, moved in
 *
 * followed by options: mac= mtu= gateway= name= limit.in= limit.out= vlan=
 * and offer=on.  A comma separates values of a list, too, so an entry that is
 * an address, dhcp or slaac belongs to the one before it.
 */
enum net_kind { NET_INHERIT, NET_NONE, NET_IFACE };

struct net_entry {
	enum net_kind kind;
	bool mac_given;
	struct engine_iface iface;	/* as far as the entry tells */
};
VEC_TYPE(net_entries, struct net_entry);

#define AUTO_NET_ENTRIES __attribute__((cleanup(net_entries_fini)))
void net_entries_fini(struct net_entries *entries);

/* The check of a single value, for the table of properties. */
int net_entry_check(const char *v, struct error *e) FALLIBLE;
/*
 * All values of the property.  inherit and none stand alone, and the host's
 * stack and one of its own cannot be mixed: ERROR_CONFIG.
 */
int net_entries_parse(const struct strings *values,
    struct net_entries *entries, struct error *e) FALLIBLE;
/* Whether a jail with these uses the host's stack. */
bool net_entries_shared(const struct net_entries *entries);

#endif
