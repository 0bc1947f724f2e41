/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "engine/linux/alias.h"
#include "engine/linux/bpf_load.h"
#include "engine/linux/shared.h"
#include "engine/linux/shared_code.h"

enum { WILD_MAX = 4096, LISTENERS_MAX = 4096 };

#define SOCK_ADDR BPF_PROG_TYPE_CGROUP_SOCK_ADDR
#define SKB BPF_PROG_TYPE_CGROUP_SKB
/* clang-format off */
static const struct program {
	const char *name;
	enum bpf_prog_type type;
	enum bpf_attach_type attach;
	bool inet6;
	void (*write)(struct code *c, const struct shared_maps *m);
} programs[] = {
	{ "gaol_socket", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE,
	    false, shared_code_socket },
	{ "gaol_bind4", SOCK_ADDR, BPF_CGROUP_INET4_BIND, false,
	    shared_code_bind4 },
	{ "gaol_bind6", SOCK_ADDR, BPF_CGROUP_INET6_BIND, true,
	    shared_code_bind6 },
	{ "gaol_connect4", SOCK_ADDR, BPF_CGROUP_INET4_CONNECT, false,
	    shared_code_connect4 },
	{ "gaol_connect6", SOCK_ADDR, BPF_CGROUP_INET6_CONNECT, true,
	    shared_code_connect6 },
	{ "gaol_send4", SOCK_ADDR, BPF_CGROUP_UDP4_SENDMSG, false,
	    shared_code_send4 },
	{ "gaol_send6", SOCK_ADDR, BPF_CGROUP_UDP6_SENDMSG, true,
	    shared_code_send6 },
	{ "gaol_ingress", SKB, BPF_CGROUP_INET_INGRESS, false,
	    shared_code_ingress },
	{ "gaol_egress", SKB, BPF_CGROUP_INET_EGRESS, false,
	    shared_code_egress },
};
/* clang-format on */

static uint32_t
mask_word(unsigned prefix)
{
	if (prefix == 0)
		return 0;
	return htonl(prefix >= 32 ? ~0U : ~(~0U >> prefix));
}

int
shared_add(struct shared_jail *j, const struct addr *a, struct error *e)
{
	uint32_t *count = a->family == 4 ? &j->count4 : &j->count6;

	if (*count == SHARED_ADDRS)
		return error_set(e, ERROR_CONFIG, "net: a jail on the host's "
		    "stack has at most %d addresses of a family",
		    SHARED_ADDRS);
	if (a->family == 4) {
		struct shared_addr4 *to = &j->v4[(*count)++];

		memcpy(&to->addr, a->bytes, 4);
		to->mask = mask_word(a->prefix);
	} else {
		struct shared_addr6 *to = &j->v6[(*count)++];

		memcpy(to->addr, a->bytes, 16);
		for (unsigned i = 0; i < 4; i++)
			to->mask[i] = mask_word(a->prefix < 32 * i ? 0 :
			    a->prefix - 32 * i);
	}
	return 0;
}

void
shared_links_fini(struct shared_links *l)
{
	while (l->count > 0)
		close(l->fds[--l->count]);
}

static int
attach(int group, const struct program *p, const struct shared_maps *m,
    struct error *e)
{
	struct code c;
	AUTO_CLOSE int fd = -1;

	code_init(&c);
	p->write(&c, m);
	code_finish(&c);
	fd = bpf_load(p->type, p->attach, p->name, &c, e);
	if (fd < 0)
		return -1;
	return bpf_attach_cgroup(group, fd, p->attach, e);
}

/* More than one address: listeners of the wildcard, and who finds them. */
static int
make_steering(struct shared_maps *m, const struct shared_jail *j,
    struct error *e)
{
	static const struct bpf_map same = { BPF_MAP_TYPE_ARRAY, "gaol_same",
		sizeof(uint32_t), sizeof(struct shared_jail), 1 };
	static const struct bpf_map wild = { BPF_MAP_TYPE_LRU_HASH,
		"gaol_wild", sizeof(uint64_t), sizeof(uint32_t), WILD_MAX };
	static const struct bpf_map listeners = { BPF_MAP_TYPE_SOCKHASH,
		"gaol_listen", sizeof(struct shared_key), sizeof(uint64_t),
		LISTENERS_MAX };
	const uint32_t zero = 0;

	m->same = bpf_map_make(&same, e);
	if (m->same < 0 || bpf_map_put(m->same, &zero, j, e) < 0)
		return -1;
	m->wild = bpf_map_make(&wild, e);
	if (m->wild < 0)
		return -1;
	m->listeners = bpf_map_make(&listeners, e);
	return m->listeners < 0 ? -1 : 0;
}

