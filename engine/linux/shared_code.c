/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * What a socket is told when it is made, bound, connected or sends: hooks with
 * the address that the program gave, which may be changed.  The packets
 * themselves are looked at in shared_packet.c.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include "engine/linux/shared.h"
#include "engine/linux/shared_code.h"

#define IP4(context) offsetof(struct bpf_sock_addr, context##_ip4)
#define IP6(context, half) \
	(offsetof(struct bpf_sock_addr, context##_ip6) + (half) * 8)
#define JAIL(member) offsetof(struct shared_jail, member)

enum {
	ENTRY4 = sizeof(struct shared_addr4),
	ENTRY6 = sizeof(struct shared_addr6),
	MASK4 = offsetof(struct shared_addr4, mask),
	MASK6 = offsetof(struct shared_addr6, mask),
	/* on the stack */
	ADDR = -16,		/* an IPv6 address */
	COOKIE = -24, ONE = -28,
	SOCKADDR = -64,
};

void
shared_begin(struct code *c, const struct shared_maps *m)
{
	code_move(c, R6, R1);
	code_load_map(c, R1, m->jail);
	code_set(c, R2, 0);
	code_call(c, BPF_FUNC_get_local_storage);
	code_move(c, R9, R0);
}

void
shared_leave(struct code *c, int value)
{
	code_set(c, R0, value);
	code_exit(c);
}

void
shared_refuse(struct code *c, int error)
{
	code_set(c, R1, -error);
	code_call(c, BPF_FUNC_set_retval);
	shared_leave(c, 0);
}

/* R2 goes over the entries, R1 counts them; the body may jump to *next. */
struct each {
	unsigned again, next, end;
	int size;
	unsigned rounds;
};

static struct each
each_begin(struct code *c, size_t first, size_t count, unsigned rounds,
    int size)
{
	/* none at all is for the program to find out, or what follows a find
	 * would be out of reach, which the verifier does not allow */
	struct each l = { code_label(c), code_label(c), code_label(c), size,
		rounds > 0 ? rounds : 1 };

	code_load(c, B4, R1, R9, count);
	code_if(c, BPF_JEQ, R1, 0, l.end);
	code_move(c, R2, R9);
	code_alu(c, BPF_ADD, R2, (int32_t)first);
	code_set(c, R1, 0);
	code_place(c, l.again);
	return l;
}

static void
each_end(struct code *c, const struct each *l)
{
	code_place(c, l->next);
	code_alu(c, BPF_ADD, R2, l->size);
	code_alu(c, BPF_ADD, R1, 1);
	code_if(c, BPF_JLT, R1, l->rounds, l->again);
	code_place(c, l->end);
}

void
shared_own4(struct code *c, const struct shared_maps *m, unsigned yes)
{
	struct each l = each_begin(c, JAIL(v4), JAIL(count4), m->count4,
	    ENTRY4);

	code_load(c, B4, R4, R2, 0);
	code_if_reg(c, BPF_JEQ, R4, R7, yes);
	each_end(c, &l);
}

void
shared_own6(struct code *c, const struct shared_maps *m, int slot,
    unsigned yes)
{
	struct each l;

	code_load_stack(c, B8, R4, slot);
	code_load_stack(c, B8, R5, slot + 8);
	l = each_begin(c, JAIL(v6), JAIL(count6), m->count6, ENTRY6);
	code_load(c, B8, R0, R2, 0);
	code_if_wide_reg(c, BPF_JNE, R0, R4, l.next);
	code_load(c, B8, R0, R2, 8);
	code_if_wide_reg(c, BPF_JEQ, R0, R5, yes);
	each_end(c, &l);
}

void
shared_pick4(struct code *c, const struct shared_maps *m)
{
	struct each l;

	code_load(c, B4, R8, R9, JAIL(v4));
	l = each_begin(c, JAIL(v4), JAIL(count4), m->count4,
	    ENTRY4);
	code_load(c, B4, R4, R2, 0);
	code_load(c, B4, R5, R2, MASK4);
	code_move(c, R0, R4);
	code_alu_reg(c, BPF_XOR, R0, R7);
	code_alu_reg(c, BPF_AND, R0, R5);
	code_if(c, BPF_JNE, R0, 0, l.next);
	code_move(c, R8, R4);
	code_jump(c, l.end);
	each_end(c, &l);
}

/* R0 = (entry's half ^ wanted) & mask */
static void
differing(struct code *c, int slot, size_t half, enum code_reg into)
{
	code_load(c, B8, into, R2, half);
	code_load_stack(c, B8, R4, slot + (int)half);
	code_alu_reg(c, BPF_XOR, into, R4);
	code_load(c, B8, R4, R2, MASK6 + half);
	code_alu_reg(c, BPF_AND, into, R4);
}

void
shared_pick6(struct code *c, const struct shared_maps *m, int slot)
{
	struct each l;

	code_move(c, R8, R9);
	code_alu(c, BPF_ADD, R8, (int32_t)JAIL(v6));
	l = each_begin(c, JAIL(v6), JAIL(count6), m->count6, ENTRY6);
	differing(c, slot, 0, R0);
	code_if_wide(c, BPF_JNE, R0, 0, l.next);
	differing(c, slot, 8, R0);
	code_if_wide(c, BPF_JNE, R0, 0, l.next);
	code_move(c, R8, R2);
	code_jump(c, l.end);
	each_end(c, &l);
}

/*
 * The address of the context into FP + ADDR, and what it is: anything else
 * goes on, with its last word in R7 if it is a mapped one.
 */
static void
sort6(struct code *c, size_t at, unsigned any, unsigned loop, unsigned mapped)
{
	unsigned other = code_label(c), tail = code_label(c);

	/* by words: not every address in the context is aligned to 8 */
	for (int word = 0; word < 16; word += 4) {
		code_load(c, B4, R1, R6, at + (size_t)word);
		code_store_stack(c, B4, ADDR + word, R1);
	}
	code_load_stack(c, B8, R4, ADDR);
	code_load_stack(c, B8, R5, ADDR + 8);
	code_if_wide(c, BPF_JNE, R4, 0, other);
	code_move(c, R7, R5);
	code_alu(c, BPF_RSH, R7, 32);
	code_if(c, BPF_JEQ, R5, htonl(0xffff), mapped);
	code_if(c, BPF_JEQ, R5, 0, tail);
	code_jump(c, other);
	code_place(c, tail);
	code_if(c, BPF_JEQ, R7, 0, any);
	code_if(c, BPF_JEQ, R7, htonl(1), loop);
	code_place(c, other);
}

/* The jail's first address into the context. */
static void
put_first4(struct code *c, size_t at)
{
	code_load(c, B4, R7, R9, JAIL(v4));
	code_store(c, B4, R6, at, R7);
}

static void
put_first6(struct code *c, size_t at)
{
	for (size_t word = 0; word < 16; word += 4) {
		code_load(c, B4, R4, R9, JAIL(v6) + word);
		code_store(c, B4, R6, at + word, R4);
		code_store_stack(c, B4, ADDR + (int)word, R4);
	}
}

/*
 * FreeBSD's prison_check_af(9) lets a jail have the families of which it has
 * an address.  Of the protocols, those whose bind(2) and connect(2) these hooks
 * see: not SCTP, MPTCP or UDP-Lite, which have ways of their own.
 */
void
shared_code_socket(struct code *c, const struct shared_maps *m)
{
	unsigned inet6 = code_label(c), family = code_label(c);
	unsigned ok = code_label(c), no_family = code_label(c);
	unsigned dgram = code_label(c), raw = code_label(c);
	unsigned denied = code_label(c), unknown = code_label(c);

	shared_begin(c, m);
	code_load(c, B4, R1, R6, offsetof(struct bpf_sock, family));
	code_if(c, BPF_JEQ, R1, AF_INET6, inet6);
	code_load(c, B4, R2, R9, JAIL(count4));
	code_jump(c, family);
	code_place(c, inet6);
	code_load(c, B4, R2, R9, JAIL(count6));
	code_place(c, family);
	code_if(c, BPF_JEQ, R2, 0, no_family);
	code_load(c, B4, R1, R6, offsetof(struct bpf_sock, type));
	code_load(c, B4, R2, R6, offsetof(struct bpf_sock, protocol));
	code_if(c, BPF_JEQ, R1, SOCK_RAW, raw);
	code_if(c, BPF_JEQ, R1, SOCK_DGRAM, dgram);
	code_if(c, BPF_JNE, R1, SOCK_STREAM, unknown);
	code_if(c, BPF_JEQ, R2, IPPROTO_TCP, ok);
	code_place(c, unknown);
	shared_refuse(c, EPROTONOSUPPORT);

	code_place(c, dgram);
	code_if(c, BPF_JEQ, R2, IPPROTO_UDP, ok);
	/* ping without privilege: what raw sockets are for on FreeBSD */
	code_if(c, BPF_JEQ, R2, IPPROTO_ICMP, raw);
	code_if(c, BPF_JNE, R2, IPPROTO_ICMPV6, unknown);
	code_place(c, raw);
	code_load(c, B4, R3, R9, JAIL(flags));
	code_if(c, BPF_JSET, R3, SHARED_RAW, ok);
	code_jump(c, denied);
	code_place(c, ok);
	shared_leave(c, 1);
	code_place(c, denied);
	shared_refuse(c, EPERM);
	code_place(c, no_family);
	shared_refuse(c, EAFNOSUPPORT);
}

/* bind(2): allowed, and perhaps below port 1024 without a capability. */
static void
allow_bind(struct code *c)
{
	code_load(c, B4, R0, R9, JAIL(flags));
	code_alu(c, BPF_AND, R0, SHARED_RESERVED);
	code_alu(c, BPF_OR, R0, 1);
	code_exit(c);
}

/* Remember the socket: it listens for all addresses of the jail. */
static void
mark_wild(struct code *c, const struct shared_maps *m)
{
	if (m->wild < 0)
		return;
	code_move(c, R1, R6);
	code_call(c, BPF_FUNC_get_socket_cookie);
	code_store_stack(c, B8, COOKIE, R0);
	code_set(c, R1, 1);
	code_store_stack(c, B4, ONE, R1);
	code_load_map(c, R1, m->wild);
	code_move(c, R2, FP);
	code_alu(c, BPF_ADD, R2, COOKIE);
	code_move(c, R3, FP);
	code_alu(c, BPF_ADD, R3, ONE);
	code_set(c, R4, BPF_ANY);
	code_call(c, BPF_FUNC_map_update_elem);
}

void
shared_code_bind4(struct code *c, const struct shared_maps *m)
{
	unsigned wild = code_label(c), first = code_label(c);
	unsigned ok = code_label(c), refuse = code_label(c);

	shared_begin(c, m);
	code_load(c, B4, R1, R9, JAIL(count4));
	code_if(c, BPF_JEQ, R1, 0, refuse);
	code_load(c, B4, R7, R6, IP4(user));
	code_if(c, BPF_JEQ, R7, INADDR_ANY, wild);
	code_if(c, BPF_JEQ, R7, htonl(INADDR_LOOPBACK), first);
	shared_own4(c, m, ok);
	code_place(c, refuse);
	shared_refuse(c, EADDRNOTAVAIL);
	code_place(c, wild);
	mark_wild(c, m);
	code_place(c, first);
	put_first4(c, IP4(user));
	code_place(c, ok);
	allow_bind(c);
}

/*
 * The wildcard of IPv6 is that of IPv4 as well, unless IPV6_V6ONLY was set.
 * Bound to an IPv6 address a socket is lost for IPv4, for good, but not the
 * other way round: such a listener becomes that of the first IPv4 address, and
 * is found for those of IPv6.  No helper tells of IPV6_V6ONLY: it is a bit of
 * struct sock_common, whose head has been the same for ten years.
 */
static void
bind_both(struct code *c, const struct shared_maps *m, unsigned ok)
{
	enum { SKC_BITS = 19, SKC_IPV6ONLY = 1 << 5 };
	unsigned only = code_label(c);

	if (m->wild < 0)
		return;
	code_load(c, B4, R1, R9, JAIL(count4));
	code_if(c, BPF_JEQ, R1, 0, only);
	code_load(c, B8, R1, R6, offsetof(struct bpf_sock_addr, sk));
	code_if_wide(c, BPF_JEQ, R1, 0, only);
	code_call(c, BPF_FUNC_skc_to_tcp6_sock);
	code_if_wide(c, BPF_JEQ, R0, 0, only);
	code_load(c, B1, R1, R0, SKC_BITS);
	code_if(c, BPF_JSET, R1, SKC_IPV6ONLY, only);
	code_set(c, R1, 0xffff);
	code_alu(c, BPF_LSH, R1, 16);
	code_store(c, B4, R6, IP6(user, 1), R1);
	put_first4(c, IP6(user, 1) + 4);
	code_jump(c, ok);
	code_place(c, only);
}

void
shared_code_bind6(struct code *c, const struct shared_maps *m)
{
	const size_t last = IP6(user, 1) + 4;
	unsigned wild = code_label(c), first = code_label(c);
	unsigned mapped = code_label(c), first4 = code_label(c);
	unsigned wild4 = code_label(c);
	unsigned ok = code_label(c), refuse = code_label(c);

	shared_begin(c, m);
	sort6(c, IP6(user, 0), wild, first, mapped);
	shared_own6(c, m, ADDR, ok);
	code_place(c, refuse);
	shared_refuse(c, EADDRNOTAVAIL);
	code_place(c, mapped);
	code_load(c, B4, R1, R9, JAIL(count4));
	code_if(c, BPF_JEQ, R1, 0, refuse);
	code_if(c, BPF_JEQ, R7, INADDR_ANY, wild4);
	code_if(c, BPF_JEQ, R7, htonl(INADDR_LOOPBACK), first4);
	shared_own4(c, m, ok);
	code_jump(c, refuse);
	code_place(c, wild4);
	mark_wild(c, m);
	code_place(c, first4);
	put_first4(c, last);
	code_jump(c, ok);
	code_place(c, wild);
	mark_wild(c, m);
	bind_both(c, m, ok);
	code_place(c, first);
	code_load(c, B4, R1, R9, JAIL(count6));
	code_if(c, BPF_JEQ, R1, 0, refuse);
	put_first6(c, IP6(user, 0));
	code_place(c, ok);
	allow_bind(c);
}

/* bind(2) by the program itself; a socket that is bound stays as it is. */
static void
bind_source(struct code *c, size_t size, unsigned refuse)
{
	code_move(c, R1, R6);
	code_move(c, R2, FP);
	code_alu(c, BPF_ADD, R2, SOCKADDR);
	code_set(c, R3, (int32_t)size);
	code_call(c, BPF_FUNC_bind);
	code_if(c, BPF_JEQ, R0, (uint32_t)-EADDRNOTAVAIL, refuse);
}

static void
clear_sockaddr(struct code *c, int family)
{
	code_set(c, R1, 0);
	for (int at = 0; at < 32; at += 8)
		code_store_stack(c, B8, SOCKADDR + at, R1);
	code_set(c, R1, family);
	code_store_stack(c, B2, SOCKADDR, R1);
}

/*
 * A socket of the host that listens everywhere listens at all of 127.0.0.0/8.
 * Others there are told apart when the packet goes out.
 */
static void
refuse_wild_host(struct code *c, const struct shared_maps *m, unsigned ok, unsigned refuse)
{
	enum { SIZE = sizeof(((struct bpf_sock_tuple *)NULL)->ipv4) };

	code_move(c, R1, R7);
	code_alu(c, BPF_AND, R1, htonl(IN_CLASSA_NET) & 0xff);
	code_if(c, BPF_JNE, R1, 127, ok);
	shared_own4(c, m, ok);
	code_load(c, B4, R1, R6, offsetof(struct bpf_sock_addr, protocol));
	code_if(c, BPF_JNE, R1, IPPROTO_TCP, ok);
	code_load(c, B4, R1, R9, JAIL(v4));
	code_store_stack(c, B4, SOCKADDR, R1);
	code_store_stack(c, B4, SOCKADDR + 4, R7);
	code_load(c, B4, R1, R6, offsetof(struct bpf_sock_addr, user_port));
	code_alu(c, BPF_LSH, R1, 16);
	code_store_stack(c, B4, SOCKADDR + 8, R1);
	code_move(c, R1, R6);
	code_move(c, R2, FP);
	code_alu(c, BPF_ADD, R2, SOCKADDR);
	code_set(c, R3, SIZE);
	code_set(c, R4, BPF_F_CURRENT_NETNS);
	code_set(c, R5, 0);
	code_call(c, BPF_FUNC_sk_lookup_tcp);
	code_if_wide(c, BPF_JEQ, R0, 0, ok);
	code_load(c, B4, R8, R0, offsetof(struct bpf_sock, src_ip4));
	code_move(c, R1, R0);
	code_call(c, BPF_FUNC_sk_release);
	code_if(c, BPF_JEQ, R8, INADDR_ANY, refuse);
}

/* From here to the end of connect: the destination is R7, and the jail's. */
static void
connect_from4(struct code *c, const struct shared_maps *m)
{
	unsigned source = code_label(c), refused = code_label(c);
	unsigned gone = code_label(c);

	refuse_wild_host(c, m, source, refused);
	code_place(c, source);
	shared_pick4(c, m);
	clear_sockaddr(c, AF_INET);
	code_store_stack(c, B4,
	    SOCKADDR + (int)offsetof(struct sockaddr_in, sin_addr), R8);
	bind_source(c, sizeof(struct sockaddr_in), gone);
	shared_leave(c, 1);
	code_place(c, refused);
	shared_refuse(c, ECONNREFUSED);
	code_place(c, gone);
	shared_refuse(c, EADDRNOTAVAIL);
}

void
shared_code_connect4(struct code *c, const struct shared_maps *m)
{
	unsigned first = code_label(c), on = code_label(c);
	unsigned none = code_label(c);

	shared_begin(c, m);
	code_load(c, B4, R1, R9, JAIL(count4));
	code_if(c, BPF_JEQ, R1, 0, none);
	code_load(c, B4, R7, R6, IP4(user));
	code_if(c, BPF_JEQ, R7, INADDR_ANY, first);
	code_if(c, BPF_JNE, R7, htonl(INADDR_LOOPBACK), on);
	code_place(c, first);
	put_first4(c, IP4(user));
	code_place(c, on);
	connect_from4(c, m);
	code_place(c, none);
	shared_refuse(c, ENETUNREACH);
}

/* Put 16 bytes that R8 points to into the sockaddr. */
static void
put_source6(struct code *c)
{
	const int at = SOCKADDR + (int)offsetof(struct sockaddr_in6, sin6_addr);

	for (int half = 0; half < 16; half += 8) {
		code_load(c, B8, R1, R8, (size_t)half);
		code_store_stack(c, B8, at + half, R1);
	}
}

/* A mapped destination in R7: bound to a mapped source. */
static void
connect_mapped(struct code *c, const struct shared_maps *m, unsigned refused, unsigned gone)
{
	const int at = SOCKADDR + (int)offsetof(struct sockaddr_in6, sin6_addr);
	unsigned first = code_label(c), on = code_label(c);
	unsigned source = code_label(c);

	code_load(c, B4, R1, R9, JAIL(count4));
	code_if(c, BPF_JEQ, R1, 0, gone);
	code_if(c, BPF_JEQ, R7, INADDR_ANY, first);
	code_if(c, BPF_JNE, R7, htonl(INADDR_LOOPBACK), on);
	code_place(c, first);
	put_first4(c, IP6(user, 1) + 4);
	code_place(c, on);
	refuse_wild_host(c, m, source, refused);
	code_place(c, source);
	shared_pick4(c, m);
	clear_sockaddr(c, AF_INET6);
	code_set(c, R1, 0xffff);
	code_alu(c, BPF_LSH, R1, 16);
	code_store_stack(c, B4, at + 8, R1);
	code_store_stack(c, B4, at + 12, R8);
	bind_source(c, sizeof(struct sockaddr_in6), gone);
	shared_leave(c, 1);
}

void
shared_code_connect6(struct code *c, const struct shared_maps *m)
{
	unsigned first = code_label(c), mapped = code_label(c);
	unsigned on = code_label(c), refused = code_label(c);
	unsigned gone = code_label(c), none = code_label(c);

	shared_begin(c, m);
	sort6(c, IP6(user, 0), first, first, mapped);
	code_load(c, B4, R1, R9, JAIL(count6));
	code_if(c, BPF_JEQ, R1, 0, none);
	code_jump(c, on);
	code_place(c, first);
	code_load(c, B4, R1, R9, JAIL(count6));
	code_if(c, BPF_JEQ, R1, 0, none);
	put_first6(c, IP6(user, 0));
	code_place(c, on);
	shared_pick6(c, m, ADDR);
	clear_sockaddr(c, AF_INET6);
	put_source6(c);
	bind_source(c, sizeof(struct sockaddr_in6), gone);
	shared_leave(c, 1);
	code_place(c, mapped);
	connect_mapped(c, m, refused, none);
	code_place(c, refused);
	shared_refuse(c, ECONNREFUSED);
	code_place(c, none);
	shared_refuse(c, ENETUNREACH);
	code_place(c, gone);
	shared_refuse(c, EADDRNOTAVAIL);
}

/*
 * UDP to an address given with the message.  127.0.0.6 is what the kernel has
 * for the IPv4 address of a socket that is bound to an IPv6 one.
 */
void
shared_code_send4(struct code *c, const struct shared_maps *m)
{
	enum { KERNEL_LOOPBACK4_IPV6 = 0x7f000006 };
	unsigned first = code_label(c), on = code_label(c);
	unsigned pick = code_label(c), ok = code_label(c);
	unsigned none = code_label(c);

	shared_begin(c, m);
	code_load(c, B4, R1, R9, JAIL(count4));
	code_if(c, BPF_JEQ, R1, 0, none);
	code_load(c, B4, R7, R6, IP4(user));
	code_if(c, BPF_JEQ, R7, INADDR_ANY, first);
	code_if(c, BPF_JNE, R7, htonl(INADDR_LOOPBACK), on);
	code_place(c, first);
	put_first4(c, IP4(user));
	code_place(c, on);
	shared_pick4(c, m);
	code_load(c, B4, R7, R6, IP4(msg_src));
	code_if(c, BPF_JEQ, R7, INADDR_ANY, pick);
	code_if(c, BPF_JEQ, R7, htonl(INADDR_LOOPBACK), pick);
	code_if(c, BPF_JEQ, R7, htonl(KERNEL_LOOPBACK4_IPV6), pick);
	shared_own4(c, m, ok);
	shared_refuse(c, EADDRNOTAVAIL);
	code_place(c, pick);
	code_store(c, B4, R6, IP4(msg_src), R8);
	code_place(c, ok);
	shared_leave(c, 1);
	code_place(c, none);
	shared_refuse(c, ENETUNREACH);
}

void
shared_code_send6(struct code *c, const struct shared_maps *m)
{
	unsigned first = code_label(c), on = code_label(c);
	unsigned pick = code_label(c), ok = code_label(c);
	unsigned none = code_label(c), refuse = code_label(c);

	shared_begin(c, m);
	code_load(c, B4, R1, R9, JAIL(count6));
	code_if(c, BPF_JEQ, R1, 0, none);
	sort6(c, IP6(user, 0), first, first, none);
	code_jump(c, on);
	code_place(c, first);
	put_first6(c, IP6(user, 0));
	code_place(c, on);
	shared_pick6(c, m, ADDR);
	sort6(c, IP6(msg_src, 0), pick, pick, refuse);
	shared_own6(c, m, ADDR, ok);
	code_place(c, refuse);
	shared_refuse(c, EADDRNOTAVAIL);
	code_place(c, pick);
	for (size_t word = 0; word < 16; word += 4) {
		code_load(c, B4, R1, R8, word);
		code_store(c, B4, R6, IP6(msg_src, 0) + word, R1);
	}
	code_place(c, ok);
	shared_leave(c, 1);
	code_place(c, none);
	shared_refuse(c, ENETUNREACH);
}
