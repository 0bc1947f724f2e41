/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/net_publish.h"
#include "core/net_shared.h"
#include "core/network.h"

static int
malformed(const char *v, struct error *e)
{
	return error_set(e, ERROR_CONFIG, "'%.64s' is not of the form "
	    "[ADDRESS:]PORT[:PORT][/tcp|/udp] [from NETWORK] [log] (examples: "
	    "8080:80/tcp, 10000-10100)", v);
}

/* "80" or "8000-8010"; *v is moved behind it. */
static bool
take_range(const char **v, unsigned *first, unsigned *last)
{
	unsigned long end[2];

	for (int i = 0; i < 2; i++) {
		size_t len = strspn(*v, "0123456789");

		if (len == 0 || len > 5)
			return false;
		end[i] = strtoul(*v, NULL, 10);
		*v += len;
		if (end[i] == 0 || end[i] > 65535)
			return false;
		if (i == 0 && **v != '-')
			end[++i] = end[0];
		else if (i == 0)
			++*v;
	}
	*first = (unsigned)end[0];
	*last = (unsigned)end[1];
	return end[0] <= end[1];
}

/* "10.0.0.1:" or "[fd00::1]:" where it is there. */
static bool
take_address(const char **v, struct addr *a)
{
	bool six = **v == '[';
	const char *start = *v + six;
	size_t len = strcspn(start, six ? "]" : ":/ ");
	AUTO_FREE char *text = xstrndup(start, len);
	struct error ignored = ERROR_INIT;

	if (!six && strchr(text, '.') == NULL)
		return true;
	if (strchr(text, '/') != NULL || addr_parse(text, a, &ignored) < 0 ||
	    (a->family == 6) != six || start[len] == '\0' ||
	    start[len + six] != ':')
		return false;
	/* all of that family */
	if (addr_is_zero(a))
		a->prefix = 0;
	*v = start + len + six + 1;
	return true;
}

static bool
take_protocol(const char **v, bool *udp)
{
	*udp = strncmp(*v, "/udp", 4) == 0;
	if (*udp || strncmp(*v, "/tcp", 4) == 0)
		*v += 4;
	return **v == '\0' || **v == ' ' || **v == '\t';
}

/* The next word behind blanks, or NULL. */
static char *
take_word(const char **v)
{
	size_t len;

	*v += strspn(*v, " \t");
	len = strcspn(*v, " \t");
	*v += len;
	return len > 0 ? xstrndup(*v - len, len) : NULL;
}

static int
take_options(const char *rest, const char *v, struct engine_publish *p,
    struct error *e)
{
	for (;;) {
		AUTO_FREE char *word = take_word(&rest);
		AUTO_FREE char *net = NULL;

		if (word == NULL)
			return 0;
		if (strcmp(word, "log") == 0) {
			p->log = true;
			continue;
		}
		net = strcmp(word, "from") == 0 ? take_word(&rest) : NULL;
		if (net == NULL)
			return malformed(v, e);
		if (addr_parse(net, &p->from, e) < 0)
			return error_wrap(e, "'%.64s'", v);
		if (p->host.family != 0 && p->host.family != p->from.family)
			return error_set(e, ERROR_CONFIG, "'%.64s': addresses "
			    "of two families never meet", v);
	}
}

int
net_publish_parse(const char *v, struct engine_publish *p, struct error *e)
{
	unsigned first, last, to_first, to_last;
	const char *rest = v;

	memset(p, 0, sizeof(*p));
	if (!take_address(&rest, &p->host) ||
	    !take_range(&rest, &first, &last))
		return malformed(v, e);
	to_first = first;
	to_last = last;
	if (*rest == ':') {
		rest++;
		if (!take_range(&rest, &to_first, &to_last))
			return malformed(v, e);
	}
	if (!take_protocol(&rest, &p->udp))
		return malformed(v, e);
	if (to_last - to_first != last - first)
		return error_set(e, ERROR_CONFIG, "'%.64s': the two ranges "
		    "are not of one length", v);
	p->first = (uint16_t)first;
	p->last = (uint16_t)last;
	p->to_first = (uint16_t)to_first;
	return take_options(rest, v, p, e);
}

