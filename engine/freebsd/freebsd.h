/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_FREEBSD_FREEBSD_H
#define ENGINE_FREEBSD_FREEBSD_H

/*
 * Internal to engine/freebsd.  All that a kernel is asked goes through
 * kern_*.h, so that the rest compiles and is tested on any system.
 */
#include "engine/engine.h"
#include "engine/freebsd/kern_jail.h"
#include "engine/posix/posix.h"

/* Names of our jails in the kernel, "NAME" or, of another root, "NAME@SCOPE";
 * a dot, which means a jail in a jail, is written "+". */
enum { KERNEL_NAME_MAX = 96 };
void kernel_name(const char *key, char name[KERNEL_NAME_MAX]);
/* "SCOPE/NAME" -> "NAME" */
const char *key_name(const char *key);

/*
 * What is known of a jail beside its record: run/mounts/NAME, made before the
 * first mount and removed after the last unmount.  Each line is written before
 * what it tells is done, or holds what came of it:
 *
 *	root PATH
 *	mount TYPE PATH
 *	id FSID
 *	mark MARK
 *	rule RULE		of rctl(8)
 *	pass INSIDE LINK	an interface of the host, and its name inside
 */
void log_directory(int run_dir);
int log_begin(const char *key, const char *root, struct error *e) FALLIBLE;
int log_add(const char *key, const char *line, struct error *e) FALLIBLE;
struct log_mount {
	uint64_t id;		/* 0: it is not known to have been made */
	char *type, *on;
};
struct log {
	char *root, *mark;	/* NULL: none */
	VEC(struct log_mount) mounts;
	struct strings rules, passed;
};
#define LOG_INIT { NULL, NULL, VEC_INIT, VEC_INIT, VEC_INIT }
#define AUTO_LOG __attribute__((cleanup(log_fini)))
void log_fini(struct log *l);
/* One that does not exist reads as empty. */
int log_read(const char *key, struct log *l, struct error *e) FALLIBLE;
int log_remove(const char *key, struct error *e) FALLIBLE;
/* Names of all jails that have one. */
int log_names(struct strings *names, struct error *e) FALLIBLE;

/* mount.c */
int freebsd_mount(const struct engine_spec *spec, struct error *e) FALLIBLE;
int freebsd_mount_more(const struct engine_spec *spec, size_t from,
    struct error *e) FALLIBLE;
int freebsd_unmount(const char *key, struct error *e) FALLIBLE;

/*
 * devfs.c: the ruleset of the jail's /dev, one of its own if need be; until
 * devfs_release, which succeeds where there is none.
 */
int devfs_ruleset(const struct engine_spec *spec, int *number,
    struct error *e) FALLIBLE;
int devfs_release(const char *key, struct error *e) FALLIBLE;

/* limit.c: limits and processors of a jail that is made; undone by lift. */
int limit_check(const struct engine_spec *spec, struct error *e) FALLIBLE;
int limit_apply(const struct engine_spec *spec, int jid, struct error *e)
    FALLIBLE;
int limit_lift(const char *key, struct error *e) FALLIBLE;

/* net.c: what the jail has of the host's interfaces goes back. */
int net_leave(const char *key, int jid, struct error *e) FALLIBLE;

/*
 * The parameters of jail_set(2) for a spec.  The names are borrowed, the
 * values in owned are not.
 */
struct params {
	VEC(struct kern_param) list;
	struct strings owned;
};
#define PARAMS_INIT { VEC_INIT, VEC_INIT }
#define AUTO_PARAMS __attribute__((cleanup(params_fini)))
void params_fini(struct params *p);
void params_add(struct params *p, const char *name, const char *value);
/* mark: NULL on a kernel that does not keep one for us. */
void params_fill(struct params *p, const struct engine_spec *spec,
    const char *mark);

/* The mark in live->ident; see identity_new. */
const char *ident_mark(const struct engine_live *live);
/*
 * A mark for a new jail: "m" and digits that no other jail ever has, kept by
 * the kernel as meta.gaol; or, on a kernel without meta, "b" and the boot.
 */
void identity_new(char *mark, size_t size);
/* The kernel's jail of that name and mark: 1, or 0. */
int identity_find(int jid, const char *name, const char *mark,
    struct kern_jail *j, struct error *e) FALLIBLE;
/* The very jail of a record: 1, or 0. */
int live_find_jail(const struct engine_live *live, struct kern_jail *j,
    struct error *e) FALLIBLE;

/* Run a command in the jail and wait, as engine->exec. */
struct run {
	int jid;
	const char *root;
	int fib;
	int console;		/* >= 0: in place of our stdout and stderr */
	bool stdio;		/* our standard streams, signals forwarded */
};
int run_command(const struct run *r, const struct engine_command *c,
    int *status, struct error *e) FALLIBLE;

/* Members of the engine's table, by file. */
struct engine_start *freebsd_make(const struct engine_spec *spec,
    struct engine_live *live, struct error *e);
int freebsd_boot(struct engine_start *start,
    const struct engine_command *commands, size_t count,
    enum engine_life life, struct error *e);
int freebsd_boot_leave(struct engine_start *start,
    const struct engine_command *command, struct engine_left *left,
    struct error *e);
int freebsd_boot_main(struct engine_start *start,
    const struct engine_command *command, int *status, struct error *e);
void freebsd_start_free(struct engine_start *start);
int freebsd_exec(const struct engine_live *live,
    const struct engine_spec *spec, const struct engine_command *c,
    int *status, struct error *e);
bool freebsd_alive(const struct engine_live *live, int record_fd);
int freebsd_stop(const struct engine_live *live, const char *key,
    unsigned timeout_ms, struct error *e);
int freebsd_kill(const struct engine_live *live, const char *key,
    struct error *e);
int freebsd_root(const struct engine_live *live, struct error *e);
int freebsd_probe(const char *scope, const struct strings *running,
    bool repair, struct findings *findings, struct error *e);
int freebsd_others(struct engine_others *others, struct error *e);
int freebsd_check(const struct engine_spec *spec, struct error *e);
int freebsd_limit(const struct engine_live *live,
    const struct engine_spec *before, const struct engine_spec *spec,
    struct error *e);
int freebsd_usage(const struct engine_live *live, const char *key,
    struct engine_usage *u, struct error *e);

extern const struct store store_base;

#endif
