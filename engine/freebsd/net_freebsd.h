/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_FREEBSD_NET_FREEBSD_H
#define ENGINE_FREEBSD_NET_FREEBSD_H

/* Networks of jails, by file. */
#include "engine/freebsd/freebsd.h"

/* Groups of interfaces that our rules of pf name. */
#define GROUP_NETWORK "gaolnet"	/* bridges of our networks */
#define GROUP_PORT "gaolport"	/* the host's ends of pairs */
#define GROUP_GUEST "gaolguest"	/* those that may not offer RA and DHCP */

/* network.c */
int freebsd_network_up(const struct engine_network *n, bool *fresh,
    struct strings *notes, struct error *e) FALLIBLE;
int freebsd_network_down(const struct engine_network *n, struct error *e)
    FALLIBLE;
bool freebsd_network_is_up(const struct engine_network *n);

/* net_own.c: interfaces of a stack of the jail's own; others are passed over. */
bool own_is(const struct engine_iface *i);
int own_plan(const struct engine_spec *spec, int jid, struct error *e)
    FALLIBLE;
int own_attach(const struct engine_spec *spec, int jid, struct error *e)
    FALLIBLE;
int own_detach(const struct engine_spec *spec, struct error *e) FALLIBLE;

/* net_alias.c: addresses at the host's interfaces; others are passed over. */
bool alias_is(const struct engine_iface *i);
int alias_plan(const struct engine_spec *spec, struct error *e) FALLIBLE;
int alias_add(const struct engine_spec *spec, struct error *e) FALLIBLE;
int alias_remove(const struct engine_spec *spec, struct error *e) FALLIBLE;

/*
 * pf.c: the packet filter.  All of ours lies in anchors below "gaol", one for
 * each network and each jail with published ports; the main rules are the
 * administrator's, and have to name them.
 */
/* Whether pf runs and looks into our anchors; what is missing is told. */
int pf_check(struct error *e) FALLIBLE;
/* That, without words. */
bool pf_is_ready(void);
int pf_load_network(const struct engine_network *n,
    const struct strings uplinks[2], struct error *e) FALLIBLE;
int pf_clear_network(const struct engine_network *n, struct error *e)
    FALLIBLE;
bool pf_has_network(const struct engine_network *n);
/* The ports of a jail, in place of those that it had. */
int pf_load_jail(const struct engine_spec *spec, struct error *e) FALLIBLE;
int pf_clear_jail(const char *key, struct error *e) FALLIBLE;

#endif
