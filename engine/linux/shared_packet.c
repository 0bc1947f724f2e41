/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * The packets of a jail's sockets, which must not betray what the socket was
 * told (IP_PKTINFO, listen(2) without bind(2), raw headers); and which listening
 * socket a packet is for.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include "engine/linux/shared.h"
#include "engine/linux/shared_code.h"

enum {
	DROP = 0, PASS = 1,
	/* on the stack */
	SOURCE = -16, TARGET = -32,
	PAIR = -40,		/* IPv4: source and destination */
	TUPLE = -56, BYTE = -60,
	KEY = -32, INDEX = -36, COOKIE = -48,
	/* in the headers */
	IP4_PROTOCOL = 9, IP4_SOURCE = 12, IP4_TARGET = 16,
	IP6_NEXT = 6, IP6_SOURCE = 8, IP6_TARGET = 24, IP6_HEADER = 40,
	TCP_FLAGS = 13, TCP_SYN = 2, TCP_ACK = 16,
	/* levels of the control group tree that are looked at */
	LEVELS = 8,
};

#define JAIL(member) offsetof(struct shared_jail, member)
#define SKB(member) offsetof(struct __sk_buff, member)

/* size bytes of the packet, from there on, to FP + slot. */
static void
load_bytes(struct code *c, int from, int slot, int size, unsigned fail)
{
	code_move(c, R1, R6);
	code_set(c, R2, from);
	code_move(c, R3, FP);
	code_alu(c, BPF_ADD, R3, slot);
	code_set(c, R4, size);
	code_call(c, BPF_FUNC_skb_load_bytes);
	code_if(c, BPF_JNE, R0, 0, fail);
}

/* The same from a place that is in R8. */
static void
load_behind(struct code *c, int from, int slot, int size, unsigned fail)
{
	code_move(c, R1, R6);
	code_move(c, R2, R8);
	code_alu(c, BPF_ADD, R2, from);
	code_move(c, R3, FP);
	code_alu(c, BPF_ADD, R3, slot);
	code_set(c, R4, size);
	code_call(c, BPF_FUNC_skb_load_bytes);
	code_if(c, BPF_JNE, R0, 0, fail);
}

void
shared_code_ingress(struct code *c, const struct shared_maps *m)
{
	unsigned inet6 = code_label(c), pass = code_label(c);
	unsigned drop = code_label(c);

	shared_begin(c, m);
	code_load(c, B4, R1, R6, SKB(protocol));
	code_if(c, BPF_JEQ, R1, htons(ETH_P_IPV6), inet6);
	code_if(c, BPF_JNE, R1, htons(ETH_P_IP), drop);
	load_bytes(c, IP4_TARGET, PAIR, 4, drop);
	code_load_stack(c, B4, R7, PAIR);
	shared_own4(c, m, pass);
	/* groups are joined by those who want them: 224.0.0.0/4 */
	code_alu(c, BPF_AND, R7, 0xf0);
	code_if(c, BPF_JEQ, R7, 0xe0, pass);
	code_place(c, drop);
	shared_leave(c, DROP);
	code_place(c, inet6);
	load_bytes(c, IP6_TARGET, TARGET, 16, drop);
	shared_own6(c, m, TARGET, pass);
	code_load_stack(c, B1, R1, TARGET);
	code_if(c, BPF_JNE, R1, 0xff, drop);
	code_place(c, pass);
	shared_leave(c, PASS);
}

/*
 * The answer of a published port has the source of that port already: the
 * packet filter has changed it.  Then the socket tells, where it is of a kind
 * that cannot send from another address than its own: TCP, UDP (whose cmsg(3)
 * is looked at when it sends); and whoever asked is answered, on the host's
 * loopback, too.  R0 = the socket; its type and protocol are R1 and R2.
 */
static void
load_socket(struct code *c, unsigned drop)
{
	unsigned stream = code_label(c);

	code_load(c, B8, R1, R6, SKB(sk));
	code_if_wide(c, BPF_JEQ, R1, 0, drop);
	code_call(c, BPF_FUNC_sk_fullsock);
	code_if_wide(c, BPF_JEQ, R0, 0, drop);
	code_load(c, B4, R1, R0, offsetof(struct bpf_sock, type));
	code_load(c, B4, R2, R0, offsetof(struct bpf_sock, protocol));
	code_if(c, BPF_JEQ, R1, SOCK_STREAM, stream);
	code_if(c, BPF_JNE, R1, SOCK_DGRAM, drop);
	code_if(c, BPF_JNE, R2, IPPROTO_UDP, drop);
	code_place(c, stream);
}

