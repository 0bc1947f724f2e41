/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Who has which address of a network.  The network's lock is held. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "core/names.h"

enum {
	HOST_FIRST = 2,		/* 1 is the gateway */
	HOSTS_MAX = 1 << 16,	/* of a network that we hand out */
};

void
lease_fini(struct lease *l)
{
	free(l->jail);
	free(l->hostname);
	memset(l, 0, sizeof(*l));
}

void
leases_fini(struct leases *l)
{
	for (size_t i = 0; i < l->count; i++)
		lease_fini(&l->items[i]);
	VEC_FINI(l);
}

static void
read_lease(const struct conf_param *p, struct lease *lease)
{
	memset(lease, 0, sizeof(*lease));
	lease->jail = xstrdup(conf_param_name(p) + 6);
	for (size_t i = 0; i < conf_param_count(p); i++) {
		const char *value = conf_param_value(p, i);
		struct error ignored = ERROR_INIT;
		struct addr a;

		if (addr_parse(value, &a, &ignored) == 0) {
			lease->addrs[a.family == 6] = a;
			continue;
		}
		free(lease->hostname);
		lease->hostname = xstrdup(value);
	}
}

static void
collect(const struct conf *c, const char *name, struct leases *l)
{
	const struct conf_block *block = conf_block(c, name);
	const struct conf_param *p = NULL;

	while (block != NULL && (p = conf_param_next(block, p)) != NULL) {
		struct lease lease;

		if (strncmp(conf_param_name(p), "lease.", 6) != 0)
			continue;
		read_lease(p, &lease);
		VEC_PUSH(l, lease);
	}
}

void
network_leases(const struct network *n, struct leases *l)
{
	collect(n->conf, n->name, l);
	collect(n->passing, n->name, l);
}

static int
save(const struct host *h, const struct network *n, bool passing,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("network/%s.leases", n->name);
	AUTO_BUF struct buf text = BUF_INIT;

	if (!passing)
		return network_save(h, n, e);
	conf_write(n->passing, &text);
	return file_replace(h->run_fd, file, text.data, text.len, 0600,
	    FILE_VOLATILE, e);
}

static struct lease *
find(struct leases *l, const char *jail)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->items[i].jail, jail) == 0)
			return &l->items[i];
	return NULL;
}

/* The number of an address within its network, HOSTS_MAX for a far one. */
static unsigned
host_number(const struct addr *a, const struct addr *subnet)
{
	struct addr net = addr_network(subnet);
	uint64_t number = 0;

	for (size_t i = 0; i < addr_size(a); i++) {
		number = number << 8 |
		    (unsigned char)(a->bytes[i] - net.bytes[i]);
		if (number >= HOSTS_MAX)
			return HOSTS_MAX;
	}
	return (unsigned)number;
}

static const char *
holder(const struct leases *l, const struct addr *a)
{
	for (size_t i = 0; i < l->count; i++)
		if (addr_equal(&l->items[i].addrs[a->family == 6], a))
			return l->items[i].jail;
	return NULL;
}

static int
check_asked(const struct network *n, const struct leases *l, const char *jail,
    const struct addr *asked, struct error *e)
{
	const struct addr *subnet = &n->subnet[asked->family == 6];
	char text[ADDR_TEXT], net[ADDR_TEXT];
	const char *other;
	unsigned number;

	addr_text(asked, text);
	if (subnet->family == 0)
		return error_set(e, ERROR_CONFIG, "net = %s:%s: the network "
		    "has no IPv%d", n->name, text, asked->family);
	if (!addr_within(asked, subnet))
		return error_set(e, ERROR_CONFIG, "net = %s:%s: the network "
		    "is %s", n->name, text, addr_text_prefix(subnet, net));
	number = host_number(asked, subnet);
	if (number == 0 || addr_is_broadcast(asked, subnet))
		return error_set(e, ERROR_CONFIG, "net = %s:%s: that is not "
		    "an address for a host", n->name, text);
	if (number == 1)
		return error_set(e, ERROR_EXISTS, "net = %s:%s: the network's "
		    "gateway has that address", n->name, text);
	other = holder(l, asked);
	if (other != NULL && strcmp(other, jail) != 0)
		return error_set(e, ERROR_EXISTS, "net = %s:%s: jail '%s' has "
		    "that address", n->name, text, other);
	return 0;
}

