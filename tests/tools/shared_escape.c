/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * shared_escape HOST4 HOST6 PORT: runs inside a jail on the host's network
 * stack, statically linked.  It tries to be the host, which has HOST4 and
 * HOST6, and to reach what listens at the host's 127.0.0.1, ::1 and 127.0.0.53.
 * A line for each try: its name and the error, or OPEN.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static const char *host4, *host6;
static unsigned port;

union any {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t
address(const char *text, unsigned number, union any *a)
{
	memset(a, 0, sizeof(*a));
	if (strchr(text, ':') != NULL) {
		a->in6.sin6_family = AF_INET6;
		a->in6.sin6_port = htons((uint16_t)number);
		inet_pton(AF_INET6, text, &a->in6.sin6_addr);
		return sizeof(a->in6);
	}
	a->in.sin_family = AF_INET;
	a->in.sin_port = htons((uint16_t)number);
	inet_pton(AF_INET, text, &a->in.sin_addr);
	return sizeof(a->in);
}

static int
make(const char *text, int type, int protocol)
{
	struct timeval limit = { 0, 300000 };
	int fd = socket(strchr(text, ':') != NULL ? AF_INET6 : AF_INET, type,
	    protocol);

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	return fd;
}

static int
bind_to(const char *text, int level, int option)
{
	union any a;
	socklen_t len = address(text, 0, &a);
	int fd = make(text, SOCK_STREAM, 0), on = 1;

	if (fd < 0 || (option != 0 &&
	    setsockopt(fd, level, option, &on, sizeof(on)) < 0))
		return -1;
	return bind(fd, &a.sa, len);
}

static int
connect_to(const char *text, int type, int protocol)
{
	union any a;
	socklen_t len = address(text, port, &a);
	int fd = make(text, type, protocol);

	return fd < 0 ? -1 : connect(fd, &a.sa, len);
}

static int bind_host4(void) { return bind_to(host4, 0, 0); }
static int bind_host6(void) { return bind_to(host6, 0, 0); }
static int bind_local(void) { return bind_to("127.0.0.53", 0, 0); }

static int
bind_mapped(void)
{
	char text[64];

	snprintf(text, sizeof(text), "::ffff:%s", host4);
	return bind_to(text, 0, 0);
}

static int
bind_free(void)
{
	return bind_to("192.0.2.1", IPPROTO_IP, IP_FREEBIND);
}

static int
bind_transparent(void)
{
	return bind_to("192.0.2.1", IPPROTO_IP, IP_TRANSPARENT);
}

static int
connect_loop4(void)
{
	return connect_to("127.0.0.1", SOCK_STREAM, 0);
}

static int
connect_any(void)
{
	return connect_to("0.0.0.0", SOCK_STREAM, 0);
}

static int
connect_loop6(void)
{
	return connect_to("::1", SOCK_STREAM, 0);
}

static int
connect_mapped(void)
{
	return connect_to("::ffff:127.0.0.1", SOCK_STREAM, 0);
}

static int
connect_other(void)
{
	return connect_to("127.0.0.53", SOCK_STREAM, 0);
}

/* A datagram is sent to oneself, or not at all: the test looks at the host. */
static int
send_to(const char *text)
{
	union any a;
	socklen_t len = address(text, port, &a);

	return sendto(make(text, SOCK_DGRAM, 0), "escaped", 7, 0, &a.sa, len) <
	    0 ? -1 : 0;
}

static int
send_other(void)
{
	return send_to("127.0.0.53");
}

static int
fast_open(void)
{
	union any a;
	socklen_t len = address("127.0.0.1", port, &a);

	return sendto(make("127.0.0.1", SOCK_STREAM, 0), "escaped", 7,
	    MSG_FASTOPEN, &a.sa, len) < 0 ? -1 : 0;
}

static int
bound_to_device(void)
{
	union any a;
	socklen_t len = address("127.0.0.1", port, &a);
	int fd = make("127.0.0.1", SOCK_STREAM, 0);

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) < 0)
		return -1;
	return connect(fd, &a.sa, len);
}

static int
reconnect(void)
{
	union any a;
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	socklen_t len = address(host4, port, &a);
	int fd = make(host4, SOCK_DGRAM, 0);

	if (connect(fd, &a.sa, len) < 0 ||
	    connect(fd, &none, sizeof(none)) < 0)
		return -1;
	len = address("127.0.0.53", port, &a);
	if (connect(fd, &a.sa, len) < 0)
		return -1;
	return send(fd, "escaped", 7, 0) < 0 ? -1 : 0;
}

/* With another's source address, by a control message. */
static int
source4(bool connected)
{
	union any to, from;
	socklen_t len = address(host4, port, &to);
	struct in_pktinfo info = { .ipi_ifindex = 0 };
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(info))];
	} control;
	char text[] = "escaped";
	struct iovec iov = { text, 7 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	int fd = make(host4, SOCK_DGRAM, 0);

	address(host4, 0, &from);
	info.ipi_spec_dst = from.in.sin_addr;
	memset(&control, 0, sizeof(control));
	control.head.cmsg_level = IPPROTO_IP;
	control.head.cmsg_type = IP_PKTINFO;
	control.head.cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(&control.head), &info, sizeof(info));
	if (connected && connect(fd, &to.sa, len) < 0)
		return -1;
	if (!connected) {
		m.msg_name = &to;
		m.msg_namelen = len;
	}
	return sendmsg(fd, &m, 0) < 0 ? -1 : 0;
}

static int source_message(void) { return source4(false); }
static int source_connected(void) { return source4(true); }

