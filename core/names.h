/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_NAMES_H
#define CORE_NAMES_H

#include "core/network.h"
#include "core/spec.h"

/*
 * The files /etc/hosts and /etc/resolv.conf of jails.  They lie in the run
 * directory, are mounted over those of the jail, read-only, and are written in
 * place: whoever has them mounted sees a change at once.
 *
 *	network/NET.hosts, NET.resolv	of a network
 *	network/+HASH.hosts		of jails in several networks
 *	network/+inherit.resolv		of jails on the host's stack
 *	network/+own.resolv		of jails on another, in no network
 *	net/.JAIL.hosts			of a jail in no network
 */

/* Those of a network: it comes up. */
int names_make(const struct host *h, const struct network *n,
    struct error *e) FALLIBLE;
/* It goes down. */
int names_remove(const struct host *h, const struct network *n,
    struct error *e) FALLIBLE;
/* Its members have changed, where it is up. */
int names_update(const struct host *h, const struct network *n,
    struct error *e) FALLIBLE;
/* What the host's resolver is now. */
int names_refresh(const struct host *h, const struct network *n,
    struct error *e) FALLIBLE;

/*
 * Mount them in a jail that starts: networks are those it is in that tell
 * names, resolver the one of them whose resolv.conf it gets.
 */
int names_mount(const struct host *h, struct spec *s,
    const struct strings *networks, const char *resolver, struct error *e)
    FALLIBLE;
/* Remove what is of that jail alone; none is fine. */
void names_drop(const struct host *h, const char *name);

#endif
