/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * echo_all NAME PORT[,PORT...] ADDRESS...: serves TCP and UDP at each PORT of
 * each ADDRESS.
 * Whoever connects or sends gets "NAME from PEER"; each of them is a line on
 * stdout as well, beginning with "ready" when all is open.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVERS_MAX = 32 };

union any {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static int
open_server(const char *text, unsigned port, int type)
{
	union any a;
	int one = 1, six = strchr(text, ':') != NULL;
	int fd = socket(six ? AF_INET6 : AF_INET, type, 0);

	memset(&a, 0, sizeof(a));
	a.sa.sa_family = six ? AF_INET6 : AF_INET;
	if (six)
		inet_pton(AF_INET6, text, &a.in6.sin6_addr);
	else
		inet_pton(AF_INET, text, &a.in.sin_addr);
	*(six ? &a.in6.sin6_port : &a.in.sin_port) = htons((uint16_t)port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, &a.sa, six ? sizeof(a.in6) : sizeof(a.in)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 16) < 0))
		err(1, "%s", text);
	return fd;
}

static void
serve(int fd, int type, const char *name)
{
	union any a;
	socklen_t len = sizeof(a);
	char text[INET6_ADDRSTRLEN], line[128], byte[64];
	int peer = fd;

	memset(&a, 0, sizeof(a));
	if (type == SOCK_STREAM)
		peer = accept(fd, &a.sa, &len);
	else if (recvfrom(fd, byte, sizeof(byte), 0, &a.sa, &len) < 0)
		return;
	if (peer < 0)
		return;
	inet_ntop(a.sa.sa_family, a.sa.sa_family == AF_INET6 ?
	    (const void *)&a.in6.sin6_addr : (const void *)&a.in.sin_addr,
	    text, sizeof(text));
	snprintf(line, sizeof(line), "%s from %s\n", name, text);
	if (sendto(peer, line, strlen(line), MSG_NOSIGNAL,
	    type == SOCK_STREAM ? NULL : &a.sa,
	    type == SOCK_STREAM ? 0 : len) < 0)
		warn("answer");
	fputs(line, stdout);
	fflush(stdout);
	if (type == SOCK_STREAM)
		close(peer);
}

int
main(int argc, char **argv)
{
	struct pollfd fds[SERVERS_MAX];
	nfds_t count = 0;
	char *ports = argc > 3 ? argv[2] : NULL;
	const char *text;

	if (ports == NULL)
		return 64;
	while ((text = strsep(&ports, ",")) != NULL) {
		unsigned port = (unsigned)strtoul(text, NULL, 10);

		for (int i = 3; i < argc; i++) {
			if (count + 2 > SERVERS_MAX)
				return 64;
			fds[count++].fd = open_server(argv[i], port,
			    SOCK_STREAM);
			fds[count++].fd = open_server(argv[i], port,
			    SOCK_DGRAM);
		}
	}
	puts("ready");
	fflush(stdout);
	for (nfds_t i = 0; i < count; i++)
		fds[i].events = POLLIN;
	while (poll(fds, count, 60000) > 0)
		for (nfds_t i = 0; i < count; i++)
			if (fds[i].revents != 0)
				serve(fds[i].fd, i % 2 == 0 ? SOCK_STREAM :
				    SOCK_DGRAM, argv[1]);
	return 0;
}
