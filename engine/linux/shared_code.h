/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_SHARED_CODE_H
#define ENGINE_LINUX_SHARED_CODE_H

#include <stdint.h>

#include "engine/linux/bpf_code.h"

/* The programs of shared.h, written into an empty code. */

/* Maps that they use. */
struct shared_maps {
	int jail;	/* cgroup storage: struct shared_jail */
	/* -1 unless SHARED_STEER: */
	int same;	/* array of one: the same, for programs elsewhere */
	int wild;	/* cookies of sockets that were bound to the wildcard */
	int listeners;	/* sockets by struct shared_key */
	/* as many as there are: the verifier goes through every round */
	unsigned count4, count6;
};

/*
 * A listening socket: of the wildcard, with the family of the socket; or of an
 * address (IPv4 mapped into IPv6), whatever the socket.
 */
struct shared_key {
	uint32_t addr[4];
	uint32_t port;		/* host order */
	uint32_t family;	/* AF_INET, AF_INET6, 0 */
};

void shared_code_socket(struct code *c, const struct shared_maps *m);
void shared_code_bind4(struct code *c, const struct shared_maps *m);
void shared_code_bind6(struct code *c, const struct shared_maps *m);
void shared_code_connect4(struct code *c, const struct shared_maps *m);
void shared_code_connect6(struct code *c, const struct shared_maps *m);
void shared_code_send4(struct code *c, const struct shared_maps *m);
void shared_code_send6(struct code *c, const struct shared_maps *m);
void shared_code_ingress(struct code *c, const struct shared_maps *m);
void shared_code_egress(struct code *c, const struct shared_maps *m);
void shared_code_listen(struct code *c, const struct shared_maps *m);
void shared_code_lookup(struct code *c, const struct shared_maps *m);

/* What they have in common (shared_code.c): R6 the context, R9 the jail. */
void shared_begin(struct code *c, const struct shared_maps *m);
/* Leave with r0 = value, or refuse with an errno. */
void shared_leave(struct code *c, int value);
void shared_refuse(struct code *c, int error);
/* Jump to yes if R7, or the address at FP + slot, is the jail's; keep R6-R9. */
void shared_own4(struct code *c, const struct shared_maps *m, unsigned yes);
void shared_own6(struct code *c, const struct shared_maps *m, int slot,
    unsigned yes);
/*
 * The jail's address in the network of R7, else its first one, into R8; IPv6:
 * R8 points to it.
 */
void shared_pick4(struct code *c, const struct shared_maps *m);
void shared_pick6(struct code *c, const struct shared_maps *m, int slot);

#endif
