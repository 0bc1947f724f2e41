/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */

/*
 * The programs of a jail on the host's network stack, in this kernel: a network
 * namespace stands for the host, control groups of our own for jails.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <linux/ipv6.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/linux/shared.h"

enum { PORT = 7000 };

struct group {
	char path[96];
	struct shared_links links;
};

static char top[64];		/* above all jails */

static void
address(const char *text, struct sockaddr_storage *ss, socklen_t *len,
    unsigned port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)ss;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (strchr(text, ':') != NULL) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
		ATF_REQUIRE_EQ(1, inet_pton(AF_INET6, text, &in6->sin6_addr));
		*len = sizeof(*in6);
	} else {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
		ATF_REQUIRE_EQ(1, inet_pton(AF_INET, text, &in->sin_addr));
		*len = sizeof(*in);
	}
}

static const char *
text_of(const struct sockaddr_storage *ss)
{
	static char text[INET6_ADDRSTRLEN];
	const void *a = ss->ss_family == AF_INET ?
	    (const void *)&((const struct sockaddr_in *)(const void *)ss)
	    ->sin_addr : (const void *)&((const struct sockaddr_in6 *)
	    (const void *)ss)->sin6_addr;

	return inet_ntop(ss->ss_family, a, text, sizeof(text));
}

static const char *
name_of(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	ATF_REQUIRE_EQ(0, getsockname(fd, (struct sockaddr *)&ss, &len));
	return text_of(&ss);
}

/* An address of the host: an alias of lo. */
static void
host_address(const char *text, int alias)
{
	struct sockaddr_storage ss;
	socklen_t len;
	struct ifreq ifr;
	int fd;

	address(text, &ss, &len, 0);
	fd = socket(ss.ss_family, SOCK_DGRAM, 0);
	if (ss.ss_family == AF_INET6) {
		struct in6_ifreq r = { .ifr6_prefixlen = 128, .ifr6_ifindex =
		    (int)if_nametoindex("lo") };

		memcpy(&r.ifr6_addr,
		    &((struct sockaddr_in6 *)(void *)&ss)->sin6_addr, 16);
		ATF_REQUIRE_EQ(0, ioctl(fd, SIOCSIFADDR, &r));
	} else {
		memset(&ifr, 0, sizeof(ifr));
		snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "lo:%d", alias);
		memcpy(&ifr.ifr_addr, &ss, sizeof(ifr.ifr_addr));
		ATF_REQUIRE_EQ(0, ioctl(fd, SIOCSIFADDR, &ifr));
		memset(&ifr.ifr_addr, 0xff, sizeof(ifr.ifr_addr));
		ifr.ifr_addr.sa_family = AF_INET;
		ATF_REQUIRE_EQ(0, ioctl(fd, SIOCSIFNETMASK, &ifr));
	}
	close(fd);
}

static const char *
hierarchy(void)
{
	static const char *const paths[] = { "/sys/fs/cgroup",
		"/sys/fs/cgroup/unified" };
	struct statfs fs;

	for (size_t i = 0; i < 2; i++)
		if (statfs(paths[i], &fs) == 0 &&
		    fs.f_type == CGROUP2_SUPER_MAGIC)
			return paths[i];
	atf_tc_skip("no control groups of version 2");
}

/* A jail with these addresses ("10.9.0.5/24", ...). */
static void
make_jail(struct group *g, const char *name, unsigned flags,
    const char *const *addrs)
{
	struct shared_jail j = { .flags = flags };
	struct error e = ERROR_INIT;
	int fd, above;

	if (*top == '\0') {
		snprintf(top, sizeof(top), "%s/gaol-unit-%d", hierarchy(),
		    (int)getpid());
		ATF_REQUIRE_EQ(0, mkdir(top, 0755));
	}
	snprintf(g->path, sizeof(g->path), "%s/%s", top, name);
	g->links.count = 0;
	ATF_REQUIRE_EQ(0, mkdir(g->path, 0755));
	for (; *addrs != NULL; addrs++) {
		struct addr a;

		ATF_REQUIRE_EQ(0, addr_parse(*addrs, &a, &e));
		ATF_REQUIRE_EQ(0, shared_add(&j, &a, &e));
	}
	fd = open(g->path, O_RDONLY | O_DIRECTORY);
	above = open(top, O_RDONLY | O_DIRECTORY);
	ATF_REQUIRE_EQ_MSG(0, shared_attach(fd, above, &j, &g->links, &e),
	    "%s", e.msg);
	close(fd);
	close(above);
}