/* The same for IPv6, as an option that stays. */
static int
source_sticky(void)
{
	union any to, from;
	socklen_t len = address(host6, port, &to);
	struct { struct in6_addr addr; unsigned index; } info = { .index = 0 };
	int fd = make(host6, SOCK_DGRAM, 0);

	address(host6, 0, &from);
	info.addr = from.in6.sin6_addr;
	if (setsockopt(fd, IPPROTO_IPV6, 50 /* IPV6_PKTINFO */, &info,
	    sizeof(info)) < 0)
		return -1;
	return sendto(fd, "escaped", 7, 0, &to.sa, len) < 0 ? -1 : 0;
}

static int
try_socket(int family, int type, int protocol)
{
	return socket(family, type, protocol) < 0 ? -1 : 0;
}

static int
raw4(void)
{
	return try_socket(AF_INET, SOCK_RAW, IPPROTO_TCP);
}

static int
raw6(void)
{
	return try_socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
}

static int packet(void) { return try_socket(AF_PACKET, SOCK_DGRAM, 0); }
static int old_packet(void) { return try_socket(AF_INET, SOCK_PACKET, 0); }
static int vsock(void) { return try_socket(40, SOCK_STREAM, 0); }
static int xdp(void) { return try_socket(44, SOCK_RAW, 0); }

static int
sctp(void)
{
	return try_socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
}

static int
udplite(void)
{
	return try_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
}

static int
mptcp(void)
{
	return try_socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
}

static int
sockets_of_all(void)
{
	return try_socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
}

static int
uring(void)
{
	char params[256] = { 0 };

	return syscall(SYS_io_uring_setup, 4, params) < 0 ? -1 : 0;
}

static int
mark(void)
{
	int one = 1;

	return setsockopt(make("127.0.0.1", SOCK_STREAM, 0), SOL_SOCKET,
	    SO_MARK, &one, sizeof(one));
}

static int
interface_down(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };

	return ioctl(make("127.0.0.1", SOCK_DGRAM, 0), SIOCSIFFLAGS, &ifr);
}

/* RTM_NEWADDR: another address for lo. */
static int
new_address(void)
{
	struct {
		struct nlmsghdr head;
		struct { unsigned char family, prefix, flags, scope;
			unsigned index; } addr;
		struct nlattr attr;
		unsigned char bytes[4];
	} m = { { sizeof(m), RTM_NEWADDR, NLM_F_REQUEST | NLM_F_ACK |
	    NLM_F_CREATE, 1, 0 }, { AF_INET, 32, 0, 0, 1 }, { 8, 2 },
	    { 192, 0, 2, 7 } };
	struct { struct nlmsghdr head; struct nlmsgerr error; } answer;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	if (fd < 0 || send(fd, &m, sizeof(m), 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < 0)
		return -1;
	errno = -answer.error.error;
	return answer.error.error == 0 ? 0 : -1;
}

static int
sysctl_net(void)
{
	int fd = open("/proc/sys/net/ipv4/ip_forward", O_WRONLY);

	return fd < 0 ? -1 : 0;
}

/* A listener that was never bound, at HOST4. */
static int
unbound(void)
{
	union any a;
	socklen_t len = sizeof(a);
	int fd = make("127.0.0.1", SOCK_STREAM, 0);
	int to = make("127.0.0.1", SOCK_STREAM, 0);

	if (listen(fd, 5) < 0 || getsockname(fd, &a.sa, &len) < 0)
		return -1;
	len = address(host4, ntohs(a.in.sin_port), &a);
	return connect(to, &a.sa, len);
}

static const struct {
	const char *name;
	int (*try)(void);
} tries[] = {
	{ "bind host4", bind_host4 }, { "bind host6", bind_host6 },
	{ "bind 127.0.0.53", bind_local }, { "bind mapped", bind_mapped },
	{ "bind freebind", bind_free },
	{ "bind transparent", bind_transparent },
	{ "connect 127.0.0.1", connect_loop4 },
	{ "connect 0.0.0.0", connect_any }, { "connect ::1", connect_loop6 },
	{ "connect mapped", connect_mapped },
	{ "connect 127.0.0.53", connect_other },
	{ "connect fastopen", fast_open },
	{ "connect bindtodevice", bound_to_device },
	{ "send 127.0.0.53", send_other }, { "send reconnected", reconnect },
	{ "source message", source_message },
	{ "source connected", source_connected },
	{ "source sticky", source_sticky },
	{ "raw4", raw4 }, { "raw6", raw6 }, { "packet", packet },
	{ "old packet", old_packet }, { "vsock", vsock }, { "xdp", xdp },
	{ "sctp", sctp }, { "udplite", udplite }, { "mptcp", mptcp },
	{ "sock_diag", sockets_of_all }, { "io_uring", uring },
	{ "mark", mark }, { "interface", interface_down },
	{ "address", new_address }, { "sysctl", sysctl_net },
	{ "unbound listener", unbound },
};

int
main(int argc, char **argv)
{
	if (argc != 4)
		return 64;
	host4 = argv[1];
	host6 = argv[2];
	port = (unsigned)strtoul(argv[3], NULL, 10);
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		errno = 0;
		printf("%s: %s\n", tries[i].name, tries[i].try() == 0 ?
		    "OPEN" : strerrorname_np(errno));
		fflush(stdout);
	}
	/* each of these reaches the jail itself, if anybody */
	send_to("127.0.0.1");
	send_to("0.0.0.0");
	send_to("::1");
	send_to("::ffff:127.0.0.1");
	return 0;
}
