/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */

/*
 * The filter of a jail, simulated: every system call of every architecture
 * against what syscalls.def says of it.
 */
#include <linux/audit.h>
#include <linux/seccomp.h>

#include <atf-c.h>
#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/linux/seccomp_filter.h"
#include "tests/unit/seccomp_cases.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ALLOW SECCOMP_RET_ALLOW
#define ERRNO(err) (SECCOMP_RET_ERRNO | (err))

enum { NUMBERS = 600, ENTRIES = 600, FIRST_PRIVATE = 0x0f0000, ABIS = 4 };

static const struct {
	enum seccomp_machine machine;
	uint32_t audit, libseccomp;
} abis[ABIS] = {
	{ SECCOMP_X86_64, AUDIT_ARCH_X86_64, SCMP_ARCH_X86_64 },
	{ SECCOMP_X86_64, AUDIT_ARCH_I386, SCMP_ARCH_X86 },
	{ SECCOMP_AARCH64, AUDIT_ARCH_AARCH64, SCMP_ARCH_AARCH64 },
	{ SECCOMP_AARCH64, AUDIT_ARCH_ARM, SCMP_ARCH_ARM },
};

struct filter {
	struct sock_filter insn[SECCOMP_LEN_MAX];
	unsigned short len;
};

static struct filter
build(unsigned open, enum seccomp_machine machine)
{
	struct filter f;

	memset(&f, 0, sizeof(f));
	f.len = seccomp_build(open, machine, f.insn);
	return f;
}

static bool
compare(const struct sock_filter *insn, uint32_t a)
{
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return a == insn->k;
	case BPF_JGT:
		return a > insn->k;
	case BPF_JGE:
		return a >= insn->k;
	default:
		return (a & insn->k) != 0;
	}
}

/* As the kernel would run it; *arguments (were looked at) may be NULL. */
static uint32_t
run(const struct filter *f, const struct seccomp_data *data, bool *arguments)
{
	uint32_t a = 0;
	unsigned pc;

	for (pc = 0; pc < f->len; pc++) {
		const struct sock_filter *insn = &f->insn[pc];

		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&a, (const char *)data + insn->k, sizeof(a));
			if (arguments != NULL && insn->k >=
			    offsetof(struct seccomp_data, args))
				*arguments = true;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= insn->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += insn->k;
			break;
		case BPF_RET | BPF_K:
			return insn->k;
		default:
			pc += compare(insn, a) ? insn->jt : insn->jf;
		}
	}
	atf_tc_fail("ran over the end");
}

static uint32_t
answer(const struct filter *f, size_t abi, uint32_t nr, const uint64_t *args)
{
	struct seccomp_data data;

	memset(&data, 0, sizeof(data));
	data.nr = (int)nr;
	data.arch = abis[abi].audit;
	if (args != NULL)
		memcpy(data.args, args, 4 * sizeof(*args));
	return run(f, &data, NULL);
}

/* What seccomp_check_filter() of the kernel demands, for one program. */
static void
check_sound(const struct filter *f)
{
	unsigned i;

	ATF_REQUIRE(f->len > 100 && f->len <= SECCOMP_LEN_MAX);
	for (i = 0; i < f->len; i++) {
		const struct sock_filter *insn = &f->insn[i];
		uint16_t class = BPF_CLASS(insn->code);

		if (class == BPF_LD)
			ATF_REQUIRE(insn->code == (BPF_LD | BPF_W | BPF_ABS) &&
			    insn->k % 4 == 0 &&
			    insn->k < sizeof(struct seccomp_data));
		else if (insn->code == (BPF_JMP | BPF_JA))
			ATF_REQUIRE(insn->k < (unsigned)f->len - i - 1);
		else if (class == BPF_JMP)
			ATF_REQUIRE(i + 1 + insn->jt < f->len &&
			    i + 1 + insn->jf < f->len);
		else
			ATF_REQUIRE(insn->code == (BPF_RET | BPF_K) ||
			    insn->code == (BPF_ALU | BPF_AND | BPF_K));
	}
	ATF_REQUIRE(BPF_CLASS(f->insn[f->len - 1].code) == BPF_RET);
}