static void
join(const char *path)
{
	char file[128];
	int fd;

	snprintf(file, sizeof(file), "%s/cgroup.procs", path);
	fd = open(file, O_WRONLY);
	ATF_REQUIRE(write(fd, "0", 1) == 1);
	close(fd);
}

/* Back to the top of the hierarchy: the host again. */
static void
leave(void)
{
	join(hierarchy());
}

static void
remove_jail(struct group *g)
{
	shared_links_fini(&g->links);
	ATF_CHECK_EQ(0, rmdir(g->path));
}

static void
finish(void)
{
	leave();
	ATF_CHECK_EQ(0, rmdir(top));
}

static void
finish_with(struct group *g)
{
	leave();
	remove_jail(g);
	finish();
}

/* Returns the socket, or -errno. */
static int
bound(int family, int type, const char *text, unsigned port)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int fd = socket(family, type, 0), one = 1, saved;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	address(text, &ss, &len, port);
	if (bind(fd, (struct sockaddr *)&ss, len) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 5) < 0)) {
		saved = errno;
		close(fd);
		return -saved;
	}
	return fd;
}

static void
make_host(void)
{
	static const char *const addrs[] = {
		"10.9.0.1", "10.9.0.5", "10.9.0.6", "10.8.0.5", "fd09::1",
		"fd09::5", "fd09::6", "127.0.1.5", "127.0.1.6",
	};
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd;

	ATF_REQUIRE_EQ(0, unshare(CLONE_NEWNET));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ifr.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
	ATF_REQUIRE_EQ(0, ioctl(fd, SIOCSIFFLAGS, &ifr));
	close(fd);
	for (int i = 0; i < 9; i++)
		host_address(addrs[i], i);
	/* a work queue of the kernel makes the last one usable */
	for (int i = 0; i < 1000; i++) {
		fd = bound(AF_INET6, SOCK_DGRAM, "fd09::6", PORT);
		if (fd >= 0)
			break;
		usleep(1000);
	}
	close(fd);
}

static int
listener(const char *text, unsigned port)
{
	return bound(strchr(text, ':') != NULL ? AF_INET6 : AF_INET,
	    SOCK_STREAM, text, port);
}

static int
connected(int type, const char *text, unsigned port)
{
	struct sockaddr_storage ss;
	socklen_t len;
	struct timeval limit = { 0, 300000 };
	int fd, saved;

	address(text, &ss, &len, port);
	fd = socket(ss.ss_family, type, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&ss, len) < 0) {
		saved = errno;
		close(fd);
		return -saved;
	}
	return fd;
}

/* Who answers there; closes what it gets. */
static bool
reaches(int from, const char *text, unsigned port)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd = connected(SOCK_STREAM, text, port), peer = -1;
	struct timeval limit = { 0, 300000 };

	setsockopt(from, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (fd >= 0) {
		peer = accept(from, (struct sockaddr *)&ss, &len);
		close(fd);
	}
	if (peer >= 0)
		close(peer);
	return peer >= 0;
}

static const char *const one[] = { "10.9.0.5/24", NULL };
static const char *const two[] = { "10.9.0.6/24", NULL };
static const char *const both[] = { "10.9.0.5/24", "fd09::5/64", NULL };
static const char *const many[] = { "10.9.0.5/24", "10.8.0.5/24",
	"fd09::5/64", "fd09::6/64", NULL };
static const char *const loop[] = { "127.0.1.5/32", NULL };
static const char *const loop2[] = { "127.0.1.6/32", NULL };

#define ROOT_TEST(name)                                 \
	ATF_TC(name);                                   \
	ATF_TC_HEAD(name, tc)                           \
	{                                               \
		atf_tc_set_md_var(tc, "require.user", "root"); \
	}                                               \
	ATF_TC_BODY(name, tc)

