/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* An address of the Internet, or with its prefix a network, of either family. */
struct addr {
	unsigned char family;	/* 4 or 6; 0: none */
	unsigned char prefix;	/* 0 to 32 or 128 */
	unsigned char bytes[16];
};
enum { ADDR_TEXT = 64 };
#define ADDR_NONE { 0, 0, { 0 } }

/*
 * "10.0.0.1", "fd00::1/64"; without a length the prefix is the whole address.
 * No zone, no port.  ERROR_CONFIG.
 */
int addr_parse(const char *text, struct addr *a, struct error *e) FALLIBLE;
/* Whether text is one: for grammars that take other words as well. */
bool addr_is(const char *text, size_t len);
/* Into text, which is returned: the address alone, and with "/LEN". */
char *addr_text(const struct addr *a, char text[ADDR_TEXT]);
char *addr_text_prefix(const struct addr *a, char text[ADDR_TEXT]);

/* 4 or 16. */
size_t addr_size(const struct addr *a);
/* The same address, whatever the prefixes. */
bool addr_equal(const struct addr *a, const struct addr *b);
/* Whether a lies in net. */
bool addr_within(const struct addr *a, const struct addr *net);
/* Whether two networks have an address in common. */
bool addr_overlap(const struct addr *a, const struct addr *b);
/* The network that a lies in: all behind the prefix is zero. */
struct addr addr_network(const struct addr *a);
/* The n-th address of a network, n below 2^32, with the network's prefix. */
struct addr addr_nth(const struct addr *net, unsigned n);
/* IPv4: the last one, for broadcasts; IPv6 has none. */
bool addr_is_broadcast(const struct addr *a, const struct addr *net);
bool addr_is_loopback(const struct addr *a);
bool addr_is_zero(const struct addr *a);
/* One that a host can have: not zero, no multicast, no broadcast to all. */
bool addr_is_host(const struct addr *a);

#endif
