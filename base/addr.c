/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/num.h"

static unsigned
addr_bits(const struct addr *a)
{
	return a->family == 4 ? 32 : 128;
}

size_t
addr_size(const struct addr *a)
{
	return a->family == 4 ? 4 : 16;
}

static bool
parse_text(const char *text, size_t len, struct addr *a)
{
	char copy[INET6_ADDRSTRLEN];

	memset(a, 0, sizeof(*a));
	if (len == 0 || len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	a->family = strchr(copy, ':') != NULL ? 6 : 4;
	a->prefix = (unsigned char)addr_bits(a);
	return inet_pton(a->family == 4 ? AF_INET : AF_INET6, copy,
	    a->bytes) == 1;
}

int
addr_parse(const char *text, struct addr *a, struct error *e)
{
	size_t len = strcspn(text, "/");
	struct error ignored = ERROR_INIT;
	uint64_t prefix;

	if (!parse_text(text, len, a))
		return error_set(e, ERROR_CONFIG,
		    "'%.64s' is not an address", text);
	if (text[len] == '\0')
		return 0;
	if (parse_uint(text + len + 1, 0, addr_bits(a), &prefix,
	    &ignored) < 0)
		return error_set(e, ERROR_CONFIG, "'%.64s': the length of the "
		    "prefix is not 0 to %u", text, addr_bits(a));
	a->prefix = (unsigned char)prefix;
	return 0;
}

bool
addr_is(const char *text, size_t len)
{
	const char *slash = memchr(text, '/', len);
	struct addr a;

	return parse_text(text, slash != NULL ? (size_t)(slash - text) : len,
	    &a);
}

char *
addr_text(const struct addr *a, char text[ADDR_TEXT])
{
	if (a->family == 0 || inet_ntop(a->family == 4 ? AF_INET : AF_INET6,
	    a->bytes, text, ADDR_TEXT) == NULL)
		*text = '\0';
	return text;
}

char *
addr_text_prefix(const struct addr *a, char text[ADDR_TEXT])
{
	size_t len = strlen(addr_text(a, text));

	if (len > 0)
		snprintf(text + len, ADDR_TEXT - len, "/%u", a->prefix);
	return text;
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return a->family == b->family &&
	    memcmp(a->bytes, b->bytes, addr_size(a)) == 0;
}

struct addr
addr_network(const struct addr *a)
{
	struct addr net = *a;

	for (unsigned bit = a->prefix; bit < addr_bits(a); bit++)
		net.bytes[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
	return net;
}

bool
addr_within(const struct addr *a, const struct addr *net)
{
	struct addr other = *a, self = addr_network(net);

	if (a->family != net->family)
		return false;
	other.prefix = net->prefix;
	other = addr_network(&other);
	return addr_equal(&other, &self);
}

bool
addr_overlap(const struct addr *a, const struct addr *b)
{
	return a->prefix >= b->prefix ? addr_within(a, b) : addr_within(b, a);
}

struct addr
addr_nth(const struct addr *net, unsigned n)
{
	struct addr a = addr_network(net);
	uint64_t carry = n;

	for (size_t i = addr_size(net); i-- > 0 && carry > 0;) {
		carry += a.bytes[i];
		a.bytes[i] = (unsigned char)carry;
		carry >>= 8;
	}
	return a;
}

bool
addr_is_broadcast(const struct addr *a, const struct addr *net)
{
	struct addr last;

	if (net->family != 4 || net->prefix > 30)
		return false;
	last = addr_nth(net, (unsigned)(0xffffffffu >> net->prefix));
	return addr_equal(a, &last);
}

bool
addr_is_loopback(const struct addr *a)
{
	static const unsigned char one[16] = { [15] = 1 };

	if (a->family == 4)
		return a->bytes[0] == 127;
	return a->family == 6 && memcmp(a->bytes, one, 16) == 0;
}

bool
addr_is_zero(const struct addr *a)
{
	static const unsigned char zero[16];

	return memcmp(a->bytes, zero, addr_size(a)) == 0;
}

bool
addr_is_host(const struct addr *a)
{
	if (a->family == 4)
		return a->bytes[0] != 0 && a->bytes[0] < 224;
	return a->family == 6 && !addr_is_zero(a) && a->bytes[0] != 0xff;
}