static struct {
	char name[40], group[24];
} entries[ENTRIES];
static size_t entry_count;
/* The group of each number; NULL: unknown. */
static const char *numbers[ABIS][NUMBERS];
static const char *private_numbers[16];

static const char *
group_of(const char *name)
{
	size_t i;

	for (i = 0; i < entry_count; i++)
		if (strcmp(entries[i].name, name) == 0)
			return entries[i].group;
	return NULL;
}

static void
number(size_t abi, uint32_t nr)
{
	char *name = seccomp_syscall_resolve_num_arch(abis[abi].libseccomp,
	    (int)nr);

	if (name != NULL && nr < NUMBERS)
		numbers[abi][nr] = group_of(name);
	else if (name != NULL)
		private_numbers[nr - FIRST_PRIVATE] = group_of(name);
	free(name);
}

static void
read_table(void)
{
	/* Where all architectures agree and libseccomp may not know yet. */
	static const struct {
		uint32_t nr;
		const char *name;
	} young[] = {
		{ 450, "set_mempolicy_home_node" }, { 451, "cachestat" },
		{ 452, "fchmodat2" }, { 453, "map_shadow_stack" },
		{ 454, "futex_wake" }, { 455, "futex_wait" },
		{ 456, "futex_requeue" }, { 457, "statmount" },
		{ 458, "listmount" }, { 459, "lsm_get_self_attr" },
		{ 460, "lsm_set_self_attr" }, { 461, "lsm_list_modules" },
		{ 462, "mseal" }, { 463, "setxattrat" },
		{ 464, "getxattrat" }, { 465, "listxattrat" },
		{ 466, "removexattrat" }, { 467, "open_tree_attr" },
		{ 468, "file_getattr" }, { 469, "file_setattr" },
	};
	char line[256];
	FILE *f = fopen(SYSCALLS_DEF, "r");
	size_t abi, i;
	uint32_t nr;

	ATF_REQUIRE_MSG(f != NULL, "%s", SYSCALLS_DEF);
	while (fgets(line, sizeof(line), f) != NULL) {
		ATF_REQUIRE(entry_count < ENTRIES);
		if (line[0] != '#' && sscanf(line, "%39s %23s",
		    entries[entry_count].name,
		    entries[entry_count].group) == 2)
			entry_count++;
	}
	fclose(f);
	for (abi = 0; abi < ABIS; abi++) {
		for (nr = 0; nr < NUMBERS; nr++)
			number(abi, nr);
		for (i = 0; i < COUNT(young); i++)
			numbers[abi][young[i].nr] = group_of(young[i].name);
	}
	for (nr = 0; nr < COUNT(private_numbers); nr++)
		number(3, FIRST_PRIVATE + nr);
	numbers[0][335] = group_of("uretprobe");
	numbers[0][336] = group_of("uprobe");
}