static unsigned
hosts_of(const struct network *n)
{
	const struct addr *four = &n->subnet[0], *six = &n->subnet[1];
	unsigned count = HOSTS_MAX;

	/* but for the last, which is for broadcasts */
	if (four->family != 0 && four->prefix >= 16)
		count = four->prefix >= 31 ? 2 : 0xffffffffu >> four->prefix;
	if (six->family != 0 && six->prefix > 112 &&
	    1u << (128 - six->prefix) < count)
		count = 1u << (128 - six->prefix);
	return count;
}

static void
mark(unsigned char *used, const struct network *n, const struct leases *l)
{
	for (size_t i = 0; i < l->count; i++)
		for (size_t f = 0; f < 2; f++) {
			const struct addr *a = &l->items[i].addrs[f];
			unsigned number = a->family == 0 ? HOSTS_MAX :
			    host_number(a, &n->subnet[f]);

			if (number < HOSTS_MAX)
				used[number / 8] |=
				    (unsigned char)(1 << number % 8);
		}
}

static unsigned
next_of(const struct network *n)
{
	const struct conf *files[] = { n->conf, n->passing };
	unsigned next = HOST_FIRST;

	for (size_t i = 0; i < 2; i++) {
		const struct conf_block *b = conf_block(files[i], n->name);
		const struct conf_param *p = NULL;

		while (b != NULL && (p = conf_param_next(b, p)) != NULL)
			if (strcmp(conf_param_name(p), "next") == 0 &&
			    conf_param_count(p) > 0) {
				unsigned long v = strtoul(
				    conf_param_value(p, 0), NULL, 10);

				if (v > next && v < HOSTS_MAX)
					next = (unsigned)v;
			}
	}
	return next;
}

/*
 * A number that is free in both families, so that 10.1.0.7 is also fd..::7;
 * one that was given back comes last: others remember its owner.
 */
static int
find_free(const struct network *n, const struct leases *l, unsigned *number,
    struct error *e)
{
	AUTO_FREE unsigned char *used = xcalloc(HOSTS_MAX / 8, 1);
	unsigned count = hosts_of(n), next = next_of(n);

	mark(used, n, l);
	for (unsigned i = HOST_FIRST; i < count; i++) {
		unsigned at = next - HOST_FIRST + (i - HOST_FIRST);

		at = HOST_FIRST + at % (count - HOST_FIRST);
		if ((used[at / 8] & 1 << at % 8) == 0) {
			*number = at;
			return 0;
		}
	}
	return error_set(e, ERROR_FAILED, "network '%s' has no free address: "
	    "%zu jails have one; 'gaol network create' makes another network",
	    n->name, l->count);
}

static void
set_values(struct conf *c, const char *block, const char *name,
    const struct strings *values)
{
	conf_set(conf_block_make(c, block), name, values);
}

static int
write_lease(const struct host *h, struct network *n, const struct lease *l,
    unsigned next, bool passing, struct error *e)
{
	AUTO_FREE char *name = xasprintf("lease.%s", l->jail);
	AUTO_STRINGS struct strings values = VEC_INIT, number = VEC_INIT;
	struct conf *c = passing ? n->passing : n->conf;
	char text[ADDR_TEXT];

	for (size_t f = 0; f < 2; f++)
		if (l->addrs[f].family != 0)
			strings_add(&values, addr_text(&l->addrs[f], text));
	if (l->hostname != NULL)
		strings_add(&values, l->hostname);
	set_values(c, n->name, name, &values);
	if (next != 0) {
		strings_take(&number, xasprintf("%u", next));
		set_values(c, n->name, "next", &number);
	}
	if (save(h, n, passing, e) < 0)
		return -1;
	return names_update(h, n, e);
}

