/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The real kern_iface.h: addresses, and routes by route(4). */
#include <sys/param.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sockio.h>
#include <sys/sysctl.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <net/route.h>
#include <netinet/in.h>
#include <netinet/in_var.h>
#include <netinet6/in6_var.h>
#include <netinet6/nd6.h>
#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "engine/freebsd/kern_iface.h"
#include "engine/freebsd/kern_socket.h"

/* One of either family, as large as the kernel wants it. */
union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

/* SA_SIZE() of <net/route.h>, which casts const away. */
static size_t
room_of(const struct sockaddr *s)
{
	return s->sa_len == 0 ? sizeof(long) :
	    1 + ((s->sa_len - 1u) | (sizeof(long) - 1));
}

static void
mask_bytes(unsigned prefix, unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++, prefix -= prefix < 8 ? prefix : 8)
		bytes[i] = prefix >= 8 ? 0xff :
		    (unsigned char)(0xff00 >> prefix);
}

static void
fill4(struct sockaddr_in *s, const unsigned char bytes[4])
{
	memset(s, 0, sizeof(*s));
	s->sin_len = sizeof(*s);
	s->sin_family = AF_INET;
	memcpy(&s->sin_addr, bytes, 4);
}

static void
fill6(struct sockaddr_in6 *s, const unsigned char bytes[16])
{
	memset(s, 0, sizeof(*s));
	s->sin6_len = sizeof(*s);
	s->sin6_family = AF_INET6;
	memcpy(&s->sin6_addr, bytes, 16);
}

static void
fill(union address *s, const struct addr *a)
{
	if (a->family == 4)
		fill4(&s->four, a->bytes);
	else
		fill6(&s->six, a->bytes);
}

static void
fill_mask(union address *s, const struct addr *a)
{
	struct addr mask = { .family = a->family };

	mask_bytes(a->prefix, mask.bytes, addr_size(a));
	fill(s, &mask);
}

static int
add4(int fd, const char *name, const struct addr *a)
{
	struct in_aliasreq r;
	unsigned char mask[4], last[4];

	memset(&r, 0, sizeof(r));
	snprintf(r.ifra_name, sizeof(r.ifra_name), "%s", name);
	mask_bytes(a->prefix, mask, sizeof(mask));
	for (size_t i = 0; i < sizeof(last); i++)
		last[i] = a->bytes[i] | (unsigned char)~mask[i];
	fill4(&r.ifra_addr, a->bytes);
	fill4(&r.ifra_mask, mask);
	if (a->prefix < 31)
		fill4(&r.ifra_broadaddr, last);
	return ioctl(fd, SIOCAIFADDR, &r);
}

static int
add6(int fd, const char *name, const struct addr *a)
{
	struct in6_aliasreq r;
	unsigned char mask[16];

	memset(&r, 0, sizeof(r));
	snprintf(r.ifra_name, sizeof(r.ifra_name), "%s", name);
	mask_bytes(a->prefix, mask, sizeof(mask));
	fill6(&r.ifra_addr, a->bytes);
	fill6(&r.ifra_prefixmask, mask);
	r.ifra_lifetime.ia6t_vltime = ND6_INFINITE_LIFETIME;
	r.ifra_lifetime.ia6t_pltime = ND6_INFINITE_LIFETIME;
	return ioctl(fd, SIOCAIFADDR_IN6, &r);
}

int
kern_iface_add(const char *name, const struct addr *a, struct error *e)
{
	AUTO_CLOSE int fd = kern_socket(a->family == 4 ? AF_INET : AF_INET6,
	    e);
	char text[ADDR_TEXT];

	if (fd < 0)
		return -1;
	if ((a->family == 4 ? add4(fd, name, a) : add6(fd, name, a)) < 0 &&
	    errno != EEXIST)
		return error_sys(e, "add %s to %s", addr_text_prefix(a, text),
		    name);
	return 0;
}

