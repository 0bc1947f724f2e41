/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_NET_LINUX_H
#define ENGINE_LINUX_NET_LINUX_H

#include "engine/engine.h"

/* Members of the table in net.c that have files of their own. */
int linux_network_up(const struct engine_network *n, bool *fresh,
    struct strings *notes, struct error *e) FALLIBLE;
int linux_network_alter(const struct engine_network *before,
    const struct engine_network *after, struct strings *notes,
    struct error *e) FALLIBLE;
int linux_network_down(const struct engine_network *n, struct error *e)
    FALLIBLE;
bool linux_network_is_up(const struct engine_network *n);
bool linux_is_ready(const struct engine_spec *spec);
int linux_prepare(const struct engine_spec *spec, bool *fresh,
    struct strings *notes, struct error *e) FALLIBLE;
int linux_hindrances(const char *scope, struct strings *lines,
    struct error *e) FALLIBLE;
int linux_network_clear(const char *scope, struct error *e) FALLIBLE;
/* Whether what a bridge forwards is rewritten by the packet filter (IPv4). */
bool linux_bridges_filter4(void);
/* Whether what comes in by that interface may be for 127.0.0.0/8. */
bool linux_leads_to_loopback(const char *link);
/* Whether ports published at ::1 can lead into jails. */
bool linux_loopback6_leads(void);

/*
 * Interfaces of kinds that have a stack of the jail's own; others are passed
 * over.  netns is the jail's network namespace.
 */
int linux_own_attach(const struct engine_spec *spec, int netns,
    struct error *e) FALLIBLE;

/* A socket of rtnetlink that belongs to the namespace netns. */
int linux_open_inside(int netns, struct error *e) FALLIBLE;
/* Whether a descriptor is of a network namespace. */
bool linux_is_netns(int fd);

int linux_taken(const char *link, const struct addr *a, bool *taken,
    unsigned char mac[6], struct error *e) FALLIBLE;

/* "SCOPE" of "SCOPE/NAME". */
char *linux_scope_of(const char *key);

#endif
