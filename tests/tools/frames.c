/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Frames of Ethernet as they are, past the host's stack.
 *
 * frames send IFACE HEX...	sends each; blanks and colons are passed over
 * frames watch IFACE		writes "ready", then of each frame that holds
 *				"mark:" the letters behind it, until killed
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FRAME_MAX = 2048, ETH_ALL = 3 };

static int
open_iface(const char *name)
{
	struct sockaddr_ll a = { .sll_family = AF_PACKET,
	    .sll_protocol = htons(ETH_ALL),
	    .sll_ifindex = (int)if_nametoindex(name) };
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_ALL));

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		err(1, "%s", name);
	return fd;
}

static void
send_frame(int fd, const char *hex)
{
	unsigned char frame[FRAME_MAX] = { 0 };
	size_t len = 0;

	while (*hex != '\0' && len < sizeof(frame)) {
		char digits[3] = { hex[0], hex[1], '\0' };

		if (*hex == ' ' || *hex == ':') {
			hex++;
			continue;
		}
		frame[len++] = (unsigned char)strtoul(digits, NULL, 16);
		hex += hex[1] != '\0' ? 2 : 1;
	}
	if (write(fd, frame, len < 60 ? 60 : len) < 0)
		err(1, "send");
}

static void
watch(int fd)
{
	unsigned char frame[FRAME_MAX + 1];
	ssize_t n;

	puts("ready");
	fflush(stdout);
	while ((n = read(fd, frame, FRAME_MAX)) > 0) {
		const char *at;

		frame[n] = '\0';
		at = memmem(frame, (size_t)n, "mark:", 5);
		if (at == NULL)
			continue;
		at += 5;
		printf("%.*s\n", (int)strspn(at,
		    "abcdefghijklmnopqrstuvwxyz0123456789-"), at);
		fflush(stdout);
	}
}

int
main(int argc, char **argv)
{
	int fd;

	if (argc < 3)
		errx(2, "frames send|watch IFACE [HEX...]");
	fd = open_iface(argv[2]);
	if (strcmp(argv[1], "watch") == 0)
		watch(fd);
	for (int i = 3; i < argc; i++)
		send_frame(fd, argv[i]);
	return 0;
}