static void
copy_lease(struct lease *to, const struct lease *from)
{
	*to = *from;
	to->jail = xstrdup(from->jail);
	to->hostname = from->hostname != NULL ? xstrdup(from->hostname) : NULL;
}

static bool
satisfies(const struct lease *have, const struct addr asked[2],
    const struct network *n, const char *hostname)
{
	for (size_t f = 0; f < 2; f++) {
		if (n->subnet[f].family == 0)
			continue;
		if (!addr_within(&have->addrs[f], &n->subnet[f]))
			return false;
		if (asked[f].family != 0 &&
		    !addr_equal(&asked[f], &have->addrs[f]))
			return false;
	}
	return strcmp(have->hostname != NULL ? have->hostname : have->jail,
	    hostname) == 0;
}

int
network_lease(const struct host *h, struct network *n, const char *jail,
    const struct addr asked[2], const char *hostname, bool passing,
    struct lease *lease, struct error *e)
{
	AUTO_LEASES struct leases all = VEC_INIT;
	const struct lease *have;
	unsigned number = 0;

	network_leases(n, &all);
	have = find(&all, jail);
	memset(lease, 0, sizeof(*lease));
	if (have != NULL && satisfies(have, asked, n, hostname)) {
		copy_lease(lease, have);
		return 0;
	}
	for (size_t f = 0; f < 2; f++) {
		if (asked[f].family != 0 &&
		    check_asked(n, &all, jail, &asked[f], e) < 0)
			return -1;
		if (n->subnet[f].family == 0)
			continue;
		if (asked[f].family != 0)
			lease->addrs[f] = asked[f];
		else if (have != NULL &&
		    addr_within(&have->addrs[f], &n->subnet[f]))
			lease->addrs[f] = have->addrs[f];
		else if (number == 0 && find_free(n, &all, &number, e) < 0)
			return -1;
		if (lease->addrs[f].family == 0)
			lease->addrs[f] = addr_nth(&n->subnet[f], number);
		lease->addrs[f].prefix = f == 0 ? 32 : 128;
	}
	lease->jail = xstrdup(jail);
	if (strcmp(hostname, jail) != 0)
		lease->hostname = xstrdup(hostname);
	return write_lease(h, n, lease, number != 0 ? number + 1 : 0, passing,
	    e);
}

int
network_release(const struct host *h, struct network *n, const char *jail,
    struct error *e)
{
	AUTO_FREE char *name = xasprintf("lease.%s", jail);
	struct conf_block *blocks[] = { conf_block(n->conf, n->name),
	    conf_block(n->passing, n->name) };
	bool changed = false;

	for (size_t i = 0; i < 2; i++) {
		if (blocks[i] == NULL || !conf_unset(blocks[i], name))
			continue;
		if (save(h, n, i == 1, e) < 0)
			return -1;
		changed = true;
	}
	return changed ? names_update(h, n, e) : 0;
}

int
network_release_one(const struct host *h, const char *network,
    const char *jail, struct error *e)
{
	AUTO_NETWORK struct network n;
	AUTO_CLOSE int lock = network_lock(h, network, "release an address",
	    e);

	memset(&n, 0, sizeof(n));
	if (lock < 0)
		return -1;
	if (network_load(h, network, &n, e) < 0) {
		/* what is damaged is told, and keeps no jail of others */
		if (e->kind == ERROR_CONFIG)
			host_say(h, "%s", e->msg);
		else if (e->kind != ERROR_NOT_FOUND)
			return -1;
		error_clear(e);
		return 0;
	}
	return network_release(h, &n, jail, e);
}

int
network_release_all(const struct host *h, const char *jail,
    const struct strings *keep, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (network_names(h, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if ((keep == NULL || strings_index(keep, names.items[i]) < 0) &&
		    network_release_one(h, names.items[i], jail, e) < 0)
			return -1;
	return 0;
}
