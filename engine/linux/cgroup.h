/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_CGROUP_H
#define ENGINE_LINUX_CGROUP_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/vec.h"

/*
 * The control group of a jail, so that each of its processes is found and
 * killed: v2 (cgroups(7)), also as the "unified" hierarchy of a hybrid host;
 * else the v1 "pids" hierarchy.  key is "SCOPE/NAME".
 */
struct cgroup {
	int fd;		/* its directory, or -1 on a host without cgroups */
	bool v2;	/* fd is fit for CLONE_INTO_CGROUP */
};

/* Threads and processes of a jail, on a host where v2 counts them. */
enum { CGROUP_PROCESSES = 8192 };
bool cgroup_has_pids(void);

/* Make it; one left over with processes is killed first. */
int cgroup_make(const char *key, struct cgroup *cg, struct error *e) FALLIBLE;
/* Open it; cg->fd is -1 when it does not exist. */
int cgroup_open(const char *key, struct cgroup *cg, struct error *e) FALLIBLE;
void cgroup_fini(struct cgroup *cg);
/* Put pid into it: for v1, where clone3(2) cannot. */
int cgroup_join(const struct cgroup *cg, pid_t pid, struct error *e) FALLIBLE;
/* SIGKILL to all in it, wait until it is empty, remove it with its children. */
int cgroup_remove(const char *key, struct error *e) FALLIBLE;
/*
 * Stop what runs in it for a moment, and wait until it stands still; or let it
 * go on.  By cgroup.freeze (v2), else by a group of the v1 "freezer" hierarchy
 * that is made for the time.  What does not exist is fine when it is to go on.
 */
int cgroup_freeze(const char *key, bool frozen, struct error *e) FALLIBLE;
/* Names below SCOPE. */
int cgroup_names(const char *scope, struct strings *names, struct error *e)
    FALLIBLE;
/* Its processes; without groups of control those of no jail are found. */
VEC_TYPE(cgroup_pids, pid_t);
int cgroup_list(const char *key, struct cgroup_pids *pids, struct error *e)
    FALLIBLE;
bool cgroup_pids_has(const struct cgroup_pids *pids, pid_t pid);
/* The hierarchy of the jails' own groups; NULL: none.  Static memory. */
const char *cgroup_top(bool *v2);
/* Whether a hierarchy of v1 is mounted there. */
bool cgroup_is_v1(const char *path);
/* "v2", "v1 and v2 (hybrid)", "v1", "none"; static. */
const char *cgroup_layout(void);
/*
 * Let processes of the group bind ports below 1024 without
 * CAP_NET_BIND_SERVICE: allow.reserved_ports where the network stack is the
 * host's and the jail's capabilities count only in its own user namespace.
 * BPF_CGROUP_INET4_BIND, return code bit 1; needs v2.
 */
int cgroup_reserved_ports(const struct cgroup *cg, struct error *e) FALLIBLE;

#endif