int
net_publish_check(const char *v, struct error *e)
{
	struct engine_publish p;

	return net_publish_parse(v, &p, e);
}

bool
net_publish_same(const struct engine_publish *a,
    const struct engine_publish *b)
{
	return a->udp == b->udp && a->first == b->first &&
	    a->last == b->last && a->host.family == b->host.family &&
	    (a->host.family == 0 || addr_equal(&a->host, &b->host));
}

static bool
same_address(const struct addr *a, const struct addr *b)
{
	return a->family == b->family &&
	    (a->family == 0 || addr_equal(a, b));
}

static bool
equal(const struct engine_publish *a, const struct engine_publish *b)
{
	return net_publish_same(a, b) && a->log == b->log &&
	    a->to_first == b->to_first && a->from.family == b->from.family &&
	    (a->from.family == 0 || (addr_equal(&a->from, &b->from) &&
	    a->from.prefix == b->from.prefix)) &&
	    same_address(&a->to[0], &b->to[0]) &&
	    same_address(&a->to[1], &b->to[1]);
}

/* Whether both would have the same packet. */
static bool
meet(const struct engine_publish *a, const struct engine_publish *b)
{
	bool filtered_a = a->from.family != 0, filtered_b =
	    b->from.family != 0;

	if (a->udp != b->udp || a->first > b->last || b->first > a->last ||
	    filtered_a != filtered_b || a->host.family != b->host.family ||
	    (a->host.family != 0 && !addr_equal(&a->host, &b->host)))
		return false;
	return !filtered_a || (a->from.family == b->from.family &&
	    addr_overlap(&a->from, &b->from));
}

int
net_publish_fill(struct spec *s, const struct cell *c, struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	cell_values(c, "publish", &values);
	for (size_t i = 0; i < values.count; i++) {
		struct engine_publish p;

		if (net_publish_parse(values.items[i], &p, e) < 0)
			return error_wrap(e, "publish");
		for (size_t k = 0; k < s->publish.count; k++)
			if (meet(&s->publish.items[k], &p))
				return error_set(e, ERROR_CONFIG, "publish: "
				    "'%.64s' meets another of the list",
				    values.items[i]);
		VEC_PUSH(&s->publish, p);
	}
	s->engine.publish = s->publish.items;
	s->engine.publish_count = s->publish.count;
	if (s->publish.count > 0 && s->ifaces.count == 0)
		return error_set(e, ERROR_CONFIG, "publish: the jail has no "
		    "address of its own; with net = inherit its ports are "
		    "those of the host, a network gives it one");
	return 0;
}

int
net_publish_aim(struct engine_publish *ports, size_t count,
    const struct engine_iface *ifaces, size_t iface_count, struct error *e)
{
	struct addr to[2];

	memset(to, 0, sizeof(to));
	for (size_t i = 0; i < iface_count; i++)
		for (size_t k = 0; k < ifaces[i].addr_count; k++) {
			const struct addr *a = &ifaces[i].addrs[k];

			if (to[a->family == 6].family == 0)
				to[a->family == 6] = *a;
		}
	for (size_t i = 0; i < count; i++) {
		const struct engine_publish *p = &ports[i];
		unsigned char family = p->host.family != 0 ?
		    p->host.family : p->from.family;

		memcpy(ports[i].to, to, sizeof(to));
		if (to[0].family == 0 && to[1].family == 0)
			return error_set(e, ERROR_CONFIG, "publish: the jail "
			    "has no address yet that gaol knows of");
		if (family != 0 && to[family == 6].family == 0)
			return error_set(e, ERROR_CONFIG, "publish: the jail "
			    "has no address of IPv%d", family);
	}
	return 0;
}