/* What a group answers when all arguments are 0. */
static uint32_t
expected(const char *group, unsigned open)
{
	static const struct {
		const char *group;
		unsigned keys;
		uint32_t shut, open;
	} table[] = {
		{ "allow", 0, ALLOW, ALLOW },
		{ "deny", 0, ERRNO(EPERM), 0 },
		{ "nosys", 0, ERRNO(ENOSYS), 0 },
		{ "nested", SECCOMP_NESTED, ERRNO(EPERM), ALLOW },
		{ "clone", 0, ALLOW, 0 },
		{ "clone3", SECCOMP_NESTED, ERRNO(ENOSYS), ALLOW },
		{ "personality", 0, ALLOW, 0 },
		{ "debug", SECCOMP_DEBUG, ERRNO(EPERM), ALLOW },
		{ "socket", SECCOMP_ANY_SOCKET, ERRNO(EPROTONOSUPPORT), ALLOW },
		{ "socketpair", SECCOMP_ANY_SOCKET, ERRNO(EPROTONOSUPPORT),
		    ALLOW },
		{ "socketcall", 0, ALLOW, 0 },
		{ "ioctl", 0, ALLOW, 0 },
		{ "unmount", SECCOMP_NESTED | SECCOMP_MOUNT, ERRNO(EPERM),
		    ALLOW },
		{ "fsmount", SECCOMP_NESTED, ERRNO(ENOSYS), ALLOW },
		{ "statmount", SECCOMP_MOUNT_TABLE, ERRNO(ENOSYS), ALLOW },
		{ "hostname", SECCOMP_HOSTNAME, ERRNO(EPERM), ALLOW },
		{ "shm", SECCOMP_SHM, ERRNO(ENOSYS), ALLOW },
		{ "sem", SECCOMP_SEM, ERRNO(ENOSYS), ALLOW },
		{ "msg", SECCOMP_MSG, ERRNO(ENOSYS), ALLOW },
		{ "ipc", 0, ALLOW, 0 },
		{ "mlock", SECCOMP_MLOCK, ERRNO(EPERM), ALLOW },
		{ "syslog", 0, ERRNO(EPERM), 0 },
		{ "settime", SECCOMP_SETTIME, ERRNO(EPERM), ALLOW },
	};
	size_t i;

	if (group == NULL)
		return ERRNO(ENOSYS);
	if (strcmp(group, "mount") == 0) {
		if ((open & SECCOMP_NESTED) != 0 ||
		    ((open & SECCOMP_MOUNT) != 0 &&
		    (open & SECCOMP_FILESYSTEMS) != 0))
			return ALLOW;
		return ERRNO(EPERM);
	}
	for (i = 0; i < COUNT(table); i++)
		if (strcmp(table[i].group, group) == 0)
			return (open & table[i].keys) != 0 ? table[i].open :
			    table[i].shut;
	atf_tc_fail("no expectation for group %s", group);
}

static void
simulate(unsigned open)
{
	uint32_t nr, got, want;
	struct filter f;
	size_t abi;

	for (abi = 0; abi < ABIS; abi++) {
		f = build(open, abis[abi].machine);
		for (nr = 0; nr < NUMBERS; nr++) {
			got = answer(&f, abi, nr, NULL);
			want = expected(numbers[abi][nr], open);
			if (got != want)
				atf_tc_fail("abi %zu call %u (%s) open %#x:"
				    " %#x and not %#x", abi, nr,
				    numbers[abi][nr] == NULL ? "-" :
				    numbers[abi][nr], open, got, want);
		}
		for (nr = 0; nr < COUNT(private_numbers); nr++)
			ATF_REQUIRE_EQ(answer(&f, abi, FIRST_PRIVATE + nr,
			    NULL), expected(abi == 3 ? private_numbers[nr] :
			    NULL, open));
	}
}

/* Nothing open, all open, each and each pair alone, each and each pair shut. */
ATF_TC_WITHOUT_HEAD(every_call);
ATF_TC_BODY(every_call, tc)
{
	unsigned a, b;

	read_table();
	ATF_REQUIRE(entry_count > 400);
	simulate(0);
	simulate(SECCOMP_ALL);
	for (a = 1; a < SECCOMP_ALL; a <<= 1)
		for (b = a; b < SECCOMP_ALL; b <<= 1) {
			simulate(a | b);
			simulate(SECCOMP_ALL & ~(a | b));
		}
}

ATF_TC_WITHOUT_HEAD(every_combination_sound);
ATF_TC_BODY(every_combination_sound, tc)
{
	struct filter f;
	unsigned open;

	for (open = 0; open <= SECCOMP_ALL; open++) {
		f = build(open, SECCOMP_X86_64);
		check_sound(&f);
		f = build(open, SECCOMP_AARCH64);
		check_sound(&f);
	}
}