static int
remove_address(int fd, const char *name, const struct addr *a)
{
	if (a->family == 4) {
		struct ifreq r;
		union address s;

		memset(&r, 0, sizeof(r));
		snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
		fill(&s, a);
		r.ifr_addr = s.any;
		return ioctl(fd, SIOCDIFADDR, &r);
	} else {
		struct in6_ifreq r;

		memset(&r, 0, sizeof(r));
		snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
		fill6(&r.ifr_addr, a->bytes);
		return ioctl(fd, SIOCDIFADDR_IN6, &r);
	}
}

int
kern_iface_remove(const char *name, const struct addr *a, struct error *e)
{
	AUTO_CLOSE int fd = kern_socket(a->family == 4 ? AF_INET : AF_INET6,
	    e);
	char text[ADDR_TEXT];

	if (fd < 0)
		return -1;
	if (remove_address(fd, name, a) < 0 && errno != EADDRNOTAVAIL &&
	    errno != ENXIO)
		return error_sys(e, "remove %s from %s",
		    addr_text_prefix(a, text), name);
	return 0;
}

enum kern_dad
kern_iface_dad(const char *name, const struct addr *a)
{
	struct error ignored = ERROR_INIT;
	AUTO_CLOSE int fd = kern_socket(AF_INET6, &ignored);
	struct in6_ifreq r;
	int flags;

	memset(&r, 0, sizeof(r));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	fill6(&r.ifr_addr, a->bytes);
	if (fd < 0 || ioctl(fd, SIOCGIFAFLAG_IN6, &r) < 0)
		return DAD_DONE;
	flags = r.ifr_ifru.ifru_flags6;
	if ((flags & IN6_IFF_DUPLICATED) != 0)
		return DAD_DUPLICATE;
	return (flags & IN6_IFF_TENTATIVE) != 0 ? DAD_RUNNING : DAD_DONE;
}

/* A message of route(4): the header and what follows it. */
struct message {
	struct rt_msghdr header;
	char data[512];
};

static void
put(struct message *m, const struct sockaddr *s, int which)
{
	size_t used = m->header.rtm_msglen - sizeof(m->header);

	memcpy(m->data + used, s, s->sa_len);
	m->header.rtm_addrs |= which;
	m->header.rtm_msglen = (u_short)(m->header.rtm_msglen + room_of(s));
}

int
kern_route_default(const struct addr *gateway, const char *name,
    struct error *e)
{
	AUTO_CLOSE int fd = socket(PF_ROUTE, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct message m;
	struct addr all = { .family = gateway->family };
	union address to, via, mask;
	char text[ADDR_TEXT];

	memset(&m, 0, sizeof(m));
	m.header.rtm_msglen = sizeof(m.header);
	m.header.rtm_version = RTM_VERSION;
	m.header.rtm_type = RTM_ADD;
	m.header.rtm_flags = RTF_UP | RTF_GATEWAY | RTF_STATIC;
	fill(&to, &all);
	fill(&via, gateway);
	fill_mask(&mask, &all);
	/* fe80::1%eth0: the kernel keeps the scope in the address */
	if (gateway->family == 6 && gateway->bytes[0] == 0xfe &&
	    (gateway->bytes[1] & 0xc0) == 0x80)
		via.six.sin6_scope_id = if_nametoindex(name);
	put(&m, &to.any, RTA_DST);
	put(&m, &via.any, RTA_GATEWAY);
	put(&m, &mask.any, RTA_NETMASK);
	if (fd < 0 || write(fd, &m, m.header.rtm_msglen) < 0)
		return error_sys(e, "default route by %s of %s",
		    addr_text(gateway, text), name);
	return 0;
}

static unsigned char
mask_length(const struct sockaddr *mask, unsigned char family)
{
	const unsigned char *p = (const unsigned char *)mask;
	size_t at = family == 4 ? offsetof(struct sockaddr_in, sin_addr) :
	    offsetof(struct sockaddr_in6, sin6_addr);
	size_t end = at + (family == 4 ? 4 : 16);
	unsigned char bits = 0;

	/* a mask in a routing message ends with its last byte that counts */
	for (; at < end && at < mask->sa_len; at++)
		for (unsigned bit = 0x80; bit != 0 && (p[at] & bit) != 0;
		    bit >>= 1)
			bits++;
	return bits;
}

/* mask NULL: a host. */
static bool
take(const struct sockaddr *s, const struct sockaddr *mask, struct addr *a)
{
	memset(a, 0, sizeof(*a));
	if (s->sa_family == AF_INET) {
		a->family = 4;
		memcpy(a->bytes, (const char *)s +
		    offsetof(struct sockaddr_in, sin_addr), 4);
	} else if (s->sa_family == AF_INET6) {
		a->family = 6;
		memcpy(a->bytes, (const char *)s +
		    offsetof(struct sockaddr_in6, sin6_addr), 16);
	} else {
		return false;
	}
	a->prefix = mask != NULL ? mask_length(mask, a->family) :
	    (unsigned char)(addr_size(a) * 8);
	return true;
}

static bool
is_link_local(const struct addr *a)
{
	return a->family == 6 && ((a->bytes[0] == 0xfe &&
	    (a->bytes[1] & 0xc0) == 0x80) || a->bytes[0] == 0xff);
}

static void
read_route(const struct rt_msghdr *m, bool defaults,
    struct engine_routes *routes)
{
	const struct sockaddr *s[RTAX_MAX] = { NULL };
	const char *p = (const char *)(m + 1);
	struct engine_route r;