/* clang-format off */
static const struct bind_case {
	const char *text;
	int error;
	const char *becomes;
	const char *listener;	/* what a TCP socket becomes, if not that */
} bind_cases[] = {
	{ "0.0.0.0", 0, "10.9.0.5", NULL },
	{ "127.0.0.1", 0, "10.9.0.5", NULL },
	{ "10.9.0.5", 0, "10.9.0.5", NULL },
	{ "10.9.0.1", EADDRNOTAVAIL, NULL, NULL },
	{ "127.0.0.2", EADDRNOTAVAIL, NULL, NULL },
	{ "224.0.0.251", EADDRNOTAVAIL, NULL, NULL },
	{ "::", 0, "fd09::5", "::ffff:10.9.0.5" },
	{ "::1", 0, "fd09::5", NULL },
	{ "fd09::5", 0, "fd09::5", NULL },
	{ "fd09::1", EADDRNOTAVAIL, NULL, NULL },
	{ "::ffff:0.0.0.0", 0, "::ffff:10.9.0.5", NULL },
	{ "::ffff:127.0.0.1", 0, "::ffff:10.9.0.5", NULL },
	{ "::ffff:10.9.0.5", 0, "::ffff:10.9.0.5", NULL },
	{ "::ffff:10.9.0.1", EADDRNOTAVAIL, NULL, NULL },
};
/* clang-format on */

ROOT_TEST(binds)
{
	struct group g;

	make_host();
	make_jail(&g, "a", 0, both);
	join(g.path);
	for (size_t i = 0; i < sizeof(bind_cases) / sizeof(*bind_cases); i++) {
		const struct bind_case *b = &bind_cases[i];

		for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
			int fd = bound(strchr(b->text, ':') != NULL ? AF_INET6 :
			    AF_INET, type, b->text, PORT);

			ATF_CHECK_EQ_MSG(b->error, fd < 0 ? -fd : 0,
			    "%s: %s", b->text, strerror(fd < 0 ? -fd : 0));
			if (fd >= 0) {
				ATF_CHECK_STREQ(b->listener != NULL &&
				    type == SOCK_STREAM ? b->listener :
				    b->becomes, name_of(fd));
				close(fd);
			}
		}
	}
	finish_with(&g);
}

ROOT_TEST(reserved)
{
	struct group g;

	make_host();
	make_jail(&g, "a", SHARED_RESERVED, both);
	join(g.path);
	for (int family = AF_INET; family != 0;
	    family = family == AF_INET ? AF_INET6 : 0) {
		int fd = bound(family, SOCK_STREAM,
		    family == AF_INET ? "0.0.0.0" : "::", 80);

		ATF_CHECK_MSG(fd >= 0, "%s", strerror(-fd));
		close(fd);
	}
	finish_with(&g);
}

ROOT_TEST(sockets)
{
	struct group g;

	make_host();
	make_jail(&g, "a", 0, one);
	join(g.path);
	ATF_CHECK_ERRNO(EAFNOSUPPORT, socket(AF_INET6, SOCK_STREAM, 0) < 0);
	ATF_CHECK_ERRNO(EPERM,
	    socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) < 0);
	ATF_CHECK(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP) < 0);
	ATF_CHECK_ERRNO(EPROTONOSUPPORT,
	    socket(AF_INET, SOCK_STREAM, 262 /* MPTCP */) < 0);
	ATF_CHECK(socket(AF_INET, SOCK_STREAM, 132 /* SCTP */) < 0);
	ATF_CHECK(socket(AF_INET, SOCK_DGRAM, 136 /* UDP-Lite */) < 0);
	ATF_CHECK(socket(AF_INET, SOCK_DGRAM, 0) >= 0);
	ATF_CHECK(socket(AF_INET, SOCK_STREAM, 0) >= 0);
	finish_with(&g);
}

ROOT_TEST(raw)
{
	struct sockaddr_storage ss;
	socklen_t len;
	struct group g;
	/* an IPv4 header with another's address, and an ICMP echo */
	unsigned char packet[28] = { 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0,
	    10, 9, 0, 1, 10, 9, 0, 6, 8, 0, 0xf7, 0xff, 0, 0, 0, 0 };
	int fd;

	make_host();
	make_jail(&g, "a", SHARED_RAW, one);
	join(g.path);
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	ATF_REQUIRE(fd >= 0);
	address("10.9.0.6", &ss, &len, 0);
	ATF_CHECK_ERRNO(EPERM, sendto(fd, packet, sizeof(packet), 0,
	    (struct sockaddr *)&ss, len) < 0);
	packet[15] = 5;
	ATF_CHECK_EQ(28, sendto(fd, packet, sizeof(packet), 0,
	    (struct sockaddr *)&ss, len));
	finish_with(&g);
}

