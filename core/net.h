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
 * Give a jail that is made what its spec says, and remember it; undone by
 * net_disconnect, which goes by what was remembered and succeeds where there
 * is nothing.
 */
int net_connect(const struct host *h, struct spec *s,
    const struct engine_live *live, struct error *e) FALLIBLE;
int net_disconnect(const struct host *h, const char *name, struct error *e)
    FALLIBLE;
/* "network inherit", "network none", "network lan, vnet:br0:dhcp". */
void net_tell(const struct cell *c, struct buf *text);

#endif