static int
find_holder(const struct host *h, const char *name,
    const struct engine_publish *p, char **holder, struct error *e)
{
	AUTO_STRINGS struct strings jails = VEC_INIT;

	*holder = NULL;
	if (net_state_names(h, &jails, e) < 0)
		return -1;
	for (size_t i = 0; i < jails.count && *holder == NULL; i++) {
		AUTO_NET_STATE struct net_state s = NET_STATE_INIT;

		if (strcmp(jails.items[i], name) == 0)
			continue;
		if (net_state_read(h, jails.items[i], &s, e) < 0)
			return -1;
		for (size_t k = 0; k < s.ports.count; k++)
			if (meet(&s.ports.items[k], p)) {
				*holder = xstrdup(jails.items[i]);
				break;
			}
	}
	return 0;
}

int
net_publish_taken(const struct host *h, const char *name,
    const struct engine_publish *ports, size_t count, struct error *e)
{
	for (size_t i = 0; i < count; i++) {
		AUTO_FREE char *text = net_port_text(&ports[i]);
		AUTO_FREE char *holder = NULL;

		if (find_holder(h, name, &ports[i], &holder, e) < 0)
			return -1;
		if (holder != NULL)
			return error_set(e, ERROR_EXISTS, "publish = %s: jail "
			    "'%s' has that port of the host", text, holder);
	}
	return -1;
}

int
net_publish_guard(const struct host *h, const char *name,
    const struct engine_publish *ports, size_t count, int *lock,
    struct error *e)
{
	if (count == 0 || !net_native->ports_unguarded)
		return 0;
	if (*lock < 0)
		*lock = net_shared_lock(h, e);
	if (*lock < 0)
		return -1;
	error_clear(e);
	return net_publish_taken(h, name, ports, count, e) < 0 &&
	    e->kind != ERROR_NONE ? -1 : 0;
}

int
net_publish_spare(const struct host *h, const char *name,
    struct net_state *state, struct error *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < state->ports.count; i++) {
		AUTO_FREE char *holder = NULL;

		if (find_holder(h, name, &state->ports.items[i], &holder,
		    e) < 0)
			return -1;
		if (holder == NULL)
			state->ports.items[kept++] = state->ports.items[i];
	}
	state->ports.count = kept;
	return 0;
}

/* Those of a that b has not. */
static void
missing(const struct engine_publish *a, size_t a_count,
    const struct engine_publish *b, size_t b_count, struct net_ports *out)
{
	for (size_t i = 0; i < a_count; i++) {
		bool found = false;

		for (size_t k = 0; k < b_count; k++)
			found |= equal(&a[i], &b[k]);
		if (!found)
			VEC_PUSH(out, a[i]);
	}
}

/* One that changes its aim closes before it opens. */
static int
apply_change(const struct host *h, const char *name,
    const struct net_state *s, const struct net_ports *now,
    const struct net_ports *add, const struct net_ports *drop,
    struct error *e)
{
	AUTO_FREE char *key = xasprintf("%s/%s", h->scope, name);
	const struct engine_spec all = { .name = name, .key = key,
	    .ifaces = s->ifaces.items, .iface_count = s->ifaces.count,
	    .publish = now->items, .publish_count = now->count };

	if (net_native->publish == NULL)
		return net_native->enter(&all, e);
	if (net_native->publish(h->scope, drop->items, drop->count, false,
	    e) < 0)
		return -1;
	return net_native->publish(h->scope, add->items, add->count, true, e);
}

/* Back to what was open before. */
static int
revert_change(const struct host *h, const char *name,
    const struct net_state *s, const struct net_ports *drop, struct error *e)
{
	const struct net_ports none = VEC_INIT;

	return apply_change(h, name, s, &s->ports, drop, &none, e);
}

/*
 * What is to be opened is remembered before, what is closed is forgotten after:
 * a stop, whenever it comes, closes all there is.
 */