ROOT_TEST(connects)
{
	static const char *const to[] = { "127.0.0.1", "0.0.0.0", "10.9.0.5",
		"::1", "::", "fd09::5", "::ffff:127.0.0.1", NULL };
	struct sockaddr_storage ss;
	socklen_t len;
	struct group g;
	int host4, host6, own4, own6, fd, peer;

	make_host();
	host4 = listener("127.0.0.1", PORT);
	host6 = listener("::1", PORT);
	make_jail(&g, "a", 0, both);
	join(g.path);
	for (int i = 0; to[i] != NULL; i++)
		ATF_CHECK_EQ_MSG(-ECONNREFUSED,
		    connected(SOCK_STREAM, to[i], PORT), "%s", to[i]);
	own4 = listener("0.0.0.0", PORT);
	own6 = listener("fd09::5", PORT);
	ATF_REQUIRE(own4 >= 0 && own6 >= 0 && host4 >= 0 && host6 >= 0);
	for (int i = 0; to[i] != NULL; i++)
		ATF_CHECK_MSG(reaches(i < 3 || i == 6 ? own4 : own6, to[i],
		    PORT), "%s", to[i]);
	leave();
	/* the source is the jail's own, also to the host's address */
	close(host4);
	host4 = listener("10.9.0.1", PORT);
	join(g.path);
	fd = connected(SOCK_STREAM, "10.9.0.1", PORT);
	ATF_REQUIRE_MSG(fd >= 0, "%s", strerror(-fd));
	ATF_CHECK_STREQ("10.9.0.5", name_of(fd));
	len = sizeof(ss);
	peer = accept(host4, (struct sockaddr *)&ss, &len);
	ATF_REQUIRE(peer >= 0);
	ATF_CHECK_STREQ("10.9.0.5", text_of(&ss));
	fd = connected(SOCK_DGRAM, "fd09::1", PORT);
	ATF_REQUIRE_MSG(fd >= 0, "%s", strerror(-fd));
	ATF_CHECK_STREQ("fd09::5", name_of(fd));
	fd = connected(SOCK_STREAM, "::ffff:10.9.0.1", PORT);
	ATF_REQUIRE_MSG(fd >= 0, "%s", strerror(-fd));
	ATF_CHECK_STREQ("::ffff:10.9.0.5", name_of(fd));
	finish_with(&g);
}

/* A datagram from fd; returns where it came from, or "". */
static const char *
received(int fd)
{
	struct timeval limit = { 0, 100000 };
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	char byte;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return recvfrom(fd, &byte, 1, 0, (struct sockaddr *)&ss, &len) == 1 ?
	    text_of(&ss) : "";
}

static int
send_to(int fd, const char *text, unsigned port, const char *source)
{
	struct sockaddr_storage ss, from;
	socklen_t len, from_len;
	char byte = 'x';
	struct iovec iov = { &byte, 1 };
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control;
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct in_pktinfo info;

	memset(&control, 0, sizeof(control));
	if (text != NULL) {
		address(text, &ss, &len, port);
		m.msg_name = &ss;
		m.msg_namelen = len;
	}
	if (source != NULL) {
		address(source, &from, &from_len, 0);
		memset(&info, 0, sizeof(info));
		info.ipi_spec_dst =
		    ((struct sockaddr_in *)(void *)&from)->sin_addr;
		m.msg_control = &control;
		m.msg_controllen = sizeof(control.space);
		control.head.cmsg_level = IPPROTO_IP;
		control.head.cmsg_type = IP_PKTINFO;
		control.head.cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(&control.head), &info, sizeof(info));
	}
	return sendmsg(fd, &m, 0) == 1 ? 0 : -errno;
}

