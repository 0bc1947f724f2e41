/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * reach [-t MS] [-p PORT] TARGET...: what is reached from here, all at once.
 *
 *	tcp,ADDRESS,PORT,WANT	connect there, or
 *	udp,ADDRESS,PORT,WANT	send there
 *
 * and expect an echo_all: WANT is its name, or NAME@PEER with the address that
 * it is to see, or "-" when nothing may answer within MS (700).  -p: the port to
 * send from.  Each target that is met otherwise is a line on stdout; status 1.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TARGETS_MAX = 64, PATIENCE = 10000, AGAIN = 2000 };

union any {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct target {
	const char *text, *want;
	bool silent;
	char got[256];
	size_t len;
};

static long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static socklen_t
fill(union any *a, const char *host, const char *port)
{
	bool six = strchr(host, ':') != NULL;

	memset(a, 0, sizeof(*a));
	a->sa.sa_family = six ? AF_INET6 : AF_INET;
	if (inet_pton(a->sa.sa_family, host, six ? (void *)&a->in6.sin6_addr :
	    (void *)&a->in.sin_addr) != 1)
		errx(64, "%s is no address", host);
	*(six ? &a->in6.sin6_port : &a->in.sin_port) =
	    htons((uint16_t)strtoul(port, NULL, 10));
	return six ? sizeof(a->in6) : sizeof(a->in);
}

static int
open_socket(int family, int type, const char *from)
{
	union any own;
	socklen_t len = fill(&own, family == AF_INET6 ? "::" : "0.0.0.0",
	    from != NULL ? from : "0");
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || (from != NULL && bind(fd, &own.sa, len) < 0))
		err(1, "port %s", from);
	return fd;
}

/* A socket on its way there, or -1 with what was wrong in t->got. */
static int
begin(struct target *t, const char *from)
{
	char *copy = strdup(t->text), *rest = copy;
	const char *type = strsep(&rest, ","), *host = strsep(&rest, ","),
	    *port = strsep(&rest, ",");
	union any a;
	socklen_t len;
	int fd;

	if (rest == NULL)
		errx(64, "%s", t->text);
	t->want = t->text + (rest - copy);
	t->silent = strcmp(t->want, "-") == 0;
	len = fill(&a, host, port);
	fd = open_socket(a.sa.sa_family, *type == 'u' ? SOCK_DGRAM :
	    SOCK_STREAM, from);
	if ((connect(fd, &a.sa, len) < 0 && errno != EINPROGRESS) ||
	    (*type == 'u' && send(fd, "?", 1, 0) < 0)) {
		snprintf(t->got, sizeof(t->got), "%s", strerror(errno));
		close(fd);
		fd = -1;
	}
	free(copy);
	return fd;
}

/* false: there is no more to come. */
static bool
take(struct target *t, int fd)
{
	ssize_t n = recv(fd, t->got + t->len, sizeof(t->got) - 1 - t->len, 0);

	if (n < 0 && t->len == 0)
		snprintf(t->got, sizeof(t->got), "%s", strerror(errno));
	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	t->len += (size_t)n;
	return strchr(t->got, '\n') == NULL;
}

static bool
is_met(const struct target *t)
{
	const char *at = strchr(t->want, '@'), *peer;
	size_t len = at != NULL ? (size_t)(at - t->want) : strlen(t->want);

	if (t->silent || t->len == 0)
		return t->silent && t->len == 0;
	if (strncmp(t->got, t->want, len) != 0 || t->got[len] != ' ')
		return false;
	peer = t->got + len + strlen(" from ");
	if (strncmp(peer, "::ffff:", 7) == 0)
		peer += 7;
	return at == NULL || (strncmp(peer, at + 1, strlen(at + 1)) == 0 &&
	    peer[strlen(at + 1)] == '\n');
}

static bool
goes_on(const struct target *targets, const struct pollfd *fds, int count,
    long patience, long waited)
{
	for (int i = 0; i < count; i++)
		if (fds[i].fd >= 0 && waited < (targets[i].silent ? patience :
		    PATIENCE))
			return true;
	return false;
}

/* A datagram may be lost, as while a neighbour is looked for: who waits for an
 * answer sends it once more. */
static void
ask_again(const struct target *targets, const struct pollfd *fds, int count)
{
	for (int i = 0; i < count; i++)
		if (fds[i].fd >= 0 && *targets[i].text == 'u' &&
		    !targets[i].silent && targets[i].len == 0 &&
		    send(fds[i].fd, "?", 1, 0) < 0)
			continue;	/* take() tells why */
}

int
main(int argc, char **argv)
{
	static struct target targets[TARGETS_MAX];
	struct pollfd fds[TARGETS_MAX];
	const char *from = NULL;
	long patience = 700, began = now_ms(), again = 0;
	int c, count, status = 0;

	while ((c = getopt(argc, argv, "t:p:")) != -1) {
		if (c == 't')
			patience = strtol(optarg, NULL, 10);
		else if (c == 'p')
			from = optarg;
		else
			return 64;
	}
	count = argc - optind;
	if (count < 1 || count > TARGETS_MAX)
		return 64;
	for (int i = 0; i < count; i++) {
		targets[i].text = argv[optind + i];
		fds[i].fd = begin(&targets[i], from);
		fds[i].events = POLLIN;
	}
	while (goes_on(targets, fds, count, patience, now_ms() - began)) {
		if (now_ms() - began > AGAIN * (again + 1)) {
			ask_again(targets, fds, count);
			again++;
		}
		poll(fds, (nfds_t)count, 50);
		for (int i = 0; i < count; i++)
			if (fds[i].fd >= 0 && fds[i].revents != 0 &&
			    !take(&targets[i], fds[i].fd)) {
				close(fds[i].fd);
				fds[i].fd = -1;
			}
	}
	for (int i = 0; i < count; i++) {
		if (is_met(&targets[i]))
			continue;
		targets[i].got[strcspn(targets[i].got, "\n")] = '\0';
		printf("%s: '%s'\n", targets[i].text, targets[i].got);
		status = 1;
	}
	return status;
}
