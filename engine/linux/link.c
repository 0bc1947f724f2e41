/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "engine/linux/link.h"
#include "engine/linux/nlmsg.h"

enum { MAKE = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL };

unsigned
link_index(int fd, const char *name)
{
	struct ifreq ifr;

	memset(&ifr, 0, sizeof(ifr));
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	return ioctl(fd, SIOCGIFINDEX, &ifr) < 0 ? 0 :
	    (unsigned)ifr.ifr_ifindex;
}

static int
found_kind(const struct nlmsghdr *m, void *arg, struct error *e)
{
	char *kind = arg;
	const struct nlattr *attrs[IFLA_LINKINFO + 1], *p;
	size_t left;

	nl_parse(m, sizeof(struct ifinfomsg), attrs, IFLA_LINKINFO + 1);
	if (attrs[IFLA_LINKINFO] == NULL)
		return 0;
	p = nl_data(attrs[IFLA_LINKINFO]);
	left = nl_len(attrs[IFLA_LINKINFO]);
	if (left > NLA_HDRLEN && p->nla_type == IFLA_INFO_KIND)
		snprintf(kind, IFACE_NAME, "%.*s", (int)nl_len(p),
		    (const char *)nl_data(p));
	return 0;
}

bool
link_is(int fd, const char *name, const char *kind, struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	char found[IFACE_NAME] = "";
	size_t m = nl_begin(&b, RTM_GETLINK, 0, &info, sizeof(info));

	nl_attr_text(&b, IFLA_IFNAME, name);
	nl_end(&b, m);
	return nl_dump(fd, &b, found_kind, found, name, e) == 0 &&
	    strcmp(found, kind) == 0;
}

int
link_make_bridge(int fd, const char *name, const unsigned char mac[6],
    unsigned mtu, struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC,
	    .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	size_t m = nl_begin(&b, RTM_NEWLINK, MAKE, &info, sizeof(info));
	size_t nest, data;

	nl_attr_text(&b, IFLA_IFNAME, name);
	nl_attr(&b, IFLA_ADDRESS, mac, 6);
	if (mtu != 0)
		nl_attr_u32(&b, IFLA_MTU, mtu);
	nest = nl_nest(&b, IFLA_LINKINFO);
	nl_attr_text(&b, IFLA_INFO_KIND, "bridge");
	data = nl_nest(&b, IFLA_INFO_DATA);
	/* no querier is there: snooping would lose neighbour discovery */
	nl_attr_u8(&b, IFLA_BR_MCAST_SNOOPING, 0);
	nl_nest_end(&b, data);
	nl_nest_end(&b, nest);
	nl_end(&b, m);
	if (nl_talk(fd, &b, name, e) < 0)
		return error_wrap(e, "make the bridge");
	return 0;
}

static void
put_up(struct buf *b, unsigned index)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC,
	    .ifi_index = (int)index, .ifi_flags = IFF_UP,
	    .ifi_change = IFF_UP };
	size_t m = nl_begin(b, RTM_NEWLINK, NLM_F_ACK, &info, sizeof(info));

	nl_end(b, m);
}

int
link_remove(int fd, const char *name, struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	size_t m = nl_begin(&b, RTM_DELLINK, NLM_F_ACK, &info, sizeof(info));

	nl_attr_text(&b, IFLA_IFNAME, name);
	nl_end(&b, m);
	if (nl_talk(fd, &b, name, e) == 0)
		return 0;
	if (e->sys_errno != ENODEV)
		return error_wrap(e, "remove an interface");
	error_clear(e);
	return 0;
}

int
link_make_pair(int fd, const struct link_pair *p, struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC,
	    .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	/* it cannot be up before the pair is complete */
	const struct ifinfomsg down = { .ifi_family = AF_UNSPEC };
	size_t m = nl_begin(&b, RTM_NEWLINK, MAKE, &info, sizeof(info));
	size_t nest, data, peer;

	nl_attr_text(&b, IFLA_IFNAME, p->outside);
	nl_attr_u32(&b, IFLA_MASTER, p->bridge);
	nl_attr_u32(&b, IFLA_GROUP, p->group);
	if (p->mtu != 0)
		nl_attr_u32(&b, IFLA_MTU, p->mtu);
	nest = nl_nest(&b, IFLA_LINKINFO);
	nl_attr_text(&b, IFLA_INFO_KIND, "veth");
	data = nl_nest(&b, IFLA_INFO_DATA);
	peer = nl_nest(&b, VETH_INFO_PEER);
	buf_append(&b, &down, sizeof(down));
	nl_attr_text(&b, IFLA_IFNAME, p->inside);
	nl_attr(&b, IFLA_ADDRESS, p->mac, 6);
	nl_attr_u32(&b, IFLA_NET_NS_FD, (uint32_t)p->netns);
	if (p->mtu != 0)
		nl_attr_u32(&b, IFLA_MTU, p->mtu);
	nl_nest_end(&b, peer);
	nl_nest_end(&b, data);
	nl_nest_end(&b, nest);
	nl_end(&b, m);
	return nl_talk(fd, &b, p->inside, e);
}