static int
attach_steering(int group, const struct shared_maps *m,
    struct shared_links *links, struct error *e)
{
	static const struct program listen = { "gaol_listen",
		BPF_PROG_TYPE_SOCK_OPS, BPF_CGROUP_SOCK_OPS, false,
		shared_code_listen };
	AUTO_CLOSE int net = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int lookup = -1;
	struct code c;
	int link;

	if (net < 0)
		return error_sys(e, "/proc/self/ns/net");
	if (attach(group, &listen, m, e) < 0)
		return -1;
	code_init(&c);
	shared_code_lookup(&c, m);
	code_finish(&c);
	lookup = bpf_load(BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP,
	    "gaol_lookup", &c, e);
	if (lookup < 0)
		return -1;
	link = bpf_link(net, lookup, BPF_SK_LOOKUP, e);
	if (link < 0) {
		if (errno == E2BIG)
			error_set(e, ERROR_UNSUPPORTED, "Linux has room for 64 "
			    "jails with several addresses on one network "
			    "stack; give this one a single address, or a "
			    "network of its own");
		return -1;
	}
	links->fds[links->count++] = link;
	return 0;
}

static int
make_jail_map(int *map, struct error *e)
{
	/* BPF_MAP_TYPE_CGROUP_STORAGE: a value for each group that a program
	 * with this map is attached to, gone with the group */
	static const struct bpf_map jail = { BPF_MAP_TYPE_CGROUP_STORAGE,
		"gaol_jail", sizeof(uint64_t), sizeof(struct shared_jail), 0 };

	*map = bpf_map_make(&jail, e);
	return *map < 0 ? -1 : 0;
}

static int
attach_all(int group, const struct stat *st, const struct shared_jail *j,
    struct shared_maps *m, struct shared_links *links, struct error *e)
{
	const uint64_t id = st->st_ino;

	if (make_jail_map(&m->jail, e) < 0)
		return -1;
	if ((j->flags & SHARED_STEER) != 0 && make_steering(m, j, e) < 0)
		return -1;
	/* without addresses of IPv6 there are no such sockets */
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if ((j->count6 > 0 || !programs[i].inet6) && attach(group, &programs[i], m, e) < 0)
			return -1;
	if (bpf_map_put(m->jail, &id, j, e) < 0)
		return -1;
	if ((j->flags & SHARED_STEER) != 0)
		return attach_steering(group, m, links, e);
	return 0;
}

int
shared_attach(int group, int above, struct shared_jail *j,
    struct shared_links *links, struct error *e)
{
	struct shared_maps m = { -1, -1, -1, -1, j->count4, j->count6 };
	struct stat st, scope;
	int result;

	/* the number of a control group is that of its directory */
	if (fstat(group, &st) < 0 || fstat(above, &scope) < 0)
		return error_sys(e, "the control group");
	j->scope = scope.st_ino;
	if (j->count4 + j->count6 > 1)
		j->flags |= SHARED_STEER;
	result = attach_all(group, &st, j, &m, links, e);
	close_fd(&m.jail);
	close_fd(&m.same);
	close_fd(&m.wild);
	close_fd(&m.listeners);
	if (result == 0)
		return 0;
	shared_links_fini(links);
	if (e->kind == ERROR_FAILED)
		e->kind = ERROR_UNSUPPORTED;
	return error_wrap(e, "addresses on the host's network stack");
}

static int
fill_jail(struct shared_jail *j, const struct engine_spec *spec,
    uint64_t allow, struct error *e)
{
	memset(j, 0, sizeof(*j));
	if ((allow & ALLOW_BIT(ALLOW_RAW_SOCKETS)) != 0)
		j->flags |= SHARED_RAW;
	if ((allow & ALLOW_BIT(ALLOW_RESERVED_PORTS)) != 0)
		j->flags |= SHARED_RESERVED;
	for (size_t i = 0; i < spec->iface_count; i++)
		for (size_t k = 0; k < spec->ifaces[i].addr_count; k++)
			if (shared_add(j, &spec->ifaces[i].addrs[k], e) < 0)
				return -1;
	return 0;
}

int
shared_hold(const struct engine_spec *spec, uint64_t allow,
    const struct cgroup *cg, struct shared_links *links, struct error *e)
{
	AUTO_CLOSE int above = -1;
	struct shared_jail j;

	if (!alias_any(spec))
		return 0;
	if (cg->fd < 0 || !cg->v2)
		return error_set(e, ERROR_UNSUPPORTED, "net: addresses on the "
		    "host's network stack need cgroup v2; mount it, at "
		    "/sys/fs/cgroup/unified if v1 is in use, or set net = "
		    "inherit");
	above = openat(cg->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (above < 0)
		return error_sys(e, "the control group");
	if (fill_jail(&j, spec, allow, e) < 0)
		return -1;
	return shared_attach(cg->fd, above, &j, links, e);
}
