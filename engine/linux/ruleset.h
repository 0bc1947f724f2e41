/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_RULESET_H
#define ENGINE_LINUX_RULESET_H

/*
 * Our own tables of the packet filter: one of the family inet and one of
 * bridge, both named as the scope.  They are made once; a network or a jail is
 * elements of their sets and maps.  fd: nl_open(NETLINK_NETFILTER).
 */
#include "engine/engine.h"

/*
 * After a failure that tells of a kernel without nftables, or of one that does
 * not let us: make it ERROR_UNSUPPORTED, with what would do it.  -1.
 */
int ruleset_unable(struct error *e);

bool ruleset_there(int fd, const char *scope);
/* Both tables, and nothing in them. */
int ruleset_make(int fd, const char *scope, struct error *e) FALLIBLE;
/* What is gone is fine. */
int ruleset_remove(int fd, const char *scope, struct error *e) FALLIBLE;

/* Enter a network; done already is fine. */
int ruleset_add_network(int fd, const struct engine_network *n,
    struct error *e) FALLIBLE;
/* Whatever of it is there. */
int ruleset_drop_network(int fd, const struct engine_network *n,
    struct error *e) FALLIBLE;

/*
 * A jail: what its interfaces may send from, and its ports.  All or nothing;
 * ERROR_EXISTS when one of the ports is taken.  Entered already is fine.
 */
int ruleset_add_jail(int fd, const struct engine_spec *spec, struct error *e)
    FALLIBLE;
/* What is gone is fine. */
int ruleset_drop_jail(int fd, const struct engine_spec *spec, struct error *e)
    FALLIBLE;
/* Ports alone, of a running jail. */
int ruleset_add_ports(int fd, const char *scope,
    const struct engine_publish *ports, size_t count, struct error *e)
    FALLIBLE;
int ruleset_drop_ports(int fd, const char *scope,
    const struct engine_publish *ports, size_t count, struct error *e)
    FALLIBLE;

/* Whether it is addresses of the host's stack. */
bool ruleset_is_shared(const struct engine_iface *i);

/* The group of our ends of pairs, by which the bridge table knows them. */
uint32_t ruleset_group(const char *scope);

/* Of ruleset_bridge.c, for a batch that is being made. */
struct nft;
void ruleset_make_bridge(struct nft *n);
/* Whether it is an interface that the table of the bridges knows. */
bool ruleset_knows(const struct engine_iface *i);
void ruleset_put_ifaces(struct nft *n, const struct engine_iface *ifaces,
    size_t count, bool add);
int ruleset_drop_iface(int fd, const char *scope,
    const struct engine_iface *i, struct error *e) FALLIBLE;

#endif
