/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_BPF_CODE_H
#define ENGINE_LINUX_BPF_CODE_H

/*
 * Writing eBPF programs without a compiler: a function per instruction, jumps
 * to labels.  Registers are BPF_REG_0 to BPF_REG_10, here R0 to R9 and FP.
 * Jumps compare 32 bits, as nearly all that is compared here is an IPv4
 * address, a port or a word of an IPv6 address; whole registers have names of
 * their own.
 */
#include <linux/bpf.h>
#include <stdint.h>

enum { CODE_MAX = 384, LABEL_MAX = 48 };

enum code_reg { R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, FP };
enum code_size { B1 = BPF_B, B2 = BPF_H, B4 = BPF_W, B8 = BPF_DW };

struct code {
	struct bpf_insn insns[CODE_MAX];
	unsigned char target[CODE_MAX];	/* the label + 1 that it jumps to */
	unsigned labels[LABEL_MAX];	/* where it is + 1; 0: nowhere yet */
	unsigned len, label_count;
};

void code_init(struct code *c);
/* A new label, to be placed once and jumped to any number of times. */
unsigned code_label(struct code *c);
void code_place(struct code *c, unsigned label);
/* After the last instruction: fills in the jumps. */
void code_finish(struct code *c);

/* dst = value, sign-extended; dst = src */
void code_set(struct code *c, enum code_reg dst, int32_t value);
void code_move(struct code *c, enum code_reg dst, enum code_reg src);
/* op: BPF_ADD, BPF_AND, BPF_OR, BPF_XOR, BPF_LSH, BPF_RSH */
void code_alu(struct code *c, unsigned op, enum code_reg dst, int32_t value);
void code_alu_reg(struct code *c, unsigned op, enum code_reg dst,
    enum code_reg src);
/* dst = *(size *)(src + at), and the other way round */
void code_load(struct code *c, enum code_size size, enum code_reg dst,
    enum code_reg src, size_t at);
void code_load_stack(struct code *c, enum code_size size, enum code_reg dst,
    int at);
void code_store(struct code *c, enum code_size size, enum code_reg dst,
    size_t at, enum code_reg src);
void code_store_stack(struct code *c, enum code_size size, int at,
    enum code_reg src);
void code_load_map(struct code *c, enum code_reg dst, int map);

void code_jump(struct code *c, unsigned label);
/* op: BPF_JEQ, BPF_JNE, BPF_JGE, BPF_JLT, BPF_JSET ..., on the low 32 bits */
void code_if(struct code *c, unsigned op, enum code_reg reg, uint32_t value,
    unsigned label);
void code_if_reg(struct code *c, unsigned op, enum code_reg reg,
    enum code_reg other, unsigned label);
/* On all 64 bits, for pointers and halves of IPv6 addresses. */
void code_if_wide(struct code *c, unsigned op, enum code_reg reg,
    int32_t value, unsigned label);
void code_if_wide_reg(struct code *c, unsigned op, enum code_reg reg,
    enum code_reg other, unsigned label);

/* BPF_FUNC_*: arguments in R1 to R5, which are lost; the result in R0. */
void code_call(struct code *c, enum bpf_func_id function);
void code_exit(struct code *c);

#endif