	memset(&r, 0, sizeof(r));
	for (int i = 0; i < RTAX_MAX; i++)
		if ((m->rtm_addrs & (1 << i)) != 0) {
			s[i] = (const struct sockaddr *)(const void *)p;
			p += room_of(s[i]);
		}
	if (s[RTAX_DST] == NULL || (m->rtm_flags & RTF_UP) == 0 ||
	    (m->rtm_flags & (RTF_REJECT | RTF_BLACKHOLE)) != 0 ||
	    !take(s[RTAX_DST], (m->rtm_flags & RTF_HOST) != 0 ? NULL :
	    s[RTAX_NETMASK], &r.net) || is_link_local(&r.net) ||
	    (r.net.prefix == 0 && !defaults))
		return;
	if (if_indextoname(m->rtm_index, r.link) == NULL)
		*r.link = '\0';
	VEC_PUSH(routes, r);
}

static int
table(bool defaults, struct engine_routes *routes, struct error *e)
{
	int mib[] = { CTL_NET, PF_ROUTE, 0, 0, NET_RT_DUMP, 0 };
	AUTO_FREE char *text = NULL;
	size_t len = 0;

	do {
		if (sysctl(mib, 6, NULL, &len, NULL, 0) < 0)
			return error_sys(e, "routing table");
		len += len / 8 + 1024;
		free(text);
		text = xcalloc(1, len);
	} while (sysctl(mib, 6, text, &len, NULL, 0) < 0 && errno == ENOMEM);
	for (size_t at = 0; at + sizeof(struct rt_msghdr) <= len;) {
		const struct rt_msghdr *m =
		    (const struct rt_msghdr *)(const void *)(text + at);

		if (m->rtm_msglen == 0)
			break;
		if (m->rtm_version == RTM_VERSION)
			read_route(m, defaults, routes);
		at += m->rtm_msglen;
	}
	return 0;
}

int
kern_routes(bool defaults, struct engine_routes *routes, struct error *e)
{
	struct ifaddrs *all;

	if (table(defaults, routes, e) < 0)
		return -1;
	if (getifaddrs(&all) < 0)
		return error_sys(e, "addresses of the host");
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
		struct engine_route r;

		memset(&r, 0, sizeof(r));
		if (i->ifa_addr == NULL || !take(i->ifa_addr, NULL, &r.net) ||
		    is_link_local(&r.net))
			continue;
		r.local = true;
		snprintf(r.link, sizeof(r.link), "%s", i->ifa_name);
		VEC_PUSH(routes, r);
	}
	freeifaddrs(all);
	return 0;
}