ATF_TC_WITHOUT_HEAD(arguments);
ATF_TC_BODY(arguments, tc)
{
	const struct seccomp_case *c;
	struct filter f;
	uint32_t nr, got, want;
	unsigned tried;
	size_t abi;

	read_table();
	for (c = seccomp_cases; c->name != NULL; c++) {
		tried = 0;
		want = c->err == 0 ? ALLOW : ERRNO((uint32_t)c->err);
		for (abi = 0; abi < ABIS; abi++) {
			f = build(c->open, abis[abi].machine);
			for (nr = 0; nr < NUMBERS; nr++) {
				char *name = seccomp_syscall_resolve_num_arch(
				    abis[abi].libseccomp, (int)nr);
				bool same = name != NULL &&
				    strcmp(name, c->name) == 0;

				free(name);
				if (!same)
					continue;
				got = answer(&f, abi, nr, c->args);
				ATF_CHECK_MSG(got == want, "abi %zu %s(%#llx,"
				    " %#llx, %#llx, %#llx) open %#x: %#x and"
				    " not %#x", abi, c->name,
				    (unsigned long long)c->args[0],
				    (unsigned long long)c->args[1],
				    (unsigned long long)c->args[2],
				    (unsigned long long)c->args[3], c->open,
				    got, want);
				tried++;
			}
		}
		ATF_CHECK_MSG(tried > 0, "%s: not found", c->name);
	}
}

/* Numbers with bit 30 set are x32's, on x86_64; -1 is nobody's. */
ATF_TC_WITHOUT_HEAD(x32_refused);
ATF_TC_BODY(x32_refused, tc)
{
	struct filter f = build(SECCOMP_ALL, SECCOMP_X86_64);
	uint32_t nr;

	for (nr = 0; nr < NUMBERS; nr++)
		ATF_REQUIRE_EQ(answer(&f, 0, nr | 0x40000000, NULL),
		    ERRNO(ENOSYS));
	ATF_CHECK_EQ(answer(&f, 0, UINT32_MAX, NULL), ERRNO(ENOSYS));
}

ATF_TC_WITHOUT_HEAD(foreign_architecture_killed);
ATF_TC_BODY(foreign_architecture_killed, tc)
{
	static const uint32_t foreign[] = { 0, 1, UINT32_MAX, AUDIT_ARCH_MIPS,
		AUDIT_ARCH_PPC64LE, AUDIT_ARCH_S390X, AUDIT_ARCH_RISCV64 };
	struct seccomp_data data;
	struct filter f;
	size_t abi, i;
	uint32_t nr;

	for (abi = 0; abi < ABIS; abi++) {
		f = build(SECCOMP_ALL, abis[abi].machine);
		for (i = 0; i < COUNT(foreign) + ABIS; i++) {
			memset(&data, 0, sizeof(data));
			data.arch = i < COUNT(foreign) ? foreign[i] :
			    abis[i - COUNT(foreign)].audit;
			if (i >= COUNT(foreign) && abis[i -
			    COUNT(foreign)].machine == abis[abi].machine)
				continue;
			for (nr = 0; nr < NUMBERS; nr++) {
				data.nr = (int)nr;
				ATF_REQUIRE_EQ(run(&f, &data, NULL),
				    SECCOMP_RET_KILL_PROCESS);
			}
		}
	}
}

/* So that the kernel need not run the filter for what is plainly allowed. */
ATF_TC_WITHOUT_HEAD(allowed_by_number);
ATF_TC_BODY(allowed_by_number, tc)
{
	struct seccomp_data data;
	struct filter f;
	bool arguments;
	uint32_t nr;
	size_t abi;

	read_table();
	for (abi = 0; abi < ABIS; abi++) {
		f = build(0, abis[abi].machine);
		for (nr = 0; nr < NUMBERS; nr++) {
			memset(&data, 0, sizeof(data));
			data.nr = (int)nr;
			data.arch = abis[abi].audit;
			arguments = false;
			if (run(&f, &data, &arguments) == ALLOW &&
			    strcmp(numbers[abi][nr], "allow") == 0)
				ATF_REQUIRE(!arguments);
		}
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, every_call);
	ATF_TP_ADD_TC(tp, every_combination_sound);
	ATF_TP_ADD_TC(tp, arguments);
	ATF_TP_ADD_TC(tp, x32_refused);
	ATF_TP_ADD_TC(tp, foreign_architecture_killed);
	ATF_TP_ADD_TC(tp, allowed_by_number);
	return atf_no_error();
}
