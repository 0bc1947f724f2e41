/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef COMPAT_BASTILLE_BASTILLE_H
#define COMPAT_BASTILLE_BASTILLE_H

#include "compat/compat.h"

/* All commands, each in the file of its subject. */
extern const struct compat_cmd *const bastille_commands[];

/* --- talk (help.c) --- */

/* Usage, summary and options of c->cmd, or of bastille; c->status is 1. */
int bastille_help(struct compat *c, struct error *e) FALLIBLE;
/* To stdout, as Bastille does, unless -q; a newline is added. */
int bastille_info(const struct compat *c, struct error *e, const char *fmt,
    ...) __attribute__((format(printf, 3, 4))) FALLIBLE;
/* "\n[web]:", green on a terminal. */
int bastille_header(const struct compat *c, const char *jail, struct error *e)
    FALLIBLE;
/* "[ERROR]: ..." to stderr, red on a terminal; with -q only with -j. */
void bastille_error(const struct compat *c, const struct error *e);
/* What gaol has nothing for: ERROR_UNSUPPORTED "bastille X: instead". */
int bastille_cannot(struct compat *c, const char *instead, struct error *e);

/* --- which jails (target.c) --- */

enum target_kind {
	TARGET_LOOK,	/* a jid, a name, a tag, the one name that begins so */
	TARGET_TOUCH,	/* the same without beginnings: names and tags */
	TARGET_DOWN = 1 << 4,	/* the last priority first */
};
/*
 * TARGET: "ALL", or words in one argument; by priority, each once.
 * ERROR_NOT_FOUND; nothing for ALL when there is no jail.
 */
int bastille_targets(struct compat *c, const char *target, unsigned kind,
    struct strings *names, struct error *e) FALLIBLE;
/* One jail by its name or jid, no tag and no ALL; the caller frees *name. */
int bastille_target(struct compat *c, const char *target, unsigned kind,
    char **name, struct error *e) FALLIBLE;

/*
 * fn for each jail behind its header.  With several an error is told and the
 * others go on: "Command failed on N jails.".
 */
typedef int bastille_fn(struct compat *c, const char *jail, void *arg,
    struct error *e);
int bastille_each(struct compat *c, const struct strings *names,
    bastille_fn *fn, void *arg, struct error *e) FALLIBLE;
/* The first operand is TARGET: bastille_targets and bastille_each. */
int bastille_for(struct compat *c, unsigned kind, bastille_fn *fn, void *arg,
    struct error *e) FALLIBLE;
/* With automatic it is started, or stopped, else an error tells of -a. */
int bastille_need_up(struct compat *c, const char *jail, bool automatic,
    struct error *e) FALLIBLE;
int bastille_need_down(struct compat *c, const char *jail, bool automatic,
    bool *was_up, struct error *e) FALLIBLE;
#define BASTILLE_AUTO \
	{ 'a', "auto", NULL, "Auto mode. Start/stop jail(s) if required." }

/* --- settings (settings.c) --- */

/* A directory of bastille.conf: "backups"; else NAME below gaol's root. */
char *bastille_dir(const struct compat *c, const char *name);

/* --- network (address.c) --- */

enum address_kind { ADDRESS_SHARED, ADDRESS_VNET, ADDRESS_BRIDGE,
	ADDRESS_PASS };
struct address_options {
	enum address_kind kind;
	const char *iface;	/* INTERFACE, or NULL */
	const char *ip;		/* IP, two of them in one word; NULL: none */
	const char *vlan, *gateway;	/* or NULL */
};
/* The entry of net that it is; the caller frees it. */
int bastille_address(struct compat *c, const struct address_options *o,
    char **entry, struct error *e) FALLIBLE;

/* --- releases (release.c) --- */

/* As gaol calls it: "Debian12" is debian-12; the caller frees it. */
char *bastille_release(const char *name);

/* --- limits (limits.c) --- */

/* Rules of rctl(8) and cpus that a jail's properties come from, lines. */
void bastille_limits(const struct cell *cell, struct strings *rules,
    struct strings *cpus);

/* --- list (rows.c) --- */

struct list_row {
	char *jid, *name, *boot, *priority, *state, *type, *hostname;
	char *release, *path, *tags;
	struct strings ips, ports;
	bool hidden;		/* not asked for: it only has a width */
};
VEC_TYPE(list_rows, struct list_row);
#define AUTO_LIST_ROWS __attribute__((cleanup(list_rows_fini)))
void list_rows_fini(struct list_rows *rows);
/* All jails; hidden are those but only, and of another state ("Up", "Down";
 * NULL: whatever it is). */
int list_rows_load(struct compat *c, const char *only, const char *state,
    bool paths, struct list_rows *rows, struct error *e) FALLIBLE;

/* The files of commands.c */
extern const struct compat_cmd bastille_bootstrap, bastille_clone,
    bastille_cmd, bastille_config, bastille_console, bastille_convert,
    bastille_cp, bastille_create, bastille_destroy, bastille_edit,
    bastille_etcupdate, bastille_export, bastille_htop, bastille_import,
    bastille_jcp, bastille_limit, bastille_list, bastille_logs,
    bastille_migrate, bastille_monitor, bastille_mount, bastille_network,
    bastille_pkg, bastille_plugin, bastille_rcp, bastille_rdr,
    bastille_rename, bastille_restart, bastille_service, bastille_setup,
    bastille_start, bastille_stop, bastille_sysrc, bastille_tags,
    bastille_template, bastille_top, bastille_umount, bastille_up,
    bastille_update, bastille_upgrade, bastille_verify, bastille_zfs;

#endif
