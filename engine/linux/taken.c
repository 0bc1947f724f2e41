/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Whether somebody on the link has an address: RFC 5227, RFC 4862. */
#include <netinet/in.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "engine/linux/net_linux.h"

/* Stations of a link answer within a millisecond; a start waits for all. */
enum { TRIES = 2, WAIT_MS = 25 };

struct question {
	int fd, index;
	unsigned char mac[6];	/* ours */
	const struct addr *addr;
};

/* 1: it can be asked there; 0: not up, or a link without addresses. */
static int
open_question(struct question *q, const char *link, struct error *e)
{
	bool six = q->addr->family == 6;
	uint16_t protocol = htons(six ? ETH_P_IPV6 : ETH_P_ARP);
	struct sockaddr_ll a = { .sll_family = AF_PACKET,
	    .sll_protocol = protocol };
	struct ifreq ifr;
	unsigned flags;

	q->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, protocol);
	if (q->fd < 0)
		return error_sys(e, "a packet socket");
	memset(&ifr, 0, sizeof(ifr));
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", link);
	if (ioctl(q->fd, SIOCGIFFLAGS, &ifr) < 0)
		return 0;
	flags = (unsigned short)ifr.ifr_flags;
	if ((flags & (IFF_NOARP | IFF_LOOPBACK)) != 0 ||
	    (flags & (IFF_UP | IFF_RUNNING)) != (IFF_UP | IFF_RUNNING) ||
	    ioctl(q->fd, SIOCGIFHWADDR, &ifr) < 0)
		return 0;
	memcpy(q->mac, ifr.ifr_hwaddr.sa_data, sizeof(q->mac));
	if (ioctl(q->fd, SIOCGIFINDEX, &ifr) < 0)
		return 0;
	a.sll_ifindex = q->index = ifr.ifr_ifindex;
	if (bind(q->fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return error_sys(e, "%s", link);
	return 1;
}

static size_t
put_arp(const struct question *q, unsigned char *packet)
{
	struct ether_arp arp;

	memset(&arp, 0, sizeof(arp));
	arp.ea_hdr.ar_hrd = htons(ARPHRD_ETHER);
	arp.ea_hdr.ar_pro = htons(ETH_P_IP);
	arp.ea_hdr.ar_hln = 6;
	arp.ea_hdr.ar_pln = 4;
	arp.ea_hdr.ar_op = htons(ARPOP_REQUEST);
	memcpy(arp.arp_sha, q->mac, 6);
	memcpy(arp.arp_tpa, q->addr->bytes, 4);
	memcpy(packet, &arp, sizeof(arp));
	return sizeof(arp);
}

static uint16_t
checksum6(const struct ip6_hdr *ip, const struct nd_neighbor_solicit *ns)
{
	uint16_t words[16 + sizeof(*ns) / 2];
	uint32_t sum = htons(sizeof(*ns)) + htons(IPPROTO_ICMPV6);

	memcpy(words, &ip->ip6_src, 32);
	memcpy(words + 16, ns, sizeof(*ns));
	for (size_t i = 0; i < sizeof(words) / 2; i++)
		sum += words[i];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static size_t
put_solicit(const struct question *q, unsigned char *packet)
{
	static const unsigned char group[13] = { 0xff, 0x02, 0, 0, 0, 0, 0, 0,
	    0, 0, 0, 1, 0xff };
	struct ip6_hdr ip;
	struct nd_neighbor_solicit ns;

	memset(&ip, 0, sizeof(ip));
	memset(&ns, 0, sizeof(ns));
	ip.ip6_flow = htonl(6u << 28);
	ip.ip6_plen = htons(sizeof(ns));
	ip.ip6_nxt = IPPROTO_ICMPV6;
	ip.ip6_hlim = 255;
	memcpy(&ip.ip6_dst, group, sizeof(group));
	memcpy((unsigned char *)&ip.ip6_dst + 13, q->addr->bytes + 13, 3);
	ns.nd_ns_type = ND_NEIGHBOR_SOLICIT;
	memcpy(&ns.nd_ns_target, q->addr->bytes, 16);
	ns.nd_ns_cksum = checksum6(&ip, &ns);
	memcpy(packet, &ip, sizeof(ip));
	memcpy(packet + sizeof(ip), &ns, sizeof(ns));
	return sizeof(ip) + sizeof(ns);
}

static int
ask(const struct question *q, struct error *e)
{
	bool six = q->addr->family == 6;
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
	    .sll_protocol = htons(six ? ETH_P_IPV6 : ETH_P_ARP),
	    .sll_ifindex = q->index, .sll_halen = 6 };
	unsigned char packet[128];
	size_t len = six ? put_solicit(q, packet) : put_arp(q, packet);

	memset(to.sll_addr, 0xff, 6);
	if (six) {
		to.sll_addr[0] = to.sll_addr[1] = 0x33;
		memcpy(to.sll_addr + 3, q->addr->bytes + 13, 3);
	}
	if (sendto(q->fd, packet, len, 0, (struct sockaddr *)&to,
	    sizeof(to)) < 0)
		return error_sys(e, "ask who has an address");
	return 0;
}

/* Whether the packet says that its sender has it. */
static bool
is_answer(const struct question *q, const unsigned char *p, size_t len)
{
	if (q->addr->family == 4)
		return len >= sizeof(struct ether_arp) &&
		    memcmp(p + 14, q->addr->bytes, 4) == 0;
	return len >= 64 && p[6] == IPPROTO_ICMPV6 &&
	    p[40] == ND_NEIGHBOR_ADVERT &&
	    memcmp(p + 48, q->addr->bytes, 16) == 0;
}

static bool
answered(const struct question *q, unsigned char mac[6])
{
	struct pollfd p = { .fd = q->fd, .events = POLLIN };

	while (poll(&p, 1, WAIT_MS) > 0) {
		struct sockaddr_ll from;
		socklen_t size = sizeof(from);
		unsigned char packet[256];
		ssize_t n = recvfrom(q->fd, packet, sizeof(packet),
		    MSG_DONTWAIT, (struct sockaddr *)&from, &size);

		if (n <= 0 || from.sll_pkttype == PACKET_OUTGOING ||
		    !is_answer(q, packet, (size_t)n))
			continue;
		memcpy(mac, from.sll_addr, 6);
		if (memcmp(mac, q->mac, 6) != 0)
			return true;
	}
	return false;
}

/* Of the host itself: whoever answers for it is the host, too. */
static bool
is_ours(const struct addr *a)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	bool six = a->family == 6;
	AUTO_CLOSE int fd = socket(six ? AF_INET6 : AF_INET,
	    SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(&in.sin_addr, a->bytes, 4);
	memcpy(&in6.sin6_addr, a->bytes, 16);
	return fd >= 0 && bind(fd, six ? (struct sockaddr *)&in6 :
	    (struct sockaddr *)&in, six ? sizeof(in6) : sizeof(in)) == 0;
}

int
linux_taken(const char *link, const struct addr *a, bool *taken,
    unsigned char mac[6], struct error *e)
{
	struct question q = { .fd = -1, .addr = a };
	int result;

	*taken = false;
	if (is_ours(a))
		return 0;
	result = open_question(&q, link, e);
	for (int i = 0; result > 0 && i < TRIES && !*taken; i++) {
		if (ask(&q, e) < 0)
			result = -1;
		else
			*taken = answered(&q, mac);
	}
	close_fd(&q.fd);
	return result < 0 ? -1 : 0;
}
