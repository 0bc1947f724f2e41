/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_ROOT_H
#define ENGINE_LINUX_ROOT_H

#include "engine/engine.h"

/*
 * The file system of a jail.  The host side opens what only it may open, as
 * detached mounts, with the jail's ids mapped onto them; the jail side, in the
 * new namespaces, puts them together and turns the result into its root.
 */
enum { ROOT_LAYERS_MAX = 500 };

struct root {
	int upper;		/* dir: the root; overlay: parent of upper and work,
				   -1 when these are in memory */
	int *lower;
	size_t lower_count;
	int *mounts;		/* per spec->mounts: -1 when made inside */
	size_t mount_count;
	int init;		/* gaol-init on a read-only mount */
};

void root_init(struct root *r);
void root_fini(struct root *r);
/* Host side; userns_fd -1 when the ids are not mapped. */
int root_open(struct root *r, const struct engine_spec *spec, int userns_fd,
    struct error *e) FALLIBLE;
/* gaol-init alone, for exec into a running jail. */
int root_open_init(struct error *e) FALLIBLE;
/* Jail side: build, pivot, forget the old root. */
int root_enter(const struct root *r, const struct engine_spec *spec,
    struct error *e) FALLIBLE;
/*
 * The same, for a jail that owns its mounts (confine_owns_mounts): pid 1 goes
 * on in user, mount, uts, ipc, network and cgroup namespaces of its own, below
 * the one that it comes from, where those mounts are locked.
 */
int root_enter_locked(const struct root *r, const struct engine_spec *spec,
    struct error *e) FALLIBLE;
/* From the host's ids to those of the jail's root. */
int root_become(struct error *e) FALLIBLE;
/* proc(5) of our pid namespace, mounted nowhere. */
int root_new_proc(struct error *e) FALLIBLE;

/*
 * One mount, at a start or later.  Host side: its source opened (O_PATH), and
 * as a detached mount with the ids mapped.
 */
int root_open_source(const struct engine_mount *m, struct error *e) FALLIBLE;
int root_clone_source(const struct engine_mount *m, int userns_fd,
    struct error *e) FALLIBLE;
/*
 * Jail side: a tmpfs mounted nowhere yet, a target below root (made when it is
 * missing), and the one put on the other.
 */
int root_new_tmpfs(const char *options, struct error *e) FALLIBLE;
int root_target(int root, const char *path, bool directory, struct error *e)
    FALLIBLE;
int root_attach(int mount, int target, const char *what, struct error *e)
    FALLIBLE;

#endif
