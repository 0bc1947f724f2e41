/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_ALIAS_H
#define ENGINE_LINUX_ALIAS_H

#include "engine/engine.h"

/*
 * Addresses of jails on the host's stack (IFACE_SHARED, IFACE_LOOP): added to
 * the host's interface as jails start, removed as they stop, but for those
 * that were there before.  Interfaces of other kinds are passed over.
 */
bool alias_any(const struct engine_spec *spec);
/*
 * Set added for what the host does not have.  ERROR_NOT_FOUND without the
 * interface, ERROR_EXISTS for an address at another one.
 */
int alias_plan(const struct engine_spec *spec, struct error *e) FALLIBLE;
int alias_add(const struct engine_spec *spec, struct error *e) FALLIBLE;
/* What is gone already is fine. */
int alias_remove(const struct engine_spec *spec, struct error *e) FALLIBLE;

#endif