static void
socket_own4(struct code *c, const struct shared_maps *m, unsigned pass,
    unsigned drop)
{
	load_socket(c, drop);
	code_load(c, B4, R7, R0, offsetof(struct bpf_sock, src_ip4));
	shared_own4(c, m, pass);
	code_jump(c, drop);
}

static void
socket_own6(struct code *c, const struct shared_maps *m, unsigned pass,
    unsigned drop)
{
	load_socket(c, drop);
	for (int word = 0; word < 4; word++) {
		code_load(c, B4, R1, R0, offsetof(struct bpf_sock, src_ip6) +
		    (size_t)word * 4);
		code_store_stack(c, B4, SOURCE + word * 4, R1);
	}
	shared_own6(c, m, SOURCE, pass);
	code_jump(c, drop);
}

/* A TCP segment that does not open a connection: header from R8 on. */
static void
pass_answers(struct code *c, unsigned pass, unsigned drop)
{
	load_behind(c, TCP_FLAGS, BYTE, 1, drop);
	code_load_stack(c, B1, R1, BYTE);
	code_alu(c, BPF_AND, R1, TCP_SYN | TCP_ACK);
	code_if(c, BPF_JNE, R1, TCP_SYN, pass);
}

/* Whose the socket in R0 is: pass if a jail's.  Lost. */
static void
pass_jails(struct code *c, unsigned pass, unsigned drop)
{
	unsigned ours = code_label(c), again = code_label(c);

	/* R8 the socket, R7 the level */
	code_move(c, R8, R0);
	code_set(c, R7, 1);
	code_place(c, again);
	code_move(c, R1, R8);
	code_move(c, R2, R7);
	code_call(c, BPF_FUNC_sk_ancestor_cgroup_id);
	code_load(c, B8, R1, R9, JAIL(scope));
	code_if_wide_reg(c, BPF_JEQ, R0, R1, ours);
	code_alu(c, BPF_ADD, R7, 1);
	code_if(c, BPF_JLT, R7, LEVELS, again);
	code_move(c, R1, R8);
	code_call(c, BPF_FUNC_sk_release);
	code_jump(c, drop);
	code_place(c, ours);
	code_move(c, R1, R8);
	code_call(c, BPF_FUNC_sk_release);
	code_jump(c, pass);
}

/* R1 to R5 for bpf_sk_lookup_*() of the packet's own addresses and ports. */
static void
lookup_arguments(struct code *c)
{
	enum { SIZE = sizeof(((struct bpf_sock_tuple *)NULL)->ipv4) };

	code_move(c, R1, R6);
	code_move(c, R2, FP);
	code_alu(c, BPF_ADD, R2, TUPLE);
	code_set(c, R3, SIZE);
	code_set(c, R4, BPF_F_CURRENT_NETNS);
	code_set(c, R5, 0);
}

/*
 * To 127.0.0.0/8, not the jail's own.  What nobody listens to, the kernel may
 * answer.
 */
static void
loopback4(struct code *c, unsigned pass, unsigned drop)
{
	unsigned udp = code_label(c), found = code_label(c);

	load_bytes(c, 0, BYTE, 1, drop);
	code_load_stack(c, B1, R8, BYTE);
	code_alu(c, BPF_AND, R8, 0xf);
	code_alu(c, BPF_LSH, R8, 2);
	load_bytes(c, IP4_SOURCE, TUPLE, 8, drop);
	load_behind(c, 0, TUPLE + 8, 4, drop);
	load_bytes(c, IP4_PROTOCOL, BYTE, 1, drop);
	code_load_stack(c, B1, R1, BYTE);
	code_if(c, BPF_JEQ, R1, IPPROTO_UDP, udp);
	code_if(c, BPF_JNE, R1, IPPROTO_TCP, drop);
	pass_answers(c, pass, drop);
	lookup_arguments(c);
	code_call(c, BPF_FUNC_sk_lookup_tcp);
	code_jump(c, found);
	code_place(c, udp);
	lookup_arguments(c);
	code_call(c, BPF_FUNC_sk_lookup_udp);
	code_place(c, found);
	code_if_wide(c, BPF_JEQ, R0, 0, pass);
	pass_jails(c, pass, drop);
}

