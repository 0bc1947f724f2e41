/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>
#include <sys/file.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/live.h"
#include "core/net_shared.h"
#include "core/net_state.h"

static bool
is_shared(const struct engine_iface *i)
{
	return i->kind == IFACE_SHARED || i->kind == IFACE_LOOP;
}

bool
net_shared_any(const struct engine_spec *spec)
{
	for (size_t i = 0; i < spec->iface_count; i++)
		if (is_shared(&spec->ifaces[i]))
			return true;
	return false;
}

int
net_shared_lock(const struct host *h, struct error *e)
{
	AUTO_CLOSE int fd = -1;

	if (file_mkdirs(h->run_fd, "net", 0700, e) < 0)
		return -1;
	fd = file_opendir(h->run_fd, "net", e);
	if (fd < 0)
		return -1;
	/* nobody waits for anything else while holding it */
	if (flock(fd, LOCK_EX) < 0)
		return error_sys(e, "lock %s/net", h->run);
	return steal_fd(&fd);
}

static const struct addr *
has_address(const struct net_state *s, const struct addr *a)
{
	for (size_t i = 0; i < s->ifaces.count; i++)
		for (size_t k = 0; k < s->ifaces.items[i].addr_count; k++)
			if (addr_equal(&s->ifaces.items[i].addrs[k], a))
				return a;
	return NULL;
}

static const struct addr *
find_common(const struct net_state *s, const struct engine_spec *spec)
{
	for (size_t i = 0; i < spec->iface_count; i++) {
		const struct engine_iface *iface = &spec->ifaces[i];

		for (size_t k = 0; is_shared(iface) && k < iface->addr_count;
		    k++)
			if (has_address(s, &iface->addrs[k]) != NULL)
				return &iface->addrs[k];
	}
	return NULL;
}

static bool
has_ended(const struct host *h, const char *name)
{
	AUTO_LIVE struct live live = LIVE_INIT;
	struct error ignored = ERROR_INIT;

	return live_read(h, name, &live, &ignored) < 0 || live.fd < 0 ||
	    !engine_native->alive(&live.engine, live.fd);
}

static int
check_other(const struct host *h, const char *name,
    const struct engine_spec *spec, struct error *e)
{
	AUTO_NET_STATE struct net_state s = NET_STATE_INIT;
	const struct addr *a;
	char text[ADDR_TEXT];

	if (net_state_read(h, name, &s, e) < 0)
		return -1;
	a = find_common(&s, spec);
	if (a == NULL)
		return 0;
	return error_set(e, ERROR_BUSY, has_ended(h, name) ? "net: %s is held "
	    "for jail '%s', which has ended; 'gaol stop %s' gives it back" :
	    "net: %s is the address of jail '%s'; 'gaol stop %s' frees it",
	    addr_text(a, text), name, name);
}

int
net_shared_check(const struct host *h, const struct engine_spec *spec,
    struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (net_state_names(h, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (strcmp(names.items[i], spec->name) != 0 &&
		    check_other(h, names.items[i], spec, e) < 0)
			return -1;
	return 0;
}