static int
change_ports(const struct host *h, const char *name, struct net_state *s,
    const struct net_ports *now, const struct net_ports *add,
    const struct net_ports *drop, struct error *e)
{
	struct net_state both = { s->ifaces, VEC_INIT, true };
	AUTO_CLOSE int lock = -1;
	int result;

	lock = net_shared_lock(h, e);
	if (lock < 0 || net_publish_guard(h, name, add->items, add->count,
	    &lock, e) < 0)
		return -1;
	for (size_t i = 0; i < s->ports.count; i++)
		VEC_PUSH(&both.ports, s->ports.items[i]);
	for (size_t i = 0; i < add->count; i++)
		VEC_PUSH(&both.ports, add->items[i]);
	result = net_state_write(h, name, &both, e);
	VEC_FINI(&both.ports);
	if (result == 0 && apply_change(h, name, s, now, add, drop, e) < 0) {
		struct error second = ERROR_INIT;

		result = e->kind == ERROR_EXISTS ? net_publish_taken(h, name,
		    add->items, add->count, e) : -1;
		if (revert_change(h, name, s, drop, &second) < 0 ||
		    net_state_write(h, name, s, &second) < 0)
			host_say(h, "%s: %s", name, second.msg);
	}
	if (result == 0) {
		struct net_state after = { s->ifaces, *now, false };

		result = net_state_write(h, name, &after, e);
	}
	return result;
}

/*
 * The packet filter is there before a port is to be opened in it, with what the
 * jail has there already.
 */
static int
need_filter(const struct host *h, const char *name, const struct net_state *s,
    const struct net_ports *now, struct error *e)
{
	AUTO_FREE char *key = xasprintf("%s/%s", h->scope, name);
	struct engine_spec spec = { .name = name, .key = key, .run = h->run,
	    .ifaces = s->ifaces.items, .iface_count = s->ifaces.count,
	    .publish = now->items, .publish_count = now->count };

	if (now->count == 0 || net_native->prepare == NULL ||
	    net_native->is_ready(&spec))
		return 0;
	if (network_filter_need(h, &spec, e) < 0)
		return -1;
	spec.publish = s->ports.items;
	spec.publish_count = s->ports.count;
	return net_native->enter(&spec, e);
}

static int
clear_filter(const struct host *h, struct error *e)
{
	AUTO_CLOSE int all = network_lock_all(h, "unpublish", e);

	return all < 0 ? -1 : network_filter_clear(h, e);
}

int
net_publish_change(const struct host *h, const struct cell *c,
    struct error *e)
{
	AUTO_NET_STATE struct net_state s = NET_STATE_INIT;
	AUTO_SPEC struct spec spec;
	struct net_ports now = VEC_INIT, add = VEC_INIT, drop = VEC_INIT;
	int result;

	memset(&spec, 0, sizeof(spec));
	if (spec_init(&spec, h, c, false, e) < 0 ||
	    net_state_read(h, c->name, &s, e) < 0)
		return -1;
	if (s.ifaces.count == 0 && spec.publish.count == 0)
		return 0;
	for (size_t i = 0; i < spec.publish.count; i++)
		VEC_PUSH(&now, spec.publish.items[i]);
	result = net_publish_aim(now.items, now.count, s.ifaces.items,
	    s.ifaces.count, e);
	missing(now.items, now.count, s.ports.items, s.ports.count, &add);
	missing(s.ports.items, s.ports.count, now.items, now.count, &drop);
	if (result == 0 && add.count + drop.count > 0)
		result = need_filter(h, c->name, &s, &now, e) < 0 ? -1 :
		    change_ports(h, c->name, &s, &now, &add, &drop, e);
	/* with the last port of all goes the packet filter */
	if (result == 0 && now.count == 0 && drop.count > 0)
		result = clear_filter(h, e);
	VEC_FINI(&now);
	VEC_FINI(&add);
	VEC_FINI(&drop);
	return result;
}
