/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "compat/pot/pot.h"
#include "core/life.h"

static const struct cmd_option common[] = {
	{ 'h', "help", NULL, "print this help" },
	{ 'v', "", NULL, "verbose" },
	{ 0 },
};

static const struct compat_cmd *const commands[] = {
	&pot_cmd_help, &pot_cmd_version, &pot_cmd_config, &pot_cmd_list,
	&pot_cmd_show, &pot_cmd_info, &pot_cmd_top, &pot_cmd_ps,
	&pot_cmd_init, &pot_cmd_de_init, &pot_cmd_vnet_start,
	&pot_cmd_create_base, &pot_cmd_create_fscomp,
	&pot_cmd_create_private_bridge, &pot_cmd_create, &pot_cmd_clone,
	&pot_cmd_clone_fscomp, &pot_cmd_rename, &pot_cmd_destroy,
	&pot_cmd_prune, &pot_cmd_copy_in, &pot_cmd_copy_out,
	&pot_cmd_mount_in, &pot_cmd_mount_out, &pot_cmd_add_dep,
	&pot_cmd_set_rss, &pot_cmd_get_rss, &pot_cmd_set_cmd,
	&pot_cmd_set_env, &pot_cmd_set_hosts, &pot_cmd_set_hook,
	&pot_cmd_set_attribute, &pot_cmd_get_attribute,
	&pot_cmd_export_ports, &pot_cmd_start, &pot_cmd_stop, &pot_cmd_term,
	&pot_cmd_run, &pot_cmd_exec, &pot_cmd_signal, &pot_cmd_snapshot,
	&pot_cmd_revert, &pot_cmd_purge_snapshots, &pot_cmd_export,
	&pot_cmd_import, &pot_cmd_prepare, &pot_cmd_update_config,
	&pot_cmd_last_run_stats, &pot_cmd_set_status, &pot_cmd_promote, NULL,
};

static const struct {
	const char *name, *value;
} defaults[] = {
	{ "POT_ZFS_ROOT", "zroot/pot" },
	{ "POT_FS_ROOT", "/opt/pot" },
	{ "POT_CACHE", "/var/cache/pot" },
	{ "POT_NETWORK", "10.192.0.0/10" },
	{ "POT_GATEWAY", "10.192.0.1" },
	{ "POT_EXTIF", "em0" },
	{ "POT_NETWORK_STACK", "ipv4" },
	{ "POT_DNS_NAME", "dns" },
};

const char *
pot_setting(const struct compat *c, const char *name)
{
	const char *fallback = "";

	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (strcmp(defaults[i].name, name) == 0)
			fallback = defaults[i].value;
	return compat_conf_get(&c->conf, name, fallback);
}

const char *
pot_etc(void)
{
	const char *etc = getenv("POT_ETC");

	return etc != NULL && *etc == '/' ? etc : GAOL_ETC "/../pot";
}

static int
configure(struct compat *c, struct error *e)
{
	AUTO_FREE char *first = xasprintf("%s/pot.default.conf", pot_etc());
	AUTO_FREE char *second = xasprintf("%s/pot.conf", pot_etc());

	if (compat_conf_read(&c->conf, first, e) < 0)
		return -1;
	return compat_conf_read(&c->conf, second, e);
}

/* --- what commands have in common --- */

int
pot_info(struct error *e, const char *fmt, ...)
{
	AUTO_BUF struct buf text = BUF_INIT;
	va_list ap;

	buf_puts(&text, "===>  ");
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	return compat_print(e, "%s\n", buf_text(&text));
}

int
pot_usage(struct error *e, const char *fmt, ...)
{
	AUTO_BUF struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	return error_set(e, ERROR_USAGE, "%s", buf_text(&text));
}

int
pot_check(struct compat *c, const char *name, struct error *e)
{
	if (name_check_cell(name, e) < 0)
		return -1;
	if (!cell_exists(c->host, name))
		return error_set(e, ERROR_NOT_FOUND, "%s is not a valid pot",
		    name);
	return 0;
}

