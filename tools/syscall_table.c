/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */

/*
 * syscall_table DEF OUTPUT: the numbers of engine/linux/syscalls.def as ranges
 * of one group, for each architecture.  Runs at build time; libseccomp knows
 * the numbers, and nothing links it later.
 */
#include <ctype.h>
#include <err.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ENTRY_MAX = 1024,
	NUMBER_MAX = 1024,		/* beyond all calls in sight */
	ARM_PRIVATE = 0x0f0000,		/* cacheflush, set_tls ... */
	ARM_PRIVATE_END = ARM_PRIVATE + 16,
};

struct entry {
	char name[40];
	char group[24];
	bool used;
};

struct number {
	uint32_t nr;
	const char *group;
};

static const struct {
	uint32_t arch;
	const char *name;
} machines[] = {
	{ SCMP_ARCH_X86_64, "x86_64" },
	{ SCMP_ARCH_X86, "i386" },
	{ SCMP_ARCH_AARCH64, "aarch64" },
	{ SCMP_ARCH_ARM, "arm" },
};

/* Younger than libseccomp 2.5.4; arch 0: the same number everywhere. */
static const struct {
	const char *name;
	uint32_t nr;
	uint32_t arch;
} young[] = {
	{ "uretprobe", 335, SCMP_ARCH_X86_64 },
	{ "uprobe", 336, SCMP_ARCH_X86_64 },
	{ "set_mempolicy_home_node", 450, 0 },
	{ "cachestat", 451, 0 },
	{ "fchmodat2", 452, 0 },
	{ "map_shadow_stack", 453, 0 },
	{ "futex_wake", 454, 0 },
	{ "futex_wait", 455, 0 },
	{ "futex_requeue", 456, 0 },
	{ "statmount", 457, 0 },
	{ "listmount", 458, 0 },
	{ "lsm_get_self_attr", 459, 0 },
	{ "lsm_set_self_attr", 460, 0 },
	{ "lsm_list_modules", 461, 0 },
	{ "mseal", 462, 0 },
	{ "setxattrat", 463, 0 },
	{ "getxattrat", 464, 0 },
	{ "listxattrat", 465, 0 },
	{ "removexattrat", 466, 0 },
	{ "open_tree_attr", 467, 0 },
	{ "file_getattr", 468, 0 },
	{ "file_setattr", 469, 0 },
};

static struct entry entries[ENTRY_MAX];
static size_t entry_count;

static struct entry *
entry_find(const char *name)
{
	size_t i;

	for (i = 0; i < entry_count; i++)
		if (strcmp(entries[i].name, name) == 0)
			return &entries[i];
	return NULL;
}

static void
read_entries(const char *path)
{
	struct entry *entry;
	char line[256];
	FILE *f = fopen(path, "r");
	char *p;

	if (f == NULL)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "#\n")] = '\0';
		if (line[strspn(line, " \t")] == '\0')
			continue;
		if (entry_count == ENTRY_MAX)
			errx(1, "%s: too long", path);
		entry = &entries[entry_count];
		if (sscanf(line, "%39s %23s", entry->name, entry->group) != 2)
			errx(1, "%s: not \"name group\": %s", path, line);
		if (entry_find(entry->name) != NULL)
			errx(1, "%s: %s stands twice", path, entry->name);
		for (p = entry->group; *p != '\0'; p++)
			*p = (char)toupper((unsigned char)*p);
		entry_count++;
	}
	fclose(f);
}

/* Insert in order; what was there first stands.  Returns the new count. */
static size_t
add_number(struct number *numbers, size_t count, uint32_t nr,
    const char *name)
{
	struct entry *entry = entry_find(name);
	size_t i;

	if (entry == NULL)
		return count;
	entry->used = true;
	for (i = count; i > 0 && numbers[i - 1].nr >= nr; i--)
		if (numbers[i - 1].nr == nr)
			return count;
	memmove(&numbers[i + 1], &numbers[i],
	    (count - i) * sizeof(*numbers));
	numbers[i] = (struct number){ nr, entry->group };
	return count + 1;
}

/*
 * By number and not by name: asked for a name, libseccomp answers an invented
 * number for the i386 calls that socketcall(2) and ipc(2) also do.
 */
static size_t
collect(uint32_t arch, struct number *numbers)
{
	size_t count = 0, i;
	uint32_t nr;
	char *name;

	for (nr = 0; nr < ARM_PRIVATE_END; nr++) {
		if (nr == NUMBER_MAX)
			nr = ARM_PRIVATE;
		name = seccomp_syscall_resolve_num_arch(arch, (int)nr);
		if (name != NULL)
			count = add_number(numbers, count, nr, name);
		free(name);
	}
	for (i = 0; i < sizeof(young) / sizeof(young[0]); i++)
		if (young[i].arch == 0 || young[i].arch == arch)
			count = add_number(numbers, count, young[i].nr,
			    young[i].name);
	return count;
}

static void
write_ranges(FILE *f, const char *machine, const struct number *numbers,
    size_t count)
{
	const char *group = "";
	uint32_t next = 0;
	size_t i;

	fprintf(f, "\nstatic const struct seccomp_range ranges_%s[] = {\n",
	    machine);
	for (i = 0; i < count; i++) {
		if (numbers[i].nr != next) {
			fprintf(f, "\t{ %u, GROUP_UNKNOWN },\n", next);
			group = "";
		}
		if (strcmp(numbers[i].group, group) != 0)
			fprintf(f, "\t{ %u, GROUP_%s },\n", numbers[i].nr,
			    numbers[i].group);
		group = numbers[i].group;
		next = numbers[i].nr + 1;
	}
	fprintf(f, "\t{ %u, GROUP_UNKNOWN },\n};\n", next);
}

int
main(int argc, char **argv)
{
	static struct number numbers[2 * NUMBER_MAX];
	size_t count, i;
	FILE *f;

	if (argc != 3)
		errx(64, "usage: syscall_table DEF OUTPUT");
	read_entries(argv[1]);
	f = fopen(argv[2], "w");
	if (f == NULL)
		err(1, "%s", argv[2]);
	fprintf(f, "/* Made by tools/syscall_table.c. */\n");
	for (i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		count = collect(machines[i].arch, numbers);
		write_ranges(f, machines[i].name, numbers, count);
	}
	for (i = 0; i < entry_count; i++)
		if (!entries[i].used)
			errx(1, "%s: no system call of any architecture: %s",
			    argv[1], entries[i].name);
	if (fclose(f) != 0)
		err(1, "%s", argv[2]);
	return 0;
}