/* Behind pass and drop: the source is the jail's; the target is at TARGET. */
static void
loopback6(struct code *c, const struct shared_maps *m, unsigned pass, unsigned drop)
{
	code_load_stack(c, B8, R4, TARGET);
	code_load_stack(c, B8, R5, TARGET + 8);
	code_if_wide(c, BPF_JNE, R4, 0, pass);
	code_move(c, R1, R5);
	code_alu(c, BPF_RSH, R1, 32);
	code_if(c, BPF_JNE, R5, 0, pass);
	code_if(c, BPF_JNE, R1, htonl(1), pass);
	shared_own6(c, m, TARGET, pass);
	load_bytes(c, IP6_NEXT, BYTE, 1, drop);
	code_load_stack(c, B1, R1, BYTE);
	code_if(c, BPF_JNE, R1, IPPROTO_TCP, drop);
	code_set(c, R8, IP6_HEADER);
	pass_answers(c, pass, drop);
	code_jump(c, drop);
}

void
shared_code_egress(struct code *c, const struct shared_maps *m)
{
	unsigned inet6 = code_label(c), pass = code_label(c);
	unsigned drop = code_label(c), own4 = code_label(c);
	unsigned own6 = code_label(c);

	shared_begin(c, m);
	code_load(c, B4, R1, R6, SKB(protocol));
	code_if(c, BPF_JEQ, R1, htons(ETH_P_IPV6), inet6);
	code_if(c, BPF_JNE, R1, htons(ETH_P_IP), drop);
	load_bytes(c, IP4_SOURCE, PAIR, 8, drop);
	code_load_stack(c, B4, R7, PAIR);
	shared_own4(c, m, own4);
	socket_own4(c, m, pass, drop);
	code_place(c, drop);
	shared_leave(c, DROP);
	code_place(c, pass);
	shared_leave(c, PASS);
	code_place(c, own4);
	code_load_stack(c, B4, R7, PAIR + 4);
	code_move(c, R1, R7);
	code_alu(c, BPF_AND, R1, 0xff);
	code_if(c, BPF_JNE, R1, 127, pass);
	shared_own4(c, m, pass);
	loopback4(c, pass, drop);
	code_place(c, inet6);
	load_bytes(c, IP6_SOURCE, SOURCE, 16, drop);
	load_bytes(c, IP6_TARGET, TARGET, 16, drop);
	shared_own6(c, m, SOURCE, own6);
	socket_own6(c, m, pass, drop);
	code_place(c, own6);
	loopback6(c, m, pass, drop);
}

/* KEY: all zero, but the port that is in R7 and the family. */
static void
key_wild(struct code *c, int family)
{
	code_set(c, R1, 0);
	code_store_stack(c, B8, KEY, R1);
	code_store_stack(c, B8, KEY + 8, R1);
	code_store_stack(c, B4, KEY +
	    (int)offsetof(struct shared_key, port), R7);
	code_set(c, R1, family);
	code_store_stack(c, B4, KEY +
	    (int)offsetof(struct shared_key, family), R1);
}

/* KEY: of an IPv4 address, at ctx + at. */
static void
key_addr4(struct code *c, size_t at)
{
	code_set(c, R1, 0xffff);
	code_alu(c, BPF_LSH, R1, 16);
	code_store_stack(c, B4, KEY + 8, R1);
	code_load(c, B4, R1, R6, at);
	code_store_stack(c, B4, KEY + 12, R1);
}

static void
key_addr6(struct code *c, size_t at)
{
	for (int word = 0; word < 16; word += 4) {
		code_load(c, B4, R1, R6, at + (size_t)word);
		code_store_stack(c, B4, KEY + word, R1);
	}
}

static void
key_argument(struct code *c)
{
	code_move(c, R2, FP);
	code_alu(c, BPF_ADD, R2, KEY);
}

/* listen(2): under its address, or under none if it was the wildcard. */
void
shared_code_listen(struct code *c, const struct shared_maps *m)
{
	unsigned out = code_label(c), inet6 = code_label(c);
	unsigned enter = code_label(c);

	code_move(c, R6, R1);
	code_load(c, B4, R1, R6, offsetof(struct bpf_sock_ops, op));
	code_if(c, BPF_JNE, R1, BPF_SOCK_OPS_TCP_LISTEN_CB, out);
	code_load(c, B4, R7, R6, offsetof(struct bpf_sock_ops, local_port));
	code_load(c, B4, R8, R6, offsetof(struct bpf_sock_ops, family));
	key_wild(c, AF_INET);
	code_store_stack(c, B4, KEY +
	    (int)offsetof(struct shared_key, family), R8);
	code_move(c, R1, R6);
	code_call(c, BPF_FUNC_get_socket_cookie);
	code_store_stack(c, B8, COOKIE, R0);
	code_load_map(c, R1, m->wild);
	code_move(c, R2, FP);
	code_alu(c, BPF_ADD, R2, COOKIE);
	code_call(c, BPF_FUNC_map_lookup_elem);
	code_if_wide(c, BPF_JNE, R0, 0, enter);
	code_set(c, R1, 0);
	code_store_stack(c, B4, KEY +
	    (int)offsetof(struct shared_key, family), R1);
	code_if(c, BPF_JEQ, R8, AF_INET6, inet6);
	key_addr4(c, offsetof(struct bpf_sock_ops, local_ip4));
	code_jump(c, enter);
	code_place(c, inet6);
	key_addr6(c, offsetof(struct bpf_sock_ops, local_ip6));
	code_place(c, enter);
	code_move(c, R1, R6);
	code_load_map(c, R2, m->listeners);
	code_move(c, R3, FP);
	code_alu(c, BPF_ADD, R3, KEY);
	code_set(c, R4, BPF_ANY);
	code_call(c, BPF_FUNC_sock_hash_update);
	code_place(c, out);
	shared_leave(c, 1);
}

