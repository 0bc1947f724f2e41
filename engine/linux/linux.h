/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_LINUX_H
#define ENGINE_LINUX_LINUX_H

#include <sys/mount.h>
#include <sys/types.h>

#include "engine/engine.h"
#include "engine/posix/posix.h"

/* Internal to engine/linux. */

/* The path of a helper program (gaol-init) beside us or in libexec; static. */
const char *linux_helper(const char *name);

/* The identity of a process: "PIDNS-START", from /proc/PID/stat. */
int process_ident(pid_t pid, char *ident, size_t size, struct error *e)
    FALLIBLE;

/* nest.c: a jail in a jail. */
struct clone_args;
bool linux_has_ids(void);
int linux_check_children(const struct engine_spec *spec, struct error *e)
    FALLIBLE;
/* clone3(2), which says what children.max is reached. */
pid_t linux_clone_jail(struct clone_args *args, struct error *e) FALLIBLE;
/* A pidfd of the process that the record means, not of one that has its number
 * now. */
int linux_open_jail(const struct engine_live *live, struct error *e) FALLIBLE;

/* Members of the engine's table, by file. */
struct engine_start *linux_make(const struct engine_spec *spec,
    struct engine_live *live, struct error *e);
int linux_boot(struct engine_start *start,
    const struct engine_command *commands, size_t count,
    enum engine_life life, struct error *e);
int linux_boot_main(struct engine_start *start,
    const struct engine_command *command, int *status, struct error *e);
int linux_boot_leave(struct engine_start *start,
    const struct engine_command *command, struct engine_left *left,
    struct error *e);
void linux_start_free(struct engine_start *start);
int linux_exec(const struct engine_live *live, const struct engine_spec *spec,
    const struct engine_command *c, int *status, struct error *e);
bool linux_alive(const struct engine_live *live, int record_fd);
int linux_alive_many(const uint64_t *inodes, bool *alive, size_t count,
    int64_t device, struct error *e);
int linux_stop(const struct engine_live *live, const char *key,
    unsigned timeout_ms, struct error *e);
int linux_kill(const struct engine_live *live, const char *key,
    struct error *e);
int linux_mount(const struct engine_live *live,
    const struct engine_spec *spec, const struct engine_mount *m,
    struct error *e);
int linux_umount(const struct engine_live *live,
    const struct engine_spec *spec, const struct engine_mount *m, bool detach,
    struct error *e);
int linux_within(const struct engine_live *live,
    const struct engine_spec *spec,
    int (*work)(int root, void *arg, struct error *e), void *arg,
    unsigned timeout_ms, struct error *e);
int linux_freeze(const struct engine_live *live, const char *key, bool frozen,
    struct error *e);
int linux_listens(const struct engine_live *live, uint16_t port,
    bool *listens, struct error *e);
int linux_root(const struct engine_live *live, struct error *e);
char *linux_root_path(const struct engine_live *live);
int linux_probe(const char *scope, const struct strings *running, bool repair,
    struct findings *findings, struct error *e);
int linux_check(const struct engine_spec *spec, struct error *e);

extern const struct store store_btrfs, store_overlay, store_memory;

#endif
