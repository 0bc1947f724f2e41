/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef COMPAT_POT_POT_H
#define COMPAT_POT_POT_H

#include "compat/compat.h"
#include "core/pot_attr.h"

/* The command line of pot: private to compat/pot/. */

/* --- pot.c --- */

/* A setting of pot.default.conf and pot.conf, or what pot has without them. */
const char *pot_setting(const struct compat *c, const char *name);
/* Where its configuration and flavours are: POT_ETC, else etc/pot beside ours. */
const char *pot_etc(void);
/* "===>  ..." on stdout. */
int pot_info(struct error *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3))) FALLIBLE;
/* ERROR_USAGE "A pot name is mandatory" and the like. */
int pot_usage(struct error *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The value of -p, a pot that exists; NULL with the error. */
const char *pot_name(struct compat *c, struct error *e);
/* The same, or the operand ("pot start web"). */
const char *pot_name_or_operand(struct compat *c, struct error *e);
/* ERROR_NOT_FOUND "x is not a valid pot". */
int pot_check(struct compat *c, const char *name, struct error *e) FALLIBLE;
/* A name for a new pot; taken ones are ERROR_EXISTS. */
int pot_check_new(struct compat *c, const char *name, struct error *e)
    FALLIBLE;
/* Change its settings. */
typedef int pot_change_fn(struct cell *c, void *arg, struct error *e);
int pot_change(struct compat *c, const char *pot, pot_change_fn *change,
    void *arg, struct error *e) FALLIBLE;
/* A list property, or a single value: all of it; no value: its default. */
int pot_set(struct cell *c, const char *prop, const struct strings *values,
    struct error *e) FALLIBLE;
int pot_set_one(struct cell *c, const char *prop, const char *value,
    struct error *e) FALLIBLE;

/* --- bases: "14.2" is the release 14.2-RELEASE (base.c) --- */
char *pot_base_name(const char *release);
/* The release of a base that is here; NULL with ERROR_NOT_FOUND. */
char *pot_base_release(struct compat *c, const char *base, struct error *e);

/* --- network options of create, clone and prepare (network.c) --- */
/* -N -i -B -S -d as properties, appended as PROP=VALUE. */
int pot_network_options(struct compat *c, struct strings *assign,
    struct error *e) FALLIBLE;
/* The value of net; NULL with the error. */
char *pot_network(struct compat *c, const char *type,
    const struct strings *ips, const char *bridge, struct error *e);
/* The network that is pot's public bridge, made from pot.conf at first need. */
int pot_network_need(struct compat *c, struct error *e) FALLIBLE;
/* -d custom:FILE becomes the jail's /etc/resolv.conf. */
int pot_dns(struct compat *c, const char *pot, struct error *e) FALLIBLE;

/* --- output that others ask for, too --- */
/* The newest first: names of the snapshots of a pot. */
int pot_snapshots(struct compat *c, const char *pot, struct strings *names,
    struct error *e) FALLIBLE;
/* Apply the values of -f. */
int pot_flavours(struct compat *c, const char *pot, struct error *e) FALLIBLE;
/* Stop and destroy, as far as there is something. */
int pot_destroy_pot(struct compat *c, const char *pot, bool force,
    struct error *e) FALLIBLE;
/* As 'pot start' does; *status is that of a main process, 0 else. */
int pot_start_pot(struct compat *c, const char *pot, int *status,
    struct error *e) FALLIBLE;
/* Import NAME_TAG from below url; the name it gets. */
int pot_import_image(struct compat *c, const char *image, const char *tag,
    const char *url, const char *key, struct error *e) FALLIBLE;
/* "img", "1.0" -> "img_1_0" */
char *pot_image_name(const char *image, const char *tag);

#define POT_OPTION_NAME { 'p', "", "NAME", "the pot" }

extern const struct compat_cmd
    pot_cmd_add_dep, pot_cmd_clone, pot_cmd_clone_fscomp, pot_cmd_config,
    pot_cmd_copy_in, pot_cmd_copy_out, pot_cmd_create, pot_cmd_create_base,
    pot_cmd_create_fscomp, pot_cmd_create_private_bridge, pot_cmd_de_init,
    pot_cmd_destroy, pot_cmd_exec, pot_cmd_export, pot_cmd_export_ports,
    pot_cmd_get_attribute, pot_cmd_get_rss, pot_cmd_help, pot_cmd_import,
    pot_cmd_info, pot_cmd_init, pot_cmd_last_run_stats, pot_cmd_list,
    pot_cmd_mount_in, pot_cmd_mount_out, pot_cmd_prepare, pot_cmd_promote,
    pot_cmd_prune, pot_cmd_ps, pot_cmd_purge_snapshots, pot_cmd_rename,
    pot_cmd_revert, pot_cmd_run, pot_cmd_set_attribute, pot_cmd_set_cmd,
    pot_cmd_set_env, pot_cmd_set_hook, pot_cmd_set_hosts, pot_cmd_set_rss,
    pot_cmd_set_status, pot_cmd_show, pot_cmd_signal, pot_cmd_snapshot,
    pot_cmd_start, pot_cmd_stop, pot_cmd_term, pot_cmd_top,
    pot_cmd_update_config, pot_cmd_version, pot_cmd_vnet_start;

#endif