/* R0 = the listener of KEY, or NULL */
static void
find_listener(struct code *c, const struct shared_maps *m)
{
	code_load_map(c, R1, m->listeners);
	key_argument(c);
	code_call(c, BPF_FUNC_map_lookup_elem);
}

/* One that listens at that very address is found without us. */
static void
leave_if_found(struct code *c, unsigned out)
{
	unsigned none = code_label(c);

	code_if_wide(c, BPF_JEQ, R0, 0, none);
	code_move(c, R1, R0);
	code_call(c, BPF_FUNC_sk_release);
	code_jump(c, out);
	code_place(c, none);
}

static void
take_listener(struct code *c, unsigned none, unsigned out)
{
	code_if_wide(c, BPF_JEQ, R0, 0, none);
	code_move(c, R8, R0);
	code_move(c, R1, R6);
	code_move(c, R2, R0);
	code_set(c, R3, 0);
	code_call(c, BPF_FUNC_sk_assign);
	code_move(c, R1, R8);
	code_call(c, BPF_FUNC_sk_release);
	code_jump(c, out);
}

/*
 * A packet of the host's stack that opens a connection: if it is for one of
 * this jail's addresses, the jail's wildcard listener may have it.
 */
void
shared_code_lookup(struct code *c, const struct shared_maps *m)
{
	unsigned out = code_label(c), inet6 = code_label(c);
	unsigned mine4 = code_label(c), mine6 = code_label(c);
	unsigned dual = code_label(c), none = code_label(c);

	code_move(c, R6, R1);
	code_load(c, B4, R1, R6, offsetof(struct bpf_sk_lookup, protocol));
	code_if(c, BPF_JNE, R1, IPPROTO_TCP, out);
	code_set(c, R1, 0);
	code_store_stack(c, B4, INDEX, R1);
	code_load_map(c, R1, m->same);
	code_move(c, R2, FP);
	code_alu(c, BPF_ADD, R2, INDEX);
	code_call(c, BPF_FUNC_map_lookup_elem);
	code_if_wide(c, BPF_JEQ, R0, 0, out);
	code_move(c, R9, R0);
	code_load(c, B4, R1, R6, offsetof(struct bpf_sk_lookup, family));
	code_if(c, BPF_JEQ, R1, AF_INET6, inet6);
	code_load(c, B4, R7, R6, offsetof(struct bpf_sk_lookup, local_ip4));
	shared_own4(c, m, mine4);
	code_jump(c, out);

	code_place(c, mine4);
	code_load(c, B4, R7, R6, offsetof(struct bpf_sk_lookup, local_port));
	key_wild(c, 0);
	key_addr4(c, offsetof(struct bpf_sk_lookup, local_ip4));
	find_listener(c, m);
	leave_if_found(c, out);
	key_wild(c, AF_INET);
	find_listener(c, m);
	take_listener(c, dual, out);
	code_place(c, dual);
	key_wild(c, AF_INET6);
	find_listener(c, m);
	take_listener(c, none, out);

	code_place(c, inet6);
	key_addr6(c, offsetof(struct bpf_sk_lookup, local_ip6));
	shared_own6(c, m, KEY, mine6);
	code_jump(c, out);
	code_place(c, mine6);
	code_load(c, B4, R7, R6, offsetof(struct bpf_sk_lookup, local_port));
	key_wild(c, 0);
	key_addr6(c, offsetof(struct bpf_sk_lookup, local_ip6));
	find_listener(c, m);
	leave_if_found(c, out);
	key_wild(c, AF_INET6);
	find_listener(c, m);
	take_listener(c, none, out);
	code_place(c, none);
	code_place(c, out);
	shared_leave(c, SK_PASS);
}
