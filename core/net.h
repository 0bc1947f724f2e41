/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_NET_H
#define CORE_NET_H

#include "core/cell.h"
#include "core/net_state.h"
#include "core/spec.h"

/* What net and publish of a cell.conf mean for a jail. */

/*
 * Fill net_inherit and, as far as cell.conf tells, the interfaces and ports of
 * a spec.  ERROR_UNSUPPORTED for what this system cannot.
 */
int net_fill(struct spec *s, const struct cell *c, struct error *e) FALLIBLE;

/*
 * Bring the jail's networks up (the default one is made at first need), take
 * its addresses, and fill in what the spec has of them, with the files that
 * tell names.  passing: a throw-away jail.  What it takes, the jail keeps until
 * it is destroyed or leaves the network.
 */
int net_join(const struct host *h, struct spec *s, bool passing,
    struct error *e) FALLIBLE;
/* Take the addresses only, for a jail that is being created or does not run. */
int net_lease(const struct host *h, struct spec *s, struct error *e)
    FALLIBLE;
/* Give back addresses in networks that the cell does not name (any more). */
int net_trim(const struct host *h, const struct cell *c, struct error *e)
    FALLIBLE;

/* Give back all addresses that the jail has in networks that the cell names. */
int net_release(const struct host *h, const struct cell *c, struct error *e)
    FALLIBLE;

/*
 * Give a jail that is made what its spec says, and remember it; undone by
 * net_disconnect, which goes by what was remembered and succeeds where there
 * is nothing.
 */
int net_connect(const struct host *h, struct spec *s,
    const struct engine_live *live, struct error *e) FALLIBLE;
int net_disconnect(const struct host *h, const char *name, struct error *e)
    FALLIBLE;
/*
 * Whether others at the links of these have one of their addresses already:
 * ERROR_EXISTS.
 */
int net_check_links(const struct engine_spec *spec, struct error *e) FALLIBLE;
/* Whether these are in no network, but known to the packet filter. */
bool net_is_filtered(const struct engine_iface *ifaces, size_t count,
    size_t ports);
/*
 * Commands inside that come before those of exec.start: programs of the jail
 * ask for what dhcp stands for.
 */
void net_boot_lines(const struct spec *s, struct strings *lines);
/* "network inherit", "network none", "network lan, vnet:br0:dhcp". */
void net_tell(const struct cell *c, struct buf *text);

#endif
