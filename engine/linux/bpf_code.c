/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <assert.h>
#include <stddef.h>

#include "engine/linux/bpf_code.h"

static struct bpf_insn *
emit(struct code *c, unsigned op, enum code_reg dst, enum code_reg src,
    int off, int32_t imm)
{
	struct bpf_insn *i = &c->insns[c->len];

	assert(c->len < CODE_MAX);
	c->target[c->len++] = 0;
	*i = (struct bpf_insn){ .code = (uint8_t)op, .dst_reg = dst & 15,
		.src_reg = src & 15, .off = (int16_t)off, .imm = imm };
	return i;
}

void
code_init(struct code *c)
{
	c->len = c->label_count = 0;
}

unsigned
code_label(struct code *c)
{
	assert(c->label_count < LABEL_MAX);
	c->labels[c->label_count] = 0;
	return c->label_count++;
}

void
code_place(struct code *c, unsigned label)
{
	assert(label < c->label_count && c->labels[label] == 0);
	c->labels[label] = c->len + 1;
}

void
code_finish(struct code *c)
{
	for (unsigned i = 0; i < c->len; i++) {
		unsigned to = c->target[i];

		if (to == 0)
			continue;
		assert(c->labels[to - 1] != 0);
		c->insns[i].off = (int16_t)((int)c->labels[to - 1] - 1 -
		    (int)i - 1);
	}
}

void
code_set(struct code *c, enum code_reg dst, int32_t value)
{
	emit(c, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, value);
}

void
code_move(struct code *c, enum code_reg dst, enum code_reg src)
{
	emit(c, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

void
code_alu(struct code *c, unsigned op, enum code_reg dst, int32_t value)
{
	emit(c, BPF_ALU64 | op | BPF_K, dst, 0, 0, value);
}

void
code_alu_reg(struct code *c, unsigned op, enum code_reg dst, enum code_reg src)
{
	emit(c, BPF_ALU64 | op | BPF_X, dst, src, 0, 0);
}

void
code_load(struct code *c, enum code_size size, enum code_reg dst,
    enum code_reg src, size_t at)
{
	emit(c, BPF_LDX | BPF_MEM | size, dst, src, (int)at, 0);
}

void
code_load_stack(struct code *c, enum code_size size, enum code_reg dst, int at)
{
	emit(c, BPF_LDX | BPF_MEM | size, dst, FP, at, 0);
}

void
code_store(struct code *c, enum code_size size, enum code_reg dst, size_t at,
    enum code_reg src)
{
	emit(c, BPF_STX | BPF_MEM | size, dst, src, (int)at, 0);
}

void
code_store_stack(struct code *c, enum code_size size, int at,
    enum code_reg src)
{
	emit(c, BPF_STX | BPF_MEM | size, FP, src, at, 0);
}

void
code_load_map(struct code *c, enum code_reg dst, int map)
{
	emit(c, BPF_LD | BPF_IMM | BPF_DW, dst, BPF_PSEUDO_MAP_FD, 0, map);
	emit(c, 0, 0, 0, 0, 0);
}

static void
emit_jump(struct code *c, unsigned op, enum code_reg reg, enum code_reg other,
    int32_t value, unsigned label)
{
	assert(label < c->label_count);
	emit(c, op, reg, other, 0, value);
	c->target[c->len - 1] = (unsigned char)(label + 1);
}

void
code_jump(struct code *c, unsigned label)
{
	emit_jump(c, BPF_JMP | BPF_JA, 0, 0, 0, label);
}

void
code_if(struct code *c, unsigned op, enum code_reg reg, uint32_t value,
    unsigned label)
{
	emit_jump(c, BPF_JMP32 | op | BPF_K, reg, 0, (int32_t)value, label);
}

void
code_if_reg(struct code *c, unsigned op, enum code_reg reg,
    enum code_reg other, unsigned label)
{
	emit_jump(c, BPF_JMP32 | op | BPF_X, reg, other, 0, label);
}

void
code_if_wide(struct code *c, unsigned op, enum code_reg reg, int32_t value,
    unsigned label)
{
	emit_jump(c, BPF_JMP | op | BPF_K, reg, 0, value, label);
}

void
code_if_wide_reg(struct code *c, unsigned op, enum code_reg reg,
    enum code_reg other, unsigned label)
{
	emit_jump(c, BPF_JMP | op | BPF_X, reg, other, 0, label);
}

void
code_call(struct code *c, enum bpf_func_id function)
{
	emit(c, BPF_JMP | BPF_CALL, 0, 0, 0, (int32_t)function);
}

void
code_exit(struct code *c)
{
	emit(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}