const char *
pot_name(struct compat *c, struct error *e)
{
	const char *name = compat_value(c, "p");

	if (name == NULL || *name == '\0') {
		(void)pot_usage(e, "A pot name is mandatory");
		return NULL;
	}
	return pot_check(c, name, e) < 0 ? NULL : name;
}

const char *
pot_name_or_operand(struct compat *c, struct error *e)
{
	const char *name = compat_operand(c, 0);

	if (compat_has(c, "p"))
		return pot_name(c, e);
	if (name == NULL) {
		(void)pot_usage(e, "A pot name is mandatory");
		return NULL;
	}
	return pot_check(c, name, e) < 0 ? NULL : name;
}

int
pot_check_new(struct compat *c, const char *name, struct error *e)
{
	if (name == NULL || *name == '\0')
		return pot_usage(e, "pot name is missing");
	if (strchr(name, '.') != NULL)
		return pot_usage(e, "%s is not a valid name for a pot ('.' is "
		    "the only character not allowed)", name);
	if (name_check_cell(name, e) < 0)
		return -1;
	if (cell_exists(c->host, name))
		return error_set(e, ERROR_EXISTS, "pot %s already exists",
		    name);
	return 0;
}

int
pot_change(struct compat *c, const char *pot, pot_change_fn *change,
    void *arg, struct error *e)
{
	bool restart = false;

	return life_change(c->host, pot, change, arg, &restart, e);
}

int
pot_set(struct cell *c, const char *prop, const struct strings *values,
    struct error *e)
{
	const struct prop *p = prop_find(prop);

	if (p == NULL)
		return error_set(e, ERROR_CONFIG, "%s cannot be set", prop);
	return cell_set(c, p, prop, values, false, e);
}

int
pot_set_one(struct cell *c, const char *prop, const char *value,
    struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	if (value != NULL)
		strings_add(&values, value);
	return pot_set(c, prop, &values, e);
}

/* --- help, errors, statuses --- */

static void
list_commands(const struct compat_tool *tool, struct buf *out)
{
	buf_puts(out, "Usage: pot command [options]\n\nCommands:\n");
	for (const struct compat_cmd *const *cmd = tool->commands;
	    *cmd != NULL; cmd++)
		buf_printf(out, "    %s%s%s -- %s\n", (*cmd)->name,
		    (*cmd)->aliases != NULL ? "/" : "",
		    (*cmd)->aliases != NULL ? (*cmd)->aliases : "",
		    (*cmd)->summary);
}

static void
list_options(const struct compat_tool *tool, const struct compat_cmd *cmd,
    struct buf *out)
{
	buf_printf(out, "pot %s %s\n", cmd->name, cmd->usage);
	for (const struct cmd_option *o = tool->common; o->name != NULL; o++)
		buf_printf(out, "  -%c %s\n", o->letter, o->help);
	for (const struct cmd_option *o = cmd->options;
	    o != NULL && o->name != NULL; o++)
		buf_printf(out, "  -%c%s%s : %s\n", o->letter,
		    o->arg != NULL ? " " : "", o->arg != NULL ? o->arg : "",
		    o->help);
}

static int
help(struct compat *c, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;

	if (c->cmd != NULL) {
		list_options(c->tool, c->cmd, &out);
	} else {
		list_commands(c->tool, &out);
		c->status = 1;
	}
	return cmd_print_text(&out, e);
}

static int
exec_help(struct compat *c, struct error *e)
{
	const char *name = compat_operand(c, 0);
	const struct compat_cmd *about;
	AUTO_BUF struct buf out = BUF_INIT;

	if (name == NULL) {
		list_commands(c->tool, &out);
		return cmd_print_text(&out, e);
	}
	about = compat_command(c->tool, name);
	if (about == NULL)
		return pot_usage(e, "Command %s unknown", name);
	list_options(c->tool, about, &out);
	return cmd_print_text(&out, e);
}

static int
unknown(struct compat *c, const char *name, struct error *e)
{
	return help(c, e);
}

/* On stderr, where errors belong; POT_ERRORS=stdout has it as pot does, with
 * the help that follows a wrong command line there. */
