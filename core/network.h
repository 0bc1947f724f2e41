/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_NETWORK_H
#define CORE_NETWORK_H

#include "core/host.h"

/*
 * A network: networks/NAME.conf, in the grammar of cell.conf.  Its leases are
 * parameters lease.JAIL; those of throw-away jails are in the run directory,
 * run/network/NAME.leases, and go with a boot.  Locks are taken in the order
 * jail, all networks (network_lock_all), network.
 */
struct network {
	char *name;
	enum network_mode mode;
	struct addr subnet[2];	/* IPv4, IPv6; family 0: none */
	char bridge[IFACE_NAME];
	bool bridge_is_ours;
	char uplink[IFACE_NAME];
	unsigned mtu;		/* 0: the default */
	bool dns, peer;
	struct conf *conf;
	struct conf *passing;	/* leases of throw-away jails */
};
#define AUTO_NETWORK __attribute__((cleanup(network_fini)))

#define NETWORK_DEFAULT "gaol0"

void network_fini(struct network *n);
/* Names of all networks, sorted. */
int network_names(const struct host *h, struct strings *names,
    struct error *e) FALLIBLE;
bool network_exists(const struct host *h, const char *name);
/* ERROR_NOT_FOUND with the nearest name. */
int network_load(const struct host *h, const char *name, struct network *n,
    struct error *e) FALLIBLE;
int network_save(const struct host *h, const struct network *n,
    struct error *e) FALLIBLE;
int network_lock(const struct host *h, const char *name, const char *what,
    struct error *e) FALLIBLE;
int network_lock_all(const struct host *h, const char *what, struct error *e)
    FALLIBLE;

/* What the user said of a new network, or of what is to change. */
struct network_options {
	struct addr subnet[2];	/* family 0: not said */
	bool mode_said;
	enum network_mode mode;
	const char *bridge;	/* one of the host's */
	const char *uplink;	/* "": any */
	unsigned mtu;
	int dns, peer;		/* -1: not said */
};
int network_create(const struct host *h, const char *name,
    const struct network_options *o, struct error *e) FALLIBLE;
/* The default network is made at first need. */
int network_need_default(const struct host *h, struct error *e) FALLIBLE;
int network_set(const struct host *h, const char *name,
    const struct network_options *o, struct error *e) FALLIBLE;
/* Refused while jails have leases. */
int network_destroy(const struct host *h, const char *name, struct error *e)
    FALLIBLE;
const char *network_mode_name(enum network_mode mode);
bool network_mode_parse(const char *word, enum network_mode *mode);

/* A lease: the addresses of a jail, and its host name. */
struct lease {
	char *jail;
	struct addr addrs[2];
	char *hostname;		/* NULL: the jail's name */
};
VEC_TYPE(leases, struct lease);
#define AUTO_LEASES __attribute__((cleanup(leases_fini)))
void lease_fini(struct lease *l);
void leases_fini(struct leases *l);
/* All of a network, in the order of the file. */
void network_leases(const struct network *n, struct leases *l);
/*
 * The addresses of a jail: those that it has, or asked for (family 0: any), or
 * free ones.  ERROR_EXISTS names the jail that holds one already.  Written at
 * once.  passing: the jail is a throw-away.
 */
int network_lease(const struct host *h, struct network *n, const char *jail,
    const struct addr asked[2], const char *hostname, bool passing,
    struct lease *lease, struct error *e) FALLIBLE;
int network_release(const struct host *h, struct network *n,
    const char *jail, struct error *e) FALLIBLE;
/* The same, with the network locked and loaded; one that is gone is fine. */
int network_release_one(const struct host *h, const char *network,
    const char *jail, struct error *e) FALLIBLE;
/* Of all networks but those of keep (NULL: none is kept). */
int network_release_all(const struct host *h, const char *jail,
    const struct strings *keep, struct error *e) FALLIBLE;

bool network_is_up(const struct host *h, const struct network *n);
/* Bring it up, with all networks locked. */
int network_up(const struct host *h, const struct network *n,
    struct error *e) FALLIBLE;
/*
 * The packet filter is there for a jail that may be in no network, and goes
 * when neither a network is up nor such a jail runs; that one with all networks
 * locked.
 */
int network_filter_need(const struct host *h, const struct engine_spec *spec,
    struct error *e) FALLIBLE;
int network_filter_clear(const struct host *h, struct error *e) FALLIBLE;
void network_engine(const struct host *h, const struct network *n,
    struct engine_network *out);

#endif