int
link_set_port(int fd, unsigned index, bool apart, bool mirror,
    struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct ifinfomsg info = { .ifi_family = AF_BRIDGE,
	    .ifi_index = (int)index };
	size_t m = nl_begin(&b, RTM_SETLINK, NLM_F_ACK, &info, sizeof(info));
	size_t nest = nl_nest(&b, IFLA_PROTINFO);

	if (apart)
		nl_attr_u8(&b, IFLA_BRPORT_ISOLATED, 1);
	if (mirror)
		nl_attr_u8(&b, IFLA_BRPORT_MODE, 1);
	nl_nest_end(&b, nest);
	nl_end(&b, m);
	return nl_talk(fd, &b, "set up a port of the bridge", e);
}

int
link_join_vlan(int fd, unsigned index, unsigned vlan, struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct ifinfomsg info = { .ifi_family = AF_BRIDGE,
	    .ifi_index = (int)index };
	struct bridge_vlan_info v = { .vid = (uint16_t)vlan };
	size_t m = nl_begin(&b, RTM_SETLINK, NLM_F_ACK, &info, sizeof(info));
	size_t nest = nl_nest(&b, IFLA_AF_SPEC);

	nl_attr(&b, IFLA_BRIDGE_VLAN_INFO, &v, sizeof(v));
	nl_nest_end(&b, nest);
	nl_end(&b, m);
	if (nl_talk(fd, &b, "vlan=", e) == 0)
		return 0;
	/* a kernel whose bridges pass all VLANs */
	if (e->sys_errno != EOPNOTSUPP)
		return error_wrap(e, "set a port of the bridge");
	error_clear(e);
	return 0;
}

unsigned
link_mtu(int fd, const char *name)
{
	struct ifreq ifr;

	memset(&ifr, 0, sizeof(ifr));
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	return ioctl(fd, SIOCGIFMTU, &ifr) < 0 || ifr.ifr_mtu < 0 ? 0 :
	    (unsigned)ifr.ifr_mtu;
}

int
link_give(int fd, unsigned index, int netns, const char *name,
    struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC,
	    .ifi_index = (int)index };
	size_t m = nl_begin(&b, RTM_NEWLINK, NLM_F_ACK, &info, sizeof(info));

	nl_attr_u32(&b, IFLA_NET_NS_FD, (uint32_t)netns);
	nl_attr_text(&b, IFLA_IFNAME, name);
	nl_end(&b, m);
	return nl_talk(fd, &b, name, e);
}

static int
family_of(const struct addr *a)
{
	return a->family == 4 ? AF_INET : AF_INET6;
}

static void
put_addr(struct buf *b, unsigned index, const struct addr *a)
{
	struct ifaddrmsg msg = {
		.ifa_family = (unsigned char)family_of(a),
		.ifa_prefixlen = a->prefix, .ifa_index = index,
		.ifa_scope = addr_is_loopback(a) ? RT_SCOPE_HOST :
		    RT_SCOPE_UNIVERSE,
	};
	size_t m = nl_begin(b, RTM_NEWADDR, MAKE, &msg, sizeof(msg));

	nl_attr(b, IFA_LOCAL, a->bytes, addr_size(a));
	nl_attr(b, IFA_ADDRESS, a->bytes, addr_size(a));
	if (a->family == 4 && a->prefix < 31) {
		struct addr net = addr_network(a);
		struct addr last = addr_nth(&net, 0xffffffffu >> a->prefix);

		nl_attr(b, IFA_BROADCAST, last.bytes, 4);
	}
	if (a->family == 6)
		nl_attr_u32(b, IFA_FLAGS, IFA_F_NODAD);
	nl_end(b, m);
}

int
link_add_addrs(int fd, unsigned index, const struct addr *addrs, size_t count,
    struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	char text[ADDR_TEXT];

	for (size_t i = 0; i < count; i++) {
		buf_clear(&b);
		put_addr(&b, index, &addrs[i]);
		if (nl_talk(fd, &b, addr_text(&addrs[i], text), e) == 0)
			continue;
		if (e->sys_errno != EEXIST)
			return error_wrap(e, "add an address");
		error_clear(e);
	}
	return 0;
}

int
link_add_loopback6(int fd, unsigned index, struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	static const unsigned char one[16] = { [15] = 1 };
	struct rtmsg msg = {
		.rtm_family = AF_INET6, .rtm_dst_len = 128,
		.rtm_table = RT_TABLE_LOCAL, .rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_LOCAL,
	};
	size_t m = nl_begin(&b, RTM_NEWROUTE, MAKE, &msg, sizeof(msg));

	nl_attr(&b, RTA_DST, one, sizeof(one));
	nl_attr_u32(&b, RTA_OIF, index);
	/* that of lo comes first; two of one priority cannot be */
	nl_attr_u32(&b, RTA_PRIORITY, 4096 + index);
	nl_end(&b, m);
	if (nl_talk(fd, &b, "::1", e) == 0)
		return 0;
	if (e->sys_errno != EEXIST)
		return error_wrap(e, "add a route");
	error_clear(e);
	return 0;
}

