/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_BPF_LOAD_H
#define ENGINE_LINUX_BPF_LOAD_H

/* bpf(2), as much of it as is used here.  Descriptors are close-on-exec. */
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/linux/bpf_code.h"

struct bpf_map {
	enum bpf_map_type type;
	const char *name;
	uint32_t key_size, value_size, entries;
};
int bpf_map_make(const struct bpf_map *m, struct error *e) FALLIBLE;
int bpf_map_put(int map, const void *key, const void *value, struct error *e)
    FALLIBLE;

/*
 * Load a finished program.  What the kernel's verifier has against it is in
 * the error.
 */
int bpf_load(enum bpf_prog_type type, enum bpf_attach_type attach,
    const char *name, const struct code *c, struct error *e) FALLIBLE;
/* To a control group, beside what others attached; goes with the group. */
int bpf_attach_cgroup(int cgroup, int program, enum bpf_attach_type attach,
    struct error *e) FALLIBLE;
/* As long as the descriptor, which is returned, is open.  target: of a
 * namespace, or the number of an interface. */
int bpf_link(int target, int program, enum bpf_attach_type attach,
    struct error *e) FALLIBLE;

#endif
