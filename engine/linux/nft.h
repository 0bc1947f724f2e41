/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_NFT_H
#define ENGINE_LINUX_NFT_H

/*
 * nf_tables: batches of changes of one table, all of them or none made.  An
 * rule is a list of expressions over registers; those of 4 bytes are numbered
 * from R(0), and an address of IPv6 takes four of them.
 */
#include <linux/netfilter/nf_tables.h>

#include "base/vec.h"
#include "engine/engine.h"
#include "engine/linux/nlmsg.h"

struct nft {
	struct buf b;
	const char *table;
	uint8_t family;		/* NFPROTO_INET, NFPROTO_BRIDGE */
	size_t message;		/* of the rule that is being made */
	size_t expressions;
	size_t last;		/* the last message: it is answered */
};
enum { NFT_REG_FIRST = NFT_REG32_00 };
#define R(n) (NFT_REG_FIRST + (n))

void nft_begin(struct nft *n, const char *table, uint8_t family);
void nft_fini(struct nft *n);
/* Send it; nothing of it is done on error. */
int nft_commit(int fd, struct nft *n, struct error *e) FALLIBLE;

void nft_add_table(struct nft *n);
void nft_del_table(struct nft *n);
void nft_add_chain(struct nft *n, const char *name, const char *type,
    unsigned hook, int priority);
bool nft_has_table(int fd, const char *table, uint8_t family);
/* Whether the kernel has nftables, and lets us; what it said otherwise. */
int nft_able(int fd, struct error *e) FALLIBLE;
bool nft_has_set(int fd, const char *table, uint8_t family, const char *set);

/* Chains of other tables whose policy drops what is forwarded: "ip filter
 * FORWARD". */
int nft_dropping(int fd, const char *table, struct strings *chains,
    struct error *e) FALLIBLE;

/* Types of keys, for nft(8): 6 bits each, joined by nft_join. */
enum {
	TYPE_IPV4 = 7, TYPE_IPV6 = 8, TYPE_ETHER = 9, TYPE_PROTO = 12,
	TYPE_PORT = 13, TYPE_IFNAME = 41,
};
struct nft_set {
	const char *name;
	uint32_t key_type, key_len;
	uint32_t data_type, data_len;	/* 0: a set, no map */
	const uint8_t *fields;	/* of an interval: lengths, 0 ends */
};
void nft_add_set(struct nft *n, const struct nft_set *s);

/* Elements of one set; as many messages as it takes. */
struct nft_element {
	unsigned char key[48], key_end[48], data[20];
	uint32_t key_len, data_len;
	bool range;		/* key_end is there */
};
VEC_TYPE(nft_elements, struct nft_element);
/* ADD: one that is there is an error (EEXIST); PUT: it is fine. */
enum nft_change { NFT_ADD, NFT_PUT, NFT_DROP };
void nft_elements(struct nft *n, const char *set, enum nft_change change,
    const struct nft_elements *elements);

/* A rule of a chain: begin, expressions, end. */
void nft_rule(struct nft *n, const char *chain);
void nft_rule_end(struct nft *n);
void nft_meta(struct nft *n, uint32_t key, uint32_t reg);
void nft_ct(struct nft *n, uint32_t key, uint32_t reg);
void nft_payload(struct nft *n, uint32_t base, uint32_t offset, uint32_t len,
    uint32_t reg);
void nft_fib_daddr_type(struct nft *n, uint32_t reg);
void nft_bits(struct nft *n, uint32_t reg, const void *mask, size_t len);
void nft_cmp(struct nft *n, uint32_t reg, uint32_t op, const void *data,
    size_t len);
void nft_lookup(struct nft *n, const char *set, uint32_t reg, bool inverted);
/* The value found goes to registers from to. */
void nft_map(struct nft *n, const char *set, uint32_t reg, uint32_t to);
void nft_verdict(struct nft *n, int verdict);
void nft_masquerade(struct nft *n);
void nft_dnat(struct nft *n, uint8_t family, uint32_t addr, uint32_t port);
/* The source becomes that address; the port stays where it can. */
void nft_snat(struct nft *n, uint8_t family, uint32_t addr);
void nft_log(struct nft *n, const char *prefix);

#endif