static void
print_error(const struct compat *c, const struct error *e)
{
	const char *where = getenv("POT_ERRORS");
	struct error ignored = ERROR_INIT;
	AUTO_BUF struct buf out = BUF_INIT;

	if (where == NULL || strcmp(where, "stdout") != 0) {
		compat_say(c, "###>  %s", e->msg);
		return;
	}
	buf_printf(&out, "###>  %s\n", e->msg);
	if (e->kind == ERROR_USAGE && c->cmd != NULL)
		list_options(c->tool, c->cmd, &out);
	if (cmd_print_text(&out, &ignored) < 0)
		return;
}

/* A command inside that could not be run has the status that jexec(8) has. */
static int
status(const struct error *e)
{
	return 1;
}

const struct compat_cmd pot_cmd_help = {
	.name = "help",
	.usage = "[COMMAND]",
	.summary = "show help",
	.max = 1,
	.flags = COMPAT_NO_HOST,
	.test = "cli/compat_pot_test.sh:help",
	.exec = exec_help,
};

static const struct cmd_option version_options[] = {
	{ 'q', "", NULL, "print the number only" },
	{ 0 },
};

static int
version(struct compat *c, struct error *e)
{
	return compat_print(e, "%s%s\n", compat_has(c, "q") ? "" :
	    "pot version: ", c->tool->version);
}

const struct compat_cmd pot_cmd_version = {
	.name = "version",
	.usage = "[-hvq]",
	.summary = "show the version of pot whose command line this is",
	.options = version_options,
	.flags = COMPAT_NO_HOST,
	.test = "cli/compat_test.sh:version",
	.exec = version,
};

/* --- config --- */

static const struct {
	const char *name, *shown, *setting, *more;
} items[] = {
	{ "fs_root", "fs_root", "POT_FS_ROOT", "" },
	{ "zfs_root", "zfs_root", "POT_ZFS_ROOT", "" },
	{ "gateway", "gateway", "POT_GATEWAY", "" },
	{ "syslogd", "syslogd flags", NULL, "" },
	{ "pot_prefix", "pot prefix", "POT_FS_ROOT", "/jails" },
	{ "fscomp_prefix", "fscomp prefix", "POT_FS_ROOT", "/fscomp" },
	{ "network_stack", "network stack", "POT_NETWORK_STACK", "" },
};

static const struct cmd_option config_options[] = {
	{ 'q', "", NULL, "print the value only" },
	{ 'g', "", "NAME", "fs_root, zfs_root, gateway, syslogd, pot_prefix, "
	    "fscomp_prefix or network_stack" },
	{ 0 },
};

static int
config(struct compat *c, struct error *e)
{
	const char *name = compat_value(c, "g");
	size_t i = 0;

	if (name == NULL)
		return pot_usage(e, "option -g is mandatory");
	while (i < sizeof(items) / sizeof(items[0]) &&
	    strcmp(items[i].name, name) != 0)
		i++;
	if (i == sizeof(items) / sizeof(items[0]))
		return pot_usage(e, "%s is not a valid name", name);
	AUTO_FREE char *value = items[i].setting != NULL ?
	    xasprintf("%s%s", pot_setting(c, items[i].setting),
	    items[i].more) :
	    xasprintf("-b 127.0.0.1 -b %s -a %s", pot_setting(c,
	    "POT_GATEWAY"), pot_setting(c, "POT_NETWORK"));
	if (compat_has(c, "q"))
		return compat_print(e, "%s\n", value);
	return compat_print(e, "%s = %s\n", items[i].shown, value);
}

const struct compat_cmd pot_cmd_config = {
	.name = "config",
	.usage = "[-hvq] -g NAME",
	.summary = "show a setting of pot.conf",
	.options = config_options,
	.max = CMD_ANY,
	.flags = COMPAT_NO_HOST | COMPAT_COMMAND,
	.test = "cli/compat_pot_test.sh:config",
	.exec = config,
};

const struct compat_tool compat_pot = {
	.name = "pot",
	.version = "0.16.0",
	.common = common,
	.commands = commands,
	.configure = configure,
	.help = help,
	.unknown = unknown,
	.print_error = print_error,
	.status = status,
};
