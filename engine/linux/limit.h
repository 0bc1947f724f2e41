/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_LIMIT_H
#define ENGINE_LINUX_LIMIT_H

#include "engine/engine.h"

/*
 * limit.* by control groups (cgroups(7)), and limit.openfiles by setrlimit(2).
 * A controller of v2 is that of the jail's own group; one of v1 has a group of
 * the same name in its own hierarchy, which is made only for a jail that needs
 * it.  The group LIMIT_MARK in the jail's own one says that there are such, so
 * that a jail without limits costs nothing.
 */
enum limit_controller {
	LIMIT_CPU, LIMIT_CPUSET, LIMIT_IO, LIMIT_MEMORY, LIMIT_PIDS,
	LIMIT_CONTROLLERS
};
#define LIMIT_MARK "+limits"

/* The jail's group of each controller; -1: not needed, or not there. */
struct limit_groups {
	int fds[LIMIT_CONTROLLERS];
	bool v2[LIMIT_CONTROLLERS];
};
#define LIMIT_GROUPS_INIT { { -1, -1, -1, -1, -1 }, { false } }
#define AUTO_GROUPS __attribute__((cleanup(limit_groups_fini)))
void limit_groups_fini(struct limit_groups *g);

/* What a process does to come under the limits. */
struct limit_entry {
	int procs[LIMIT_CONTROLLERS];	/* cgroup.procs of v1 */
	size_t count;
	uint64_t openfiles;		/* 0: not limited */
};
#define LIMIT_ENTRY_INIT { { 0 }, 0, 0 }
void limit_entry_fini(struct limit_entry *entry);

/* ERROR_UNSUPPORTED for what this host cannot keep. */
int limit_check(const struct engine_spec *spec, struct error *e) FALLIBLE;

/* Bits of the controllers that the limits need. */
unsigned limit_needs(const struct engine_spec *spec);
/*
 * Write the limits; all other ones are lifted, unless the groups are fresh.
 * "v2" and "v1" files as in cgroup-v2.rst and cgroup-v1/ of the kernel.
 */
int limit_write(const struct limit_groups *g, const struct engine_spec *spec,
    bool fresh, struct error *e) FALLIBLE;

/*
 * For a jail whose own group has just been made: its limits, and what its
 * first process is to enter.  Without limits nothing is done.
 */
int limit_make(const struct engine_spec *spec, struct limit_entry *entry,
    struct error *e) FALLIBLE;
/* The same for a process that joins later. */
int limit_join(const struct engine_spec *spec, struct limit_entry *entry,
    struct error *e) FALLIBLE;
/* In that process itself; -1 with errno. */
int limit_enter(const struct limit_entry *entry);
/* limit.openfiles, when no more descriptors are needed; -1 with errno. */
int limit_enter_files(const struct limit_entry *entry);

/* Groups of v1 that exist, and that of v2, to be read. */
int limit_groups_open(const char *key, struct limit_groups *g,
    struct error *e) FALLIBLE;
/* Remove the groups of v1: -1 with errno, EBUSY while processes are left. */
int limit_groups_remove(const char *key);

/* Members of the engine's table. */
int linux_limit(const struct engine_live *live,
    const struct engine_spec *before, const struct engine_spec *spec,
    struct error *e);
int linux_usage(const struct engine_live *live, const char *key,
    struct engine_usage *u, struct error *e);
int linux_processes(const struct engine_live *live, const char *key,
    struct engine_processes *list, struct error *e);

#endif