ROOT_TEST(datagrams)
{
	struct group g;
	int host4, host6, loop4, own4, fd;

	make_host();
	host4 = bound(AF_INET, SOCK_DGRAM, "10.9.0.1", PORT);
	host6 = bound(AF_INET6, SOCK_DGRAM, "fd09::1", PORT);
	loop4 = bound(AF_INET, SOCK_DGRAM, "127.0.0.1", PORT);
	make_jail(&g, "a", 0, both);
	join(g.path);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ATF_CHECK_EQ(0, send_to(fd, "10.9.0.1", PORT, NULL));
	ATF_CHECK_STREQ("10.9.0.5", received(host4));
	ATF_CHECK_EQ(-EADDRNOTAVAIL, send_to(fd, "10.9.0.1", PORT,
	    "10.9.0.6"));
	ATF_CHECK_STREQ("", received(host4));
	own4 = bound(AF_INET, SOCK_DGRAM, "0.0.0.0", PORT);
	ATF_CHECK_EQ(0, send_to(fd, "127.0.0.1", PORT, NULL));
	ATF_CHECK_STREQ("10.9.0.5", received(own4));
	ATF_CHECK_STREQ("", received(loop4));
	/* connected, so that no hook sees the source */
	fd = connected(SOCK_DGRAM, "10.9.0.1", PORT);
	ATF_CHECK_EQ(0, send_to(fd, NULL, 0, "10.9.0.5"));
	ATF_CHECK_STREQ("10.9.0.5", received(host4));
	ATF_CHECK_EQ(-EADDRNOTAVAIL, send_to(fd, NULL, 0, "10.9.0.6"));
	ATF_CHECK_STREQ("", received(host4));
	fd = socket(AF_INET6, SOCK_DGRAM, 0);
	ATF_CHECK_EQ(0, send_to(fd, "fd09::1", PORT, NULL));
	ATF_CHECK_STREQ("fd09::5", received(host6));
	ATF_CHECK_EQ(0, send_to(fd, "::ffff:10.9.0.1", PORT, NULL));
	ATF_CHECK_STREQ("10.9.0.5", received(host4));
	finish_with(&g);
}

/* Sockets that no hook has bound get nothing that is not the jail's. */
ROOT_TEST(unbound)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct group g;
	int fd, out;
	unsigned port;

	make_host();
	make_jail(&g, "a", 0, one);
	join(g.path);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	ATF_REQUIRE_EQ(0, listen(fd, 5));
	getsockname(fd, (struct sockaddr *)&ss, &len);
	port = ntohs(((struct sockaddr_in *)(void *)&ss)->sin_port);
	leave();
	ATF_CHECK(reaches(fd, "10.9.0.5", port));
	ATF_CHECK(!reaches(fd, "10.9.0.1", port));
	ATF_CHECK(!reaches(fd, "127.0.0.1", port));
	join(g.path);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ATF_CHECK_EQ(0, send_to(fd, "10.9.0.1", PORT, NULL));
	getsockname(fd, (struct sockaddr *)&ss, &len);
	port = ntohs(((struct sockaddr_in *)(void *)&ss)->sin_port);
	leave();
	out = socket(AF_INET, SOCK_DGRAM, 0);
	ATF_CHECK_EQ(0, send_to(out, "10.9.0.1", port, NULL));
	ATF_CHECK_STREQ("", received(fd));
	ATF_CHECK_EQ(0, send_to(out, "10.9.0.5", port, NULL));
	ATF_CHECK(*received(fd) != '\0');
	join(g.path);
	finish_with(&g);
}

ROOT_TEST(same_port)
{
	struct group a, b;
	int first, second, host;

	make_host();
	host = listener("10.9.0.1", PORT);
	make_jail(&a, "a", 0, one);
	make_jail(&b, "b", 0, two);
	join(a.path);
	first = listener("0.0.0.0", PORT);
	join(b.path);
	second = listener("0.0.0.0", PORT);
	ATF_REQUIRE_MSG(host >= 0 && first >= 0 && second >= 0, "%s",
	    strerror(-second));
	ATF_CHECK(reaches(first, "10.9.0.5", PORT));
	ATF_CHECK(reaches(second, "10.9.0.6", PORT));
	ATF_CHECK(reaches(second, "127.0.0.1", PORT));
	leave();
	ATF_CHECK(reaches(host, "10.9.0.1", PORT));
	close(first);
	close(second);
	remove_jail(&a);
	remove_jail(&b);
	finish();
}

