/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "engine/linux/bpf_load.h"

static int
sys_bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static uint64_t
pointer(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

int
bpf_map_make(const struct bpf_map *m, struct error *e)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = m->type;
	attr.key_size = m->key_size;
	attr.value_size = m->value_size;
	attr.max_entries = m->entries;
	snprintf(attr.map_name, sizeof(attr.map_name), "%s", m->name);
	fd = sys_bpf(BPF_MAP_CREATE, &attr);
	return fd < 0 ? error_sys(e, "BPF map %s", m->name) : fd;
}

int
bpf_map_put(int map, const void *key, const void *value, struct error *e)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map;
	attr.key = pointer(key);
	attr.value = pointer(value);
	return sys_bpf(BPF_MAP_UPDATE_ELEM, &attr) < 0 ?
	    error_sys(e, "write to a BPF map") : 0;
}

/* The verifier's last words: the line before its statistics. */
static const char *
last_words(char *log)
{
	char *last = log, *line;

	log_debug("%s", log);
	while ((line = strsep(&log, "\n")) != NULL)
		if (*line != '\0' && strncmp(line, "processed ", 10) != 0 &&
		    strncmp(line, "verification time", 17) != 0)
			last = line;
	return last;
}

static int
explain(union bpf_attr *attr, const char *name, struct error *e)
{
	enum { LOG_SIZE = 1 << 20 };
	AUTO_FREE char *log = NULL;
	int why = errno, fd;

	if (why == EPERM || why == ENOSYS)
		return error_sys(e, "BPF program %s", name);
	log = xcalloc(1, LOG_SIZE);
	attr->log_level = 1;
	attr->log_buf = pointer(log);
	attr->log_size = LOG_SIZE;
	fd = sys_bpf(BPF_PROG_LOAD, attr);
	if (fd >= 0)
		return fd;
	errno = why;
	error_sys(e, "BPF program %s", name);
	if (*log != '\0')
		error_wrap(e, "the kernel says \"%.200s\"", last_words(log));
	return -1;
}

int
bpf_load(enum bpf_prog_type type, enum bpf_attach_type attach,
    const char *name, const struct code *c, struct error *e)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type;
	attr.expected_attach_type = attach;
	attr.insns = pointer(c->insns);
	attr.insn_cnt = c->len;
	/* what BSD-2-Clause permits anyway; some helpers ask for it */
	attr.license = pointer("Dual BSD/GPL");
	snprintf(attr.prog_name, sizeof(attr.prog_name), "%s", name);
	fd = sys_bpf(BPF_PROG_LOAD, &attr);
	return fd >= 0 ? fd : explain(&attr, name, e);
}

int
bpf_attach_cgroup(int cgroup, int program, enum bpf_attach_type attach,
    struct error *e)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cgroup;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = attach;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	return sys_bpf(BPF_PROG_ATTACH, &attr) < 0 ?
	    error_sys(e, "attach a BPF program to the control group") : 0;
}

int
bpf_link(int target, int program, enum bpf_attach_type attach,
    struct error *e)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = (uint32_t)program;
	attr.link_create.target_fd = (uint32_t)target;
	attr.link_create.attach_type = attach;
	fd = sys_bpf(BPF_LINK_CREATE, &attr);
	return fd < 0 ? error_sys(e, "attach a BPF program") : fd;
}
