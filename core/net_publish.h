/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_NET_PUBLISH_H
#define CORE_NET_PUBLISH_H

#include "core/cell.h"
#include "core/net_state.h"
#include "core/spec.h"

/*
 * Published ports: [ADDR:]PORT[-LAST][:PORT[-LAST]][/tcp|/udp] [from NET] [log]
 *
 *	8080:80/tcp
 *	[::1]:5353:53/udp
 *	10000-10100
 *	0.0.0.0:443:443 from 10.0.0.0/8 log
 */
int net_publish_parse(const char *v, struct engine_publish *p,
    struct error *e) FALLIBLE;
/* The check of a single value, for the table of properties. */
int net_publish_check(const char *v, struct error *e) FALLIBLE;
/* Whether both are about the same port of the host. */
bool net_publish_same(const struct engine_publish *a,
    const struct engine_publish *b);

/* Parse the cell's into a spec; where they lead to is not known yet. */
int net_publish_fill(struct spec *s, const struct cell *c, struct error *e)
    FALLIBLE;
/* Where they lead to, by the interfaces that the jail has. */
int net_publish_aim(struct engine_publish *ports, size_t count,
    const struct engine_iface *ifaces, size_t iface_count, struct error *e)
    FALLIBLE;

/* Those of a running jail become what its cell says now. */
int net_publish_change(const struct host *h, const struct cell *c,
    struct error *e) FALLIBLE;
/* Take away from state the ports that another jail has. */
int net_publish_spare(const struct host *h, const char *name,
    struct net_state *state, struct error *e) FALLIBLE;
/*
 * ERROR_EXISTS when another jail has one of the ports, on a system whose packet
 * filter does not see to that itself.  *lock is held until they are written
 * down; -1 when there is nothing to be guarded.
 */
int net_publish_guard(const struct host *h, const char *name,
    const struct engine_publish *ports, size_t count, int *lock,
    struct error *e) FALLIBLE;
/* A port that is taken: by whom, instead of the error that is there. */
int net_publish_taken(const struct host *h, const char *name,
    const struct engine_publish *ports, size_t count, struct error *e);

#endif