/* A wildcard listener of a jail with several addresses serves all of them. */
ROOT_TEST(several)
{
	static const char *const all[] = { "10.9.0.5", "10.8.0.5", "fd09::5",
		"fd09::6", NULL };
	struct group g, other;
	int dual, one_only, v4, fd;

	make_host();
	make_jail(&g, "a", 0, many);
	make_jail(&other, "b", 0, one);
	join(g.path);
	dual = listener("::", PORT);
	ATF_REQUIRE(dual >= 0);
	leave();
	for (int i = 0; all[i] != NULL; i++)
		ATF_CHECK_MSG(reaches(dual, all[i], PORT), "%s", all[i]);
	ATF_CHECK(!reaches(dual, "10.9.0.1", PORT));
	ATF_CHECK(!reaches(dual, "fd09::1", PORT));
	join(g.path);
	/* one that listens at an address comes before */
	one_only = listener("10.8.0.5", PORT);
	ATF_REQUIRE(one_only >= 0);
	ATF_CHECK(reaches(one_only, "10.8.0.5", PORT));
	close(one_only);
	ATF_CHECK(reaches(dual, "10.8.0.5", PORT));
	v4 = listener("0.0.0.0", PORT + 1);
	ATF_CHECK(reaches(v4, "10.8.0.5", PORT + 1));
	ATF_CHECK(!reaches(v4, "fd09::6", PORT + 1));
	/* bound to the first address is not bound to all */
	close(v4);
	v4 = listener("10.9.0.5", PORT + 1);
	ATF_CHECK(!reaches(v4, "10.8.0.5", PORT + 1));
	close(dual);
	ATF_CHECK(!reaches(v4, "10.8.0.5", PORT));
	/* the source is the one nearest to where it goes */
	fd = connected(SOCK_DGRAM, "10.8.0.77", PORT);
	if (fd >= 0)
		ATF_CHECK_STREQ("10.8.0.5", name_of(fd));
	close(v4);
	leave();
	remove_jail(&other);
	finish_with(&g);
}

ROOT_TEST(loopback)
{
	struct group a, b;
	int host, wild, own, peer, udp, fd;

	make_host();
	host = listener("127.0.0.53", PORT);
	wild = listener("0.0.0.0", PORT + 1);
	udp = bound(AF_INET, SOCK_DGRAM, "127.0.0.53", PORT);
	make_jail(&a, "a", 0, loop);
	make_jail(&b, "b", 0, loop2);
	join(b.path);
	peer = listener("0.0.0.0", PORT);
	ATF_REQUIRE(host >= 0 && wild >= 0 && peer >= 0);
	join(a.path);
	own = listener("0.0.0.0", PORT);
	ATF_REQUIRE(own >= 0);
	ATF_CHECK_STREQ("127.0.1.5", name_of(own));
	ATF_CHECK(reaches(own, "127.0.0.1", PORT));
	ATF_CHECK(reaches(peer, "127.0.1.6", PORT));
	ATF_CHECK(!reaches(host, "127.0.0.53", PORT));
	ATF_CHECK_EQ(-ECONNREFUSED,
	    connected(SOCK_STREAM, "127.0.0.2", PORT + 1));
	ATF_CHECK_EQ(-ECONNREFUSED,
	    connected(SOCK_STREAM, "127.0.0.77", PORT + 2));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ATF_CHECK_EQ(-EPERM, send_to(fd, "127.0.0.53", PORT, NULL));
	ATF_CHECK_STREQ("", received(udp));
	leave();
	/* and the host reaches it, from its own address or from 127.0.0.1 */
	ATF_CHECK(reaches(own, "127.0.1.5", PORT));
	close(own);
	close(peer);
	remove_jail(&a);
	remove_jail(&b);
	finish();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, binds);
	ATF_TP_ADD_TC(tp, reserved);
	ATF_TP_ADD_TC(tp, sockets);
	ATF_TP_ADD_TC(tp, raw);
	ATF_TP_ADD_TC(tp, connects);
	ATF_TP_ADD_TC(tp, datagrams);
	ATF_TP_ADD_TC(tp, unbound);
	ATF_TP_ADD_TC(tp, same_port);
	ATF_TP_ADD_TC(tp, several);
	ATF_TP_ADD_TC(tp, loopback);
	return atf_no_error();
}