int
link_remove_addr(int fd, unsigned index, const struct addr *a,
    struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct ifaddrmsg msg = {
		.ifa_family = (unsigned char)family_of(a),
		.ifa_prefixlen = a->prefix, .ifa_index = index,
	};
	char text[ADDR_TEXT];
	size_t m = nl_begin(&b, RTM_DELADDR, NLM_F_ACK, &msg, sizeof(msg));

	nl_attr(&b, IFA_LOCAL, a->bytes, addr_size(a));
	nl_end(&b, m);
	if (nl_talk(fd, &b, addr_text(a, text), e) == 0)
		return 0;
	if (e->sys_errno != EADDRNOTAVAIL && e->sys_errno != ENODEV)
		return error_wrap(e, "remove an address");
	error_clear(e);
	return 0;
}

static void
put_gateway(struct buf *b, unsigned index, const struct addr *gateway)
{
	struct rtmsg msg = {
		.rtm_family = (unsigned char)family_of(gateway),
		.rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST,
	};
	size_t m = nl_begin(b, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE, &msg,
	    sizeof(msg));

	nl_attr(b, RTA_GATEWAY, gateway->bytes, addr_size(gateway));
	nl_attr_u32(b, RTA_OIF, index);
	nl_end(b, m);
}

int
link_configure(int fd, unsigned index, const struct engine_iface *i,
    struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;

	put_up(&b, index);
	for (size_t k = 0; k < i->addr_count; k++)
		put_addr(&b, index, &i->addrs[k]);
	for (size_t k = 0; k < 2; k++)
		if (i->gateways[k].family != 0)
			put_gateway(&b, index, &i->gateways[k]);
	return nl_talk(fd, &b, i->inside, e);
}

struct collect {
	struct engine_routes *routes;
	struct strings *names;
	int fd;
};

static void
index_name(int fd, uint32_t index, char name[IFACE_NAME])
{
	struct ifreq ifr;

	memset(&ifr, 0, sizeof(ifr));
	ifr.ifr_ifindex = (int)index;
	*name = '\0';
	if (ioctl(fd, SIOCGIFNAME, &ifr) == 0)
		snprintf(name, IFACE_NAME, "%s", ifr.ifr_name);
}

static int
found_route(const struct nlmsghdr *m, void *arg, struct error *e)
{
	const struct collect *c = arg;
	const struct rtmsg *msg = (const void *)(m + 1);
	const struct nlattr *attrs[RTA_OIF + 1];
	struct engine_route r;
	uint32_t index = 0;

	memset(&r, 0, sizeof(r));
	if (m->nlmsg_type != RTM_NEWROUTE ||
	    (msg->rtm_family != AF_INET && msg->rtm_family != AF_INET6) ||
	    (msg->rtm_flags & RTM_F_CLONED) != 0 ||
	    msg->rtm_type == RTN_BROADCAST || msg->rtm_type == RTN_MULTICAST)
		return 0;
	nl_parse(m, sizeof(*msg), attrs, RTA_OIF + 1);
	r.net.family = msg->rtm_family == AF_INET ? 4 : 6;
	r.net.prefix = msg->rtm_dst_len;
	r.local = msg->rtm_type == RTN_LOCAL;
	if (attrs[RTA_DST] != NULL && nl_len(attrs[RTA_DST]) <= 16)
		memcpy(r.net.bytes, nl_data(attrs[RTA_DST]),
		    nl_len(attrs[RTA_DST]));
	if (attrs[RTA_OIF] != NULL)
		memcpy(&index, nl_data(attrs[RTA_OIF]), sizeof(index));
	index_name(c->fd, index, r.link);
	if (c->names != NULL && *r.link != '\0' && !r.local &&
	    strings_index(c->names, r.link) < 0)
		strings_add(c->names, r.link);
	/* what every interface has, and multicast, are nobody's networks */
	if (c->routes != NULL && msg->rtm_dst_len > 0 &&
	    r.net.bytes[0] != 0xff && (r.net.family == 4 ||
	    r.net.bytes[0] != 0xfe))
		VEC_PUSH(c->routes, r);
	return 0;
}

static int
dump_routes(struct collect *c, struct error *e)
{
	static const unsigned char families[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < 2; i++) {
		AUTO_BUF struct buf b = BUF_INIT;
		struct rtmsg msg = { .rtm_family = families[i] };
		size_t m = nl_begin(&b, RTM_GETROUTE, NLM_F_DUMP, &msg,
		    sizeof(msg));

		nl_end(&b, m);
		if (nl_dump(c->fd, &b, found_route, c, "routes", e) < 0)
			return -1;
	}
	return 0;
}

int
link_routes(int fd, struct engine_routes *routes, struct error *e)
{
	struct collect c = { routes, NULL, fd };

	return dump_routes(&c, e);
}

int
link_uplinks(int fd, struct strings *names, struct error *e)
{
	struct collect c = { NULL, names, fd };

	return dump_routes(&c, e);
}
