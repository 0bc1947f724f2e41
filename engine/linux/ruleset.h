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

/* Ports: all or none; ERROR_EXISTS when one of them is taken. */
int ruleset_add_ports(int fd, const char *scope,
    const struct engine_publish *ports, size_t count, struct error *e)
    FALLIBLE;
/* What is gone is fine. */
int ruleset_drop_ports(int fd, const char *scope,
    const struct engine_publish *ports, size_t count, struct error *e)
    FALLIBLE;
/* A port of a bridge that may send RA and DHCP answers. */
int ruleset_offers(int fd, const char *scope, const char *outside, bool may,
    struct error *e) FALLIBLE;

/* The group of our ends of pairs, by which the bridge table knows them. */
uint32_t ruleset_group(const char *scope);

#endif
